%% Parse transforms: code that is changed, several in a row, errors and warnings of theirs, those that fail, options they ask for, core transforms,
%% and the identity over modules of OTP.
-module(parse_transforms).
-export([main/0, parse_transform/2, core_transform/2, parse_transform_info/0, format_error/1]).

main() ->
    Text = "-module(m).\n-export([f/1]).\n-mark(here).\nf(X) -> {X, one, g(X)}.\ng(two) -> one;\ng(Y) -> Y.\n",
    [compiled(Text, T) || T <- [none, rename, [rename, double], warn, error, both, crash, nothing, garbage, throw, add, drop]],
    [show(catch compile:forms(forms(Text), [return, {parse_transform, M}])) || M <- [no_such_transform, lists]],
    compiled_with(Text, [{core_transform, ?MODULE}]),
    [identity(M) || M <- [queue, erl_posix_msg, proplists, filename]],
    show([erl_lint:format_error(E) || E <- [{undefined_function, {f, 1}}, pmod_unsupported]]),
    inside().

show(T) -> io:format("~0p~n", [T]).

forms(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}),
    [begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- split(Tokens, [])].
split([], []) -> [];
split([{dot, _} = D | Ts], Acc) -> [lists:reverse([D | Acc]) | split(Ts, [])];
split([T | Ts], Acc) -> split(Ts, [T | Acc]).

compiled(Text, T) ->
    Options = [{kind, K} || K <- lists:flatten([T])],
    persistent_term:put(kinds, Options),
    io:format("~0p ", [T]),
    compiled_with(Text, [{parse_transform, ?MODULE} || _ <- Options]).

compiled_with(Text, Options) ->
    case catch compile:forms(forms(Text), [return | Options]) of
        {ok, m, Code, Ws} ->
            {module, m} = code:load_binary(m, "m", Code),
            show([Ws, [catch m:f(X) || X <- [1, one, two]], [A || {mark, _} = A <- m:module_info(attributes)], lists:sort(m:module_info(exports))]),
            code:delete(m), code:purge(m);
        {error, Es, Ws} -> show([[{File, [{L, lists:flatten(M:format_error(D))} || {L, M, D} <- Is]} || {File, Is} <- Es], Ws]);
        Other -> show(Other)
    end.

format_error(E) -> io_lib:format("it is ~w", [E]).
parse_transform_info() -> #{error_location => line}.

%% One kind each time it is called, which is not in the caller's process.
parse_transform(Forms, Options) ->
    case persistent_term:get(kinds) of
        [{kind, K} | More] -> persistent_term:put(kinds, More), changed(K, Forms, Options);
        _ -> Forms
    end.

changed(none, Forms, _) -> Forms;
changed(rename, Forms, _) -> map(fun({atom, L, one}) -> {atom, L, uno}; (T) -> T end, Forms);
changed(double, Forms, _) -> map(fun({atom, L, uno}) -> {tuple, L, [{atom, L, uno}, {atom, L, uno}]}; (T) -> T end, Forms);
changed(warn, Forms, _) -> {warning, Forms, [{"m.erl", [{4, ?MODULE, careful}]}]};
changed(error, _, _) -> {error, [{"m.erl", [{5, ?MODULE, wrong}]}], []};
changed(both, _, _) -> {error, [{"m.erl", [{5, ?MODULE, wrong}]}], [{"m.erl", [{1, ?MODULE, careful}]}]};
changed(crash, _, _) -> error(crashed);
changed(throw, _, _) -> throw(thrown);
changed(nothing, _, _) -> [];
changed(garbage, _, _) -> [{what, is, this}];
changed(add, Forms, _) -> Forms ++ [{function, 9, h, 0, [{clause, 9, [], [], [{atom, 9, added}]}]}];
changed(drop, Forms, _) -> [F || F <- Forms, element(3, F) =/= mark].

map(F, T) when is_tuple(T) -> case F(T) of T -> list_to_tuple([map(F, E) || E <- tuple_to_list(T)]); New -> New end;
map(F, [H | T]) -> [map(F, H) | map(F, T)];
map(_, T) -> T.

core_transform(Core, _) ->
    cerl:to_records(cerl_trees:map(fun(T) -> case cerl:is_c_atom(T) andalso cerl:atom_val(T) of one -> cerl:c_atom(core); _ -> T end end, cerl:from_records(Core))).

identity(M) ->
    {ok, {M, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(code:which(M), [abstract_code]),
    io:format("~w ~w ~w~n", [M, length(Forms), erlang:phash2(erl_expand_records:module(Forms, []))]).

%% Annotations and helpers that transforms use.
inside() ->
    A = erl_anno:new({3, 7}),
    show([erl_anno:line(A), erl_anno:column(A), erl_anno:location(A), erl_anno:generated(erl_anno:set_generated(true, A)), erl_anno:file(erl_anno:set_file("x", A)), erl_anno:text(erl_anno:set_text("t", A)),
          erl_anno:end_location(erl_anno:set_text("ab\nc", A)), erl_anno:is_anno(foo), erl_anno:to_term(erl_anno:set_line(5, A)), catch erl_anno:new(-1), erl_anno:new(0)]),
    E = {op, {1, 2}, '+', {var, {1, 1}, 'X'}, {call, {1, 3}, {atom, {1, 3}, f}, [{integer, {1, 5}, 1}]}},
    show([erl_parse:map_anno(fun(L) -> erl_anno:line(L) end, E), erl_parse:fold_anno(fun(L, S) -> [L | S] end, [], E), erl_parse:mapfold_anno(fun(_, N) -> {N, N + 1} end, 1, E)]),
    show([erl_parse:abstract(T) || T <- [1, -1, 1.5, a, "str", <<"bin">>, <<5:3>>, [1 | 2], {}, {a, [b]}, #{k => "v"}]]),
    show([catch erl_parse:abstract(T) || T <- [self() =:= x, fun lists:map/2]]),
    show([catch erl_parse:normalise(erl_parse:abstract(T)) =:= T || T <- [1, -1, "s", <<1, 2>>, <<5:3>>, #{a => [1.5]}, [a | b]]]),
    show([catch erl_parse:normalise(T) || T <- [{var, 1, 'X'}, {op, 1, '-', {integer, 1, 5}}, {op, 1, '++', {string, 1, "a"}, {nil, 1}}, {'fun', 1, {function, lists, map, 2}}]]),
    show([erl_parse:func_prec(), erl_parse:inop_prec('+'), erl_parse:preop_prec('-'), erl_parse:max_prec(), erl_parse:tokens({cons, 1, {var, 1, 'X'}, {tuple, 1, [{integer, 1, 2}]}})]).
