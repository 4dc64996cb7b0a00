%% The bit syntax, driven by bytes (src/main/bit_syntax.fuzz.cc). The input is a list of segments; each is appended to what was built
%% before, then everything is read back from the front and must be what was written. Then the input itself is read in every way at
%% odd offsets: ways that must agree are compared. A difference exits with {differs, ...}.
-module(bit_syntax_guest).
-export([main/1]).

main(<<Shift:3, Input/bits>>) ->
    Segments = segments(Input, []),
    Built = write(Segments, <<0:Shift>>),
    <<_:Shift, Bits/bits>> = Built,
    Rest = read(Segments, Bits),
    same(end_of_bits, <<>>, Rest),
    same(size, bit_size(Built), Shift + lists_sum([size_of(S) || S <- Segments])),
    same(in_one, Built, in_one(Segments, <<0:Shift>>)),
    views(Input, 12),
    ok;
main(_) -> ok.

same(_, Same, Same) -> ok;
same(What, Wanted, Found) -> exit({differs, What, Wanted, Found}).

lists_sum(List) -> lists_sum(List, 0).
lists_sum([], Sum) -> Sum;
lists_sum([N | Rest], Sum) -> lists_sum(Rest, Sum + N).

%% An operation, then what it works on. At most 40 segments.
segments(_, Found) when length(Found) > 40 -> reverse(Found, []);
segments(<<Op:5, Size:11, Length:5, Value:Length/signed-unit:8, Rest/bits>>, Found) when Op < 12 ->
    segments(Rest, [{Op, Value, Size} | Found]);
segments(<<Op:5, Kind:3, Value:64, Rest/bits>>, Found) when Op >= 12, Op < 20 ->
    segments(Rest, float(Op, Kind, Value) ++ Found);
segments(<<Op:5, Char:21, Rest/bits>>, Found) when Op >= 20, Op < 25 ->
    segments(Rest, char(Op, Char) ++ Found);
segments(<<Op:5, Size:11, Data:Size/bits, Rest/bits>>, Found) when Op >= 25 ->
    segments(Rest, [{Op, Data, Size} | Found]);
segments(_, Found) -> reverse(Found, []).

reverse([], Done) -> Done;
reverse([First | Rest], Done) -> reverse(Rest, [First | Done]).

float(Op, Kind, Bits) ->
    Size = element(Kind rem 3 + 1, {16, 32, 64}),
    case <<Bits:Size>> of
        <<F:Size/float>> -> [{Op, F, Size}];
        _ -> []
    end.

char(Op, Char) when Char < 16#D800; Char > 16#DFFF, Char < 16#110000 -> [{Op, Char, 0}];
char(_, _) -> [].

%% Wraps a value to what a segment of that size holds.
wrapped(Value, Size, unsigned) -> Value band ((1 bsl Size) - 1);
wrapped(Value, Size, signed) ->
    Low = wrapped(Value, Size, unsigned),
    if
        Size > 0, Low bsr (Size - 1) =:= 1 -> Low - (1 bsl Size);
        true -> Low
    end.

size_of({3, _, Size}) -> Size * 8;
size_of({4, _, Size}) -> Size * 3;
size_of({5, _, Size}) -> Size * 8;
size_of({6, _, _}) -> 7;
size_of({7, _, _}) -> 24;
size_of({8, _, _}) -> 64;
size_of({9, _, _}) -> 128;
size_of({10, _, _}) -> 13;
size_of({11, _, _}) -> 40;
size_of({20, Char, _}) -> byte_size(<<Char/utf8>>) * 8;
size_of({Op, Char, _}) when Op =:= 21; Op =:= 22 -> byte_size(<<Char/utf16>>) * 8;
size_of({Op, _, _}) when Op =:= 23; Op =:= 24 -> 32;
size_of({_, _, Size}) -> Size.

write([], Bits) -> Bits;
write([Segment | Rest], Bits) -> write(Rest, append(Segment, Bits)).

