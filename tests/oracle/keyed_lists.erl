%% Lists of tuples by key: sorting is stable, merging keeps the first, and what is no such list fails.
-module(keyed_lists).
-export([main/0]).

main() ->
    L = [{I * 37 rem 11, I, [I]} || I <- lists:seq(1, 30)], M = [{K, m} || K <- [3, 1, 2, 3.0, 1, a]],
    [io:format("~p ~p~n", [N, {lists:keysort(N, L), lists:ukeysort(N, L)}]) || N <- [1, 2]],
    io:format("~p~n", [lists:keymerge(1, lists:keysort(1, L), lists:keysort(1, M))]),
    io:format("~p~n", [lists:ukeymerge(1, lists:ukeysort(1, L), lists:ukeysort(1, M))]),
    [io:format("~p ~p~n", [K, {lists:keyfind(K, 1, L), lists:keysearch(K, 1, M), lists:keymember(K, 1, M), lists:keytake(K, 1, M),
                               lists:keydelete(K, 1, M), lists:keyreplace(K, 1, M, {new}), lists:keystore(K, 1, M, {new})}])
     || K <- [1, 1.0, 3, a, zz]],
    io:format("~p~n", [lists:keymap(fun(X) -> {X} end, 2, L)]),
    io:format("~p~n", [{lists:keyfind(1, 3, M), lists:keyfind(x, 1, [a, 1, {}, {x, y}])}]),
    [io:format("~p~n", [try apply(lists, F, As) catch C:R -> {F, C, R} end])
     || {F, As} <- [{keyfind, [a, 0, []]}, {keyfind, [a, 1, [b | c]]}, {keyfind, [a, 1, x]}, {keysort, [0, L]}, {keysort, [9, L]}, {keysort, [1, [a]]},
                    {keymember, [a, b, []]}, {keydelete, [a, 0, []]}, {keyreplace, [a, 1, [], x]}, {keytake, [a, 1, [b | c]]}, {keymap, [x, 1, [{1}]]},
                    {ukeysort, [1, {a}]}, {keymerge, [1, [a], [b]]}]].
