%% Floats: arithmetic, overflow, rounding, minus zero, ranges where the representation changes.
-module(float_arithmetic).
-export([main/0]).
-export([id/1]).
main() ->
    Values = [0.0, -0.0, 1.0, -1.0, 0.1, 1.5, -2.5, 1.0e-77, 8.6e-78, 1.0e-76, 1.1579208923731618e77, 1.1579208923731620e77, 1.0e77, 1.0e78, -1.0e78, 1.0e-78, 4.9e-324, 2.2250738585072014e-308,
              1.7976931348623157e308, -1.7976931348623157e308, 9007199254740992.0, 9007199254740993.0, 1.0e22, 1.0e23, 3, -7, 1 bsl 70],
    [io:format("~w ~w ~w~n", [A, B, [safe(F, A, B) || F <- [fun(X, Y) -> X + Y end, fun(X, Y) -> X - Y end, fun(X, Y) -> X * Y end, fun(X, Y) -> X / Y end, fun(X, Y) -> X < Y end, fun(X, Y) -> X == Y end, fun(X, Y) -> X =:= Y end]]]) || A <- Values, B <- Values],
    [io:format("~w ~w~n", [A, [safe(F, A) || F <- [fun(X) -> -X end, fun abs/1, fun trunc/1, fun round/1, fun floor/1, fun ceil/1, fun float/1, fun(X) -> X * X end, fun(X) -> <<X/float>> end]]]) || A <- Values],
    io:format("~w~n", [[round(X) || X <- [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 4503599627370495.5, 1.0e18, -1.0e18]]]),
    io:format("~w~n", [sum(0.0, 1000)]),
    io:format("~w~n", [(id(0.1) + id(0.2)) * id(10.0) - id(3.0) / id(7.0)]),
    io:format("~w~n", [try (id(1.0e200) * id(1.0e200)) / id(1.0e300) catch error:E -> E end]),
    io:format("~w~n", [try id(1.0) / (id(1.0) - id(1.0)) catch error:E2 -> E2 end]),
    io:format("~w~n", [{id(0.0) =:= id(-0.0), id(0.0) == id(-0.0), id(-0.0) * 1, 0.0 - id(0.0), -id(0.0), 1 * id(-0.0), id(-0.0) + 0}]).
safe(F, A, B) -> try F(A, B) catch error:E -> E end.
safe(F, A) -> try F(A) catch error:E -> E end.
sum(S, 0) -> S; sum(S, N) -> sum(S + 1.0 / N, N - 1).
id(X) -> X.
