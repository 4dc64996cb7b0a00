%% Modules that are replaced, purged and deleted while processes run their old code; loads that fail; what is told about modules.
-module(code_replaced).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    M = code_replaced_subject,
    Beams = [compile(M, V) || V <- [1, 2, 3]],
    [B1, B2, B3] = Beams,
    io:format("~w~n", [[erlang:module_loaded(M), erlang:check_old_code(M), attempt(fun() -> M:version() end), attempt(fun() -> erlang:delete_module(M) end), attempt(fun() -> erlang:purge_module(M) end)]]),
    io:format("~w ~w~n", [load(M, B1), [M:version(), erlang:module_loaded(M), erlang:check_old_code(M), erlang:function_exported(M, version, 0), erlang:function_exported(M, version, 1)]]),
    Own = self(),
    P1 = spawn(M, loop, [Own]), F1 = M:closure(), X = fun M:version/0,
    io:format("~w~n", [[ask(P1), F1(), X()]]),
    io:format("~w ~w~n", [load(M, B2), [M:version(), ask(P1), F1(), X(), erlang:check_old_code(M), erlang:check_process_code(P1, M), erlang:check_process_code(self(), M)]]),
    P2 = spawn(M, loop, [Own]), F2 = M:closure(),
    io:format("a third ~w ~w~n", [erlang:load_module(M, B3), [M:version(), ask(P1), ask(P2)]]),
    io:format("soft ~w ~w~n", [code:soft_purge(M), [is_process_alive(P1), is_process_alive(P2), erlang:check_old_code(M)]]),
    P1 ! upgrade,
    io:format("upgraded ~w ~w~n", [ask(P1), [erlang:check_process_code(P1, M), erlang:check_process_code(self(), M), F1()]]),
    Mon = monitor(process, P1),
    %% Who runs old code or holds a fun of it ends when it is purged; what was upgraded goes on.
    {Keeper, KM} = spawn_monitor(fun() -> M2 = M, {G, Q} = {F2, Own}, Q ! ready, receive stop -> {M2, G()} end end),
    receive ready -> ok end,
    io:format("~w ~w~n", [F2(), [erlang:check_process_code(P, M) || P <- [P1, P2, Keeper]]]),
    io:format("~w~n", [code:soft_purge(M)]),
    later(M, P1, P2, Mon, Keeper, KM, B3).

later(M, P1, P2, Mon, Keeper, KM, B3) ->
    garbage_collect(),
    io:format("~w ~w~n", [load(M, B3), [M:version(), ask(P1), ask(P2), erlang:check_old_code(M)]]),
    io:format("~w~n", [[erlang:check_process_code(P, M) || P <- [P1, P2, Keeper]]]),
    Keeper ! stop, receive {'DOWN', KM, _, _, R2} -> io:format("~w~n", [R2]) end,
    P1 ! stop, receive {'DOWN', Mon, _, _, R1} -> io:format("~w~n", [R1]) end,
    N = monitor(process, P2),
    io:format("~w~n", [code:purge(M)]),
    io:format("~w~n", [receive {'DOWN', N, _, _, R3} -> R3 after 0 -> none end]),
    io:format("~w~n", [[code:delete(M), code:purge(M), erlang:module_loaded(M), attempt(fun() -> M:version() end)]]).

ask(P) -> P ! {self(), which}, receive {P, V} -> V after 10000 -> no_answer end.
load(M, B) -> code:load_binary(M, "nofile", B).
attempt(F) -> try F() catch C:R -> {C, R} end.
compile(M, V) ->
    Text = ["-module(", atom_to_list(M), "). ", "-export([version/0, loop/1, closure/0]). ", "version() -> ", integer_to_list(V), ". ", "closure() -> fun() -> {closure, ", integer_to_list(V), "} end. ",
            "loop(P) -> receive {F, which} -> F ! {self(), ", integer_to_list(V), "}, loop(P); upgrade -> ", atom_to_list(M), ":loop(P); stop -> ok end. "],
    {ok, Tokens, _} = erl_scan:string(lists:flatten(Text)),
    {ok, M, B} = compile:forms(forms(Tokens, [], [])),
    B.
forms([], [], Fs) -> lists:reverse(Fs);
forms([{dot, L} | T], Acc, Fs) -> {ok, F} = erl_parse:parse_form(lists:reverse([{dot, L} | Acc])), forms(T, [], [F | Fs]);
forms([H | T], Acc, Fs) -> forms(T, [H | Acc], Fs).
