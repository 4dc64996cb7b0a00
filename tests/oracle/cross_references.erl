%% xref: calls between modules, what is undefined, unused, deprecated or not called, queries in its language, and what is wrong with them.
-module(cross_references).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_xref_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    try run(Folder) after file:del_dir_r(Folder) end.

show(T) -> io:format("~0p~n", [T]).

sources() ->
    [{xa, "-module(xa).\n-export([f/1, g/0, old/0]).\n-deprecated({old, 0, eventually}).\nf(X) -> xb:f(X), local(X).\ng() -> xc:missing(1), F = fun xb:g/1, F(2).\nlocal(X) -> lists:map(fun(Y) -> helper(Y) end, X).\nhelper(Y) -> Y.\nold() -> ok.\n"},
     {xb, "-module(xb).\n-export([f/1, g/1, apply_it/2]).\nf(X) -> xa:g(), xa:old(), X.\ng(X) -> M = xa, M:f(X).\napply_it(M, A) -> apply(M, f, A), apply(M, A, []), xd:nothing().\n"},
     {xc, "-module(xc).\n-export([start/0, loop/1]).\n-behaviour(gen_server).\nstart() -> spawn(?MODULE, loop, [1]), loop(2).\nloop(N) when N > 3 -> erlang:now(); loop(N) -> loop(N + 1).\n-compile([nowarn_deprecated_function, nowarn_unused_function]).\nunused() -> unused_too().\nunused_too() -> unused().\n"}].

run(Folder) ->
    [begin
         File = filename:join(Folder, atom_to_list(M)),
         ok = file:write_file(File ++ ".erl", Text),
         {ok, M} = compile:file(File, [debug_info, {outdir, Folder}])
     end || {M, Text} <- sources()],
    {ok, _} = xref:start(s),
    show(xref:set_default(s, [{warnings, false}, {verbose, false}, {builtins, false}])),
    show(lists:sort(xref:get_default(s))),
    show([case xref:add_directory(s, Folder) of {ok, Ms} -> lists:sort(Ms); E -> E end, xref:set_library_path(s, [code:lib_dir(stdlib, ebin), code:lib_dir(kernel, ebin)])]),
    [show({A, sorted(xref:analyze(s, A))}) || A <- [undefined_function_calls, undefined_functions, locals_not_used, exports_not_used, deprecated_function_calls, deprecated_functions, {call, {xa, f, 1}}, {use, {xa, g, 0}},
        {module_call, xa}, {module_use, xa}, {deprecated_function_calls, eventually}, {application_call, x}, nonsense]],
    [show({Q, sorted(xref:q(s, Q))}) || Q <- queries()],
    show(sorted(xref:q(s, "C := E | xa", [{verbose, false}]))),
    show([xref:variables(s), xref:forget(s, 'C'), xref:forget(s, 'Nothing'), xref:variables(s, [user])]),
    show([lists:flatten(xref:format_error(E)) || {error, _, _} = E <- [xref:q(s, "X |"), xref:q(s, "Nope"), xref:q(s, "xa:f/1 + [xa, xb]"), xref:analyze(s, nonsense), xref:add_module(s, "/no/such"), xref:remove_module(s, zz)]]),
    show([lists:sort(xref:info(s)) =/= [], length(xref:info(s, modules)), [lists:keyfind(K, 1, element(2, hd(xref:info(s, modules, xa)))) || K <- [no_calls, no_function_calls, no_functions]]]),
    show([xref:remove_module(s, xc), sorted(xref:q(s, "M - LM")), xref:add_module(s, filename:join(Folder, "xc.beam")), xref:replace_module(s, xc, filename:join(Folder, "xc.beam"))]),
    show(sorted(xref:update(s))),
    show(xref:stop(s)),
    {ok, _} = xref:start(m, [{xref_mode, modules}]),
    show([sorted(xref:add_directory(m, Folder)), sorted(xref:q(m, "ME")), sorted(xref:analyze(m, undefined_functions)), xref:stop(m)]),
    show([lists:sort(xref:m(filename:join(Folder, "xb.beam"))), sorted_all(xref:d(Folder))]).

sorted({ok, L}) when is_list(L) -> {ok, lists:sort(L)};
sorted({error, _, R}) -> {error, case R of _ when is_tuple(R) -> element(1, R); _ -> R end};
sorted(X) -> X.
sorted_all(L) -> [{K, lists:sort(V)} || {K, V} <- lists:sort(L)].

queries() ->
    ["X", "L", "B", "U", "XU - X", "LU * X", "XC", "LC", "E | xa", "E || xb", "XC | xa || xb", "domain (E | xb)", "range (XC | xa)", "closure E | xa:f/1 || xc:missing/1", "components E", "condensation E", "strict E || xb", "(Mod) F",
     "(Lin) xc:loop/1", "# X", "# (E | xa + E | xb)", "xa of xb:f/1 -> xa:g/0", "E of [xa:f/1, xb:f/1, xa:g/0]", "weak AM", "\"x.*\" : Mod", "xa:\"f|g\"/_", "_:_/0 : Fun * X", "X * xa : Mod", "LC | xa", "XXL", "(App) M", "[xa, xb] + xc", "E - XC - LC", "undefined", "1 + 2", "X:=", "AE", "M", "UC", "DF", "DF_3"].
