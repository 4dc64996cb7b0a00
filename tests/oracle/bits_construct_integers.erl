%% Binary construction of integers of all sizes, signs, byte orders and units.
-module(bits_construct_integers).
-export([main/0]).
-export([id/1]).
main() ->
    Values = [0, 1, -1, 127, 128, 255, 256, -128, -129, 16#deadbeef, -16#deadbeef, 1 bsl 63, -(1 bsl 63), (1 bsl 64) - 1, 1 bsl 64, 1 bsl 100, -(1 bsl 100)],
    Sizes = [0, 1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 100, 128, 130],
    [io:format("~w ~w ~w~n", [V, S, {<<V:S>>, <<V:S/little>>, <<1:1, V:S, 0:2>>, <<1:3, V:S/little, 5:3>>, <<V:S/signed-little>>}]) || V <- Values, S <- Sizes],
    [io:format("~w ~w~n", [V, <<V:8, V:16, V:32, V:64, V:16/little, V:32/little, V:64/little, V:24/little, V:40, V:4, V:12>>]) || V <- Values],
    [io:format("~w ~w~n", [V, <<V:1/integer-unit:8, V:2/unit:16, V:3/little-unit:7, V:(id(4))/unit:3>>]) || V <- Values],
    [io:format("~w~n", [try <<V:S>> catch C:R -> {C, R} end]) || V <- [a, 1.0, [], <<1>>, 5], S <- [-1, a, 1.5, 8, 1 bsl 70, <<>>]],
    io:format("~w~n", [<<1, 2, "abc", "äß"/utf8, 3:4, 4:4, $z>>]),
    io:format("~w~n", [<< <<I:9>> || I <- lists:seq(0, 30)>>]).
id(X) -> X.
