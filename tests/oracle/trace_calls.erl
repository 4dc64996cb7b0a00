%% Traced calls: local, global, meta; what is told of returns and exceptions; tail calls, built-in functions, funs, counts.
-module(trace_calls).
-export([main/0, f/1, g/1, tail/1, er/1, via/1, deep/1, thrower/0, looper/1, reg/1]).
main() ->
    logger:set_primary_config(level, none),
    Plain = fun() -> trace_calls:f(1), trace_calls:tail(2), catch trace_calls:er(bad) end,
    [run({How, Flags, Spec}, Flags, [{{?MODULE, '_', '_'}, Spec, How}], Plain) ||
        How <- [[local], [global]], Flags <- [[call], [call, return_to], [call, arity], [call, silent]],
        Spec <- [true, [{'_', [], [{return_trace}]}], [{'_', [], [{exception_trace}]}], [{'_', [], [{message, {caller}}]}]]],
    [run({meta, Spec}, [], [{{?MODULE, '_', '_'}, Spec, [meta]}], Plain) ||
        Spec <- [true, [{'_', [], [{return_trace}]}], [{'_', [], [{exception_trace}, {message, {caller}}]}]]],
    [run({bif, How, Spec}, [call, return_to], [{{erlang, F, '_'}, Spec, How} || F <- [atom_to_list, process_info, put, send]],
         fun() -> show(atom_to_list(x)), show(apply(erlang, atom_to_list, [q])), show(process_info(self(), status)), put(a, b),
                  show(catch apply(erlang, atom_to_list, [3])), self() ! x, erlang:send(self(), y), receive y -> ok end end) ||
        How <- [[local], [global]], Spec <- [true, [{'_', [], [{exception_trace}]}]]],
    run(funs, [call], [{{?MODULE, '_', '_'}, true, [local]}], fun() -> N = 3, F = fun(X) -> X + N end, show(F(4)), show(lists:map(F, [1, 2])) end),
    run(heads, [call], [{{?MODULE, f, 1}, [{[1], [], [{message, one}]}, {['$1'], [{'>', '$1', 5}], [{message, {{big, '$1'}}}]}, {[4], [], [{message, false}]}], [local]}],
        fun() -> [f(X) || X <- [1, 2, 4, 6]] end),
    run(deep, [call, return_to], [{{?MODULE, deep, 1}, [{'_', [], [{return_trace}]}], [local]}], fun() -> show(deep(3)) end),
    run(throws, [call, return_to], [{{?MODULE, '_', '_'}, [{'_', [], [{exception_trace}]}], [local]}],
        fun() -> show(catch via(fun thrower/0)), show(try via(fun() -> exit(out) end) catch C:R -> {C, R} end) end),
    run(dies, [call, procs], [{{?MODULE, '_', '_'}, [{'_', [], [{exception_trace}]}], [local]}], fun() -> er(again) end),
    run(dies_of_throw, [call, procs], [{{?MODULE, '_', '_'}, [{'_', [], [{exception_trace}]}], [local]}], fun() -> via(fun thrower/0) end),
    run(applied, [call], [{{erlang, apply, '_'}, true, [How]} || How <- [global]], fun() -> show(apply(erlang, list_to_atom("self"), []) =:= self()), apply(fun() -> ok end, []) end),
    run(actions, [call], [{{?MODULE, f, 1}, [{[1], [], [{silent, true}]}, {[2], [], [{silent, false}]}, {[3], [], [{disable_trace, call}]}, {[4], [], [{enable_trace, arity}]},
                                            {[5], [], [{trace, [arity], [timestamp]}]}, {['_'], [], [{message, {get_tcw}}]}], [local]},
                           {{?MODULE, g, 1}, true, [local]}],
        fun() -> [f(X) || X <- [9, 1, 9, 2, 9, 4, 9, 5, 9, 3, 9]] end),
    run(big_stack, [call], [{{?MODULE, tail, 1}, [{'_', [], [{return_trace}]}], [local]}], fun() -> tail(400) end, fun(L) -> length(L) end),
    count(), times(), loading(),
    show(trace_info_off(), [erlang:trace_info({?MODULE, f, 1}, all), erlang:trace_info({erlang, atom_to_list, 1}, all)]).

f(X) -> g(X) + 1.
g(X) -> h(X).
h(X) -> X * 2.
tail(0) -> ok;
tail(N) -> tail(N - 1).
er(X) -> er2(X), 1.
er2(X) -> error(X).
via(F) -> R = F(), {via, R}.
deep(0) -> 0;
deep(N) -> 1 + deep(N - 1).
thrower() -> throw(ball).
looper(0) -> done;
looper(N) -> f(N), looper(N - 1).
reg(X) -> X.

