%% Processes: wrong arguments, and what the error says about them.
-module(process_errors).
-export([main/0, loop/0]).

loop() -> receive stop -> ok end.

p(Label, Fun) ->
    Result = try {ok, Fun()} catch Class:Reason:Trace ->
        Top = hd(Trace),
        {Class, Reason, element(1, Top), element(2, Top), element(3, Top), proplists:get_value(error_info, element(4, Top))} end,
    io:format("~0p: ~0p~n", [mask(Label), mask(Result)]).

mask(P) when is_pid(P) -> pid;
mask(R) when is_reference(R) -> ref;
mask(T) when is_tuple(T) -> list_to_tuple(mask(tuple_to_list(T)));
mask([H | T]) -> [mask(H) | mask(T)];
mask(X) -> X.

dead() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, _, _, _} -> Pid end.

is_ref({ok, R}) -> is_reference(R).

main() ->
    Self = self(), Dead = dead(), Ref = make_ref(), Alive = spawn(?MODULE, loop, []),
    Mask = fun(X) when is_reference(X) -> ref; (X) when is_pid(X) -> pid; (X) -> X end,
    Calls = [{erlang, F, A} || {F, A} <- [
        {link, [foo]}, {link, [Self]}, {unlink, [foo]}, {unlink, [Dead]}, {exit, [foo, a]}, {exit, [Dead, a]},
        {register, [undefined, Self]}, {register, [proc_a, Dead]}, {register, [1, Self]}, {register, [proc_b, x]},
        {register, [init, Self]}, {unregister, [no_such]}, {unregister, [1]}, {whereis, [no_such]}, {whereis, [1]},
        {monitor, [foo, Self]}, {monitor, [process, 1]}, {monitor, [process, {foo, bar@baz}]}, {monitor, [process, {1, node()}]},
        {monitor, [process, Self, [foo]]}, {monitor, [process, Self, [{alias, foo}]]}, {monitor, [process, Self, foo]},
        {monitor, [process, Self, [{tag, a} | b]]},
        {monitor, [time_offset, foo]}, {monitor, [port, Self]}, {monitor, [port, no_such]},
        {alias, [[foo]]}, {alias, [foo]}, {alias, [[reply | a]]}, {unalias, [foo]}, {unalias, [Ref]},
        {demonitor, [foo]}, {demonitor, [Ref]}, {demonitor, [Ref, [foo]]}, {demonitor, [Ref, [info]]}, {demonitor, [Ref, [flush, info]]},
        {demonitor, [Ref, foo]}, {demonitor, [Ref, [flush]]},
        {send, [no_such, a]}, {send, [1, a]}, {send, [{no_such, node()}, a]}, {send, [{1, node()}, a]}, {send, [{a, b, c}, a]},
        {send, [Ref, a]}, {send, [Dead, a]}, {send, [Dead, a, [nosuspend, noconnect]]}, {send, [Dead, a, [foo]]}, {send, [Dead, a, foo]},
        {send, [no_such, a, []]},
        {spawn, [1, loop, []]}, {spawn, [a, loop, [a | b]]}, {spawn, [a, 2, []]}, {spawn, [a, b, foo]},
        {spawn_link, [1, loop, []]},
        {process_flag, [foo, 1]}, {process_flag, [trap_exit, 1]}, {process_flag, [error_handler, 1]},
        {process_flag, [min_heap_size, -1]}, {process_flag, [min_heap_size, a]}, {process_flag, [max_heap_size, 1]},
        {process_flag, [max_heap_size, #{}]}, {process_flag, [max_heap_size, #{size => a}]}, {process_flag, [max_heap_size, #{size => 0, kill => 1}]},
        {process_flag, [priority, foo]}, {process_flag, [message_queue_data, foo]}, {process_flag, [fullsweep_after, -1]},
        {process_flag, [sensitive, 1]}, {process_flag, [monitor_nodes, 1]},
        {process_info, [foo]}, {process_info, [foo, links]}, {process_info, [Self, foo]}, {process_info, [Dead, foo]},
        {process_info, [Self, [links | x]]}, {process_info, [Self, [links, foo]]}, {process_info, [Dead]}, {process_info, [Dead, links]},
        {process_info, [Dead, []]}, {process_info, [Self, []]}, {process_info, [Self, 1]},
        {group_leader, [foo, Self]}, {group_leader, [Self, foo]}, {group_leader, [Self, Dead]},
        {suspend_process, [Self]}, {suspend_process, [foo]}, {suspend_process, [Dead]}, {suspend_process, [Alive, [foo]]},
        {resume_process, [Alive]}, {resume_process, [foo]}, {resume_process, [Self]},
        {send_after, [-1, Self, x]}, {send_after, [a, Self, x]}, {send_after, [1 bsl 80, Self, x]}, {send_after, [1, 1, x]},
        {send_after, [1, {a, b}, x]}, {send_after, [1, Self, x, [foo]]}, {send_after, [1, Self, x, foo]},
        {start_timer, [-1, Self, x]}, {start_timer, [1, 1, x]}, {start_timer, [1, Self, x, [{abs, 1}]]},
        {cancel_timer, [foo]}, {cancel_timer, [Ref]}, {cancel_timer, [Ref, [foo]]}, {cancel_timer, [Ref, [{info, false}]]},
        {cancel_timer, [Ref, [{async, 1}]]}, {cancel_timer, [Ref, foo]}, {read_timer, [foo]}, {read_timer, [Ref]},
        {read_timer, [Ref, [{info, false}]]}, {read_timer, [Ref, []]},
        {unique_integer, [[foo]]}, {unique_integer, [foo]}, {monotonic_time, [foo]}, {monotonic_time, [0]}, {monotonic_time, [-1]},
        {system_time, [foo]}, {time_offset, [1.0]}, {nodes, [foo]}, {nodes, [[this, foo]]}, {nodes, [this]}, {nodes, [[]]},
        {nodes, [this, #{foo => true}]}, {nodes, [this, #{node_type => true}]}, {nodes, [this, foo]},
        {monitor_node, [bar@baz, true]}, {monitor_node, [node(), true]}, {monitor_node, [1, true]}, {monitor_node, [bar@baz, 1]},
        {bump_reductions, [0]}, {bump_reductions, [a]}, {bump_reductions, [1]},
        {spawn_request_abandon, [foo]}, {spawn_request_abandon, [Ref]}, {exit_signal, [foo, a]},
        {yield, []}, {halt, [1, [foo]]}, {halt, [1, foo]}, {halt, [1, [{flush, 1}]]}, {halt, [-1, []]}, {halt, [a, []]}]],
    [p({F, lists:map(Mask, A)}, fun() -> Mask(apply(M, F, A)) end) || {M, F, A} <- Calls],
    Internal = [{group_leader, [Self, Dead]}, {group_leader, [a, Self]}, {group_leader, [Self, a]}, {group_leader, [a, b, Ref]},
        {is_process_alive, [foo, Ref]}, {is_process_alive, [Self, foo]},
        {process_flag, [Dead, save_calls, 0]}, {process_flag, [foo, save_calls, 0]}, {process_flag, [Self, save_calls, 0]},
        {suspend_process, [Dead, []]}, {suspend_process, [Self, []]}, {suspend_process, [Alive, [foo]]}, {suspend_process, [foo, []]},
        {request_system_task, [Dead, normal, {foo, Ref, a}]}, {request_system_task, [Dead, foo, {garbage_collect, Ref, major}]},
        {request_system_task, [foo, normal, {garbage_collect, Ref, major}]}, {garbage_collect, [foo]}, {garbage_collect, [minor]},
        {spawn_request, [m, f, a, []]}, {spawn_request, [1, f, [], []]}, {spawn_request, [m, f, [], foo]}, {spawn_request, [m, f, [a | b], []]},
        {is_system_process, [foo]}, {is_system_process, [Dead]}, {process_display, [Self, foo]},
        {time_unit, []}, {perf_counter_unit, []}],
    [p({F, lists:map(Mask, A)}, fun() -> Mask(apply(erts_internal, F, A)) end) || {F, A} <- Internal],
    [p({spawn_opt, O}, fun() -> Mask(erlang:spawn_opt(?MODULE, loop, [], O)) end)
     || O <- [[foo], [{monitor, [foo]}], [{min_heap_size, -1}], [{priority, foo}], [{scheduler, 1} | a], foo, [{reply, no}],
              [{max_heap_size, 1}], [{fullsweep_after, a}], [{message_queue_data, a}], [{min_bin_vheap_size, a}], [{a, b, c}],
              [{scheduler, a}], [{monitor, a}]]],
    io:format("~p~n", [is_ref({ok, alias([reply])})]),
    exit(Alive, kill).
