%% system_flag(dirty_cpu_schedulers_online, N): what it takes and answers; work goes on with one thread, and with all again.
-module(dirty_schedulers_online).
-export([main/0]).

main() ->
    All = erlang:system_info(dirty_cpu_schedulers),
    io:format("~w~n", [[attempt(N) || N <- [0, -1, All + 1, a, 1.0]]]),
    io:format("~w~n", [attempt(1) =:= All]),
    until(fun() -> erlang:system_info(dirty_cpu_schedulers_online) =:= 1 end),  % stock may take its time
    io:format("~w ~w~n", [erlang:system_info(dirty_cpu_schedulers_online), erlang:system_info(dirty_cpu_schedulers) =:= All]),
    {dirty_cpu, All, 1, 1} = lists:keyfind(dirty_cpu, 1, erlang:system_info(all_schedulers_state)),
    io:format("~w~n", [work()]),
    Changer = spawn_link(fun() -> change(All, 200) end),
    io:format("~w~n", [[work() || _ <- lists:seq(1, 5)]]),
    M = monitor(process, Changer), receive {'DOWN', M, _, _, _} -> ok end,
    attempt(All), until(fun() -> erlang:system_info(dirty_cpu_schedulers_online) =:= All end),
    io:format("~w ~w~n", [erlang:system_info(dirty_cpu_schedulers_online) =:= All, work()]).

until(Holds) -> Holds() orelse begin timer:sleep(1), until(Holds) end.

change(_, 0) -> ok;
change(All, N) -> attempt(1), erlang:yield(), attempt(All), change(All, N - 1).

%% Collections of large heaps are work for dirty schedulers, and so is this function of the tests.
work() ->
    Ps = [spawn_monitor(fun() -> [erts_debug:dirty_cpu(wait, 1) || _ <- lists:seq(1, 10)], exit(done) end) || _ <- lists:seq(1, 8)],
    lists:usort([receive {'DOWN', M, process, P, R} -> R end || {P, M} <- Ps]).

attempt(N) -> try erlang:system_flag(dirty_cpu_schedulers_online, N) catch error:R -> R end.
