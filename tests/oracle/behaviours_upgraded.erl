%% New code under running processes: gen_server, gen_statem, gen_event and supervisors, suspended, changed and resumed; what happens when the change
%% fails, or state and code do not fit; old code that is purged.
-module(behaviours_upgraded).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    server(),
    machine(),
    event(),
    supervisor(),
    old_code().

show(T) -> io:format("~0p~n", [T]).

load(M, Text) ->
    {ok, Tokens, _} = erl_scan:string("-module(" ++ atom_to_list(M) ++ "). -compile(export_all). " ++ Text),
    {ok, M, Code} = compile:forms([begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- split(Tokens, [])], [nowarn_export_all]),
    code:purge(M),
    {module, M} = code:load_binary(M, atom_to_list(M), Code),
    M.
split([], []) -> [];
split([{dot, _} = D | Ts], Acc) -> [lists:reverse([D | Acc]) | split(Ts, [])];
split([T | Ts], Acc) -> split(Ts, [T | Acc]).

server() ->
    One = "init(N) -> {ok, {v1, N}}. handle_call(get, _, S) -> {reply, S, S}; handle_call(version, _, S) -> {reply, 1, S}. handle_cast(inc, {v1, N}) -> {noreply, {v1, N + 1}}. handle_info(_, S) -> {noreply, S}. terminate(_, _) -> ok. ",
    Two = "init(N) -> {ok, #{n => N}}. handle_call(get, _, S) -> {reply, S, S}; handle_call(version, _, S) -> {reply, 2, S}. handle_cast(inc, #{n := N} = S) -> {noreply, S#{n := N + 10}}. handle_info(_, S) -> {noreply, S}. "
          "code_change(Old, {v1, N}, Extra) -> {ok, #{n => N, old => Old, extra => Extra}}; code_change({down, Old}, #{n := N}, _) -> {ok, {v1, {N, Old}}}; code_change(_, _, fail) -> {error, cannot}; code_change(_, _, crash) -> error(crashed); code_change(_, _, bad) -> bad. ",
    load(up_server, One),
    {ok, P} = gen_server:start({local, up}, up_server, 5, []),
    gen_server:cast(up, inc),
    show([gen_server:call(up, get), sys:change_code(up, up_server, 1, x)]),
    show(sys:suspend(up)),
    gen_server:cast(up, inc),
    load(up_server, Two),
    show([sys:change_code(up, up_server, 1, extra), sys:get_state(up)]),
    show([catch gen_server:call(up, get, 50), sys:resume(up), gen_server:call(up, version), gen_server:call(up, get)]),
    [begin sys:suspend(up), R = (catch sys:change_code(up, up_server, 1, E)), sys:resume(up), show([E, R, gen_server:call(up, get)]) end || E <- [fail, crash, bad]],
    sys:suspend(up),
    show([sys:change_code(up, up_server, {down, 2}, x), sys:get_state(up), sys:change_code(up, other_module, 1, x)]),
    load(up_server, One),
    show([sys:resume(up), gen_server:call(up, get), sys:replace_state(up, fun({v1, {N, _}}) -> {v1, N}; (Other) -> Other end)]),
    show([gen_server:call(up, get), gen_server:stop(up), is_process_alive(P)]).

machine() ->
    Common = "init(X) -> {ok, one, X}. terminate(_, _, _) -> ok. ",
    Functions = "callback_mode() -> state_functions. one({call, F}, where, D) -> {keep_state_and_data, [{reply, F, {functions, one, D}}]}; one(cast, go, D) -> {next_state, two, D + 1}. two({call, F}, where, D) -> {keep_state_and_data, [{reply, F, {functions, two, D}}]}. ",
    Handle = "callback_mode() -> handle_event_function. handle_event({call, F}, where, S, D) -> {keep_state_and_data, [{reply, F, {handle, S, D}}]}; handle_event(cast, go, {S, N}, D) -> {next_state, {S, N + 1}, D}. "
             "code_change(_, S, D, {ok, X}) -> {ok, {S, 0}, {D, X}}; code_change(_, _, _, fail) -> {error, no}; code_change(_, _, _, crash) -> throw(thrown); code_change(_, _, _, mode) -> {ok, 1, 2, 3}. ",
    Enter = "callback_mode() -> [handle_event_function, state_enter]. handle_event(enter, Old, New, D) -> {keep_state, [{Old, New} | lists:flatten([D])]}; handle_event({call, F}, where, S, D) -> {keep_state_and_data, [{reply, F, {entered, S, D}}]}; handle_event(cast, {to, S}, _, D) -> {next_state, S, D}. code_change(_, S, D, _) -> {ok, S, D}. ",
    load(up_machine, Common ++ Functions),
    {ok, P} = gen_statem:start(up_machine, 1, []),
    gen_statem:cast(P, go),
    show([gen_statem:call(P, where), sys:suspend(P)]),
    load(up_machine, Common ++ Handle),
    show([catch sys:change_code(P, up_machine, 1, E) || E <- [fail, crash, mode, {ok, more}]]),
    show([sys:resume(P), gen_statem:call(P, where), gen_statem:cast(P, go), gen_statem:call(P, where), sys:get_state(P)]),
    sys:suspend(P),
    load(up_machine, Common ++ Enter),
    show([sys:change_code(P, up_machine, 2, x), sys:resume(P), gen_statem:call(P, where), gen_statem:cast(P, {to, z}), gen_statem:call(P, where)]),
    show([gen_statem:stop(P), is_process_alive(P)]).

