%% Every flag of erlang:trace/3: which messages come for one small program, to processes, names and all; what is told of traced ones; errors.
-module(traced_messages).
-export([main/0]).
-export([f/1, g/1, worker/0]).

main() ->
    logger:set_primary_config(level, none),
    Flags = [[send], ['receive'], [send, 'receive'], [procs], [call], [call, return_to], [call, arity], [call, silent], [send, timestamp], [set_on_spawn, procs], [set_on_first_spawn, procs], [set_on_link, procs], [running], [exiting], [garbage_collection], [call, monotonic_timestamp], [call, strict_monotonic_timestamp], [ports], [call, {tracer, self()}], []],
    [io:format("~w: ~p~n", [[element(1, X) || X <- F, is_tuple(X)] ++ [X || X <- F, is_atom(X)], observed(F, [])]) || F <- Flags],
    [io:format("~w: ~p~n", [S, observed([call, return_to], S)]) || S <- specifications()],
    io:format("~p~n", [[attempt(fun() -> erlang:trace(P, H, F) end) || {P, H, F} <- [{self(), true, [x]}, {self(), true, x}, {self(), true, [send | x]}, {self(), 1, [send]}, {a, true, [send]}, {dead(), true, [send]}, {dead(), false, [send]}, {self(), false, [x]}, {self(), true, [{tracer, a}]}, {self(), true, [{tracer, dead()}]}, {none, true, [send]}, {1, true, [send]}, {self(), true, [send, {tracer, self()}]}]]]),
    P = spawn(?MODULE, worker, []),
    io:format("~p~n", [[attempt(fun() -> erlang:trace_info(P, I) end) || I <- [flags, tracer, x]]]),
    1 = erlang:trace(P, true, [send, call, timestamp, set_on_spawn]),
    io:format("~p~n", [[lists:sort(element(2, erlang:trace_info(P, flags))), erlang:trace_info(P, tracer) =:= {tracer, self()}, lists:sort(element(2, erlang:trace_info(new, flags))), erlang:trace_info(new_processes, tracer)]]),
    Self = self(),
    Other = spawn_monitor(fun() -> Self ! {second, attempt(fun() -> erlang:trace(P, true, ['receive']) end), attempt(fun() -> erlang:trace(P, false, [send]) end)} end),
    io:format("~p~n", [receive {second, A, B} -> {A, B} end]), receive {'DOWN', _, _, _, _} when is_tuple(Other) -> ok end,
    1 = erlang:trace(P, false, [all]),
    io:format("~p~n", [erlang:trace_info(P, flags)]), P ! stop,
    io:format("~p~n", [[attempt(fun() -> erlang:trace_pattern(M, S, F) end) || {M, S, F} <- [{{?MODULE, f, 1}, true, [local]}, {{?MODULE, '_', '_'}, false, [local]}, {{?MODULE, f, 9}, true, []}, {{no_such_module, '_', '_'}, true, []}, {{'_', f, '_'}, true, []}, {{?MODULE, '_', 1}, true, [global]}, {{?MODULE, '_', '_'}, false, [global]}, {{?MODULE, f}, true, []}, {{?MODULE, f, 1}, x, []}, {{?MODULE, f, 1}, [{x}], []}, {{?MODULE, f, 1}, true, [x]}, {{?MODULE, f, 1}, true, x}, {send, true, []}, {send, [{['_', '_'], [], []}], []}, {'receive', true, []}, {send, x, []}, {other, true, []}, {on_load, true, [local]}, {on_load, false, [local]}, {{?MODULE, f, 1}, true, [call_count]}, {{?MODULE, f, 1}, pause, [call_count]}, {{?MODULE, f, 1}, restart, [call_count]}, {{?MODULE, f, 1}, false, [call_count]}, {{?MODULE, f, 1}, true, [call_time, global]}]]]),
    io:format("~p~n", [[attempt(fun() -> erlang:trace_info(F, I) end) || F <- [{?MODULE, f, 1}, {?MODULE, f, 7}, {no_such, f, 1}, {lists, reverse, 2}, {a, b}], I <- [traced, match_spec, meta, meta_match_spec, call_count, call_time, all, nothing]]]),
    erlang:trace_pattern({?MODULE, f, 1}, true, [call_count]), erlang:trace_pattern({?MODULE, g, 1}, [{'_', [], [{return_trace}]}], [local]), [f(N) || N <- [1, 2, 3]],
    io:format("~p~n", [[erlang:trace_info({?MODULE, f, 1}, call_count), erlang:trace_info({?MODULE, f, 1}, traced), erlang:trace_info({?MODULE, g, 1}, traced), erlang:trace_info({?MODULE, g, 1}, match_spec), erlang:trace_info({?MODULE, g, 1}, all)]]),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]), erlang:trace_pattern({?MODULE, f, 1}, false, [call_count]),
    io:format("~p~n", [[erlang:trace_info({?MODULE, F, 1}, all) || F <- [f, g]]]).

