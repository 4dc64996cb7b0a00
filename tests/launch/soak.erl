%% Laps of everything that comes and goes: processes, tables, code, timers, ports, binaries, sockets, files, crashes. After each lap the
%% node is counted; at the end there must be as much of everything as after a third of the time.
%% Arguments: seconds, a folder for files.
-module(soak).
-export([main/1, init/1, handle_call/3, handle_cast/2]).
-behaviour(gen_server).

-define(WARM_UP_LAPS, 3).

main([Seconds, Folder]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Start = erlang:monotonic_time(second),
    %% Modules are translated to machine code while they become warm, and that stays.
    {Before, Lap} = laps(Folder, Start + list_to_integer(Seconds) div 3, ?WARM_UP_LAPS, 1),
    {After, _} = laps(Folder, Start + list_to_integer(Seconds), 1, Lap),
    report(before, Before),
    report('after', After),
    Leaks = [{Key, maps:get(Key, Before), Value} || {Key, Value} <- lists:sort(maps:to_list(After)), is_more(Key, maps:get(Key, Before), Value)],
    io:format("~s~n", [case Leaks of [] -> "nothing is left over"; _ -> io_lib:format("LEFT OVER: ~p", [Leaks]) end]),
    halt(case Leaks of [] -> 0; _ -> 1 end).

%% Until then, but at least so many. The number of the next lap, too.
laps(Folder, End, AtLeast, N) ->
    Counts = lap(Folder, N),
    case AtLeast =< 1 andalso erlang:monotonic_time(second) >= End of
        true -> {Counts, N + 1};
        false -> laps(Folder, End, AtLeast - 1, N + 1)
    end.

%% Numbers of things are exact, but for what the logger and the code server keep for a while. Of memory there may be a twentieth and a
%% megabyte more; of what the C library has given out, a megabyte (its caches of threads are off, see tests/launch/soak). What is resident
%% depends on what the C library keeps of what it was given back, which is pages here and there: it must only be bounded.
is_more(resident, Before, After) -> After > Before + (192 bsl 20);
is_more(allocated, Before, After) -> After > Before + (1 bsl 20);
is_more(Key, Before, After) when Key =:= processes; Key =:= ports; Key =:= tables; Key =:= atoms; Key =:= names; Key =:= modules -> After > Before;
is_more(Key, Before, After) when Key =:= descriptors; Key =:= persistent -> After > Before + 2;
is_more(_, Before, After) -> After > Before * 1.05 + (1 bsl 20).

report(When, Counts) ->
    io:format("~s: ~s~n", [When, lists:join(", ", [io_lib:format("~s ~b", [K, V]) || {K, V} <- lists:sort(maps:to_list(Counts))])]).

%% --- a lap ---

lap(Folder, N) ->
    Started = erlang:monotonic_time(millisecond),
    Parts = [fun spawn_storm/1, fun tables/1, fun new_code/1, fun timers/1, fun programs/1, fun binaries/1, fun streams/1, fun datagrams/1, fun crashes/1,
             fun mailboxes/1, fun texts/1, fun(Lap) -> files(Folder, Lap) end, fun traces/1, fun constants/1, fun servers/1],
    Workers = [spawn_monitor(fun() -> Part(N) end) || Part <- Parts],
    [receive {'DOWN', Ref, process, Pid, Reason} -> Reason =:= normal orelse failed(N, Reason) end || {Pid, Ref} <- Workers],
    Counts = settled(N),
    io:format("lap ~b, ~b ms: processes ~b, ports ~b, tables ~b, atoms ~b, memory ~b, allocated ~b, resident ~b~n",
              [N, erlang:monotonic_time(millisecond) - Started | [maps:get(K, Counts) || K <- [processes, ports, tables, atoms, total, allocated, resident]]]),
    Counts.

failed(Lap, Reason) ->
    io:format("lap ~b: ~p~n", [Lap, Reason]),
    halt(1).

%% What ends ends soon, but not at once.
settled(N) -> settled(N, 100, none).
settled(_, 0, Counts) -> Counts;
settled(N, Tries, Last) ->
    [garbage_collect(P) || P <- processes()],
    timer:sleep(50),
    case counts() of
        #{processes := P, ports := O, tables := T} = Counts when is_map(Last), map_get(processes, Last) =:= P, map_get(ports, Last) =:= O, map_get(tables, Last) =:= T, Tries < 96 -> Counts;
        Counts -> settled(N, Tries - 1, Counts)
    end.

counts() ->
    Memory = maps:with([total, processes_used, binary, ets, code, atom_used], maps:from_list(erlang:memory())),
    Memory#{processes => length(processes()), ports => length(erlang:ports()), tables => length(ets:all()), atoms => erlang:system_info(atom_count),
            names => length(registered()), modules => length(code:all_loaded()), resident => resident(), descriptors => descriptors(),
            persistent => maps:get(count, persistent_term:info()), allocated => allocated()}.

