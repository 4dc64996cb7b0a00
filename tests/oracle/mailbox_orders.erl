%% Selective receive: every order of messages against every order of patterns, against a model; what stays, what timers and priorities of patterns change.
-module(mailbox_orders).
-export([main/0]).

%% With variables of its own.
-define(ONE(Receive), (fun() -> Receive end)()).

main() ->
    process_flag(trap_exit, false),
    show(orders, [case taken(Sent, Wanted) =:= Wanted of true -> ok; false -> {Sent, Wanted, taken(Sent, Wanted)} end || Sent <- permutations([a, b, c, d]), Wanted <- permutations([a, b, c, d])]),
    show(rest, [left(Sent, Taken) || Sent <- permutations([1, 2, 3]), Taken <- [[1], [2], [3, 1], [1, 2, 3]]]),
    show(model, [model(Seed) || Seed <- lists:seq(1, 60)]),
    guards(),
    nested(),
    bound(),
    senders(),
    timeouts(),
    saved(),
    large(),
    calls(),
    exits(),
    exceptions(),
    priorities(),
    replies_by_reference().

show(Label, Value) -> io:format("~p: ~0p~n", [Label, Value]).

permutations([]) -> [[]];
permutations(L) -> [[X | P] || X <- L, P <- permutations(L -- [X])].

drained() -> receive M -> [M | drained()] after 0 -> [] end.
queued() -> element(2, process_info(self(), messages)).

taken(Sent, Wanted) ->
    [self() ! {tag, X} || X <- Sent],
    Got = [receive {tag, X} -> X end || X <- Wanted],
    [] = drained(),
    Got.

left(Sent, Taken) ->
    [self() ! X || X <- Sent],
    [receive X -> X end || X <- Taken],
    {queued(), drained()}.

%% Random sends and receives; the model is a list from which the first that fits is taken.
model(Seed) ->
    {_, Outcomes, Left} = lists:foldl(fun(_, {R, Log, Queue}) ->
        {N, R1} = rand:uniform_s(6, R),
        {K, R2} = rand:uniform_s(4, R1),
        case K of
            1 -> self() ! {N, x}, {R2, Log, Queue ++ [{N, x}]};
            2 -> self() ! [N], {R2, Log, Queue ++ [[N]]};
            3 ->
                Got = receive {N, What} -> {N, What} after 0 -> none end,
                Got = first(fun(M) -> is_tuple(M) andalso element(1, M) =:= N end, Queue),
                {R2, [Got | Log], Queue -- [Got]};
            4 ->
                Got = receive {M, _} when M > N -> {M, x}; [M] when M < N -> [M] after 0 -> none end,
                Got = first(fun({M, _}) -> M > N; ([M]) -> M < N end, Queue),
                {R2, [Got | Log], Queue -- [Got]}
        end
    end, {rand:seed_s(exsss, Seed), [], []}, lists:seq(1, 80)),
    Left = drained(),
    erlang:phash2(Outcomes).
first(F, Queue) -> case lists:search(F, Queue) of {value, M} -> M; false -> none end.

