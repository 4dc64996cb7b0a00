%% The functions of binary, and others that read bytes, on parts that begin within a byte, on parts of parts, and on large ones.
-module(binary_slices).
-export([main/0]).

main() ->
    rand:seed(exsss, {41, 42, 43}),
    Bytes = << <<(rand:uniform(6) + $a - 1)>> || _ <- lists:seq(1, 3000) >>,
    [io:format("~w ~w: ~w~n", [Shift, Size, [erlang:phash2(V) || V <- all(slice(Bytes, Shift, Size))]]) || Shift <- [0, 1, 3, 4, 7, 8, 13], Size <- [0, 1, 7, 8, 64, 65, 300, 2000]],
    Same = [[all(slice(Bytes, Shift, Size)) =:= all(binary:copy(slice(Bytes, Shift, Size))) || Shift <- [1, 5, 9]] || Size <- [0, 3, 64, 70, 1000]],
    io:format("~w~n", [Same]),
    Patterns = [<<"a">>, <<"ab">>, <<"abc">>, <<"cab">>, [<<"ab">>, <<"b">>, <<"bcd">>], [<<"f">>, <<"ff">>, <<"fff">>], slice(<<"xabcx">>, 9, 2), binary:compile_pattern(<<"ba">>), binary:compile_pattern([<<"ce">>, <<"de">>, <<"eee">>])],
    [io:format("~w~n", [[begin S = slice(Bytes, Shift, 1500), erlang:phash2({binary:match(S, P), binary:matches(S, P), binary:split(S, P), binary:split(S, P, [global]), binary:split(S, P, [global, trim]), binary:split(S, P, [global, trim_all]), binary:split(S, P, [trim_all, {scope, {20, 200}}, global]), binary:matches(S, P, [{scope, {1400, -900}}]), binary:match(S, P, [{scope, {1499, 1}}]), binary:replace(S, P, <<"_">>, [global, {insert_replaced, 0}])}) end || Shift <- [0, 3, 8]]]) || P <- Patterns],
    io:format("~w~n", [[attempt(fun() -> binary:part(S, P, L) end) || S <- [slice(Bytes, 3, 5)], P <- [0, 4, 5, 6, -1], L <- [0, 1, 5, -1, -5, 6]]]),
    io:format("~w~n", [[attempt(fun() -> binary:F(<<5:S>>) end) || F <- [first, last, bin_to_list, decode_unsigned, copy, referenced_byte_size, encode_hex], S <- [0, 3, 8, 13]]]),
    io:format("~w~n", [[attempt(fun() -> binary:decode_unsigned(slice(<<1, 2, 3, 0, 255, 254, 1, 2, 3, 4>>, Sh, N), E) end) || Sh <- [0, 3, 8], N <- [0, 1, 4, 9], E <- [big, little]]]),
    io:format("~w~n", [[attempt(fun() -> binary:encode_unsigned(N, E) end) || N <- [0, 1, 255, 256, 1 bsl 63, 1 bsl 64, (1 bsl 72) - 1, 1 bsl 300, -1, a, 1.0], E <- [big, little, middle]]]),
    io:format("~w~n", [[attempt(fun() -> binary:F(L) end) || F <- [longest_common_prefix, longest_common_suffix], L <- [[slice(Bytes, 1, 9), slice(Bytes, 1, 5)], [slice(Bytes, 3, 9), binary:copy(slice(Bytes, 3, 9))], [<<>>], [<<"abc">>, <<"xbc">>], [], [<<"a">>, <<1:3>>], [a], [<<"ab">> | x]]]]),
    io:format("~w~n", [[binary:referenced_byte_size(B) || B <- [<<>>, binary:copy(<<1>>, 10), binary:part(binary:copy(<<1>>, 1000), 3, 100), binary:copy(binary:part(binary:copy(<<1>>, 1000), 3, 100))]]]),
    %% Growing, and parts taken while it grows.
    {Whole, Parts} = lists:foldl(fun(N, {Acc, Ps}) -> New = <<Acc/bits, N:(N rem 17)>>, {New, [binary_part(<<New/bits, 0:(7 - (bit_size(New) + 7) rem 8)>>, 0, min(5, bit_size(New) div 8)) | Ps]} end, {<<>>, []}, lists:seq(1, 600)),
    io:format("~w ~w ~w~n", [bit_size(Whole), erlang:phash2(Whole), erlang:phash2(Parts)]),
    Base = <<"base">>, Grown = <<Base/binary, "1">>, Other = <<Base/binary, "2">>, Again = <<Grown/binary, "3">>, Third = <<Grown/binary, "4">>,
    io:format("~w~n", [[Base, Grown, Other, Again, Third]]),
    %% Bits in lists.
    Lists = [[<<1:3>>], [<<1:3>>, 2], [<<1:3>> | <<2:5>>], [[<<1:1>>, [<<5:7>>]] | <<>>], [1 | <<1:1>>], [256], [a], [1 | 2], a, <<1:3>>, [<<1:3>>, "abc", <<4:4>>]],
    io:format("~w~n", [[[attempt(fun() -> erlang:F(L) end) || F <- [list_to_bitstring, iolist_to_binary, list_to_binary, iolist_size, iolist_to_iovec]] || L <- Lists]]),
    io:format("~w~n", [[attempt(fun() -> bitstring_to_list(B) end) || B <- [<<>>, <<1:3>>, <<1, 2, 3:3>>, slice(Bytes, 3, 2), a]]]),
    io:format("~w~n", [[attempt(fun() -> binary_to_list(slice(Bytes, 3, 9), A, B) end) || A <- [0, 1, 9, 10], B <- [0, 1, 9, 10]]]).

slice(B, Shift, Size) -> <<_:Shift, S:Size/binary, _/bits>> = B, S.
all(S) ->
    [S, byte_size(S), binary_to_list(S), attempt(fun() -> binary:at(S, 0) end), attempt(fun() -> {binary:first(S), binary:last(S)} end), binary:copy(S, 2), binary:decode_unsigned(S), binary:decode_unsigned(S, little), binary:encode_hex(S), erlang:md5(S), erlang:crc32(S), erlang:adler32(S), iolist_to_binary([S, [S | S]]), list_to_binary([S, $x]),
     attempt(fun() -> unicode:characters_to_list(S) end), unicode:characters_to_binary([S, S], latin1, utf16), attempt(fun() -> string:uppercase(S) end), base64:encode(S), term_to_binary(S), binary_to_term(term_to_binary(S)) =:= S, erlang:phash2(S), re:run(S, "b[cd]+", [global]), S < <<"c">>, S =:= binary:copy(S), << <<(X + 1)>> || <<X>> <= S >>, zlib:uncompress(zlib:compress(S)) =:= S, attempt(fun() -> binary_to_atom(binary:part(S, 0, min(20, byte_size(S)))) end), attempt(fun() -> binary_to_integer(S, 16) end), split_binary(S, byte_size(S) div 2)].
attempt(F) -> try F() catch error:R -> R end.
