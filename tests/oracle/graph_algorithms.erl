%% Classic algorithms on graphs, with maps, ordered sets and processes: paths, components, orders, spanning trees, flows.
-module(graph_algorithms).
-export([main/0]).

main() ->
    Seeds = [{20, 40}, {50, 120}, {100, 700}],
    [begin
         Graph = graph(N, M, N * 31 + M),
         show({dijkstra, N}, lists:sort(maps:to_list(dijkstra(Graph, 1)))),
         show({bellman_ford, N}, bellman_ford(Graph, 1, N) =:= dijkstra(Graph, 1)),
         show({breadth_first, N}, lists:sort(maps:to_list(breadth_first(Graph, [1], #{1 => 0})))),
         show({components, N}, lists:sort([length(C) || C <- strong_components(Graph)])),
         show({by_digraph, N}, lists:sort([length(C) || C <- library_components(Graph)])),
         show({spanning, N}, spanning_weight(Graph)),
         show({order, N}, topological(acyclic(Graph))),
         show({flow, N}, max_flow(Graph, 1, N)),
         show({closure, N}, closure_size(Graph)),
         show({colours, N}, lists:max(maps:values(colours(Graph)))),
         show({processes, N}, by_processes(Graph) =:= lists:sort(maps:keys(breadth_first(Graph, [1], #{1 => 0}))))
     end || {N, M} <- Seeds].

%% #{Vertex => #{Vertex => Weight}} of a linear congruential generator.
graph(N, M, Seed) ->
    Empty = maps:from_list([{V, #{}} || V <- lists:seq(1, N)]),
    {Graph, _} = lists:foldl(fun(_, {G, S0}) ->
                                 {A, S1} = next(S0, N), {B, S2} = next(S1, N), {W, S3} = next(S2, 99),
                                 {maps:update_with(A, fun(E) -> E#{B => W} end, G), S3}
                             end, {Empty, Seed}, lists:seq(1, M)),
    Graph.

next(S, N) ->
    T = (S * 6364136223846793005 + 1442695040888963407) band 16#ffffffffffffffff,
    {(T bsr 33) rem N + 1, T}.

edges(G) -> [{A, B, W} || {A, E} <- lists:sort(maps:to_list(G)), {B, W} <- lists:sort(maps:to_list(E))].

dijkstra(G, From) -> dijkstra(gb_sets:singleton({0, From}), #{}, G).

dijkstra(Queue, Done, G) ->
    case gb_sets:is_empty(Queue) of
        true -> Done;
        false ->
            {{D, V}, Rest} = gb_sets:take_smallest(Queue),
            case Done of
                #{V := _} -> dijkstra(Rest, Done, G);
                _ -> dijkstra(maps:fold(fun(To, W, Q) -> gb_sets:add({D + W, To}, Q) end, Rest, map_get(V, G)), Done#{V => D}, G)
            end
    end.

bellman_ford(G, From, N) ->
    lists:foldl(fun(_, D0) ->
                    lists:foldl(fun({A, B, W}, D) ->
                                    case D of
                                        #{A := Da, B := Db} when Da + W >= Db -> D;
                                        #{A := Da} -> D#{B => Da + W};
                                        _ -> D
                                    end
                                end, D0, edges(G))
                end, #{From => 0}, lists:seq(1, N)).

breadth_first(_, [], Seen) -> Seen;
breadth_first(G, Layer, Seen) ->
    Depth = map_get(hd(Layer), Seen) + 1,
    Next = lists:usort([B || A <- Layer, B <- maps:keys(map_get(A, G)), not is_map_key(B, Seen)]),
    breadth_first(G, Next, lists:foldl(fun(V, S) -> S#{V => Depth} end, Seen, Next)).

%% Kosaraju: finishing order, then the reversed graph.
strong_components(G) ->
    {Order, _} = lists:foldl(fun(V, Acc) -> finish(V, G, Acc) end, {[], #{}}, lists:sort(maps:keys(G))),
    Reversed = lists:foldl(fun({A, B, W}, R) -> maps:update_with(B, fun(E) -> E#{A => W} end, R) end, maps:map(fun(_, _) -> #{} end, G), edges(G)),
    {Components, _} = lists:foldl(fun(V, {Cs, Seen}) ->
                                      case finish(V, Reversed, {[], Seen}) of
                                          {[], Seen1} -> {Cs, Seen1};
                                          {C, Seen1} -> {[C | Cs], Seen1}
                                      end
                                  end, {[], #{}}, Order),
    Components.

finish(V, G, {Order, Seen}) when not is_map_key(V, Seen) ->
    {Order1, Seen1} = lists:foldl(fun(W, Acc) -> finish(W, G, Acc) end, {Order, Seen#{V => true}}, lists:sort(maps:keys(map_get(V, G)))),
    {[V | Order1], Seen1};
finish(_, _, Acc) -> Acc.

library_components(G) ->
    D = digraph:new(),
    [digraph:add_vertex(D, V) || V <- maps:keys(G)],
    [digraph:add_edge(D, A, B) || {A, B, _} <- edges(G)],
    Components = digraph_utils:strong_components(D),
    digraph:delete(D),
    Components.

%% Kruskal with a union-find in a map.
spanning_weight(G) ->
    Sorted = lists:sort([{W, A, B} || {A, B, W} <- edges(G)]),
    {Total, _} = lists:foldl(fun({W, A, B}, {Sum, Parents}) ->
                                 case {root(A, Parents), root(B, Parents)} of
                                     {R, R} -> {Sum, Parents};
                                     {Ra, Rb} -> {Sum + W, Parents#{Ra => Rb}}
                                 end
                             end, {0, #{}}, Sorted),
    Total.

root(V, Parents) -> case Parents of #{V := P} -> root(P, Parents); _ -> V end.

acyclic(G) -> maps:map(fun(A, E) -> maps:filter(fun(B, _) -> B > A end, E) end, G).

topological(G) ->
    {Order, _} = lists:foldl(fun(V, Acc) -> finish(V, G, Acc) end, {[], #{}}, lists:reverse(lists:sort(maps:keys(G)))),
    Place = maps:from_list(lists:zip(Order, lists:seq(1, length(Order)))),
    true = lists:all(fun({A, B, _}) -> map_get(A, Place) < map_get(B, Place) end, edges(G)),
    erlang:phash2(Order).

%% Ford and Fulkerson with breadth-first paths.
max_flow(G, From, To) -> max_flow(G, From, To, 0).

max_flow(G, From, To, Sum) ->
    case path(G, [[From]], #{From => true}, To) of
        none -> Sum;
        Path ->
            Steps = lists:zip(lists:droplast(Path), tl(Path)),
            Least = lists:min([map_get(B, map_get(A, G)) || {A, B} <- Steps]),
            Rest = lists:foldl(fun({A, B}, R0) ->
                                   #{A := Ea} = R0,
                                   R1 = case map_get(B, Ea) of Least -> R0#{A := maps:remove(B, Ea)}; C -> R0#{A := Ea#{B := C - Least}} end,
                                   maps:update_with(B, fun(Eb) -> maps:update_with(A, fun(C) -> C + Least end, Least, Eb) end, R1)
                               end, G, Steps),
            max_flow(Rest, From, To, Sum + Least)
    end.

path(_, [], _, _) -> none;
path(_, [[To | _] = Path | _], _, To) -> lists:reverse(Path);
path(G, [[V | _] = Path | Paths], Seen, To) ->
    Next = [W || W <- lists:sort(maps:keys(map_get(V, G))), not is_map_key(W, Seen)],
    path(G, Paths ++ [[W | Path] || W <- Next], lists:foldl(fun(W, S) -> S#{W => true} end, Seen, Next), To).

%% Warshall with integers as rows of bits.
closure_size(G) ->
    Rows = maps:map(fun(_, E) -> lists:foldl(fun(B, Bits) -> Bits bor (1 bsl B) end, 0, maps:keys(E)) end, G),
    Closed = lists:foldl(fun(K, R) ->
                             Row = map_get(K, R),
                             maps:map(fun(_, Bits) when Bits band (1 bsl K) =/= 0 -> Bits bor Row; (_, Bits) -> Bits end, R)
                         end, Rows, lists:sort(maps:keys(G))),
    lists:sum([ones(Bits) || Bits <- maps:values(Closed)]).

ones(0) -> 0;
ones(Bits) -> (Bits band 1) + ones(Bits bsr 1).

colours(G) ->
    Both = lists:foldl(fun({A, B, _}, M) when A =/= B -> M#{A => [B | maps:get(A, M, [])], B => [A | maps:get(B, M, [])]}; (_, M) -> M end, #{}, edges(G)),
    lists:foldl(fun(V, C) ->
                    Taken = [Colour || W <- maps:get(V, Both, []), #{W := Colour} <- [C]],
                    C#{V => hd(lists:seq(1, length(Taken) + 1) -- Taken)}
                end, #{}, lists:sort(maps:keys(G))).

%% Each vertex is a process; a wave from the first one finds who is reachable.
by_processes(G) ->
    Self = self(),
    Pids = maps:map(fun(V, _) -> spawn_link(fun() -> vertex(V, Self, []) end) end, G),
    maps:foreach(fun(V, E) -> map_get(V, Pids) ! {edges, [map_get(B, Pids) || B <- maps:keys(E)]} end, G),
    map_get(1, Pids) ! {wave, Self},
    Self ! nothing,
    Found = wave([], 1),
    maps:foreach(fun(_, Pid) -> Pid ! stop end, Pids),
    receive nothing -> lists:sort(Found) end.

%% Each wave that is sent is answered once, with how many waves it caused.
wave(Found, 0) -> Found;
wave(Found, Open) -> receive {reached, V, Caused} -> wave([V | Found], Open - 1 + Caused); {again, Caused} -> wave(Found, Open - 1 + Caused) end.

vertex(V, Collector, Neighbours) ->
    receive
        {edges, Edges} -> vertex(V, Collector, Edges);
        {wave, _} ->
            Collector ! {reached, V, length(Neighbours)},
            [N ! {wave, self()} || N <- Neighbours],
            seen(Collector)
    end.

seen(Collector) -> receive {wave, _} -> Collector ! {again, 0}, seen(Collector); stop -> ok end.

show(What, Value) -> io:format("~p: ~P~n", [What, Value, 60]).
