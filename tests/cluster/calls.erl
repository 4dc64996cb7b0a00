%% Calls on other nodes: rpc, erpc, gen_server.
-module(calls).
-export([tests/0]).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [rpc_call, rpc_errors, rpc_timeout, rpc_node_down, rpc_cast, rpc_async, rpc_multicall, rpc_pmap, rpc_output, erpc_call,
            erpc_errors, erpc_requests, erpc_multicall, erpc_node_down_in_the_middle, gen_server_calls, gen_server_multi_call,
            gen_server_node_down, supervisors_and_applications, files_of_another_node, many_calls_at_once].

peer() -> cluster:node_of(cluster:start("b")).
fail(Class) -> case Class of throw -> throw(thrown); exit -> exit(left); error -> error(broken) end.
slow() -> receive after infinity -> ok end.

rpc_call() ->
    Node = peer(),
    equal(Node, rpc:call(Node, erlang, node, [])),
    equal([3, 2, 1], rpc:call(Node, lists, reverse, [[1, 2, 3]], 5000)),
    equal(node(), rpc:call(node(), erlang, node, [])).

rpc_errors() ->
    Node = peer(),
    equal(thrown, rpc:call(Node, ?MODULE, fail, [throw])),
    equal({badrpc, {'EXIT', left}}, rpc:call(Node, ?MODULE, fail, [exit])),
    {badrpc, {'EXIT', {broken, [{?MODULE, fail, 1, _} | _]}}} = rpc:call(Node, ?MODULE, fail, [error]),
    {badrpc, {'EXIT', {undef, _}}} = rpc:call(Node, no_such_module, f, []).

rpc_timeout() -> equal({badrpc, timeout}, rpc:call(peer(), ?MODULE, slow, [], 50)).

rpc_node_down() ->
    equal({badrpc, nodedown}, rpc:call('nobody@localhost', erlang, node, [])),
    Peer = cluster:start("b"),
    Self = self(),
    spawn(fun() -> Self ! rpc:call(cluster:node_of(Peer), ?MODULE, slow, []) end),
    cluster:await(fun() -> nodes() =/= [] end),
    cluster:kill(Peer),
    equal({badrpc, nodedown}, cluster:receive_one()).

rpc_cast() ->
    Node = peer(),
    Self = self(),
    true = rpc:cast(Node, erlang, send, [Self, hello]),
    equal(hello, cluster:receive_one()),
    abcast = rpc:abcast([Node], no_such_name, hello),
    {[Node], []} = rpc:sbcast([Node], rex, ignored).

rpc_async() ->
    Node = peer(),
    Keys = [rpc:async_call(Node, erlang, '*', [N, N]) || N <- [1, 2, 3]],
    equal([1, 4, 9], [rpc:yield(Key) || Key <- Keys]),
    Slow = rpc:async_call(Node, ?MODULE, slow, []),
    equal(timeout, rpc:nb_yield(Slow, 50)).

rpc_multicall() ->
    Nodes = [B, C] = [cluster:node_of(cluster:start(Name)) || Name <- ["b", "c"]],
    equal({[B, C], []}, rpc:multicall(Nodes, erlang, node, [])),
    equal({[node(), B], ['nobody@localhost']}, rpc:multicall([node(), B, 'nobody@localhost'], erlang, node, [], 5000)),
    equal(lists:sort([node() | Nodes]), lists:sort(element(1, rpc:multicall(erlang, node, [])))),
    {[{badrpc, _}, {badrpc, _}], []} = rpc:multicall(Nodes, ?MODULE, fail, [exit]),
    {Answers, []} = rpc:eval_everywhere(Nodes, erlang, node, []) =:= abcast andalso {[], []},
    equal([], Answers).

rpc_pmap() ->
    _ = peer(),
    equal([1, 4, 9, 16], rpc:pmap({?MODULE, square}, [], [1, 2, 3, 4])),
    equal([2, 4], rpc:parallel_eval([{erlang, '+', [1, 1]}, {erlang, '+', [2, 2]}])).
square(N) -> N * N.

rpc_output() ->
    Node = peer(),
    Self = self(),
    Leader = spawn(fun() -> receive {io_request, From, As, _} -> Self ! written, From ! {io_reply, As, ok} end end),
    Old = group_leader(),
    group_leader(Leader, self()),
    ok = rpc:call(Node, io, format, ["hello~n"]),
    group_leader(Old, self()),
    equal(written, cluster:receive_one()).

erpc_call() ->
    Node = peer(),
    equal(Node, erpc:call(Node, erlang, node, [])),
    equal({Node, 7}, erpc:call(Node, fun() -> {node(), 7} end)),
    ok = erpc:cast(Node, erlang, send, [self(), cast]),
    equal(cast, cluster:receive_one()).

erpc_errors() ->
    Node = peer(),
    thrown = (catch erpc:call(Node, ?MODULE, fail, [throw])),
    {'EXIT', {exception, left}} = (catch erpc:call(Node, ?MODULE, fail, [exit])),
    {'EXIT', {{exception, broken, [{?MODULE, fail, 1, _} | _]}, _}} = (catch erpc:call(Node, ?MODULE, fail, [error])),
    {'EXIT', {{erpc, timeout}, _}} = (catch erpc:call(Node, ?MODULE, slow, [], 50)),
    {'EXIT', {{erpc, noconnection}, _}} = (catch erpc:call('nobody@localhost', erlang, node, [])),
    {'EXIT', {{erpc, badarg}, _}} = (catch erpc:call("node", erlang, node, [])).

