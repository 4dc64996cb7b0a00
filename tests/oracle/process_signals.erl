%% Processes: links, monitors, aliases, names, suspension, questions about processes, and the order of all that.
-module(process_signals).
-export([main/0, loop/0]).

loop() -> receive stop -> ok; {do, F} -> F(), loop(); {exit, R} -> exit(R) end.

p(Label, Value) -> io:format("~s: ~0p~n", [Label, mask(Value)]).

mask(P) when is_pid(P) -> pid;
mask(R) when is_reference(R) -> ref;
mask(F) when is_function(F) -> function;
mask(T) when is_tuple(T) -> list_to_tuple(mask(tuple_to_list(T)));
mask([H | T]) -> [mask(H) | mask(T)];
mask(X) -> X.

next() -> next(2000).
next(Time) -> receive X -> X after Time -> none end.

new() -> spawn(?MODULE, loop, []).
ended(P) -> R = monitor(process, P), receive {'DOWN', R, _, _, _} -> ok end.

main() ->
    logger:set_primary_config(level, none),
    exits(), links(), monitors(), aliases(), names(), info(), suspension(), requests(), leaders(), spawns(), uncaught(), priorities().

exits() ->
    process_flag(trap_exit, true),
    p("own normal", [exit(self(), normal), next()]),
    p("own reason", [exit(self(), foo), next()]),
    P = new(),
    exit(P, normal),
    p("normal is ignored", is_process_alive(P)),
    exit(P, kill),
    p("dead after kill", is_process_alive(P)),
    Trapper = spawn_link(fun() -> process_flag(trap_exit, true), receive M -> exit({got, M}) end end),
    Trapper ! hello,
    p("exit reason", next()),
    [begin
         Q = spawn_link(fun() -> receive after infinity -> ok end end),
         exit(Q, R),
         p("linked", next())
     end || R <- [kill, foo, {a, [1, 2.0, <<"x">>]}, killed]],
    p("self kill", begin spawn_link(fun() -> exit(self(), kill) end), next() end),
    p("own normal kills", begin spawn_link(fun() -> exit(self(), normal), io:format("not reached~n") end), next() end),
    p("throw", begin spawn_link(fun() -> throw(ball) end), {'EXIT', _, {R1, _}} = next(), R1 end),
    p("link to a dead one", begin ended(P), link(P), next() end),
    p("nothing left", next(0)).

links() ->
    P = new(), link(P), link(P),
    p("linked both ways", {element(2, process_info(self(), links)) -- [P], process_info(P, links) =:= {links, [self()]}}),
    unlink(P),
    p("unlinked", process_info(P, links)),
    link(P), unlink(P), link(P), exit(P, bye),
    p("exit after relinking", next()),
    Q = new(), link(Q), unlink(Q), exit(Q, bye),
    p("no exit after unlink", begin ended(Q), next(0) end),
    %% An exit goes through a chain of links.
    Chain = fun Chain(0) -> exit(end_of_chain); Chain(N) -> spawn_link(fun() -> Chain(N - 1) end), receive after infinity -> ok end end,
    spawn_link(fun() -> Chain(50) end),
    p("chain", next()),
    %% Links that cross and break at random leave nothing behind.
    Many = [new() || _ <- lists:seq(1, 50)],
    [A ! {do, fun() -> link(B), unlink(B), link(B) end} || A <- Many, B <- Many, A < B],
    [A ! {do, fun() -> unlink(B) end} || A <- Many, B <- Many, A > B, erlang:phash2({A, B}, 3) =:= 0],
    [exit(A, kill) || A <- Many],
    [ended(A) || A <- Many],
    p("all gone", [A || A <- Many, is_process_alive(A)]).

