%% Links, monitors and exit signals between nodes, with their reasons.
-module(links).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [exit_over_a_link, normal_exit_over_a_link, link_to_the_dead, unlinked, link_twice, exit_signal, kill_is_killed,
            connection_lost, monitors, monitor_by_name, monitor_unknown_name, demonitored, monitor_alias, monitor_of_reasons,
            large_reason, signals_keep_their_order, exit_signal_without_trap, group_leader_elsewhere, output_goes_to_the_group_leader, remote_process_info,
            errors_of_local_only_functions, links_and_connection_loss_on_both_sides, monitor_node_side_by_side].

peer() -> cluster:node_of(cluster:start("b")).
waiting(Node) -> spawn(Node, fun wait/0).
wait() -> receive {exit, Reason} -> exit(Reason) end.

exit_over_a_link() ->
    process_flag(trap_exit, true),
    Pid = waiting(peer()),
    true = link(Pid),
    Pid ! {exit, {went, wrong}},
    equal({'EXIT', Pid, {went, wrong}}, cluster:receive_one()).

normal_exit_over_a_link() ->
    Node = peer(),
    {Pid, Self} = {waiting(Node), self()},
    Untrapped = spawn(fun() -> link(Pid), Self ! linked, receive after infinity -> ok end end),
    equal(linked, cluster:receive_one()),
    process_flag(trap_exit, true),
    true = link(Pid),
    Pid ! {exit, normal},
    equal({'EXIT', Pid, normal}, cluster:receive_one()),
    true = is_process_alive(Untrapped).

link_to_the_dead() ->
    process_flag(trap_exit, true),
    Node = peer(),
    Pid = rpc:call(Node, erlang, spawn, [erlang, self, []]),
    cluster:await(fun() -> not rpc:call(Node, erlang, is_process_alive, [Pid]) end),
    true = link(Pid),
    equal({'EXIT', Pid, noproc}, cluster:receive_one()).

unlinked() ->
    process_flag(trap_exit, true),
    Node = peer(),
    Pid = waiting(Node),
    true = link(Pid),
    true = unlink(Pid),
    equal({links, []}, rpc:call(Node, erlang, process_info, [Pid, links])),
    Pid ! {exit, unseen},
    cluster:await(fun() -> not rpc:call(Node, erlang, is_process_alive, [Pid]) end),
    cluster:nothing_arrives().

link_twice() ->
    process_flag(trap_exit, true),
    Node = peer(),
    Pid = waiting(Node),
    [true = link(Pid) || _ <- lists:seq(1, 100)],
    [begin true = unlink(Pid), true = link(Pid) end || _ <- lists:seq(1, 100)],
    Pid ! {exit, once},
    equal({'EXIT', Pid, once}, cluster:receive_one()),
    cluster:nothing_arrives().

exit_signal() ->
    Node = peer(),
    {Self, Reference} = {self(), make_ref()},
    Pid = spawn(Node, fun() -> process_flag(trap_exit, true), Self ! Reference, receive M -> Self ! {seen, M} end end),
    equal(Reference, cluster:receive_one()),
    true = exit(Pid, {please, leave}),
    equal({seen, {'EXIT', Self, {please, leave}}}, cluster:receive_one()).

kill_is_killed() ->
    process_flag(trap_exit, true),
    Pid = waiting(peer()),
    true = link(Pid),
    true = exit(Pid, kill),
    equal({'EXIT', Pid, killed}, cluster:receive_one()).

connection_lost() ->
    process_flag(trap_exit, true),
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    [Linked, Monitored] = [waiting(Node), waiting(Node)],
    true = link(Linked),
    Reference = erlang:monitor(process, Monitored),
    cluster:disconnect(Peer),
    equal(lists:sort([{'EXIT', Linked, noconnection}, {'DOWN', Reference, process, Monitored, noconnection}]),
          lists:sort([cluster:receive_one(), cluster:receive_one()])),
    %% What was only watched goes on living; what was linked had an exit signal of its own.
    equal(true, rpc:call(Node, erlang, is_process_alive, [Monitored])),
    cluster:await(fun() -> not rpc:call(Node, erlang, is_process_alive, [Linked]) end).

