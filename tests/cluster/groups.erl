%% Names and groups that span the cluster: global and pg.
-module(groups).
-export([tests/0]).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [mesh, global_names, global_name_of_the_dead, global_name_of_a_lost_node, global_names_meet, global_resolver, global_locks,
            global_transaction, global_after_a_partition, pg_groups, pg_members_of_a_lost_node, pg_monitors, process_groups_rejoin].

limit_ms() -> 90000.
wait() -> receive stop -> ok end.
holder(Node) -> spawn(Node, fun wait/0).

mesh() ->
    Peers = [B, C, D] = [cluster:node_of(cluster:start(Name)) || Name <- ["b", "c", "d"]],
    equal(pong, net_adm:ping(B)),
    equal(pong, rpc:call(B, net_adm, ping, [C])),
    cluster:await(fun() -> lists:sort(nodes()) =:= lists:sort([B, C]) end),
    equal(pong, rpc:call(C, net_adm, ping, [D])),
    cluster:await(fun() -> lists:sort(nodes()) =:= lists:sort(Peers) end),
    [cluster:await(fun() -> length(rpc:call(Node, erlang, nodes, [])) =:= 3 end) || Node <- Peers],
    ok.

global_names() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(pong, net_adm:ping(Node)),
    ok = global:sync(),
    yes = global:register_name(the_name, self()),
    equal(self(), rpc:call(Node, global, whereis_name, [the_name])),
    no = rpc:call(Node, global, register_name, [the_name, holder(Node)]),
    rpc:call(Node, global, send, [the_name, hello]),
    equal(hello, cluster:receive_one()),
    Other = holder(Node),
    yes = rpc:call(Node, global, re_register_name, [the_name, Other]),
    equal(Other, global:whereis_name(the_name)),
    true = lists:member(the_name, global:registered_names()),
    _ = global:unregister_name(the_name),
    equal(undefined, rpc:call(Node, global, whereis_name, [the_name])).

global_name_of_the_dead() ->
    Node = cluster:node_of(cluster:start("b")),
    Pid = holder(Node),
    equal(pong, net_adm:ping(Node)),
    ok = global:sync(),
    yes = global:register_name(short_lived, Pid),
    Pid ! stop,
    cluster:await(fun() -> global:whereis_name(short_lived) =:= undefined end),
    cluster:await(fun() -> rpc:call(Node, global, whereis_name, [short_lived]) =:= undefined end).

global_name_of_a_lost_node() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    equal(pong, net_adm:ping(Node)),
    ok = global:sync(),
    yes = global:register_name(lost, holder(Node)),
    true = is_pid(global:whereis_name(lost)),
    cluster:kill(Peer),
    cluster:await(fun() -> global:whereis_name(lost) =:= undefined end).

