%% merl, erl_syntax, erl_prettypr and prettypr: code made from templates, printed and run.
-module(merl_templates).
-export([main/0]).

main() ->
    show(quoted, [print(merl:quote(Q)) || Q <- ["f(X) -> {ok, X}.", "case X of 1 -> a; _ -> b end", "[X || X <- L, X > 1]", "#{a => 1, b := 2}", "fun(A, B) -> A + B end", "{foo, 'Bar', \"x\", 1.5, $a}",
                                                "try f() catch error:E:S -> {E, S} after g() end", "<<X:8/little, Y/binary>>", "-module(m).", "receive {a, X} -> X after 10 -> timeout end",
                                                "begin A = 1, B = A end", "if X > 1 -> a; true -> b end", "X#r.f", "#r{a = 1}", "fun m:f/2", "not (A andalso B orelse C)", "-X + 3 * (Y - 2)"]]),
    Tree = merl:quote("case _@x of {_@pattern, _@@rest} -> _@body end"),
    show(template, print(merl:subst(Tree, [{x, merl:var('V')}, {pattern, merl:term(a)}, {rest, [merl:term(1), merl:term("two")]}, {body, merl:quote("f(V)")}]))),
    show(variables, merl:template_vars(merl:template(Tree))),
    show(matched, [matched(P, T) || {P, T} <- [{"{_@a, _@b}", "{1, [x]}"}, {"{_@a, _@a}", "{1, 2}"}, {"f(_@@args)", "f(1, 2, 3)"}, {"[_@h | _@t]", "[1, 2]"}, {"{_@a}", "{1, 2}"}, {"X", "Y"}]]),
    Module = [merl:quote("-module(made)."), merl:quote("-export([twice/1, table/1])."), merl:quote("twice(X) -> 2 * X."),
              erl_syntax:function(merl:term(table), [erl_syntax:clause([merl:term(K)], none, [merl:term(V)]) || {K, V} <- [{a, 1}, {b, [x, {y}]}, {"c", #{d => 1.5}}]])],
    show(module, print(erl_syntax:form_list(Module))),
    {ok, made, Beam} = compile:forms([erl_syntax:revert(F) || F <- Module]),
    {module, made} = code:load_binary(made, "made", Beam),
    show(run, [made:twice(21), made:table(a), made:table(b), made:table("c"), try made:table(z) catch error:function_clause -> none end]),
    show(switch, [print(merl:term(T)) || T <- [[1 | 2], {}, <<"bin">>, #{}, "text", [[]], -5, 1 bsl 70, 'A b', [a, b], {[{x}]}]]),
    show(free, [sets_of(erl_syntax_lib:variables(merl:quote(Q))) || Q <- ["f(X, Y, X)", "fun(A) -> A + B end", "ok"]]),
    show(analysed, analysed(erl_syntax_lib:analyze_forms([erl_syntax:revert(F) || F <- Module]))),
    show(folded, [erl_syntax_lib:fold(fun(N, Acc) -> case erl_syntax:type(N) of integer -> Acc + erl_syntax:integer_value(N); _ -> Acc end end, 0, merl:quote(Q))
                  || Q <- ["1 + 2 * 3", "[1, {2, #{a => 3}}]", "f(x)"]]),
    show(mapped, print(erl_syntax_lib:map(fun(N) -> case erl_syntax:type(N) of integer -> erl_syntax:integer(erl_syntax:integer_value(N) * 10); _ -> N end end, merl:quote("f(1, [2, 3], {4})")))),
    show(annotated, length(erl_syntax:get_ann(erl_syntax_lib:annotate_bindings(merl:quote("fun(X) -> Y = X, {X, Y, Z} end"), ordsets:from_list(['Z']))))),
    show(concrete, [erl_syntax:concrete(merl:quote(Q)) || Q <- ["{a, [1, \"x\"], 1.5}", "[a | b]", "$x"]]),
    show(layouts, [prettypr:format(D, 40, 30) || D <- [prettypr:par([prettypr:text(W) || W <- string:lexemes(text(), " ")]), prettypr:sep([prettypr:text("a"), prettypr:nest(4, prettypr:text("b"))]),
                                                       prettypr:beside(prettypr:text("key: "), prettypr:above(prettypr:text("one"), prettypr:text("two"))),
                                                       prettypr:follow(prettypr:text("a long head of something"), prettypr:text("and what belongs below it"), 4)]]),
    show(widths, [length(string:split(erl_prettypr:format(long(), [{paper, W}, {ribbon, W - 10}]), "\n", all)) || W <- [40, 60, 80, 120]]),
    show(narrow, erl_prettypr:format(long(), [{paper, 50}, {ribbon, 40}])),
    show(meta, print(erl_syntax:meta(merl:quote("{a, X}")))),
    show(types, lists:usort([erl_syntax:type(T) || T <- erl_syntax_lib:fold(fun(N, L) -> [N | L] end, [], long())])),
    show(errors, [try merl:quote(Q), ok catch throw:{error, E} -> {throw, E}; C:R -> {C, element(1, R)} end || Q <- ["f(", "case", "", "1 2", "}"]]).

text() -> "words that are to be put into lines of forty characters, as many as there is room for, and not one more".

long() -> merl:quote("a_function(First, {second, Second}, [Third | Rest], Fourth) when is_list(Rest), length(Rest) > 10, Fourth =/= undefined -> case another_function(First, Second) of {ok, Value} -> "
                     "[transform(Element, Value) || Element <- Rest, Element =/= Third, is_something(Element)]; {error, Reason} when Reason =:= timeout; Reason =:= closed -> exit({failed, Reason, First, Second}) end.").

matched(Pattern, Term) ->
    case merl:match(merl:template(merl:quote(Pattern)), merl:quote(Term)) of
        {ok, Found} -> [{K, print(V)} || {K, V} <- lists:sort(Found)];
        error -> error
    end.

analysed(Info) -> [{K, lists:sort(V)} || {K, V} <- Info, lists:member(K, [exports, functions])].

sets_of(S) -> lists:sort(sets:to_list(S)).

print(Trees) when is_list(Trees) -> [print(T) || T <- Trees];
print(Tree) -> erl_prettypr:format(Tree).

show(What, Value) -> io:format("~p: ~tp~n", [What, Value]).
