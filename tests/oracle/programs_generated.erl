%% Functions that are generated from a seed, compiled, loaded and called: arithmetic, case, try, funs, comprehensions, binaries, maps. What they
%% answer or raise is compared call by call (digests), and against the evaluator.
-module(programs_generated).
-export([main/0]).

main() ->
    [module(N) || N <- lists:seq(1, 4)].

module(N) ->
    rand:seed(exsss, {51, 52, N}),
    M = list_to_atom("programs_generated_" ++ integer_to_list(N)),
    Count = 7,
    Bodies = [expression(4, ['A', 'B']) || _ <- lists:seq(1, Count)],
    Functions = [{function, I, name(I), 2, [{clause, I, [{var, I, 'A'}, {var, I, 'B'}], [], [Body]}]} || {I, Body} <- lists:zip(lists:seq(1, Count), Bodies)],
    {ok, M, Beam, _} = compile:forms([{attribute, 1, module, M}, {attribute, 1, export, [{name(I), 2} || I <- lists:seq(1, Count)]} | Functions], [return_warnings, nowarn_unused_vars]),
    {module, M} = code:load_binary(M, "nofile", Beam),
    Arguments = [1, -3, 2.5, a, [1, 2], {1, x}, <<1, 2, 3>>, #{1 => one, a => 2}],
    Results = [{I, A, B, attempt(fun() -> M:(name(I))(A, B) end)} || I <- lists:seq(1, Count), A <- Arguments, B <- Arguments],
    [io:format("~w ~w ~w~n", [N, I, erlang:phash2([R || {J, _, _, R} <- Results, J =:= I])]) || I <- lists:seq(1, Count)],
    io:format("~w ~w~n", [N, kinds(Results)]),
    Evaluated = [{I, A, B} || {I, A, B, R} <- Results, (erlang:phash2({I, A, B}) rem 11) =:= 0, evaluated(lists:nth(I, Bodies), A, B) =/= R],
    io:format("evaluated otherwise: ~w~n", [Evaluated]),
    code:delete(M), code:purge(M).

name(I) -> list_to_atom("f" ++ integer_to_list(I)).
kinds(Results) -> lists:sort(maps:to_list(lists:foldl(fun({_, _, _, R}, Acc) -> K = kind(R), Acc#{K => maps:get(K, Acc, 0) + 1} end, #{}, Results))).
kind({error, R}) when is_tuple(R) -> {error, element(1, R)};
kind({C, R}) when is_atom(C), is_atom(R) -> {C, R};
kind(_) -> value.
evaluated(Body, A, B) -> attempt(fun() -> {value, V, _} = erl_eval:expr(Body, [{'A', A}, {'B', B}]), V end).
attempt(F) -> try F() of V when is_function(V) -> function; V -> V catch C:{badfun, _} -> {C, badfun}; C:{badarity, _} -> {C, badarity}; C:R -> {C, R} end.

%% Abstract code of an expression over the variables Vs. Variables that it binds are its own: it is wrapped in a fun where needed.
expression(0, Vs) -> pick([fun() -> {var, 1, pick(Vs)} end, fun() -> {integer, 1, rand:uniform(9) - 4} end, fun() -> {atom, 1, pick([a, b, x])} end, fun() -> {float, 1, rand:uniform(8) / 4} end, fun() -> {nil, 1} end]);
expression(D, Vs) ->
    E = fun() -> expression(D - 1, Vs) end,
    pick([fun() -> {op, 1, pick(['+', '-', '*', 'div', 'rem', 'band', 'bxor', '<', '=<', '==', '=:=', '/=', '++', '/']), E(), E()} end,
          fun() -> {op, 1, pick(['-', 'not', 'bnot', '+']), E()} end,
          fun() -> {cons, 1, E(), E()} end,
          fun() -> {tuple, 1, [E(), E()]} end,
          fun() -> {'case', 1, E(), [{clause, 1, [pattern(2)], [], [E()]} || _ <- [1, 2, 3]] ++ [{clause, 1, [{var, 1, '_'}], [], [E()]} || rand:uniform(3) > 1]} end,
          fun() -> {'try', 1, [E()], [], [{clause, 1, [{tuple, 1, [pick([{var, 1, '_'}, {atom, 1, error}, {atom, 1, throw}]), {var, 1, '_'}, {var, 1, '_'}]}], [], [E()]}], []} end,
          fun() -> {'try', 1, [E()], [{clause, 1, [pattern(1)], [], [E()]}], [{clause, 1, [{tuple, 1, [{atom, 1, error}, pattern(1), {var, 1, '_'}]}], [], [E()]}], [{atom, 1, ignored}]} end,
          fun() -> {'catch', 1, E()} end,
          fun() -> {call, 1, {atom, 1, pick([throw, error, exit, hd, tl, length, abs, is_atom, is_list, is_map, tuple_size, byte_size, map_size, round, float, atom_to_list])}, [E()]} end,
          fun() -> {call, 1, {atom, 1, pick([element, max, min])}, [E(), E()]} end,
          fun() -> V = fresh(), {call, 1, {'fun', 1, {clauses, [{clause, 1, [{var, 1, V}], [], [expression(D - 1, [V | Vs])]}]}}, [E()]} end,
          fun() -> V = fresh(), {lc, 1, expression(D - 1, [V | Vs]), [{generate, 1, {var, 1, V}, E()}, {op, 1, '=/=', {var, 1, V}, {integer, 1, 1}}]} end,
          fun() -> {bin, 1, [{bin_element, 1, E(), pick([default, {integer, 1, 5}]), pick([default, [integer], [integer, little, signed]])} || _ <- [1, 2]]} end,
          fun() -> V = fresh(), {bc, 1, {bin, 1, [{bin_element, 1, {var, 1, V}, {integer, 1, 11}, default}]}, [{b_generate, 1, {bin, 1, [{bin_element, 1, {var, 1, V}, {integer, 1, 3}, default}]}, E()}]} end,
          fun() -> {map, 1, [{map_field_assoc, 1, E(), E()}, {map_field_assoc, 1, E(), E()}]} end,
          fun() -> {map, 1, {var, 1, pick(Vs)}, [{pick([map_field_assoc, map_field_exact]), 1, E(), E()}]} end,
          fun() -> {'if', 1, [{clause, 1, [], [[{op, 1, pick(['<', '>=', '==']), {var, 1, pick(Vs)}, {integer, 1, 1}}]], [E()]}, {clause, 1, [], [[{atom, 1, true}]], [E()]}]} end,
          fun() -> {op, 1, pick(['andalso', 'orelse']), E(), E()} end,
          fun() -> expression(D - 1, Vs) end]).
pattern(0) -> pick([fun() -> {var, 1, '_'} end, fun() -> {integer, 1, rand:uniform(3)} end, fun() -> {atom, 1, pick([a, x, true])} end, fun() -> {nil, 1} end]);
pattern(D) -> pick([fun() -> {tuple, 1, [pattern(D - 1), pattern(D - 1)]} end, fun() -> {cons, 1, pattern(D - 1), {var, 1, '_'}} end, fun() -> {bin, 1, [{bin_element, 1, {integer, 1, rand:uniform(3)}, {integer, 1, 8}, default}, {bin_element, 1, {var, 1, '_'}, default, [bitstring]}]} end, fun() -> {map, 1, [{map_field_exact, 1, {atom, 1, a}, pattern(D - 1)}]} end, fun() -> {float, 1, 2.5} end, fun() -> pattern(D - 1) end, fun() -> pattern(0) end]).
fresh() -> N = get(fresh_variable), put(fresh_variable, case N of undefined -> 1; _ -> N + 1 end), list_to_atom("V" ++ integer_to_list(get(fresh_variable))).
pick(L) -> case lists:nth(rand:uniform(length(L)), L) of F when is_function(F, 0) -> F(); X -> X end.