%% Two nodes with the same name registered come together: one of the processes is killed, both nodes agree on the other.
global_names_meet() ->
    [B, C] = [cluster:start("b"), cluster:start("c", #{kind => own})],
    Register = fun() -> Pid = spawn(fun wait/0), yes = global:register_name(twice, Pid), Pid end,
    [PidB, PidC] = [cluster:run(P, Register) || P <- [B, C]],
    equal(pong, cluster:call(B, net_adm, ping, [cluster:node_of(C)])),
    Where = fun(P) -> cluster:call(P, global, whereis_name, [twice]) end,
    cluster:await(fun() -> Where(B) =:= Where(C) end),
    Alive = [cluster:call(B, erlang, is_process_alive, [PidB]), cluster:call(C, erlang, is_process_alive, [PidC])],
    cluster:await(fun() ->
                      lists:sort([cluster:call(B, erlang, is_process_alive, [PidB]),
                                  cluster:call(C, erlang, is_process_alive, [PidC])]) =:= [false, true]
                  end),
    true = length(Alive) =:= 2,
    true = lists:member(Where(B), [PidB, PidC]).

keep_smaller(_Name, One, Two) -> [First, _] = lists:sort([{node(One), One}, {node(Two), Two}]), element(2, First).

global_resolver() ->
    [B, C] = [cluster:start("b"), cluster:start("c", #{kind => own})],
    Register = fun() -> Pid = spawn(fun wait/0), yes = global:register_name(resolved, Pid, fun ?MODULE:keep_smaller/3), Pid end,
    [PidB, PidC] = [cluster:run(P, Register) || P <- [B, C]],
    equal(pong, cluster:call(B, net_adm, ping, [cluster:node_of(C)])),
    cluster:await(fun() -> cluster:call(C, global, whereis_name, [resolved]) =:= PidB end),
    equal(PidB, cluster:call(B, global, whereis_name, [resolved])),
    equal([true, true], [cluster:call(B, erlang, is_process_alive, [PidB]), cluster:call(C, erlang, is_process_alive, [PidC])]).

global_locks() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(pong, net_adm:ping(Node)),
    ok = global:sync(),
    equal(true, global:set_lock({resource, self()})),
    equal(false, rpc:call(Node, global, set_lock, [{resource, other}, [node(), Node], 0])),
    true = global:del_lock({resource, self()}),
    equal(true, rpc:call(Node, global, set_lock, [{resource, other}, [node(), Node], 0])),
    true = rpc:call(Node, global, del_lock, [{resource, other}, [node(), Node]]).

global_transaction() ->
    Nodes = [cluster:node_of(cluster:start(Name)) || Name <- ["b", "c"]],
    [pong = net_adm:ping(Node) || Node <- Nodes],
    Self = self(),
    Enter = fun(N) -> Self ! {in, N}, receive after 5 -> ok end, Self ! {out, N} end,
    [spawn(Node, fun() -> global:trans({turn, self()}, fun() -> Enter(N) end, [node() | nodes()]) end) || N <- lists:seq(1, 5), Node <- Nodes],
    [begin {in, N} = cluster:receive_one(30000), equal({out, N}, cluster:receive_one(30000)) end || _ <- lists:seq(1, 10)],
    ok.

%% One node does not answer for longer than net_ticktime; afterwards both find together again, names included.
global_after_a_partition() ->
    Flags = #{flags => ["-kernel", "net_ticktime", "4"]},
    [B, C] = [cluster:start("b", Flags), cluster:start("c", Flags#{kind => own})],
    [NodeB, NodeC] = [cluster:node_of(P) || P <- [B, C]],
    equal(pong, cluster:call(C, net_adm, ping, [NodeB])),
    Register = fun(Name) -> fun() -> Pid = spawn(fun wait/0), yes = global:register_name(Name, Pid), Pid end end,
    OnB = cluster:run(B, Register(on_b)),
    cluster:suspend(B),
    cluster:await(fun() -> not lists:member(NodeB, cluster:call(C, erlang, nodes, [])) end, 20000),
    cluster:await(fun() -> cluster:call(C, global, whereis_name, [on_b]) =:= undefined end),
    OnC = cluster:run(C, Register(on_c)),
    cluster:resume(B),
    cluster:await(fun() -> cluster:call(C, net_adm, ping, [NodeB]) =:= pong andalso cluster:call(B, net_adm, ping, [NodeC]) =:= pong end),
    cluster:await(fun() -> cluster:call(C, global, whereis_name, [on_b]) =:= OnB end, 30000),
    cluster:await(fun() -> cluster:call(B, global, whereis_name, [on_c]) =:= OnC end, 30000),
    equal(true, cluster:call(B, erlang, is_process_alive, [OnB])).

with_pg(Peer) ->
    Node = cluster:node_of(Peer),
    equal(pong, net_adm:ping(Node)),
    {ok, _} = pg:start(test_scope),
    {ok, _} = rpc:call(Node, pg, start, [test_scope]),
    [cluster:await(fun() -> is_pid(rpc:call(N, erlang, whereis, [test_scope])) end) || N <- [node(), Node]],
    Node.

pg_groups() ->
    Node = with_pg(cluster:start("b")),
    Pid = holder(Node),
    Here = spawn_link(fun wait/0),
    ok = rpc:call(Node, pg, join, [test_scope, group, Pid]),
    ok = pg:join(test_scope, group, [Here, Here]),
    cluster:await(fun() -> lists:sort(pg:get_members(test_scope, group)) =:= lists:sort([Here, Here, Pid]) end),
    equal([Here, Here], pg:get_local_members(test_scope, group)),
    cluster:await(fun() -> length(rpc:call(Node, pg, get_members, [test_scope, group])) =:= 3 end),
    ok = pg:leave(test_scope, group, [Here, Here]),
    cluster:await(fun() -> rpc:call(Node, pg, get_members, [test_scope, group]) =:= [Pid] end),
    Pid ! stop,
    cluster:await(fun() -> pg:get_members(test_scope, group) =:= [] end),
    stop_scope().

stop_scope() ->
    case whereis(test_scope) of undefined -> ok; Pid -> exit(Pid, kill), cluster:await(fun() -> whereis(test_scope) =:= undefined end) end.

pg_members_of_a_lost_node() ->
    Peer = cluster:start("b"),
    Node = with_pg(Peer),
    ok = rpc:call(Node, pg, join, [test_scope, group, holder(Node)]),
    cluster:await(fun() -> length(pg:get_members(test_scope, group)) =:= 1 end),
    cluster:kill(Peer),
    cluster:await(fun() -> pg:get_members(test_scope, group) =:= [] end),
    stop_scope().

pg_monitors() ->
    Node = with_pg(cluster:start("b")),
    {Reference, []} = pg:monitor(test_scope, watched),
    Pid = holder(Node),
    ok = rpc:call(Node, pg, join, [test_scope, watched, Pid]),
    equal({Reference, join, watched, [Pid]}, cluster:receive_one()),
    Pid ! stop,
    equal({Reference, leave, watched, [Pid]}, cluster:receive_one()),
    stop_scope().

process_groups_rejoin() ->
    Peer = cluster:start("b"),
    Node = with_pg(Peer),
    Pid = holder(Node),
    ok = rpc:call(Node, pg, join, [test_scope, group, Pid]),
    cluster:await(fun() -> pg:get_members(test_scope, group) =:= [Pid] end),
    true = erlang:disconnect_node(Node),
    cluster:connect(Node),
    cluster:await(fun() -> pg:get_members(test_scope, group) =:= [Pid] end),
    stop_scope().
