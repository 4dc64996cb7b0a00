%% Live data survives collections: large sets, sub-binaries, closures, maps, in many processes.
-module(garbage_collection).
-export([main/0]).
main() ->
    queue_counts(on_heap), queue_counts(off_heap),
    Sum = fun(T) -> lists:sum([V || {_, V} <- T]) end,
    Live = [{I, I * I} || I <- lists:seq(1, 100000)],
    churn(200), io:format("~w~n", [Sum(Live)]),
    erlang:garbage_collect(), io:format("~w~n", [Sum(Live)]),
    Subs = [binary:part(B, 10, 20) || I <- lists:seq(1, 500), B <- [binary:copy(<<I:16>>, 500)]],
    churn(100), erlang:garbage_collect(), io:format("~w~n", [erlang:md5(Subs)]),
    Funs = [fun(X) -> X + I end || I <- lists:seq(1, 5000)], churn(100), io:format("~w~n", [lists:sum([F(1) || F <- Funs])]),
    Map = maps:from_list([{I, integer_to_binary(I)} || I <- lists:seq(1, 20000)]), churn(100),
    io:format("~w~n", [erlang:md5([maps:get(I, Map) || I <- lists:seq(1, 20000)])]),
    Self = self(),
    Ps = [spawn_link(fun() -> L = lists:seq(N, N + 2000), churn(20), Self ! {self(), lists:sum(L), N} end) || N <- lists:seq(1, 200)],
    io:format("~w~n", [lists:sum([receive {P, S, _} -> S end || P <- Ps])]),
    Bigs = [1 bsl (I rem 300) || I <- lists:seq(1, 5000)], churn(50), io:format("~w~n", [lists:sum(Bigs)]),
    Floats = [I * 1.0e100 || I <- lists:seq(1, 5000)], churn(50), io:format("~w~n", [lists:sum(Floats)]),
    put(kept, lists:seq(1, 1000)), churn(100), io:format("~w~n", [lists:sum(get(kept))]),
    T = list_to_tuple(lists:seq(1, 50000)), T2 = lists:foldl(fun(I, A) -> setelement(I, A, {I}) end, T, lists:seq(1, 50)), churn(50), io:format("~w~n", [[element(I, T2) || I <- [1, 50, 51, 50000]]]),
    {P1, R1} = spawn_opt(fun() -> process_flag(max_heap_size, #{size => 100000, kill => true, error_logger => false}), lists:seq(1, 10000000) end, [monitor]),
    receive {'DOWN', R1, _, P1, Why} -> io:format("~w~n", [Why]) end,
    {P2, R2} = spawn_opt(fun() -> exit(lists:sum(lists:seq(1, 100000))) end, [monitor, {min_heap_size, 500000}, {fullsweep_after, 0}]),
    receive {'DOWN', R2, _, P2, Why2} -> io:format("~w~n", [Why2]) end,
    io:format("~w~n", [[erlang:garbage_collect(self(), [{type, Ty}]) || Ty <- [minor, major]]]),
    io:format("~w~n", [erlang:garbage_collect(spawn(fun() -> receive after 5000 -> ok end end))]),
    {P3, R3} = spawn_monitor(fun() -> ok end), receive {'DOWN', R3, _, _, _} -> ok end, io:format("~w~n", [erlang:garbage_collect(P3)]).
churn(0) -> ok; churn(N) -> _ = [{X, [X], <<X:32>>} || X <- lists:seq(1, 1000)], churn(N - 1).
%% Messages that wait belong to the heap of their receiver, if it wants them there.
queue_counts(Where) ->
    P = spawn_opt(fun() -> receive never -> ok end end, [{max_heap_size, #{size => 1024, kill => true, error_logger => false}}, {message_queue_data, Where}]),
    M = monitor(process, P), [P ! lists:duplicate(I, I) || I <- lists:seq(1, 100)], _ = process_info(P, messages), catch erlang:garbage_collect(P),
    exit(P, other), io:format("~p~n", [{Where, receive {'DOWN', M, process, P, R} -> R end}]).
