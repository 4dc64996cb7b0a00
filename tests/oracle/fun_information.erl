%% fun_info, equality, order, hashes and texts of funs: local, external, of modules that are not there, with environments, sent and encoded.
-module(fun_information).
-export([main/0]).
-export([id/1, exported/2]).

main() ->
    X = id({env, 1}), Y = id("more"),
    Funs = [{none, fun() -> ok end}, {one, fun(A) -> {A, X} end}, {two, fun(A, B) -> {A, B, X, Y} end}, {named, fun Loop(0) -> done; Loop(N) -> Loop(N - 1) end}, {local, fun id/1}, {external, fun ?MODULE:exported/2}, {built, fun erlang:abs/1}, {operator, fun erlang:'+'/2}, {missing, fun no_such:f/3}, {nowhere, fun lists:no_such/9}, {made, erlang:make_fun(lists, map, 2)}, {dynamic, begin M = id(lists), F = id(map), fun M:F/2 end}],
    [io:format("~w: ~w~n", [N, [shape(I, info(F, I)) || I <- [type, module, name, arity, env, index, new_index, uniq, new_uniq, pid, refc, nonsense, 1]]]) || {N, F} <- Funs],
    [io:format("~w: ~w~n", [N, [K || {K, _} <- erlang:fun_info(F)]]) || {N, F} <- Funs],
    [io:format("~w: ~w~n", [N, [is_function(F), is_function(F, 0), is_function(F, 1), is_function(F, 2), is_function(F, 9), attempt(fun() -> is_function(F, -1) end), attempt(fun() -> is_function(F, a) end), erlang:phash2(F) =:= erlang:phash2(binary_to_term(term_to_binary(F))), F =:= binary_to_term(term_to_binary(F))]]) || {N, F} <- Funs],
    [io:format("~w ~s~n", [N, erlang:fun_to_list(F)]) || {N, F} <- Funs, erlang:fun_info(F, type) =:= {type, external}],
    [io:format("~w ~w~n", [N, re:replace(erlang:fun_to_list(F), "[0-9]{5,}", "U", [{return, list}]) =:= "#Fun<fun_information." ++ integer_to_list(element(2, erlang:fun_info(F, index))) ++ ".U>"]) || {N, F} <- Funs, erlang:fun_info(F, type) =:= {type, local}],
    io:format("~w~n", [[attempt(fun() -> erlang:fun_info(T) end) || T <- [a, 1, {lists, map}, []]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:fun_info(T, arity) end) || T <- [a, 1, {lists, map}, []]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:fun_info_mfa(F) end) || {N, F} <- Funs, N =/= external, N =/= local] =/= []]),
    io:format("~w~n", [[attempt(fun() -> erlang:make_fun(A, B, C) end) || {A, B, C} <- [{a, b, 0}, {a, b, 255}, {a, b, 256}, {a, b, -1}, {a, b, c}, {1, b, 0}, {a, 1, 0}, {a, b, 1 bsl 64}, {"a", b, 0}]]]),
    %% The same fun, and funs alike.
    Make = fun(E) -> fun() -> E end end,
    io:format("~w~n", [[Make(1) =:= Make(1), Make(1) == Make(1.0), Make(1) =:= Make(2), Make(1) < Make(2), Make([]) > Make(1), fun id/1 =:= fun id/1, fun ?MODULE:id/1 =:= fun ?MODULE:id/1, fun id/1 =:= fun ?MODULE:id/1, fun lists:map/2 < fun lists:map/3, fun a:b/1 < fun b:a/1, fun() -> a end =:= fun() -> a end]]),
    Sorted = lists:sort([F || {_, F} <- Funs, erlang:fun_info(F, type) =:= {type, external}]),
    io:format("~w~n", [Sorted]),
    io:format("~w~n", [lists:usort([is_function(F) || F <- lists:sort([F || {_, F} <- Funs])])]),
    io:format("~w~n", [maps:get(fun lists:map/2, #{fun lists:map/2 => found, Make(1) => other})]),
    io:format("~w~n", [maps:get(Make(1), #{fun lists:map/2 => found, Make(1) => other})]),
    T = ets:new(t, []), ets:insert(T, [{Make(1), 1}, {fun lists:map/2, 2}]),
    io:format("~w~n", [[ets:lookup_element(T, Make(1), 2), ets:lookup_element(T, fun lists:map/2, 2)]]), ets:delete(T),
    Self = self(),
    spawn_link(fun() -> [Self ! {F, [info(F, env), erlang:fun_info(F, pid) =:= {pid, Self}]} || {_, F} <- Funs] end),
    io:format("~w~n", [[receive {F, [E, P]} -> {shape(env, E), P} end || {_, F} <- Funs]]),
    %% Calls with wrong numbers of arguments, and of what is none.
    io:format("~w~n", [[attempt(fun() -> apply(F, A) end) || {N, F} <- Funs, N =/= named, A <- [[], [1], [1, 2]], is_function(F, length(A)), N =/= missing, N =/= made, N =/= dynamic]]),
    io:format("~w~n", [[element(1, attempt(fun() -> F(1, 2, 3, 4) end)) || {_, F} <- Funs]]),
    io:format("~w~n", [[attempt(fun() -> (id(F))(1) end) || F <- [a, 1, {lists, reverse}, [], "f", #{}, {a, b, c}]]]),
    io:format("~w~n", [(id(fun ?MODULE:exported/2))(1, 2)]),
    Counter = fun C(N, Acc) when N > 0 -> C(N - 1, [N | Acc]); C(0, Acc) -> Acc end,
    io:format("~w ~w~n", [length(Counter(10000, [])), lists:sum([(fun(V) -> V * A end)(2) || A <- lists:seq(1, 10)])]),
    Big = lists:seq(1, 250), Many = fun() -> Big ++ [X, Y] end,
    io:format("~w ~w~n", [length(Many()), length(element(2, erlang:fun_info(Many, env)))]).

info(F, I) -> attempt(fun() -> erlang:fun_info(F, I) end).
shape(I, {I, V}) when I =:= uniq; I =:= refc; I =:= index; I =:= new_index -> {I, is_integer(V)};
shape(new_uniq, {_, V}) when is_binary(V) -> byte_size(V);
shape(pid, {_, P}) -> P =:= self();
shape(name, {_, N}) -> case atom_to_list(N) of "-" ++ _ -> {name, lists:sublist(atom_to_list(N), 9)}; _ -> {name, N} end;
shape(env, {_, L}) -> {env, [if is_function(E) -> function; true -> E end || E <- L]};
shape(_, X) -> X.
exported(A, B) -> {A, B}.
id(X) -> X.
attempt(F) -> try F() catch error:{badarity, {_, A}} -> {badarity, A}; error:{badfun, B} -> {badfun, B}; error:R -> R end.
