%% Open files: modes, reading, writing, positions, what is refused.
-module(files_handles).
-export([main/0]).

p(Label, Fun) ->
    Result = try Fun() of
                 {ok, {file_descriptor, prim_file, _}} -> opened;
                 Value -> Value
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~s: ~0p~n", [Label, Result]).

main() ->
    Dir = "/tmp/files_handles." ++ os:getpid(),
    ok = file:make_dir(Dir),
    ok = file:set_cwd(Dir),
    try run() after file:set_cwd("/"), file:del_dir_r(Dir) end.

open(Name, Modes) -> prim_file:open(Name, Modes).

run() ->
    file:make_dir("d"),
    [p(io_lib:format("open ~p ~p", [Name, Modes]), fun() -> open(Name, Modes) end)
     || {Name, Modes} <- [{"none", [read]}, {"none", []}, {"d", [read]}, {"d", [write]}, {"d", [directory]},
                          {"d", [directory, read]}, {"foo", [write, foo]}, {"foo", []}, {"foo", [directory]},
                          {"foo", [read, {a, b}]}, {"foo", [read, 1]}, {"foo", read}, {"foo", [write, exclusive]},
                          {"foo", [read, exclusive]}, {<<"foo">>, [read]}, {<<"f", 0, "oo">>, [read]}, {"", [read]},
                          {<<>>, [read]}, {"/dev/null", [read]}]],
    p("access of open files", fun() ->
        [begin
             file:delete("mode"), ok = file:write_file("mode", "x"), {ok, H} = open("mode", Modes), ok = file:change_mode("mode", Mode),
             {ok, Info} = prim_file:read_handle_info(H), prim_file:close(H), {Modes, Mode, element(4, Info)}
         end || Modes <- [[read], [write], [read, write]], Mode <- [8#600, 8#400, 8#200, 8#000, 8#066, 8#700]]
    end),
    {ok, F} = open("foo", [read, write]),
    p("write", fun() -> prim_file:write(F, [<<"hello">>, ["wor", $l | <<"d">>]]) end),
    p("write nothing", fun() -> prim_file:write(F, []) end),
    p("write atom", fun() -> prim_file:write(F, [a]) end),
    p("write many", fun() -> prim_file:write(F, [<<(I rem 256)>> || I <- lists:seq(1, 3000)]) end),
    [p(io_lib:format("position ~p", [At]), fun() -> prim_file:position(F, At) end)
     || At <- [{bof, -1}, {foo, 1}, {bof, 1 bsl 64}, {bof, 1 bsl 63}, {bof, a}, {eof, -2}, {cur, -2}, cur, bof, eof, 7]],
    [p(io_lib:format("read ~p", [N]), fun() -> prim_file:read(F, N) end)
     || N <- [3, 0, -1, 1 bsl 70, 1 bsl 63, a]],
    p("read large", fun() -> {ok, B} = prim_file:read(F, 20000), {byte_size(B), erlang:md5(B)} end),
    p("read at end", fun() -> prim_file:read(F, 10) end),
    [p(io_lib:format("pread ~p ~p", [At, N]), fun() -> prim_file:pread(F, At, N) end)
     || {At, N} <- [{2, 3}, {-2, 3}, {2, 0}, {20000, 3}, {1 bsl 63, 3}, {1 bsl 64, 3}, {a, 3}, {1, -1}]],
    p("pread list", fun() -> prim_file:pread(F, [{0, 2}, {1000000, 1}, {3, 4}]) end),
    p("pwrite", fun() -> prim_file:pwrite(F, 3, [<<"abc">>]) end),
    p("pwrite negative", fun() -> prim_file:pwrite(F, -3, [<<"abc">>]) end),
    p("pwrite list", fun() -> prim_file:pwrite(F, [{0, "x"}, {-1, "y"}, {1, "z"}]) end),
    p("pread", fun() -> prim_file:pread(F, 0, 8) end),
    p("sync", fun() -> {prim_file:sync(F), prim_file:datasync(F)} end),
    [p(io_lib:format("advise ~p", [A]), fun() -> prim_file:advise(F, 0, 10, A) end)
     || A <- [normal, random, sequential, will_need, dont_need, no_reuse, foo, 1]],
    p("advise negative", fun() -> prim_file:advise(F, -1, 10, normal) end),
    p("allocate", fun() -> [prim_file:allocate(F, A, B) || {A, B} <- [{0, 100}, {-1, 100}, {0, 0}, {a, 1}]] end),
    p("truncate", fun() -> prim_file:position(F, 12), [prim_file:truncate(F), filelib:file_size("foo")] end),
    p("handle", fun() -> byte_size(prim_file:get_handle(F)) end),
    p("handle info", fun() -> {ok, I} = prim_file:read_handle_info(F), [element(N, I) || N <- [2, 3, 4]] end),
    indirect(F),
    p("close", fun() -> prim_file:close(F) end),
    p("close again", fun() -> prim_file:close(F) end),
    p("read closed", fun() -> prim_file:read(F, 1) end),
    p("handle closed", fun() -> prim_file:get_handle(F) end),
    {ok, R} = open("foo", [read]),
    p("write on a reader", fun() -> prim_file:write(R, [<<"a">>]) end),
    p("truncate on a reader", fun() -> prim_file:truncate(R) end),
    {ok, W} = open("foo", [write]),
    p("read on a writer", fun() -> prim_file:read(W, 5) end),
    {ok, A} = open("app", [append]),
    p("append", fun() -> {prim_file:write(A, "a"), prim_file:position(A, 0), prim_file:write(A, "b"),
                          prim_file:read(A, 2), file:read_file("app")} end),
    p("descriptors", fun() -> [prim_file:file_desc_to_ref(D, []) || D <- [9999, -1, a]] end),
    lines().

%% dets' way of following pointers in a file.
indirect(F) ->
    Try = fun(At, Max) -> p(io_lib:format("ipread ~p ~p", [At, Max]),
                            fun() -> prim_file:ipread_s32bu_p32bu(F, At, Max) end) end,
    prim_file:pwrite(F, 0, [<<3:32, 8:32, "abcdef">>]),
    Try(0, 100), Try(0, 2), Try(4, 100), Try(0, infinity), Try(8, 1 bsl 31), Try(8000, 100), Try(10, 100),
    prim_file:pwrite(F, 0, [<<0:32, 8:32>>]),
    Try(0, 100),
    prim_file:pwrite(F, 0, [<<3:32, 800:32>>]),
    Try(0, 100).

lines() ->
    ok = file:write_file("lines", ["one\n", "two\r\n", lists:duplicate(1000, $x), "\n\nlast"]),
    {ok, F} = file:open("lines", [read, raw, binary, {read_ahead, 100}]),
    Read = fun Read() -> case file:read_line(F) of {ok, L} -> [byte_size(L) | Read()]; Other -> [Other] end end,
    p("lines", Read),
    p("back", fun() -> {ok, _} = file:position(F, 4), [file:read_line(F), file:position(F, cur)] end),
    ok = file:close(F),
    {ok, G} = file:open("lines", [read, write, raw, binary, read_ahead]),
    p("write behind a read", fun() -> {ok, <<"on">>} = file:read(G, 2), ok = file:write(G, "ZZ"), ok = file:close(G),
                                      {ok, B} = file:read_file("lines"), binary:part(B, 0, 8) end).
