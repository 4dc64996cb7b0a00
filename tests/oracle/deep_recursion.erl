%% Body recursion a million levels deep, mutual tail calls, exceptions through deep stacks, tail calls of funs.
-module(deep_recursion).
-export([main/0]).
main() ->
    io:format("~w~n", [count(1000000)]),
    io:format("~w~n", [length(build(1000000))]),
    io:format("~w~n", [even(3000001)]),
    io:format("~w~n", [catch deep_throw(500000)]),
    io:format("~w~n", [through_try(100000)]),
    io:format("~w~n", [(fun F(0) -> 0; F(N) -> 1 + F(N - 1) end)(500000)]),
    {P, R} = spawn_monitor(fun() -> exit(count(2000000)) end), receive {'DOWN', R, _, P, X} -> io:format("~w~n", [X]) end,
    io:format("~w~n", [lists:foldr(fun(A, B) -> A + B end, 0, lists:seq(1, 1000000))]),
    io:format("~w~n", [ackermann(2, 300)]),
    Loop = fun(F, 0) -> process_info(self(), stack_size), F; (F, N) -> step(F, N) end,
    io:format("~w~n", [is_function(Loop(Loop, 3000000))]),
    {_, Words} = process_info(self(), total_heap_size), io:format("~w~n", [Words < 100000000]),
    io:format("~w~n", [tree_sum(tree(17))]).
step(F, N) -> id(N), F(F, N - 1).
id(X) -> X.
count(0) -> 0; count(N) -> 1 + count(N - 1).
build(0) -> []; build(N) -> [N | build(N - 1)].
even(0) -> true; even(N) -> odd(N - 1).
odd(0) -> false; odd(N) -> even(N - 1).
deep_throw(0) -> throw(up); deep_throw(N) -> 1 + deep_throw(N - 1).
through_try(0) -> 0; through_try(N) -> try 1 + through_try(N - 1) catch never -> 0 end.
ackermann(0, N) -> N + 1; ackermann(M, 0) -> ackermann(M - 1, 1); ackermann(M, N) -> ackermann(M - 1, ackermann(M, N - 1)).
tree(0) -> 1; tree(N) -> {tree(N - 1), tree(N - 1)}.
tree_sum({A, B}) -> tree_sum(A) + tree_sum(B); tree_sum(N) -> N.