specifications() -> [[{'_', [], [{return_trace}]}], [{'_', [], [{exception_trace}]}], [{[1], [], []}], [{['$1'], [{'>', '$1', 1}], [{message, {{said, '$1'}}}]}], [{'_', [], [{message, {{caller}}}]}], [{'_', [], [{message, {caller}}, {return_trace}]}], [{'_', [], [{silent, true}]}], [{[2], [], [{disable_trace, call}]}, {'_', [], []}], [{'_', [], [{enable_trace, send}]}], [{'_', [], [{trace, [], [send]}]}], [{'_', [], [{set_tcw, 7}, {message, {get_tcw}}]}]].

%% What arrives while a worker runs, with identities replaced.
observed(Flags, Specification) ->
    Tracing = lists:member(call, Flags),
    [erlang:trace_pattern({?MODULE, F, 1}, case Specification of [] -> true; _ -> Specification end, [local]) || Tracing, F <- [f, g]],
    P = spawn(?MODULE, worker, []), M = monitor(process, P),
    1 = erlang:trace(P, true, Flags),
    P ! {self(), run}, receive {P, done} -> ok end,
    P ! stop, receive {'DOWN', M, _, _, _} -> ok end,
    R = erlang:trace_delivered(all), receive {trace_delivered, all, R} -> ok end,
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]),
    Got = flush(),
    Pids = lists:usort([element(2, X) || X <- Got]),
    Kept = [clean(X, P, Pids) || X <- Got],
    case Flags of
        [F | _] when F =:= running; F =:= exiting; F =:= garbage_collection -> lists:usort([element(3, X) || X <- Kept]) -- [gc_minor_start, gc_minor_end, gc_major_start, gc_major_end];
        _ -> {length([x || X <- Pids, X =/= P]), [X || X <- Kept, element(2, X) =:= worker]}
    end.
flush() -> receive X when is_tuple(X), element(1, X) =:= trace; is_tuple(X), element(1, X) =:= trace_ts -> [X | flush()] after 0 -> [] end.
clean(X, P, Pids) ->
    L = tuple_to_list(case element(1, X) of trace_ts -> {Stamp, Y} = {element(tuple_size(X), X), erlang:delete_element(tuple_size(X), X)}, erlang:append_element(Y, stamp(Stamp)); _ -> X end),
    list_to_tuple([replace(E, P, Pids) || E <- L]).
stamp({A, B, C}) when is_integer(A), is_integer(B), is_integer(C) -> now;
stamp({A, B}) when is_integer(A), is_integer(B) -> strict;
stamp(N) when is_integer(N) -> number.
replace(P, P, _) -> worker;
replace(X, _, _) when X =:= self() -> tracer;
replace(X, _, _) when is_pid(X) -> pid;
replace(X, _, _) when is_reference(X) -> reference;
replace(T, P, Ps) when is_tuple(T) -> list_to_tuple([replace(E, P, Ps) || E <- tuple_to_list(T)]);
replace([H | T], P, Ps) -> [replace(H, P, Ps) | replace(T, P, Ps)];
replace(F, _, _) when is_function(F) -> function;
replace(X, _, _) -> X.

worker() ->
    receive
        {From, run} ->
            f(1), g(2), catch g(x),
            Self = self(), {P, M} = spawn_monitor(fun() -> Self ! hello end), receive hello -> ok end, receive {'DOWN', M, _, P, _} -> ok end,
            register(traced_messages_worker, self()), unregister(traced_messages_worker),
            link(From), unlink(From),
            garbage_collect(),
            From ! {self(), done}, worker();
        stop -> ok
    end.
f(X) -> [g(X)].
g(X) -> X + 1.
dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
attempt(F) -> try F() catch C:R -> {C, R} end.
