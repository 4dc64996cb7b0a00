%% Tokens of sequential tracing (seq_trace) that go with other signals than messages: what both nodes tell of them.
-module(sequential_traces).
-connect_all(false).
-compile([export_all, nowarn_export_all]).

-import(cluster, [equal/2]).

tests() -> [linked_process_ends_there, linked_process_ends_here, spawned, spawned_by_request, request_that_fails, abandoned,
            what_takes_a_token_away].

obey() ->
    receive
        {exit, Reason} -> exit(Reason);
        {tell, From} -> From ! {token, get(token)}, obey();
        {'EXIT', _, _} -> put(token, seq_trace:get_token()), obey()
    end.
trap() -> process_flag(trap_exit, true), obey().
greet(To) -> To ! {hello, self(), seq_trace:get_token()}, receive after infinity -> ok end.

%% A node that is connected, and tracers on both; they end with the caller.
traced_peer() ->
    Node = cluster:node_of(cluster:start("b")),
    [begin
         Tracer = spawn(Here, ?MODULE, tracer, [self(), []]),
         receive {Tracer, up} -> put({tracer, Here}, Tracer) after 15000 -> error(no_tracer) end
     end || Here <- [node(), Node]],
    Node.

tracer(Owner, []) ->
    Watched = erlang:monitor(process, Owner),
    _ = seq_trace:set_system_tracer(self()),
    Owner ! {self(), up},
    collect(Watched, []).

collect(Watched, Events) ->
    receive
        {'DOWN', Watched, _, _, _} -> ok;
        {get, From} -> From ! {self(), lists:reverse(Events)}, collect(Watched, Events);
        {seq_trace, Label, Event} -> collect(Watched, [{Label, Event} | Events])
    end.

%% What that node has told, as soon as it is that.
await_told(Node, Label, Expected) ->
    Tracer = get({tracer, Node}),
    cluster:await(fun() ->
        Tracer ! {get, self()},
        Told = receive {Tracer, Events} -> [Event || {L, Event} <- Events, L =:= Label] after 15000 -> no_answer end,
        lists:sort(Told) =:= lists:sort(Expected) orelse Told
    end).

trace() ->
    Label = {label, make_ref()},
    seq_trace:set_token(label, Label),
    seq_trace:set_token(send, true),
    seq_trace:set_token('receive', true),
    Label.
%% The token, which is taken away.
token() ->
    Token = seq_trace:get_token(),
    seq_trace:set_token([]),
    Token.

linked_process_ends_there() ->
    Node = traced_peer(),
    Self = self(),
    process_flag(trap_exit, true),
    [begin
         Pid = spawn_link(Node, ?MODULE, obey, []),
         Label = trace(),
         Pid ! {exit, Reason},
         receive {'EXIT', Pid, Reason} -> ok after 15000 -> error(no_exit) end,
         {3, Label, Serial, Pid, Before} = token(),
         1 = Serial - Before,
         await_told(node(), Label, [{send, {Before - 1, Before}, Self, Pid, {exit, Reason}},
                                    {'receive', {Before, Serial}, Pid, Self, {'EXIT', Pid, Reason}}]),
         await_told(Node, Label, [{'receive', {Before - 1, Before}, Self, Pid, {exit, Reason}},
                                  {send, {Before, Serial}, Pid, Self, {'EXIT', Pid, Reason}}]),
         %% The next begins where this one ended.
         seq_trace:set_token(serial, {0, 0}),
         seq_trace:set_token([])
     end || Reason <- [bye, normal, binary:copy(<<"large">>, 100000)]].

linked_process_ends_here() ->
    Node = traced_peer(),
    Trapping = spawn(Node, ?MODULE, trap, []),
    Trapping ! {tell, self()},
    receive {token, undefined} -> ok after 15000 -> error(no_answer) end,
    Linked = spawn(fun() -> link(Trapping), obey() end),
    cluster:await(fun() -> {links, [Trapping]} =:= process_info(Linked, links) end),
    Label = trace(),
    Linked ! {exit, bye},
    seq_trace:set_token([]),
    await_told(node(), Label, [{send, {0, 1}, self(), Linked, {exit, bye}}, {'receive', {0, 1}, self(), Linked, {exit, bye}},
                               {send, {1, 2}, Linked, Trapping, {'EXIT', Linked, bye}}]),
    await_told(Node, Label, [{'receive', {1, 2}, Linked, Trapping, {'EXIT', Linked, bye}}]),
    Trapping ! {tell, self()},
    equal({3, Label, 2, Linked, 1}, receive {token, Token} -> Token after 15000 -> none end).

spawned() ->
    Node = traced_peer(),
    Self = self(),
    [begin
         Label = trace(),
         Pid = case Spawn() of {New, _} -> New; New -> New end,
         receive {hello, Pid, Childs} -> equal({3, Label, 2, Self, 0}, Childs) after 15000 -> error(no_child) end,
         equal({3, Label, 3, Pid, 2}, token()),
         {request, Reference} = request(Node, Label),
         Request = {spawn_request, Reference, Self, group_leader(), {?MODULE, greet, 1}, Options},
         Hello = {hello, Pid, {3, Label, 2, Self, 0}},
         await_told(node(), Label, [{send, {0, 1}, Self, Node, Request}, {send, {0, 2}, Self, Node, [Self]},
                                    {'receive', {1, 2}, Pid, Self, {spawn_reply, Reference, ok, Pid}}, {'receive', {2, 3}, Pid, Self, Hello}]),
         await_told(Node, Label, [{'receive', {0, 1}, Self, Pid, Request}, {send, {1, 2}, Pid, Self, {spawn_reply, Reference, ok, Pid}},
                                  {'receive', {0, 2}, Self, Pid, [Self]}, {send, {2, 3}, Pid, Self, Hello}]),
         unlink(Pid),
         exit(Pid, kill),
         seq_trace:set_token(serial, {0, 0}),
         seq_trace:set_token([])
     end || {Spawn, Options} <- [{fun() -> spawn(Node, ?MODULE, greet, [Self]) end, []},
                                 {fun() -> spawn_link(Node, ?MODULE, greet, [Self]) end, [link]},
                                 {fun() -> spawn_monitor(Node, ?MODULE, greet, [Self]) end, [monitor]},
                                 {fun() -> spawn_opt(Node, ?MODULE, greet, [Self], [link, {priority, high}]) end, [link, {priority, high}]}]].

