%% Names of sockets and their peers, network namespaces, interfaces that are not there, reconnecting, what a listener tells of those who wait.
-module(inet_names).
-export([main/0]).

p(Label, Fun) -> io:format("~s: ~0p~n", [Label, try Fun() catch Class:Reason -> {Class, Reason} end]).

main() ->
    {ok, U} = gen_udp:open(0),
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    p("interfaces", fun() -> [inet:ifget(N, [addr]) || N <- [lists:duplicate(Count, $x) || Count <- [1, 15, 16, 128, 256]] ++ ["", [["lo"], $x]]] end),
    p("set interface", fun() -> [inet:ifset(N, [{addr, {127, 0, 0, 1}}]) || N <- [lists:duplicate(128, $x), "nonexistent"]] end),
    p("namespace unset", fun() -> [inet:getopts(S, Items) || S <- [U, L], Items <- [[netns], [netns, active]]] end),
    p("namespace", fun() -> [{inet:setopts(S, [{netns, N}]), inet:getopts(S, [netns])} || S <- [U, L], N <- ["", "/proc/self/ns/net", "/nonexistent", x, 1]] end),
    p("open in namespace", fun() -> {ok, S} = gen_udp:open(0, [{netns, "/proc/self/ns/net"}]), {inet:getopts(S, [netns]), gen_udp:close(S)} end),
    p("open in no namespace", fun() -> [gen_udp:open(0, [{netns, "/nonexistent"}]), gen_tcp:listen(0, [{netns, "/nonexistent"}]), gen_tcp:listen(0, [{netns, "/etc/passwd"}])] end),
    p("names of udp", fun() -> [{ok, [One]}, {ok, [One]}] = [inet:socknames(U), inet:socknames(U, 7)], [inet:peernames(U), inet:peernames(U, 7)] end),
    p("names of a listener", fun() -> {ok, [{{127, 0, 0, 1}, Port}]} = inet:socknames(L), inet:peernames(L) end),
    p("names of a connection", fun() ->
        {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, []), {ok, A} = gen_tcp:accept(L),
        {ok, N} = inet:socknames(C), {ok, N} = inet:peernames(A), {ok, [{_, Port}]} = inet:peernames(C), [gen_tcp:close(S) || S <- [C, A]]
    end),
    p("names of the closed", fun() -> gen_udp:close(U), [inet:socknames(U), inet:peernames(U), inet:sockname(U), inet:peername(U)] end),
    {ok, V} = gen_udp:open(0),
    p("reconnect", fun() ->
        [{gen_udp:connect(V, Address, To), inet:peername(V), inet:peernames(V), element(1, element(2, inet:sockname(V)))}
         || {Address, To} <- [{{127, 0, 0, 1}, 9}, {{127, 0, 0, 2}, 9}, {{127, 0, 0, 1}, 10}, {{0, 0, 0, 0}, 0}, {{127, 0, 0, 3}, 9}]]
    end),
    p("who waits", fun() ->
        States = fun() -> maps:get(states, inet:info(L)) end, Before = States(),
        Waiting = [spawn(fun() -> gen_tcp:accept(L) end) || _ <- [1, 2]],
        [wait_for(fun() -> process_info(W, status) =:= {status, waiting} end) || W <- Waiting],
        During = States(),
        [begin M = monitor(process, W), exit(W, kill), receive {'DOWN', M, _, _, _} -> ok end end || W <- Waiting],
        wait_for(fun() -> States() =:= Before end),
        {Before, During, States()}
    end),
    [p(io_lib:format("lines ~p", [Options]), fun() -> lines(Options) end)
     || Options <- [[line], [{line, 2}], [line, {line, 2}], [{line, 2}, line], [stream, line], [{packet, 1}, line], [line, {packet, 1}]]].

lines(Options) ->
    Program = open_port({spawn, "printf 'a\\nbcd\\nef'"}, [binary, eof | Options]),
    (fun Drain() -> receive {Program, eof} -> []; {Program, Data} -> [Data | Drain()] end end)().

wait_for(Condition) -> case Condition() of true -> ok; false -> timer:sleep(5), wait_for(Condition) end.
