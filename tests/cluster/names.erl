%% Names of nodes, long and short, given at start and later.
-module(names).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [alive, nodes_of_identifiers, short_and_long_refuse_each_other, long_names, started_and_stopped_later, name_taken,
            dynamic_name, dynamic_name_is_kept, name_without_host].

alive() ->
    true = is_alive(),
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    equal(Node, cluster:call(Peer, erlang, node, [])),
    equal([], nodes()),
    equal(pong, net_adm:ping(Node)),
    equal([Node], nodes()),
    equal([node()], cluster:call(Peer, erlang, nodes, [])),
    equal([node()], nodes(this)),
    equal([node(), Node], lists:sort(nodes([this, visible]))),
    equal([Node], nodes(connected)),
    equal([], nodes(hidden)),
    true = lists:member(Node, nodes(known)),
    equal(pang, net_adm:ping('nobody@localhost')),
    {ok, Names} = net_adm:names(),
    true = lists:keymember(hd(string:split(atom_to_list(Node), "@")), 1, Names).

nodes_of_identifiers() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    Pid = rpc:call(Node, erlang, whereis, [init]),
    Reference = rpc:call(Node, erlang, make_ref, []),
    Port = hd(rpc:call(Node, erlang, ports, [])),
    equal([Node, Node, Node], [node(Pid), node(Reference), node(Port)]),
    true = Pid =/= whereis(init),
    "<" ++ _ = pid_to_list(Pid),
    equal(true, rpc:call(Node, erlang, is_process_alive, [Pid])),
    {'EXIT', {badarg, _}} = (catch is_process_alive(Pid)).

short_and_long_refuse_each_other() ->
    Long = cluster:start("b", #{names => long}),
    Node = cluster:node_of(Long),
    Short = cluster:start("w", #{kind => own}),
    equal(false, cluster:call(Short, net_kernel, connect_node, [Node])),
    equal(false, cluster:call(Long, net_kernel, connect_node, [cluster:node_of(Short)])),
    equal({[], []}, {cluster:call(Short, erlang, nodes, [connected]), cluster:call(Long, erlang, nodes, [connected])}),
    cluster:await_output(Long, "Hostname localhost is illegal"),
    cluster:await_output(Short, "System NOT running to use fully qualified hostnames").

long_names() ->
    B = cluster:start("b", #{names => long}),
    C = cluster:start("c", #{names => long, kind => own}),
    equal(pong, cluster:call(B, net_adm, ping, [cluster:node_of(C)])),
    equal([cluster:node_of(B)], cluster:call(C, erlang, nodes, [])),
    equal(true, cluster:call(B, net_kernel, longnames, [])),
    equal(false, net_kernel:longnames()).

started_and_stopped_later() ->
    Peer = cluster:start("b", #{names => none, cookie => none}),
    equal(nonode@nohost, cluster:call(Peer, erlang, node, [])),
    equal(false, cluster:call(Peer, erlang, is_alive, [])),
    equal({error, not_found}, cluster:call(Peer, net_kernel, stop, [])),
    Name = list_to_atom(cluster:name("later") ++ "@localhost"),
    {ok, _} = cluster:call(Peer, net_kernel, start, [[Name, shortnames]]),
    equal(Name, cluster:call(Peer, erlang, node, [])),
    {error, {already_started, _}} = cluster:call(Peer, net_kernel, start, [[Name, shortnames]]),
    true = cluster:call(Peer, erlang, set_cookie, [erlang:get_cookie()]),
    equal(pong, net_adm:ping(Name)),
    Pid = rpc:call(Name, erlang, whereis, [init]),
    Monitor = erlang:monitor(process, Pid),
    ok = cluster:call(Peer, net_kernel, stop, []),
    receive {'DOWN', Monitor, process, Pid, noconnection} -> ok after 15000 -> error(no_down) end,
    equal(nonode@nohost, cluster:call(Peer, erlang, node, [])),
    {ok, _} = cluster:call(Peer, net_kernel, start, [Name, #{name_domain => shortnames}]),
    true = cluster:call(Peer, erlang, set_cookie, [erlang:get_cookie()]),
    equal(pong, net_adm:ping(Name)),
    New = rpc:call(Name, erlang, whereis, [init]),
    true = New =/= Pid.

name_taken() ->
    Peer = cluster:start("b"),
    Second = cluster:start("b", #{await => false}),
    cluster:await_output(Second, "the name " ++ lists:takewhile(fun(C) -> C =/= $@ end, atom_to_list(cluster:node_of(Peer)))),
    cluster:await_output(Second, "##exit 1").

%% The first node that is connected to gives the name.
dynamic_name() ->
    Peer = cluster:start("undefined"),
    equal(nonode@nohost, cluster:call(Peer, erlang, node, [])),
    equal(true, cluster:call(Peer, net_kernel, connect_node, [node()])),
    Given = cluster:call(Peer, erlang, node, []),
    true = Given =/= nonode@nohost,
    cluster:await(fun() -> nodes(hidden) =:= [Given] end),
    equal([], nodes()),
    Self = self(),
    ok = cluster:run(Peer, fun() -> Self ! {hello, self(), node()}, ok end),
    {hello, Pid, Given} = cluster:receive_one(),
    equal(Given, node(Pid)).

dynamic_name_is_kept() ->
    Peer = cluster:start("undefined"),
    true = cluster:call(Peer, net_kernel, connect_node, [node()]),
    Given = cluster:call(Peer, erlang, node, []),
    cluster:await(fun() ->
                      _ = cluster:call(Peer, erlang, disconnect_node, [node()]),
                      nodes(connected) =:= [] andalso cluster:call(Peer, erlang, node, []) =:= nonode@nohost
                  end),
    cluster:await(fun() -> cluster:call(Peer, net_kernel, connect_node, [node()]) end),
    equal(Given, cluster:call(Peer, erlang, node, [])).

name_without_host() ->
    Peer = cluster:start("b", #{names => none, flags => ["-sname", cluster:name("bare")]}),
    Node = cluster:call(Peer, erlang, node, []),
    [_, Host] = string:split(atom_to_list(Node), "@"),
    {ok, Full} = inet:gethostname(),
    equal(hd(string:split(Full, ".")), Host).
