%% TLS within one node, with certificates made here: the application ssl over the library of crypto.
-module(tls_sockets).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    {ok, _} = application:ensure_all_started(ssl),
    #{server_config := Server, client_config := Client} = certificates(),
    #{client_config := Stranger} = certificates(),
    [show(Version, talk(Server, [{versions, [Version]} | Client])) || Version <- ['tlsv1.2', 'tlsv1.3']],
    show(stranger, talk(Server, Stranger)),
    show(careless, talk(Server, [])).

certificates() ->
    Key = {namedCurve, secp256r1},
    Chain = [{root, [{key, Key}]}, {intermediates, [[{key, Key}]]}, {peer, [{key, Key}]}],
    public_key:pkix_test_data(#{server_chain => maps:from_list(Chain), client_chain => maps:from_list(Chain)}).

talk(ServerOptions, ClientOptions) ->
    {ok, Listener} = ssl:listen(0, [{ip, {127, 0, 0, 1}}, {reuseaddr, true}, binary, {active, false} | ServerOptions]),
    {ok, {_, Port}} = ssl:sockname(Listener),
    Server = spawn_link(fun() -> serve(Listener) end),
    Host = net_adm:localhost(),
    Answer = case ssl:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {server_name_indication, Host}, {verify, verify_peer} | ClientOptions], 30000) of
        {ok, Socket} ->
            ok = ssl:send(Socket, binary:copy(<<"0123456789">>, 20000)),
            {ok, Back} = ssl:recv(Socket, 200000, 30000),
            {ok, Information} = ssl:connection_information(Socket, [protocol]),
            {ok, Digest} = ssl:recv(Socket, 20, 30000),
            ok = ssl:close(Socket),
            {Information, byte_size(Back), Digest =:= crypto:hash(sha, Back)};
        {error, {tls_alert, {Alert, _}}} -> Alert;
        {error, {options, {Option, _}}} -> Option
    end,
    unlink(Server),
    exit(Server, kill),
    ssl:close(Listener),
    Answer.

serve(Listener) ->
    {ok, Waiting} = ssl:transport_accept(Listener),
    case ssl:handshake(Waiting, 30000) of
        {ok, Socket} ->
            {ok, Data} = ssl:recv(Socket, 200000, 30000),
            ok = ssl:send(Socket, [Data, crypto:hash(sha, Data)]),
            _ = ssl:recv(Socket, 0, 30000);
        {error, _} -> ok
    end.

show(Label, Value) -> io:format("~s: ~0tp~n", [Label, Value]).
