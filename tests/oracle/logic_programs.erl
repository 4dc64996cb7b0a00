%% A small Prolog: terms read with operators, unification, backtracking by lazy streams of substitutions, cut, negation, arithmetic, lists, classic programs.
-module(logic_programs).
-export([main/0]).

main() ->
    Program = read_program(text()),
    show(clauses, length(Program)),
    [show(Q, answers(Q, Program, 12)) || Q <- queries()],
    show(unified, [unified(A, B) || {A, B} <- [{"f(X, b)", "f(a, Y)"}, {"f(X, X)", "f(a, b)"}, {"X", "f(X)"}, {"[1, 2 | T]", "[H, 2, 3]"}, {"g(A, B, A)", "g(B, C, c)"}, {"1", "1.0"}, {"a", "'a'"}, {"f(X)", "f(X, Y)"}]]),
    show(printed, [try print(read_term(T)) catch throw:E -> E end || T <- ["1 + 2 * 3", "(1 + 2) * 3", "a - b - c", "a - (b - c)", "[a, b | C]", "f(- 1, 'Big', \"text\")", "x :- y, z ; w", "\\+ a", "2 ** 3 ** 4", "[]", "'hello world'", "- (- 1)", "a = b", "{x}"]]),
    show(mistakes, [try read_term(T) catch throw:M -> M end || T <- ["f(", "a b", "[1, 2", "'open", ")", "1 +", ""]]).

show(Label, Value) -> io:format("~p: ~tp~n", [Label, Value]).

text() -> "
    parent(tom, bob). parent(tom, liz). parent(bob, ann). parent(bob, pat). parent(pat, jim).
    male(tom). male(bob). male(jim). female(X) :- parent(P, X), \\+ male(X), P = P.
    grandparent(X, Z) :- parent(X, Y), parent(Y, Z).
    ancestor(X, Y) :- parent(X, Y).
    ancestor(X, Z) :- parent(X, Y), ancestor(Y, Z).
    append([], L, L).
    append([H | T], L, [H | R]) :- append(T, L, R).
    member(X, [X | _]).
    member(X, [_ | T]) :- member(X, T).
    reverse(L, R) :- reverse(L, [], R).
    reverse([], A, A).
    reverse([H | T], A, R) :- reverse(T, [H | A], R).
    select(X, [X | T], T).
    select(X, [H | T], [H | R]) :- select(X, T, R).
    permutation([], []).
    permutation(L, [H | T]) :- select(H, L, R), permutation(R, T).
    length([], 0).
    length([_ | T], N) :- length(T, M), N is M + 1.
    factorial(0, 1) :- !.
    factorial(N, F) :- N > 0, M is N - 1, factorial(M, G), F is N * G.
    max(X, Y, X) :- X >= Y, !.
    max(_, Y, Y).
    between(A, B, A) :- A =< B.
    between(A, B, X) :- A < B, A1 is A + 1, between(A1, B, X).
    queens(N, Qs) :- numbers(1, N, Ns), permutation(Ns, Qs), safe(Qs).
    numbers(A, B, []) :- A > B, !.
    numbers(A, B, [A | T]) :- A1 is A + 1, numbers(A1, B, T).
    safe([]). safe([Q | Qs]) :- no_attack(Q, Qs, 1), safe(Qs).
    no_attack(_, [], _).
    no_attack(Q, [Q1 | Qs], D) :- Q =\\= Q1 + D, Q =\\= Q1 - D, D1 is D + 1, no_attack(Q, Qs, D1).
    hanoi(0, _, _, _, []) :- !.
    hanoi(N, A, B, C, Moves) :- M is N - 1, hanoi(M, A, C, B, First), hanoi(M, C, B, A, Last), append(First, [A - B | Last], Moves).
    colour(red). colour(green). colour(blue).
    map(A, B, C, D) :- colour(A), colour(B), A \\= B, colour(C), C \\= A, C \\= B, colour(D), D \\= B, D \\= C.
    quicksort([], []).
    quicksort([P | T], S) :- split(P, T, L, G), quicksort(L, SL), quicksort(G, SG), append(SL, [P | SG], S).
    split(_, [], [], []).
    split(P, [H | T], [H | L], G) :- H =< P, !, split(P, T, L, G).
    split(P, [H | T], L, [H | G]) :- split(P, T, L, G).
    even(0). even(s(s(N))) :- even(N).
    plus(0, N, N). plus(s(M), N, s(K)) :- plus(M, N, K).
    derive(X, X, 1) :- !.
    derive(C, _, 0) :- atomic(C), !.
    derive(A + B, X, DA + DB) :- derive(A, X, DA), derive(B, X, DB).
    derive(A * B, X, A * DB + DA * B) :- derive(A, X, DA), derive(B, X, DB).
    sentence(S) :- noun_phrase(S, R), verb_phrase(R, []).
    noun_phrase([D, N | R], R) :- determiner(D), noun(N).
    verb_phrase([V | R], S) :- verb(V), noun_phrase(R, S).
    determiner(the). determiner(a). noun(cat). noun(dog). verb(sees). verb(eats).
    path(A, B, P) :- path(A, B, [A], P).
    path(A, A, V, P) :- reverse(V, P).
    path(A, B, V, P) :- edge(A, C), \\+ member(C, V), path(C, B, [C | V], P).
    edge(a, b). edge(b, c). edge(c, a). edge(c, d). edge(b, d).
    once_only(X) :- member(X, [1, 2, 3]), !.
    either(X) :- X = 1 ; X = 2 ; fail ; X = 3.
    if(X, Y) :- ( X > 0 -> Y = positive ; Y = other ).
    puzzle(S, E, N, D) :- member(S, [9]), member(E, [4, 5, 6]), member(N, [5, 6, 7]), N =:= E + 1, member(D, [6, 7, 8]), D =\\= N, S > D.
    loop(X) :- loop(X).
