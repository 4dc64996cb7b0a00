%% Receive: selective, timeouts, after 0, nested, references, guards, message order.
-module(receive_forms).
-export([main/0]).
main() ->
    clear(), self() ! a, self() ! b, self() ! c,
    show([receive c -> c end, receive a -> a end, receive b -> b end]),
    show(receive x -> x after 0 -> nothing end),
    self() ! x, show(receive x -> x after 0 -> nothing end),
    show(receive x -> x after 20 -> timed_out end),
    [self() ! {n, I} || I <- lists:seq(1, 10)],
    show([receive {n, I} when I rem 2 =:= 0 -> I end || _ <- lists:seq(1, 5)]),
    show([receive {n, I} -> I end || _ <- lists:seq(1, 5)]),
    show(receive after 1 -> only_after end),
    self() ! outer, self() ! inner,
    show(receive inner -> receive outer -> both after 0 -> lost end end),
    Self = self(), R = make_ref(),
    spawn(fun() -> [Self ! {noise, I} || I <- lists:seq(1, 1000)], Self ! {R, answer} end),
    show(receive {R, X} -> X end),
    show(element(2, process_info(self(), message_queue_len))),
    show(length(drain())),
    show((fun F(0) -> done; F(N) -> self() ! N, receive N -> F(N - 1) end end)(1000)),
    P = spawn(fun() -> receive go -> ok end, Self ! {order, drain()} end),
    [P ! I || I <- lists:seq(1, 20)], P ! go, show(receive {order, L} -> L end),
    T0 = erlang:monotonic_time(millisecond), receive after 50 -> ok end, T1 = erlang:monotonic_time(millisecond),
    show(T1 - T0 >= 50 andalso T1 - T0 < 2000),
    show(try receive after bad() -> ok end catch error:E -> E end),
    self() ! first, self() ! second, show(receive Any -> Any end), show(drain()),
    self() ! {k, 1}, K = k, Wrong = 2, show(receive {K, Wrong} -> wrong; {K, V} -> V after 0 -> none end),
    spawn(fun() -> timer:sleep(20), Self ! late end), show(receive late -> late after 5000 -> never end),
    spawn(fun() -> Self ! one, timer:sleep(10), Self ! two end), show(receive two -> receive one -> ok end after infinity -> no end),
    show(loop_timeouts(30, 0)).
bad() -> list_to_atom("abc").
clear() -> drain().
drain() -> receive X -> [X | drain()] after 0 -> [] end.
loop_timeouts(0, N) -> N;
loop_timeouts(I, N) -> receive never -> N after 1 -> loop_timeouts(I - 1, N + 1) end.
show(X) -> io:format("~w~n", [X]).
