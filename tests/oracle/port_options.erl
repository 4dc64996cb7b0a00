%% open_port: every option, what arrives, exit status, end of file, packets and lines, errors of every kind of command.
-module(port_options).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    [io:format("~p: ~p~n", [O, run("printf 'one\\ntwo\\nthree'", O)]) || O <- [[], [binary], [stream], [{line, 100}], [{line, 2}], [{line, 3}, binary], [eof], [exit_status], [eof, exit_status], [exit_status, eof, binary], [stderr_to_stdout, exit_status], [in, exit_status], [hide, exit_status]]],
    [io:format("~p: ~p~n", [C, run(C, [exit_status])]) || C <- ["exit 0", "exit 3", "exit 255", "kill -9 $$", "kill -15 $$", "true", "no_such_program_here 2>/dev/null"]],
    [io:format("~w: ~p~n", [N, packets(N)]) || N <- [1, 2, 4]],
    [io:format("~w ~p~n", [Args, executed("/bin/echo", [{args, Args}, exit_status])]) || Args <- [[], ["a b", "c"], ["", "*", "$HOME"], [<<"binary">>], ["ä"], [[$x | "y"]]]],
    io:format("~p~n", [executed("/bin/sh", [{args, ["-c", "echo $0 $1 $HANSE_A; pwd"]}, {arg0, "other"}, {env, [{"HANSE_A", "value"}]}, {cd, "/"}, exit_status])]),
    io:format("~p~n", [executed("/bin/sh", [{args, ["-c", "echo ${HANSE_B-unset}/${HANSE_C-unset}"]}, {env, [{"HANSE_B", false}, {"HANSE_C", ""}]}, exit_status])]),
    [io:format("~p ~p: ~p~n", [N, O, attempt(fun() -> P = open_port(N, O), attempt(fun() -> port_close(P) end), opened end)]) || {N, O} <- errors()],
    echo(), both_ways(), owners(), commands().

run(C, O) -> collect(open_port({spawn, "sh -c \"" ++ [case X of $" -> "\\\""; $$ -> "\\$"; _ -> X end || X <- C] ++ "\""}, O), []).
executed(File, O) -> try collect(open_port({spawn_executable, File}, O), []) catch C:R -> {C, R} end.
%% Until the port has ended: what came, chunks of the stream joined.
collect(P, Got) ->
    M = monitor(port, P),
    R = collect(P, M, Got, monitored),
    demonitor(M, [flush]),
    R.
collect(P, M, Got, _) ->
    receive
        {P, {data, D}} when is_list(D), Got =/= [], element(1, hd(Got)) =:= text -> collect(P, M, [{text, element(2, hd(Got)) ++ D} | tl(Got)], x);
        {P, {data, D}} when is_list(D) -> collect(P, M, [{text, D} | Got], x);
        {P, {data, D}} when is_binary(D), Got =/= [], element(1, hd(Got)) =:= binary -> collect(P, M, [{binary, <<(element(2, hd(Got)))/binary, D/binary>>} | tl(Got)], x);
        {P, {data, D}} when is_binary(D) -> collect(P, M, [{binary, D} | Got], x);
        {P, {data, D}} -> collect(P, M, [D | Got], x);
        {P, eof} -> self() ! {closing, catch port_close(P)}, receive {closing, A} -> ok end, collect(P, M, [{eof, A} | Got], x);
        {P, {exit_status, S}} -> collect(P, M, [{status, S} | Got], x);
        {'DOWN', M, port, P, _} -> receive {P, {exit_status, S}} -> lists:reverse([{status, S} | Got]) after 0 -> lists:reverse(Got) end
    after 20000 -> lists:reverse([timeout | Got])
    end.

