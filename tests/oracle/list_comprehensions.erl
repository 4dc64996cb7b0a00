%% Comprehensions of lists and binaries: many generators, filters that fail or are no booleans, generators that are no lists, shadowed names, nesting, order
%% of evaluation, and errors with their places.
-module(list_comprehensions).
-export([main/0]).
-compile(nowarn_shadow_vars).

main() ->
    L = lists:seq(1, 6),
    show(simple, [[X || X <- L], [X || X <- L, X rem 2 =:= 0], [{X, Y} || X <- [1, 2], Y <- [a, b]], [[Y || Y <- lists:seq(1, X)] || X <- [0, 1, 3]], [X || X <- []], [1 || _ <- L]]),
    show(patterns, [[X || {X, _} <- [{1, a}, b, {2}, {3, c}]], [X || [X | _] <- [[1], [], [2, 3], x]], [V || #{k := V} <- [#{k => 1}, #{}, x]], [X || {X, X} <- [{1, 1}, {1, 2}, {1.0, 1}]],
                    [B || <<B, _/binary>> <- [<<1, 2>>, <<>>, <<3>>]], [X || X = {_, _} <- [{1, 2}, 3]], [A || "a" ++ A <- ["abc", "b", "a"]]]),
    show(filters, [[X || X <- L, X > 2, X < 5], [X || X <- L, is_even(X)], [X || X <- [a, 1, 2.0], is_integer(X)]]),
    show(guards_that_fail, [X || X <- [a, {1}, {1, 2}], element(2, X) =:= 2]),
    show(dynamic, [X || X <- L, begin Y = X * X, Y > 10 end]),
    show(bound_in_filter, [Y || X <- L, (Y = X * X) > 10]),
    show(shadowed, begin X = outer, {[X || X <- [1, 2]], X} end),
    show(order, begin put(seen, []), R = [{note(X), note(Y)} || X <- note([1, 2]), Y <- note([a, b]), note(true)], {R, lists:reverse(get(seen))} end),
    show(wrong_filters, [caught(fun() -> [X || X <- [1, 2], id(F)] end) || F <- [x, 1, [], undefined]]),
    show(wrong_generators, [caught(fun() -> [X || X <- id(G)] end) || G <- [x, {1}, [1 | 2], <<1>>, #{}]]),
    show(wrong_bit_generators, [caught(fun() -> [X || <<X>> <= id(G)] end) || G <- [x, [1], {1}]]),
    show(partial, caught(fun() -> [10 div X || X <- id([5, 2, 0, 1])] end)),
    show(bits, [[X || <<X:4>> <= <<16#1234:16>>], [X || <<X:3>> <= <<255, 0>>], << <<X:2>> || X <- [0, 1, 2, 3] >>, << <<X>> || <<X, _>> <= <<1, 2, 3, 4, 5>> >>, [X || <<X:16/little>> <= <<1, 0, 2, 0, 3>>],
                [T || <<T:1/binary, 0>> <= <<"a", 0, "b", 0, "c", 1, "d", 0>>], << <<X/utf8>> || X <- [97, 228, 8364] >>, [X || <<X/utf8>> <= <<"aä€", 255, "b">>], [{N, B} || <<N, B:N/binary>> <= <<1, $a, 2, $b, $c, 9, $d>>]]),
    show(mixed, [{X, Y} || X <- [1, 2], <<Y:4>> <= <<16#ab>>]),
    show(bits_of_bits, << <<(Inner)/bits>> || N <- [1, 2, 3], Inner <- [<< <<I:4>> || I <- lists:seq(1, N) >>] >>),
    show(bad_bits, [caught(fun() -> << <<X>> || X <- [1, id(Y)] >> end) || Y <- [a, 1.5, 300]]),
    show(bad_binary, [caught(fun() -> << <<X/binary>> || X <- [<<1>>, id(Y)] >> end) || Y <- [a, <<1:3>>, [1]]]),
    show(funs, [F(10) || F <- [fun(X) -> X + Y end || Y <- [1, 2, 3]]]),
    show(nested, [[{X, Y, Z} || Z <- [X + Y], Z rem 2 =:= 0] || X <- [1, 2], Y <- [3, 4]]),
    show(primes, [P || P <- lists:seq(2, 60), [] =:= [D || D <- lists:seq(2, P - 1), P rem D =:= 0]]),
    show(quick, sort([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])),
    show(transposed, transpose([[1, 2, 3], [4, 5, 6]])),
    show(records, [X || {r, X} <- [{r, 1}, {s, 2}, {r, 3, 4}, {r, 5}]]),
    show(long, {length([X || X <- lists:seq(1, 100000), X band 3 =:= 0]), lists:sum([X * Y || X <- lists:seq(1, 300), Y <- lists:seq(1, 300), X > Y])}),
    show(large_bits, erlang:md5(<< <<(X * 7 rem 256)>> || X <- lists:seq(1, 100000) >>)),
    show(exits, [caught(fun() -> [throw(X) || X <- [first, second]] end), caught(fun() -> [exit(X) || X <- L, X > 3] end)]),
    show(side_effects_only, begin put(n, 0), _ = [put(n, get(n) + X) || X <- L], [] = [put(n, get(n) + 1) || _ <- []], get(n) end),
    show(messages, begin [self() ! X || X <- L], [receive X -> X end || X <- lists:reverse(L)] end),
    show(evaluated, [eval(T) || T <- ["[X || X <- [1,2,3], X > 1].", "[X || X <- x].", "[X || X <- [1], y].", "<< <<X>> || X <- [1,2] >>.", "[{X,Y} || X <- [1,2], <<Y>> <= <<3,4>>].", "[X || <<X>> <= [1]].", "[Y || X <- [1,2,3], (Y = X) > 1]."]]),
    show(places, begin {'EXIT', {{bad_generator, x}, [{M, F, A, _} | _]}} = (catch generator(id(x))), {M, hd(atom_to_list(F)), A} end).

generator(L) -> [X || X <- L].

is_even(X) -> X rem 2 =:= 0.

note(X) -> put(seen, [X | get(seen)]), X.

sort([]) -> [];
sort([P | L]) -> sort([X || X <- L, X < P]) ++ [P] ++ sort([X || X <- L, X >= P]).

transpose([[] | _]) -> [];
transpose(M) -> [[H || [H | _] <- M] | transpose([T || [_ | T] <- M])].

eval(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Forms} = erl_parse:parse_exprs(Tokens),
    caught(fun() -> {value, V, _} = erl_eval:exprs(Forms, []), V end).

caught(F) -> try F() catch C:R -> {C, R} end.

id(X) -> X.

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
