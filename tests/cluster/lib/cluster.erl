%% What programs of tests/cluster stand on. A program exports tests/0, a list of names of its functions; each takes no
%% arguments and fails by an exception. It runs on a node of one virtual machine; start/1,2 start nodes of the other one.
%%
%% A started node is reached over its standard input and output, so that asking it something does not connect the nodes.
-module(cluster).
-export([main/1, serve/0]).
-export([start/1, start/2, stop/1, call/4, run/2, kill/1, suspend/1, resume/1, output/1, await_output/2, node_of/1]).
-export([await/1, await/2, equal/2, receive_one/0, receive_one/1, nothing_arrives/0, name/1, flush/0]).
-export([set_name/1, connect/1, connect/2, disconnect/1, vm/1, with_lock/2]).

-define(deadline, 15000).
-define(test_limit, 60000).

%% ---- Running the tests of a program

main([Module | Names]) ->
    Tests = case Names of [] -> Module:tests(); _ -> [T || T <- Module:tests(), lists:member(T, Names)] end,
    _ = application:start(sasl),
    ?MODULE = ets:new(?MODULE, [named_table, public]),
    lists:foreach(fun(Test) -> one(Module, Test) end, Tests),
    io:format("finished~n"),
    erlang:halt(0).

one(Module, Test) ->
    put_line("start", Test, <<>>),
    true = os:putenv("CLUSTER_TEST", "t" ++ integer_to_list(erlang:unique_integer([positive, monotonic]))),
    {Pid, Monitor} = spawn_monitor(fun() -> Module:Test() end),
    Verdict = receive
                  {'DOWN', Monitor, process, Pid, normal} -> ok;
                  {'DOWN', Monitor, process, Pid, Reason} -> Reason
              after limit(Module) ->
                  Stack = process_info(Pid, [current_stacktrace, messages]),
                  exit(Pid, kill),
                  {no_end, Stack}
              end,
    lists:foreach(fun disconnect/1, nodes(connected)),
    no_nodes_left(),
    case Verdict of
        ok -> put_line("ok", Test, <<>>);
        _ -> put_line("FAIL", Test, unicode:characters_to_binary(io_lib:format("~0tP", [Verdict, 60])))
    end.

%% The next test may use the same names.
no_nodes_left() ->
    [begin
         Monitor = erlang:monitor(process, Keeper),
         receive {'DOWN', Monitor, process, Keeper, _} -> ok after ?deadline -> error({node_stays, Keeper}) end,
         ets:delete(?MODULE, Keeper)
     end || {Keeper} <- ets:tab2list(?MODULE)],
    await(fun() -> {ok, Names} = net_adm:names(), length(Names) =< 1 orelse Names end).

limit(Module) ->
    case erlang:function_exported(Module, limit_ms, 0) of
        true -> Module:limit_ms();
        false -> ?test_limit
    end.

put_line(Word, Test, Detail) -> io:format("~n##~s ~s ~ts~n", [Word, Test, Detail]).

%% ---- Nodes

