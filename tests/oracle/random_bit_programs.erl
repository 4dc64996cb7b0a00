%% Bit syntax made by chance: binaries are built of segments of all kinds and taken apart again, by compiled code (with and without the
%% optimisations of the compiler) and by the evaluator.
-module(random_bit_programs).
-export([main/0]).

main() ->
    [batch(N) || N <- lists:seq(1, 6)].

%% A module of forty functions f(A, B, C): half build, half match.
batch(N) ->
    rand:seed(exsss, N),
    Name = list_to_atom("bits_" ++ integer_to_list(N)),
    Functions = [list_to_atom("f" ++ integer_to_list(I)) || I <- lists:seq(1, 40)],
    Bodies = [case I rem 2 of 0 -> build(); 1 -> take_apart() end || I <- lists:seq(1, 40)],
    Forms = [{attribute, 1, module, Name}, {attribute, 1, export, [{F, 3} || F <- Functions]}
             | [{function, 1, F, 3, [{clause, 1, [{var, 1, V} || V <- ['A', 'B', 'C']], [], [Body]}]} || {F, Body} <- lists:zip(Functions, Bodies)]],
    Arguments = [[argument(), argument(), binary()] || _ <- lists:seq(1, 6)],
    Compiled = [compiled(Name, Forms, Functions, Arguments, Options) || Options <- [[], lists:nth(N rem 3 + 1, [[no_bsm_opt, no_ssa_opt], [r24], [r22, no_copt]])]],
    Evaluated = [[answer(fun() -> element(2, erl_eval:expr(Body, maps:to_list(maps:from_list(lists:zip(['A', 'B', 'C'], As))))) end) || As <- Arguments] || Body <- Bodies],
    io:format("~w ~w~n", [N, [C =:= Evaluated || C <- Compiled]]),
    [io:format("~w ~w ~w~n", [N, F, erlang:phash2(R)]) || {F, R} <- lists:zip(Functions, hd(Compiled))],
    [io:format("~0p~n~0p~n", [erl_pp:expr(B), R]) || N =:= 1, {B, R} <- lists:sublist(lists:zip(Bodies, hd(Compiled)), 6)].

compiled(Name, Forms, Functions, Arguments, Options) ->
    {ok, Name, Code} = compile:forms(Forms, Options),
    {module, Name} = code:load_binary(Name, "bits", Code),
    Answers = [[answer(fun() -> apply(Name, F, As) end) || As <- Arguments] || F <- Functions],
    code:delete(Name),
    code:purge(Name),
    Answers.

%% What the evaluator says of a clause that fails is not what compiled code says.
answer(F) ->
    try F() catch C:R -> {C, case R of {Reason, _} -> Reason; _ -> R end} end.

argument() ->
    pick([rand:uniform(70000) - 20000, rand:uniform(255), -1, 0, 16#10FFFF, 16#D800, 1 bsl 70, rand:uniform(1000) / 8, -1.0e300, binary(), a]).
binary() ->
    B = rand:bytes(rand:uniform(12)),
    pick([B, B, <<(rand:uniform(8) - 1):3, B/binary>>, unicode:characters_to_binary([rand:uniform(16#7FF) || _ <- "abc"]), <<1.5/float, B/binary>>, <<>>]).

build() -> {bin, 1, [built() || _ <- lists:seq(1, rand:uniform(4))]}.

built() ->
    V = {var, 1, pick(['A', 'B', 'C'])},
    pick([{bin_element, 1, V, size(), types()},
          {bin_element, 1, {var, 1, 'C'}, default, [pick([binary, bitstring])]},
          {bin_element, 1, {var, 1, 'C'}, {integer, 1, rand:uniform(4)}, [binary]},
          {bin_element, 1, V, default, [pick([utf8, utf16, utf32]) | pick([[], [little]])]},
          {bin_element, 1, V, pick([default, {integer, 1, 16}, {integer, 1, 32}, {integer, 1, 64}]), [float, pick([little, big])]},
          {bin_element, 1, {string, 1, "ab"}, pick([default, {integer, 1, 12}]), default}]).

size() -> pick([default, {integer, 1, rand:uniform(40)}, {integer, 1, rand:uniform(200)}, {var, 1, 'B'}]).
types() -> pick([default, [integer, little], [signed], [big, unsigned], [native], [signed, little]]).

take_apart() ->
    Subject = pick([{var, 1, 'C'}, {bin, 1, [{bin_element, 1, {var, 1, 'C'}, default, [bitstring]}, {bin_element, 1, {integer, 1, 5}, {integer, 1, 7}, default}]}]),
    {'case', 1, Subject, [clause_() || _ <- lists:seq(1, rand:uniform(3))] ++ [{clause, 1, [{var, 1, '_'}], [], [{atom, 1, other}]} || rand:uniform(4) > 1]}.

clause_() ->
    {Segments, Names} = segments(rand:uniform(4), [], []),
    Tail = pick([[], [{bin_element, 1, {var, 1, 'T'}, default, [binary]}], [{bin_element, 1, {var, 1, 'T'}, default, [bitstring]}]]),
    All = Names ++ ['T' || Tail =/= []],
    Guard = case Names of [] -> []; _ -> pick([[], [], [[{op, 1, '>', {var, 1, pick(Names)}, {integer, 1, 40}}]]]) end,
    {clause, 1, [{bin, 1, Segments ++ Tail}], Guard, [{tuple, 1, [{var, 1, V} || V <- All]}]}.

segments(0, Segments, Names) -> {lists:reverse(Segments), Names};
segments(N, Segments, Names) ->
    V = list_to_atom("V" ++ integer_to_list(N)),
    Sizes = [default, {integer, 1, rand:uniform(33)}, {integer, 1, rand:uniform(9) - 1}, {var, 1, 'A'}] ++ [{op, 1, 'rem', {var, 1, hd(Names)}, {integer, 1, 9}} || Names =/= []] ++ [{var, 1, hd(Names)} || Names =/= []],
    case rand:uniform(7) of
        1 -> segments(N - 1, [{bin_element, 1, {integer, 1, rand:uniform(255)}, {integer, 1, rand:uniform(8)}, default} | Segments], Names);
        2 -> segments(N - 1, [{bin_element, 1, {var, 1, '_'}, pick(tl(Sizes)), pick([default, [binary], [bitstring], [{unit, 3}, integer]])} | Segments], Names);
        3 -> segments(N - 1, [{bin_element, 1, {var, 1, V}, default, [pick([utf8, utf16, utf32])]} | Segments], [V | Names]);
        4 -> segments(N - 1, [{bin_element, 1, {var, 1, V}, pick([{integer, 1, 16}, {integer, 1, 32}, {integer, 1, 64}]), [float, pick([big, little])]} | Segments], [V | Names]);
        5 -> segments(N - 1, [{bin_element, 1, {var, 1, V}, pick([{integer, 1, 1}, {integer, 1, 2}, {var, 1, 'A'}]), [pick([binary, bitstring])]} | Segments], Names ++ [V]);
        _ -> segments(N - 1, [{bin_element, 1, {var, 1, V}, pick(tl(Sizes)), pick([default, [little], [signed], [signed, little], [{unit, 2}, integer]])} | Segments], [V | Names])
    end.

pick(L) -> lists:nth(rand:uniform(length(L)), L).
