%% Accounts as gen_statem machines that keep events: commands, replies, postponed events, timeouts of each kind, snapshots, replays, hibernation, failures.
-module(event_sourcing).
-behaviour(gen_statem).
-export([main/0]).
-export([init/1, callback_mode/0, handle_event/4, terminate/3, code_change/4, format_status/2]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Store = ets:new(events, [ordered_set, public]),
    lifecycle(Store),
    replayed(Store),
    postponed(Store),
    timeouts(Store),
    inserted(Store),
    calls(Store),
    failures(Store),
    status(Store),
    loops(Store),
    many(Store).

show(Label, Value) -> io:format("~p: ~0p~n", [Label, Value]).

start(Store, Id) -> {ok, P} = gen_statem:start_link(?MODULE, {Store, Id}, []), P.
events(Store, Id) -> [E || {{I, _}, E} <- ets:tab2list(Store), I =:= Id].

stop(P) -> gen_statem:stop(P), receive {'EXIT', P, normal} -> ok end.

%% --- the machine: new -> open(Balance) -> frozen -> closed; every change is an event in the table, state is what events make

callback_mode() -> [handle_event_function, state_enter].

init({_, refuse}) -> {stop, refused};
init({_, ignore}) -> ignore;
init({_, odd}) -> what_is_this;
init({Store, Id}) ->
    {State, Balance, N} = lists:foldl(fun apply_event/2, {new, 0, 0}, events(Store, Id)),
    {ok, State, #{store => Store, id => Id, balance => Balance, n => N, log => []}}.

apply_event(opened, {_, B, N}) -> {open, B, N + 1};
apply_event({deposited, X}, {S, B, N}) -> {S, B + X, N + 1};
apply_event({withdrawn, X}, {S, B, N}) -> {S, B - X, N + 1};
apply_event(frozen, {_, B, N}) -> {frozen, B, N + 1};
apply_event(thawed, {_, B, N}) -> {open, B, N + 1};
apply_event(closed, {_, B, N}) -> {closed, B, N + 1}.

record(Event, #{store := Store, id := Id, n := N, balance := B} = D) ->
    ets:insert(Store, {{Id, N}, Event}),
    {_, B1, N1} = apply_event(Event, {x, B, N}),
    D#{balance := B1, n := N1}.

handle_event(enter, Old, State, #{log := L} = D) -> {keep_state, D#{log := [{Old, State} | L]}, [{state_timeout, infinity, never} || State =:= frozen]};
handle_event({call, From}, open, new, D) -> {next_state, open, record(opened, D), {reply, From, ok}};
handle_event({call, From}, {deposit, X}, open, D) when is_integer(X), X > 0 -> D1 = record({deposited, X}, D), {keep_state, D1, [{reply, From, {ok, maps:get(balance, D1)}}]};
handle_event({call, From}, {withdraw, X}, open, #{balance := B} = D) when X > 0, X =< B -> {keep_state, record({withdrawn, X}, D), {reply, From, ok}};
handle_event({call, From}, {withdraw, _}, open, _) -> {keep_state_and_data, {reply, From, {error, insufficient}}};
handle_event({call, _}, {deposit, _}, frozen, _) -> {keep_state_and_data, postpone};
handle_event({call, From}, freeze, open, D) -> {next_state, frozen, record(frozen, D), {reply, From, ok}};
handle_event(cast, {freeze_for, T}, open, D) -> {next_state, frozen, record(frozen, D), {state_timeout, T, thaw}};
handle_event(state_timeout, thaw, frozen, D) -> {next_state, open, record(thawed, D)};
handle_event({call, From}, thaw, frozen, D) -> {next_state, open, record(thawed, D), {reply, From, ok}};
handle_event({call, From}, balance, _, #{balance := B}) -> {keep_state_and_data, {reply, From, B}};
handle_event({call, From}, state, S, D) -> {keep_state_and_data, {reply, From, {S, maps:with([balance, n], D)}}};
handle_event({call, From}, log, _, #{log := L}) -> {keep_state_and_data, {reply, From, lists:reverse(L)}};
handle_event({call, From}, close, S, D) when S =/= closed -> {next_state, closed, record(closed, D), [{reply, From, ok}, {timeout, 0, gone}]};
handle_event(timeout, gone, closed, D) -> {keep_state, D};
handle_event(timeout, What, _, #{id := {told, To}}) -> To ! {timeout, What}, keep_state_and_data;
handle_event(state_timeout, What, _, #{id := {told, To}}) -> To ! {state_timeout, What}, keep_state_and_data;
handle_event({timeout, Name}, What, _, #{id := {told, To}}) -> To ! {named, Name, What}, keep_state_and_data;
handle_event(cast, {actions, A}, _, _) -> {keep_state_and_data, A};
handle_event(cast, {move, S, A}, _, D) -> {next_state, S, D, A};
handle_event(internal, What, S, #{id := {told, To}}) -> To ! {internal, What, S}, keep_state_and_data;
handle_event(cast, {repeat, A}, _, D) -> {repeat_state, D, A};
handle_event(cast, stop, _, _) -> stop;
handle_event(cast, {stop, R}, _, D) -> {stop, R, D};
handle_event({call, From}, {stop, R}, _, _) -> {stop_and_reply, R, {reply, From, stopping}};
handle_event(cast, {return, X}, _, _) -> X;
handle_event(cast, {raise, C, R}, _, _) -> erlang:raise(C, R, []);
handle_event(info, {ask, From, What}, S, _) -> From ! {S, What}, keep_state_and_data;
handle_event({call, From}, {later, Ms}, _, _) -> {keep_state_and_data, {{timeout, From}, Ms, reply}};
handle_event({timeout, {_, _} = From}, reply, _, _) -> {keep_state_and_data, {reply, From, at_last}};
handle_event({call, From}, {module, M}, _, _) -> {keep_state_and_data, [{reply, From, ok}, {change_callback_module, M}]};
handle_event({call, From}, _, _, _) -> {keep_state_and_data, {reply, From, {error, not_now}}};
handle_event(_, _, _, _) -> keep_state_and_data.

terminate(R, S, #{id := {told, To}}) -> To ! {terminated, R, S};
terminate(_, _, _) -> ok.
code_change(_, S, D, _) -> {ok, S, D}.
format_status(normal, [_, S, D]) -> [{data, [{"State", {shown, S, maps:get(balance, D)}}]}];
format_status(terminate, [_, S, _]) -> {hidden, S}.

%% --- what is asked of it

lifecycle(Store) ->
    P = start(Store, a),
    show(commands, [{C, gen_statem:call(P, C)} || C <- [balance, {deposit, 5}, open, open, {deposit, 100}, {deposit, -1}, {deposit, x}, {withdraw, 30}, {withdraw, 300}, freeze, {withdraw, 1}, balance, thaw, {withdraw, 70}, state, close, {deposit, 1}, close, state]]),
    show(log, gen_statem:call(P, log)),
    show(events, events(Store, a)),
    show(stop, stop(P)).

replayed(Store) ->
    P = start(Store, a), show(closed, gen_statem:call(P, state)), stop(P),
    Q = start(Store, b), [gen_statem:call(Q, C) || C <- [open, {deposit, 10}, {deposit, 20}, freeze]],
    unlink(Q), exit(Q, kill), M = monitor(process, Q), receive {'DOWN', M, _, _, _} -> ok end,
    R = start(Store, b), show(after_kill, [gen_statem:call(R, state), gen_statem:call(R, log), gen_statem:call(R, thaw), gen_statem:call(R, {withdraw, 5}), events(Store, b)]), stop(R).

postponed(Store) ->
    P = start(Store, c), [gen_statem:call(P, C) || C <- [open, {deposit, 1}, freeze]],
    Ids = [gen_statem:send_request(P, {deposit, N}) || N <- [10, 20, 30]],
    show(waiting, [gen_statem:wait_response(I, 10) || I <- Ids]),
    show(balance, gen_statem:call(P, balance)),
    gen_statem:call(P, thaw),
    show(answers, [gen_statem:receive_response(I, 5000) || I <- Ids]),
    show(events, events(Store, c)),
    Requests = lists:foldl(fun(N, C) -> gen_statem:send_request(P, {withdraw, N}, {label, N}, C) end, gen_statem:reqids_new(), [1, 2, 1000]),
    show(collected, [gen_statem:reqids_size(Requests), lists:sort(collect(Requests))]),
    stop(P).
collect(Requests) -> case gen_statem:receive_response(Requests, 5000, true) of {A, L, More} -> [{L, A} | collect(More)]; no_request -> [] end.

timeouts(Store) ->
    P = start(Store, {told, self()}),
    Next = fun() -> receive M -> M after 5000 -> nothing end end,
    None = fun() -> receive M -> M after 30 -> nothing end end,
    Do = fun(A) -> gen_statem:cast(P, {actions, A}) end,
    Do([{state_timeout, 1, one}]), show(state_timeout, Next()),
    Do([{{timeout, a}, 1, x}]), show(named, Next()),
    Do([{{timeout, b}, 10000, x}]), Do([{{timeout, b}, update, y}]), Do([{{timeout, b}, cancel}]), show(cancelled, None()),
    Do([{{timeout, c}, 10000, x}]), Do([{{timeout, c}, 1, y}]), show(restarted, Next()),
    Do([{timeout, 10000, never}]), gen_statem:call(P, balance), show(event_timeout, None()),
    Do([{timeout, 1, idle}]), show(idle, Next()),
    Do([{state_timeout, 10000, lost}]), gen_statem:cast(P, {move, elsewhere, []}), show(moved, None()),
    Do([{{timeout, kept}, 20, across}]), gen_statem:cast(P, {move, third, []}), show(across, Next()),
    Do([{state_timeout, 0, zero}, {timeout, 0, zero_event}]), show(zeros, [Next(), None()]),
    Do([{{timeout, T}, 0, T} || T <- [one, two, three]]), show(order, [Next(), Next(), Next()]),
    Now = erlang:monotonic_time(millisecond), Do([{{timeout, absolute}, Now + 5, then, [{abs, true}]}]), show(absolute, Next()),
    Do([{state_timeout, cancel}, {state_timeout, update, none}]), show(update_without, Next()),
    gen_statem:cast(P, {repeat, []}), show(repeated, None()),
    gen_statem:stop(P), show(terminated, Next()), receive {'EXIT', P, normal} -> ok end.

inserted(Store) ->
    P = start(Store, {told, self()}),
    gen_statem:cast(P, {actions, [{next_event, internal, 1}, {next_event, internal, 2}, {next_event, cast, {actions, [{next_event, internal, 3}]}}, {next_event, internal, 4}]}),
    show(order, [receive M -> M after 5000 -> nothing end || _ <- [1, 2, 3, 4]]),
    gen_statem:cast(P, {actions, {next_event, info, {ask, self(), forged}}}),
    show(forged, receive {_, forged} = M -> M after 5000 -> nothing end),
    gen_statem:cast(P, {move, busy, [{next_event, internal, in_new_state}, hibernate]}),
    show(entered, receive {internal, _, _} = M2 -> M2 after 5000 -> nothing end),
    show(still, gen_statem:call(P, balance)),
    stop(P), receive {terminated, _, _} = M3 -> show(end_of_it, M3) end.

calls(Store) ->
    P = start(Store, d),
    show(timeouts, [try gen_statem:call(P, {later, 10000}, T) catch C:{R, _} -> {C, R} end || T <- [1, {clean_timeout, 1}, {dirty_timeout, 1}]]),
    show(at_last, gen_statem:call(P, {later, 1})),
    show(nobody, [try gen_statem:call(X, hello) catch C:{R, {M, F, _}} -> {C, R, M, F} end || X <- [no_such_name, {global, none}, {via, global, none}]]),
    show(casts, [try gen_statem:cast(X, hello) catch C:R -> {C, R} end || X <- [no_such_name, {global, none}, P]]),
    show(module, [gen_statem:call(P, {module, ?MODULE}), gen_statem:call(P, balance)]),
    show(call_and_stop, [gen_statem:call(P, {stop, normal}), receive {'EXIT', P, R} -> R after 5000 -> never end]).

failures(Store) ->
    show(starts, [gen_statem:start_link(?MODULE, {Store, I}, []) || I <- [refuse, ignore, odd]] -- [x]),
    [receive {'EXIT', _, _} -> ok after 5000 -> ok end || _ <- [1, 2]],
    [begin
         P = start(Store, {told, self()}),
         gen_statem:cast(P, How),
         Told = receive {terminated, R1, S1} -> {reason(R1), S1} after 5000 -> never end,
         show(How, {Told, receive {'EXIT', P, R2} -> reason(R2) after 5000 -> never end})
     end || How <- [stop, {stop, shutdown}, {stop, {shutdown, why}}, {stop, oops}, {return, nonsense}, {return, {next_state, x}}, {raise, error, bad}, {raise, throw, ball}, {raise, exit, out},
                    {actions, nonsense}, {actions, [{reply, x}]}, {actions, [{timeout, -1, x}]}, {actions, [{state_timeout, x, y}]}, {actions, {next_event, strange, x}}, {actions, [{change_callback_module, no_such_module}]}, {actions, [pop_callback_module]}]].
reason({R, [{M, F, A, _} | _]}) -> {R, M, F, if is_list(A) -> length(A); true -> A end};
reason(R) -> R.

status(Store) ->
    P = start(Store, e), [gen_statem:call(P, C) || C <- [open, {deposit, 7}]],
    {status, P, {module, M}, [_, SysState, Parent, _, Misc]} = sys:get_status(P),
    show(status, [M, SysState, Parent =:= self(), [D || {data, [{"State", _}] = D} <- Misc]]),
    show(state, [begin {S, D} = sys:get_state(P), {S, maps:get(balance, D)} end, element(1, sys:replace_state(P, fun({S, D}) -> {S, D#{balance := 1000}} end)), gen_statem:call(P, balance)]),
    sys:suspend(P), Id = gen_statem:send_request(P, balance), show(suspended, gen_statem:wait_response(Id, 20)), sys:resume(P), show(resumed, gen_statem:wait_response(Id, 5000)),
    sys:log(P, true), gen_statem:call(P, balance), show(log, length(element(2, sys:log(P, get)))),
    stop(P).

%% An ordinary process that becomes a machine.
loops(Store) ->
    Self = self(),
    P = proc_lib:spawn_link(fun() -> register(entered, self()), Self ! ready, gen_statem:enter_loop(?MODULE, [], open, #{store => Store, id => f, balance => 3, n => 0, log => []}, {local, entered}, [{state_timeout, infinity, x}]) end),
    receive ready -> ok end,
    show(entered, [gen_statem:call(entered, balance), gen_statem:call(entered, {deposit, 4}), gen_statem:call(P, log), gen_statem:stop(entered)]),
    receive {'EXIT', P, R} -> show(ended, R) end,
    Q = proc_lib:spawn_link(fun() -> gen_statem:enter_loop(?MODULE, [], open, #{}, {local, not_registered}) end),
    receive {'EXIT', Q, R2} -> show(not_registered, R2) end.

many(Store) ->
    Ps = [start(Store, {many, N}) || N <- lists:seq(1, 200)],
    [gen_statem:call(P, open) || P <- Ps],
    Ids = [gen_statem:send_request(P, {deposit, N}) || N <- [1, 2, 3], P <- Ps],
    [gen_statem:receive_response(I, infinity) || I <- Ids],
    show(sum, lists:sum([gen_statem:call(P, balance) || P <- Ps])),
    [stop(P) || P <- Ps],
    show(events, length([E || {{{many, _}, _}, E} <- ets:tab2list(Store)])).
