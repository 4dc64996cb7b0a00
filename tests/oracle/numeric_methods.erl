%% Numerical methods: what floats and integers give, digit by digit, in roots, sums, integrals, matrices, primes and rationals.
-module(numeric_methods).
-export([main/0]).

main() ->
    show(newton, [newton(fun(X) -> X * X - N end, fun(X) -> 2 * X end, N / 2 + 1, 40) || N <- [2, 3, 10, 1.0e10, 1.0e-10]]),
    show(bisection, [bisect(fun math:cos/1, 0.0, 3.0, 60), bisect(fun(X) -> X * X * X - X - 2 end, 1.0, 2.0, 60)]),
    show(simpson, [simpson(F, A, B, 200) || {F, A, B} <- [{fun math:sin/1, 0, 3}, {fun(X) -> X * X end, -1, 2}, {fun(X) -> math:exp(-X * X) end, -5, 5}]]),
    show(runge_kutta, [runge_kutta(fun(T, Y) -> Y - T * T + 1 end, 0.0, 0.5, 0.2, N) || N <- [1, 5, 10]]),
    show(sums, [lists:sum(L) || L <- [[0.1 || _ <- lists:seq(1, 10)], [1.0e16, 1.0, -1.0e16], [1 / N || N <- lists:seq(1, 1000)]]]),
    show(kahan, kahan([1 / N || N <- lists:seq(1, 1000)])),
    show(machine_epsilon, epsilon(1.0)),
    show(determinants, [determinant(M) || M <- [[[1, 2], [3, 4]], hilbert(4), [[2, 0, 1], [1, 3, 2], [1, 1, 1]], identity(5)]]),
    show(inverse, [inverse(M) || M <- [[[1, 2], [3, 4]], [[1, 2], [2, 4]], hilbert(3)]]),
    show(product, product(product([[1, 2], [3, 4]], [[0, 1], [1, 0]]), [[1.5, 2], [0, -1]])),
    show(power, [fib_matrix(N) || N <- [0, 1, 10, 90, 300, 1000]]),
    show(fft, [round_pairs(fft([{float(X), 0.0} || X <- L])) || L <- [[1, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]]]),
    show(primes, {lists:sublist(sieve(10000), 1000, 5), length(sieve(10000))}),
    show(miller_rabin, [N || N <- lists:seq((1 bsl 89) - 50, (1 bsl 89) + 50), N rem 2 =:= 1, is_prime(N)]),
    show(factors, [factors(N) || N <- [1, 2, 360, 97, 1 bsl 40, 600851475143, 999999000001]]),
    show(gcd, [{A, B, gcd(A, B), bezout(A, B)} || {A, B} <- [{48, 36}, {-48, 36}, {0, 5}, {1 bsl 100, 3}, {(1 bsl 90) - 1, (1 bsl 60) - 1}]]),
    show(inverse_modulo, [{A, M, modulo_inverse(A, M)} || {A, M} <- [{3, 7}, {10, 17}, {2, 4}, {65537, (1 bsl 127) - 1}]]),
    show(chinese, chinese([{2, 3}, {3, 5}, {2, 7}])),
    show(rationals, [ratio(lists:foldl(fun add/2, {0, 1}, [{1, N} || N <- lists:seq(1, K)])) || K <- [1, 5, 20, 60]]),
    show(continued, [continued(X, 12) || X <- [3.141592653589793, 2.718281828459045, 1.4142135623730951, 0.1]]),
    show(pi_digits, [machin(D) || D <- [10, 50, 200]]),
    show(e_digits, e_digits(100)),
    show(square_roots, [{N, root(N)} || N <- [0, 1, 15, 16, 17, 1 bsl 200, (1 bsl 201) - 1]]),
    show(binomials, [binomial(N, K) || {N, K} <- [{5, 2}, {50, 25}, {200, 100}, {3, 5}]]),
    show(catalan, [binomial(2 * N, N) div (N + 1) || N <- lists:seq(0, 15)]),
    show(bernoulli, [bernoulli(N) || N <- [0, 1, 2, 4, 10, 20]]),
    show(partitions, [partitions(N) || N <- [1, 5, 30, 60]]),
    show(collatz, lists:max([{collatz(N), N} || N <- lists:seq(1, 3000)])),
    show(statistics, describe([float(N * N rem 97) || N <- lists:seq(1, 500)])),
    show(spigot, spigot(60)),
    show(overflow, [try F() catch C:R -> {C, R} end || F <- [fun() -> 1.0e308 * one() * 10 end, fun() -> math:exp(1000 * one()) end, fun() -> 1 / (one() - 1) end,
                                                          fun() -> math:sqrt(-one()) end, fun() -> math:log(one() - 1) end, fun() -> math:pow(-8.0, 1 / 3 * one()) end]]).

one() -> list_to_integer("1").

newton(_, _, X, 0) -> X;
newton(F, D, X, N) -> newton(F, D, X - F(X) / D(X), N - 1).

bisect(_, A, B, 0) -> (A + B) / 2;
bisect(F, A, B, N) ->
    M = (A + B) / 2,
    case F(A) * F(M) =< 0 of true -> bisect(F, A, M, N - 1); false -> bisect(F, M, B, N - 1) end.