%% A node with a name that is unique in this run, short names unless the options say otherwise.
start(Name) -> start(Name, #{}).

%% flags: more words of the command line; names: short, long, none; cookie: text, or none for what the node finds itself;
%% kind: other (default), own; env: more of the environment; await: false if it is not expected to come up.
start(Name, Options) ->
    Owner = self(),
    Reference = make_ref(),
    Keeper = spawn(fun() -> keep(Owner, Reference, Name, Options) end),
    ets:insert(?MODULE, {Keeper}),
    receive
        {Reference, ready, Peer} -> Peer#{keeper => Keeper};
        {Reference, failed, Output} -> error({node_did_not_start, Name, Output})
    after 2 * ?deadline -> error({node_does_not_start, Name, ask(Keeper, output)})
    end.

node_of(#{node := Node}) -> Node.

%% Each test has names of its own: attempts to connect to a node of the one before may go on for a while.
name(Name) -> Name ++ "_" ++ os:getenv("CLUSTER_ID", "0") ++ os:getenv("CLUSTER_TEST", "").

%% This node takes a name of the kind that a test needs.
set_name(Kind) ->
    case {net_kernel:longnames(), Kind} of
        {true, long} -> ok;
        {false, short} -> ok;
        _ ->
            _ = net_kernel:stop(),
            {Host, Names} = case Kind of long -> {"127.0.0.1", longnames}; short -> {"localhost", shortnames} end,
            {ok, _} = net_kernel:start([list_to_atom(name("a") ++ "@" ++ Host), Names]),
            ok
    end.

vm(Options) ->
    Kind = maps:get(kind, Options, other),
    os:getenv(case Kind of other -> "CLUSTER_OTHER"; own -> "CLUSTER_OWN"; stock -> "CLUSTER_STOCK" end).

keep(Owner, Reference, Name, Options) ->
    Monitor = erlang:monitor(process, Owner),
    Names = maps:get(names, Options, short),
    Full = full_name(Name, Options),
    Flags = case Names of
                none -> [];
                short -> ["-sname", Full];
                long -> ["-name", Full]
            end,
    Cookie = case maps:get(cookie, Options, default) of
                 none -> [];
                 default -> ["-setcookie", os:getenv("CLUSTER_COOKIE")];
                 Text -> ["-setcookie", Text]
             end,
    Own = ["-noshell", "-pa", filename:dirname(code:which(?MODULE)), "-kernel", "inet_dist_use_interface", "{127,0,0,1}"],
    Arguments = Own ++ Flags ++ Cookie ++ maps:get(flags, Options, []) ++ ["-s", "cluster", "serve"],
    Program = os:find_executable(vm(Options)),
    Port = open_port({spawn_executable, Program},
                     [{args, Arguments}, {env, maps:get(env, Options, [])}, stream, binary, exit_status, stderr_to_stdout, use_stdio]),
    State = #{port => Port, output => <<>>, owner => Owner, monitor => Monitor, waiting => [], reference => Reference,
              started => false, calls => #{}, next => 1},
    keeper(case maps:get(await, Options, true) of
               true -> State#{peer => #{node => list_to_atom(Full)}};
               false ->
                   Owner ! {Reference, ready, #{node => list_to_atom(Full)}},
                   State#{started => true, peer => none}
           end).

full_name("undefined", _) -> "undefined";
full_name(Name, Options) ->
    Host = case maps:get(names, Options, short) of long -> "@127.0.0.1"; _ -> "@localhost" end,
    name(Name) ++ Host.

keeper(#{port := Port, monitor := Monitor} = State) ->
    receive
        {Port, {data, Bytes}} -> keeper(take_output(State, Bytes));
        {Port, {exit_status, Status}} -> keeper(ended(State, Status));
        {'DOWN', Monitor, process, _, _} -> kill_os_process(State), exited(State);
        {ask, From, Tag, output} -> From ! {Tag, maps:get(output, State)}, keeper(State);
        {ask, From, Tag, {await, Text}} -> keeper(answer_waiting(State#{waiting := [{From, Tag, Text} | maps:get(waiting, State)]}));
        {ask, From, Tag, {call, Call}} ->
            #{next := Next, calls := Calls} = State,
            catch port_command(Port, [base64:encode(term_to_binary({Next, Call})), $\n]),
            keeper(State#{next := Next + 1, calls := Calls#{Next => {From, Tag}}});
        {ask, From, Tag, stop} ->
            kill_os_process(State),
            From ! {Tag, ok},
            exited(State)
    end.

kill_os_process(#{peer := #{os_pid := Pid}}) -> os:cmd("kill -KILL " ++ Pid);
kill_os_process(#{port := Port}) ->
    case erlang:port_info(Port, os_pid) of
        {os_pid, Pid} -> os:cmd("kill -KILL " ++ integer_to_list(Pid));
        undefined -> ok
    end.

exited(#{port := Port}) ->
    case erlang:port_info(Port, id) of
        undefined -> ok;
        _ -> receive {Port, {exit_status, _}} -> ok after ?deadline -> ok end
    end.

ended(#{started := false, owner := Owner, reference := Reference, output := Output} = State, Status) ->
    Owner ! {Reference, failed, {Status, Output}},
    State#{started := true};
ended(#{output := Output} = State, Status) ->
    answer_waiting(State#{output := <<Output/binary, "\n##exit ", (integer_to_binary(Status))/binary, "\n">>}).

take_output(#{output := Output} = State, Bytes) -> lines(State#{output := <<Output/binary, Bytes/binary>>}).

%% Lines of the node's agent begin with ##.
lines(#{output := Output} = State) ->
    case re:run(Output, "##(ready|answer) ([^\n]*)\n", [{capture, all}]) of
        nomatch -> answer_waiting(State);
        {match, [{At, Length}, Kind, {TextAt, TextLength}]} ->
            Text = binary:part(Output, TextAt, TextLength),
            Rest = <<(binary:part(Output, 0, At))/binary, (binary:part(Output, At + Length, byte_size(Output) - At - Length))/binary>>,
            lines(agent_line(binary:part(Output, element(1, Kind), element(2, Kind)), Text, State#{output := Rest}))
    end.

agent_line(<<"ready">>, Pid, #{started := false, owner := Owner, reference := Reference, peer := Peer} = State) ->
    Full = Peer#{os_pid => binary_to_list(Pid)},
    Owner ! {Reference, ready, Full},
    State#{started := true, peer := Full};
agent_line(<<"answer">>, Text, #{calls := Calls} = State) ->
    {Number, Answer} = binary_to_term(base64:decode(Text)),
    {From, Tag} = maps:get(Number, Calls),
    From ! {Tag, Answer},
    State#{calls := maps:remove(Number, Calls)};
agent_line(_, _, State) -> State.

answer_waiting(#{waiting := Waiting, output := Output} = State) ->
    Left = lists:filter(fun({From, Tag, Text}) ->
                            Found = binary:match(Output, Text) =/= nomatch,
                            Found andalso (From ! {Tag, ok}),
                            not Found
                        end, Waiting),
    State#{waiting := Left}.

ask(Keeper, What) -> ask(Keeper, What, ?deadline).
ask(Keeper, What, Limit) ->
    Tag = make_ref(),
    Keeper ! {ask, self(), Tag, What},
    receive {Tag, Answer} -> Answer after Limit -> error({no_answer, What}) end.

%% What the node wrote so far.
output(#{keeper := Keeper}) -> ask(Keeper, output).
await_output(#{keeper := Keeper} = Peer, Text) ->
    try ask(Keeper, {await, iolist_to_binary(Text)})
    catch error:{no_answer, _} -> error({not_in_output, Text, output(Peer)})
    end.

%% A call on the node, not over the distribution. Its exceptions are raised here.
call(#{keeper := Keeper}, Module, Function, Arguments) ->
    case ask(Keeper, {call, {Module, Function, Arguments}}, 3 * ?deadline) of
        {ok, Value} -> Value;
        {Class, Reason, Stack} -> erlang:raise(error, {Class, Reason, Stack}, [])
    end.
run(Peer, Fun) -> call(Peer, erlang, apply, [Fun, []]).

stop(#{keeper := Keeper}) -> ask(Keeper, stop).
kill(Peer) -> signal("KILL", Peer).
suspend(Peer) -> signal("STOP", Peer).
resume(Peer) -> signal("CONT", Peer).
signal(Name, #{os_pid := Pid}) -> [] = os:cmd("kill -" ++ Name ++ " " ++ Pid), ok.

%% A node refuses another's new attempt until it has noticed the end of the one before, so it may take several.
connect(Node) -> await(fun() -> net_adm:ping(Node) =:= pong end).
connect(Peer, Node) -> await(fun() -> call(Peer, net_adm, ping, [Node]) =:= pong end).

%% A node that start/1,2 has started has noticed too afterwards. What somebody still had to tell the other node may connect
%% again at any time (on stock as well), most of all what `global` has to tell: a program of tests that disconnect says
%% -connect_all(false), and none relies on staying unconnected.
disconnect(#{node := Node} = Peer) ->
    await(fun() ->
              disconnect(Node),
              not lists:member(node(), call(Peer, erlang, nodes, [connected]))
          end);
disconnect(Node) ->
    await(fun() ->
              _ = erlang:disconnect_node(Node),
              not lists:member(Node, nodes(connected))
          end).

%% For tests that need something of which the machine has one only. The lock ends with its holder, however that ends.
with_lock(Name, Fun) ->
    File = filename:join("/tmp", "hanse-test-" ++ Name ++ ".lock"),
    Lock = open_port({spawn_executable, os:find_executable("flock")}, [{args, [File, "sh", "-c", "echo locked; exec cat"]}, binary]),
    receive {Lock, {data, <<"locked", _/binary>>}} -> ok end,
    try Fun()
    after
        port_close(Lock)
    end.

%% ---- The agent on a started node

serve() ->
    spawn(fun() ->
              group_leader(whereis(user), self()),
              ok = io:setopts(user, [binary, {encoding, latin1}]),
              io:put_chars(user, ["##ready ", os:getpid(), "\n"]),
              requests()
          end).

requests() ->
    case io:get_line(user, "") of
        Line when is_binary(Line) ->
            {Number, {Module, Function, Arguments}} = binary_to_term(base64:decode(string:trim(Line))),
            spawn(fun() -> answer(Number, Module, Function, Arguments) end),
            requests();
        _ -> erlang:halt(0)
    end.

answer(Number, Module, Function, Arguments) ->
    Answer = try {ok, apply(Module, Function, Arguments)}
             catch Class:Reason:Stack -> {Class, Reason, Stack}
             end,
    io:put_chars(user, ["##answer ", base64:encode(term_to_binary({Number, Answer})), "\n"]).

%% ---- Conditions

await(Condition) -> await(Condition, ?deadline).
await(Condition, Limit) -> await_until(Condition, erlang:monotonic_time(millisecond) + Limit).
await_until(Condition, Deadline) ->
    case Condition() of
        true -> ok;
        Last ->
            case erlang:monotonic_time(millisecond) > Deadline of
                true -> error({condition_does_not_come, Last});
                false -> receive after 20 -> await_until(Condition, Deadline) end
            end
    end.

equal(Expected, Expected) -> ok;
equal(Expected, Got) -> error({expected, Expected, got, Got}).

receive_one() -> receive_one(?deadline).
receive_one(Limit) -> receive Message -> Message after Limit -> error(nothing_received) end.

nothing_arrives() -> receive Message -> error({unexpected, Message}) after 100 -> ok end.

flush() -> receive _ -> flush() after 0 -> ok end.
