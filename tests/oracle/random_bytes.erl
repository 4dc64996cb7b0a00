%% Random bytes, nested data and patterns: long outputs are shown as hashes, one line for each seed.
-module(random_bytes).
-export([main/0]).

main() ->
    [begin
         rand:seed(exsss, {Seed, 1, 2}),
         io:format("~w ~w ~w ~w ~w ~w~n", [Seed, hash(unicode()), hash(iolists()), hash(search()), hash(regex()), hash(bits())])
     end || Seed <- lists:seq(1, 300)].

hash(T) -> erlang:phash2(T, 1 bsl 32).

r(N) -> rand:uniform(N).
pick(L) -> lists:nth(r(length(L)), L).
list(N, F) -> [F() || _ <- lists:seq(1, r(N))].

try_it(F) -> try F() catch C:R -> {C, R} end.

%% --- character data, often invalid ---
chars(0) -> chunk();
chars(D) ->
    case r(6) of
        1 -> [];
        2 -> [chars(D - 1) | <<"t">>];
        3 -> [r(300) | chars(D - 1)];
        _ -> list(4, fun() -> element(D, {chunk(), chars(D - 1), chars(D - 1), chars(D - 1)}) end)
    end.
chunk() ->
    case r(9) of
        1 -> r(16#11ffff);
        2 -> r(127);
        3 -> <<(r(16#d7ff))/utf8, (r(1000))/utf8>>;
        4 -> B = <<(16#e000 + r(1000))/utf8, (r(127))/utf8>>, binary:part(B, 0, r(byte_size(B)));
        5 -> <<_, B/binary>> = <<(16#10000 + r(100000))/utf8>>, B;
        6 -> list_to_binary(list(3, fun() -> r(256) - 1 end));
        7 -> <<_:3, B:3/binary, _/bits>> = <<(r(1 bsl 30)):32>>, B;
        8 -> binary:copy(<<"ascii", (r(127))>>, r(30));
        9 -> []
    end.
unicode() ->
    [begin
         D = case chars(r(4)) of I when is_integer(I) -> [I]; X -> X end,
         [try_it(fun() -> unicode:F(D, E) end) || F <- [characters_to_list, characters_to_binary],
                                                  E <- [utf8, latin1, {utf16, big}, utf32]]
             ++ [try_it(fun() -> unicode:characters_to_binary(D, utf8, {utf16, little}) end)]
     end || _ <- lists:seq(1, 20)].

%% --- iolists ---
io(0) -> <<"x">>;
io(D) ->
    case r(7) of
        1 -> r(255);
        2 -> binary:copy(<<(r(255))>>, r(200));
        3 -> <<_:5, B:40/binary, _/bits>> = <<(r(1 bsl 60)):400>>, B;
        4 -> [io(D - 1) | binary:copy(<<"tail">>, r(30))];
        _ -> list(6, fun() -> io(D - 1) end)
    end.
iolists() ->
    [begin
         L = [io(5)],
         B = iolist_to_binary(L),
         [B, iolist_size(L), list_to_binary(L), iolist_to_binary(erlang:iolist_to_iovec(L)), erlang:md5(L), erlang:crc32(L),
          erlang:adler32(L), binary_to_list(B), erlang:md5_final(erlang:md5_update(erlang:md5_update(erlang:md5_init(), L), L)),
          list_to_bitstring([L, <<1:3>>, L])]
     end || _ <- lists:seq(1, 10)].

%% --- searching ---
text(N, K) -> list_to_binary(list(N, fun() -> $a + r(K) - 1 end)).
search() ->
    [begin
         T = text(300, K), P = case r(2) of 1 -> text(4, K); 2 -> list(4, fun() -> text(5, K) end) end,
         C = binary:compile_pattern(P),
         S = r(byte_size(T)) - 1,
         [binary:match(T, P), binary:matches(T, C), binary:split(T, C), binary:split(T, P, [global]),
          binary:split(T, P, [global, trim]), binary:split(T, C, [global, trim_all]),
          binary:matches(T, C, [{scope, {S, byte_size(T) - S}}]), binary:replace(T, P, <<"--">>, [global]),
          binary:longest_common_prefix([T, text(20, K), T]), string:split(T, text(2, K), all),
          binary:decode_unsigned(T), binary:encode_unsigned(binary:decode_unsigned(T, little), little)]
     end || K <- [1, 2, 3, 20]].

%% --- regular expressions ---
regex() ->
    [begin
         T = text(60, 4),
         P = iolist_to_binary(list(6, fun() -> pick(["a", "b", "[ab]", "(a|b)", "c*", "(?:ab)+", "(?<n>c)?", ".", "\\w", "^", "$",
                                                     "a{1,3}", "b??", "(d)", "\\b", "[^a]"]) end)),
         O = [pick([caseless, dotall, multiline, ungreedy, unicode, anchored, extended, dupnames])],
         [try_it(fun() -> re:run(T, P, O ++ Q) end) || Q <- [[], [global], [{capture, all, list}], [{capture, all_names, binary}],
                                                             [{capture, all_but_first, binary}, global], [{offset, r(byte_size(T)) - 1}],
                                                             [notempty]]]
             ++ [try_it(fun() -> re:F(T, P, O) end) || F <- [split]]
             ++ [try_it(fun() -> re:replace(T, P, "<&\\1>", [{return, binary}, global | O]) end)]
     end || _ <- lists:seq(1, 10)].

%% --- bits at every offset ---
bits() ->
    B = rand:bytes(60),
    [begin
         O = r(20) - 1, S = r(300), <<_:O, P:S/bits, _/bits>> = B,
         W = S div 8, <<Q:W/binary, _/bits>> = P,
         [bitstring_to_list(P), bit_size(P), byte_size(P), Q =:= list_to_binary(binary_to_list(Q)), binary:copy(Q, 3), Q < P,
          P =:= list_to_bitstring([P]), erlang:phash2(P), try_it(fun() -> binary:match(Q, <<(r(255))>>) end),
          [binary:at(Q, W - 1) || W > 0], binary_part(Q, {W, -W}), split_binary(Q, W div 2),
          try_it(fun() -> binary_to_atom(Q, latin1) end)]
     end || _ <- lists:seq(1, 10)].
