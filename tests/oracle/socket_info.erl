%% socket: what there is, and sending files.
-module(socket_info).
-export([main/0]).

main() ->
    Info = socket:info(),
    io:format("~w~n", [lists:sort(maps:keys(Info))]),
    [io:format("~w ~w~n", [K, lists:sort(socket:supports(K))]) || K <- [protocols, ipv6, local, sctp]],
    io:format("~w~n", [[{K, B} || {K, B} <- lists:sort(socket:supports()), is_boolean(B), K =/= sctp]]),
    io:format("~w~n", [[socket:is_supported(A, B) || {A, B} <- [{ipv6, x}, {options, socket}, {protocols, tcp}, {foo, bar}]]]),
    {ok, Listener} = socket:open(inet, stream, tcp),
    ok = socket:bind(Listener, #{family => inet, port => 0, addr => loopback}),
    ok = socket:listen(Listener),
    {ok, #{port := Number}} = socket:sockname(Listener),
    io:format("~w~n", [lists:sort(maps:keys(socket:info(Listener)))]),
    Self = self(),
    spawn_link(fun() -> {ok, S} = socket:accept(Listener), Self ! {got, receive_all(S, <<>>)} end),
    {ok, Client} = socket:open(inet, stream),
    ok = socket:connect(Client, #{family => inet, port => Number, addr => loopback}),
    Name = "/tmp/hanse_socket_info_" ++ os:getpid(),
    ok = file:write_file(Name, lists:duplicate(1000, "0123456789")),
    {ok, File} = file:open(Name, [read, raw, binary]),
    io:format("~w~n", [socket:sendfile(Client, File, 10, 20)]),
    io:format("~w~n", [socket:sendfile(Client, File, 9990, 0, infinity)]),
    io:format("~w~n", [socket:sendfile(Client, File)]),
    io:format("~w~n", [try socket:sendfile(Client, foo, 0, 0) catch C:R -> {C, R} end]),
    ok = socket:close(Client),
    io:format("~w~n", [receive {got, D} -> {byte_size(D), erlang:md5(D)} end]),
    file:close(File),
    file:delete(Name),
    io:format("~w~n", [[socket:ioctl(Listener, R) || R <- [gifconf]] =/= []]),
    io:format("~w~n", [[socket:ioctl(Listener, R, A) || {R, A} <- [{gifaddr, "no_such_if"}, {gifname, 99999}, {gifindex, "no_such_if"}]]]),
    {ok, #{addr := Lo}} = socket:ioctl(Listener, gifaddr, "lo"),
    io:format("~w~n", [Lo]),
    socket:close(Listener).

receive_all(S, Acc) ->
    case socket:recv(S) of
        {ok, D} -> receive_all(S, <<Acc/binary, D/binary>>);
        {error, closed} -> Acc
    end.
