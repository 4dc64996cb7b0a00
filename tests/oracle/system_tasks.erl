%% Requests to other processes and to the system, below the functions that users call.
-module(system_tasks).
-export([main/0]).

main() ->
    Pid = spawn(fun() -> receive stop -> ok end end),
    [begin
         Id = make_ref(),
         Sent = try apply(erts_internal, request_system_task, [P, Priority, Request(Id)]) catch C:R -> {C, R} end,
         io:format("~w ~w ~w~n", [Priority, Sent, receive {garbage_collect, Id, Result} -> Result; {check_process_code, Id, Result} -> Result after case Sent of ok -> 5000; _ -> 0 end -> nothing end])
     end || P <- [Pid, self()], Priority <- [low, normal, high, max, foo, inherit],
            Request <- [fun(I) -> {garbage_collect, I, major} end, fun(I) -> {garbage_collect, I, minor} end,
                        fun(I) -> {check_process_code, I, no_such_module} end, fun(_) -> foo end, fun(I) -> {foo, I} end]],
    Id = make_ref(),
    io:format("~w~n", [try erts_internal:request_system_task(self(), Pid, normal, {garbage_collect, Id, major}) catch C2:R2 -> {C2, R2} end]),
    io:format("~w~n", [receive {garbage_collect, Id, Done} -> Done after 2000 -> nothing end]),
    io:format("~w~n", [[catch_(erts_internal, F, A) || {F, A} <- [{is_process_executing_dirty, [self()]}, {is_process_executing_dirty, [Pid]},
                       {is_process_executing_dirty, [foo]}, {is_system_process, [self()]}, {is_system_process, [whereis(init)]},
                       {is_system_process, [foo]}, {is_process_alive, [Pid, foo]}, {garbage_collect, [major]}, {garbage_collect, [minor]},
                       {garbage_collect, [foo]}, {scheduler_wall_time, [false]}, {scheduler_wall_time, [foo]}, {time_unit, []}, {perf_counter_unit, []},
                       {get_creation, []}, {system_check, [schedulers]}, {system_check, [foo]}, {no_aux_work_threads, [1]}, {is_atom, [a]}]]]),
    Pid ! stop,
    ok.

catch_(M, F, A) -> try apply(M, F, A) catch C:R -> {F, C, R} end.
