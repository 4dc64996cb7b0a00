%% Behaviours seldom used: supervisor_bridge, calls to servers of many nodes, ordinary processes that enter a server's loop, delayed answers, collections of
%% requests, what servers tell about themselves, the old gen_fsm.
-module(bridges_and_loops).
-export([main/0]).
-export([init/1, terminate/2, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, format_status/1]).
-export([start_loop/1]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    bridge(),
    calls_of_many(),
    enter_loop(),
    requests(),
    replies(),
    starts(),
    returns(),
    status(),
    names(),
    old_machine().

show(Label, Value) -> io:format("~p: ~0p~n", [Label, Value]).
exit_of(P) -> receive {'EXIT', P, R} -> reason(R) after 5000 -> never end.
reason({R, [{M, F, A, _} | _]}) -> {R, M, F, if is_list(A) -> length(A); true -> A end};
reason(R) -> R.

%% --- one module for all of them

init({bridge, ok, To}) -> P = spawn_link(fun() -> receive {die, R} -> exit(R) end end), To ! {inside, P}, {ok, P, {To, P}};
init({bridge, Other, _}) -> Other;
init({server, To}) -> {ok, {To, []}};
init({continue, To}) -> {ok, {To, []}, {continue, first}};
init({timeout, To}) -> {ok, {To, []}, 1};
init({hibernate, To}) -> {ok, {To, []}, hibernate};
init({return, X}) -> X;
init({raise, C, R}) -> erlang:raise(C, R, []).

terminate(R, {To, P}) when is_pid(P) -> To ! {bridge_ends, R, is_process_alive(P)}, exit(P, kill);
terminate(R, {To, _}) -> To ! {terminated, reason(R)}.

handle_call({echo, X}, _, S) -> {reply, X, S};
handle_call({later, X}, From, S) -> self() ! {answer, From, X}, {noreply, S};
handle_call({twice, X}, From, S) -> gen_server:reply(From, X), {reply, {again, X}, S};
handle_call({return, X}, _, _) -> X;
handle_call({add, X}, _, {To, L}) -> {reply, length(L) + 1, {To, [X | L]}};
handle_call(state, _, {_, L} = S) -> {reply, L, S};
handle_call(never, _, S) -> {noreply, S};
handle_call({continue, X}, _, S) -> {reply, going_on, S, {continue, X}};
handle_call({stop, R, Reply}, _, S) -> {stop, R, Reply, S};
handle_call(hibernate, _, S) -> {reply, ok, S, hibernate}.
handle_cast({return, X}, _) -> X;
handle_cast({raise, C, R}, _) -> erlang:raise(C, R, []);
handle_cast(X, {To, L}) -> {noreply, {To, [{cast, X} | L]}}.
handle_info({answer, From, X}, S) -> gen_server:reply(From, {late, X}), {noreply, S};
handle_info(timeout, {To, L}) -> To ! timed_out, {noreply, {To, [timeout | L]}};
handle_info(X, {To, L}) -> {noreply, {To, [{info, X} | L]}}.
handle_continue(first, {To, L}) -> {noreply, {To, [first | L]}, {continue, second}};
handle_continue(X, {To, L}) -> {noreply, {To, [X | L]}}.
format_status(#{state := {_, L}} = Status) -> maps:map(fun(state, _) -> {shown, L}; (message, M) -> {hidden, M}; (_, V) -> V end, Status).

bridge() ->
    {ok, B} = supervisor_bridge:start_link(?MODULE, {bridge, ok, self()}),
    P = receive {inside, X} -> X end,
    P ! {die, gone}, show(bridge, [exit_of(B), receive {bridge_ends, R, A} -> {R, A} after 0 -> not_told end]),
    {ok, C} = supervisor_bridge:start_link({local, the_bridge}, ?MODULE, {bridge, ok, self()}),
    show(named, [whereis(the_bridge) =:= C, supervisor_bridge:start_link({local, the_bridge}, ?MODULE, {bridge, ok, self()}) =:= {error, {already_started, C}}]),
    exit(C, shutdown), show(shutdown, [exit_of(C), receive {bridge_ends, R2, A2} -> {R2, A2} end]),
    show(starts, [begin T = supervisor_bridge:start_link(?MODULE, {bridge, O, self()}), receive {'EXIT', _, Y} -> {case T of {error, W} -> {error, reason(W)}; _ -> T end, reason(Y)} after 5000 -> {T, none} end end || O <- [ignore, {error, refused}, nonsense]]),
    {ok, Super} = supervisor:start_link(?MODULE, {return, {ok, {#{}, [#{id => bridge, start => {supervisor_bridge, start_link, [?MODULE, {bridge, ok, self()}]}, type => supervisor}]}}}),
    P1 = receive {inside, X1} -> X1 end,
    show(supervised, [{I, is_pid(Q), T, Ms} || {I, Q, T, Ms} <- supervisor:which_children(Super)]),
    P1 ! {die, again},
    show(restarted, receive {inside, X2} -> is_pid(X2) after 5000 -> never end),
    unlink(Super), exit(Super, shutdown), receive {bridge_ends, R3, A3} -> show(stopped, {R3, A3}) after 5000 -> show(stopped, never) end.

calls_of_many() ->
    {ok, P} = gen_server:start_link({local, many_server}, ?MODULE, {server, self()}, []),
    show(multi_call, [gen_server:multi_call(many_server, {echo, 1}), gen_server:multi_call([node()], many_server, {echo, 2}), gen_server:multi_call([node(), node()], many_server, {add, 3}), gen_server:multi_call([], many_server, x),
                      gen_server:multi_call([node()], no_such_server, x), gen_server:multi_call([node()], many_server, {echo, 3}, 5000)]),
    show(bad_nodes, gen_server:multi_call([node(), 'nobody@nowhere'], many_server, {echo, 4}, 5000)),
    show(wrong, [try gen_server:multi_call(N, S, R, T) catch C:E -> {C, if is_tuple(E) -> element(1, E); true -> E end} end || {N, S, R, T} <- [{x, many_server, a, 1}, {[node()], "s", a, 1}, {[node()], many_server, {echo, a}, x}, {[node()], many_server, {echo, 1}, -1}]]),
    show(too_late, gen_server:multi_call([node()], many_server, never, 10)),
    show(abcast, [gen_server:abcast(many_server, hello), gen_server:abcast([node()], many_server, {a, b}), gen_server:abcast([], many_server, x), gen_server:abcast(no_such_server, x)]),
    show(state, [X || X <- gen_server:call(P, state), element(1, X) =:= cast]),
    show(stop, gen_server:stop(many_server)), receive {terminated, T1} -> show(reason, T1) end, exit_of(P).

start_loop(To) -> register(loop_name, self()), proc_lib:init_ack({ok, self(), extra}), gen_server:enter_loop(?MODULE, [], {To, [entered]}, {local, loop_name}).

enter_loop() ->
    {ok, P, extra} = proc_lib:start_link(?MODULE, start_loop, [self()]),
    show(loop, [gen_server:call(loop_name, state), gen_server:call(P, {echo, x}), sys:get_state(P) =:= {self(), [entered]}]),
    gen_server:stop(P, shutdown, 5000), receive {terminated, R} -> show(ended, [R, exit_of(P)]) end,
    Self = self(),
    [begin
         Q = proc_lib:spawn_link(fun() -> apply(gen_server, enter_loop, A) end),
         show(Label, [try gen_server:call(Q, state, 5000) catch exit:{W, _} -> {failed, W} end, begin unlink(Q), exit(Q, kill) end]),
         flush()
     end || {Label, A} <- [{plain, [?MODULE, [], {Self, [1]}]}, {timeout, [?MODULE, [], {Self, [2]}, 10000]}, {continued, [?MODULE, [], {Self, []}, {continue, first}]}, {hibernated, [?MODULE, [], {Self, [3]}, hibernate]}, {by_pid, [?MODULE, [], {Self, [4]}, self(), 10000]}]],
    [begin
         Q = proc_lib:spawn_link(fun() -> apply(gen_server, enter_loop, A) end),
         show(Label, exit_of(Q))
     end || {Label, A} <- [{not_registered, [?MODULE, [], {Self, []}, {local, somebody_else}]}, {global, [?MODULE, [], {Self, []}, {global, nobody}]}]],
    Plain = spawn_link(fun() -> gen_server:enter_loop(?MODULE, [], {Self, []}) end),
    show(not_of_proc_lib, exit_of(Plain)).
flush() -> receive _ -> flush() after 0 -> ok end.

requests() ->
    {ok, P} = gen_server:start_link(?MODULE, {server, self()}, []),
    A = gen_server:send_request(P, {echo, a}), B = gen_server:send_request(P, {later, b}), C = gen_server:send_request(no_such_server, c),
    show(answers, [gen_server:wait_response(B, 5000), gen_server:receive_response(A, 5000), gen_server:wait_response(C, 5000)]),
    Never = gen_server:send_request(P, never),
    show(never, [gen_server:wait_response(Never, 1), gen_server:receive_response(Never, 1)]),
    Check = gen_server:send_request(P, {echo, checked}),
    show(checked, [gen_server:check_response(unrelated, Check), receive M -> gen_server:check_response(M, Check) end]),
    All = lists:foldl(fun(N, Ids) -> gen_server:send_request(P, {later, N}, N, Ids) end, gen_server:reqids_new(), [1, 2, 3]),
    show(collection, [gen_server:reqids_size(All), [L || {_, L} <- gen_server:reqids_to_list(All)], all(All, []), gen_server:receive_response(gen_server:reqids_new(), 0, true), gen_server:reqids_size(gen_server:reqids_add(Never, label, gen_server:reqids_new()))]),
    show(wrong, [try F() catch Cl:R -> {Cl, R} end || F <- [fun() -> gen_server:wait_response(x, 1) end, fun() -> gen_server:reqids_size(x) end, fun() -> gen_server:receive_response(Never, x) end, fun() -> gen_server:reqids_add(Never, a, b) end]] -- [x]),
    D = gen_server:send_request(P, {stop, normal, bye}), E = gen_server:send_request(P, {echo, too_late}),
    show(last, [gen_server:receive_response(D, 5000), begin {error, {Why, Ref}} = gen_server:receive_response(E, 5000), {Why, Ref =:= P} end]), exit_of(P), flush().
all(Ids, L) -> case gen_server:receive_response(Ids, 5000, true) of {{reply, R}, Label, More} -> all(More, [{Label, R} | L]); no_request -> lists:reverse(L) end.

replies() ->
    {ok, P} = gen_server:start_link(?MODULE, {server, self()}, []),
    show(replies, [gen_server:call(P, {later, 1}), gen_server:call(P, {twice, 2}), gen_server:call(P, {echo, 3}), gen_server:call(P, hibernate), gen_server:call(P, {continue, fourth}), gen_server:call(P, state)]),
    show(given_up, [try gen_server:call(P, never, T) catch C:{R, {M, F, _}} -> {C, R, M, F} end || T <- [0, 1]]),
    show(self_call, try gen_server:call(self(), x) catch C2:{R2, _} -> {C2, R2} end),
    show(arguments, [try gen_server:call(P, {echo, x}, T) catch C3:R3 -> {C3, if is_tuple(R3) -> reason(element(1, R3)); true -> R3 end} end || T <- [x, -1, 1.5]]),
    gen_server:stop(P), exit_of(P), flush().

starts() ->
    [show({Kind, case I of {K, P} when is_pid(P) -> K; _ -> I end}, begin R = gen_server:Kind(?MODULE, I, []), case R of {ok, Q} when is_pid(Q) -> gen_server:call(Q, state), S = gen_server:call(Q, state), gen_server:stop(Q), {started, S}; {ok, {Q, Mon}} -> gen_server:stop(Q), {monitored, receive {'DOWN', Mon, _, _, W} -> W end}; {error, E} -> {error, reason(E)}; _ -> R end end)
     || Kind <- [start, start_link, start_monitor], I <- [{continue, self()}, {hibernate, self()}, {return, ignore}, {return, {stop, why}}, {return, {error, quiet}}, {return, 7}, {raise, error, oops}, {raise, throw, ignore}, {raise, exit, out}]],
    flush(),
    {ok, T} = gen_server:start_link(?MODULE, {timeout, self()}, []), show(timeout, receive timed_out -> yes after 5000 -> no end), gen_server:stop(T),
    show(options, [case catch gen_server:start(?MODULE, {return, {ok, x}}, O) of {ok, Q} -> exit(Q, kill), ok; Other -> Other end || O <- [[{timeout, 1000}], [{spawn_opt, [{min_heap_size, 1000}]}], [{debug, [trace_nothing]}], [{hibernate_after, 1}], [{timeout, infinity}], [unknown]]]),
    show(slow_start, gen_server:start(?MODULE, {return, timer:sleep(0)}, [{timeout, 1}]) =/= ok), flush().

returns() ->
    [begin
         {ok, P} = gen_server:start_link(?MODULE, {server, self()}, []),
         Answer = try gen_server:call(P, {return, X}, 5000) catch exit:{W, _} -> {failed, reason(W)} end,
         show({call, X}, [Answer, exit_of(P)]), flush()
     end || X <- [nonsense, {reply, a}, {noreply, x, bad_timeout}, {stop, normal, {self(), []}}, {stop, why, answer, {self(), []}}, {reply, a, {self(), []}, {continue}}, {stop, x}]],
    [begin {ok, P} = gen_server:start_link(?MODULE, {server, self()}, []), gen_server:cast(P, X), show({cast, X}, exit_of(P)), flush() end
     || X <- [{return, {reply, a, b}}, {return, ok}, {raise, throw, ball}, {raise, error, oops}, {raise, exit, normal}, {return, {stop, {shutdown, now}, {self(), []}}}]].

status() ->
    {ok, P} = gen_server:start_link(?MODULE, {server, self()}, []),
    gen_server:call(P, {add, secret}),
    {status, P, {module, gen_server}, [Dictionary, running, _, [], [{header, Header}, {data, Data}, Shown]]} = sys:get_status(P),
    show(status, [lists:sort([K || {K, _} <- Dictionary]), re:replace(lists:flatten(Header), "<[0-9.]+>", "PID", [{return, list}]), [{K, case V of _ when is_pid(V) -> pid; _ -> V end} || {K, V} <- Data], Shown]),
    gen_server:stop(P), exit_of(P), flush().

names() ->
    {ok, P} = gen_server:start({global, some_name}, ?MODULE, {server, self()}, []),
    show(global, [gen_server:call({global, some_name}, {echo, 1}), gen_server:call({via, global, some_name}, {echo, 2}), element(2, gen_server:start({global, some_name}, ?MODULE, {server, self()}, [])) =:= {already_started, P}, gen_server:stop({global, some_name})]),
    show(bad_names, [try gen_server:start(N, ?MODULE, {return, ignore}, []) catch C:R -> {C, R} end || N <- [{local, "text"}, {locale, x}, {local, undefined}, x, {via, no_such_module, x}]] -- [x]),
    show(stops, [try gen_server:stop(N) catch C:R -> {C, R} end || N <- [no_such_server, {global, none}, {via, global, none}]]), flush().

%% --- gen_fsm, which is still there

old_machine() ->
    {module, _} = old_fsm(),
    {ok, P} = apply(gen_fsm, start_link, [old_fsm, self(), []]),
    Ask = fun(E) -> apply(gen_fsm, sync_send_event, [P, E]) end,
    show(old, [Ask(which), Ask(go), Ask(which), apply(gen_fsm, sync_send_all_state_event, [P, data]), apply(gen_fsm, send_event, [P, note]), apply(gen_fsm, send_all_state_event, [P, note]), begin P ! note, apply(gen_fsm, sync_send_all_state_event, [P, data]) end]),
    show(timer, [begin R = apply(gen_fsm, start_timer, [10000, x]), is_integer(apply(gen_fsm, cancel_timer, [R])) end, receive {old, W} -> W after 0 -> none end]),
    show(state, sys:get_state(P)),
    show(stop, [Ask(stop), exit_of(P)]).

old_fsm() ->
    Text = "-module(old_fsm). -behaviour(gen_fsm). -export([init/1, a/2, a/3, b/2, b/3, handle_event/3, handle_sync_event/4, handle_info/3, terminate/3, code_change/4]). init(To) -> {ok, a, [To]}. a(E, D) -> {next_state, a, D ++ [{a, E}]}. "
           "a(which, _, D) -> {reply, a, a, D}; a(go, _, D) -> {reply, gone, b, D, 10000}. b(timeout, D) -> {next_state, b, D ++ [timeout]}; b(E, D) -> {next_state, b, D ++ [{b, E}]}. b(which, _, D) -> {reply, b, b, D}; b(stop, _, D) -> {stop, normal, stopping, D}. "
           "handle_event(E, S, D) -> {next_state, S, D ++ [{all, E}]}. handle_sync_event(data, _, S, D) -> {reply, [X || X <- tl(D), X =/= timeout], S, D}. handle_info(E, S, D) -> {next_state, S, D ++ [{info, E}]}. terminate(_, _, _) -> ok. code_change(_, S, D, _) -> {ok, S, D}. ",
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, M, Code} = compile:forms([element(2, erl_parse:parse_form(F)) || F <- forms(Tokens, [])], [nowarn_deprecated_function]),
    code:load_binary(M, "old_fsm.erl", Code).
forms([], []) -> [];
forms([{dot, _} = D | R], F) -> [lists:reverse(F, [D]) | forms(R, [])];
forms([T | R], F) -> forms(R, [T | F]).
