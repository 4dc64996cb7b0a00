%% Nodes that nodes start: peer, slave, code from another node.
-module(started_nodes).
-export([tests/0]).
-compile(export_all).
-compile(nowarn_export_all).
-compile(nowarn_deprecated_function).
-import(cluster, [equal/2]).

tests() -> [peer_node, peer_over_standard_io, peer_over_tcp, peer_goes_with_its_owner, peer_that_fails, slave_node, code_from_another_node,
            code_loaded_everywhere].

limit_ms() -> 180000.
other() -> os:find_executable(cluster:vm(#{})).

peer_node() ->
    Name = list_to_atom(cluster:name("peer")),
    {ok, Peer, Node} = peer:start_link(#{name => Name, host => "localhost", exec => other(), args => ["-setcookie", atom_to_list(erlang:get_cookie())]}),
    equal([Node], nodes()),
    equal(Node, erpc:call(Node, erlang, node, [])),
    equal(running, peer:get_state(Peer)),
    ok = peer:stop(Peer),
    cluster:await(fun() -> nodes() =:= [] end).

peer_over_standard_io() ->
    {ok, Peer, _} = peer:start_link(#{connection => standard_io, exec => other()}),
    equal(nonode@nohost, peer:call(Peer, erlang, node, [])),
    equal([3, 2, 1], peer:call(Peer, lists, reverse, [[1, 2, 3]])),
    {'EXIT', _} = (catch peer:call(Peer, erlang, error, [oops])),
    Large = binary:copy(<<"x">>, 1000000),
    equal(Large, peer:call(Peer, erlang, list_to_binary, [[Large]], 20000)),
    ok = peer:stop(Peer).

peer_over_tcp() ->
    {ok, Peer, _} = peer:start_link(#{connection => {{127, 0, 0, 1}, 0}, exec => other()}),
    equal(8, peer:call(Peer, erlang, '+', [3, 5])),
    ok = peer:stop(Peer).

peer_goes_with_its_owner() ->
    Self = self(),
    Exec = other(),
    Owner = spawn(fun() ->
                      {ok, Peer, _} = peer:start_link(#{connection => standard_io, exec => Exec}),
                      Self ! peer:call(Peer, os, getpid, []),
                      receive after infinity -> ok end
                  end),
    Pid = cluster:receive_one(),
    exit(Owner, kill),
    cluster:await(fun() -> not filelib:is_dir("/proc/" ++ Pid) end).

peer_that_fails() ->
    process_flag(trap_exit, true),
    {'EXIT', {boot_failed, {exit_status, 1}}} = (catch peer:start(#{connection => standard_io, exec => "/bin/false", wait_boot => 5000})).

slave_node() ->
    Name = list_to_atom(cluster:name("slave")),
    Environment = "-setcookie " ++ atom_to_list(erlang:get_cookie()),
    {ok, Node} = slave:start(localhost, Name, Environment, no_link, other()),
    equal([Node], nodes()),
    equal(Node, rpc:call(Node, erlang, node, [])),
    ok = slave:stop(Node).

%% -loader inet: even the boot file comes over the network. The server is asked at a port that OTP has fixed.
code_from_another_node() -> cluster:with_lock("boot-server", fun served_code/0).
served_code() ->
    Own = cluster:start("server", #{kind => own}),
    cluster:await(fun() -> cluster:run(Own, fun start_boot_server/0) end, 60000),
    Peer = cluster:start("b", #{flags => ["-loader", "inet", "-hosts", "127.0.0.1", "-id", "b"]}),
    equal({ok, [["inet"]]}, cluster:call(Peer, init, get_argument, [loader])),
    equal({module, gb_trees}, cluster:call(Peer, code, ensure_loaded, [gb_trees])),
    equal({ok, <<"hello">>}, begin
        File = filename:join(os:getenv("CLUSTER_SCRATCH"), "served"),
        ok = file:write_file(File, "hello"),
        case cluster:call(Peer, erl_prim_loader, get_file, [File]) of {ok, Bytes, _} -> {ok, Bytes}; Other -> Other end
    end),
    ok = cluster:stop(Own).

%% What else uses the port may take its time.
start_boot_server() ->
    process_flag(trap_exit, true),
    case erl_boot_server:start([{127, 0, 0, 1}]) of
        {ok, Pid} -> unlink(Pid);
        {error, Why} -> {error, Why}
    end.

code_loaded_everywhere() ->
    Node = cluster:node_of(cluster:start("b")),
    equal(pong, net_adm:ping(Node)),
    {ok, Tokens, _} = erl_scan:string("-module(everywhere)."),
    {ok, Form} = erl_parse:parse_form(Tokens),
    {ok, Second, _} = erl_scan:string("-export([where/0])."),
    {ok, Export} = erl_parse:parse_form(Second),
    {ok, Third, _} = erl_scan:string("where() -> node()."),
    {ok, Function} = erl_parse:parse_form(Third),
    {ok, everywhere, Code} = compile:forms([Form, Export, Function]),
    {[{module, everywhere}, {module, everywhere}], []} = rpc:multicall([node(), Node], code, load_binary, [everywhere, "everywhere", Code]),
    equal([node(), Node], [rpc:call(N, everywhere, where, []) || N <- [node(), Node]]),
    {module, _} = c:nl(?MODULE) =:= abcast andalso {module, ?MODULE}.
