%% Interpreters written in Erlang: a stack machine, Brainfuck, lambda calculus, Lisp, regular expressions by derivatives, Turing machines, cellular
%% automata.
-module(small_interpreters).
-export([main/0]).

main() ->
    show(brainfuck, [brainfuck(P, "") || P <- ["++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.", "+[-]", ""]]),
    show(brainfuck_input, brainfuck(",[.,]", "echo")),
    show(stack, [stack(P) || P <- ["2 3 + 4 *", "5 dup *", "1 2 swap -", "10 0 /", "1 +", ": sq dup * ; 7 sq sq", "1 2 3 rot", "3 if 10 else 20 then", "0 if 10 else 20 then", "nonsense"]]),
    show(lisp, [lisp(P) || P <- ["(+ 1 2 3)", "((lambda (x y) (* x y)) 6 7)", "(let fact (lambda (n) (if (= n 0) 1 (* n (fact (- n 1))))) (fact 30))",
                                 "(quote (a b (c)))", "(car (cdr (quote (1 2 3))))", "(cons 1 (quote (2)))", "(undefined 1)", "(+ 1", "(if (= 1 2) yes no)",
                                 "(let map (lambda (f l) (if (null l) (quote ()) (cons (f (car l)) (map f (cdr l))))) (map (lambda (x) (* x x)) (quote (1 2 3 4))))"]]),
    show(church, [church(normal(apply_all(T))) || T <- [[plus(), number(3), number(4)], [times(), number(3), number(5)], [power(), number(2), number(5)], [successor(), number(0)]]]),
    show(derivatives, [{R, [S || S <- strings("ab", 4), matches(parse_re(R), S)]} || R <- ["a*b", "(a|b)*abb", "(ab)*", "a*|b*", "(a|b)(a|b)", ""]]),
    show(as_re, lists:all(fun({R, S}) -> matches(parse_re(R), S) =:= (re:run(S, "^(?:" ++ R ++ ")$", [{capture, none}]) =:= match) end,
                          [{R, S} || R <- ["a*b", "(a|b)*abb", "(ab)*", "a*|b*", "(a|b)(a|b)", "(a*b*)*a"], S <- strings("ab", 6)])),
    show(turing, [turing(increment(), T) || T <- ["1011", "1111", "0", ""]]),
    show(beaver, begin {Tape, Steps} = run_beaver(), {lists:sum(maps:values(Tape)), Steps} end),
    show(rule_30, [automaton(30, 16), automaton(90, 16), automaton(110, 16)]),
    show(life, life([{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}], 40)),
    show(calculator, [calculate(E) || E <- ["1+2*3", "(1+2)*3", "2^3^2", "-4+6/3", "10/4", "1/0", "2*(3", "sin(0)+cos(0)", "x", "1.5e3*2"]]),
    show(derived, [show_term(simplify(derive(E))) || E <- [{'+', x, 1}, {'*', x, x}, {'^', x, 3}, {'*', {sin, x}, {'^', x, 2}}, {exp, {'*', 2, x}}]]),
    show(types, [infer(T) || T <- [{lam, x, {var, x}}, {lam, x, {lam, y, {app, {var, x}, {var, y}}}}, {lam, f, {lam, x, {app, {var, f}, {app, {var, f}, {var, x}}}}},
                                   {lam, x, {app, {var, x}, {var, x}}}, {var, free}, {lam, a, {lam, b, {lam, c, {app, {app, {var, a}, {var, c}}, {app, {var, b}, {var, c}}}}}}]]).

%% --- Brainfuck: the program is a tree of loops, the tape a zipper.
brainfuck(Program, Input) ->
    {Tree, []} = loops(Program, []),
    {_, _, Out} = bf(Tree, {[], 0, []}, Input, []),
    lists:reverse(Out).

loops([$[ | P], Acc) -> {Body, Rest} = loops(P, []), loops(Rest, [{loop, Body} | Acc]);
loops([$] | P], Acc) -> {lists:reverse(Acc), P};
loops([C | P], Acc) -> loops(P, [C | Acc]);
loops([], Acc) -> {lists:reverse(Acc), []}.

