%% ets: owners, heirs, fixation, portions, order, many processes at once.
-module(ets_behaviour).
-export([main/0]).

p(Label, Value) -> io:format("~s: ~0p~n", [Label, Value]).

main() ->
    ownership(),
    fixation(),
    bags(),
    [portions(Type) || Type <- [set, bag, duplicate_bag, ordered_set]],
    ordered(),
    match_specs(),
    files_and_lists(),
    race(set, [{write_concurrency, true}, {read_concurrency, true}]),
    race(ordered_set, [{write_concurrency, auto}]),
    race(set, []),
    large().

child(Fun) -> {Pid, Ref} = spawn_monitor(Fun), {Pid, Ref}.
wait({_, Ref}) -> receive {'DOWN', Ref, _, _, Reason} -> Reason end.

ownership() ->
    Self = self(),
    C1 = child(fun() -> ets:new(gone, [named_table, public]) end),
    wait(C1),
    p("deleted with its owner", ets:whereis(gone)),
    C2 = {P2, _} = child(fun() -> T = ets:new(inherited, [named_table, {heir, Self, {gift, "x"}}]), ets:insert(T, {1, one}) end),
    wait(C2),
    receive {'ETS-TRANSFER', T, P2, Gift} -> p("heir", {T, Gift, ets:lookup(T, 1), ets:info(T, owner) =:= Self}) end,
    C3 = {P3, _} = child(fun() ->
        receive {'ETS-TRANSFER', Tab, From, G} -> ets:insert(Tab, {2, two}), From ! {done, G, ets:tab2list(Tab)} end,
        receive stop -> ok end end),
    p("give away", ets:give_away(inherited, P3, hello)),
    receive {done, G, L} -> p("given", {G, lists:sort(L)}) end,
    p("not mine any more", catch_error(fun() -> ets:insert(inherited, {3}) end)),
    P3 ! stop,
    wait(C3),
    receive {'ETS-TRANSFER', inherited, P3, Again} -> p("back by heir", Again) end,
    ets:setopts(inherited, {heir, none}),
    p("heir", ets:info(inherited, heir)),
    ets:delete(inherited),
    p("deleted", ets:info(inherited)),
    U = ets:new(u, [public]),
    C4 = child(fun() -> ets:safe_fixtable(U, true) end),
    wait(C4),
    p("fixation ends with the process", ets:info(U, fixed)),
    p("all", {is_list(ets:all()), lists:member(U, ets:all())}),
    p("identifier travels", ets:insert(binary_to_term(term_to_binary(U)), {1})),
    p("tables in terms", ets:insert(U, {self_reference, U})),
    ets:delete(U).

catch_error(Fun) -> try Fun() catch error:Reason:Stack -> {Reason, element(4, hd(Stack))} end.

fixation() ->
    T = ets:new(t, []),
    ets:insert(T, [{I, I} || I <- lists:seq(1, 1000)]),
    ets:safe_fixtable(T, true),
    Walk = fun Walk('$end_of_table', N) -> N; Walk(K, N) -> ets:delete(T, K), Walk(ets:next(T, K), N + 1) end,
    p("deleting walk", {Walk(ets:first(T), 0), ets:info(T, size), ets:first(T)}),
    ets:insert(T, [{I, again} || I <- lists:seq(1, 10)]),
    p("inserted while fixed", {ets:info(T, size), lists:sort(ets:tab2list(T))}),
    ets:safe_fixtable(T, true),
    {_, [{_, 2}]} = ets:info(T, safe_fixed),
    ets:safe_fixtable(T, false),
    ets:safe_fixtable(T, false),
    p("released", {ets:info(T, fixed), ets:info(T, safe_fixed), ets:info(T, size)}),
    p("next of a missing key", catch_error(fun() -> ets:next(T, missing) end)).

