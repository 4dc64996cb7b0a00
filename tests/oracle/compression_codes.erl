%% Codes over bits and bytes, written with bit syntax: Huffman, LZ77, LZW, run lengths, Elias, arithmetic coding, Reed and Solomon, Hamming, base codes,
%% variable integers, CRCs bit by bit.
-module(compression_codes).
-export([main/0]).

main() ->
    Texts = [<<>>, <<"a">>, <<"aaaaaaaaaaaaaaaaaaaa">>, <<"abracadabra abracadabra">>, list_to_binary(lists:seq(0, 255)), generated(3000, 16, 7), generated(2000, 256, 11)],
    [begin
         Size = byte_size(T),
         show({huffman, Size}, begin {Tree, Bits} = huffman(T), {bit_size(Bits), unhuffman(Tree, Bits, Size) =:= T} end),
         show({lz77, Size}, begin P = lz77(T, 0, []), {length(P), unlz77(P, <<>>) =:= T} end),
         show({lzw, Size}, begin C = lzw(T), {length(C), erlang:phash2(C), unlzw(C) =:= T} end),
         show({runs, Size}, begin R = runs(T), {byte_size(R), unruns(R, <<>>) =:= T} end),
         show({moved, Size}, begin M = move_to_front(binary_to_list(T)), {lists:sum(M), list_to_binary(unmove(M)) =:= T} end),
         show({burrows_wheeler, min(Size, 300)}, begin S = binary:part(T, 0, min(Size, 300)), {B, I} = burrows_wheeler(S), {I, erlang:phash2(B), unburrows(B, I) =:= S} end),
         show({arithmetic, min(Size, 200)}, begin S2 = binary:part(T, 0, min(Size, 200)), A = arithmetic(S2), {bit_size(A), unarithmetic(A, S2) =:= S2} end),
         show({hex, Size}, begin H = << <<(digit(N))>> || <<N:4>> <= T >>, {erlang:md5(H), << <<(value(D)):4>> || <<D>> <= H >> =:= T, H =:= binary:encode_hex(T)} end),
         show({base32, Size}, begin E = base32(T), {erlang:md5(E), unbase32(E, Size) =:= T} end),
         show({hamming, Size}, begin W = hamming(T), {erlang:phash2(W), unhamming(flipped(W)) =:= T} end),
         show({crcs, Size}, [crc(T, 16#EDB88320, 32) =:= erlang:crc32(T), crc(T, 16#A001, 16), crc(T, 16#82F63B78, 32)]),
         show({fletcher, Size}, fletcher(T, 0, 0))
     end || T <- Texts],
    Numbers = [0, 1, 127, 128, 300, 16383, 16384, 1 bsl 32, (1 bsl 64) - 1, 1 bsl 100],
    show(varints, [begin V = varint(N), {V, unvarint(V)} end || N <- Numbers]),
    show(zigzag, [begin Z = zigzag(N), {Z, unzigzag(Z)} end || N <- [0, -1, 1, -2, 2147483647, -2147483648]]),
    show(elias, begin E2 = << <<(elias(N + 1))/bits>> || N <- Numbers >>, {bit_size(E2), unelias(E2) =:= [N + 1 || N <- Numbers]} end),
    show(gray, [N bxor (N bsr 1) || N <- lists:seq(0, 16)]),
    show(golomb, << <<(rice(N, 3))/bits>> || N <- lists:seq(0, 40) >>),
    show(morse, morse("SOS ERLANG")),
    show(luhn, [luhn(T) || T <- ["4539578763621486", "79927398713", "79927398710", ""]]),
    show(isbn, [isbn(T) || T <- ["0306406152", "080442957X", "0306406153"]]),
    show(utf, [[<< <<C/utf8>> || C <- L >>, << <<C/utf16>> || C <- L >>, << <<C/utf32-little>> || C <- L >>] || L <- [[$a, 228, 8364, 16#1F600]]]),
    show(packed, begin P3 = packed([{1, 2020, true}, {7, 1, false}]), {P3, unpacked(P3)} end),
    show(rs, [rs_ok(list_to_tuple(rs(lists:seq(1, 11)))), rs_ok(setelement(3, list_to_tuple(rs(lists:seq(1, 11))), 99))]).


generated(N, Kinds, Seed) -> generated(N, Kinds, Seed, <<>>).
generated(0, _, _, Acc) -> Acc;
generated(N, K, S, Acc) -> T = (S * 1103515245 + 12345) band 16#7fffffff, generated(N - 1, K, T, <<Acc/binary, ((T bsr 12) rem K * ((T bsr 20) rem 3) rem 256)>>).

huffman(<<>>) -> {none, <<>>};
huffman(T) ->
    Counts = lists:foldl(fun(C, M) -> maps:update_with(C, fun(N) -> N + 1 end, 1, M) end, #{}, binary_to_list(T)),
    Tree = merge(lists:sort([{N, {leaf, C}} || {C, N} <- maps:to_list(Counts)])),
    Codes = maps:from_list(codes(Tree, <<>>)),
    {Tree, << <<(map_get(C, Codes))/bits>> || <<C>> <= T >>}.

merge([{_, Tree}]) -> Tree;
merge([{N, A}, {M, B} | Rest]) -> merge(lists:sort([{N + M, {A, B}} | Rest])).

codes({leaf, C}, <<>>) -> [{C, <<0:1>>}];
codes({leaf, C}, Code) -> [{C, Code}];
codes({A, B}, Code) -> codes(A, <<Code/bits, 0:1>>) ++ codes(B, <<Code/bits, 1:1>>).

unhuffman(none, _, 0) -> <<>>;
unhuffman({leaf, C}, _, N) -> binary:copy(<<C>>, N);
unhuffman(Tree, Bits, N) -> list_to_binary(unhuffman(Tree, Tree, Bits, N)).
unhuffman(_, _, _, 0) -> [];
unhuffman({leaf, C}, Tree, Bits, N) -> [C | unhuffman(Tree, Tree, Bits, N - 1)];
unhuffman({A, _}, Tree, <<0:1, Bits/bits>>, N) -> unhuffman(A, Tree, Bits, N);
unhuffman({_, B}, Tree, <<1:1, Bits/bits>>, N) -> unhuffman(B, Tree, Bits, N).

lz77(T, At, Acc) when At >= byte_size(T) -> lists:reverse(Acc);
lz77(T, At, Acc) ->
    <<Seen:At/binary, Rest/binary>> = T,
    From = max(0, At - 64),
    Window = binary:part(Seen, From, At - From),
    case best(Window, Rest, min(15, byte_size(Rest) - 1)) of
        {Back, Length} -> lz77(T, At + Length + 1, [{Back, Length, binary:at(Rest, Length)} | Acc]);
        none -> lz77(T, At + 1, [{0, 0, binary:at(Rest, 0)} | Acc])
    end.

best(_, _, Length) when Length < 1 -> none;
best(Window, Rest, Length) ->
    case binary:match(Window, binary:part(Rest, 0, Length)) of
        {At, _} -> {byte_size(Window) - At, Length};
        nomatch -> best(Window, Rest, Length - 1)
    end.

unlz77([], Acc) -> Acc;
unlz77([{Back, Length, C} | P], Acc) -> unlz77(P, <<Acc/binary, (binary:part(Acc, byte_size(Acc) - Back, Length))/binary, C>>).

lzw(T) -> lzw(binary_to_list(T), <<>>, maps:from_list([{<<C>>, C} || C <- lists:seq(0, 255)]), []).
lzw([], <<>>, _, Acc) -> lists:reverse(Acc);
lzw([], W, D, Acc) -> lists:reverse([map_get(W, D) | Acc]);
lzw([C | T], W, D, Acc) ->
    Longer = <<W/binary, C>>,
    case D of
        #{Longer := _} -> lzw(T, Longer, D, Acc);
        _ -> lzw(T, <<C>>, D#{Longer => map_size(D)}, [map_get(W, D) | Acc])
    end.

unlzw([]) -> <<>>;
unlzw([First | Codes]) -> iolist_to_binary([First | unlzw(Codes, <<First>>, maps:from_list([{C, <<C>>} || C <- lists:seq(0, 255)]))]).
unlzw([], _, _) -> [];
unlzw([Code | Codes], W, D) ->
    Entry = case D of #{Code := E} -> E; _ -> <<W/binary, (binary:first(W))>> end,
    [Entry | unlzw(Codes, Entry, D#{map_size(D) => <<W/binary, (binary:first(Entry))>>})].

runs(<<>>) -> <<>>;
runs(<<C, Rest/binary>>) -> runs(Rest, C, 1, <<>>).
runs(<<C, Rest/binary>>, C, N, Acc) when N < 255 -> runs(Rest, C, N + 1, Acc);
runs(<<D, Rest/binary>>, C, N, Acc) -> runs(Rest, D, 1, <<Acc/binary, N, C>>);
runs(<<>>, C, N, Acc) -> <<Acc/binary, N, C>>.

unruns(<<N, C, Rest/binary>>, Acc) -> unruns(Rest, <<Acc/binary, (binary:copy(<<C>>, N))/binary>>);
unruns(<<>>, Acc) -> Acc.

move_to_front(L) -> element(1, lists:mapfoldl(fun(C, Order) -> {Before, [C | After]} = lists:splitwith(fun(X) -> X =/= C end, Order), {length(Before), [C | Before ++ After]} end, lists:seq(0, 255), L)).
unmove(L) -> element(1, lists:mapfoldl(fun(N, Order) -> {Before, [C | After]} = lists:split(N, Order), {C, [C | Before ++ After]} end, lists:seq(0, 255), L)).

burrows_wheeler(<<>>) -> {<<>>, 0};
burrows_wheeler(T) ->
    N = byte_size(T),
    Double = <<T/binary, T/binary>>,
    Rows = lists:sort([{binary:part(Double, I, N), I} || I <- lists:seq(0, N - 1)]),
    {list_to_binary([binary:last(R) || {R, _} <- Rows]), length(lists:takewhile(fun({_, I}) -> I =/= 0 end, Rows))}.

unburrows(<<>>, _) -> <<>>;
unburrows(B, I) ->
    Next = list_to_tuple([P || {_, P} <- lists:sort(lists:zip(binary_to_list(B), lists:seq(1, byte_size(B))))]),
    list_to_binary(follow(element(I + 1, Next), Next, B, byte_size(B))).
follow(_, _, _, 0) -> [];
follow(P, Next, B, N) -> [binary:at(B, P - 1) | follow(element(P, Next), Next, B, N - 1)].

%% With exact fractions: big integers.
arithmetic(<<>>) -> <<>>;
arithmetic(T) ->
    {Ranges, Total} = ranges(T),
    {Low, Width, Scale} = lists:foldl(fun(C, {L, W, S}) -> {From, Count} = map_get(C, Ranges), {L * Total + W * From, W * Count, S * Total} end, {0, 1, 1}, binary_to_list(T)),
    shortest(Low, Width, Scale, 1).

shortest(Low, Width, Scale, Bits) ->
    N = (Low * (1 bsl Bits) + Scale - 1) div Scale,
    case N * Scale < (Low + Width) * (1 bsl Bits) of
        true -> <<N:Bits>>;
        false -> shortest(Low, Width, Scale, Bits + 8)
    end.

unarithmetic(<<>>, _) -> <<>>;
unarithmetic(A, T) ->
    {Ranges, Total} = ranges(T),
    Size = bit_size(A),
    <<N:Size>> = A,
    list_to_binary(symbols(N, 1 bsl Size, [{C, F, K} || {C, {F, K}} <- maps:to_list(Ranges)], Total, byte_size(T))).

symbols(_, _, _, _, 0) -> [];
symbols(N, D, Ranges, Total, Left) ->
    At = N * Total div D,
    {C, From, Count} = hd([R || {_, F, K} = R <- Ranges, At >= F, At < F + K]),
    [C | symbols(N * Total - From * D, D * Count, Ranges, Total, Left - 1)].

ranges(T) ->
    Counts = lists:foldl(fun(C, M) -> maps:update_with(C, fun(N) -> N + 1 end, 1, M) end, #{}, binary_to_list(T)),
    {List, _} = lists:mapfoldl(fun({C, N}, At) -> {{C, {At, N}}, At + N} end, 0, lists:sort(maps:to_list(Counts))),
    {maps:from_list(List), byte_size(T)}.

digit(N) when N < 10 -> $0 + N;
digit(N) -> $A + N - 10.
value(D) when D =< $9 -> D - $0;
value(D) -> D - $A + 10.

base32(T) ->
    Pad = (5 - bit_size(T) rem 5) rem 5,
    << <<(binary:at(<<"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567">>, N))>> || <<N:5>> <= <<T/bits, 0:Pad>> >>.
unbase32(E, Size) ->
    <<T:Size/binary, _/bits>> = << <<(if C >= $A -> C - $A; true -> C - $2 + 26 end):5>> || <<C>> <= E >>,
    T.

hamming(T) -> << <<(A bxor B bxor D):1, (A bxor C bxor D):1, A:1, (B bxor C bxor D):1, B:1, C:1, D:1>> || <<A:1, B:1, C:1, D:1>> <= T >>.
flipped(W) -> element(1, flip(W, 0, <<>>)).
flip(<<Word:7, Rest/bits>>, N, Acc) -> flip(Rest, N + 1, <<Acc/bits, (Word bxor (1 bsl (N rem 7))):7>>);
flip(<<>>, N, Acc) -> {Acc, N}.
unhamming(W) -> << <<(corrected(Word)):4>> || <<Word:7>> <= W >>.
corrected(Word) ->
    Bit = fun(I) -> (Word bsr (7 - I)) band 1 end,
    Wrong = lists:foldl(fun(P, S) -> case lists:foldl(fun(I, X) -> X bxor Bit(I) end, 0, [I || I <- lists:seq(1, 7), I band P =/= 0]) of 1 -> S + P; 0 -> S end end, 0, [1, 2, 4]),
    Right = case Wrong of 0 -> Word; _ -> Word bxor (1 bsl (7 - Wrong)) end,
    <<_:2, A:1, _:1, B:1, C:1, D:1>> = <<Right:7>>,
    <<V:4>> = <<A:1, B:1, C:1, D:1>>,
    V.

crc(T, Polynomial, Bits) ->
    All = (1 bsl Bits) - 1,
    Start = case Bits of 32 -> All; _ -> 0 end,
    lists:foldl(fun(C, S) -> lists:foldl(fun(_, X) when X band 1 =:= 1 -> (X bsr 1) bxor Polynomial; (_, X) -> X bsr 1 end, S bxor C, lists:seq(1, 8)) end, Start, binary_to_list(T)) bxor Start.

fletcher(<<C, T/binary>>, A, B) -> A1 = (A + C) rem 255, fletcher(T, A1, (A1 + B) rem 255);
fletcher(<<>>, A, B) -> B bsl 8 bor A.

varint(N) when N < 128 -> <<N>>;
varint(N) -> <<1:1, (N band 127):7, (varint(N bsr 7))/binary>>.
unvarint(<<0:1, N:7>>) -> N;
unvarint(<<1:1, N:7, Rest/binary>>) -> N bor (unvarint(Rest) bsl 7).

zigzag(N) when N >= 0 -> N bsl 1;
zigzag(N) -> (-N bsl 1) - 1.
unzigzag(N) -> (N bsr 1) bxor -(N band 1).

elias(N) -> L = length(integer_to_list(N, 2)), <<0:(L - 1), N:L>>.
unelias(Bits) -> unelias(Bits, 0).
unelias(<<>>, _) -> [];
unelias(<<0:1, Rest/bits>>, Zeros) -> unelias(Rest, Zeros + 1);
unelias(Bits, Zeros) -> L = Zeros + 1, <<N:L, Rest/bits>> = Bits, [N | unelias(Rest, 0)].

rice(N, K) -> Q = N bsr K, <<((1 bsl (Q + 1)) - 2):(Q + 1), N:K>>.

morse(T) -> lists:join(" ", [maps:get(C, #{$S => "...", $O => "---", $E => ".", $R => ".-.", $L => ".-..", $A => ".-", $N => "-.", $G => "--.", $\s => "/"}) || C <- T]).

luhn(T) -> element(2, lists:foldr(fun(C, {I, S}) -> D = C - $0, V = case I rem 2 of 1 when D > 4 -> 2 * D - 9; 1 -> 2 * D; 0 -> D end, {I + 1, S + V} end, {0, 0}, T)) rem 10 =:= 0.

isbn(T) -> lists:sum([(11 - I) * (if C =:= $X -> 10; true -> C - $0 end) || {I, C} <- lists:enumerate(T)]) rem 11 =:= 0.

packed(Records) -> << <<Kind:3, Year:12/little, (case Flag of true -> 1; false -> 0 end):1>> || {Kind, Year, Flag} <- Records >>.
unpacked(Bits) -> [{Kind, Year, Flag =:= 1} || <<Kind:3, Year:12/little, Flag:1>> <= Bits].

%% Four check symbols over GF(256).
rs(Message) ->
    Generator = lists:foldl(fun(I, G) -> poly_times(G, [1, power(I)]) end, [1], lists:seq(0, 3)),
    Message ++ remainder(Message ++ [0, 0, 0, 0], Generator, length(Message)).
remainder(Rest, _, 0) -> Rest;
remainder([F | Rest], G, N) -> remainder([X bxor times(F, C) || {X, C} <- lists:zip(lists:sublist(Rest, 4), tl(G))] ++ lists:nthtail(4, Rest), G, N - 1).
rs_ok(Word) -> [lists:foldl(fun(C, S) -> times(S, power(I)) bxor C end, 0, tuple_to_list(Word)) =:= 0 || I <- lists:seq(0, 3)].
poly_times(A, B) ->
    Size = length(A) + length(B) - 1,
    [lists:foldl(fun({I, J, X, Y}, S) when I + J =:= K -> S bxor times(X, Y); (_, S) -> S end, 0, [{I, J, X, Y} || {I, X} <- lists:zip(lists:seq(0, length(A) - 1), A), {J, Y} <- lists:zip(lists:seq(0, length(B) - 1), B)])
     || K <- lists:seq(0, Size - 1)].
power(0) -> 1;
power(N) -> times(2, power(N - 1)).
times(A, B) -> times(A, B, 0).
times(_, 0, P) -> P;
times(A, B, P) ->
    P1 = case B band 1 of 1 -> P bxor A; 0 -> P end,
    A1 = case A band 128 of 0 -> A bsl 1; _ -> (A bsl 1) bxor 16#11d end,
    times(A1, B bsr 1, P1).

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
