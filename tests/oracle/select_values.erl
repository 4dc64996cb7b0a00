%% Clauses chosen by integers, atoms, floats, big integers, sizes and mixtures.
-module(select_values).
-export([main/0]).
main() ->
    show(fun ints/1, [-1, 0, 1, 2, 3, 4, 5, 100, 1000, 1 bsl 27, 1 bsl 59, 1.0, a, <<>>]),
    show(fun sparse/1, [1, 10, 100, 1000, 10000, 100000, 1 bsl 40, 11, -7]),
    show(fun atoms/1, [a, b, c, d, e, f, "a", 1, undefined]),
    show(fun mixed/1, [a, 1, 1.0, 2.5, 1 bsl 70, "s", {}, [], <<>>, {a, 1}, 2, b, -0.0]),
    show(fun bigs/1, [1 bsl 64, 1 bsl 64 + 1, -(1 bsl 64), 1 bsl 65, 1 bsl 63, 18446744073709551616.0]),
    show(fun floats/1, [0.0, -0.0, 1.0, 1, 1.0e300, -1.5]),
    show(fun sizes/1, [{}, {1}, {1, 2}, {1, 2, 3}, {1, 2, 3, 4}, {a, 2}, {b, 2, 3}, [1]]),
    show(fun two/1, [{a, 1}, {a, 2}, {b, 1}, {b, 2}, {c, 1}, {a, c}]),
    show(fun chars/1, [C || C <- lists:seq($\s, $~)]),
    show(fun bools/1, [true, false, maybe, 1]).

show(F, Values) -> io:format("~p~n", [[try F(V) catch error:E -> E end || V <- Values]]).

ints(0) -> zero; ints(1) -> one; ints(2) -> two; ints(3) -> three; ints(4) -> four; ints(-1) -> minus; ints(134217728) -> large.
sparse(1) -> a; sparse(10) -> b; sparse(100) -> c; sparse(1000) -> d; sparse(10000) -> e; sparse(1099511627776) -> f; sparse(_) -> no.
atoms(a) -> 1; atoms(b) -> 2; atoms(c) -> 3; atoms(d) -> 4; atoms(e) -> 5; atoms(undefined) -> u.
mixed(a) -> atom; mixed(1) -> int; mixed(1.0) -> float; mixed(2.5) -> other; mixed(1180591620717411303424) -> big;
mixed("s") -> string; mixed({}) -> tuple; mixed([]) -> nil; mixed(<<>>) -> bin; mixed({a, X}) -> X; mixed(_) -> none.
bigs(18446744073709551616) -> a; bigs(18446744073709551617) -> b; bigs(-18446744073709551616) -> c; bigs(9223372036854775808) -> d;
bigs(_) -> none.
floats(+0.0) -> zero; floats(1.0) -> one; floats(1.0e300) -> large; floats(-1.5) -> minus; floats(X) -> {no, X}.
sizes({}) -> 0; sizes({a, _}) -> a2; sizes({_}) -> 1; sizes({_, _}) -> 2; sizes({b, _, _}) -> b3; sizes({_, _, _}) -> 3; sizes(T) when is_tuple(T) -> more.
two({a, 1}) -> a1; two({a, 2}) -> a2; two({b, 1}) -> b1; two({b, 2}) -> b2; two({_, 1}) -> x1; two({a, _}) -> ax.
chars(C) when C >= $0, C =< $9 -> d; chars(C) when C >= $a, C =< $z; C >= $A, C =< $Z -> l; chars($\s) -> s; chars($+) -> p; chars(_) -> o.
bools(true) -> 1; bools(false) -> 0.
