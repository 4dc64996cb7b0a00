%% What erl_lint finds, and how it words it.
-module(lint_messages).
-export([main/0]).

main() -> [lint(F) || F <- forms()].

forms() ->
    ["-module(m). -export([f/0]). f() -> X.", "-module(m). f() -> ok.", "-module(m). -export([f/1]). f(X) -> 1.", "-module(m). -export([f/0, g/0]). f() -> ok.",
     "-module(m). -export([f/1]). f(X) -> case X of Y -> ok end.", "-module(m). -export([f/1]). f(X) -> case X of 1 -> Y = 1; 2 -> ok end, Y.", "-module(m). -export([f/0]). f() -> g().",
     "-module(m). -export([f/0]). f() -> #r{}.", "-module(m). -record(r, {a}). -export([f/0]). f() -> #r{b = 1}.", "-module(m). -record(r, {a, a}).", "-module(m). -export([f/0]). f() -> 1. f() -> 2.",
     "-module(m). -export([f/1]). f(X) when foo(X) -> ok.", "-module(m). -export([f/1]). f(X) when X:y() -> ok.", "-module(m). -export([f/0]). f() -> fun h/3.", "-module(m). -export([f/0]). f() -> <<1:3/binary>>.",
     "-module(m). -export([f/0]). f() -> <<a:(b)>>.", "-module(m). -export([f/1]). f(<<X:Y, Y>>) -> X.", "-module(m). -type t() :: u(). -export_type([t/0, v/0]).", "-module(m). -spec f(a) -> b. -export([f/0]). f() -> ok.",
     "-module(m). -spec g() -> ok.", "-module(m). -export([f/0]). f() -> erlang:now().", "-module(m). -export([f/0]). f() -> length(1, 2, 3).", "-module(m). -export([f/1]). f(X) -> X = 1, X = 2, ok, 3, X.",
     "-module(m). -export([f/0]). f() -> try ok catch X -> ok end.", "-module(m). -behaviour(gen_server).", "-module(m). -behaviour(no_such_behaviour).", "-module(m). -import(lists, [map/2]). -export([f/0]). f() -> map(1, 2).",
     "-module(m). -compile(export_all). f() -> ok.", "-module(m). -on_load(x/0).", "-module(m). -export([f/0]). f() -> [X || X <- [1], X <- [2]].", "-module(m). -export([f/1]). f(X) -> fun(X) -> X end.",
     "-module(m). -export([f/0]). f() -> receive X -> ok end, X.", "-module(m). -export([f/0]). f() -> io:format(\"~p ~p\", [1]).", "-module(m). -export([f/0]). f() -> io:format(\"~z\", [1]).",
     "-module(m). -export([f/1]). f({a, _} = {b, Y}) -> Y.", "-module(m). -export([f/1]). f(#{k := V, V := x}) -> V.", "-module(m). -export([f/1]). f(1 + X) -> X.", "-module(m). -export([f/1]). f(\"a\" ++ X) -> X.",
     "-module(m). -deprecated({f, 1}). -export([f/0]). f() -> ok.", "-module(m). -foo(bar).", "-module(m). -export([f/0]). f() -> a, {b, c}, 1 + 2, ok.", "-module(m). -export([main/0, main/0]). main() -> ok."].

lint(Text) ->
    Options = [warn_unused_vars, warn_shadow_vars, warn_export_vars, warn_export_all, warn_obsolete_guard, warn_missing_spec, nowarn_deprecated_function],
    Result = erl_lint:module(parse(erl_scan:string(Text)), "m.erl", Options),
    io:format("~s~n", [Text]),
    case Result of
        {ok, Warnings} -> tell(warning, Warnings);
        {error, Errors, Warnings} -> tell(error, Errors), tell(warning, Warnings)
    end.

tell(Kind, All) -> [io:format("  ~p ~p ~ts~n", [Kind, Where, M:format_error(E)]) || {_, L} <- All, {Where, M, E} <- lists:sort(L)].

parse({ok, Tokens, _}) -> split(Tokens, []).
split([], []) -> [];
split([{dot, _} = D | Rest], Form) ->
    {ok, F} = erl_parse:parse_form(lists:reverse([D | Form])),
    [F | split(Rest, [])];
split([T | Rest], Form) -> split(Rest, [T | Form]).
