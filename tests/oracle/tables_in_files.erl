%% Tables written to files and read again, listed, traversed and made into others: tab2file, tabfile_info, tab2list, from_dets, init_table, to and from lists.
-module(tables_in_files).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Objects = [{K, value(K)} || K <- lists:seq(1, 300)] ++ [{{deep, [K]}, #{K => <<K>>}} || K <- lists:seq(1, 50)],
    [begin
         T = ets:new(t, [Type, public, {keypos, 1} | Extra]),
         ets:insert(T, Objects),
         show({Type, Extra, written}, [ets:tab2file(T, "t.tab", Options) || Options <- [[], [{sync, true}], [{extended_info, [object_count]}], [{extended_info, [md5sum]}], [{extended_info, [object_count, md5sum]}]]]),
         {ok, Info} = ets:tabfile_info("t.tab"),
         show({Type, Extra, info}, lists:sort([I || {K, _} = I <- Info, lists:member(K, [type, protection, named_table, keypos, size, extended_info, version])])),
         {ok, R} = ets:file2tab("t.tab", [{verify, true}]),
         show({Type, Extra, read}, {lists:sort(ets:tab2list(R)) =:= lists:sort(ets:tab2list(T)), ets:info(R, type), ets:info(R, protection), ets:info(R, compressed), ets:info(R, size)}),
         ets:delete(R),
         ets:delete(T)
     end || {Type, Extra} <- [{set, []}, {ordered_set, []}, {bag, []}, {duplicate_bag, []}, {set, [compressed]}, {ordered_set, [{write_concurrency, true}]}]],
    {ok, Whole} = file:read_file("t.tab"),
    show(cut, lists:usort([begin ok = file:write_file("cut.tab", binary:part(Whole, 0, N)), tidy(catch ets:file2tab("cut.tab", [{verify, V}])) end || N <- [0, 1, 10, 100, 1000, byte_size(Whole) div 2], V <- [true, false]])),
    show(spoilt, begin <<A:500/binary, B, C/binary>> = Whole, ok = file:write_file("cut.tab", <<A/binary, (B bxor 1), C/binary>>), tidy(ets:file2tab("cut.tab", [{verify, true}])) end),
    show(none, [tidy(ets:file2tab(F)) || F <- ["nothing.tab", "."]]),
    show(not_a_table, [begin ok = file:write_file("x.tab", "text"), tidy(ets:file2tab("x.tab")) end, tidy(ets:tabfile_info("x.tab"))]),
    named(),
    [file:delete(F) || F <- ["t.tab", "cut.tab", "x.tab", "n.tab"]],
    disks(),
    listings().

named() ->
    T = ets:new(known_name, [named_table, private]),
    ets:insert(T, {1}),
    show(named, [ets:tab2file(known_name, "n.tab"), tidy(ets:file2tab("n.tab")), ets:delete(known_name), ets:file2tab("n.tab"), ets:info(known_name, named_table), ets:tab2list(known_name)]),
    show(wrong, [try ets:tab2file(X, "n.tab") catch C:R -> {C, R} end || X <- [none, 1]] ++ [tidy(catch ets:tab2file(known_name, "n.tab", [nonsense])), tidy(ets:tab2file(known_name, "no/dir/n.tab"))]),
    ets:delete(known_name).

disks() ->
    {ok, d} = dets:open_file(d, [{file, "d.dets"}, {type, bag}]),
    T = ets:new(t, [bag]),
    ets:insert(T, [{K rem 10, K} || K <- lists:seq(1, 100)]),
    show(to_dets, [ets:to_dets(T, d) =:= d, dets:info(d, size)]),
    U = ets:new(u, [bag]),
    show(from_dets, [ets:from_dets(U, d), lists:sort(ets:tab2list(U)) =:= lists:sort(ets:tab2list(T))]),
    show(closed, [dets:close(d), try ets:to_dets(T, d) catch C:_ -> C end]),
    file:delete("d.dets"),
    I = ets:new(i, [ordered_set]),
    Feed = fun Next(N) -> fun(read) when N > 3 -> end_of_input; (read) -> {[{N, x}, {N * 10, y}], Next(N + 1)}; (close) -> ok end end,
    show(init, [ets:init_table(I, Feed(1)), ets:tab2list(I)]),
    show(init_wrong, [try ets:init_table(I, F) catch C2:_ -> C2 end || F <- [fun(read) -> nonsense; (close) -> ok end, x]]).

listings() ->
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{K, K * K} || K <- lists:seq(1, 50)]),
    show(fold, [ets:foldl(fun({K, V}, S) -> S + K * V end, 0, T), ets:foldr(fun({K, _}, L) -> [K | L] end, [], T) =:= lists:seq(1, 50)]),
    show(tables, [qlc:e(ets:table(T, O)) =:= ets:tab2list(T) || O <- [[], [{n_objects, 1}], [{traverse, select}], [{traverse, first_next}], [{n_objects, 7}]]]),
    show(backwards, lists:sublist(qlc:e(ets:table(T, [{traverse, last_prev}])), 3)),
    show(repaired, ets:repair_continuation('$end_of_table', [])),
    {_, Continuation} = ets:select(T, [{{'$1', '_'}, [], ['$1']}], 20),
    Stale = binary_to_term(term_to_binary(Continuation)),
    show(continued, case ets:select(ets:repair_continuation(Stale, [{{'$1', '_'}, [], ['$1']}])) of {L, _} -> L; E -> E end),
    show(match_delete, [ets:match_delete(T, {'_', 4}), ets:info(T, size), ets:select_delete(T, [{{'$1', '_'}, [{'>', '$1', 40}], [true]}]), ets:info(T, size)]),
    show(replaced, [ets:select_replace(T, [{{'$1', '$2'}, [{'<', '$1', 4}], [{{'$1', {{old, '$2'}}}}]}]), ets:lookup(T, 3)]),
    show(listed, lists:member(T, ets:all())),
    show(whereis, [ets:whereis(nobody), try ets:whereis(T) catch C:_ -> C end]).

value(K) when K rem 3 =:= 0 -> lists:seq(1, K rem 20);
value(K) when K rem 3 =:= 1 -> <<K:64>>;
value(K) -> {K / 7, 1 bsl K}.

tidy({ok, _}) -> ok;
tidy({error, {K, _}}) -> {error, K};
tidy({error, {K, _, _}}) -> {error, K};
tidy({'EXIT', {R, _}}) -> {exit, R};
tidy(Other) -> Other.

show(What, Value) -> io:format("~p: ~0tp~n", [What, Value]).
