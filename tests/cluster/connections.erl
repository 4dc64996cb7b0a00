%% How nodes come to be connected, how they part, and who is told.
-module(connections).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [first_use_connects, connect_all_false, connect_node, disconnect_node, monitor_a_node, monitor_a_node_that_is_not_there,
            monitor_a_node_several_times, monitor_without_connecting, monitor_nodes, monitor_nodes_with_options, nodes_with_info,
            simultaneous_connects, sent_to_one_that_disconnects, process_flag_monitor_nodes, connection_information].

first_use_connects() ->
    Uses = [fun(Node) -> {name, Node} ! hello end,
            fun(Node) -> erlang:monitor(process, {name, Node}) end,
            fun(Node) -> spawn(Node, fun() -> ok end) end,
            fun(Node) -> erlang:send({name, Node}, hello, [nosuspend]) end,
            fun(Node) -> erlang:monitor_node(Node, true) end,
            fun(Node) -> catch gen_server:call({name, Node}, hello, 10) end],
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    lists:foreach(fun(Use) ->
                      cluster:disconnect(Peer),
                      Use(Node),
                      cluster:await(fun() -> nodes() =:= [Node] end)
                  end, Uses),
    %% A pid of that node too.
    Pid = rpc:call(Node, erlang, whereis, [init]),
    cluster:disconnect(Peer),
    process_flag(trap_exit, true),
    true = link(Pid),
    cluster:await(fun() -> nodes() =:= [Node] end),
    true = unlink(Pid),
    cluster:disconnect(Peer),
    exit(rpc:call(Node, erlang, spawn, [timer, sleep, [infinity]]), kill),
    cluster:await(fun() -> nodes() =:= [Node] end).

