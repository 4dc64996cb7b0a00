%% What is told of schedulers and of processes that become runnable: system_profile, wall time of schedulers, the module scheduler, msacc, observers.
-module(schedulers_observed).
-export([main/0]).

main() ->
    process_flag(trap_exit, false),
    logger:set_primary_config(level, none),
    wall_time(),
    counted(),
    samples(),
    profiled(),
    wrong(),
    observers().

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).

%% --- how long schedulers were busy

wall_time() ->
    show(off, [erlang:statistics(I) || I <- [scheduler_wall_time, scheduler_wall_time_all]]),
    show(switched, [erlang:system_flag(scheduler_wall_time, B) || B <- [true, true, false, false]]),
    show(off_again, erlang:statistics(scheduler_wall_time)),
    erlang:system_flag(scheduler_wall_time, true),
    Normal = erlang:system_info(schedulers), Cpu = erlang:system_info(dirty_cpu_schedulers), Io = erlang:system_info(dirty_io_schedulers),
    Few = lists:sort(erlang:statistics(scheduler_wall_time)), All = lists:sort(erlang:statistics(scheduler_wall_time_all)),
    show(ids, [[I || {I, _, _} <- Few] =:= lists:seq(1, Normal + Cpu), [I || {I, _, _} <- All] =:= lists:seq(1, Normal + Cpu + Io)]),
    show(sane, lists:all(fun({_, Active, Total}) -> Active >= 0 andalso Active =< Total end, All)),
    Before = lists:sort(erlang:statistics(scheduler_wall_time_all)),
    Stop = erlang:monotonic_time(millisecond) + 300,
    busy(Stop),
    After = lists:sort(erlang:statistics(scheduler_wall_time_all)),
    Differences = [{A1 - A0, T1 - T0} || {{I, A0, T0}, {I, A1, T1}} <- lists:zip(Before, After)],
    show(forward, lists:all(fun({A, T}) -> A >= 0 andalso T > 0 andalso A =< T end, Differences)),
    show(long_enough, [erlang:convert_time_unit(T, native, millisecond) >= 299 || {_, T} <- [hd(Differences)]]),
    show(somebody_worked, lists:max([A / T || {A, T} <- Differences]) > 0.2),
    show(on, erlang:system_flag(scheduler_wall_time, false)),
    show(off_at_last, erlang:statistics(scheduler_wall_time)).
busy(Stop) -> case erlang:monotonic_time(millisecond) < Stop of true -> lists:sum(lists:seq(1, 1000)), busy(Stop); false -> ok end.

%% Each process has its own count; the end of a process takes it back.
counted() ->
    Self = self(),
    On = fun() -> is_list(erlang:statistics(scheduler_wall_time)) end,
    P = spawn(fun() -> R = [erlang:system_flag(scheduler_wall_time, B) || B <- [true, true, true, false]], Self ! {did, R}, receive stop -> ok end end),
    receive {did, R} -> show(other, R) end,
    show(on, On()),
    show(not_mine, [erlang:system_flag(scheduler_wall_time, false), On()]),
    P ! stop,
    show(gone, until(fun() -> not On() end)),
    show(twice, [erlang:system_flag(scheduler_wall_time, true), erlang:system_flag(scheduler_wall_time, true), erlang:system_flag(scheduler_wall_time, false), On(), erlang:system_flag(scheduler_wall_time, false), On()]).
until(F) -> case F() of true -> true; false -> timer:sleep(5), until(F) end.

samples() ->
    erlang:system_flag(scheduler_wall_time, true),
    {Kind, L} = scheduler:sample_all(), timer:sleep(20), {Kind, L2} = scheduler:sample_all(),
    show(sample, [Kind, lists:usort([element(1, S) || S <- L]), length(L) =:= length(L2), element(1, scheduler:sample())]),
    show(utilization, lists:usort([element(1, U) || U <- scheduler:utilization({Kind, L}, {Kind, L2})])),
    show(percent, lists:all(fun(U) -> lists:suffix("%", lists:last(tuple_to_list(U))) end, scheduler:utilization({Kind, L}))),
    show(in_range, lists:all(fun(U) -> V = element(tuple_size(U) - 1, U), V >= 0.0 andalso V =< 1.01 end, scheduler:utilization({Kind, L}, {Kind, L2}))),
    show(mixed, try scheduler:utilization({Kind, L}, scheduler:sample()) of X -> lists:usort([element(1, U) || U <- X]) catch C:E -> {C, E} end),
    erlang:system_flag(scheduler_wall_time, false).

%% --- processes that become runnable, schedulers that sleep