bf([], Tape, In, Out) -> {Tape, In, Out};
bf([$+ | P], {L, V, R}, In, Out) -> bf(P, {L, (V + 1) band 255, R}, In, Out);
bf([$- | P], {L, V, R}, In, Out) -> bf(P, {L, (V - 1) band 255, R}, In, Out);
bf([$> | P], {L, V, []}, In, Out) -> bf(P, {[V | L], 0, []}, In, Out);
bf([$> | P], {L, V, [N | R]}, In, Out) -> bf(P, {[V | L], N, R}, In, Out);
bf([$< | P], {[N | L], V, R}, In, Out) -> bf(P, {L, N, [V | R]}, In, Out);
bf([$. | P], {_, V, _} = Tape, In, Out) -> bf(P, Tape, In, [V | Out]);
bf([$, | P], {L, _, R}, [], Out) -> bf(P, {L, 0, R}, [], Out);
bf([$, | P], {L, _, R}, [C | In], Out) -> bf(P, {L, C, R}, In, Out);
bf([{loop, _} | P], {_, 0, _} = Tape, In, Out) -> bf(P, Tape, In, Out);
bf([{loop, Body} | _] = P, Tape, In, Out) -> {T, I, O} = bf(Body, Tape, In, Out), bf(P, T, I, O).

