%% A process that waits in a function on a dirty scheduler: others get their answers meanwhile, and it can be killed.
-module(dirty_calls).
-export([main/0]).

main() ->
    Init = whereis(init),
    [begin
         {P, M} = spawn_monitor(fun() -> apply(erts_debug, F, [wait, 30000]) end),
         wait_until(fun() -> process_info(P, current_function) =:= {current_function, {erts_debug, F, 2}} end),
         io:format("~p ~p~n", [F, process_info(P, [status, current_function, message_queue_len])]),
         P ! hello,
         io:format("~p~n", [process_info(P, messages)]),
         io:format("~p~n", [{group_leader(Init, P), process_info(P, group_leader) =:= {group_leader, Init}}]),
         io:format("~p~n", [{register(waits_dirty, P), whereis(waits_dirty) =:= P, process_info(P, registered_name), unregister(waits_dirty)}]),
         io:format("~p~n", [{is_process_alive(P), erts_internal:is_process_executing_dirty(P)}]),
         io:format("~p~n", [erlang:check_process_code(P, no_such_module)]),
         link(P), unlink(P),
         exit(P, Reason),
         receive {'DOWN', M, process, P, R} -> io:format("~p~n", [R]) end,
         io:format("~p~n", [{is_process_alive(P), process_info(P), lists:member(P, processes())}])
     end || {F, Reason} <- [{dirty_io, kill}, {dirty_cpu, because}]],
    %% Woken by nothing but its own end, it goes on as it was.
    Self = self(),
    Short = spawn(fun() -> Bin = list_to_binary(lists:seq(1, 200)), R = erts_debug:dirty_io(wait, 300), Self ! {self(), R, size(Bin), receive X -> X end} end),
    [begin Short ! N, process_info(Short, status) end || N <- lists:seq(1, 100)],
    io:format("~p~n", [receive {Short, R1, S, First} -> {R1, S, First} end]).

wait_until(F) ->
    case F() of
        true -> ok;
        false -> receive after 10 -> wait_until(F) end
    end.
