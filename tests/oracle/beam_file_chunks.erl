%% beam_lib: what files of modules hold, comparing, stripping, building, and files that are broken.
-module(beam_file_chunks).
-export([main/0]).
-vsn("first").
-mine([1, {two, three}]).

main() ->
    logger:set_primary_config(level, none),
    Beam = made("-module(m).\n-export([f/1]).\n-vsn(\"first\").\n-mine([1, {two, three}]).\nf(X) -> {X, \"literal\", fun() -> X end}.\n", [debug_info]),
    Same = made("-module(m).\n-export([f/1]).\n-vsn(\"first\").\n-mine([1, {two, three}]).\nf(X) -> {X, \"literal\", fun() -> X end}.\n", []),
    Other = made("-module(m).\n-export([f/1, g/0]).\nf(X) -> X.\ng() -> 1.\n", []),
    [show({C, case beam_lib:chunks(Beam, [C]) of {ok, {M, L}} -> {M, L}; {error, beam_lib, R} -> text(R) end})
     || C <- [attributes, exports, labeled_exports, imports, indexed_imports, locals, labeled_locals, atoms, abstract_code, "Attr", "Code", "None", foo, "toolong", 1]],
    show(element(1, beam_lib:chunks(Beam, ["None", "Code"]))),
    show(beam_lib:chunks(Beam, ["None", "LitU"], [allow_missing_chunks])),
    {ok, {m, [{compile_info, Info}]}} = beam_lib:chunks(Beam, [compile_info]),
    show(lists:sort([K || {K, _} <- Info])),
    {ok, {m, [{debug_info, {debug_info_v1, Backend, Data}}]}} = beam_lib:chunks(Beam, [debug_info]),
    show([Backend, element(1, Backend:debug_info(erlang_v1, m, Data, [])), element(1, Backend:debug_info(core_v1, m, Data, [])), Backend:debug_info(elixir_v1, m, Data, [])]),
    show(beam_lib:chunks(Same, [debug_info])),
    show(beam_lib:chunks(Same, [abstract_code])),
    show([beam_lib:version(Beam), beam_lib:version(Other), beam_lib:md5(Beam) =:= beam_lib:md5(Same), beam_lib:md5(Beam) =:= beam_lib:md5(Other), beam_lib:md5(Beam)]),
    show([beam_lib:cmp(Beam, Same), beam_lib:cmp(Beam, Beam), reason(beam_lib:cmp(Beam, Other))]),
    {ok, {m, Stripped}} = beam_lib:strip(Beam),
    {ok, {m, Kept}} = beam_lib:strip(Beam, ["Attr"]),
    {ok, Files} = beam_lib:strip_files([Beam, Other]),
    show([[Id || {Id, _, _} <- chunks(B)] || B <- [Beam, Stripped, Kept, Same]]),
    show([beam_lib:cmp(Beam, Stripped), beam_lib:md5(Stripped) =:= beam_lib:md5(Beam), length(Files), catch beam_lib:chunks(Stripped, [attributes]), reason(beam_lib:chunks(Stripped, [atoms]))]),
    {ok, m, All} = beam_lib:all_chunks(Beam),
    {ok, Built} = beam_lib:build_module(All),
    {ok, Smaller} = beam_lib:build_module([C || {Id, _} = C <- All, Id =/= "Dbgi"]),
    {ok, Extra} = beam_lib:build_module([{"Mine", <<1, 2, 3>>} | All]),
    show([Built =:= Beam, byte_size(Smaller) < byte_size(Beam), beam_lib:chunks(Extra, ["Mine"]), beam_lib:significant_chunks()]),
    [begin
         {module, m} = code:load_binary(m, "m", B),
         show([element(1, m:f(1)), element(2, m:f(1)), m:module_info(attributes), m:module_info(md5) =:= beam_lib:md5(B)]),
         code:delete(m), code:purge(m)
     end || B <- [Beam, Stripped, Built, Smaller, Extra, zlib:gzip(Beam)]],
    [show({N, reason(beam_lib:info(B)), reason(beam_lib:chunks(B, [atoms])), reason(beam_lib:md5(B)), reason(erlang:load_module(m, B))}) || {N, B} <- broken(Beam)],
    show([code:delete(m), code:purge(m)]),
    files(Beam),
    show([text(E) || E <- [{unknown_chunk, "f", "x"}, {not_a_beam_file, "f"}, {file_error, "f", enoent}, {missing_chunk, "f", "Abst"}, {invalid_chunk, "f", "Atom"}, {chunk_too_big, "f", "Code", 10, 5},
        {invalid_beam_file, "f", 7}, {modules_different, a, b}, {chunks_different, "Code"}, different_chunks, {key_missing_or_invalid, "f", abstract_code}, badfile, what]]).