".

queries() -> ["parent(tom, X)", "grandparent(X, Y)", "ancestor(tom, X)", "ancestor(X, jim)", "female(X)", "append(X, Y, [1, 2, 3])", "append([1], [2], X)", "member(X, [a, b]), member(Y, [1, 2])", "reverse([1, 2, 3], X)",
              "permutation([1, 2, 3], X)", "length([a, b, c], N)", "factorial(20, F)", "max(3, 2, X)", "max(2, 3, X)", "between(1, 4, X), X * X > 4", "queens(6, Q)", "hanoi(3, left, right, middle, M)", "map(A, B, C, D)",
              "quicksort([3, 1, 4, 1, 5, 9, 2, 6], S)", "even(X)", "plus(X, Y, s(s(0)))", "plus(X, s(0), s(s(s(0))))", "derive(x * x + 3 * x, x, D)", "sentence([the, cat, V, a, N])", "path(a, d, P)", "once_only(X)", "either(X)",
              "if(1, X), if(0, Y)", "puzzle(S, E, N, D)", "X = f(Y), Y = 1", "\\+ parent(jim, X)", "X is 7 // 2 + 7 mod 2 - 1 / 2", "X = 1, X == 1.0", "1 =:= 1.0", "X is foo + 1", "X is Y + 1", "unknown(X)", "loop(1)", "fail", "true", "!", "atomic(X)", "atomic(a), atomic(1), \\+ atomic(f(x))",
              "f(X) = f(f(X))", "copy(X)", "functor(f(a, b), N, A)", "functor(X, g, 2)", "f(a, b) =.. L", "X =.. [h, 1]", "findall(X, member(X, [3, 1, 2]), L)", "findall(X - Y, (member(X, [1, 2]), member(Y, [a])), L), length(L, N)"].

%% --- reading

-define(OPERATORS, #{":-" => {1200, 1199, 1199}, ";" => {1100, 1099, 1100}, "->" => {1050, 1049, 1050}, "," => {1000, 999, 1000}, "=" => {700, 699, 699}, "\\=" => {700, 699, 699}, "==" => {700, 699, 699}, "is" => {700, 699, 699}, "=.." => {700, 699, 699},
                     "<" => {700, 699, 699}, ">" => {700, 699, 699}, "=<" => {700, 699, 699}, ">=" => {700, 699, 699}, "=:=" => {700, 699, 699}, "=\\=" => {700, 699, 699}, "+" => {500, 500, 499}, "-" => {500, 500, 499}, "*" => {400, 400, 399}, "/" => {400, 400, 399}, "//" => {400, 400, 399}, "mod" => {400, 400, 399}, "**" => {200, 199, 199}}).
