%% The total order of terms: a long list of special and of random terms, compared each with each, sorted, as keys, in maps and sets.
%% Digests of rows, so that a difference can be found.
-module(term_order).
-export([main/0]).

main() ->
    Special = special(),
    [io:format("~w ~0tp~n", [erlang:phash2([[{A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B, max(A, B), min(A, B)}] || B <- Special]), A]) || A <- Special],
    io:format("~0tp~n", [lists:sort(Special)]),
    io:format("~0tp~n", [lists:usort(Special)]),
    rand:seed(exsss, {1, 2, 3}),
    Random = [random(4) || _ <- lists:seq(1, 250)],
    Sorted = lists:sort(Random),
    io:format("~w~n", [[erlang:phash2(Chunk) || Chunk <- chunks(Sorted, 25)]]),
    io:format("~w~n", [erlang:phash2([[order(A, B) || B <- Random] || A <- Random])]),
    io:format("~w~n", [[erlang:phash2([order(A, B) || B <- Random]) || A <- Random]]),
    io:format("transitive ~w~n", [[{A, B} || {A, B} <- lists:zip(lists:droplast(Sorted), tl(Sorted)), A > B]]),
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{X} || X <- Random ++ Special]),
    io:format("~w ~w~n", [ets:info(T, size), [erlang:phash2(C) || C <- chunks(ets:tab2list(T), 25)]]),
    ets:delete(T),
    M = maps:from_list([{X, order(X, 0)} || X <- Random ++ Special]),
    io:format("~w ~w~n", [maps:size(M), erlang:phash2(M)]),
    io:format("~w~n", [erlang:phash2(gb_sets:to_list(gb_sets:from_list(Random ++ Special)))]),
    Maps = [maps:from_list([{K, V} || K <- Ks, V <- [N]]) || Ks <- [[], [a], [1], [1.0], [1, 1.0], [a, b], [0, 2], ["x", {}], lists:seq(1, 33), lists:seq(1, 40), [float(X) || X <- lists:seq(1, 40)]], N <- [1, 1.0, 2]],
    io:format("~w~n", [[[order(A, B) || B <- Maps] || A <- Maps]]),
    io:format("~w~n", [[erlang:phash2(X) || X <- lists:sort(Maps)]]).

order(A, B) when A =:= B -> same;
order(A, B) when A == B -> equal;
order(A, B) when A < B -> less;
order(_, _) -> more.

chunks([], _) -> [];
chunks(L, N) when length(L) =< N -> [L];
chunks(L, N) -> {A, B} = lists:split(N, L), [A | chunks(B, N)].

special() ->
    Edges = [(1 bsl N) + D || N <- [53, 59, 60, 63, 64, 128], D <- [-1, 0, 1]],
    Edges ++ [-X || X <- Edges] ++ [float(X) || X <- Edges] ++ [0, 0.0, -0.0, 1, 1.0, 1.0e300, -1.0e300, 4.9e-324, a, b, 'A', '', aa, 'å', 'Ω', ab, abcd, abcde, abcdef, {}, {1}, {1.0}, {a}, {1, 2}, {2, 1}, [], [1], [1.0], [1 | 2], [1, 2], [2], "ab", [[]],
      <<>>, <<0>>, <<0:1>>, <<0:7>>, <<1:7>>, <<1>>, <<1, 0>>, <<1, 0:1>>, <<255>>, <<"a">>, #{}, #{a => 1}, #{a => 2}, #{b => 1}, #{1 => a}, #{1.0 => a}, #{a => 1, b => 1}, fun erlang:node/0, fun erlang:abs/1, fun lists:map/2, {[]}, [{}], [#{}], #{[] => []}].

random(0) -> case rand:uniform(8) of 1 -> []; 2 -> a; 3 -> rand:uniform(20) - 10; 4 -> (rand:uniform(20) - 10) * 0.5; 5 -> {}; 6 -> <<>>; 7 -> #{}; 8 -> (1 bsl (55 + rand:uniform(15))) - 1 end;
random(D) ->
    N = rand:uniform(4) - 1,
    case rand:uniform(9) of
        1 -> [random(D - 1) || _ <- lists:seq(1, N)];
        2 -> list_to_tuple([random(D - 1) || _ <- lists:seq(1, N)]);
        3 -> maps:from_list([{random(D - 1), random(D - 1)} || _ <- lists:seq(1, N)]);
        4 -> [random(D - 1) | random(D - 1)];
        5 -> <<(rand:uniform(256)):N, (rand:uniform(3))>>;
        6 -> list_to_atom([$a + rand:uniform(3) || _ <- lists:seq(0, N)]);
        7 -> rand:uniform(1 bsl 70) - (1 bsl 69);
        _ -> random(D - 1)
    end.
