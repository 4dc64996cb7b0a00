%% Characters that are matched and thrown away, and the tests that UTF patterns make.
-module(bits_skip_utf).
-export([main/0]).

main() ->
    Characters = [$a, 16#e9, 16#20ac, 16#1f600, 16#d7ff, 16#e000, 16#10ffff],
    [io:format("~w ~w~n", [C, [skip8(<<C/utf8, "rest">>), skip16(<<C/utf16, "rest">>), skip16l(<<C/utf16-little, "rest">>),
                               skip32(<<C/utf32, "rest">>), skip32l(<<C/utf32-little, "rest">>)]]) || C <- Characters],
    Wrong = [<<>>, <<16#ff>>, <<16#c0, 16#80>>, <<16#d8, 0>>, <<16#d8, 0, 16#d8, 0>>, <<0, 16#d8>>, <<0, 16#dc, 1, 2>>, <<16#dc, 0>>,
             <<0, 0, 16#d8, 0>>, <<0, 16#11, 0, 0>>, <<0, 16#d8, 0, 0>>, <<1, 2, 3>>, <<16#e2, 16#82>>, <<16#f4, 16#90, 16#80, 16#80>>],
    [io:format("~w ~w~n", [B, [F(B) || F <- [fun skip8/1, fun skip16/1, fun skip16l/1, fun skip32/1, fun skip32l/1]]]) || B <- Wrong],
    io:format("~w~n", [[F(<<1:1, C/utf16, 5:7>>) || C <- Characters, F <- [fun odd/1]]]),
    io:format("~w~n", [[count(<< <<C/utf16>> || C <- Characters >>, 0), lengths(<< <<C/utf8>> || C <- Characters >>)]]).

skip8(<<_/utf8, Rest/binary>>) -> Rest;
skip8(_) -> no.
skip16(<<_/utf16, Rest/binary>>) -> Rest;
skip16(_) -> no.
skip16l(<<_/utf16-little, Rest/binary>>) -> Rest;
skip16l(_) -> no.
skip32(<<_/utf32, Rest/binary>>) -> Rest;
skip32(_) -> no.
skip32l(<<_/utf32-little, Rest/binary>>) -> Rest;
skip32l(_) -> no.
odd(<<_:1, _/utf16, Rest:7>>) -> Rest;
odd(_) -> no.
count(<<_/utf16, Rest/bits>>, N) -> count(Rest, N + 1);
count(<<>>, N) -> N.
lengths(Text) -> [byte_size(<<C/utf8>>) || <<C/utf8>> <= Text].
