%% A node that is not distributed: names of nodes, monitors of nodes, connections.
-module(node_monitors).
-export([main/0]).

main() ->
    [io:format("~w ~0p -> ~0p~n", [F, A, try apply(erlang, F, A) catch C:R -> {C, R} end])
     || {F, A} <- [{node, []}, {nodes, []}, {nodes, [visible]}, {nodes, [hidden]}, {nodes, [known]}, {nodes, [this]}, {nodes, [[this, visible]]},
                   {nodes, [foo]}, {nodes, [connected, #{}]}, {nodes, [this, #{node_type => true}]}, {nodes, [this, #{foo => true}]},
                   {is_alive, []}, {monitor_node, ['no@where', true]}, {monitor_node, ['no@where', false]}, {monitor_node, [foo, true]},
                   {monitor_node, ['no@where', true, []]}, {monitor_node, ['no@where', true, [allow_passive_connect]]},
                   {monitor_node, ['no@where', true, [foo]]}, {monitor_node, [node(), true]}, {monitor_node, [17, true]},
                   {disconnect_node, ['no@where']}, {get_cookie, []}, {node, [foo]}, {list_to_existing_atom, ["nonode@nohost"]}]],
    io:format("~w~n", [receive M -> M after 100 -> nothing end]),
    io:format("~w~n", [[node(X) || X <- [self(), make_ref(), hd(erlang:ports())]]]),
    io:format("~w~n", [[net_kernel:connect_node('a@b'), net_adm:ping('a@b'), net_adm:ping(node()), net_kernel:get_state()]]),
    {no_such, 'a@b'} ! message,
    io:format("~w~n", [[erlang:send({no_such, 'a@b'}, x, O) || O <- [[], [noconnect], [nosuspend], [noconnect, nosuspend]]]]),
    io:format("~w~n", [[try monitor(process, {no_such, 'a@b'}) catch C1:R1 -> {C1, R1} end]]),
    io:format("~w~n", [[rpc:call(node(), erlang, '+', [1, 2]), erpc:call(node(), erlang, '+', [1, 2]), rpc:block_call(node(), lists, sum, [[1, 2]])]]).
