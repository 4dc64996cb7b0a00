%% The same random operations on tables of every type and with every kind of locking: answers, contents, selections. Digests of chunks.
-module(ets_generated).
-export([main/0]).

main() ->
    [run(Type, Options) || Type <- [set, ordered_set, bag, duplicate_bag], Options <- [[], [{write_concurrency, true}], [{write_concurrency, auto}, {read_concurrency, true}], [compressed], [{keypos, 2}, {decentralized_counters, true}]]].

run(Type, Options) ->
    rand:seed(exsss, {31, 32, 33}),
    T = ets:new(t, [Type, public | Options]),
    Position = ets:info(T, keypos),
    Digests = [begin Answers = [step(T, Type, Position) || _ <- lists:seq(1, 100)], erlang:phash2({Answers, contents(T, Type)}) end || _ <- lists:seq(1, 12)],
    io:format("~w ~w: ~w ~w~n  ~w~n", [Type, Options, ets:info(T, size), erlang:phash2(contents(T, Type)), Digests]),
    io:format("  ~w~n", [[erlang:phash2(sorted(ets:select(T, S))) || S <- specifications()]]),
    io:format("  ~w~n", [[erlang:phash2(sorted(portions(ets:select(T, S, N)))) || S <- specifications(), N <- [1, 7, 100000]]]),
    io:format("  ~w~n", [[ets:select_count(T, [{H, G, [true]}]) || [{H, G, _}] <- specifications()]]),
    io:format("  ~w~n", [[erlang:phash2(sorted(ets:match(T, P))) || P <- ['$1', {'$1', '_', '_'}, {'_', '$2', '_'}, {'$1', '$1', '_'}, {'_', 3, '$1'}, {1, '_', '_'}, {'_'}]]]),
    io:format("  ~w~n", [[erlang:phash2(sorted(ets:match_object(T, P))) || P <- ['_', {'$1', '_', '$1'}, {'_', '_', a}, {1.0, '_', '_'}]]]),
    io:format("  ~w ~w~n", [ets:select_delete(T, [{{'_', '$1', '_'}, [{'>', '$1', 12}], [true]}]), ets:info(T, size)]),
    Replaced = attempt(fun() -> ets:select_replace(T, [{{'$1', '$2', '$3'}, [{is_atom, '$3'}], [{{'$1', '$2', {{'$3', x}}}}]}]) end),
    io:format("  ~w ~w~n", [Replaced, erlang:phash2(contents(T, Type))]),
    io:format("  ~w ~w~n", [ets:match_delete(T, {'_', '_', a}), erlang:phash2(contents(T, Type))]),
    io:format("  ~w~n", [attempt(fun() -> ets:delete_all_objects(T) end)]),
    ets:delete(T).

%% The order of equal keys in bags is kept, but the order of keys is the table's own.
contents(T, ordered_set) -> ets:tab2list(T);
contents(T, _) -> sorted(ets:tab2list(T)).
%% Sorted so that 1 and 1.0 have their places, too.
sorted(L) -> [X || {_, X} <- lists:sort([{term_to_binary(X), X} || X <- L])].
portions('$end_of_table') -> [];
portions({L, C}) -> L ++ portions(ets:select(C)).
attempt(F) -> try F() catch error:R -> R end.

key() -> case rand:uniform(5) of 1 -> float(rand:uniform(8)); 2 -> {rand:uniform(4)}; _ -> rand:uniform(12) end.
value() -> case rand:uniform(3) of 1 -> a; 2 -> b; 3 -> [rand:uniform(3)] end.
object() -> {key(), rand:uniform(20), value()}.
step(T, Type, Position) ->
    Do = rand:uniform(24), O = object(), P = object(), K = element(Position, O), N = rand:uniform(9) - 5,
    attempt(fun() -> case Do of
        1 -> ets:insert(T, [O, P]);
        2 -> ets:insert_new(T, O);
        3 -> ets:insert_new(T, [O, P]);
        4 -> ets:delete(T, K);
        5 -> ets:delete_object(T, O);
        6 -> ets:lookup(T, K);
        7 -> ets:member(T, K);
        8 -> ets:lookup_element(T, K, 3);
        9 -> ets:update_counter(T, K, {2, N});
        10 -> ets:update_counter(T, K, [{2, N, 15, 3}, {2, 1}]);
        11 -> ets:update_counter(T, K, {2, N}, O);
        12 -> ets:update_element(T, K, {3, value()});
        13 -> ets:update_element(T, K, [{3, v}, {2, 7}]);
        14 -> ets:take(T, K);
        15 when Type =:= ordered_set -> [ets:next(T, K), ets:prev(T, K), ets:first(T), ets:last(T)];
        15 -> ets:info(T, size);
        16 -> ets:select_delete(T, [{O, [], [true]}]);
        17 -> sorted(ets:select(T, [{setelement(Position, {'_', '$2', '_'}, K), [], ['$_']}]));
        18 -> ets:update_counter(T, K, {Position, 1});
        19 -> ets:update_element(T, K, {9, x});
        20 -> ets:lookup_element(T, K, 9);
        _ -> ets:insert(T, O)
    end end).

specifications() ->
    [[{'$1', [], ['$1']}], [{{'$1', '$2', '_'}, [{'>', '$2', 10}], [{{'$1', '$2'}}]}], [{{'$1', '_', '$3'}, [{is_list, '$3'}], [{hd, '$3'}]}], [{{'$1', '$1', '_'}, [], ['$$']}], [{{'$1', '$2', '$3'}, [{'orelse', {'==', '$1', '$2'}, {'=:=', '$3', a}}], ['$_']}],
     [{{'$1', '$2', '_'}, [{'<', {'+', '$1', '$2'}, 12}], [{'*', '$1', 2}]}], [{{3, '$1', '_'}, [], ['$1']}], [{{'_', '$1', '_'}, [{'=/=', {'rem', '$1', 3}, 0}], [{{{const, {x}}, '$1'}}]}]].