erpc_requests() ->
    Node = peer(),
    Requests = [erpc:send_request(Node, erlang, '+', [N, 1]) || N <- lists:seq(1, 50)],
    equal(lists:seq(2, 51), [erpc:receive_response(R) || R <- Requests]),
    Slow = erpc:send_request(Node, ?MODULE, slow, []),
    equal(no_response, erpc:wait_response(Slow, 20)),
    Collection = lists:foldl(fun(N, C) -> erpc:send_request(Node, erlang, '-', [N], N, C) end, erpc:reqids_new(), [1, 2, 3]),
    equal([{-3, 3}, {-2, 2}, {-1, 1}], lists:sort(collect(Collection))).

collect(Collection) ->
    case erpc:receive_response(Collection, 5000, true) of
        {Value, Label, Rest} -> [{Value, Label} | collect(Rest)];
        no_request -> []
    end.

erpc_multicall() ->
    [B, C] = Nodes = [cluster:node_of(cluster:start(Name)) || Name <- ["b", "c"]],
    equal([{ok, B}, {ok, C}], erpc:multicall(Nodes, erlang, node, [])),
    [{ok, B}, {error, {erpc, noconnection}}] = erpc:multicall([B, 'nobody@localhost'], erlang, node, []),
    ok = erpc:multicast(Nodes, erlang, send, [self(), here]),
    equal([here, here], [cluster:receive_one(), cluster:receive_one()]).

%% The caller survives when the node goes down during its call.
erpc_node_down_in_the_middle() ->
    Peer = cluster:start("b"),
    Request = erpc:send_request(cluster:node_of(Peer), ?MODULE, slow, []),
    cluster:await(fun() -> nodes() =/= [] end),
    cluster:kill(Peer),
    {'EXIT', {{erpc, noconnection}, _}} = (catch erpc:receive_response(Request, 15000)).

%% gen_server callbacks
init(State) -> {ok, State}.
handle_call({add, N}, _From, State) -> {reply, State + N, State + N};
handle_call(node, _From, State) -> {reply, node(), State};
handle_call(later, From, State) -> spawn(fun() -> gen_server:reply(From, later) end), {noreply, State};
handle_call(never, _From, State) -> {noreply, State};
handle_call(stop, _From, State) -> {stop, {because, State}, State}.
handle_cast({tell, To}, State) -> To ! {told, State}, {noreply, State}.

gen_server_calls() ->
    Node = peer(),
    {ok, Pid} = rpc:call(Node, gen_server, start, [{local, adder}, ?MODULE, 10, []]),
    equal([11, 13], [gen_server:call(Pid, {add, 1}), gen_server:call({adder, Node}, {add, 2})]),
    equal(later, gen_server:call({adder, Node}, later)),
    ok = gen_server:cast({adder, Node}, {tell, self()}),
    equal({told, 13}, cluster:receive_one()),
    {'EXIT', {timeout, _}} = (catch gen_server:call(Pid, never, 50)),
    {'EXIT', {{because, 13}, _}} = (catch gen_server:call(Pid, stop)),
    {'EXIT', {noproc, _}} = (catch gen_server:call({adder, Node}, node)).

gen_server_multi_call() ->
    Nodes = [cluster:node_of(cluster:start(Name)) || Name <- ["b", "c"]],
    [{ok, _} = rpc:call(Node, gen_server, start, [{local, adder}, ?MODULE, 0, []]) || Node <- Nodes],
    {Replies, Bad} = gen_server:multi_call(['nobody@localhost' | Nodes], adder, node, 5000),
    equal([{Node, Node} || Node <- lists:sort(Nodes)], lists:sort(Replies)),
    equal(['nobody@localhost'], Bad),
    abcast = gen_server:abcast(Nodes, adder, {tell, self()}),
    equal([{told, 0}, {told, 0}], [cluster:receive_one(), cluster:receive_one()]).

gen_server_node_down() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    {ok, Pid} = rpc:call(Node, gen_server, start, [?MODULE, 0, []]),
    Self = self(),
    spawn(fun() -> Self ! (catch gen_server:call(Pid, never, infinity)) end),
    cluster:await(fun() -> element(2, rpc:call(Node, erlang, process_info, [Pid, message_queue_len])) =:= 0 end),
    cluster:kill(Peer),
    {'EXIT', {{nodedown, Node}, _}} = cluster:receive_one(),
    {'EXIT', {{nodedown, 'nobody@localhost'}, _}} = (catch gen_server:call({x, 'nobody@localhost'}, y)).

supervisors_and_applications() ->
    Node = peer(),
    ok = rpc:call(Node, application, start, [sasl]),
    true = lists:keymember(sasl, 1, rpc:call(Node, application, which_applications, [])),
    [_ | _] = supervisor:which_children({kernel_sup, Node}),
    {status, _, _, _} = sys:get_status({rex, Node}),
    ok = rpc:call(Node, application, stop, [sasl]).

files_of_another_node() ->
    Node = peer(),
    File = filename:join(os:getenv("CLUSTER_SCRATCH"), "remote_file"),
    Self = self(),
    spawn(Node, fun() -> Self ! file:open(File, [write, read, binary]), slow() end),
    {ok, Device} = cluster:receive_one(),
    equal(Node, node(Device)),
    ok = file:write(Device, <<"some text">>),
    {ok, 5} = file:position(Device, 5),
    equal({ok, <<"text">>}, file:read(Device, 10)),
    ok = file:close(Device),
    equal({ok, <<"some text">>}, file:read_file(File)).

many_calls_at_once() ->
    Node = peer(),
    Self = self(),
    [spawn(fun() -> Self ! {N, [erpc:call(Node, erlang, '+', [N, K]) || K <- lists:seq(1, 20)]} end) || N <- lists:seq(1, 100)],
    [receive {N, Sums} -> equal([N + K || K <- lists:seq(1, 20)], Sums) after 30000 -> error({missing, N}) end || N <- lists:seq(1, 100)],
    ok.
