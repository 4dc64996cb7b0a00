%% Processes that are started on another node.
-module(spawning).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [spawn_of_a_fun, spawn_of_a_function, spawn_and_link, spawn_and_monitor, options, requests, requests_that_fail,
            request_abandoned, unknown_function, bad_arguments, node_that_is_not_there, own_node_name, group_leader_is_inherited,
            parent_is_known, many, shell_fun, closure_over_closure].

spawn_of_a_fun() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    {Self, Value} = {self(), [1, {two, 3.0}]},
    Pid = spawn(Node, fun() -> Self ! {self(), node(), Value} end),
    equal({Pid, Node, Value}, cluster:receive_one()),
    equal(Node, node(Pid)).

spawn_of_a_function() ->
    Peer = cluster:start("b"),
    Pid = spawn(cluster:node_of(Peer), ?MODULE, tell, [self(), hello]),
    equal({Pid, hello}, cluster:receive_one()).

tell(To, What) -> To ! {self(), What}.
wait() -> receive {exit, Reason} -> exit(Reason); {return, _} -> ok end.

spawn_and_link() ->
    Peer = cluster:start("b"),
    process_flag(trap_exit, true),
    Pid = spawn_link(cluster:node_of(Peer), fun wait/0),
    equal({links, [self()]}, rpc:call(cluster:node_of(Peer), erlang, process_info, [Pid, links])),
    Pid ! {exit, {some, reason}},
    equal({'EXIT', Pid, {some, reason}}, cluster:receive_one()),
    Second = spawn_link(cluster:node_of(Peer), ?MODULE, wait, []),
    Second ! {return, x},
    equal({'EXIT', Second, normal}, cluster:receive_one()).

spawn_and_monitor() ->
    Peer = cluster:start("b"),
    {Pid, Reference} = spawn_monitor(cluster:node_of(Peer), fun wait/0),
    Pid ! {exit, over},
    equal({'DOWN', Reference, process, Pid, over}, cluster:receive_one()),
    {Second, Other} = spawn_monitor(cluster:node_of(Peer), ?MODULE, wait, []),
    exit(Second, kill),
    equal({'DOWN', Other, process, Second, killed}, cluster:receive_one()).

options() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    process_flag(trap_exit, true),
    {Pid, Reference} = spawn_opt(Node, fun wait/0, [link, monitor, {priority, high}, {fullsweep_after, 3}, {message_queue_data, off_heap}]),
    Info = rpc:call(Node, erlang, process_info, [Pid, [priority, message_queue_data, links, monitored_by]]),
    equal([{priority, high}, {message_queue_data, off_heap}, {links, [self()]}, {monitored_by, [self()]}], Info),
    Pid ! {exit, done},
    Both = lists:sort([cluster:receive_one(), cluster:receive_one()]),
    equal(lists:sort([{'EXIT', Pid, done}, {'DOWN', Reference, process, Pid, done}]), Both),
    {Tagged, Other} = spawn_opt(Node, ?MODULE, wait, [], [{monitor, [{tag, my_tag}]}]),
    Tagged ! {exit, x},
    equal({my_tag, Other, process, Tagged, x}, cluster:receive_one()).

requests() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    First = spawn_request(Node, ?MODULE, wait, [], [{reply_tag, first}]),
    {first, First, ok, One} = cluster:receive_one(),
    equal(Node, node(One)),
    Second = spawn_request(Node, fun wait/0, [monitor]),
    {spawn_reply, Second, ok, Two} = cluster:receive_one(),
    Two ! {exit, gone},
    equal({'DOWN', Second, process, Two, gone}, cluster:receive_one()),
    Third = spawn_request(Node, fun wait/0, [{reply, no}, monitor]),
    cluster:nothing_arrives(),
    true = erlang:demonitor(Third),
    Fourth = spawn_request(Node, fun wait/0, [{reply, error_only}]),
    cluster:nothing_arrives(),
    true = is_reference(Fourth),
    process_flag(trap_exit, true),
    Fifth = spawn_request(Node, fun wait/0, [link]),
    {spawn_reply, Fifth, ok, Five} = cluster:receive_one(),
    Five ! {exit, linked},
    equal({'EXIT', Five, linked}, cluster:receive_one()).

requests_that_fail() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    First = spawn_request(Node, ?MODULE, wait, [], [{priority, no_such}]),
    equal({spawn_reply, First, error, badopt}, cluster:receive_one()),
    Second = spawn_request('nobody@localhost', ?MODULE, wait, [], []),
    equal({spawn_reply, Second, error, noconnection}, cluster:receive_one()),
    Third = spawn_request('nobody@localhost', ?MODULE, wait, [], [{reply, success_only}]),
    cluster:nothing_arrives(),
    true = is_reference(Third),
    Fourth = spawn_request(Node, fun wait/0, [monitor, no_such_option]),
    equal({spawn_reply, Fourth, error, badopt}, cluster:receive_one()),
    %% What stands before the first wrong option counts.
    [begin
         Request = spawn_request(Node, fun wait/0, Options),
         equal({Tag, Request, error, badopt}, cluster:receive_one())
     end || {Options, Tag} <- [{[{reply, maybe}], spawn_reply}, {[{reply, maybe}, {reply, no}], spawn_reply}, {[{reply, maybe} | x], spawn_reply},
                               {[{reply_tag, mine}, {reply, maybe}, link], mine}, {[{monitor, x}, {reply_tag, late}], spawn_reply}]],
    [spawn_request(Node, fun wait/0, Options) || Options <- [[{reply, no}, {reply, maybe}], [{reply, success_only}, no_such_option]]],
    cluster:nothing_arrives().