bags() ->
    B = ets:new(b, [bag]),
    ets:insert(B, {1, x}), ets:insert(B, {1, y}), ets:insert(B, [{1, a}, {1, b}, {1, y}, {1, c}]), ets:insert(B, {1, d}),
    p("bag", ets:lookup(B, 1)),
    p("bag element", ets:lookup_element(B, 1, 2)),
    D = ets:new(d, [duplicate_bag]),
    ets:insert(D, {1, x}), ets:insert(D, [{1, a}, {1, x}]), ets:insert(D, {1, d}),
    p("duplicate bag", ets:lookup(D, 1)),
    ets:delete_object(D, {1, x}),
    p("after delete_object", ets:lookup(D, 1)),
    p("insert_new", {ets:insert_new(D, [{2, a}, {2, a}]), ets:lookup(D, 2), ets:insert_new(D, {2, b})}),
    p("take", {ets:take(B, 1), ets:take(B, 1)}).

portions(Type) ->
    T = ets:new(t, [Type]),
    ets:insert(T, [{I, I rem 7} || I <- lists:seq(1, 5000)]),
    Spec = [{{'$1', 3}, [], ['$1']}],
    All = collect(ets:select(T, Spec, 100), []),
    p("portions", {Type, length(All), lists:sum(All), lists:usort(All) =:= lists:sort(ets:select(T, Spec))}),
    p("count", ets:select_count(T, [{{'_', 3}, [], [true]}])),
    p("delete", {ets:select_delete(T, [{{'$1', '_'}, [{'>', '$1', 100}], [true]}]), ets:info(T, size)}),
    p("match_delete", {ets:match_delete(T, {'_', 1}), ets:info(T, size)}),
    p("all", lists:sort(ets:tab2list(T))),
    p("keys", lists:sort(ets:select(T, [{{4, '$1'}, [], ['$1']}, {{99, '$1'}, [], ['$1']}, {{a, '_'}, [], [no]}]))),
    p("foldl", ets:foldl(fun({_, X}, Sum) -> X + Sum end, 0, T)).

collect('$end_of_table', Sum) -> Sum;
collect({List, Continuation}, Sum) -> collect(ets:select(Continuation), List ++ Sum).

