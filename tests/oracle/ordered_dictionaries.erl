%% orddict, ordsets and dict: the same operations on each, with keys of all kinds, absent keys and wrong arguments.
-module(ordered_dictionaries).
-export([main/0]).

main() ->
    Keys = [1, 1.0, a, "a", <<"a">>, {1, 2}, [], #{}, -7, 1 bsl 70, self() =:= self(), 0.5],
    [dictionary(M, Keys) || M <- [orddict, dict]],
    ordered_sets(Keys),
    failures().

dictionary(M, Keys) ->
    D = lists:foldl(fun({K, V}, A) -> M:store(K, V, A) end, M:new(), lists:zip(Keys, lists:seq(1, length(Keys)))),
    show(M, sorted(M, D)),
    show(M, [M:find(K, D) || K <- [1, 1.0, b, {1, 2}, [[]]]]),
    show(M, [M:is_key(K, D) || K <- [a, b, 1, 2.0]]),
    show(M, {M:size(D), M:is_empty(D), M:is_empty(M:new())}),
    show(M, sorted(M, M:erase(nothing, M:erase(a, D)))),
    show(M, sorted(M, M:update(a, fun(V) -> V * 100 end, D))),
    show(M, sorted(M, M:update(zz, fun(V) -> V * 100 end, first, D))),
    show(M, sorted(M, M:update_counter(1, 41, D))),
    show(M, sorted(M, M:append(x, 1, M:append(x, 2, M:new())))),
    show(M, sorted(M, M:append_list(x, [3, 4], M:append(x, 2, M:new())))),
    show(M, lists:sort(M:fold(fun(K, V, A) -> [{V, K} | A] end, [], D))),
    show(M, sorted(M, M:map(fun(_, V) -> -V end, D))),
    show(M, sorted(M, M:filter(fun(_, V) -> V rem 2 =:= 0 end, D))),
    show(M, sorted(M, M:merge(fun(_, A, B) -> {A, B} end, D, M:from_list([{a, other}, {new, one}])))),
    show(M, case M:take(a, D) of {V, Rest} -> {V, sorted(M, Rest)}; error -> error end),
    show(M, M:take(nothing, D)),
    show(M, lists:sort(M:fetch_keys(D))),
    show(M, catch_class(fun() -> M:fetch(nothing, D) end)).

sorted(M, D) -> lists:sort(M:to_list(D)).

ordered_sets(Keys) ->
    A = ordsets:from_list(Keys ++ Keys), B = ordsets:from_list([a, b, c, 1, {1, 2}]),
    [show(F, ordsets:F(A, B)) || F <- [union, intersection, subtract, is_subset, is_disjoint]],
    show(one, [ordsets:union([A, B, []]), ordsets:intersection([A, B]), ordsets:size(A), ordsets:is_element(1.0, A)]),
    show(two, [ordsets:add_element(a, A) =:= A, ordsets:del_element(a, B), ordsets:is_set(A), ordsets:is_set([b, a]), ordsets:is_set([a, a])]),
    show(three, [ordsets:fold(fun(E, N) -> [E | N] end, [], B), ordsets:filter(fun is_atom/1, A)]).

failures() ->
    [show(F, catch_class(fun() -> apply(M, F, As) end))
     || {M, F, As} <- [{orddict, store, [a, b, c]}, {orddict, fetch, [a, []]}, {orddict, append, [a, 1, [{a, 2}]]}, {dict, fetch, [a, []]},
                       {ordsets, union, [a]}, {ordsets, from_list, [a]}, {orddict, update_counter, [a, 1, [{a, b}]]}]].

catch_class(F) -> try F() catch C:R -> {C, R} end.
show(Label, Term) -> io:format("~p ~p~n", [Label, Term]).
