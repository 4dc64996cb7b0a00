%% What is sent before, while and after a file goes out arrives in that order.
-module(sendfile_order).
-export([main/0]).

main() ->
    Name = "part_of_stream", Size = 8 * 1024 * 1024,
    File = << <<(I rem 251)>> || I <- lists:seq(1, Size) >>,
    ok = file:write_file(Name, File),
    [io:format("~w: ~w~n", [{Before, Count}, run(Name, File, Before, Count)]) || Before <- [0, 1, 3000000], Count <- [0, 1, 20]],
    ok = file:delete(Name).

run(Name, File, Before, Count) ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {delay_send, Before > 1}, {high_watermark, 1 bsl 26}]),
    {ok, R} = gen_tcp:accept(L),
    ok = gen_tcp:send(S, binary:copy(<<"<">>, Before)),
    Self = self(),
    Expected = [binary:copy(<<"<">>, Before), File, [<<">", I>> || I <- lists:seq(1, Count)]],
    %% Nothing is read before all is sent or queued: the file is still on its way then.
    Other = spawn_link(fun() ->
        receive after 100 -> ok end,
        [ok = gen_tcp:send(S, <<">", I>>) || I <- lists:seq(1, Count)],
        {ok, Received} = gen_tcp:recv(R, iolist_size(Expected), 60000),
        Self ! {self(), Received}
    end),
    Sent = file:sendfile(Name, S),
    Received = receive {Other, Bytes} -> Bytes end,
    ok = gen_tcp:send(S, "end"),
    {ok, End} = gen_tcp:recv(R, 3, 60000),
    [gen_tcp:close(X) || X <- [S, R, L]],
    {Sent, End, Received =:= iolist_to_binary(Expected)}.
