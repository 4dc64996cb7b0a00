%% A bulk transfer does not hold up what others send: its fragments and their messages take turns. Counted in messages, not in
%% time: while each large message is on its way, several round trips begin and end.
-module(bulk).
-export([tests/0]).
-connect_all(false).
-compile(export_all).
-compile(nowarn_export_all).
-import(cluster, [equal/2]).

tests() -> [round_trips_beside_large_messages, bytes_between_ping_and_pong, parts_of_large_messages].

limit_ms() -> 120000.

-define(megabytes, 48).

sink() -> receive {bulk, From, Binary} -> From ! {stored, byte_size(Binary)}, sink() end.
pong() -> receive {ping, From} -> From ! pong, pong() end.

pings(Pong, Count) ->
    Pong ! {ping, self()},
    receive pong -> counters:add(Count, 1, 1), pings(Pong, Count) end.

round_trips_beside_large_messages() ->
    Node = cluster:node_of(cluster:start("b")),
    [Sink, Pong] = [spawn(Node, ?MODULE, Function, []) || Function <- [sink, pong]],
    Count = counters:new(1, []),
    Pinger = spawn_link(fun() -> pings(Pong, Count) end),
    cluster:await(fun() -> counters:get(Count, 1) > 10 end),
    Binary = binary:copy(<<"0123456789abcdef">>, ?megabytes * 65536),
    Rounds = 6,
    During = [begin
                  Before = counters:get(Count, 1),
                  Sink ! {bulk, self(), Binary},
                  equal({stored, ?megabytes * 1048576}, cluster:receive_one(40000)),
                  counters:get(Count, 1) - Before
              end || _ <- lists:seq(1, Rounds)],
    unlink(Pinger),
    exit(Pinger, kill),
    %% If large messages went first, two at most.
    true = lists:sum(During) >= 3 * Rounds orelse error({few_round_trips, During}).

%% However many processes send large messages: what passes between a ping and its pong is a small part of one of them. At the
%% quickest ping, since how long processes wait for a processor says nothing about the connection.
bytes_between_ping_and_pong() ->
    Node = cluster:node_of(cluster:start("b")),
    Pong = spawn(Node, ?MODULE, pong, []),
    Megabytes = 16,
    Binary = binary:copy(<<"0123456789abcdef">>, Megabytes * 65536),
    Senders = [spawn_link(fun() -> stream(spawn(Node, ?MODULE, sink, []), Binary) end) || _ <- lists:seq(1, 8)],
    {_, Carrier} = lists:keyfind(Node, 1, erlang:system_info(dist_ctrl)),
    Sent = fun() -> {ok, [{send_oct, Bytes}]} = inet:getstat(Carrier, [send_oct]), Bytes end,
    Start = Sent(),
    cluster:await(fun() -> Sent() - Start > 3 * Megabytes * 1048576 end, 60000),
    Limit = case os:getenv("CLUSTER_OWN") =:= os:getenv("CLUSTER_STOCK") of
                true -> length(Senders) * Megabytes;  % stock's fairness is its own
                false -> Megabytes div 4
            end,
    ok = quick_ping(Pong, Sent, Limit * 1048576, 300, []),
    [begin unlink(Sender), exit(Sender, kill) end || Sender <- Senders],
    ok.

quick_ping(_, _, _, 0, Between) -> error({bytes_before_a_pong, Between});
quick_ping(Pong, Sent, Limit, Left, Between) ->
    Before = Sent(),
    Pong ! {ping, self()},
    case receive pong -> Sent() - Before after 40000 -> error(no_pong) end of
        Few when Few < Limit -> ok;
        Many -> quick_ping(Pong, Sent, Limit, Left - 1, [Many | Between])
    end.

stream(Sink, Binary) ->
    Sink ! {bulk, self(), Binary},
    receive {stored, _} -> stream(Sink, Binary) end.

%% Binaries in a message share its memory where that is sensible; what they hold, and what becomes of them, is as ever.
parts_of_large_messages() ->
    Node = cluster:node_of(cluster:start("b")),
    Echo = spawn(Node, ?MODULE, echo, []),
    Block = << <<(N * N rem 251)>> || N <- lists:seq(1, 300000) >>,
    Terms = [Block, {Block, Block}, [Block, binary:part(Block, 7, 600), <<"small">>, binary:part(Block, 100, 100000)],
             #{key => binary:part(Block, 1, 299999), Block => 1}, <<Block/binary, 5:3>>, [binary:part(Block, N, 2000) || N <- lists:seq(1, 200)]],
    [begin
         Echo ! {self(), Term, N},
         equal({N, Term, erlang:phash2(Term)}, cluster:receive_one(40000))
     end || {N, Term} <- lists:enumerate(Terms)],
    Echo ! {self(), Block, appended},
    {appended, Back, _} = cluster:receive_one(40000),
    equal(<<Block/binary, "more">>, <<Back/binary, "more">>),
    equal(Block, Back),
    equal(binary:part(Block, 200000, 1000), binary:copy(binary:part(Back, 200000, 1000))).

echo() -> receive {From, Term, Tag} -> erlang:garbage_collect(), From ! {Tag, Term, erlang:phash2(Term)}, echo() end.
