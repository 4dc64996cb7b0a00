%% Every item of process_info/2 for oneself, others in every state, lists of items, and what is no item.
-module(process_info_items).
-export([main/0]).
-export([waiting/1, looping/0]).

main() ->
    logger:set_primary_config(level, none),
    Items = [backtrace, binary, catchlevel, current_function, current_location, current_stacktrace, dictionary, error_handler, fullsweep_after, garbage_collection, garbage_collection_info, group_leader, heap_size, initial_call, last_calls, links, magic_ref, max_heap_size, memory, message_queue_data, message_queue_len, messages, min_bin_vheap_size, min_heap_size, monitored_by, monitors,
             parent, priority, reductions, registered_name, sequential_trace_token, stack_size, status, suspending, total_heap_size, trace, trap_exit],
    W = spawn(?MODULE, waiting, [self()]), receive {W, ready} -> ok end,
    S = spawn(?MODULE, waiting, [self()]), receive {S, ready} -> ok end, erlang:suspend_process(S),
    L = spawn(?MODULE, looping, []),
    {D, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> ok end,
    [io:format("~w: ~w ~w ~w ~w ~w~n", [I, shape(I, attempt(self(), I)), shape(I, attempt(W, I)), shape(I, attempt(S, I)), type(attempt(L, I)), attempt(D, I)]) || I <- Items],
    [io:format("list ~w: ~w~n", [I, attempt(W, [I, I]) =:= undefined]) || I <- Items],
    io:format("~w~n", [[K || {K, _} <- attempt(W, lists:reverse(Items))]]),
    io:format("~w~n", [[K || {K, _} <- process_info(W)]]),
    io:format("~w~n", [[attempt(W, I) || I <- [foo, [foo], [status | foo], [[status]], {status}, "status", 1, [], [[]], {dictionary, k}, [{dictionary, k}]]]]),
    io:format("~w~n", [[attempt(D, I) || I <- [foo, [foo], [], [status], [status | x]]]]),
    io:format("~w~n", [[attempt(P, status) || P <- [a, 1, make_ref(), hd(erlang:ports()), {W, node()}, list_to_pid("<0.32000.0>")]]]),
    register(items_of_a_process, W),
    io:format("~w ~w ~w~n", [attempt(W, registered_name), attempt(W, [registered_name]), hd(process_info(W))]),
    unregister(items_of_a_process),
    io:format("~w ~w~n", [attempt(W, registered_name), attempt(W, [registered_name, status])]),
    link(W), Ms = [monitor(process, W), monitor(process, {init, node()})],
    io:format("~w~n", [[length(element(2, attempt(P, I))) || P <- [self(), W], I <- [links, monitors, monitored_by]]]),
    io:format("~w~n", [[case X of {process, P} when is_pid(P) -> pid; X -> X end || X <- lists:sort(element(2, process_info(self(), monitors)))]]),
    [demonitor(X, [flush]) || X <- Ms], unlink(W),
    W ! <<1:800>>, W ! {a, "b"}, W ! fun erlang:node/0,
    io:format("~w ~w~n", [attempt(W, messages), attempt(W, message_queue_len)]),
    [begin {I, V} = process_info(self(), I), io:format("~w ~w~n", [I, is_integer(V) andalso V > 0]) end || I <- [heap_size, total_heap_size, stack_size, reductions, memory]],
    io:format("~w~n", [[K || {K, _} <- element(2, attempt(W, garbage_collection))]]),
    io:format("~w~n", [lists:sort([K || {K, _} <- element(2, attempt(W, garbage_collection_info))])]),
    Big = <<0:8000>>,
    io:format("~w ~w~n", [[is_list(B) || {binary, B} <- [process_info(self(), binary)]], byte_size(Big)]),
    io:format("~w~n", [[is_binary(B) || {backtrace, B} <- [attempt(W, backtrace), attempt(self(), backtrace)]]]),
    [exit(P, kill) || P <- [W, S, L]].

attempt(P, I) -> try process_info(P, I) catch C:R -> {C, R} end.
waiting(Parent) ->
    put(key, {value, 1}), put("k2", 2), process_flag(priority, high), process_flag(trap_exit, false), Parent ! {self(), ready},
    X = try wait_here() catch _:_ -> caught end, {X}.
wait_here() -> receive never -> ok end.
looping() -> looping().
type({K, V}) when is_integer(V) -> {K, integer};
type({K, V}) when is_list(V) -> {K, list};
type({K, V}) when is_tuple(V) -> {K, tuple};
type({K, V}) when is_pid(V) -> {K, pid};
type({K, V}) when is_binary(V) -> {K, binary};
type({status, _}) -> status;
type(X) -> X.
shape(I, {I, V}) when is_integer(V), I =/= catchlevel, I =/= message_queue_len, I =/= fullsweep_after, I =/= min_heap_size, I =/= min_bin_vheap_size -> integer;
shape(I, {I, V}) when I =:= backtrace; I =:= binary; I =:= magic_ref -> [is_list(V), is_binary(V)];
shape(I, {I, V}) when I =:= links; I =:= monitors; I =:= monitored_by; I =:= suspending -> length(V);
shape(I, {I, V}) when I =:= group_leader; I =:= parent -> is_pid(V);
shape(dictionary, {_, V}) -> lists:sort([X || X = {K, _} <- V, lists:member(K, [key, "k2"])]);
shape(I, {I, V}) when I =:= garbage_collection; I =:= garbage_collection_info -> [K || {K, _} <- V];
shape(current_stacktrace, {_, V}) -> [{M, F, A} || {M, F, A, _} <- V];
shape(current_location, {_, {M, F, A, L}}) -> {M, F, A, [K || {K, _} <- L]};
shape(_, X) -> X.
