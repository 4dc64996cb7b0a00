%% Guards made by chance over values of all kinds: compiled code, the evaluator, match specifications made of them, and the same
%% expression in a body, where what fails is an exception.
-module(random_guards).
-export([main/0]).

main() ->
    %% Stock's loader refuses what its compiler makes of some seeds.
    [batch(N) || N <- [1, 3, 5, 6, 7, 9, 12, 13]].

batch(N) ->
    rand:seed(exsss, N),
    Guards = [guard(3) || _ <- lists:seq(1, 60)],
    Values = [{value(), value(), value()} || _ <- lists:seq(1, 25)],
    Name = list_to_atom("guards_" ++ integer_to_list(N)),
    Vars = [{var, 1, V} || V <- ['A', 'B', 'C']],
    Names = [list_to_atom("g" ++ integer_to_list(I)) || I <- lists:seq(1, 60)],
    Forms = [{attribute, 1, module, Name}, {attribute, 1, export, [{F, 3} || F <- Names] ++ [{body(F), 3} || F <- Names]}
             | lists:append([[{function, 1, F, 3, [{clause, 1, Vars, [[G]], [{atom, 1, yes}]}, {clause, 1, [{var, 1, '_'} || _ <- Vars], [], [{atom, 1, no}]}]},
                              {function, 1, body(F), 3, [{clause, 1, Vars, [], [G]}]}] || {F, G} <- lists:zip(Names, Guards)])],
    {ok, Name, Code} = compile:forms(Forms, lists:nth(N rem 3 + 1, [[], [no_ssa_opt, no_bool_opt], [r22]])),
    {module, Name} = code:load_binary(Name, "guards", Code),
    Compiled = [[Name:F(A, B, C) || {A, B, C} <- Values] || F <- Names],
    Bodies = [[try Name:(body(F))(A, B, C) of true -> yes; false -> no; _ -> other catch error:R -> {error, class(R)} end || {A, B, C} <- Values] || F <- Names],
    Evaluated = [[evaluated(G, V) || V <- Values] || G <- Guards],
    Matched = [ets:match_spec_run(Values, ets:match_spec_compile([{{'$1', '$2', '$3'}, [specification(G)], [yes]}, {'_', [], [no]}])) || G <- Guards],
    code:delete(Name),
    code:purge(Name),
    io:format("~w evaluator ~w, specifications ~w, bodies ~w~n", [N, Compiled =:= Evaluated, Compiled =:= Matched, erlang:phash2(Bodies)]),
    [io:format("~w ~w ~w~n", [F, length([yes || yes <- R]), erlang:phash2({R, Body})]) || {F, R, Body} <- lists:zip3(Names, Compiled, Bodies)].

body(F) -> list_to_atom("body_" ++ atom_to_list(F)).
class(R) when is_tuple(R) -> element(1, R);
class(R) -> R.

evaluated(Guard, {A, B, C}) ->
    Bindings = lists:foldl(fun({N, V}, Bs) -> erl_eval:add_binding(N, V, Bs) end, erl_eval:new_bindings(), [{'A', A}, {'B', B}, {'C', C}]),
    {value, V, _} = erl_eval:expr({'if', 1, [{clause, 1, [], [[Guard]], [{atom, 1, yes}]}, {clause, 1, [], [[{atom, 1, true}]], [{atom, 1, no}]}]}, Bindings),
    V.

value() ->
    pick([0, 1, -1, 7, 255, rand:uniform(100), 1 bsl 59, -(1 bsl 60), 1 bsl 100, 1.0, 0.0, -2.5, 1.0e20, a, b, true, false, [], [1], [1, 2 | 3], [a, b, c], {}, {1}, {a, b, c}, <<>>, <<1, 2, 3>>,
          <<5:3>>, #{}, #{a => 1, 1 => a}, #{1.0 => b}, self(), fun lists:map/2]).

guard(N) ->
    pick([fun() -> {op, 1, pick(['<', '>', '=<', '>=', '==', '=:=', '/=', '=/=']), expr(N), expr(N)} end,
          fun() -> {call, 1, {atom, 1, pick([is_integer, is_float, is_number, is_atom, is_list, is_tuple, is_binary, is_map, is_pid, is_function])}, [expr(N)]} end,
          fun() -> case N of 0 -> {atom, 1, pick([true, false])}; _ -> {op, 1, pick(['and', 'or', 'xor', 'andalso', 'orelse']), guard(N - 1), guard(N - 1)} end end,
          fun() -> case N of 0 -> {var, 1, pick(['A', 'B', 'C'])}; _ -> {op, 1, 'not', guard(N - 1)} end end,
          fun() -> {call, 1, {atom, 1, is_map_key}, [expr(0), expr(0)]} end], run).

expr(0) -> pick([{var, 1, 'A'}, {var, 1, 'B'}, {var, 1, 'C'}, {integer, 1, pick([0, 1, 2, 3, 100])}, {atom, 1, pick([a, true])}, {float, 1, 1.0}, {nil, 1}]);
expr(N) ->
    E = fun() -> expr(N - 1) end,
    pick([fun() -> expr(0) end,
          fun() -> {op, 1, pick(['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor']), E(), E()} end,
          fun() -> {op, 1, pick(['bsl', 'bsr']), E(), {integer, 1, rand:uniform(80)}} end,
          fun() -> {op, 1, pick(['-', '+', 'bnot']), E()} end,
          fun() -> {call, 1, {atom, 1, pick([abs, round, trunc, float])}, [E()]} end,
          fun() -> {call, 1, {atom, 1, pick([length, hd, tl, size, map_size, bit_size, byte_size])}, [E()]} end,
          fun() -> {call, 1, {atom, 1, element}, [E(), E()]} end,
          fun() -> {call, 1, {atom, 1, map_get}, [E(), E()]} end,
          fun() -> {tuple, 1, [E(), E()]} end,
          fun() -> {cons, 1, E(), {nil, 1}} end], run).

%% The guard as a match specification has it.
specification({op, 1, Op, A, B}) -> {Op, specification(A), specification(B)};
specification({op, 1, Op, A}) -> {Op, specification(A)};
specification({call, 1, {atom, 1, F}, As}) -> list_to_tuple([F | [specification(A) || A <- As]]);
specification({var, 1, V}) -> maps:get(V, #{'A' => '$1', 'B' => '$2', 'C' => '$3'});
specification({tuple, 1, Es}) -> {list_to_tuple([specification(E) || E <- Es])};
specification({cons, 1, H, {nil, 1}}) -> [specification(H)];
specification({nil, 1}) -> [];
specification({_, 1, V}) -> V.

pick(L) -> lists:nth(rand:uniform(length(L)), L).
pick(L, run) -> (pick(L))().
