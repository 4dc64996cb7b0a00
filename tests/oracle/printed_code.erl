%% erl_pp prints what erl_parse read, and reading that again gives the same code.
-module(printed_code).
-export([main/0]).

main() -> [there_and_back(S) || S <- sources()], [expression(S) || S <- expressions()].

sources() ->
    ["f(X, Y) when is_integer(X), X > 0; is_atom(Y) -> {X, Y}; f(_, #{a := B, \"k\" := <<C:8/unsigned, _/binary>>}) -> [B | C].",
     "g() -> case h() of {ok, V} when V =/= 1 -> V; error -> throw(x); _ -> begin a, b end end.", "h() -> try a:b(1) of X -> X catch error:badarg:S -> S; exit:_ -> e; T -> T after io:nl() end.",
     "i() -> receive {msg, M} -> M; stop -> ok after 5000 -> timeout end.", "j() -> fun(A) when A > 1 -> A; (B) -> fun Named(0) -> done; Named(N) -> Named(N - 1) end(B) end.",
     "k() -> [X * Y || X <- lists:seq(1, 3), Y <- [4, 5], X rem 2 =:= 1, is_integer(Y)] ++ << <<Z:16>> || <<Z>> <= <<1, 2>> >>.", "l(R) -> R#rec{a = 1, b = R#rec.c}, #rec{_ = 0}, #rec.d.",
     "m() -> \"string with \\\"quotes\\\" and \\n newline\", $a, $\\n, 'quoted atom', 16#ff, 1.5e10, <<\"bin\"/utf8>>.", "-record(rec, {a = 1 :: integer(), b, c :: atom() | [string()], d}).",
     "-type t(A) :: {A, [t(A)]} | #{atom() => A, key := integer()} | fun((...) -> ok) | 1..10 | <<_:8, _:_*16>> | #rec{} | nonempty_list(A).", "-spec f(X :: t(a), Y) -> {ok, X} | error when Y :: term().",
     "-callback c(integer()) -> any().", "-opaque o() :: reference().", "n() -> (catch 1 + 2 * 3) bsl 4 band not a andalso b orelse - c, x ! y ! z.", "o() -> M = #{}, M#{a => 1, b := 2}, (m()):f(), mod:(g())(1).",
     "p() -> if true -> a; X > 1, Y -> b end.", "-export([a/1, b/2]).", "-import(lists, [map/2, foldl/3]).", "-file(\"x.erl\", 7).", "-attr({some, [term, 1]}).",
     "long_function_name_that_takes_room(FirstArgument, SecondArgument, {third, argument, with, parts}) -> another_function_with_a_long_name(FirstArgument, [SecondArgument, more, things, in, here]), ok."].

expressions() -> ["1 + 2 * 3 - -4", "a = b = c", "X = fun() -> ok end", "f(g(h(1)), [a, b | T])", "{{{}}}", "[[], [[]]]", "#{1 => #{2 => 3}}", "<<1:2, X:Y/float, \"abc\", (f()):4>>", "(A + B) * (C - D) div E",
                  "not (a or b) and c xor d", "catch catch x", "-(-1)", "X#r.f", "fun m:f/3", "1 =:= 2", "a ! b ! c", "\"a\" \"b\"", "maybe_not"].

there_and_back(S) ->
    {ok, F} = form(S),
    Text = lists:flatten(erl_pp:form(F)),
    io:format("~ts", [Text]),
    Again = case form(Text) of {ok, G} -> lists:flatten(erl_pp:form(G)) =:= Text; Other -> Other end,
    io:format("~p~n", [Again]).

form(S) -> {ok, T, _} = erl_scan:string(S), erl_parse:parse_form(T).

expression(S) ->
    {ok, T, _} = erl_scan:string(S ++ "."),
    case erl_parse:parse_exprs(T) of
        {ok, E} -> io:format("~ts~n", [erl_pp:exprs(E)]);
        {error, {_, M, D}} -> io:format("~ts~n", [M:format_error(D)])
    end.
