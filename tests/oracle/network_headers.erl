%% Headers of network packets taken apart and put together: odd sizes, both byte orders, sizes that other fields say.
-module(network_headers).
-export([main/0]).

main() ->
    Tcp = <<80:16, 50000:16, 1:32, 2:32, 5:4, 0:3, 0:1, 0:1, 0:1, 0:1, 1:1, 1:1, 0:1, 1:1, 0:1, 8192:16, 0:16, 0:16, "payload">>,
    Ip = <<4:4, 5:4, 0:8, (20 + byte_size(Tcp)):16, 7:16, 2:3, 0:13, 64:8, 6:8, 0:16, 10, 0, 0, 1, 192, 168, 1, 2, Tcp/binary>>,
    io:format("~0p~n", [packet(Ip)]),
    io:format("~0p~n", [[packet(binary:part(Ip, 0, N)) || N <- [0, 1, 19, 20, 30, byte_size(Ip) - 1]]]),
    io:format("~w~n", [checksum(Ip, 0)]),
    io:format("~0p~n", [dns(<<1:16, 0:1, 0:4, 0:1, 0:1, 1:1, 0:1, 0:3, 0:4, 1:16, 0:16, 0:16, 0:16, 3, "www", 7, "example", 3, "org", 0, 1:16, 1:16>>)]),
    io:format("~0p~n", [tlv(<<1, 3, "abc", 2, 0, 16#83, 1:24, 9, 200, "short">>, [])]),
    io:format("~0p~n", [bitmap(<<2#10110011, 2#0000111:7>>, 0)]),
    io:format("~0p~n", [[varint(varint_bytes(N)) || N <- [0, 1, 127, 128, 300, 1 bsl 40]]]),
    io:format("~0p~n", [[ieee(F) || F <- [0.0, 1.0, -2.5, 1.0e300]]]).

packet(<<4:4, Length:4, _Tos:8, Total:16, Id:16, Flags:3, Offset:13, Ttl, Protocol, _Sum:16, Source:4/binary, Target:4/binary, Rest/binary>> = All)
  when byte_size(All) =:= Total ->
    Options = (Length - 5) * 4,
    <<_:Options/binary, Body/binary>> = Rest,
    {ip, Id, Flags, Offset, Ttl, [X || <<X>> <= Source], binary_to_list(Target), body(Protocol, Body)};
packet(<<4:4, _:4, _/binary>> = B) -> {short, byte_size(B)};
packet(_) -> no.

body(6, <<From:16, To:16, Seq:32, Ack:32, Words:4, _:6, U:1, A:1, P:1, R:1, S:1, F:1, Window:16, _:32, Rest/binary>>) ->
    Skip = 4 * Words - 20,
    <<_:Skip/unit:8, Data/bits>> = Rest,
    {tcp, From, To, Seq, Ack, [U, A, P, R, S, F], Window, Data};
body(N, B) -> {other, N, byte_size(B)}.

checksum(<<A:16, R/binary>>, S) -> checksum(R, S + A);
checksum(<<A>>, S) -> checksum(<<>>, S + (A bsl 8));
checksum(<<>>, S) -> (bnot ((S band 16#ffff) + (S bsr 16))) band 16#ffff.

dns(<<Id:16, 0:1, _:6, 1:1, _:8, 1:16, _:48, Q/binary>>) -> {Id, labels(Q, [])};
dns(_) -> other.
labels(<<0, Type:16, Class:16>>, Acc) -> {lists:reverse(Acc), Type, Class};
labels(<<N, L:N/binary, R/binary>>, Acc) -> labels(R, [L | Acc]).

tlv(<<T, 1:1, 3:7, N:24, V:N/binary, R/binary>>, Acc) -> tlv(R, [{T, long, V} | Acc]);
tlv(<<T, 0:1, N:7, V:N/binary, R/binary>>, Acc) -> tlv(R, [{T, V} | Acc]);
tlv(Rest, Acc) -> {lists:reverse(Acc), Rest}.

bitmap(<<1:1, R/bits>>, N) -> [N | bitmap(R, N + 1)];
bitmap(<<0:1, R/bits>>, N) -> bitmap(R, N + 1);
bitmap(<<>>, _) -> [].

varint_bytes(N) when N < 128 -> <<N>>;
varint_bytes(N) -> <<1:1, N:7, (varint_bytes(N bsr 7))/binary>>.
varint(B) -> varint(B, 0, 0).
varint(<<1:1, L:7, R/binary>>, Shift, Acc) -> varint(R, Shift + 7, Acc bor (L bsl Shift));
varint(<<0:1, L:7>>, Shift, Acc) -> Acc bor (L bsl Shift).

ieee(F) -> <<S:1, E:11, M:52>> = <<F/float>>, <<G/float-little>> = <<F/float-little>>, {S, E, M, G}.
