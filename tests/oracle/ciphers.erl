%% Cryptographic algorithms written in Erlang, with test vectors of their standards: shifts, rotations and multiplications of words and big integers.
-module(ciphers).
-export([main/0]).

main() ->
    Texts = [<<>>, <<"a">>, <<"abc">>, <<"message digest">>, binary:copy(<<"1234567890">>, 8), binary:copy(<<"x">>, 55), binary:copy(<<"x">>, 56), binary:copy(<<"x">>, 64), binary:copy(<<"y">>, 1000)],
    show(md5, [hex(md5(T)) || T <- Texts]),
    show(md5_same, [md5(T) =:= erlang:md5(T) || T <- Texts]),
    show(sha1, [hex(sha1(T)) || T <- Texts]),
    show(sha256, [hex(sha256(T)) || T <- Texts]),
    show(sha512, [hex(sha512(T)) || T <- Texts]),
    show(sha3, [hex(sha3(T)) || T <- [<<>>, <<"abc">>, binary:copy(<<"z">>, 300)]]),
    show(hmac, [hex(hmac(K, D)) || {K, D} <- [{<<"Jefe">>, <<"what do ya want for nothing?">>}, {binary:copy(<<16#aa>>, 131), <<"Test Using Larger Than Block-Size Key - Hash Key First">>}]]),
    show(crc32, [{T, crc32(T) =:= erlang:crc32(T)} || T <- lists:sublist(Texts, 5)]),
    show(adler32, [adler32(T) =:= erlang:adler32(T) || T <- Texts]),
    show(siphash, [siphash(list_to_binary(lists:seq(0, N - 1))) || N <- [0, 1, 7, 8, 15, 63]]),
    show(chacha, hex(chacha20(list_to_binary(lists:seq(0, 31)), 1, <<0, 0, 0, 0, 0, 0, 0, 16#4a, 0, 0, 0, 0>>, <<"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.">>))),
    show(poly1305, hex(poly1305(<<16#85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b:256>>, <<"Cryptographic Forum Research Group">>))),
    aes(),
    show(rc4, [hex(rc4(K, T)) || {K, T} <- [{<<"Key">>, <<"Plaintext">>}, {<<"Wiki">>, <<"pedia">>}, {<<"Secret">>, <<"Attack at dawn">>}]]),
    show(tea, begin {A, B} = tea({16#01234567, 16#89abcdef}, {1, 2, 3, 4}), {A, B, untea({A, B}, {1, 2, 3, 4}) =:= {16#01234567, 16#89abcdef}} end),
    rsa(),
    curve(),
    show(shamir, [recovered(P, S) || {P, S} <- [{3, 123456789012345678901234567890}, {5, 42}, {2, 0}]]),
    show(diffie_hellman, begin P = (1 bsl 521) - 1, [A1, B1] = [power(3, X, P) || X <- [(1 bsl 500) + 7, (1 bsl 450) + 99]], power(B1, (1 bsl 500) + 7, P) =:= power(A1, (1 bsl 450) + 99, P) end),
    show(primes, [{N, probable_prime(N)} || N <- [2, 3, 4, 561, 1105, 65537, (1 bsl 61) - 1, (1 bsl 67) - 1, (1 bsl 127) - 1, (1 bsl 128) + 1, (1 bsl 521) - 1]]),
    show(luhn, [luhn(D) || D <- ["79927398713", "79927398710", "0", ""]]),
    show(vigenere, begin E = vigenere("ATTACKATDAWN", "LEMON", 1), {E, vigenere(E, "LEMON", -1)} end),
    show(enigma, [enigma("AAAAAAAAAA"), enigma(enigma("HELLOWORLD"))]).

show(Label, Value) -> io:format("~p: ~p~n", [Label, Value]).
hex(B) -> binary_to_list(binary:encode_hex(B)).

-define(W, 16#ffffffff).
left(X, N) -> ((X bsl N) bor (X bsr (32 - N))) band ?W.

padded(B, Block, LengthBits, Order) ->
    Zeros = (2 * Block - 1 - byte_size(B) rem Block - LengthBits div 8) rem Block,
    Bits = bit_size(B),
    Length = case Order of big -> <<Bits:LengthBits/big>>; little -> <<Bits:LengthBits/little>> end,
    <<B/binary, 128, 0:(Zeros * 8), Length/binary>>.

%% --- digests

md5(Data) ->
    Table = list_to_tuple([trunc(abs(math:sin(I)) * 4294967296) || I <- lists:seq(1, 64)]),
    Final = lists:foldl(fun(Block, State) -> md5_block(list_to_tuple([X || <<X:32/little>> <= Block]), Table, State) end, {16#67452301, 16#efcdab89, 16#98badcfe, 16#10325476}, [B || <<B:64/binary>> <= padded(Data, 64, 64, little)]),
    << <<X:32/little>> || X <- tuple_to_list(Final) >>.
md5_block(Words, Table, {A0, B0, C0, D0}) ->
    Shifts = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}},
    {A1, B1, C1, D1} = lists:foldl(fun(I, {A, B, C, D}) ->
        {F, G} = case I div 16 of
                     0 -> {(B band C) bor ((bnot B) band D), I};
                     1 -> {(D band B) bor ((bnot D) band C), (5 * I + 1) rem 16};
                     2 -> {B bxor C bxor D, (3 * I + 5) rem 16};
                     3 -> {C bxor (B bor ((bnot D) band ?W)), (7 * I) rem 16}
                 end,
        Sum = (A + F + element(I + 1, Table) + element(G + 1, Words)) band ?W,
        {D, (B + left(Sum, element(I rem 4 + 1, element(I div 16 + 1, Shifts)))) band ?W, B, C}
    end, {A0, B0, C0, D0}, lists:seq(0, 63)),
    {(A0 + A1) band ?W, (B0 + B1) band ?W, (C0 + C1) band ?W, (D0 + D1) band ?W}.

sha1(Data) ->
    Final = lists:foldl(fun sha1_block/2, [16#67452301, 16#EFCDAB89, 16#98BADCFE, 16#10325476, 16#C3D2E1F0], [B || <<B:64/binary>> <= padded(Data, 64, 64, big)]),
    << <<X:32>> || X <- Final >>.
sha1_block(Block, Start) ->
    Words = sha1_words(lists:reverse([X || <<X:32>> <= Block]), 16),
    {_, End} = lists:foldl(fun(W, {I, [A, B, C, D, E]}) ->
        {F, K} = if I < 20 -> {(B band C) bor ((bnot B) band D), 16#5A827999}; I < 40 -> {B bxor C bxor D, 16#6ED9EBA1}; I < 60 -> {(B band C) bor (B band D) bor (C band D), 16#8F1BBCDC}; true -> {B bxor C bxor D, 16#CA62C1D6} end,
        {I + 1, [(left(A, 5) + F + E + K + W) band ?W, A, left(B, 30), C, D]}
    end, {0, Start}, Words),
    [(X + Y) band ?W || {X, Y} <- lists:zip(Start, End)].
sha1_words(Words, 80) -> lists:reverse(Words);
sha1_words(Words, N) -> sha1_words([left(lists:nth(3, Words) bxor lists:nth(8, Words) bxor lists:nth(14, Words) bxor lists:nth(16, Words), 1) | Words], N + 1).

%% The constants are bits of roots of primes, which integers find without floats.
primes(N) -> primes(2, N).
primes(_, 0) -> [];
primes(P, N) -> case [D || D <- lists:seq(2, P div 2), P rem D =:= 0] of [] -> [P | primes(P + 1, N - 1)]; _ -> primes(P + 1, N) end.
root(X, Power) -> root(X, Power, 0, 1 bsl 80).
root(X, Power, Low, High) when High - Low =< 1 -> case int_power(High, Power) =< X of true -> High; false -> Low end;
root(X, Power, Low, High) -> Middle = (Low + High) div 2, case int_power(Middle, Power) =< X of true -> root(X, Power, Middle, High); false -> root(X, Power, Low, Middle) end.
int_power(_, 0) -> 1;
int_power(X, N) -> X * int_power(X, N - 1).
fraction(P, Power, Bits) -> root(P bsl (Bits * Power), Power) band ((1 bsl Bits) - 1).

sha256(Data) -> sha2(Data, 32, 64, 64, {7, 18, 3}, {17, 19, 10}, {2, 13, 22}, {6, 11, 25}).
sha512(Data) -> sha2(Data, 64, 128, 80, {1, 8, 7}, {19, 61, 6}, {28, 34, 39}, {14, 18, 41}).
sha2(Data, Bits, Block, Rounds, S0, S1, T0, T1) ->
    case get({constants, Bits}) of
        undefined -> Ps = primes(Rounds), put({constants, Bits}, {[fraction(P, 2, Bits) || P <- lists:sublist(Ps, 8)], [fraction(P, 3, Bits) || P <- Ps]});
        _ -> ok
    end,
    {Start, Constants} = get({constants, Bits}),
    Mask = (1 bsl Bits) - 1,
    Rotate = fun(X, N) -> ((X bsr N) bor (X bsl (Bits - N))) band Mask end,
    Small = fun(X, {A, B, C}) -> Rotate(X, A) bxor Rotate(X, B) bxor (X bsr C) end,
    Large = fun(X, {A, B, C}) -> Rotate(X, A) bxor Rotate(X, B) bxor Rotate(X, C) end,
    Final = lists:foldl(fun(Bytes, State) ->
        Words = extend(lists:reverse([X || <<X:Bits>> <= Bytes]), Rounds - 16, fun(L) -> (Small(lists:nth(2, L), S1) + lists:nth(7, L) + Small(lists:nth(15, L), S0) + lists:nth(16, L)) band Mask end),
        End = lists:foldl(fun({K, W}, [A, B, C, D, E, F, G, H]) ->
            One = H + Large(E, T1) + ((E band F) bxor ((bnot E) band G)) + K + W,
            Two = Large(A, T0) + ((A band B) bxor (A band C) bxor (B band C)),
            [(One + Two) band Mask, A, B, C, (D + One) band Mask, E, F, G]
        end, State, lists:zip(Constants, Words)),
        [(X + Y) band Mask || {X, Y} <- lists:zip(State, End)]
    end, Start, [B || <<B:Block/binary>> <= padded(Data, Block, Block, big)]),
    << <<X:Bits>> || X <- Final >>.
extend(Words, 0, _) -> lists:reverse(Words);
extend(Words, N, F) -> extend([F(Words) | Words], N - 1, F).

%% SHA3-256: the lanes are a map of 25 words.
sha3(Data) ->
    Rate = 136,
    Missing = Rate - byte_size(Data) rem Rate,
    Padding = case Missing of 1 -> <<16#86>>; _ -> <<6, 0:((Missing - 2) * 8), 128>> end,
    Lanes = lists:foldl(fun(Block, L) -> keccak(absorb([X || <<X:64/little>> <= Block], 0, L)) end, maps:from_list([{I, 0} || I <- lists:seq(0, 24)]), [B || <<B:136/binary>> <= <<Data/binary, Padding/binary>>]),
    << <<(maps:get(I, Lanes)):64/little>> || I <- [0, 1, 2, 3] >>.
absorb([], _, L) -> L;
absorb([X | Rest], I, L) -> absorb(Rest, I + 1, maps:update_with(I, fun(Y) -> X bxor Y end, L)).
keccak(Lanes) -> element(1, lists:foldl(fun(_, {L, R}) -> keccak_round(L, R) end, {Lanes, 1}, lists:seq(1, 24))).
keccak_round(L, Register) ->
    C = [lists:foldl(fun(Y, A) -> A bxor maps:get(X + 5 * Y, L) end, 0, lists:seq(0, 4)) || X <- lists:seq(0, 4)],
    D = [lists:nth((X + 4) rem 5 + 1, C) bxor rotate64(lists:nth((X + 1) rem 5 + 1, C), 1) || X <- lists:seq(0, 4)],
    Theta = maps:map(fun(I, V) -> V bxor lists:nth(I rem 5 + 1, D) end, L),
    {_, _, Moved} = lists:foldl(fun(T, {{X, Y}, Current, M}) ->
        {X1, Y1} = {Y, (2 * X + 3 * Y) rem 5},
        {{X1, Y1}, maps:get(X1 + 5 * Y1, Theta), M#{X1 + 5 * Y1 => rotate64(Current, ((T + 1) * (T + 2) div 2) rem 64)}}
    end, {{1, 0}, maps:get(1, Theta), Theta}, lists:seq(0, 23)),
    Chi = maps:map(fun(I, V) -> Row = I div 5 * 5, V bxor ((bnot maps:get(Row + (I + 1) rem 5, Moved)) band maps:get(Row + (I + 2) rem 5, Moved) band 16#ffffffffffffffff) end, Moved),
    {Constant, Next} = lists:foldl(fun(J, {A, R}) -> {case R band 1 of 1 -> A bor (1 bsl ((1 bsl J) - 1)); 0 -> A end, case R band 128 of 0 -> R bsl 1; _ -> ((R bsl 1) bxor 16#171) end} end, {0, Register}, lists:seq(0, 6)),
    {maps:update_with(0, fun(V) -> V bxor Constant end, Chi), Next}.
rotate64(X, N) -> ((X bsl N) bor (X bsr (64 - N))) band 16#ffffffffffffffff.

hmac(Key, Data) ->
    K0 = if byte_size(Key) > 64 -> sha256(Key); true -> Key end,
    K = <<K0/binary, 0:((64 - byte_size(K0)) * 8)>>,
    sha256(<<(mask(K, 16#5c))/binary, (sha256(<<(mask(K, 16#36))/binary, Data/binary>>))/binary>>).
mask(K, Byte) -> << <<(X bxor Byte)>> || <<X>> <= K >>.

crc32(B) -> (lists:foldl(fun(Byte, A) -> lists:foldl(fun(_, X) -> case X band 1 of 1 -> (X bsr 1) bxor 16#EDB88320; 0 -> X bsr 1 end end, A bxor Byte, lists:seq(1, 8)) end, ?W, binary_to_list(B))) bxor ?W.
adler32(Bin) -> {A, B} = lists:foldl(fun(X, {P, Q}) -> P1 = (P + X) rem 65521, {P1, (Q + P1) rem 65521} end, {1, 0}, binary_to_list(Bin)), (B bsl 16) bor A.

siphash(Data) ->
    {K0, K1} = {16#0706050403020100, 16#0f0e0d0c0b0a0908},
    Start = {K0 bxor 16#736f6d6570736575, K1 bxor 16#646f72616e646f6d, K0 bxor 16#6c7967656e657261, K1 bxor 16#7465646279746573},
    Whole = byte_size(Data) div 8 * 8,
    <<Words:Whole/binary, Rest/binary>> = Data,
    Last = (byte_size(Data) band 255) bsl 56 bor binary:decode_unsigned(<<Rest/binary, 0>>, little),
    {A, B, C, D} = lists:foldl(fun(M, {V0, V1, V2, V3}) -> {W0, W1, W2, W3} = sip(2, {V0, V1, V2, V3 bxor M}), {W0 bxor M, W1, W2, W3} end, Start, [X || <<X:64/little>> <= Words] ++ [Last]),
    {E, F, G, H} = sip(4, {A, B, C bxor 255, D}),
    integer_to_list(E bxor F bxor G bxor H, 16).
sip(0, V) -> V;
sip(N, {V0, V1, V2, V3}) ->
    M = 16#ffffffffffffffff,
    A0 = (V0 + V1) band M, A1 = rotate64(V1, 13) bxor A0, A2 = (V2 + V3) band M, A3 = rotate64(V3, 16) bxor A2,
    B0 = (rotate64(A0, 32) + A3) band M, B3 = rotate64(A3, 21) bxor B0, B2 = (A2 + A1) band M, B1 = rotate64(A1, 17) bxor B2,
    sip(N - 1, {B0, B1, rotate64(B2, 32), B3}).

%% --- streams and blocks

chacha20(Key, Counter, Nonce, Text) ->
    Stream = << <<(chacha_block(Key, Counter + I, Nonce))/binary>> || I <- lists:seq(0, byte_size(Text) div 64) >>,
    crypt(Text, binary:part(Stream, 0, byte_size(Text))).
crypt(A, B) -> Size = bit_size(A), <<X:Size>> = A, <<Y:Size>> = B, <<(X bxor Y):Size>>.
chacha_block(Key, Counter, Nonce) ->
    State = [X || <<X:32/little>> <= <<"expand 32-byte k", Key/binary, Counter:32/little, Nonce/binary>>],
    Quarters = [{1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15}, {4, 8, 12, 16}, {1, 6, 11, 16}, {2, 7, 12, 13}, {3, 8, 9, 14}, {4, 5, 10, 15}],
    End = lists:foldl(fun quarter/2, list_to_tuple(State), lists:append(lists:duplicate(10, Quarters))),
    << <<((X + Y) band ?W):32/little>> || {X, Y} <- lists:zip(State, tuple_to_list(End)) >>.
quarter({A, B, C, D}, S) -> lists:foldl(fun({X, Y, Z, N}, T) -> Sum = (element(X, T) + element(Y, T)) band ?W, setelement(Z, setelement(X, T, Sum), left(element(Z, T) bxor Sum, N)) end, S, [{A, B, D, 16}, {C, D, B, 12}, {A, B, D, 8}, {C, D, B, 7}]).

poly1305(<<R0:128/little, S:128/little>>, Message) ->
    R = R0 band 16#0ffffffc0ffffffc0ffffffc0fffffff, P = (1 bsl 130) - 5,
    Sum = poly_blocks(Message, R, P, 0),
    <<((Sum + S) band ((1 bsl 128) - 1)):128/little>>.
poly_blocks(<<>>, _, _, A) -> A;
poly_blocks(<<B:16/binary, Rest/binary>>, R, P, A) -> poly_blocks(Rest, R, P, ((A + binary:decode_unsigned(<<B/binary, 1>>, little)) * R) rem P);
poly_blocks(B, R, P, A) -> poly_blocks(<<>>, R, P, ((A + binary:decode_unsigned(<<B/binary, 1>>, little)) * R) rem P).

%% AES: the table of substitutions is computed in the field of 256 elements.
aes() ->
    Box = list_to_tuple([substitute(X) || X <- lists:seq(0, 255)]),
    Back = list_to_tuple([V || {_, V} <- lists:sort([{element(X + 1, Box), X} || X <- lists:seq(0, 255)])]),
    show(box, lists:sublist(tuple_to_list(Box), 16)),
    Plain = <<16#00112233445566778899aabbccddeeff:128>>,
    [begin
         Keys = key_schedule(binary:part(list_to_binary(lists:seq(0, 31)), 0, Size), Box),
         Cipher = encrypt(Plain, Keys, Box),
         show({aes, Size * 8}, {hex(Cipher), decrypt(Cipher, Keys, Back) =:= Plain})
     end || Size <- [16, 24, 32]].
times(_, 0) -> 0;
times(A, B) -> (case B band 1 of 1 -> A; 0 -> 0 end) bxor times(case A band 128 of 0 -> A bsl 1; _ -> (A bsl 1) bxor 16#11b end, B bsr 1).
inverse(0) -> 0;
inverse(X) -> hd([Y || Y <- lists:seq(1, 255), times(X, Y) =:= 1]).
substitute(X) -> I = inverse(X), R = fun(N) -> ((I bsl N) bor (I bsr (8 - N))) band 255 end, I bxor R(1) bxor R(2) bxor R(3) bxor R(4) bxor 16#63.
key_schedule(Key, Box) ->
    N = byte_size(Key) div 4,
    Words = schedule(lists:reverse([W || <<W:4/binary>> <= Key]), N, N, 4 * (N + 7), Box, 1),
    keys(Words).
keys([A, B, C, D | Rest]) -> [<<A/binary, B/binary, C/binary, D/binary>> | keys(Rest)];
keys([]) -> [].
schedule(Words, I, _, I, _, _) -> lists:reverse(Words);
schedule([Last | _] = Words, I, N, End, Box, Constant) ->
    {Changed, Next} = case I rem N of
                          0 -> <<A, B, C, D>> = Last, {crypt(sub(<<B, C, D, A>>, Box), <<Constant, 0, 0, 0>>), times(Constant, 2)};
                          4 when N > 6 -> {sub(Last, Box), Constant};
                          _ -> {Last, Constant}
                      end,
    schedule([crypt(lists:nth(N, Words), Changed) | Words], I + 1, N, End, Box, Next).
sub(B, Box) -> << <<(element(X + 1, Box))>> || <<X>> <= B >>.
shift(B, Offsets) -> L = list_to_tuple(binary_to_list(B)), << <<(element((((C + lists:nth(R + 1, Offsets)) rem 4) * 4 + R) + 1, L))>> || C <- [0, 1, 2, 3], R <- [0, 1, 2, 3] >>.
mix(B, Row) -> << <<(lists:foldl(fun({K, X}, A) -> A bxor times(X, K) end, 0, lists:zip(rotated(Row, R), binary_to_list(Column))))>> || <<Column:4/binary>> <= B, R <- [0, 1, 2, 3] >>.
rotated(L, 0) -> L;
rotated(L, N) -> rotated([lists:last(L) | lists:droplast(L)], N - 1).
encrypt(Text, [First | Keys], Box) -> encrypt_rounds(crypt(Text, First), Keys, Box).
encrypt_rounds(S, [Last], Box) -> crypt(shift(sub(S, Box), [0, 1, 2, 3]), Last);
encrypt_rounds(S, [K | Keys], Box) -> encrypt_rounds(crypt(mix(shift(sub(S, Box), [0, 1, 2, 3]), [2, 3, 1, 1]), K), Keys, Box).
decrypt(Text, Keys, Back) -> [Last | Rest] = lists:reverse(Keys), decrypt_rounds(sub(shift(crypt(Text, Last), [0, 3, 2, 1]), Back), Rest, Back).
decrypt_rounds(S, [First], _) -> crypt(S, First);
decrypt_rounds(S, [K | Keys], Back) -> decrypt_rounds(sub(shift(mix(crypt(S, K), [14, 11, 13, 9]), [0, 3, 2, 1]), Back), Keys, Back).

rc4(Key, Text) ->
    {_, S} = lists:foldl(fun(I, {J, T}) -> J1 = (J + element(I + 1, T) + binary:at(Key, I rem byte_size(Key))) rem 256, {J1, swap(I, J1, T)} end, {0, list_to_tuple(lists:seq(0, 255))}, lists:seq(0, 255)),
    {_, _, _, Out} = lists:foldl(fun(X, {I, J, T, A}) -> I1 = (I + 1) rem 256, J1 = (J + element(I1 + 1, T)) rem 256, T1 = swap(I1, J1, T), {I1, J1, T1, [X bxor element((element(I1 + 1, T1) + element(J1 + 1, T1)) rem 256 + 1, T1) | A]} end, {0, 0, S, []}, binary_to_list(Text)),
    list_to_binary(lists:reverse(Out)).
swap(I, J, T) -> setelement(I + 1, setelement(J + 1, T, element(I + 1, T)), element(J + 1, T)).

tea(Block, Key) -> tea(Block, Key, 0, 32).
tea(B, _, _, 0) -> B;
tea({A, B}, {K0, K1, K2, K3} = K, Sum, N) -> S = (Sum + 16#9E3779B9) band ?W, A1 = (A + (((B bsl 4) + K0) bxor (B + S) bxor ((B bsr 5) + K1))) band ?W, B1 = (B + (((A1 bsl 4) + K2) bxor (A1 + S) bxor ((A1 bsr 5) + K3))) band ?W, tea({A1, B1}, K, S, N - 1).
untea(Block, Key) -> untea(Block, Key, (16#9E3779B9 * 32) band ?W, 32).
untea(B, _, _, 0) -> B;
untea({A, B}, {K0, K1, K2, K3} = K, S, N) -> B1 = (B - (((A bsl 4) + K2) bxor (A + S) bxor ((A bsr 5) + K3))) band ?W, A1 = (A - (((B1 bsl 4) + K0) bxor (B1 + S) bxor ((B1 bsr 5) + K1))) band ?W, untea({A1, B1}, K, (S - 16#9E3779B9) band ?W, N - 1).

%% --- public keys

rsa() ->
    [P, Q] = [next_prime((1 bsl 255) + 12345), next_prime((1 bsl 254) + 54321)],
    N = P * Q, Phi = (P - 1) * (Q - 1), E = 65537, {1, D0, _} = extended(E, Phi), D = ((D0 rem Phi) + Phi) rem Phi,
    show(rsa, [{M rem N, power(power(M, E, N), D, N) =:= M rem N} || M <- [0, 1, 2, 123456789, (1 bsl 500) + 3]]),
    show(rsa_key, [N, D]),
    show(signature, begin H = binary:decode_unsigned(sha256(<<"a letter">>)), S = power(H, D, N), {power(S, E, N) =:= H, power(S + 1, E, N) =:= H} end).
next_prime(N) -> case probable_prime(N) of true -> N; false -> next_prime(N + 1) end.
power(_, 0, M) -> 1 rem M;
power(B, E, M) when E band 1 =:= 1 -> B * power(B, E - 1, M) rem M;
power(B, E, M) -> X = power(B, E bsr 1, M), X * X rem M.
extended(A, 0) -> {A, 1, 0};
extended(A, B) -> {G, X, Y} = extended(B, A rem B), {G, Y, X - (A div B) * Y}.
invert(A, P) -> {_, X, _} = extended(((A rem P) + P) rem P, P), ((X rem P) + P) rem P.
probable_prime(N) when N < 4 -> N > 1;
probable_prime(N) when N band 1 =:= 0 -> false;
probable_prime(N) -> {S, D} = halve(N - 1, 0), lists:all(fun(A) -> A rem N =:= 0 orelse witness(power(A, D, N), S, N) end, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]).
halve(D, S) when D band 1 =:= 0 -> halve(D bsr 1, S + 1);
halve(D, S) -> {S, D}.
witness(1, _, _) -> true;
witness(X, _, N) when X =:= N - 1 -> true;
witness(_, 1, _) -> false;
witness(X, S, N) -> witness(X * X rem N, S - 1, N).

%% secp256k1: multiples of the base point.
curve() ->
    P = (1 bsl 256) - (1 bsl 32) - 977,
    G = {16#79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798, 16#483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8},
    Order = 16#FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    show(multiples, [{K, multiple(K, G, P)} || K <- [1, 2, 3, 20, 112233445566778899]]),
    show(order, [multiple(Order, G, P), multiple(Order + 1, G, P) =:= G]),
    show(on_curve, [begin {X, Y} = multiple(K, G, P), (Y * Y - X * X * X - 7) rem P =:= 0 end || K <- [5, 99, 1 bsl 200]]).
multiple(0, _, _) -> infinity;
multiple(K, A, P) when K band 1 =:= 1 -> add(A, multiple(K - 1, A, P), P);
multiple(K, A, P) -> H = multiple(K bsr 1, A, P), add(H, H, P).
add(infinity, B, _) -> B;
add(A, infinity, _) -> A;
add({X, Y1}, {X, Y2}, P) when (Y1 + Y2) rem P =:= 0 -> infinity;
add({X, Y}, {X, Y}, P) -> sum(X, X, Y, 3 * X * X * invert(2 * Y, P), P);
add({X1, Y1}, {X2, Y2}, P) -> sum(X1, X2, Y1, (Y2 - Y1) * invert(X2 - X1, P), P).
sum(X1, X2, Y1, Slope0, P) -> Slope = modulo(Slope0, P), X3 = modulo(Slope * Slope - X1 - X2, P), {X3, modulo(Slope * (X1 - X3) - Y1, P)}.
modulo(A, P) -> ((A rem P) + P) rem P.

%% A secret in parts: a polynomial, and its value at zero by interpolation.
recovered(Needed, Secret) ->
    P = (1 bsl 127) - 1,
    Coefficients = [Secret rem P | [power(7, I + 100, P) || I <- lists:seq(1, Needed - 1)]],
    Shares = [{X, lists:foldr(fun(C, A) -> (A * X + C) rem P end, 0, Coefficients)} || X <- lists:seq(1, Needed + 2)],
    Value = fun(S) -> modulo(lists:sum([Y * lists:foldl(fun({X2, _}, A) when X2 =:= X -> A; ({X2, _}, A) -> modulo(A * X2 * invert(X2 - X, P), P) end, 1, S) || {X, Y} <- S]), P) end,
    [Value(lists:sublist(Shares, Needed)) =:= Secret, Value(lists:nthtail(2, Shares)) =:= Secret, Value(lists:sublist(Shares, Needed - 1)) =:= Secret].

%% --- of old

luhn(Digits) -> (lists:sum([case I rem 2 of 1 -> D; 0 -> D * 2 div 10 + D * 2 rem 10 end || {I, D} <- lists:zip(lists:seq(1, length(Digits)), [C - $0 || C <- lists:reverse(Digits)])])) rem 10 =:= 0.
vigenere(Text, Key, Sign) -> [((C - $A) + Sign * (lists:nth(I rem length(Key) + 1, Key) - $A) + 26) rem 26 + $A || {I, C} <- lists:zip(lists:seq(0, length(Text) - 1), Text)].

enigma(Text) ->
    Wheels = ["EKMFLGDQVZNTOWYHXUSPAIBRCJ", "AJDKSIRUXBLHWTMCQGZNPYFVOE", "BDFHJLCPRTXVZNYEIWGAKMUSQO"], Reflector = "YRUHQSLDPXNGOKMIEBFZCWVJAT",
    element(1, lists:mapfoldl(fun(C, {A, B, D}) ->
        Position = if D =:= 21 -> {A, (B + 1) rem 26, 22}; true -> {A, B, (D + 1) rem 26} end,
        {press(C, lists:zip(Wheels, tuple_to_list(Position)), Reflector), Position}
    end, {0, 0, 0}, Text)).
press(C, Wheels, Reflector) ->
    In = lists:foldr(fun({W, O}, X) -> modulo(lists:nth((X + O) rem 26 + 1, W) - $A - O, 26) end, C - $A, Wheels),
    Turned = lists:nth(In + 1, Reflector) - $A,
    $A + lists:foldl(fun({W, O}, X) -> modulo(string:chr(W, (X + O) rem 26 + $A) - 1 - O, 26) end, Turned, Wheels).
