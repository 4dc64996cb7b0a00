%% global, pg, rpc and erpc on a node that has no name: names, locks, groups and calls stay at home.
-module(global_names_alone).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2]).

main() ->
    logger:set_primary_config(level, none),
    Pid = spawn(fun() -> receive stop -> ok end end),
    show(registered, [global:register_name(n, Pid), global:register_name(n, Pid), global:register_name(other, Pid), global:whereis_name(n) =:= Pid, global:whereis_name(none)]),
    show(names, lists:sort(global:registered_names())),
    show(again, [global:register_name(n, self()), global:re_register_name(n, self()), global:whereis_name(n) =:= self()]),
    show(sent, [global:send(n, hello) =:= self(), receive hello -> got after 1000 -> none end, try global:send(nobody, x) catch C:R -> {C, R} end]),
    show(unregistered, [global:unregister_name(n), global:whereis_name(n), global:unregister_name(n)]),
    Monitor = monitor(process, Pid),
    Pid ! stop,
    receive {'DOWN', Monitor, process, Pid, _} -> ok end,
    until(fun() -> global:whereis_name(other) =:= undefined end),
    show(gone, global:registered_names()),
    show(wrong, [try apply(global, F, A) catch C2:_ -> C2 end || {F, A} <- [{register_name, [x, y]}, {whereis_name, [1.5]}, {unregister_name, [[]]}]]),
    show(locks, [global:set_lock({r, self()}, [node()], 0), global:set_lock({r, self()}, [node()], 0), global:set_lock({r, other}, [node()], 0), global:del_lock({r, self()}), global:set_lock({r, other}, [node()], 0),
                 global:del_lock({r, self()}), global:set_lock({r, other}, [node()], 0), global:del_lock({r, other})]),
    show(trans, [global:trans({t, self()}, fun() -> {inside, global:set_lock({t, x}, [node()], 0)} end), global:trans({t, self()}, fun() -> done end, [node()], 0)]),
    show(sync, global:sync()),
    servers(),
    groups(),
    calls().

servers() ->
    {ok, S} = gen_server:start({global, server}, ?MODULE, 0, []),
    show(server, [gen_server:call({global, server}, add), gen_server:call({global, server}, add), global:whereis_name(server) =:= S]),
    show(taken, gen_server:start({global, server}, ?MODULE, 0, []) =:= {error, {already_started, S}}),
    show(via, begin {ok, V} = gen_server:start({via, global, by_via}, ?MODULE, 5, []), [gen_server:call({via, global, by_via}, add), gen_server:call(V, add), gen_server:stop({via, global, by_via})] end),
    show(nobody, try gen_server:call({global, nobody}, x) catch exit:{R, {gen_server, call, _}} -> R end),
    show(stopped, [gen_server:stop({global, server}), global:whereis_name(server)]).

init(N) -> {ok, N}.
handle_call(add, _, N) -> {reply, N + 1, N + 1}.
handle_cast(_, N) -> {noreply, N}.

groups() ->
    {ok, _} = pg:start_link(scope),
    Members = [spawn_link(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, 3)],
    show(joined, [pg:join(scope, g, Members), pg:join(scope, h, hd(Members)), pg:join(scope, g, hd(Members))]),
    show(members, [length(pg:get_members(scope, G)) || G <- [g, h, none]]),
    show(local, [length(pg:get_local_members(scope, g)), lists:sort(pg:which_groups(scope))]),
    show(left, [pg:leave(scope, g, hd(Members)), pg:leave(scope, h, hd(Members)), pg:leave(scope, h, hd(Members)), length(pg:get_members(scope, g))]),
    [M ! stop || M <- Members],
    until(fun() -> pg:get_members(scope, g) =:= [] end),
    show(ended, pg:which_groups(scope)),
    {Ref, Now} = pg:monitor_scope(scope),
    show(monitored, Now),
    P = spawn_link(fun() -> receive stop -> ok end end),
    pg:join(scope, new, P),
    show(told, receive {Ref, join, new, [P]} -> join after 5000 -> none end),
    P ! stop,
    show(told_leave, receive {Ref, leave, new, [P]} -> leave after 5000 -> none end).

calls() ->
    show(rpc, [rpc:call(node(), erlang, '+', [1, 2]), rpc:call(node(), erlang, error, [x]) =/= x, rpc:call(node(), erlang, throw, [t]), rpc:call('no@where', erlang, node, []), rpc:block_call(node(), lists, reverse, [[1, 2]])]),
    show(rpc_errors, [element(1, element(2, rpc:call(node(), M, F, A))) || {M, F, A} <- [{erlang, error, [boom]}, {erlang, exit, [bye]}, {nomod, nofun, []}, {erlang, '+', [a, 1]}]]),
    show(timeout, rpc:call(node(), timer, sleep, [100000], 20)),
    show(multicall, [rpc:multicall([node(), 'no@where'], erlang, '+', [1, 2]), rpc:multicall(erlang, node, []), rpc:eval_everywhere(erlang, node, [])]),
    show(async, begin K = rpc:async_call(node(), lists, seq, [1, 3]), [rpc:yield(K)] end),
    show(nb_yield, begin K2 = rpc:async_call(node(), timer, sleep, [100000]), rpc:nb_yield(K2, 1) end),
    show(pmap, [rpc:pmap({erlang, '*'}, [3], [1, 2, 3]), rpc:parallel_eval([{erlang, '+', [1, 2]}, {lists, max, [[3, 1]]}]), try rpc:pmap({erlang, '*'}, [a], [1]) catch exit:R -> R end]),
    show(erpc, [erpc:call(node(), erlang, '+', [1, 2]), erpc:call(node(), fun() -> 42 end), try erpc:call(node(), erlang, error, [x]) catch error:{exception, E, [{M, F, _, _} | _]} -> {E, M, F} end,
                try erpc:call(node(), erlang, exit, [x]) catch exit:E2 -> E2 end, try erpc:call(node(), erlang, throw, [x]) catch throw:E3 -> E3 end, try erpc:call('no@where', erlang, node, []) catch error:E4 -> E4 end,
                try erpc:call(node(), timer, sleep, [100000], 10) catch error:E5 -> E5 end, try erpc:call(node, x, []) catch error:E6 -> E6 end]),
    show(erpc_multi, [erpc:multicall([node(), node()], erlang, '+', [1, 2]), erpc:multicall([node(), 'no@where'], erlang, throw, [t])]),
    show(requests, begin Id = erpc:send_request(node(), lists, reverse, [[1, 2, 3]]), erpc:receive_response(Id) end),
    show(collection, begin C0 = erpc:reqids_new(), C1 = lists:foldl(fun(N, C) -> erpc:send_request(node(), erlang, '*', [N, N], N, C) end, C0, [1, 2, 3]), lists:sort(drain(C1)) end),
    show(cast, [erpc:cast(node(), erlang, send, [self(), casted]), receive casted -> got after 5000 -> none end, rpc:cast(node(), erlang, send, [self(), again]), receive again -> got after 5000 -> none end]),
    show(abcast, [rpc:abcast(nobody_here, x), rpc:sbcast(nobody_here, x)]).

drain(C) ->
    case erpc:receive_response(C, 5000, true) of
        {Value, Label, Rest} -> [{Label, Value} | drain(Rest)];
        no_request -> []
    end.

until(F) -> case F() of true -> ok; false -> timer:sleep(5), until(F) end.

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
