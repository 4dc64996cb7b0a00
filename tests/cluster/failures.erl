%% Peers that die, stop, and come back.
-module(failures).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [killed_peer_is_noticed_at_once, halted_peer, halting_peer, stopped_peer_is_noticed_within_ticktime, stopped_peer_that_wakes_in_time,
            quiet_connection_stays, net_ticktime_changes, another_life_has_another_creation, old_pids_stay_dead, name_of_an_earlier_life,
            half_open_at_start].

elapsed_ms(Fun) ->
    Start = erlang:monotonic_time(millisecond),
    Fun(),
    erlang:monotonic_time(millisecond) - Start.

killed_peer_is_noticed_at_once() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    process_flag(trap_exit, true),
    Pid = spawn_link(Node, timer, sleep, [infinity]),
    true = erlang:monitor_node(Node, true),
    Took = elapsed_ms(fun() ->
                          cluster:kill(Peer),
                          equal(lists:sort([{nodedown, Node}, {'EXIT', Pid, noconnection}]),
                                lists:sort([cluster:receive_one(), cluster:receive_one()]))
                      end),
    true = Took < 5000,
    {badrpc, nodedown} = rpc:call(Node, erlang, node, []).

halted_peer() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    equal(pong, net_adm:ping(Node)),
    true = erlang:monitor_node(Node, true),
    rpc:cast(Node, init, stop, []),
    equal({nodedown, Node}, cluster:receive_one()).

%% A node that ends writes what waits in its ports, for as long as that takes. Its processes do nothing more, and others see it go at once.
halting_peer() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    Closed = "/tmp/hanse_halting_" ++ cluster:name(os:getpid()),
    ok = file:write_file(Closed, ""),
    true = erlang:monitor_node(Node, true),
    Reader = "sh -c 'while [ -e " ++ Closed ++ " ]; do sleep 0.1; done; exec cat >/dev/null'",
    spawn(Node, fun() ->
                    Port = open_port({spawn, Reader}, [binary]),
                    spawn(fun() -> port_command(Port, binary:copy(<<0>>, 8000000)) end),
                    cluster:await(fun() -> erlang:port_info(Port, queue_size) > {queue_size, 0} end),
                    halt(0)
                end),
    try
        equal({nodedown, Node}, cluster:receive_one()),
        equal(pang, net_adm:ping(Node)),
        "" = os:cmd("kill -0 " ++ maps:get(os_pid, Peer))  % it has not ended yet
    after
        ok = file:delete(Closed)
    end.