event() ->
    One = "init(X) -> {ok, [X]}. handle_event(E, S) -> {ok, [E | S]}. handle_call(get, S) -> {ok, S, S}. handle_info(_, S) -> {ok, S}. ",
    Two = "init(X) -> {ok, {[X]}}. handle_event(E, {S}) -> {ok, {[{two, E} | S]}}. handle_call(get, {S}) -> {ok, {two, S}, {S}}. handle_info(_, S) -> {ok, S}. code_change(V, S, X) -> {ok, {[{V, X} | S]}}. ",
    load(up_event, One),
    {ok, M} = gen_event:start(),
    [gen_event:add_handler(M, H, H) || H <- [up_event, {up_event, b}]],
    gen_event:sync_notify(M, first),
    show([gen_event:call(M, up_event, get), sys:suspend(M)]),
    load(up_event, Two),
    show([sys:change_code(M, up_event, 7, extra), sys:resume(M), gen_event:sync_notify(M, second), [gen_event:call(M, H, get) || H <- gen_event:which_handlers(M)], gen_event:stop(M)]).

supervisor() ->
    Child = "child() -> {ok, spawn_link(fun() -> receive stop -> ok end end)}. ",
    One = Child ++ "init(_) -> {ok, {#{strategy => one_for_one, intensity => 1, period => 1}, [#{id => a, start => {up_sup, child, []}}]}}. ",
    Two = Child ++ "init(_) -> {ok, {#{strategy => one_for_all, intensity => 9, period => 9}, [#{id => b, start => {up_sup, child, []}}, #{id => a, start => {up_sup, child, []}, restart => temporary}]}}. ",
    Bad = Child ++ "init(_) -> {ok, {#{strategy => sideways}, []}}. ",
    Ignore = Child ++ "init(_) -> ignore. ",
    load(up_sup, One),
    {ok, S} = supervisor:start_link(up_sup, x),
    [begin
         sys:suspend(S),
         load(up_sup, Text),
         R = (catch sys:change_code(S, up_sup, 1, x)),
         sys:resume(S),
         show([R, [{Id, is_pid(P)} || {Id, P, _, _} <- supervisor:which_children(S)], case supervisor:get_childspec(S, a) of {ok, #{restart := T}} -> T; E -> E end])
     end || Text <- [Two, Bad, Ignore, One]],
    exit(S, shutdown),
    receive {'EXIT', S, R} -> show(R) end.

%% A process in old code dies when that is purged; soft_purge spares it.
old_code() ->
    Text = fun(N) -> "start() -> spawn(fun() -> loop() end). loop() -> receive {v, P} -> P ! " ++ N ++ ", loop(); up -> up_old:loop() end. " end,
    load(up_old, Text("1")),
    P = up_old:start(),
    V = fun(Q) -> Q ! {v, self()}, receive N -> N after 20000 -> none end end,
    A = V(P),
    load(up_old, Text("2")),
    Q = up_old:start(),
    show([A, V(P), V(Q), erlang:check_process_code(P, up_old), erlang:check_process_code(Q, up_old), code:soft_purge(up_old)]),
    P ! up,
    show([V(P), code:soft_purge(up_old), erlang:check_old_code(up_old)]),
    load(up_old, Text("3")),
    M = monitor(process, P),
    show([V(P), code:purge(up_old), receive {'DOWN', M, _, _, R} -> R after 20000 -> none end, is_process_alive(Q), code:delete(up_old), code:purge(up_old), code:is_loaded(up_old)]).
