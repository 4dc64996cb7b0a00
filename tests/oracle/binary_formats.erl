%% Formats of files and messages by the bit syntax: PNG, GIF, WAV, MIDI, MessagePack, CBOR, BSON, Protocol Buffers, ASN.1 DER, IPv4, QOI, bencode: written, read back and broken.
-module(binary_formats).
-export([main/0]).

main() ->
    png(), gif(), wav(), midi(), message_pack(), cbor(), protocol_buffers(), der(), packets(), qoi(), bencode(), varints(), bit_streams(), elf().

show(Label, Value) -> io:format("~p: ~0p~n", [Label, Value]).
%% What a reader makes of every beginning, and of every changed byte.
broken(Label, Bytes, Read) ->
    Short = [outcome(Read, binary:part(Bytes, 0, N)) || N <- lists:seq(0, byte_size(Bytes) - 1)],
    Changed = [begin <<A:N/binary, X, B/binary>> = Bytes, outcome(Read, <<A/binary, (X bxor 16#55), B/binary>>) end || N <- lists:seq(0, byte_size(Bytes) - 1)],
    show(Label, [{K, length([x || X <- Short ++ Changed, kind(X) =:= K])} || K <- lists:usort([kind(X) || X <- Short ++ Changed])]),
    show({Label, hash}, erlang:phash2({Short, Changed})).
outcome(Read, B) -> try {ok, Read(B)} catch error:{badmatch, _} -> badmatch; error:R when is_atom(R) -> R; error:{R, _} -> R; throw:T -> {thrown, T} end.
kind(X) when is_tuple(X) -> element(1, X);
kind(X) -> X.

%% --- PNG: chunks with checksums, lines with filters

png() ->
    Pixels = [[{X * 20 rem 256, Y * 30 rem 256, (X * Y) rem 256} || X <- lists:seq(0, 9)] || Y <- lists:seq(0, 7)],
    File = png_write(Pixels),
    {W, H, Back, Names} = png_read(File),
    show(png, [W, H, Back =:= Pixels, Names]),
    broken(png_broken, File, fun(B) -> {W1, H1, _, N} = png_read(B), {W1, H1, N} end).
png_write(Pixels) ->
    W = length(hd(Pixels)), H = length(Pixels),
    {_, Lines} = lists:foldl(fun({Line, Filter}, {Before, Out}) -> Raw = << <<R, G, B>> || {R, G, B} <- Line >>, {Raw, [[Filter, filter(Filter, Raw, Before)] | Out]} end, {<<0:(W * 24)>>, []}, lists:zip(Pixels, [N rem 5 || N <- lists:seq(0, H - 1)])),
    <<137, "PNG\r\n", 26, 10, (chunk("IHDR", <<W:32, H:32, 8, 2, 0, 0, 0>>))/binary, (chunk("tEXt", <<"Title", 0, "ramp">>))/binary, (chunk("IDAT", zlib:compress(lists:reverse(Lines))))/binary, (chunk("IEND", <<>>))/binary>>.
chunk(Name, Data) -> Typed = <<(list_to_binary(Name))/binary, Data/binary>>, <<(byte_size(Data)):32, Typed/binary, (erlang:crc32(Typed)):32>>.
filter(F, Raw, Before) -> list_to_binary([(binary:at(Raw, I) - predicted(F, left_of(Raw, I), binary:at(Before, I), left_of(Before, I))) band 255 || I <- lists:seq(0, byte_size(Raw) - 1)]).
left_of(_, I) when I < 3 -> 0;
left_of(B, I) -> binary:at(B, I - 3).
predicted(0, _, _, _) -> 0;
predicted(1, A, _, _) -> A;
predicted(2, _, B, _) -> B;
predicted(3, A, B, _) -> (A + B) div 2;
predicted(4, A, B, C) -> P = A + B - C, {Pa, Pb, Pc} = {abs(P - A), abs(P - B), abs(P - C)}, if Pa =< Pb, Pa =< Pc -> A; Pb =< Pc -> B; true -> C end.
png_read(<<137, "PNG\r\n", 26, 10, Rest/binary>>) ->
    Chunks = chunks(Rest),
    {_, <<W:32, H:32, 8, 2, 0:24>>} = hd(Chunks),
    Data = zlib:uncompress(<< <<D/binary>> || {<<"IDAT">>, D} <- Chunks >>),
    Size = W * 3,
    {_, Lines} = lists:foldl(fun(Line, {Before, Out}) -> <<F, L:Size/binary>> = Line, Raw = unfilter(F, L, Before), {Raw, [[{R, G, B} || <<R, G, B>> <= Raw] | Out]} end, {<<0:(W * 24)>>, []}, [L || <<L:(Size + 1)/binary>> <= Data]),
    {W, H, lists:reverse(Lines), [N || {N, _} <- Chunks]}.
chunks(<<0:32, "IEND", Crc:32>>) -> Crc = erlang:crc32(<<"IEND">>), [{<<"IEND">>, <<>>}];
chunks(<<Size:32, Name:4/binary, Data:Size/binary, Crc:32, Rest/binary>>) -> case erlang:crc32([Name, Data]) of Crc -> [{Name, Data} | chunks(Rest)]; _ -> throw({checksum, Name}) end.
unfilter(F, Line, Before) -> unfilter(F, Line, Before, 0, <<>>).
unfilter(_, <<>>, _, _, Raw) -> Raw;
unfilter(F, <<X, Rest/binary>>, Before, I, Raw) -> unfilter(F, Rest, Before, I + 1, <<Raw/binary, (X + predicted(F, left_of(Raw, I), binary:at(Before, I), left_of(Before, I)))>>).

%% --- GIF: codes of growing size, least significant bits first

gif() ->
    Data = << <<((I * I div 7) rem 4)>> || I <- lists:seq(1, 400) >>,
    Packed = lzw(Data, 2),
    File = <<"GIF89a", 20:16/little, 20:16/little, 1:1, 1:3, 0:1, 1:3, 0, 0, 0:24, 255:8, 0:16, 0:8, 255:8, 0:8, 255:24, $,, 0:16, 0:16, 20:16/little, 20:16/little, 0, 2, (blocks(Packed))/binary, 0, $;>>,
    show(gif, [byte_size(Packed), gif_read(File) =:= {20, 20, Data}]),
    broken(gif_broken, File, fun(B) -> {W, H, D} = gif_read(B), {W, H, byte_size(D)} end).
blocks(<<B:255/binary, R/binary>>) -> <<255, B/binary, (blocks(R))/binary>>;
blocks(<<>>) -> <<>>;
blocks(B) -> <<(byte_size(B)), B/binary>>.
lzw(Data, Bits) ->
    Clear = 1 bsl Bits,
    {Codes, Word, _, Size, Table} = lists:foldl(fun(C, {Out, none, N, S, T}) -> {Out, [C], N, S, T};
                                               (C, {Out, W, N, S, T}) -> case T of #{[C | W] := _} -> {Out, [C | W], N, S, T}; _ -> {[{code(W, T), S} | Out], [C], N + 1, case N of _ when N =:= 1 bsl S -> S + 1; _ -> S end, T#{[C | W] => N}} end
                                            end, {[{Clear, Bits + 1}], none, Clear + 2, Bits + 1, #{}}, binary_to_list(Data)),
    pack(lists:reverse([{Clear + 1, Size}, {code(Word, Table), Size} | Codes]), 0, 0, <<>>).
code([C], _) -> C;
code(W, T) -> maps:get(W, T).
pack([], 0, _, Out) -> Out;
pack([], N, Value, Out) when N < 8 -> <<Out/binary, Value>>;
pack(L, N, Value, Out) when N >= 8 -> pack(L, N - 8, Value bsr 8, <<Out/binary, (Value band 255)>>);
pack([{C, S} | L], N, Value, Out) -> pack(L, N + S, Value bor (C bsl N), Out).
gif_read(<<"GIF89a", W:16/little, H:16/little, 1:1, _:3, _:1, Size:3, _, _, Rest/binary>>) ->
    Colours = 3 bsl (Size + 1),
    <<_:Colours/binary, $,, 0:32, W:16/little, H:16/little, _, Bits, Blocks/binary>> = Rest,
    {W, H, unlzw(joined(Blocks), Bits)}.
joined(<<0, $;>>) -> <<>>;
joined(<<N, B:N/binary, Rest/binary>>) when N > 0 -> <<B/binary, (joined(Rest))/binary>>.
unlzw(Bytes, Bits) -> Clear = 1 bsl Bits, {Clear, R} = take(Bytes, 0, 0, Bits + 1), unlzw(R, Bits + 1, Clear, Clear + 2, #{}, none, <<>>).
take(B, Value, N, S) when N >= S -> {Value band ((1 bsl S) - 1), {B, Value bsr S, N - S}};
take(<<X, B/binary>>, Value, N, S) -> take(B, Value bor (X bsl N), N + 8, S).
unlzw({B, V, N}, S, Clear, Next, T, Before, Out) ->
    case take(B, V, N, S) of
        {C, _} when C =:= Clear + 1 -> Out;
        {C, R} ->
            W = if C < Clear -> <<C>>; is_map_key(C, T) -> maps:get(C, T); C =:= Next, is_binary(Before) -> <<Before/binary, (binary:first(Before))>> end,
            if Before =:= none -> unlzw(R, S, Clear, Next, T, W, W);
               true -> S1 = if Next + 1 =:= 1 bsl S -> S + 1; true -> S end, unlzw(R, S1, Clear, Next + 1, T#{Next => <<Before/binary, (binary:first(W))>>}, W, <<Out/binary, W/binary>>)
            end
    end.

%% --- sound

wav() ->
    Samples = [trunc(30000 * math:sin(I / 10)) || I <- lists:seq(0, 99)],
    Data = << <<S:16/little-signed>> || S <- Samples >>,
    File = <<"RIFF", (byte_size(Data) + 36):32/little, "WAVEfmt ", 16:32/little, 1:16/little, 1:16/little, 8000:32/little, 16000:32/little, 2:16/little, 16:16/little, "data", (byte_size(Data)):32/little, Data/binary>>,
    show(wav, [wav_read(File) =:= {1, 8000, Samples}, lists:sum(Samples), lists:max(Samples), lists:min(Samples)]),
    show(wav_24, [<<X:24/little-signed>> || X <- [0]] ++ [S || <<S:24/little-signed>> <= <<255, 255, 255, 0, 0, 128, 255, 255, 127>>]),
    broken(wav_broken, binary:part(File, 0, 60), fun wav_read/1).
wav_read(<<"RIFF", _:32, "WAVEfmt ", 16:32/little, 1:16/little, C:16/little, Rate:32/little, _:32, _:16, 16:16/little, "data", Size:32/little, Data:Size/binary>>) -> {C, Rate, [S || <<S:16/little-signed>> <= Data]}.

midi() ->
    Events = [{0, {tempo, 500000}}, {0, {program, 0, 5}}, {0, {on, 0, 60, 100}}, {480, {off, 0, 60, 0}}, {0, {on, 0, 64, 90}}, {200000, {off, 0, 64, 64}}, {0, {bend, 1, 8192}}, {127, {text, <<"hello">>}}, {128, {sysex, <<1, 2, 3, 247>>}}, {16383, {control, 2, 7, 127}}, {16384, end_of_track}],
    Track = << <<(quantity(T))/binary, (midi_event(E))/binary>> || {T, E} <- Events >>,
    File = <<"MThd", 6:32, 0:16, 1:16, 480:16, "MTrk", (byte_size(Track)):32, Track/binary>>,
    show(midi, [midi_read(File) =:= {0, 480, [Events]}, byte_size(File)]),
    show(running_status, midi_events(<<0, 16#90, 60, 1, 0, 61, 1, 0, 62, 1, 0, 16#ff, 16#2f, 0>>, none)),
    broken(midi_broken, File, fun midi_read/1).
quantity(N) when N < 128 -> <<N>>;
quantity(N) -> <<(more(N bsr 7))/binary, (N band 127)>>.
more(0) -> <<>>;
more(N) -> <<(more(N bsr 7))/binary, 1:1, (N band 127):7>>.
unquantity(B) -> unquantity(B, 0).
unquantity(<<1:1, X:7, R/binary>>, N) -> unquantity(R, N bsl 7 bor X);
unquantity(<<0:1, X:7, R/binary>>, N) -> {N bsl 7 bor X, R}.
midi_event({tempo, T}) -> <<255, 16#51, 3, T:24>>;
midi_event({text, T}) -> <<255, 1, (quantity(byte_size(T)))/binary, T/binary>>;
midi_event({sysex, D}) -> <<16#f0, (quantity(byte_size(D)))/binary, D/binary>>;
midi_event({program, C, P}) -> <<16#c:4, C:4, P>>;
midi_event({off, C, N, V}) -> <<16#8:4, C:4, N, V>>;
midi_event({on, C, N, V}) -> <<16#9:4, C:4, N, V>>;
midi_event({control, C, N, V}) -> <<16#b:4, C:4, N, V>>;
midi_event({bend, C, V}) -> <<16#e:4, C:4, (V band 127), (V bsr 7)>>;
midi_event(end_of_track) -> <<255, 16#2f, 0>>.
midi_read(<<"MThd", 6:32, F:16, N:16, D:16, R/binary>>) -> {F, D, tracks(N, R)}.
tracks(0, <<>>) -> [];
tracks(N, <<"MTrk", S:32, T:S/binary, R/binary>>) -> [midi_events(T, none) | tracks(N - 1, R)].
midi_events(<<>>, _) -> [];
midi_events(B, S) -> {T, R} = unquantity(B), {E, R1, S1} = midi_take(R, S), [{T, E} | midi_events(R1, S1)].
midi_take(<<255, 16#51, 3, T:24, R/binary>>, _) -> {{tempo, T}, R, none};
midi_take(<<255, 16#2f, 0, R/binary>>, _) -> {end_of_track, R, none};
midi_take(<<255, 1, R/binary>>, _) -> {N, R1} = unquantity(R), <<T:N/binary, R2/binary>> = R1, {{text, T}, R2, none};
midi_take(<<16#f0, R/binary>>, _) -> {N, R1} = unquantity(R), <<T:N/binary, R2/binary>> = R1, {{sysex, T}, R2, none};
midi_take(<<16#c:4, C:4, P, R/binary>>, _) -> {{program, C, P}, R, {16#c, C}};
midi_take(<<16#e:4, C:4, 0:1, L:7, 0:1, H:7, R/binary>>, _) -> {{bend, C, H bsl 7 bor L}, R, {16#e, C}};
midi_take(<<1:1, K:3, C:4, N, V, R/binary>>, _) when K < 4 -> {{element(K + 1, {off, on, pressure, control}), C, N, V}, R, {K bor 8, C}};
midi_take(<<0:1, _/bits>> = B, {K, C}) -> midi_take(<<K:4, C:4, B/binary>>, none).

%% --- terms as bytes

terms() -> [nil, true, false, 0, 1, 127, 128, 255, 256, 65535, 65536, 1 bsl 32 - 1, 1 bsl 32, 1 bsl 63, 1 bsl 64 - 1, -1, -32, -33, -128, -129, -32768, -32769, -(1 bsl 31), -(1 bsl 31) - 1, -(1 bsl 63), 0.0, 1.5, -3.25, 1.0e300,
            <<>>, <<"text">>, binary:copy(<<"x">>, 31), binary:copy(<<"x">>, 32), binary:copy(<<"x">>, 256), binary:copy(<<"y">>, 65536), [], [1, [2, [3]]], lists:seq(1, 15), lists:seq(1, 16), lists:seq(1, 70000), #{}, #{<<"a">> => 1, <<"b">> => [nil]}, maps:from_list([{I, I} || I <- lists:seq(1, 40)])].

message_pack() ->
    show(pack, [begin P = mp(T), {T1, <<>>} = unmp(P), {byte_size(P), T1 == T, erlang:crc32(P)} end || T <- terms()]),
    broken(pack_broken, mp([1, -1, 300, <<"abc">>, #{<<"k">> => [nil, true, 1.5]}, -40000]), fun(B) -> {T, R} = unmp(B), {T, byte_size(R)} end).
mp(nil) -> <<16#c0>>; mp(false) -> <<16#c2>>; mp(true) -> <<16#c3>>;
mp(F) when is_float(F) -> <<16#cb, F/float>>;
mp(N) when is_integer(N), N >= 0, N < 128 -> <<N>>;
mp(N) when is_integer(N), N >= 0 -> if N < 256 -> <<16#cc, N>>; N < 65536 -> <<16#cd, N:16>>; N < 1 bsl 32 -> <<16#ce, N:32>>; true -> <<16#cf, N:64>> end;
mp(N) when is_integer(N) -> if N >= -32 -> <<N:8>>; N >= -128 -> <<16#d0, N:8>>; N >= -32768 -> <<16#d1, N:16>>; N >= -(1 bsl 31) -> <<16#d2, N:32>>; true -> <<16#d3, N:64>> end;
mp(B) when is_binary(B) -> S = byte_size(B), if S < 32 -> <<5:3, S:5, B/binary>>; S < 256 -> <<16#d9, S, B/binary>>; S < 65536 -> <<16#da, S:16, B/binary>>; true -> <<16#db, S:32, B/binary>> end;
mp(L) when is_list(L) -> S = length(L), D = << <<(mp(X))/binary>> || X <- L >>, if S < 16 -> <<9:4, S:4, D/binary>>; S < 65536 -> <<16#dc, S:16, D/binary>>; true -> <<16#dd, S:32, D/binary>> end;
mp(M) -> S = map_size(M), D = << <<(mp(K))/binary, (mp(V))/binary>> || {K, V} <- lists:sort(maps:to_list(M)) >>, if S < 16 -> <<8:4, S:4, D/binary>>; true -> <<16#de, S:16, D/binary>> end.
unmp(<<0:1, N:7, R/binary>>) -> {N, R};
unmp(<<7:3, N:5, R/binary>>) -> {N - 32, R};
unmp(<<16#c0, R/binary>>) -> {nil, R};
unmp(<<16#c2, R/binary>>) -> {false, R};
unmp(<<16#c3, R/binary>>) -> {true, R};
unmp(<<16#cb, F/float, R/binary>>) -> {F, R};
unmp(<<51:6, K:2, B/binary>>) -> S = 8 bsl K, <<N:S, R/binary>> = B, {N, R};
unmp(<<52:6, K:2, B/binary>>) -> S = 8 bsl K, <<N:S/signed, R/binary>> = B, {N, R};
unmp(<<5:3, S:5, B:S/binary, R/binary>>) -> {B, R};
unmp(<<16#d9, S, B:S/binary, R/binary>>) -> {B, R};
unmp(<<16#da, S:16, B:S/binary, R/binary>>) -> {B, R};
unmp(<<16#db, S:32, B:S/binary, R/binary>>) -> {B, R};
unmp(<<9:4, N:4, R/binary>>) -> many(N, R, fun unmp/1, []);
unmp(<<16#dc, N:16, R/binary>>) -> many(N, R, fun unmp/1, []);
unmp(<<16#dd, N:32, R/binary>>) -> many(N, R, fun unmp/1, []);
unmp(<<8:4, N:4, R/binary>>) -> pairs(many(2 * N, R, fun unmp/1, []));
unmp(<<16#de, N:16, R/binary>>) -> pairs(many(2 * N, R, fun unmp/1, [])).
many(0, R, _, L) -> {lists:reverse(L), R};
many(N, R, F, L) -> {X, R1} = F(R), many(N - 1, R1, F, [X | L]).
pairs({L, R}) -> {maps:from_list(two_by_two(L)), R}.
two_by_two([K, V | L]) -> [{K, V} | two_by_two(L)];
two_by_two([]) -> [].

cbor() ->
    show(cbor, [begin P = cb(T), {T1, <<>>} = uncb(P), {byte_size(P), T1 == T, erlang:crc32(P)} end || T <- terms()]),
    show(half_floats, [element(1, uncb(<<16#f9, H:16>>)) || H <- [0, 16#8000, 16#3c00, 16#3e00, 16#c400, 16#7bff, 1, 16#0400, 16#3555]]),
    show(indefinite, [uncb(<<16#9f, 1, 2, 16#ff, 9>>), uncb(<<16#5f, 16#41, "a", 16#42, "bc", 16#ff>>), uncb(<<16#bf, 1, 2, 16#ff>>), uncb(<<16#c2, 16#49, 1, 0:64>>), uncb(<<16#c3, 16#49, 1, 0:64>>)]),
    broken(cbor_broken, cb([1, -500, <<"abc">>, #{1 => 2.5}, nil]), fun(B) -> {T, R} = uncb(B), {T, byte_size(R)} end).
head(K, N) -> if N < 24 -> <<K:3, N:5>>; N < 256 -> <<K:3, 24:5, N>>; N < 65536 -> <<K:3, 25:5, N:16>>; N < 1 bsl 32 -> <<K:3, 26:5, N:32>>; true -> <<K:3, 27:5, N:64>> end.
cb(false) -> <<16#f4>>; cb(true) -> <<16#f5>>; cb(nil) -> <<16#f6>>;
cb(F) when is_float(F) -> <<16#fb, F/float>>;
cb(N) when is_integer(N), N >= 0 -> head(0, N);
cb(N) when is_integer(N) -> head(1, -1 - N);
cb(B) when is_binary(B) -> <<(head(2, byte_size(B)))/binary, B/binary>>;
cb(L) when is_list(L) -> << (head(4, length(L)))/binary, (<< <<(cb(X))/binary>> || X <- L >>)/binary >>;
cb(M) -> << (head(5, map_size(M)))/binary, (<< <<(cb(K))/binary, (cb(V))/binary>> || {K, V} <- lists:sort(maps:to_list(M)) >>)/binary >>.
uncb(<<16#f4, R/binary>>) -> {false, R};
uncb(<<16#f5, R/binary>>) -> {true, R};
uncb(<<16#f6, R/binary>>) -> {nil, R};
uncb(<<16#f9, F:16/float, R/binary>>) -> {F, R};
uncb(<<16#fa, F:32/float, R/binary>>) -> {F, R};
uncb(<<16#fb, F:64/float, R/binary>>) -> {F, R};
uncb(<<16#5f, R/binary>>) -> {L, R1} = until_break(R, []), {iolist_to_binary(L), R1};
uncb(<<16#9f, R/binary>>) -> until_break(R, []);
uncb(<<16#bf, R/binary>>) -> pairs(until_break(R, []));
uncb(<<6:3, 2:5, R/binary>>) -> {B, R1} = uncb(R), {binary:decode_unsigned(B), R1};
uncb(<<6:3, 3:5, R/binary>>) -> {B, R1} = uncb(R), {-1 - binary:decode_unsigned(B), R1};
uncb(<<K:3, A:5, B/binary>>) when K < 6, A < 28 ->
    {N, R} = if A < 24 -> {A, B}; true -> S = 8 bsl (A - 24), <<V:S, R0/binary>> = B, {V, R0} end,
    case K of 0 -> {N, R}; 1 -> {-1 - N, R}; 4 -> many(N, R, fun uncb/1, []); 5 -> pairs(many(2 * N, R, fun uncb/1, [])); _ -> <<D:N/binary, R1/binary>> = R, {D, R1} end.
until_break(<<16#ff, R/binary>>, L) -> {lists:reverse(L), R};
until_break(B, L) -> {X, R} = uncb(B), until_break(R, [X | L]).

%% --- fields with numbers

protocol_buffers() ->
    Fields = [{1, varint, 150}, {2, bytes, <<"testing">>}, {3, varint, 1 bsl 64 - 1}, {4, fixed64, 1.5}, {5, fixed32, 77}, {16, varint, 0}, {2047, bytes, <<>>}, {100000, varint, 1}],
    Bytes = << <<(pb(F))/binary>> || F <- Fields >>,
    show(protobuf, [pb_read(Bytes) =:= Fields, binary:encode_hex(Bytes)]),
    show(zigzag, [{N, zigzag(N), unzigzag(zigzag(N)) =:= N} || N <- [0, -1, 1, -2, 2147483647, -2147483648, -(1 bsl 63)]]),
    broken(protobuf_broken, Bytes, fun pb_read/1).
varint(N) when N < 128 -> <<N>>;
varint(N) -> <<1:1, N:7, (varint(N bsr 7))/binary>>.
unvarint(B) -> unvarint(B, 0, 0).
unvarint(<<1:1, X:7, R/binary>>, S, N) when S < 70 -> unvarint(R, S + 7, N bor (X bsl S));
unvarint(<<0:1, X:7, R/binary>>, S, N) -> {N bor (X bsl S), R}.
pb({F, varint, N}) -> <<(varint(F bsl 3))/binary, (varint(N))/binary>>;
pb({F, fixed64, N}) -> <<(varint(F bsl 3 bor 1))/binary, N/float-little>>;
pb({F, bytes, B}) -> <<(varint(F bsl 3 bor 2))/binary, (varint(byte_size(B)))/binary, B/binary>>;
pb({F, fixed32, N}) -> <<(varint(F bsl 3 bor 5))/binary, N:32/little>>.
pb_read(<<>>) -> [];
pb_read(B) ->
    {K, R} = unvarint(B),
    {Kind, V, R2} = case K band 7 of
                        0 -> {N, R1} = unvarint(R), {varint, N, R1};
                        1 -> <<F/float-little, R1/binary>> = R, {fixed64, F, R1};
                        2 -> {S, R0} = unvarint(R), <<D:S/binary, R1/binary>> = R0, {bytes, D, R1};
                        5 -> <<N:32/little, R1/binary>> = R, {fixed32, N, R1}
                    end,
    [{K bsr 3, Kind, V} | pb_read(R2)].
zigzag(N) -> (N bsl 1) bxor (N bsr 63).
unzigzag(N) -> (N bsr 1) bxor -(N band 1).

der() ->
    Terms = [{int, 0}, {int, 127}, {int, 128}, {int, -128}, {int, -129}, {int, 1 bsl 200}, {bool, true}, null, {octets, binary:copy(<<7>>, 200)}, {bits, <<5:3>>}, {bits, <<>>}, {oid, [1, 2, 840, 113549, 1, 1, 11]}, {oid, [2, 999, 3]}, {seq, [{int, 1}, {seq, []}, {utf8, <<"ä"/utf8>>}]}, {set, [null]}, {context, 3, [{int, 5}]}],
    show(der, [begin B = der(T), {T1, <<>>} = under(B), {T1 =:= T, binary:encode_hex(binary:part(B, 0, min(12, byte_size(B))))} end || T <- Terms]),
    broken(der_broken, der({seq, lists:sublist(Terms, 8) ++ lists:nthtail(9, Terms)}), fun(B) -> {T, R} = under(B), {T, R} end).
tlv(Tag, V) -> S = byte_size(V), L = if S < 128 -> <<S>>; true -> E = binary:encode_unsigned(S), <<1:1, (byte_size(E)):7, E/binary>> end, <<Tag, L/binary, V/binary>>.
der({int, N}) -> tlv(2, signed(N));
der({bool, true}) -> tlv(1, <<255>>); der({bool, false}) -> tlv(1, <<0>>);
der(null) -> tlv(5, <<>>);
der({octets, B}) -> tlv(4, B); der({utf8, B}) -> tlv(12, B);
der({bits, B}) -> Unused = (8 - bit_size(B) rem 8) rem 8, tlv(3, <<Unused, B/bits, 0:Unused>>);
der({oid, [A, B | L]}) -> tlv(6, << <<(quantity(N))/binary>> || N <- [A * 40 + B | L] >>);
der({seq, L}) -> tlv(16#30, << <<(der(T))/binary>> || T <- L >>); der({set, L}) -> tlv(16#31, << <<(der(T))/binary>> || T <- L >>);
der({context, N, L}) -> tlv(16#a0 + N, << <<(der(T))/binary>> || T <- L >>).
signed(N) -> signed(N, 8).
signed(N, S) when N >= -(1 bsl (S - 1)), N < 1 bsl (S - 1) -> <<N:S>>;
signed(N, S) -> signed(N, S + 8).
under(<<Tag, 0:1, S:7, V:S/binary, R/binary>>) -> {under(Tag, V), R};
under(<<Tag, 1:1, N:7, B/binary>>) when N > 0 -> Bits = N * 8, <<S:Bits, V:S/binary, R/binary>> = B, {under(Tag, V), R}.
under(1, <<B>>) -> {bool, B =/= 0};
under(2, V) -> S = bit_size(V), <<N:S/signed>> = V, {int, N};
under(3, <<U, V/binary>>) when U < 8 -> S = bit_size(V) - U, <<B:S/bits, 0:U>> = V, {bits, B};
under(4, V) -> {octets, V};
under(5, <<>>) -> null;
under(6, V) -> [F | L] = arcs(V), A = min(F div 40, 2), {oid, [A, F - A * 40 | L]};
under(12, V) -> true = is_list(unicode:characters_to_list(V)), {utf8, V};
under(16#30, V) -> {seq, all(V)};
under(16#31, V) -> {set, all(V)};
under(T, V) when T >= 16#a0, T < 16#bf -> {context, T - 16#a0, all(V)}.
arcs(<<>>) -> [];
arcs(B) -> {N, R} = unquantity(B), [N | arcs(R)].
all(<<>>) -> [];
all(B) -> {T, R} = under(B), [T | all(R)].

%% --- the network's headers

packets() ->
    Udp = <<1234:16, 53:16, 12:16, 0:16, "data">>,
    Ip0 = <<4:4, 5:4, 0, (20 + byte_size(Udp)):16, 77:16, 0:1, 1:1, 0:1, 0:13, 64, 17, 0:16, 10, 0, 0, 1, 192, 168, 1, 2>>,
    <<A:10/binary, _:16, B/binary>> = Ip0,
    Ip = <<A/binary, (checksum(Ip0)):16, B/binary>>,
    show(ip, [checksum(Ip), ip(<<Ip/binary, Udp/binary>>)]),
    broken(ip_broken, <<Ip/binary, Udp/binary>>, fun ip/1).
checksum(B) -> fold(lists:sum([X || <<X:16>> <= B])).
fold(S) when S > 65535 -> fold((S band 65535) + (S bsr 16));
fold(S) -> (bnot S) band 65535.
ip(<<4:4, L:4, _, Total:16, Id:16, _:1, Dont:1, More:1, Offset:13, Ttl, P, _:16, S1, S2, S3, S4, D:4/binary, Rest/binary>> = B) when L >= 5 ->
    Head = L * 4, Options = Head - 20, <<Header:Head/binary, _/binary>> = B, 0 = checksum(Header),
    Size = Total - Head, <<_:Options/binary, Payload:Size/binary, _/binary>> = Rest,
    {Id, Dont, More, Offset, Ttl, {S1, S2, S3, S4}, list_to_tuple(binary_to_list(D)), case {P, Payload} of {17, <<Sp:16, Dp:16, N:16, _:16, X/binary>>} when byte_size(X) =:= N - 8 -> {udp, Sp, Dp, X}; _ -> {P, Payload} end}.

%% --- pixels that remember

qoi() ->
    Pixels = [{(I div 9) * 3 rem 256, I div 5 rem 256, (I * I) rem 7, 255 - I div 300} || I <- lists:seq(0, 599)],
    Bytes = qoi_write(Pixels, {0, 0, 0, 255}, #{}, 0, <<>>),
    show(qoi, [byte_size(Bytes), erlang:crc32(Bytes), qoi_read(Bytes, {0, 0, 0, 255}, #{}) =:= Pixels]),
    broken(qoi_broken, binary:part(Bytes, 0, 150), fun(B) -> length(qoi_read(B, {0, 0, 0, 255}, #{})) end).
place({R, G, B, A}) -> (R * 3 + G * 5 + B * 7 + A * 11) rem 64.
qoi_write([P | L], P, Seen, Run, Out) when Run < 61 -> qoi_write(L, P, Seen, Run + 1, Out);
qoi_write([P | L], P, Seen, 61, Out) -> qoi_write(L, P, Seen, 0, <<Out/binary, 3:2, 61:6>>);
qoi_write(L, P, Seen, Run, Out) when Run > 0 -> qoi_write(L, P, Seen, 0, <<Out/binary, 3:2, (Run - 1):6>>);
qoi_write([], _, _, 0, Out) -> <<Out/binary, 0:56, 1>>;
qoi_write([{R, G, B, A} = P | L], {R0, G0, B0, A0}, Seen, 0, Out) ->
    I = place(P), {Dr, Dg, Db} = {R - R0, G - G0, B - B0}, {Drg, Dbg} = {Dr - Dg, Db - Dg},
    Code = case Seen of
               #{I := P} -> <<0:2, I:6>>;
               _ when A =:= A0, Dr >= -2, Dr < 2, Dg >= -2, Dg < 2, Db >= -2, Db < 2 -> <<1:2, (Dr + 2):2, (Dg + 2):2, (Db + 2):2>>;
               _ when A =:= A0, Dg >= -32, Dg < 32, Drg >= -8, Drg < 8, Dbg >= -8, Dbg < 8 -> <<2:2, (Dg + 32):6, (Drg + 8):4, (Dbg + 8):4>>;
               _ when A =:= A0 -> <<254, R, G, B>>;
               _ -> <<255, R, G, B, A>>
           end,
    qoi_write(L, P, Seen#{I => P}, 0, <<Out/binary, Code/binary>>).
qoi_read(<<0:56, 1>>, _, _) -> [];
qoi_read(<<255, R, G, B, A, Rest/binary>>, _, S) -> kept({R, G, B, A}, S, Rest);
qoi_read(<<254, R, G, B, Rest/binary>>, {_, _, _, A}, S) -> kept({R, G, B, A}, S, Rest);
qoi_read(<<3:2, N:6, Rest/binary>>, P, S) -> lists:duplicate(N + 1, P) ++ qoi_read(Rest, P, S);
qoi_read(<<2:2, Dg:6, Dr:4, Db:4, Rest/binary>>, {R, G, B, A}, S) -> kept({(R + Dg - 32 + Dr - 8) band 255, (G + Dg - 32) band 255, (B + Dg - 32 + Db - 8) band 255, A}, S, Rest);
qoi_read(<<1:2, Dr:2, Dg:2, Db:2, Rest/binary>>, {R, G, B, A}, S) -> kept({(R + Dr - 2) band 255, (G + Dg - 2) band 255, (B + Db - 2) band 255, A}, S, Rest);
qoi_read(<<0:2, I:6, Rest/binary>>, _, S) -> kept(maps:get(I, S), S, Rest).
kept(P, S, Rest) -> [P | qoi_read(Rest, P, S#{place(P) => P})].

bencode() ->
    T = [0, -42, <<"spam">>, <<>>, [], [<<"a">>, [1, 2]], #{<<"cow">> => <<"moo">>, <<"list">> => [#{}]}, 1 bsl 100],
    show(bencode, [be(T), unbe(be(T)) =:= {T, <<>>}]),
    broken(bencode_broken, be(T), fun unbe/1).
be(N) when is_integer(N) -> <<"i", (integer_to_binary(N))/binary, "e">>;
be(B) when is_binary(B) -> <<(integer_to_binary(byte_size(B)))/binary, ":", B/binary>>;
be(L) when is_list(L) -> <<"l", (<< <<(be(X))/binary>> || X <- L >>)/binary, "e">>;
be(M) -> <<"d", (<< <<(be(K))/binary, (be(V))/binary>> || {K, V} <- lists:sort(maps:to_list(M)) >>)/binary, "e">>.
unbe(<<"i", R/binary>>) -> [N, R1] = binary:split(R, <<"e">>), {binary_to_integer(N), R1};
unbe(<<"l", R/binary>>) -> be_items(R, []);
unbe(<<"d", R/binary>>) -> pairs(be_items(R, []));
unbe(<<D, _/binary>> = B) when D >= $0, D =< $9 -> [N, R] = binary:split(B, <<":">>), S = binary_to_integer(N), <<X:S/binary, R1/binary>> = R, {X, R1}.
be_items(<<"e", R/binary>>, L) -> {lists:reverse(L), R};
be_items(B, L) -> {X, R} = unbe(B), be_items(R, [X | L]).

%% --- numbers of as many bytes as they need

varints() ->
    Numbers = [0, 1, 127, 128, 16383, 16384, 1 bsl 31, 1 bsl 63, 1 bsl 64, 1 bsl 100],
    show(leb, [{N, byte_size(varint(N)), element(1, unvarint(varint(N))) =:= N} || N <- Numbers, N < 1 bsl 70]),
    show(quantities, [{N, binary:encode_hex(quantity(N)), unquantity(quantity(N)) =:= {N, <<>>}} || N <- Numbers]),
    show(utf8_like, [catch <<X/utf8>> || X <- [0, 127, 128, 2047, 2048, 55295, 55296, 65535, 65536, 1114111]]).

bit_streams() ->
    Gamma = << <<(gamma(N))/bits>> || N <- lists:seq(1, 200) >>,
    show(gamma, [bit_size(Gamma), ungamma(Gamma) =:= lists:seq(1, 200)]),
    Fibonacci = << <<(fibonacci(N))/bits>> || N <- lists:seq(1, 100) >>,
    show(fibonacci, [bit_size(Fibonacci), erlang:phash2(Fibonacci)]),
    show(transposed, << <<B:1>> || C <- lists:seq(0, 6), <<_:C, B:1, _/bits>> <- [<<85:7>>, <<42:7>>, <<99:7>>] >>),
    show(gray, [X bxor (X bsr 1) || <<X:4>> <= <<16#0123456789abcdef:64>>]),
    show(base85, [base85(B) || B <- [<<"test">>, <<0:32>>, <<255, 255, 255, 255>>]]),
    show(reversed, << <<(reverse_bits(X, 8, 0))>> || <<X>> <= <<1, 2, 3, 128, 255, 16#aa>> >>).
gamma(N) -> S = bits(N), <<0:(S - 1), N:S>>.
bits(0) -> 0;
bits(N) -> 1 + bits(N bsr 1).
ungamma(<<>>) -> [];
ungamma(B) -> ungamma(B, 1).
ungamma(<<0:1, R/bits>>, S) -> ungamma(R, S + 1);
ungamma(B, S) -> <<N:S, R/bits>> = B, [N | ungamma(R)].
fibonacci(N) -> Fs = lists:takewhile(fun(F) -> F =< N end, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]), {Bits, 0} = lists:foldr(fun(F, {L, R}) when F =< R -> {[1 | L], R - F}; (_, {L, R}) -> {[0 | L], R} end, {[], N}, Fs), << <<B:1>> || B <- Bits ++ [1] >>.
base85(<<N:32>>) -> base85(N, 5, []).
base85(_, 0, L) -> L;
base85(N, K, L) -> base85(N div 85, K - 1, [N rem 85 + 33 | L]).
reverse_bits(_, 0, R) -> R;
reverse_bits(X, N, R) -> reverse_bits(X bsr 1, N - 1, (R bsl 1) bor (X band 1)).

elf() ->
    File = <<127, "ELF", 2, 1, 1, 0:72, 2:16/little, 62:16/little, 1:32/little, 16#400000:64/little, 64:64/little, 0:64/little, 0:32/little, 64:16/little, 56:16/little, 1:16/little, 0:16, 0:16, 0:16>>,
    show(elf, elf(File)), broken(elf_broken, File, fun elf/1).
elf(<<127, "ELF", Class, 1, 1, _:72, Type:16/little, Machine:16/little, 1:32/little, Rest/binary>>) ->
    Word = case Class of 1 -> 32; 2 -> 64 end,
    <<Entry:Word/little, Programs:Word/little, _:Word, _:32, Size:16/little, _/binary>> = Rest,
    {Class, Type, Machine, Entry, Programs, Size}.
