%% beam_disasm, beam_lib and the chunks of OTP's own modules: what the libraries find in a file.
-module(disassembled_modules).
-export([main/0]).

main() ->
    Modules = [lists, maps, gen_server, ets, string, queue, base64, calendar, rand, sofs, erl_internal, timer],
    [begin
         {M, Beam, _} = code:get_object_code(M),
         {beam_file, M, Exports, Attributes, Info, Functions} = beam_disasm:file(Beam),
         show(M, {length(Exports), lists:sort([K || {K, _} <- Attributes]), lists:sort([K || {K, _} <- Info]), length(Functions)}),
         show({M, code}, erlang:phash2(Functions, 1 bsl 32)),
         show({M, used}, lists:sublist(lists:reverse(lists:keysort(2, lists:sort(maps:to_list(count(Functions))))), 8)),
         {ok, {M, Chunks}} = beam_lib:chunks(Beam, [exports, imports, locals, labeled_exports, atoms]),
         show({M, chunks}, [{K, length(V), erlang:phash2(V)} || {K, V} <- Chunks]),
         show({M, md5}, beam_lib:md5(Beam)),
         show({M, version}, beam_lib:version(Beam)),
         show({M, all}, begin {ok, M, All} = beam_lib:all_chunks(Beam), [{Id, byte_size(B)} || {Id, B} <- All] end)
     end || M <- Modules],
    {lists, Lists, File} = code:get_object_code(lists),
    show(same, [beam_lib:cmp(Lists, Lists), beam_lib:cmp(Lists, File), element(1, beam_lib:cmp(Lists, code:which(maps)))]),
    {ok, {lists, Stripped}} = beam_lib:strip(Lists),
    show(stripped, {byte_size(Stripped) < byte_size(Lists), beam_lib:cmp(Stripped, Lists), [Id || {Id, _} <- element(3, beam_lib:all_chunks(Stripped))]}),
    show(built, begin {ok, M, All} = beam_lib:all_chunks(Lists), {ok, Again} = beam_lib:build_module(All), {M, beam_lib:cmp(Again, Lists)} end),
    show(wrong, [tidy(beam_lib:chunks(B, ["Code"])) || B <- [<<>>, <<"FOR1">>, <<"FOR1", 100:32, "BEAM">>, binary:part(Lists, 0, 200), "no_such_file.beam", <<0:800>>]]),
    show(missing, [tidy(beam_lib:chunks(Stripped, [C])) || C <- [abstract_code, "XXXX", debug_info, compile_info, attributes, nonsense, "Docs", documentation]]),
    show(format, [lists:flatten(beam_lib:format_error(E)) || {error, beam_lib, E} <- [beam_lib:chunks(<<"x">>, [exports]), beam_lib:chunks(Stripped, [abstract_code])]]),
    show(allow_missing, beam_lib:chunks(Stripped, ["XXXX", exports], [allow_missing_chunks]) =/= error),
    own().

%% Debug information of a module of its own.
own() ->
    Forms = [{attribute, {1, 1}, module, m}, {attribute, {2, 1}, export, [{f, 1}]}, {attribute, {3, 1}, vsn, [7]}, {attribute, {3, 1}, author, me},
             {function, {4, 1}, f, 1, [{clause, {4, 1}, [{var, {4, 3}, 'X'}], [], [{op, {4, 6}, '+', {var, {4, 6}, 'X'}, {integer, {4, 8}, 1}}]}]}],
    [begin
         {ok, m, Beam} = compile:forms(Forms, Options),
         {ok, {m, [{debug_info, {debug_info_v1, Backend, Data}}]}} = beam_lib:chunks(Beam, [debug_info]),
         show({debug, Options}, {Backend, case Backend:debug_info(erlang_v1, m, Data, []) of {ok, F} -> [element(1, X) || X <- F]; E -> E end}),
         show({attributes, Options}, beam_lib:chunks(Beam, [attributes])),
         show({compile, Options}, begin {ok, {m, [{compile_info, I}]}} = beam_lib:chunks(Beam, [compile_info]), [K || {K, _} <- I] end),
         show({version, Options}, beam_lib:version(Beam)),
         show({functions, Options}, element(6, beam_disasm:file(Beam)))
     end || Options <- [[], [debug_info], [deterministic], [no_line_info], [{extra_chunks, [{<<"XxXx">>, <<1, 2, 3>>}]}]]].

count(Functions) ->
    lists:foldl(fun(I, C) -> maps:update_with(case is_tuple(I) of true -> element(1, I); false -> I end, fun(N) -> N + 1 end, 1, C) end, #{},
                lists:append([Code || {function, _, _, _, Code} <- Functions])).

tidy({error, beam_lib, Reason}) when is_tuple(Reason) -> {error, element(1, Reason), [E || E <- tl(tuple_to_list(Reason)), not is_binary(E)]};
tidy({ok, {M, Chunks}}) -> {ok, M, [case C of {K, V} when is_binary(V) -> {K, byte_size(V)}; _ -> C end || C <- Chunks]};
tidy(Other) -> Other.

show(What, Value) -> io:format("~0p: ~0P~n", [What, Value, 80]).
