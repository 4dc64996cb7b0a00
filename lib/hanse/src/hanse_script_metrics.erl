%% @doc Metrics of all pools of the node at /metrics, over HTTP.
-module(hanse_script_metrics).

-export([child_spec/2, serve/1]).

-define(LIMIT_MS, 5000).

%% @doc Port 0: the system chooses (hanse_listener:port/1).
-spec child_spec(inet:port_number(), binary()) -> {ok, supervisor:child_spec()} | {error, term()}.
child_spec(Port, Address) ->
    case inet:parse_address(binary_to_list(Address)) of
        {ok, Parsed} ->
            Options = [binary, {packet, http_bin}, {active, false}, {reuseaddr, true}, {ip, Parsed}, {packet_size, 4096},
                       {send_timeout, ?LIMIT_MS}],
            {ok, #{id => ?MODULE, start => {hanse_listener, start_link, [Port, Options, fun ?MODULE:serve/1]}}};
        Error -> Error
    end.

-spec serve(gen_tcp:socket()) -> ok.
serve(Socket) ->
    case gen_tcp:recv(Socket, 0, ?LIMIT_MS) of
        {ok, {http_request, Method, {abs_path, Path}, _}} ->
            headers(Socket, 100),
            answer(Socket, Method, hd(binary:split(Path, <<"?">>)));
        _ -> ok
    end,
    gen_tcp:close(Socket).

headers(_, 0) -> ok;
headers(Socket, Left) ->
    case gen_tcp:recv(Socket, 0, ?LIMIT_MS) of
        {ok, {http_header, _, _, _, _}} -> headers(Socket, Left - 1);
        _ -> ok
    end.

answer(Socket, 'GET', <<"/metrics">>) ->
    Text = unicode:characters_to_binary(hanse_script_show:metrics(statuses())),
    respond(Socket, "200 OK", "text/plain; version=0.0.4; charset=utf-8", Text);
answer(Socket, 'GET', _) -> respond(Socket, "404 Not Found", "text/plain", <<"There is /metrics.\n">>);
answer(Socket, _, _) -> respond(Socket, "405 Method Not Allowed", "text/plain", <<"GET only.\n">>).

respond(Socket, Status, Type, Body) ->
    _ = gen_tcp:send(Socket, ["HTTP/1.1 ", Status, "\r\nContent-Type: ", Type, "\r\nContent-Length: ",
                              integer_to_list(byte_size(Body)), "\r\nConnection: close\r\n\r\n", Body]),
    ok.

statuses() -> lists:append([try [hanse_script:status(Pool)] catch exit:_ -> [] end || Pool <- hanse_script:pools()]).
