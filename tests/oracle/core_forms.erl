%% Core Erlang: modules made with cerl, its text and back, what core_lint finds, folding and inlining, patterns against each other.
-module(core_forms).
-export([main/0]).

main() ->
    text(),
    made(),
    [linted(T) || T <- texts()],
    patterns(),
    trees(),
    inlined().

show(T) -> io:format("~0p~n", [T]).

text() ->
    Sources = ["f(X) -> case X of {a, Y} when Y > 1 -> [Y | X]; #{k := V} -> V; <<A:8, R/binary>> -> {A, R}; _ -> none end.",
               "f(X) -> try g(X) of ok -> 1; E -> E catch error:R:S -> {R, S} after put(a, b) end.", "f(L) -> [Y || {Y, Z} <- L, Z].",
               "f(L) -> receive {m, X} -> X after L -> t end.", "f(X) -> fun(Y) -> X + Y end.", "f(X) -> <<X:16/little-signed, \"abc\", X/utf8>>.",
               "f(X) -> (fun F(0) -> 0; F(N) -> F(N - 1) end)(X).", "f(X) -> X#{a => 1, b := 2}.", "f(X) -> catch X:g(1.5, \"str\", 'A b').", "f(B) -> << <<X>> || <<X:4>> <= B >>."],
    [begin
         {ok, Core} = core([{attribute, 1, module, m}, {attribute, 1, export, [{f, 1}]}, {attribute, 1, compile, [export_all, nowarn_export_all]}, form(S)]
                           ++ [form("g(X) -> X.") || string:find(S, "g(X) of") =/= nomatch], [to_core]),
         Text = lists:flatten(core_pp:format(Core)),
         {ok, Tokens, _} = core_scan:string(Text),
         {ok, Parsed} = core_parse:parse(Tokens),
         Again = lists:flatten(core_pp:format(Parsed)),
         io:format("~w ~w ~w~n", [length(Text), erlang:phash2(Text), erlang:phash2(Again)]),
         io:format("~s~n", [Text]),
         {ok, m, Code} = compile:forms(Parsed, [from_core]),
         io:format("~w~n", [erlang:phash2(beam_lib:md5(Code))])
     end || S <- Sources],
    [show(core_scan:string(T)) || T <- ["'a' 'b c' Var _X 12 1.5e3 \"str\" $a -> #{}# %% c\n x", "'unfinished", "$", "\"no end", "\e"]],
    [show(case core_scan:string(T) of {ok, Ts, _} -> case core_parse:parse(Ts) of {ok, X} -> element(1, X); {error, {L, M, D}} -> {L, lists:flatten(M:format_error(D))} end; E -> E end)
     || T <- ["module 'm' [] attributes [] end", "module 'm' ['f'/0] attributes [] 'f'/0 = fun () -> 'ok' end", "module m", "", "module 'm' [] attributes [] 'f'/0 = 'ok' end"]].

form(S) -> {ok, T, _} = erl_scan:string(S), {ok, F} = erl_parse:parse_form(T), F.
core(Forms, Options) -> case compile:forms(Forms, Options) of {ok, m, C} -> {ok, C}; Other -> Other end.

