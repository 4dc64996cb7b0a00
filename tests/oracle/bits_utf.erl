%% Construction and matching of utf8, utf16 and utf32, valid and broken.
-module(bits_utf).
-export([main/0]).
-export([id/1]).
main() ->
    Points = [0, $a, 127, 128, 255, 2047, 2048, 16#d7ff, 16#d800, 16#dfff, 16#e000, 16#fffd, 16#fffe, 16#ffff, 16#10000, 16#10ffff, 16#110000, -1, 1 bsl 70, a, 1.0],
    [io:format("~w ~w~n", [P, build(P)]) || P <- Points],
    Broken = [<<>>, <<16#80>>, <<16#c0, 16#80>>, <<16#c2>>, <<16#c2, 16#41>>, <<16#e0, 16#80, 16#80>>, <<16#e0, 16#a0>>, <<16#ed, 16#a0, 16#80>>, <<16#f0, 16#80, 16#80, 16#80>>,
              <<16#f4, 16#90, 16#80, 16#80>>, <<16#f8, 1, 2, 3>>, <<16#ff>>, <<16#f0, 16#90, 16#8d>>, <<16#f0, 16#90, 16#8d, 16#88, 65>>, <<65:7>>, <<65, 1:1>>,
              <<16#d8, 0>>, <<16#d8, 0, 16#dc, 0>>, <<16#dc, 0, 16#d8, 0>>, <<16#d8, 0, 0, 65>>, <<0, 65>>, <<0, 0, 0, 65>>, <<0, 16#11, 0, 0>>, <<0, 0, 16#d8, 0>>, <<65, 0, 0, 0>>],
    [io:format("~w ~w~n", [B, read(B)]) || B <- Broken],
    io:format("~w~n", [unaligned(<<1:3, "häß€𐍈"/utf8, 2:5>>)]),
    io:format("~w~n", [[C || <<C/utf8>> <= <<"grüße €"/utf8>>]]),
    io:format("~w~n", [[C || <<C/utf16-little>> <= <<"grüße €𐍈"/utf16-little>>]]),
    io:format("~w~n", [<< <<C/utf32-little>> || C <- "aé€">>]),
    io:format("~w~n", [skip(<<"äb"/utf8>>)]).
build(P) -> {try <<P/utf8>> catch _:R -> R end, try <<P/utf16>> catch _:R -> R end, try <<1:1, P/utf16-little>> catch _:R -> R end, try <<P/utf32>> catch _:R -> R end, try <<P/utf32-little>> catch _:R -> R end}.
read(B) ->
    {case B of <<A/utf8, R8/bits>> -> {A, R8}; _ -> no end, case B of <<C/utf16, R16/bits>> -> {C, R16}; _ -> no end, case B of <<D/utf16-little, R17/bits>> -> {D, R17}; _ -> no end,
     case B of <<E/utf32, R32/bits>> -> {E, R32}; _ -> no end, case B of <<F/utf32-little, R33/bits>> -> {F, R33}; _ -> no end}.
unaligned(<<X:3, R/bits>>) -> {X, chars(R)}.
chars(<<C/utf8, R/bits>>) -> [C | chars(R)];
chars(R) -> [R].
skip(<<_/utf8, R/bits>>) -> R.
id(X) -> X.
