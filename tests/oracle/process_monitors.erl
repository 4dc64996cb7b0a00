%% Monitors: reasons, dead processes, names, demonitor with flush and info, many monitors.
-module(process_monitors).
-export([main/0]).
main() ->
    foreign(),
    logger:set_primary_config(level, none),
    [begin {P, R} = spawn_monitor(F), show(N, receive {'DOWN', R, process, P, X} -> tidy(X) after 20000 -> none end) end || {N, F} <- [{normal, fun() -> ok end}, {exit, fun() -> exit(x) end}, {error, fun() -> error(y) end}, {throw, fun() -> throw(z) end}, {killed, fun() -> exit(self(), kill), timer:sleep(5000) end}]],
    Dead = spawn(fun() -> ok end), wait_gone(Dead), R1 = monitor(process, Dead), show(dead, receive {'DOWN', R1, process, Dead, X1} -> X1 end),
    R2 = monitor(process, no_such_name), show(name, receive {'DOWN', R2, process, O2, X2} -> {O2, X2} end),
    R3 = monitor(process, {no_such_name, node()}), show(name_node, receive {'DOWN', R3, process, O3, X3} -> {O3, X3} end),
    register(named, N = spawn(fun() -> receive stop -> exit(stopped) end end)), R4 = monitor(process, named), N ! stop, show(named, receive {'DOWN', R4, process, O4, X4} -> {O4, X4} end),
    P5 = spawn(fun() -> receive stop -> ok end end), R5 = monitor(process, P5), show(demonitor, [demonitor(R5), demonitor(R5), demonitor(make_ref())]), P5 ! stop, show(silent, receive {'DOWN', R5, _, _, _} -> heard after 50 -> nothing end),
    P6 = spawn(fun() -> ok end), R6 = monitor(process, P6), timer:sleep(150), show(flush, [demonitor(R6, [flush]), receive {'DOWN', R6, _, _, _} -> heard after 0 -> nothing end]),
    P7 = spawn(fun() -> receive stop -> ok end end), R7 = monitor(process, P7), show(info, [demonitor(R7, [info]), demonitor(R7, [info]), demonitor(R7, [flush, info])]), P7 ! stop,
    show(bad, [try F() catch error:E -> E end || F <- [fun() -> monitor(process, 1) end, fun() -> monitor(foo, self()) end, fun() -> monitor(process, {a, 1}) end, fun() -> demonitor(a) end, fun() -> demonitor(make_ref(), [x]) end, fun() -> demonitor(make_ref(), a) end, fun() -> monitor(time_offset, x) end]]),
    show(self, is_reference(monitor(process, self()))), show(time, begin RT = monitor(time_offset, clock_service), demonitor(RT) end),
    P8 = spawn(fun() -> receive stop -> exit(eight) end end), Rs = [monitor(process, P8) || _ <- lists:seq(1, 100)], P8 ! stop, show(many, lists:usort([receive {'DOWN', R, process, P8, X} -> X end || R <- Rs])),
    Self = self(), P9 = spawn(fun() -> receive {watch, W} -> M = monitor(process, W), Self ! ready, receive {'DOWN', M, process, W, X} -> Self ! {seen, X} end end end), W = spawn(fun() -> receive stop -> exit(w) end end), P9 ! {watch, W}, receive ready -> ok end,
    show(items, {element(2, process_info(P9, monitors)) =:= [{process, W}], element(2, process_info(W, monitored_by)) =:= [P9]}), W ! stop, show(seen, receive {seen, X9} -> X9 end),
    Port = hd(erlang:ports()), RP = monitor(port, Port), show(port, [is_reference(RP), demonitor(RP)]),
    {_, R10} = spawn_monitor(nomodule_at_all, f, []), show(undef, receive {'DOWN', R10, _, _, {undef, [{M10, F10, A10, _} | _]}} -> {M10, F10, A10} end),
    All = [spawn_monitor(fun() -> exit(I rem 3) end) || I <- lists:seq(1, 300)], show(three_hundred, lists:sum([receive {'DOWN', R, _, P, X} -> X end || {P, R} <- All])),
    show(tag, begin {P11, _} = spawn_opt(fun() -> exit(tagged) end, [{monitor, [{tag, my_tag}]}]), receive {my_tag, _, process, P11, X11} -> X11 after 20000 -> none end end),
    show(tag2, begin P12 = spawn(fun() -> receive go -> exit(t2) end end), R12 = monitor(process, P12, [{tag, {a, 1}}]), P12 ! go, receive {{a, 1}, R12, process, _, X12} -> X12 end end).
wait_gone(P) -> case is_process_alive(P) of true -> timer:sleep(1), wait_gone(P); false -> ok end.
tidy({R, [{_, _, _, _} | _]}) -> {with_trace, R}; tidy(R) -> R.
show(N, X) -> io:format("~w: ~w~n", [N, X]).
%% References and ports of other nodes, and of this one in an earlier life.
foreign() ->
    R = fun(N, C) -> L = byte_size(N), binary_to_term(<<131, 90, 0, 3, 100, L:16, N/binary, C:32, 1:32, 2:32, 3:32>>) end,
    P = fun(N, C) -> L = byte_size(N), binary_to_term(<<131, 89, 100, L:16, N/binary, 1:32, C:32>>) end,
    Refs = [R(<<"xx@y">>, 1), R(<<"nonode@nohost">>, 7)],
    io:format("~w~n", [[try erlang:demonitor(X) catch error:E -> E end || X <- Refs]]),
    io:format("~w~n", [[try erlang:demonitor(X, O) catch error:E -> E end || X <- Refs, O <- [[], [info], [flush], [info, flush]]]]),
    io:format("~w~n", [[try M = erlang:monitor(port, X), receive {'DOWN', M, port, X, Why} -> Why end catch error:E -> E end || X <- [P(<<"xx@y">>, 1), P(<<"nonode@nohost">>, 7)]]]).
