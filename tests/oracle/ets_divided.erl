%% An ordered_set with write_concurrency shows nothing of how its keys are divided, however often it splits and joins.
-module(ets_divided).
-export([main/0]).

main() ->
    logger:set_primary_config(level, error),  % it is reported
    erts_debug:set_internal_state(available_internal_state, true),
    [run(How) || How <- [none, ets_force_split, ets_debug_random_split_join]],
    erts_debug:set_internal_state(available_internal_state, false),
    [slots(Type, Options) || Type <- [set, bag, ordered_set], Options <- [[], [{write_concurrency, true}]]],
    replaced(),
    binaries().

run(How) ->
    T = ets:new(t, [ordered_set, public, {write_concurrency, true}]),
    How =:= none orelse erts_debug:set_internal_state(How, {T, true}),
    io:format("~p~n", [How]),
    in_parallel([fun() -> write(T, W) end || W <- lists:seq(0, 3)]),
    report(T),
    How =:= none orelse erts_debug:set_internal_state(How, {T, false}),
    %% Walks in both directions, chunks and single steps while others write between the keys.
    Stop = spawn(fun() -> churn(T, 0) end),
    Evens = [K || K <- lists:seq(0, 1998, 2)],
    [begin
         Evens = [K || K <- up(T, ets:first(T)), is_integer(K)],
         Evens = lists:reverse([K || K <- down(T, ets:last(T)), is_integer(K)]),
         Evens = chunks(ets:select(T, [{{'$1', '_'}, [{is_integer, '$1'}], ['$1']}], 7)),
         Evens = lists:reverse(chunks(ets:select_reverse(T, [{{'$1', '_'}, [{is_integer, '$1'}], ['$1']}], 100))),
         1000 = ets:select_count(T, [{{'$1', '_'}, [{is_integer, '$1'}], [true]}])
     end || _ <- lists:seq(1, 3)],
    M = monitor(process, Stop),
    exit(Stop, kill),
    receive {'DOWN', M, _, _, _} -> ok end,
    ets:select_delete(T, [{{{'_', '_'}, '_'}, [], [true]}]),
    report(T),
    io:format("~p~n", [[ets:slot(T, 0), ets:slot(T, 999), ets:slot(T, 1000), ets:next(T, 999), ets:prev(T, 999), ets:next(T, -0.5),
                        ets:prev(T, 0), ets:take(T, 10), ets:take(T, 11), ets:insert_new(T, [{11, x}, {12, x}]),
                        ets:insert_new(T, [{11, x}, {10, x}]), ets:lookup(T, 11), ets:lookup(T, 12)]]),
    io:format("~p~n", [ets:select_replace(T, [{{'$1', '$2'}, [{'<', '$1', 500}], [{{'$1', changed}}]}])]),
    report(T),
    true = ets:delete_all_objects(T),
    io:format("~p~n", [[ets:info(T, size), ets:first(T), ets:last(T), ets:next(T, 1), ets:insert(T, {1, 2}), ets:tab2list(T), ets:delete(T)]]).

%% Every second number stays, with the sum of what everybody has added.
write(T, W) ->
    [begin
         ets:insert(T, {{W, K}, K}),
         ets:update_counter(T, K, 1 + W, {K, 0}),
         ets:insert(T, {K + 1, W}),
         K rem 3 =:= 0 andalso ets:insert(T, [{{W, K}, again}, {{W, last}, K}]),
         ets:delete(T, {W, K - 10})
     end || K <- lists:seq(0, 1998, 2)],
    [ets:delete(T, K) || K <- lists:seq(1, 1999, 2)].

churn(T, N) ->
    ets:insert(T, {{churn, N rem 50}, N}),
    ets:delete(T, {churn, (N + 25) rem 50}),
    churn(T, N + 1).

in_parallel(Funs) ->
    Monitors = [spawn_monitor(F) || F <- Funs],
    [receive {'DOWN', M, process, P, Reason} -> normal = Reason end || {P, M} <- Monitors].

%% Writers delete odd keys while others may still write them: those are left out.
report(T) ->
    [ets:delete(T, K) || K <- lists:seq(1, 1999, 2)],
    L = ets:tab2list(T),
    L = lists:keysort(1, L),
    io:format("~p ~p ~p~n", [length(L), ets:info(T, size), erlang:phash2(L)]).

up(_, '$end_of_table') -> [];
up(T, K) -> [K | up(T, ets:next(T, K))].
down(_, '$end_of_table') -> [];
down(T, K) -> [K | down(T, ets:prev(T, K))].
chunks('$end_of_table') -> [];
chunks({L, C}) -> L ++ chunks(ets:select(C)).

%% Every object is in one slot; behind the last slot is the end, and nothing behind that.
slots(Type, Options) ->
    T = ets:new(t, [Type, public | Options]),
    [ets:insert(T, {K, K}) || K <- lists:seq(1, 3000)],
    io:format("~p~n", [slots(T, 0, 0)]).
slots(T, N, Sum) ->
    case ets:slot(T, N) of
        '$end_of_table' -> {Sum, try ets:slot(T, N + 1) catch error:badarg -> badarg end, ets:delete(T)};
        Objects -> slots(T, N + 1, Sum + length(Objects))
    end.

%% A replacement names the key as it was matched, not something that is another value there.
replaced() ->
    T = ets:new(t, [public]),
    io:format("~p~n", [[try ets:select_replace(T, [{{H, '$2'}, [], [{{B, '$2'}}]}]) catch error:R -> R end
                        || {H, B} <- [{'$_', '$_'}, {'$$', '$$'}, {{'$_'}, {{'$_'}}}, {'$1', '$1'}, {a, a}, {[a | '$1'], [a | '$1']},
                                      {'$_', {const, '$_'}}, {'_', '_'}]]]).

%% Binaries are told oldest first, however often they were moved.
binaries() ->
    garbage_collect(),
    Old = [list_to_binary(lists:duplicate(N, 1)) || N <- [65, 66, 67, 68]],
    Sizes = fun() -> {binary, All} = process_info(self(), binary), [S || {_, S, _} <- All, S < 70] end,
    [erlang:garbage_collect(self(), [{type, Type}]) || Type <- [minor, minor, minor]],
    A = Sizes(),
    New = list_to_binary(lists:duplicate(69, 1)),
    B = Sizes(),
    garbage_collect(),
    io:format("~w ~w ~w ~w~n", [A, B, Sizes(), length(Old) + size(New)]).
