%% filelib: wildcards against a folder of many names, files in archives, folding over folders, sizes, dates, safe paths, sources and their places.
-module(wildcards).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_wildcards_" ++ os:getpid(), put(folder, Folder),
    try
        [begin ok = filelib:ensure_dir(filename:join(Folder, N)), ok = file:write_file(filename:join(Folder, N), N) end || N <- files()],
        [ok = filelib:ensure_path(filename:join(Folder, D)) || D <- ["empty", "deep/er/and/deeper", ".hidden/inside"]],
        file:make_symlink("a.erl", filename:join(Folder, "link")), file:make_symlink("nowhere", filename:join(Folder, "broken")), file:make_symlink("sub", filename:join(Folder, "to_sub")),
        patterns(Folder), generated(Folder), mistakes(Folder), compiled(), folded(Folder), facts(Folder), safe(Folder), sources(Folder), ensured(Folder), archives(Folder)
    after
        file:del_dir_r(Folder)
    end.

show(Label, Value) -> io:format("~0tp: ~ts~n", [Label, re:replace(io_lib:format("~0tp", [Value]), get(folder), "FOLDER", [global, unicode])]).

files() -> ["a.erl", "b.erl", "ab.hrl", "abc", "A.ERL", "x-1.0.tar.gz", "x-1.1.tar.gz", "[odd]", "{braces}", "star*", "question?", "back\\slash", "with space", "comma,name", "sub/a.erl", "sub/b.beam", "sub/sub/c.erl", "sub/sub/sub/d", "other/a.erl", ".dot", "sub/.dot", "a1", "a2", "a10", "z", "green"].

patterns(Folder) ->
    [show(P, try filelib:wildcard(P, Folder) catch error:R -> R end) || P <- ["*", "*.erl", "*.*", "?", "??", "a?", "a*", "*a*", "[ab]*", "[!a]", "[^a]*", "[a-c]*", "[A-Z]*", "[a-]*", "[]", "[[]*", "\\[*", "*\\*", "*\\?", "{a,b}.erl", "{a,sub/a}.erl", "{a*,b*}", "x-1.{0,1}.tar.gz", "x-[0-9].*", "*/*", "*/*.erl", "sub/*", "sub/**", "**", "**/*.erl", "**/d", "sub/**/c.erl", "***", "sub/*/*/d",
                                                  ".*", "*/.dot", "./*.erl", "sub/../a.erl", "", ".", "nothing", "sub/", "a.erl/", "empty/*", "deep/*/*/*", "link", "broken", "bro*", "to_sub/*", "{}", "{a}1", "a{1,10,2}", "a[0-9]", "a[0-9]*", "comma,name", "{comma\\,name,z}", "with space", "gr?en", "*n", "back\\\\slash", "a.erl/*", "//", "*//*.erl"]],
    show(absolute, [filelib:wildcard(Folder ++ "/" ++ P) || P <- ["*.erl", "sub/*.beam", "none"]]),
    show(from_here, begin {ok, Old} = file:get_cwd(), file:set_cwd(Folder), R = [filelib:wildcard(P) || P <- ["*.erl", "sub/a*", "./z", Folder ++ "/z"]], file:set_cwd(Old), R end),
    show(other_modules, [filelib:wildcard("*.erl", Folder, M) || M <- [file, erl_prim_loader, prim_file]]).

%% Patterns made of pieces, by chance.
generated(Folder) ->
    Pieces = ["a", "b", "*", "?", ".", "e", "sub/", "[a-c]", "[!z]", "{a,b}", "**/", ".erl", "1"],
    {Hashes, _} = lists:mapfoldl(fun(_, R) -> {N, R1} = rand:uniform_s(4, R), {P, R2} = lists:mapfoldl(fun(_, X) -> {I, Y} = rand:uniform_s(length(Pieces), X), {lists:nth(I, Pieces), Y} end, R1, lists:seq(1, N)), {erlang:phash2(filelib:wildcard(lists:append(P), Folder)), R2} end, rand:seed_s(exsss, 4), lists:seq(1, 300)),
    show(generated, {length(lists:usort(Hashes)), erlang:phash2(Hashes)}).

mistakes(Folder) -> show(mistakes, [{P, try filelib:wildcard(P, D) catch C:R -> {C, case R of {badpattern, _} -> R; _ when is_tuple(R) -> element(1, R); _ -> R end} end} || {P, D} <- [{"{a", Folder}, {"{a,b", Folder}, {"[a", Folder}, {a, Folder}, {"*", a}, {["*" | x], Folder}, {<<"*">>, Folder}, {"*", Folder ++ "/none"}, {"*", Folder ++ "/z"}, {["a", "*"], Folder}, {[1114112], Folder}]]).