append({0, V, S}, B) -> <<B/bits, V:S>>;
append({1, V, S}, B) -> <<B/bits, V:S/little>>;
append({2, V, S}, B) -> <<B/bits, V:S/signed-native>>;
append({3, V, S}, B) -> <<B/bits, V:S/unit:8>>;
append({4, V, S}, B) -> <<B/bits, V:S/little-signed-unit:3>>;
append({5, V, S}, B) -> <<B/bits, V:S/little-unit:8>>;
append({6, V, _}, B) -> <<B/bits, V:7>>;
append({7, V, _}, B) -> <<B/bits, V:24/little>>;
append({8, V, _}, B) -> <<B/bits, V:64>>;
append({9, V, _}, B) -> <<B/bits, V:128/little>>;
append({10, V, _}, B) -> <<B/bits, V:13/little-signed>>;
append({11, V, _}, B) -> <<B/bits, V:40/signed>>;
append({Op, F, S}, B) when Op < 15 -> <<B/bits, F:S/float>>;
append({Op, F, S}, B) when Op < 18 -> <<B/bits, F:S/float-little>>;
append({Op, F, S}, B) when Op < 20 -> <<B/bits, F:S/float-native>>;
append({20, C, _}, B) -> <<B/bits, C/utf8>>;
append({21, C, _}, B) -> <<B/bits, C/utf16>>;
append({22, C, _}, B) -> <<B/bits, C/utf16-little>>;
append({23, C, _}, B) -> <<B/bits, C/utf32>>;
append({24, C, _}, B) -> <<B/bits, C/utf32-little>>;
append({25, D, S}, B) -> <<B/bits, D:S/bits>>;
append({26, D, S}, B) when S rem 8 =:= 0 -> <<B/bits, D/bytes>>;
append({27, D, _}, B) -> <<B/bits, D/bits, (<<>>)/binary>>;
append({28, D, _}, B) -> <<B/bits, <<<<X:1>> || <<X:1>> <= D>>/bits>>;
append({29, D, _}, B) -> <<(<<B/bits>>)/bits, D/bits>>;
append({_, D, _}, B) -> <<B/bits, D/bitstring>>.

read([], Bits) -> Bits;
read([Segment | Rest], Bits) -> read(Rest, take(Segment, Bits)).

take({0, V, S} = Seg, B) -> <<X:S, R/bits>> = B, same(Seg, wrapped(V, S, unsigned), X), R;
take({1, V, S} = Seg, B) -> <<X:S/little, R/bits>> = B, same(Seg, wrapped(V, S, unsigned), X), R;
take({2, V, S} = Seg, B) -> <<X:S/signed-native, R/bits>> = B, same(Seg, wrapped(V, S, signed), X), R;
take({3, V, S} = Seg, B) -> <<X:S/unit:8, R/bits>> = B, same(Seg, wrapped(V, S * 8, unsigned), X), R;
take({4, V, S} = Seg, B) -> <<X:S/little-signed-unit:3, R/bits>> = B, same(Seg, wrapped(V, S * 3, signed), X), R;
take({5, V, S} = Seg, B) -> <<X:S/little-signed-unit:8, R/bits>> = B, same(Seg, wrapped(V, S * 8, signed), X), R;
take({6, V, _} = Seg, B) -> <<X:7, R/bits>> = B, same(Seg, wrapped(V, 7, unsigned), X), R;
take({7, V, _} = Seg, B) -> <<X:24/little-signed, R/bits>> = B, same(Seg, wrapped(V, 24, signed), X), R;
take({8, V, _} = Seg, B) -> <<X:64, R/bits>> = B, same(Seg, wrapped(V, 64, unsigned), X), R;
take({9, V, _} = Seg, B) -> <<X:128/little, R/bits>> = B, same(Seg, wrapped(V, 128, unsigned), X), R;
take({10, V, _} = Seg, B) -> <<X:13/little-signed, R/bits>> = B, same(Seg, wrapped(V, 13, signed), X), R;
take({11, V, _} = Seg, B) -> <<X:40/signed, R/bits>> = B, same(Seg, wrapped(V, 40, signed), X), R;
take({Op, F, S} = Seg, B) when Op < 15 -> <<X:S/float, R/bits>> = B, same(Seg, F, X), R;
take({Op, F, S} = Seg, B) when Op < 18 -> <<X:S/float-little, R/bits>> = B, same(Seg, F, X), R;
take({Op, F, S} = Seg, B) when Op < 20 -> <<X:S/float-native, R/bits>> = B, same(Seg, F, X), R;
take({20, C, _} = Seg, B) -> <<X/utf8, R/bits>> = B, same(Seg, C, X), R;
take({21, C, _} = Seg, B) -> <<X/utf16, R/bits>> = B, same(Seg, C, X), R;
take({22, C, _} = Seg, B) -> <<X/utf16-little, R/bits>> = B, same(Seg, C, X), R;
take({23, C, _} = Seg, B) -> <<X/utf32, R/bits>> = B, same(Seg, C, X), R;
take({24, C, _} = Seg, B) -> <<X/utf32-little, R/bits>> = B, same(Seg, C, X), R;
take({26, D, S} = Seg, B) when S rem 8 =:= 0 -> <<X:(S div 8)/bytes, R/bits>> = B, same(Seg, D, X), R;
take({_, D, S} = Seg, B) -> <<X:S/bits, R/bits>> = B, same(Seg, D, X), R.