monitors() ->
    Node = peer(),
    Pid = waiting(Node),
    [A, B] = [erlang:monitor(process, Pid) || _ <- [1, 2]],
    Pid ! {exit, [reason]},
    equal(lists:sort([{'DOWN', A, process, Pid, [reason]}, {'DOWN', B, process, Pid, [reason]}]),
          lists:sort([cluster:receive_one(), cluster:receive_one()])),
    Late = erlang:monitor(process, Pid),
    equal({'DOWN', Late, process, Pid, noproc}, cluster:receive_one()).

monitor_by_name() ->
    Node = peer(),
    Pid = waiting(Node),
    true = rpc:call(Node, erlang, register, [watched, Pid]),
    Reference = erlang:monitor(process, {watched, Node}),
    {monitored_by, By} = rpc:call(Node, erlang, process_info, [Pid, monitored_by]),
    equal([self()], By),
    true = lists:member({process, {watched, Node}}, element(2, process_info(self(), monitors))),
    Pid ! {exit, ended},
    equal({'DOWN', Reference, process, {watched, Node}, ended}, cluster:receive_one()).

monitor_unknown_name() ->
    Node = peer(),
    Reference = erlang:monitor(process, {nobody, Node}),
    equal({'DOWN', Reference, process, {nobody, Node}, noproc}, cluster:receive_one()),
    Other = erlang:monitor(process, {nobody, 'nobody@localhost'}),
    equal({'DOWN', Other, process, {nobody, 'nobody@localhost'}, noconnection}, cluster:receive_one()).

demonitored() ->
    Node = peer(),
    Pid = waiting(Node),
    Reference = erlang:monitor(process, Pid),
    true = erlang:demonitor(Reference),
    equal({monitored_by, []}, rpc:call(Node, erlang, process_info, [Pid, monitored_by])),
    Pid ! {exit, unseen},
    cluster:await(fun() -> not rpc:call(Node, erlang, is_process_alive, [Pid]) end),
    cluster:nothing_arrives(),
    Second = waiting(Node),
    Again = erlang:monitor(process, Second),
    equal(true, erlang:demonitor(Again, [info])),
    equal(false, erlang:demonitor(Again, [info])).

monitor_alias() ->
    Node = peer(),
    Pid = spawn(Node, fun() -> receive {From, Reply} -> Reply ! {answer, From}, receive M -> exit(M) end end end),
    Reference = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
    Pid ! {self(), Reference},
    equal({answer, self()}, cluster:receive_one()),
    Pid ! ended,
    cluster:await(fun() -> not rpc:call(Node, erlang, is_process_alive, [Pid]) end),
    cluster:nothing_arrives().

