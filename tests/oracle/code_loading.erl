%% Loading, replacing, deleting and purging code; on_load; questions about modules.
-module(code_loading).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    questions(),
    files(),
    versions(),
    purging(),
    funs(),
    on_load().

show(What, F) ->
    Result = try F() catch C:R -> {C, R} end,
    io:format("~s: ~0p~n", [What, Result]).

catch_class(F) -> try F() catch C:R -> {C, R} end.

%% The binary of a module from its source.
module(Lines) ->
    {ok, Tokens, _} = erl_scan:string(lists:flatten(Lines)),
    {ok, _, Binary} = compile:forms(forms(Tokens, [], []), []),
    Binary.

forms([], [], Forms) -> lists:reverse(Forms);
forms([{dot, _} = Dot | Rest], Tokens, Forms) ->
    {ok, Form} = erl_parse:parse_form(lists:reverse([Dot | Tokens])),
    forms(Rest, [], [Form | Forms]);
forms([T | Rest], Tokens, Forms) -> forms(Rest, [T | Tokens], Forms).

version(N) ->
    module(io_lib:format("-module(sample). -export([version/0, wait/0, closure/0, extra_~w/0]). -author(me).~n"
                         "version() -> ~w. extra_~w() -> ~w. closure() -> fun(X) -> {~w, X} end.~n"
                         "wait() -> receive go -> version() end.~n", [N, N, N, N, N])).

load(Binary) -> erlang:finish_loading([erlang:prepare_loading(sample, Binary)]).

state() -> {erlang:module_loaded(sample), erlang:check_old_code(sample), erlang:function_exported(sample, version, 0)}.

questions() ->
    Ask = [{function_exported, [lists, reverse, 2]}, {function_exported, [erlang, '+', 2]}, {function_exported, [x, y, -1]},
           {function_exported, [prim_file, open_nif, 2]}, {function_exported, [zlib, open, 0]}, {function_exported, ["x", y, 1]},
           {function_exported, [x, y, 1 bsl 70]}, {function_exported, [lists, map, 2]}, {function_exported, [lists, map, 3]},
           {is_builtin, [erlang, '+', 2]}, {is_builtin, [lists, reverse, 1]}, {is_builtin, [erlang, apply, 3]},
           {is_builtin, [prim_file, open_nif, 2]}, {is_builtin, [erlang, spawn, 3]}, {is_builtin, [erlang, '+', a]},
           {is_builtin, [erlang, '+', -1]}, {module_loaded, [lists]}, {module_loaded, [no_such]}, {module_loaded, ["lists"]},
           {check_old_code, [lists]}, {check_old_code, [no_such]}, {check_old_code, [1]}, {delete_module, [no_such]},
           {delete_module, [1]}, {pre_loaded, []}, {get_module_info, [no_such, module]}, {get_module_info, [lists, no_such]},
           {get_module_info, [lists, md5]}, {get_module_info, [lists, attributes]}, {get_module_info, [lists, native]},
           {get_module_info, [lists, nifs]}, {get_module_info, [1]}, {call_on_load_function, [lists]},
           {finish_after_on_load, [lists, true]}, {finish_after_on_load, [lists, x]}, {finish_loading, [x]},
           {finish_loading, [[]]}, {finish_loading, [[make_ref()]]}, {has_prepared_code_on_load, [x]}],
    [show(io_lib:format("~w~0p", [F, case F of finish_loading -> x; _ -> A end]), fun() -> apply(erlang, F, A) end) || {F, A} <- Ask],
    show("items", fun() -> [K || {K, _} <- lists:module_info()] end),
    show("functions", fun() -> length(lists:module_info(functions)) end),
    show("exports", fun() -> lists:sort(queue:module_info(exports)) end),
    show("purge", fun() -> erts_internal:purge_module(lists, prepare) end).

files() ->
    Binary = version(1),
    show("digest", fun() -> erts_internal:beamfile_module_md5(Binary) =:= element(2, element(2, beam_lib:md5(Binary))) end),
    show("no file", fun() -> erts_internal:beamfile_module_md5(<<"FOR1">>) end),
    show("atom", fun() -> erts_internal:beamfile_module_md5(a) end),
    show("bits", fun() -> erts_internal:beamfile_module_md5(<<1:1>>) end),
    show("chunk", fun() -> {ok, {_, [{"Attr", A}]}} = beam_lib:chunks(Binary, ["Attr"]), erts_internal:beamfile_chunk(Binary, "Attr") =:= A end),
    [show("chunk " ++ io_lib:format("~0p", [Name]), fun() -> erts_internal:beamfile_chunk(Binary, Name) end)
     || Name <- ["None", "Cod", "CodeX", [300, 1, 1, 1], [1 | 2], a]].

