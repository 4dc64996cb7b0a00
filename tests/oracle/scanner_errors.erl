%% What erl_scan and erl_parse say of text that is no Erlang, where they say it is, and how they go on.
-module(scanner_errors).
-export([main/0]).

main() ->
    [scan(S) || S <- ["\"open", "'open", "$", "16#", "37#1", "1.e5", "1.0e", "1_000", "1__0", "$\\x{110000}", "\"\\x{zz}\"", "\x{201c}", "a@b", "@a", "?m", "..", "...", "a.b",
                      "%% comment", "\"a\" \"b\"", "<<\"a\"/utf8>>", "#{a := b}", "2#102", "1.2.3", "'\\n'", "\"\\^a\\e\\s\\d\\177\"", "\x{e4}\x{c4}_\x{fc}", "Var_1 _x _", "-1.5e-3",
                      "fun() -> ok end.", "catch maybe else", "a\nb\n\nc", "\t\r\n ", "", "1.0e400", "$ ", "$\\s"]],
    [parse(S) || S <- ["f( -> ok.", "f() -> ok", "f() -> case x of end.", "f() -> if true -> 1 end.", "-module(m).", "-export([f/1, g/]).", "f(X) when X > 1, X < 2; X == 5 -> X.",
                       "f() -> {1, 2.", "f() -> [1 | 2, 3].", "f() -> receive after 1 -> ok end.", "f() -> try x catch a:b:c -> d after e end.", "f() -> fun g/1, fun m:g/1, fun M:F/A.",
                       "f() -> #r{a = 1, _ = 2}, X#r.a, #r.b.", "-type t() :: a | [b] | fun((...) -> c).", "-spec f(X) -> Y when X :: integer(), Y :: X.", "f() -> <<X:8/integer-unit:8, Y/bytes>>.",
                       "f() -> [X || X <- L, X > 1, <<Y>> <= B].", "f() -> 1 + * 2.", "f() -> begin end.", "F() -> ok.", "f() -> \"a\" ++ .", "f() -> a:b:c().", "-record(r, {a = 1 :: integer(), b}).",
                       "f() -> #{a => 1, b := 2}.", "f() -> X = Y = 1, {A, B} = X.", "f(1) -> a; g(2) -> b.", "f() -> not - bnot + 1.", "f() -> a andalso b orelse c.", "f() -> 1 == 2 == 3."]],
    {ok, T, _} = erl_scan:string("foo(X) -> [X, \"s\", $c, 1.5, 'a b'].", {1, 1}, [text, return]),
    io:format("~p~n~p~n", [T, [erl_scan:F(Tok) || Tok <- T, F <- [category, symbol, location, column, line, text]]]),
    io:format("~p~n", [erl_scan:tokens([], "a. b. ", 1)]),
    {more, C} = erl_scan:tokens([], "a, ", 1),
    io:format("~p~n", [erl_scan:tokens(C, "b. rest", 1)]),
    io:format("~p~n", [[erl_scan:reserved_word(W) || W <- ['case', 'maybe', 'cond', foo]]]).

scan(S) ->
    R = erl_scan:string(S, {1, 1}),
    io:format("~tp ~tp~n", [S, R]),
    case R of {error, {_, M, E}, _} -> io:format("  ~ts~n", [M:format_error(E)]); _ -> ok end.

parse(S) ->
    {ok, T, _} = erl_scan:string(S, {1, 1}),
    R = erl_parse:parse_form(T),
    io:format("~ts~n  ~tp~n", [S, R]),
    case R of {error, {_, M, E}} -> io:format("  ~ts~n", [M:format_error(E)]); {ok, F} -> io:format("  ~ts", [erl_pp:form(F)]) end.
