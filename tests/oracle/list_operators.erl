%% ++, --, comprehension and pattern operators on lists, including improper lists and sharing.
-module(list_operators).
-export([main/0]).
-export([id/1]).
main() ->
    show([id([1, 2]) ++ id([3]), id([]) ++ id(a), id([1]) ++ b, "abc" ++ id("def"), id([]) ++ []]),
    show([id([1, 2, 3, 2, 1]) -- [2], id([1, 2, 3]) -- [], id([]) -- [1], id([1, 1, 1]) -- [1, 1], id([a, 1.0, 1]) -- [1], id([3, 2, 1]) -- [1, 2, 3]]),
    show(length(lists:seq(1, 5000) -- lists:seq(2, 5000, 2))), show(length([X rem 7 || X <- lists:seq(1, 10000)] -- [X rem 5 || X <- lists:seq(1, 9000)])),
    show([try A ++ B catch error:R -> R end || A <- [a, [1 | 2], {}], B <- [[], [1], a]]), show([try A -- B catch error:R -> R end || A <- [a, [1 | 2], [1]], B <- [[], [1], a, [1 | 2]]]),
    [A, B | C] = id("hello"), show({A, B, C}), "pre" ++ Rest = id("prefix"), show(Rest), [X | X] = id([[] | []]), show(X),
    show([hd(id([1 | 2])), tl(id([1 | 2]))]), show(catch_(fun() -> length(id([1 | 2])) end)),
    show([classify(L) || L <- [[], [1], [1, 2], [1 | 2], [1, 2 | 3], [[]], [[[]]], "ab", [a, b, c, d]]]),
    show([lists:reverse(id([1, 2, 3]), tail), lists:reverse(id([]), x), lists:append([[1], [2, 3], []]), lists:append([[1] | [[2 | 3]]])]),
    show([id([1, 2, 3]) < [1, 2, 4], [1, 2] < [1, 2, 0], [1 | 2] < [1], [] < [a], [[]] > [], "a" < "b", [b] > [a, z]]),
    show([[1, 2, 3] =:= id([1, 2 | [3]]), lists:duplicate(3, x), lists:seq(5, 1, -2), lists:seq(1, 0), lists:seq(3, 3)]),
    show([lists:nthtail(2, [a, b, c]), lists:nth(2, [a, b, c]), lists:last([a, b]), lists:sublist([1, 2, 3, 4], 2, 2), lists:split(1, [a, b, c])]).
catch_(F) -> try F() catch error:R -> R end.
classify([]) -> nil; classify([[]]) -> list_of_nil; classify([_]) -> one; classify([_, _]) -> two; classify([_, _ | []]) -> never; classify([_ | T]) when not is_list(T) -> improper; classify([_, _ | T]) when is_list(T) -> {more, T}; classify(_) -> other.
show(X) -> io:format("~w~n", [X]).
id(X) -> X.
