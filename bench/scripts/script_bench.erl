%% @doc Calls of a Python worker: by a script pool, and by a port that is written by hand. Prints one line for each figure.
-module(script_bench).
-compile([nowarn_export_all, export_all]).

-define(MEGABYTE, 1000000).

main([Way, Python, Folder]) ->
    Call = start(list_to_atom(Way), Python, Folder),
    {ok, 8} = Call(double, 4),
    at_once(Call, 32, 20000),  % hot code
    Many = fun() -> at_once(Call, 32, 60000) end,
    Single = fun() -> one_by_one(Call, 5000) end,
    Data = binary:copy(<<1>>, 4 * ?MEGABYTE),
    Send = fun() -> large(Call, size, Data, 100) end,
    Echo = fun() -> large(Call, echo, Data, 50) end,
    [io:format("~s ~s ~.1f~n", [Way, Name, Measure()])
     || {Name, Measure} <- [{calls_per_s, Many}, {round_trip_us, Single}, {sent_mb_per_s, Send}, {echoed_mb_per_s, Echo}]],
    halt(0).

start(pool, Python, Folder) ->
    {ok, _} = hanse_script:start_link(#{name => bench, command => [Python, "worker.py"], directory => Folder, in_flight => 32}),
    fun(Function, Argument) -> hanse_script:call(bench, Function, [Argument]) end;
start(port, Python, Folder) ->
    {ok, Server} = gen_server:start_link(?MODULE, {Python, Folder}, []),
    fun(Function, Argument) -> gen_server:call(Server, {Function, Argument}, infinity) end.

at_once(Call, Callers, Count) ->
    Each = Count div Callers,
    Parent = self(),
    Start = erlang:monotonic_time(microsecond),
    [spawn_link(fun() -> [{ok, _} = Call(double, N) || N <- lists:seq(1, Each)], Parent ! done end) || _ <- lists:seq(1, Callers)],
    [receive done -> ok end || _ <- lists:seq(1, Callers)],
    Each * Callers * 1.0e6 / (erlang:monotonic_time(microsecond) - Start).

one_by_one(Call, Count) ->
    Times = [begin
                 Start = erlang:monotonic_time(nanosecond),
                 {ok, _} = Call(double, N),
                 erlang:monotonic_time(nanosecond) - Start
             end || N <- lists:seq(1, Count)],
    lists:nth(Count div 2, lists:sort(Times)) / 1000.

large(Call, Function, Data, Count) ->
    Start = erlang:monotonic_time(microsecond),
    [{ok, _} = Call(Function, Data) || _ <- lists:seq(1, Count)],
    byte_size(Data) * Count / ?MEGABYTE * 1.0e6 / (erlang:monotonic_time(microsecond) - Start).

%% The port by hand: numbers tell which answer is whose.
init({Python, Folder}) ->
    Port = open_port({spawn_executable, Python}, [{args, ["worker.py", "port"]}, {cd, Folder}, {packet, 4}, binary]),
    {ok, {Port, 0, #{}}}.

handle_call({Function, Argument}, From, {Port, Number, Waiting}) ->
    port_command(Port, term_to_binary({Number, Function, Argument})),
    {noreply, {Port, Number + 1, Waiting#{Number => From}}}.

handle_cast(_, State) -> {noreply, State}.

handle_info({Port, {data, Data}}, {Port, Next, Waiting}) ->
    {Number, Answer} = binary_to_term(Data),
    {From, Left} = maps:take(Number, Waiting),
    gen_server:reply(From, {ok, Answer}),
    {noreply, {Port, Next, Left}}.
