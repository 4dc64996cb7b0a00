%% Searches that backtrack: queens, knights, sudoku, cryptarithms, knapsacks, sliding tiles, exact cover, mazes, word squares, countdown, river crossings.
-module(puzzles_solved).
-export([main/0]).

main() ->
    show(queens, [{N, length(queens(N))} || N <- [4, 5, 6, 7]]),
    show(first_queens, hd(queens(8))),
    show(knight, knight(5)),
    show(sudoku, sudoku("530070000600195000098000060800060003400803001700020006060000280000419005000080079")),
    show(send_more, send_more()),
    show(knapsack, [knapsack([{12, 4}, {2, 2}, {1, 1}, {4, 10}, {1, 2}], W) || W <- [0, 5, 15, 20]]),
    show(change, [change([1, 2, 5, 10, 20, 50, 100, 200], N) || N <- [0, 5, 100, 200]]),
    show(coins, [fewest([1, 3, 4], N) || N <- lists:seq(0, 12)]),
    show(subset_sums, [subset([3, 34, 4, 12, 5, 2], N) || N <- [9, 30, 11]]),
    show(hanoi, [length(hanoi(N, a, b, c)) || N <- [1, 5, 12]]),
    show(moves, hanoi(3, a, b, c)),
    show(permutations, [length(permutations(lists:seq(1, N))) || N <- [0, 1, 4, 6]]),
    show(combinations, combinations(3, "abcde")),
    show(tiles, tiles({1, 2, 3, 4, 0, 6, 7, 5, 8})),
    show(cover, cover([{'A', [1, 4, 7]}, {'B', [1, 4]}, {'C', [4, 5, 7]}, {'D', [3, 5, 6]}, {'E', [2, 3, 6, 7]}, {'F', [2, 7]}], [1, 2, 3, 4, 5, 6, 7])),
    show(maze, maze(["#########", "#S  #   #", "# # # # #", "# #   # #", "# ##### #", "#      E#", "#########"])),
    show(countdown, countdown([1, 3, 7, 10, 25, 50], 765)),
    show(river, river()),
    show(jugs, jugs(3, 5, 4)),
    show(magic, length(magic())),
    show(n_bonacci, [nbonacci(K, 15) || K <- [2, 3, 4]]),
    show(look_and_say, look_and_say("1", 12)),
    show(josephus, [josephus(N, K) || {N, K} <- [{7, 3}, {41, 3}, {1, 1}, {100, 2}]]),
    show(longest, longest_increasing([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9])),
    show(best_range, best_range([-2, 1, -3, 4, -1, 2, 1, -5, 4])),
    show(parentheses, [P || P <- parentheses(3)]),
    show(tic_tac_toe, tic_tac_toe({e, e, e, e, e, e, e, e, e}, x, 0)),
    show(nim, [{H, nim(H)} || H <- [[1, 2, 3], [3, 4, 5], [1, 1], [0]]]).

queens(N) -> queens(N, N, []).
queens(0, _, Placed) -> [Placed];
queens(K, N, Placed) -> [Q || C <- lists:seq(1, N), safe(C, Placed, 1), Q <- queens(K - 1, N, [C | Placed])].
safe(_, [], _) -> true;
safe(C, [P | Ps], D) -> C =/= P andalso abs(C - P) =/= D andalso safe(C, Ps, D + 1).

