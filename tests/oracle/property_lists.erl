%% proplists, orddict, dict: the older ways to keep pairs.
-module(property_lists).
-export([main/0]).

main() ->
    L = [a, {b, 2}, {c, 3, x}, {a, false}, {b, 4}, d],
    [io:format("~w ~0p~n", [F, try apply(proplists, F, A) catch C:R -> {C, R} end])
     || {F, A} <- [{get_value, [a, L]}, {get_value, [b, L]}, {get_value, [z, L]}, {get_value, [z, L, none]}, {get_all_values, [b, L]},
                   {lookup, [c, L]}, {lookup_all, [a, L]}, {get_bool, [a, L]}, {get_bool, [b, L]}, {get_keys, [L]}, {is_defined, [c, L]},
                   {delete, [b, L]}, {compact, [[{a, true}, b]]}, {unfold, [[a, {b, true}]]}, {expand, [[{a, [x, y]}], [a, b]]},
                   {normalize, [[a, {no_b, true}], [{aliases, [{a, z}]}, {negations, [{no_b, b}]}]]}, {split, [L, [a, b]]},
                   {substitute_aliases, [[{d, e}], L]}, {substitute_negations, [[{d, e}], L]}, {append_values, [b, [{b, [1]}, {b, 2}]]},
                   {to_map, [L]}, {to_map, [[{a, 1}, a, {a, 2}]]}, {from_map, [#{a => 1}]}, {property, [a]}, {property, [a, true]}, {property, [a, 1]}, {get_value, [a, foo]}]],
    Modules = [orddict, dict],
    [begin
         D = M:from_list([{N rem 7, N} || N <- lists:seq(1, 20)]),
         io:format("~w ~w~n", [M, lists:sort(M:to_list(D))]),
         io:format("~w~n", [[M:size(D), M:is_key(3, D), M:is_empty(D), M:fetch(3, D), M:find(9, D), M:find(1, D)]]),
         io:format("~w~n", [lists:sort(M:to_list(M:append(3, x, M:store(3, [], D))))]),
         io:format("~w~n", [lists:sort(M:to_list(M:update(1, fun(X) -> X + 1 end, M:update_counter(2, 5, M:erase(0, D)))))]),
         io:format("~w~n", [lists:sort(M:to_list(M:merge(fun(_, A, B) -> {A, B} end, D, M:from_list([{1, a}, {100, b}]))))]),
         io:format("~w~n", [M:fold(fun(_, V, S) -> V + S end, 0, D)]),
         io:format("~w~n", [lists:sort(M:to_list(M:filter(fun(K, _) -> K > 3 end, M:map(fun(K, V) -> K * V end, D))))]),
         io:format("~w~n", [[try F() catch C:R -> {C, case R of {badkey, K} -> {badkey, K}; _ -> element(1, {R}) end} end
                             || F <- [fun() -> M:fetch(z, D) end, fun() -> M:update(z, fun(X) -> X end, D) end, fun() -> M:take(1, D) =/= error end, fun() -> M:take(zz, D) end]]])
     end || M <- Modules].
