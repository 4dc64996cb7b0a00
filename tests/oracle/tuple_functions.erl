%% element, setelement, insert, delete, append, conversions of tuples with edge arguments.
-module(tuple_functions).
-export([main/0]).
main() ->
    Ts = [{}, {a}, {1, 2, 3}, a, [], erlang:make_tuple(70, z)], Is = [0, 1, 3, 4, 70, 71, -1, a, 1.0, 1 bsl 70],
    [row(F, [I, T]) || F <- [element, delete_element], T <- Ts, I <- Is], [row(F, [I, T, new]) || F <- [setelement, insert_element], T <- Ts, I <- Is],
    [row(append_element, [T, x]) || T <- Ts], [row(tuple_to_list, [T]) || T <- Ts], [row(tuple_size, [T]) || T <- Ts], [row(list_to_tuple, [L]) || L <- [[], [1], [a | b], a, "abc"]],
    [row(make_tuple, [N, d]) || N <- [0, 1, 3, -1, a]], [row(make_tuple, [N, d, L]) || N <- [0, 3], L <- [[], [{1, a}], [{3, c}, {1, a}, {3, z}], [{4, a}], [{0, a}], [a], a, [{1, 2, 3}], [{1, a} | b]]],
    io:format("~w~n", [[{} < {a}, {b} < {a, a}, {1, 2} < {1, 3}, {a, {b}} =:= {a, {b}}, {1, 2} == {1.0, 2.0}, {a} < [a], {z} > a, {1} > 5]]),
    io:format("~w~n", [lists:sort([{2}, {1, 1}, {}, {1}, {0, 5}, {a, b, c}, {1.0}])]).
row(F, A) -> io:format("~w ~W ~W~n", [F, A, 12, try apply(erlang, F, A) catch C:R -> {C, R} end, 12]).
