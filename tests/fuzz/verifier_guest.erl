%% What the fuzz target `verifier` changes and runs: every family of instructions. No atom in here names a function that could harm
%% the node that runs it.
-module(verifier_guest).
-compile([export_all, nowarn_export_all, nowarn_unused_function]).
-record(r, {a, b = 1, c, d}).

%% Not run: the fuzz target takes its arguments from the literal.
arguments() ->
    {arguments, [], [1, 2 | 3], [a, {b, c}, [d]], {r, 1, [x], #{k => v}, 5}, #{k => {1, 2}, l => [1, 2, 3], 7 => 8}, <<1, 2, 3, 200:16, 0:3>>,
     <<"a binary that is too large to be kept on the heap of a process, and so is counted and shared by all">>, 1.5, 1 bsl 70, -3, 4, a, r,
     {1, 2, 3}, [{k, 1}, {l, 2}], <<>>, #{}, fun lists:reverse/1, [$a, $b, 300], 1.0e300}.

lists1([H | T]) -> [{H, T} | lists1(T)];
lists1([]) -> [].
lists2(L) -> [X || [X | _] <- L] ++ [{X, Y} || {X, Y} <- L, X > Y].
tuples1({A, B, C}) -> {C, {B, A}};
tuples1({r, _, _, _, _} = R) -> R#r{a = 1, c = 2, d = 3};
tuples1({A}) -> A;
tuples1(T) when tuple_size(T) > 4 -> element(2, T).
tuples2(#r{a = A, b = B} = R, V) -> R2 = R#r{c = {A, B}}, {R2, setelement(4, R2, V)}.
tuples3(R, V) -> setelement(2, setelement(3, setelement(4, R, V), V), other(V)).
other(V) -> {V, V}.
maps1(#{k := K} = M) -> M#{k := {K}, new => M};
maps1(#{l := [H | _], 7 := N}) -> {H, N};
maps1(M) when map_size(M) > 2 -> maps:to_list(M);
maps1(M) -> #{M => 1, other => M}.
binary1(<<A:8, B/utf8, C:16/little-signed, D:A/bits, R/bits>>) -> {A, B, C, D, R};
binary1(<<F:64/float, R/binary>>) -> <<F:32/float, 1:3, R/binary>>;
binary1(<<A:3, R/bits>>) -> {A, binary1(R)};
binary1(B) -> {rest, B}.
binary2(<<"ab", T/binary>>, A) -> binary2(T, [ab | A]);
binary2(<<X, T/binary>>, A) when X > 100 -> binary2(T, [X | A]);
binary2(<<X:16, T/binary>>, A) -> binary2(T, [{X} | A]);
binary2(T, A) -> {T, A}.
binary3(B) -> << <<(X + 1):16>> || <<X:8>> <= B >>.
binary4(B, N) -> C = <<B/bits, N:7, 3.5:64/float>>, <<C/bits, N/utf8, "text", B/bits, (byte_size(B)):32/little>>.
binary5(<<N:8, B:N/binary, R/binary>>, C) -> {B, C, binary5(R, <<C/binary, B/binary>>)};
binary5(R, _) -> byte_size(R).
numbers1(A, B) -> {A + B * 3 - A div 2, A rem 7, A band B bsl 3 bor (A bsr 1) bxor bnot B, -A, abs(B)}.
numbers2(A, B) -> X = A * 2.5 + B, Y = X / 3.0 - A * B * 1.0, {X, Y, X > Y, trunc(X), -Y}.
numbers3(A) when is_float(A) -> X = A * 2.0 + 3.0, X / A;
numbers3(A) -> float(A) * float(A).
funs1(A, B) -> F = fun(X) -> {X, A, B} end, G = fun Self(0) -> F; Self(N) when N > 0, N < 9 -> Self(N - 1); Self(_) -> A end, {F(A), G(B), lists:map(F, [A, B])}.
funs2(F, A) -> F(A).
funs3(M, F) -> [M:F(X) || X <- [1, 2]].
try1(A) -> try other(hd(A)) of {X, _} -> X catch error:E:S -> {E, S}; throw:T -> T after other(A) end.
try2(A) -> try throw(A) catch C:R:S when is_atom(R) -> erlang:raise(C, R, S); _:R -> {caught, R} end.
try3(A, B) -> try try A + hd(B) catch error:badarith -> tl(B) end catch C:{badmatch, _}:S -> {C, S}; C:R -> {C, R} end.
catch1(A) -> X = (catch other(tl(A))), Y = (catch throw(X)), {X, Y}.
receive1(A) -> self() ! {A, 1}, self() ! [A], self() ! {x, [y]}, receive {x, [Y]} -> receive {B, N} when N < 5, length(Y) =/= 4 -> {B, Y} after 10 -> none end; [B | _] when B =:= x -> B after 0 -> none end.
receive2(A) -> R = make_ref(), self() ! {other, A}, self() ! {R, A}, receive {R, X} -> X end.
receive3(A) -> self() ! A, receive #r{a = X} = Y -> {X, Y}; #{k := {X, _}} -> X; <<X, _/bits>> -> X; X when is_tuple(X), element(1, X) =:= 1 -> X; _ -> other end.
select1(a) -> 1; select1(b) -> 2; select1({x, Y}) -> Y; select1(100) -> 4; select1(200) -> 5; select1(300000000000000000000) -> 6; select1(1.5) -> 7; select1({}) -> 8; select1([]) -> 9; select1(_) -> 0.
select2(N) -> case N of 1 -> a; 2 -> b; 3 -> c; 4 -> {d}; 5 -> e; _ when N > 4 -> f; _ -> [N] end.
guards1(A, B) when is_integer(A), A > B; is_atom(B) -> A; guards1(A, _) when is_list(A), hd(A) =:= 1; is_map_key(k, A) -> {A}; guards1(_, B) -> map_get(k, B).
deep(0, A) -> A; deep(N, A) when N < 50, N > 0 -> [deep(N - 1, {A, N}) | A]; deep(_, A) -> A.
frames(A, B) -> X = other(A), Y = other(B), case {X, Y} of {{Z, _}, {Z, _}} -> other({X, Z}); _ -> V = other(X), {V, other(Y), A} end.
dictionary(A) -> put(k, A), {get(k), get(l)}.
apply1(A) -> apply(lists, reverse, [A]).
