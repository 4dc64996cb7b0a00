%% Processes that keep all schedulers but one from running, and what ends that.
-module(multi_scheduling).
-export([main/0]).
main() ->
    show([{How, flag(How)} || How <- [block, block, unblock, unblock, unblock, block_normal, block, block_normal, unblock, unblock_normal, unblock_normal, unblock_normal]]),
    show([{How, flag(How)} || How <- [true, 1, [], enabled]]),
    S = self(), P = spawn(fun() -> erlang:system_flag(multi_scheduling, block), S ! blocked, receive go -> ok end end),
    receive blocked -> show(state(P)) end, M = monitor(process, P), P ! go, receive {'DOWN', M, _, _, _} -> ok end, wait_until_enabled(), show(state(P)),
    %% Work goes on meanwhile.
    _ = erlang:system_flag(multi_scheduling, block_normal), show([begin C = spawn(fun() -> receive {X, From} -> From ! {self(), X * 2} end end), C ! {N, S}, receive {C, R} -> R end end || N <- lists:seq(1, 20)]),
    receive after 5 -> ok end, show(state(S)), erlang:system_flag(multi_scheduling, unblock_normal), show(state(S)).
flag(How) -> R = (try erlang:system_flag(multi_scheduling, How) catch error:E -> E end), {R, state(self())}.
state(P) -> [case erlang:system_info(I) of [P] -> [it]; X -> X end || I <- [multi_scheduling, multi_scheduling_blockers, normal_multi_scheduling_blockers]].
wait_until_enabled() ->
    case erlang:system_info(multi_scheduling) of
        Blocked when Blocked =:= blocked; Blocked =:= blocked_normal -> timer:sleep(1), wait_until_enabled();
        _ -> ok
    end.
show(X) -> io:format("~0p~n", [X]).
