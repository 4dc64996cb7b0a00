%% Maps: construction, updates, patterns, bad keys, bad maps.
-module(map_patterns).
-export([main/0]).
-export([id/1]).
main() ->
    M = id(#{a => 1, b => 2, "c" => 3, 1 => one, 1.0 => float, {t} => tuple}),
    show(update, fun() -> M#{a := 10, b := 20} end),
    show(insert, fun() -> M#{z => 26, a => x} end),
    show(mixed, fun() -> M#{a := 1, new => 2} end),
    show(badkey, fun() -> M#{nothing := 1} end),
    show(badkey_after, fun() -> M#{a := 1, zz := 1} end),
    show(badmap_exact, fun() -> (id(foo))#{a := 1} end),
    show(badmap_assoc, fun() -> (id([]))#{a => 1} end),
    show(badmap_empty, fun() -> (id({}))#{} end),
    show(get, fun() -> #{a := A, b := B} = M, {A, B} end),
    show(get_missing, fun() -> #{a := _, q := Q} = M, Q end),
    show(number_keys, fun() -> #{1 := A, 1.0 := B} = M, {A, B} end),
    show(bound_key, fun() -> K = id({t}), #{K := V} = M, V end),
    show(expression_key, fun() -> K = id(0), #{(K + 1) := V} = M, V end),
    show(nested, fun() -> #{x := #{y := #{z := Z}}} = id(#{x => #{y => #{z => deep}}}), Z end),
    show(clauses, fun() -> [kind(X) || X <- [#{}, #{type => a}, #{type => b, v => 1}, #{type => c}, 1, #{v => 0}]] end),
    show(duplicate, fun() -> #{id(a) => 1, id(a) => 2, a => 3} end),
    show(map_get, fun() -> {map_get(a, M), element(1, element(2, catch map_get(no, M))), element(1, element(2, catch map_get(a, id(1))))} end),
    show(is_key, fun() -> {is_map_key(a, M), is_map_key(no, M), element(1, element(2, catch is_map_key(a, id(1))))} end),
    show(size, fun() -> {map_size(M), element(1, element(2, catch map_size(id(a))))} end),
    show(literal_share, fun() -> A = #{x => 1, y => 2}, B = A#{x => 1}, C = A#{x := 2}, {A =:= B, A =:= C, A, C} end),
    show(grow, fun() -> Big = lists:foldl(fun(I, A) -> A#{I => I * I} end, #{}, lists:seq(1, 100)),
                        #{50 := X, 100 := Y} = Big, {X, Y, map_size(Big), lists:sum(maps:values(Big))} end),
    show(shrink, fun() -> Big = maps:from_list([{I, I} || I <- lists:seq(1, 40)]),
                          Small = lists:foldl(fun maps:remove/2, Big, lists:seq(6, 40)), {Small, Small =:= #{1 => 1, 2 => 2, 3 => 3, 4 => 4, 5 => 5}} end),
    show(big_update, fun() -> Big = maps:from_list([{I, I} || I <- lists:seq(1, 40)]),
                              U = Big#{3 := three, 41 => new, 40 := forty}, {element(1, element(2, catch Big#{99 := x})), map_size(U), maps:get(3, U), maps:get(40, U)} end),
    show(guard, fun() -> [if is_map(X), map_size(X) > 0, map_get(v, X) > 0 -> yes; true -> no end || X <- [#{}, #{v => 1}, #{v => 0}, 1]] end),
    show(order, fun() -> [#{a => 1} < #{a => 2}, #{a => 1, b => 1} > #{z => 9}, #{1 => x} < #{1.0 => x}, #{a => 1} == #{a => 1.0}, #{a => 1} =:= #{a => 1.0}] end).

show(Name, F) -> io:format("~p: ~p~n", [Name, try F() catch C:R -> {C, R} end]).
id(X) -> X.
kind(#{type := a}) -> is_a;
kind(#{type := b, v := V}) -> {is_b, V};
kind(#{type := _}) -> other;
kind(#{v := V}) -> {value, V};
kind(#{}) -> none;
kind(_) -> no_map.
