%% Machines in a cluster: names that are found from every node, what happens when two of the same name meet, calls, pids and tracking numbers
%% across nodes. Stock Erlang has no machines.
-module(machines).
-export([tests/0]).
-hanse_only(true).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [names_are_unique, the_older_keeps_its_name, used_from_another_node, a_pid_of_another_node, a_number_across_nodes, its_node_goes_down].

source() ->
    "-module(m).\n-export([here/0, double/1, wait/1, ask/1, watch/1, say/1, relay/2]).\n"
    "here() -> node().\ndouble(N) -> 2 * N.\n"
    "wait(Pid) -> Pid ! {waiting, self()}, receive {From, X} -> From ! {answer, X + 1} end.\n"
    "ask(Pid) -> Pid ! {self(), 41}, receive {answer, X} -> X after 20000 -> nothing end.\n"
    "watch(Pid) -> M = monitor(process, Pid), receive {'DOWN', M, process, _, Reason} -> Reason end.\n"
    "say(Text) -> logger:notice(Text).\n"
    "relay(Pid, Text) -> Pid ! {say, Text}, ok.\n".

%% Started in a node of its own.
machine(Peer, Options) ->
    {ok, Machine} = cluster:call(Peer, hanse_machine, start, [Options#{code => [{m, source()}]}]),
    Machine.

names_are_unique() ->
    B = cluster:start("b"),
    C = cluster:start("c"),
    cluster:connect(cluster:node_of(B)),
    cluster:connect(cluster:node_of(C)),
    Machine = machine(B, #{name => kitchen}),
    {ok, Full} = hanse_machine:full_name(Machine),
    [Short, _] = string:split(atom_to_list(cluster:node_of(B)), "@"),
    equal(unicode:characters_to_binary(["kitchen.", Short, ".hanse"]), Full),
    [cluster:await(fun() -> cluster:call(Peer, hanse_machine, find, [Name]) =:= {ok, Machine} end) || Peer <- [B, C], Name <- [kitchen, "KITCHEN", Full]],
    equal({ok, Machine}, hanse_machine:find("kitchen")),
    {error, {name_taken, <<"kitchen">>}} = cluster:call(C, hanse_machine, start, [#{name => "kitchen"}]),
    {error, {name_taken, <<"kitchen">>}} = hanse_machine:start(#{name => kitchen}),
    ok = hanse_machine:stop("kitchen"),
    cluster:await(fun() -> hanse_machine:find("kitchen") =:= {error, noproc} end),
    {ok, Again} = hanse_machine:start(#{name => kitchen}),
    cluster:await(fun() -> cluster:call(C, hanse_machine, find, ["kitchen"]) =:= {ok, Again} end),
    ok = hanse_machine:kill(Again).

%% Two parts of a cluster that did not know of each other.
the_older_keeps_its_name() ->
    B = cluster:start("b"),
    C = cluster:start("c"),
    Older = machine(B, #{name => kitchen}),
    Younger = machine(C, #{name => kitchen}),
    cluster:connect(B, cluster:node_of(C)),
    cluster:await(fun() -> {ok, Name} = cluster:call(C, hanse_machine, full_name, [Younger]), binary:match(Name, <<"kitchen.">>) =:= nomatch end),
    {ok, <<"kitchen.", _/binary>>} = cluster:call(B, hanse_machine, full_name, [Older]),
    {ok, New} = cluster:call(C, hanse_machine, full_name, [Younger]),
    {match, _} = re:run(New, "^kitchen-[0-9]+\\."),
    cluster:await_output(C, "the cluster has an older kitchen"),
    [begin
         equal({ok, Older}, cluster:call(Peer, hanse_machine, find, ["kitchen"])),
         equal({ok, Younger}, cluster:call(Peer, hanse_machine, find, [New]))
     end || Peer <- [B, C]],
    %% Its own part went on with it all the time.
    equal({ok, 4}, cluster:call(C, hanse_machine, call, [New, m, double, [2]])).

used_from_another_node() ->
    B = cluster:start("b"),
    cluster:connect(cluster:node_of(B)),
    Machine = machine(B, #{name => kitchen, limits => #{processes => 10}}),
    equal({ok, 42}, hanse_machine:call(kitchen, m, double, [21])),
    {error, {exception, error, badarith, _}} = hanse_machine:call(Machine, m, double, [x]),
    {error, timeout} = hanse_machine:call(Machine, m, ask, [self()], 1),
    ok = hanse_machine:limits(Machine, #{processes => 20}),
    #{name := <<"kitchen.", _/binary>>, node := Node} = hanse_machine:info(Machine),
    equal(cluster:node_of(B), Node),
    ok = hanse_machine:suspend(Machine),
    {error, timeout} = hanse_machine:call(Machine, m, double, [1], 100),
    ok = hanse_machine:resume(Machine),
    equal({ok, 2}, hanse_machine:call(Machine, m, double, [1], 20000)),
    ok = hanse_machine:load(Machine, n, "-module(n).\n-export([f/0]).\nf() -> io:put_chars(\"from n\").\n"),
    {ok, ok} = hanse_machine:call(Machine, n, f, []),
    equal({ok, <<"from n">>}, hanse_machine:output(Machine)),
    ok = hanse_machine:stop(Machine),
    {error, noproc} = hanse_machine:call(Machine, m, double, [1]).

%% A process inside that was given a pid of a process in a machine of another node can send to it, and cannot do more.
a_pid_of_another_node() ->
    B = cluster:start("b"),
    C = cluster:start("c"),
    cluster:connect(cluster:node_of(B)),
    cluster:connect(cluster:node_of(C)),
    First = machine(B, #{}),
    Second = machine(C, #{}),
    {ok, _} = hanse_machine:spawn(First, m, wait, [self()]),
    Waiting = receive {waiting, Pid} -> Pid after 20000 -> error(nothing_came) end,
    equal(cluster:node_of(B), node(Waiting)),
    [{error, {exception, error, _, _}} = hanse_machine:call(Second, erlang, F, Arguments)
     || {F, Arguments} <- [{link, [Waiting]}, {process_info, [Waiting]}, {spawn, [node(Waiting), m, here, []]},
                           {disconnect_node, [node(Waiting)]}]],
    %% Names of other nodes lead nowhere.
    register(catcher, self()),
    {ok, caught} = hanse_machine:call(Second, erlang, send, [{catcher, node()}, caught]),
    {ok, noproc} = hanse_machine:call(Second, m, watch, [Waiting]),
    {ok, true} = hanse_machine:call(Second, erlang, exit, [Waiting, kill]),
    equal({ok, 42}, hanse_machine:call(Second, m, ask, [Waiting])),
    cluster:nothing_arrives().

a_number_across_nodes() ->
    B = cluster:start("b"),
    C = cluster:start("c"),
    cluster:connect(cluster:node_of(B)),
    cluster:connect(cluster:node_of(C)),
    First = machine(B, #{}),
    Second = machine(C, #{}),
    %% A process of the first machine's node passes on to the second machine what it gets from the first.
    Through = cluster:call(B, erlang, spawn, [fun() -> receive {say, Text} -> {ok, _} = hanse_machine:call(Second, m, say, [Text]), receive stop -> ok end end end]),
    {{ok, ok}, Number} = hanse_machine:call_traced(First, m, relay, [Through, "the second one"], #{}),
    Trace = binary:part(Number, 3, 32),
    cluster:await(fun() -> {ok, Text} = hanse_machine:output(Second), binary:match(Text, <<"the second one">>) =/= nomatch end),
    {ok, Said} = hanse_machine:output(Second),
    {_, _} = binary:match(Said, Trace).

its_node_goes_down() ->
    B = cluster:start("b"),
    cluster:connect(cluster:node_of(B)),
    Machine = machine(B, #{name => kitchen}),
    Monitor = monitor(process, Machine),
    cluster:kill(B),
    receive {'DOWN', Monitor, process, Machine, noconnection} -> ok after 20000 -> error(nothing_came) end,
    {error, noproc} = hanse_machine:call(Machine, m, double, [1]),
    cluster:await(fun() -> hanse_machine:find(kitchen) =:= {error, noproc} end),
    {ok, Own} = hanse_machine:start(#{name => kitchen}),
    ok = hanse_machine:stop(Own).
