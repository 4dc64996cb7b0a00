%% Priorities: who waits for a process of lower priority gets its answer although all schedulers are busy with others.
-module(process_urgency).
-export([main/0, spin/0]).

main() ->
    Init = whereis(init),
    Leader = group_leader(),
    erlang:process_flag(priority, max),
    Sleepers = [spawn_opt(fun() -> receive after infinity -> ok end end, [{priority, P}]) || P <- [low, normal, high]],
    Low = spawn_opt(?MODULE, spin, [], [{priority, low}]),
    Busy = [spawn_opt(?MODULE, spin, [], [{priority, high}]) || _ <- lists:seq(1, 2 * erlang:system_info(schedulers))],
    All = [Low | Sleepers] ++ Busy,
    erlang:yield(),
    Answers = [begin
                   erlang:demonitor(erlang:monitor(process, P)),
                   Set = erlang:group_leader(Init, P),
                   {group_leader, New} = process_info(P, group_leader),
                   erlang:group_leader(Leader, P),
                   {group_leader, Old} = process_info(P, group_leader),
                   [Set, New =:= Init, Old =:= Leader, is_process_alive(P), erlang:check_process_code(P, no_such_module),
                    erlang:garbage_collect(P), erlang:suspend_process(P), process_info(P, priority), erlang:resume_process(P)]
               end || P <- All],
    Tasks = [begin
                 Id = make_ref(),
                 ok = erts_internal:request_system_task(Low, Priority, {garbage_collect, Id, minor}),
                 receive {garbage_collect, Id, Result} -> Result end
             end || Priority <- [max, inherit]],
    Ends = [begin
                M = erlang:monitor(process, P),
                exit(P, kill),
                Alive = is_process_alive(P),
                Late = try erlang:group_leader(Init, P) catch error:badarg -> badarg end,
                receive {'DOWN', M, process, P, Reason} -> {Alive, Late, Reason} end
            end || P <- All],
    erlang:process_flag(priority, normal),
    io:format("~p~n~p~n~p~n", [lists:usort(Answers), Tasks, lists:usort(Ends)]).

spin() -> spin().