guards() ->
    Self = self(),
    [self() ! M || M <- [1, 2.0, two, "three", {4, four}, [5 | five], #{six => 6}, <<7>>, <<8:4>>, Self, fun erlang:abs/1]],
    show(kinds, [?ONE(receive M when is_map(M) -> map end), ?ONE(receive M when is_float(M) -> M end), ?ONE(receive M when is_bitstring(M), not is_binary(M) -> M end), ?ONE(receive M when is_pid(M) -> pid end), ?ONE(receive [_ | T] when is_atom(T) -> T end),
                 ?ONE(receive M when is_function(M, 1) -> function end), ?ONE(receive M when tuple_size(M) =:= 2, is_atom(element(2, M)) -> M end), ?ONE(receive M when length(M) =:= 5 -> M end)]),
    show(left, drained()),
    self() ! 1, self() ! 1.0,
    show(exact, [?ONE(receive M when M =:= 1.0 -> M end), ?ONE(receive M when M == 1.0 -> M end)]),
    self() ! 0.0, self() ! -0.0, show(zero, [receive +0.0 -> zero after 0 -> none end, drained()]),
    [self() ! {N, N * N} || N <- lists:seq(1, 10)],
    show(arithmetic, [?ONE(receive {A, B} when A + B > 50 -> A end), ?ONE(receive {A, B} when B rem A =:= 0, A rem 4 =:= 0 -> A end), ?ONE(receive {A, B} when hd(B) > A -> never; {A, _} when A div 0 > 1 -> never after 0 -> failed_guards end)]),
    drained().

nested() ->
    [self() ! M || M <- [{outer, 1}, {inner, 1}, {outer, 2}, {inner, 2}, end_of_all]],
    F = fun F(L) -> receive {outer, N} -> receive {inner, N} -> F([N | L]) end; end_of_all -> lists:reverse(L) end end,
    show(nested, F([])),
    [self() ! M || M <- [c, b, a]],
    show(inside_out, receive a -> receive b -> ?ONE(receive c -> all end) end end),
    [self() ! {n, N} || N <- lists:seq(1, 5)],
    show(from_fun, [(fun(Want) -> ?ONE(receive {n, Want} -> Want end) end)(N) || N <- [5, 3, 1, 2, 4]]),
    self() ! {put, x}, self() ! y,
    show(body_sends, receive {put, X} -> self() ! {again, X}, ?ONE(receive {again, Y} -> {Y, drained()} end) end).

bound() ->
    Ref = make_ref(), Other = make_ref(), Pid = self(),
    [self() ! M || M <- [{Other, 1}, {Ref, 2}, {Pid, 3}, {Ref, Other, 4}, #{Ref => 5}, {<<1, 2, 3>>, 6}]],
    Key = <<1, 2, 3>>,
    show(bound, [?ONE(receive #{Ref := V} -> V end), ?ONE(receive {Key, V} -> V end), ?ONE(receive {Ref, Other, V} -> V end), ?ONE(receive {Ref, V} -> V end), ?ONE(receive {Pid, V} -> V end), ?ONE(receive {Other, V} -> V end)]),
    [self() ! <<N, (N * 2):16, "tail">> || N <- [1, 2, 3]],
    Wanted = 2,
    show(bits, [?ONE(receive <<Wanted, V:16, Rest/binary>> -> {V, Rest} end), ?ONE(receive <<N, _:16, _/binary>> when N > 2 -> N end), drained()]).

%% Messages of one sender keep their order, whatever others do.
senders() ->
    Self = self(),
    [spawn_link(fun() -> [Self ! {S, N} || N <- lists:seq(1, 300)] end) || S <- lists:seq(1, 8)],
    All = [receive {_, _} = M -> M end || _ <- lists:seq(1, 8 * 300)],
    show(orders_kept, lists:all(fun(S) -> [N || {S1, N} <- All, S1 =:= S] =:= lists:seq(1, 300) end, lists:seq(1, 8))),
    [spawn_link(fun() -> [Self ! {S, N} || N <- lists:seq(1, 300)] end) || S <- lists:seq(1, 4)],
    show(one_after_the_other, [lists:sum([?ONE(receive {S, N} -> N end) || N <- lists:seq(1, 300)]) || S <- [4, 2, 3, 1]]).

timeouts() ->
    self() ! kept,
    show(after_zero, [?ONE(receive nothing -> x after 0 -> zero end), ?ONE(receive nothing -> x after 1 -> one end), drained()]),
    show(values, [try ?ONE(receive after T -> done end) catch C:R -> {C, R} end || T <- [0, 1, -1, 1.0, a, 16#100000000, <<>>]]),
    show(bad_after_with_message, begin self() ! m, try ?ONE(receive m -> got after a -> done end) catch C:R -> {C, R} end end), drained(),
    Ref = erlang:send_after(20, self(), tick),
    show(tick, [?ONE(receive tock -> tock; tick -> tick after 5000 -> late end), erlang:cancel_timer(Ref)]),
    Self = self(), spawn(fun() -> [Self ! {noise, N} || N <- lists:seq(1, 1000)], Self ! wanted end),
    show(noise, [?ONE(receive wanted -> found after 5000 -> lost end), length(drained())]),
    show(only_after, receive after 0 -> (fun() -> inside end)() end).

%% What one receive has skipped, the next one sees again.
saved() ->
    [self() ! {n, N} || N <- lists:seq(1, 2000)],
    show(backwards, lists:sum([?ONE(receive {n, N} -> N end) || N <- lists:seq(2000, 1, -1)])),
    [self() ! {n, N} || N <- lists:seq(1, 100)],
    [receive {none, _} -> x after 0 -> ok end || _ <- lists:seq(1, 10)],
    show(all_there, length(queued())),
    garbage_collect(),
    show(after_collection, [?ONE(receive {n, 50} -> 50 end), length(queued()), hd(queued()), lists:last(queued())]),
    drained().

large() ->
    Big = lists:seq(1, 20000), Binary = binary:copy(<<"x">>, 100000), Map = maps:from_list([{I, {I}} || I <- lists:seq(1, 500)]),
    Self = self(),
    spawn_link(fun() -> [Self ! {K, V} || {K, V} <- [{list, Big}, {binary, Binary}, {map, Map}, {small, 1}, {again, Big}]] end),
    show(large, [?ONE(receive {small, 1} -> ok end), ?ONE(receive {again, L} -> L =:= Big end), ?ONE(receive {map, M} -> M =:= Map end), ?ONE(receive {list, L} -> length(L) end), ?ONE(receive {binary, B} -> byte_size(B) end)]).

calls() ->
    Server = spawn(fun Loop() -> receive {call, From, Ref, X} when X > 10 -> From ! {Ref, large}, Loop(); {call, From, Ref, X} -> From ! {Ref, X * X}, Loop(); stop -> ok end end),
    show(calls, [begin R = make_ref(), Server ! {call, self(), R, X}, ?ONE(receive {R, A} -> A end) end || X <- [1, 5, 20]]),
    Refs = [begin R = make_ref(), Server ! {call, self(), R, X}, {R, X} end || X <- lists:seq(1, 10)],
    show(later, [?ONE(receive {R, A} -> {X, A} end) || {R, X} <- lists:reverse(Refs)]),
    Server ! stop.

exits() ->
    process_flag(trap_exit, true),
    Ps = [spawn_link(fun() -> receive go -> exit(N) end end) || N <- [1, 2, 3]],
    [P ! go || P <- Ps],
    show(exits, [?ONE(receive {'EXIT', P, R} -> R end) || P <- lists:reverse(Ps)]),
    {P, M} = spawn_monitor(fun() -> exit(bye) end),
    self() ! {'DOWN', M, process, P, forged},
    show(down, lists:sort([?ONE(receive {'DOWN', M, process, P, R} -> R end), ?ONE(receive {'DOWN', M, process, P, R} -> R end)])),
    process_flag(trap_exit, false).

%% A receive that fails in its body has taken its message.
exceptions() ->
    [self() ! M || M <- [1, 2, 3]],
    show(body_fails, [catch ?ONE(receive 2 -> throw(two) end), queued(), (try ?ONE(receive X when X > 2 -> error({bad, X}) end) catch error:R -> R end), queued(), drained()]).

%% Clauses are tried in their order for one message before the next one is looked at.
priorities() ->
    [self() ! M || M <- [low, high, low, high]],
    show(any, [?ONE(receive high -> high; low -> low end) || _ <- [1, 2]]),
    drained(), [self() ! M || M <- [low, high, low, high]],
    Urgent = fun() -> receive high -> high after 0 -> receive high -> high; low -> low after 0 -> none end end end,
    show(urgent, [Urgent() || _ <- lists:seq(1, 5)]).

%% A reference made just before: the receive may skip what was there before, with the same answer.
replies_by_reference() ->
    [self() ! {old, N} || N <- lists:seq(1, 3000)],
    Echo = spawn_link(fun Loop() -> receive {From, R, X} -> From ! {R, X}, Loop(); stop -> ok end end),
    Answers = [begin R = monitor(process, Echo), Echo ! {self(), R, N}, receive {R, X} -> demonitor(R, [flush]), X; {'DOWN', R, _, _, Why} -> Why end end || N <- lists:seq(1, 500)],
    show(answers, Answers =:= lists:seq(1, 500)),
    show(conditional, [begin R = make_ref(), if N rem 2 =:= 0 -> self() ! {R, N}; true -> ok end, ?ONE(receive {R, X} -> X after 0 -> none end) end || N <- [1, 2, 3, 4]]),
    Echo ! stop,
    show(old, length(drained())).
