%% A message arrives as it was sent, whatever it holds, and in order.
-module(messages).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [simple_terms, huge_integers, floats, bit_strings, atoms_in_any_script, many_atoms, lists_and_tuples, maps, deep_terms,
            identifiers, foreign_identifiers, exported_funs, closures, funs_of_unknown_modules, large_binaries, many_small_binaries,
            shared_binaries, order, order_of_large_and_small, registered_name, unknown_name, selective_receive, alias_of_reply,
            alias_that_is_gone, sequential_trace, send_options, send_to_own_node_name, send_without_connection, crossing_streams, huge_message].

limit_ms() -> 200000.

%% Sends terms there and back, and lets the other node compare too.
echo(Terms) ->
    Peer = cluster:start("b"),
    echo(Peer, Terms).
echo(Peer, Terms) ->
    Echo = spawn(cluster:node_of(Peer), ?MODULE, echo_loop, []),
    lists:foreach(fun(Term) ->
                      Echo ! {self(), Term, erlang:phash2(Term)},
                      receive
                          {Echo, true, Back} -> same(Term, Back);
                          {Echo, false, Back} -> error({another_hash, Term, Back})
                      after 60000 -> error({no_echo, Term})
                      end
                  end, Terms),
    exit(Echo, kill).

same(Term, Back) when Term =:= Back -> ok;
same(Term, Back) -> error({expected, Term, got, Back}).

echo_loop() ->
    receive {From, Term, Hash} -> From ! {self(), erlang:phash2(Term) =:= Hash, Term}, echo_loop() end.

simple_terms() -> echo([0, 1, 255, 256, -1, 1 bsl 31, -(1 bsl 31), 1 bsl 59, -(1 bsl 59), [], {}, <<>>, #{}, "", a, '', [a | b], "text",
                        lists:seq(0, 255), lists:duplicate(65535, 7), lists:duplicate(65536, 7)]).

huge_integers() -> echo([1 bsl N || N <- [60, 63, 64, 128, 255 * 8 - 1, 255 * 8, 256 * 8, 100000]] ++ [-(1 bsl N) - 1 || N <- [60, 64, 2040, 100000]]).

floats() -> echo([0.0, -0.0, 1.5, -1.5, 1.0e300, 5.0e-324, 1.7976931348623157e308, math:pi()]).

bit_strings() -> echo([<<5:N>> || N <- lists:seq(1, 70)] ++ [<<0:1>>, <<1:1, (binary:copy(<<"x">>, 1000))/binary>>]).

atoms_in_any_script() ->
    echo(['', ' ', 'Å', 'ß', 'λ', 'Привет', '日本語', '𝕳𝖊𝖑𝖑𝖔', 'a b\nc', binary_to_atom(binary:copy(<<"x">>, 255)),
          binary_to_atom(binary:copy(<<"λ"/utf8>>, 255)), binary_to_atom(binary:copy(<<"𝕳"/utf8>>, 255))]).

%% More than the atom cache of a connection holds, more than one message can refer to, and again.
many_atoms() ->
    Atoms = [list_to_atom("many_atoms_" ++ integer_to_list(N)) || N <- lists:seq(1, 6000)],
    Some = lists:sublist(Atoms, 300),
    echo([Atoms, Some, list_to_tuple(Some), lists:reverse(Atoms) | [[A, A] || A <- Atoms]]).

lists_and_tuples() -> echo([list_to_tuple(lists:seq(1, N)) || N <- [1, 255, 256, 70000]] ++ [[a, [b, [c]], {d, {e}} | f], lists:seq(1, 100000)]).

