%% What goes wrong in calls of funs and in apply/2,3, in the middle and at the end of functions: the reason, and the first function of the stack trace.
-module(apply_failures).
-compile([export_all, nowarn_export_all]).

main() ->
    Funs = [fun lists:map/2, fun(X, Y) -> X + Y end, fun erlang:max/2, fun nomod:f/1, fun lists:nothing/1, x, {lists, map}, 1, fun() -> error(inside) end, fun ?MODULE:raises/1],
    [show(Call, F, [caught(fun() -> ?MODULE:Call(F, [1]) end)]) || F <- Funs, Call <- [last_apply, middle_apply, last_apply_frame, last_call, middle_call, tried_apply]],
    [show(list, L, [caught(fun() -> ?MODULE:Call(fun lists:reverse/1, L) end) || Call <- [last_apply, middle_apply, last_apply_frame]]) || L <- [x, [1 | 2], [], [1, 2], [a]]],
    Targets = [{lists, map, [1]}, {lists, reverse, [x]}, {nomod, f, []}, {lists, nothing, [1, 2]}, {1, f, []}, {lists, "f", []}, {lists, map, x}, {lists, map, [1 | 2]}, {erlang, error, [boom]}, {erlang, throw, [t]},
               {erlang, apply, [lists, map, [1]]}, {?MODULE, raises, [1]}, {erlang, '+', [a, 1]}, {erlang, hibernate, [x, y, z]}],
    [show(T, '', [caught(fun() -> ?MODULE:Call(M, F, A) end) || Call <- [last_mfa, middle_mfa, last_mfa_frame]]) || {M, F, A} = T <- Targets].

last_apply(F, A) -> apply(F, A).
middle_apply(F, A) -> {apply(F, A)}.
last_apply_frame(F, A) -> put(x, F), apply(F, A).
last_call(F, [X]) -> F(X).
middle_call(F, [X]) -> {F(X)}.
tried_apply(F, A) -> try apply(F, A) of X -> X after put(y, A) end.
last_mfa(M, F, A) -> apply(M, F, A).
middle_mfa(M, F, A) -> {apply(M, F, A)}.
last_mfa_frame(M, F, A) -> put(x, M), apply(M, F, A).
raises(X) -> error({raised, X}).

%% Stock's traces name a caller twice where the call is not the last thing.
caught(F) ->
    try {value, F()} catch
        C:R:S -> {C, R, lists:sublist(once([{M, N, A} || {M, N, A, _} <- S, M =/= init]), 2)}
    end.

once([X, X | L]) -> once([X | L]);
once([X | L]) -> [X | once(L)];
once([]) -> [].

show(Call, F, Values) -> io:format("~0p ~0p: ~0p~n", [Call, F, Values]).
