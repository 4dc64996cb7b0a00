%% Turns, budgets, thresholds, suspension and the end of machines, at the native functions below hanse_machine.
-module(limits).
-compile([export_all, nowarn_export_all]).
-import(pool_test, [equal/2, until/1]).

%% --- inside ---

spin(A, B) -> spin(B, A).
wait() -> receive never -> ok end.
echo() -> receive {From, Term} -> From ! Term, echo() end.
hold(Bytes, From) ->
    Binary = binary:copy(<<1>>, Bytes),
    From ! holding,
    receive never -> Binary end.
tell(From, Term) -> From ! Term.

%% --- the host ---

realm() ->
    Realm = prim_machine:realm_new(host, [erlang, lists, binary, ets]),
    {ok, Beam} = file:read_file(code:which(?MODULE)),
    ok = prim_machine:realm_load(Realm, ?MODULE, Beam, verified),
    Realm.

start(Realm, Options) -> prim_machine:machine_new(Realm, Options).
run(Machine, Function, Arguments) -> prim_machine:machine_spawn(Machine, ?MODULE, Function, Arguments, [monitor]).
figure(Key, Machine) -> maps:get(Key, prim_machine:machine_info(Machine)).
kill(Machine) ->
    ok = prim_machine:machine_kill(Machine, over),
    receive {machine_down, Machine, over} -> ok after 60000 -> error(no_end) end.

