%% A connection that ended while its socket was passive: what each way of noticing it says, and what follows when the socket is made active.
-module(tcp_closed_passive).
-export([main/0]).

main() ->
    [run(How, Mode, Options) || How <- [not_noticed, received, sent, sent_received, received_sent, shut_down, shut_down_sent],
                                Mode <- [true, once, 2, false], Options <- [[], [{exit_on_close, false}], [{show_econnreset, true}], [{packet, 2}]]],
    [reset(How, Mode, Show) || How <- [not_noticed, received, sent], Mode <- [once, true, false], Show <- [true, false]].

pair(Options, PeerOptions) ->
    {ok, L} = gen_tcp:listen(0, [{active, false}, {ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(L),
    {ok, Peer} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false} | PeerOptions]),
    {ok, Socket} = gen_tcp:accept(L),
    gen_tcp:close(L),
    {Socket, Peer}.

run(How, Mode, Options) ->
    {Socket, Peer} = pair(Options, []),
    gen_tcp:close(Peer),
    Noticed = notice(How, Socket),
    io:format("~w ~w ~w: ~w ~w~n", [How, Mode, Options, Noticed, [make(Next, Socket) || Next <- [Mode, once]]]),
    gen_tcp:close(Socket).

%% Data on its way is thrown away by a linger time of zero: the other side is reset while it has more to send.
reset(How, Mode, Show) ->
    {Socket, Peer} = pair([{sndbuf, 4096}, {show_econnreset, Show}], [{recbuf, 4096}, {linger, {true, 0}}]),
    ok = gen_tcp:send(Socket, binary:copy(<<".">>, 1 bsl 20)),
    gen_tcp:close(Peer),
    (fun Drained() -> case erlang:port_info(Socket, queue_size) of {queue_size, 0} -> ok; _ -> timer:sleep(5), Drained() end end)(),
    Noticed = case How of not_noticed -> none; received -> gen_tcp:recv(Socket, 0, 2000); sent -> gen_tcp:send(Socket, "x") end,
    io:format("reset ~w ~w ~w: ~w ~w~n", [How, Mode, Show, Noticed, [make(Next, Socket) || Next <- [Mode, once]]]),
    gen_tcp:close(Socket).

notice(not_noticed, _) -> none;
notice(received, Socket) -> gen_tcp:recv(Socket, 0, 2000);
notice(sent, Socket) -> send_until_refused(Socket);
notice(sent_received, Socket) -> [send_until_refused(Socket), gen_tcp:recv(Socket, 0, 2000), gen_tcp:send(Socket, "x")];
notice(received_sent, Socket) -> [gen_tcp:recv(Socket, 0, 2000), send_until_refused(Socket)];
notice(shut_down, Socket) -> gen_tcp:shutdown(Socket, write);
notice(shut_down_sent, Socket) -> [gen_tcp:shutdown(Socket, write), send_until_refused(Socket)].

send_until_refused(Socket) -> case gen_tcp:send(Socket, "x") of ok -> timer:sleep(5), send_until_refused(Socket); Refused -> Refused end.

make(Mode, Socket) ->
    Answer = inet:setopts(Socket, [{active, Mode}]),
    Told = told(Socket),
    {Answer, Told, erlang:port_info(Socket, connected) =/= undefined, inet:getopts(Socket, [active])}.

%% Messages up to the one that says that it is closed.
told(Socket) ->
    receive
        {tcp_closed, Socket} -> [tcp_closed];
        {tcp_error, Socket, Reason} -> [Reason | told(Socket)];
        {Tag, Socket} -> [Tag | told(Socket)]
    after 60 -> []
    end.
