%% @doc Starting, failing, pausing, recycling, replacing, queues and the end of pools.
-module(supervision).
-compile([export_all, nowarn_export_all]).

-import(pool_test, [python/1, python/2, start/1, equal/2, until/1, alive/1, kill/1, workers/1, pids/1, count/2, scratch/1]).

in_background(Function, Arguments, Options) ->
    Parent = self(),
    spawn_link(fun() -> Parent ! {self(), hanse_script:call(pool, Function, Arguments, Options)} end).

answer(Caller) -> receive {Caller, Answer} -> Answer end.

busy() -> until(fun() -> [1] =:= [Busy || #{busy := Busy} <- workers(pool)] end).

states() -> [State || #{state := State} <- workers(pool)].

running(Count) -> until(fun() -> length(pids(pool)) =:= Count end).

below_a_supervisor_test() ->
    Spec = hanse_script:child_spec(#{name => pool, command => [pool_test:python3(), "rogue.py"], directory => os:getenv("SCRIPTS")}),
    {ok, Supervisor} = supervisor_of([Spec]),
    equal({ok, 4}, hanse_script:call(pool, double, [2], infinity)),
    Pids = pids(pool),
    exit(Supervisor, shutdown),
    receive {'EXIT', Supervisor, shutdown} -> ok end,
    equal(undefined, whereis(pool)),
    [false = alive(Pid) || Pid <- Pids].

supervisor_of(Specs) -> supervisor:start_link(?MODULE, Specs).
init(Specs) -> {ok, {#{}, Specs}}.

bad_options_test() ->
    Wrong = fun(Options) ->
                {error, {bad_option, Path, Text}} = hanse_script:start_link(maps:merge(#{name => pool, command => ["x"]}, Options)),
                {Path, binary_to_list(Text)}
            end,
    equal({[sise], "there is no option sise; did you mean size?"}, Wrong(#{sise => 2})),
    equal({[size], "expected a whole number above zero, got 0"}, Wrong(#{size => 0})),
    equal({[limits, memory_byte], "there is no option memory_byte; did you mean memory_bytes?"}, Wrong(#{limits => #{memory_byte => 1}})),
    equal({[protocol], "expected erlport or json or plain, got xml"}, Wrong(#{protocol => xml})),
    equal({[command], "expected a program"}, Wrong(#{command => []})),
    equal({[call_timeout_ms], "expected infinity or a whole number above zero, got -1"}, Wrong(#{call_timeout_ms => -1})),
    equal({[allow], "expected {Module, Function, Arity}, got os"}, Wrong(#{allow => [os]})),
    equal({[user], "expected none or a text, got 7"}, Wrong(#{user => 7})),
    {error, {bad_option, [], <<"the option name is missing">>}} = hanse_script:start_link(#{command => ["x"]}).

backoff_test() ->
    start(#{name => pool, command => ["sh", "-c", "exit 1"], intensity => 1000,
            backoff => #{first_ms => 40, max_ms => 100000, jitter => 0.1}}),
    until(fun() -> [#{failures := Failures}] = workers(pool), Failures >= 4 end),
    until(fun() -> lists:member(backoff, states()) end),
    %% 40 + 80 + 160 ms, a tenth less at least, lie between the first start and the fourth.
    [#{failures := Failures}] = workers(pool),
    true = Failures < 20,
    true = count(started, pool) =< Failures + 1.

supervisord_states_test() ->
    python("rogue", #{size => 2}),
    running(2),
    equal([running, running], states()),
    ok = hanse_script:scale(pool, 1),
    until(fun() -> states() =:= [running] end).

scale_test() ->
    python("rogue"),
    running(1),
    ok = hanse_script:scale(pool, 3),
    running(3),
    Caller = in_background(sleep, [0.3], infinity),
    ok = hanse_script:scale(pool, 1),
    until(fun() -> length(workers(pool)) =:= 1 end),
    equal({ok, slept}, answer(Caller)),
    until(fun() -> pool_test:guards() =:= 1 end).

scale_back_test() ->
    python("rogue", #{size => 3}),
    running(3),
    ok = hanse_script:scale(pool, 1),
    ok = hanse_script:scale(pool, 3),
    running(3).

recycle_calls_test() ->
    python("rogue", #{recycle => #{calls => 5}}),
    Pids = [begin {ok, Pid} = hanse_script:call(pool, pid, [], infinity), Pid end || _ <- lists:seq(1, 12)],
    equal(3, length(lists:usort(Pids))),
    equal(2, count(recycled, pool)),
    equal(0, count(failed, pool)).

recycle_seconds_test() ->
    python("rogue", #{recycle => #{seconds => 1}}),
    {ok, Pid} = hanse_script:call(pool, pid, []),
    until(fun() -> {ok, Other} = hanse_script:call(pool, pid, [], infinity), Other =/= Pid end),
    until(fun() -> not alive(Pid) end).

recycle_memory_test() ->
    python("hoarding", #{recycle => #{memory_bytes => 150000000}}),
    {ok, Pid} = hanse_script:call(pool, hoard, [10]),
    {ok, Pid} = hanse_script:call(pool, hoard, [200]),
    until(fun() -> {ok, Other} = hanse_script:call(pool, hoard, [1], infinity), Other =/= Pid end).

overload_test() ->
    python("rogue", #{queue => 2}),
    Busy = in_background(sleep, [3], infinity),
    busy(),
    Waiting = [in_background(double, [N], infinity) || N <- [1, 2]],
    until(fun() -> maps:get(waiting, hanse_script:status(pool)) =:= 2 end),
    equal({error, overload}, hanse_script:call(pool, double, [3], infinity)),
    equal({ok, slept}, answer(Busy)),
    equal([{ok, 2}, {ok, 4}], [answer(Caller) || Caller <- Waiting]).

%% The time limit holds for calls that wait, too.
timeout_in_the_queue_test() ->
    python("rogue"),
    Busy = in_background(sleep, [3], infinity),
    busy(),
    equal({error, timeout}, hanse_script:call(pool, double, [1], 50)),
    equal({ok, slept}, answer(Busy)),
    equal({ok, 2}, hanse_script:call(pool, double, [1])),
    equal(0, count(failed, pool)).

priorities_test() ->
    python("rogue"),
    equal({ok, 2}, hanse_script:call(pool, double, [1], infinity)),
    Busy = in_background(sleep, [3], infinity),
    busy(),
    [begin
         in_background(say, [atom_to_binary(Priority)], #{priority => Priority}),
         until(fun() -> maps:get(waiting, hanse_script:status(pool)) =:= Waiting end)
     end || {Waiting, Priority} <- [{1, low}, {2, normal}, {3, high}]],
    equal({ok, slept}, answer(Busy)),
    until(fun() -> length(said()) =:= 3 end),
    equal([<<"high">>, <<"normal">>, <<"low">>], said()).

said() -> [Word || Line <- hanse_script:logs(pool, 100), [_, Word] <- [binary:split(Line, [<<" | ">>, <<"\n">>], [global, trim])]].

%% One caller has many calls waiting, another one: that one is next but one.
fairness_test() ->
    python("rogue"),
    equal({ok, 2}, hanse_script:call(pool, double, [1], infinity)),
    Busy = in_background(sleep, [3], infinity),
    busy(),
    [hanse_script:cast(pool, say, [<<"many">>]) || _ <- lists:seq(1, 10)],
    in_background(say, [<<"one">>], infinity),
    until(fun() -> maps:get(waiting, hanse_script:status(pool)) =:= 11 end),
    equal({ok, slept}, answer(Busy)),
    until(fun() -> length(said()) =:= 11 end),
    equal([<<"many">>, <<"one">>, <<"many">>], lists:sublist(said(), 3)).

queue_test() ->
    Queue = lists:foldl(fun({Item, Priority, Caller}, Q) -> hanse_script_queue:in(Item, Priority, Caller, Q) end, hanse_script_queue:new(),
                        [{1, low, a}, {2, normal, a}, {3, normal, a}, {4, normal, b}, {5, high, c}, {6, normal, c}, {7, normal, a}]),
    equal(7, hanse_script_queue:size(Queue)),
    equal([5, 2, 4, 6, 3, 7, 1], hanse_script_queue:to_list(Queue)),
    equal(empty, hanse_script_queue:out(hanse_script_queue:new())).

drain_test() ->
    python("rogue", #{drain_timeout_ms => 60000}),
    Callers = [in_background(sleep, [2], infinity) || _ <- lists:seq(1, 4)],
    until(fun() -> maps:get(waiting, hanse_script:status(pool)) =:= 3 end),
    [Pid] = pids(pool),
    hanse_script:stop(pool),
    equal([{ok, slept}], lists:usort([answer(Caller) || Caller <- Callers])),
    equal(false, alive(Pid)),
    equal({error, noproc}, hanse_script:call(pool, double, [1])).

drain_has_an_end_test() ->
    python("rogue", #{drain_timeout_ms => 100, stop_timeout_ms => 100}),
    Caller = in_background(never, [], infinity),
    busy(),
    hanse_script:stop(pool),
    equal({error, stopping}, answer(Caller)).

%% Redeployment: old workers stay until new ones have proved themselves.
replaced_test() ->
    python("rogue", #{size => 3}),
    running(3),
    Old = pids(pool),
    Busy = in_background(sleep, [0.5], infinity),
    ok = hanse_script:restart(pool),
    until(fun() -> Now = pids(pool), length(Now) =:= 3 andalso Now -- Old =:= Now end),
    equal({ok, slept}, answer(Busy)),
    equal(0, count(died, pool)),
    equal(3, count(replaced, pool)),
    until(fun() -> not lists:any(fun pool_test:alive/1, Old) end).

changing(Folder, Version, Test) ->
    Script = filename:join(Folder, "versions.py"),
    ok = file:write_file([Script, ".new"], ["import hanse\n\n@hanse.function\ndef version():\n    return ", Version, "\n\n",
                                            "@hanse.self_test\ndef test():\n    ", Test, "\n\nhanse.run()\n"]),
    ok = file:rename([Script, ".new"], Script).

redeployed_test() ->
    Folder = scratch("redeploy"),
    changing(Folder, "1", "pass"),
    start(#{name => pool, command => [pool_test:python3(), "versions.py"], directory => Folder, size => 2, watch => ["versions.py"], self_test => true}),
    running(2),
    equal({ok, 1}, hanse_script:call(pool, version, [])),
    changing(Folder, "22", "pass"),
    until(fun() -> count(replaced, pool) =:= 2 end),
    equal([{ok, 22}, {ok, 22}], [hanse_script:call(pool, version, []) || _ <- [1, 2]]),
    %% Does not pass its test; has a mistake; does not start: the old version stays.
    [begin
         changing(Folder, Version, Test),
         until(fun() -> case maps:get(replaced, hanse_script:status(pool)) of {failed, Ago, _} -> Ago < 60000; _ -> false end end),
         equal({ok, 22}, hanse_script:call(pool, version, [])),
         ok = hanse_script:restart(pool),
         until(fun() -> not maps:get(replacing, hanse_script:status(pool)) end)
     end || {Version, Test} <- [{"333", "raise ValueError('not good enough')"}, {"4444 +", "pass"}]],
    equal({ok, 22}, hanse_script:call(pool, version, [])),
    changing(Folder, "55555", "pass"),
    until(fun() -> count(replaced, pool) =:= 4 end),
    equal({ok, 55555}, hanse_script:call(pool, version, [])).

%% State for the next incarnation.
state_in_memory_test() ->
    python("counting", #{state => memory}),
    equal([{ok, N} || N <- [1, 2, 3]], [hanse_script:call(pool, count, []) || _ <- [1, 2, 3]]),
    ok = hanse_script:restart(pool),
    until(fun() -> count(replaced, pool) =:= 1 end),
    equal({ok, 4}, hanse_script:call(pool, count, [])),
    %% What was not saved is lost when it is killed; what was is not.
    equal({ok, saved}, hanse_script:call(pool, save, [])),
    equal({ok, 5}, hanse_script:call(pool, count, [])),
    kill(hd(pids(pool))),
    until(fun() -> hanse_script:call(pool, count, []) =:= {ok, 5} end).

state_in_files_test() ->
    Folder = scratch("state"),
    Options = #{state => #{directory => Folder}},
    python("counting", Options),
    [{ok, 1}, {ok, 2}] = [hanse_script:call(pool, count, []) || _ <- [1, 2]],
    hanse_script:stop(pool),
    python("counting", Options),
    equal({ok, 3}, hanse_script:call(pool, count, [])),
    hanse_script:stop(pool),
    ok = file:write_file(filename:join(Folder, "pool-1.state"), <<"spoilt">>),
    python("counting", Options),
    equal({ok, 1}, hanse_script:call(pool, count, [])).

state_every_second_test() ->
    Folder = scratch("state"),
    python("counting", #{state => #{directory => Folder, every_s => 1}}),
    equal({ok, 1}, hanse_script:call(pool, count, [])),
    until(fun() -> case file:read_file(filename:join(Folder, "pool-1.state")) of {ok, Saved} -> binary_to_term(Saved) =:= 1; _ -> false end end).

log_files_test() ->
    Folder = scratch("log"),
    python("rogue", #{log => #{directory => Folder, file_bytes => 2000, files => 2}}),
    [{ok, ok} = hanse_script:call(pool, say, [integer_to_binary(N)]) || N <- lists:seq(1, 300)],
    until(fun() -> [L || L <- hanse_script:logs(pool, 1), binary:match(L, <<"| 300\n">>) =/= nomatch] =/= [] end),
    equal(["pool.log", "pool.log.1", "pool.log.2"], lists:sort(filelib:wildcard("*", Folder))),
    {ok, Log} = file:read_file(filename:join(Folder, "pool.log.1")),
    {match, _} = re:run(Log, "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z 1 \\| \\d+\n"),
    [true = filelib:file_size(filename:join(Folder, File)) < 2200 || File <- filelib:wildcard("*", Folder)].
