%% The code server's path and what it finds: folders, archives, clashes, names of files, loading in many ways, sticky folders, what is refused.
-module(code_paths).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_paths_" ++ os:getpid(),
    [ok = filelib:ensure_dir(filename:join([Folder, D, "x"])) || D <- ["app-1.0/ebin", "app-2.0/ebin", "app-1.10/ebin", "app-1.0/priv", "plain", "bad"]],
    Before = code:get_path(),
    try run(Folder) after code:set_path(Before), file:del_dir_r(Folder) end.

run(Folder) ->
    F = fun(P) -> filename:join(Folder, P) end,
    Show = fun(T) -> io:format("~ts~n", [string:replace(io_lib:format("~0p", [T]), Folder, "FOLDER", all)]) end,
    [made(F(P), M, V) || {P, M, V} <- [{"app-1.0/ebin", pm, 1}, {"app-2.0/ebin", pm, 2}, {"app-1.10/ebin", pm, 110}, {"plain", pn, 3}, {"plain", pm, 4}]],
    ok = file:write_file(F("bad/pbad.beam"), "no module"),
    ok = file:write_file(F("bad/pother.beam"), element(2, file:read_file(F("plain/pn.beam")))),
    Length = length(code:get_path()),
    Show([code:add_path(F("none")), code:add_pathz(F("plain")), code:add_patha(F("app-1.0/ebin")), code:add_pathsa([F("bad"), F("none")]), code:add_pathsz([F("app-2.0/ebin")]), length(code:get_path()) - Length]),
    Show([code:which(pm), code:ensure_loaded(pm), pm:v(), code:which(pm), code:is_loaded(pm), code:where_is_file("pm.beam"), code:where_is_file("none.beam"), code:lib_dir(app), code:priv_dir(app), code:lib_dir(app, ebin), code:lib_dir(nothing)]),
    Show([code:replace_path(app, F("app-1.10")), code:which(pn), code:load_file(pm), pm:v(), code:purge(pm), code:lib_dir(app)]),
    Show([code:replace_path(app, F("nothing")), code:replace_path(bad_name, F("plain")), code:del_path(app), code:lib_dir(app), code:del_path(F("plain")), code:del_path(F("plain")), code:del_path(no_such_app), code:del_path(F("bad"))]),
    Show([catch code:F2(1) || F2 <- [add_path, del_path, which, load_file, is_loaded, purge, delete, ensure_loaded, lib_dir]]),
    code:purge(pm), code:delete(pm), code:purge(pm),
    Show([code:add_pathz(F("bad")), code:load_file(pbad), code:load_file(pother), code:ensure_loaded(pbad), code:load_abs(F("bad/pbad")), code:load_abs(F("plain/pn")), pn:v(), code:load_abs(F("none")), code:load_file(no_such_module)]),
    Show([code:load_binary(pm, "anywhere", element(2, file:read_file(F("plain/pm.beam")))), pm:v(), code:which(pm), code:load_binary(wrong, "x", element(2, file:read_file(F("plain/pm.beam")))), code:load_binary(pm, "x", <<1, 2>>), catch code:load_binary(pm, x, y)]),
    Show([code:get_object_code(pn) =:= error, begin code:add_pathz(F("plain")), {O1, _, O3} = code:get_object_code(pn), {O1, O3} end, code:module_status(pm), code:module_status([pn, lists, nothing]), code:module_md5(element(2, file:read_file(F("plain/pn.beam")))) =:= pn:module_info(md5), code:module_md5(<<"x">>)]),
    many(F, Show),
    sticky(F, Show),
    archive(F, Show),
    Show([code:set_path([F("plain")]) , code:set_path([F("none")]), code:get_path() =:= [F("plain")]]).

made(Dir, M, V) ->
    Forms = [{attribute, 1, module, M}, {attribute, 1, export, [{v, 0}]}, {function, 1, v, 0, [{clause, 1, [], [], [{integer, 1, V}]}]}],
    {ok, M, Code} = compile:forms(Forms, [deterministic]),
    ok = file:write_file(filename:join(Dir, atom_to_list(M) ++ ".beam"), Code).

many(F, Show) ->
    [made(F("plain"), list_to_atom("many_" ++ integer_to_list(N)), N) || N <- lists:seq(1, 5)],
    Ms = [list_to_atom("many_" ++ integer_to_list(N)) || N <- lists:seq(1, 5)],
    Show([code:ensure_modules_loaded([many_1, no_such, many_2]), code:is_loaded(many_2) =/= false, code:atomic_load([many_3, many_4]), code:atomic_load([many_5, none_such]), code:is_loaded(many_5)]),
    {ok, Prepared} = code:prepare_loading([many_5, many_1]),
    Show([code:is_loaded(many_5), code:finish_loading(Prepared), many_5:v(), code:atomic_load([many_1, many_1]), code:atomic_load([{many_1, "f", <<"bad">>}])]),
    [begin code:purge(M), code:delete(M), code:purge(M) end || M <- Ms],
    Show([code:is_loaded(M) || M <- Ms]),
    Show([lists:member(many_3, [list_to_atom(M) || {M, _, false} <- code:all_available()]), lists:keymember(lists, 1, code:all_loaded()), erlang:module_loaded(many_1)]).

sticky(F, Show) ->
    Show([code:is_sticky(lists), code:is_sticky(pn), code:stick_dir(F("plain")), code:load_file(pn), code:is_sticky(pn), code:load_file(pn), code:unstick_dir(F("plain")), code:load_file(pn), code:is_sticky(pn), code:load_binary(lists, "x", <<>>), code:delete(no_such), code:unstick_mod(pn), code:soft_purge(pn)]).

archive(F, Show) ->
    made(F("plain"), parch, 9),
    {ok, Beam} = file:read_file(F("plain/parch.beam")),
    ok = file:delete(F("plain/parch.beam")),
    {ok, _} = zip:create(F("arch-1.0.ez"), [{"arch-1.0/ebin/parch.beam", Beam}, {"arch-1.0/ebin/arch.app", <<"{application, arch, [{vsn, \"1.0\"}, {modules, [parch]}, {applications, [kernel]}]}.">>}, {"arch-1.0/priv/data", <<"data">>}]),
    Dir = F("arch-1.0.ez/arch-1.0/ebin"),
    Show([code:add_pathz(Dir), code:which(parch), code:ensure_loaded(parch), parch:v(), code:lib_dir(arch), code:priv_dir(arch), application:load(arch), application:get_key(arch, modules), erl_prim_loader:list_dir(Dir), erl_prim_loader:get_file(F("arch-1.0.ez/arch-1.0/priv/data")),
          element(1, erl_prim_loader:read_file_info(F("arch-1.0.ez/arch-1.0/priv"))), filelib:wildcard("*", Dir, erl_prim_loader), application:unload(arch), code:del_path(Dir), erl_prim_loader:list_dir(F("arch-1.0.ez/none"))]),
    Show([code:root_dir() =:= code:root_dir(), is_list(code:lib_dir()), code:objfile_extension(), code:get_mode()]).
