%% @doc Pools of warm machines: handed out at once, taken back, never used twice. What comes back is killed and a new one is started.
%%
%% ```
%% ok = hanse_template:new(tenant, #{code => [{app, Source}]}),
%% {ok, _} = hanse_pool:start_link(tenants, #{template => tenant, size => 8}),
%% {ok, Answer} = hanse_pool:call(tenants, app, handle, [Request], 1000).
%% '''
-module(hanse_pool).
-behaviour(gen_server).

-export([start_link/2, child_spec/2, stop/1, checkout/1, checkout/2, checkin/2, call/4, call/5, with/2, status/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export_type([options/0]).

%% table/0 below has the types and defaults.
-type options() :: #{template := atom(), size => pos_integer(), max => pos_integer(), queue => non_neg_integer(), self_test => boolean(),
                     machine => hanse_machine:options()}.

-define(CHECKOUT_MS, 5000).
-define(FIRST_PAUSE_MS, 100).
-define(LAST_PAUSE_MS, 30000).

-record(state, {name, options :: map(),
                warm = [] :: [pid()],
                testing = #{} :: #{pid() => pid()},       % machines by their tester
                busy = #{} :: #{pid() => {Monitor :: reference(), Asked :: reference()}},   % machines in use
                ending = 0 :: non_neg_integer(),
                waiting = queue:new() :: queue:queue({gen_server:from(), reference()}),
                pause = none :: none | reference(), pause_ms = ?FIRST_PAUSE_MS,
                started = 0, used = 0, failed = 0, lost = 0}).

table() ->
    [{template, atom, required, "of the machines"},
     {size, positive, 4, "machines that are kept warm"},
     {max, positive, 1000, "machines in all, those in use too"},
     {queue, count, 1000, "callers that wait at most; others get overload"},
     {self_test, boolean, false, "a machine is warm after its self-test has passed"},
     {machine, {checked, "a map of options of hanse_machine", fun(Map) when is_map(Map) -> {ok, Map}; (_) -> error end}, #{},
      "options that differ from those of the template"}].

%% @doc Starts a pool of a registered name; an error names the option that is wrong.
-spec start_link(atom(), options()) -> {ok, pid()} | {error, {bad_option, [term()], binary()} | {no_template, atom()} | term()}.
start_link(Name, Options) ->
    case hanse_options:complete(table(), Options) of
        {ok, #{template := Template} = Complete} ->
            hanse_machines:ensure(),
            case hanse_template:spec(Template) of
                {ok, _} -> gen_server:start_link({local, Name}, ?MODULE, {Name, Complete}, []);
                error -> {error, {no_template, Template}}
            end;
        {error, {Path, Text}} -> {error, {bad_option, Path, unicode:characters_to_binary(Text)}}
    end.

%% @doc For a supervisor's list of children.
-spec child_spec(atom(), options()) -> supervisor:child_spec().
child_spec(Name, Options) -> #{id => Name, start => {?MODULE, start_link, [Name, Options]}, shutdown => 10000}.

%% @doc Ends the pool and all its machines, those in use too.
-spec stop(gen_server:server_ref()) -> ok.
stop(Pool) -> gen_server:stop(Pool).

-spec checkout(gen_server:server_ref()) -> {ok, pid()} | {error, timeout | overload}.
checkout(Pool) -> checkout(Pool, ?CHECKOUT_MS).

%% @doc A warm machine, the caller's own until it gives it back or ends. Waits if there is none.
-spec checkout(gen_server:server_ref(), timeout()) -> {ok, pid()} | {error, timeout | overload}.
checkout(Pool, TimeoutMs) ->
    Reference = make_ref(),
    try gen_server:call(Pool, {checkout, Reference}, TimeoutMs)
    catch exit:{timeout, _} ->
        gen_server:cast(Pool, {cancel, Reference}),
        {error, timeout}
    end.

%% @doc Gives a machine back, which is its end.
-spec checkin(gen_server:server_ref(), pid()) -> ok.
checkin(Pool, Machine) -> gen_server:cast(Pool, {checkin, Machine}).

-spec call(gen_server:server_ref(), module(), atom(), [term()]) -> {ok, term()} | {error, timeout | overload | hanse_machine:reason()}.
call(Pool, Module, Function, Arguments) -> call(Pool, Module, Function, Arguments, ?CHECKOUT_MS).

%% @doc A call in a machine of its own, see hanse_machine:call/5; waiting for the machine has the same limit of time.
-spec call(gen_server:server_ref(), module(), atom(), [term()], timeout() | hanse_machine:call_options()) ->
    {ok, term()} | {error, timeout | overload | hanse_machine:reason()}.
call(Pool, Module, Function, Arguments, Options) ->
    Patience = case Options of #{timeout_ms := TimeoutMs} -> TimeoutMs; #{} -> ?CHECKOUT_MS; TimeoutMs -> TimeoutMs end,
    case checkout(Pool, Patience) of
        {ok, Machine} ->
            try hanse_machine:call(Machine, Module, Function, Arguments, Options) after checkin(Pool, Machine) end;
        Error -> Error
    end.

%% @doc Calls a function of the host with a machine.
-spec with(gen_server:server_ref(), fun((pid()) -> Value)) -> {ok, Value} | {error, timeout | overload}.
with(Pool, Fun) ->
    case checkout(Pool) of
        {ok, Machine} -> try {ok, Fun(Machine)} after checkin(Pool, Machine) end;
        Error -> Error
    end.

%% @doc warm, testing, busy, waiting (numbers of now), started, used, failed (self-tests and starts), lost (ended while they were warm).
-spec status(gen_server:server_ref()) -> map().
status(Pool) -> gen_server:call(Pool, status).

init({Name, Options}) ->
    process_flag(trap_exit, true),
    {ok, fill(#state{name = Name, options = Options})}.

handle_call({checkout, Reference}, From, #state{waiting = Waiting, options = #{queue := Longest}} = State) ->
    case queue:len(Waiting) >= Longest andalso State#state.warm =:= [] of
        true -> {reply, {error, overload}, State};
        false -> {noreply, fill(hand_out(State#state{waiting = queue:in({From, Reference}, Waiting)}))}
    end;
handle_call(status, _From, #state{warm = Warm, testing = Testing, busy = Busy, waiting = Waiting} = State) ->
    #state{started = Started, used = Used, failed = Failed, lost = Lost, options = #{template := Template}} = State,
    {reply, #{template => Template, warm => length(Warm), testing => map_size(Testing), busy => map_size(Busy), waiting => queue:len(Waiting),
              started => Started, used => Used, failed => Failed, lost => Lost}, State}.

handle_cast({checkin, Machine}, #state{busy = Busy} = State) ->
    case maps:take(Machine, Busy) of
        {{Monitor, _}, Others} ->
            demonitor(Monitor, [flush]),
            {noreply, fill(finish(Machine, State#state{busy = Others}))};
        error -> {noreply, State}
    end;
handle_cast({cancel, Reference}, #state{waiting = Waiting, busy = Busy} = State) ->
    %% The answer may have left already, and nobody took it.
    case [Machine || {Machine, {_, Asked}} <- maps:to_list(Busy), Asked =:= Reference] of
        [Machine] -> handle_cast({checkin, Machine}, State);
        [] -> {noreply, State#state{waiting = queue:filter(fun({_, Other}) -> Other =/= Reference end, Waiting)}}
    end.

handle_info({'EXIT', Machine, _}, #state{warm = Warm, busy = Busy, ending = Ending, testing = Testing} = State) ->
    Testers = [Tester || {Tester, Tested} <- maps:to_list(Testing), Tested =:= Machine],
    case {lists:member(Machine, Warm), Busy} of
        {true, _} -> {noreply, pause(State#state{warm = lists:delete(Machine, Warm), lost = State#state.lost + 1})};
        {false, #{Machine := {Monitor, _}}} ->
            demonitor(Monitor, [flush]),
            {noreply, fill(State#state{busy = maps:remove(Machine, Busy)})};
        {false, _} when Testers =/= [] ->
            {noreply, pause(State#state{testing = maps:without(Testers, Testing), failed = State#state.failed + 1})};
        {false, _} -> {noreply, fill(State#state{ending = max(0, Ending - 1)})}
    end;
handle_info({tested, Tester, Result}, #state{testing = Testing, warm = Warm} = State) ->
    case {maps:take(Tester, Testing), Result} of
        {{Machine, Others}, {ok, _}} ->
            {noreply, fill(hand_out(State#state{testing = Others, warm = [Machine | Warm], pause_ms = ?FIRST_PAUSE_MS}))};
        {{Machine, Others}, {error, Reason}} ->
            failed(Reason, State),
            {noreply, pause(finish(Machine, State#state{testing = Others, failed = State#state.failed + 1}))};
        {error, _} -> {noreply, State}
    end;
handle_info({'DOWN', Monitor, process, _, _}, #state{busy = Busy} = State) ->
    case [Machine || {Machine, {Of, _}} <- maps:to_list(Busy), Of =:= Monitor] of
        [Machine] ->
            {noreply, fill(finish(Machine, State#state{busy = maps:remove(Machine, Busy)}))};
        [] -> {noreply, State}
    end;
handle_info(again, State) -> {noreply, fill(State#state{pause = none})};
handle_info(_, State) -> {noreply, State}.

%% Machines are linked to the pool and end with it.
terminate(_, _) -> ok.

finish(Machine, #state{ending = Ending} = State) ->
    spawn(fun() -> hanse_machine:kill(Machine) end),
    State#state{ending = Ending + 1}.

hand_out(#state{warm = [Machine | Warm], waiting = Waiting, busy = Busy, used = Used} = State) ->
    case queue:out(Waiting) of
        {{value, {{Pid, _} = From, Reference}}, Rest} ->
            Monitor = monitor(process, Pid),
            gen_server:reply(From, {ok, Machine}),
            hand_out(State#state{warm = Warm, waiting = Rest, busy = Busy#{Machine => {Monitor, Reference}}, used = Used + 1});
        {empty, _} -> State
    end;
hand_out(State) -> State.

%% As many as shall be warm, and one for each who waits.
fill(#state{warm = Warm, testing = Testing, busy = Busy, ending = Ending, waiting = Waiting, pause = none, options = Options} = State) ->
    #{size := Size, max := Max, template := Template, machine := Machine, self_test := SelfTest} = Options,
    Ready = length(Warm) + map_size(Testing),
    case Ready < Size + queue:len(Waiting) andalso Ready + map_size(Busy) + Ending < Max of
        true ->
            case hanse_machine:start_link(Machine#{template => Template}) of
                {ok, Pid} when SelfTest ->
                    Pool = self(),
                    Tester = spawn(fun() -> Pool ! {tested, self(), hanse_machine:test(Pid)} end),
                    fill(State#state{testing = Testing#{Tester => Pid}, started = State#state.started + 1});
                {ok, Pid} -> fill(hand_out(State#state{warm = [Pid | Warm], started = State#state.started + 1}));
                {error, Reason} ->
                    failed(Reason, State),
                    pause(State#state{failed = State#state.failed + 1})
            end;
        false -> State
    end;
fill(State) -> State.

failed(Reason, #state{name = Name, options = #{template := Template}}) ->
    logger:error("pool ~tw: a machine from template ~tw is not fit for use: ~0tP", [Name, Template, Reason, 30], #{machine_pool => Name}).

%% What fails once often fails again.
pause(#state{pause = none, pause_ms = Milliseconds} = State) ->
    State#state{pause = erlang:send_after(Milliseconds, self(), again), pause_ms = min(2 * Milliseconds, ?LAST_PAUSE_MS)};
pause(State) -> State.
