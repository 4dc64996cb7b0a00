%% What is told of processes: messages, spawning, links, names, scheduling, collections; flags that are inherited; time stamps.
-module(trace_processes).
-export([main/0]).
main() ->
    logger:set_primary_config(level, none),
    run(messages, [send, 'receive'], fun() ->
        S = self(), Dead = dead(), Other = other(), S ! {hello, 1}, receive {hello, _} -> ok end,
        Dead ! lost, Other ! {from, S}, receive {Other, _} -> ok end, erlang:send(Other, again), receive {Other, _} -> ok end,
        register(trace_name, Other), trace_name ! {by, name}, receive {Other, _} -> ok end, {trace_name, node()} ! {by, node}, receive {Other, _} -> ok end,
        (catch nobody ! x), (catch {nobody, node()} ! y), erlang:send(Other, stop, [noconnect]),
        A = alias(), A ! aliased, receive aliased -> ok end, receive never -> ok after 1 -> ok end end),
    run(monitored, ['receive'], fun() -> P = dead(), M = monitor(process, P), receive {'DOWN', M, _, _, _} -> ok end,
        process_flag(trap_exit, true), Q = spawn_link(fun() -> exit(gone) end), receive {'EXIT', Q, _} -> ok end,
        erlang:send_after(1, self(), timed), receive timed -> ok end end),
    run(births, [procs], fun() ->
        P = spawn(fun() -> receive stop -> ok end end), link(P), unlink(P), register(a_name, self()), unregister(a_name), register(b_name, self()),
        {_, M} = spawn_monitor(lists, reverse, [[1, 2]]), receive {'DOWN', M, _, _, _} -> ok end, P ! stop,
        process_flag(trap_exit, true), Q = spawn_link(fun() -> receive stop -> exit(reason) end end), Q ! stop, receive {'EXIT', Q, _} -> ok end end),
    run(ends, [procs], fun() -> register(c_name, self()), exit({some, reason}) end),
    run(killed, [procs], fun() -> exit(self(), kill), receive never -> ok end end),
    [inherit(Flag, How) || How <- [linked, spawn_linked], Flag <- [set_on_spawn, set_on_first_spawn, set_on_link, set_on_first_link]],
    run(scheduled, [running], fun() -> receive nothing -> ok after 5 -> ok end end, fun(L) -> lists:usort([{element(3, T), is_tuple(element(4, T))} || T <- L]) end),
    run(exiting, [exiting], fun() -> ok end, fun(L) -> lists:last(L) end),
    run(collected, [garbage_collection], fun() -> erlang:garbage_collect() end,
        fun(L) -> [{Tag, [K || {K, V} <- Info, is_integer(V)]} || {_, _, Tag, Info} <- L, Tag =:= gc_major_start orelse Tag =:= gc_major_end] end),
    [stamps(F) || F <- [timestamp, monotonic_timestamp, strict_monotonic_timestamp]],
    [exit_of_linked(T, R) || T <- [true, false], R <- [normal, why, kill]], silent(), scheduler_ids(),
    patterns(), sensitive(), tracers(), everybody().

exit_of_linked(Traps, Reason) ->
    run({exit_of_linked, Traps, Reason}, [procs], fun() ->
        process_flag(trap_exit, Traps), C = spawn_link(fun() -> receive die -> exit(Reason) end end),
        M = monitor(process, C), C ! die, receive {'DOWN', M, _, _, _} -> ok end end).

silent() ->
    Talk = fun() -> self() ! note, receive note -> ok end end,
    run(silent_without_pattern, [send, 'receive', silent], Talk),
    [begin
         io:format("~0p~n", [{catch erlang:trace_pattern(send, [{['_', '_'], [], [A]}], []) =:= 1,
                              catch erlang:trace_pattern('receive', [{['_', '_', '_'], [], [A]}], []) =:= 1}]),
         run(A, [send, 'receive'], Talk), erlang:trace_pattern(send, true, []), erlang:trace_pattern('receive', true, [])
     end || A <- [{silent, true}, {message, 1}, {is_seq_trace}, {get_tcw}, {caller}]].

scheduler_ids() ->
    run(scheduler_ids, [send, scheduler_id], fun() -> self() ! x end, fun([T]) -> {tuple_size(T), element(5, T) =:= self(), element(6, T) > 0} end),
    run(scheduler_ids, [send, scheduler_id, timestamp], fun() -> self() ! x end, fun([T]) -> {tuple_size(T), is_integer(element(6, T)), tuple_size(element(7, T))} end).

%% The tracer is one of those who exist.
everybody() ->
    Tracer = spawn(fun other_loop/0),
    _ = erlang:trace(existing_processes, true, [procs, {tracer, Tracer}]), show({existing, erlang:trace_info(Tracer, flags)}),
    _ = erlang:trace(processes, false, [all]), show({existing, erlang:trace_info(Tracer, flags)}),
    exit(Tracer, kill).

dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
other() -> spawn(fun other_loop/0).
other_loop() -> receive stop -> ok; {_, S} when is_pid(S) -> put(s, S), S ! {self(), ok}, other_loop(); _ -> get(s) ! {self(), ok}, other_loop() end.

