%% Nodes in a mesh that come and go: nothing is left of those that went. Fifty nodes for ten minutes with --long, fewer and
%% shorter if the test is asked for by name.
%%
%% On each node a process is linked to, monitors and is monitored by those of all other nodes.
-module(churn).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [nodes_come_and_go].
limit_ms() -> 1400000.
size_and_seconds() -> case os:getenv("LONG") of "1" -> {50, 600}; _ -> {8, 20} end.

nodes_come_and_go() ->
    {Count, Seconds} = size_and_seconds(),
    Mesh = lists:foldl(fun(Number, Mesh) -> join(Number, Mesh) end, #{}, lists:seq(1, Count)),
    complete(Mesh),
    Staying = [cluster:node_of(maps:get(Number, Mesh)) || Number <- [1, 2]],
    turns(Mesh, Count, 3),
    Before = [footprint(Node) || Node <- [node() | Staying]],
    Turns = rounds(Mesh, Count, erlang:monotonic_time(second) + Seconds, 0),
    After = [footprint(Node) || Node <- [node() | Staying]],
    io:format("~p nodes, ~p came and went; before ~p after ~p~n", [Count, Turns, Before, After]),
    [equal([], grown(Old, New)) || {Old, New} <- lists:zip(Before, After)],
    ok.

rounds(Mesh, Count, Until, Done) ->
    case erlang:monotonic_time(second) >= Until of
        true -> Done;
        false -> turns(Mesh, Count, 1), rounds(Mesh, Count, Until, Done + 1)
    end.

%% One of the mesh, but for the first two, goes in one way or another, and comes back. Mesh stays as a map of what it began
%% with; the nodes keep their names.
turns(_, _, 0) -> ok;
turns(Mesh, Count, Left) ->
    Number = 2 + rand:uniform(Count - 2),
    Current = case get({mesh, Number}) of undefined -> maps:get(Number, Mesh); Latest -> Latest end,
    Others = maps:without([Number], current(Mesh)),
    _ = case rand:uniform(3) of
            1 -> cluster:kill(Current);
            2 -> erpc:cast(cluster:node_of(Current), erlang, halt, []);
            3 -> [erpc:cast(cluster:node_of(Current), erlang, disconnect_node, [cluster:node_of(Peer)]) || Peer <- maps:values(Others)]
        end,
    complete(Others),
    _ = cluster:stop(Current),
    cluster:await(fun() -> not lists:member(cluster:node_of(Current), nodes()) end, 60000),
    New = join(Number, Others),
    put({mesh, Number}, maps:get(Number, New)),
    complete(New),
    turns(Mesh, Count, Left - 1).

current(Mesh) -> maps:map(fun(Number, First) -> case get({mesh, Number}) of undefined -> First; Latest -> Latest end end, Mesh).

join(Number, Mesh) ->
    Kind = case Number rem 2 of 0 -> own; 1 -> other end,
    Peer = cluster:start("m" ++ integer_to_list(Number), #{kind => Kind}),
    Node = cluster:node_of(Peer),
    cluster:connect(Node),
    true = erpc:call(Node, ?MODULE, start_watcher, []),
    [{watcher, Node} ! {meet, cluster:node_of(Other)} || Other <- maps:values(Mesh)],
    Mesh#{Number => Peer}.

start_watcher() -> register(watcher, spawn(fun() -> process_flag(trap_exit, true), watcher() end)).
watcher() ->
    receive
        {meet, Node} -> {watcher, Node} ! {hello, self()};
        {hello, Pid} -> link(Pid), erlang:monitor(process, Pid), Pid ! {welcome, self()};
        {welcome, Pid} -> erlang:monitor(process, Pid);
        {'EXIT', _, _} -> ok;
        {'DOWN', _, process, _, _} -> ok
    end,
    watcher().

%% Every watcher knows all others, once, and nobody else.
complete(Mesh) ->
    Nodes = lists:sort([cluster:node_of(Peer) || Peer <- maps:values(Mesh)]),
    [cluster:await(fun() ->
                       Others = lists:delete(Node, Nodes),
                       case catch erpc:call(Node, ?MODULE, known, [], 20000) of
                           [Others, Others, Others] -> true;
                           Answer -> {Node, Others, Answer}
                       end
                   end, 120000) || Node <- Nodes],
    ok.

known() ->
    [{links, Links}, {monitors, Monitors}, {monitored_by, Watchers}] = process_info(whereis(watcher), [links, monitors, monitored_by]),
    [lists:sort([node(Pid) || Pid <- Pids]) || Pids <- [Links, [Pid || {process, Pid} <- Monitors], Watchers]].

footprint(Node) -> erpc:call(Node, ?MODULE, own_footprint, [], 60000).
own_footprint() ->
    [erlang:garbage_collect(Pid) || Pid <- processes()],
    Kernel = [length(List) || {_, List} <- process_info(whereis(net_kernel), [links, monitors, monitored_by])],
    #{kernel => lists:sum(Kernel), processes => length(processes()), ports => length(erlang:ports()), tables => length(ets:all()),
      kilobytes => (erlang:memory(total) - erlang:memory(code) - erlang:memory(atom)) div 1024}.

%% What may differ: calls under way, and memory by 3 MB.
grown(Before, After) ->
    [{Key, Old, New} || {Key, Old} <- maps:to_list(Before), New <- [maps:get(Key, After)],
                        New > Old + case Key of kilobytes -> 3000; _ -> 5 end].