profiled() ->
    show(none, [erlang:system_profile(), erlang:system_profile(undefined, []), erlang:system_profile(self(), [])]),
    [begin
         {Old, Now, Events} = profile(Options),
         show(Options, [Old, Now, lists:usort([time_of(T) || {profile, _, _, _, T} <- Events]), alternates(Events)])
     end || Options <- [[runnable_procs], [runnable_procs, timestamp], [runnable_procs, monotonic_timestamp], [runnable_procs, strict_monotonic_timestamp, monotonic_timestamp], [runnable_procs, exclusive, scheduler]]],
    show(others, [lists:sort(element(2, begin erlang:system_profile(self(), O), S = erlang:system_profile(), erlang:system_profile(undefined, []), flush(), S end)) || O <- [[exclusive], [scheduler], [runnable_ports], [timestamp], [scheduler, exclusive, runnable_ports, runnable_procs]]]),
    Watcher = spawn(fun() -> receive stop -> ok end end),
    erlang:system_profile(Watcher, [runnable_procs]), Watcher ! stop,
    show(profiler_gone, until(fun() -> erlang:system_profile() =:= undefined end)),
    Self = self(), Profiler = spawn(fun() -> Self ! {schedulers, [receive {profile, scheduler, Id, State, Count, Time} -> {is_integer(Id), State, is_integer(Count), time_of(Time)} end || _ <- lists:seq(1, 40)]} end),
    erlang:system_profile(Profiler, [scheduler]),
    receive {schedulers, L} -> show(schedulers, lists:usort(L)) end,
    erlang:system_profile(undefined, []).

profile(Options) ->
    Self = self(),
    Profiler = spawn(fun() -> receive {collect, P} -> Self ! {events, [E || E <- collected(P)]} end end),
    Old = erlang:system_profile(Profiler, Options),
    {Profiler, Now} = erlang:system_profile(),
    Worker = spawn(fun() -> receive {go, From} -> From ! done end end),
    until(fun() -> process_info(Worker, status) =:= {status, waiting} end),
    Worker ! {go, self()}, receive done -> ok end,
    Monitor = monitor(process, Worker), receive {'DOWN', Monitor, _, _, _} -> ok end,
    Profiler ! {collect, Worker},
    Events = receive {events, Es} -> Es end,
    erlang:system_profile(undefined, []),
    {Old, lists:sort(Now), Events}.
%% Until the last one, of a process without a function.
collected(P) -> receive {profile, P, inactive, 0, _} = E -> [E]; {profile, P, _, _, _} = E -> [E | collected(P)] end.
flush() -> receive _ -> flush() after 0 -> ok end.
alternates(Events) ->
    States = [S || {profile, _, S, _, _} <- Events],
    {hd(States), lists:last(States), States =:= [lists:nth(I rem 2 + 1, [active, inactive]) || I <- lists:seq(0, length(States) - 1)], element(4, hd(Events)), lists:usort([element(1, F) || {profile, _, _, F, _} <- Events, F =/= 0])}.
time_of({A, B, C}) when is_integer(A), is_integer(B), is_integer(C) -> now;
time_of({A, B}) when is_integer(A), is_integer(B) -> strict;
time_of(T) when is_integer(T) -> monotonic.

wrong() ->
    show(profile, [try erlang:system_profile(P, O) catch C:R -> {C, R} end || {P, O} <- [{self(), x}, {self(), [x]}, {self(), [runnable_procs | x]}, {a, [runnable_procs]}, {self(), [{runnable_procs, true}]}, {undefined, [runnable_procs]}, {1, []}, {list_to_pid("<0.9999.0>"), [runnable_procs]}]]),
    show(wall_time, [try erlang:system_flag(scheduler_wall_time, X) catch C:R -> {C, R} end || X <- [a, 1, []]]),
    show(statistics, [try erlang:statistics(X) catch C:R -> {C, R} end || X <- [scheduler_wall_times, 1, {scheduler_wall_time}]]).

%% --- what tools ask: shapes only

observers() ->
    application:start(sasl), application:start(runtime_tools),
    show(system, [K || {K, _} <- observer_backend:sys_info()]),
    show(tables, lists:usort([[K || {K, _} <- T] || T <- observer_backend:get_table_list(ets, [{unreadable_hidden, false}, {sys_hidden, false}])])),
    show(ports, [lists:usort([[K || {K, _} <- P] || P <- observer_backend:get_port_list()]), observer_backend:get_socket_list()]),
    Self = self(), observer_backend:procs_info(Self), show(processes, receive {procs_info, P, L} -> {is_pid(P), lists:usort([tuple_size(X) || X <- L])} after 10000 -> none end),
    {ok, Monitor} = appmon_info:start_link(node(), self(), []),
    appmon_info:load(Monitor, node(), true, [{timeout, 10}]), show(load, receive {delivery, Monitor, load, _, {A, B}} -> [is_integer(A), is_integer(B)] after 10000 -> none end),
    appmon_info:app_ctrl(Monitor, node(), true, [{timeout, 10}]), show(applications, receive {delivery, Monitor, app_ctrl, _, Apps} -> lists:sort([element(2, X) || X <- Apps]) after 10000 -> none end),
    appmon_info:app(Monitor, kernel, true, [{timeout, 10}, {info_type, link}]), show(tree, receive {delivery, Monitor, app, _, {_, Ps, Ls, _}} -> [length(Ps) > 10, length(Ls) > 10] after 10000 -> none end).
