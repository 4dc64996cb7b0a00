%% gen_udp: modes, connected sockets, active in every way, empty and large datagrams, addresses, errors.
-module(udp_datagrams).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Sizes = [0, 1, 100, 1472, 9000, 60000],
    {A, PA} = open([binary, {active, false}, {recbuf, 1 bsl 18}]), {B, PB} = open([list, {active, false}, {recbuf, 1 bsl 18}]),
    io:format("~w~n", [[begin ok = gen_udp:send(A, {127, 0, 0, 1}, PB, binary:copy(<<7>>, N)), {ok, {{127, 0, 0, 1}, PA, D}} = gen_udp:recv(B, 0, 20000), {is_list(D), length(D)} end || N <- Sizes, N =< 9000]]),
    ok = inet:setopts(A, [{buffer, 65536}]),
    io:format("~w~n", [[begin ok = gen_udp:send(B, {127, 0, 0, 1}, PA, binary:copy(<<7>>, N)), {ok, {_, PB, D}} = gen_udp:recv(A, 0, 20000), byte_size(D) end || N <- Sizes]]),
    io:format("~w~n", [[gen_udp:send(A, {127, 0, 0, 1}, PB, binary:copy(<<7>>, 70000)), gen_udp:recv(A, 0, 0), gen_udp:recv(A, 0, 20), attempt(fun() -> gen_udp:recv(A, -1, 20) end), attempt(fun() -> gen_udp:send(A, {127, 0, 0, 1}, PB, a) end), attempt(fun() -> gen_udp:send(A, {127, 0, 0, 1}, 70000, "x") end), attempt(fun() -> gen_udp:send(A, {127, 0, 0, 256}, PB, "x") end), attempt(fun() -> gen_udp:send(A, {127, 0, 0, 1}, a_service, "x") end), gen_udp:send(A, "x")]]),
    io:format("~w~n", [[gen_udp:send(A, {{127, 0, 0, 1}, PB}, "by address"), element(3, element(2, gen_udp:recv(B, 0, 20000))), gen_udp:send(A, #{family => inet, addr => {127, 0, 0, 1}, port => PB}, ["by ", <<"map">>]), element(3, element(2, gen_udp:recv(B, 0, 20000))), gen_udp:send(A, {127, 0, 0, 1}, PB, [], "no control"), element(3, element(2, gen_udp:recv(B, 0, 20000))), gen_udp:send(A, "127.0.0.1", PB, "by text"), element(3, element(2, gen_udp:recv(B, 0, 20000)))]]),
    %% Connected.
    io:format("~w~n", [[gen_udp:connect(A, {127, 0, 0, 1}, PB), gen_udp:send(A, "connected"), gen_udp:recv(B, 0, 20000) =:= {ok, {{127, 0, 0, 1}, PA, "connected"}}, inet:peername(A) =:= {ok, {{127, 0, 0, 1}, PB}}, inet:sockname(A) =:= {ok, {{127, 0, 0, 1}, PA}}, inet:peername(B)]]),
    %% Active.
    ok = inet:setopts(B, [{active, once}]), [gen_udp:send(A, N) || N <- ["1", "2", "3", "4", "5", "6"]],
    io:format("~w~n", [[message(B), inet:getopts(B, [active]), element(3, element(2, gen_udp:recv(B, 0, 20000)))]]),
    ok = inet:setopts(B, [{active, 2}]),
    io:format("~w~n", [[message(B), message(B), message(B), inet:getopts(B, [active])]]),
    ok = inet:setopts(B, [{active, true}]),
    io:format("~w~n", [[message(B), message(B), gen_udp:recv(B, 0, 100), inet:setopts(B, [{active, 5}]), inet:setopts(B, [{active, true}]), inet:getopts(B, [active])]]),
    io:format("~w~n", [[inet:setopts(B, [{active, false}, {mode, binary}]), gen_udp:send(A, "now binary"), element(3, element(2, gen_udp:recv(B, 0, 20000)))]]),
    ok = inet:setopts(B, [{header, 2}]), gen_udp:send(A, "header"),
    io:format("~w~n", [element(3, element(2, gen_udp:recv(B, 0, 20000)))]),
    io:format("~w~n", [[inet:setopts(B, [{read_packets, 3}]), inet:getopts(B, [read_packets, mode, header]), attempt(fun() -> inet:setopts(B, [{mode, x}]) end), attempt(fun() -> inet:setopts(B, [unheard_of]) end)]]),
    %% Another owner, the end of the owner, waiting while it is closed.
    Self = self(),
    {Q, M} = spawn_monitor(fun() -> receive go -> ok end, ok = inet:setopts(B, [{active, true}]), Self ! ready, receive {udp, B, _, _, D} -> Self ! {theirs, D} end end),
    ok = inet:setopts(B, [{header, 0}]),
    io:format("~w~n", [[gen_udp:controlling_process(B, Q), gen_udp:controlling_process(B, Self), attempt(fun() -> gen_udp:controlling_process(B, a) end)]]),
    Q ! go, receive ready -> ok end, gen_udp:send(A, "to q"),
    io:format("~w~n", [receive {theirs, D} -> D after 20000 -> none end]),
    receive {'DOWN', M, _, _, _} -> ok end,
    io:format("~w~n", [[gone(B, 1000), gen_udp:recv(B, 0, 10), inet:port(B), gen_udp:close(B)]]),
    P = spawn_link(fun() -> receive {socket, S} -> Self ! {waiting, self()}, Self ! {answer, gen_udp:recv(S, 0)} end end),
    {C, _} = open([{active, false}]), P ! {socket, C}, receive {waiting, P} -> ok end, gen_udp:close(C),
    io:format("~w~n", [receive {answer, X} -> X after 20000 -> none end]),
    io:format("~w~n", [[attempt(fun() -> gen_udp:open(O) end) || O <- [-1, 70000, a]]]),
    io:format("~w~n", [[attempt(fun() -> gen_udp:open(0, O) end) || O <- [[nonsense], [{ip, {1, 2, 3}}], [{ip, {192, 0, 2, 77}}], [{active, 1.5}]]]]),
    io:format("~w~n", [case gen_udp:open(PA, [{ip, {127, 0, 0, 1}}]) of {error, E} -> E; _ -> opened end]),
    io:format("~w~n", [[gen_udp:close(A), gen_udp:send(A, "x"), gen_udp:recv(A, 0, 10), gen_udp:connect(A, {127, 0, 0, 1}, 9)]]).

open(O) -> {ok, S} = gen_udp:open(0, [{ip, {127, 0, 0, 1}} | O]), {ok, P} = inet:port(S), {S, P}.
message(S) -> receive {udp, S, _, _, D} -> D; {udp_passive, S} -> passive after 20000 -> none end.
gone(_, 0) -> still_open;
gone(S, N) -> case inet:port(S) of {error, _} -> closed; _ -> timer:sleep(10), gone(S, N - 1) end.
attempt(F) -> try F() catch C:R -> {C, R} end.
