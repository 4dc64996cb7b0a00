%% Fast senders and slow receivers.
-module(flow).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [limit_is_an_option, senders_that_wait_often_all_go_on, senders_wait_for_a_peer_that_stands_still, links_and_monitors_wait, large_ends_wait,
            small_messages_overtake_large_ones, senders_go_on_when_the_peer_dies].

limit_is_an_option() ->
    equal(1024 * 1024, erlang:system_info(dist_buf_busy_limit)),
    Peer = cluster:start("b", #{flags => ["+zdbbl", "64"]}),
    equal(64 * 1024, cluster:call(Peer, erlang, system_info, [dist_buf_busy_limit])).

%% Collects so many messages and tells whether they were those from 1 on.
sink(Count, Collector) -> Collector ! {all, [receive {N, _} -> N end || _ <- lists:seq(1, Count)] =:= lists:seq(1, Count)}.

start_sender(Sink, Count, Message) ->
    Sent = counters:new(1, []),
    {spawn(fun() -> [begin Sink ! {N, Message}, counters:put(Sent, 1, N) end || N <- lists:seq(1, Count)] end), Sent}.

is_suspended(Pid) -> process_info(Pid, status) =:= {status, suspended}.

%% With a low limit a sender waits for nearly every message, and may be told to go on while it still lies down.
senders_that_wait_often_all_go_on() ->
    Peer = cluster:start("b", #{flags => ["+zdbbl", "64"]}),
    Self = self(),
    Count = 1500,
    Sinks = [spawn_link(?MODULE, sink, [Count, Self]) || _ <- [1, 2, 3, 4]],
    cluster:connect(Peer, node()),
    cluster:call(Peer, lists, foreach, [fun(Sink) -> start_sender(Sink, Count, binary:copy(<<"x">>, 30000)) end, Sinks]),
    [equal({all, true}, cluster:receive_one(60000)) || _ <- Sinks].

%% What is on its way is bounded by the limit and the buffers of the system, and all of it arrives in the end.
senders_wait_for_a_peer_that_stands_still() ->
    Peer = cluster:start("b"),
    Count = 4000,
    Sink = spawn(cluster:node_of(Peer), ?MODULE, sink, [Count, self()]),
    equal(pong, net_adm:ping(cluster:node_of(Peer))),
    cluster:suspend(Peer),
    undefined = erlang:system_monitor(self(), [busy_dist_port]),
    {Sender, Sent} = start_sender(Sink, Count, binary:copy(<<"x">>, 50000)),
    cluster:await(fun() -> is_suspended(Sender) orelse {counters:get(Sent, 1), process_info(Sender, status)} end),
    {monitor, Sender, busy_dist_port, Port} = cluster:receive_one(),
    true = lists:member({cluster:node_of(Peer), Port}, erlang:system_info(dist_ctrl)),
    _ = erlang:system_monitor(undefined),
    cluster:flush(),
    true = counters:get(Sent, 1) < Count div 4,
    equal([nosuspend, nosuspend], [erlang:send(Sink, x, Options) || Options <- [[nosuspend], [nosuspend, noconnect]]]),
    equal([false, false], [erlang:send_nosuspend(Sink, x), erlang:send_nosuspend(Sink, x, [noconnect])]),
    cluster:resume(Peer),
    equal({all, true}, cluster:receive_one(40000)).

%% Makes the connection to a peer that stands still busy.
make_busy(Peer) ->
    Node = cluster:node_of(Peer),
    Sink = spawn(Node, timer, sleep, [infinity]),
    equal(pong, net_adm:ping(Node)),
    cluster:suspend(Peer),
    {Sender, _} = start_sender(Sink, 4000, binary:copy(<<"x">>, 50000)),
    cluster:await(fun() -> is_suspended(Sender) end),
    Sender.

%% So do those who say with small signals that they are interested in each other.
links_and_monitors_wait() ->
    Peer = cluster:start("b"),
    [Linked, Watched, Unlinked, Unwatched] = [spawn(cluster:node_of(Peer), timer, sleep, [infinity]) || _ <- [1, 2, 3, 4]],
    Self = self(),
    Waits = fun(Before, During) ->
                Pid = spawn(fun() -> Value = Before(), Self ! {ready, self()}, receive go -> During(Value) end, Self ! {done, self()} end),
                receive {ready, Pid} -> Pid after 15000 -> error(not_ready) end
            end,
    Pids = [Waits(fun() -> ok end, fun(_) -> link(Linked) end),
            Waits(fun() -> ok end, fun(_) -> erlang:monitor(process, Watched) end),
            Waits(fun() -> link(Unlinked) end, fun(_) -> unlink(Unlinked) end),
            Waits(fun() -> erlang:monitor(process, Unwatched) end, fun(Reference) -> erlang:demonitor(Reference) end)],
    _ = make_busy(Peer),
    [Pid ! go || Pid <- Pids],
    [cluster:await(fun() -> is_suspended(Pid) end) || Pid <- Pids],
    cluster:resume(Peer),
    [receive {done, Pid} -> ok after 40000 -> error(waits_for_ever) end || Pid <- Pids],
    ok.

%% A process that ends with a large reason has not quite ended until the connection has room for it.
large_ends_wait() ->
    Peer = cluster:start("b"),
    Reason = binary:copy(<<"r">>, 3000000),
    Self = self(),
    Trapping = spawn(cluster:node_of(Peer), fun() ->
                                                process_flag(trap_exit, true),
                                                Self ! {trapping, self()},
                                                receive {'EXIT', Pid, Why} -> Self ! {told, Pid, byte_size(Why)} end
                                            end),
    receive {trapping, Trapping} -> ok after 15000 -> error(not_trapping) end,
    Ending = spawn(fun() -> link(Trapping), Self ! linked, receive go -> exit(Reason) end end),
    equal(linked, cluster:receive_one()),
    _ = make_busy(Peer),
    1 = erlang:trace(Ending, true, [exiting]),
    Ending ! go,
    cluster:await(fun() -> not is_process_alive(Ending) end),
    receive {trace, Ending, out_exited, _} -> error(ended_already) after 200 -> ok end,
    cluster:resume(Peer),
    receive {trace, Ending, out_exited, 0} -> ok after 40000 -> error(does_not_end) end,
    receive {told, Ending, 3000000} -> ok after 40000 -> error(not_told) end,
    cluster:flush().

small_messages_overtake_large_ones() ->
    Peer = cluster:start("b"),
    Self = self(),
    Sink = spawn(cluster:node_of(Peer), ?MODULE, order, [2, Self]),
    equal(pong, net_adm:ping(cluster:node_of(Peer))),
    cluster:suspend(Peer),
    {Large, Sent} = start_sender(Sink, 1, binary:copy(<<"x">>, 50000000)),
    cluster:await(fun() -> counters:get(Sent, 1) =:= 1 orelse is_suspended(Large) end),
    Small = spawn(fun() -> Sink ! {2, small} end),
    cluster:await(fun() -> not is_process_alive(Small) orelse is_suspended(Small) end),
    cluster:resume(Peer),
    equal({order, [2, 1]}, cluster:receive_one(40000)).

order(Count, Collector) -> Collector ! {order, [receive {N, _} -> N end || _ <- lists:seq(1, Count)]}.

senders_go_on_when_the_peer_dies() ->
    Peer = cluster:start("b"),
    Sink = spawn(cluster:node_of(Peer), timer, sleep, [infinity]),
    equal(pong, net_adm:ping(cluster:node_of(Peer))),
    cluster:suspend(Peer),
    {Sender, _} = start_sender(Sink, 2000, binary:copy(<<"x">>, 100000)),
    cluster:await(fun() -> is_suspended(Sender) end),
    cluster:kill(Peer),
    cluster:await(fun() -> not is_process_alive(Sender) end).
