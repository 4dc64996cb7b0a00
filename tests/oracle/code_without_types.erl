%% Modules without the chunk of types that the compiler inferred: tools which strip modules leave it out. Instructions still name types.
-module(code_without_types).
-export([main/0]).

source() ->
    "-module(typed).\n"
    "-export([sum/1, area/2, pack/2, find/2, both/1]).\n"
    "sum(L) -> sum(L, 0).\n"
    "sum([X | Xs], S) when is_integer(X), X > 0, X < 1000 -> sum(Xs, X * 3 + S);\n"
    "sum([X | Xs], S) when is_float(X) -> sum(Xs, S + trunc(X * 2.0 + 1.0));\n"
    "sum([], S) -> S.\n"
    "area(W, H) when is_float(W), is_float(H) -> A = W * H, B = A - 1.0, {A, B, A / B};\n"
    "area(W, H) when is_integer(W), is_integer(H) -> (W band 255) * (H band 255) bsr 1.\n"
    "pack(A, B) when is_integer(A), is_binary(B) -> <<A:16, B/binary, (byte_size(B)):8>>.\n"
    "find(K, M) when is_map(M) -> case M of #{K := V} -> V; _ -> tuple_size({K, K}) end.\n"
    "both(T) when tuple_size(T) =:= 2 -> {element(1, T), element(2, T), setelement(1, T, x)}.\n".

forms(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    forms(Tokens, []).
forms([], []) -> [];
forms([{dot, _} = Dot | Rest], Form) ->
    {ok, Parsed} = erl_parse:parse_form(lists:reverse([Dot | Form])),
    [Parsed | forms(Rest, [])];
forms([Token | Rest], Form) -> forms(Rest, [Token | Form]).

results() ->
    [typed:sum([1, 2, 3.5, 999]), catch element(1, typed:area(2.0, 3.5)), typed:area(2.0, 3.5), typed:area(1000, -7),
     typed:pack(70000, <<"ab">>), typed:find(a, #{a => 1}), typed:find(b, #{a => 1}), typed:both({1, 2}),
     element(1, element(2, catch typed:both({1}))), element(1, element(2, catch typed:sum([0])))].

load(What, Chunks) ->
    {ok, Binary} = beam_lib:build_module(Chunks),
    Answer = code:load_binary(typed, "typed.beam", Binary),
    io:format("~s: ~p~n", [What, Answer]),
    case Answer of
        {module, typed} -> io:format("~p~n", [results()]);
        _ -> ok
    end,
    code:purge(typed),
    code:delete(typed),
    code:purge(typed).

main() ->
    {ok, typed, Binary} = compile:forms(forms(source()), [debug_info]),
    {ok, typed, Chunks} = beam_lib:all_chunks(Binary),
    {"Type", Types} = lists:keyfind("Type", 1, Chunks),
    io:format("~p~n", [byte_size(Types) > 8]),
    load("whole", Chunks),
    load("without types", lists:keydelete("Type", 1, Chunks)),
    load("what must be there", [C || {Id, _} = C <- Chunks, lists:member(Id, ["AtU8", "Atom", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT"])]),
    {ok, {typed, Stripped}} = beam_lib:strip(Binary),
    {ok, typed, Rest} = beam_lib:all_chunks(Stripped),
    load("stripped", Rest).
