%% Work spread over many processes gives the same answer as done alone.
-module(parallel_work).
-export([main/0]).
main() ->
    F = fun(X) -> erlang:phash2({X, lists:seq(1, X rem 50)}) end, L = lists:seq(1, 2000), io:format("~w~n", [pmap(F, L) =:= lists:map(F, L)]), io:format("~w~n", [pfib(18)]), S = self(), Workers = [spawn_link(fun() -> worker(S) end) || _ <- lists:seq(1, 16)], [lists:nth(I rem 16 + 1, Workers) ! {job, I} || I <- lists:seq(1, 5000)], io:format("~w~n", [lists:sum([receive {result, R} -> R end || _ <- lists:seq(1, 5000)])]), io:format("~w~n", [erlang:md5(term_to_binary(sort(lists:reverse([X * 7919 rem 10007 || X <- lists:seq(1, 5000)]), 4)))]), T = ets:new(t, [public]), pmap(fun(I) -> ets:insert(T, {I, I * I}) end, lists:seq(1, 1000)), io:format("~w~n", [lists:sum([V || {_, V} <- ets:tab2list(T)])]), C = counters:new(1, []), pmap(fun(_) -> [counters:add(C, 1, 1) || _ <- lists:seq(1, 100)] end, lists:seq(1, 200)), io:format("~w~n", [counters:get(C, 1)]).
pmap(F, L) -> S = self(), [receive {P, R} -> R end || P <- [spawn_link(fun() -> S ! {self(), F(X)} end) || X <- L]].
pfib(N) when N < 10 -> fib(N); pfib(N) -> [A, B] = pmap(fun pfib/1, [N - 1, N - 2]), A + B.
fib(N) when N < 2 -> N; fib(N) -> fib(N - 1) + fib(N - 2).
worker(S) -> receive {job, I} -> S ! {result, I rem 97}, worker(S) end.
sort(L, 0) -> lists:sort(L); sort(L, N) -> {A, B} = lists:split(length(L) div 2, L), [X, Y] = pmap(fun(Z) -> sort(Z, N - 1) end, [A, B]), lists:merge(X, Y).
