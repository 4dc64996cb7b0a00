%% Who waits for a busy port gets messages meanwhile; a port is given a name just when it closes.
-module(ports_busy_and_named).
-export([main/0]).

main() ->
    waiting(),
    kept_waiting_by_two(),
    named(3000).

%% A program that never reads. The monitor is told once of each wait, however many messages come in between.
waiting() ->
    Port = busy_port(),
    erlang:system_monitor(self(), [busy_port]),
    [wait_for(Port, How) || How <- [command, send, function, options, applied]],
    erlang:system_monitor(undefined),
    close(Port).

wait_for(Port, How) ->
    {Pid, Ref} = spawn_monitor(fun() -> write(How, Port) end),
    Told = receive {monitor, Pid, busy_port, Port} -> once after 10000 -> never end,
    [begin Pid ! I, timer:sleep(5), status(Pid) end || I <- lists:seq(1, 20)],
    Again = receive {monitor, Pid, busy_port, Port} -> again after 100 -> once end,
    io:format("~w: ~w ~w ~w ~w~n", [How, Told, Again, status(Pid), process_info(Pid, message_queue_len)]),
    [{_, Function}, {_, Location}, {_, Trace}] = process_info(Pid, [current_function, current_location, current_stacktrace]),
    io:format("~w ~w ~w~n", [Function, mfa(Location), [mfa(F) || F <- Trace]]),
    exit(Pid, kill),
    receive {'DOWN', Ref, _, _, Reason} -> io:format("~w~n", [Reason]) end.
mfa({M, F, A, _}) -> {M, F, A}.

status(Pid) -> element(2, process_info(Pid, status)).

write(command, Port) -> port_command(Port, "more");
write(send, Port) -> Port ! {owner(Port), {command, "more"}};
write(function, Port) -> erlang:send(Port, {owner(Port), {command, "more"}}), ok;
write(options, Port) -> erlang:send(Port, {owner(Port), {command, "more"}}, []), ok;
write(applied, Port) -> apply(erlang, send, [Port, {owner(Port), {command, "more"}}]), ok.
owner(Port) -> element(2, erlang:port_info(Port, connected)).

%% A process that waited for one port, and was let go, waits for another.
kept_waiting_by_two() ->
    One = busy_port(), Two = busy_port(),
    {Pid, Ref} = spawn_monitor(fun() -> (catch port_command(One, "a")), (catch port_command(Two, "b")), exit(done) end),
    until(fun() -> status(Pid) =:= suspended orelse status(Pid) =:= waiting end),
    [Pid ! x || _ <- lists:seq(1, 10)],
    close(One),
    receive {'DOWN', Ref, _, _, Early} -> io:format("too early: ~w~n", [Early]) after 100 -> ok end,
    [Pid ! x || _ <- lists:seq(1, 10)],
    close(Two),
    receive {'DOWN', Ref, _, _, Reason} -> io:format("~w~n", [Reason]) end.

busy_port() ->
    Port = open_port({spawn_executable, os:find_executable("sleep")}, [{args, ["1000"]}, binary]),
    port_command(Port, binary:copy(<<0>>, 4000000)),
    Port.

close(Port) ->
    {os_pid, Program} = erlang:port_info(Port, os_pid),
    unlink(Port),
    port_close(Port),
    os:cmd("kill " ++ integer_to_list(Program)).

until(Condition) -> case Condition() of true -> ok; false -> timer:sleep(5), until(Condition) end.

%% The name is free afterwards, whoever was first.
named(Times) ->
    Self = self(), Turn = atomics:new(1, []),
    Giver = spawn_link(fun() -> give_names(Self, Turn) end),
    Kept = [N || N <- lists:seq(1, Times), not is_free_afterwards(N, Giver, Turn)],
    io:format("~w names left behind~n", [length(Kept)]).

is_free_afterwards(N, Giver, Turn) ->
    Port = open_port({spawn_driver, "udp_inet"}, [binary]),
    Giver ! {name, N, Port},
    receive ready -> ok end,
    atomics:put(Turn, 1, N),
    spin(N rem 61),
    port_close(Port),
    receive named -> ok end,
    whereis(name_of_a_port) =:= undefined orelse not unregister(name_of_a_port).

give_names(To, Turn) ->
    receive {name, N, Port} -> ok end,
    To ! ready,
    wait_for_turn(Turn, N),
    _ = (catch register(name_of_a_port, Port)),
    To ! named,
    give_names(To, Turn).

wait_for_turn(Turn, N) -> case atomics:get(Turn, 1) of N -> ok; _ -> wait_for_turn(Turn, N) end.

spin(0) -> ok;
spin(N) -> spin(N - 1).
