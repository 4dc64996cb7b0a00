%% Names of processes: register, unregister, whereis, registered, sending to names, bad arguments.
-module(process_registry).
-export([main/0]).
main() ->
    P = spawn(fun loop/0), show([register(one, P), whereis(one) =:= P, lists:member(one, registered())]),
    show([try F() catch error:E -> E end || F <- [fun() -> register(one, self()) end, fun() -> register(two, P) end, fun() -> register(undefined, self()) end, fun() -> register(1, self()) end, fun() -> register(three, dead()) end, fun() -> register(three, x) end, fun() -> unregister(nothing) end, fun() -> unregister(1) end, fun() -> whereis(1) end, fun() -> whereis(nothing) end, fun() -> nothing ! x end, fun() -> erlang:send(nothing, x) end, fun() -> erlang:send(nothing, x, [noconnect]) end]]),
    one ! {self(), ping}, show(receive pong -> pong after 5000 -> none end), {one, node()} ! {self(), ping}, show(receive pong -> pong after 5000 -> none end), show({nothing, node()} ! hello),
    show(erlang:send(one, {self(), ping}, [nosuspend])), show(receive pong -> pong after 5000 -> none end), show([unregister(one), whereis(one), register(two, P), process_info(P, registered_name)]),
    M = monitor(process, P), exit(P, kill), receive {'DOWN', M, _, _, _} -> ok end, show([whereis(two), lists:member(two, registered())]), register(two, self()), two ! me, show(receive me -> got after 100 -> none end), unregister(two),
    show([begin Q = spawn(fun loop/0), register(short, Q), N = monitor(process, Q), short ! stop, receive {'DOWN', N, _, _, R} -> R end end || _ <- lists:seq(1, 50)] =:= lists:duplicate(50, normal)),
    Port = open_port({spawn, "cat"}, []), show([register(a_port, Port), whereis(a_port) =:= Port, erlang:port_info(Port, registered_name)]), a_port ! {self(), {command, "text"}}, show(receive {Port, D} -> D after 2000 -> none end), port_close(a_port), show(whereis(a_port)).
loop() -> receive {F, ping} -> F ! pong, loop(); stop -> ok end.
dead() -> P = spawn(fun() -> ok end), timer:sleep(150), P.
show(X) -> io:format("~w~n", [X]).