maps() ->
    echo([#{a => 1}, maps:from_list([{N, {N}} || N <- lists:seq(1, 32)]), maps:from_list([{N, N} || N <- lists:seq(1, 33)]),
          maps:from_list([{{N, float(N)}, #{N => N}} || N <- lists:seq(1, 20000)]), #{#{} => #{#{} => #{}}}, #{1 => a, 1.0 => b}]).

deep_terms() ->
    Nest = fun(Count, Fun) -> lists:foldl(fun(_, Term) -> Fun(Term) end, leaf, lists:seq(1, Count)) end,
    Peer = cluster:start("b"),
    Echo = spawn(cluster:node_of(Peer), ?MODULE, echo_loop, []),
    lists:foreach(fun(Term) ->
                      Echo ! {self(), Term, erlang:phash2(Term)},
                      receive {Echo, Same, Back} -> equal(true, Same), true = Back =:= Term after 60000 -> error(no_echo) end
                  end, [Nest(200000, fun(T) -> {T} end), Nest(200000, fun(T) -> [T] end), Nest(20000, fun(T) -> #{T => 1} end)]).

identifiers() ->
    Port = open_port({spawn, "cat"}, []),
    echo([self(), make_ref(), Port, erlang:alias(), whereis(init), group_leader(), [make_ref() || _ <- lists:seq(1, 100)], node()]),
    port_close(Port).

%% Identifiers of a third node pass through.
foreign_identifiers() ->
    Peer = cluster:start("b"),
    Third = cluster:start("c"),
    Node = cluster:node_of(Third),
    Foreign = {rpc:call(Node, erlang, self, []), rpc:call(Node, erlang, make_ref, []), hd(rpc:call(Node, erlang, ports, []))},
    echo(Peer, [Foreign]),
    Self = self(),
    Keeper = rpc:call(Node, erlang, spawn, [?MODULE, echo_loop, []]),
    Asker = spawn(cluster:node_of(Peer), fun() -> Keeper ! {Self, there, erlang:phash2(there)}, receive stop -> ok end end),
    {Keeper, true, there} = cluster:receive_one(),
    Asker ! stop.

exported_funs() -> echo([fun lists:map/2, fun erlang:'+'/2, fun no_such_module:function/255, fun ?MODULE:echo_loop/0]).

closures() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    {X, Binary, Map} = {1 bsl 100, binary:copy(<<"y">>, 100000), #{key => self()}},
    Fun = fun(Y) -> {X, Binary, Map, Y, node()} end,
    equal({X, Binary, Map, 5, Node}, rpc:call(Node, erlang, apply, [Fun, [5]])),
    equal(Fun, rpc:call(Node, ?MODULE, identity, [Fun])),
    equal(true, rpc:call(Node, ?MODULE, same_fun, [Fun, Fun])),
    Theirs = rpc:call(Node, ?MODULE, make_fun, [3]),
    equal({3, node()}, Theirs()),
    equal(erlang:fun_info(Fun, pid), rpc:call(Node, erlang, fun_info, [Fun, pid])),
    equal(erlang:fun_info(Fun, uniq), rpc:call(Node, erlang, fun_info, [Fun, uniq])).

identity(X) -> X.
same_fun(A, B) -> A =:= B.
make_fun(N) -> fun() -> {N, node()} end.

%% A fun whose module the receiver does not have is still a term; calling it says so.
funs_of_unknown_modules() ->
    Peer = cluster:start("b"),
    {ok, Tokens, _} = erl_scan:string("-module(only_here). -export([f/0]). f() -> fun(X) -> {X, here} end."),
    Forms = [Form || {ok, Form} <- [erl_parse:parse_form(T) || T <- split_forms(Tokens)]],
    {ok, only_here, Code} = compile:forms(Forms),
    {module, only_here} = code:load_binary(only_here, "only_here", Code),
    Fun = only_here:f(),
    echo(Peer, [Fun]),
    {badrpc, {'EXIT', {undef, _}}} = rpc:call(cluster:node_of(Peer), erlang, apply, [Fun, [1]]),
    {module, only_here} = rpc:call(cluster:node_of(Peer), code, load_binary, [only_here, "only_here", Code]),
    equal({1, here}, rpc:call(cluster:node_of(Peer), erlang, apply, [Fun, [1]])).

split_forms(Tokens) -> split_forms(Tokens, []).
split_forms([], _) -> [];
split_forms([{dot, _} = Dot | Rest], Form) -> [lists:reverse([Dot | Form]) | split_forms(Rest, [])];
split_forms([Token | Rest], Form) -> split_forms(Rest, [Token | Form]).

large_binaries() -> echo([binary:copy(<<"0123456789">>, N) || N <- [7, 6553, 6554, 20000, 100000, 1000000]]).

many_small_binaries() -> echo([[<<N:64>> || N <- lists:seq(1, 50000)], [binary:copy(<<N>>, 65) || N <- lists:seq(0, 255)]]).

shared_binaries() ->
    Whole = binary:copy(<<"abcdefgh">>, 100000),
    echo([[binary:part(Whole, N, 1000) || N <- lists:seq(0, 790000, 10000)], [Whole, Whole], <<1:1, Whole/binary>>]).

order() ->
    Peer = cluster:start("b"),
    Self = self(),
    Last = 20000,
    spawn(cluster:node_of(Peer), fun() -> [Self ! N || N <- lists:seq(1, Last)] end),
    lists:foreach(fun(N) -> equal(N, cluster:receive_one()) end, lists:seq(1, Last)).

order_of_large_and_small() ->
    Peer = cluster:start("b"),
    Self = self(),
    Sizes = [1, 300000, 2, 70000, 3, 1000000, 4, 65536, 65535, 5],
    spawn(cluster:node_of(Peer), fun() -> [Self ! {N, Size, binary:copy(<<N>>, Size)} || N <- lists:seq(1, 20), Size <- Sizes] end),
    [{N, Size, <<N, _/binary>>} = cluster:receive_one() || N <- lists:seq(1, 20), Size <- Sizes].

registered_name() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    true = register(here, self()),
    Server = spawn(Node, fun() -> register(server, self()), receive {From, M} -> {here, From} ! {got, M} end end),
    cluster:await(fun() -> rpc:call(Node, erlang, whereis, [server]) =:= Server end),
    {server, Node} ! {node(), hello},
    equal({got, hello}, cluster:receive_one()).

unknown_name() ->
    Peer = cluster:start("b"),
    {nobody, cluster:node_of(Peer)} ! hello,
    equal(hello, {nobody, cluster:node_of(Peer)} ! hello),
    equal(ok, erlang:send({nobody, cluster:node_of(Peer)}, hello, [])),
    equal(pong, net_adm:ping(cluster:node_of(Peer))).

selective_receive() ->
    Peer = cluster:start("b"),
    Self = self(),
    spawn(cluster:node_of(Peer), fun() -> [Self ! {noise, N} || N <- lists:seq(1, 1000)], Self ! {wanted, it} end),
    receive {wanted, it} -> ok after 15000 -> error(nothing) end,
    equal(1000, length([N || {noise, N} <- element(2, process_info(self(), messages))])).

alias_of_reply() ->
    Peer = cluster:start("b"),
    Alias = erlang:alias(),
    Server = spawn(cluster:node_of(Peer), fun() -> receive {From, M} -> From ! {M, answer}, From ! {M, twice} end end),
    Server ! {Alias, one},
    equal({one, answer}, cluster:receive_one()),
    equal({one, twice}, cluster:receive_one()),
    Once = erlang:alias([reply]),
    Second = spawn(cluster:node_of(Peer), fun() -> receive {From, M} -> From ! {M, answer}, From ! {M, twice} end end),
    Second ! {Once, two},
    equal({two, answer}, cluster:receive_one()),
    equal(pong, net_adm:ping(cluster:node_of(Peer))),
    cluster:nothing_arrives().

alias_that_is_gone() ->
    Peer = cluster:start("b"),
    Alias = erlang:alias(),
    true = erlang:unalias(Alias),
    Self = self(),
    spawn(cluster:node_of(Peer), fun() -> Alias ! lost, Self ! arrived end),
    equal(arrived, cluster:receive_one()),
    cluster:nothing_arrives(),
    Monitored = spawn(cluster:node_of(Peer), fun() -> receive {go, To} -> To ! lost, receive never -> ok end end end),
    Monitor = erlang:monitor(process, Monitored, [{alias, demonitor}]),
    true = erlang:demonitor(Monitor),
    Monitored ! {go, Monitor},
    cluster:nothing_arrives().

%% A token travels there and back, by pid, name and alias, with small messages and large ones.
sequential_trace() ->
    Node = cluster:node_of(cluster:start("b")),
    Echo = spawn(Node, ?MODULE, echo_with_token, []),
    true = rpc:call(Node, erlang, register, [echo, Echo]),
    Echo ! {alias, self()},
    Alias = receive {alias, Given} -> Given after 15000 -> error(no_alias) end,
    Tracer = spawn_link(?MODULE, collector, [[]]),
    _ = seq_trace:set_system_tracer(Tracer),
    Label = {label, make_ref()},
    [begin
         seq_trace:set_token(label, Label),
         seq_trace:set_token(send, true),
         seq_trace:set_token('receive', true),
         To ! {self(), Message},
         {_, Token} = receive {echo, There, Back} when Back =:= Message -> {ok, There} after 15000 -> error(no_echo) end,
         equal({label, Label}, Token),
         equal({label, Label}, seq_trace:get_token(label)),
         seq_trace:set_token([]),
         Self = self(),
         Tracer ! {tell, Self},
         receive {collected, Events} -> equal([{send, Self, To}, {'receive', Echo, Self}], Events) after 15000 -> error(no_events) end
     end || To <- [Echo, {echo, Node}, Alias], Message <- [small, binary:copy(<<"x">>, 200000)]],
    %% A message without one takes the token away.
    seq_trace:set_token(label, Label),
    Echo ! {forget, self()},
    receive token_gone -> ok after 15000 -> error(no_answer) end,
    equal([], seq_trace:get_token()),
    _ = seq_trace:set_system_tracer(false),
    ok.

echo_with_token() ->
    receive
        {alias, From} -> From ! {alias, erlang:alias()};
        {forget, From} -> seq_trace:set_token([]), From ! token_gone;
        {From, Message} -> From ! {echo, seq_trace:get_token(label), Message}
    end,
    echo_with_token().

collector(Events) ->
    receive
        {seq_trace, _, {What, _, From, To, _}} -> collector([{What, From, To} | Events]);
        {tell, Pid} -> Pid ! {collected, lists:reverse(Events)}, collector([])
    end.

send_options() ->
    Peer = cluster:start("b"),
    Node = cluster:node_of(Peer),
    Echo = rpc:call(Node, erlang, spawn, [?MODULE, echo_loop, []]),
    equal(ok, erlang:send(Echo, {self(), x, erlang:phash2(x)}, [nosuspend, noconnect])),
    {Echo, true, x} = cluster:receive_one(),
    equal(true, erlang:send_nosuspend(Echo, {self(), y, erlang:phash2(y)})),
    {Echo, true, y} = cluster:receive_one(),
    cluster:await(fun() ->
                      cluster:disconnect(Peer),
                      Sent = [erlang:send(To, hello, [noconnect]) || To <- [Echo, {name, Node}]],
                      Sent =:= [noconnect, noconnect] andalso nodes() =:= []
                  end).

send_to_own_node_name() ->
    true = register(myself, self()),
    {myself, node()} ! hello,
    equal(hello, cluster:receive_one()).

send_without_connection() ->
    Nobody = 'nobody@localhost',
    equal(hello, {name, Nobody} ! hello),
    equal(ok, erlang:send({name, Nobody}, hello, [])),
    equal([], nodes()).

%% Both directions at once, more than the buffers of the sockets hold.
crossing_streams() ->
    Peer = cluster:start("b"),
    Self = self(),
    Count = 300,
    Block = binary:copy(<<"z">>, 100000),
    Other = spawn(cluster:node_of(Peer), fun() -> count(Count), Self ! all end),
    Sender = spawn(cluster:node_of(Peer), fun() -> [Self ! {N, Block} || N <- lists:seq(1, Count)] end),
    [Other ! {N, Block} || N <- lists:seq(1, Count)],
    lists:foreach(fun(N) -> receive {N, Block} -> ok after 60000 -> error({missing, N, Sender}) end end, lists:seq(1, Count)),
    receive all -> ok after 60000 -> error(other_direction) end.

count(0) -> ok;
count(N) -> receive {_, Block} when byte_size(Block) =:= 100000 -> count(N - 1) end.

%% 100 MB with --long.
huge_message() ->
    Size = case os:getenv("LONG") of "1" -> 100; _ -> 5 end,
    Peer = cluster:start("b"),
    Binary = binary:copy(<<"0123456789abcdef">>, Size * 65536),
    List = lists:duplicate(Size * 20000, {x, 1.5}),
    Echo = spawn(cluster:node_of(Peer), ?MODULE, echo_loop, []),
    [begin
         Echo ! {self(), Term, erlang:phash2(Term)},
         receive {Echo, Same, Back} -> equal(true, Same), true = Back =:= Term after 150000 -> error(no_echo) end
     end || Term <- [Binary, List]].
