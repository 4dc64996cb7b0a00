%% What erlang:system_flag(cpu_topology, _) takes and shows, and the numbers of schedulers online.
-module(cpu_topology).
-export([main/0]).

try_(Fun) -> try Fun() catch Class:Reason -> {Class, Reason} end.

main() ->
    logger:set_primary_config(level, none),
    [io:format("~w~n  ~w~n", [T, {try_(fun() -> erlang:system_flag(cpu_topology, T), ok end), erlang:system_info(cpu_topology)}]) || T <- topologies()],
    io:format("~w~n", [erlang:system_info({cpu_topology, defined}) =:= erlang:system_info({cpu_topology, used})]),
    erlang:system_flag(cpu_topology, undefined),
    io:format("~w~n", [{erlang:system_info({cpu_topology, defined}), erlang:system_info(cpu_topology) =:= erlang:system_info({cpu_topology, detected})}]),
    io:format("~w~n", [try_(fun() -> erlang:system_info({cpu_topology, other}) end)]),
    Types = [no_spread, thread_spread, processor_spread, spread, no_node_thread_spread, no_node_processor_spread, default_bind, unbound],
    [io:format("~w~n", [{T, erlang:system_flag(scheduler_bind_type, T), erlang:system_info(scheduler_bind_type)}]) || T <- Types],
    [io:format("~w ~w~n", [T, try_(fun() -> erlang:system_flag(scheduler_bind_type, T) end)]) || T <- [foo, 1, [], true]],
    All = erlang:system_info(schedulers),
    [io:format("~w ~w~n", [V, try_(fun() -> erlang:system_flag(schedulers_online, V) end)]) || V <- [0, -1, All + 1, a, 1.0]],
    [io:format("~w ~w~n", [V, try_(fun() -> erlang:system_flag(dirty_cpu_schedulers_online, V) end)]) || V <- [0, -1, All + 1, a]],
    erlang:system_flag(schedulers_online, 1),
    io:format("~w~n", [{erlang:system_info(schedulers_online), erlang:system_info(dirty_cpu_schedulers_online)}]).


l(N) -> {logical, N}.
topologies() ->
    [[{processor, [{core, l(0)}, {core, l(1)}]}],
     [{processor, [{core, l(0)}]}, {processor, [{core, l(1)}]}],
     [{processor, [{core, l(0)}]}, {processor, l(1)}],
     [{processor, [{core, l(0)}, {core, [{thread, l(1)}, {thread, l(2)}]}]}],
     [{processor, [{core, [{thread, l(1)}, {thread, l(2)}]}]}, {processor, l(0)}],
     [{node, l(0)}, {node, l(1)}],
     [{node, [{core, l(0)}, {core, l(1)}]}],
     [{node, [{processor, l(0)}]}, {processor, [{node, l(1)}]}],
     [{processor, [{node, l(1)}]}],
     [{processor, [{node, l(1)}, {node, l(0)}]}],
     [{processor, [{node, [{core, l(3)}, {core, l(1)}]}, {node, [{core, l(2)}, {core, l(0)}]}]}, {node, [{processor, [{core, l(5)}]}, {processor, l(4)}]}],
     [{processor, [{thread, l(1)}, {thread, l(0)}]}],
     [{core, l(0)}, {core, l(1)}], [{thread, l(1)}], l(0),
     [{processor, [], l(0)}],
     [{processor, l(65535)}],
     [{node, [{processor, [{core, l(0)}]}, {processor, [{core, l(1)}]}]}],
     foo, [], {processor, l(0)}, [l(1)], [{processor, []}], [{processor, l(0)}, {processor, l(0)}], [{processor, [{core, l(-1)}]}],
     [{processor, l(65536)}], [{processor, l(a)}], [{processor, [{core, l(3)}, {thread, l(4)}]}], [{processor, [{core, l(0)}]} | x],
     [{processor, l(0)}, {node, [{processor, l(1)}]}], [{processor, [{node, [{core, l(1)}]}, {core, l(0)}]}], [{core, [{processor, l(0)}]}],
     [{thread, [{core, l(0)}]}], [{node, [{node, l(0)}]}], [{core, [{core, l(0)}]}], [{processor, [a], l(0)}], [{processor, x, l(0)}], [{foo, l(0)}],
     [[{processor, l(0)}]]].
