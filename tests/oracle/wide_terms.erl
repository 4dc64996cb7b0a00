%% Wide terms: records of hundreds of fields, tuples, functions and cases of hundreds of clauses, long literals, big maps in patterns, modules made for it.
-module(wide_terms).
-export([main/0]).

main() ->
    process_flag(trap_exit, false),
    records(), tuples(), clauses(), literals(), maps(), arguments(), binaries(), strings(), comprehensions(), closures(), sorting(), copied().

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).
make(Name, Text) ->
    {ok, Tokens, _} = erl_scan:string("-module(" ++ atom_to_list(Name) ++ "). -compile([export_all, nowarn_export_all]). " ++ lists:flatten(Text)),
    {ok, Name, Code} = compile:forms([begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- forms(Tokens, [])], [nowarn_unused_record]),
    {module, Name} = code:load_binary(Name, "made", Code), Name.
forms([], []) -> [];
forms([{dot, _} = D | R], F) -> [lists:reverse(F, [D]) | forms(R, [])];
forms([T | R], F) -> forms(R, [T | F]).
names(Prefix, N) -> [Prefix ++ integer_to_list(I) || I <- lists:seq(1, N)].
comma(L) -> lists:join(", ", L).
unload(M) -> code:purge(M), code:delete(M), code:purge(M).

%% --- records

records() ->
    [begin
         Fields = names("f", N), Last = lists:last(Fields),
         M = make(wide_record, ["-record(w, {", comma([F ++ " = " ++ tl(F) || F <- Fields]), "}). new() -> #w{}. new(V) -> #w{", Last, " = V}. last(R) -> R#w.", Last, ". first(#w{f1 = X, ", Last, " = Y}) -> {X, Y}. "
                                "set(R) -> R#w{f1 = a, ", Last, " = z}. all(R) -> R#w{", comma([F ++ " = 0" || F <- Fields]), "}. is(R) -> is_record(R, w). index() -> {#w.f1, #w.", Last, "}. info() -> {record_info(size, w), length(record_info(fields, w))}. "
                                "some(#w{", comma([lists:nth(I, Fields) ++ " = X" ++ integer_to_list(I) || I <- lists:seq(1, N, 7)]), "}) -> [", comma(["X" ++ integer_to_list(I) || I <- lists:seq(1, N, 7)]), "]. rest() -> #w{f1 = 1, _ = none}. "]),
         R = M:new(),
         show({record, N}, [tuple_size(R), erlang:phash2(R), M:last(R), M:first(M:new(x)), M:first(M:set(R)), M:is(R), M:is(setelement(1, R, v)), M:is(erlang:append_element(R, x)), M:index(), M:info(), lists:sum(M:some(R)), erlang:phash2(M:all(R)), try M:last({w}) catch error:E -> E end]),
         unload(M)
     end || N <- [3, 50, 255, 256, 1000]],
    show(bad_rest, try make(wide_bad, "f(R) -> R#none{a = 1}. ") catch error:{badmatch, _} -> refused end).

tuples() ->
    [begin
         T = list_to_tuple(lists:seq(1, N)),
         show({tuple, N}, [tuple_size(T), element(N, T), erlang:phash2(T), erlang:phash2(setelement(N div 2 + 1, T, x)), tuple_size(erlang:append_element(T, y)), tuple_size(erlang:delete_element(1, T)), element(2, erlang:insert_element(2, T, z)), byte_size(term_to_binary(T)), binary_to_term(term_to_binary(T)) =:= T,
                           lists:sum(tuple_to_list(T)), T < erlang:append_element(T, 0), T > list_to_tuple(lists:seq(2, N)), T =:= list_to_tuple(tuple_to_list(T))])
     end || N <- [2, 255, 256, 1000, 65535, 65536, 200000]],
    show(wrong, [try F() catch error:R -> R end || F <- [fun() -> element(0, persistent_term:get()) end, fun() -> erlang:make_tuple(-1, a) end, fun() -> erlang:make_tuple(3, d, [{4, x}]) end, fun() -> erlang:make_tuple(3, d, [{2, x}, {2, y}]) end, fun() -> erlang:insert_element(5, {a}, x) end, fun() -> erlang:delete_element(1, {}) end]]).

