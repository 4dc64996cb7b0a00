%% phash2, phash, checksums, digests and external sizes of special and random terms, with ranges.
-module(term_hashes).
-export([main/0]).
-compile(nowarn_deprecated_function).

main() ->
    Special = [0, 1, -1, 255, 256, 1 bsl 27, -(1 bsl 27), 1 bsl 31, 1 bsl 32, 1 bsl 59, (1 bsl 60) - 1, 1 bsl 60, 1 bsl 63, 1 bsl 64, -(1 bsl 64), 1 bsl 300, 0.0, -0.0, 1.0, 1.5e300, a, '', 'Ω', lists:duplicate(255, $a), [], [a], "abc", [256], [1 | 2], {}, {a}, {a, {b, [c]}},
               <<>>, <<1>>, <<1:1>>, <<1:9>>, <<"abcdefghijklmnopqrstuvwxyz">>, #{}, #{a => 1}, #{1 => 1, 1.0 => 2}, fun erlang:node/0, fun lists:map/2],
    [io:format("~w ~w ~w ~w~n", [erlang:phash2(X), catch erlang:phash(X, 1 bsl 32), erlang:external_size(X), X]) || X <- Special],
    [io:format("range ~w ~w ~w~n", [R, (catch_error(fun() -> erlang:phash2({x, R}, R) end)), catch_error(fun() -> erlang:phash({x, R}, R) end)]) || R <- [1, 2, 3, 7, 1 bsl 16, (1 bsl 27) - 1, 1 bsl 27, (1 bsl 32) - 1, 1 bsl 32, (1 bsl 32) + 1, 1 bsl 64, 0, -1, a, 1.0]],
    rand:seed(exsss, {4, 5, 6}),
    Random = [random(5) || _ <- lists:seq(1, 3000)],
    [begin
        io:format("~w ~w ~w ~s~n", [erlang:phash2(Chunk), catch erlang:phash(Chunk, 1 bsl 32), erlang:crc32(term_to_binary(Chunk, [{minor_version, 2}])), binary:encode_hex(erlang:md5(io_lib:format("~w", [Chunk])))]),
        io:format("  ~w~n", [erlang:phash2([erlang:phash2(X) || X <- Chunk])]),
        io:format("  ~w~n", [erlang:phash2([erlang:phash(X, 1 bsl 32) || X <- Chunk])])
     end || Chunk <- chunks(Random, 200)],
    Bytes = << <<(X * X rem 251)>> || X <- lists:seq(1, 70000) >>,
    Sizes = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 55, 56, 63, 64, 65, 5551, 5552, 5553, 69999],
    [begin
        Part = binary:part(Bytes, 0, N), <<_:3, Shifted:N/binary, _/bits>> = <<0:3, Part/binary, 0:5>>,
        io:format("~w ~w ~w ~s ~w~n", [N, erlang:crc32(Part), erlang:adler32(Part), binary:encode_hex(erlang:md5(Part)), [erlang:crc32(Shifted) =:= erlang:crc32(Part), erlang:adler32(Shifted) =:= erlang:adler32(Part), erlang:md5(Shifted) =:= erlang:md5(Part), erlang:phash2(Shifted) =:= erlang:phash2(Part)]]),
        Rest = binary:part(Bytes, N, 70000 - N),
        io:format("  ~w ~w ~w ~w~n", [erlang:crc32(erlang:crc32(Part), Rest) =:= erlang:crc32(Bytes), erlang:crc32_combine(erlang:crc32(Part), erlang:crc32(Rest), byte_size(Rest)) =:= erlang:crc32(Bytes), erlang:adler32_combine(erlang:adler32(Part), erlang:adler32(Rest), byte_size(Rest)) =:= erlang:adler32(Bytes),
                                      erlang:md5_final(erlang:md5_update(erlang:md5_update(erlang:md5_init(), Part), Rest)) =:= erlang:md5(Bytes)])
     end || N <- Sizes].

catch_error(F) -> try F() catch error:R -> R end.
chunks([], _) -> [];
chunks(L, N) -> {A, B} = lists:split(N, L), [A | chunks(B, N)].

random(0) -> case rand:uniform(6) of 1 -> []; 2 -> a; 3 -> rand:uniform(1000) - 500; 4 -> (rand:uniform(20) - 10) * 0.25; 5 -> {}; 6 -> <<>> end;
random(D) ->
    N = rand:uniform(5) - 1,
    case rand:uniform(10) of
        1 -> [random(D - 1) || _ <- lists:seq(1, N)];
        2 -> list_to_tuple([random(D - 1) || _ <- lists:seq(1, N)]);
        3 -> maps:from_list([{random(D - 1), random(D - 1)} || _ <- lists:seq(1, N)]);
        4 -> [random(D - 1) | random(D - 1)];
        5 -> <<(rand:uniform(1 bsl 20)):(N * 5), (rand:uniform(3))>>;
        6 -> list_to_atom([$a + rand:uniform(3) || _ <- lists:seq(0, N)]);
        7 -> rand:uniform(1 bsl (N * 40 + 8)) - (1 bsl (N * 40 + 7));
        8 -> [rand:uniform(255) || _ <- lists:seq(1, N * 4)];
        9 -> rand:uniform() * 1.0e10;
        10 -> random(D - 1)
    end.
