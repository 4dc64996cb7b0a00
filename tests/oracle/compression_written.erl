%% Compression written in Erlang: Huffman codes, LZ77, LZ78, arithmetic coding, Burrows-Wheeler, move to front, run lengths, inflate of what zlib has made.
-module(compression_written).
-export([main/0]).

main() ->
    Texts = [{empty, <<>>}, {one, <<"a">>}, {same, binary:copy(<<"a">>, 300)}, {words, words(400)}, {bytes, << <<(erlang:phash2(I, 256))>> || I <- lists:seq(1, 300) >>}, {banana, <<"banana">>}, {cycle, binary:copy(<<"abcabcabd">>, 40)}],
    [begin
         show(Name, byte_size(T)),
         [begin Coded = Encode(T), show({Name, Kind}, {sizes(Coded), Decode(Coded) =:= T, erlang:phash2(Coded)}) end
          || {Kind, Encode, Decode} <- [{huffman, fun huffman/1, fun unhuffman/1}, {lz77, fun lz77/1, fun unlz77/1}, {lz78, fun lz78/1, fun unlz78/1}, {arithmetic, fun arithmetic/1, fun unarithmetic/1}, {adaptive, fun adaptive/1, fun unadaptive/1},
                                        {burrows_wheeler, fun bwt/1, fun unbwt/1}, {move_to_front, fun mtf/1, fun unmtf/1}, {run_lengths, fun rle/1, fun unrle/1}, {packed, fun(B) -> huffman(rle(mtf(element(2, bwt(B))))) end, fun(_) -> T end}]]
     end || {Name, T} <- Texts],
    show(codes, lists:sort(maps:to_list(codes(<<"abracadabra">>)))),
    show(kraft, [lists:sum([math:pow(2, -length(C)) || C <- maps:values(codes(T))]) || {_, T} <- Texts, byte_size(T) > 1, T =/= binary:copy(<<"a">>, 300)]),
    show(entropy, [round(entropy(T) * 1000) / 1000 || {_, T} <- Texts]),
    inflated(Texts),
    bits().

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).
sizes(B) when is_bitstring(B) -> bit_size(B);
sizes(L) when is_list(L) -> length(L);
sizes(T) -> [sizes(X) || X <- tuple_to_list(T), is_bitstring(X) orelse is_list(X)].
words(N) -> iolist_to_binary([lists:nth(erlang:phash2(I, 8) + 1, ["the ", "cat ", "sat ", "on ", "a ", "mat. ", "while ", "dogs "]) || I <- lists:seq(1, N)]).
counts(B) -> lists:foldl(fun(C, M) -> maps:update_with(C, fun(N) -> N + 1 end, 1, M) end, #{}, binary_to_list(B)).
entropy(<<>>) -> 0.0;
entropy(B) -> S = byte_size(B), lists:sum([-(N / S) * math:log2(N / S) || {_, N} <- lists:sort(maps:to_list(counts(B)))]).

%% --- Huffman: a priority queue of trees in an ordered set

codes(<<>>) -> #{};
codes(B) ->
    Trees = gb_sets:from_list([{N, C, leaf} || {C, N} <- maps:to_list(counts(B))]),
    case merge(Trees) of {_, C, leaf} -> #{C => [0]}; Tree -> maps:from_list(paths(Tree, [])) end.
merge(Trees) -> {{N1, C1, _} = A, T1} = gb_sets:take_smallest(Trees), case gb_sets:is_empty(T1) of true -> A; false -> {{N2, C2, _} = B, T2} = gb_sets:take_smallest(T1), merge(gb_sets:add({N1 + N2, min(C1, C2), {A, B}}, T2)) end.
paths({_, C, leaf}, Path) -> [{C, lists:reverse(Path)}];
paths({_, _, {A, B}}, Path) -> paths(A, [0 | Path]) ++ paths(B, [1 | Path]).
huffman(B) -> Codes = codes(B), {maps:fold(fun(C, Path, M) -> M#{Path => C} end, #{}, Codes), << <<(<< <<Bit:1>> || Bit <- maps:get(C, Codes) >>)/bits>> || <<C>> <= B >>}.
unhuffman({Table, Bits}) -> unhuffman(Bits, [], Table, <<>>).
unhuffman(<<>>, [], _, Out) -> Out;
unhuffman(<<B:1, R/bits>>, Path, T, Out) -> Next = [B | Path], case maps:find(lists:reverse(Next), T) of {ok, C} -> unhuffman(R, [], T, <<Out/binary, C>>); error -> unhuffman(R, Next, T, Out) end.

%% --- references to what was before

lz77(B) -> lz77(B, 0, <<>>).
lz77(B, I, Out) when I >= byte_size(B) -> Out;
lz77(B, I, Out) ->
    case longest(B, I, max(0, I - 255), {0, 0}) of
        {_, L} when L < 3 -> lz77(B, I + 1, <<Out/bits, 0:1, (binary:at(B, I))>>);
        {D, L} -> lz77(B, I + L, <<Out/bits, 1:1, D:8, L:6>>)
    end.
longest(_, I, I, Best) -> Best;
longest(B, I, J, {_, L} = Best) -> N = common(B, I, J, 0), longest(B, I, J + 1, if N > L -> {I - J, N}; true -> Best end).
common(B, I, J, N) when N < 63, I + N < byte_size(B) -> case binary:at(B, I + N) =:= binary:at(B, J + N) of true -> common(B, I, J, N + 1); false -> N end;
common(_, _, _, N) -> N.
unlz77(Bits) -> unlz77(Bits, <<>>).
unlz77(<<0:1, C, R/bits>>, Out) -> unlz77(R, <<Out/binary, C>>);
unlz77(<<1:1, D:8, L:6, R/bits>>, Out) -> unlz77(R, repeat(Out, D, L));
unlz77(<<>>, Out) -> Out.
repeat(Out, _, 0) -> Out;
repeat(Out, D, L) -> repeat(<<Out/binary, (binary:at(Out, byte_size(Out) - D))>>, D, L - 1).

lz78(B) -> {Codes, W, _} = lists:foldl(fun(C, {Out, W, T}) -> case T of #{{W, C} := I} -> {Out, I, T}; _ -> {[{W, C} | Out], 0, T#{{W, C} => map_size(T) + 1}} end end, {[], 0, #{}}, binary_to_list(B)), lists:reverse(case W of 0 -> Codes; _ -> [{W, none} | Codes] end).
unlz78(Codes) -> {Out, _} = lists:foldl(fun({W, C}, {O, T}) -> Word = case C of none -> maps:get(W, T); _ -> <<(maps:get(W, T))/binary, C>> end, {<<O/binary, Word/binary>>, T#{map_size(T) => Word}} end, {<<>>, #{0 => <<>>}}, Codes), Out.

%% --- the whole text as one big fraction, exactly

arithmetic(B) ->
    Ranges = ranges(counts(B)), Total = byte_size(B),
    {Low, Width} = lists:foldl(fun(C, {L, W}) -> {From, N} = maps:get(C, Ranges), {L * Total + W * From, W * N} end, {0, 1}, binary_to_list(B)),
    {Ranges, Total, shortest(Low, Width, Total, byte_size(B))}.
ranges(Counts) -> {R, _} = lists:foldl(fun({C, N}, {M, S}) -> {M#{C => {S, N}}, S + N} end, {#{}, 0}, lists:sort(maps:to_list(Counts))), R.
%% The bits of a binary fraction in [Low, Low + Width) / Total^Length.
shortest(_, _, _, 0) -> <<>>;
shortest(Low, Width, Total, Length) -> Whole = power(Total, Length), Bits = bits_of(Whole div Width, 0) + 1, Number = (Low bsl Bits + Whole - 1) div Whole, <<Number:Bits>>.
power(_, 0) -> 1;
power(X, N) -> H = power(X, N div 2), case N rem 2 of 0 -> H * H; 1 -> H * H * X end.
bits_of(0, N) -> N;
bits_of(X, N) -> bits_of(X bsr 1, N + 1).
unarithmetic({_, 0, <<>>}) -> <<>>;
unarithmetic({Ranges, Total, Bits}) -> S = bit_size(Bits), <<N:S>> = Bits, Sorted = [{F, W, C} || {C, {F, W}} <- maps:to_list(Ranges)], unarithmetic(N, 1 bsl S, Total, Sorted, Total, []).
unarithmetic(_, _, _, _, 0, Out) -> list_to_binary(lists:reverse(Out));
unarithmetic(N, D, Total, Ranges, Left, Out) -> X = N * Total, Place = X div D, [{F, W, C}] = [R || {F, W, _} = R <- Ranges, Place >= F, Place < F + W], unarithmetic(X - F * D, D * W, Total, Ranges, Left - 1, [C | Out]).

%% --- an adaptive range coder of bits, 32 bits wide

adaptive(B) -> {Low, _, Out, _} = lists:foldl(fun(Bit, {L, R, O, Counts}) -> {C0, C1} = Counts, Middle = L + (R - L) * C0 div (C0 + C1), {L1, R1} = case Bit of 0 -> {L, Middle}; 1 -> {Middle + 1, R} end, {L2, R2, O2} = emit(L1, R1, O), {L2, R2, O2, counted(Bit, Counts)} end, {0, 16#ffffffff, <<>>, {1, 1}}, [X || <<X:1>> <= B]), {byte_size(B), <<Out/binary, Low:32>>}.
counted(0, {A, B}) -> halved({A + 1, B});
counted(1, {A, B}) -> halved({A, B + 1}).
halved({A, B}) when A + B > 60000 -> {A div 2 + 1, B div 2 + 1};
halved(C) -> C.
emit(L, R, O) when (L bxor R) bsr 24 =:= 0 -> emit((L bsl 8) band 16#ffffffff, ((R bsl 8) band 16#ffffffff) bor 255, <<O/binary, (L bsr 24)>>);
emit(L, R, O) -> {L, R, O}.
unadaptive({Size, <<Code:32, Rest/binary>>}) -> unadaptive(Size * 8, Code, Rest, 0, 16#ffffffff, {1, 1}, <<>>).
unadaptive(0, _, _, _, _, _, Out) -> Out;
unadaptive(N, Code, Rest, L, R, {C0, C1} = Counts, Out) ->
    Middle = L + (R - L) * C0 div (C0 + C1),
    {Bit, L1, R1} = if Code =< Middle -> {0, L, Middle}; true -> {1, Middle + 1, R} end,
    {L2, R2, Code2, Rest2} = consume(L1, R1, Code, Rest),
    unadaptive(N - 1, Code2, Rest2, L2, R2, counted(Bit, Counts), <<Out/bits, Bit:1>>).
consume(L, R, Code, Rest) when (L bxor R) bsr 24 =:= 0 -> {X, Rest1} = case Rest of <<Y, Z/binary>> -> {Y, Z}; <<>> -> {0, <<>>} end, consume((L bsl 8) band 16#ffffffff, ((R bsl 8) band 16#ffffffff) bor 255, ((Code bsl 8) band 16#ffffffff) bor X, Rest1);
consume(L, R, Code, Rest) -> {L, R, Code, Rest}.

%% --- rearranged

bwt(<<>>) -> {0, <<>>};
bwt(B) -> S = byte_size(B), Rotations = lists:sort([{<<(binary:part(B, I, S - I))/binary, (binary:part(B, 0, I))/binary>>, I} || I <- lists:seq(0, S - 1)]), {length(lists:takewhile(fun({_, I}) -> I =/= 0 end, Rotations)), << <<(binary:last(R))>> || {R, _} <- Rotations >>}.
unbwt({_, <<>>}) -> <<>>;
unbwt({Row, Last}) -> Next = list_to_tuple([I || {_, I} <- lists:sort(lists:zip(binary_to_list(Last), lists:seq(1, byte_size(Last))))]), unbwt(Row + 1, byte_size(Last), Next, Last, <<>>).
unbwt(_, 0, _, _, Out) -> Out;
unbwt(Row, N, Next, Last, Out) -> I = element(Row, Next), unbwt(I, N - 1, Next, Last, <<Out/binary, (binary:at(Last, I - 1))>>).
mtf(B) -> {Out, _} = lists:mapfoldl(fun(C, L) -> {place(C, L, 0), [C | lists:delete(C, L)]} end, lists:seq(0, 255), binary_to_list(B)), list_to_binary(Out).
place(C, [C | _], N) -> N;
place(C, [_ | T], N) -> place(C, T, N + 1).
unmtf(B) -> {Out, _} = lists:mapfoldl(fun(I, L) -> C = lists:nth(I + 1, L), {C, [C | lists:delete(C, L)]} end, lists:seq(0, 255), binary_to_list(B)), list_to_binary(Out).
rle(B) -> rle(B, <<>>).
rle(<<>>, Out) -> Out;
rle(<<C, _/binary>> = B, Out) -> N = run(B, C, 0), rle(binary:part(B, N, byte_size(B) - N), if N >= 3 -> <<Out/binary, C, C, C, (N - 3)>>; true -> <<Out/binary, (binary:copy(<<C>>, N))/binary>> end).
run(<<C, R/binary>>, C, N) when N < 255 -> run(R, C, N + 1);
run(_, _, N) -> N.
unrle(B) -> unrle(B, <<>>).
unrle(<<C, C, C, N, R/binary>>, Out) -> unrle(R, <<Out/binary, (binary:copy(<<C>>, N + 3))/binary>>);
unrle(<<C, R/binary>>, Out) -> unrle(R, <<Out/binary, C>>);
unrle(<<>>, Out) -> Out.

%% --- what zlib makes, read bit by bit: stored, fixed and dynamic blocks

inflated(Texts) ->
    [show({inflate, Name, Level}, [inflate(deflated(T, Level, Strategy)) =:= T || Strategy <- [default, huffman_only, rle, filtered]]) || {Name, T} <- Texts, Level <- [0, 1, 6, 9]],
    show(broken, [try inflate(B) catch error:{badmatch, _} -> badmatch; error:R when is_atom(R) -> R; error:{R, _} -> R end || B <- [<<>>, <<7>>, <<1, 5, 0, 0, 0>>, <<3, 0>>, <<255, 255, 255>>]]).
deflated(T, Level, Strategy) -> Z = zlib:open(), try ok = zlib:deflateInit(Z, Level, deflated, -15, 8, Strategy), iolist_to_binary(zlib:deflate(Z, T, finish)) after zlib:close(Z) end.
inflate(Bytes) -> blocks({Bytes, 0, 0}, <<>>).
take({B, V, N}, S) when N >= S -> {V band ((1 bsl S) - 1), {B, V bsr S, N - S}};
take({<<X, B/binary>>, V, N}, S) -> take({B, V bor (X bsl N), N + 8}, S).
blocks(In, Out) ->
    {Final, I1} = take(In, 1), {Kind, I2} = take(I1, 2),
    {I3, Out1} = case Kind of
                     0 -> {Rest, _, _} = I2, <<Size:16/little, Not:16/little, Data:Size/binary, R/binary>> = unread(I2, Rest), 65535 = Size + Not, {{R, 0, 0}, <<Out/binary, Data/binary>>};
                     1 -> codes(I2, Out, tree(lists:duplicate(144, 8) ++ lists:duplicate(112, 9) ++ lists:duplicate(24, 7) ++ lists:duplicate(8, 8)), tree(lists:duplicate(30, 5)));
                     2 -> {Literals, Distances, I} = trees(I2), codes(I, Out, Literals, Distances)
                 end,
    case Final of 1 -> Out1; 0 -> blocks(I3, Out1) end.
unread({_, V, N}, Rest) -> Whole = N div 8, Skip = N rem 8, <<((V bsr Skip)):(Whole * 8)/little, Rest/binary>>.
tree(Lengths) ->
    Counted = lists:foldl(fun(0, M) -> M; (L, M) -> maps:update_with(L, fun(N) -> N + 1 end, 1, M) end, #{}, Lengths),
    {First, _} = lists:mapfoldl(fun(L, C) -> N = (C + maps:get(L - 1, Counted, 0)) bsl 1, {{L, N}, N} end, 0, lists:seq(1, 15)),
    {Codes, _} = lists:foldl(fun({_, 0}, A) -> A; ({Symbol, L}, {M, Next}) -> C = maps:get(L, Next), {M#{{L, C} => Symbol}, Next#{L := C + 1}} end, {#{}, maps:from_list(First)}, lists:zip(lists:seq(0, length(Lengths) - 1), Lengths)),
    Codes.
symbol(In, Tree) -> symbol(In, Tree, 0, 0).
symbol(In, Tree, L, C) when L < 16 -> {Bit, I} = take(In, 1), C1 = C bsl 1 bor Bit, case Tree of #{{L + 1, C1} := S} -> {S, I}; _ -> symbol(I, Tree, L + 1, C1) end.
trees(In) ->
    {Hlit, I1} = take(In, 5), {Hdist, I2} = take(I1, 5), {Hclen, I3} = take(I2, 4),
    {Ls, I4} = lists:mapfoldl(fun(_, I) -> take(I, 3) end, I3, lists:seq(1, Hclen + 4)),
    Order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15],
    Known = maps:from_list(lists:zip(lists:sublist(Order, length(Ls)), Ls)),
    {All, I5} = lengths(I4, tree([maps:get(S, Known, 0) || S <- lists:seq(0, 18)]), Hlit + 257 + Hdist + 1, []),
    {A, B} = lists:split(Hlit + 257, All), {tree(A), tree(B), I5}.
lengths(In, _, 0, Out) -> {lists:reverse(Out), In};
lengths(In, T, N, Out) ->
    case symbol(In, T) of
        {16, I} -> {X, I1} = take(I, 2), lengths(I1, T, N - X - 3, lists:duplicate(X + 3, hd(Out)) ++ Out);
        {17, I} -> {X, I1} = take(I, 3), lengths(I1, T, N - X - 3, lists:duplicate(X + 3, 0) ++ Out);
        {18, I} -> {X, I1} = take(I, 7), lengths(I1, T, N - X - 11, lists:duplicate(X + 11, 0) ++ Out);
        {L, I} -> lengths(I, T, N - 1, [L | Out])
    end.
codes(In, Out, Lit, Dist) ->
    case symbol(In, Lit) of
        {256, I} -> {I, Out};
        {C, I} when C < 256 -> codes(I, <<Out/binary, C>>, Lit, Dist);
        {C, I} ->
            {Base, Extra} = lists:nth(C - 256, length_codes()), {X, I1} = take(I, Extra),
            {D, I2} = symbol(I1, Dist), {DBase, DExtra} = lists:nth(D + 1, distance_codes()), {Y, I3} = take(I2, DExtra),
            codes(I3, repeat(Out, DBase + Y, Base + X), Lit, Dist)
    end.
length_codes() -> [{L, 0} || L <- lists:seq(3, 10)] ++ element(1, lists:mapfoldl(fun(E, B) -> {{B, E}, B + (1 bsl E)} end, 11, [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5])) ++ [{258, 0}].
distance_codes() -> element(1, lists:mapfoldl(fun(E, B) -> {{B, E}, B + (1 bsl E)} end, 1, [0, 0, 0, 0 | lists:append([[E, E] || E <- lists:seq(1, 13)])])).

bits() ->
    show(unary, << <<((1 bsl N) - 1):N, 0:1>> || N <- [0, 1, 3, 5] >>),
    show(golomb, << <<(rice(N, 3))/bits>> || N <- lists:seq(0, 40, 5) >>),
    show(delta, begin L = [3, 5, 5, 9, 20, 20, 21], D = deltas(L, 0), {D, lists:reverse(lists:foldl(fun(X, []) -> [X]; (X, [P | _] = A) -> [P + X | A] end, [], D)) =:= L} end),
    show(base64_like, << <<(lists:nth(X + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))>> || <<X:6>> <= <<"Man is">> >>).
rice(N, K) -> Q = N bsr K, <<((1 bsl Q) - 1):Q, 0:1, (N band ((1 bsl K) - 1)):K>>.
deltas([], _) -> [];
deltas([X | L], P) -> [X - P | deltas(L, X)].
