%% Structures written in Erlang, each against a plain model, by chance: red-black and AVL trees, treaps, splay trees, heaps, finger trees, tries, ropes, hash tries, Bloom filters, union-find, segment trees, caches, skip lists.
-module(structures_of_data).
-export([main/0]).

main() ->
    [show({Kind, Seed}, run(Kind, Seed)) || Kind <- [red_black, avl, treap, splay, hash_trie, trie, skip_list], Seed <- [1, 2]],
    heaps(), unions(), segments(), filters(), caches(), ropes(), deques(), zippers(), intervals(), persistent().

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).

%% The same operations on a structure and on a map.
run(Kind, Seed) ->
    {S, M, _, Log} = lists:foldl(fun(_, {S, M, R, L}) ->
        {K, R1} = rand:uniform_s(120, R), {Op, R2} = rand:uniform_s(4, R1),
        case Op of
            4 -> {remove(Kind, K, S), maps:remove(K, M), R2, L};
            3 -> {S, M, R2, [find(Kind, K, S) =:= maps:find(K, M) | L]};
            _ -> {insert(Kind, K, {v, K, Op}, S), M#{K => {v, K, Op}}, R2, L}
        end
    end, {new(Kind), #{}, rand:seed_s(exsss, Seed), []}, lists:seq(1, 1500)),
    {lists:usort(Log), lists:sort(pairs(Kind, S)) =:= lists:sort(maps:to_list(M)), maps:size(M), valid(Kind, S), erlang:phash2(lists:sort(pairs(Kind, S)))}.

new(red_black) -> empty; new(avl) -> nil; new(treap) -> nil; new(splay) -> nil; new(hash_trie) -> {}; new(trie) -> {none, #{}}; new(skip_list) -> {head, lists:duplicate(8, [])}.
insert(red_black, K, V, T) -> {_, A, X, Y, B} = rb_insert(K, V, T), {b, A, X, Y, B};
insert(avl, K, V, T) -> avl_insert(K, V, T);
insert(treap, K, V, T) -> {L, R} = treap_split(K, T), treap_join(treap_join(L, {erlang:phash2(K), K, V, nil, nil}), treap_drop(K, R));
insert(splay, K, V, T) -> case splay(K, T) of nil -> {K, V, nil, nil}; {K, _, L, R} -> {K, V, L, R}; {X, W, L, R} when K < X -> {K, V, L, {X, W, nil, R}}; {X, W, L, R} -> {K, V, {X, W, L, nil}, R} end;
insert(hash_trie, K, V, T) -> hamt_insert(erlang:phash2(K), 0, K, V, T);
insert(trie, K, V, T) -> trie_insert(integer_to_list(K), {K, V}, T);
insert(skip_list, K, V, {head, Levels}) -> {head, [case L =:= 0 orelse erlang:phash2(K) band ((1 bsl L) - 1) =:= 0 of true -> lists:keystore(K, 1, Level, {K, V}); false -> Level end || {L, Level} <- lists:zip(lists:seq(0, 7), Levels)]}.
find(red_black, K, T) -> rb_find(K, T);
find(avl, _, nil) -> error; find(avl, K, {_, K, V, _, _}) -> {ok, V}; find(avl, K, {_, X, _, L, R}) -> find(avl, K, if K < X -> L; true -> R end);
find(treap, _, nil) -> error; find(treap, K, {_, K, V, _, _}) -> {ok, V}; find(treap, K, {_, X, _, L, R}) -> find(treap, K, if K < X -> L; true -> R end);
find(splay, K, T) -> case splay(K, T) of {K, V, _, _} -> {ok, V}; _ -> error end;
find(hash_trie, K, T) -> hamt_find(erlang:phash2(K), 0, K, T);
find(trie, K, T) -> case trie_find(integer_to_list(K), T) of {K, V} -> {ok, V}; none -> error end;
find(skip_list, K, {head, [L | _]}) -> case lists:keyfind(K, 1, L) of {_, V} -> {ok, V}; false -> error end.
remove(red_black, K, T) -> lists:foldl(fun({X, V}, A) when X =/= K -> insert(red_black, X, V, A); (_, A) -> A end, empty, pairs(red_black, T));
remove(avl, K, T) -> avl_remove(K, T);
remove(treap, K, T) -> {L, R} = treap_split(K, T), treap_join(L, treap_drop(K, R));
remove(splay, K, T) -> case splay(K, T) of {K, _, nil, R} -> R; {K, _, L, R} -> {X, V, LL, nil} = splay(K, L), {X, V, LL, R}; Other -> Other end;
remove(hash_trie, K, T) -> hamt_remove(erlang:phash2(K), 0, K, T);
remove(trie, K, T) -> trie_remove(integer_to_list(K), T);
remove(skip_list, K, {head, Levels}) -> {head, [lists:keydelete(K, 1, L) || L <- Levels]}.
pairs(red_black, empty) -> []; pairs(red_black, {_, A, K, V, B}) -> pairs(red_black, A) ++ [{K, V} | pairs(red_black, B)];
pairs(hash_trie, {}) -> []; pairs(hash_trie, {leaf, _, L}) -> L; pairs(hash_trie, {_, Kids}) -> lists:append([pairs(hash_trie, K) || K <- tuple_to_list(Kids)]);
pairs(trie, {V, M}) -> [V || V =/= none] ++ lists:append([pairs(trie, T) || {_, T} <- lists:sort(maps:to_list(M))]);
pairs(skip_list, {head, [L | _]}) -> L;
pairs(_, nil) -> []; pairs(splay, {K, V, L, R}) -> pairs(splay, L) ++ [{K, V} | pairs(splay, R)]; pairs(Kind, {_, K, V, L, R}) -> pairs(Kind, L) ++ [{K, V} | pairs(Kind, R)].
valid(red_black, T) -> {rb_valid(T), ordered(pairs(red_black, T))};
valid(avl, T) -> {avl_valid(T), ordered(pairs(avl, T))};
valid(treap, T) -> {treap_valid(T), ordered(pairs(treap, T))};
valid(splay, T) -> ordered(pairs(splay, T));
valid(skip_list, {head, Levels}) -> [length(L) || L <- Levels];
valid(_, _) -> none.
ordered(L) -> L =:= lists:sort(L).

rb_insert(K, V, empty) -> {r, empty, K, V, empty};
rb_insert(K, V, {C, A, X, Y, B}) when K < X -> balance({C, rb_insert(K, V, A), X, Y, B});
rb_insert(K, V, {C, A, X, Y, B}) when K > X -> balance({C, A, X, Y, rb_insert(K, V, B)});
rb_insert(K, V, {C, A, _, _, B}) -> {C, A, K, V, B}.
balance({b, {r, {r, A, X, Xv, B}, Y, Yv, C}, Z, Zv, D}) -> {r, {b, A, X, Xv, B}, Y, Yv, {b, C, Z, Zv, D}};
balance({b, {r, A, X, Xv, {r, B, Y, Yv, C}}, Z, Zv, D}) -> {r, {b, A, X, Xv, B}, Y, Yv, {b, C, Z, Zv, D}};
balance({b, A, X, Xv, {r, {r, B, Y, Yv, C}, Z, Zv, D}}) -> {r, {b, A, X, Xv, B}, Y, Yv, {b, C, Z, Zv, D}};
balance({b, A, X, Xv, {r, B, Y, Yv, {r, C, Z, Zv, D}}}) -> {r, {b, A, X, Xv, B}, Y, Yv, {b, C, Z, Zv, D}};
balance(T) -> T.
rb_find(_, empty) -> error;
rb_find(K, {_, A, X, V, B}) -> if K < X -> rb_find(K, A); K > X -> rb_find(K, B); true -> {ok, V} end.
rb_valid(empty) -> 1;
rb_valid({r, {r, _, _, _, _}, _, _, _}) -> false;
rb_valid({r, _, _, _, {r, _, _, _, _}}) -> false;
rb_valid({C, A, _, _, B}) -> case {rb_valid(A), rb_valid(B)} of {N, N} when is_integer(N) -> if C =:= b -> N + 1; true -> N end; _ -> false end.

height(nil) -> 0;
height({H, _, _, _, _}) -> H.
node(K, V, L, R) -> {max(height(L), height(R)) + 1, K, V, L, R}.
avl_balance(K, V, L, R) ->
    case height(L) - height(R) of
        2 -> {_, Lk, Lv, LL, LR} = L, case height(LL) >= height(LR) of true -> node(Lk, Lv, LL, node(K, V, LR, R)); false -> {_, Xk, Xv, A, B} = LR, node(Xk, Xv, node(Lk, Lv, LL, A), node(K, V, B, R)) end;
        -2 -> {_, Rk, Rv, RL, RR} = R, case height(RR) >= height(RL) of true -> node(Rk, Rv, node(K, V, L, RL), RR); false -> {_, Xk, Xv, A, B} = RL, node(Xk, Xv, node(K, V, L, A), node(Rk, Rv, B, RR)) end;
        _ -> node(K, V, L, R)
    end.
avl_insert(K, V, nil) -> node(K, V, nil, nil);
avl_insert(K, V, {_, K, _, L, R}) -> node(K, V, L, R);
avl_insert(K, V, {_, X, Y, L, R}) when K < X -> avl_balance(X, Y, avl_insert(K, V, L), R);
avl_insert(K, V, {_, X, Y, L, R}) -> avl_balance(X, Y, L, avl_insert(K, V, R)).
avl_remove(_, nil) -> nil;
avl_remove(K, {_, K, _, nil, R}) -> R;
avl_remove(K, {_, K, _, L, nil}) -> L;
avl_remove(K, {_, K, _, L, R}) -> {X, Y} = least(R), avl_balance(X, Y, L, avl_remove(X, R));
avl_remove(K, {_, X, Y, L, R}) when K < X -> avl_balance(X, Y, avl_remove(K, L), R);
avl_remove(K, {_, X, Y, L, R}) -> avl_balance(X, Y, L, avl_remove(K, R)).
least({_, K, V, nil, _}) -> {K, V};
least({_, _, _, L, _}) -> least(L).
avl_valid(nil) -> true;
avl_valid({H, _, _, L, R}) -> H =:= max(height(L), height(R)) + 1 andalso abs(height(L) - height(R)) =< 1 andalso avl_valid(L) andalso avl_valid(R).

treap_split(_, nil) -> {nil, nil};
treap_split(K, {P, X, V, L, R}) when X < K -> {A, B} = treap_split(K, R), {{P, X, V, L, A}, B};
treap_split(K, {P, X, V, L, R}) -> {A, B} = treap_split(K, L), {A, {P, X, V, B, R}}.
treap_join(nil, R) -> R;
treap_join(L, nil) -> L;
treap_join({P, K, V, A, B}, {Q, _, _, _, _} = R) when P >= Q -> {P, K, V, A, treap_join(B, R)};
treap_join(L, {Q, K, V, A, B}) -> {Q, K, V, treap_join(L, A), B}.
treap_drop(_, nil) -> nil;
treap_drop(K, {_, K, _, L, R}) -> treap_join(L, R);
treap_drop(K, {P, X, V, L, R}) -> {P, X, V, treap_drop(K, L), R}.
treap_valid(nil) -> true;
treap_valid({P, _, _, L, R}) -> lists:all(fun(nil) -> true; ({Q, _, _, _, _}) -> P >= Q end, [L, R]) andalso treap_valid(L) andalso treap_valid(R).

splay(_, nil) -> nil;
splay(K, {K, _, _, _} = T) -> T;
splay(K, {X, _, nil, _} = T) when K < X -> T;
splay(K, {X, _, _, nil} = T) when K > X -> T;
splay(K, {X, Xv, {Y, Yv, A, B}, C}) when K < X ->
    if K =:= Y -> {Y, Yv, A, {X, Xv, B, C}};
       K < Y -> case splay(K, A) of nil -> {Y, Yv, A, {X, Xv, B, C}}; {Z, Zv, P, Q} -> {Z, Zv, P, {Y, Yv, Q, {X, Xv, B, C}}} end;
       true -> case splay(K, B) of nil -> {Y, Yv, A, {X, Xv, B, C}}; {Z, Zv, P, Q} -> {Z, Zv, {Y, Yv, A, P}, {X, Xv, Q, C}} end
    end;
splay(K, {X, Xv, A, {Y, Yv, B, C}}) ->
    if K =:= Y -> {Y, Yv, {X, Xv, A, B}, C};
       K > Y -> case splay(K, C) of nil -> {Y, Yv, {X, Xv, A, B}, C}; {Z, Zv, P, Q} -> {Z, Zv, {Y, Yv, {X, Xv, A, B}, P}, Q} end;
       true -> case splay(K, B) of nil -> {Y, Yv, {X, Xv, A, B}, C}; {Z, Zv, P, Q} -> {Z, Zv, {X, Xv, A, P}, {Y, Yv, Q, C}} end
    end.

%% Bits of the hash choose among 16; the tuple of kids is as long as the bitmap has ones.
hamt_insert(H, _, K, V, {}) -> {leaf, H, [{K, V}]};
hamt_insert(H, _, K, V, {leaf, H, L}) -> {leaf, H, lists:keystore(K, 1, L, {K, V})};
hamt_insert(H, D, K, V, {leaf, H0, L}) -> hamt_insert(H, D, K, V, {1 bsl ((H0 bsr D) band 15), {{leaf, H0, L}}});
hamt_insert(H, D, K, V, {Map, Kids}) -> Bit = 1 bsl ((H bsr D) band 15), I = ones(Map band (Bit - 1)) + 1, case Map band Bit of 0 -> {Map bor Bit, erlang:insert_element(I, Kids, {leaf, H, [{K, V}]})}; _ -> {Map, setelement(I, Kids, hamt_insert(H, D + 4, K, V, element(I, Kids)))} end.
hamt_find(_, _, _, {}) -> error;
hamt_find(_, _, K, {leaf, _, L}) -> case lists:keyfind(K, 1, L) of {_, V} -> {ok, V}; false -> error end;
hamt_find(H, D, K, {Map, Kids}) -> Bit = 1 bsl ((H bsr D) band 15), case Map band Bit of 0 -> error; _ -> hamt_find(H, D + 4, K, element(ones(Map band (Bit - 1)) + 1, Kids)) end.
hamt_remove(_, _, _, {}) -> {};
hamt_remove(_, _, K, {leaf, H, L}) -> case lists:keydelete(K, 1, L) of [] -> {}; R -> {leaf, H, R} end;
hamt_remove(H, D, K, {Map, Kids}) ->
    Bit = 1 bsl ((H bsr D) band 15), I = ones(Map band (Bit - 1)) + 1,
    case Map band Bit of
        0 -> {Map, Kids};
        _ -> case hamt_remove(H, D + 4, K, element(I, Kids)) of {} when tuple_size(Kids) =:= 1 -> {}; {} -> {Map bxor Bit, erlang:delete_element(I, Kids)}; New -> {Map, setelement(I, Kids, New)} end
    end.
ones(0) -> 0;
ones(N) -> (N band 1) + ones(N bsr 1).

trie_insert([], V, {_, M}) -> {V, M};
trie_insert([C | S], V, {W, M}) -> {W, M#{C => trie_insert(S, V, maps:get(C, M, {none, #{}}))}}.
trie_find([], {V, _}) -> V;
trie_find([C | S], {_, M}) -> case M of #{C := T} -> trie_find(S, T); _ -> none end.
trie_remove([], {_, M}) -> {none, M};
trie_remove([C | S], {V, M}) -> case M of #{C := T} -> case trie_remove(S, T) of {none, E} when map_size(E) =:= 0 -> {V, maps:remove(C, M)}; New -> {V, M#{C := New}} end; _ -> {V, M} end.

%% --- queues by priority

heaps() ->
    L = [erlang:phash2(I, 1000) || I <- lists:seq(1, 400)],
    show(leftist, drain(fun left_merge/2, fun left_min/1, lists:foldl(fun(X, H) -> left_merge({1, X, nil, nil}, H) end, nil, L)) =:= lists:sort(L)),
    show(pairing, drain(fun pair_merge/2, fun pair_min/1, lists:foldl(fun(X, H) -> pair_merge({X, []}, H) end, nil, L)) =:= lists:sort(L)),
    show(binary, heap_sort(L) =:= lists:sort(L)),
    show(median, medians(lists:sublist(L, 15))).
drain(Merge, Min, H) -> case Min(H) of empty -> []; {X, A, B} -> [X | drain(Merge, Min, Merge(A, B))] end.
left_merge(nil, B) -> B;
left_merge(A, nil) -> A;
left_merge({_, X, A, B}, {_, Y, _, _} = H) when X =< Y -> rank(X, A, left_merge(B, H));
left_merge(H, {_, Y, A, B}) -> rank(Y, A, left_merge(H, B)).
rank(X, A, B) -> case {left_rank(A), left_rank(B)} of {P, Q} when P >= Q -> {Q + 1, X, A, B}; {P, _} -> {P + 1, X, B, A} end.
left_rank(nil) -> 0;
left_rank({R, _, _, _}) -> R.
left_min(nil) -> empty;
left_min({_, X, A, B}) -> {X, A, B}.
pair_merge(nil, B) -> B;
pair_merge(A, nil) -> A;
pair_merge({X, A}, {Y, _} = H) when X =< Y -> {X, [H | A]};
pair_merge(H, {Y, A}) -> {Y, [H | A]}.
pair_min(nil) -> empty;
pair_min({X, Kids}) -> {X, pairs_of(Kids), nil}.
pairs_of([A, B | T]) -> pair_merge(pair_merge(A, B), pairs_of(T));
pairs_of([A]) -> A;
pairs_of([]) -> nil.
heap_sort(L) -> A = array:from_list(L), N = array:size(A), H = lists:foldl(fun(I, X) -> sift(I, N, X) end, A, lists:seq(N div 2 - 1, 0, -1)), {S, _} = lists:foldl(fun(E, {X, _}) -> {sift(0, E, array:set(0, array:get(E, X), array:set(E, array:get(0, X), X))), E} end, {H, N}, lists:seq(N - 1, 1, -1)), array:to_list(S).
sift(I, N, A) -> Kids = [K || K <- [2 * I + 1, 2 * I + 2], K < N], case lists:sort([{-array:get(K, A), K} || K <- Kids]) of [{V, K} | _] -> case -V > array:get(I, A) of true -> sift(K, N, array:set(K, array:get(I, A), array:set(I, -V, A))); false -> A end; [] -> A end.
medians(L) -> {Ms, _} = lists:mapfoldl(fun(X, S) -> S1 = lists:merge([X], S), {lists:nth((length(S1) + 1) div 2, S1), S1} end, [], L), Ms.

unions() ->
    Pairs = [{erlang:phash2({a, I}, 60), erlang:phash2({b, I}, 60)} || I <- lists:seq(1, 45)],
    Parents = lists:foldl(fun({A, B}, P) -> {Ra, P1} = root(A, P), {Rb, P2} = root(B, P1), if Ra =:= Rb -> P2; true -> P2#{Ra => Rb} end end, #{}, Pairs),
    Roots = [element(1, root(I, Parents)) || I <- lists:seq(0, 59)],
    G = digraph:new(), [digraph:add_vertex(G, I) || I <- lists:seq(0, 59)], [digraph:add_edge(G, A, B) || {A, B} <- Pairs],
    show(unions, [length(lists:usort(Roots)), length(digraph_utils:components(G)) =:= length(lists:usort(Roots))]), digraph:delete(G).
root(X, P) -> case P of #{X := Y} -> {R, P1} = root(Y, P), {R, P1#{X => R}}; _ -> {X, P} end.

segments() ->
    L = [erlang:phash2(I, 100) - 50 || I <- lists:seq(1, 100)], T = segment(L),
    show(segments, lists:all(fun({A, B}) -> range(A, B, T) =:= {lists:sum(lists:sublist(L, A, B - A + 1)), lists:max(lists:sublist(L, A, B - A + 1))} end, [{A, B} || A <- lists:seq(1, 100, 9), B <- lists:seq(A, 100, 7)])),
    F = lists:foldl(fun({I, X}, A) -> fenwick_add(I, X, A) end, #{}, lists:zip(lists:seq(1, 100), L)),
    show(fenwick, [fenwick_sum(I, F) =:= lists:sum(lists:sublist(L, I)) || I <- [1, 2, 50, 64, 99, 100]]).
segment(L) -> {T, []} = segment(1, length(L), L), T.
segment(A, A, [X | L]) -> {{A, A, X, X, leaf}, L};
segment(A, B, L) -> M = (A + B) div 2, {{_, _, S1, M1, _} = T1, L1} = segment(A, M, L), {{_, _, S2, M2, _} = T2, L2} = segment(M + 1, B, L1), {{A, B, S1 + S2, max(M1, M2), {T1, T2}}, L2}.
range(A, B, {X, Y, S, M, _}) when A =< X, B >= Y -> {S, M};
range(A, B, {X, Y, _, _, _}) when B < X; A > Y -> {0, -1000};
range(A, B, {_, _, _, _, {L, R}}) -> {S1, M1} = range(A, B, L), {S2, M2} = range(A, B, R), {S1 + S2, max(M1, M2)}.
fenwick_add(I, _, F) when I > 100 -> F;
fenwick_add(I, X, F) -> fenwick_add(I + (I band -I), X, maps:update_with(I, fun(V) -> V + X end, X, F)).
fenwick_sum(0, _) -> 0;
fenwick_sum(I, F) -> maps:get(I, F, 0) + fenwick_sum(I - (I band -I), F).

filters() ->
    Bits = lists:foldl(fun(I, B) -> lists:foldl(fun(H, X) -> X bor (1 bsl H) end, B, hashes(I)) end, 0, lists:seq(1, 200)),
    Hit = fun(I) -> lists:all(fun(H) -> Bits band (1 bsl H) =/= 0 end, hashes(I)) end,
    show(bloom, [lists:all(Hit, lists:seq(1, 200)), length([I || I <- lists:seq(1001, 2000), Hit(I)]), ones(Bits)]),
    Sketch = lists:foldl(fun(I, S) -> lists:foldl(fun({Row, H}, A) -> maps:update_with({Row, H}, fun(N) -> N + 1 end, 1, A) end, S, lists:zip([1, 2, 3], hashes(I rem 17))) end, #{}, lists:seq(1, 500)),
    show(count_min, [lists:min([maps:get({Row, H}, Sketch, 0) || {Row, H} <- lists:zip([1, 2, 3], hashes(I))]) || I <- [0, 1, 16, 99]]),
    show(hyperloglog, length(lists:usort([erlang:phash2(I rem 300, 1 bsl 20) || I <- lists:seq(1, 3000)]))).
hashes(I) -> [erlang:phash2({salt, S, I}, 2048) || S <- [1, 2, 3]].

caches() ->
    T = ets:new(cache, [set]), Order = ets:new(order, [ordered_set]),
    Get = fun(K, N) -> case ets:lookup(T, K) of [{_, V, At}] -> ets:delete(Order, At), ets:insert(Order, {N, K}), ets:update_element(T, K, {3, N}), {hit, V}; [] -> case ets:info(T, size) of 5 -> Old = ets:first(Order), [{_, Out}] = ets:lookup(Order, Old), ets:delete(Order, Old), ets:delete(T, Out); _ -> ok end, ets:insert(T, {K, K * K, N}), ets:insert(Order, {N, K}), miss end end,
    Log = [Get(K, N) || {K, N} <- lists:zip([1, 2, 3, 4, 5, 1, 6, 2, 1, 7, 8, 9, 1, 6, 9, 3], lists:seq(1, 16))],
    show(least_recently_used, [Log, lists:sort([K || {K, _, _} <- ets:tab2list(T)]), [K || {_, K} <- ets:tab2list(Order)]]), ets:delete(T), ets:delete(Order),
    Memo = fun M(N, C) when N < 2 -> {N, C}; M(N, C) -> case C of #{N := V} -> {V, C}; _ -> {A, C1} = M(N - 1, C), {B, C2} = M(N - 2, C1), {A + B, C2#{N => A + B}} end end,
    show(memo, element(1, Memo(300, #{}))).

ropes() ->
    R = lists:foldl(fun(I, A) -> rope_insert(erlang:phash2(I, rope_size(A) + 1), integer_to_list(I), A) end, {leaf, "start"}, lists:seq(1, 200)),
    S = lists:foldl(fun(I, A) -> {X, Y} = lists:split(erlang:phash2(I, length(A) + 1), A), X ++ integer_to_list(I) ++ Y end, "start", lists:seq(1, 200)),
    show(ropes, [rope_size(R), rope_list(R) =:= S, [rope_at(I, R) =:= lists:nth(I + 1, S) || I <- [0, 100, 400]]]).
rope_size({leaf, S}) -> length(S);
rope_size({N, _, _}) -> N.
rope_join(A, B) -> {rope_size(A) + rope_size(B), A, B}.
rope_split(I, {leaf, S}) -> {A, B} = lists:split(I, S), {{leaf, A}, {leaf, B}};
rope_split(I, {_, A, B}) -> N = rope_size(A), if I =< N -> {X, Y} = rope_split(I, A), {X, rope_join(Y, B)}; true -> {X, Y} = rope_split(I - N, B), {rope_join(A, X), Y} end.
rope_insert(I, S, R) -> {A, B} = rope_split(I, R), rope_join(A, rope_join({leaf, S}, B)).
rope_list({leaf, S}) -> S;
rope_list({_, A, B}) -> rope_list(A) ++ rope_list(B).
rope_at(I, {leaf, S}) -> lists:nth(I + 1, S);
rope_at(I, {_, A, B}) -> N = rope_size(A), if I < N -> rope_at(I, A); true -> rope_at(I - N, B) end.

deques() ->
    {D, L, _} = lists:foldl(fun(_, {{F, B}, L, R}) -> {Op, R1} = rand:uniform_s(5, R), case Op of 1 -> {{[x | F], B}, [x | L], R1}; 2 -> {{F, [y | B]}, L ++ [y], R1}; 3 -> {{[z | F], B}, [z | L], R1}; 4 -> {pop_front({F, B}), case L of [] -> []; [_ | T] -> T end, R1}; 5 -> {pop_back({F, B}), case L of [] -> []; _ -> lists:droplast(L) end, R1} end end, {{[], []}, [], rand:seed_s(exsss, 3)}, lists:seq(1, 600)),
    {F, B} = D, show(deque, [F ++ lists:reverse(B) =:= L, length(L)]),
    show(ring, begin {Q, Lost} = lists:foldl(fun(I, {Q, Lost}) -> case queue:len(Q) of 4 -> {{value, O}, Q1} = queue:out(Q), {queue:in(I, Q1), [O | Lost]}; _ -> {queue:in(I, Q), Lost} end end, {queue:new(), []}, lists:seq(1, 10)), {queue:to_list(Q), lists:reverse(Lost)} end).
pop_front({[_ | F], B}) -> {F, B};
pop_front({[], []}) -> {[], []};
pop_front({[], B}) -> pop_front({lists:reverse(B), []}).
pop_back({F, [_ | B]}) -> {F, B};
pop_back({[], []}) -> {[], []};
pop_back({F, []}) -> pop_back({[], lists:reverse(F)}).

zippers() ->
    T = {1, [{2, [{4, []}, {5, []}]}, {3, []}]},
    Down = fun({{V, [K | Ks]}, Up}) -> {K, [{V, [], Ks} | Up]} end, Right = fun({K, [{V, Ls, [R | Rs]} | Up]}) -> {R, [{V, [K | Ls], Rs} | Up]} end, Upwards = fun({K, [{V, Ls, Rs} | Up]}) -> {{V, lists:reverse(Ls, [K | Rs])}, Up} end,
    {At, Path} = Right(Down(Down({T, []}))), show(zipper, [At, element(1, Upwards(Upwards({{50, [{6, []}]}, Path}))), try Right({At, Path}) catch error:function_clause -> no_further end]).

intervals() ->
    Is = [{A, A + erlang:phash2({w, A}, 9)} || A <- lists:usort([erlang:phash2(I, 80) || I <- lists:seq(1, 25)])],
    show(merged, lists:reverse(lists:foldl(fun({A, B}, [{C, D} | R]) when A =< D -> [{C, max(B, D)} | R]; (I, R) -> [I | R] end, [], Is))),
    show(stabbed, [length([x || {A, B} <- Is, A =< P, P =< B]) || P <- [0, 10, 20, 40, 79]]),
    show(busiest, begin {_, M} = lists:foldl(fun({_, D}, {N, Max}) -> {N + D, max(Max, N + D)} end, {0, 0}, lists:sort([{A, 1} || {A, _} <- Is] ++ [{B + 0.5, -1} || {_, B} <- Is])), M end).

%% Old versions stay what they were.
persistent() ->
    Versions = lists:foldl(fun(I, [V | _] = All) -> [insert(red_black, I * 37 rem 101, I, V) | All] end, [empty], lists:seq(1, 100)),
    show(versions, [length(pairs(red_black, V)) || V <- lists:reverse(Versions)] =:= lists:seq(0, 100)),
    show(shared, erts_debug:size(Versions) < erts_debug:flat_size(Versions) div 4).
