%% Cookies: who knows another node's may connect to it.
-module(cookies).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).
-include_lib("kernel/include/file.hrl").

tests() -> [set_on_the_command_line, wrong_cookie_is_rejected_and_logged, cookie_for_one_node, own_cookie_changes,
            file_is_created, file_is_read, file_that_others_can_read].

set_on_the_command_line() ->
    Peer = cluster:start("b", #{cookie => "crumbs"}),
    equal(crumbs, cluster:call(Peer, erlang, get_cookie, [])),
    equal(list_to_atom(os:getenv("CLUSTER_COOKIE")), erlang:get_cookie()).

wrong_cookie_is_rejected_and_logged() ->
    Peer = cluster:start("b", #{cookie => "wrong"}),
    Watcher = cluster:start("w", #{kind => own}),
    equal(pang, cluster:call(Watcher, net_adm, ping, [cluster:node_of(Peer)])),
    cluster:await_output(Peer, "Connection attempt from node " ++ quoted(cluster:node_of(Watcher)) ++ " rejected. Invalid challenge reply."),
    equal(pang, cluster:call(Peer, net_adm, ping, [cluster:node_of(Watcher)])),
    cluster:await_output(Watcher, "Connection attempt from node " ++ quoted(cluster:node_of(Peer)) ++ " rejected. Invalid challenge reply."),
    equal({[], []}, {cluster:call(Peer, erlang, nodes, [connected]), cluster:call(Watcher, erlang, nodes, [connected])}).

quoted(Node) -> lists:flatten(io_lib:format("~w", [Node])).

cookie_for_one_node() ->
    Peer = cluster:start("b", #{cookie => "special"}),
    Node = cluster:node_of(Peer),
    equal(pang, net_adm:ping(Node)),
    true = erlang:set_cookie(Node, special),
    equal(special, erlang:get_cookie(Node)),
    cluster:connect(Node),
    true = erlang:get_cookie() =/= special,
    %% It holds for that node only, and not for those that connect from it with another one.
    Other = cluster:start("c", #{cookie => "special"}),
    equal(pang, net_adm:ping(cluster:node_of(Other))),
    cluster:connect(Other, Node).

own_cookie_changes() ->
    B = cluster:start("b"),
    C = cluster:start("c", #{kind => own}),
    true = cluster:call(B, erlang, set_cookie, [another]),
    equal(another, cluster:call(B, erlang, get_cookie, [])),
    equal(pang, cluster:call(C, net_adm, ping, [cluster:node_of(B)])),
    true = cluster:call(C, erlang, set_cookie, [another]),
    cluster:connect(C, cluster:node_of(B)).

home(Name) ->
    Home = filename:join([os:getenv("CLUSTER_SCRATCH"), Name]),
    ok = file:make_dir(Home),
    Home.

file_is_created() ->
    Home = home("created"),
    First = cluster:start("b", #{cookie => none, env => [{"HOME", Home}]}),
    {ok, #file_info{mode = Mode}} = file:read_file_info(filename:join(Home, ".erlang.cookie")),
    equal(8#400, Mode band 8#777),
    {ok, Text} = file:read_file(filename:join(Home, ".erlang.cookie")),
    equal(20, byte_size(Text)),
    true = lists:all(fun(C) -> C >= $A andalso C =< $Z end, binary_to_list(Text)),
    equal(binary_to_atom(Text), cluster:call(First, erlang, get_cookie, [])),
    Second = cluster:start("c", #{kind => own, cookie => none, env => [{"HOME", Home}]}),
    equal(pong, cluster:call(Second, net_adm, ping, [cluster:node_of(First)])).

file_is_read() ->
    Home = home("read"),
    File = filename:join(Home, ".erlang.cookie"),
    ok = file:write_file(File, "chocolate\n"),
    ok = file:change_mode(File, 8#400),
    Peer = cluster:start("b", #{cookie => none, env => [{"HOME", Home}]}),
    equal(chocolate, cluster:call(Peer, erlang, get_cookie, [])).

file_that_others_can_read() ->
    Home = home("open"),
    File = filename:join(Home, ".erlang.cookie"),
    ok = file:write_file(File, "chocolate"),
    ok = file:change_mode(File, 8#644),
    Peer = cluster:start("b", #{cookie => none, env => [{"HOME", Home}], await => false}),
    cluster:await_output(Peer, "must be accessible by owner only").