%% What the C library has given out, on Hanse: also what nobody accounts for.
allocated() ->
    erts_debug:set_internal_state(available_internal_state, true),
    try erts_debug:get_internal_state(allocated_bytes) of
        {InUse, _} -> InUse
    catch
        error:badarg -> 0
    end.

resident() ->
    case file:read_file("/proc/self/statm") of
        {ok, Text} -> binary_to_integer(lists:nth(2, binary:split(Text, <<" ">>, [global]))) * 4096;
        _ -> 0
    end.
descriptors() ->
    case file:list_dir("/proc/self/fd") of
        {ok, Names} -> length(Names);
        _ -> 0
    end.

%% --- processes ---

spawn_storm(_) ->
    process_flag(trap_exit, true),
    [begin
         Parent = self(),
         Linked = [spawn_link(fun() -> ends(I) end) || I <- lists:seq(1, 1500)],
         Watched = [spawn_monitor(fun() -> Parent ! {from, self()}, receive go -> ok end end) || _ <- lists:seq(1, 500)],
         [receive {from, P} -> P ! go end || {P, _} <- Watched],
         [receive {'DOWN', R, process, _, normal} -> ok end || {_, R} <- Watched],
         [receive {'EXIT', P, _} -> ok end || P <- Linked]
     end || _ <- lists:seq(1, 8)].

ends(I) when I rem 5 =:= 0 -> exit(I);
ends(I) when I rem 5 =:= 1 -> error({of_number, I, lists:seq(1, 50)});
ends(I) when I rem 5 =:= 2 -> throw(away);
ends(I) when I rem 5 =:= 3 -> exit(self(), kill), receive never -> ok end;
ends(_) -> put(key, binary:copy(<<"value">>, 100)).

mailboxes(_) ->
    {Reader, Ref} = spawn_monitor(fun() -> read(2000) end),
    [Reader ! {I, binary:copy(<<I:8>>, I rem 300)} || I <- lists:seq(1, 2000)],
    receive {'DOWN', Ref, process, Reader, normal} -> ok end,
    Full = spawn(fun() -> receive never -> ok end end),
    [Full ! {I, <<0:(8 * I)>>} || I <- lists:seq(1, 1000)],
    alias_and_exit(Full).
read(0) -> ok;
read(N) -> receive {N, _} -> read(N - 1) end.
alias_and_exit(Full) ->
    Alias = alias(),
    Ref = monitor(process, Full),
    exit(Full, kill),
    receive {'DOWN', Ref, process, Full, killed} -> unalias(Alias) end.

%% --- tables ---

tables(_) ->
    [begin
         {Pid, Ref} = spawn_monitor(fun() -> table(Type, Options) end),
         receive {'DOWN', Ref, process, Pid, normal} -> ok end
     end || Type <- [set, bag, duplicate_bag, ordered_set], Options <- [[], [public, {write_concurrency, true}, {read_concurrency, true}], [named_table, compressed]]].

table(Type, Options) ->
    T = ets:new(soak_table, [Type | Options]),
    [ets:insert(T, {I, binary:copy(<<"x">>, I rem 200), [I]}) || I <- lists:seq(1, 3000)],
    3000 = length(ets:select(T, [{{'$1', '_', '_'}, [], ['$1']}])),
    [ets:delete(T, I) || I <- lists:seq(1, 3000, 2)],
    1500 = ets:info(T, size),
    ets:safe_fixtable(T, true),
    ets:select_delete(T, [{{'$1', '_', '_'}, [{'>', '$1', 2900}], [true]}]),
    ets:give_away(T, Heir = spawn(fun() -> receive {'ETS-TRANSFER', _, _, _} -> ok end end), gift),
    Ref = monitor(process, Heir),
    receive {'DOWN', Ref, process, Heir, _} -> ok end,
    ets:new(left_to_the_end, [private]).

%% --- code ---

new_code(Lap) ->
    [begin
         Forms = [{attribute, 1, module, soak_code}, {attribute, 1, export, [{f, 0}, {wait, 0}]},
                  {function, 1, f, 0, [{clause, 1, [], [], [erl_parse:abstract({Lap, N, <<"literal">>, lists:seq(1, 20)})]}]},
                  {function, 2, wait, 0, [{clause, 2, [], [], [{'receive', 2, [{clause, 2, [{atom, 2, go}], [], [{call, 2, {atom, 2, f}, []}]}]}]}]}],
         {ok, soak_code, Code} = compile:forms(Forms, [binary]),
         code:purge(soak_code),
         {module, soak_code} = code:load_binary(soak_code, "soak_code", Code),
         {Pid, Ref} = spawn_monitor(fun() -> soak_code:wait() end),
         {Lap, N, _, _} = soak_code:f(),
         if N rem 2 =:= 0 -> Pid ! go; true -> ok end,
         code:delete(soak_code),
         code:purge(soak_code),
         receive {'DOWN', Ref, process, Pid, _} -> ok end
     end || N <- lists:seq(1, 6)].

