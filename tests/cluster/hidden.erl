%% Hidden nodes: connected, but not part of the mesh.
-module(hidden).
-export([tests/0]).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [two_visible_one_hidden, hidden_is_not_told_of, connect_as_hidden, monitor_nodes_by_type, global_ignores_hidden].

two_visible_one_hidden() ->
    A = cluster:start("va", #{kind => own}),
    B = cluster:start("vb"),
    C = cluster:start("hc", #{flags => ["-hidden"]}),
    [NodeA, NodeB, NodeC] = [cluster:node_of(P) || P <- [A, B, C]],
    equal(pong, cluster:call(A, net_adm, ping, [NodeB])),
    equal(pong, cluster:call(A, net_adm, ping, [NodeC])),
    Nodes = fun(Peer) -> [lists:sort(cluster:call(Peer, erlang, nodes, Arguments)) || Arguments <- [[], [hidden], [connected]]] end,
    equal([[NodeB], [NodeC], lists:sort([NodeB, NodeC])], Nodes(A)),
    equal([[NodeA], [], [NodeA]], Nodes(B)),
    equal([[], [NodeA], [NodeA]], Nodes(C)),
    %% B and C meet only when somebody says so.
    equal(pong, cluster:call(C, net_adm, ping, [NodeB])),
    equal([[NodeA], [NodeC], lists:sort([NodeA, NodeC])], Nodes(B)).

hidden_is_not_told_of() ->
    C = cluster:start("hc", #{flags => ["-hidden"]}),
    B = cluster:node_of(cluster:start("vb")),
    equal(pong, cluster:call(C, net_adm, ping, [node()])),
    equal(pong, net_adm:ping(B)),
    equal([B], nodes()),
    equal([cluster:node_of(C)], nodes(hidden)),
    equal([node()], rpc:call(B, erlang, nodes, [connected])).

connect_as_hidden() ->
    B = cluster:start("b"),
    Node = cluster:node_of(B),
    equal(true, net_kernel:hidden_connect_node(Node)),
    equal({[], [Node]}, {nodes(), nodes(hidden)}),
    cluster:await(fun() -> cluster:call(B, erlang, nodes, [hidden]) =:= [node()] end).

monitor_nodes_by_type() ->
    C = cluster:start("hc", #{flags => ["-hidden"]}),
    Node = cluster:node_of(C),
    ok = net_kernel:monitor_nodes(true),
    ok = net_kernel:monitor_nodes(true, [{node_type, hidden}]),
    equal(pong, net_adm:ping(Node)),
    equal({nodeup, Node, [{node_type, hidden}]}, cluster:receive_one()),
    cluster:nothing_arrives(),
    cluster:kill(C),
    equal({nodedown, Node, [{node_type, hidden}]}, cluster:receive_one()).

global_ignores_hidden() ->
    C = cluster:start("hc", #{flags => ["-hidden"]}),
    equal(pong, net_adm:ping(cluster:node_of(C))),
    yes = global:register_name(visible_only, self()),
    equal(undefined, cluster:call(C, global, whereis_name, [visible_only])),
    _ = global:unregister_name(visible_only).
