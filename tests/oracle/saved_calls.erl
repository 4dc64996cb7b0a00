%% process_flag(save_calls, N) and process_info(last_calls): calls through exports, built-in functions, messages and timeouts; limits,
%% other processes, sensitive ones, code that is loaded meanwhile.
-module(saved_calls).
-export([main/0, calls/0, receives/1, nothing/0, tail/1]).

main() ->
    [io:format("~w~n", [attempt(fun() -> process_flag(save_calls, V) end)]) || V <- [0, -1, 10001, a, 1.0, 10000, 3, 0]],
    io:format("~w~n", [process_info(self(), last_calls)]),
    0 = process_flag(save_calls, 30), receives(1),  % stock begins when the process is scheduled again
    ?MODULE:calls(),
    {last_calls, Calls} = process_info(self(), last_calls),
    io:format("~w~n", [Calls -- [{erlang, send, 2}, {erlang, send, 2}]]),  % stock has the operator in the list as well
    30 = process_flag(save_calls, 3),
    ?MODULE:calls(),
    io:format("~w~n", [process_info(self(), last_calls)]),
    3 = process_flag(save_calls, 4),
    ?MODULE:tail(10),
    io:format("~w~n", [process_info(self(), last_calls)]),
    4 = process_flag(save_calls, 0),
    io:format("~w~n", [process_info(self(), last_calls)]),
    others(), sensitive(), loaded(),
    io:format("~w~n", [process_info(self(), last_calls)]).

calls() ->
    receives(0),
    self() ! message,
    ?MODULE:receives(0),
    receives(1),
    _ = apply(?MODULE, nothing, []),
    _ = atom_to_list(abc),
    _ = abs(-1),
    F = fun ?MODULE:nothing/0, F(),
    _ = catch list_to_integer("x"),
    erlang:send(self(), message), receives(0).

receives(T) -> receive X -> X after T -> ok end.
nothing() -> ok.
tail(0) -> ok;
tail(N) -> ?MODULE:tail(N - 1).

%% Others are asked and told by signals.
others() ->
    P = spawn_link(fun loop/0),
    io:format("~w~n", [process_flag(P, save_calls, 5)]),
    [begin P ! {self(), N}, receive {P, N} -> ok end end || N <- lists:seq(1, 3)],
    {last_calls, L} = process_info(P, last_calls),
    io:format("~w ~w~n", [length(L), lists:usort([X || X <- L, is_atom(X) orelse element(1, X) =:= ?MODULE])]),
    io:format("~w~n", [[attempt(fun() -> process_flag(P, save_calls, V) end) || V <- [a, -1, 10001, 0, 0, 7]]]),
    unlink(P), {_, M} = {P, monitor(process, P)}, exit(P, kill), receive {'DOWN', M, _, _, _} -> ok end,
    io:format("~w~n", [attempt(fun() -> process_flag(P, save_calls, 1) end)]).
loop() -> receive {From, N} -> ?MODULE:nothing(), From ! {self(), N}, loop() end.

sensitive() ->
    process_flag(save_calls, 10), process_flag(sensitive, true),
    ?MODULE:nothing(), self() ! a, receive a -> ok end,
    io:format("~w~n", [process_info(self(), last_calls)]),
    process_flag(sensitive, false), ?MODULE:nothing(),
    {last_calls, L} = process_info(self(), last_calls),
    io:format("~w~n", [lists:member({?MODULE, nothing, 0}, L)]), process_flag(save_calls, 0).

%% Of a module that comes while calls are saved.
loaded() ->
    process_flag(save_calls, 5),
    {ok, M, B} = compile:forms([{attribute, 1, module, saved_calls_helper}, {attribute, 1, export, [{f, 0}]}, {function, 1, f, 0, [{clause, 1, [], [], [{atom, 1, ok}]}]}]),
    {module, M} = code:load_binary(M, "", B),
    M:f(), {last_calls, L} = process_info(self(), last_calls), process_flag(save_calls, 0),
    io:format("~w~n", [lists:member({M, f, 0}, L)]), code:delete(M), code:purge(M).

attempt(F) -> try F() catch C:R -> {C, R} end.
