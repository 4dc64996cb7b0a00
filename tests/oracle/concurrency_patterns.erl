%% What concurrent programs are made of, with results that do not depend on who runs first: locks, barriers, buffers, philosophers, readers and writers,
%% futures, pipelines, map and reduce.
-module(concurrency_patterns).
-compile([export_all, nowarn_export_all]).

main() ->
    logger:set_primary_config(level, none),
    show(mutex, mutex(20, 50)),
    show(without_loss, counter(50, 100)),
    show(barrier, barrier(8, 5)),
    show(buffer, bounded(3, 2, 4, 60)),
    show(philosophers, philosophers(5, 20)),
    show(readers_writers, readers_writers(6, 3)),
    show(futures, [await(F) || F <- [future(fun() -> N * N end) || N <- lists:seq(1, 20)]]),
    show(failed_future, await(future(fun() -> error(lost) end))),
    show(pipeline, pipeline([fun(X) -> X + 1 end, fun(X) -> X * 2 end, fun integer_to_list/1], lists:seq(1, 10))),
    show(map_reduce, map_reduce(["the quick brown fox", "the lazy dog", "the fox"], 3)),
    show(merge_sort, merge_sort([(I * 7919) rem 1009 || I <- lists:seq(1, 400)]) =:= lists:sort([(I * 7919) rem 1009 || I <- lists:seq(1, 400)])),
    show(first_of, first_of([fun() -> timer:sleep(60000) end, fun() -> quick end, fun() -> receive never -> ok end end])),
    show(with_time_limit, [limited(fun() -> done end, 5000), limited(fun() -> receive never -> ok end end, 10)]),
    show(sieve, sieve(60)),
    show(elected, elected(10)),
    show(token, token_ring(12, 30)),
    show(gossip, gossip(16)),
    show(two_phase, [two_phase([true, true, true]), two_phase([true, false, true])]),
    show(pool, pool(4, 40)),
    show(retried, retried(0, 5)),
    show(circuit, circuit([ok, fail, fail, fail, ok, ok])),
    show(pub_sub, pub_sub()),
    show(cells, life_of_processes(5, 4)),
    show(done, true).

spawn_all(Funs) -> [spawn_monitor(F) || F <- Funs].
join(Pids) -> [receive {'DOWN', M, process, P, R} -> R end || {P, M} <- Pids].

lock_server(Free) ->
    receive
        {acquire, P, R} when Free -> P ! {R, granted}, lock_server(false);
        release when not Free -> lock_server(true);
        stop -> ok
    end.

locked(Lock, F) ->
    R = make_ref(),
    Lock ! {acquire, self(), R},
    receive {R, granted} -> ok end,
    try F() after Lock ! release end.

%% Reading and writing in two steps, guarded by a lock.
mutex(Workers, Times) ->
    T = ets:new(t, [public]),
    ets:insert(T, {n, 0}),
    Lock = spawn(fun() -> lock_server(true) end),
    join(spawn_all([fun() -> [locked(Lock, fun() -> [{n, N}] = ets:lookup(T, n), erlang:yield(), ets:insert(T, {n, N + 1}) end) || _ <- lists:seq(1, Times)] end || _ <- lists:seq(1, Workers)])),
    Lock ! stop,
    ets:lookup(T, n).

counter(Workers, Times) ->
    C = counters:new(1, [atomics]),
    T = ets:new(t, [public, {write_concurrency, true}]),
    join(spawn_all([fun() -> [begin counters:add(C, 1, 1), ets:update_counter(T, K rem 5, 1, {K rem 5, 0}) end || K <- lists:seq(1, Times)] end || _ <- lists:seq(1, Workers)])),
    {counters:get(C, 1), lists:sort(ets:tab2list(T))}.

%% Nobody begins a round before all have ended the one before.
barrier(N, Rounds) ->
    Self = self(),
    B = spawn_link(fun() -> barrier_loop(N, []) end),
    Pids = spawn_all([fun() -> [begin Self ! {arrived, R}, Ref = make_ref(), B ! {wait, self(), Ref}, receive {Ref, go} -> ok end end || R <- lists:seq(1, Rounds)] end || _ <- lists:seq(1, N)]),
    join(Pids),
    unlink(B),
    exit(B, kill),
    [length(G) || G <- groups(drain(arrived))].

barrier_loop(N, Waiting) when length(Waiting) =:= N -> [P ! {R, go} || {P, R} <- Waiting], barrier_loop(N, []);
barrier_loop(N, Waiting) -> receive {wait, P, R} -> barrier_loop(N, [{P, R} | Waiting]) end.

