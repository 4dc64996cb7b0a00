%% Programs as ports: arguments, environment, directory, packets, lines, exit status, standard error.
-module(ports_programs).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Sh = os:find_executable("sh"),
    run("arguments", {spawn_executable, Sh}, [{args, ["-c", "printf '%s|' \"$@\"", "name", "a b", "", "c'd", "\"e\"", "*"]}, exit_status]),
    run("environment", {spawn, "sh -c 'echo $HANSE_A,$HANSE_B,${HOME+set}'"}, [{env, [{"HANSE_A", "one"}, {"HANSE_B", "zwei"}, {"HOME", false}]}, exit_status]),
    run("directory", {spawn, "pwd"}, [{cd, "/"}, exit_status]),
    run("status", {spawn, "sh -c 'exit 7'"}, [exit_status]),
    run("signal", {spawn, "sh -c 'kill -9 $$'"}, [exit_status]),
    run("standard error", {spawn, "sh -c 'echo out; echo err >&2'"}, [stderr_to_stdout, exit_status]),
    run("lines", {spawn, "printf 'one\\ntwo\\nthree is long'"}, [{line, 8}, exit_status]),
    run("binary lines", {spawn, "printf 'a\\n\\nb'"}, [{line, 80}, binary, exit_status]),
    run("eof", {spawn, "true"}, [eof]),
    [packets(N) || N <- [1, 2, 4]],
    Missing = [try open_port(Name, Options) catch error:R -> R end
               || {Name, Options} <- [{{spawn_executable, "/no/such/program"}, []}, {{spawn, "/no/such/program"}, []}, {{spawn_executable, "/"}, []},
                                      {{spawn, ""}, []}, {{spawn, foo}, [bar]}, {{spawn, "cat"}, [{packet, 3}]}, {{spawn, "cat"}, [{line, 0}]},
                                      {{spawn_executable, Sh}, [{args, foo}]}, {{spawn, "cat"}, [{args, ["x"]}]}, {{spawn, "cat"}, [{env, foo}]},
                                      {{spawn, "cat"}, [{cd, 17}]}, {{spawn, "cat"}, [{cd, "/no/such/folder"}]}, {{spawn, "cat"}, foo},
                                      {{spawn_driver, "no_such_driver"}, []}, {{fd, a, b}, []}]],
    io:format("~w~n", [[case M of P when is_port(P) -> flush(P), port; _ -> M end || M <- Missing]]),
    [much(Options) || Options <- [[stream, binary], [{packet, 4}, binary], [stream]]],
    environment_of_port().

%% Megabytes through a program come back as they were, however they are cut.
much(Options) ->
    Data = << <<(N * N):32>> || N <- lists:seq(1, 500000) >>,
    Port = open_port({spawn, "cat"}, Options),
    true = port_command(Port, Data),
    true = port_command(Port, <<"the end">>),
    Back = much(Port, byte_size(Data) + 7, []),
    io:format("~w ~w ~w~n", [Options, byte_size(Back), Back =:= <<Data/binary, "the end">>]),
    port_close(Port).
much(_, 0, Parts) -> iolist_to_binary(lists:reverse(Parts));
much(Port, Left, Parts) ->
    receive {Port, {data, Part}} -> much(Port, Left - iolist_size(Part), [Part | Parts])
    after 60000 -> {nothing_more, Left}
    end.

run(Label, Name, Options) ->
    Port = open_port(Name, Options),
    io:format("~s: ~0p~n", [Label, collect(Port)]).

collect(Port) ->
    receive
        {Port, {data, Data}} -> join(Data, collect(Port));
        {Port, {exit_status, N}} -> [{status, N}];
        {Port, eof} -> port_close(Port), [eof];
        {'EXIT', Port, Reason} -> [{exit, Reason}]
    after 10000 -> [nothing]
    end.
%% How a stream is cut is left to chance.
join(A, [B | Rest]) when is_list(A), is_integer(hd(A)), is_list(B) -> [A ++ B | Rest];
join(A, Rest) -> [A | Rest].

packets(N) ->
    Port = open_port({spawn, "cat"}, [{packet, N}, binary]),
    [port_command(Port, M) || M <- ["", "a", ["b", <<"cd">>], binary:copy(<<"x">>, 200)]],
    Echo = [receive {Port, {data, D}} -> byte_size(D) after 5000 -> nothing end || _ <- lists:seq(1, 4)],
    io:format("~w ~w ~w~n", [N, Echo, try port_command(Port, binary:copy(<<"x">>, 300)) catch error:R -> R end]),
    flush(Port),
    catch port_close(Port),
    receive {'EXIT', Port, _} -> ok after 1000 -> ok end.

flush(Port) ->
    receive {Port, _} -> flush(Port); {'EXIT', Port, _} -> ok after 200 -> catch port_close(Port), ok end.

environment_of_port() ->
    Port = open_port({spawn, "cat"}, [exit_status]),
    {os_pid, Os} = erlang:port_info(Port, os_pid),
    io:format("~p~n", [[is_integer(Os), erlang:port_info(Port, name), erlang:port_info(Port, links) =:= {links, [self()]}]]),
    os:cmd("kill -TERM " ++ integer_to_list(Os)),
    io:format("~0p~n", [collect(Port)]).
