%% Lists of bytes and binaries in any shape: their size, what becomes of them, and what is none.
-module(io_data).
-export([main/0]).

main() ->
    Shapes = [[], <<>>, "abc", <<"abc">>, [<<"a">>, $b, ["c", [<<>>], []]], [[[[[]]]]], [<<"a">> | <<"b">>], ["x" | <<"tail">>], [0, 255], nested(1000, $x), wide(2000), [big() | big()], [[<<N>> || N <- lists:seq(0, 255)]],
              [binary:part(<<"hello world">>, 3, 4), <<1:3, 255:5>>]],
    [show(N, {iolist_size(S), erlang:md5(iolist_to_binary(S)), length(erlang:iolist_to_iovec(S)) >= 0, iolist_to_binary(erlang:iolist_to_iovec(S)) =:= iolist_to_binary(S)}) || {N, S} <- lists:enumerate(Shapes)],
    show(iovecs, [erlang:iolist_to_iovec(S) || S <- [[], <<>>, "abc", ["a", <<"b">>, "c"], [<<"a">> | <<"b">>]]]),
    Wrong = [x, 1, [x], [256], [-1], [1.5], [[], x], ["a" | b], [<<1:3>>], <<1:3>>, [<<"a">> | 1], [{}], #{}, ["a", [#{}]], self(), nested(1000, x), [<<"ok">>, [255 | 256]]],
    [show({wrong, N}, [try F(S) catch C:R -> {C, R} end || F <- [fun erlang:iolist_size/1, fun erlang:iolist_to_binary/1, fun erlang:iolist_to_iovec/1, fun erlang:list_to_binary/1, fun erlang:md5/1, fun erlang:crc32/1]])
     || {N, S} <- lists:enumerate(lists:droplast(lists:droplast(Wrong)) ++ [lists:last(Wrong)])],
    show(deep_wrong, [element(1, catch iolist_size(lists:nth(16, Wrong)))]),
    show(bits, [try list_to_bitstring(S) catch C:R -> {C, R} end || S <- [[<<1:3>>, <<2:5>>], [<<1:1>> || _ <- lists:seq(1, 17)], [<<1:3>>, 255], [1, <<5:3>> | <<1:2>>], [], <<1:3>>, [x], [[<<1:7>>], [[<<1:1>>]]]]]),
    show(bytes, [{byte_size(B), bit_size(B)} || B <- [<<>>, <<1:1>>, <<1:9>>, <<1, 2, 3>>]]),
    show(to_list, [bitstring_to_list(<<1, 2, 3:4>>), binary_to_list(<<1, 2, 3>>, 2, 3), try binary_to_list(id(<<1, 2, 3>>), 3, id(2)) catch error:R -> R end, try binary_to_list(id(<<1:3>>)) catch error:R2 -> R2 end]),
    show(checks, [{erlang:crc32(S), erlang:adler32(S)} || S <- Shapes]),
    show(incremental, begin C0 = erlang:md5_init(), C1 = lists:foldl(fun(S, C) -> erlang:md5_update(C, S) end, C0, Shapes), erlang:md5_final(C1) =:= erlang:md5(Shapes) end),
    show(combined, [erlang:crc32_combine(erlang:crc32(A), erlang:crc32(B), iolist_size(B)) =:= erlang:crc32([A, B]) || A <- ["one", big()], B <- ["two", []]]),
    show(split, [split_binary(<<"hello">>, N) || N <- [0, 3, 5]]),
    show(split_wrong, [try split_binary(<<"hello">>, N) catch error:R3 -> R3 end || N <- [6, -1, a, 1 bsl 70]]),
    show(parts, [{referenced(B), binary:referenced_byte_size(binary:copy(B))} || B <- [binary:part(big(), 10, 100)]]),
    show(written, begin ok = file:write_file("x.tmp", Shapes), {ok, Read} = file:read_file("x.tmp"), file:delete("x.tmp"), Read =:= iolist_to_binary(Shapes) end),
    show(sent, begin {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]), {ok, P} = inet:port(L), {ok, A} = gen_tcp:connect({127, 0, 0, 1}, P, []), {ok, B} = gen_tcp:accept(L),
                     spawn_link(fun() -> gen_tcp:send(A, Shapes) end), {ok, Got} = gen_tcp:recv(B, iolist_size(Shapes)), Got =:= iolist_to_binary(Shapes) end),
    show(port, begin Port = open_port({spawn_executable, "/bin/cat"}, [binary, stream]), port_command(Port, ["a", <<"b">>, ["c" | <<"d">>]]), collect(Port, 4) end),
    show(joined, [iolist_to_binary(lists:join(", ", ["a", <<"b">>, [$c]])), iolist_to_binary(io_lib:format("~s-~w", [["x", <<"y">>], [1]]))]),
    show(compared, [X =:= Y || {X, Y} <- [{<<"ab">>, iolist_to_binary(["a", "b"])}, {[], <<>>}]]).

id(X) -> X.

referenced(B) -> binary:referenced_byte_size(B) >= 100.

collect(_, 0) -> <<>>;
collect(Port, N) -> receive {Port, {data, D}} -> Rest = collect(Port, N - byte_size(D)), <<D/binary, Rest/binary>> after 10000 -> none end.

nested(0, X) -> X;
nested(N, X) -> [nested(N - 1, X)].

wide(N) -> [[<<(I rem 256)>>, I rem 256, []] || I <- lists:seq(1, N)].

big() -> binary:copy(<<"0123456789">>, 1000).

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
