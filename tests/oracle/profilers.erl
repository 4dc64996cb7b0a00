%% eprof, fprof, cprof and the tags of tools: which functions ran how often, who called whom, and what the profilers refuse.
-module(profilers).
-export([main/0, work/1, fib/1, ring/1]).

main() ->
    counted(),
    timed(),
    traced(),
    tags().

show(T) -> io:format("~0p~n", [T]).

work(N) -> lists:sum([fib(M) || M <- lists:seq(1, N)]).
fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
ring(0) -> ok;
ring(N) -> Me = self(), spawn_link(fun() -> ring(N - 1), Me ! {done, N} end), receive {done, N} -> ok end.

counted() ->
    show([cprof:stop() > 0, cprof:start(?MODULE) > 5]),
    work(10),
    cprof:pause(),
    {?MODULE, Sum, Functions} = cprof:analyse(?MODULE),
    show({Sum, Functions}),
    show(cprof:analyse(?MODULE, 100)),
    show([cprof:restart(?MODULE, fib, 1), fib(10), cprof:pause(?MODULE), cprof:analyse(?MODULE)]),
    show([cprof:stop(?MODULE) > 5, cprof:analyse(?MODULE)]),
    show([cprof:start(?MODULE, work), work(3), element(3, cprof:analyse(?MODULE)), cprof:stop() > 0]),
    show([cprof:start(no_such_module), cprof:start(?MODULE, nothing, 3)]),
    cprof:stop().

%% What eprof prints has times in it.
timed() ->
    Leader = group_leader(),
    group_leader(spawn(fun silent/0), self()),
    {ok, Server} = eprof:start(),
    group_leader(Leader, self()),
    show([is_pid(Server), eprof:start() =:= {error, {already_started, Server}}]),
    {ok, Value} = eprof:profile([], fun() -> work(8) end, {?MODULE, '_', '_'}),
    show(Value),
    File = "/tmp/hanse_eprof_" ++ os:getpid(),
    eprof:log(File),
    eprof:analyze(total, [{sort, calls}]),
    eprof:stop(),
    {ok, Text} = file:read_file(File),
    file:delete(File),
    show(lists:sort([{F, list_to_integer(C)} || Line <- string:lexemes(binary_to_list(Text), "\n"), [F, C | _] <- [string:lexemes(Line, " ")], string:prefix(F, "profilers:") =/= nomatch])),
    eprof:start(),
    show([eprof:stop_profiling(), eprof:start_profiling([no_such_process]), eprof:profile([self()], fun() -> 1 end)]),
    show(eprof:stop()).

silent() -> receive {io_request, From, Ref, _} -> From ! {io_reply, Ref, ok}, silent() end.

traced() ->
    Trace = "/tmp/hanse_fprof_" ++ os:getpid(),
    {ok, Tracer} = fprof:profile(start),
    show([fprof:trace([start, {tracer, Tracer}]), work(6), fprof:trace(stop)]),
    show(fprof:analyse([{dest, Trace ++ ".txt"}, {cols, 120}, {totals, false}, no_details])),
    show(fprof:analyse([{dest, Trace ++ ".txt"}, {sort, own}])),
    {ok, [_Options, _Totals | Rows]} = consult(Trace ++ ".txt"),
    show(lists:usort([{F, C} || {_, {{?MODULE, _, _} = F, C, _, _}, _} <- Rows])),
    show(lists:usort([{F, {Caller, C}} || {Callers, {{?MODULE, _, _} = F, _, _, _}, _} <- Rows, {{?MODULE, _, _} = Caller, C, _, _} <- Callers])),
    show([fprof:stop(), catch fprof:analyse([{what, 1}]), fprof:stop()]),
    [file:delete(F) || F <- [Trace, Trace ++ ".txt"]].

consult(File) -> file:consult(File).

tags() ->
    Folder = "/tmp/hanse_tags_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    {ok, Before} = file:get_cwd(),
    file:set_cwd(Folder),
    try
        ok = file:write_file("a.erl", "-module(a).\n-define(M(X), X).\n-record(r, {a}).\nf() -> g(1).\ng(X) ->\n    ?M(X).\n"),
        ok = file:write_file("b.erl", "-module(b).\nf() -> a:f().\n"),
        show([tags:files(["a.erl", "b.erl"]), file:read_file("TAGS")]),
        show([tags:file("a", [{outfile, "T2"}]), file:read_file("T2"), tags:dirs([], [{outfile, "T3"}])]),
        show([make:files(["a", "b"], [report]), lists:sort([F || F <- element(2, file:list_dir(".")), filename:extension(F) =:= ".beam"]), make:all([noexec])])
    after file:set_cwd(Before), file:del_dir_r(Folder) end.