%% The reference of the request that this node has told of.
request(Node, Label) ->
    Tracer = get({tracer, node()}),
    Tracer ! {get, self()},
    [Reference] = receive {Tracer, Events} -> [R || {L, {send, _, _, N, {spawn_request, R, _, _, _, _}}} <- Events, L =:= Label, N =:= Node]
                  after 15000 -> no_answer end,
    {request, Reference}.

spawned_by_request() ->
    Node = traced_peer(),
    Label = trace(),
    Reference = spawn_request(Node, ?MODULE, obey, [], [{reply_tag, {my, tag}}, link]),
    Pid = receive {{my, tag}, Reference, ok, Child} -> Child after 15000 -> error(no_child) end,
    equal({3, Label, 2, Pid, 1}, token()),
    Request = {spawn_request, Reference, self(), group_leader(), {?MODULE, obey, 0}, [link]},
    await_told(node(), Label, [{send, {0, 1}, self(), Node, Request}, {send, {0, 2}, self(), Node, []},
                               {'receive', {1, 2}, Pid, self(), {{my, tag}, Reference, ok, Pid}}]),
    await_told(Node, Label, [{'receive', {0, 1}, self(), Pid, Request}, {send, {1, 2}, Pid, self(), {spawn_reply, Reference, ok, Pid}},
                             {'receive', {0, 2}, self(), Pid, []}]).

request_that_fails() ->
    Node = traced_peer(),
    Label = trace(),
    Reference = spawn_request(Node, ?MODULE, obey, [], [lunk, {reply_tag, tag}]),
    receive {tag, Reference, error, badopt} -> ok after 15000 -> error(no_answer) end,
    equal({3, Label, 2, Node, 1}, token()),
    Request = {spawn_request, Reference, self(), group_leader(), {?MODULE, obey, 0}, [lunk]},
    await_told(node(), Label, [{send, {0, 1}, self(), Node, Request}, {send, {0, 2}, self(), Node, []},
                               {'receive', {1, 2}, Node, self(), {tag, Reference, error, badopt}}]),
    await_told(Node, Label, [{'receive', {0, 1}, self(), Node, Request}, {send, {1, 2}, Node, self(), {spawn_reply, Reference, error, badopt}}]).

%% The process that nobody waits for gets an exit signal with the token. What is asked here goes with it, too, and is counted.
abandoned() ->
    Node = traced_peer(),
    Label = trace(),
    true = spawn_request_abandon(spawn_request(Node, ?MODULE, obey, [], [link])),
    Tracer = get({tracer, node()}),
    cluster:await(fun() ->
        Tracer ! {get, self()},
        receive {Tracer, Events} -> [Node] =:= [node(P) || {L, {send, _, _, P, {'EXIT', _, abandoned}}} <- Events, L =:= Label]
        after 15000 -> no_answer end
    end),
    seq_trace:set_token([]).

what_takes_a_token_away() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    process_flag(trap_exit, true),
    Process = fun() -> spawn(Node, ?MODULE, obey, []) end,
    [begin
         Thing = Prepare(),
         seq_trace:set_token(label, 1),
         Act(Thing),
         receive {'EXIT', _, _} -> ok; {'DOWN', _, _, _, _} -> ok; {nodedown, Node} -> ok after 15000 -> error({nothing_arrives, What}) end,
         equal({What, Token}, {What, case token() of [] -> gone; _ -> stays end}),
         cluster:flush()
     end || {What, Prepare, Act, Token} <- [
         {exit_signal, Process, fun(Pid) -> link(Pid), exit(Pid, boom) end, gone},
         {link_to_the_dead, fun() -> dead(Node) end, fun(Pid) -> link(Pid) end, gone},
         {monitor_of_the_dead, fun() -> dead(Node) end, fun(Pid) -> monitor(process, Pid) end, gone},
         {monitored, fun() -> Pid = Process(), monitor(process, Pid), Pid end, fun(Pid) -> exit(Pid, boom) end, gone},
         {monitor_of_nowhere, fun() -> ok end, fun(_) -> monitor(process, {name, 'nowhere@localhost'}) end, stays},
         {lost_link, fun() -> spawn_link(Node, ?MODULE, obey, []) end, fun(_) -> disconnect(Node) end, gone},
         {lost_monitor, fun() -> monitor(process, Process()) end, fun(_) -> disconnect(Node) end, stays},
         {lost_node, fun() -> cluster:connect(Node), monitor_node(Node, true) end, fun(_) -> disconnect(Node) end, stays}]].

%% By another process: its messages would take the token of this one along.
disconnect(Node) -> spawn(fun() -> cluster:disconnect(Node) end).

dead(Node) ->
    {Pid, Monitor} = spawn_monitor(Node, ?MODULE, obey, []),
    Pid ! {exit, normal},
    receive {'DOWN', Monitor, process, Pid, _} -> Pid after 15000 -> error(stays) end.
