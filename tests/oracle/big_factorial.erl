%% Long computations with very large integers: factorials, powers, gcd, square roots, radix conversions.
-module(big_factorial).
-export([main/0]).
main() ->
    F = fact(1000), io:format("~w~n", [F]),
    io:format("~w~n", [F div fact(998)]),
    io:format("~w~n", [F rem ((1 bsl 89) - 1)]),
    io:format("~w~n", [fib(1000)]),
    io:format("~w~n", [pow(7, 500) div pow(7, 498)]),
    io:format("~w~n", [gcd(fact(60), pow(30, 40))]),
    io:format("~w~n", [isqrt(pow(10, 120) * 2)]),
    io:format("~w~n", [modpow(3, pow(2, 200), (1 bsl 127) - 1)]),
    [io:format("~s~n", [integer_to_list(pow(3, 200), B)]) || B <- lists:seq(2, 36, 5)],
    [io:format("~w~n", [list_to_integer(integer_to_list(-pow(5, 150), B), B) =:= -pow(5, 150)]) || B <- [2, 3, 8, 10, 16, 36]],
    io:format("~w~n", [lists:sum([D - $0 || D <- integer_to_list(pow(2, 10000))])]),
    io:format("~w~n", [erlang:md5(integer_to_binary(fact(2000)))]),
    io:format("~w~n", [binary:decode_unsigned(binary:encode_unsigned(F)) =:= F]),
    io:format("~w~n", [bits(F, 0)]).
fact(0) -> 1; fact(N) -> N * fact(N - 1).
fib(N) -> fib(N, 0, 1).
fib(0, A, _) -> A; fib(N, A, B) -> fib(N - 1, B, A + B).
pow(_, 0) -> 1; pow(B, N) when N rem 2 =:= 0 -> H = pow(B, N div 2), H * H; pow(B, N) -> B * pow(B, N - 1).
gcd(A, 0) -> A; gcd(A, B) -> gcd(B, A rem B).
isqrt(N) -> isqrt(N, N).
isqrt(N, X) -> Y = (X + N div X) div 2, if Y >= X -> X; true -> isqrt(N, Y) end.
modpow(_, 0, _) -> 1; modpow(B, E, M) when E band 1 =:= 0 -> modpow(B * B rem M, E bsr 1, M); modpow(B, E, M) -> B * modpow(B * B rem M, E bsr 1, M) rem M.
bits(0, N) -> N; bits(X, N) -> bits(X bsr 1, N + (X band 1)).
