%% Bit syntax that cannot build: which of several mistakes in one expression is told of, with which reason and cause.
-module(bits_construct_failures).
-export([main/0]).

main() ->
    Values = [1, 1 bsl 70, -1, -(1 bsl 70), a, <<1, 2>>, <<1:3>>, 1.5, 0],
    [io:format("~w ~0p ~0p: ~0p~n", [N, A, B, built(F, A, B)]) || {N, F} <- forms(), A <- Values, B <- Values].

built(F, A, B) ->
    try F(A, B) catch
        error:R:Stack ->
            case lists:keyfind(error_info, 1, element(4, hd(Stack))) of
                {error_info, #{cause := Cause}} -> {R, Cause};
                _ -> R
            end
    end.

forms() ->
    [{1, fun(A, B) -> <<A/utf8, 1:B>> end}, {2, fun(A, B) -> <<1:B, A/utf8>> end}, {3, fun(A, B) -> <<A/binary, 1:B>> end}, {4, fun(A, B) -> <<1:B, A/binary>> end},
     {5, fun(A, B) -> <<A:8, 1:B>> end}, {6, fun(A, B) -> <<A/float, 1:B>> end}, {7, fun(A, B) -> <<A/utf16, 1:B>> end}, {8, fun(A, B) -> <<A/utf32, 1:B>> end},
     {9, fun(A, B) -> <<A:B/binary, 1:B>> end}, {10, fun(A, B) -> <<A:B/float>> end}, {11, fun(A, B) -> <<A:B>> end}, {12, fun(A, B) -> <<A:B/binary>> end},
     {13, fun(A, B) -> <<B:A, A:B/binary-unit:3>> end}, {14, fun(A, B) -> <<1:A, 2:B>> end}, {15, fun(A, B) -> <<A/utf8, B/binary>> end}, {16, fun(A, B) -> <<A/bitstring, B/utf8>> end},
     {17, fun(A, B) -> <<A:3/unit:7, B/utf32>> end}, {18, fun(A, B) -> <<A:2/binary, B:70>> end}].