drain(Tag) -> receive {Tag, X} -> [X | drain(Tag)] after 0 -> [] end.
groups([]) -> [];
groups([X | L]) -> {Same, Rest} = lists:splitwith(fun(Y) -> Y =:= X end, L), [[X | Same] | groups(Rest)].

bounded(Size, Producers, Consumers, Each) ->
    Buffer = spawn_link(fun() -> buffer(queue:new(), Size) end),
    Self = self(),
    Cs = spawn_all([fun() -> consume(Buffer, Self) end || _ <- lists:seq(1, Consumers)]),
    join(spawn_all([fun() -> [call(Buffer, {put, {P, I}}) || I <- lists:seq(1, Each)] end || P <- lists:seq(1, Producers)])),
    [call(Buffer, {put, stop}) || _ <- Cs],
    join(Cs),
    unlink(Buffer),
    exit(Buffer, kill),
    Got = drain(consumed),
    {length(Got), lists:sort(Got) =:= [{P, I} || P <- lists:seq(1, Producers), I <- lists:seq(1, Each)]}.

buffer(Q, Size) ->
    Length = queue:len(Q),
    receive
        {P, R, {put, X}} when Length < Size -> P ! {R, ok}, buffer(queue:in(X, Q), Size);
        {P, R, get} when Length > 0 -> {{value, X}, Q1} = queue:out(Q), P ! {R, X}, buffer(Q1, Size)
    end.

call(To, Request) -> R = make_ref(), To ! {self(), R, Request}, receive {R, A} -> A end.
consume(Buffer, Top) -> case call(Buffer, get) of stop -> ok; X -> Top ! {consumed, X}, consume(Buffer, Top) end.

%% Forks in order, so that nobody waits for ever.
philosophers(N, Meals) ->
    Forks = list_to_tuple([spawn(fun() -> lock_server(true) end) || _ <- lists:seq(1, N)]),
    join(spawn_all([fun() -> A = min(I, I rem N + 1), B = max(I, I rem N + 1),
                             [locked(element(A, Forks), fun() -> locked(element(B, Forks), fun() -> erlang:yield() end) end) || _ <- lists:seq(1, Meals)], exit({full, I}) end || I <- lists:seq(1, N)])).

readers_writers(Readers, Writers) ->
    Server = spawn_link(fun() -> rw(0, false, 0, 0) end),
    join(spawn_all([fun() -> [begin call(Server, read), erlang:yield(), Server ! read_done end || _ <- lists:seq(1, 20)] end || _ <- lists:seq(1, Readers)]
                   ++ [fun() -> [begin call(Server, write), erlang:yield(), Server ! write_done end || _ <- lists:seq(1, 10)] end || _ <- lists:seq(1, Writers)])),
    call(Server, totals).

rw(R, W, Rs, Ws) ->
    receive
        {P, Ref, read} when not W -> P ! {Ref, ok}, rw(R + 1, W, Rs + 1, Ws);
        {P, Ref, write} when not W, R =:= 0 -> P ! {Ref, ok}, rw(R, true, Rs, Ws + 1);
        read_done -> rw(R - 1, W, Rs, Ws);
        write_done -> rw(R, false, Rs, Ws);
        {P, Ref, totals} when R =:= 0, not W -> P ! {Ref, {Rs, Ws}}
    end.

future(F) -> spawn_monitor(fun() -> exit({value, F()}) end).
await({P, M}) -> receive {'DOWN', M, process, P, {value, V}} -> V; {'DOWN', M, process, P, {R, _}} -> {failed, R} end.

pipeline(Stages, Inputs) ->
    Self = self(),
    First = lists:foldr(fun(F, Next) -> spawn_link(fun() -> stage(F, Next) end) end, Self, Stages),
    [First ! {item, X} || X <- Inputs ++ [done]],
    collect().
stage(F, Next) -> receive {item, done} -> Next ! {item, done}; {item, X} -> Next ! {item, F(X)}, stage(F, Next) end.
collect() -> receive {item, done} -> []; {item, X} -> [X | collect()] end.

