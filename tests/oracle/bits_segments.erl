%% Binary segments inside binaries: sizes, units, tails, skips, bad sizes.
-module(bits_segments).
-export([main/0]).
-export([id/1]).
main() ->
    B = id(<<"0123456789abcdef">>),
    [io:format("~w~n", [try f(N, B) catch C:R -> {C, R} end]) || N <- [0, 1, 3, 8, 16, 17, -1, a, 1 bsl 60, 1 bsl 70]],
    [io:format("~w~n", [try g(N, B) catch C:R -> {C, R} end]) || N <- [0, 1, 3, 8, 127, 128, 129, -1, 2.0]],
    [io:format("~w~n", [try {<<X/binary>>, <<X/bits>>} catch C:R -> {C, R} end]) || X <- [<<>>, <<1>>, <<1:3>>, a, [1], 1]],
    [io:format("~w~n", [try <<X:N/binary, 1>> catch C:R -> {C, R} end]) || X <- [<<1, 2, 3>>, <<1, 2, 3, 1:4>>, foo], N <- [0, 2, 3, 4, -1, a, 1 bsl 70]],
    [io:format("~w~n", [try <<1:1, X:N/bits, 0:1>> catch C:R -> {C, R} end]) || X <- [<<1, 2, 3>>, <<7:5>>], N <- [0, 1, 5, 7, 24, 25]],
    io:format("~w~n", [[tail(X) || X <- [<<>>, <<1>>, <<1:1>>, <<1, 2:3>>, <<1, 2>>, <<1, 2, 3>>]]]),
    io:format("~w~n", [[units(X) || X <- [<<>>, <<1:12>>, <<1:24>>, <<1:16>>, <<1:32>>, <<1:48>>, <<1:3>>]]]),
    <<_:3, Odd:77/bits, R/bits>> = B,
    io:format("~w~n", [{Odd, R, <<Odd/bits>> =:= Odd, <<Odd/bits, R/bits>>, <<Odd:64/bits>>, bit_size(Odd), byte_size(Odd)}]),
    <<Sub:5/binary, _/bits>> = R, io:format("~w~n", [{Sub, binary:copy(Sub), Sub =:= binary:copy(Sub), erlang:phash2(Sub)}]),
    io:format("~w~n", [nested(B)]),
    io:format("~w~n", [[{H, T} || <<H:4, T:4/bits>> <= <<16#12, 16#34, 16#5:4>>]]).
f(N, B) -> case B of <<A:N/binary, C/binary>> -> {A, C}; _ -> no end.
g(N, B) -> case B of <<A:N/bits, C/binary>> -> {A, C}; <<A:N/bits, C/bits>> -> {bits, A, C}; _ -> no end.
tail(<<_, T/binary>>) -> {bytes, T};
tail(<<_:1, T/bits>>) -> {bits, T};
tail(<<>>) -> empty.
units(<<X/binary-unit:12>>) -> {twelve, X};
units(<<X/binary-unit:16>>) -> {sixteen, X};
units(<<X/binary>>) -> {eight, X};
units(X) -> {other, X}.
nested(<<L, X:L/binary, Rest/binary>>) when L < byte_size(Rest) -> {X, Rest};
nested(<<$0, A:2/binary, B:(byte_size(A) + 1)/binary, _:4/binary, C/binary>>) -> {A, B, C}.
id(X) -> X.