monitors() ->
    P = new(),
    R1 = monitor(process, P), R2 = monitor(process, P),
    p("two", {process_info(P, monitored_by), length(element(2, process_info(self(), monitors)))}),
    demonitor(R1),
    p("one", process_info(P, monitored_by)),
    exit(P, {because, "x"}),
    p("down", next() =:= {'DOWN', R2, process, P, {because, "x"}}),
    p("no second one", next(0)),
    p("noproc", begin R3 = monitor(process, P), next() =:= {'DOWN', R3, process, P, noproc} end),
    p("by name", begin R4 = monitor(process, no_such_name), {'DOWN', R4, process, N4, W4} = next(), {N4, W4} end),
    register(some_name, Q = new()),
    R5 = monitor(process, some_name), R6 = monitor(process, {some_name, node()}),
    p("monitors by name", process_info(self(), monitors)),
    Q ! {exit, done},
    p("down by name", lists:sort([{D, T, X, W} || {D, _, T, X, W} <- [next(), next()]])),
    p("names of references", {is_reference(R5), is_reference(R6)}),
    p("self", begin R7 = monitor(process, self()), {demonitor(R7, [info]), process_info(self(), monitors)} end),
    {S, R8} = spawn_monitor(fun() -> ok end),
    p("spawn_monitor", next() =:= {'DOWN', R8, process, S, normal}),
    R9 = monitor(process, S),
    p("flush", begin receive after 100 -> ok end, [demonitor(R9, [flush, info]), next(0)] end),
    R10 = monitor(process, new()),
    p("info", [demonitor(R10, [info]), demonitor(R10, [info])]),
    p("tag", begin monitor(process, S, [{tag, {my, tag}}]), next() end),
    {_, R11} = spawn_opt(fun() -> exit(x) end, [{monitor, [{tag, here}]}]),
    p("spawn tag", next() =:= {here, R11, process, element(4, {1, 2, 3, x}), x} orelse checked).

aliases() ->
    A1 = alias(),
    A1 ! one, A1 ! two,
    p("alias", [next(), next(), unalias(A1), unalias(A1), A1 ! three, next(20)]),
    A2 = alias([reply]),
    A2 ! one, A2 ! two,
    p("reply", [next(), next(20), unalias(A2)]),
    P = new(),
    A3 = monitor(process, P, [{alias, reply_demonitor}]),
    A3 ! answer, A3 ! late, exit(P, x), ended(P),
    p("reply_demonitor", [next(), next(20)]),
    Q = new(),
    A4 = monitor(process, Q, [{alias, demonitor}]),
    A4 ! a, demonitor(A4), A4 ! b,
    p("demonitor", [next(), next(20)]),
    A5 = monitor(process, Q, [{alias, explicit_unalias}]),
    demonitor(A5), A5 ! still,
    p("explicit", [next(), unalias(A5), A5 ! gone, next(20)]),
    exit(Q, kill).

names() ->
    P = new(),
    p("register", [register(name_one, P), whereis(name_one) =:= P, process_info(P, registered_name)]),
    p("again", [catch element(1, element(2, catch register(name_one, P))), catch element(1, element(2, catch register(name_two, P)))]),
    p("registered", lists:member(name_one, registered())),
    name_one ! {do, fun() -> ok end},
    p("unregister", [unregister(name_one), whereis(name_one), process_info(P, registered_name)]),
    register(name_one, P), exit(P, kill), ended(P),
    p("free after exit", [whereis(name_one), register(name_one, Q = new())]),
    exit(Q, kill).

info() ->
    P = new(), receive after 100 -> ok end,
    P ! one, P ! {two, <<1, 2, 3>>},
    receive after 100 -> ok end,
    Items = [current_function, initial_call, status, message_queue_len, messages, links, dictionary, trap_exit, error_handler,
             priority, min_heap_size, min_bin_vheap_size, fullsweep_after, max_heap_size, message_queue_data, monitored_by,
             monitors, suspending, parent, sequential_trace_token, catchlevel, trace, last_calls, registered_name, binary],
    p("items", process_info(P, Items)),
    p("single", [process_info(P, I) || I <- [message_queue_len, registered_name, links]]),
    p("default", [element(1, I) || I <- process_info(P)]),
    p("positive", [{I, element(2, process_info(P, I)) > 0} || I <- [heap_size, total_heap_size, memory, reductions]]),
    p("own dictionary", begin put(key, value), V = process_info(self(), dictionary), erase(key), element(2, V) end),
    p("own", [process_info(self(), I) || I <- [status, message_queue_len, trap_exit]]),
    p("current function", element(2, process_info(self(), current_function))),
    exit(P, kill), ended(P),
    p("dead", [process_info(P), process_info(P, links), process_info(P, [links])]),
    p("processes", lists:member(self(), processes()) andalso not lists:member(P, processes())).

suspension() ->
    Main = self(),
    P = spawn(fun() -> receive go -> Main ! went end end),
    p("suspend", [erlang:suspend_process(P), process_info(P, status), element(2, process_info(self(), suspending))]),
    P ! go,
    p("held", next(30)),
    p("twice", [erlang:suspend_process(P), erlang:resume_process(P), next(30)]),
    p("resumed", [erlang:resume_process(P), next()]),
    Q = new(),
    p("unless", [erlang:suspend_process(Q, [unless_suspending]), erlang:suspend_process(Q, [unless_suspending])]),
    p("reply", [erlang:suspend_process(Q, [{asynchronous, tag}]), next()]),
    exit(Q, kill),
    p("suspended ones can be killed", ended(Q)).

