%% Links: exit signals, trap_exit, normal, kill, unlink, links to the dead, chains and storms.
-module(process_links).
-export([main/0]).
main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    [begin P = spawn_link(F), show(N, receive {'EXIT', P, R} -> tidy(R) after 2000 -> nothing end) end || {N, F} <- [
        {normal, fun() -> ok end}, {exit_normal, fun() -> exit(normal) end}, {reason, fun() -> exit(because) end}, {kill_self, fun() -> exit(self(), kill), wait() end},
        {exit_kill, fun() -> exit(kill) end}, {error, fun() -> error(e) end}, {throw, fun() -> throw(t) end}, {badmatch, fun() -> 1 = id(2) end}, {shutdown, fun() -> exit({shutdown, x}) end}]],
    [begin P = spawn_link(fun() -> wait() end), exit(P, R), show({signal, R}, receive {'EXIT', P, X} -> X after 1500 -> alive end), exit(P, kill), flush() end || R <- [normal, kill, shutdown, {a, b}, 5]],
    [begin Me = self(), P = spawn_link(fun() -> process_flag(trap_exit, true), Me ! ready, receive M -> Me ! {self(), got(M, Me)} end end), receive ready -> ok end, exit(P, R),
           show({trapped, R}, receive {P, X} -> X; {'EXIT', P, X} -> {died, X} after 1500 -> nothing end), flush() end || R <- [normal, kill, killed, shutdown, {a, b}]],
    show(self_normal, begin exit(self(), normal), receive {'EXIT', _, R1} -> R1 after 300 -> none end end),
    Dead = spawn(fun() -> ok end), wait_dead(Dead), show(link_dead, {link(Dead), receive {'EXIT', Dead, R2} -> R2 after 1500 -> none end}),
    show(link_self, link(self())), show(unlink_self, unlink(self())), show(unlink_dead, unlink(Dead)),
    show(bad, [try F(X) catch error:E -> E end || F <- [fun link/1, fun unlink/1], X <- [a, 1, make_ref()]]),
    U = spawn_link(fun() -> receive go -> exit(gone) end end), unlink(U), U ! go, show(unlinked, receive {'EXIT', U, R3} -> R3 after 300 -> none end),
    L = spawn_link(fun() -> wait() end), show(links, lists:member(L, element(2, process_info(self(), links)))), link(L), exit(L, bye), show(double, receive {'EXIT', L, R4} -> R4 end), show(once, receive {'EXIT', L, R5} -> R5 after 300 -> none end),
    Chain = spawn_link(fun() -> chain(200) end), show(chain, receive {'EXIT', Chain, R6} -> R6 after 5000 -> none end),
    Hub = spawn(fun() -> process_flag(trap_exit, true), [spawn_link(fun() -> wait() end) || _ <- lists:seq(1, 500)], receive stop -> exit(storm) end end), Mon = monitor(process, Hub),
    timer:sleep(300), {links, Ls} = process_info(Hub, links), Ms = [monitor(process, X) || X <- Ls], Hub ! stop, receive {'DOWN', Mon, _, _, R7} -> show(hub, R7) end,
    show(storm, lists:usort([receive {'DOWN', M, _, _, R8} -> R8 end || M <- Ms])), show(count, length(Ls)),
    Parent = spawn(fun() -> C = spawn_link(fun() -> wait() end), receive {child, To} -> To ! {child, C} end, exit(normal) end), Parent ! {child, self()}, receive {child, C} -> ok end, timer:sleep(300), show(child_of_normal, is_process_alive(C)), exit(C, kill),
    show(exit_bad, [try exit(X, y) catch error:E2 -> E2 end || X <- [a, 1, {}]]).
chain(0) -> exit(end_of_chain); chain(N) -> spawn_link(fun() -> chain(N - 1) end), wait().
wait() -> receive after infinity -> ok end.
wait_dead(P) -> case is_process_alive(P) of true -> timer:sleep(1), wait_dead(P); false -> ok end.
got({'EXIT', P, R}, P) -> {exit_from_parent, R}; got({'EXIT', _, R}, _) -> {exit_from, R}; got(M, _) -> M.
tidy({R, [{M, F, A, _} | _]}) -> {R, {M, is_atom(F), A}}; tidy(R) -> R.
flush() -> receive _ -> flush() after 0 -> ok end.
id(X) -> X.
show(N, X) -> io:format("~w: ~w~n", [N, X]).
