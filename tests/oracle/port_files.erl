%% Ports that open_port/2 opens by a name alone: files. And the option `line` without a number.
-module(port_files).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    File = "/tmp/hanse_port_files_" ++ os:getpid(),
    ok = file:write_file(File, "An input file\nof two lines"),
    [io:format("~w~n", [{Options, opened(Name, Options, File)}])
     || {Name, Options} <- [{File, [in]}, {File, []}, {File, [in, eof]}, {File, [in, binary]}, {list_to_atom(File), [in]}, {File, [in, {line, 4}]},
                            {File, [in, line]}, {File, [in, {packet, 1}]}, {list_to_binary(File), [in]}, {File ++ "/x", [in]}, {File ++ "/x", [out]},
                            {File ++ "_none", [in]}, {File, [in, exit_status]}, {File, [{args, []}]}, {"", [in]}, {"/dev/null", [in]}, {{x, y}, [in]},
                            {1, [in]}, {[a], [in]}, {{File}, [in]}]],
    Out = open_port(File, [out]),
    io:format("~w~n", [{erlang:port_info(Out, name) =:= {name, File}, erlang:port_info(Out, os_pid)}]),
    Out ! {self(), {command, "abc"}},
    Out ! {self(), {command, ["d", <<"ef">>]}},
    Out ! {self(), close},
    io:format("~w ~p~n", [lists:sort([receive {'EXIT', Out, Why} -> Why; {Out, closed} -> closed after 20000 -> nothing end || _ <- [1, 2]]), file:read_file(File)]),
    Both = open_port(File, [eof]),
    receive {Both, {data, Data}} -> io:format("~p~n", [Data]) after 20000 -> io:format("nothing~n") end,
    receive {Both, eof} -> io:format("eof~n") after 20000 -> io:format("nothing~n") end,
    true = port_command(Both, "gh"),
    true = port_close(Both),
    io:format("~p~n", [file:read_file(File)]),
    In = open_port("/dev/zero", [in]),
    port_close(In),
    ReadOnly = open_port(File, [in, eof]),
    receive {ReadOnly, eof} -> ok after 20000 -> io:format("nothing~n") end,
    io:format("~w~n", [{port_command(ReadOnly, "12"), receive {'EXIT', ReadOnly, Reason} -> Reason after 20000 -> nothing end}]),
    ok = file:delete(File),
    Long = lists:duplicate(600, $x),
    P = open_port({spawn_executable, "/bin/echo"}, [line, {args, [Long]}]),
    io:format("~w~n", [[receive {P, {data, {How, Line}}} -> {How, length(Line)} after 20000 -> nothing end || _ <- [1, 2]]]),
    %% What the system refuses to execute ends at once, whatever made it refuse.
    Large = [{"V" ++ integer_to_list(N), lists:duplicate(1000, $x)} || N <- lists:seq(1, 4000)],
    Refused = open_port({spawn, "ls"}, [exit_status, {env, Large}]),
    io:format("~w~n", [receive {Refused, {exit_status, Status}} -> Status after 20000 -> nothing end]).

opened(Name, Options, File) ->
    try open_port(Name, Options) of
        Port -> collected(Port, File)
    catch Class:Reason -> {Class, Reason}
    end.

collected(Port, File) ->
    receive
        {Port, eof} -> port_close(Port), [eof];
        {Port, Other} -> [Other | collected(Port, File)];
        {'EXIT', Port, Reason} -> [{exit, Reason}]
    after 20000 -> [nothing]
    end.
