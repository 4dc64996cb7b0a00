%% Who may connect, when connections are made, and where a node listens.
-module(policy).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [allow, connect_never, connect_once, does_not_listen, listens_on_given_ports, listens_on_loopback_only,
            other_distribution_module, guarded_spawns, no_port_mapper, port_mapper_on_demand, own_port_mapper_module].

allow() ->
    Peer = cluster:start("b"),
    Friend = cluster:start("f", #{kind => own}),
    Stranger = cluster:start("s", #{kind => own}),
    equal(ok, cluster:call(Peer, net_kernel, allow, [[cluster:node_of(Friend)]])),
    equal({ok, [cluster:node_of(Friend)]}, cluster:call(Peer, net_kernel, allowed, [])),
    equal(pong, cluster:call(Friend, net_adm, ping, [cluster:node_of(Peer)])),
    equal(pang, cluster:call(Stranger, net_adm, ping, [cluster:node_of(Peer)])),
    cluster:await_output(Peer, "disallowed node"),
    equal(pang, cluster:call(Peer, net_adm, ping, [cluster:node_of(Stranger)])),
    equal([cluster:node_of(Friend)], cluster:call(Peer, erlang, nodes, [])),
    equal(error, cluster:call(Peer, net_kernel, allow, [not_a_list])).

connect_never() ->
    Node = cluster:node_of(cluster:start("b")),
    Shy = cluster:start("w", #{kind => own, flags => ["-kernel", "dist_auto_connect", "never"]}),
    equal(pang, cluster:call(Shy, net_adm, ping, [Node])),
    equal({badrpc, nodedown}, cluster:call(Shy, rpc, call, [Node, erlang, node, []])),
    equal(true, cluster:call(Shy, net_kernel, connect_node, [Node])),
    equal(pong, cluster:call(Shy, net_adm, ping, [Node])).

%% After a connection was lost it comes back by an explicit call only.
connect_once() ->
    Node = cluster:node_of(cluster:start("b", #{flags => ["-kernel", "dist_auto_connect", "never"]})),
    Once = cluster:start("w", #{kind => own, flags => ["-kernel", "dist_auto_connect", "once"]}),
    equal(pong, cluster:call(Once, net_adm, ping, [Node])),
    true = cluster:call(Once, erlang, disconnect_node, [Node]),
    cluster:await(fun() -> cluster:call(Once, erlang, nodes, []) =:= [] end),
    equal(pang, cluster:call(Once, net_adm, ping, [Node])),
    cluster:await(fun() -> cluster:call(Once, net_kernel, connect_node, [Node]) end),
    equal(pong, cluster:call(Once, net_adm, ping, [Node])).

does_not_listen() ->
    Quiet = cluster:start("q", #{flags => ["-dist_listen", "false"]}),
    Node = cluster:node_of(Quiet),
    equal(pang, net_adm:ping(Node)),
    {ok, Names} = net_adm:names(),
    false = lists:keymember(hd(string:split(atom_to_list(Node), "@")), 1, Names),
    %% It connects to others, and is hidden there.
    equal(true, cluster:call(Quiet, net_kernel, connect_node, [node()])),
    cluster:await(fun() -> nodes(hidden) =:= [Node] end),
    equal(2, rpc:call(Node, erlang, '+', [1, 1])).

port_of(Node) ->
    {ok, Names} = net_adm:names(),
    {_, Port} = lists:keyfind(hd(string:split(atom_to_list(Node), "@")), 1, Names),
    Port.

%% As behind a firewall that leaves the port mapper's port and a few others open.
listens_on_given_ports() ->
    Low = 10000 + rand:uniform(999) * 10,
    Flags = #{flags => ["-kernel", "inet_dist_listen_min", integer_to_list(Low), "inet_dist_listen_max", integer_to_list(Low + 5)]},
    Nodes = [cluster:node_of(cluster:start(Name, Flags)) || Name <- ["b", "c", "d"]],
    Ports = [port_of(Node) || Node <- Nodes],
    true = lists:all(fun(Port) -> Port >= Low andalso Port =< Low + 5 end, Ports),
    equal(3, length(lists:usort(Ports))),
    equal([pong, pong, pong], [net_adm:ping(Node) || Node <- Nodes]),
    Narrow = [string:replace(Word, integer_to_list(Low + 5), integer_to_list(Low)) || Word <- maps:get(flags, Flags)],
    true = is_list(Narrow).

listens_on_loopback_only() ->
    Peer = cluster:start("b"),
    {ok, Interface} = cluster:call(Peer, application, get_env, [kernel, inet_dist_use_interface]),
    equal({127, 0, 0, 1}, Interface),
    Port = port_of(cluster:node_of(Peer)),
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, []),
    ok = gen_tcp:close(Socket),
    {error, econnrefused} = gen_tcp:connect({127, 0, 0, 2}, Port, []).

other_distribution_module() ->
    Peer = cluster:start("b", #{flags => ["-proto_dist", "counted"]}),
    Node = cluster:node_of(Peer),
    Count = fun(What) -> cluster:call(Peer, persistent_term, get, [{counted_dist, What}, 0]) end,
    equal({1, 0, 0}, {Count(listen), Count(accept), Count(setup)}),
    equal(pong, net_adm:ping(Node)),
    equal({1, 1, 0}, {Count(listen), Count(accept), Count(setup)}),
    cluster:await(fun() ->
                      cluster:disconnect(Peer),
                      _ = cluster:call(Peer, net_adm, ping, [node()]),
                      Count(setup) >= 1
                  end).

%% A carrier that reads what comes in: requests to spawn are refused, everything else passes.
guarded_spawns() ->
    Guarded = cluster:start("b", #{flags => ["-proto_dist", "guarded"]}),
    Node = cluster:node_of(Guarded),
    Self = self(),
    Echo = cluster:call(Guarded, erlang, spawn, [?MODULE, echo, []]),
    true = cluster:call(Guarded, erlang, register, [echo, Echo]),
    {echo, Node} ! {Self, hello},
    equal({echo, hello}, cluster:receive_one()),
    Request = spawn_request(Node, ?MODULE, echo, [], []),
    equal({spawn_reply, Request, error, notallowed}, cluster:receive_one()),
    {'EXIT', _} = (catch erpc:call(Node, erlang, node, [])),
    %% Messages of every size still pass, both ways, and so do monitors.
    Large = binary:copy(<<"0123456789">>, 200000),
    {echo, Node} ! {Self, Large},
    equal({echo, Large}, cluster:receive_one()),
    Reference = erlang:monitor(process, {echo, Node}),
    {echo, Node} ! stop,
    equal({'DOWN', Reference, process, {echo, Node}, normal}, cluster:receive_one()),
    %% The guarded node may spawn elsewhere.
    Pid = cluster:call(Guarded, erlang, spawn, [node(), ?MODULE, tell, [Self]]),
    equal({told, Pid}, cluster:receive_one()).

echo() -> receive {From, What} -> From ! {echo, What}, echo(); stop -> ok end.
tell(To) -> To ! {told, self()}.

no_port_mapper() ->
    Port = free_port(),
    Peer = cluster:start("b", #{env => [{"ERL_EPMD_PORT", integer_to_list(Port)}], flags => ["-start_epmd", "false"], await => false}),
    cluster:await_output(Peer, "econnrefused").

%% The first node starts the port mapper of its virtual machine; nodes of the other one use it as well.
port_mapper_on_demand() ->
    Port = free_port(),
    Options = #{env => [{"ERL_EPMD_PORT", integer_to_list(Port)}]},
    {error, econnrefused} = ask_port_mapper(Port, "n"),
    First = cluster:start("b", Options),
    Second = cluster:start("c", Options#{kind => own}),
    equal(pong, cluster:call(Second, net_adm, ping, [cluster:node_of(First)])),
    {ok, Names} = cluster:call(First, net_adm, names, []),
    equal(lists:sort([cluster:name("b"), cluster:name("c")]), lists:sort([Name || {Name, _} <- Names])),
    {ok, "NO"} = ask_port_mapper(Port, "k"),
    cluster:stop(First),
    cluster:stop(Second),
    cluster:await(fun() -> ask_port_mapper(Port, "k") =:= {ok, "OK"} end),
    cluster:await(fun() -> ask_port_mapper(Port, "n") =:= {error, econnrefused} end).

ask_port_mapper(Port, Request) ->
    case gen_tcp:connect({127, 0, 0, 1}, Port, [{packet, 2}, {active, false}]) of
        {ok, Socket} ->
            ok = gen_tcp:send(Socket, Request),
            ok = inet:setopts(Socket, [{packet, raw}]),
            Answer = gen_tcp:recv(Socket, 0, 10000),
            ok = gen_tcp:close(Socket),
            Answer;
        Error -> Error
    end.

%% -epmd_module: names are looked up by a module of one's own; no port mapper is needed.
own_port_mapper_module() ->
    [One, Two] = [integer_to_list(free_port()) || _ <- [1, 2]],
    Flags = fun(Own, Other) ->
                #{names => short, env => [{"ERL_EPMD_PORT", "1"}, {"FIXED_PORT", Own}, {"FIXED_OTHER", Other}],
                  flags => ["-start_epmd", "false", "-epmd_module", "fixed_epmd", "-kernel", "inet_dist_listen_min", Own, "inet_dist_listen_max", Own]}
            end,
    First = cluster:start("b", Flags(One, Two)),
    Second = cluster:start("c", (Flags(Two, One))#{kind => own}),
    equal(pong, cluster:call(Second, net_adm, ping, [cluster:node_of(First)])).

%% Not of those that the system gives to others that ask for any.
free_port() ->
    Port = 20000 + rand:uniform(12000),
    case gen_tcp:listen(Port, [{ip, {127, 0, 0, 1}}]) of
        {ok, Socket} -> ok = gen_tcp:close(Socket), Port;
        {error, eaddrinuse} -> free_port()
    end.
