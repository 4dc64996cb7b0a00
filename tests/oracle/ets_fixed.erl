%% Tables that are fixed: deleting and inserting while walking, nested and foreign fixations, selections that go on, what info tells, how it ends.
-module(ets_fixed).
-export([main/0]).

main() ->
    [walks(Type) || Type <- [set, ordered_set, bag, duplicate_bag]],
    [selections(Type) || Type <- [set, ordered_set, bag, duplicate_bag]],
    counts(),
    errors().

new(Type) -> T = ets:new(t, [Type, public]), ets:insert(T, [{N, N rem 7} || N <- lists:seq(1, 500)]), T.
walk(_, '$end_of_table', Seen, _) -> lists:reverse(Seen);
walk(T, K, Seen, F) -> F(K), walk(T, ets:next(T, K), [K | Seen], F).

walks(Type) ->
    T = new(Type),
    ets:safe_fixtable(T, true),
    A = walk(T, ets:first(T), [], fun(K) -> ets:delete(T, K) end),
    io:format("~w deleting ~w ~w ~w~n", [Type, lists:sort(A) =:= lists:seq(1, 500), ets:info(T, size), ets:first(T)]),
    ets:insert(T, [{N, again} || N <- lists:seq(1, 100)]),
    B = walk(T, ets:first(T), [], fun(K) -> ets:insert(T, {K, more}) end),
    io:format("~w inserting ~w ~w~n", [Type, lists:usort(B) =:= lists:seq(1, 100), ets:info(T, size)]),
    C = walk(T, ets:first(T), [], fun(K) -> [ets:delete(T, X) || X <- [K - 1, K, K + 1]] end),
    io:format("~w others ~w ~w ~w~n", [Type, lists:usort(C) -- lists:seq(1, 100), length(C) >= 33, ets:info(T, size)]),
    ets:safe_fixtable(T, false),
    io:format("~w ~w ~w ~w~n", [Type, ets:info(T, size), ets:tab2list(T), ets:info(T, fixed)]),
    io:format("~w ~w~n", [Type, [begin ets:insert(T, [{N, N} || N <- lists:seq(1, 50)]), ets:safe_fixtable(T, true), ets:delete(T, 10), R = attempt(fun() -> ets:next(T, 10) end), ets:safe_fixtable(T, false), case R of N when is_integer(N) -> next; _ -> R end end, case attempt(fun() -> ets:next(T, 10) end) of M when is_integer(M) -> next; E -> E end]]),
    %% Deleted and inserted again while fixed: the new object is there once.
    ets:delete_all_objects(T), ets:insert(T, [{N, old} || N <- lists:seq(1, 60)]),
    ets:safe_fixtable(T, true),
    [begin ets:delete(T, N), ets:insert(T, {N, new}) end || N <- lists:seq(1, 60)],
    io:format("~w again ~w ~w ~w~n", [Type, ets:info(T, size), lists:usort([V || {_, V} <- ets:tab2list(T)]), [ets:lookup(T, 5), ets:member(T, 5), ets:select_count(T, [{{'_', new}, [], [true]}])]]),
    ets:safe_fixtable(T, false),
    io:format("~w ~w~n", [Type, lists:sort(ets:tab2list(T)) =:= [{N, new} || N <- lists:seq(1, 60)]]),
    ets:delete(T).

selections(Type) ->
    T = new(Type),
    Taken = portions(ets:select(T, [{{'$1', '_'}, [], ['$1']}], 10), fun(Ks) -> ets:delete(T, hd(Ks)) end),
    io:format("~w ~w ~w ~w~n", [Type, lists:sort(Taken) =:= lists:seq(1, 500), ets:info(T, size), ets:info(T, fixed)]),
    {_, Next} = ets:select(T, [{{'$1', '_'}, [], ['$1']}], 5),
    ets:delete_all_objects(T),
    ets:insert(T, [{N, N} || N <- lists:seq(1, 50)]),
    {_, Next2} = ets:match(T, {'$1', '_'}, 5), {_, Next3} = ets:match_object(T, {'_', '_'}, 5), {_, Next4} = ets:select_reverse(T, [{'_', [], ['$_']}], 5),
    io:format("~w ~w~n", [Type, [begin {L2, _} = ets:F(C), length(L2) end || {F, C} <- [{match, Next2}, {match_object, Next3}, {select, Next4}]]]),
    ets:delete(T),
    io:format("~w deleted ~w~n", [Type, [attempt(fun() -> ets:F(C) end) || {F, C} <- [{match, Next2}, {match_object, Next3}, {select, Next4}, {select, Next}]]]).
portions('$end_of_table', _) -> [];
portions({Ks, C}, F) -> F(Ks), Ks ++ portions(ets:select(C), F).

counts() ->
    T = new(set), Self = self(),
    io:format("~w~n", [[ets:info(T, fixed), ets:info(T, safe_fixed), ets:info(T, safe_fixed_monotonic_time)]]),
    [ets:safe_fixtable(T, true) || _ <- [1, 2, 3]],
    io:format("~w~n", [fixers(T, Self)]),
    P = spawn(fun() -> ets:safe_fixtable(T, true), ets:safe_fixtable(T, true), Self ! fixed, receive stop -> ok end end), M = monitor(process, P),
    receive fixed -> ok end,
    io:format("~w~n", [fixers(T, Self)]),
    ets:safe_fixtable(T, false), ets:safe_fixtable(T, false), ets:safe_fixtable(T, false), ets:safe_fixtable(T, false),
    io:format("~w~n", [fixers(T, Self)]),
    P ! stop, receive {'DOWN', M, _, _, _} -> ok end,
    io:format("~w~n", [wait_until(fun() -> ets:info(T, fixed) =:= false end)]),
    {Q, M2} = spawn_monitor(fun() -> ets:safe_fixtable(T, true), [ets:delete(T, N) || N <- lists:seq(1, 250)], exit(done) end),
    receive {'DOWN', M2, _, Q, R} -> io:format("~w ~w ~w~n", [R, ets:info(T, size), wait_until(fun() -> ets:info(T, fixed) =:= false end)]) end,
    ets:delete(T).
fixers(T, Self) -> case ets:info(T, safe_fixed_monotonic_time) of {Time, L} -> {is_integer(Time), lists:sort([{case P of Self -> self; _ -> other end, N} || {P, N} <- L]), element(2, ets:info(T, safe_fixed)) =/= []}; X -> X end.
wait_until(F) -> wait_until(F, 1000).
wait_until(_, 0) -> never;
wait_until(F, N) -> case F() of true -> true; false -> timer:sleep(10), wait_until(F, N - 1) end.
errors() ->
    T = new(set),
    io:format("~w~n", [[attempt(fun() -> ets:safe_fixtable(A, B) end) || {A, B} <- [{T, 1}, {T, maybe_so}, {no_such_table, true}, {1, true}, {make_ref(), false}]]]),
    ets:safe_fixtable(T, true),
    io:format("~w~n", [[attempt(fun() -> ets:delete(T) end), attempt(fun() -> ets:info(T) end), attempt(fun() -> ets:safe_fixtable(T, false) end)]]),
    N = ets:new(ets_fixed_named, [named_table, public]), ets:safe_fixtable(N, true),
    io:format("~w~n", [[ets:rename(N, ets_fixed_renamed), ets:info(ets_fixed_renamed, fixed), ets:info(N), ets:safe_fixtable(ets_fixed_renamed, false), ets:info(ets_fixed_renamed, fixed), ets:delete(ets_fixed_renamed)]]).
attempt(F) -> try F() catch error:R -> R end.
