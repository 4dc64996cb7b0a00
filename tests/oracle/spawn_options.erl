%% spawn_opt and spawn_request: every option and its effect, wrong ones, lists that are none, answers and their tags.
-module(spawn_options).
-export([main/0]).
-export([hold/1]).

main() ->
    logger:set_primary_config(level, none),
    [io:format("~w: ~p~n", [O, effect(O)]) || O <- [[], [link], [monitor], [link, monitor], [{monitor, [{alias, demonitor}]}], [{monitor, []}], [{monitor, [{tag, gone}]}], [{priority, low}], [{priority, max}], [{fullsweep_after, 7}], [{min_heap_size, 1000}], [{min_bin_vheap_size, 50000}, {min_heap_size, 500}], [{max_heap_size, 100000}], [{max_heap_size, #{size => 200000, kill => false}}], [{message_queue_data, off_heap}],
                                                    [{priority, low}, {priority, high}], [link, link], [{async_dist, true}], [{scheduler, 1}], [{scheduler, 0}]]],
    [io:format("~w: ~p~n", [O, attempt(fun() -> spawn_opt(fun() -> ok end, O) end)]) || O <- wrong()],
    [io:format("~w: ~p~n", [O, attempt(fun() -> spawn_opt(lists, reverse, [[]], O) end)]) || O <- wrong()],
    [io:format("~p: ~p~n", [A, attempt(fun() -> apply(erlang, spawn_opt, A) end)]) || A <- [[a, []], [1, f, [], []], [m, 1, [], []], [m, f, a, []], [m, f, [a | b], []], [node(), fun() -> ok end, [x]], [1, fun() -> ok end, []], [node(), m, f, a, []]]],
    [io:format("request ~w: ~p~n", [O, request(O)]) || O <- [[], [link], [monitor], [link, monitor], [{reply, yes}], [{reply, no}], [{reply, error_only}], [{reply, success_only}], [{reply_tag, {my, "tag"}}], [{reply, no}, monitor], [{monitor, [{tag, t}]}], [{reply, no}, {reply_tag, x}]]],
    [io:format("request ~w: ~p~n", [O, bad_request(O)]) || O <- wrong() ++ [[{reply, x}], [{reply, error_only}, x], [{reply, success_only}, x], [{reply, no}, x], [{reply_tag, a}, x], [x, {reply, no}], [{reply_tag, a, b}], [{monitor, [x]}], [{monitor, x}]]],
    io:format("~p~n", [[attempt(fun() -> apply(erlang, spawn_request, A) end) || A <- [[a], [a, []], [fun() -> ok end, x], [fun() -> ok end, [a | b]], [m, f, x], [1, f, []], [m, 1, []], [m, f, [a | b]], [1, m, f, []], [m, f, [], x], [a, m, f, x, []]]]]),
    R = spawn_request(?MODULE, hold, [1], []),
    io:format("~p ~p ~p~n", [attempt(fun() -> spawn_request_abandon(make_ref()) end), attempt(fun() -> spawn_request_abandon(a) end), receive {spawn_reply, R, ok, P} -> exit(P, kill) end]),
    io:format("~p~n", [spawn_request_abandon(R)]),
    {P2, M2} = spawn_opt(?MODULE, hold, [x], [monitor]),
    io:format("~p ~p~n", [process_info(P2, initial_call), proplists:get_value(dictionary, process_info(P2))]),
    exit(P2, kill), receive {'DOWN', M2, _, _, Why} -> io:format("~p~n", [Why]) end.

hold(_) -> receive stop -> ok end.
wrong() -> [x, [x], [link | x], [{priority, x}], [{priority}], [{fullsweep_after, -1}], [{fullsweep_after, a}], [{min_heap_size, -1}], [{min_heap_size, a}], [{min_bin_vheap_size, -1}], [{max_heap_size, -1}], [{max_heap_size, 1}], [{max_heap_size, #{}}], [{max_heap_size, #{size => a}}], [{max_heap_size, #{size => 0, kill => a}}], [{message_queue_data, x}], [{monitor, x}], [{monitor, [x]}], [{monitor, [{alias, x}]}], [{scheduler, a}], [{scheduler, -1}], [{scheduler, 100000}], [{link, true}], [{async_dist, 1}], [[]], [{reply, yes}], [{reply_tag, a}]].
attempt(F) -> try F() of {P, _} when is_pid(P) -> exit(P, kill), pid; P when is_pid(P) -> exit(P, kill), pid; R when is_reference(R) -> receive {spawn_reply, R, error, E} -> {reply, E}; {spawn_reply, R, ok, Q} -> exit(Q, kill), {reply, pid} after 5000 -> none end; V -> V catch C:R -> {C, R} end.

effect(O) ->
    Was = process_flag(trap_exit, true),
    {P, M} = case attempt_spawn(O) of {Q, N} -> {Q, N}; Q -> {Q, monitor(process, Q)} end,
    Shape = case P of _ when not is_pid(P) -> P; _ ->
        Items = process_info(P, [priority, fullsweep_after, min_heap_size, min_bin_vheap_size, message_queue_data, max_heap_size, trap_exit]),
        {links, Links} = process_info(P, links), {monitored_by, By} = process_info(P, monitored_by),
        [M ! to_alias || is_reference(M)],
        P ! stop,
        Down = receive {T, M, process, P, R} -> {T, R} after 5000 -> none end,
        {Items, Links =:= [self()], length(By), Down, receive {'EXIT', P, E} -> E after 0 -> none end, receive to_alias -> alias after 0 -> none end} end,
    process_flag(trap_exit, Was),
    Shape.
attempt_spawn(O) -> try spawn_opt(?MODULE, hold, [1], O) catch C:R -> {{C, R}, none} end.

request(O) ->
    R = spawn_request(?MODULE, hold, [1], O),
    Reply = receive {T, R, ok, P} -> P ! stop, {T, pid} after case lists:member({reply, no}, O) orelse lists:member({reply, error_only}, O) of true -> 100; false -> 5000 end -> none end,
    Down = receive {D, R, process, _, W} -> {D, W} after case Reply =/= none andalso lists:any(fun(X) -> X =:= monitor orelse element(1, X) =:= monitor end, [Y || Y <- O, is_tuple(Y) orelse Y =:= monitor]) of true -> 5000; false -> 0 end -> none end,
    {Reply, Down}.
bad_request(O) ->
    try spawn_request(?MODULE, hold, [1], O) of
        R -> receive {T, R, ok, P} -> exit(P, kill), {T, pid}; {T, R, error, E} -> {T, E} after 500 -> none end
    catch C:E -> {C, E} end.
