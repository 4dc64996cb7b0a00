%% The depth of stack traces: the system flag, traces given to raise/3, current stacktraces, runs of equal frames.
-module(raised_depths).
-export([main/0]).
-export([id/1]).

main() ->
    Old = erlang:system_flag(backtrace_depth, 8),
    io:format("~w~n", [Old]),
    Given = [{m, f, N} || N <- lists:seq(1, 20)],
    [begin
        Was = erlang:system_flag(backtrace_depth, D),
        io:format("~w was ~w: ~w ~w ~w ~w ~w ~w~n", [D, Was, functions(fun() -> deep(30) end), functions(fun() -> even(29) end), functions(fun() -> erlang:raise(error, x, Given) end),
                                                  functions(fun() -> again(Given) end), functions(fun() -> lists:map(fun(X) -> [deep(X)] end, [3]) end), current()])
     end || D <- [0, 1, 2, 3, 8, 20, 50, 0, 8]],
    [io:format("~w ~w~n", [D, try erlang:system_flag(backtrace_depth, D) catch error:R -> R end]) || D <- [-1, a, 1.0, 1 bsl 64, 1000000, 8, []]],
    io:format("~w~n", [erlang:system_flag(backtrace_depth, Old)]).

functions(F) -> try F() catch _:_:S -> [{G, if is_list(A) -> length(A); true -> A end} || {_, G, A, _} <- S, not lists:member(G, [start_em, start_it, do_boot, start])] end.
current() -> {current_stacktrace, L} = id(process_info(self(), current_stacktrace)), [F || {raised_depths, F, _, _} <- L].
deep(0) -> error(bottom);
deep(N) -> [deep(N - 1)].
even(0) -> error(bottom);
even(N) -> [odd(N - 1)].
odd(0) -> throw(bottom);
odd(N) -> {even(N - 1)}.
again(G) -> try erlang:raise(exit, y, G) catch C:R:S -> erlang:raise(C, R, [{n, g, 0} | S]) end.
id(X) -> X.