run(Name, Flags, Patterns, F) -> run(Name, Flags, Patterns, F, fun(L) -> L end).
run(Name, Flags, Patterns, F, Summary) ->
    Me = self(),
    P = spawn(fun() -> Me ! {self(), ready}, receive go -> F(), receive stop -> ok end end end),
    receive {P, ready} -> ok end,
    M = monitor(process, P),
    Counts = [erlang:trace_pattern(What, Spec, How) || {What, Spec, How} <- Patterns],
    erlang:trace(P, true, Flags),
    P ! go,
    timer:sleep(20),
    Info = erlang:trace_info(P, flags),
    P ! stop,
    receive {'DOWN', M, _, _, _} -> ok end,
    Ref = erlang:trace_delivered(P),
    receive {trace_delivered, P, Ref} -> ok end,
    clear(),
    show({Name, Counts =:= [C || C <- Counts, C > 0], Info}),
    case Summary(collect(P)) of
        List when is_list(List) -> [io:format("    ~w~n", [E]) || E <- List];
        Other -> show(Other)
    end.
clear() ->
    [erlang:trace_pattern({'_', '_', '_'}, false, How) || How <- [[local], [global], [meta], [call_count], [call_time]]].
collect(P) ->
    receive
        T when element(2, T) =:= P -> [list_to_tuple([norm(X, P) || X <- tuple_to_list(T), not stamp(X)]) | collect(P)]
    after 0 -> []
    end.
stamp({A, B, C}) when is_integer(A), is_integer(B), is_integer(C) -> true;
stamp(_) -> false.
norm(P, P) -> tracee;
norm(F, _) when is_function(F) -> function;
norm(X, _) when is_pid(X) -> pid;
norm([{M, F, A, I} | _], _) when is_atom(M), is_atom(F), is_list(I) -> {stack, M, F, A};
norm([H | T], P) -> [norm(H, P) | norm(T, P)];
norm(T, P) when is_tuple(T) -> list_to_tuple([norm(X, P) || X <- tuple_to_list(T)]);
norm(X, _) -> X.

count() ->
    show(counted, [erlang:trace_pattern({?MODULE, f, 1}, true, [local, call_count]), looper(10), erlang:trace_info({?MODULE, f, 1}, call_count),
                   erlang:trace_pattern({?MODULE, f, 1}, pause, [call_count]), looper(5), erlang:trace_info({?MODULE, f, 1}, call_count),
                   erlang:trace_pattern({?MODULE, f, 1}, true, [call_count]), looper(5), erlang:trace_info({?MODULE, f, 1}, call_count),
                   erlang:trace_pattern({?MODULE, f, 1}, restart, [call_count]), looper(3), erlang:trace_info({?MODULE, f, 1}, call_count),
                   erlang:trace_pattern({?MODULE, f, 1}, false, [call_count]), erlang:trace_info({?MODULE, f, 1}, call_count)]),
    clear().
times() ->
    Me = self(),
    P = spawn(fun() -> receive go -> looper(7), Me ! done, receive stop -> ok end end end),
    erlang:trace(P, true, [call]),
    show(timed, erlang:trace_pattern({?MODULE, looper, 1}, true, [call_time])),
    erlang:trace_pattern({?MODULE, f, 1}, true, [call_time]),
    P ! go,
    receive done -> ok end,
    show([[{Calls, S} || {Pid, Calls, S, _} <- element(2, erlang:trace_info({?MODULE, F, 1}, call_time)), Pid =:= P] || F <- [looper, f]]),
    show(looper(3)),
    show(length(element(2, erlang:trace_info({?MODULE, f, 1}, call_time)))),
    exit(P, kill),
    clear(),
    show(erlang:trace_info({?MODULE, f, 1}, call_time)).
%% New code is not traced, unless on_load says so.
loading() ->
    code:add_path("."),
    Code = fun(V) ->
               {ok, Toks, _} = erl_scan:string("-module(trace_loaded). -export([v/0]). v() -> w(). w() -> " ++ V ++ "."), 
               {ok, trace_loaded, Bin} = compile:forms(forms(Toks), []),
               Bin
           end,
    One = Code("one"), Two = Code("two"), Three = Code("three"),
    {module, _} = code:load_binary(trace_loaded, "x", One),
    show(erlang:trace_pattern({trace_loaded, v, 0}, true, [local])),
    show(erlang:trace_info({trace_loaded, v, 0}, traced)),
    {module, _} = code:load_binary(trace_loaded, "x", Two),
    show(erlang:trace_info({trace_loaded, v, 0}, traced)),
    code:purge(trace_loaded),
    show(erlang:trace_pattern(on_load, [{'_', [], [{return_trace}]}], [local])),
    {module, _} = code:load_binary(trace_loaded, "x", Three),
    erlang:trace_pattern(on_load, false, [local]),
    show(erlang:trace_info({trace_loaded, w, 0}, match_spec)),
    code:purge(trace_loaded),
    run(loaded, [call], [{{trace_loaded, v, 0}, true, [local]}], fun() -> apply(trace_loaded, v, []) end),
    code:delete(trace_loaded),
    code:purge(trace_loaded),
    show(erlang:trace_info({trace_loaded, v, 0}, traced)).
forms([]) -> [];
forms(Toks) ->
    {Form, [Dot | Rest]} = lists:splitwith(fun(T) -> element(1, T) =/= dot end, Toks),
    {ok, Parsed} = erl_parse:parse_form(Form ++ [Dot]),
    [Parsed | forms(Rest)].
trace_info_off() -> off.
show(X) -> io:format("~0p~n", [norm(X, self())]).
show(Name, X) -> io:format("~0p: ~0p~n", [Name, norm(X, self())]).