connect_all_false() ->
    Flags = #{flags => ["-connect_all", "false"]},
    [B, C] = [cluster:start(Name, Flags) || Name <- ["b", "c"]],
    D = cluster:start("d", Flags#{kind => own}),
    [NodeB, NodeC, NodeD] = [cluster:node_of(P) || P <- [B, C, D]],
    equal(pong, cluster:call(D, net_adm, ping, [NodeB])),
    equal(pong, cluster:call(B, net_adm, ping, [NodeC])),
    equal([NodeB], cluster:call(D, erlang, nodes, [])),
    equal([NodeB], cluster:call(C, erlang, nodes, [])),
    equal(lists:sort([NodeC, NodeD]), lists:sort(cluster:call(B, erlang, nodes, []))).

connect_node() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(true, net_kernel:connect_node(Node)),
    equal(true, net_kernel:connect_node(Node)),
    equal([Node], nodes()),
    equal(false, net_kernel:connect_node('nobody@localhost')),
    equal(true, net_kernel:connect_node(node())).

disconnect_node() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    equal(false, erlang:disconnect_node(Node)),
    equal(pong, net_adm:ping(Node)),
    Reference = erlang:monitor(process, {init, Node}),
    equal(true, erlang:disconnect_node(Node)),
    equal({'DOWN', Reference, process, {init, Node}, noconnection}, cluster:receive_one()),
    cluster:disconnect(Peer),
    equal(false, erlang:disconnect_node(node())),
    cluster:connect(Node).

monitor_a_node() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    true = erlang:monitor_node(Node, true),
    cluster:nothing_arrives(),
    cluster:kill(Peer),
    equal({nodedown, Node}, cluster:receive_one()).

monitor_a_node_that_is_not_there() ->
    true = erlang:monitor_node('nobody@localhost', true),
    equal({nodedown, 'nobody@localhost'}, cluster:receive_one()).

%% Each call counts.
monitor_a_node_several_times() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(pong, net_adm:ping(Node)),
    [true = erlang:monitor_node(Node, true) || _ <- [1, 2, 3]],
    true = erlang:monitor_node(Node, false),
    cluster:disconnect(Node),
    equal([{nodedown, Node}, {nodedown, Node}], [cluster:receive_one(), cluster:receive_one()]),
    cluster:nothing_arrives().

monitor_without_connecting() ->
    Node = cluster:node_of(cluster:start("b")),
    true = erlang:monitor_node(Node, true, [allow_passive_connect]),
    equal({'EXIT', badarg}, case catch erlang:monitor_node(Node, true, [no_such]) of {'EXIT', {R, _}} -> {'EXIT', R}; O -> O end),
    true = erlang:monitor_node(Node, false, [allow_passive_connect]),
    cluster:flush().

monitor_nodes() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    ok = net_kernel:monitor_nodes(true),
    equal(pong, net_adm:ping(Node)),
    equal({nodeup, Node}, cluster:receive_one()),
    cluster:kill(Peer),
    equal({nodedown, Node}, cluster:receive_one()),
    ok = net_kernel:monitor_nodes(false).

monitor_nodes_with_options() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    ok = net_kernel:monitor_nodes(true, #{node_type => all, nodedown_reason => true, connection_id => true}),
    equal(pong, net_adm:ping(Node)),
    {nodeup, Node, #{node_type := visible, connection_id := Id}} = cluster:receive_one(),
    true = erlang:disconnect_node(Node),
    {nodedown, Node, #{node_type := visible, connection_id := Id, nodedown_reason := disconnect}} = cluster:receive_one(),
    cluster:connect(Node),
    {nodeup, Node, #{connection_id := Second}} = cluster:receive_one(),
    true = Second =/= Id,
    cluster:kill(Peer),
    {nodedown, Node, #{nodedown_reason := connection_closed}} = cluster:receive_one(),
    ok = net_kernel:monitor_nodes(false, #{node_type => all, nodedown_reason => true, connection_id => true}),
    ok = net_kernel:monitor_nodes(true, [{node_type, visible}, nodedown_reason]),
    Other = cluster:start("c"),
    equal(pong, net_adm:ping(cluster:node_of(Other))),
    {nodeup, _, [{node_type, visible}]} = cluster:receive_one(),
    cluster:kill(Other),
    {nodedown, _, [{node_type, visible}, {nodedown_reason, connection_closed}]} = sorted(cluster:receive_one()).

sorted({nodedown, Node, List}) -> {nodedown, Node, lists:sort(List)}.

nodes_with_info() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(pong, net_adm:ping(Node)),
    [{Node, #{connection_id := Id, node_type := visible}}] = nodes(connected, #{connection_id => true, node_type => true}),
    true = is_integer(Id).

%% Both sides dial at the same time; one connection is left.
simultaneous_connects() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    lists:foreach(fun(_) ->
                      Self = self(),
                      spawn(fun() -> Self ! {mine, net_kernel:connect_node(Node)} end),
                      Theirs = cluster:call(Peer, net_kernel, connect_node, [node()]),
                      equal(true, Theirs),
                      equal({mine, true}, cluster:receive_one()),
                      cluster:await(fun() -> nodes() =:= [Node] end),
                      cluster:disconnect(Peer)
                  end, lists:seq(1, 20)).

%% Connections that end while they are being made are noticed as well: nobody waits for ever, and there is another one afterwards.
sent_to_one_that_disconnects() ->
    Node = cluster:node_of(cluster:start("b")),
    Rude = spawn(Node, ?MODULE, disconnects, []),
    Senders = [spawn_monitor(fun() -> [Rude ! {self(), binary:copy(<<"x">>, 300)} || _ <- lists:seq(1, 500)] end) || _ <- lists:seq(1, 30)],
    [receive {'DOWN', Reference, process, Pid, normal} -> ok after 40000 -> error({sender_waits, process_info(Pid)}) end || {Pid, Reference} <- Senders],
    exit(Rude, kill),
    cluster:await(fun() -> rpc:call(Node, erlang, node, [], 5000) =:= Node end, 40000).

disconnects() -> receive {From, _} -> erlang:disconnect_node(node(From)), disconnects() end.

process_flag_monitor_nodes() ->
    Node = cluster:node_of(cluster:start("b")),
    equal([], net_kernel:monitor_nodes(false, []) =:= ok andalso []),
    ok = net_kernel:monitor_nodes(true),
    ok = net_kernel:monitor_nodes(true),
    equal(pong, net_adm:ping(Node)),
    equal([{nodeup, Node}, {nodeup, Node}], [cluster:receive_one(), cluster:receive_one()]),
    ok = net_kernel:monitor_nodes(false).

connection_information() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(pong, net_adm:ping(Node)),
    {ok, Info} = net_kernel:node_info(Node),
    equal([normal, up], [proplists:get_value(Key, Info) || Key <- [type, state]]),
    {Node, Carrier} = lists:keyfind(Node, 1, erlang:system_info(dist_ctrl)),
    equal(true, is_port(Carrier)),
    {net_address, {{127, 0, 0, 1}, _}, "localhost", tcp, inet} = proplists:get_value(address, Info).