request_abandoned() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    equal(pong, net_adm:ping(Node)),
    Request = spawn_request(Node, fun wait/0, [monitor]),
    case erlang:spawn_request_abandon(Request) of
        true -> cluster:nothing_arrives();
        false -> {spawn_reply, Request, ok, _} = cluster:receive_one()
    end,
    equal(false, erlang:spawn_request_abandon(make_ref())).

unknown_function() ->
    Peer = cluster:start("b"),
    {Pid, Reference} = spawn_monitor(cluster:node_of(Peer), no_such_module, function, [1]),
    {'DOWN', Reference, process, Pid, {undef, [{no_such_module, function, [1], []} | _]}} = cluster:receive_one().

bad_arguments() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    {'EXIT', {badarg, _}} = (catch spawn(Node, not_a_fun)),
    {'EXIT', {badarg, _}} = (catch spawn(Node, m, f, [a | b])),
    {'EXIT', {badarg, _}} = (catch spawn("node", m, f, [])),
    {'EXIT', {badarg, _}} = (catch spawn_opt(Node, m, f, [], [{no, such}])),
    {'EXIT', {badarg, _}} = (catch spawn_request(Node, m, f, [], improper)).

node_that_is_not_there() ->
    process_flag(trap_exit, true),
    Nobody = 'nobody@localhost',
    Pid = spawn(Nobody, fun wait/0),
    equal(node(), node(Pid)),
    Linked = spawn_link(Nobody, fun wait/0),
    equal({'EXIT', Linked, noconnection}, cluster:receive_one()),
    {Monitored, Reference} = spawn_monitor(Nobody, fun wait/0),
    equal({'DOWN', Reference, process, Monitored, noconnection}, cluster:receive_one()).

own_node_name() ->
    Pid = spawn(node(), ?MODULE, tell, [self(), local]),
    equal({Pid, local}, cluster:receive_one()),
    equal(node(), node(Pid)).

group_leader_is_inherited() ->
    Peer = cluster:start("b"),
    {Self, Leader} = {self(), group_leader()},
    spawn(cluster:node_of(Peer), fun() -> Self ! group_leader() end),
    equal(Leader, cluster:receive_one()).

parent_is_known() ->
    Peer = cluster:start("b"),
    Self = self(),
    spawn(cluster:node_of(Peer), fun() -> Self ! {process_info(self(), parent), get('$ancestors')} end),
    {_, undefined} = cluster:receive_one(),
    Other = proc_lib:spawn(cluster:node_of(Peer), fun() -> Self ! {ancestors, get('$ancestors')} end),
    equal({ancestors, [Self]}, cluster:receive_one()),
    true = is_pid(Other).

many() ->
    Peer = cluster:start("b"),
    {Node, Self} = {cluster:node_of(Peer), self()},
    Pids = [spawn(Node, fun() -> Self ! {N, self()} end) || N <- lists:seq(1, 2000)],
    Expected = lists:zip(lists:seq(1, 2000), Pids),
    [receive {N, Pid} -> ok after 15000 -> error({missing, N}) end || {N, Pid} <- Expected],
    ok.

%% What a shell makes of `fun`: the evaluator's fun, which carries its code with it.
shell_fun() ->
    Peer = cluster:start("b"),
    {ok, Tokens, _} = erl_scan:string("fun(X) -> Y = X * K, {Y, node(), lists:seq(1, 3)} end."),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Fun, _} = erl_eval:exprs(Expressions, [{'K', 7}]),
    equal({42, cluster:node_of(Peer), [1, 2, 3]}, rpc:call(cluster:node_of(Peer), erlang, apply, [Fun, [6]])),
    Self = self(),
    spawn(cluster:node_of(Peer), fun() -> Self ! Fun(1) end),
    equal({7, cluster:node_of(Peer), [1, 2, 3]}, cluster:receive_one()).

closure_over_closure() ->
    Peer = cluster:start("b"),
    {Node, Self} = {cluster:node_of(Peer), self()},
    Inner = fun(N) -> {N, node()} end,
    spawn(Node, fun() -> spawn(node(Self), fun() -> Self ! {Inner(1), (fun() -> Inner(2) end)()} end) end),
    equal({{1, node()}, {2, node()}}, cluster:receive_one()).