packets(N) ->
    P = open_port({spawn, "cat"}, [{packet, N}, binary]),
    Sizes = [0, 1, 2, 100, 255] ++ [256 || N > 1] ++ [70000 || N > 2],
    [P ! {self(), {command, <<7:(S * 8)>>}} || S <- Sizes],
    R = [receive {P, {data, D}} -> byte_size(D) after 20000 -> none end || _ <- Sizes],
    Big = case N of 4 -> none; _ -> attempt(fun() -> port_command(P, <<0:(8 bsl (N * 8))>>) end) end,
    attempt(fun() -> port_close(P) end),
    {R, Big}.
echo() ->
    P = open_port({spawn, "cat"}, [{line, 10}]),
    io:format("~p~n", [[port_command(P, D) || D <- ["ab\n", ["c", $d, <<"e\n">>], <<"0123456789abc\n">>, "\n\n", "tail\n"]]]),
    io:format("~p~n", [lines(P, 7)]),
    io:format("~p~n", [[attempt(fun() -> port_command(P, D) end) || D <- [a, 1, [a], [256], [-1], {}, ["x" | y]]]]),
    port_close(P),
    io:format("~p~n", [[attempt(fun() -> F(P) end) || F <- [fun erlang:port_close/1, fun(X) -> port_command(X, "x") end, fun(X) -> port_control(X, 1, "") end, fun(X) -> port_connect(X, self()) end, fun erlang:port_info/1, fun(X) -> erlang:port_info(X, name) end, fun(X) -> X ! {self(), close}, sent end]]]).
lines(_, 0) -> [];
lines(P, N) -> receive {P, {data, D}} -> [D | lines(P, N - 1)] after 20000 -> [none] end.
both_ways() ->
    P = open_port({spawn, "cat >/dev/null"}, [out]), io:format("out ~p~n", [port_command(P, "x")]), port_close(P),
    Q = open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "read x; echo got $x"]}, stream, use_stdio, exit_status]), port_command(Q, "line\n"),
    io:format("~p~n", [collect(Q, [])]),
    R = open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "read x <&3; echo via $x >&4"]}, nouse_stdio, exit_status]), port_command(R, "three\n"),
    io:format("~p~n", [collect(R, [])]).
owners() ->
    Self = self(),
    P = open_port({spawn, "cat"}, []),
    Q = spawn(fun() -> receive {P, {data, D}} -> Self ! {other, D} end, receive stop -> ok end end),
    io:format("~p~n", [erlang:port_info(P, connected) =:= {connected, self()}]),
    P ! {self(), {connect, Q}}, io:format("~p~n", [receive {P, connected} -> connected after 20000 -> none end]),
    port_command(P, "to q"), io:format("~p~n", [receive {other, D} -> D after 20000 -> none end]),
    io:format("~p~n", [[erlang:port_info(P, connected) =:= {connected, Q}, attempt(fun() -> port_connect(P, a) end), attempt(fun() -> port_connect(P, Self) end), erlang:port_info(P, connected) =:= {connected, Self}]]),
    unlink(P), M = monitor(port, P), link(P), P ! {self(), close}, io:format("~p~n", [receive {P, closed} -> closed after 20000 -> none end]),
    io:format("~p~n", [receive {'DOWN', M, port, P, R} -> R after 20000 -> none end]), Q ! stop,
    %% The port ends with its owner.
    {O, OM} = spawn_monitor(fun() -> Self ! {port, open_port({spawn, "cat"}, [])}, receive stop -> ok end end),
    P2 = receive {port, X} -> X end, M2 = monitor(port, P2), O ! stop, receive {'DOWN', OM, _, _, _} -> ok end,
    io:format("~p~n", [receive {'DOWN', M2, port, P2, R2} -> R2 after 20000 -> none end]),
    process_flag(trap_exit, true),
    P3 = open_port({spawn, "cat"}, []), port_close(P3), io:format("~p~n", [receive {'EXIT', P3, R3} -> R3 after 20000 -> none end]),
    P4 = open_port({spawn, "cat"}, []), exit(P4, kill), io:format("~p~n", [receive {'EXIT', P4, R4} -> R4 after 20000 -> none end]),
    process_flag(trap_exit, false).
