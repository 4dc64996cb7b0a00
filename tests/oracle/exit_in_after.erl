%% Exit signals and ends of processes inside try, after and receive; nested spawns while dying.
-module(exit_in_after).
-export([main/0]).
main() ->
    S = self(), process_flag(trap_exit, true),
    P1 = spawn_link(fun() -> try S ! in, receive never -> ok end after S ! after_ran end end), receive in -> ok end, exit(P1, stop), show({receive {'EXIT', P1, R1} -> R1 end, receive after_ran -> ran after 50 -> not_run end}),
    P2 = spawn_link(fun() -> try exit(own) after S ! after_ran end end), show({receive {'EXIT', P2, R2} -> R2 end, receive after_ran -> ran after 50 -> not_run end}),
    P3 = spawn_link(fun() -> process_flag(trap_exit, true), S ! in, receive {'EXIT', S, R} -> spawn_link(fun() -> exit(child) end), receive {'EXIT', _, R4} -> exit({R, R4}) end end end), receive in -> ok end, exit(P3, parent), show(receive {'EXIT', P3, R3} -> R3 end),
    P4 = spawn_link(fun() -> (fun F(N) -> F(N + 1) end)(0) end), exit(P4, kill), show(receive {'EXIT', P4, R5} -> R5 after 5000 -> alive end), P5 = spawn_link(fun() -> lists:sort([X bxor 12345 || X <- lists:seq(1, 3000000)]) end), timer:sleep(5), exit(P5, interrupted), show(receive {'EXIT', P5, R6} -> R6 after 10000 -> alive end),
    P6 = spawn_link(fun() -> exit(lists:seq(1, 5)) end), show(receive {'EXIT', P6, R7} -> R7 end), P7 = spawn_link(fun() -> catch exit(caught), exit(after_catch) end), show(receive {'EXIT', P7, R8} -> R8 end),
    P8 = spawn_link(fun() -> try error(first) catch error:first -> exit(second) after exit(third) end end), show(receive {'EXIT', P8, R9} -> R9 end), P9 = spawn_link(fun() -> exit(self(), normal), receive after 20 -> exit(survived) end end), show(receive {'EXIT', P9, R10} -> R10 end),
    [begin {P, M} = spawn_monitor(fun() -> receive go -> ok end end), [exit(P, {n, I}) || I <- lists:seq(1, 5)], receive {'DOWN', M, _, _, R} -> R end end || _ <- lists:seq(1, 20)], show(first_wins), {Pa, Ma} = spawn_monitor(fun() -> receive go -> ok end end), exit(Pa, {n, 1}), exit(Pa, {n, 2}), show(receive {'DOWN', Ma, _, _, Ra} -> Ra end), {Pb, Mb} = spawn_monitor(fun() -> receive go -> exit(went) end end), Pb ! go, exit(Pb, x), show(receive {'DOWN', Mb, _, _, Rb} -> lists:member(Rb, [x, went]) end).
show(X) -> io:format("~w~n", [X]).