%% What machines get of the processors is as their shares are, whatever else the computer does.
shares_test() ->
    Realm = realm(),
    Machines = [start(Realm, #{share => Share}) || Share <- [100, 200, 400]],
    [run(M, spin, [a, b]) || M <- Machines, _ <- lists:seq(1, 4)],
    are_shared(Machines, [1, 2, 4]),
    lists:foreach(fun kill/1, Machines).

%% So it is with what processes of the host do for them.
servers_test() ->
    Realm = realm(),
    Machines = [Served, _] = [start(Realm, #{share => Share}) || Share <- [100, 300]],
    Servers = [spawn(fun() -> ok = prim_machine:machine_serve(Served), spin(a, b) end) || _ <- lists:seq(1, 4)],
    [run(M, spin, [a, b]) || M <- Machines, _ <- lists:seq(1, 4)],
    are_shared(Machines, [1, 3]),
    [exit(Server, kill) || Server <- Servers],
    lists:foreach(fun kill/1, Machines).

are_shared(Machines, Shares) ->
    Used = fun() -> [figure(cpu_ns, M) || M <- Machines] end,
    %% each has had some turns; then it is their difference that counts
    until(fun() -> lists:min(Used()) > 10000000 end),
    Before = Used(),
    %% A slice counts whole, also while the computer has something else to do for a long time: what that makes grows less and less.
    until(fun() ->
        Differences = lists:zipwith(fun(A, B) -> A - B end, Used(), Before),
        Sum = lists:sum(Differences),
        IsNear = fun(Difference, Share) -> abs(Difference / Sum * lists:sum(Shares) - Share) / Share < 0.05 end,
        Sum > 2000000000 andalso lists:all(fun(Near) -> Near end, lists:zipwith(IsNear, Differences, Shares))
    end).

%% What a process of the host does for a machine counts as the machine's work, and is done also when that has used up its budget, or is over.
service_test() ->
    Realm = realm(),
    Machine = start(Realm, #{limits => #{reductions => {1, 1}}}),
    run(Machine, spin, [a, b]),
    until(fun() -> figure(reductions, Machine) > 0 end),
    Server = spawn(fun() -> ok = prim_machine:machine_serve(Machine), serve() end),
    Ask = fun() -> Server ! {self(), 1000000}, receive {Server, counted} -> ok after 60000 -> error(not_served) end end,
    Ask(),
    until(fun() -> figure(reductions, Machine) > 1000000 end),
    true = figure(cpu_ns, Machine) > 0,
    kill(Machine),
    Ask(),
    %% It may work for another one.
    Other = start(Realm, #{}),
    Server ! {serve, Other},
    Ask(),
    until(fun() -> figure(reductions, Other) > 900000 end),
    exit(Server, kill),
    [error = try prim_machine:machine_serve(Serial) catch error:badarg -> error end || Serial <- [Machine, 0, -1, host, 1 bsl 70]],
    kill(Other).

serve() ->
    receive
        {serve, Machine} -> ok = prim_machine:machine_serve(Machine);
        {From, Count} -> count(Count), From ! {self(), counted}
    end,
    serve().

count(0) -> ok;
count(N) -> count(N - 1).

%% A machine without reductions waits; the host, and who has some, goes on.
budget_test() ->
    Realm = realm(),
    Poor = start(Realm, #{limits => #{reductions => {100000, 100000}}}),
    run(Poor, spin, [a, b]),
    Begin = erlang:monotonic_time(millisecond),
    until(fun() -> figure(reductions, Poor) > 200000 end),
    Time = erlang:monotonic_time(millisecond) - Begin,
    %% Less would be more than the budget.
    true = figure(reductions, Poor) =< 100000 + (Time + 1000) * 100 + 10000,
    true = Time >= 500,
    Echo = prim_machine:machine_spawn(start(Realm, #{}), ?MODULE, echo, [], []),
    Echo ! {self(), hello},
    receive hello -> ok after 60000 -> error(no_echo) end,
    kill(Poor).

suspension_test() ->
    Realm = realm(),
    Machine = start(Realm, #{}),
    {Spinning, _} = run(Machine, spin, [a, b]),
    {Echo, _} = run(Machine, echo, []),
    until(fun() -> figure(reductions, Machine) > 0 end),
    ok = prim_machine:machine_suspend(Machine),
    suspended = figure(state, Machine),
    %% Signals are taken: information is given, code does not run.
    {status, suspended} = process_info(Spinning, status),
    Echo ! {self(), later},
    {message_queue_len, 1} = process_info(Echo, message_queue_len),
    Before = figure(reductions, Machine),
    {Born, _} = run(Machine, echo, []),
    {status, suspended} = process_info(Born, status),
    Before = figure(reductions, Machine),
    ok = prim_machine:machine_resume(Machine),
    receive later -> ok after 60000 -> error(no_echo) end,
    until(fun() -> figure(reductions, Machine) > Before end),
    ok = prim_machine:machine_suspend(Machine),
    kill(Machine).

thresholds_test() ->
    Realm = realm(),
    Machine = start(Realm, #{limits => #{processes => {2, 3}}}),
    [run(Machine, wait, []) || _ <- lists:seq(1, 3)],
    receive {machine_limit, Machine, #{limit := processes, threshold := soft, value := 3, maximum := 2, action := none}} -> ok after 60000 -> error(no_soft) end,
    {'EXIT', {system_limit, _}} = catch run(Machine, wait, []),
    receive {machine_limit, Machine, #{limit := processes, threshold := hard, value := 4, maximum := 3, action := error}} -> ok after 60000 -> error(no_hard) end,
    ok = prim_machine:machine_set(Machine, #{limits => #{processes => 10}}),
    {_, _} = run(Machine, wait, []),
    kill(Machine).

policies_test() ->
    Realm = realm(),
    Limits = #{limits => #{memory => 20000000}},
    [begin
         Machine = start(Realm, Limits#{on_limit => Policy}),
         {_, Reference} = run(Machine, hold, [30000000, self()]),
         Reason = receive {'DOWN', Reference, process, _, Why} -> Why after 60000 -> error(no_down) end,
         {Policy, true} = {Policy, Fits(Reason)},
         case Policy of
             kill_machine -> receive {machine_down, Machine, {machine_limit, memory}} -> ok after 60000 -> error(no_end) end;
             _ -> kill(Machine)
         end
     end || {Policy, Fits} <- [{error, fun({system_limit, _}) -> true; (_) -> false end},
                               {kill_process, fun({machine_limit, memory}) -> true; (_) -> false end},
                               %% its own call fails first, or the end of the machine comes before
                               {kill_machine, fun({system_limit, _}) -> true; (killed) -> true; (_) -> false end}]],
    [ok = prim_machine:machine_kill(M, over) || M <- prim_machine:machines()].

%% What a machine has made is charged to it until it goes, wherever it is held.
memory_test() ->
    Realm = realm(),
    Machine = start(Realm, #{}),
    Empty = figure(memory, Machine),
    {_, Reference} = run(Machine, hold, [5000000, self()]),
    receive holding -> ok after 60000 -> error(not_holding) end,
    true = figure(memory, Machine) - Empty > 5000000,
    [exit(P, kill) || P <- figure(pids, Machine)],
    receive {'DOWN', Reference, process, _, _} -> ok after 60000 -> error(no_down) end,
    until(fun() -> figure(memory, Machine) =:= Empty end),
    kill(Machine).

%% Who owns machines takes them along.
owner_test() ->
    Realm = realm(),
    Self = self(),
    Owner = spawn(fun() -> M = start(Realm, #{notify => Self}), run(M, spin, [a, b]), Self ! {made, M}, wait() end),
    Machine = receive {made, M} -> M after 60000 -> error(not_made) end,
    exit(Owner, kill),
    receive {machine_down, Machine, owner_down} -> ok after 60000 -> error(no_end) end,
    until(fun() -> try prim_machine:machine_info(Machine) of #{state := dying} -> false catch error:badarg -> true end end).

purge_test() ->
    Realm = realm(),
    Machine = start(Realm, #{}),
    {Old, Reference} = run(Machine, wait, []),
    {ok, Beam} = file:read_file(code:which(?MODULE)),
    false = prim_machine:realm_purge(Realm, ?MODULE),
    ok = prim_machine:realm_load(Realm, ?MODULE, Beam, verified),
    {error, not_purged} = prim_machine:realm_load(Realm, ?MODULE, Beam, verified),
    true = prim_machine:realm_purge(Realm, ?MODULE),
    receive {'DOWN', Reference, process, Old, killed} -> ok after 60000 -> error(no_down) end,
    ok = prim_machine:realm_load(Realm, ?MODULE, Beam, verified),
    kill(Machine).

%% Thousands of realms and machines leave nothing behind.
leak_test() ->
    Turn = fun() ->
                   Realm = realm(),
                   Machine = start(Realm, #{}),
                   {_, Reference} = run(Machine, tell, [self(), done]),
                   receive done -> ok end,
                   receive {'DOWN', Reference, process, _, normal} -> ok end,
                   kill(Machine),
                   true = prim_machine:realm_release(Realm)
           end,
    Turns = fun Turns(0) -> ok; Turns(N) -> Turn(), Turns(N - 1) end,
    Turns(200),
    Before = resident(),
    Turns(1000),
    true = resident() - Before < 30000000.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.

%% Text written by the host's process_info is of the host; funs inside are not.
inspection_test() ->
    Realm = realm(),
    Machine = start(Realm, #{}),
    {Pid, _} = run(Machine, wait, []),
    Pid ! {kept, fun() -> x end, fun lists:map/2, fun os:cmd/1},
    {messages, [{kept, Local, Visible, Hidden}]} = process_info(Pid, messages),
    true = is_function(Local, 0),
    equal(fun lists:map/2, Visible),
    equal(fun os:cmd/1, Hidden),
    true = lists:member(Pid, processes()),
    Machine = prim_machine:machine_of(Pid),
    host = prim_machine:machine_of(self()),
    kill(Machine),
    until(fun() -> undefined =:= prim_machine:machine_of(Pid) end).