constants(Lap) ->
    [begin
         persistent_term:put({soak, I}, {Lap, lists:seq(1, 100)}),
         {Lap, [1 | _]} = persistent_term:get({soak, I}),
         persistent_term:erase({soak, I})
     end || I <- lists:seq(1, 20)].

%% --- time ---

timers(_) ->
    Refs = [erlang:send_after(I rem 100, self(), {fired, I}) || I <- lists:seq(1, 2000)],
    Cancelled = length([R || R <- lists:nthtail(1000, Refs), is_integer(erlang:cancel_timer(R))]),
    [receive {fired, _} -> ok end || _ <- lists:seq(1, 2000 - Cancelled)],
    [spawn(fun() -> receive after I -> ok end end) || I <- lists:seq(1, 100)],
    [erlang:start_timer(500, spawn(fun() -> ok end), gone) || _ <- lists:seq(1, 100)],
    {ok, Interval} = timer:send_interval(5, tick),
    [receive tick -> ok end || _ <- lists:seq(1, 5)],
    {ok, cancel} = timer:cancel(Interval),
    receive tick -> ok after 20 -> ok end.

%% --- the world outside ---

programs(_) ->
    [begin
         Port = open_port({spawn_executable, "/bin/cat"}, [binary, stream]),
         port_command(Port, Data = binary:copy(<<"soak">>, 5000)),
         Data = gather(Port, byte_size(Data), <<>>),
         case Way of
             close -> port_close(Port);
             owner -> catch port_connect(Port, spawn(fun() -> ok end)), unlink(Port), catch port_close(Port);
             kill -> exit(Port, kill), receive {'EXIT', Port, _} -> ok after 0 -> ok end
         end
     end || Way <- [close, owner, kill], process_flag(trap_exit, true) =/= x],
    "done" ++ _ = os:cmd("echo done").

gather(_, 0, Data) -> Data;
gather(Port, Left, Data) -> receive {Port, {data, More}} -> gather(Port, Left - byte_size(More), <<Data/binary, More/binary>>) end.

