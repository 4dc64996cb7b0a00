%% Items of process_info, process flags and their errors.
-module(process_information).
-export([main/0]).
-export([looper/1]).
main() ->
    P = spawn(?MODULE, looper, [[1, 2]]), timer:sleep(150), P ! unread, P ! {other, "message"}, timer:sleep(100), register(named_one, P),
    [show(I, tidy(process_info(P, I))) || I <- [registered_name, current_function, initial_call, status, message_queue_len, messages, links, monitors, monitored_by, trap_exit, error_handler, priority, dictionary, catchlevel, suspending, last_calls, message_queue_data, sequential_trace_token, fullsweep_after, min_heap_size, min_bin_vheap_size, trace, group_leader, garbage_collection, parent]],
    [show(I, is_integer(element(2, process_info(P, I)))) || I <- [heap_size, total_heap_size, stack_size, reductions, memory]],
    show(list, process_info(P, [message_queue_len, registered_name, status, message_queue_len])), show(empty, process_info(P, [])),
    show(default, [K || {K, _} <- process_info(P)]),
    unregister(named_one), show(unnamed, process_info(P, registered_name)), show(unnamed_list, process_info(P, [registered_name])),
    show(bad, [try process_info(A, B) catch error:E -> E end || {A, B} <- [{P, foo}, {P, [status, foo]}, {a, status}, {1, []}, {P, [status | x]}, {P, 1}]]),
    exit(P, kill), timer:sleep(150), show(dead, [process_info(P), process_info(P, status), process_info(P, [status])]),
    put(a, 1), put(b, {x}), show(dictionary, lists:sort(element(2, process_info(self(), dictionary)))), show(status, process_info(self(), status)), show(current, process_info(self(), current_function)),
    show(flags, [process_flag(F, V) || {F, V} <- [{trap_exit, true}, {trap_exit, false}, {priority, high}, {priority, normal}, {min_heap_size, 500}, {min_bin_vheap_size, 40000}, {fullsweep_after, 10}, {save_calls, 0}, {sensitive, false}, {error_handler, my_handler}, {error_handler, error_handler}, {message_queue_data, off_heap}, {message_queue_data, on_heap}]]),
    show(changed, [process_info(self(), I) || I <- [fullsweep_after, priority, trap_exit, message_queue_data]]),
    show(max_heap, [process_flag(max_heap_size, V) || V <- [1000000, #{size => 0, kill => false, error_logger => false}, 0]]),
    show(bad_flags, [try process_flag(F, V) catch error:E -> E end || {F, V} <- [{foo, 1}, {trap_exit, 1}, {priority, fast}, {min_heap_size, -1}, {max_heap_size, 10}, {max_heap_size, #{size => a}}, {fullsweep_after, -1}, {error_handler, 1}, {message_queue_data, x}, {sensitive, 1}, {save_calls, 20000}, {1, 2}]]),
    show(alive, [is_process_alive(self()), is_process_alive(P), try is_process_alive(a) catch error:E -> E end]).
looper(L) -> put(key, value), R = (catch looper2(L)), {R, L}.
looper2(L) -> receive never -> L end.
tidy({garbage_collection, L}) -> {garbage_collection, lists:sort([K || {K, _} <- L])}; tidy({group_leader, G}) -> {group_leader, G =:= group_leader()}; tidy({parent, X}) -> {parent, X =:= self()}; tidy(X) -> X.
show(N, X) -> io:format("~w: ~p~n", [N, X]).