%% Three integers at a time in one construction.
in_one([{0, A, S}, {1, B, T}, {2, C, U} | Rest], Bits) -> in_one(Rest, <<Bits/bits, A:S, B:T/little, C:U/signed-native>>);
in_one([{6, A, _}, {7, B, _}, {8, C, _} | Rest], Bits) -> in_one(Rest, <<Bits/bits, A:7, B:24/little, C:64>>);
in_one([{20, A, _}, {25, B, S}, {0, C, U} | Rest], Bits) -> in_one(Rest, <<Bits/bits, A/utf8, B:S/bits, C:U>>);
in_one([Segment | Rest], Bits) -> in_one(Rest, append(Segment, Bits));
in_one([], Bits) -> Bits.

%% The same bits read in different ways.
views(<<Skip:4, Size:8, Bits/bits>>, Left) when Left > 0 ->
    case Bits of
        <<_:Skip, A:Size, _/bits>> ->
            <<_:Skip, B:Size/signed, _/bits>> = Bits,
            same(signed, wrapped(A, Size, signed), B),
            <<_:Skip, C:Size/bits, Rest/bits>> = Bits,
            <<A:Size>> = C,
            same(bits, A, from_bits(C, 0)),
            <<_:Skip, D:Size/little, Rest/bits>> = Bits,
            same(little, <<D:Size/little>>, <<A:Size>>),
            same(hash, erlang:phash2(C), erlang:phash2(<<A:Size>>)),
            same(order, true, C =:= <<A:Size>> andalso not (C < <<A:Size>>)),
            case Bits of
                <<_:Skip, Char/utf8, After/bits>> -> same(utf8, <<_:Skip, Char/utf8, After/bits>> = Bits, Bits);
                _ -> ok
            end,
            case Bits of
                <<_:Skip, Wide/utf16-little, Behind/bits>> -> same(utf16, <<_:Skip, Wide/utf16-little, Behind/bits>> = Bits, Bits);
                _ -> ok
            end,
            case Bits of
                <<_:Skip, F:64/float, _/bits>> -> <<_:Skip, I:64, _/bits>> = Bits, float_same(F, I);
                _ -> ok
            end,
            all_values(Bits),
            views(Rest, Left - 1);
        _ -> ok
    end;
views(_, _) -> ok.

%% -0.0 and 0.0 are equal, their bits are not.
float_same(F, _) when F == 0 -> ok;
float_same(F, I) -> same(float, <<I:64>>, <<F/float>>).

from_bits(<<>>, Sum) -> Sum;
from_bits(<<Bit:1, Rest/bits>>, Sum) -> from_bits(Rest, Sum * 2 + Bit).

%% A select of values, and literals within patterns.
all_values(<<0:5, _/bits>>) -> none;
all_values(<<1:5, X:3, _/bits>>) -> X;
all_values(<<"abc", Rest/binary>>) -> Rest;
all_values(<<16#FFFF:16, 0:3, Rest/bits>>) -> Rest;
all_values(<<A:8, B:A/bytes, _/bits>>) -> B;
all_values(<<A:8, B:8, _:A/unit:2, C:B/little, _/bits>>) -> C;
all_values(<<A:4, _:A, B:A/signed, _/bits>>) -> B;
all_values(Other) -> Other.
