%% Aliases of processes: sending, deactivating, reply_demonitor, with monitors.
-module(process_aliases).
-export([main/0]).
main() ->
    A = alias(), A ! hello, show(plain, receive hello -> yes after 3000 -> no end), show(unalias, unalias(A)), A ! again, show(after_unalias, receive again -> yes after 50 -> no end), show(twice, unalias(A)),
    B = alias([reply]), B ! one, B ! two, show(reply, {receive one -> yes after 3000 -> no end, receive two -> yes after 50 -> no end}), show(gone, unalias(B)),
    C = alias([explicit_unalias]), C ! one, C ! two, show(explicit, {receive one -> yes after 3000 -> no end, receive two -> yes after 50 -> no end}), show(still, unalias(C)),
    Self = self(),
    P1 = spawn(fun() -> receive {R, stop} -> R ! bye, R ! more end end), M1 = monitor(process, P1, [{alias, reply_demonitor}]), P1 ! {M1, stop}, show(reply_demonitor, {receive bye -> yes after 3000 -> no end, receive more -> yes after 50 -> no end, receive {'DOWN', M1, _, _, _} -> down after 50 -> none end}),
    P2 = spawn(fun() -> receive {R, stop} -> R ! bye, R ! more end end), M2 = monitor(process, P2, [{alias, demonitor}]), P2 ! {M2, stop}, show(demonitor, {receive bye -> yes after 3000 -> no end, receive more -> yes after 3000 -> no end, receive {'DOWN', M2, _, _, X2} -> X2 after 3000 -> none end}),
    M2 ! late, show(late, receive late -> yes after 50 -> no end),
    P3 = spawn(fun() -> receive stop -> ok end end), M3 = monitor(process, P3, [{alias, explicit_unalias}]), demonitor(M3, [flush]), M3 ! still, show(after_demonitor, receive still -> yes after 3000 -> no end), show(unalias3, unalias(M3)), P3 ! stop,
    M4 = monitor(process, P4 = spawn(fun() -> receive go -> exit(x) end end), [{alias, demonitor}]), P4 ! go, receive {'DOWN', M4, _, _, X4} -> show(down, X4) end, M4 ! msg, show(after_down, receive msg -> yes after 50 -> no end),
    D = alias(), spawn(fun() -> D ! {from_other, 1} end), show(other, receive {from_other, X5} -> X5 after 3000 -> no end),
    E = alias(), spawn(fun() -> erlang:send_after(10, Self, tick), E ! through end), show(order, receive through -> yes after 3000 -> no end),
    show(send, [erlang:send(alias(), m, []), erlang:send(make_ref(), m), make_ref() ! x]), show(got, receive m -> yes after 3000 -> no end),
    show(bad, [try F() catch error:R -> R end || F <- [fun() -> unalias(a) end, fun() -> alias([x]) end, fun() -> alias(a) end, fun() -> monitor(process, self(), [{alias, foo}]) end, fun() -> unalias(make_ref()) end]]),
    show(spawn_monitor, begin {P6, M6} = spawn_opt(fun() -> receive {R, go} -> R ! {R, answer} end end, [{monitor, [{alias, reply_demonitor}]}]), P6 ! {M6, go}, receive {M6, X6} -> X6 after 3000 -> none end end),
    show(in_dead, begin {P7, M7} = spawn_monitor(fun() -> Self ! {alias, alias()} end), receive {alias, Al} -> ok end, receive {'DOWN', M7, _, P7, _} -> ok end, Al ! x end =:= x).
show(N, X) -> io:format("~w: ~w~n", [N, X]).
