%% Options of term_to_binary and binary_to_term, their errors, and encodings that are cut, changed or not allowed.
-module(external_options).
-export([main/0]).

main() ->
    Terms = [1, 255, 256, -1, 1 bsl 31, -(1 bsl 31), (1 bsl 31) - 1, 1 bsl 32, 1 bsl 64, -(1 bsl 2040), 1 bsl 2048, 1.5, a, 'å', 'Ω', '', list_to_atom(lists:duplicate(255, $x)), [], [1, 2, 3], "abc", lists:duplicate(300, $a), [256], [1 | 2], {}, {a}, list_to_tuple(lists:seq(1, 256)), <<>>, <<1, 2>>, <<1:3>>, #{}, #{a => 1}, fun erlang:node/0, lists:duplicate(100, abc)],
    Options = [[], [compressed], [{compressed, 0}], [{compressed, 9}], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], [compressed, {minor_version, 0}], [deterministic], [deterministic, compressed]],
    [io:format("~w ~w~n", [O, erlang:phash2([attempt(fun() -> same(term_to_binary(T, O), T) end) || T <- Terms])]) || O <- Options],
    [io:format("~w ~w~n", [T, [byte_size(term_to_binary(T, O)) || O <- Options, O =:= [] orelse hd(O) =/= deterministic, not lists:member(compressed, O), O =/= [{compressed, 9}]]]) || T <- Terms],
    [io:format("~w ~w~n", [T, [try erlang:external_size(T, O) catch error:R -> R end || O <- [[], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], [{minor_version, 3}], [compressed], x]]]) || T <- Terms],
    [io:format("~w ~w~n", [O, attempt(fun() -> term_to_binary({a, 1.5}, O) end)]) || O <- [a, [a], [{compressed, 10}], [{compressed, -1}], [{compressed, a}], [{minor_version, 3}], [{minor_version, -1}], [{minor_version, a}], [compressed | a], [local, a], [deterministic, {minor_version, 1}], [{deterministic, true}], 1, "", [compressed, compressed]]],
    Broken = [<<>>, <<131>>, <<130, 97, 1>>, <<131, 97>>, <<131, 97, 1, 2>>, <<131, 98, 0, 0, 0>>, <<131, 255>>, <<131, 104, 2, 97, 1>>, <<131, 105, 255, 255, 255, 255>>, <<131, 108, 0, 0, 0, 1, 97, 1>>, <<131, 108, 0, 0, 0, 0, 106>>, <<131, 108, 0, 0, 0, 0, 97, 1>>, <<131, 107, 0, 5, "abc">>, <<131, 109, 0, 0, 0, 9, 1>>, <<131, 77, 0, 0, 0, 1, 9, 1>>, <<131, 77, 0, 0, 0, 1, 0, 1>>, <<131, 77, 0, 0, 0, 1, 8, 1>>, <<131, 77, 0, 0, 0, 0, 0>>, <<131, 77, 0, 0, 0, 0, 3>>,
              <<131, 100, 0, 1, 255>>, <<131, 115, 1, 255>>, <<131, 118, 0, 1, 255>>, <<131, 119, 1, 255>>, <<131, 119, 2, 195, 165>>, <<131, 118, 1, 0, 0:2048>>, <<131, 99, "1.5", 0:224>>, <<131, 99, "x.5", 0:224>>, <<131, 99, "1.50000000000000000000e+00", 0:40>>, <<131, 70, 127, 240, 0:48>>, <<131, 70, 1:64>>, <<131, 110, 0, 0>>, <<131, 110, 1, 0, 5>>, <<131, 110, 1, 1, 5>>, <<131, 110, 1, 2, 5>>, <<131, 110, 1, 0, 0>>, <<131, 110, 9, 0, 5, 0:64>>, <<131, 111, 0, 0, 0, 1, 0, 7>>, <<131, 116, 0, 0, 0, 1, 97, 1>>, <<131, 116, 0, 0, 0, 2, 97, 1, 97, 2, 97, 1, 97, 3>>, <<131, 116, 0, 0, 0, 2, 97, 2, 97, 2, 97, 1, 97, 3>>,
              <<131, 80, 0, 0, 0, 5, 1, 2, 3>>, <<131, 80, 0, 0, 0, 3, (zlib:compress(<<97, 1>>))/binary>>, <<131, 80, 0, 0, 0, 2, (zlib:compress(<<97, 1>>))/binary>>, <<131, 80, 0, 0, 0, 1, (zlib:compress(<<97, 1>>))/binary>>, <<131, 80, 0, 0, 0, 2, (zlib:compress(<<97, 1>>))/binary, 7>>, <<131, 113, 100, 0, 5, "lists", 100, 0, 3, "map", 97, 2>>, <<131, 113, 100, 0, 5, "lists", 100, 0, 3, "map", 98, 0, 0, 0, 2>>, <<131, 113, 97, 1, 100, 0, 1, $b, 97, 255>>, <<131, 82, 0>>, <<131, 68, 0>>, <<131, 106>>, <<131, 119, 0>>, <<131, 121, 1, 2, 3, 4, 97, 1>>, <<131, 97, 1:7>>],
    [io:format("~w ~w~n", [B, [attempt(fun() -> binary_to_term(B) end), attempt(fun() -> binary_to_term(B, [safe]) end), attempt(fun() -> binary_to_term(B, [used]) end)]]) || B <- Broken],
    io:format("~w~n", [[attempt(fun() -> binary_to_term(B, [safe]) end) || B <- [<<131, 119, 24, "hanse_never_seen_atom_xx">>, <<131, 104, 2, 97, 1, 119, 24, "hanse_never_seen_atom_xx">>, <<131, 116, 0, 0, 0, 1, 119, 24, "hanse_never_seen_atom_xx", 97, 1>>, <<131, 113, 119, 24, "hanse_never_seen_atom_xx", 119, 1, $b, 97, 1>>, <<131, 119, 1, $a>>]]]),
    io:format("~w~n", [[attempt(fun() -> binary_to_term(<<131, 97, 1, 9>>, O) end) || O <- [[], [used], [used, safe], [used, used], [x], [used | x], x]]]),
    rand:seed(exsss, {19, 20, 21}),
    Whole = term_to_binary([T || T <- Terms, not is_list(T) orelse length(T) < 50, not is_tuple(T) orelse tuple_size(T) < 50, not is_function(T)]),
    io:format("~w~n", [[erlang:phash2([attempt(fun() -> binary_to_term(binary:part(Whole, 0, N)) end) || N <- lists:seq(From, From + 49)]) || From <- lists:seq(0, byte_size(Whole) - 51, 50)]]),
    io:format("~w~n", [[erlang:phash2([attempt(fun() -> binary_to_term(changed(Whole, rand:uniform(byte_size(Whole)) - 1, rand:uniform(256) - 1), [safe]) end) || _ <- lists:seq(1, 100)]) || _ <- lists:seq(1, 30)]]),
    Parts = [term_to_iovec(T, O) || T <- [a, {<<1:8000>>, b, <<2:80000>>}, lists:duplicate(10, <<3:4000>>)], O <- [[], [{minor_version, 2}], [compressed]]],
    io:format("~w~n", [[is_list(P) andalso erlang:phash2(binary_to_term(iolist_to_binary(P))) || P <- Parts]]).

same(B, T) -> {B =:= term_to_binary(T, [{minor_version, 2}]), binary_to_term(B) =:= T, binary_to_term(B, [safe]) =:= T, element(2, binary_to_term(B, [used])) =:= byte_size(B)}.
changed(B, At, With) -> <<Before:At/binary, _, After/binary>> = B, <<Before/binary, With, After/binary>>.
attempt(F) -> try F() catch error:R -> R end.
