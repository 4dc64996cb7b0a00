%% system_monitor(long_schedule): a slice that takes long is told with its length and where it began and ended; short ones are not.
-module(long_schedules).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    erts_debug:set_internal_state(available_internal_state, true),
    Self = self(),
    Monitor = spawn_link(fun() -> forward(Self) end),
    undefined = erlang:system_monitor(Monitor, [{long_schedule, 300}]), erlang:yield(),
    {P, R} = spawn_monitor(fun() -> erlang:yield(), erts_debug:set_internal_state(sleep, 700), erlang:yield() end),
    receive {'DOWN', R, process, P, normal} -> ok end,
    receive {monitor, P, long_schedule, [{timeout, T}, {in, {?MODULE, In, _}}, {out, {?MODULE, Out, _}}]} -> io:format("~w ~w ~w~n", [T >= 600, is_atom(In), is_atom(Out)]) end,
    {Q, M} = spawn_monitor(fun() -> erlang:yield(), erts_debug:set_internal_state(sleep, 700), exit(done) end),
    receive {'DOWN', M, process, Q, done} -> ok end,
    receive {monitor, Q, long_schedule, [{timeout, _}, {in, _}, {out, _}]} -> io:format("ended~n") end,
    {Monitor, [{long_schedule, 300}]} = erlang:system_monitor(undefined),
    io:format("~w~n", [erlang:system_monitor()]).

forward(To) -> receive E -> To ! E, forward(To) end.
