%% The timer module: all it can start, cancelling, intervals that stop with their process, measuring, conversions, what is refused.
-module(library_timers).
-export([main/0, tell/2]).

main() ->
    logger:set_primary_config(level, none),
    started(),
    intervals(),
    ends(),
    measured(),
    refused().

show(T) -> io:format("~0p~n", [T]).
tell(P, M) -> P ! M.
got(M) -> receive M -> true after 20000 -> false end.
nothing() -> receive X -> X after 0 -> nothing end.

started() ->
    Me = self(),
    show([ok =:= timer:start(), is_pid(whereis(timer_server))]),
    show([{element(1, timer:send_after(T, M)), got(M)} || {T, M} <- [{0, a}, {1, b}, {20, {c, 1}}]]),
    show([element(1, timer:send_after(1, Me, to_pid)), got(to_pid)]),
    register(mine, Me),
    show([element(1, timer:send_after(1, mine, to_name)), got(to_name), element(1, timer:send_after(1, {mine, node()}, to_node)), got(to_node)]),
    unregister(mine),
    show([element(1, timer:apply_after(T, ?MODULE, tell, [Me, {applied, T}])) =:= ok andalso got({applied, T}) || T <- [0, 1, 10]]),
    show([element(1, timer:apply_after(1, erlang, error, [crash])), element(1, timer:apply_after(0, erlang, no_such_function, []))]),
    {ok, R} = timer:send_after(60000, never),
    show([timer:cancel(R), timer:cancel(R), nothing(), timer:cancel({nonsense, 1}), timer:cancel(make_ref()), timer:cancel({instant, make_ref()})]),
    [timer:send_after(T, {order, T}) || T <- [400, 0, 200, 600]],
    show([receive {order, T} -> T after 20000 -> none end || _ <- "1234"]).

intervals() ->
    Me = self(),
    {ok, I} = timer:send_interval(2, tick),
    show([got(tick), got(tick), got(tick), timer:cancel(I)]),
    flush(tick),
    P = spawn(fun L() -> receive tick -> Me ! ticked, L(); stop -> ok end end),
    {ok, J} = timer:send_interval(2, P, tick),
    show([got(ticked), got(ticked)]),
    M = monitor(process, P),
    P ! stop,
    receive {'DOWN', M, _, _, normal} -> ok end,
    flush(ticked),
    show(timer:cancel(J)),
    {ok, K} = timer:apply_interval(2, ?MODULE, tell, [Me, again]),
    show([got(again), got(again), timer:cancel(K)]),
    flush(again),
    {Owner, MO} = spawn_monitor(fun() -> {ok, _} = timer:apply_interval(2, ?MODULE, tell, [Me, owned]), receive stop -> ok end end),
    show([got(owned), begin Owner ! stop, receive {'DOWN', MO, _, _, R} -> R end end]),
    [timer:send_interval(5, many) || _ <- lists:seq(1, 5)],
    show([got(many) || _ <- lists:seq(1, 20)]).

%% What was on its way has come when later timers of the same server have.
flush(M) -> timer:send_after(30, {flushed, M}), got({flushed, M}), flush_all(M).
flush_all(M) -> receive M -> flush_all(M) after 0 -> ok end.

ends() ->
    show([begin
              {P, M} = spawn_monitor(fun() -> receive stop -> ok end end),
              F(P),
              receive {'DOWN', M, _, _, R} -> R after 20000 -> none end
          end || F <- [fun(P) -> timer:exit_after(1, P, because) end, fun(P) -> timer:kill_after(1, P) end, fun(P) -> timer:exit_after(0, P, {a, tuple}) end]]),
    show([begin {_, M} = spawn_monitor(F), receive {'DOWN', M, _, _, R} -> R after 20000 -> none end end
          || F <- [fun() -> timer:exit_after(1, own), receive x -> ok end end, fun() -> timer:kill_after(1), receive x -> ok end end, fun() -> timer:sleep(1), exit(slept) end, fun() -> {ok, T} = timer:exit_after(5000, no), timer:cancel(T), exit(cancelled) end]]).

measured() ->
    show([element(2, timer:tc(fun() -> 1 end)), element(2, timer:tc(fun(A, B) -> A + B end, [1, 2])), element(2, timer:tc(lists, reverse, [[1, 2]]))]),
    show([is_integer(element(1, timer:tc(fun() -> ok end))), element(1, timer:tc(fun() -> timer:sleep(30) end)) >= 30000]),
    show([timer:now_diff({1, 2, 3}, {0, 0, 0}), timer:now_diff({0, 0, 0}, {1, 2, 3}), timer:seconds(5), timer:minutes(2), timer:hours(1), timer:hms(1, 2, 3)]),
    show([try F() catch C:R -> {C, R} end || F <- [fun() -> timer:tc(fun() -> error(in_it) end) end, fun() -> timer:tc(fun() -> throw(ball) end) end, fun() -> timer:tc(nofun, []) end, fun() -> timer:now_diff(a, b) end, fun() -> timer:sleep(-1) end, fun() -> timer:sleep(a) end, fun() -> timer:hms(a, 1, 1) end]]).

refused() ->
    show([case catch apply(timer, F, As) of {'EXIT', {R, _}} -> {exit, R}; {ok, {Kind, _}} -> {ok, Kind}; X -> X end
          || {F, As} <- [{send_after, [-1, x]}, {send_after, [a, x]}, {send_after, [1.5, x]}, {send_after, [1, 5, x]}, {apply_after, [-1, a, b, []]}, {apply_after, [1, 1, b, []]}, {apply_after, [1, a, b, c]}, {apply_after, [a, a, b, []]}, {send_interval, [0, x]}, {send_interval, [-1, x]}, {send_interval, [1, no_such_name, x]},
                         {apply_interval, [-1, a, b, []]}, {apply_interval, [x, a, b, []]}, {exit_after, [a, b]}, {kill_after, [a]}, {kill_after, [1, {bad}]}, {cancel, [x]}, {cancel, [{a, b}]}, {send_after, [1 bsl 70, x]}]]).
