%% Terms nested as deep as the argument says: nothing that walks them may use the machine's stack. Stock prints the same.
-module(deep_nesting).
-compile([{nowarn_deprecated_function, {erlang, phash, 2}}]).
-export([main/1]).

depth() -> persistent_term:get(depth).

main([Depth]) ->
    persistent_term:put(depth, list_to_integer(Depth)),
    [each(Name, Make) || {Name, Make} <- [{list, fun list/2}, {tuple, fun tuple/2}]],
    maps_deep(),
    io:format("~w~n", [byte_size(iolist_to_binary(list(depth(), <<"x">>)))]),
    io:format("~w~n", [iolist_size(list(depth(), []))]).

%% Each part in a process of its own: what it held is gone afterwards.
alone(F) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({result, F()}) end),
    receive {'DOWN', Ref, process, Pid, Reason} -> Reason end.

each(Name, Make) ->
    N = depth(),
    Parts = [{compare, fun() -> A = Make(N, x), B = Make(N, x), C = Make(N, y), {A =:= B, A == C, A < C} end},
             {hash, fun() -> {is_integer(erlang:phash2(Make(N, x))), is_integer(erlang:phash(Make(N, x), 1 bsl 32))} end},
             {send, fun() -> Self = self(), P = spawn_link(fun() -> receive T -> Self ! depth(T, 0) end end), P ! Make(N, x), receive D -> D end end},
             {collect, fun() -> T = Make(N, x), garbage_collect(), garbage_collect(), depth(T, 0) end},
             {external, fun() -> B = term_to_binary(Make(N, x)), {byte_size(B), depth(binary_to_term(B), 0)} end},
             {external_size, fun() -> erlang:external_size(Make(N, x)) > N end},
             {table, fun() -> T = ets:new(t, []), ets:insert(T, {key, Make(N, x)}), [{key, D}] = ets:lookup(T, key), depth(D, 0) end},
             {literal, fun() -> persistent_term:put(deep, Make(N, x)), D = depth(persistent_term:get(deep), 0), persistent_term:erase(deep), D end},
             {flat_size, fun() -> erts_debug:flat_size(Make(N, x)) end},
             {print, fun() -> lists:flatten(io_lib:format("~P", [Make(N, x), 6])) end}],
    [io:format("~w ~w ~0p~n", [Name, Part, alone(F)]) || {Part, F} <- Parts].

maps_deep() ->
    N = depth() div 5,
    io:format("map ~0p~n", [alone(fun() -> A = map(N, x), B = map(N, x), garbage_collect(), {A =:= B, A < map(N, y), is_integer(erlang:phash2(A)), byte_size(term_to_binary(A))} end)]).

list(0, X) -> X;
list(N, X) -> list(N - 1, [X]).
tuple(0, X) -> X;
tuple(N, X) -> tuple(N - 1, {X}).
map(0, X) -> X;
map(N, X) -> map(N - 1, #{k => X}).
depth([X], N) -> depth(X, N + 1);
depth({X}, N) -> depth(X, N + 1);
depth(_, N) -> N.
