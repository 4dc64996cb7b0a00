%% Programs made by chance, well typed but for the mistakes that are made on purpose: what they compute, compiled with several sets of
%% options of the compiler, and by the evaluator.
-module(random_programs).
-export([main/0]).

main() ->
    [show(Seed) || Seed <- lists:seq(1, 16)].

show(Seed) ->
    rand:seed(exsss, Seed),
    Name = list_to_atom("made_" ++ integer_to_list(Seed)),
    Functions = [{list_to_atom("f" ++ integer_to_list(N)), N rem 4, type()} || N <- lists:seq(1, 5)],
    Forms = [{attribute, 1, module, Name}, {attribute, 1, export, [{F, A} || {F, A, _} <- Functions]}
             | [function(F, lists:nthtail(N, Functions)) || {N, F} <- lists:zip(lists:seq(1, 5), Functions)]],
    Calls = [{F, arguments(A)} || {F, A, _} <- Functions, _ <- [1, 2, 3]],
    Answers = [compiled(Name, Forms, Options, Calls) || Options <- [[] | options(Seed)]],
    io:format("~w ~w ~w~n", [Seed, [erlang:phash2(A) || A <- hd(Answers)], [A =:= hd(Answers) || A <- tl(Answers)]]),
    [io:format("~w ~0p~n", [Seed, A]) || Seed < 4, A <- hd(Answers)].

%% Two sets of options, in turn.
options(Seed) ->
    All = [[no_ssa_opt], [no_copt, no_postopt], [inline, {inline_size, 100}], [no_type_opt, no_bsm_opt], [r23], [r22, no_ssa_opt]],
    [lists:nth(N rem 6 + 1, All) || N <- [Seed, Seed + 3]].

compiled(Name, Forms, Options, Calls) ->
    {ok, Name, Code} = compile:forms(Forms, [nowarn_unused_vars | Options]),
    {module, Name} = code:load_binary(Name, "made", Code),
    Answers = [answer(fun() -> apply(Name, F, As) end) || {F, As} <- Calls],
    true = code:delete(Name),
    code:purge(Name),
    Answers.

%% Classes and reasons are told, and terms in an order that the compiler cannot change.
answer(F) ->
    try F() of
        R when is_function(R) -> function;
        R -> R
    catch
        C:{badfun, _} -> {C, badfun};
        C:R -> {C, R}
    end.

arguments(N) -> [value(rand:uniform(7)) || _ <- lists:seq(1, N)].

value(1) -> rand:uniform(1000) - 500;
value(2) -> pick([0, 1, -1, 1 bsl 59, -(1 bsl 59) - 1, 1 bsl 64, 255, 256]);
value(3) -> [rand:uniform(20) || _ <- lists:seq(1, rand:uniform(5) - 1)];
value(4) -> {rand:uniform(5), pick([a, b, ok, true])};
value(5) -> list_to_binary([rand:uniform(255) || _ <- lists:seq(1, rand:uniform(6) - 1)]);
value(6) -> #{a => rand:uniform(9), rand:uniform(3) => b};
value(7) -> pick([true, false, a, 1.5, -0.25, []]).

type() -> pick([int, int, list, tuple, bin, map, bool, any]).
pick(L) -> lists:nth(rand:uniform(length(L)), L).
one_of(L) -> (pick(L))().

%% A function calls only those behind it, so that it ends.
function({F, Arity, Type}, Later) ->
    Names = [list_to_atom("A" ++ integer_to_list(N)) || N <- lists:seq(1, Arity)],
    put(count, 0),
    Clauses = case Arity > 0 andalso rand:uniform(2) of
                  1 -> [{clause, 1, [pattern(N) || N <- Names], [guard(Names)], body(Type, Names, Later)}, last(Names, Type, Later)];
                  _ -> [last(Names, Type, Later)]
              end,
    {function, 1, F, Arity, Clauses}.

last(Names, Type, Later) -> {clause, 1, [{var, 1, N} || N <- Names], [], body(Type, Names, Later)}.

pattern(Name) ->
    case rand:uniform(4) of
        1 -> {match, 1, {var, 1, Name}, {tuple, 1, [{var, 1, '_'}, {var, 1, '_'}]}};
        2 -> {match, 1, {var, 1, Name}, {cons, 1, {var, 1, '_'}, {var, 1, '_'}}};
        _ -> {var, 1, Name}
    end.

guard(Names) ->
    V = {var, 1, pick(Names)},
    [pick([{call, 1, {atom, 1, pick([is_integer, is_list, is_tuple, is_binary, is_map, is_atom, is_number])}, [V]},
           {op, 1, pick(['<', '>=', '=:=', '/=']), V, int(rand:uniform(300))},
           {op, 1, 'andalso', {call, 1, {atom, 1, is_integer}, [V]}, {op, 1, '>', {op, 1, 'rem', V, int(7)}, int(2)}},
           {op, 1, '>', {call, 1, {atom, 1, pick([length, byte_size, tuple_size, map_size, hd, abs])}, [V]}, int(1)}])].