streams(_) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {packet, 4}, {ip, {127, 0, 0, 1}}]),
    {ok, Number} = inet:port(Listener),
    [begin
         {Client, Ref} = spawn_monitor(fun() ->
             {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Number, [binary, {active, true}, {packet, 4}]),
             [begin ok = gen_tcp:send(S, <<I:(I * 8)>>), receive {tcp, S, <<I:(I * 8)>>} -> ok end end || I <- lists:seq(1, 50)],
             case Way of leave -> ok; close -> gen_tcp:close(S); crash -> exit(crash) end
         end),
         {ok, S} = gen_tcp:accept(Listener),
         echo(S),
         gen_tcp:close(S),
         receive {'DOWN', Ref, process, Client, _} -> ok end
     end || Way <- [leave, close, crash, leave]],
    gen_tcp:close(Listener),
    {ok, Plain} = socket:open(inet, stream, tcp),
    ok = socket:bind(Plain, #{family => inet, port => 0, addr => {127, 0, 0, 1}}),
    ok = socket:listen(Plain),
    {select, _} = socket:accept(Plain, nowait),
    ok = socket:close(Plain).
echo(S) ->
    case gen_tcp:recv(S, 0) of
        {ok, Data} -> gen_tcp:send(S, Data), echo(S);
        {error, _} -> ok
    end.

datagrams(_) ->
    {ok, A} = gen_udp:open(0, [binary, {ip, {127, 0, 0, 1}}]),
    {ok, B} = gen_udp:open(0, [binary, {ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Number} = inet:port(B),
    [begin ok = gen_udp:send(A, {127, 0, 0, 1}, Number, <<I:32>>), {ok, {_, _, <<I:32>>}} = gen_udp:recv(B, 4) end || I <- lists:seq(1, 100)],
    gen_udp:close(A).

files(Folder, Lap) ->
    Name = filename:join(Folder, "soak.data"),
    Data = binary:copy(<<Lap:32>>, 50000),
    [begin
         ok = file:write_file(Name, Data, [O || O <- Options, O =/= none]),
         {ok, File} = file:open(Name, [read, binary | Options -- [none]]),
         {ok, <<Lap:32, _/binary>>} = file:read(File, 1000),
         {ok, <<_:32>>} = file:pread(File, 100, 4)
     end || Options <- [[none], [raw]]],
    ok = file:delete(Name),
    Dets = filename:join(Folder, "soak.dets"),
    {ok, T} = dets:open_file(soak_dets, [{file, Dets}]),
    ok = dets:insert(T, [{I, I} || I <- lists:seq(1, 100)]),
    ok = dets:close(T),
    ok = file:delete(Dets).

%% --- data ---

binaries(_) ->
    Built = lists:foldl(fun(I, B) -> <<B/binary, I:32, "some more">> end, <<>>, lists:seq(1, 20000)),
    Parts = [binary:part(Built, I * 100, 90) || I <- lists:seq(0, 1000)],
    Holders = [spawn_monitor(fun() -> receive {keep, P} -> erlang:md5(P) end end) || _ <- Parts],
    [P ! {keep, Part} || {{P, _}, Part} <- lists:zip(Holders, Parts)],
    [receive {'DOWN', R, process, _, normal} -> ok end || {_, R} <- Holders],
    Term = [{I, Part} || {I, Part} <- lists:zip(lists:seq(0, 1000), Parts)],
    Term = binary_to_term(term_to_binary(Term, [compressed])),
    Z = zlib:open(),
    ok = zlib:deflateInit(Z),
    _ = zlib:deflate(Z, Built),
    true = byte_size(zlib:gunzip(zlib:gzip(Built))) =:= byte_size(Built).

texts(_) ->
    Text = unicode:characters_to_binary(lists:duplicate(2000, "grün 123, ")),
    {match, All} = re:run(Text, "(\\w+) (\\d+)", [global, unicode, {capture, all, list}]),
    2000 = length(All),
    Sum = lists:foldl(fun(I, Product) -> Product * I end, 1, lists:seq(1, 400)),
    Sum = list_to_integer(integer_to_list(Sum)),
    #{1 := a} = lists:foldl(fun(I, M) -> M#{I => a} end, #{}, lists:seq(1, 5000)),
    {ok, Tokens, _} = erl_scan:string("lists:sum([X || X <- lists:seq(1, 10)])."),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, 55, _} = erl_eval:exprs(Expressions, []).

%% --- what watches and what falls ---

traces(_) ->
    Tracer = spawn(fun Loop() -> receive stop -> ok; _ -> Loop() end end),
    {Traced, Ref} = spawn_monitor(fun() -> receive go -> lists:sum(lists:seq(1, 100)), self() ! x, spawn(fun() -> ok end) end end),
    erlang:trace(Traced, true, [call, send, 'receive', procs, garbage_collection, {tracer, Tracer}]),
    erlang:trace_pattern({lists, sum, 1}, [{'_', [], [{return_trace}]}], [local]),
    Traced ! go,
    receive {'DOWN', Ref, process, Traced, normal} -> ok end,
    erlang:trace_pattern({lists, sum, 1}, false, [local]),
    Tracer ! stop.

crashes(_) ->
    process_flag(trap_exit, true),
    {ok, Top} = supervisor:start_link(?MODULE, supervisor),
    [begin
         {ok, Child} = supervisor:start_child(Top, []),
         Ref = monitor(process, Child),
         case I rem 3 of
             0 -> catch gen_server:call(Child, crash);
             1 -> exit(Child, kill);
             2 -> gen_server:cast(Child, stop)
         end,
         receive {'DOWN', Ref, process, Child, _} -> ok end
     end || I <- lists:seq(1, 100)],
    unlink(Top),
    Ref = monitor(process, Top),
    exit(Top, shutdown),
    receive {'DOWN', Ref, process, Top, _} -> ok end.

servers(_) ->
    {ok, Server} = gen_server:start(?MODULE, server, []),
    [I = gen_server:call(Server, {echo, I}) || I <- lists:seq(1, 500)],
    {'EXIT', _} = (catch gen_server:call(Server, be_silent, 1)),
    gen_server:stop(Server),
    flush().
flush() -> receive _ -> flush() after 0 -> ok end.

init(supervisor) ->
    {ok, {#{strategy => simple_one_for_one, intensity => 1000000}, [#{id => child, start => {gen_server, start_link, [?MODULE, server, []]}, restart => temporary}]}};
init(server) -> {ok, ets:new(state, [])}.
handle_call({echo, Term}, _, Table) -> ets:insert(Table, {Term}), {reply, Term, Table};
handle_call(be_silent, _, Table) -> {noreply, Table};
handle_call(crash, _, Table) -> ets:lookup(no_such_table, Table).
handle_cast(stop, Table) -> {stop, normal, Table}.
