%% Every function that is allowed in guards, with every type of argument, in guards (false), in bodies (raises), and in `andalso`/`orelse`.
-module(guards_tested).
-export([main/0]).

main() ->
    Values = [a, true, false, 0, -1, 1, 1 bsl 60, -(1 bsl 65), 0.0, -0.0, 1.5, -2.5, 1.0e300, "", [a], [a | b], <<>>, <<1, 2>>, <<1:3>>, {}, {a}, {a, b, c}, #{}, #{a => 1}, fun erlang:node/0, self(), make_ref()],
    [io:format("~w ~w: ~w~n", [N, name(V), [answer(fun() -> G(V) end), answer(fun() -> B(V) end)]]) || {N, G, B} <- one(), V <- Values],
    Few = [a, true, 0, -1, 2, 1 bsl 60, 1.5, [], [x, y], <<1, 2>>, <<1:3>>, {a, b}, #{a => 1}],
    [io:format("~w ~w ~w: ~w~n", [N, V, W, [answer(fun() -> G(V, W) end), answer(fun() -> B(V, W) end)]]) || {N, G, B} <- two(), V <- Few, W <- Few],
    [io:format("and ~w ~w: ~w~n", [V, W, [answer(fun() -> F(V, W) end) || F <- logic()]]) || V <- [true, false, a, 1], W <- [true, false, a, 1]],
    io:format("~w~n", [[record(X) || X <- [{r}, {r, 1}, {r, 1, 2}, r, {s, 1}, {}, [r, 1]]]]),
    io:format("~w~n", [[alternatives(X) || X <- [a, "a", {a}, <<"a">>, 5, 7, #{k => 9}, #{k => x}]]]).

answer(F) -> try name(F()) catch error:R -> {error, name(R)} end.
name(X) when is_pid(X) -> pid;
name({badmap, X}) -> {badmap, name(X)};
name(X) when is_reference(X) -> reference;
name(X) -> X.

-define(BOTH(Name, Expression), {Name, fun(X) when Expression =:= Expression -> yes; (_) -> no end, fun(X) -> Expression end}).
-record(r, {a}).
-record(a, {b, c}).
one() ->
    [?BOTH(abs, abs(X)), ?BOTH(bit_size, bit_size(X)), ?BOTH(byte_size, byte_size(X)), ?BOTH(ceil, ceil(X)), ?BOTH(floor, floor(X)), ?BOTH(float, float(X)), ?BOTH(hd, hd(X)), ?BOTH(tl, tl(X)),
     ?BOTH(length, length(X)), ?BOTH(map_size, map_size(X)), ?BOTH(node, node(X)), ?BOTH(round, round(X)), ?BOTH(trunc, trunc(X)), ?BOTH(size, size(X)), ?BOTH(tuple_size, tuple_size(X)),
     ?BOTH(minus, -X), ?BOTH(plus, +X), ?BOTH('not', not X), ?BOTH('bnot', bnot X), ?BOTH(first, element(1, X)), ?BOTH(key, map_get(a, X)), ?BOTH(has, is_map_key(a, X)), ?BOTH(part, binary_part(X, 0, 1)), ?BOTH(more, X + 1), ?BOTH(times, X * 2.0),
     ?BOTH(record, is_record(X, a)), ?BOTH(record3, is_record(X, a, 3)), ?BOTH(function, is_function(X, 0))].

-define(BOTH2(Name, Expression), {Name, fun(X, Y) when Expression =:= Expression -> yes; (_, _) -> no end, fun(X, Y) -> Expression end}).
two() ->
    [?BOTH2(element, element(X, Y)), ?BOTH2(binary_part, binary_part(X, Y, 1)), ?BOTH2(part, binary_part(X, {Y, 1})), ?BOTH2(map_get, map_get(X, Y)), ?BOTH2(is_map_key, is_map_key(X, Y)), ?BOTH2('div', X div Y), ?BOTH2('rem', X rem Y), ?BOTH2(slash, X / Y), ?BOTH2(plus, X + Y),
     ?BOTH2('band', X band Y), ?BOTH2('bxor', X bxor Y), ?BOTH2('bsr', X bsr Y), ?BOTH2('and', X and Y), ?BOTH2('xor', X xor Y), ?BOTH2(less, (X < Y)), ?BOTH2(equal, (X == Y)), ?BOTH2(function, is_function(X, Y))].

logic() ->
    [fun(X, Y) -> X andalso Y end, fun(X, Y) -> X orelse Y end, fun(X, Y) -> X and Y end, fun(X, Y) -> X or Y end, fun(X, Y) when X andalso Y -> yes; (_, _) -> no end, fun(X, Y) when X orelse Y -> yes; (_, _) -> no end,
     fun(X, Y) when X; Y -> yes; (_, _) -> no end, fun(X, Y) when X, Y -> yes; (_, _) -> no end, fun(X, Y) when not (X and Y) -> yes; (_, _) -> no end, fun(X, Y) when X or (hd(Y) =:= 1) -> yes; (_, _) -> no end, fun(X, Y) when X orelse hd(Y) =:= 1 -> yes; (_, _) -> no end].

record(X) when is_record(X, r) -> {yes, X#r.a};
record(_) -> no.
alternatives(X) when length(X) =:= 1; tuple_size(X) =:= 1; byte_size(X) =:= 1 -> one;
alternatives(X) when X > 4, X < 6; map_get(k, X) > 8, is_integer(map_get(k, X)) -> number;
alternatives(_) -> none.