-define(PREFIX, #{"\\+" => {900, 900}, "-" => {200, 200}}).

tokens([]) -> [];
tokens([C | T]) when C =< 32 -> tokens(T);
tokens([C | _] = S) when C >= $0, C =< $9 -> {D, R} = lists:splitwith(fun(X) -> X >= $0 andalso X =< $9 end, S), case R of [$., F | _] when F >= $0, F =< $9 -> {E, R2} = lists:splitwith(fun(X) -> X >= $0 andalso X =< $9 end, tl(R)), [{number, list_to_float(D ++ "." ++ E)} | tokens(R2)]; _ -> [{number, list_to_integer(D)} | tokens(R)] end;
tokens([C | _] = S) when C >= $a, C =< $z -> {W, R} = word(S), [{name, W}] ++ open(R);
tokens([C | _] = S) when C >= $A, C =< $Z; C =:= $_ -> {W, R} = word(S), [{variable, case W of "_" -> "_" ++ integer_to_list(length(R)); _ -> W end} | tokens(R)];
tokens([$' | T]) -> case lists:splitwith(fun(C) -> C =/= $' end, T) of {W, [$' | R]} -> [{quoted, W}] ++ open(R); _ -> throw(open_quote) end;
tokens([$" | T]) -> {W, [_ | R]} = lists:splitwith(fun(C) -> C =/= $" end, T), [{text, W} | tokens(R)];
tokens([C | T]) when C =:= $(; C =:= $); C =:= $[; C =:= $]; C =:= $|; C =:= ${; C =:= $} -> [{punctuation, C} | tokens(T)];
tokens([$, | T]) -> [{name, ","} | tokens(T)];
tokens([$! | T]) -> [{quoted, "!"} | tokens(T)];
tokens([$. | T]) when T =:= []; hd(T) =< 32 -> [stop | tokens(T)];
tokens(S) -> case lists:splitwith(fun(C) -> lists:member(C, "+-*/\\=<>:.;") end, S) of {[], [C | _]} -> throw({character, C}); {W, R} -> [{name, W} | open(R)] end.
word(S) -> lists:splitwith(fun(C) -> C >= $a andalso C =< $z orelse C >= $A andalso C =< $Z orelse C >= $0 andalso C =< $9 orelse C =:= $_ end, S).
open([$( | R]) -> [call | tokens(R)];
open(R) -> tokens(R).

read_program(Text) -> clauses(tokens(Text)).
clauses([]) -> [];
clauses(Tokens) -> {T, [stop | R]} = expression(Tokens, 1200), [case T of {":-", [H, B]} -> {H, B}; _ -> {T, {"true", []}} end | clauses(R)].
read_term(Text) -> case expression(tokens(Text), 1200) of {T, []} -> T; {_, [X | _]} -> throw({unexpected, X}) end.

expression(Tokens, Limit) -> {Left, P, R} = primary(Tokens, Limit), rest(Left, P, R, Limit).
rest(Left, P, [{name, Op} | R] = Tokens, Limit) ->
    case ?OPERATORS of
        #{Op := {Q, L, Right}} when Q =< Limit, P =< L -> {T, R1} = expression(R, Right), rest({Op, [Left, T]}, Q, R1, Limit);
        _ -> {Left, Tokens}
    end;
rest(Left, _, R, _) -> {Left, R}.

primary([{number, N} | R], _) -> {N, 0, R};
primary([{text, T} | R], _) -> {list(T, {"[]", []}), 0, R};
primary([{variable, V} | R], _) -> {{variable, V}, 0, R};
primary([{K, F}, call | R], _) when K =:= name; K =:= quoted -> {Args, R1} = arguments(R, $)), {{F, Args}, 0, R1};
primary([{name, "-"}, {number, N} | R], _) -> {-N, 0, R};
primary([{name, Op} | R], Limit) ->
    case ?PREFIX of
        #{Op := {P, Q}} when P =< Limit -> {T, R1} = expression(R, Q), {{Op, [T]}, P, R1};
        _ -> {{Op, []}, 0, R}
    end;
primary([{quoted, Q} | R], _) -> {{Q, []}, 0, R};
primary([call | R], Limit) -> primary([{punctuation, $(} | R], Limit);
primary([{punctuation, $(} | R], _) -> case expression(R, 1200) of {T, [{punctuation, $)} | R1]} -> {T, 0, R1}; _ -> throw(unclosed) end;
primary([{punctuation, ${} | R], _) -> case expression(R, 1200) of {T, [{punctuation, $}} | R1]} -> {{"{}", [T]}, 0, R1}; _ -> throw(unclosed) end;
primary([{punctuation, $[}, {punctuation, $]} | R], _) -> {{"[]", []}, 0, R};
primary([{punctuation, $[} | R], _) ->
    case items(R) of
        {Items, [{punctuation, $]} | R1]} -> {list(Items, {"[]", []}), 0, R1};
        {Items, [{punctuation, $|} | R1]} -> case expression(R1, 999) of {T, [{punctuation, $]} | R2]} -> {list(Items, T), 0, R2}; _ -> throw(unclosed) end;
        _ -> throw(unclosed)
    end;
primary([X | _], _) -> throw({unexpected, X});
primary([], _) -> throw(unexpected_end).
items(Tokens) -> {T, R} = expression(Tokens, 999), case R of [{name, ","} | R1] -> {L, R2} = items(R1), {[T | L], R2}; _ -> {[T], R} end.
arguments(Tokens, Close) -> case items(Tokens) of {L, [{punctuation, Close} | R]} -> {L, R}; _ -> throw(unclosed) end.
list([], T) -> T;
list([H | L], T) -> {".", [H, list(L, T)]}.

%% --- printing

print(T) -> lists:flatten(print(T, 1200)).
print(N, _) when is_number(N) -> io_lib:format("~w", [N]);
print({variable, V}, _) when is_list(V) -> V;
print({variable, V}, _) -> ["_", io_lib:format("~w", [V])];
print({".", [H, T]}, _) -> ["[", print(H, 999), tail(T), "]"];
print({Op, [A, B]}, Limit) when is_map_key(Op, ?OPERATORS) -> {P, L, R} = maps:get(Op, ?OPERATORS), bracket(P > Limit, [print(A, L), case Op of "," -> ", "; _ -> [" ", Op, " "] end, print(B, R)]);
print({Op, [A]}, Limit) when is_map_key(Op, ?PREFIX) -> {P, Q} = maps:get(Op, ?PREFIX), bracket(P > Limit, [Op, " ", print(A, Q)]);
print({F, []}, _) -> quoted(F);
print({F, Args}, _) -> [quoted(F), "(", lists:join(", ", [print(A, 999) || A <- Args]), ")"].
tail({"[]", []}) -> "";
tail({".", [H, T]}) -> [", ", print(H, 999), tail(T)];
tail(T) -> [" | ", print(T, 999)].
bracket(true, X) -> ["(", X, ")"];
bracket(false, X) -> X.
quoted(F) -> case F =:= "[]" orelse F =:= "!" orelse lists:all(fun(C) -> C >= $a andalso C =< $z orelse C =:= $_ end, F) orelse lists:all(fun(C) -> lists:member(C, "+-*/\\=<>:.;,{}") end, F) of true -> F; false -> ["'", F, "'"] end.

%% --- unification; substitutions are maps

walk({variable, V} = X, S) -> case S of #{V := T} -> walk(T, S); _ -> X end;
walk(T, _) -> T.
unify(A, B, S) ->
    case {walk(A, S), walk(B, S)} of
        {X, X} -> S;
        {{variable, V}, T} -> bind(V, T, S);
        {T, {variable, V}} -> bind(V, T, S);
        {{F, As}, {F, Bs}} when length(As) =:= length(Bs) -> lists:foldl(fun(_, fail) -> fail; ({X, Y}, S1) -> unify(X, Y, S1) end, S, lists:zip(As, Bs));
        _ -> fail
    end.
bind(V, T, S) -> case occurs(V, T, S) of true -> fail; false -> S#{V => T} end.
occurs(V, T, S) -> case walk(T, S) of {variable, V} -> true; {variable, _} -> false; {_, As} -> lists:any(fun(A) -> occurs(V, A, S) end, As); _ -> false end.
resolve(T, S) -> case walk(T, S) of {variable, _} = V -> V; {F, As} -> {F, [resolve(A, S) || A <- As]}; X -> X end.
unified(A, B) -> case unify(read_term(A), read_term(B), #{}) of fail -> fail; S -> [{V, print(resolve(T, S))} || {V, T} <- lists:sort(maps:to_list(S))] end.

%% --- solving: solve(Goal, S, Depth, Program) is a lazy stream of substitutions; a cut ends the stream of its clause

answers(Query, Program, Limit) ->
    put(fresh, 0),
    Goal = read_term(Query),
    Names = lists:usort(variables(Goal)),
    try take(Limit, fun() -> solve(Goal, #{}, 0, Program) end) of
        L -> [case [[N, " = ", print(tidy(resolve({variable, N}, S)))] || N <- Names, hd(N) =/= $_] of [] -> yes; A -> lists:flatten(lists:join(", ", A)) end || S <- L]
    catch
        throw:E -> {error, E}
    end.
variables({variable, V}) -> [V];
variables({_, As}) -> lists:append([variables(A) || A <- As]);
variables(_) -> [].
tidy({variable, {V, _}}) -> {variable, "_" ++ V};
tidy({F, As}) when is_list(As), F =/= variable -> {F, [tidy(A) || A <- As]};
tidy(T) -> T.

take(0, _) -> [];
take(N, Stream) -> case Stream() of [] -> []; cut -> []; [X | cut] -> [X]; [X | More] -> [X | take(N - 1, More)] end.

%% A stream: [], [S | fun], cut (no more answers of this clause), [S | cut].
both(Stream, F) ->
    case Stream of
        [] -> [];
        cut -> cut;
        [S | cut] -> ended(F(S));
        [S | More] -> follow(F(S), fun() -> both(More(), F) end)
    end.
follow([], More) -> More();
follow(cut, _) -> cut;
follow([S | cut], _) -> [S | cut];
follow([S | M], More) -> [S | fun() -> follow(M(), More) end].
ended([]) -> cut;
ended(cut) -> cut;
ended([S | cut]) -> [S | cut];
ended([S | M]) -> [S | fun() -> ended(M()) end].
%% The cut of a clause is not seen outside.
opaque(cut) -> [];
opaque([S | cut]) -> [S | fun() -> [] end];
opaque([S | M]) -> [S | fun() -> opaque(M()) end];
opaque([]) -> [].
one(fail) -> [];
one(S) -> [S | fun() -> [] end].

solve(_, _, D, _) when D > 400 -> throw(too_deep);
solve(Goal, S, D, P) ->
    case walk(Goal, S) of
        {variable, _} -> throw(unbound_goal);
        {"true", []} -> one(S);
        {"fail", []} -> [];
        {"!", []} -> [S | cut];
        {",", [A, B]} -> both(solve(A, S, D, P), fun(S1) -> solve(B, S1, D, P) end);
        {";", [{"->", [C, A]}, B]} -> case take(1, fun() -> opaque(solve(C, S, D, P)) end) of [S1] -> solve(A, S1, D, P); [] -> solve(B, S, D, P) end;
        {";", [A, B]} -> follow(solve(A, S, D, P), fun() -> solve(B, S, D, P) end);
        {"->", [C, A]} -> case take(1, fun() -> opaque(solve(C, S, D, P)) end) of [S1] -> solve(A, S1, D, P); [] -> [] end;
        {"\\+", [G]} -> case take(1, fun() -> opaque(solve(G, S, D, P)) end) of [] -> one(S); _ -> [] end;
        {"=", [A, B]} -> one(unify(A, B, S));
        {"\\=", [A, B]} -> case unify(A, B, S) of fail -> one(S); _ -> [] end;
        {"==", [A, B]} -> case resolve(A, S) =:= resolve(B, S) of true -> one(S); false -> [] end;
        {"is", [A, B]} -> one(unify(A, evaluate(B, S), S));
        {Op, [A, B]} when Op =:= "<"; Op =:= ">"; Op =:= "=<"; Op =:= ">="; Op =:= "=:="; Op =:= "=\\=" -> case compare(Op, evaluate(A, S), evaluate(B, S)) of true -> one(S); false -> [] end;
        {"atomic", [A]} -> case walk(A, S) of X when is_number(X) -> one(S); {K, []} when K =/= variable -> one(S); _ -> [] end;
        {"functor", [T, N, A]} -> functor_of(walk(T, S), N, A, S);
        {"=..", [T, L]} -> case walk(T, S) of {variable, _} = V -> [{F, []} | As] = elements(resolve(L, S)), one(unify(V, {F, As}, S)); {F, As} -> one(unify(L, list([{F, []} | As], {"[]", []}), S)) end;
        {"findall", [T, G, L]} -> one(unify(L, list([resolve(T, S1) || S1 <- take(1000, fun() -> opaque(solve(G, S, D + 1, P)) end)], {"[]", []}), S));
        {F, As} -> case [C || {{F1, As1}, _} = C <- P, F1 =:= F, length(As1) =:= length(As)] of [] -> throw({unknown, F, length(As)}); Cs -> opaque(clauses_of(Cs, {F, As}, S, D + 1, P)) end;
        N when is_number(N) -> throw({not_a_goal, N})
    end.
clauses_of([], _, _, _, _) -> [];
clauses_of([C | Cs], Goal, S, D, P) ->
    {Head, Body} = renamed(C),
    case unify(Goal, Head, S) of
        fail -> clauses_of(Cs, Goal, S, D, P);
        S1 -> follow(solve(Body, S1, D, P), fun() -> clauses_of(Cs, Goal, S, D, P) end)
    end.
renamed(C) -> N = put(fresh, get(fresh) + 1), rename(C, N).
rename({variable, V}, N) -> {variable, {V, N}};
rename({H, B}, N) when is_tuple(H) -> {rename(H, N), rename(B, N)};
rename({F, As}, N) -> {F, [rename(A, N) || A <- As]};
rename(T, _) -> T.
functor_of({variable, _} = V, N, A, S) -> {F, []} = walk(N, S), one(unify(V, {F, [{variable, {"Arg", {I, put(fresh, get(fresh) + 1)}}} || I <- lists:seq(1, walk(A, S))]}, S));
functor_of({F, As}, N, A, S) -> case unify(N, {F, []}, S) of fail -> []; S1 -> one(unify(A, length(As), S1)) end;
functor_of(X, N, A, S) -> case unify(N, X, S) of fail -> []; S1 -> one(unify(A, 0, S1)) end.
elements({".", [H, T]}) -> [H | elements(T)];
elements({"[]", []}) -> [].

evaluate(T, S) ->
    case walk(T, S) of
        N when is_number(N) -> N;
        {variable, _} -> throw(unbound_number);
        {"-", [A]} -> -evaluate(A, S);
        {Op, [A, B]} -> X = evaluate(A, S), Y = evaluate(B, S), case Op of "+" -> X + Y; "-" -> X - Y; "*" -> X * Y; "/" -> X / Y; "//" -> X div Y; "mod" -> X rem Y; "**" -> math:pow(X, Y); _ -> throw({not_a_function, Op}) end;
        {F, As} -> throw({not_a_number, F, length(As)})
    end.
compare("<", X, Y) -> X < Y;
compare(">", X, Y) -> X > Y;
compare("=<", X, Y) -> X =< Y;
compare(">=", X, Y) -> X >= Y;
compare("=:=", X, Y) -> X == Y;
compare("=\\=", X, Y) -> X /= Y.