inherit(Flag, How) ->
    Me = self(),
    P = spawn(fun() -> receive go -> ok end, Kids = [kid(How) || _ <- [1, 2]], [link(K) || K <- Kids], Me ! {kids, Kids}, receive stop -> unlink(hd(Kids)), ok end end),
    erlang:trace(P, true, [send, Flag]),
    P ! go,
    Kids = receive {kids, K} -> K end,
    show({Flag, [erlang:trace_info(X, flags) || X <- [P | Kids]], [erlang:trace_info(X, tracer) =:= {tracer, Me} || X <- Kids]}),
    [erlang:trace(X, false, [all]) || X <- [P | Kids]],
    [exit(X, kill) || X <- [P | Kids]],
    flush().
kid(linked) -> spawn(fun() -> receive stop -> ok end end);
kid(spawn_linked) -> spawn_link(fun() -> receive stop -> ok end end).
stamps(Flag) ->
    P = spawn(fun() -> receive go -> self() ! x, receive stop -> ok end end end),
    erlang:trace(P, true, [send, Flag]),
    P ! go,
    Stamp = receive {trace_ts, P, send, x, P, T} -> T end,
    show({Flag, case Stamp of {A, B, C} -> now_like(A, B, C); {A, B} -> {is_integer(A), is_integer(B)}; A -> is_integer(A) end}),
    P ! stop,
    flush().
now_like(A, B, C) -> abs(A * 1000000 + B - erlang:system_time(second)) < 100 andalso is_integer(C).

patterns() ->
    show(erlang:trace_pattern(send, [{['_', {keep, '$1'}], [], [{message, {{saw, '$1'}}}]}, {['$1', '$2'], [{'==', '$1', {self}}], []}], [])),
    run(send_pattern, [send], fun() -> S = self(), S ! {keep, 1}, S ! drop, other() ! {keep, 2}, other() ! {drop, S} end),
    erlang:trace_pattern(send, true, []),
    show(erlang:trace_pattern('receive', [{['_', '_', {keep, '$1'}], [], [{message, '$1'}]}, {['$1', undefined, '_'], [], []}], [])),
    run(receive_pattern, ['receive'], fun() -> S = self(), S ! {keep, 1}, S ! drop, erlang:send_after(1, S, timed), receive timed -> ok end, receive drop -> ok end end),
    erlang:trace_pattern('receive', false, []),
    run(receive_off, ['receive'], fun() -> self() ! x, receive x -> ok end end),
    show([erlang:trace_info('receive', match_spec), erlang:trace_pattern('receive', true, []), erlang:trace_info('receive', match_spec)]).
sensitive() -> run(sensitive, [send, procs], fun() -> process_flag(sensitive, true), self() ! x, process_flag(sensitive, false), self() ! y end).
%% A tracer that dies turns the trace off; only one tracer at a time.
tracers() ->
    P = spawn(fun() -> receive stop -> ok end end), T = spawn(fun() -> receive stop -> ok end end), M = monitor(process, T),
    show([erlang:trace(P, true, [send, {tracer, T}]), catch_error(fun() -> erlang:trace(P, true, ['receive']) end), erlang:trace_info(P, tracer) =:= {tracer, T}]),
    T ! stop, receive {'DOWN', M, _, _, _} -> ok end,
    show([erlang:trace_info(P, tracer), erlang:trace_info(P, flags), erlang:trace(P, true, ['receive']), erlang:trace_info(P, flags)]),
    P ! stop, flush().
catch_error(F) -> try F() catch C:R -> {C, R} end.

run(Name, Flags, F) -> run(Name, Flags, F, fun(L) -> L end).
run(Name, Flags, F, Summary) ->
    Me = self(),
    P = spawn(fun() -> Me ! {self(), ready}, receive go -> F() end end),
    receive {P, ready} -> ok end,
    M = monitor(process, P),
    erlang:trace(P, true, Flags),
    P ! go,
    receive {'DOWN', M, _, _, _} -> ok end,
    Ref = erlang:trace_delivered(P),
    receive {trace_delivered, P, Ref} -> ok end,
    io:format("~w~n", [Name]),
    case Summary(collect(P)) of
        List when is_list(List) -> [io:format("    ~0p~n", [norm(E, P)]) || E <- List];
        Other -> io:format("    ~0p~n", [norm(Other, P)])
    end.
collect(P) -> receive T when element(2, T) =:= P -> [T | collect(P)] after 0 -> [] end.
flush() -> receive _ -> flush() after 0 -> ok end.
norm(P, P) -> tracee;
norm(X, _) when is_pid(X) -> pid;
norm(X, _) when is_reference(X) -> ref;
norm(X, _) when is_function(X) -> function;
norm([H | T], P) -> [norm(H, P) | norm(T, P)];
norm(T, P) when is_tuple(T) -> list_to_tuple([norm(X, P) || X <- tuple_to_list(T)]);
norm(X, _) -> X.
show(X) -> io:format("~0p~n", [norm(X, self())]).
