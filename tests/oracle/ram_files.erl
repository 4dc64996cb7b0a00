%% Files in memory: every operation in every mode, positions that are negative or far beyond the end.
-module(ram_files).
-export([main/0]).

main() ->
    [io:format("~w: ~0p~n", [Modes, operations(Modes)]) || Modes <- [[], [read], [write], [read, write], [binary], [binary, read]]],
    {ok, F} = ram_file:open("1234567890", [read, write]),
    Far = 1 bsl 31,
    [io:format("position ~w: ~0p~n", [P, file:position(F, P)])
     || P <- [{bof, Far}, {bof, Far - 1}, {bof, -1}, {bof, -Far}, {bof, -Far - 1}, {cur, Far}, {cur, Far - 1}, {eof, Far}, {eof, -10}, {eof, -11}, bof, eof, {bof, 1 bsl 70}, x]],
    [io:format("pread ~w: ~0p~n", [{At, Count}, file:pread(F, At, Count)])
     || At <- [-Far - 1, -1, 0, 5, 20, Far - 1, Far, 1 bsl 70], Count <- [0, 1, 3, Far, -1]],
    [io:format("pwrite ~w: ~0p~n", [{At, Data}, file:pwrite(F, At, Data)]) || At <- [-Far - 1, -1, 12, Far, 1 bsl 70], Data <- ["", "@"]],
    io:format("~0p~n", [ram_file:get_file(F)]).

operations(Modes) ->
    {ok, F} = file:open("abcdef", [ram | Modes]),
    Done = [file:read(F, 2), file:write(F, "x"), file:truncate(F), file:pwrite(F, 1, "y"), file:pread(F, 0, 2), file:position(F, 3), ram_file:get_size(F),
            ram_file:get_file(F), file:allocate(F, 0, 100), file:advise(F, 0, 1, normal), file:sync(F),
            file:datasync(F)],
    [file:close(F) | Done].
