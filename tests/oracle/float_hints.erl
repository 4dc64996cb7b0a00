%% Arithmetic and comparisons where the compiler knows that both are floats, over values of all magnitudes: in bodies, in guards, and in long
%% expressions whose values stay in float registers while tuples are taken apart and built.
-module(float_hints).
-export([main/0]).

main() ->
    Values = values(),
    io:format("~w values~n", [length(Values)]),
    [io:format("~w ~w: ~w~n", [A, B, pair(A, B)]) || A <- Values, B <- Values],
    [io:format("~w: ~w~n", [A, [catch chain(A, B, C) || B <- Values, C <- lists:sublist(Values, 6)]]) || A <- Values],
    io:format("~w~n", [[catch polynomial({A, B, 0.5, {2.0, -1.25}}, [A, B]) || A <- Values, B <- Values]]),
    io:format("~w~n", [catch escape(0.3, 0.5, 0.3, 0.5, 0)]),
    io:format("~w~n", [catch escape(1.0e150, 0.5, 0.3, 0.5, 0)]),
    io:format("~w~n", [tiny(1.0e-200, 20000, 0.0)]),
    io:format("~w~n", [where(1.0e300)]),
    io:format("~w~n", [[{catch plus(X), catch apply(erlang, '+', [X])} || X <- [-0.0, 0.0, 0, 1.5, 1 bsl 70, a]]]),
    io:format("~w~n", [[mixed(A, B) || A <- [1, 2.5, 1 bsl 70, a], B <- [0, 0.0, 3, 1.5e200, []]]]).

values() ->
    [1.5, -2.25, 0.0, -0.0, 4.0, 1.0e-300, -1.0e300, 1.7976931348623157e308, 5.0e-324, 3.0e77, 8.636168555094445e-78, 1.1579208923731620e77,
     123456789.0].

pair(A, B) when is_float(A), is_float(B) ->
    {sum(A, B), compare(A, B), guard(A, B), catch A + B, catch A - B, catch A * B, catch A / B}.

sum(A, B) when is_float(A), is_float(B), A + B > 4.0 -> above;
sum(A, B) when is_float(A), is_float(B), A - B < -4.0 -> below;
sum(A, B) when is_float(A), is_float(B), A * B >= 1.0 -> product;
sum(_, _) -> other.

compare(A, B) when is_float(A), is_float(B) -> [A < B, A =< B, A > B, A >= B, A == B, A =:= B].

guard(A, B) when is_float(A), is_float(B) ->
    if
        A * B + A - B > 1.0e300 -> huge;
        A * A < B -> less;
        true -> no
    end.

chain(A, B, C) when is_float(A), is_float(B), is_float(C) ->
    D = A * B + C,
    E = -D + B * (A - C) * 2.0,
    F = E / (B + 3.5) - (A - D) * (C + E) / 7.0,
    {D, E, F + 1, F * D - E}.

polynomial({A, B, C, {D, E}} = Tuple, List) when is_float(A), is_float(B), is_float(C), is_float(D), is_float(E) ->
    X = A * B - C,
    [_ | Rest] = List,
    Y = X * D + E,
    Z = (X - Y) * (X + Y) + A * C + B * D + E * E + X,
    {Z, Y, element(1, Tuple), X * Z, Rest, Y * Y - B}.

escape(_, _, _, _, 60) -> 60;
escape(Zr, Zi, Cr, Ci, K) ->
    R2 = Zr * Zr,
    I2 = Zi * Zi,
    if
        R2 + I2 > 4.0 -> {K, Zr, Zi};
        true -> escape(R2 - I2 + Cr, 2.0 * Zr * Zi + Ci, Cr, Ci, K + 1)
    end.

%% Floats that are not immediate, many more than a heap has room for.
tiny(_, 0, Sum) -> Sum;
tiny(X, N, Sum) when is_float(X), is_float(Sum) -> tiny(X * 1.0001, N - 1, Sum * 0.5 + X * 3.0 - X).

where(X) ->
    try
        Y = X * 2.0,
        Z = Y * X * Y + 1.0,
        {Y, Z}
    catch
        error:Reason:Stack ->
            {Module, Function, Arity, _} = hd(Stack),
            {Reason, Module, Function, Arity}
    end.

mixed(A, B) ->
    {catch A + B, catch A * B - 1.0, catch A / B, catch -(A - B), A < B, A >= B}.

%% As an instruction, + adds zero; as a function it does not.
plus(X) -> +X.
