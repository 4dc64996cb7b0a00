%% What people use on top of connected nodes: erl_call, which is a node in C, dbg, mnesia, distributed applications.
-module(tools).
-export([tests/0, limit_ms/0]).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [c_node, traces_of_another_node, database_on_two_nodes, distributed_application].

limit_ms() -> 120000.

c_node() ->
    case os:find_executable("erl_call", os:getenv("PATH") ++ ":" ++ filename:join(code:root_dir(), "bin")) of
        false -> ok;
        Program ->
            Node = atom_to_list(cluster:node_of(cluster:start("b"))),
            Call = fun(Cookie, Words) -> erl_call(Program, ["-sname", Node, "-c", Cookie | Words]) end,
            Cookie = os:getenv("CLUSTER_COOKIE"),
            equal({0, list_to_binary(Node)}, Call(Cookie, ["-a", "erlang node"])),
            equal({0, <<"[c, b, a]">>}, Call(Cookie, ["-a", "lists reverse [[a,b,c]]"])),
            equal({0, <<"{badrpc, {'EXIT', {undef, [{no_module, f, [], []}]}}}">>}, Call(Cookie, ["-a", "no_module f"])),
            {0, <<"[", _/binary>>} = Call(Cookie, ["-r", "-a", "erlang nodes [hidden]"]),
            {1, _} = Call("wrong", ["-a", "erlang node"])
    end.

erl_call(Program, Words) ->
    Port = open_port({spawn_executable, Program}, [{args, Words}, binary, exit_status, stderr_to_stdout]),
    output(Port, <<>>).

output(Port, Output) ->
    receive
        {Port, {data, Bytes}} -> output(Port, <<Output/binary, Bytes/binary>>);
        {Port, {exit_status, Status}} -> {Status, Output}
    end.

traces_of_another_node() ->
    Node = cluster:node_of(cluster:start("b")),
    Self = self(),
    {ok, _} = dbg:tracer(process, {fun(Trace, _) -> Self ! {traced, Trace} end, none}),
    {ok, Node} = dbg:n(Node),
    Worker = spawn(Node, fun worker/0),
    Worker ! {Self, 1},
    [1] = receive {Worker, First} -> First end,  % its code is loaded
    {ok, [{matched, Node, 1}]} = dbg:p(Worker, [m, c]),
    {ok, _} = dbg:tp(lists, seq, 2, [{'_', [], [{return_trace}]}]),
    Worker ! {Self, 3},
    [1, 2, 3] = receive {Worker, Answer} -> Answer end,
    Traces = [receive {traced, Trace} -> Trace end || _ <- lists:seq(1, 4)],
    equal([{trace, Worker, 'receive', {Self, 3}}, {trace, Worker, call, {lists, seq, [1, 3]}},
           {trace, Worker, return_from, {lists, seq, 2}, [1, 2, 3]}, {trace, Worker, send, {Worker, [1, 2, 3]}, Self}], Traces),
    ok = dbg:stop_clear(),
    cluster:await(fun() -> rpc:call(Node, erlang, trace_info, [Worker, flags]) =:= {flags, []} end).

worker() -> receive {From, Last} -> From ! {self(), lists:seq(1, Last)}, worker() end.

%% mnesia

database_on_two_nodes() ->
    Directory = filename:join("/tmp", "hanse_mnesia_" ++ os:getpid()),
    try database(Directory) after file:del_dir_r(Directory) end.

