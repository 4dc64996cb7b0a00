%% A pool of workers under a supervisor: jobs, crashes, time limits, shutting down.
-module(worker_pool).
-behaviour(supervisor).
-export([main/0, init/1, start_worker/1, worker/2]).

init(N) ->
    {ok, {#{strategy => one_for_one, intensity => 100, period => 1},
          [#{id => I, start => {?MODULE, start_worker, [I]}, restart => permanent, shutdown => 100} || I <- lists:seq(1, N)]}}.

start_worker(I) -> proc_lib:start_link(?MODULE, worker, [self(), I]).
worker(Parent, I) ->
    register(name(I), self()),
    proc_lib:init_ack(Parent, {ok, self()}),
    loop().
name(I) -> list_to_atom("worker_" ++ integer_to_list(I)).
loop() ->
    receive
        {From, Ref, {run, F}} -> From ! {Ref, F()}, loop();
        {From, Ref, crash} -> From ! {Ref, crashing}, exit(crashed)
    end.

call(I, Request) ->
    case whereis(name(I)) of
        undefined -> timer:sleep(1), call(I, Request);
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! {self(), Ref, Request},
            receive
                {Ref, Answer} -> demonitor(Ref, [flush]), Answer;
                {'DOWN', Ref, _, _, _} -> call(I, Request)
            end
    end.

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, Sup} = supervisor:start_link(?MODULE, 4),
    io:format("~0p~n", [[call(I, {run, fun() -> I * I end}) || I <- [1, 2, 3, 4]]]),
    Before = [whereis(name(I)) || I <- [1, 2, 3, 4]],
    io:format("~0p~n", [[call(I, crash) || I <- [2, 3]]]),
    Refs = [monitor(process, lists:nth(I, Before)) || I <- [2, 3]],
    io:format("~0p~n", [[receive {'DOWN', R, process, _, _} -> down end || R <- Refs]]),
    io:format("~0p~n", [[call(I, {run, fun() -> I + 100 end}) || I <- [1, 2, 3, 4]]]),
    io:format("~0p~n", [[whereis(name(I)) =:= lists:nth(I, Before) || I <- [1, 2, 3, 4]]]),
    io:format("~0p~n", [supervisor:count_children(Sup)]),
    io:format("~0p~n", [[supervisor:terminate_child(Sup, 1), supervisor:restart_child(Sup, 1) =/= error, supervisor:delete_child(Sup, 2), supervisor:terminate_child(Sup, 9)]]),
    Results = [spawn_monitor(fun() -> exit({result, lists:sum([call(1 + (N rem 4), {run, fun() -> N end}) || N <- lists:seq(1, 25)])}) end) || _ <- lists:seq(1, 10)],
    io:format("~0p~n", [[receive {'DOWN', R, process, P, Reason} -> Reason end || {P, R} <- Results]]),
    exit(Sup, shutdown),
    io:format("~0p~n", [receive {'EXIT', Sup, Reason} -> Reason end]),
    io:format("~0p~n", [[whereis(name(I)) || I <- [1, 2, 3, 4]]]).
