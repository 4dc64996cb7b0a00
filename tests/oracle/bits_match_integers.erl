%% Binary matching of integers of all sizes, signs, byte orders and alignments.
-module(bits_match_integers).
-export([main/0]).
-export([id/1]).
main() ->
    Huge = 1 bsl 27, Zeros = <<0:Huge, 13:8>>, io:format("~w~n", [[(fun() -> <<I:Huge, 13>> = Zeros, I end)(), (fun() -> <<I:Huge/little, 13>> = Zeros, I end)(), (fun() -> <<I:Huge/signed, 13>> = Zeros, I end)()]]),
    B = id(<<16#f0, 16#12, 16#83, 16#ff, 16#00, 16#80, 16#7f, 16#aa, 16#55, 16#c3, 16#3c, 16#99, 16#01, 16#02, 16#03, 16#e0, 16#11, 16#22>>),
    [io:format("~w+~w ~w~n", [Skip, Size, read(B, Skip, Size)]) || Skip <- [0, 1, 3, 4, 7, 8, 13], Size <- [0, 1, 2, 4, 7, 8, 9, 12, 16, 17, 24, 31, 32, 33, 47, 59, 60, 61, 63, 64, 65, 90, 128]],
    io:format("~w~n", [fixed(B)]),
    io:format("~w~n", [[sized(X) || X <- [<<>>, <<1>>, <<1, 2>>, <<3, 1, 2, 3>>, <<3, 1, 2, 3, 4>>, <<255, 0>>, <<0>>]]]),
    io:format("~w~n", [[literal(X) || X <- [<<1, 2, 3>>, <<"abc">>, <<"abd">>, <<5:3, 1:5>>, <<16#dead:16, 1>>, <<>>, <<1:1>>, a]]]),
    [io:format("~w~n", [try size_of(S, B) catch C:R -> {C, R} end]) || S <- [-1, a, 1.0, 1 bsl 70, 0, 8, 144, 145, 1 bsl 30]].
read(B, Skip, Size) ->
    case B of
        <<_:Skip, U:Size, _/bits>> ->
            <<_:Skip, S:Size/signed, _/bits>> = B, <<_:Skip, L:Size/little, _/bits>> = B, <<_:Skip, Z:Size/little-signed, _/bits>> = B,
            {U, S, L, Z};
        _ -> none
    end.
fixed(<<A:8, B:16/little, C:8/signed, D:4, E:12/signed, F:32/signed-little, G:3/unit:5, H:1, T/bits>>) -> {A, B, C, D, E, F, G, H, T}.
sized(<<N, X:N/unit:8, R/bits>>) -> {N, X, R};
sized(<<N, _/bits>>) -> {short, N};
sized(_) -> none.
literal(<<1, 2, R/bits>>) -> {one_two, R};
literal(<<"abc">>) -> abc;
literal(<<"ab", C>>) -> {ab, C};
literal(<<5:3, _:5>>) -> five;
literal(<<16#dead:16, _/binary>>) -> dead;
literal(<<>>) -> empty;
literal(<<B:1>>) -> {bit, B};
literal(_) -> other.
size_of(S, B) -> case B of <<X:S, _/bits>> -> X; <<_:8, _/bits>> -> eight; _ -> none end.
id(X) -> X.
