%% Connections that OTP's own TLS carries (-proto_dist inet_tls), each side with a certificate of the cluster's own authority.
-module(encrypted).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [members_talk, strangers_do_not].

members_talk() ->
    Flags = flags("members", authority()),
    One = cluster:start("w", #{kind => own, flags => Flags}),
    Other = cluster:start("b", #{flags => Flags}),
    Node = cluster:node_of(Other),
    equal(pong, cluster:call(One, net_adm, ping, [Node])),
    equal([cluster:node_of(One)], cluster:call(Other, erlang, nodes, [])),
    [equal({<<0:(Size * 8)>>, Size}, cluster:call(One, ?MODULE, there_and_back, [Node, <<0:(Size * 8)>>])) || Size <- [0, 1000, 70000]],
    equal(3000000, cluster:call(One, ?MODULE, large, [Node])),
    true = cluster:call(One, erlang, disconnect_node, [Node]),
    equal(pong, cluster:call(One, net_adm, ping, [Node])),
    {ok, Peers} = cluster:call(One, net_kernel, nodes_info, []),
    equal([tls], [cluster:call(One, ?MODULE, protocol_of, [Information]) || {Name, Information} <- Peers, Name =:= Node]).

there_and_back(Node, Bytes) -> {rpc:call(Node, erlang, list_to_binary, [[Bytes]]), rpc:call(Node, erlang, byte_size, [Bytes])}.
large(Node) -> byte_size(rpc:call(Node, binary, copy, [<<1>>, 3000000])).
protocol_of(Information) -> element(4, proplists:get_value(address, Information)).

%% Neither one with a certificate of somebody else, nor one without TLS.
strangers_do_not() ->
    Member = cluster:start("b", #{flags => flags("members", authority())}),
    Node = cluster:node_of(Member),
    Stranger = cluster:start("s", #{kind => own, flags => flags("strangers", authority())}),
    equal(pang, cluster:call(Stranger, net_adm, ping, [Node])),
    Plain = cluster:start("p", #{kind => own}),
    equal(pang, cluster:call(Plain, net_adm, ping, [Node])),
    equal([], cluster:call(Member, erlang, nodes, [])).

authority() ->
    Name = {'Extension', {2, 5, 29, 17}, false, [{dNSName, "localhost"}]},
    Chain = #{root => [{key, {namedCurve, secp256r1}}], intermediates => [], peer => [{key, {namedCurve, secp256r1}}, {extensions, [Name]}]},
    public_key:pkix_test_data(#{server_chain => Chain, client_chain => Chain}).

flags(Name, #{server_config := Server, client_config := Client}) ->
    File = filename:join(os:getenv("HOME"), Name ++ ".config"),
    Options = [{server, [{verify, verify_peer}, {fail_if_no_peer_cert, true} | Server]}, {client, [{verify, verify_peer} | Client]}],
    ok = file:write_file(File, io_lib:format("~p.~n", [Options])),
    ["-proto_dist", "inet_tls", "-ssl_dist_optfile", File].
