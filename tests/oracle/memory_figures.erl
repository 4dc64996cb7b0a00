%% What the emulator tells about memory that tests of OTP ask for: timers, segments, messages that wait.
-module(memory_figures).
-export([main/0]).

main() ->
    Before = timers(),
    Refs = [erlang:start_timer(1000000, self(), x) || _ <- lists:seq(1, 1000)],
    During = timers(),
    [erlang:cancel_timer(R) || R <- Refs],
    wait_until(fun() -> timers() - Before < 1000 * 64 end),
    io:format("~p~n", [During - Before >= 1000 * 64]),
    [{instance, _, Info} | _] = erlang:system_info({allocator, mseg_alloc}),
    Kind = proplists:get_value(memkind, Info),
    io:format("~p~n", [is_integer(element(2, lists:keyfind(cached_segments, 1, proplists:get_value(status, Kind))))]),
    [begin
         P = spawn_opt(fun() -> echo() end, [{message_queue_data, Q}]),
         {total_heap_size, Old} = process_info(P, total_heap_size),
         [P ! {unread, lists:duplicate(N, N)} || N <- lists:seq(1, 100)],
         P ! {self(), ping},
         receive {P, pong} -> ok end,
         {total_heap_size, New} = process_info(P, total_heap_size),
         io:format("~p ~p~n", [Q, New > Old + 4000]),
         exit(P, kill)
     end || Q <- [on_heap, off_heap]],
    [io:format("~p ~p~n", [if is_list(I) -> hd(I); true -> I end, try maps:next(I) catch C:R -> {C, R} end])
     || I <- [[1 | #{}], [-1 | #{}], [0 | #{}], [16#FFFFFFFFFFFFFFFF | maps:from_keys(lists:seq(1, 100), x)], [-1 | maps:from_keys(lists:seq(1, 100), x)], a, [a | #{}]]].

echo() ->
    receive
        {From, ping} when is_pid(From) -> From ! {self(), pong}, echo()
    end.

timers() ->
    Ref = make_ref(),
    erlang:system_info({memory_internal, Ref, [fix_alloc]}),
    lists:sum([receive {Ref, _, List} -> lists:sum([used(I) || I <- List]) end || _ <- lists:seq(2, erts_internal:no_aux_work_threads())]).
used({fix_alloc, _, Figures}) ->
    Found = lists:keyfind(fix_types, 1, Figures),
    lists:sum([U || {T, _, U} <- element(tuple_size(Found), Found), T =:= bif_timer orelse T =:= accessor_bif_timer]).

wait_until(F) -> case F() of true -> ok; false -> receive after 10 -> wait_until(F) end end.
