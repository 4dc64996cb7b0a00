%% What erlang:trace/3 tells of signals of another node: patterns of 'receive' that ask who sent a message, links made by spawning there.
-module(traces).
-connect_all(false).
-compile([export_all, nowarn_export_all]).

-import(cluster, [equal/2]).

tests() -> [senders_of_messages, senders_by_name, large_messages, links_by_spawning, links].

%% A process that sends what it is asked to.
sender() -> receive {send, To, What} -> To ! What, sender() end.
receiver() -> receive _ -> receiver() end.

traced_receiver(Name) ->
    Receiver = spawn_link(?MODULE, receiver, []),
    case Name of none -> ok; _ -> register(Name, Receiver) end,
    1 = erlang:trace(Receiver, true, ['receive']),
    Receiver.

%% The pattern lets through what comes from that node; the pid of the sender is known, or is not.
told_of(Receiver, To, Sender, Message) ->
    Here = node(), There = node(Sender),
    Patterns = [{true, true}, {[{[There, '_', '_'], [], []}], true}, {[{[Here, '_', '_'], [], []}], false},
                {[{[There, Sender, '_'], [], []}, {[There, undefined, '_'], [], []}], true}, {[{['_', Receiver, '_'], [], []}], false}, {false, false}],
    [begin
         erlang:trace_pattern('receive', Pattern, []),
         Sender ! {send, To, {N, Message}},
         Sender ! {send, self(), {done, N}},
         receive {done, N} -> ok end,
         {status, _} = process_info(Receiver, status),  % it has seen all that was sent before
         erlang:trace_pattern('receive', true, []),
         Receiver ! {last, N},
         receive {trace, Receiver, 'receive', {last, N}} -> ok end,
         equal({N, Told}, {N, receive {trace, Receiver, 'receive', {N, Message}} -> true after 0 -> false end})
     end || {N, {Pattern, Told}} <- lists:enumerate(Patterns)],
    ok.

senders_of_messages() -> Receiver = traced_receiver(none), told_of(Receiver, Receiver, remote_sender(), hello).
senders_by_name() -> Receiver = traced_receiver(a_traced_receiver), told_of(Receiver, {a_traced_receiver, node()}, remote_sender(), hello).
large_messages() -> Receiver = traced_receiver(none), told_of(Receiver, Receiver, remote_sender(), lists:seq(1, 5000)).

remote_sender() -> spawn_link(cluster:node_of(cluster:start("b")), ?MODULE, sender, []).

links_by_spawning() ->
    Node = cluster:node_of(cluster:start("b")),
    Self = self(),
    Parent = spawn_link(fun() -> receive go -> ok end, Child = spawn_link(Node, ?MODULE, sender, []), Self ! {child, Child}, receive stop -> unlink(Child), exit(Child, kill) end end),
    1 = erlang:trace(Parent, true, [procs]),
    Parent ! go,
    Child = receive {child, C} -> C end,
    receive {trace, Parent, link, Child} -> ok after 15000 -> error(no_link) end,
    Parent ! stop,
    receive {trace, Parent, unlink, Child} -> ok after 15000 -> error(no_unlink) end.

%% Links and unlinks of both sides.
links() ->
    Node = cluster:node_of(cluster:start("b")),
    There = spawn_link(Node, ?MODULE, linker, []), unlink(There),
    Here = spawn_link(?MODULE, linker, []),
    1 = erlang:trace(Here, true, [procs]),
    [begin
         By ! {What, Peer},
         receive {trace, Here, Tag, There} -> ok after 15000 -> error({not_told, Tag}) end
     end || {By, What, Peer, Tag} <- [{Here, link, There, link}, {Here, unlink, There, unlink}, {There, link, Here, getting_linked}, {There, unlink, Here, getting_unlinked}]],
    ok.
linker() -> receive {What, Peer} -> erlang:What(Peer), linker() end.