%% --- choice among many

clauses() ->
    Kinds = [{integers, fun(I) -> integer_to_list(I * 3) end}, {sparse, fun(I) -> integer_to_list(I * I * I * 7919) end}, {atoms, fun(I) -> "atom_" ++ integer_to_list(I) end}, {floats, fun(I) -> integer_to_list(I) ++ ".5" end}, {big, fun(I) -> integer_to_list((1 bsl 64) + I) end},
             {negative, fun(I) -> integer_to_list(-I) end}, {tuples, fun(I) -> "{" ++ integer_to_list(I) ++ ", X}" end}, {tagged, fun(I) -> "{t" ++ integer_to_list(I rem 20) ++ ", " ++ integer_to_list(I) ++ ", X}" end}, {strings, fun(I) -> "\"s" ++ integer_to_list(I) ++ "\"" end}, {binaries, fun(I) -> "<<" ++ integer_to_list(I) ++ ":16, X/binary>>" end},
             {lists, fun(I) -> "[" ++ integer_to_list(I rem 10) ++ ", " ++ integer_to_list(I) ++ " | X]" end}, {maps, fun(I) -> "#{k" ++ integer_to_list(I) ++ " := X}" end}, {sizes, fun(I) -> "{" ++ lists:flatten(comma(["_" || _ <- lists:seq(1, I rem 60)])) ++ "} when true" end}],
    [begin
         N = 130,
         Patterns = [Make(I) || I <- lists:seq(1, N)],
         Unique = [P || {P, I} <- lists:zip(Patterns, lists:seq(1, N)), Kind =/= sizes orelse I =< 60],
         Body = fun(P, I) -> case lists:member($X, P) of true -> "{" ++ integer_to_list(I) ++ ", X}"; false -> integer_to_list(I) end end,
         Text = ["f(V) -> case V of ", [[P, " -> ", Body(P, I), "; "] || {P, I} <- lists:zip(Unique, lists:seq(1, length(Unique)))], "_ -> none end. "],
         M = make(wide_case, Text),
         Values = values(Kind),
         show(Kind, [erlang:phash2([M:f(V) || V <- Values]), [M:f(V) || V <- [hd(Values), lists:nth(length(Values) div 2, Values), lists:last(Values), a, 0, 1.0, "x", {}, <<>>, #{}, []]]]),
         unload(M)
     end || {Kind, Make} <- Kinds],
    M = make(wide_function, [[["g(", integer_to_list(I), ", X) when X > ", integer_to_list(I), " -> ", integer_to_list(I), "; "] || I <- lists:seq(1, 300)], "g(_, X) -> {other, X}. ", "h(X) -> if ", [["X =:= ", integer_to_list(I), " -> v", integer_to_list(I), "; "] || I <- lists:seq(1, 200)], "true -> no end. "]),
    show(guards, [M:g(I, X) || {I, X} <- [{1, 2}, {1, 1}, {300, 301}, {301, 0}, {150, a}]]), show(ifs, [M:h(X) || X <- [1, 200, 201, a]]), unload(M).
values(integers) -> lists:seq(0, 400);
values(sparse) -> [I * I * I * 7919 || I <- lists:seq(1, 140)];
values(atoms) -> [list_to_atom("atom_" ++ integer_to_list(I)) || I <- lists:seq(0, 140)];
values(floats) -> [I + 0.5 || I <- lists:seq(0, 140)];
values(big) -> [(1 bsl 64) + I || I <- lists:seq(0, 140)];
values(negative) -> lists:seq(-140, 5);
values(tuples) -> [{I, v} || I <- lists:seq(0, 140)];
values(tagged) -> [{list_to_atom("t" ++ integer_to_list(I rem 20)), I, v} || I <- lists:seq(0, 140)] ++ [{t1, 2, v}];
values(strings) -> ["s" ++ integer_to_list(I) || I <- lists:seq(0, 140)];
values(binaries) -> [<<I:16, "rest">> || I <- lists:seq(0, 140)];
values(lists) -> [[I rem 10, I, tail] || I <- lists:seq(0, 140)];
values(maps) -> [#{list_to_atom("k" ++ integer_to_list(I)) => v} || I <- lists:seq(0, 140)] ++ [#{k7 => 1, k3 => 2}];
values(sizes) -> [list_to_tuple(lists:seq(1, I)) || I <- lists:seq(0, 70)].

%% --- literals

literals() ->
    M = make(wide_literals, ["list() -> ", io_lib:format("~w", [lists:seq(1, 3000)]), ". tuple() -> ", io_lib:format("~w", [list_to_tuple(lists:seq(1, 1000))]), ". map() -> ", io_lib:format("~w", [maps:from_list([{I, {I, "x"}} || I <- lists:seq(1, 300)])]),
                             ". binary() -> ", io_lib:format("~w", [list_to_binary([I rem 256 || I <- lists:seq(1, 2000)])]), ". nested() -> ", lists:duplicate(500, "["), lists:duplicate(500, "]"), ". number() -> ", integer_to_list(1 bsl 5000), ". deep() -> ", lists:duplicate(300, "{a, "), "b", lists:duplicate(300, "}"), ". string() -> \"", lists:duplicate(5000, $s), "\". "]),
    show(literals, [{F, erlang:phash2(M:F()), F =:= map orelse F =:= binary orelse erts_debug:flat_size(M:F())} || F <- [list, tuple, map, binary, nested, number, deep, string]]),
    Kept = {M:list(), M:map(), M:binary()},
    Self = self(), P = spawn(fun() -> L = M:tuple(), Self ! ready, receive go -> Self ! {kept, erlang:phash2(L)} end end),
    receive ready -> ok end, unload_softly(M), garbage_collect(),
    P ! go, show(after_purge, [receive {kept, H} -> H end, erlang:phash2(Kept)]).
unload_softly(M) -> code:delete(M), code:soft_purge(M).

maps() ->
    Big = maps:from_list([{list_to_atom("key" ++ integer_to_list(I)), I} || I <- lists:seq(1, 200)]),
    M = make(wide_maps, ["get(#{", comma(["key" ++ integer_to_list(I) ++ " := V" ++ integer_to_list(I) || I <- lists:seq(1, 100)]), "}) -> ", lists:join(" + ", ["V" ++ integer_to_list(I) || I <- lists:seq(1, 100)]), "; get(_) -> none. put(M) -> M#{", comma(["key" ++ integer_to_list(I) ++ " => new" || I <- lists:seq(1, 220, 2)]), "}. "
                         "update(M) -> M#{", comma(["key" ++ integer_to_list(I) ++ " := old" || I <- lists:seq(1, 40)]), "}. new() -> #{", comma(["{k, " ++ integer_to_list(I) ++ "} => [" ++ integer_to_list(I) ++ "]" || I <- lists:seq(1, 100)]), "}. "]),
    show(maps, [M:get(Big), M:get(maps:remove(key100, Big)), map_size(M:put(Big)), erlang:phash2(M:put(Big)), erlang:phash2(M:update(Big)), try M:update(#{}) catch error:E -> E end, map_size(M:new()), erlang:phash2(M:new())]),
    unload(M).

arguments() ->
    M = make(wide_arguments, [[["f", integer_to_list(N), "(", comma(names("A", N)), ") -> g", integer_to_list(N), "(", comma(lists:reverse(names("A", N))), "). g", integer_to_list(N), "(", comma(names("B", N)), ") -> {B1, B", integer_to_list(N), ", [", comma(names("B", N)), "]}. "] || N <- [10, 50, 200, 255]]]),
    show(arguments, [begin {A, B, L} = apply(M, list_to_atom("f" ++ integer_to_list(N)), lists:seq(1, N)), {A, B, length(L), erlang:phash2(L)} end || N <- [10, 50, 200, 255]]), unload(M).

binaries() ->
    M = make(wide_binaries, ["match(<<", comma(["A" ++ integer_to_list(I) ++ ":" ++ integer_to_list(I rem 31 + 1) || I <- lists:seq(1, 100)]), ", R/bits>>) -> {", lists:join(" + ", names("A", 100)), ", bit_size(R)}; match(_) -> none. build(X) -> <<", comma(["(X + " ++ integer_to_list(I) ++ "):" ++ integer_to_list(I rem 17 + 1) || I <- lists:seq(1, 200)]), ">>. "]),
    B = M:build(1000), show(binaries, [bit_size(B), erlang:phash2(B), M:match(B), M:match(<<B/bits, B/bits>>), M:match(<<>>)]), unload(M).

strings() ->
    M = make(wide_strings, ["prefix(\"", lists:duplicate(300, $p), "\" ++ R) -> R; prefix(_) -> no. same(\"", lists:seq($a, $z), "\") -> yes; same(_) -> no. "]),
    show(strings, [M:prefix(lists:duplicate(302, $p)), M:prefix(lists:duplicate(299, $p)), M:same(lists:seq($a, $z)), M:same("a")]), unload(M).

comprehensions() ->
    M = make(wide_comprehensions, ["f() -> [{", comma(names("X", 6)), "} || ", comma([X ++ " <- [0, 1, 2]" || X <- names("X", 6)]), ", ", comma(["X" ++ integer_to_list(I) ++ " =< X" ++ integer_to_list(I + 1) || I <- lists:seq(1, 5)]), "]. "]),
    show(comprehensions, [length(M:f()), erlang:phash2(M:f())]), unload(M).

closures() ->
    M = make(wide_closures, ["f(", comma(names("A", 100)), ") -> fun(X) -> X + ", lists:join(" + ", names("A", 100)), " end. nested(X0) -> ", [["fun(X", integer_to_list(I), ") -> "] || I <- lists:seq(1, 40)], lists:join(" + ", ["X" ++ integer_to_list(I) || I <- lists:seq(0, 40)]), lists:duplicate(40, " end"), ". "]),
    F = apply(M, f, lists:seq(1, 100)), {env, E} = erlang:fun_info(F, env),
    show(closures, [F(1000), length(E), lists:foldl(fun(I, G) -> G(I) end, M:nested(0), lists:seq(1, 40))]), unload(M).

sorting() ->
    Tuples = [list_to_tuple([erlang:phash2({I, J}, 3) || J <- lists:seq(1, 300)]) || I <- lists:seq(1, 300)],
    show(sorted, [erlang:phash2(lists:sort(Tuples)), erlang:phash2(lists:keysort(300, Tuples)), length(lists:usort(Tuples)), erlang:phash2(lists:max(Tuples))]).

copied() ->
    Self = self(), T = list_to_tuple([{I, lists:seq(1, I rem 10), <<I:64>>} || I <- lists:seq(1, 5000)]),
    spawn_link(fun() -> Self ! {back, T} end), receive {back, U} -> show(copied, [U =:= T, erlang:phash2(U), erts_debug:flat_size(U)]) end,
    Table = ets:new(wide, []), ets:insert(Table, {key, T}), [{key, V}] = ets:lookup(Table, key), show(stored, [V =:= T, ets:lookup_element(Table, key, 2) =:= T]), ets:delete(Table),
    show(persistent, begin persistent_term:put(wide, T), R = persistent_term:get(wide) =:= T, persistent_term:erase(wide), R end).
