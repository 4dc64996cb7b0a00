%% Functions about processes, names, messages, timers and the node: combinations of right and wrong arguments, with the
%% explanation that the shell would print.
-module(bad_arguments_of_processes).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Dead = dead(),
    Values = [a, 1, -1, 1.5, [], "x", {a, b}, {a, node()}, {no_such_name, 'nobody@nowhere'}, Dead, make_ref(), #{}, fun erlang:node/0],
    [each(F, [[X] || X <- Values]) || F <- [is_process_alive, process_info, unlink, demonitor, unalias, whereis, unregister, group_leader, process_display, garbage_collect, suspend_process, resume_process, cancel_timer, read_timer,
                                            spawn_request_abandon, get_stacktrace, purge_module, check_old_code, delete_module, module_loaded, function_exported, nodes, node, monitor_node, disconnect_node, error, throw, exit, erase, get, put, get_keys,
                                            universaltime, localtime, system_info, system_flag, statistics, memory, system_time, monotonic_time, time_offset, unique_integer, alias, cancel_timer, system_monitor, system_profile, posixtime_to_universaltime, universaltime_to_localtime, localtime_to_universaltime, fun_info, module_info, port_info, port_close, port_connect, ports, bump_reductions, make_ref]],
    Second = [a, 1, -1, [], [a], [a | b], {a, b}, Dead, status, [status, links], [flush], [info, flush], [async], {async, true}, [{async, true}], [{async, 1}], trap_exit, true, second, millisecond],
    First = [a, 1, self(), Dead, make_ref(), {a, node()}, process, time_offset, trap_exit, [], fun erlang:node/0, module, name],
    [each(F, [[X, Y] || X <- First, Y <- Second]) || F <- [process_info, demonitor, register, group_leader, garbage_collect, check_process_code, cancel_timer, read_timer, monitor, exit, suspend_process, fun_info, function_exported, monitor_node, process_flag, system_flag, port_connect, port_info, error, statistics]],
    Third = [a, 0, -1, 1 bsl 33, 1 bsl 64, self(), Dead, [], [{abs, true}], [{abs, 1}], [x], {a, b}],
    [each(F, [[X, Y, Z] || X <- [a, 5000, -1, 1 bsl 33, 1 bsl 64, self()], Y <- [a, 1, self(), Dead, {a, b}], Z <- Third]) || F <- [start_timer, send_after]],
    each(start_timer, [[X, Y, hello, Z] || X <- [a, -1, 1 bsl 64, 1 bsl 33], Y <- [a, self(), 1], Z <- Third]),
    each(convert_time_unit, [[X, Y, Z] || X <- [1, -1, a, 1.5, 1 bsl 80], Y <- [second, 7, 0, -1, a, native, perf_counter], Z <- [millisecond, 3, 0, seconds, micro_seconds, []]]),
    each(process_flag, [[X, Y, Z] || X <- [a, self(), Dead, 1], Y <- [save_calls, trap_exit, 1], Z <- [0, 20000, -1, a]]),
    each(monitor, [[X, Y, Z] || X <- [process, port, time_offset, a], Y <- [self(), Dead, clock_service, a, 1, {a, node()}], Z <- [[], [{tag, a, b}], [{alias, bad}], [{alias, demonitor}], x, [x]]]),
    each(raise, [[X, reason, Z] || X <- [error, exit, throw, other, 1], Z <- [a, [a], [{a, b, 1}], [{a, b, 1, []}], [{a, b, c, []}], [{a, b, -1, []}], [{a, b, 1, x}], [{a, b, [x], [{line, a}]}], [{a, b, 1} | c], [{fun erlang:node/0, 1}], [{fun erlang:node/0, [], []}]]]),
    each(spawn, [[X, Y, Z] || X <- [a, 1], Y <- [1, 'b', fun erlang:node/0], Z <- [a, [x | y], 1]]),
    each(apply, [[X, Y, Z] || X <- [erlang, 1, {}, a], Y <- [abs, 1, no_such], Z <- [a, [-1], [], [x | y]]]),
    each(send, [[X, hello, Z] || X <- [Dead, a, {a, node()}, {a, b, c}, 1, make_ref()], Z <- [[], [nosuspend], [noconnect], [x], x, [nosuspend | x]]]),
    each(localtime_to_universaltime, [[X, Y] || X <- [{{2020, 1, 1}, {0, 0, 0}}, {{2020, 2, 30}, {0, 0, 0}}, {{2020, 1, 1}, {24, 0, 0}}, a, {{a, 1, 1}, {0, 0, 0}}], Y <- [true, false, undefined, x]]),
    ok.

dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.

each(F, Calls) ->
    Outcomes = [{call(F, Arguments), name(Arguments)} || Arguments <- Calls, lists:member({F, length(Arguments)}, erlang:module_info(exports)), harmless(F, Arguments)],
    Kinds = lists:usort([O || {O, _} <- Outcomes]),
    io:format("~w ~w~n", [F, length(Outcomes)]),
    [io:format("  ~0tp: ~0tp~n", [Kind, [A || {O, A} <- Outcomes, O =:= Kind]]) || Kind <- Kinds].

harmless(exit, [P, _]) -> P =/= self();
harmless(group_leader, [G, P]) -> not (is_pid(G) andalso P =:= self());
harmless(process_flag, [F, _]) -> F =/= trap_exit;
harmless(system_monitor, [X]) -> not is_pid(X);
harmless(F, [X | _]) when F =:= suspend_process; F =:= resume_process -> X =/= self();
harmless(register, [_, P]) -> not is_pid(P) orelse P =/= self();
harmless(F, _) when F =:= memory; F =:= ports; F =:= garbage_collect -> true;
harmless(_, _) -> true.

call(F, Arguments) ->
    Outcome = try apply(erlang, F, Arguments) of
        Value -> {value, shape(Value)}
    catch
        Class:Reason:Stack ->
            case Stack of
                [{G, H, A, Info} | _] -> {Class, name(Reason), G, H, A =:= Arguments, explanation(Reason, Stack, proplists:get_value(error_info, Info, none))};
                _ -> {Class, name(Reason), name(Stack)}
            end
    end,
    flush(),
    Outcome.
flush() -> receive _ -> flush() after 0 -> ok end.

shape(X) when is_pid(X); is_reference(X); is_port(X); is_tuple(X) -> name(X);
shape(X) when is_integer(X), abs(X) > 1000000 -> large;
shape([{_, _} | _] = L) -> [{K, type(V)} || {K, V} <- lists:sort(L)];
shape([X | _]) when is_port(X) -> ports;
shape(X) -> X.
type(V) when is_integer(V) -> integer;
type(V) when is_list(V) -> list;
type(V) -> name(V).
name(X) when is_pid(X) -> case X =:= self() of true -> self; false -> pid end;
name(X) when is_reference(X) -> ref;
name(X) when is_port(X) -> port;
name([H | T]) -> [name(H) | name(T)];
name(T) when is_tuple(T) -> list_to_tuple([name(X) || X <- tuple_to_list(T)]);
name(X) -> X.

explanation(_, _, none) -> none;
explanation(Reason, [{M, _, _, _} | _] = Stack, Info) ->
    try (maps:get(module, Info, M)):(maps:get(function, Info, format_error))(Reason, Stack) of
        Texts -> [{K, unicode:characters_to_list(T)} || {K, T} <- lists:sort(maps:to_list(Texts))]
    catch C:R -> {C, R} end.