compiled() -> show(compiled, [try filelib:compile_wildcard(P) catch C:R -> {C, R} end || P <- ["abc", "*.erl", "a/b", "[ab]?", "**/x", "{a,b}", "", "{a"]]).

folded(Folder) ->
    show(fold, [lists:sort([lists:nthtail(length(D) + 1, F) || F <- filelib:fold_files(D, Re, Deep, fun(F, A) -> [F | A] end, [])]) || {D, Re, Deep} <- [{Folder, "\\.erl$", true}, {Folder, "\\.erl$", false}, {Folder, "^a", true}, {Folder, "", false}, {Folder ++ "/sub", ".*", true}, {Folder, "nothing", true}]]),
    show(fold_wrong, [try filelib:fold_files(D, Re, true, fun(_, A) -> A + 1 end, 0) catch C:R -> {C, R} end || {D, Re} <- [{Folder ++ "/none", "."}, {Folder, "("}, {Folder ++ "/z", "."}]]).

facts(Folder) ->
    Names = ["z", "sub", "none", "link", "broken", "to_sub", ".dot", "empty", ""],
    show(facts, [{N, F, filelib:F(filename:join(Folder, N))} || F <- [is_dir, is_file, is_regular, file_size], N <- Names, F =/= file_size orelse not lists:member(N, ["sub", "to_sub", "empty", ""])]),
    show(dates, [case filelib:last_modified(filename:join(Folder, N)) of {{Y, _, _}, {_, _, _}} -> Y > 2000; X -> X end || N <- ["z", "sub", "none", "broken"]]),
    show(names, [filelib:is_file(X) || X <- [list_to_binary(Folder ++ "/z"), list_to_atom(Folder), [Folder, "/", "z"]]]).

safe(Folder) -> show(safe, [filelib:safe_relative_path(P, Folder) || P <- ["a", "sub/../z", "../z", "sub/../../z", "/etc", "", ".", "to_sub/a.erl", "link", "broken", "to_sub/../z", <<"a/b">>, "a//b", "./x/./y", "sub/sub/../../z"]]).

sources(Folder) ->
    [ok = filelib:ensure_path(filename:join(Folder, D)) || D <- ["app/ebin", "app/src/nested", "app/test"]],
    [ok = file:write_file(filename:join([Folder, "app", F]), "") || F <- ["src/m.erl", "src/nested/n.erl", "test/t.erl", "ebin/e.beam", "src/y.yrl"]],
    show(found, [{F, filelib:find_source(filename:join([Folder, "app/ebin", F]))} || F <- ["m.beam", "n.beam", "t.beam", "none.beam", "y.erl", "m", "m.xyz"]]),
    show(by_rules, [filelib:find_source("m.beam", Folder ++ "/app/ebin", Rules) || Rules <- [[], [{".beam", ".erl", [{"ebin", "src"}]}], [{".beam", ".hrl", [{"ebin", "src"}]}], [{"ebin", "src"}]]]),
    show(find_file, [filelib:find_file(F, Folder ++ "/app/ebin", R) || {F, R} <- [{"m.erl", [{"ebin", "src"}]}, {"m.erl", []}, {"e.beam", []}, {"n.erl", [{"ebin", "src/*"}]}, {"t.erl", [{"", "test"}, {"ebin", "test"}]}]]).

ensured(Folder) ->
    show(ensured, [filelib:ensure_dir(filename:join(Folder, P)) || P <- ["new/a/b", "new/a/b", "z/x/y", "", "other_new/"]]), show(path, [filelib:ensure_path(filename:join(Folder, P)) || P <- ["p/q", "p/q", "z/x", <<"binary">>]]),
    show(made, [filelib:is_dir(filename:join(Folder, P)) || P <- ["new/a", "new/a/b", "p/q", "other_new", "binary"]]).

%% Files inside an archive look like files of a folder.
archives(Folder) ->
    Zip = filename:join(Folder, "lib.ez"), {ok, _} = zip:create(Zip, [{"lib/ebin/a.beam", <<"a">>}, {"lib/ebin/b.beam", <<"bb">>}, {"lib/priv/x", <<>>}]),
    show(archive, [filelib:wildcard("lib/ebin/*.beam", Zip, erl_prim_loader), filelib:wildcard("lib/*", Zip, erl_prim_loader), filelib:is_dir(Zip ++ "/lib", erl_prim_loader), filelib:is_regular(Zip ++ "/lib/ebin/a.beam", erl_prim_loader), filelib:file_size(Zip ++ "/lib/ebin/b.beam", erl_prim_loader), filelib:is_file(Zip ++ "/lib/none", erl_prim_loader), filelib:is_dir(Zip ++ "/lib")]).