commands() ->
    P = open_port({spawn, "cat"}, [binary]), register(a_port_with_a_name, P),
    io:format("~p~n", [[attempt(fun() -> port_command(a_port_with_a_name, "n") end), receive {P, {data, D}} -> D after 20000 -> none end, erlang:port_info(P, registered_name), erlang:port_info(a_port_with_a_name, name), whereis(a_port_with_a_name) =:= P]]),
    io:format("~p~n", [[attempt(fun() -> port_command(P, "x", O) end) || O <- [[], [force], [nosuspend], [force, nosuspend], [x], x, [force | x]]]]),
    io:format("~p~n", [[element(1, X) || X <- [erlang:port_info(P, I) || I <- [connected, id, input, links, locking, memory, monitors, monitored_by, name, os_pid, output, parallelism, queue_size]]]]),
    io:format("~p~n", [[begin Q = open_port({spawn, "cat"}, O), R = erlang:port_info(Q, parallelism), port_close(Q), R end || O <- [[], [{parallelism, true}], [{parallelism, false}]]]]),
    io:format("~p~n", [[attempt(fun() -> erlang:port_info(Q, I) end) || {Q, I} <- [{P, foo}, {P, []}, {a, name}, {1, name}, {no_such_port_name, name}, {self(), name}]]]),
    io:format("~p~n", [[K || {K, _} <- erlang:port_info(P)]]),
    io:format("~p~n", [[attempt(fun() -> port_control(P, O, D) end) || {O, D} <- [{1, "x"}, {-1, "x"}, {1 bsl 40, "x"}, {a, "x"}, {1, a}]]]),
    io:format("~p~n", [[attempt(fun() -> erlang:port_call(P, O, D) end) || {O, D} <- [{1, x}, {a, x}]]]),
    port_close(P), io:format("~p~n", [whereis(a_port_with_a_name)]).
errors() ->
    [{{spawn, a}, []}, {{spawn, 1}, []}, {{spawn, ""}, []}, {{spawn, "no such"}, []}, {{spawn_executable, "/no/such/file"}, []}, {{spawn_executable, "/etc/passwd"}, []}, {{spawn_executable, "/"}, []}, {{spawn_executable, "cat"}, []}, {{spawn_executable, "/bin/cat"}, [{args, a}]}, {{spawn_executable, "/bin/cat"}, [{args, [a]}]}, {{spawn_executable, "/bin/cat"}, [{arg0, a}]}, {{spawn_executable, "/bin/cat"}, [{arg0, 1}]},
     {{spawn, "cat"}, [{args, []}]}, {{spawn, "cat"}, [{cd, "/no/such/dir"}]}, {{spawn, "cat"}, [{cd, 1}]}, {{spawn, "cat"}, [{env, x}]}, {{spawn, "cat"}, [{env, [{a, b}]}]}, {{spawn, "cat"}, [{env, [{"A=", "b"}]}]}, {{spawn, "cat"}, [{env, [{"A", 1}]}]}, {{spawn, "cat"}, [{packet, 3}]}, {{spawn, "cat"}, [{packet, a}]}, {{spawn, "cat"}, [{line, 0}]}, {{spawn, "cat"}, [{line, -1}]}, {{spawn, "cat"}, [{line, a}]}, {{spawn, "cat"}, [x]}, {{spawn, "cat"}, x}, {{spawn, "cat"}, [binary | x]}, {{spawn, "cat"}, [{parallelism, x}]}, {{spawn, "cat"}, [{busy_limits_port, x}]}, {{spawn, "cat"}, [{packet, 2}, {line, 5}]}, {{spawn_driver, "no_such_driver"}, []}, {{spawn_driver, 1}, []}, {{fd, a, 1}, []}, {{fd, -1, 1}, []}, {{other, 1}, []}, {{spawn, [0]}, []}, {{spawn, "cat", x}, []}].
attempt(F) -> try F() catch C:R -> {C, R} end.
