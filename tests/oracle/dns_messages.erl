%% Messages of the domain name system, as inet_dns writes and reads them; files of hosts and resolvers, as inet_parse reads them.
-module(dns_messages).
-export([main/0]).
-include_lib("kernel/src/inet_dns.hrl").

main() ->
    logger:set_primary_config(level, none),
    Messages = [query(Name, Type) || Name <- ["a.example", "www.example.org", lists:duplicate(63, $x) ++ ".org", "under_score.a"], Type <- [a, aaaa, mx, ns, soa, ptr, txt, srv, any]],
    show(sizes, [byte_size(inet_dns:encode(M)) || M <- Messages]),
    show(there_and_back, lists:all(fun(M) -> {ok, N} = inet_dns:decode(inet_dns:encode(M)), inet_dns:msg(N, qdlist) =:= inet_dns:msg(M, qdlist) end, Messages)),
    Answers = [answer(Type, Data) || {Type, Data} <- [{a, {1, 2, 3, 4}}, {aaaa, {1, 2, 3, 4, 5, 6, 7, 65535}}, {ns, "ns.example.org"}, {cname, "Other.Example.org"},
                                                     {mx, {10, "mail.example.org"}}, {txt, ["one", "two words", ""]}, {ptr, "1.2.3.4.in-addr.arpa"},
                                                     {soa, {"ns.a", "admin.a", 1, 2, 3, 4, 5}}, {srv, {1, 2, 5060, "sip.example.org"}}, {hinfo, {"PC", "Linux"}},
                                                     {naptr, {1, 2, "s", "SIP+D2U", "", "_sip._udp.a"}}, {uri, {1, 2, "http://a/"}}, {caa, {0, "issue", "ca.example"}},
                                                     {minfo, {"a.b", "c.d"}}, {wks, {{1, 2, 3, 4}, 6, <<1, 2, 3>>}}, {null, <<1, 2, 3>>}]],
    [begin
         Bytes = try inet_dns:encode(M) catch C:R -> {C, R} end,
         show({bytes, T}, Bytes),
         is_binary(Bytes) andalso show({read, T}, case inet_dns:decode(Bytes) of {ok, Read} -> [inet_dns:rr(RR) || RR <- inet_dns:msg(Read, anlist)]; E -> E end)
     end || {T, M} <- Answers],
    {_, Mx} = lists:keyfind(mx, 1, Answers),
    Whole = inet_dns:encode(Mx),
    show(cut, [case catch inet_dns:decode(binary:part(Whole, 0, N)) of {ok, _} -> ok; {error, E} -> E; {'EXIT', _} -> exit end || N <- lists:seq(0, byte_size(Whole) - 1)]),
    show(changed, erlang:phash2([try summary(inet_dns:decode(changed(Whole, I, B))) catch C:R -> {C, R} end || I <- lists:seq(0, byte_size(Whole) - 1), B <- [0, 1, 63, 64, 192, 255]])),
    show(loop, inet_dns:decode(<<0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 192, 12, 0, 1, 0, 1>>)),
    show(compressed, byte_size(inet_dns:encode(inet_dns:make_msg([{header, header()}, {qdlist, []},
                                                                   {anlist, [rr(a, "host" ++ integer_to_list(N) ++ ".sub.example.org", {1, 2, 3, N}) || N <- lists:seq(1, 20)]}])))),
    files().

header() -> inet_dns:make_header([{id, 4711}, {qr, true}, {opcode, query}, {aa, false}, {tc, false}, {rd, true}, {ra, true}, {pr, false}, {rcode, 0}]).

query(Name, Type) -> inet_dns:make_msg([{header, header()}, {qdlist, [inet_dns:make_dns_query([{domain, Name}, {type, Type}, {class, in}])]}]).

answer(Type, Data) -> {Type, inet_dns:make_msg([{header, header()}, {qdlist, []}, {anlist, [rr(Type, "example.org", Data)]}])}.

rr(Type, Name, Data) -> inet_dns:make_rr([{domain, Name}, {type, Type}, {class, in}, {ttl, 3600}, {data, Data}]).

changed(Bytes, At, Byte) -> <<Before:At/binary, _, After/binary>> = Bytes, <<Before/binary, Byte, After/binary>>.

summary({ok, M}) -> {ok, length(inet_dns:msg(M, anlist)), [inet_dns:rr(RR) || RR <- inet_dns:msg(M, anlist)]};
summary(Error) -> Error.

files() ->
    [begin
         ok = file:write_file("text.tmp", Text),
         show({Kind, Text}, try inet_parse:Kind("text.tmp") catch C:R -> {C, R} end)
     end || {Kind, Text} <- [{hosts, "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback # comment\n\n10.0.0.1\tA.example a\n"}, {hosts, "nonsense\n1.2.3.4 b\n"}, {hosts, ""},
                             {resolv, "nameserver 1.2.3.4\nsearch a.b c.d\noptions ndots:2\nnameserver ::1\ndomain x.y\n"}, {resolv, "; comment\nlookup file bind\n"},
                             {host_conf_linux, "order hosts, bind\nmulti on\n"}, {nsswitch_conf, "hosts: files dns # x\npasswd: files\n"},
                             {services, "http 80/tcp www # web\ndomain 53/udp\n"}, {protocols, "tcp 6 TCP\nudp 17 UDP\n"}, {networks, "loopback 127.0.0.0\n"}]],
    file:delete("text.tmp"),
    show(addresses, [{A, inet_parse:address(A), inet_parse:ipv4strict_address(A), inet_parse:ipv6strict_address(A)}
                     || A <- ["1.2.3.4", "1.2.3", "1.2", "1", "0x7f.1", "010.1.1.1", "256.1.1.1", "1.2.3.4.5", "", "::", "::1", "1::2::3", "fe80::1%lo", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8",
                              "1:2:3:4:5:6:7", "12345::", "a.b.c.d", "1.2.3.4 "]]),
    show(ntoa, [inet_parse:ntoa(T) || T <- [{1, 2, 3, 4}, {0, 0, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 2, 0, 0, 0, 3}, {0, 0, 0, 0, 0, 65535, 258, 772}, {1, 2, 3, 256}, x, {65535, 0, 1, 0, 1, 0, 1, 0}]]),
    show(names, [{N, inet_parse:visible_string(N), inet_parse:domain(N)} || N <- ["a.b", "", "a b", "-x", "A_b.c", [200], x, "a..b", ".a"] ++ [lists:duplicate(64, $a)]]).

show(What, Value) -> io:format("~p: ~0tp~n", [What, Value]).
