%% cover and the profilers' counts: lines and clauses that ran, of a module that is compiled for it.
-module(code_coverage).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_cover_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    try run(filename:join(Folder, "covered.erl")) after file:del_dir_r(Folder) end.

run(File) ->
    ok = file:write_file(File, "-module(covered).\n-export([f/1, g/1]).\nf(1) ->\n    one;\nf(N) when N > 10 ->\n    many;\nf(N) ->\n    f(N - 1).\ng(L) ->\n    [X\n     || X <- L,\n        X > 2].\n"),
    show(cover:compile(File)),
    show([apply(covered, f, [5]), apply(covered, g, [[1, 2, 3, 4]])]),
    [show({What, Level, tidy(cover:analyse(covered, What, Level))}) || What <- [coverage, calls], Level <- [module, function, clause, line]],
    show(cover:is_compiled(covered) =/= false),
    Out = File ++ ".out",
    show(element(1, cover:analyse_to_file(covered, Out, []))),
    {ok, Text} = file:read_file(Out),
    [io:format("~ts~n", [Line]) || Line <- string:split(Text, "\n", all), string:find(Line, "|") =/= nomatch],
    show(cover:reset(covered)),
    show(cover:analyse(covered, calls, function)),
    show([cover:analyse(not_compiled, calls, module), cover:compile("/no/such/file")]),
    show(cover:stop()).

tidy({ok, Rows}) -> Rows;
tidy(Other) -> Other.
show(X) -> io:format("~0p~n", [X]).
