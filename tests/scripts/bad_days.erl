%% @doc What goes wrong on bad days: each is an error for those it concerns, and for nobody else; the pool goes on.
-module(bad_days).
-compile([export_all, nowarn_export_all]).

-import(pool_test, [python/1, python/2, start/1, equal/2, until/1, alive/1, kill/1, workers/1, pids/1, count/2]).

works() -> until(fun() -> hanse_script:call(pool, double, [4]) =:= {ok, 8} end).

in_background(Function, Arguments, Options) ->
    Parent = self(),
    spawn_link(fun() -> Parent ! {self(), hanse_script:call(pool, Function, Arguments, Options)} end).

answer(Caller) -> receive {Caller, Answer} -> Answer end.

running_call() -> until(fun() -> case [W || #{busy := Busy} = W <- workers(pool), Busy > 0] of [] -> false; Busy -> Busy end end).

killed_in_a_call_test() ->
    python("rogue"),
    Caller = in_background(never, [], infinity),
    running_call(),
    [Pid] = pids(pool),
    kill(Pid),
    {error, {worker_died, #{why := {signal, 9}}}} = answer(Caller),
    works(),
    equal(1, count(failed, pool)).

killed_idempotent_test() ->
    python("rogue", #{size => 2}),
    Caller = in_background(sleep, [3], #{idempotent => true}),
    [#{os_pid := Pid}] = running_call(),
    kill(Pid),
    equal({ok, slept}, answer(Caller)),
    equal(1, count(retried, pool)).

all_killed_test() ->
    python("rogue", #{size => 4}),
    until(fun() -> length(pids(pool)) =:= 4 end),
    Callers = [in_background(never, [], infinity) || _ <- lists:seq(1, 4)],
    until(fun() -> length([W || #{busy := 1} = W <- workers(pool)]) =:= 4 end),
    Pids = pids(pool),
    os:cmd("kill -9" ++ [[" ", integer_to_list(Pid)] || Pid <- Pids]),
    [{error, {worker_died, _}} = answer(Caller) || Caller <- Callers],
    works(),
    until(fun() -> length(pids(pool)) =:= 4 end).

never_answers_test() ->
    python("rogue"),
    [Pid] = until(fun() -> case pids(pool) of [] -> false; Pids -> Pids end end),
    equal({error, timeout}, hanse_script:call(pool, never, [], 200)),
    until(fun() -> not alive(Pid) end),
    works(),
    equal(1, count(timeout, pool)).

%% Only the attempt is limited: another worker gets it.
attempt_test() ->
    python("slow_once", #{environment => #{"MARK" => filename:join(pool_test:scratch("attempt"), "mark")}}),
    equal({ok, <<"second">>}, hanse_script:call(pool, slow_once, [], #{attempt_ms => 3000, idempotent => true, timeout_ms => 60000})).

answers_twice_test() ->
    python("rogue", #{in_flight => 4}),
    equal({ok, 7}, hanse_script:call(pool, twice, [7])),
    works(),
    until(fun() -> count(stray, pool) =:= 1 end),
    equal(0, count(failed, pool)).

rubbish_test() ->
    python("rogue"),
    equal({ok, ok}, hanse_script:call(pool, rubbish, [])),
    until(fun() ->
              Lines = hanse_script:logs(pool, 10),
              lists:all(fun(Text) -> lists:any(fun(Line) -> binary:match(Line, Text) =/= nomatch end, Lines) end,
                        [<<"1 | rubbish on standard output">>, <<"1 | rubbish of a child">>])
          end),
    {error, {worker_died, #{why := {protocol, Text}}}} = hanse_script:call(pool, break_channel, []),
    {_, _} = binary:match(Text, <<"bytes">>),
    works().

closes_its_pipes_test() ->
    python("rogue"),
    {error, {worker_died, #{why := channel_closed}}} = hanse_script:call(pool, close_channel, []),
    works().

floods_test() ->
    python("rogue", #{log => #{lines => 50}}),
    equal({ok, ok}, hanse_script:call(pool, flood, [100], 60000)),
    until(fun() -> [L || L <- hanse_script:logs(pool, 100), binary:match(L, <<"bytes were dropped">>) =/= nomatch] =/= [] orelse
                   begin hanse_script:call(pool, flood, [1]), false end end),
    true = length(hanse_script:logs(pool, 1000)) =< 50,
    works().

eats_memory_test() ->
    python("rogue", #{limits => #{memory_bytes => 400000000}}),
    equal({ok, 10}, hanse_script:call(pool, eat, [10])),
    {error, {exception, <<"MemoryError">>, _, _}} = hanse_script:call(pool, eat, [1000]),
    works().

forks_test() ->
    python("rogue"),
    {ok, [Child, Daemon]} = hanse_script:call(pool, fork, [1]),
    {ok, Orphan} = hanse_script:call(pool, orphan, []),
    [true = alive(Pid) || Pid <- [Child, Daemon, Orphan]],
    [Pid] = pids(pool),
    kill(Pid),
    until(fun() -> not lists:any(fun pool_test:alive/1, [Pid, Child, Daemon, Orphan]) end),
    works().

ignores_sigterm_test() ->
    python("rogue", #{stop_timeout_ms => 400}),
    {ok, Pid} = hanse_script:call(pool, stay, []),
    hanse_script:stop(pool),
    equal(false, alive(Pid)).

exits_at_start_test() ->
    pool_test:start(#{name => pool, command => ["sh", "-c", "echo what went wrong >&2; exit 7"], intensity => 3}),
    {error, {fatal, #{why := {status, 7}, output := Output}}} = hanse_script:await(pool, 60000),
    equal(<<"what went wrong\n">>, Output),
    {error, {fatal, #{output := Output}}} = hanse_script:call(pool, double, [1]),
    #{state := fatal, workers := [#{state := fatal}]} = hanse_script:status(pool),
    equal({error, fatal}, hanse_script:restart(pool)),
    equal(ok, hanse_script:clear_fatal(pool)),
    {error, {fatal, _}} = hanse_script:await(pool, 60000).

no_such_program_test() ->
    pool_test:start(#{name => pool, command => ["/no/such/program"], intensity => 0}),
    {error, {fatal, #{why := {failed, Text}}}} = hanse_script:await(pool, 60000),
    equal(<<"cannot run /no/such/program: No such file or directory">>, Text).

never_ready_test() ->
    pool_test:start(#{name => pool, command => ["sleep", "1000"], intensity => 0, start_timeout_ms => 300}),
    {error, {fatal, #{why := start_timeout}}} = hanse_script:await(pool, 60000).

%% It runs, but its main loop stands still.
hangs_test() ->
    python("hanging", #{heartbeat_ms => 1000, intensity => 100}),
    %% A busy machine may be too slow for a heartbeat before.
    Hang = fun() -> case hanse_script:call(pool, hang_after_this, []) of {ok, Worker} -> Worker; {error, _} -> false end end,
    Pid = until(Hang),
    until(fun() -> not alive(Pid) end),
    until(fun() -> [#{last := Last}] = workers(pool), Last =/= none andalso map_get(why, Last) =:= heartbeat end),
    until(Hang).

%% It does not read: what is sent waits, its process does not.
does_not_read_test() ->
    python("rogue", #{in_flight => 8, call_timeout_ms => 2000}),
    First = in_background(stop_reading, [], 2000),
    running_call(),
    Callers = [First | [in_background(echo, [binary:copy(<<1>>, 3000000)], 2000) || _ <- lists:seq(1, 7)]],
    #{state := running} = hanse_script:status(pool),
    equal([], [Answer || Caller <- Callers, {Kind, _} = Answer <- [answer(Caller)], Kind =/= error]),
    works().

%% The process between them is killed: the worker ends, and another one starts.
guard_killed_test() ->
    python("rogue"),
    {ok, Pid} = hanse_script:call(pool, pid, []),
    {ok, Stat} = file:read_file("/proc/" ++ integer_to_list(Pid) ++ "/stat"),
    [_, _, _, Guard | _] = binary:split(Stat, <<" ">>, [global]),
    Caller = in_background(never, [], infinity),
    running_call(),
    kill(binary_to_integer(Guard)),
    {error, {worker_died, _}} = answer(Caller),
    until(fun() -> not alive(Pid) end),
    works().

leaves_test() ->
    python("rogue"),
    {error, {worker_died, #{why := {status, 3}, output := <<"the last words\n">>}}} = hanse_script:call(pool, leave, [3]),
    works().

%% The pool's process fails: it starts again, and its workers with it.
pool_crashes_test() ->
    Supervisor = python("rogue"),
    works(),
    [Pid] = pids(pool),
    Caller = in_background(never, [], infinity),
    running_call(),
    exit(whereis(pool), kill),
    equal({error, noproc}, answer(Caller)),
    until(fun() -> not alive(Pid) end),
    until(fun() -> whereis(pool) =/= undefined end),
    works(),
    true = is_process_alive(Supervisor).

worker_process_crashes_test() ->
    Supervisor = python("rogue"),
    works(),
    [Pid] = pids(pool),
    Caller = in_background(never, [], infinity),
    running_call(),
    [{_, Worker, _, _}] = supervisor:which_children(hanse_script_sup:child(Supervisor, workers)),
    exit(Worker, kill),
    {error, {worker_died, _}} = answer(Caller),
    until(fun() -> not alive(Pid) end),
    works().

nothing_is_left_test() ->
    until(fun() -> pool_test:guards() =:= 0 end).