body(Type, Vars, Later) ->
    case rand:uniform(3) of
        1 ->
            New = fresh(),
            T = type(),
            [{match, 1, {var, 1, New}, expr(T, 2, Vars, Later)} | body(Type, [New | Vars], Later)];
        _ -> [expr(Type, 3, Vars, Later)]
    end.

fresh() -> N = get(count) + 1, put(count, N), list_to_atom("V" ++ integer_to_list(N)).

int(N) -> {integer, 1, N}.
call(F, As) -> {call, 1, {atom, 1, F}, As}.
remote(M, F, As) -> {call, 1, {remote, 1, {atom, 1, M}, {atom, 1, F}}, As}.

%% An expression that has the wanted type, unless it is a variable or something fails.
expr(Type, 0, Vars, _) -> leaf(Type, Vars);
expr(Type, N, Vars, Later) ->
    case rand:uniform(10) of
        1 -> leaf(Type, Vars);
        2 -> condition(Type, N - 1, Vars, Later);
        3 -> protected(Type, N - 1, Vars, Later);
        4 when Later =/= [] ->
            {F, A, _} = pick(Later),
            call(F, [expr(type(), N - 1, Vars, Later) || _ <- lists:seq(1, A)]);
        5 ->
            Name = fresh(),
            {call, 1, {'fun', 1, {clauses, [{clause, 1, [{var, 1, Name}], [], [expr(Type, N - 1, [Name | Vars], Later)]}]}}, [expr(int, N - 1, Vars, Later)]};
        _ -> typed(Type, fun(T) -> expr(T, N - 1, Vars, Later) end)
    end.

leaf(Type, Vars) when Vars =/= [] -> case rand:uniform(3) of 1 -> {var, 1, pick(Vars)}; _ -> constant(Type) end;
leaf(Type, _) -> constant(Type).

constant(int) -> int(pick([0, 1, 2, 7, 100, 1 bsl 40, 1 bsl 60]));
constant(list) -> {cons, 1, int(rand:uniform(9)), {nil, 1}};
constant(tuple) -> {tuple, 1, [int(1), {atom, 1, pick([a, b])}]};
constant(bin) -> {bin, 1, [{bin_element, 1, {string, 1, pick(["", "abc", "xy"])}, default, default}]};
constant(map) -> {map, 1, [{map_field_assoc, 1, {atom, 1, a}, int(rand:uniform(9))}]};
constant(bool) -> {atom, 1, pick([true, false])};
constant(any) -> constant(pick([int, list, tuple, bin, map, bool])).

condition(Type, N, Vars, Later) ->
    E = fun(T) -> expr(T, N, Vars, Later) end,
    V = fresh(),
    case rand:uniform(4) of
        1 -> {'case', 1, E(bool), [{clause, 1, [{atom, 1, true}], [], [E(Type)]}, {clause, 1, [{var, 1, '_'}], [], [E(Type)]}]};
        2 -> {'case', 1, E(int), [{clause, 1, [int(K)], [], [E(Type)]} || K <- lists:sublist([0, 1, 2, 3, 7, 100], rand:uniform(6))]
                                  ++ [{clause, 1, [{var, 1, V}], [], [expr(Type, N, [V | Vars], Later)]}]};
        3 -> {'case', 1, E(any), [{clause, 1, [{cons, 1, {var, 1, V}, {var, 1, '_'}}], [], [expr(Type, N, [V | Vars], Later)]},
                                  {clause, 1, [{tuple, 1, [{var, 1, V}, {atom, 1, a}]}], [[{op, 1, '>', {var, 1, V}, int(0)}]], [expr(Type, N, [V | Vars], Later)]},
                                  {clause, 1, [{bin, 1, [{bin_element, 1, {var, 1, V}, pick([default, int(5), int(16)]), pick([default, [little], [signed]])},
                                                         {bin_element, 1, {var, 1, '_'}, default, [bitstring]}]}], [], [expr(Type, N, [V | Vars], Later)]},
                                  {clause, 1, [{map, 1, [{map_field_exact, 1, {atom, 1, a}, {var, 1, V}}]}], [], [expr(Type, N, [V | Vars], Later)]}
                                  | case rand:uniform(4) of 1 -> []; _ -> [{clause, 1, [{var, 1, '_'}], [], [E(Type)]}] end]};
        4 -> {'if', 1, [{clause, 1, [], [guard(Vars)], [E(Type)]} || Vars =/= []] ++ [{clause, 1, [], [[{atom, 1, true}]], [E(Type)]}]}
    end.

