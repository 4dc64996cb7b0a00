%% sofs: sets of sets, relations and families.
-module(sets_of_sets).
-export([main/0]).

main() ->
    R = sofs:relation([{1, a}, {2, b}, {1, c}, {3, a}]),
    S = sofs:set([1, 2, 3, 3]),
    F = sofs:family([{x, [1, 2]}, {y, [2, 3]}]),
    [io:format("~w ~0p~n", [N, try show(apply(sofs, N, A)) catch C:E -> {C, E} end])
     || {N, A} <- [{domain, [R]}, {range, [R]}, {field, [R]}, {converse, [R]}, {image, [R, S]}, {inverse_image, [R, sofs:set([a])]},
                   {restriction, [R, sofs:set([1])]}, {drestriction, [R, sofs:set([1])]}, {composite, [sofs:a_function([{p, 1}]), sofs:a_function([{1, q}])]},
                   {relative_product1, [R, R]}, {union, [S, sofs:set([9])]}, {intersection, [S, sofs:set([2, 9])]}, {difference, [S, sofs:set([2])]},
                   {symdiff, [S, sofs:set([2, 9])]}, {product, [S, sofs:set([a])]}, {is_subset, [sofs:set([1]), S]}, {no_elements, [R]},
                   {relation_to_family, [R]}, {family_to_relation, [F]}, {union_of_family, [F]}, {intersection_of_family, [F]}, {family_domain, [sofs:family([{a, [{1, 2}]}])]},
                   {partition, [sofs:set([sofs_a])]}, {projection, [1, R]}, {substitution, [1, R]}, {strict_relation, [sofs:relation([{1, 1}, {1, 2}])]},
                   {extension, [sofs:a_function([{1, a}]), S, sofs:from_term(z)]}, {is_a_function, [R]}, {constant_function, [S, sofs:from_term(k)]},
                   {symmetric_partition, [S, sofs:set([3, 4])]}, {powerset, [sofs:set([1, 2])]}, {specification, [fun sofs:is_set/1, S]}, {type, [R]}, {type, [F]},
                   {multiple_relative_product, [{R}, R]}, {canonical_relation, [sofs:from_term([[1, 2], [2, 3]])]}, {weak_relation, [sofs:relation([{1, 2}])]},
                   {relation, [[{1}, {2, 3}]]}, {set, [foo]}, {from_external, [[{a, 1}], [{atom, number}]]}, {empty_set, []}, {union, [R, S]}]].

show(X) -> try sofs:to_external(X) catch error:_ -> X end.