simpson(F, A, B, N) ->
    H = (B - A) / N,
    H / 3 * lists:sum([(case I of 0 -> 1; N -> 1; _ when I rem 2 =:= 1 -> 4; _ -> 2 end) * F(A + I * H) || I <- lists:seq(0, N)]).

runge_kutta(_, _, Y, _, 0) -> Y;
runge_kutta(F, T, Y, H, N) ->
    K1 = F(T, Y), K2 = F(T + H / 2, Y + H * K1 / 2), K3 = F(T + H / 2, Y + H * K2 / 2), K4 = F(T + H, Y + H * K3),
    runge_kutta(F, T + H, Y + H / 6 * (K1 + 2 * K2 + 2 * K3 + K4), H, N - 1).

kahan(L) ->
    {Sum, _} = lists:foldl(fun(X, {S, C}) -> Y = X - C, T = S + Y, {T, (T - S) - Y} end, {0.0, 0.0}, L),
    Sum.

epsilon(E) -> case 1.0 + E / 2 of 1.0 -> E; _ -> epsilon(E / 2) end.

hilbert(N) -> [[1 / (I + J - 1) || J <- lists:seq(1, N)] || I <- lists:seq(1, N)].
identity(N) -> [[case I of J -> 1; _ -> 0 end || J <- lists:seq(1, N)] || I <- lists:seq(1, N)].

determinant([[X]]) -> X;
determinant([Row | Rows]) ->
    {Sum, _} = lists:foldl(fun({I, X}, {S, Sign}) -> {S + Sign * X * determinant([without(I, R) || R <- Rows]), -Sign} end, {0, 1}, lists:enumerate(Row)),
    Sum.

without(I, Row) -> {A, [_ | B]} = lists:split(I - 1, Row), A ++ B.

%% Gauss and Jordan on rationals of integers or on floats.
inverse(M) ->
    N = length(M),
    try reduce([R ++ I || {R, I} <- lists:zip(M, identity(N))], 0, N) catch throw:singular -> singular end.

reduce(Rows, N, N) -> [lists:nthtail(N, R) || R <- Rows];
reduce(Rows, K, N) ->
    {Done, Rest} = lists:split(K, Rows),
    case lists:partition(fun(R) -> abs(lists:nth(K + 1, R)) > 1.0e-12 end, Rest) of
        {[], _} -> throw(singular);
        {[Pivot | More], Zeros} ->
            P = lists:nth(K + 1, Pivot),
            Unit = [X / P || X <- Pivot],
            Clear = fun(R) -> F = lists:nth(K + 1, R), [X - F * Y || {X, Y} <- lists:zip(R, Unit)] end,
            reduce(lists:map(Clear, Done) ++ [Unit | lists:map(Clear, More ++ Zeros)], K + 1, N)
    end.

product(A, B) -> Columns = transpose(B), [[lists:sum([X * Y || {X, Y} <- lists:zip(Row, C)]) || C <- Columns] || Row <- A].

transpose([[] | _]) -> [];
transpose(M) -> [[hd(R) || R <- M] | transpose([tl(R) || R <- M])].

fib_matrix(N) -> [[_, F], _] = matrix_power([[1, 1], [1, 0]], N), F.

matrix_power(_, 0) -> [[1, 0], [0, 1]];
matrix_power(M, N) when N rem 2 =:= 0 -> matrix_power(product(M, M), N div 2);
matrix_power(M, N) -> product(M, matrix_power(M, N - 1)).

fft([X]) -> [X];
fft(L) ->
    {Even, Odd} = split(L),
    N = length(L),
    E = fft(Even),
    Twisted = [times({math:cos(-2 * math:pi() * K / N), math:sin(-2 * math:pi() * K / N)}, O) || {K, O} <- lists:zip(lists:seq(0, N div 2 - 1), fft(Odd))],
    [{A + C, B + D} || {{A, B}, {C, D}} <- lists:zip(E, Twisted)] ++ [{A - C, B - D} || {{A, B}, {C, D}} <- lists:zip(E, Twisted)].

split([]) -> {[], []};
split([A, B | L]) -> {As, Bs} = split(L), {[A | As], [B | Bs]}.

times({A, B}, {C, D}) -> {A * C - B * D, A * D + B * C}.

round_pairs(L) -> [{round(A * 1.0e6) / 1.0e6, round(B * 1.0e6) / 1.0e6} || {A, B} <- L].

sieve(N) -> sieve(2, N, array:new(N + 1, {default, true})).

sieve(P, N, A) when P * P > N -> [I || {I, true} <- array:to_orddict(A), I > 1];
sieve(P, N, A) ->
    case array:get(P, A) of
        true -> sieve(P + 1, N, lists:foldl(fun(I, B) -> array:set(I, false, B) end, A, lists:seq(P * P, N, P)));
        false -> sieve(P + 1, N, A)
    end.

is_prime(N) -> lists:all(fun(A) -> N rem A =/= 0 andalso witness(N, A) end, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]).