%% Found after 3/4 to 5/4 of net_ticktime, by the clock of the one that finds out: never earlier, and later only as far as it has
%% to wait for a processor. The other side finds out too when it wakes up.
stopped_peer_is_noticed_within_ticktime() ->
    Flags = #{flags => ["-kernel", "net_ticktime", "4"]},
    Watcher = cluster:start("w", Flags#{kind => own}),
    Peer = cluster:start("b", Flags),
    {Node, WatcherNode} = {cluster:node_of(Peer), cluster:node_of(Watcher)},
    equal(pong, cluster:call(Watcher, net_adm, ping, [Node])),
    %% Not over the distribution: this node ticks more slowly than the watcher expects.
    ok = cluster:run(Watcher, fun() ->
                                  spawn(fun() ->
                                            ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
                                            Node = erpc:call(Node, erlang, node, []),
                                            Heard = erlang:monotonic_time(millisecond),
                                            persistent_term:put(seen, watching),
                                            receive {nodedown, Node, Why} -> persistent_term:put(seen, {Why, erlang:monotonic_time(millisecond) - Heard}) end
                                        end),
                                  ok
                              end),
    Seen = fun() -> cluster:call(Watcher, persistent_term, get, [seen, none]) end,
    cluster:await(fun() -> Seen() =:= watching end),
    cluster:suspend(Peer),
    cluster:await(fun() -> Seen() =/= watching end, 40000),
    {[{nodedown_reason, net_tick_timeout}], Took} = Seen(),
    true = Took >= 2900 orelse error({too_early, Took}),
    cluster:await_output(Watcher, "not responding"),
    cluster:resume(Peer),
    cluster:await(fun() -> not lists:member(WatcherNode, cluster:call(Peer, erlang, nodes, [])) end),
    cluster:connect(Watcher, Node).

stopped_peer_that_wakes_in_time() ->
    Flags = #{flags => ["-kernel", "net_ticktime", "8"]},
    Watcher = cluster:start("w", Flags#{kind => own}),
    Peer = cluster:start("b", Flags),
    Node = cluster:node_of(Peer),
    equal(pong, cluster:call(Watcher, net_adm, ping, [Node])),
    Pid = cluster:call(Watcher, rpc, call, [Node, erlang, whereis, [init]]),
    cluster:suspend(Peer),
    receive after 1500 -> ok end,
    cluster:resume(Peer),
    equal(Pid, cluster:call(Watcher, rpc, call, [Node, erlang, whereis, [init]])),
    nomatch = binary:match(cluster:output(Watcher), <<"not responding">>).

%% Ticks keep a connection on which nobody says anything.
quiet_connection_stays() ->
    Flags = #{flags => ["-kernel", "net_ticktime", "4"]},
    Watcher = cluster:start("w", Flags#{kind => own}),
    Peer = cluster:start("b", Flags),
    Node = cluster:node_of(Peer),
    equal(pong, cluster:call(Watcher, net_adm, ping, [Node])),
    receive after 9000 -> ok end,
    equal([Node], cluster:call(Watcher, erlang, nodes, [])),
    equal(<<>>, cluster:output(Watcher)).

net_ticktime_changes() ->
    Peer = cluster:start("b", #{kind => own}),
    equal(60, cluster:call(Peer, net_kernel, get_net_ticktime, [])),
    equal(change_initiated, cluster:call(Peer, net_kernel, set_net_ticktime, [5, 0])),
    cluster:await(fun() -> cluster:call(Peer, net_kernel, get_net_ticktime, []) =:= 5 end).

again(Name) ->
    Peer = cluster:start(Name),
    Node = cluster:node_of(Peer),
    {Peer, Node, rpc:call(Node, erlang, whereis, [init]), rpc:call(Node, erlang, system_info, [creation])}.

another_life_has_another_creation() ->
    Lives = [begin
                 {Peer, Node, Pid, Creation} = again("b"),
                 cluster:kill(Peer),
                 cluster:await(fun() -> not lists:member(Node, nodes()) end),
                 {Pid, Creation}
             end || _ <- [1, 2, 3]],
    equal(3, length(lists:usort([Creation || {_, Creation} <- Lives]))),
    equal(3, length(lists:usort([Pid || {Pid, _} <- Lives]))),
    equal(1, length(lists:usort([pid_to_list(Pid) || {Pid, _} <- Lives]))).

old_pids_stay_dead() ->
    {First, Node, OldInit, _} = again("b"),
    Old = rpc:call(Node, erlang, whereis, [net_kernel]),
    cluster:kill(First),
    cluster:await(fun() -> nodes() =:= [] end),
    _ = again("b"),
    New = rpc:call(Node, erlang, whereis, [net_kernel]),
    true = Old =/= New,
    Reference = erlang:monitor(process, OldInit),
    {'DOWN', Reference, process, OldInit, Reason} = cluster:receive_one(),
    true = lists:member(Reason, [noproc, noconnection]),
    OldInit ! {stop, stop},
    exit(OldInit, kill),
    equal({'EXIT', noproc}, case catch gen_server:call(Old, which, 1000) of {'EXIT', {R, _}} when R =:= noproc; R =:= {nodedown, Node} -> {'EXIT', noproc}; O -> O end),
    equal(New, rpc:call(Node, erlang, whereis, [net_kernel])),
    false = rpc:call(Node, erlang, is_process_alive, [New]) =:= false.

%% Names are found again after a restart.
name_of_an_earlier_life() ->
    {First, Node, _, _} = again("b"),
    Reference = erlang:monitor(process, {init, Node}),
    cluster:kill(First),
    equal({'DOWN', Reference, process, {init, Node}, noconnection}, cluster:receive_one()),
    _ = again("b"),
    Again = erlang:monitor(process, {init, Node}),
    cluster:nothing_arrives(),
    true = erlang:demonitor(Again, [flush]).

%% A peer that accepts and says nothing: the attempt ends by itself.
half_open_at_start() ->
    Watcher = cluster:start("w", #{kind => own, flags => ["-kernel", "net_setuptime", "2"]}),
    {ok, Listening} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Port} = inet:port(Listening),
    Name = cluster:name("silent"),
    {ok, Mapper} = gen_tcp:connect("127.0.0.1", list_to_integer(os:getenv("ERL_EPMD_PORT")), [binary, {packet, 2}, {active, false}]),
    ok = gen_tcp:send(Mapper, [120, <<Port:16, 77, 0, 6:16, 5:16, (length(Name)):16>>, Name, <<0:16>>]),
    ok = inet:setopts(Mapper, [{packet, raw}]),
    {ok, <<118, 0, _:32>>} = gen_tcp:recv(Mapper, 6, 5000),
    equal(pang, cluster:call(Watcher, net_adm, ping, [list_to_atom(Name ++ "@localhost")])),
    equal([], cluster:call(Watcher, erlang, nodes, [connected])).
