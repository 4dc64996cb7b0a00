%% sys and proc_lib: start functions, init_ack, translated initial calls, debugging of special processes.
-module(sys_and_proc_lib).
-export([main/0]).
-export([init/1, init_fail/1, init_die/1, init_slow/1, system_continue/3, system_terminate/4, system_get_state/1, system_replace_state/2, system_code_change/4]).
main() ->
    logger:set_primary_config(level, none), process_flag(trap_exit, true), {ok, P} = proc_lib:start_link(?MODULE, init, [self()]), show([proc_lib:translate_initial_call(P), proc_lib:initial_call(P), is_process_alive(P)]), show([sys:get_state(P), sys:replace_state(P, fun({S, N}) -> {S, N + 1} end) =/= x, element(2, sys:get_state(P)), sys:suspend(P), begin P ! ping, receive pong -> pong after 30 -> suspended end end, sys:change_code(P, ?MODULE, v1, extra), sys:resume(P), receive pong -> pong after 5000 -> none end, element(2, sys:get_state(P))]), show([element(1, sys:get_status(P)), sys:trace(P, false), sys:no_debug(P), sys:terminate(P, done), receive {'EXIT', P, R} -> R end]),
    show([proc_lib:start(?MODULE, F, [self()], 50) || F <- [init_fail, init_die, init_slow]]), show([tidy(catch_(fun() -> proc_lib:start_link(?MODULE, F, [self()], 50) end)) || F <- [init_fail, init_die, init_slow]]), show(drain()), {Q, M} = proc_lib:spawn_opt(fun() -> exit(bye) end, [monitor]), show(receive {'DOWN', M, _, Q, X} -> X end), Q2 = proc_lib:spawn_link(fun() -> error(oops) end), show(receive {'EXIT', Q2, {oops, [_ | _]}} -> oops end), show(try proc_lib:stop(a_name_not_there) catch _:E -> E end), W = proc_lib:spawn(fun() -> receive stop -> ok end end), show(proc_lib:translate_initial_call(W) =/= x), W ! stop, S = self(), proc_lib:spawn(fun() -> S ! {anc, length(get('$ancestors')), tuple_size(get('$initial_call'))} end), show(receive {anc, A, I} -> {A, I} end).
init(Parent) -> proc_lib:init_ack(Parent, {ok, self()}), loop(Parent, {state, 0}).
init_fail(Parent) -> proc_lib:init_ack(Parent, {error, nope}), exit(normal).
init_die(_) -> exit(dead_early).
init_slow(_) -> timer:sleep(5000).
loop(Parent, S) -> receive {system, From, Req} -> sys:handle_system_msg(Req, From, Parent, ?MODULE, [], S); ping -> Parent ! pong, loop(Parent, S); {'EXIT', Parent, R} -> exit(R) end.
system_continue(Parent, _, S) -> loop(Parent, S).
system_terminate(R, _, _, _) -> exit(R).
system_get_state(S) -> {ok, S}.
system_replace_state(F, S) -> N = F(S), {ok, N, N}.
system_code_change({S, N}, _, _, _) -> {ok, {S, N + 100}}.
drain() -> receive {'EXIT', _, R} -> [R | drain()] after 800 -> [] end.
tidy(X) -> X.
catch_(F) -> try F() catch C:R -> {C, R} end.
show(X) -> io:format("~p~n", [X]).