witness(N, A) ->
    {S, D} = twos(N - 1, 0),
    X = power(A, D, N),
    X =:= 1 orelse squares(X, S, N).

squares(X, _, N) when X =:= N - 1 -> true;
squares(_, 1, _) -> false;
squares(X, S, N) -> squares(X * X rem N, S - 1, N).

twos(N, S) when N band 1 =:= 0 -> twos(N bsr 1, S + 1);
twos(N, S) -> {S, N}.

power(_, 0, _) -> 1;
power(A, N, M) when N band 1 =:= 0 -> power(A * A rem M, N bsr 1, M);
power(A, N, M) -> A * power(A, N - 1, M) rem M.

factors(N) -> factors(N, 2).
factors(1, _) -> [];
factors(N, P) when P * P > N -> [N];
factors(N, P) when N rem P =:= 0 -> [P | factors(N div P, P)];
factors(N, 2) -> factors(N, 3);
factors(N, P) -> factors(N, P + 2).

gcd(A, 0) -> abs(A);
gcd(A, B) -> gcd(B, A rem B).

bezout(_, 0) -> {1, 0};
bezout(A, B) -> {X, Y} = bezout(B, A rem B), {Y, X - A div B * Y}.

modulo_inverse(A, M) ->
    case gcd(A, M) of 1 -> {X, _} = bezout(A, M), (X rem M + M) rem M; _ -> none end.

chinese(Pairs) ->
    M = lists:foldl(fun({_, N}, P) -> N * P end, 1, Pairs),
    lists:sum([R * (M div N) * modulo_inverse(M div N, N) || {R, N} <- Pairs]) rem M.

add({A, B}, {C, D}) -> reduced(A * D + C * B, B * D).
reduced(A, B) -> G = gcd(A, B), {A div G, B div G}.
ratio({A, B}) -> {A, B, A / B}.

continued(_, 0) -> [];
continued(X, N) ->
    case X - trunc(X) of
        +0.0 -> [trunc(X)];
        F -> [trunc(X) | continued(1 / F, N - 1)]
    end.

machin(D) ->
    Unit = power10(D + 10),
    (4 * (4 * arctan(5, Unit) - arctan(239, Unit))) div power10(10).

arctan(X, Unit) -> arctan(Unit div X, X * X, 1, 1).
arctan(0, _, _, _) -> 0;
arctan(T, Xx, N, Sign) -> Sign * (T div N) + arctan(T div Xx, Xx, N + 2, -Sign).

power10(0) -> 1;
power10(N) -> 10 * power10(N - 1).

e_digits(D) -> e_terms(power10(D + 10), 1) div power10(10).
e_terms(0, _) -> 0;
e_terms(T, N) -> T + e_terms(T div N, N + 1).

root(0) -> 0;
root(N) -> root(N, 1 bsl (bits(N, 0) div 2 + 1)).
root(N, X) -> case (X + N div X) div 2 of Y when Y >= X -> X; Y -> root(N, Y) end.

bits(0, B) -> B;
bits(N, B) -> bits(N bsr 1, B + 1).

binomial(N, K) when K > N -> 0;
binomial(N, K) -> lists:foldl(fun(I, B) -> B * (N - I + 1) div I end, 1, lists:seq(1, K)).

bernoulli(N) ->
    Row = lists:foldl(fun(M, A) ->
                          lists:foldl(fun(J, B) ->
                                          {P, Q} = map_get(J - 1, B), {R, S} = map_get(J, B),
                                          {X, Y} = add({P, Q}, {-R, S}),
                                          B#{J - 1 => reduced(J * X, Y)}
                                      end, A#{M => {1, M + 1}}, lists:seq(M, 1, -1))
                      end, #{}, lists:seq(0, N)),
    map_get(0, Row).

partitions(N) -> map_get(N, lists:foldl(fun(K, T0) -> lists:foldl(fun(I, T) -> T#{I => maps:get(I, T, 0) + maps:get(I - K, T, 0)} end, T0, lists:seq(K, N)) end, #{0 => 1}, lists:seq(1, N))).

collatz(1) -> 0;
collatz(N) when N rem 2 =:= 0 -> 1 + collatz(N div 2);
collatz(N) -> 1 + collatz(3 * N + 1).

describe(L) ->
    N = length(L), Mean = lists:sum(L) / N,
    {Mean, math:sqrt(lists:sum([(X - Mean) * (X - Mean) || X <- L]) / N), lists:min(L), lists:max(L), lists:nth(N div 2, lists:sort(L))}.

%% Gibbons' unbounded spigot.
spigot(D) -> spigot(1, 0, 1, 1, 3, 3, D).
spigot(_, _, _, _, _, _, 0) -> [];
spigot(Q, R, T, K, N, L, D) when 4 * Q + R - T < N * T -> [N | spigot(10 * Q, 10 * (R - N * T), T, K, 10 * (3 * Q + R) div T - 10 * N, L, D - 1)];
spigot(Q, R, T, K, _, L, D) -> spigot(Q * K, (2 * Q + R) * L, T * L, K + 1, (Q * (7 * K + 2) + R * L) div (T * L), L + 2, D).

show(What, Value) -> io:format("~p: ~w~n", [What, Value]).
