%% What is done to paths: directories, links, names, information.
-module(files_paths).
-export([main/0]).

p(Label, Fun) ->
    Result = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~s: ~0p~n", [Label, Result]).

main() ->
    Dir = "/tmp/files_paths." ++ os:getpid(),
    ok = file:make_dir(Dir),
    ok = file:set_cwd(Dir),
    try run(Dir) after file:set_cwd("/"), file:del_dir_r(Dir) end.

run(Dir) ->
    p("cwd", fun() -> {ok, Cwd} = file:get_cwd(), Cwd =:= Dir end),
    p("write", fun() -> file:write_file("foo", "contents") end),
    p("mkdir", fun() -> [file:make_dir(D) || D <- ["d", "d", "none/x", "/", ""]] end),
    p("write deep", fun() -> file:write_file("d/one", <<>>) end),
    p("list", fun() -> {ok, L} = file:list_dir("."), lists:sort(L) end),
    p("list file", fun() -> file:list_dir("foo") end),
    p("list none", fun() -> file:list_dir("none/foo") end),
    p("rmdir", fun() -> [file:del_dir(D) || D <- ["d", "foo", "none"]] end),
    p("rmdir of the current folder", fun() ->
        Folders = [Dir, Dir ++ "/d", Dir ++ "/d/deep", ".", "./", "..", "../..", "/", "/tmp", Dir ++ "/link", Dir ++ "/d/"],
        ok = file:make_dir("d/deep"), ok = file:write_file("d/deep/file", ""), ok = file:make_symlink("d", "link"),
        Results = [begin ok = file:set_cwd(C), {lists:nthtail(length(Dir), C), [file:del_dir(F) || F <- Folders]} end || C <- [Dir ++ "/d/deep", Dir ++ "/d", Dir]],
        [file:delete("link"), file:del_dir_r("d/deep") | Results]
    end),
    p("delete", fun() -> [file:delete(D) || D <- ["d", "none"]] end),
    p("rename", fun() -> [file:rename(A, B) || {A, B} <- [{"none", "y"}, {"d", "d/y"}, {"foo", "d"}, {"d", "foo"},
                                                          {"foo", "bar"}, {"bar", "foo"}, {"/", "x"}]] end),
    file:make_dir("e"),
    p("rename to full directory", fun() -> file:rename("e", "d") end),
    p("links", fun() -> [file:read_link("foo"), file:read_link("none"), file:make_symlink("foo", "ln"),
                         file:make_symlink("foo", "ln"), file:read_link("ln"), file:make_link("foo", "hard"),
                         file:make_link("none", "hard2")] end),
    info(),
    p("read file", fun() -> [file:read_file(F) || F <- ["foo", "ln", "d", "none", "d/one"]] end),
    p("read proc", fun() -> {ok, B} = file:read_file("/proc/cpuinfo"), byte_size(B) > 100 end),
    p("big file", fun() -> B = binary:copy(<<"0123456789">>, 50000), ok = file:write_file("big", B),
                           {ok, B} = file:read_file("big"), byte_size(B) end),
    p("chdir", fun() -> [file:set_cwd(D) || D <- ["none", "foo", "d", ".."]] end),
    p("altname", fun() -> prim_file:altname("d") end),
    names().

info() ->
    Show = fun({ok, I}) -> [element(N, I) || N <- [1, 2, 3, 4, 8, 9]]; (Other) -> Other end,
    [p("info " ++ F, fun() -> {Show(file:read_file_info(F)), Show(file:read_link_info(F))} end)
     || F <- ["foo", "ln", "d", "none", "/dev/null"]],
    p("times", fun() -> ok = prim_file:write_file_info("foo", {file_info, undefined, undefined, undefined, 1000, 2000,
                          3000, 8#640, 1, 1, 1, 1, undefined, undefined}, [{time, posix}]),
                        {ok, I} = file:read_file_info("foo", [{time, posix}]), [element(N, I) || N <- [5, 6, 8]] end),
    p("universal", fun() -> {ok, I} = file:read_file_info("foo", [{time, universal}]), element(5, I) end),
    p("modes", fun() -> [file:change_mode("foo", M) || M <- [8#1000777, 8#600]] end),
    p("owner", fun() -> [file:change_owner("none", 0), file:change_time("none", {{2000, 1, 1}, {0, 0, 0}})] end).

names() ->
    N = fun prim_file:internal_name2native/1,
    [p(io_lib:format("name ~w", [Name]), fun() -> N(Name) end)
     || Name <- [[$a, 16#e5, 16#3042], <<"a">>, <<"a", 0>>, <<"a", 0, "b">>, "a\0b", abc, [abc], [<<"abc">>], "", <<>>,
                 [16#d800], [16#110000], [-1], ["a" | $b], ["a" | b], ["a", ["b"], []], ["a" | <<"b">>], <<200>>, 1, {}]],
    [p(io_lib:format("native ~w", [Name]), fun() -> prim_file:internal_native2name(Name) end)
     || Name <- [<<"a", 200>>, <<"a\x{e5}\x{3042}"/utf8>>, <<"a", 0>>, "a", <<>>, <<1:3>>]],
    [p(io_lib:format("translatable ~w", [Name]), fun() -> prim_file:is_translatable(Name) end)
     || Name <- ["a", <<"a">>, <<200>>, 1]],
    p("encoding", fun() -> file:native_name_encoding() end),
    p("unicode file", fun() -> Name = [16#e5, 16#3042], ok = file:write_file(Name, "x"), {ok, L} = file:list_dir("."),
                               lists:member(Name, L) end).
