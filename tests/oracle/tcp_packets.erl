%% gen_tcp in every packet mode and both kinds of data: what arrives as which message, what is too large, active in every way, errors.
-module(tcp_packets).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    [io:format("~w ~w: ~p~n", [P, Mode, framed(P, Mode)]) || P <- [raw, 0, 1, 2, 4], Mode <- [binary, list]],
    [io:format("~w: ~p~n", [P, parsed(P, D)]) || {P, D} <- [{line, "one\ntwo\r\n\nthree"}, {http, "GET /a?b HTTP/1.1\r\nHost: x\r\nX-Y: z\r\n\r\n"}, {http_bin, "HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n"}, {http, "nonsense\r\n"}, {httph, "Host: x\r\n\r\n"}, {asn1, <<48, 3, 1, 2, 3, 4, 1, 9>>}, {sunrm, <<128, 0, 0, 2, 7, 8>>}, {tpkt, <<3, 0, 0, 7, 1, 2, 3>>}, {cdr, <<"GIOP", 1, 0, 0, 0, 0, 0, 0, 2, 5, 6>>}, {fcgi, <<1, 1, 0, 1, 0, 2, 0, 0, 8, 9>>}, {mct, <<"xxxx">>}]],
    io:format("~p~n", [active(once)]), io:format("~p~n", [active(3)]), io:format("~p~n", [active(false)]),
    io:format("~p~n", [errors()]),
    io:format("~p~n", [limits()]),
    io:format("~p~n", [closing()]).

pair(Options) ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false} | Options]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false} | Options]),
    {ok, S} = gen_tcp:accept(L, 20000),
    gen_tcp:close(L),
    {C, S}.
unpair({C, S}) -> gen_tcp:close(C), gen_tcp:close(S).
framed(P, Mode) ->
    {C, S} = Pair = pair([{packet, P}, Mode]),
    Data = [<<"a">>, "bc", [<<"d">>, $e, ["f"]], binary:copy(<<"x">>, 200)],
    [ok = gen_tcp:send(C, D) || D <- Data],
    Total = iolist_size(Data),
    R = case P of
        _ when P =:= raw; P =:= 0 -> {ok, All} = gen_tcp:recv(S, Total, 20000), [iolist_size(All), erlang:phash2(All)];
        _ -> [begin {ok, X} = gen_tcp:recv(S, 0, 20000), {iolist_size(X), is_binary(X)} end || _ <- Data]
    end,
    Big = case P of 1 -> gen_tcp:send(C, binary:copy(<<0>>, 256)); 2 -> gen_tcp:send(C, binary:copy(<<0>>, 65536)); _ -> none end,
    N = case P of _ when P =:= raw; P =:= 0 -> none; _ -> gen_tcp:recv(S, 5, 1000) end,
    unpair(Pair),
    {R, Big, N}.
parsed(P, Data) ->
    {C, S} = Pair = pair([binary]),
    R = case inet:setopts(S, [{packet, P}]) of
        ok -> ok = gen_tcp:send(C, Data), gen_tcp:shutdown(C, write), receive_all(S);
        E -> E
    end,
    unpair(Pair),
    R.
receive_all(S) -> case gen_tcp:recv(S, 0, 20000) of {ok, X} -> [X | receive_all(S)]; E -> [E] end.
active(How) ->
    {C, S} = Pair = pair([{packet, 1}]),
    ok = inet:setopts(S, [{active, How}]),
    [gen_tcp:send(C, [X]) || X <- "abcd"],
    R = [receive {tcp, S, D} -> D; {tcp_passive, S} -> passive after if How =:= false -> 20; true -> 20000 end -> none end || _ <- case How of 3 -> [1, 2, 3, 4]; _ -> [1] end],
    Now = inet:getopts(S, [active]),
    Rest = [gen_tcp:recv(S, 0, 20000) || _ <- case How of once -> [1, 2, 3]; 3 -> [1]; false -> [1, 2, 3, 4] end],
    Errors = [inet:setopts(S, [{active, A}]) || A <- [maybe_not, 40000, -40000, 1.5]],
    ok = inet:setopts(S, [{active, true}]), gen_tcp:close(C),
    Closed = receive {tcp_closed, S} -> closed after 20000 -> none end,
    unpair(Pair),
    {R, Now, Rest, Errors, Closed}.
