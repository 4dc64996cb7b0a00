%% Arithmetic that the compiler keeps in float registers: chains, negation, calls in between, errors in the middle.
-module(float_registers).
-export([main/0]).

main() ->
    Values = [0.0, 1.5, -2.25, 1.0e200, 1.0e-200, 3, 1 bsl 70],
    [io:format("~w ~w ~w~n", [A, B, [try F(A, B) catch error:R -> R end || F <- [fun chain/2, fun negated/2, fun with_call/2, fun in_guard/2]]])
     || A <- Values, B <- Values],
    io:format("~w~n", [[try chain(A, B) catch error:R -> R end || {A, B} <- [{a, 1.0}, {1.0, []}, {1 bsl 2000, 1.0}]]]),
    io:format("~w~n", [newton(2.0, 1.0, 30)]),
    io:format("~w~n", [dot([1.0, 2.0, 3.0], [4.0, 5.0, 6.0], 0.0)]).

chain(A, B) -> (A * 1.5 + B * 2.5) / (A - B + 0.5) - A * B.
negated(A, B) when is_float(A) -> C = -(A * 2.0), D = -(-C - B), {C, D, -A};
negated(A, _) -> -(A + 0.5).
with_call(A, B) -> X = A * 2.0, Y = math:sqrt(abs(B) + 1.0), Z = X + Y, {X, Y, Z * Z}.
in_guard(A, B) when A * 2.0 > B + 1.0, A / B < 1.0e10 -> larger;
in_guard(A, B) when -(A + 1.0) < B -> negative;
in_guard(_, _) -> other.
newton(_, X, 0) -> X;
newton(N, X, K) -> newton(N, (X + N / X) * 0.5, K - 1).
dot([A | As], [B | Bs], S) -> dot(As, Bs, S + A * B);
dot([], [], S) -> -S.
