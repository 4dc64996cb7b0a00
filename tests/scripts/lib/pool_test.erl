%% @doc Runs the tests of a module: its exported functions of no arguments whose names end in _test. Each has a process and a time
%% limit of its own; the node ends with status 1 if one fails.
-module(pool_test).

-export([run/1, python3/0, python/1, python/2, ruby/2, start/1, until/1, until/2, alive/1, kill/1, workers/1, pids/1, scratch/1, equal/2, count/2,
         guards/0]).

limit_ms() -> case os:getenv("LONG", "") of "" -> 120000; _ -> 800000 end.

run(Module) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Only = os:getenv("ONLY", ""),
    Names = [Name || {Name, 0} <- Module:module_info(exports), lists:suffix("_test", atom_to_list(Name)),
                     Only =:= "" orelse Only =:= atom_to_list(Name)],
    Failed = [Name || Name <- Names, not passes(Module, Name), until(fun() -> hanse_script:pools() =:= [] end)],
    halt(case Failed of [] -> 0; _ -> 1 end).

passes(Module, Name) ->
    {Test, Monitor} = spawn_monitor(fun() -> process_flag(trap_exit, true), Module:Name(), [stop(Pool) || Pool <- hanse_script:pools()] end),
    receive
        {'DOWN', Monitor, process, Test, normal} -> true;
        {'DOWN', Monitor, process, Test, Reason} ->
            io:format("~tp:~tp failed: ~tp~n", [Module, Name, Reason]),
            false
    after limit_ms() ->
        io:format("~tp:~tp is not done after ~b ms: ~tp~n", [Module, Name, limit_ms(), process_info(Test, current_stacktrace)]),
        exit(Test, kill),
        receive {'DOWN', Monitor, process, Test, _} -> false end
    end.

stop(Pool) -> catch hanse_script:stop(Pool).

%% A pool with a script of tests/scripts/workers.
python(Script) -> python(Script, #{}).
python(Script, Options) ->
    start(maps:merge(#{name => pool, command => [python3(), Script ++ ".py"], directory => os:getenv("SCRIPTS")}, Options)).

ruby(Script, Options) -> start(maps:merge(#{name => pool, command => ["ruby", Script ++ ".rb"], directory => os:getenv("SCRIPTS")}, Options)).

%% Debian's: others may stand before it in PATH.
python3() -> case filelib:is_regular("/usr/bin/python3") of true -> "/usr/bin/python3"; false -> "python3" end.

%% The machine may be very busy.
start(Options) ->
    Slow = #{start_timeout_ms => 60000, backoff => #{first_ms => 10, max_ms => 200}},
    {ok, Supervisor} = hanse_script:start_link(maps:merge(Slow, Options)),
    Supervisor.

until(Condition) -> until(Condition, 60000).
until(Condition, LeftMs) ->
    case Condition() of
        false when LeftMs =< 0 -> error({never, Condition});
        false ->
            timer:sleep(20),
            until(Condition, LeftMs - 20);
        Answer -> Answer
    end.

%% A process of the system that is there and no zombie.
alive(Pid) ->
    case file:read_file("/proc/" ++ integer_to_list(Pid) ++ "/stat") of
        {ok, Stat} -> binary:match(Stat, <<") Z ">>) =:= nomatch;
        {error, _} -> false
    end.

kill(Pid) -> os:cmd("kill -9 " ++ integer_to_list(Pid)).

workers(Pool) -> maps:get(workers, hanse_script:status(Pool)).

pids(Pool) -> [Pid || #{state := running, os_pid := Pid} <- workers(Pool)].

count(Figure, Pool) -> maps:get(Figure, maps:get(figures, hanse_script:status(Pool))).

%% A fresh directory.
scratch(Name) ->
    Path = filename:join(os:getenv("SCRATCH"), Name ++ "_" ++ os:getpid() ++ "_" ++ integer_to_list(erlang:unique_integer([positive]))),
    ok = filelib:ensure_dir(filename:join(Path, "x")),
    Path.

equal(Same, Same) -> ok;
equal(Expected, Got) -> error({expected, Expected, got, Got}).

%% Guards below this node; under stock a helper stands between.
guards() ->
    Own = list_to_binary(os:getpid()),
    Parents = maps:from_list([{Pid, {Name, Parent}} || Entry <- filelib:wildcard("/proc/[0-9]*/stat"), {ok, Stat} <- [file:read_file(Entry)],
                                                       [Pid, Name, _, Parent | _] <- [binary:split(Stat, <<" ">>, [global])]]),
    length([Pid || {Pid, {<<"(hanse-guard)">>, Parent}} <- maps:to_list(Parents),
                   Parent =:= Own orelse element(2, maps:get(Parent, Parents, {none, none})) =:= Own]).