errors() ->
    {C, S} = Pair = pair([]),
    R = [gen_tcp:recv(S, 0, 0), gen_tcp:recv(S, 10, 20), attempt(fun() -> gen_tcp:recv(S, -1, 20) end), attempt(fun() -> gen_tcp:recv(S, a) end), attempt(fun() -> gen_tcp:send(S, a) end), attempt(fun() -> gen_tcp:send(S, [a]) end), attempt(fun() -> gen_tcp:send(S, [1 | 2]) end), gen_tcp:send(S, []), gen_tcp:shutdown(S, write), gen_tcp:send(S, "x"), gen_tcp:recv(C, 0, 20000),
         attempt(fun() -> gen_tcp:shutdown(S, sideways) end), inet:setopts(S, [{packet, 3}]), attempt(fun() -> inet:setopts(S, [nonsense]) end), attempt(fun() -> inet:getopts(S, [nonsense]) end), gen_tcp:controlling_process(S, self()), attempt(fun() -> gen_tcp:controlling_process(S, a) end)],
    unpair(Pair),
    R ++ [gen_tcp:recv(S, 0), gen_tcp:send(S, "x"), gen_tcp:shutdown(S, read), inet:setopts(S, [{active, true}]), inet:getopts(S, [active]), inet:peername(S), inet:port(S), gen_tcp:close(S), gen_tcp:controlling_process(S, self()),
          gen_tcp:connect({127, 0, 0, 1}, 1, [], 2000), attempt(fun() -> gen_tcp:connect({127, 0, 0, 1}, 100000, []) end), attempt(fun() -> gen_tcp:connect({127, 0, 0, 1}, a, []) end), attempt(fun() -> gen_tcp:listen(0, [nonsense]) end), attempt(fun() -> gen_tcp:listen(-1, []) end), attempt(fun() -> gen_tcp:accept(C, 0) end)].
limits() ->
    {C, S} = Pair = pair([{packet, 4}, {packet_size, 100}, binary]),
    ok = gen_tcp:send(C, binary:copy(<<1>>, 100)), A = gen_tcp:recv(S, 0, 20000),
    ok = gen_tcp:send(C, binary:copy(<<1>>, 101)), B = gen_tcp:recv(S, 0, 20000),
    unpair(Pair),
    {C2, S2} = Pair2 = pair([{packet, line}, {buffer, 16}, {recbuf, 2000}, binary]),
    ok = inet:setopts(S2, [{buffer, 16}]),
    ok = gen_tcp:send(C2, "0123456789abcdefghij\nend\n"), D = [gen_tcp:recv(S2, 0, 20000) || _ <- [1, 2, 3]],
    unpair(Pair2),
    {element(1, A), B, D}.
closing() ->
    Self = self(),
    {C, S} = pair([{packet, 2}, binary]),
    P = spawn(fun() -> Self ! {waiting, self()}, Self ! {got, gen_tcp:recv(S, 0)} end),
    receive {waiting, P} -> ok end,
    gen_tcp:close(S),
    A = receive {got, X} -> X after 20000 -> none end,
    B = gen_tcp:recv(C, 0, 20000), gen_tcp:close(C),
    {C2, S2} = pair([{packet, 2}, {exit_on_close, false}, binary]),
    ok = gen_tcp:send(C2, "last"), gen_tcp:shutdown(C2, write),
    D = [gen_tcp:recv(S2, 0, 20000), gen_tcp:recv(S2, 0, 20000), gen_tcp:send(S2, "answer"), gen_tcp:recv(C2, 0, 20000)],
    unpair({C2, S2}),
    {A, B, D}.
attempt(F) -> try F() catch C:R -> {C, R} end.
