%% syntax_tools: trees of source code, comments put back, layout, merl's templates and patterns, annotations of variables.
-module(syntax_trees).
-export([main/0]).

main() ->
    Text = text(),
    trees(Text),
    comments(Text),
    templates(),
    layout(),
    variables().

show(T) -> io:format("~0p~n", [T]).

text() ->
    "%% About the module.\n-module(m).\n-export([f/1]).\n-record(r, {a = 1 :: integer(), b}).\n-type t() :: {a, [integer()]} | #{k := v}.\n-spec f(t()) -> ok.\n"
    "% before f\nf(X) when X > 1, is_integer(X); X =:= a -> % behind\n    Y = case X of\n        {a, #r{a = Z}} -> Z; % a case\n        _ -> [A || A <- [1, 2, 3], A > 1]\n    end,\n    fun(B) -> B + Y end(2);\n"
    "f(<<A:8/little, _/binary>>) -> try A catch _:E:S -> {E, S} after ok end;\nf(#{k := V} = M) -> M#{k => V ++ \"text\", $a => 1.5};\nf(_) -> receive {x, 'Quoted Atom'} -> -1 after 10 -> fun m:g/2 end.\n%% the end\n".

forms(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    [begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- split(Tokens, [])].
split([], []) -> [];
split([{dot, _} = D | Ts], Acc) -> [lists:reverse([D | Acc]) | split(Ts, [])];
split([T | Ts], Acc) -> split(Ts, [T | Acc]).

trees(Text) ->
    Forms = forms(Text),
    Tree = erl_syntax:form_list(Forms),
    show(count([erl_syntax:type(T) || T <- parts_of(Tree)])),
    show([erl_syntax:revert(erl_syntax_lib:map(fun(X) -> X end, F)) =:= F || F <- Forms]),
    show(lists:sort(erl_syntax_lib:analyze_forms(Forms))),
    show([catch erl_syntax_lib:analyze_form(F) || F <- Forms]),
    io:format("~s~n", [erl_prettypr:format(Tree, [{paper, 60}, {ribbon, 40}])]),
    [io:format("~s~n", [erl_prettypr:format(Tree, O)]) || O <- [[{paper, 200}], [{paper, 20}]]],
    show([erl_syntax:type(T) || T <- [erl_syntax:abstract(X) || X <- [1, a, "s", {1}, [a], <<1>>, 1.5, #{a => 1}, []]]]),
    show([erl_syntax:concrete(erl_syntax:abstract(X)) || X <- [1, a, "s", {1, [b]}, <<1, 2>>, 1.5, [a | b]]]),
    show([erl_syntax:revert(T) || T <- [erl_syntax:infix_expr(erl_syntax:integer(1), erl_syntax:operator('+'), erl_syntax:variable('X')), erl_syntax:application(lists, map, [erl_syntax:atom(a)]),
        erl_syntax:list([erl_syntax:integer(1)], erl_syntax:variable('T')), erl_syntax:conjunction([erl_syntax:atom(true)]), erl_syntax:function(erl_syntax:atom(f), [erl_syntax:clause([], none, [erl_syntax:nil()])]),
        erl_syntax:if_expr([erl_syntax:clause([], erl_syntax:atom(true), [erl_syntax:atom(x)])]), erl_syntax:binary([erl_syntax:binary_field(erl_syntax:integer(1), [erl_syntax:atom(little)])])]]),
    show([erl_syntax:F(erl_syntax:abstract([1, 2, 3])) || F <- [is_proper_list, list_length, is_literal, is_list_skeleton, is_leaf]]).

parts_of(Tree) -> erl_syntax_lib:fold(fun(T, A) -> [T | A] end, [], Tree).
count(L) -> lists:sort(maps:to_list(lists:foldl(fun(T, M) -> maps:update_with(T, fun(N) -> N + 1 end, 1, M) end, #{}, L))).

comments(Text) ->
    File = "/tmp/hanse_syntax_" ++ os:getpid() ++ ".erl",
    ok = file:write_file(File, Text ++ "-define(MACRO(X), X + 1).\ng() -> ?MACRO(2), ?LINE, ??X.\n-ifdef(TEST).\nh() -> #r.a.\n-endif.\n"),
    try
        Comments = erl_comment_scan:file(File),
        show(Comments),
        {ok, Forms} = epp_dodger:parse_file(File),
        show(count([erl_syntax:type(F) || F <- Forms])),
        Tree = erl_recomment:recomment_forms(Forms, Comments),
        io:format("~s~n", [erl_prettypr:format(Tree)]),
        {ok, Quick} = epp_dodger:quick_parse_file(File),
        show([erl_syntax:type(F) || F <- Quick])
    after file:delete(File) end,
    show(erl_comment_scan:string("a % one\n  %% two\n\"% none\" $% 'q%' b %%% three\n")),
    show([erl_comment_scan:scan_lines(S) || S <- ["", "% x", "a\n% b\n\t% c", "$\\% % d"]]).

templates() ->
    X = merl:quote("foo(_@a, 1)"),
    show(merl:subst(X, [{a, merl:quote("{b, C}")}])),
    show([merl:match(merl:quote(P), merl:quote(E)) || {P, E} <- [{"f(_@x)", "f(1 + 2)"}, {"f(_@@xs)", "f(1, 2)"}, {"{_@a, _@a}", "{1, 1}"}, {"f(_)", "g(1)"}, {"case _@e of _@@cs -> 1 end", "case x of a -> 1 end"}]]),
    show([merl:template_vars(merl:template(merl:quote(S))) || S <- ["f(_@a, _@@b)", "x", "fun(_@c) -> _@d end"]]),
    [io:format("~s~n", [erl_prettypr:format(merl:subst(merl:quote(Q), [{n, merl:term({1, "x"})}, {body, [merl:quote("a"), merl:quote("b")]}]))]) || Q <- ["fun(_@n) -> f(_@n) end", "case x of _@n -> _@@body end", "{_@@body}"]],
    {ok, made_by_merl, Code} = merl:compile([merl:quote("-module(made_by_merl)."), merl:quote("-export([f/1])."), merl:quote("f(X) -> [X, X].")]),
    show(byte_size(Code) > 0),
    show(catch merl:quote("f(")),
    show([erl_syntax:revert(merl:var('X')), erl_syntax:revert(merl:term(#{a => 1})), merl:alpha(merl:template(merl:quote("_@a")), [{a, b}])]).

layout() ->
    D = prettypr:par([prettypr:text(W) || W <- string:lexemes("the quick brown fox jumps over the lazy dog again and again", " ")], 2),
    [io:format("~s~n--~n", [prettypr:format(D, W, R)]) || {W, R} <- [{80, 65}, {20, 20}, {30, 10}]],
    E = prettypr:beside(prettypr:text("if "), prettypr:above(prettypr:sep([prettypr:text("a ->"), prettypr:nest(4, prettypr:text("body"))]), prettypr:follow(prettypr:text("b ->"), prettypr:text("other body"), 2))),
    [io:format("~s~n--~n", [prettypr:format(E, W)]) || W <- [80, 15, 8]],
    show(prettypr:best(prettypr:text("too long"), 3, 3)),
    show(prettypr:best(prettypr:text("ab"), 3, 3)).

variables() ->
    [begin
         {ok, Ts, _} = erl_scan:string(S),
         {ok, [E]} = erl_parse:parse_exprs(Ts),
         A = erl_syntax_lib:annotate_bindings(E, ['P', 'Q']),
         show({S, [lists:sort([X || X <- erl_syntax:get_ann(A)])], lists:sort(sets:to_list(erl_syntax_lib:variables(E))), length(erl_syntax_lib:strip_comments(E) =:= x orelse [])})
     end || S <- ["X = P + Y.", "case P of {A, B} when A > 1 -> B; C -> C end.", "fun(X) -> X + Q + Z end.", "[X || X <- P, Y <- X, Y].", "try f(P) of X -> X catch _:E -> E end.", "begin X = 1, Y = X, {X, Y} end.", "fun F(N) -> F(N - 1) end."]],
    show(erl_syntax_lib:new_variable_name(fun(N) -> list_to_atom("V" ++ integer_to_list(N)) end, sets:from_list(['V1'])) =/= 'V1').
