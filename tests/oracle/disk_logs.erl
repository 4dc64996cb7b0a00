%% disk_log: terms and bytes, chunks, wrap logs, blocking, reopening after a crash, what is refused.
-module(disk_logs).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_logs_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    try run(fun(Name) -> filename:join(Folder, Name) end, Folder) after file:del_dir_r(Folder) end.

run(In, Folder) ->
    show(open, disk_log:open([{name, log}, {file, In("a")}])),
    show(log, [disk_log:log(log, {entry, I, lists:seq(1, I)}) || I <- [1, 5, 10]]),
    show(terms, [disk_log:log_terms(log, [{many, I} || I <- lists:seq(1, 100)]), disk_log:alog(log, later), disk_log:sync(log)]),
    show(chunk, [length(T) || T <- chunks(log, start, 40)]),
    show(first, begin {_, [F | _]} = disk_log:chunk(log, start, 1), F end),
    show(info, [lists:keyfind(K, 1, disk_log:info(log)) || K <- [name, type, format, mode, status, no_items, items]]),
    show(block, [disk_log:block(log), disk_log:log(log, while_blocked), disk_log:unblock(log)]),
    show(truncate, [disk_log:truncate(log, {head, line}), chunks(log, start, 10)]),
    show(close, [disk_log:close(log), disk_log:log(log, x), disk_log:close(log)]),
    {Pid, Ref} = spawn_monitor(fun() -> {ok, crash} = disk_log:open([{name, crash}, {file, In("c")}]), disk_log:log(crash, before), exit(gone) end),
    receive {'DOWN', Ref, process, Pid, Why} -> show(owner, Why) end,
    show(reopened, [element(1, disk_log:open([{name, crash}, {file, In("c")}])), chunks(crash, start, 10), disk_log:close(crash)]),
    {ok, wrap} = disk_log:open([{name, wrap}, {file, In("w")}, {type, wrap}, {size, {1000, 3}}]),
    show(wrap, lists:usort([disk_log:log(wrap, {I, lists:duplicate(20, $x)}) || I <- lists:seq(1, 100)])),
    Kept = lists:append(chunks(wrap, start, 100)),
    show(kept, {length(Kept), element(1, hd(Kept)), element(1, lists:last(Kept))}),
    show(files, [disk_log:close(wrap), lists:sort(filelib:wildcard("w*", Folder))]),
    {ok, bytes} = disk_log:open([{name, bytes}, {file, In("b")}, {format, external}]),
    show(bytes, [disk_log:blog(bytes, <<"one ">>), disk_log:blog_terms(bytes, ["two ", [<<"three">>]]), disk_log:log(bytes, term), disk_log:chunk(bytes, start), disk_log:close(bytes), file:read_file(In("b"))]),
    ok = file:write_file(In("bad"), <<"this is no log">>),
    show(bad, [tidy(disk_log:open(O)) || O <- [[{name, x}, {file, In("bad")}], [{name, x}, {file, In("no/such")}], [{name, x}, {file, In("a")}, {mode, foo}], [{name, x}, {file, In("y")}, {type, wrap}]]]),
    show(read_only, [element(1, disk_log:open([{name, ro}, {file, In("a")}, {mode, read_only}])), tidy(disk_log:log(ro, x)), chunks(ro, start, 5), disk_log:close(ro)]),
    show(all, disk_log:all()).

chunks(Log, Continuation, N) ->
    case disk_log:chunk(Log, Continuation, N) of
        {Next, Terms} -> [Terms | chunks(Log, Next, N)];
        eof -> [];
        Other -> [Other]
    end.

tidy({error, R}) when is_tuple(R) -> {error, element(1, R)};
tidy(X) -> X.
show(Name, X) -> io:format("~w: ~0p~n", [Name, X]).
