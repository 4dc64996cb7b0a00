%% Microstate accounting: switched on, off and set back; what a busy program leaves in it. Threads that only one machine has are left out.
-module(microstates).
-export([main/0]).

main() ->
    [io:format("~w -> ~0p~n", [How, try erlang:system_flag(microstate_accounting, How) catch error:Reason -> Reason end])
     || How <- [foo, 1, undefined, reset, false, true, true, reset, false, false]],
    Idle = statistics(),
    io:format("~w~n", [lists:usort([lists:sort(maps:keys(Thread)) || Thread <- Idle])]),
    io:format("~w~n", [lists:usort([lists:sort(maps:keys(Counters)) || #{counters := Counters} <- Idle])]),
    io:format("~w~n", [[{Type, lists:sort([Id || #{type := T, id := Id} <- Idle, T =:= Type]) =:= Ids}
                        || {Type, Ids} <- [{scheduler, ids(schedulers)}, {dirty_cpu_scheduler, ids(dirty_cpu_schedulers)},
                                           {dirty_io_scheduler, ids(dirty_io_schedulers)}, {poll, [0]}]]]),
    erlang:system_flag(microstate_accounting, reset),
    io:format("off: ~w~n", [total(sleep) + total(emulator) + total(other)]),
    Earliest = os:perf_counter(),
    false = erlang:system_flag(microstate_accounting, true),
    Began = os:perf_counter(),
    busy(Began + erlang:convert_time_unit(300, millisecond, perf_counter)),
    [_ = port_close(open_port({spawn, "cat"}, [])) || _ <- lists:seq(1, 3)],
    timer:sleep(100),
    Took = os:perf_counter() - Began,
    Busy = statistics(),
    TookAtMost = os:perf_counter() - Earliest,
    io:format("busy: ~w~n", [[{State, sum(State, Busy) > 0} || State <- [emulator, gc, sleep, port]]]),
    [io:format("a scheduler accounts for ~w of its time~n", [near(lists:sum(maps:values(Counters)), Took, TookAtMost)])
     || #{type := scheduler, id := 1, counters := Counters} <- Busy],
    true = erlang:system_flag(microstate_accounting, false),
    Frozen = statistics(),
    timer:sleep(20),
    io:format("frozen: ~w~n", [Frozen =:= statistics()]),
    _ = erlang:system_flag(microstate_accounting, reset),
    io:format("reset: ~w~n", [total(sleep)]).

statistics() -> [Thread || #{type := Type} = Thread <- lists:sort(erlang:statistics(microstate_accounting)), Type =/= aux, Type =/= async].

ids(Which) -> lists:seq(1, erlang:system_info(Which)).

sum(State, Statistics) -> lists:sum([maps:get(State, Counters) || #{counters := Counters} <- Statistics]).

total(State) -> sum(State, statistics()).

busy(Until) ->
    _ = [lists:seq(1, N) || N <- lists:seq(1, 200)],
    erlang:garbage_collect(),
    case os:perf_counter() < Until of true -> busy(Until); false -> ok end.

%% Stock looks at the clock less often than once a state.
near(Time, Took, AtMost) when Time > Took * 0.7, Time < AtMost * 1.3 -> most;
near(Time, Took, AtMost) -> {Time, Took, AtMost}.
