%% What is traced and profiled of ports: opening, requests, answers, links, names, their end; new ports and ports that are there.
-module(traced_ports).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Tracer = spawn_link(fun collect/0),
    1 = erlang:trace(new_ports, true, [send, 'receive', ports, {tracer, Tracer}]) + 1,
    P = open_port({spawn, "cat"}, [binary]),
    erlang:trace(new_ports, false, [all]),
    step(Tracer, P, open, fun() -> ok end),
    step(Tracer, P, info, fun() -> [erlang:trace_info(P, I) || I <- [flags]] end),
    step(Tracer, P, command, fun() -> port_command(P, [<<"a">>, "b"]), echo(P, <<"ab">>) end),
    step(Tracer, P, message, fun() -> P ! {self(), {command, "c"}}, echo(P, <<"c">>) end),
    step(Tracer, P, control, fun() -> catch port_control(P, 1, "a") end),
    step(Tracer, P, port_info, fun() -> erlang:port_info(P, name) end),
    step(Tracer, P, unlink, fun() -> unlink(P) end),
    step(Tracer, P, link, fun() -> link(P) end),
    step(Tracer, P, connect, fun() -> port_connect(P, self()) end),
    step(Tracer, P, connect_by_message, fun() -> P ! {self(), {connect, self()}}, receive {P, connected} -> ok end end),
    step(Tracer, P, monitor, fun() -> demonitor(monitor(port, P)) end),
    step(Tracer, P, names, fun() -> register(a_port, P), unregister(a_port), register(another, P) end),
    step(Tracer, P, close, fun() -> port_close(P) end),
    receive {'EXIT', P, normal} -> ok end,
    Q = open_port({spawn, "cat"}, [binary]),
    erlang:trace(Q, true, [send, 'receive', ports, {tracer, Tracer}]),
    step(Tracer, Q, close_by_message, fun() -> Q ! {self(), close}, receive {Q, closed} -> ok end end),
    pieces(), owner(Tracer), intruder(), running(Tracer), profiled(), tracer_dies(),
    io:format("~w~n", [erlang:trace_info(new_ports, flags)]).

%% A driver that takes data in pieces has them told that way.
pieces() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, binary]), {ok, N} = inet:port(L),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, N, [binary]),
    Cat = open_port({spawn, "cat"}, [binary]),
    Large = binary:copy(<<"large">>, 200),
    [1 = erlang:trace(P, true, ['receive']) || P <- [S, Cat]],
    Told = [begin
        Write(Data),
        receive {trace, P, 'receive', {_, {command, T}}} -> if is_binary(T) -> {whole, byte_size(T)}; true -> [byte_size(B) || B <- T] end after 5000 -> nothing end
     end || {P, Write} <- [{S, fun(D) -> ok = gen_tcp:send(S, D) end}, {Cat, fun(D) -> port_command(Cat, D) end}], Data <- ["ab", <<"abc">>, [Large], [<<"a">>, Large, "bc", [Large | <<"d">>]], ""]],
    io:format("pieces ~w~n", [Told]),
    gen_tcp:close(S), gen_tcp:close(L), port_close(Cat), flush().
flush() -> receive _ -> flush() after 0 -> ok end.

%% The owner ends; another owner takes over.
owner(Tracer) ->
    Self = self(),
    {Pid, M} = spawn_monitor(fun() -> X = open_port({spawn, "cat"}, [binary]), Self ! {port, X}, receive go -> ok end end),
    P = receive {port, X} -> X end,
    erlang:trace(P, true, [send, 'receive', ports, {tracer, Tracer}]),
    step(Tracer, P, owner_ends, fun() -> R = monitor(port, P), Pid ! go, receive {'DOWN', M, _, _, _} -> ok end, receive {'DOWN', R, _, _, _} -> ok end end, Pid).

intruder() ->
    P = open_port({spawn, "cat"}, []),
    1 = erlang:trace(P, true, [send]),
    {_, M} = spawn_monitor(fun() -> exit(try erlang:trace(P, true, [send]) catch error:E -> E end) end),
    receive {'DOWN', M, _, _, R} -> io:format("intruder: ~w~n", [R]) end,
    port_close(P), receive {'EXIT', P, _} -> ok end,
    io:format("~w ~w~n", [erlang:trace_info(P, flags), try erlang:trace(P, true, [send]) catch error:E -> E end]).

%% in and out: requests only, what the system tells it is a matter of time.
running(Tracer) ->
    P = open_port({spawn, "cat"}, [binary]),
    erlang:trace(P, true, [running_ports, {tracer, Tracer}]),
    step(Tracer, P, running, fun() -> port_command(P, "x"), echo(P, <<"x">>), erlang:port_info(P, name), catch port_control(P, 1, ""), port_close(P) end),
    receive {'EXIT', P, _} -> ok end.

%% Until the port has been told active and inactive.
profiled() ->
    P = open_port({spawn, "cat"}, [binary]),
    Profiler = spawn_link(fun collect/0),
    undefined = erlang:system_profile(Profiler, [runnable_ports, monotonic_timestamp]),
    io:format("profiled: ~w~n", [profiled(Profiler, P, [])]),
    {Profiler, [runnable_ports]} = erlang:system_profile(undefined, []),
    port_close(P), receive {'EXIT', P, _} -> ok end.
profiled(_, _, [_, _] = Seen) -> Seen;
profiled(Profiler, P, Seen) ->
    _ = erlang:port_info(P, name),
    profiled(Profiler, P, lists:usort(Seen ++ [{profile, State, N} || {profile, Q, State, N, T} <- ask(Profiler), Q =:= P, is_integer(T)])).

tracer_dies() ->
    P = open_port({spawn, "cat"}, [binary]),
    {T, M} = spawn_monitor(fun() -> receive stop -> ok end end),
    1 = erlang:trace(P, true, ['receive', {tracer, T}]),
    exit(T, kill), receive {'DOWN', M, _, _, _} -> ok end,
    port_command(P, "z"), echo(P, <<"z">>),
    io:format("~w ~w~n", [erlang:trace_info(P, flags), erlang:trace_info(P, tracer)]),
    port_close(P), receive {'EXIT', P, _} -> ok end.

echo(P, Data) -> receive {P, {data, Data}} -> ok end.

step(Tracer, P, What, F) -> step(Tracer, P, What, F, none).
step(Tracer, P, What, F, Other) ->
    _ = F(),
    io:format("~w:~n", [What]),
    Events = [plain(E, P, Other) || E <- ask(Tracer), element(2, E) =:= P, element(4, E) =/= 0],
    [io:format("    ~w~n", [E]) || E <- if What =:= running -> lists:sort(Events); true -> Events end].  % scheduling is told out of order at times

plain(P, P, _) -> port;
plain(T, P, O) when is_tuple(T) -> list_to_tuple([plain(E, P, O) || E <- tuple_to_list(T)]);
plain(O, _, O) when is_pid(O) -> other;
plain(S, _, _) when S =:= self() -> self;
plain(X, _, _) -> X.

ask(Tracer) ->
    R = erlang:trace_delivered(all), receive {trace_delivered, all, R} -> ok end,
    Tracer ! {self(), events}, receive {Tracer, Events} -> Events end.
collect() -> receive {From, events} -> From ! {self(), all()}, collect() end.
all() -> receive E when element(1, E) =:= trace; element(1, E) =:= profile -> [E | all()] after 0 -> [] end.
