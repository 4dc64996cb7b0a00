%% Maps compared: order of keys before values, integers and floats as keys, small and large, iterators, and what updates keep.
-module(map_order).
-export([main/0]).
-export([id/1]).

main() ->
    Small = [#{}, #{a => 1}, #{a => 1.0}, #{a => 2}, #{b => 0}, #{1 => a}, #{1.0 => a}, #{1 => b}, #{1 => a, 1.0 => a}, #{0 => a, 2 => a}, #{0.5 => a, 2 => a}, #{0.5 => a, 2.0 => a}, #{[] => 1}, #{"a" => 1}, #{{} => 1}, #{<<>> => 1}, #{#{} => #{}}, #{#{a => 1} => 1}, #{#{a => 1.0} => 1}, #{-0.0 => 1}, #{0.0 => 1}, #{0 => 1}],
    [io:format("~p ~w~n", [A, [{A < B, A == B, A =:= B} || B <- Small]]) || A <- Small],
    io:format("~p~n", [lists:sort(Small)]),
    rand:seed(exsss, {16, 17, 18}),
    Large = [maps:from_list([{key(), rand:uniform(3)} || _ <- lists:seq(1, 20 + rand:uniform(60))]) || _ <- lists:seq(1, 60)],
    Similar = [M#{K => V} || M <- lists:sublist(Large, 8), K <- lists:sublist(keys(M), 4), V <- [1, 1.0, 2]] ++ [maps:remove(K, M) || M <- lists:sublist(Large, 8), K <- lists:sublist(keys(M), 3)],
    All = Large ++ Similar,
    io:format("~w~n", [[erlang:phash2([{A < B, A == B} || B <- All]) || A <- All]]),
    io:format("~w~n", [[erlang:phash2(M) || M <- lists:sort(All)]]),
    io:format("~w~n", [[maps:size(M) || M <- All]]),
    io:format("sorted ~w~n", [[erlang:phash2([{K, maps:get(K, M)} || K <- keys(M)]) || M <- All]]),
    Base = maps:from_list([{N, N} || N <- lists:seq(1, 20)]),
    [io:format("~w~n", [maps:to_list(M)]) || M <- [Base, Base#{0 => x}, Base#{21 => x, a => y}, maps:remove(10, Base), Base#{5 := z}, maps:map(fun(K, V) -> K + V end, Base), maps:filter(fun(K, _) -> K rem 3 =:= 0 end, Base), maps:merge(Base, #{a => 1, 3 => new})]],
    [io:format("~w~n", [walk(maps:next(maps:iterator(M)))]) || M <- [#{}, #{a => 1}, #{b => 1, a => 2, 1 => 3, 1.0 => 4, "x" => 5, {} => 6}]],
    [io:format("~w~n", [lists:usort(walk(maps:next(maps:iterator(M)))) =:= lists:usort(maps:to_list(M))]) || M <- lists:sublist(Large, 5)],
    [io:format("~w~n", [attempt(F)]) || F <- updates()],
    Growing = [begin M = maps:from_list([{K, K} || K <- lists:seq(1, N)]), {maps:size(M), erts_debug:flat_size(M) > N, maps:get(N, M, none), maps:is_key(N + 1, M), M =:= lists:foldl(fun(K, A) -> A#{K => K} end, #{}, lists:seq(N, 1, -1)), maps:size(lists:foldl(fun maps:remove/2, M, lists:seq(1, N - 1)))} end || N <- [1, 2, 31, 32, 33, 34, 64, 100, 1000, 5000]],
    io:format("~w~n", [Growing]),
    Shrunk = lists:foldl(fun maps:remove/2, maps:from_list([{K, K} || K <- lists:seq(1, 100)]), lists:seq(31, 100)),
    io:format("~w ~w~n", [Shrunk, Shrunk =:= maps:from_list([{K, K} || K <- lists:seq(1, 30)])]).

key() -> case rand:uniform(6) of 1 -> rand:uniform(40); 2 -> rand:uniform(40) + 0.5; 3 -> [rand:uniform(10)]; 4 -> {rand:uniform(10), x}; 5 -> list_to_atom([$a + rand:uniform(20)]); 6 -> <<(rand:uniform(30))>> end.
%% Sorted; an integer before the float that is equal to it.
keys(M) -> [K || {K, _} <- lists:sort([{K, is_float(K)} || K <- maps:keys(M)])].
walk(none) -> [];
walk({K, V, I}) -> [{K, V} | walk(maps:next(I))].
attempt(F) -> try F() catch error:R -> R end.
updates() ->
    M = id(#{a => 1, b => 2}), N = id(not_a_map),
    [fun() -> M#{a := 2} end, fun() -> M#{c := 2} end, fun() -> M#{c => 2, a := 3} end, fun() -> M#{c => 2, d := 3} end, fun() -> N#{a => 1} end, fun() -> N#{a := 1} end, fun() -> M#{a => 1, a => 2} end, fun() -> #{id(1) => a, id(1) => b, id(1.0) => c} end, fun() -> M#{1.0 => x, 1 := y} end,
     fun() -> #{a := X} = M, X end, fun() -> #{c := X} = M, X end, fun() -> #{a := X} = N, X end, fun() -> K = id(b), #{K := X} = M, X end, fun() -> (id([]))#{} end, fun() -> M#{} =:= M end, fun() -> maps:update(c, 1, M) end, fun() -> maps:put(a, 1, N) end, fun() -> maps:get(id(q), M) end, fun() -> map_get(id(q), M) end, fun() -> maps:take(a, M) end, fun() -> maps:take(q, M) end, fun() -> maps:take(q, N) end].
id(X) -> X.
