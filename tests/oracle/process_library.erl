%% proc_lib: starting with acknowledgement, what a failing start tells, initial calls, and translated crashes.
-module(process_library).
-export([main/0, acknowledges/1, fails/1, dies/1, never/1, runs/1]).

main() ->
    process_flag(trap_exit, true),
    logger:remove_handler(default),
    io:format("~p~n", [proc_lib:start(?MODULE, acknowledges, [{ok, started}])]),
    io:format("~p~n", [proc_lib:start_link(?MODULE, fails, [reason])]),
    io:format("~p~n", [proc_lib:start(?MODULE, dies, [boom])]),
    io:format("~p~n", [proc_lib:start_monitor(?MODULE, acknowledges, [x]) =/= ok]),
    io:format("~p~n", [proc_lib:start(?MODULE, never, [x], 50)]),
    io:format("~p~n", [lists:sort(flushed())]),  % of two processes
    P = proc_lib:spawn_link(?MODULE, runs, [self()]),
    receive {P, Dictionary} -> io:format("~p~n", [Dictionary]) end,
    io:format("~p~n", [{proc_lib:initial_call(P), proc_lib:translate_initial_call(P)}]),
    P ! stop,
    receive {'EXIT', P, R} -> io:format("~p~n", [R]) end,
    F = proc_lib:spawn_link(fun() -> erlang:error(on_purpose, [a, b]) end),
    receive {'EXIT', F, {Why, [{M, N, A, _} | _]}} -> io:format("~p~n", [{Why, M, N, A}]) end,
    Q = proc_lib:spawn_link(fun() -> exit({shutdown, fine}) end),
    receive {'EXIT', Q, R2} -> io:format("~p~n", [R2]) end,
    S = proc_lib:spawn_opt(fun() -> receive stop -> ok end end, [link, {priority, high}]),
    io:format("~p~n", [process_info(S, priority)]),
    S ! stop,
    receive {'EXIT', S, R3} -> io:format("~p~n", [R3]) end.

acknowledges(X) -> proc_lib:init_ack({ok, X}), ok.
fails(R) -> proc_lib:init_ack({error, R}), exit(R).
dies(R) -> exit(R).
never(_) -> receive never -> ok end.
runs(To) ->
    To ! {self(), [{K, case V of [_ | _] -> length(V); _ -> V end} || {K, V} <- lists:sort(get())]},
    receive stop -> ok end.

flushed() -> receive {'EXIT', _, R} -> [R | flushed()]; {'DOWN', _, _, _, R} -> [{down, R} | flushed()] after 1000 -> [] end.