database(Directory) ->
    Start = fun(Name, Kind) ->
                cluster:start(Name, #{kind => Kind, flags => ["-mnesia", "dir", "\"" ++ filename:join(Directory, Name) ++ "\""]})
            end,
    ok = filelib:ensure_dir(filename:join(Directory, "x")),
    First = Start("a", own),
    Second = Start("b", other),
    [A, B] = Nodes = [cluster:node_of(Peer) || Peer <- [First, Second]],
    pong = cluster:call(First, net_adm, ping, [B]),
    equal(ok, cluster:call(First, mnesia, create_schema, [Nodes])),
    [equal(ok, cluster:call(Peer, mnesia, start, [])) || Peer <- [First, Second]],
    [equal({atomic, ok}, cluster:call(First, mnesia, create_table, [Table, [{Kind, Nodes}, {attributes, [key, value]}]]))
     || {Table, Kind} <- [{ram, ram_copies}, {disc, disc_copies}]],
    equal({atomic, ok}, cluster:call(First, mnesia, create_table, [only, [{disc_only_copies, [B]}, {attributes, [key, value]}]])),
    Write = fun() -> [mnesia:write({Table, Key, Key * Key}) || Table <- [ram, disc, only], Key <- lists:seq(1, 50)], ok end,
    equal({atomic, ok}, cluster:call(First, mnesia, sync_transaction, [Write])),
    %% The tables are not on the same nodes, so that nobody waits for the others' writing.
    reads(Second, {disc, 7}, 49),
    reads(First, {only, 7}, 49),
    %% Both count at once: transactions wait for each other's locks.
    Counts = [spawn_monitor(fun() -> equal(ok, cluster:call(Peer, ?MODULE, count, [50])) end) || Peer <- [First, Second]],
    [receive {'DOWN', Monitor, process, Pid, Reason} -> equal(normal, Reason) end || {Pid, Monitor} <- Counts],
    equal([{ram, 1, 101}], cluster:call(First, mnesia, dirty_read, [{ram, 1}])),
    equal(ok, cluster:call(Second, mnesia, sync_log, [])),  % what is only in its buffers would be lost
    ok = cluster:kill(Second),
    cluster:await(fun() -> cluster:call(First, mnesia, system_info, [running_db_nodes]) =:= [A] end),
    equal({atomic, ok}, cluster:call(First, mnesia, sync_transaction, [fun() -> mnesia:write({disc, 7, changed}) end])),
    Again = Start("b", other),
    equal(ok, cluster:call(Again, mnesia, start, [])),
    equal(ok, cluster:call(Again, mnesia, wait_for_tables, [[ram, disc, only], 30000])),
    equal([{disc, 7, changed}], cluster:call(Again, mnesia, dirty_read, [{disc, 7}])),
    equal([{ram, 1, 101}], cluster:call(Again, mnesia, dirty_read, [{ram, 1}])),
    reads(First, {only, 7}, 49).

reads(Peer, {Table, Key}, Value) ->
    cluster:await(fun() ->
                      case cluster:call(Peer, mnesia, dirty_read, [{Table, Key}]) of
                          [{Table, Key, Value}] -> true;
                          Other -> {Table, Other}
                      end
                  end).

count(Times) ->
    Add = fun() -> [{ram, 1, Count}] = mnesia:wread({ram, 1}), mnesia:write({ram, 1, Count + 1}) end,
    lists:foreach(fun(_) -> {atomic, ok} = mnesia:sync_transaction(Add) end, lists:seq(1, Times)).

%% An application runs on the first of its nodes that lives, and moves back when that one is there again.

distributed_application() ->
    [A, B] = Nodes = [list_to_atom(cluster:name(Name) ++ "@localhost") || Name <- ["a", "b"]],
    %% A node that comes later meets the other one before it goes on.
    Start = fun(Name, Kind, Others) ->
                Flags = ["-kernel", "distributed", text([{travelling, Nodes}])] ++
                        case Others of [] -> []; _ -> ["sync_nodes_mandatory", text(Others), "sync_nodes_timeout", "30000"] end,
                cluster:start(Name, #{kind => Kind, flags => Flags})
            end,
    First = Start("a", own, []),
    Second = Start("b", other, [A]),
    application_on(First),
    application_on(Second),
    cluster:await(fun() -> runs(First) andalso not runs(Second) end),
    ok = cluster:kill(First),
    cluster:await(fun() -> runs(Second) end),
    Again = Start("a", own, [B]),
    application_on(Again),
    cluster:await(fun() -> runs(Again) andalso not runs(Second) end),
    equal({ok, {takeover, B}}, cluster:call(Again, application, get_env, [travelling, how])),
    A = cluster:node_of(Again).

text(Term) -> lists:flatten(io_lib:format("~0p", [Term])).

%% Started in the background: it waits for the application's other nodes.
application_on(Peer) ->
    Specification = {application, travelling, [{vsn, "1"}, {modules, [?MODULE]}, {registered, []}, {applications, [kernel, stdlib]}, {mod, {?MODULE, []}}]},
    equal(ok, cluster:call(Peer, application, load, [Specification])),
    _ = cluster:call(Peer, erlang, spawn, [application, start, [travelling]]),
    ok.

runs(Peer) -> lists:keymember(travelling, 1, cluster:call(Peer, application, which_applications, [])).

start(How, _) ->
    application:set_env(travelling, how, How),
    supervisor:start_link(?MODULE, []).
stop(_) -> ok.
init([]) -> {ok, {#{}, []}}.
