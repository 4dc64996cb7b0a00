%% Handlers of undefined functions: a process's own error_handler, what it is asked, '$handle_undefined_function', lambdas of modules that are gone.
-module(error_handlers).
-export([main/0, undefined_function/3, undefined_lambda/3, breakpoint/3]).

undefined_function(nowhere, compute, [A, B]) -> {computed, A, B};
undefined_function(again, F, [N]) when N > 0 -> again:F(N - 1);
undefined_function(M, F, A) -> put(asked, [{M, F, length(A)} | case get(asked) of undefined -> []; L -> L end]), error_handler:undefined_function(M, F, A).

undefined_lambda(M, F, A) -> {lambda, M, is_function(F), A}.
breakpoint(_, _, _) -> ok.

main() ->
    logger:set_primary_config(level, none),
    show(default, [process_flag(error_handler, ?MODULE), process_flag(error_handler, ?MODULE)]),
    show(answered, [nowhere:compute(1, 2), apply(nowhere, compute, [x, y]), (fun nowhere:compute/2)(a, b), nowhere:compute([], {})]),
    show(in_guards, [X || X <- [1, 2], catch nowhere:compute(X, X) =:= {computed, X, X}]),
    show(recursive, caught(fun() -> again:down(3) end)),
    show(passed_on, [caught(fun() -> lists:no_such(1) end), caught(fun() -> unknown_module:f() end), caught(fun() -> apply(lists, map, [x]) end), lists:reverse(get(asked))]),
    show(others_unaffected, begin {P, M} = spawn_monitor(fun() -> nowhere:compute(1, 2) end), receive {'DOWN', M, process, P, {R, _}} -> R end end),
    show(spawned, begin {P2, M2} = spawn_monitor(fun() -> process_flag(error_handler, ?MODULE), exit(nowhere:compute(3, 4)) end), receive {'DOWN', M2, process, P2, R2} -> R2 end end),
    show(spawn_mfa, begin Self = self(), {P3, M3} = spawn_monitor(nowhere, compute, [Self, 1]), receive {'DOWN', M3, process, P3, {R3, _}} -> R3 end end),
    {module, gone} = load(gone, "-export([f/0, g/0]). f() -> fun(X) -> {in_gone, X} end. g() -> fun gone:f/0."),
    Fun = gone:f(),
    show(before, Fun(1)),
    code:delete(gone),
    code:purge(gone),
    show(fun_of_a_module_that_is_gone, caught(fun() -> Fun(2) end)),
    {module, gone} = load(gone, "-export([f/0]). f() -> fun(X) -> {other, X, 1} end."),
    show(fun_of_another_version, caught(fun() -> Fun(3) end)),
    show(back, process_flag(error_handler, error_handler)),
    show(without, caught(fun() -> nowhere:compute(1, 2) end)),
    {module, proxy} = load(proxy, "-export(['$handle_undefined_function'/2, known/1]). known(X) -> {known, X}. '$handle_undefined_function'(F, A) -> {proxied, F, A}."),
    show(proxied, [proxy:known(1), proxy:unknown(1, 2), proxy:other(), apply(proxy, 'any name', [x]), (fun proxy:made/1)(y), proxy:module_info(module)]),
    {module, raising} = load(raising, "-export(['$handle_undefined_function'/2]). '$handle_undefined_function'(F, A) -> error_handler:raise_undef_exception(raising, F, A)."),
    show(raising, caught(fun() -> raising:f(1) end)),
    show(stub, [caught(fun() -> error_handler:stub_function(nowhere, f, [1]) end), caught(fun() -> error_handler:undefined_function(nowhere2, f, [1]) end), caught(fun() -> error_handler:undefined_lambda(lists, fun lists:map/2, [1]) end)]),
    show(wrong, [caught(fun() -> process_flag(error_handler, id(X)) end) || X <- [1, "x", {}]]),
    show(info, [process_info(self(), error_handler), element(2, process_info(whereis(init), error_handler))]),
    show(stack, begin {'EXIT', {undef, [{M6, F6, A6, _} | _]}} = (catch nowhere:deep([a])), {M6, F6, A6} end),
    show(exported, [erlang:function_exported(proxy, F, A) || {F, A} <- [{known, 1}, {unknown, 2}, {'$handle_undefined_function', 2}]]).

load(Name, Body) ->
    {ok, Tokens, _} = erl_scan:string("-module(" ++ atom_to_list(Name) ++ "). " ++ Body, 1, [return_comments]),
    {ok, Name, Beam} = compile:forms([begin {ok, F} = erl_parse:parse_form(T), F end || T <- split(Tokens, []), T =/= []], []),
    code:load_binary(Name, "none", Beam).

split([], []) -> [];
split([{dot, _} = D | T], Acc) -> [lists:reverse([D | Acc]) | split(T, [])];
split([X | T], Acc) -> split(T, [X | Acc]).

caught(F) -> try F() catch error:R:S -> [{M, N, A, _} | _] = S, {error, R, M, N, A}; C:R -> {C, R} end.

id(X) -> X.

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
