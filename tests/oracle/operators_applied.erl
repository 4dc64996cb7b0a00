%% Operators called as functions, with every mixture of kinds of arguments.
-module(operators_applied).
-export([main/0]).

main() ->
    Values = values(),
    [line(Op, [A]) || Op <- ['+', '-', 'not', 'bnot', abs], A <- Values],
    [line(Op, [A, B]) || Op <- ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'and', 'or', 'xor', '==', '/=',
                                '=:=', '=/=', '<', '>', '=<', '>=', '++', '--'], A <- Values, B <- Values],
    [line(Op, [A, B]) || Op <- ['bsl', 'bsr'], A <- Values, B <- [0, 1, -1, 63, 64, 65, -65, foo, 1.0, -(1 bsl 70)]],
    line('!', [self(), hello]),
    io:format("~p~n", [receive M -> M after 0 -> nothing end]),
    line('!', [no_such_name, hello]),
    line('!', [17, hello]),
    line('!', [{no_such_name, node()}, hello]).

line(Op, Args) ->
    Result = try apply(erlang, Op, Args) catch C:R -> {C, R} end,
    io:format("~w ~0p = ~0p~n", [Op, [tidy(A) || A <- Args], tidy(Result)]).
tidy(P) when is_pid(P) -> pid;
tidy(X) -> X.

values() -> [0, 1, -7, 1 bsl 59, -(1 bsl 59) - 1, 1 bsl 64, 2.5, -0.0, true, foo, [], [1, 2], [a | b], {1}, <<1>>, #{}].
