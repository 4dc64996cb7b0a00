%% Functions under OTP's own modules: order of terms as keys, parts of maps, tasks of the system.
-module(internals_of_maps).
-export([main/0]).

main() ->
    Terms = [0, 0.0, 1, 1.0, a, b, {}, {1}, {1.0}, #{}, #{1 => a}, #{1.0 => a}, [], [1], [1.0], <<>>, <<1>>, 1 bsl 70, self()],
    [io:format("~w~n", [[sign(erts_internal:cmp_term(A, B)) || B <- Terms]]) || A <- Terms],
    Small = #{a => 1, b => 2, c => 3},
    Large = maps:from_list([{N, N * N} || N <- lists:seq(1, 100)]),
    [io:format("~w ~w~n", [F, try F(M) catch C:R -> {C, R} end])
     || M <- [#{}, Small, foo], F <- [fun erts_internal:map_to_tuple_keys/1, fun erts_internal:map_hashmap_children/1]],
    io:format("~w~n", [try erts_internal:map_to_tuple_keys(Large) catch C2:R2 -> {C2, R2} end]),
    %% How the tree looks depends on the hash, which is nobody's business.
    io:format("~w~n", [{length(erts_internal:map_hashmap_children(Large)), lists:keyfind(leafs, 1, erts_debug:map_info(Large)) =/= false}]).

sign(N) when N < 0 -> -1;
sign(0) -> 0;
sign(_) -> 1.