%% Warnsdorff's order.
knight(N) -> knight(N, [{1, 1}], #{{1, 1} => true}).
knight(N, Path, Seen) when map_size(Seen) =:= N * N -> lists:reverse(Path);
knight(N, [At | _] = Path, Seen) ->
    Next = lists:sort([{length(hops(N, To, Seen)), To} || To <- hops(N, At, Seen)]),
    first(fun({_, To}) -> knight(N, [To | Path], Seen#{To => true}) end, Next).
hops(N, {X, Y}, Seen) -> [P || {Dx, Dy} <- [{1, 2}, {2, 1}, {-1, 2}, {-2, 1}, {1, -2}, {2, -1}, {-1, -2}, {-2, -1}], {A, B} = P <- [{X + Dx, Y + Dy}], A >= 1, A =< N, B >= 1, B =< N, not is_map_key(P, Seen)].

first(_, []) -> none;
first(F, [X | Xs]) -> case F(X) of none -> first(F, Xs); Found -> Found end.

sudoku(Text) ->
    Grid = maps:from_list([{{I div 9, I rem 9}, C - $0} || {I, C} <- lists:zip(lists:seq(0, 80), Text)]),
    case solve(Grid) of none -> none; Solved -> lists:append([[$0 + map_get({R, C}, Solved) || C <- lists:seq(0, 8)] || R <- lists:seq(0, 8)]) end.
solve(Grid) ->
    case lists:sort([{length(options(P, Grid)), P} || {P, 0} <- maps:to_list(Grid)]) of
        [] -> Grid;
        [{_, P} | _] -> first(fun(V) -> solve(Grid#{P := V}) end, options(P, Grid))
    end.
options({R, C}, Grid) ->
    Taken = [map_get({R, X}, Grid) || X <- lists:seq(0, 8)] ++ [map_get({Y, C}, Grid) || Y <- lists:seq(0, 8)]
            ++ [map_get({R div 3 * 3 + Y, C div 3 * 3 + X}, Grid) || X <- [0, 1, 2], Y <- [0, 1, 2]],
    lists:seq(1, 9) -- lists:usort(Taken).

send_more() ->
    hd([{S, E, N, D, M, O, R, Y} || M <- [1], S <- [8, 9], O <- [0, 1] -- [M], E <- lists:seq(0, 9) -- [S, M, O], N <- [E + 1], N < 10, not lists:member(N, [S, M, O]), R <- lists:seq(0, 9) -- [S, M, O, E, N],
                                    D <- lists:seq(0, 9) -- [S, M, O, E, N, R], Y <- lists:seq(0, 9) -- [S, M, O, E, N, R, D],
                                    1000 * S + 100 * E + 10 * N + D + 1000 * M + 100 * O + 10 * R + E =:= 10000 * M + 1000 * O + 100 * N + 10 * E + Y]).

knapsack(Items, W) -> element(1, lists:max([{lists:sum([V || {_, V} <- S]), lists:sum([G || {G, _} <- S])} || S <- subsets(Items), lists:sum([G || {G, _} <- S]) =< W])).
subsets([]) -> [[]];
subsets([X | Xs]) -> S = subsets(Xs), S ++ [[X | Y] || Y <- S].

change(_, 0) -> 1;
change(Coins, N) -> maps:get(N, lists:foldl(fun(C, T0) -> lists:foldl(fun(I, T) -> T#{I => maps:get(I, T, 0) + maps:get(I - C, T, 0)} end, T0, if C > N -> []; true -> lists:seq(C, N) end) end, #{0 => 1}, Coins)).
fewest(Coins, N) -> map_get(N, lists:foldl(fun(I, T) -> T#{I => 1 + lists:min([map_get(I - C, T) || C <- Coins, C =< I])} end, #{0 => 0}, if N =:= 0 -> []; true -> lists:seq(1, N) end)).
subset(_, 0) -> [];
subset([], _) -> none;
subset([X | Xs], N) when X =< N -> case subset(Xs, N - X) of none -> subset(Xs, N); S -> [X | S] end;
subset([_ | Xs], N) -> subset(Xs, N).

hanoi(0, _, _, _) -> [];
hanoi(N, A, B, C) -> hanoi(N - 1, A, C, B) ++ [{A, C} | hanoi(N - 1, B, A, C)].

permutations([]) -> [[]];
permutations(L) -> [[X | P] || X <- L, P <- permutations(L -- [X])].
combinations(0, _) -> [[]];
combinations(_, []) -> [];
combinations(N, [X | Xs]) -> [[X | C] || C <- combinations(N - 1, Xs)] ++ combinations(N, Xs).

%% A*: Manhattan distances.
tiles(Start) -> tiles(gb_sets:singleton({distance(Start), 0, Start, []}), #{}).
tiles(Open, Seen) ->
    {{_, G, Board, Path}, Rest} = gb_sets:take_smallest(Open),
    case Board of
        {1, 2, 3, 4, 5, 6, 7, 8, 0} -> lists:reverse(Path);
        _ when is_map_key(Board, Seen) -> tiles(Rest, Seen);
        _ -> tiles(lists:foldl(fun({Tile, B}, O) -> gb_sets:add({G + 1 + distance(B), G + 1, B, [Tile | Path]}, O) end, Rest, slides(Board)), Seen#{Board => true})
    end.
slides(Board) ->
    Z = hd([I || I <- lists:seq(1, 9), element(I, Board) =:= 0]),
    [{element(I, Board), setelement(I, setelement(Z, Board, element(I, Board)), 0)} || I <- lists:seq(1, 9), abs((I - 1) div 3 - (Z - 1) div 3) + abs((I - 1) rem 3 - (Z - 1) rem 3) =:= 1].
distance(Board) -> lists:sum([abs((I - 1) div 3 - (V - 1) div 3) + abs((I - 1) rem 3 - (V - 1) rem 3) || I <- lists:seq(1, 9), V <- [element(I, Board)], V =/= 0]).

cover(_, []) -> [[]];
cover(Rows, [C | _] = Columns) ->
    [[Name | Rest] || {Name, Set} <- Rows, lists:member(C, Set), Rest <- cover([R || {_, S} = R <- Rows, S -- Set =:= S], Columns -- Set)].

maze(Lines) ->
    Cells = maps:from_list([{{X, Y}, C} || {Y, L} <- lists:enumerate(Lines), {X, C} <- lists:enumerate(L), C =/= $#]),
    [Start] = [P || {P, $S} <- maps:to_list(Cells)],
    flood([Start], Cells, 0).
flood([], _, _) -> none;
flood(Edge, Cells, N) ->
    case [P || P <- Edge, maps:get(P, Cells, x) =:= $E] of
        [P] -> {N, P};
        [] -> Left = maps:without(Edge, Cells), flood(lists:usort([P || {X, Y} <- Edge, P <- [{X + 1, Y}, {X - 1, Y}, {X, Y + 1}, {X, Y - 1}], is_map_key(P, Left)]), Left, N + 1)
    end.

countdown(Numbers, Target) -> first(fun(Some) -> first(fun({Target1, E}) when Target1 =:= Target -> E; (_) -> none end, results(Some)) end, [C || N <- [3, 4], C <- combinations(N, Numbers)]).
results([N]) -> [{N, N}];
results(Ns) -> [R || {L, M} <- splits(Ns), A <- results(L), B <- results(M), R <- combine(A, B)].
splits(Ns) -> [{L, Ns -- L} || K <- lists:seq(1, length(Ns) - 1), L <- combinations(K, Ns)].
combine({A, X}, {B, Y}) -> [{A + B, {X, '+', Y}} || A =< B] ++ [{A - B, {X, '-', Y}} || A > B] ++ [{A * B, {X, '*', Y}} || A =< B, A =/= 1] ++ [{A div B, {X, '/', Y}} || B > 1, A rem B =:= 0].

%% Wolf, goat and cabbage.
river() -> river([[{[cabbage, farmer, goat, wolf], []}]], []).
river([[{[], _} | _] = Path | _], _) -> [L || {L, _} <- lists:reverse(Path)];
river([[S | _] = Path | Paths], Seen) ->
    New = [T || T <- crossings(S), not lists:member(T, Seen), fine(T)],
    river(Paths ++ [[T | Path] || T <- New], New ++ Seen).
crossings({L, R}) ->
    case lists:member(farmer, L) of
        true -> [{L -- [farmer, X], lists:usort([farmer, X | R])} || X <- L];
        false -> [{lists:usort([farmer, X | L]), R -- [farmer, X]} || X <- R]
    end.
fine({L, R}) -> lists:all(fun(Side) -> lists:member(farmer, Side) orelse not (lists:member(goat, Side) andalso (lists:member(wolf, Side) orelse lists:member(cabbage, Side))) end, [L, R]).

jugs(A, B, Goal) -> jugs([[{0, 0}]], #{}, A, B, Goal).
jugs([[{X, Y} | _] = Path | _], _, _, _, G) when X =:= G; Y =:= G -> lists:reverse(Path);
jugs([[{X, Y} = S | _] = Path | Paths], Seen, A, B, G) when not is_map_key(S, Seen) ->
    P = min(X, B - Y), Q = min(Y, A - X),
    jugs(Paths ++ [[T | Path] || T <- [{A, Y}, {X, B}, {0, Y}, {X, 0}, {X - P, Y + P}, {X + Q, Y - Q}]], Seen#{S => true}, A, B, G);
jugs([_ | Paths], Seen, A, B, G) -> jugs(Paths, Seen, A, B, G).

magic() ->
    All = lists:seq(1, 9),
    [[A, B, C, D, E, F, G, H, I] || A <- All, B <- All -- [A], C <- [15 - A - B], C > 0, C < 10, not lists:member(C, [A, B]), D <- All -- [A, B, C], G <- [15 - A - D], G > 0, G < 10, not lists:member(G, [A, B, C, D]),
                                    E <- All -- [A, B, C, D, G], F <- [15 - D - E], F > 0, F < 10, not lists:member(F, [A, B, C, D, E, G]), H <- All -- [A, B, C, D, E, F, G], I <- All -- [A, B, C, D, E, F, G, H],
                                    B + E + H =:= 15, C + F + I =:= 15, G + H + I =:= 15, A + E + I =:= 15, C + E + G =:= 15].

nbonacci(K, N) -> lists:sublist(nbonacci(lists:duplicate(K - 1, 0) ++ [1], K, N), N).
nbonacci(_, _, 0) -> [];
nbonacci([F | Rest] = L, K, N) -> [F | nbonacci(Rest ++ [lists:sum(L)], K, N - 1)].

look_and_say(_, 0) -> [];
look_and_say(S, N) -> [S | look_and_say(say(S), N - 1)].
say([]) -> [];
say([C | _] = S) -> {Same, Rest} = lists:splitwith(fun(X) -> X =:= C end, S), integer_to_list(length(Same)) ++ [C | say(Rest)].

josephus(1, _) -> 1;
josephus(N, K) -> (josephus(N - 1, K) + K - 1) rem N + 1.

longest_increasing(L) -> length(lists:foldl(fun(X, Tails) -> {Less, More} = lists:splitwith(fun(T) -> T < X end, Tails), Less ++ [X | case More of [] -> []; [_ | Rest] -> Rest end] end, [], L)).
best_range(L) -> element(2, lists:foldl(fun(X, {Here, Best}) -> Now = max(X, Here + X), {Now, max(Best, Now)} end, {hd(L), hd(L)}, tl(L))).
parentheses(0) -> [""];
parentheses(N) -> ["(" ++ A ++ ")" ++ B || K <- lists:seq(0, N - 1), A <- parentheses(K), B <- parentheses(N - 1 - K)].

%% The value of the game for x, and how many boards end it after the first two moves were made in the corner and the middle.
tic_tac_toe(Board, Player, Depth) ->
    {V, N} = minimax(setelement(5, setelement(1, Board, x), o), Player, Depth),
    {V, N}.
minimax(Board, Player, Depth) ->
    case {won(Board, x), won(Board, o), [I || I <- lists:seq(1, 9), element(I, Board) =:= e]} of
        {true, _, _} -> {1, 1};
        {_, true, _} -> {-1, 1};
        {_, _, []} -> {0, 1};
        {_, _, Free} ->
            Results = [minimax(setelement(I, Board, Player), case Player of x -> o; o -> x end, Depth + 1) || I <- Free],
            {case Player of x -> lists:max([V || {V, _} <- Results]); o -> lists:min([V || {V, _} <- Results]) end, lists:sum([N || {_, N} <- Results])}
    end.
won(B, P) -> lists:any(fun({X, Y, Z}) -> element(X, B) =:= P andalso element(Y, B) =:= P andalso element(Z, B) =:= P end,
                       [{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {1, 4, 7}, {2, 5, 8}, {3, 6, 9}, {1, 5, 9}, {3, 5, 7}]).

nim(Heaps) -> case lists:foldl(fun(H, X) -> H bxor X end, 0, Heaps) of 0 -> lost; X -> hd([{I, H - (H bxor X)} || {I, H} <- lists:enumerate(Heaps), H bxor X < H]) end.

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