versions() ->
    show("new", fun() -> {load(version(1)), state(), sample:version(), lists:sort(sample:module_info(exports))} end),
    show("attributes", fun() -> [A || {author, _} = A <- sample:module_info(attributes)] end),
    show("replaced", fun() -> {load(version(2)), state(), sample:version(), erlang:function_exported(sample, extra_1, 0)} end),
    Third = erlang:prepare_loading(sample, version(3)),
    show("not purged", fun() -> {erlang:finish_loading([Third]), sample:version()} end),
    show("purged", fun() -> {code:purge(sample), erlang:finish_loading([Third]), sample:version()} end),
    show("used up", fun() -> erlang:finish_loading([Third]) end),
    Other = erlang:prepare_loading(sample, version(4)),
    show("twice", fun() -> erlang:finish_loading([Other, Other]) end),
    show("deleted", fun() -> {code:purge(sample), erlang:delete_module(sample), state(), catch_class(fun() -> erlang:delete_module(sample) end)} end),
    show("gone", fun() -> {code:purge(sample), state(), erlang:delete_module(sample)} end),
    show("undefined", fun() -> sample:version() end).

purging() ->
    load(version(1)),
    Pid = spawn_link(sample, wait, []),
    load(version(2)),
    show("used", fun() -> {erlang:check_process_code(Pid, sample), erlang:check_process_code(self(), sample)} end),
    show("soft", fun() -> {code:soft_purge(sample), is_process_alive(Pid)} end),
    show("old code runs", fun() -> Pid ! go, receive {'EXIT', Pid, R} -> R end end),
    show("soft again", fun() -> {code:soft_purge(sample), state()} end),
    Lingers = spawn_link(sample, wait, []),
    load(version(3)),
    show("kill", fun() -> {code:purge(sample), receive {'EXIT', Lingers, R} -> R end, state()} end),
    code:delete(sample), code:purge(sample).

funs() ->
    load(version(1)),
    F = sample:closure(),
    show("fun", fun() -> F(1) end),
    load(version(2)),
    show("fun of old code", fun() -> {F(1), erlang:check_process_code(self(), sample), code:soft_purge(sample)} end),
    show("fun without code", fun() -> F(1) end),
    G = sample:closure(),
    load(version(2)),
    show("fun of the same code", fun() -> {code:purge(sample), G(2)} end),
    show("equal", fun() -> {F =:= G, G =:= sample:closure(), F == binary_to_term(term_to_binary(F))} end),
    show("from outside", fun() -> (binary_to_term(term_to_binary(G)))(3) end),
    code:purge(sample), code:delete(sample), code:purge(sample).

on_load() ->
    Source = "-module(sample). -export([version/0]). -on_load(init/0). init() -> persistent_term:get(on_load_answer). version() -> ~w.",
    Binary = module(io_lib:format(Source, [1])),
    persistent_term:put(on_load_answer, ok),
    Prepared = erlang:prepare_loading(sample, Binary),
    show("has on_load", fun() -> erlang:has_prepared_code_on_load(Prepared) end),
    show("waits", fun() -> {erlang:finish_loading([Prepared]), state()} end),
    show("called", fun() -> {erlang:call_on_load_function(sample), erlang:finish_after_on_load(sample, true), state()} end),
    show("again", fun() -> erlang:call_on_load_function(sample) end),
    show("by the code server", fun() -> {code:purge(sample), code:load_binary(sample, "sample", Binary), state()} end),
    persistent_term:put(on_load_answer, {error, no}),
    Second = module(io_lib:format(Source, [2])),
    code:purge(sample),
    show("refused", fun() -> {code:load_binary(sample, "sample", Second), state(), sample:version()} end),
    persistent_term:put(on_load_answer, ok),
    show("accepted", fun() -> {code:load_binary(sample, "sample", Second), state(), sample:version()} end).
