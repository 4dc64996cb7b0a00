%% gb_sets and gb_trees: every exported function, with iterators that go on after changes, and what fails.
-module(balanced_sets).
-export([main/0]).

main() ->
    S = gb_sets:from_list([5, 3, 8, 1, 4, 7, 9, 2, 6, 5, 3.0, 3]),
    T = gb_sets:from_ordset([2, 4, 6, 8, 10]),
    [show(F, gb_sets:to_list(gb_sets:F(S, T))) || F <- [union, intersection, difference, subtract]],
    [show(F, gb_sets:F(S, T)) || F <- [is_subset, is_disjoint]],
    show(edges, [gb_sets:smallest(S), gb_sets:largest(S), gb_sets:size(S), gb_sets:is_empty(S), gb_sets:is_empty(gb_sets:new())]),
    show(members, [gb_sets:is_member(E, S) || E <- [3, 3.0, 10, a]]),
    show(changed, [gb_sets:to_list(gb_sets:F(3, S)) || F <- [add, add_element, delete, delete_any, del_element]]),
    show(inserted, gb_sets:to_list(gb_sets:insert(100, S))),
    show(taken, {element(1, gb_sets:take_smallest(S)), element(1, gb_sets:take_largest(S))}),
    show(balanced, gb_sets:to_list(gb_sets:balance(S)) =:= gb_sets:to_list(S)),
    show(folded, gb_sets:fold(fun(E, A) -> E + A end, 0, S)),
    show(filtered, gb_sets:to_list(gb_sets:filter(fun(E) -> E > 4 end, S))),
    show(walked, walk(gb_sets:iterator(S))),
    show(walked_from, walk(gb_sets:iterator_from(4.5, S))),
    show(unions, gb_sets:to_list(gb_sets:union([S, T, gb_sets:singleton(a)]))),
    show(intersections, gb_sets:to_list(gb_sets:intersection([S, T]))),
    trees(),
    [show(failed, catch_class(F)) || F <- [fun() -> gb_sets:insert(3, S) end, fun() -> gb_sets:delete(77, S) end,
                                           fun() -> gb_sets:smallest(gb_sets:new()) end, fun() -> gb_trees:get(a, gb_trees:empty()) end,
                                           fun() -> gb_trees:insert(1, x, gb_trees:from_orddict([{1, y}])) end,
                                           fun() -> gb_trees:update(2, x, gb_trees:empty()) end, fun() -> gb_sets:union(not_a_set, S) end]].

trees() ->
    T = lists:foldl(fun(K, A) -> gb_trees:enter(K, K * K, A) end, gb_trees:empty(), [I * 7919 rem 101 || I <- lists:seq(1, 60)]),
    show(keys, gb_trees:keys(T)),
    show(values, lists:sum(gb_trees:values(T))),
    show(looked_up, [gb_trees:lookup(K, T) || K <- [7, 1000]]),
    show(tree_edges, [gb_trees:smallest(T), gb_trees:largest(T), gb_trees:size(T)]),
    {K1, V1, T1} = gb_trees:take_smallest(T), {K2, V2, T2} = gb_trees:take_largest(T1),
    show(taken, {K1, V1, K2, V2, gb_trees:size(T2)}),
    show(taken_any, {element(1, gb_trees:take(K1, T)), gb_trees:take_any(nothing, T), element(1, gb_trees:take_any(K2, T))}),
    show(mapped, lists:sum(gb_trees:values(gb_trees:map(fun(K, V) -> K + V end, T)))),
    show(updated, gb_trees:get(K1, gb_trees:update(K1, new, T))),
    show(deleted, gb_trees:size(gb_trees:delete_any(nothing, gb_trees:delete(K1, T)))),
    show(steps, tree_walk(gb_trees:iterator_from(50, T), 3)),
    show(balanced, gb_trees:to_list(gb_trees:balance(T)) =:= gb_trees:to_list(T)).

walk(I) -> case gb_sets:next(I) of {E, J} -> [E | walk(J)]; none -> [] end.
tree_walk(_, 0) -> [];
tree_walk(I, N) -> case gb_trees:next(I) of {K, V, J} -> [{K, V} | tree_walk(J, N - 1)]; none -> [] end.
catch_class(F) -> try F() catch C:R -> {C, R} end.
show(Label, Term) -> io:format("~p ~p~n", [Label, Term]).