%% A module from nothing: the sum of a list, a map of its arguments, a receive that times out, primops.
made() ->
    V = fun cerl:c_var/1,
    Sum = cerl:c_letrec([{cerl:c_fname(s, 2), cerl:c_fun([V('L'), V('A')],
            cerl:c_case(V('L'), [cerl:c_clause([cerl:c_cons(V('H'), V('T'))], cerl:c_apply(cerl:c_fname(s, 2), [V('T'), cerl:c_call(cerl:c_atom(erlang), cerl:c_atom('+'), [V('H'), V('A')])])),
                                 cerl:c_clause([cerl:c_nil()], V('A')),
                                 cerl:c_clause([V('_O')], cerl:c_primop(cerl:c_atom(match_fail), [cerl:c_tuple([cerl:c_atom(case_clause), V('_O')])]))]))}],
            cerl:c_apply(cerl:c_fname(s, 2), [V('X'), cerl:c_int(0)])),
    Map = cerl:c_map([cerl:c_map_pair(V('X'), cerl:abstract({"constant", <<1, 2>>, 2.5})), cerl:c_map_pair(cerl:c_atom(k), cerl:c_tuple([V('X'), cerl:c_nil()]))]),
    Let = cerl:c_let([V('A'), V('B')], cerl:c_values([V('X'), cerl:c_int(3)]), cerl:c_tuple([V('B'), V('A')])),
    Try = cerl:c_try(cerl:c_call(cerl:c_atom(erlang), cerl:c_atom(hd), [V('X')]), [V('Y')], V('Y'), [V('C'), V('R'), V('_T')], cerl:c_tuple([V('C'), V('R')])),
    Seq = cerl:c_seq(cerl:c_call(cerl:c_atom(erlang), cerl:c_atom(put), [cerl:c_atom(key), V('X')]), cerl:c_call(cerl:c_atom(erlang), cerl:c_atom(get), [cerl:c_atom(key)])),
    Bodies = [{sum, Sum}, {map, Map}, {'let', Let}, {'try', Try}, {seq, Seq}],
    Module = cerl:c_module(cerl:c_atom(m), [cerl:c_fname(F, 1) || {F, _} <- Bodies], [], [{cerl:c_fname(F, 1), cerl:c_fun([V('X')], B)} || {F, B} <- Bodies]),
    [begin
         {ok, m, Code} = compile:forms(Module, [from_core, binary | O]),
         {module, m} = code:load_binary(m, "m", Code),
         show([{F, X, try m:F(X) catch C:R -> {C, R} end} || {F, _} <- Bodies, X <- [[1, 2, 3], [], [1 | a], 7]]),
         code:delete(m), code:purge(m)
     end || O <- [[], [no_copt], [clint], [r23]]].

texts() ->
    ["'f'/0 = fun () -> X", "'f'/0 = fun () -> apply 'g'/0 ()", "'f'/0 = fun () -> let <X> = <'a', 'b'> in X", "'f'/0 = fun () -> case 'a' of <X> when Y -> X end", "'f'/0 = fun (X, X) -> X",
     "'f'/0 = fun () -> case <'a', 'b'> of <X> when 'true' -> X end", "'f'/0 = fun () -> 'ok' 'f'/0 = fun () -> 'ok'", "'f'/0 = fun () -> let X = 'a' in X", "'f'/0 = fun () -> #{#<1>(8,1,'integer',['unsigned'|['big']])}#",
     "'f'/0 = fun () -> try 'a' of X -> X catch <A, B> -> 'b'", "'f'/0 = fun () -> do 'a' 'b'", "'f'/0 = fun () -> primop 'nothing'()"].

linted(T) ->
    {ok, Ts, _} = core_scan:string("module 'm' ['f'/0] attributes [] " ++ T ++ " end"),
    case core_parse:parse(Ts) of
        {ok, Module} ->
            show({T, case core_lint:module(Module) of
                         {ok, Ws} -> {ok, Ws};
                         {error, Es, Ws} -> {[lists:flatten(M:format_error(D)) || {_, L} <- Es, {M, D} <- L], Ws}
                     end});
        {error, {_, M, D}} -> show({T, lists:flatten(M:format_error(D))})
    end.

