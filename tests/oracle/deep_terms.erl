%% Terms nested very deep: compared, hashed, copied by messages, externalised, printed with limits.
-module(deep_terms).
-export([main/0]).
main() ->
    N = 300000,
    L = nest_list(N, []), T = nest_tuple(N, x), M = nest_map(50000, #{}),
    io:format("~w~n", [[L =:= nest_list(N, []), L == nest_list(N - 1, []), L < nest_list(N, [a]), T =:= nest_tuple(N, x), T < nest_tuple(N, y), M =:= nest_map(50000, #{})]]),
    io:format("~w~n", [[erlang:phash2(X) || X <- [nest_list(1000, []), nest_tuple(1000, x), nest_map(100, #{})]]]),
    io:format("~w~n", [is_integer(erlang:phash2(L))]),
    Self = self(),
    P = spawn(fun() -> receive {X, Y, Z} -> Self ! {depth(X, 0), depth(Y, 0), depth(Z, 0)} end end),
    P ! {L, T, M}, receive D -> io:format("~w~n", [D]) end,
    B = term_to_binary({L, T, M}), io:format("~w ~w~n", [byte_size(B), erlang:md5(B)]),
    io:format("~w~n", [binary_to_term(B) =:= {L, T, M}]),
    io:format("~w~n", [erlang:external_size({L, T}) >= 3 * N]),
    io:format("~P~n~W~n", [L, 5, T, 5]),
    io:format("~w~n", [catch iolist_size(L)]),
    io:format("~w~n", [byte_size(iolist_to_binary(nest_io(N, [])))]),
    io:format("~w~n", [length(lists:flatten(nest_list(N, [a])))]),
    ets:new(t, [named_table]), ets:insert(t, {1, L}), [{1, L2}] = ets:lookup(t, 1), io:format("~w~n", [L2 =:= L]),
    put(deep, L), io:format("~w~n", [depth(get(deep), 0)]), erlang:garbage_collect(), io:format("~w~n", [depth(T, 0)]),
    persistent_term:put(deep, T), io:format("~w~n", [persistent_term:get(deep) =:= T]), persistent_term:erase(deep),
    io:format("~w~n", [erts_debug:flat_size(L)]),
    {Q, R} = spawn_monitor(fun() -> exit(L) end), receive {'DOWN', R, _, Q, E} -> io:format("~w~n", [E =:= L]) end.
nest_list(0, X) -> X; nest_list(N, X) -> nest_list(N - 1, [X]).
nest_tuple(0, X) -> X; nest_tuple(N, X) -> nest_tuple(N - 1, {X, N}).
nest_map(0, X) -> X; nest_map(N, X) -> nest_map(N - 1, #{k => X}).
nest_io(0, X) -> X; nest_io(N, X) -> nest_io(N - 1, [X, $a, <<"b">>]).
depth([X | _], N) -> depth(X, N + 1); depth({X, _}, N) -> depth(X, N + 1); depth(#{k := X}, N) -> depth(X, N + 1); depth(_, N) -> N.
