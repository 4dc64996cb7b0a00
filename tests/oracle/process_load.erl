%% Many processes at once: whatever the schedulers do, the sums must be right.
-module(process_load).
-export([main/0]).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).

p(Label, Value) -> io:format("~s: ~0p~n", [Label, Value]).

init(N) -> {ok, N}.
handle_call({add, X}, _, N) -> {reply, N + X, N + X};
handle_call(die, _, _) -> exit(asked).
handle_cast({add, X}, N) -> {noreply, N + X}.

pmap(F, L) ->
    Self = self(),
    Refs = [begin {_, R} = spawn_monitor(fun() -> exit({value, F(X)}) end), R end || X <- L],
    true = is_pid(Self),
    [receive {'DOWN', R, process, _, {value, V}} -> V end || R <- Refs].

main() ->
    p("parallel map", lists:sum(pmap(fun(X) -> lists:sum(lists:seq(1, X)) end, lists:seq(1, 2000)))),
    p("nested", lists:sum(pmap(fun(X) -> lists:sum(pmap(fun(Y) -> X * Y end, lists:seq(1, 30))) end, lists:seq(1, 100)))),
    p("ring", ring(500, 50)),
    p("fan in", fan_in(20, 2000)),
    p("selective", selective(3000)),
    p("big messages", big(50)),
    p("binaries", binaries(200)),
    p("gen_server", calls(20, 300)),
    p("server dies", death()),
    p("spawn storm", storm(20, 500)),
    p("links", length([ok || _ <- lists:seq(1, 20), tree(6)])),
    p("processes end", fewer(100, 1000)),
    %% Of the mailbox only the ends of linked processes may be left: when a process ends is open.
    p("mailbox", left()).

fewer(_, 0) -> length(processes());
fewer(N, Tries) -> length(processes()) < N orelse begin receive after 10 -> ok end, fewer(N, Tries - 1) end.

left() -> receive {'EXIT', _, normal} -> left(); Other -> [Other | left()] after 0 -> [] end.

ring(Size, Rounds) ->
    Self = self(),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> forward(Next) end) end, Self, lists:seq(1, Size)),
    Sum = lists:sum([begin First ! {token, I}, receive {token, N} -> N end end || I <- lists:seq(1, Rounds)]),
    First ! stop, receive stop -> Sum end.
forward(Next) -> receive stop -> Next ! stop; {token, N} -> Next ! {token, N + 1}, forward(Next) end.

fan_in(Senders, Each) ->
    Self = self(),
    Pids = [spawn_link(fun() -> [Self ! {self(), I} || I <- lists:seq(1, Each)] end) || _ <- lists:seq(1, Senders)],
    %% From each sender in order.
    lists:all(fun(P) -> [receive {P, I} -> I end || _ <- lists:seq(1, Each)] =:= lists:seq(1, Each) end, Pids).

selective(N) ->
    Self = self(),
    spawn_link(fun() -> [Self ! {num, I} || I <- lists:seq(1, N)] end),
    lists:sum([receive {num, I} -> I end || I <- lists:seq(N, 1, -1)]).

big(N) ->
    Self = self(),
    Term = [{I, integer_to_list(I), float(I), #{I => <<I:64>>}} || I <- lists:seq(1, 500)],
    Echo = spawn_link(fun Loop() -> receive {From, T} -> From ! T, Loop() end end),
    R = lists:all(fun(_) -> Echo ! {Self, Term}, receive T -> T =:= Term end end, lists:seq(1, N)),
    unlink(Echo), exit(Echo, kill), R.

binaries(N) ->
    Self = self(),
    Pids = [spawn_link(fun() -> B = binary:copy(<<I:32>>, 1000), garbage_collect(), Self ! {I, B} end) || I <- lists:seq(1, N)],
    Sizes = [receive {I, B} -> <<I:32, _/binary>> = B, byte_size(B) end || I <- lists:seq(1, N)],
    {length(Pids), lists:usort(Sizes)}.

calls(Clients, Each) ->
    {ok, S} = gen_server:start_link(?MODULE, 0, []),
    pmap(fun(C) -> [begin gen_server:call(S, {add, C}), gen_server:cast(S, {add, -C}) end || _ <- lists:seq(1, Each)] end, lists:seq(1, Clients)),
    R = gen_server:call(S, {add, 0}),
    gen_server:stop(S), R.

death() ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    {ok, S} = gen_server:start_link(?MODULE, 0, []),
    Call = try gen_server:call(S, die) catch exit:{R, _} -> R end,
    [Call, receive {'EXIT', S, W} -> W end, try gen_server:call(S, x) catch exit:{R2, _} -> R2 end].

storm(K, N) ->
    lists:sum(pmap(fun(_) -> Self = self(), [spawn(fun() -> Self ! 1 end) || _ <- lists:seq(1, N)],
                             lists:sum([receive X -> X end || _ <- lists:seq(1, N)]) end, lists:seq(1, K))).

%% A tree of linked processes; its root is killed and all must go.
tree(Depth) ->
    Self = self(),
    {Root, R} = spawn_monitor(fun() -> branch(Depth, Self) end),
    Pids = [receive {node, P} -> P end || _ <- lists:seq(1, 1 bsl (Depth + 1) - 1)],
    exit(Root, kill),
    receive {'DOWN', R, _, _, killed} -> ok end,
    [begin M = monitor(process, P), receive {'DOWN', M, _, _, _} -> ok end end || P <- Pids],
    true.
branch(Depth, Top) ->
    Top ! {node, self()},
    [spawn_link(fun() -> branch(Depth - 1, Top) end) || Depth > 0, _ <- [1, 2]],
    receive after infinity -> ok end.