requests() ->
    P = new(),
    p("garbage_collect", [erlang:garbage_collect(P), erlang:garbage_collect(P, [{type, minor}]),
                          begin async = erlang:garbage_collect(P, [{async, id}]), next() end, erlang:garbage_collect()]),
    p("check_process_code", [erlang:check_process_code(P, no_such_module), erlang:check_process_code(self(), lists)]),
    exit(P, kill), ended(P),
    p("dead", [erlang:garbage_collect(P), catch erlang:check_process_code(P, lists)]).

leaders() ->
    Old = group_leader(), Main = self(),
    P = new(),
    p("inherited", process_info(P, group_leader) =:= {group_leader, Old}),
    p("changed", [group_leader(Main, P), process_info(P, group_leader) =:= {group_leader, Main}]),
    P ! {do, fun() -> spawn(fun() -> Main ! {leader, group_leader()} end) end},
    p("passed on", next() =:= {leader, Main}),
    exit(P, kill).

spawns() ->
    Main = self(),
    p("arguments", begin spawn(fun() -> Main ! hello end), next() end),
    R1 = erlang:spawn_request(?MODULE, loop, [], [link, {priority, low}]),
    {spawn_reply, R1, ok, P1} = next(),
    p("request", [process_info(P1, [priority, initial_call]), lists:member(P1, element(2, process_info(self(), links)))]),
    R2 = erlang:spawn_request(?MODULE, loop, [], [{reply_tag, tag}, monitor]),
    {tag, R2, ok, P2} = next(),
    exit(P2, x),
    p("request with monitor", next() =:= {'DOWN', R2, process, P2, x}),
    p("bad option", begin R3 = erlang:spawn_request(?MODULE, loop, [], [foo]), next() =:= {spawn_reply, R3, error, badopt} end),
    p("no reply", begin erlang:spawn_request(?MODULE, loop, [], [{reply, no}]), next(20) end),
    p("success only", begin erlang:spawn_request(?MODULE, loop, [], [foo, {reply, success_only}]), next(20) end),
    unlink(P1), exit(P1, kill),
    P3 = spawn_opt(?MODULE, loop, [], [{min_heap_size, 1000}, {fullsweep_after, 3}, {message_queue_data, off_heap},
                                       {max_heap_size, #{size => 100000, kill => false}}, {min_bin_vheap_size, 100000}]),
    p("options", process_info(P3, [min_heap_size, fullsweep_after, message_queue_data, max_heap_size, min_bin_vheap_size])),
    exit(P3, kill),
    Before = [process_flag(F, V) || {F, V} <- [{min_heap_size, 1000}, {fullsweep_after, 10}, {priority, high}, {message_queue_data, off_heap},
                                               {max_heap_size, 1000000}, {error_handler, error_handler}, {sensitive, false}, {save_calls, 0},
                                               {min_bin_vheap_size, 1000}]],
    p("flags", Before),
    p("flags now", process_info(self(), [min_heap_size, fullsweep_after, priority, message_queue_data, max_heap_size, min_bin_vheap_size])),
    process_flag(priority, normal), process_flag(max_heap_size, 0).

uncaught() ->
    Old = erlang:system_flag(system_logger, self()),
    Log = fun() -> {log, Level, Format, [_ | Args], Meta} = next(), {Level, Format, shorten(Args), maps:keys(Meta), maps:get(error_logger, Meta)} end,
    spawn(fun() -> error(foo) end), p("error", Log()),
    spawn(fun() -> throw(foo) end), p("throw", Log()),
    spawn(fun() -> hd(id([])) end), p("badarg", Log()),
    spawn(fun() -> exit(foo) end), p("exit", next(30)),
    p("handler was", is_pid(erlang:system_flag(system_logger, Old))).

shorten([{Reason, [{M, F, A, _} | _]}]) when is_list(A) -> {Reason, M, F, A};
shorten([{Reason, [{_, _, _, _} | _]}]) -> Reason;
shorten(X) -> X.

id(X) -> X.

%% Of two that never wait, the one of high priority gets everything.
priorities() ->
    Main = self(),
    process_flag(priority, max),
    P = spawn_opt(fun() -> receive go -> Main ! high end end, [{priority, high}]),
    Q = spawn_opt(fun() -> receive go -> Main ! low end end, [{priority, low}]),
    P ! go, Q ! go,
    p("both run", lists:sort([next(), next()])),
    process_flag(priority, normal).
