%% Beam files that are cut, changed or no beam files: reasons, and that the virtual machine goes on; what is told of modules.
-module(code_broken).
-export([main/0]).
-export([unused/0]).
-vsn({1, "two"}).
-author("nobody").

main() ->
    logger:set_primary_config(level, none),
    {ok, M, Beam} = compile:forms([{attribute, 1, module, code_broken_subject}, {attribute, 1, export, [{f, 1}]}, {function, 1, f, 1, [{clause, 1, [{var, 1, 'X'}], [], [{tuple, 1, [{atom, 1, ok}, {var, 1, 'X'}, {float, 1, 1.5}, {string, 1, "abc"}, {bin, 1, [{bin_element, 1, {string, 1, "xyz"}, default, default}]}]}]}]}]),
    Loads = fun(B) -> attempt(fun() -> code:load_binary(M, "x", B) end) end,
    io:format("~w ~w~n", [Loads(Beam), M:f(1)]),
    code:purge(M), code:delete(M), code:purge(M),
    io:format("~w~n", [[attempt(fun() -> code:load_binary(N, "x", B) end) || {N, B} <- [{other_name, Beam}, {M, <<>>}, {M, <<"FOR1">>}, {M, <<"FOR1", 0:32, "BEAM">>}, {M, <<0:1000>>}, {M, zlib:gzip(Beam)}, {M, a}, {1, Beam}, {M, "list"}]]]),
    code:purge(M), code:delete(M), code:purge(M),
    Cut = [erlang:load_module(M, binary:part(Beam, 0, N)) || N <- lists:seq(0, byte_size(Beam) - 1, 7)],
    io:format("cut ~w~n", [lists:usort(Cut)]),
    {ok, _, Chunks} = beam_lib:all_chunks(Beam),
    io:format("~w~n", [[Id || {Id, _} <- Chunks]]),
    [begin
        {ok, Without} = beam_lib:build_module([C || C = {Other, _} <- Chunks, Other =/= Id]),
        R = erlang:load_module(M, Without),
        io:format("without ~s: ~w ~w~n", [Id, R, case R of {module, M} -> attempt(fun() -> M:f(2) end); _ -> none end]),
        attempt(fun() -> erlang:delete_module(M) end), attempt(fun() -> erlang:purge_module(M) end)
     end || {Id, _} <- Chunks],
    io:format("~w~n", [attempt(fun() -> erlang:load_module(M, Beam) end)]),
    io:format("~w~n", [[attempt(fun() -> M:module_info(I) end) || I <- [module, exports, attributes, functions, nifs, nothing, 1]]]),
    io:format("~w~n", [[is_binary(M:module_info(md5)), M:module_info(md5) =:= element(2, element(2, beam_lib:md5(Beam))), lists:sort([K || {K, _} <- M:module_info()]), lists:sort([K || {K, _} <- M:module_info(compile)])]]),
    io:format("~w~n", [[lists:sort(?MODULE:module_info(attributes)) -- [], lists:member({unused, 0}, ?MODULE:module_info(exports)), lists:member({attempt, 1}, ?MODULE:module_info(functions)), lists:member({attempt, 1}, ?MODULE:module_info(exports))]]),
    io:format("~w~n", [[attempt(fun() -> erlang:get_module_info(X) end) || X <- [no_such_module_here, 1]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:get_module_info(X, I) end) || X <- [no_such_module_here, 1, M], I <- [module, nope]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:F(X) end) || F <- [delete_module, purge_module, check_old_code, module_loaded], X <- [1, "x", no_such_module_here]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:delete_module(M) end), attempt(fun() -> M:f(1) end), erlang:check_old_code(M), attempt(fun() -> erlang:delete_module(M) end), attempt(fun() -> erlang:purge_module(M) end), attempt(fun() -> erlang:purge_module(M) end)]]),
    io:format("~w~n", [[attempt(fun() -> erlang:has_prepared_code_on_load(X) end) || X <- [a, make_ref()]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:finish_loading(X) end) || X <- [[], a, [a], [{M, a}], [make_ref()]]]]),
    {P1, P2} = {erlang:prepare_loading(M, Beam), erlang:prepare_loading(M, Beam)},
    io:format("~w ~w ~w~n", [attempt(fun() -> erlang:finish_loading([P1, P2]) end), attempt(fun() -> erlang:finish_loading([P1]) end), attempt(fun() -> erlang:finish_loading([P1]) end)]),
    io:format("~w~n", [M:f(3)]),
    code:delete(M), code:purge(M).

unused() -> ok.
attempt(F) -> try F() catch C:R -> {C, R} end.