%% --- A stack machine with definitions.
stack(Text) -> try lists:reverse(stack(string:lexemes(Text, " "), [], #{})) catch error:R -> {error, R}; throw:T -> T end.

stack([], S, _) -> S;
stack([":", Name | Words], S, D) -> {Body, [";" | Rest]} = lists:splitwith(fun(W) -> W =/= ";" end, Words), stack(Rest, S, D#{Name => Body});
stack(["if" | Words], [C | S], D) ->
    {Then, ["else" | More]} = lists:splitwith(fun(W) -> W =/= "else" end, Words),
    {Else, ["then" | Rest]} = lists:splitwith(fun(W) -> W =/= "then" end, More),
    stack(case C of 0 -> Else; _ -> Then end ++ Rest, S, D);
stack(["+" | W], [B, A | S], D) -> stack(W, [A + B | S], D);
stack(["-" | W], [B, A | S], D) -> stack(W, [A - B | S], D);
stack(["*" | W], [B, A | S], D) -> stack(W, [A * B | S], D);
stack(["/" | W], [B, A | S], D) -> stack(W, [A div B | S], D);
stack(["dup" | W], [A | S], D) -> stack(W, [A, A | S], D);
stack(["swap" | W], [B, A | S], D) -> stack(W, [A, B | S], D);
stack(["rot" | W], [C, B, A | S], D) -> stack(W, [A, C, B | S], D);
stack([Word | W], S, D) ->
    case D of
        #{Word := Body} -> stack(Body ++ W, S, D);
        _ ->
            case string:to_integer(Word) of
                {N, []} -> stack(W, [N | S], D);
                _ -> throw({unknown, Word, length(S)})
            end
    end.

%% --- Lisp
lisp(Text) ->
    try {[Form], []} = read(tokens(Text, []), []), eval(Form, #{}) of
        {closure, _, _, _} -> closure;
        Value -> Value
    catch error:{badmatch, _} -> syntax; error:R -> R
    end.

tokens([], Acc) -> lists:reverse(Acc);
tokens([$\s | T], Acc) -> tokens(T, Acc);
tokens([C | T], Acc) when C =:= $(; C =:= $) -> tokens(T, [C | Acc]);
tokens(T, Acc) ->
    {Word, Rest} = lists:splitwith(fun(C) -> not lists:member(C, " ()") end, T),
    tokens(Rest, [try list_to_integer(Word) catch _:_ -> list_to_atom(Word) end | Acc]).

read([$( | T], Acc) -> {List, [$) | Rest]} = read(T, []), read(Rest, [List | Acc]);
read([$) | _] = T, Acc) -> {lists:reverse(Acc), T};
read([X | T], Acc) -> read(T, [X | Acc]);
read([], Acc) -> {lists:reverse(Acc), []}.

eval(N, _) when is_integer(N) -> N;
eval(Name, Env) when is_atom(Name) -> case Env of #{Name := {recursive, F, E}} -> eval(F, E#{Name => {recursive, F, E}}); #{Name := V} -> V; _ -> Name end;
eval([quote, X], _) -> X;
eval(['if', C, T, E], Env) -> case eval(C, Env) of false -> eval(E, Env); _ -> eval(T, Env) end;
eval([lambda, Names, Body], Env) -> {closure, Names, Body, Env};
eval(['let', Name, Value, Body], Env) -> eval(Body, Env#{Name => {recursive, Value, Env}});
eval([F | Args], Env) -> call(eval(F, Env), [eval(A, Env) || A <- Args]);
eval([], _) -> [].

call({closure, Names, Body, Env}, Args) -> eval(Body, maps:merge(Env, maps:from_list(lists:zip(Names, Args))));
call('+', Args) -> lists:sum(Args);
call('*', Args) -> lists:foldl(fun(X, Y) -> X * Y end, 1, Args);
call('-', [A, B]) -> A - B;
call('=', [A, B]) -> A =:= B;
call(null, [L]) -> L =:= [];
call(car, [[H | _]]) -> H;
call(cdr, [[_ | T]]) -> T;
call(cons, [H, T]) -> [H | T].

%% --- Lambda calculus with de Bruijn indices
number(N) -> {l, {l, lists:foldl(fun(_, B) -> {a, 1, B} end, 0, lists:seq(1, N))}}.
successor() -> {l, {l, {l, {a, 1, {a, {a, 2, 1}, 0}}}}}.
plus() -> {l, {l, {l, {l, {a, {a, 3, 1}, {a, {a, 2, 1}, 0}}}}}}.
times() -> {l, {l, {l, {a, 2, {a, 1, 0}}}}}.
power() -> {l, {l, {a, 0, 1}}}.

apply_all([T]) -> T;
apply_all(L) -> {a, apply_all(lists:droplast(L)), lists:last(L)}.

normal({l, B}) -> {l, normal(B)};
normal({a, F, X}) -> case normal(F) of {l, B} -> normal(shift(substitute(B, 0, shift(X, 1, 0)), -1, 0)); G -> {a, G, normal(X)} end;
normal(N) -> N.

shift(N, By, From) when is_integer(N) -> if N >= From -> N + By; true -> N end;
shift({l, B}, By, From) -> {l, shift(B, By, From + 1)};
shift({a, F, X}, By, From) -> {a, shift(F, By, From), shift(X, By, From)}.

substitute(N, N, V) -> V;
substitute(N, _, _) when is_integer(N) -> N;
substitute({l, B}, N, V) -> {l, substitute(B, N + 1, shift(V, 1, 0))};
substitute({a, F, X}, N, V) -> {a, substitute(F, N, V), substitute(X, N, V)}.

church({l, {l, B}}) -> applications(B);
church({l, 0}) -> 1.
applications(0) -> 0;
applications({a, 1, B}) -> 1 + applications(B).

%% --- Regular expressions: Brzozowski's derivatives
parse_re(Text) -> {R, []} = alternatives(Text), R.
alternatives(T) -> case sequence(T, eps) of {A, [$| | Rest]} -> {B, Rest1} = alternatives(Rest), {{'or', A, B}, Rest1}; Other -> Other end.
sequence([C | _] = T, Acc) when C =:= $|; C =:= $) -> {Acc, T};
sequence([], Acc) -> {Acc, []};
sequence(T, Acc) ->
    {One, Rest} = case T of [$( | More] -> {Inner, [$) | Behind]} = alternatives(More), {Inner, Behind}; [C | More] -> {{c, C}, More} end,
    case Rest of [$* | Rest1] -> sequence(Rest1, {seq, Acc, {star, One}}); _ -> sequence(Rest, {seq, Acc, One}) end.

matches(R, []) -> nullable(R);
matches(R, [C | Cs]) -> matches(after_char(R, C), Cs).

nullable(eps) -> true;
nullable(none) -> false;
nullable({c, _}) -> false;
nullable({star, _}) -> true;
nullable({'or', A, B}) -> nullable(A) orelse nullable(B);
nullable({seq, A, B}) -> nullable(A) andalso nullable(B).

after_char({c, C}, C) -> eps;
after_char({c, _}, _) -> none;
after_char(R, _) when R =:= eps; R =:= none -> none;
after_char({'or', A, B}, C) -> either(after_char(A, C), after_char(B, C));
after_char({star, A} = S, C) -> both(after_char(A, C), S);
after_char({seq, A, B}, C) ->
    First = both(after_char(A, C), B),
    case nullable(A) of true -> either(First, after_char(B, C)); false -> First end.

either(none, B) -> B;
either(A, none) -> A;
either(A, A) -> A;
either(A, B) -> {'or', A, B}.
both(none, _) -> none;
both(_, none) -> none;
both(eps, B) -> B;
both(A, B) -> {seq, A, B}.

strings(_, 0) -> [""];
strings(Letters, N) -> Shorter = strings(Letters, N - 1), Shorter ++ [[C | S] || S <- Shorter, length(S) =:= N - 1, C <- Letters].

%% --- Turing machines
increment() ->
    #{{right, $0} => {$0, r, right}, {right, $1} => {$1, r, right}, {right, $_} => {$_, l, carry},
      {carry, $1} => {$0, l, carry}, {carry, $0} => {$1, l, stop}, {carry, $_} => {$1, l, stop}}.

turing(Rules, Text) ->
    Tape = maps:from_list(lists:zip(lists:seq(0, length(Text) - 1), Text)),
    {End, _} = turing(Rules, right, 0, Tape, 0),
    [map_get(I, End) || I <- lists:seq(lists:min([0 | maps:keys(End)]), lists:max([0 | maps:keys(End)])), is_map_key(I, End), map_get(I, End) =/= $_].

turing(_, stop, _, Tape, Steps) -> {Tape, Steps};
turing(Rules, State, At, Tape, Steps) ->
    {Write, Move, Next} = map_get({State, maps:get(At, Tape, $_)}, Rules),
    turing(Rules, Next, case Move of r -> At + 1; l -> At - 1 end, Tape#{At => Write}, Steps + 1).

run_beaver() ->
    beaver(#{{a, 0} => {1, r, b}, {a, 1} => {1, l, b}, {b, 0} => {1, l, a}, {b, 1} => {0, l, c}, {c, 0} => {1, r, stop}, {c, 1} => {1, l, d},
             {d, 0} => {1, r, d}, {d, 1} => {0, r, a}}, a, 0, #{}, 0).

beaver(_, stop, _, Tape, Steps) -> {Tape, Steps};
beaver(Rules, State, At, Tape, Steps) ->
    {Write, Move, Next} = map_get({State, maps:get(At, Tape, 0)}, Rules),
    beaver(Rules, Next, case Move of r -> At + 1; l -> At - 1 end, Tape#{At => Write}, Steps + 1).

automaton(Rule, Steps) ->
    Start = <<0:(2 * Steps), 1:1, 0:(2 * Steps)>>,
    lists:sum([ones(Row) || Row <- rows(Rule, Start, Steps)]).

rows(_, Row, 0) -> [Row];
rows(Rule, Row, N) -> [Row | rows(Rule, next_row(Rule, <<0:1, Row/bits, 0:1>>, <<>>), N - 1)].

next_row(Rule, <<A:1, B:1, C:1, Rest/bits>>, Acc) ->
    <<Next:3>> = <<A:1, B:1, C:1>>,
    next_row(Rule, <<B:1, C:1, Rest/bits>>, <<Acc/bits, (Rule bsr Next):1>>);
next_row(_, _, Acc) -> Acc.

ones(Bits) -> length([1 || <<1:1>> <= Bits]).

life(Cells, 0) -> lists:sort(Cells);
life(Cells, N) ->
    Counts = lists:foldl(fun(P, M) -> maps:update_with(P, fun(K) -> K + 1 end, 1, M) end, #{},
                         [{X + Dx, Y + Dy} || {X, Y} <- Cells, Dx <- [-1, 0, 1], Dy <- [-1, 0, 1], {Dx, Dy} =/= {0, 0}]),
    life([P || {P, K} <- maps:to_list(Counts), K =:= 3 orelse K =:= 2 andalso lists:member(P, Cells)], N - 1).

%% --- A calculator by precedence climbing
calculate(Text) ->
    try {V, []} = expression(Text, 0), V catch error:{badmatch, {_, Rest}} -> {left, Rest}; error:R -> R; throw:T -> T end.

expression(T, Level) -> {V, Rest} = primary(T), climb(V, Rest, Level).

climb(V, [Op | T] = All, Level) ->
    case lists:keyfind(Op, 1, [{$+, 1, left}, {$-, 1, left}, {$*, 2, left}, {$/, 2, left}, {$^, 3, right}]) of
        {_, P, Side} when P > Level ->
            {W, Rest} = expression(T, case Side of left -> P; right -> P - 1 end),
            climb(operate(Op, V, W), Rest, Level);
        _ -> {V, All}
    end;
climb(V, [], _) -> {V, []}.

primary("-" ++ T) -> {V, Rest} = expression(T, 2), {-V, Rest};
primary("(" ++ T) ->
    case expression(T, 0) of {V, ")" ++ Rest} -> {V, Rest}; _ -> throw(unclosed) end;
primary("sin" ++ T) -> {V, Rest} = primary(T), {math:sin(V), Rest};
primary("cos" ++ T) -> {V, Rest} = primary(T), {math:cos(V), Rest};
primary([C | _] = T) when C >= $0, C =< $9 ->
    case string:to_float(T) of {F, Rest} when is_float(F) -> {F, Rest}; _ -> string:to_integer(T) end;
primary(T) -> throw({unexpected, T}).

operate($+, A, B) -> A + B;
operate($-, A, B) -> A - B;
operate($*, A, B) -> A * B;
operate($/, A, B) -> A / B;
operate($^, A, B) -> math:pow(A, B).

%% --- Derivatives of terms
derive(x) -> 1;
derive(N) when is_number(N) -> 0;
derive({'+', A, B}) -> {'+', derive(A), derive(B)};
derive({'*', A, B}) -> {'+', {'*', derive(A), B}, {'*', A, derive(B)}};
derive({'^', A, N}) -> {'*', {'*', N, {'^', A, N - 1}}, derive(A)};
derive({sin, A}) -> {'*', {cos, A}, derive(A)};
derive({exp, A}) -> {'*', {exp, A}, derive(A)}.

simplify({Op, A, B}) -> simple({Op, simplify(A), simplify(B)});
simplify({F, A}) -> {F, simplify(A)};
simplify(T) -> T.

simple({'+', 0, B}) -> B;
simple({'+', A, 0}) -> A;
simple({'*', 0, _}) -> 0;
simple({'*', _, 0}) -> 0;
simple({'*', 1, B}) -> B;
simple({'*', A, 1}) -> A;
simple({'^', A, 1}) -> A;
simple({Op, A, B}) when is_number(A), is_number(B), Op =/= '^' -> erlang:Op(A, B);
simple(T) -> T.

show_term({Op, A, B}) -> lists:flatten(io_lib:format("(~s~s~s)", [show_term(A), Op, show_term(B)]));
show_term({F, A}) -> lists:flatten(io_lib:format("~s(~s)", [F, show_term(A)]));
show_term(T) -> lists:flatten(io_lib:format("~w", [T])).

%% --- Types of lambda terms by unification
infer(Term) ->
    try
        {Type, S, _} = infer(Term, #{}, #{}, 0),
        {Named, _} = named(resolve(Type, S), #{}),
        Named
    catch throw:T -> T
    end.

infer({var, X}, Env, S, N) -> case Env of #{X := T} -> {T, S, N}; _ -> throw({unbound, X}) end;
infer({lam, X, B}, Env, S, N) -> {T, S1, N1} = infer(B, Env#{X => {v, N}}, S, N + 1), {{fn, {v, N}, T}, S1, N1};
infer({app, F, A}, Env, S, N) ->
    {Tf, S1, N1} = infer(F, Env, S, N),
    {Ta, S2, N2} = infer(A, Env, S1, N1),
    {{v, N2}, unify(Tf, {fn, Ta, {v, N2}}, S2), N2 + 1}.

unify(A, B, S) ->
    case {walk(A, S), walk(B, S)} of
        {T, T} -> S;
        {{v, V}, T} -> occurs(V, T, S) andalso throw(infinite), S#{V => T};
        {T, {v, V}} -> occurs(V, T, S) andalso throw(infinite), S#{V => T};
        {{fn, A1, B1}, {fn, A2, B2}} -> unify(B1, B2, unify(A1, A2, S))
    end.

walk({v, V} = T, S) -> case S of #{V := U} -> walk(U, S); _ -> T end;
walk(T, _) -> T.

occurs(V, T, S) -> case walk(T, S) of {v, V} -> true; {fn, A, B} -> occurs(V, A, S) orelse occurs(V, B, S); _ -> false end.

resolve(T, S) -> case walk(T, S) of {fn, A, B} -> {fn, resolve(A, S), resolve(B, S)}; U -> U end.

named({v, V}, Names) -> case Names of #{V := Name} -> {Name, Names}; _ -> Name = [$a + map_size(Names)], {Name, Names#{V => Name}} end;
named({fn, A, B}, Names) -> {Na, N1} = named(A, Names), {Nb, N2} = named(B, N1), {"(" ++ Na ++ "->" ++ Nb ++ ")", N2}.

show(What, Value) -> io:format("~p: ~tp~n", [What, Value]).