ordered() ->
    T = ets:new(t, [ordered_set]),
    Keys = [1, 1.5, 2.0, a, "b", <<"c">>, {}, {1, 2}, {1, 1, 1}, #{}, [], [1 | 2], -1, 1 bsl 70, self(), make_ref()],
    [ets:insert(T, {K}) || K <- Keys],
    p("order", [element(1, O) || O <- ets:tab2list(T)] =:= lists:sort(Keys)),
    p("equal keys", {ets:lookup(T, 1.0), ets:lookup(T, 2), ets:member(T, 1.0)}),
    ets:insert(T, {2, replaced}),
    p("replaced", ets:lookup(T, 2.0)),
    p("next", {ets:next(T, 0), ets:next(T, 1), ets:prev(T, 1.2), ets:first(T), ets:prev(T, -1)}),
    R = ets:new(r, [ordered_set]),
    ets:insert(R, [{{A, B}, A * B} || A <- lists:seq(1, 50), B <- lists:seq(1, 20)]),
    p("prefix", ets:select(R, [{{{7, '$1'}, '_'}, [{'>', '$1', 15}], ['$1']}])),
    p("two prefixes", length(ets:select(R, [{{{7, '_'}, '_'}, [], [1]}, {{{9, '_'}, '_'}, [], [1]}]))),
    p("reverse", element(1, ets:select_reverse(R, [{{{'$1', 3}, '_'}, [], ['$1']}], 5))),
    {L1, C1} = ets:match(R, {{8, '$1'}, '_'}, 7),
    {L2, C2} = ets:match(C1),
    {L3, C3} = ets:match(C2),
    p("match in portions", {L1, L2, L3, C3}),
    p("replace", {ets:select_replace(R, [{{{8, '$1'}, '_'}, [], [{{{{8, '$1'}}, x}}]}]), ets:lookup(R, {8, 3})}),
    p("delete", {ets:select_delete(R, [{{{8, '_'}, '_'}, [], [true]}]), ets:info(R, size)}).

match_specs() ->
    L = [{I, I rem 3, "text"} || I <- lists:seq(1, 20)],
    M = ets:match_spec_compile([{{'$1', 1, '_'}, [], ['$1']}, {{'$1', 2, '$2'}, [{'>', '$1', 10}], [{{'$1', '$2', #{k => '$1'}}}]}]),
    p("run", ets:match_spec_run(L, M)),
    p("fun2ms like", ets:test_ms({1, 2}, [{{'$1', '$2'}, [{'<', '$1', '$2'}], ['$$']}])),
    {error, Errors} = ets:test_ms({1, 2}, [{{'$1', '$2'}, [{'<', '$1', '$3'}], ['$$']}]),
    p("test_ms error", Errors),
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{I, lists:duplicate(I, x), <<0:(I * 100)>>, #{I => I}} || I <- lists:seq(1, 12)]),
    p("terms", ets:select(T, [{{'$1', '$2', '$3', '$4'}, [{'>', {length, '$2'}, 9}], [{{{byte_size, '$3'}, {map_size, '$4'}, '$2'}}]}])),
    p("map patterns", ets:select(T, [{{'_', '_', '_', #{5 => '$1'}}, [], ['$1']}])).

files_and_lists() ->
    T = ets:new(t, [ordered_set, public]),
    ets:insert(T, [{I, integer_to_list(I)} || I <- lists:seq(1, 100)]),
    ok = ets:tab2file(T, "ets_behaviour.tab"),
    {ok, U} = ets:file2tab("ets_behaviour.tab"),
    file:delete("ets_behaviour.tab"),
    p("file2tab", ets:tab2list(T) =:= ets:tab2list(U)),
    {ok, x} = dets:open_file(x, [{file, "ets_behaviour.dets"}]),
    ets:to_dets(T, x),
    V = ets:new(v, [set]),
    ets:from_dets(V, x),
    p("dets", {ets:info(V, size), dets:close(x), file:delete("ets_behaviour.dets")}),
    p("init_table", ets:init_table(V, fun(read) -> {[{a, 1}], fun(read) -> end_of_input end} end)),
    p("tab2list", ets:tab2list(V)).

race(Type, Options) ->
    T = ets:new(race, [Type, public | Options]),
    ets:insert(T, [{{counter, I}, 0} || I <- lists:seq(0, 7)]),
    Work = fun(P) -> fun() ->
        [begin
             ets:update_counter(T, {counter, I rem 8}, 1),
             ets:insert(T, {{P, I}, I}),
             [{_, I}] = ets:lookup(T, {P, I}),
             I rem 3 =:= 0 andalso ets:delete(T, {P, I}),
             I rem 500 =:= 0 andalso ets:select_count(T, [{{{P, '_'}, '_'}, [], [true]}])
         end || I <- lists:seq(1, 5000)]
    end end,
    [wait(C) || C <- [child(Work(P)) || P <- lists:seq(1, 6)]],
    p("race", {Type, [V || {_, V} <- lists:sort(ets:match_object(T, {{counter, '_'}, '_'}))], ets:info(T, size)}).

large() ->
    T = ets:new(t, []),
    ets:insert(T, [{I, {I, [I]}} || I <- lists:seq(1, 200000)]),
    p("large", {ets:info(T, size), length(ets:tab2list(T)), ets:select_count(T, [{{'$1', '_'}, [{'>', '$1', 100}], [true]}])}),
    p("select_delete", ets:select_delete(T, [{{'$1', '_'}, [{'=:=', {'rem', '$1', 2}, 0}], [true]}])),
    p("delete_all", {ets:delete_all_objects(T), ets:info(T, size)}),
    ets:insert(T, [{I, I} || I <- lists:seq(1, 100000)]),
    p("delete", ets:delete(T)),
    {P, R} = child(fun() -> X = ets:new(x, []), ets:insert(X, [{I, I} || I <- lists:seq(1, 100000)]) end),
    p("exit with a large table", wait({P, R})).
