%% gen_tcp with {inet_backend, socket}: the same functions above the socket module. Packets, active modes, options, owners, errors; connecting in two steps.
-module(tcp_through_sockets).
-export([main/0]).

-define(BACK, {inet_backend, socket}).

main() ->
    process_flag(trap_exit, false),
    logger:set_primary_config(level, none),
    packets(),
    options(),
    modes(),
    owners(),
    ends(),
    wrong(),
    steps().

show(Label, Value) -> io:format("~0p: ~s~n", [Label, re:replace(io_lib:format("~0p", [Value]), "#Ref<[^>]*>|<[0-9.]+>", "R", [global])]).

pair(Options) ->
    {ok, Listen} = gen_tcp:listen(0, [?BACK, binary, {active, false}, {ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(Listen),
    {ok, Client} = gen_tcp:connect({127, 0, 0, 1}, Port, [?BACK, binary, {active, false} | Options]),
    {ok, Server} = gen_tcp:accept(Listen, 10000),
    gen_tcp:close(Listen),
    {Client, Server}.
close({C, S}) -> [gen_tcp:close(C), gen_tcp:close(S)].

packets() ->
    [begin
         {C, S} = Both = pair([{packet, P}]),
         Sent = [gen_tcp:send(C, D) || D <- [<<"a">>, "bc", [<<"d">>, "e" | <<"f">>], binary:copy(<<"x">>, 200)]],
         Got = [case gen_tcp:recv(S, 0, 10000) of {ok, B} -> {byte_size(B), erlang:crc32(B)}; E -> E end || _ <- Sent],
         show({packet, P}, [Sent, Got, gen_tcp:recv(S, 0, 10)]),
         close(Both)
     end || P <- [1, 2, 4]],
    {C, S} = Both = pair([]),
    [gen_tcp:send(C, D) || D <- ["hello ", <<"world">>]],
    show(raw, [gen_tcp:recv(S, 3, 10000), gen_tcp:recv(S, 8, 10000), gen_tcp:recv(S, 0, 10)]),
    inet:setopts(S, [{packet, line}]), gen_tcp:send(C, "one\ntwo\r\nthr"), gen_tcp:send(C, "ee\n"),
    show(lines, [gen_tcp:recv(S, 0, 10000) || _ <- [1, 2, 3]]),
    inet:setopts(S, [{packet, http_bin}]), gen_tcp:send(C, "GET /x?y HTTP/1.1\r\nHost: a\r\nX-Other:  b\r\n\r\nrest"),
    show(http, [gen_tcp:recv(S, 0, 10000) || _ <- [1, 2, 3, 4]]),
    inet:setopts(S, [{packet, raw}]), show(rest, gen_tcp:recv(S, 4, 10000)),
    inet:setopts(S, [{packet, asn1}]), gen_tcp:send(C, <<48, 3, 1, 2, 3, 48, 0>>), show(asn1, [gen_tcp:recv(S, 0, 10000), gen_tcp:recv(S, 0, 10000)]),
    inet:setopts(S, [{packet, 4}, {header, 3}]), gen_tcp:send(C, <<0, 0, 0, 5, "abcde">>), show(header, gen_tcp:recv(S, 0, 10000)),
    inet:setopts(S, [{packet, raw}, {header, 0}, list]), gen_tcp:send(C, "list"), show(list, gen_tcp:recv(S, 4, 10000)),
    inet:setopts(S, [binary]), Big = binary:copy(<<"0123456789abcdef">>, 20000),
    Self = self(), spawn(fun() -> Self ! {sent, gen_tcp:send(C, Big)} end),
    show(big, [begin {ok, B} = gen_tcp:recv(S, byte_size(Big), 20000), B =:= Big end, receive {sent, R} -> R end]),
    close(Both).

options() ->
    {C, S} = Both = pair([]),
    show(getopts, [{O, case inet:getopts(S, [O]) of {ok, [{K, V}]} when K =:= buffer; K =:= recbuf; K =:= sndbuf -> is_integer(V); X -> X end}
                   || O <- [active, packet, mode, buffer, recbuf, sndbuf, nodelay, keepalive, linger, header, deliver, exit_on_close, send_timeout, send_timeout_close, low_watermark, packet_size, delay_send, show_econnreset, tos, priority, line_delimiter, nonsense]]),
    show(setopts, [{O, inet:setopts(S, [O])} || O <- [{active, false}, {packet, line}, {packet, x}, {packet, 0}, {mode, list}, {mode, binary}, {header, 2}, {header, 0}, {nodelay, true}, {linger, {true, 0}}, {linger, {false, 0}}, {keepalive, true}, {exit_on_close, false}, {exit_on_close, true},
                                                  {send_timeout, 100}, {send_timeout, infinity}, {nonsense, 1}, list, binary, {deliver, port}, {deliver, term}, {line_delimiter, $x}, {packet_size, 10}, {packet_size, 0}, {show_econnreset, true}, {active, 32768}, {active, x}]]),
    show(together, [inet:getopts(S, [nodelay, keepalive, mode, packet]), inet:getopts(S, []), inet:setopts(S, [])]),
    show(addresses, [element(1, element(2, F(X))) || X <- [C, S], F <- [fun inet:sockname/1, fun inet:peername/1]]),
    show(ports, begin {ok, P} = inet:port(C), {ok, {_, Q}} = inet:peername(S), P =:= Q end),
    gen_tcp:send(C, "12345"), gen_tcp:recv(S, 5, 10000),
    show(statistics, [case inet:getstat(X, [K]) of {ok, [{K, V}]} -> {K, V}; Y -> Y end || {X, K} <- [{S, recv_cnt}, {S, recv_oct}, {C, send_cnt}, {C, send_oct}]]),
    show(information, lists:sort(maps:keys(inet:info(S)))),
    close(Both).

modes() ->
    {C, S} = Both = pair([{packet, 2}]),
    Next = fun() -> receive {tcp, S, D} -> D; {tcp_passive, S} -> passive; {tcp_closed, S} -> closed; Other -> Other after 10000 -> nothing end end,
    inet:setopts(S, [{active, once}]), gen_tcp:send(C, "once"), show(once, [Next(), inet:getopts(S, [active])]),
    gen_tcp:send(C, "twice"), show(twice, [gen_tcp:recv(S, 0, 10000), inet:setopts(S, [{active, once}])]),
    show(not_passive, [gen_tcp:recv(S, 0, 100), inet:setopts(S, [{active, false}])]),
    inet:setopts(S, [{active, 2}]), [gen_tcp:send(C, X) || X <- ["1", "2", "3"]], show(counted, [Next(), Next(), Next(), gen_tcp:recv(S, 0, 10000)]),
    inet:setopts(S, [{active, 3}, {active, -1}]), show(count, inet:getopts(S, [active])), inet:setopts(S, [{active, -5}]), show(below, [Next(), inet:getopts(S, [active])]),
    inet:setopts(S, [{active, true}]), [gen_tcp:send(C, X) || X <- ["a", "b"]], show(active, [Next(), Next()]),
    gen_tcp:close(C), show(closed, Next()),
    close(Both).

owners() ->
    {C, S} = Both = pair([]),
    Self = self(),
    P = spawn(fun() -> receive go -> ok end, inet:setopts(S, [{active, once}]), Self ! {got, receive {tcp, _, D} -> D after 10000 -> none end} end),
    show(given, [gen_tcp:controlling_process(S, P), gen_tcp:controlling_process(S, self())]),
    P ! go, gen_tcp:send(C, "to the new owner"), show(new, receive {got, X} -> X end),
    close(Both),
    {C2, S2} = pair([]),
    Q = spawn(fun() -> receive stop -> ok end end), ok = gen_tcp:controlling_process(S2, Q), Q ! stop,
    show(owner_ends, gen_tcp:recv(C2, 0, 10000)), gen_tcp:close(C2).

ends() ->
    {C, S} = Both = pair([]),
    gen_tcp:send(C, "last words"), show(shutdown, [gen_tcp:shutdown(C, write), gen_tcp:send(C, "x"), gen_tcp:recv(S, 10, 10000), gen_tcp:recv(S, 0, 10000), gen_tcp:recv(S, 0, 10000)]),
    show(other_way, [gen_tcp:send(S, "still"), gen_tcp:recv(C, 5, 10000)]),
    close(Both),
    show(closed, [gen_tcp:close(C), gen_tcp:send(C, "x"), gen_tcp:recv(C, 0), inet:port(C), inet:peername(C), inet:setopts(C, [{active, true}])]),
    {ok, L} = gen_tcp:listen(0, [?BACK, {ip, {127, 0, 0, 1}}]), {ok, Port} = inet:port(L),
    show(nobody, gen_tcp:accept(L, 10)),
    show(taken, gen_tcp:listen(Port, [?BACK, {ip, {127, 0, 0, 1}}])),
    Self = self(), spawn(fun() -> Self ! accepting, Self ! {accepted, gen_tcp:accept(L)} end),
    receive accepting -> gen_tcp:close(L) end,
    show(closed_while_accepting, receive {accepted, R} -> R end),
    show(closed_listener, [gen_tcp:accept(L, 10), gen_tcp:connect({127, 0, 0, 1}, Port, [?BACK], 10000)]).

wrong() ->
    show(listen, [try element(1, gen_tcp:listen(0, O)) catch C:R -> {C, R} end || O <- [[{inet_backend, x}], [?BACK], [binary, ?BACK], [?BACK, {packet, 9}], [?BACK, {no, 1}]]]),
    {C, S} = Both = pair([]),
    show(receive_less, try gen_tcp:recv(S, -1, 100) catch C1:R1 -> {C1, R1} end),
    show(send, [try gen_tcp:send(C, D) catch C2:R2 -> {C2, element(1, R2)} end || D <- [<<>>, [], [[]]]]),
    close(Both).

%% The socket module itself: a connection is asked for, made, and asked about.
steps() ->
    {ok, L} = socket:open(inet, stream), ok = socket:bind(L, #{family => inet, addr => {127, 0, 0, 1}, port => 0}), ok = socket:listen(L), {ok, #{port := Port}} = socket:sockname(L),
    {ok, Unused} = socket:open(inet, stream), ok = socket:bind(Unused, #{family => inet, addr => {127, 0, 0, 1}, port => 0}), {ok, #{port := Nobody}} = socket:sockname(Unused),
    There = #{family => inet, addr => {127, 0, 0, 1}, port => Port}, Away = There#{port := Nobody},
    New = fun() -> {ok, S} = socket:open(inet, stream), S end,
    Try = fun(F) -> try F() of {select, {select_info, Tag, _}} -> {select, Tag}; X -> X catch C:R -> {C, R} end end,
    Told = fun() -> receive {'$socket', _, select, R} -> is_reference(R) after 10000 -> nothing end end,
    A = New(), show(made, [Try(fun() -> socket:connect(A, There, nowait) end), Told(), Try(fun() -> socket:connect(A) end), Try(fun() -> socket:connect(A) end), Try(fun() -> socket:send(A, <<"x">>) end)]),
    B = New(), show(asked_twice, [Try(fun() -> socket:connect(B, There, nowait) end), Told(), Try(fun() -> socket:connect(B, There, nowait) end), Try(fun() -> socket:connect(B) end)]),
    D = New(), show(refused, [Try(fun() -> socket:connect(D, Away, nowait) end), Told(), Try(fun() -> socket:connect(D, Away, nowait) end), Try(fun() -> socket:connect(D) end)]),
    E = New(), show(refused_too, [Try(fun() -> socket:connect(E, Away, nowait) end), Told(), Try(fun() -> socket:connect(E) end), Try(fun() -> socket:connect(E) end)]),
    G = New(), Self = self(),
    show(of_others, [Try(fun() -> socket:connect(G, There, nowait) end), begin spawn(fun() -> Self ! {other, Try(fun() -> socket:connect(G, There, nowait) end), Try(fun() -> socket:connect(G) end)} end), receive {other, X, Y} -> {X, Y} end end, Told(), Try(fun() -> socket:connect(G) end)]),
    H = New(), show(never, [Try(fun() -> socket:connect(H) end), Try(fun() -> socket:connect(H, There) end), Try(fun() -> socket:connect(H) end)]),
    [socket:close(S) || S <- [A, B, D, E, G, H, L, Unused]],
    show(closed, [Try(fun() -> socket:connect(A) end), Try(fun() -> socket:connect(A, There) end)]).