protected(Type, N, Vars, Later) ->
    V = fresh(),
    E = fun(T) -> expr(T, N, Vars, Later) end,
    Thrower = pick([E(any), call(throw, [E(any)]), call(error, [E(int)]), call(exit, [E(tuple)]), remote(maps, get, [{atom, 1, none}, E(map)])]),
    Clauses = [{clause, 1, [{tuple, 1, [{atom, 1, C}, {var, 1, V}, {var, 1, '_'}]}], [], [expr(Type, N, [V | Vars], Later)]} || C <- pick([[throw], [error, throw], [exit, error, throw]])],
    After = case rand:uniform(3) of 1 -> [{call, 1, {atom, 1, put}, [{atom, 1, k}, E(int)]}]; _ -> [] end,
    Of = case rand:uniform(3) of 1 -> W = fresh(), [{clause, 1, [{var, 1, W}], [], [expr(Type, N, [W | Vars], Later)]}]; _ -> [] end,
    case rand:uniform(5) of
        1 -> {'catch', 1, Thrower};
        _ -> {'try', 1, [Thrower], Of, Clauses, After}
    end.

typed(int, E) ->
    one_of([fun() -> {op, 1, pick(['+', '-', '*', 'div', 'rem', 'band', 'bor', 'bxor']), E(int), E(int)} end,
          fun() -> {op, 1, pick(['-', 'bnot', '+']), E(int)} end,
          fun() -> {op, 1, pick(['bsl', 'bsr']), E(int), int(rand:uniform(70) - 10)} end,
          fun() -> call(pick([length]), [E(list)]) end,
          fun() -> call(pick([tuple_size]), [E(tuple)]) end,
          fun() -> call(pick([byte_size, bit_size]), [E(bin)]) end,
          fun() -> call(map_size, [E(map)]) end,
          fun() -> call(pick([abs, round, trunc]), [{op, 1, pick(['/', '*', '+']), E(int), {float, 1, pick([1.5, 0.5, 3.0])}}]) end,
          fun() -> call(element, [int(rand:uniform(3)), E(tuple)]) end,
          fun() -> remote(erlang, phash2, [E(any)]) end]);
typed(list, E) ->
    one_of([fun() -> {cons, 1, E(any), E(list)} end,
          fun() -> {op, 1, pick(['++', '--']), E(list), E(list)} end,
          fun() -> V = fresh(), {lc, 1, {op, 1, '+', {var, 1, V}, int(1)}, [{generate, 1, {var, 1, V}, E(list)}, {op, 1, '>', {var, 1, V}, int(3)}]} end,
          fun() -> V = fresh(), {lc, 1, {var, 1, V}, [{b_generate, 1, {bin, 1, [{bin_element, 1, {var, 1, V}, pick([default, int(3), int(12)]), default}]}, E(bin)}]} end,
          fun() -> call(tl, [E(list)]) end,
          fun() -> call(tuple_to_list, [E(tuple)]) end,
          fun() -> remote(lists, pick([reverse, sort, usort]), [E(list)]) end,
          fun() -> remote(maps, keys, [E(map)]) end]);
typed(tuple, E) ->
    one_of([fun() -> {tuple, 1, [E(any) || _ <- lists:seq(1, rand:uniform(4) - 1)]} end,
          fun() -> call(setelement, [int(rand:uniform(3)), E(tuple), E(any)]) end,
          fun() -> call(list_to_tuple, [E(list)]) end]);
typed(bin, E) ->
    Element = fun() -> pick([{bin_element, 1, E(int), pick([default, int(rand:uniform(40))]), pick([default, [little], [signed]])}, {bin_element, 1, E(bin), default, [binary]},
                             {bin_element, 1, {op, 1, '*', E(int), {float, 1, 0.5}}, int(pick([32, 64])), [float]}, {bin_element, 1, int(rand:uniform(70000)), default, [pick([utf8, utf16])]}]) end,
    one_of([fun() -> {bin, 1, [Element() || _ <- lists:seq(1, rand:uniform(4))]} end,
          fun() -> V = fresh(), {bc, 1, {bin, 1, [{bin_element, 1, {var, 1, V}, pick([default, int(5)]), default}]}, [{generate, 1, {var, 1, V}, E(list)}]} end,
          fun() -> call(pick([term_to_binary, integer_to_binary]), [E(int)]) end,
          fun() -> call(list_to_binary, [E(list)]) end]);
typed(map, E) ->
    one_of([fun() -> {map, 1, [{map_field_assoc, 1, E(any), E(any)} || _ <- lists:seq(1, rand:uniform(3))]} end,
          fun() -> {map, 1, E(map), [{map_field_assoc, 1, E(int), E(any)}]} end,
          fun() -> {map, 1, E(map), [{map_field_exact, 1, {atom, 1, a}, E(any)}]} end,
          fun() -> remote(maps, merge, [E(map), E(map)]) end,
          fun() -> remote(maps, remove, [E(any), E(map)]) end]);
typed(bool, E) ->
    one_of([fun() -> {op, 1, pick(['<', '>', '=<', '>=', '==', '=:=', '/=', '=/=']), E(any), E(any)} end,
          fun() -> {op, 1, pick(['and', 'or', 'xor', 'andalso', 'orelse']), E(bool), E(bool)} end,
          fun() -> {op, 1, 'not', E(bool)} end,
          fun() -> call(pick([is_integer, is_list, is_tuple, is_map, is_binary, is_bitstring, is_atom, is_float, is_boolean]), [E(any)]) end]);
typed(any, E) -> typed(pick([int, list, tuple, bin, map, bool]), E).
