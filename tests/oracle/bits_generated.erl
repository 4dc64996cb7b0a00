%% Random segments, built and matched: sizes, units, signedness, endianness, offsets. Digests of chunks.
-module(bits_generated).
-export([main/0]).

main() ->
    rand:seed(exsss, {7, 8, 9}),
    [chunk(N) || N <- lists:seq(1, 20)],
    [io:format("~w~n", [[extreme(S) || S <- Sizes]]) || Sizes <- [[0, 1, 7, 8, 9, 63, 64, 65], [127, 128, 129, 1000, 8191], [-1, a, 1.0, 1 bsl 64, 1 bsl 70, -(1 bsl 70), [], <<>>]]].

chunk(N) -> io:format("~w ~w~n", [N, erlang:phash2([one() || _ <- lists:seq(1, 100)])]).

one() ->
    Before = rand:uniform(16) - 1,
    Size = rand:uniform(140) - 1,
    Value = integer(),
    Head = bits(Before),
    Tail = bits(rand:uniform(20)),
    All = [build(Kind, Head, Value, Size, Tail) || Kind <- kinds()],
    Read = [read(Kind, Before, Size, B) || Kind <- kinds(), B <- All, is_bitstring(B)],
    Parts = [parts(B, rand:uniform(200), rand:uniform(12)) || B <- All, is_bitstring(B)],
    {All, Read, Parts, [compare(A, B) || A <- All, B <- All]}.

integer() ->
    Magnitude = rand:uniform(1 bsl rand:uniform(130)) - 1,
    case rand:uniform(2) of 1 -> Magnitude; 2 -> -Magnitude end.
bits(N) -> <<(rand:uniform(1 bsl 30)):N>>.
kinds() -> [big, little, native, signed, units].
build(big, H, V, S, T) -> <<H/bits, V:S, T/bits>>;
build(little, H, V, S, T) -> <<H/bits, V:S/little, T/bits>>;
build(native, H, V, S, T) -> <<H/bits, V:S/native-signed, T/bits>>;
build(signed, H, V, S, T) -> <<H/bits, V:S/signed-little, V:S/signed, T/bits>>;
build(units, H, V, S, T) -> <<H/bits, V:(S div 3)/unit:3, T/bits>>.
read(big, B, S, X) -> case X of <<_:B, V:S, R/bits>> -> {V, R}; _ -> no end;
read(little, B, S, X) -> case X of <<_:B, V:S/little, R/bits>> -> {V, R}; _ -> no end;
read(native, B, S, X) -> case X of <<_:B, V:S/native-signed, R/bits>> -> {V, R}; _ -> no end;
read(signed, B, S, X) -> case X of <<_:B, V:S/signed-little, W:(S + 1)/signed, R/bits>> -> {V, W, R}; <<_:B, V:S/signed-little, R/bits>> -> {V, R}; _ -> no end;
read(units, B, S, X) -> case X of <<_:B, V:(S div 3)/unit:3, P:(S div 7)/binary-unit:7, R/bits>> -> {V, P, R}; <<_:B, V:(S div 3)/unit:3, R/binary>> -> {V, R}; _ -> no end.
parts(B, N, U) ->
    [case B of <<P:N/bits, R/bits>> -> {P, R}; _ -> no end, [X || <<X:U>> <= B], << <<X:U/little>> || <<X:U>> <= B >>, << <<X:(U + 1)>> || <<_:2, X:U/signed-little>> <= B, X > 0 >>, [X || <<X:U/bits, _:3>> <= B],
     case B of <<_:U, P2/binary>> -> byte_size(P2); _ -> no end, case B of <<P3:U/binary, _/bits>> -> P3; _ -> no end].
compare(A, B) -> {A < B, A == B}.

extreme(S) ->
    [attempt(F) || F <- [fun() -> bit_size(<<1:S>>) end, fun() -> bit_size(<<-1:S/little>>) end, fun() -> case <<1:80>> of <<X:S, _/bits>> -> X; _ -> no end end, fun() -> case <<1:80>> of <<X:S/bits, _/bits>> -> X; _ -> no end end,
                         fun() -> case <<1:80>> of <<_:S, R/bits>> -> R; _ -> no end end, fun() -> case <<1:80>> of <<X:S/binary, _/bits>> -> X; _ -> no end end, fun() -> bit_size(<<(<<1, 2, 3>>):S/binary>>) end, fun() -> bit_size(<<(<<1:65>>):S/bits>>) end,
                         fun() -> if S =:= 0 -> endless; true -> [X || <<X:S>> <= <<1:80>>] end end, fun() -> bit_size(<< <<X:S>> || X <- [1, 2, 3] >>) end]].
attempt(F) -> try F() catch error:R -> R end.
