%% Monitors with tags and aliases, many at a time: who is told, how often, in which words; aliases that end by themselves; names and nodes; requests to spawn.
-module(monitors_in_storms).
-export([main/0]).

%% With variables of its own.
-define(ONE(Receive), (fun() -> Receive end)()).

main() ->
    process_flag(trap_exit, false),
    logger:set_primary_config(level, none),
    tags(),
    aliases(),
    explicit(),
    many_on_one(),
    one_on_many(),
    chains(),
    names(),
    removed(),
    storms(),
    requests(),
    reasons(),
    wrong().

show(Label, Value) -> io:format("~p: ~0p~n", [Label, Value]).

waiting() -> spawn(fun() -> receive {stop, R} -> exit(R) end end).
drained() -> receive M -> [M | drained()] after 0 -> [] end.
down(M) -> receive {_, M, T, _, R} -> {T, R} after 5000 -> never end.

arrived() -> case process_info(self(), message_queue_len) of {_, 0} -> erlang:yield(), arrived(); _ -> ok end.

tags() ->
    Tags = [tag, 'DOWN', {tuple, [1, 2]}, "text", <<"binary">>, 1.5, #{a => map}, [], self(), 1 bsl 80, fun erlang:abs/1],
    [begin
         P = waiting(), M = monitor(process, P, [{tag, T}]), P ! {stop, over},
         show(tag, receive {T, M, process, P, R} -> {if is_pid(T) -> pid; true -> T end, R} after 5000 -> never end)
     end || T <- Tags],
    P = waiting(),
    [Ma, Mb, Mc] = [monitor(process, P, O) || O <- [[{tag, first}], [], [{tag, third}, {tag, last}]]],
    P ! {stop, x},
    show(together, lists:sort([?ONE(receive {T, M, process, P, x} -> T end) || M <- [Mc, Mb, Ma]])),
    show(dead, ?ONE(begin M = monitor(process, P, [{tag, late}]), ?ONE(receive {T, M, process, P, R} -> {T, R} after 5000 -> never end) end)),
    show(no_name, ?ONE(begin M = monitor(process, nobody_at_all, [{tag, {late, 1}}]), ?ONE(receive {T, M, process, {N, Node}, R} -> {T, N, Node =:= node(), R} after 5000 -> never end) end)).

aliases() ->
    Echo = spawn(fun Loop() -> receive {To, What, Times} -> [To ! {To, What, N} || N <- lists:seq(1, Times)], Loop(); stop -> exit(done) end end),
    [begin
         A = monitor(process, Echo, [{alias, Kind}]),
         Echo ! {A, hello, 3},
         Echo ! {self(), finished, 1},
         Got = receive {_, finished, _} -> [What || {_, What, _} <- drained()] end,
         show(Kind, [Got, demonitor(A, [info]), unalias(A)])
     end || Kind <- [explicit_unalias, demonitor, reply_demonitor]],
    %% after the end of the monitored one
    [begin
         P = waiting(), A = monitor(process, P, [{alias, Kind}]), P ! {stop, gone}, down(A),
         A ! still, show({ended, Kind}, [receive still -> arrived after 0 -> lost end, unalias(A), begin A ! later, receive later -> arrived after 0 -> lost end end])
     end || Kind <- [explicit_unalias, demonitor, reply_demonitor]],
    show(both, ?ONE(begin A = monitor(process, Echo, [{alias, reply_demonitor}, {tag, t}]), Echo ! {A, one, 1}, ?ONE(receive {A, one, 1} -> ok end), Echo ! stop, ?ONE(receive {t, A, _, _, _} -> told after 100 -> not_told end) end)).

explicit() ->
    As = [alias() || _ <- lists:seq(1, 100)],
    [A ! {to, A} || A <- As],
    show(all, length([A || A <- As, ?ONE(receive {to, A} -> true after 0 -> false end)])),
    show(removed, [lists:usort([unalias(A) || A <- As]), lists:usort([unalias(A) || A <- As])]),
    [A ! {to, A} || A <- As],
    show(none, drained()),
    R = alias([reply]), R ! 1, R ! 2, R ! 3,
    show(reply, [drained(), unalias(R)]),
    show(others, ?ONE(begin A = alias(), Self = self(), P = spawn(fun() -> Self ! {unaliased, unalias(A), is_process_alive(Self)}, A ! from_other end), M = monitor(process, P), down(M), lists:sort(drained()) end)).

%% Whoever has been answered by the other one, which takes signals in their order, watches it: others may rely on it.
many_on_one() ->
    P = waiting(), Self = self(),
    Watchers = [spawn(fun() -> M = monitor(process, P, [{tag, N}]), true = is_process_alive(P), Self ! ready, receive {N, M, process, P, R} -> Self ! {told, N, R} end end) || N <- lists:seq(1, 300)],
    [receive ready -> ok end || _ <- Watchers],
    show(monitored_by, length(element(2, process_info(P, monitored_by)))),
    P ! {stop, all},
    show(told, lists:sort([?ONE(receive {told, N, all} -> N end) || _ <- Watchers]) =:= lists:seq(1, 300)).

one_on_many() ->
    Ps = [waiting() || _ <- lists:seq(1, 300)],
    Ms = [{monitor(process, P, [{tag, I}]), P, I} || {I, P} <- lists:zip(lists:seq(1, 300), Ps)],
    show(monitors, length(element(2, process_info(self(), monitors)))),
    Half = [M || {M, _, I} <- Ms, I rem 2 =:= 0],
    show(demonitored, lists:usort([demonitor(M, [flush, info]) || M <- Half])),
    [P ! {stop, I} || {_, P, I} <- Ms],
    show(odd, lists:sort([?ONE(receive {I, M, process, P, I} -> I end) || {M, P, I} <- Ms, I rem 2 =:= 1]) =:= lists:seq(1, 299, 2)),
    [begin R = monitor(process, P), down(R) end || P <- Ps],
    show(rest, [drained(), process_info(self(), monitors)]).

%% Each watches the next one; the end of the last runs through all.
chains() ->
    Self = self(),
    Last = waiting(),
    First = lists:foldl(fun(N, Next) -> spawn(fun() -> M = monitor(process, Next, [{tag, N}]), true = is_process_alive(Next), Self ! {watching, N}, receive {N, M, _, _, R} -> exit({N, R}) end end) end, Last, lists:seq(1, 40)),
    [receive {watching, N} -> ok end || N <- lists:seq(1, 40)],
    M = monitor(process, First),
    Last ! {stop, bottom},
    {process, Reason} = down(M),
    show(chain, unwind(Reason, 0)).
unwind({N, R}, D) when is_integer(N) -> unwind(R, D + 1);
unwind(R, D) -> {D, R}.

names() ->
    P = waiting(), register(watched_name, P),
    A = monitor(process, watched_name), B = monitor(process, {watched_name, node()}),
    unregister(watched_name), P ! {stop, named},
    show(by_name, [?ONE(receive {'DOWN', A, process, N, R} -> {N, R} end) || N <- [{watched_name, node()}]]),
    show(by_name_and_node, ?ONE(receive {'DOWN', B, process, N, R} -> {N, R} after 5000 -> never end)),
    show(elsewhere, try monitor(process, {watched_name, 'nobody@nowhere'}) catch C:E -> {C, E} end),
    Q = waiting(), register(second_name, Q), D = monitor(process, second_name), unregister(second_name), Z = waiting(), register(second_name, Z),
    Z ! {stop, not_this}, down(monitor(process, Z)), show(other_holder, drained()), Q ! {stop, this}, show(holder, down(D)).

removed() ->
    P = waiting(),
    M = monitor(process, P),
    show(options, [demonitor(M, [info]), demonitor(M, [info]), demonitor(M), demonitor(M, [flush, info]), demonitor(make_ref(), [info])]),
    Self = self(), Other = spawn(fun() -> Self ! {ref, monitor(process, P)}, receive stop -> ok end end),
    receive {ref, R} -> show(of_other, try demonitor(R) catch C:E -> {C, E} end) end,
    Other ! stop,
    N = monitor(process, P), P ! {stop, now}, arrived(),
    show(late, [demonitor(N, [info]), ?ONE(receive {'DOWN', N, _, _, X} -> X after 5000 -> never end)]),
    Q = waiting(), O = monitor(process, Q), Q ! {stop, now}, arrived(),
    show(flushed, [demonitor(O, [flush, info]), drained()]).

%% Processes that start and end while others watch: as many messages as monitors, each once.
storms() ->
    show(storm, [storm(N) || N <- [10, 200, 1000]]).
storm(N) ->
    Ms = [begin P = spawn(fun() -> case I rem 3 of 0 -> ok; 1 -> exit(one); 2 -> exit(self(), kill) end end), {monitor(process, P, [{tag, I rem 5}]), I} end || I <- lists:seq(1, N)],
    Reasons = [receive {T, M, process, _, R} when T =:= I rem 5 -> case R of noproc -> early; _ -> R =:= element(I rem 3 + 1, {normal, one, killed}) end end || {M, I} <- Ms],
    {length(Reasons), lists:usort(Reasons) -- [early, true], drained()}.

%% spawn_request with monitors, tags and aliases
requests() ->
    R1 = spawn_request(fun() -> exit(asked) end, [monitor]),
    show(request, [?ONE(receive {spawn_reply, R1, ok, P} -> is_pid(P) end), ?ONE(receive {'DOWN', R1, process, _, Why1} -> Why1 end)]),
    R2 = spawn_request(fun() -> exit(asked) end, [{monitor, [{tag, mine}]}, {reply_tag, answer}]),
    show(tags, [?ONE(receive {answer, R2, ok, P2} -> is_pid(P2) end), ?ONE(receive {mine, R2, process, _, Why2} -> Why2 end)]),
    Self = self(),
    R3 = spawn_request(fun() -> receive {use, A} -> A ! {through, alias}, Self ! sent end end, [{monitor, [{alias, reply_demonitor}, {tag, never}]}]),
    receive {spawn_reply, R3, ok, P3} -> P3 ! {use, R3} end,
    receive sent -> ok end,
    show(alias, lists:sort(drained())),
    R4 = spawn_request(fun() -> exit(quiet) end, [monitor, {reply, no}]),
    show(no_reply, ?ONE(receive {'DOWN', R4, process, _, Why4} -> Why4 end)),
    show(wrong, [begin R = try spawn_request(fun() -> ok end, O) catch C:E -> {C, E} end, if is_reference(R) -> ?ONE(receive {spawn_reply, R, error, Why} -> Why end); true -> R end end || O <- [[{monitor, x}], [{monitor, [{tag}]}], [{reply, maybe_so}], [nonsense], [monitor | x], x]]),
    R5 = spawn_request(fun() -> ok end, [{reply, error_only}]),
    show(abandoned, [spawn_request_abandon(R5), spawn_request_abandon(make_ref())]),
    {P6, M6} = spawn_opt(fun() -> exit(six) end, [{monitor, [{tag, six_tag}]}]),
    show(spawn_opt, ?ONE(receive {six_tag, M6, process, P6, R6} -> R6 end)),
    drained().

reasons() ->
    show(reasons, [begin {P, M} = spawn_monitor(F), receive {'DOWN', M, process, P, R} -> case R of {E, [_ | _]} -> {E, stack}; _ -> R end end end
                   || F <- [fun() -> ok end, fun() -> exit(normal) end, fun() -> exit(#{a => 1}) end, fun() -> throw(ball) end, fun() -> error(oops) end, fun() -> exit(self(), normal), exit(later) end, fun() -> exit(self(), kill) end,
                            fun() -> true = is_atom(self()) end, fun() -> lists:seq(1, 0, x) end, fun() -> exit({shutdown, [1]}) end, fun() -> link(self()), exit(kill) end, fun() -> erlang:raise(exit, raised, []) end]]).

wrong() ->
    P = waiting(),
    show(wrong, [try monitor(K, W, O) of R -> is_reference(R) catch C:E -> {C, E} end || {K, W, O} <- [{process, P, [{tag}]}, {process, P, [{alias, x}]}, {process, P, x}, {process, P, [tag]}, {process, 1, []}, {process, {a}, []}, {process, {a, b, c}, []}, {other, P, []},
                                                                                                  {port, x, []}, {port, P, []}, {time_offset, clock_service, [{tag, t}]}, {time_offset, x, []}, {process, P, [{alias, demonitor} | x]}, {process, {1, node()}, []}]]),
    show(demonitor, [try demonitor(X, O) catch C:E -> {C, E} end || {X, O} <- [{a, []}, {make_ref(), [x]}, {make_ref(), x}, {make_ref(), [flush | x]}, {P, [flush]}]]),
    show(alias, [try alias(O) of R -> is_reference(R) catch C:E -> {C, E} end || O <- [[], [reply], [explicit_unalias], [x], x, [reply | x]]]),
    show(unalias, [try unalias(X) catch C:E -> {C, E} end || X <- [a, P, make_ref(), 1]]),
    P ! {stop, done}.