patterns() ->
    Ps = [cerl:c_var('X'), cerl:c_atom(a), cerl:c_int(1), cerl:c_tuple([cerl:c_var('X'), cerl:c_atom(b)]), cerl:c_cons(cerl:c_int(1), cerl:c_var('T')), cerl:c_nil(),
          cerl:c_alias(cerl:c_var('Y'), cerl:c_tuple([cerl:c_var('Z'), cerl:c_var('W')])), cerl:abstract({1, b}), cerl:abstract("ab"), cerl:c_map_pattern([cerl:c_map_pair_exact(cerl:c_atom(k), cerl:c_var('V'))])],
    [show([cerl_clauses:match(P, E) =/= none || E <- Ps, cerl:is_c_map(P) orelse not cerl:is_c_map(E), cerl:type(E) =/= alias]) || P <- Ps],
    [show({cerl:type(P), lists:sort(cerl:pat_vars(P)), cerl:is_leaf(P), cerl:is_literal(P), cerl:is_data(P)}) || P <- Ps],
    Clauses = [cerl:c_clause([P], cerl:c_int(N)) || {N, P} <- lists:zip(lists:seq(1, length(Ps)), Ps)],
    show([case cerl_clauses:reduce(Clauses, [cerl:abstract(T)]) of {true, {C, _}} -> cerl:concrete(cerl:clause_body(C)); {false, Cs} -> {false, length(Cs)} end || T <- [a, 1, {q, b}, [1], [], {1, b}, "ab"]]),
    show([cerl_clauses:any_catchall(Clauses)]).

trees() ->
    {ok, C} = core([{attribute, 1, module, m}, {attribute, 1, export, [{f, 2}]}, form("f(X, Y) -> Z = X + Y, case Z of 1 -> fun(A) -> A + Z + X end; {B, _} -> B; _ -> lists:map(fun(Q) -> Q * Y end, X) end.")], [to_core, no_copt]),
    {Labelled, N} = cerl_trees:label(cerl:from_records(C)),
    show({N, cerl_trees:size(Labelled), cerl_trees:depth(Labelled), cerl_trees:free_variables(Labelled), length(cerl_trees:variables(Labelled))}),
    show(lists:sort(cerl_trees:fold(fun(T, A) -> [cerl:type(T) | A] end, [], Labelled))),
    {_, Counted} = cerl_trees:mapfold(fun(T, A) -> {T, A + 1} end, 0, Labelled),
    show(Counted),
    Renamed = cerl_trees:map(fun(T) -> case cerl:is_c_atom(T) andalso cerl:atom_val(T) of lists -> cerl:ann_c_atom(cerl:get_ann(T), changed); _ -> T end end, Labelled),
    show([cerl:atom_val(cerl:call_module(T)) || T <- cerl_trees:fold(fun(T, A) -> case cerl:type(T) of call -> [T | A]; _ -> A end end, [], Renamed), cerl:is_c_atom(cerl:call_module(T))]),
    show(cerl:to_records(cerl:ann_abstract([1], #{a => [1, {b, <<"c">>}]}))),
    show([cerl:is_literal_term(T) || T <- [1, a, "s", {1, [2]}, #{a => b}, self(), make_ref(), fun() -> ok end, fun lists:map/2, <<1>>, <<1:3>>]]),
    show([try cerl:F(A) catch error:E -> E end || {F, A} <- [{concrete, cerl:c_var(x)}, {tuple_es, cerl:c_nil()}, {list_elements, cerl:abstract([1, 2])}, {list_length, cerl:abstract("abc")}, {is_proper_list, cerl:abstract([1 | 2])},
                                                             {fold_literal, cerl:c_tuple([cerl:c_int(1), cerl:c_nil()])}, {unfold_literal, cerl:abstract({a, [b]})}, {is_c_string, cerl:c_string("x")}, {string_lit, cerl:c_string("a\"b")}, {char_lit, cerl:c_char($\n)}, {atom_lit, cerl:c_atom('A b')}]]).

inlined() ->
    Forms = [{attribute, 1, module, m}, {attribute, 1, export, [{f, 1}]}, form("f(X) -> g(X, fun(A) -> A * 2 end)."), form("g(X, F) -> h(F(X), 10)."), form("h(A, B) -> if A > B -> A; true -> B end.")],
    [begin
         {ok, C} = core(Forms, [to_core | O]),
         Text = lists:flatten(core_pp:format(C)),
         io:format("~0p ~w~n~s~n", [O, erlang:phash2(Text), Text])
     end || O <- [[], [inline], [{inline, [{h, 2}]}], [inline, {inline_size, 1}], [inline, {inline_effort, 500}, {inline_unroll, 2}], [inline_list_funcs]]].
