%% gen_event: handlers, notify, calls, swapping, deleting, crashes of handlers, supervised handlers.
-module(gen_events).
-export([main/0]).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2]).
main() ->
    logger:set_primary_config(level, none), {ok, M} = gen_event:start_link(), S = self(), show([gen_event:add_handler(M, ?MODULE, {S, one}), gen_event:add_handler(M, {?MODULE, two}, {S, two}), gen_event:add_handler(M, ?MODULE, {S, again}), gen_event:which_handlers(M)]), gen_event:sync_notify(M, hello), show(drain()), show([gen_event:call(M, ?MODULE, name), gen_event:call(M, {?MODULE, two}, name), gen_event:call(M, none, name), gen_event:notify(M, async)]), show(drain()), M ! info, show(drain()),
    show([gen_event:swap_handler(M, {{?MODULE, two}, swap}, {{?MODULE, three}, {S, three}}), gen_event:which_handlers(M)]), show(drain()), show([gen_event:delete_handler(M, ?MODULE, bye), gen_event:delete_handler(M, none, bye), gen_event:which_handlers(M)]), show(drain()), gen_event:add_sup_handler(M, {?MODULE, sup}, {S, sup}), gen_event:sync_notify(M, {crash, sup}), show(drain()), show(gen_event:which_handlers(M)), gen_event:sync_notify(M, {remove, three}), show(drain()), gen_event:add_sup_handler(M, {?MODULE, sup2}, {S, sup2}), show([gen_event:call(M, {?MODULE, sup2}, crash), gen_event:which_handlers(M)]), show(drain()), P = spawn(fun() -> gen_event:add_sup_handler(M, {?MODULE, other}, {S, other}), S ! {ev, added}, receive stop -> ok end end), show(drain()), P ! stop, timer:sleep(20), show(gen_event:which_handlers(M)), show(drain()), show([gen_event:stop(M), catch gen_event:stop(a_name_not_there)]), show(drain()).
init({{S, N}, T}) -> S ! {ev, {swapped, N, T}}, {ok, {S, N}}; init({S, N}) -> {ok, {S, N}}.
handle_event({crash, N}, {_, N}) -> error(crashed); handle_event({remove, N}, {_, N}) -> remove_handler; handle_event(E, {S, N} = St) -> S ! {ev, {N, E}}, {ok, St}.
handle_call(name, {_, N} = St) -> {ok, N, St}; handle_call(crash, _) -> exit(in_call).
handle_info(I, {S, N} = St) -> S ! {ev, {N, info, I}}, {ok, St}.
terminate(swap, {S, N}) -> S ! {ev, {N, swapping}}, swapped_state; terminate(R, {S, N}) -> S ! {ev, {N, terminate, case R of {error, {'EXIT', {E, _}}} -> {error, E}; {stop, _} -> stop; _ -> R end}}, ok.
drain() -> receive {ev, X} -> [X | drain()]; {gen_event_EXIT, H, R} -> [{gen_event_EXIT, H, case R of {'EXIT', {E, L}} when is_list(L) -> {'EXIT', E}; _ -> R end} | drain()] after 800 -> [] end.
show(X) -> io:format("~p~n", [X]).
