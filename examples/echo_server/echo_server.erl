%% A TCP server that sends back every line, in capitals: one process per connection.
%%
%%   hanse run examples/echo_server 4000       serves on port 4000 until it is interrupted; try: nc localhost 4000
%%   hanse run examples/echo_server            talks to itself and ends
%%
%% Thousands of processes that each wait for one connection are normal. If one of them fails, only its own client notices.
-module(echo_server).
-export([main/1]).

main([Port]) ->
    {ok, Number} = start(list_to_integer(Port)),
    io:format("listening on port ~b~n", [Number]),
    receive stop -> ok end;
main([]) ->
    {ok, Port} = start(0),
    Main = self(),
    %% Three clients at the same time.
    [spawn_link(fun() -> Main ! {N, client(Port, N)} end) || N <- [1, 2, 3]],
    [receive {N, Lines} -> io:format("client ~b: ~p~n", [N, Lines]) end || N <- [1, 2, 3]],
    ok.

%% Port 0: the system chooses a free one.
start(Port) ->
    {ok, Listening} = gen_tcp:listen(Port, [binary, {packet, line}, {active, false}, {reuseaddr, true}]),
    Acceptor = spawn(fun() -> receive start -> accept(Listening) end end),
    ok = gen_tcp:controlling_process(Listening, Acceptor),
    Acceptor ! start,
    inet:port(Listening).

accept(Listening) ->
    {ok, Socket} = gen_tcp:accept(Listening),
    Connection = spawn(fun() -> receive start -> echo(Socket) end end),
    %% The process that controls a socket is the one that reads from it; the socket closes when it ends.
    ok = gen_tcp:controlling_process(Socket, Connection),
    Connection ! start,
    accept(Listening).

echo(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Line} ->
            ok = gen_tcp:send(Socket, string:uppercase(Line)),
            echo(Socket);
        {error, closed} ->
            ok
    end.

client(Port, Number) ->
    {ok, Socket} = gen_tcp:connect("localhost", Port, [binary, {packet, line}, {active, false}]),
    Lines = [begin
                 ok = gen_tcp:send(Socket, io_lib:format("line ~b of client ~b~n", [N, Number])),
                 {ok, Answer} = gen_tcp:recv(Socket, 0, 5000),
                 string:trim(Answer)
             end || N <- [1, 2]],
    ok = gen_tcp:close(Socket),
    Lines.
