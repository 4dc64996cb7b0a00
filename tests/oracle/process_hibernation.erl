%% Hibernation, suspend and resume, yield, bump_reductions, priorities.
-module(process_hibernation).
-export([main/0]).
-export([woken/1, size_of_heap/1]).
main() ->
    logger:set_primary_config(level, none),
    S = self(), P = spawn(fun() -> put(kept, yes), erlang:hibernate(?MODULE, woken, [S]) end), timer:sleep(150), show(process_info(P, current_function)), show(process_info(P, status)), show(process_info(P, current_stacktrace)), P ! hello, show(receive {woken, M, K} -> {M, K} after 5000 -> none end),
    {Q, R} = spawn_monitor(fun() -> self() ! already, try erlang:hibernate(?MODULE, woken, [S]) catch _:_ -> never end end), show(receive {woken, M2, K2} -> {M2, K2} after 5000 -> none end), show(receive {'DOWN', R, _, Q, X} -> X end),
    {_, R3} = spawn_monitor(fun() -> self() ! x, try erlang:hibernate(?MODULE, no_function, []) catch _:_ -> caught end end), show(receive {'DOWN', R3, _, _, {U, _}} -> U end), show(try erlang:hibernate(1, f, []) catch error:E0 -> E0 end),
    C = spawn(fun() -> counter(0) end), C ! {get, S}, show(is_integer(receive {n, N0} -> N0 end)), show(erlang:suspend_process(C)), show(process_info(C, status)), C ! {get, S}, show(receive {n, _} -> ran after 50 -> suspended end), show(erlang:suspend_process(C, [unless_suspending])), show(erlang:suspend_process(C)), show(erlang:resume_process(C)), show(receive {n, _} -> ran after 50 -> suspended end), show(erlang:resume_process(C)), show(receive {n, N1} -> is_integer(N1) after 1000 -> suspended end),
    show([try F() catch error:E -> E end || F <- [fun() -> erlang:resume_process(C) end, fun() -> erlang:suspend_process(S) end, fun() -> erlang:suspend_process(a) end, fun() -> erlang:suspend_process(C, [x]) end]]), exit(C, kill),
    show([erlang:yield(), erlang:bump_reductions(100), try erlang:bump_reductions(-1) catch error:E -> E end, erlang:bump_reductions(1 bsl 40)]),
    Ps = [spawn_opt(fun() -> receive go -> S ! {done, Pr} end end, [{priority, Pr}]) || Pr <- [low, normal, high, low, high]], [X ! go || X <- Ps], show(lists:sort([receive {done, D} -> D end || _ <- Ps])),
    heaps(),
    Busy = spawn(fun busy/0), show(answer(S)), exit(Busy, kill), H = spawn(fun() -> many_hibernations(50, S) end), [begin H ! I, receive {h, I} -> ok end end || I <- lists:seq(1, 50)], show(done).
%% While a process hibernates, its heap holds what it must and no more.
heaps() ->
    S = self(), P = spawn_opt(fun() -> erlang:hibernate(?MODULE, size_of_heap, [S]) end, [{min_heap_size, 15000}]),
    wait_until(fun() -> process_info(P, status) =:= {status, waiting} andalso process_info(P, current_function) =:= {current_function, {erlang, hibernate, 3}} end),
    {heap_size, H} = process_info(P, heap_size), {total_heap_size, T} = process_info(P, total_heap_size), show({H < 20, T < 20}),
    P ! go, show(receive {heap, N} -> N >= 15000 end),
    show(try erlang:hibernate(x, y, lists:duplicate(5122, z)) catch error:E -> E end).
size_of_heap(S) -> receive go -> {heap_size, N} = process_info(self(), heap_size), S ! {heap, N} end.
wait_until(F) -> case F() of true -> ok; false -> timer:sleep(2), wait_until(F) end.
many_hibernations(0, _) -> ok; many_hibernations(N, S) -> receive I -> S ! {h, I} end, proc_lib:hibernate(erlang, apply, [fun many_hibernations/2, [N - 1, S]]).
answer(S) -> spawn(fun() -> S ! fair end), receive fair -> fair after 3000 -> starved end.
busy() -> busy().
counter(N) -> receive {get, To} -> To ! {n, N}, counter(N + 1) end.
woken(S) -> receive M -> S ! {woken, M, get(kept)} end.
show(X) -> io:format("~w~n", [X]).
