%% erl_prim_loader and the code server's paths: files, directories and archives, before and beside the file server.
-module(primary_loader).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    ok = file:make_dir("d"),
    ok = file:write_file("d/a.txt", <<"hello">>),
    ok = file:write_file("d/b.txt", <<>>),
    ok = file:make_dir("d/sub"),
    show(list, sorted(erl_prim_loader:list_dir("d"))),
    show(get, [tidy(erl_prim_loader:get_file(F)) || F <- ["d/a.txt", "d/b.txt", "d/none", "d", "d/sub", "", "d/a.txt/x"]]),
    show(info, [case erl_prim_loader:read_file_info(F) of {ok, I} -> {ok, element(3, I)}; E -> E end || F <- ["d", "d/a.txt", "d/none", ""]]),
    show(link, [case erl_prim_loader:read_link_info(F) of {ok, I} -> {ok, element(3, I)}; E -> E end || F <- ["d", "d/a.txt", "nothing"]]),
    show(wrong, [try erl_prim_loader:F(A) catch C:R -> {C, R} end || F <- [list_dir, get_file, read_file_info], A <- [x, 1, <<"d">>, [a], "d\0x"]]),
    show(path_kept, begin {ok, P} = erl_prim_loader:get_path(), ok = erl_prim_loader:set_path(P), {ok, Q} = erl_prim_loader:get_path(), P =:= Q end),
    archive(),
    paths(),
    modules().

archive() ->
    {ok, _} = zip:create("lib-1.0.ez", [{"lib-1.0/ebin/lib.app", <<"{application, lib, [{vsn, \"1.0\"}]}.">>}, {"lib-1.0/priv/x.txt", <<"in the archive">>},
                                        {"lib-1.0/ebin/inside.beam", beam(inside, 1)}]),
    show(in_archive, [tidy(erl_prim_loader:get_file(filename:join("lib-1.0.ez", F))) || F <- ["lib-1.0/priv/x.txt", "lib-1.0/priv", "nope", "lib-1.0/ebin/lib.app"]]),
    show(dirs, [sorted(erl_prim_loader:list_dir(filename:join("lib-1.0.ez", D))) || D <- ["", "lib-1.0", "lib-1.0/ebin", "lib-1.0/nope"]]),
    show(types, [case erl_prim_loader:read_file_info(filename:join("lib-1.0.ez", F)) of {ok, I} -> element(3, I); E -> E end || F <- ["lib-1.0", "lib-1.0/priv/x.txt", "no"]]),
    show(added, code:add_path("lib-1.0.ez/lib-1.0/ebin")),
    show(called, try inside:value() catch C:R -> {C, R} end),
    show(which, lists:suffix("lib-1.0.ez/lib-1.0/ebin/inside.beam", code:which(inside))),
    show(lib_dir, [is_list(code:lib_dir(lib)), filename:basename(code:lib_dir(lib)), filename:basename(code:priv_dir(lib))]),
    show(application, [application:load(lib), application:get_key(lib, vsn)]),
    show(deleted, code:del_path(lib)).

paths() ->
    Before = code:get_path(),
    [ok = file:make_dir(D) || D <- ["one", "two"]],
    [ok = file:write_file(filename:join(D, "which_one.beam"), beam(which_one, V)) || {D, V} <- [{"one", 1}, {"two", 2}]],
    show(adding, [code:add_patha("one"), code:add_pathz("two"), code:add_path("nowhere"), (catch code:add_patha(1)) =:= true, code:add_paths(["nowhere", "one"])]),
    show(first, [filename:basename(hd(code:get_path())), filename:basename(lists:last(code:get_path()))]),
    show(loaded, {code:is_loaded(which_one), which_one:value(), filename:basename(filename:dirname(code:which(which_one)))}),
    show(ensured, [code:ensure_loaded(M) || M <- [which_one, nothing_such, lists]]),
    show(purged, [code:delete(which_one), code:purge(which_one), code:is_loaded(which_one)]),
    show(other_order, [code:del_path("one"), code:add_patha("two"), which_one:value()]),
    show(soft, [code:soft_purge(which_one), code:delete(which_one), code:delete(which_one)]),
    show(found, [filename:basename(F) || F <- [code:where_is_file("which_one.beam")]]),
    show(nowhere, [code:where_is_file("nope.beam"), code:which(nope_such), code:del_path("nope")]),
    show(replaced, [code:replace_path(stdlib, "nowhere"), code:replace_path(nosuch, "nowhere"), catch_error(code, replace_path, [1, "x"])]),
    show(set, [code:set_path(["nowhere"]), code:set_path(Before), code:get_path() =:= Before]),
    show(absolute, [begin {R, {M, F}} = {element(1, L), {element(2, L), 0}}, {R, M, F} end || L <- [code:load_abs("one/which_one"), code:load_abs("one/none")]]),
    show(value, which_one:value()).

modules() ->
    {ok, Prepared} = code:prepare_loading([{a1, "a1", beam(a1, 1)}, {a2, "a2", beam(a2, 2)}]),
    show(prepared, [code:is_loaded(a1), code:finish_loading(Prepared), a1:value(), a2:value(), code:is_loaded(a1)]),
    show(atomic, [code:atomic_load([{a1, "a1", beam(a1, 3)}]), a1:value(), code:atomic_load([{a1, "a1", beam(a1, 4)}])]),
    show(bad, [catch code:prepare_loading(L) || L <- [[{a3, "a3", <<"bad">>}], [nosuch_module]]]),
    show(wrong_name, code:load_binary(other, "x", beam(a4, 1))),
    show(all, [lists:member(M, [N || {N, _, _} <- code:all_available()]) || M <- ["lists", "nosuch"]]),
    show(status, [code:module_status(M) || M <- [lists, nosuch_module, a2]]),
    show(modified, [M || M <- code:modified_modules(), lists:member(M, [lists, maps])]),
    show(sticky, [code:is_sticky(M) || M <- [lists, a1]]),
    show(stick, code:load_binary(lists, "x", beam(lists, 1))),
    show(clash, is_list(code:get_mode() =:= interactive andalso [])).

beam(Name, Value) ->
    {ok, Name, Beam} = compile:forms([{attribute, 1, module, Name}, {attribute, 1, export, [{value, 0}]}, {function, 1, value, 0, [{clause, 1, [], [], [{integer, 1, Value}]}]}]),
    Beam.

catch_error(M, F, A) -> try apply(M, F, A) catch C:_ -> C end.

sorted({ok, L}) -> {ok, lists:sort(L)};
sorted(Other) -> Other.

tidy({ok, Bytes, Name}) -> {ok, Bytes, filename:basename(Name)};
tidy(Other) -> Other.

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