map_reduce(Texts, Reducers) ->
    Self = self(),
    Rs = [spawn_link(fun() -> reducer(#{}, length(Texts), Self) end) || _ <- lists:seq(1, Reducers)],
    [spawn_link(fun() -> [lists:nth(erlang:phash2(W, Reducers) + 1, Rs) ! {word, W} || W <- string:lexemes(T, " ")], [R ! mapped || R <- Rs] end) || T <- Texts],
    lists:sort(lists:append([receive {counts, R, C} -> maps:to_list(C) end || R <- Rs])).
reducer(Counts, 0, Top) -> Top ! {counts, self(), Counts};
reducer(Counts, Left, Top) -> receive {word, W} -> reducer(maps:update_with(W, fun(N) -> N + 1 end, 1, Counts), Left, Top); mapped -> reducer(Counts, Left - 1, Top) end.

merge_sort(L) when length(L) < 20 -> lists:sort(L);
merge_sort(L) -> {A, B} = lists:split(length(L) div 2, L), F = future(fun() -> merge_sort(A) end), S = merge_sort(B), lists:merge(await(F), S).

first_of(Funs) ->
    Self = self(),
    R = make_ref(),
    Ps = [spawn(fun() -> Self ! {R, F()} end) || F <- Funs],
    receive {R, V} -> [exit(P, kill) || P <- Ps], V end.

limited(F, Ms) ->
    {P, M} = spawn_monitor(fun() -> exit({value, F()}) end),
    receive {'DOWN', M, process, P, {value, V}} -> {ok, V} after Ms -> exit(P, kill), receive {'DOWN', M, process, P, R} -> {timeout, R} end end.

%% A chain of processes, one for each prime.
sieve(N) ->
    Self = self(),
    First = spawn_link(fun() -> filter(Self) end),
    [First ! {number, I} || I <- lists:seq(2, N)],
    First ! stop,
    primes().
filter(Top) -> receive {number, P} -> Top ! {prime, P}, filter(P, none, Top); stop -> Top ! no_more end.
filter(P, Next, Top) ->
    receive
        {number, N} when N rem P =:= 0 -> filter(P, Next, Top);
        {number, N} when Next =:= none -> New = spawn_link(fun() -> filter(Top) end), New ! {number, N}, filter(P, New, Top);
        {number, N} -> Next ! {number, N}, filter(P, Next, Top);
        stop when Next =:= none -> Top ! no_more;
        stop -> Next ! stop
    end.
primes() -> receive {prime, P} -> [P | primes()]; no_more -> [] end.

%% A ring elects the greatest number.
elected(N) ->
    Self = self(),
    Numbers = [(I * 37) rem 101 || I <- lists:seq(1, N)],
    Ps = [spawn_link(fun() -> receive {next, P} -> P ! {candidate, K}, election(K, P, Self) end end) || K <- Numbers],
    [P ! {next, Q} || {P, Q} <- lists:zip(Ps, tl(Ps) ++ [hd(Ps)])],
    receive {leader, L} -> [begin unlink(P), exit(P, kill) end || P <- Ps], {L, lists:max(Numbers)} end.
election(K, Next, Top) ->
    receive
        {candidate, K} -> Top ! {leader, K};
        {candidate, C} when C > K -> Next ! {candidate, C}, election(K, Next, Top);
        {candidate, _} -> election(K, Next, Top)
    end.

token_ring(N, Hops) ->
    Self = self(),
    Ps = [spawn_link(fun() -> receive {next, P} -> pass(I, P, Self) end end) || I <- lists:seq(1, N)],
    [P ! {next, Q} || {P, Q} <- lists:zip(Ps, tl(Ps) ++ [hd(Ps)])],
    hd(Ps) ! {token, Hops},
    receive {at, I} -> [begin unlink(P), exit(P, kill) end || P <- Ps], I end.
pass(I, Next, Top) -> receive {token, 0} -> Top ! {at, I}; {token, K} -> Next ! {token, K - 1}, pass(I, Next, Top) end.

gossip(N) ->
    Self = self(),
    Ps = [spawn_link(fun() -> receive {friends, Fs} -> gossiper(I, Fs, false, Self) end end) || I <- lists:seq(1, N)],
    [P ! {friends, [lists:nth((I * 2) rem N + 1, Ps), lists:nth((I * 3 + 1) rem N + 1, Ps), lists:nth(I rem N + 1, Ps)]} || {I, P} <- lists:enumerate(Ps)],
    hd(Ps) ! rumour,
    Heard = lists:sort([receive {heard, I} -> I end || _ <- Ps]),
    [begin unlink(P), exit(P, kill) end || P <- Ps],
    Heard.
gossiper(I, Fs, Known, Top) -> receive rumour when Known -> gossiper(I, Fs, true, Top); rumour -> Top ! {heard, I}, [F ! rumour || F <- Fs], gossiper(I, Fs, true, Top) end.

two_phase(Votes) ->
    Ps = [spawn_link(fun() -> receive {P, R, prepare} -> P ! {R, V} end, receive {P1, R1, D} -> P1 ! {R1, {D, V}} end end) || V <- Votes],
    Decision = case lists:all(fun(P) -> call(P, prepare) end, Ps) of true -> commit; false -> abort end,
    Asked = case Decision of commit -> Ps; abort -> lists:takewhile(fun(P) -> lists:nth(index(P, Ps), Votes) end, Ps) end,
    Answers = [call(P, Decision) || P <- Asked],
    [begin unlink(P), exit(P, kill) end || P <- Ps],
    {Decision, Answers}.

index(P, [P | _]) -> 1;
index(P, [_ | Ps]) -> 1 + index(P, Ps).

pool(Workers, Jobs) ->
    Self = self(),
    Master = spawn_link(fun() -> master(lists:seq(1, Jobs), Workers) end),
    join(spawn_all([fun() -> work(Master, Self) end || _ <- lists:seq(1, Workers)])),
    lists:sum(drain(result)).
master(_, 0) -> ok;
master([], N) -> receive {P, R, job} -> P ! {R, none}, master([], N - 1) end;
master([J | Js], N) -> receive {P, R, job} -> P ! {R, J}, master(Js, N) end.
work(Master, Top) -> case call(Master, job) of none -> ok; J -> Top ! {result, J * J}, work(Master, Top) end.

retried(N, Max) ->
    case catch attempt(N) of
        {'EXIT', {R, _}} when N < Max -> [{N, R} | retried(N + 1, Max)];
        {'EXIT', {R, _}} -> [{gave_up, R}];
        V -> [V]
    end.
attempt(N) when N < 3 -> error({not_yet, N});
attempt(N) -> {succeeded, N}.

circuit(Events) ->
    {Log, _} = lists:mapfoldl(fun(_, open) -> {refused, half}; (ok, _) -> {ok, closed}; (fail, {failed, 1}) -> {opened, open}; (fail, {failed, N}) -> {failed, {failed, N + 1}}; (fail, half) -> {reopened, open};
                                 (fail, closed) -> {failed, {failed, 1}} end, closed, Events),
    Log.

pub_sub() ->
    Self = self(),
    Broker = spawn_link(fun() -> broker(#{}) end),
    Subscribers = [begin call(Broker, {subscribe, T, P}), {N, P} end || {N, T} <- [{a, news}, {b, news}, {c, sport}], P <- [spawn_link(fun() -> subscriber(N, [], Self) end)]],
    [call(Broker, {publish, T, M}) || {T, M} <- [{news, 1}, {sport, 2}, {news, 3}, {weather, 4}]],
    [P ! report || {_, P} <- Subscribers],
    [receive {got, N, L} -> {N, L} end || {N, _} <- Subscribers].
broker(Topics) ->
    receive
        {P, R, {subscribe, T, S}} -> P ! {R, ok}, broker(maps:update_with(T, fun(L) -> [S | L] end, [S], Topics));
        {P, R, {publish, T, M}} -> [S ! {event, M} || S <- maps:get(T, Topics, [])], P ! {R, ok}, broker(Topics)
    end.
subscriber(N, Events, Top) -> receive {event, M} -> subscriber(N, [M | Events], Top); report -> Top ! {got, N, lists:reverse(Events)} end.

%% Conway's game, a process for each cell: a blinker.
life_of_processes(Size, Steps) ->
    Self = self(),
    Places = [{X, Y} || Y <- lists:seq(1, Size), X <- lists:seq(1, Size)],
    Cells = maps:from_list([{P, spawn_link(fun() -> receive {neighbours, Ns} -> cell(P, lists:member(P, [{2, 3}, {3, 3}, {4, 3}]), Ns, 0, Steps, Self) end end)} || P <- Places]),
    maps:foreach(fun({X, Y}, Pid) ->
                     Around = [{X + Dx, Y + Dy} || Dx <- [-1, 0, 1], Dy <- [-1, 0, 1], {Dx, Dy} =/= {0, 0}],
                     Pid ! {neighbours, [map_get(P, Cells) || P <- Around, is_map_key(P, Cells)]}
                 end, Cells),
    Alive = [receive {final, P, A} -> A end || P <- Places],
    [P || {P, true} <- lists:zip(Places, Alive)].
cell(P, Alive, _, Steps, Steps, Top) -> Top ! {final, P, Alive};
cell(P, Alive, Ns, Step, Steps, Top) ->
    [N ! {state, Step, Alive} || N <- Ns],
    Living = length([1 || _ <- Ns, receive {state, Step, A} -> A end]),
    cell(P, Living =:= 3 orelse Alive andalso Living =:= 2, Ns, Step + 1, Steps, Top).

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