monitor_of_reasons() ->
    Node = peer(),
    Pid = self(),
    Reasons = [normal, shutdown, {shutdown, why}, kill, killed, "text", <<1, 2>>, #{a => Pid}, make_ref(), fun lists:map/2, 1.5, noproc],
    lists:foreach(fun(Reason) ->
                      {Other, Reference} = spawn_monitor(Node, fun() -> exit(Reason) end),
                      equal({'DOWN', Reference, process, Other, Reason}, cluster:receive_one())
                  end, Reasons),
    {Raises, Last} = spawn_monitor(Node, fun() -> error(oops) end),
    {'DOWN', Last, process, Raises, {oops, [{?MODULE, _, _, _} | _]}} = cluster:receive_one().

large_reason() ->
    process_flag(trap_exit, true),
    Node = peer(),
    Reason = {binary:copy(<<"r">>, 300000), lists:seq(1, 50000)},
    {Pid, Reference} = spawn_opt(Node, fun() -> exit(Reason) end, [monitor, link]),
    equal(lists:sort([{'EXIT', Pid, Reason}, {'DOWN', Reference, process, Pid, Reason}]),
          lists:sort([cluster:receive_one(), cluster:receive_one()])),
    Trapping = spawn_link(Node, fun() -> process_flag(trap_exit, true), receive {'EXIT', _, R} -> exit({got, size(element(1, R))}) end end),
    exit(Trapping, Reason),
    case cluster:receive_one() of
        {'EXIT', Trapping, {got, 300000}} -> ok;
        {'EXIT', Trapping, Reason} -> ok   % it did not trap yet
    end.

%% Whatever the sizes of what a process sends, its end is told last.
signals_keep_their_order() ->
    Node = peer(),
    Self = self(),
    Sizes = [10, 70000, 300000],
    Shapes = [{A, B, C} || A <- Sizes, B <- Sizes, C <- Sizes],
    Pids = [spawn_monitor(Node, fun() -> [Self ! {self(), N, binary:copy(<<N>>, Size)} || {N, Size} <- [{1, A}, {2, B}]],
                                         exit(binary:copy(<<3>>, C))
                                end) || {A, B, C} <- Shapes],
    All = [cluster:receive_one(40000) || _ <- lists:seq(1, 3 * length(Pids))],
    [equal([{1, A}, {2, B}, {down, C}],
           [case M of {_, N, Bytes} -> {N, byte_size(Bytes)}; {'DOWN', _, process, _, Bytes} -> {down, byte_size(Bytes)} end
            || M <- All, element(1, M) =:= Pid orelse element(2, M) =:= Reference])
     || {{Pid, Reference}, {A, B, C}} <- lists:zip(Pids, Shapes)],
    ok.

exit_signal_without_trap() ->
    Node = peer(),
    Pid = waiting(Node),
    Reference = erlang:monitor(process, Pid),
    exit(Pid, normal),
    equal(true, rpc:call(Node, erlang, is_process_alive, [Pid])),
    exit(Pid, because),
    equal({'DOWN', Reference, process, Pid, because}, cluster:receive_one()).

group_leader_elsewhere() ->
    Node = peer(),
    Pid = waiting(Node),
    true = erlang:group_leader(self(), Pid),
    equal({group_leader, self()}, rpc:call(Node, erlang, process_info, [Pid, group_leader])).

output_goes_to_the_group_leader() ->
    Node = peer(),
    Self = self(),
    Leader = spawn(fun() -> receive {io_request, From, As, Request} -> Self ! Request, From ! {io_reply, As, ok} end end),
    spawn(Node, fun() -> group_leader(Leader, self()), io:format("~s~n", ["hi"]), Self ! done end),
    {put_chars, unicode, io_lib, format, ["~s~n", ["hi"]]} = cluster:receive_one(),
    equal(done, cluster:receive_one()).

remote_process_info() ->
    Node = peer(),
    Pid = waiting(Node),
    {'EXIT', {badarg, _}} = (catch process_info(Pid)),
    {'EXIT', {badarg, _}} = (catch process_info(Pid, links)),
    %% The arguments of a new process are its first message.
    cluster:await(fun() -> rpc:call(Node, erlang, process_info, [Pid, message_queue_len]) =:= {message_queue_len, 0} end).

errors_of_local_only_functions() ->
    Node = peer(),
    Pid = waiting(Node),
    Calls = [fun() -> is_process_alive(Pid) end, fun() -> register(x, Pid) end, fun() -> erlang:suspend_process(Pid) end,
             fun() -> erlang:garbage_collect(Pid) end, fun() -> erlang:process_flag(Pid, save_calls, 1) end,
             fun() -> erlang:process_display(Pid, backtrace) end],
    [{'EXIT', {badarg, _}} = (catch Call()) || Call <- Calls],
    ok.

links_and_connection_loss_on_both_sides() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    process_flag(trap_exit, true),
    Self = self(),
    Count = 1000,
    Pids = [spawn_link(Node, fun() -> process_flag(trap_exit, true), Self ! ready, receive {'EXIT', Self, Why} -> put(why, Why) end, receive stop -> ok end end)
            || _ <- lists:seq(1, Count)],
    [equal(ready, cluster:receive_one()) || _ <- Pids],
    cluster:disconnect(Node),
    [receive {'EXIT', Pid, noconnection} -> ok after 15000 -> error(no_exit) end || Pid <- Pids],
    Seen = fun() -> length([P || P <- Pids, {dictionary, [{why, noconnection}]} <- [process_info(P, dictionary)]]) end,
    cluster:await(fun() -> case cluster:run(Peer, Seen) of Count -> true; Other -> {seen, Other} end end).

monitor_node_side_by_side() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    equal(pong, net_adm:ping(Node)),
    true = erlang:monitor_node(Node, true),
    Reference = erlang:monitor(process, {init, Node}),
    cluster:kill(Peer),
    equal(lists:sort([{nodedown, Node}, {'DOWN', Reference, process, {init, Node}, noconnection}]),
          lists:sort([cluster:receive_one(), cluster:receive_one()])).
