%% Pids, ports and references of nodes that do not exist: where they can be, that they stay what they are while heaps are collected,
%% and that their nodes are forgotten with them.
-module(foreign_identifiers).
-export([main/0]).

main() ->
    logger:set_primary_config(level, error),  % the first line is reported
    erts_debug:set_internal_state(available_internal_state, true),
    io:format("~p~n", [[erts_debug:flat_size(T) || T <- lists:sublist(things(1), 3)]]),
    io:format("~p~n", [[node(T) || T <- things(2)]]),
    io:format("~p~n", [[term_to_binary(T) || T <- things(3)] =:= [term_to_binary(T) || T <- things(3)]]),
    Known = length(nodes(known)),
    {Pid, Monitor} = spawn_monitor(fun everywhere/0),
    receive {'DOWN', Monitor, process, Pid, Reason} -> io:format("~p~n", [Reason =:= {things, things(4)}]) end,
    io:format("~p~n", [many(3000)]),
    forget(Known),
    io:format("~p~n", [length(things(1)) =:= length(things(2))]),
    erts_debug:set_internal_state(available_internal_state, false).

%% Nobody refers to any of them any more. What this process has read is garbage.
forget(Known) ->
    erts_debug:set_internal_state(node_tab_delayed_delete, 0),
    [many(1) || _ <- lists:seq(1, 3)],
    await(fun() ->
        [erlang:garbage_collect(P) || P <- processes()],
        length([N || N <- nodes(known), N =/= 'x1@y', N =/= 'x2@y', N =/= 'x3@y', N =/= 'x4@y']) =< Known
    end),
    erts_debug:set_internal_state(node_tab_delayed_delete, -1),
    io:format("forgotten~n").

await(Condition) -> case Condition() of true -> ok; false -> receive after 50 -> await(Condition) end end.

things(N) -> things(N, 7).
things(N, Creation) ->
    Name = list_to_binary(["x", integer_to_list(N), "@y"]),
    Atom = [119, byte_size(Name), Name],
    [binary_to_term(iolist_to_binary([131, Bytes]))
     || Bytes <- [[88, Atom, <<17:32, 4:32, Creation:32>>], [89, Atom, <<18:32, Creation:32>>], [120, Atom, <<(1 bsl 50):64, Creation:32>>],
                  [90, <<3:16>>, Atom, <<Creation:32, 1:32, 2:32, 3:32>>], [90, <<5:16>>, Atom, <<Creation:32, 1:32, 2:32, 3:32, 4:32, 5:32>>],
                  [90, <<1:16>>, Atom, <<Creation:32, 1:32>>]]].

everywhere() ->
    Things = things(4),
    check(Things, dictionary, fun() -> put(things, Things) end, fun() -> erase(things) end),
    Table = ets:new(things, []),
    check(Things, ets, fun() -> ets:insert(Table, {1, Things}) end, fun() -> [{1, Read}] = ets:take(Table, 1), Read end),
    [ets:insert(Table, {T, N}) || {N, T} <- lists:enumerate(Things)],
    io:format("~p~n", [[ets:lookup(Table, T) =:= [{T, N}] || {N, T} <- lists:enumerate(things(4))]]),
    io:format("~p~n", [[ets:lookup(Table, T) || T <- things(4, 8)]]),
    io:format("~p~n", [[ets:select(Table, [{{T, '$1'}, [], ['$1']}]) || T <- lists:sublist(Things, 5)]]),
    Ordered = ets:new(things, [ordered_set]),
    [ets:insert(Ordered, {T, N}) || {N, T} <- lists:enumerate(things(4) ++ things(1) ++ things(4, 6))],
    io:format("~p~n", [[N || {_, N} <- ets:tab2list(Ordered)]]),
    check(Things, persistent, fun() -> persistent_term:put(things, Things) end,
          fun() -> R = persistent_term:get(things), persistent_term:erase(things), R end),
    Self = self(),
    check(Things, timer, fun() -> erlang:send_after(1, Self, {here, Things}) end, fun() -> receive {here, T} -> T end end),
    check(Things, message, fun() -> spawn(fun() -> Self ! {here, Things} end) end, fun() -> receive {here, T} -> T end end),
    [check([T], message, fun() -> Self ! T end, fun() -> receive X -> [X] end end) || T <- Things],
    check(Things, key, fun() -> put(map, maps:from_list([{T, N} || {N, T} <- lists:enumerate(Things)])) end,
          fun() -> Map = get(map), [T || T <- things(4), is_map_key(T, Map)] end),
    Fun = fun() -> Things end,
    check(Things, function, fun() -> put(function, Fun) end, fun() -> (get(function))() end),
    {Literal, _} = {Things, [garbage(N) || N <- lists:seq(1, 20)]},
    exit({things, Literal}).

check(Things, Where, Keep, Read) ->
    Keep(),
    [garbage(N) || N <- lists:seq(1, 3)],
    erlang:garbage_collect(),
    io:format("~p ~p~n", [Where, Read() =:= Things]).

garbage(N) -> length(things(2, N) ++ things(3, N)).

%% As many lives of one node; some stay for a while.
many(Count) -> many(Count, []).
many(0, Kept) -> length(Kept);
many(Count, Kept) ->
    Things = things(Count rem 2 + 5, Count),
    true = Things =:= things(Count rem 2 + 5, Count),
    many(Count - 1, case Count rem 100 of 0 -> [Things]; _ -> [hd(Things) | lists:sublist(Kept, 50)] end).