text(R) -> try unicode:characters_to_list(beam_lib:format_error(R)) catch error:E -> E end.
show(T) -> io:format("~0p~n", [T]).
reason({error, beam_lib, R}) -> case R of _ when is_tuple(R) -> setelement(min(2, tuple_size(R)), R, file); _ -> R end;
reason({ok, _}) -> ok;
reason({module, M}) -> {module, M};
reason(L) when is_list(L) -> [case K of file -> filename:basename(V); _ -> V end || {K, V} <- L, K =/= binary, K =/= chunks];
reason(R) -> R.

made(Text, Options) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, m, Code} = compile:forms([begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- split(Tokens, [])], [deterministic | Options]),
    Code.
split([], []) -> [];
split([{dot, _} = D | Ts], Acc) -> [lists:reverse([D | Acc]) | split(Ts, [])];
split([T | Ts], Acc) -> split(Ts, [T | Acc]).

chunks(B) -> {_, Cs} = lists:keyfind(chunks, 1, beam_lib:info(case B of <<31, 139, _/binary>> -> zlib:gunzip(B); _ -> B end)), [{Id, O, L} || {Id, O, L} <- Cs].

%% Stripped modules are compressed.
broken(Beam) ->
    Half = byte_size(Beam) div 2,
    {AtomAt, _} = binary:match(Beam, <<"AtU8">>),
    <<Before:AtomAt/binary, "AtU8", Size:32, After/binary>> = Beam,
    [{empty, <<>>}, {text, <<"no module at all">>}, {half, binary:part(Beam, 0, Half)}, {head, binary:part(Beam, 0, 12)}, {form, <<"FOR1", 0:32, "BEAM">>}, {no_atoms, <<Before/binary, "AtU9", Size:32, After/binary>>},
     {size, <<Before/binary, "AtU8", 16#FFFFFF:32, After/binary>>}, {length, <<"FOR1", 5:32, (binary:part(Beam, 8, byte_size(Beam) - 8))/binary>>}, {other, <<"FOR1", (byte_size(Beam) - 8):32, "XEAM", (binary:part(Beam, 12, byte_size(Beam) - 12))/binary>>}].

files(Beam) ->
    Folder = "/tmp/hanse_chunks_" ++ os:getpid(),
    [ok = filelib:ensure_dir(filename:join([Folder, D, "x"])) || D <- ["a", "b"]],
    try
        ok = file:write_file(filename:join(Folder, "a/m.beam"), Beam),
        show([reason(beam_lib:info(filename:join(Folder, "a/m"))), element(1, beam_lib:chunks(filename:join(Folder, "a/m.beam"), [exports])), reason(beam_lib:chunks(filename:join(Folder, "b/m"), [exports]))]),
        show([beam_lib:cmp_dirs(filename:join(Folder, "a"), filename:join(Folder, "b")) =:= {[filename:join(Folder, "a/m.beam")], [], []}, beam_lib:cmp_dirs(Folder ++ "/a", Folder ++ "/a")]),
        {ok, {m, Name}} = beam_lib:strip(filename:join(Folder, "a/m.beam")),
        show([filename:basename(Name), reason(beam_lib:chunks(Name, [attributes])), beam_lib:diff_dirs(Folder ++ "/a", Folder ++ "/a")]),
        show([element(1, code:load_abs(filename:join(Folder, "a/m"))), m:module_info(attributes), filename:basename(code:which(m)), code:is_loaded(m) =/= false, code:modified_modules()]),
        code:delete(m), code:purge(m)
    after file:del_dir_r(Folder) end.
