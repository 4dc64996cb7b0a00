%% sofs: relations, families, partitions, images, what is refused.
-module(relations_sofs).
-export([main/0]).

main() ->
    R = sofs:relation([{a, 1}, {b, 2}, {b, 3}, {c, 1}]),
    S = sofs:relation([{1, x}, {2, y}, {3, x}]),
    E = fun(X) -> sofs:to_external(X) end,
    show([E(sofs:domain(R)), E(sofs:range(R)), E(sofs:converse(R)), E(sofs:relative_product(R, S)), E(sofs:composite(sofs:a_function([{a, 1}]), sofs:a_function([{1, x}])))]),
    show([E(sofs:image(R, sofs:set([b]))), E(sofs:inverse_image(R, sofs:set([1]))), E(sofs:restriction(R, sofs:set([a, c]))), E(sofs:drestriction(R, sofs:set([a])))]),
    F = sofs:relation_to_family(R),
    show([E(F), E(sofs:family_union(F, sofs:family([{a, [9]}]))), E(sofs:family_to_relation(F)), E(sofs:union_of_family(F))]),
    show([E(sofs:partition({external, fun(X) when is_integer(X) -> X rem 3; (Type) -> Type end}, sofs:set(lists:seq(1, 10)))), E(sofs:symdiff(sofs:set([1, 2]), sofs:set([2, 3]))), E(sofs:product(sofs:set([1, 2]), sofs:set([a])))]),
    show([E(sofs:strict_relation(sofs:relation([{1, 1}, {1, 2}]))), E(sofs:weak_relation(sofs:relation([{1, 2}]))), sofs:is_a_function(R), sofs:is_subset(sofs:set([1]), sofs:set([1, 2])), sofs:type(R), sofs:type(F)]),
    show([E(sofs:specification({external, fun(X) -> X > 1 end}, sofs:set([1, 2, 3])))]),
    [show(catch_(F1)) || F1 <- [fun() -> sofs:relation([{a, 1}, {b}]) end, fun() -> sofs:domain(sofs:set([1])) end, fun() -> sofs:a_function([{a, 1}, {a, 2}]) end, fun() -> sofs:union(sofs:set([1]), R) end]].

catch_(F) -> try F() catch C:Reason -> {C, Reason} end.
show(L) -> io:format("~0p~n", [L]).
