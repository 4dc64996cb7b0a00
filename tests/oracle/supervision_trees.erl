%% Supervisors: the four strategies, restart types, intensity, shutdown, changes of children at run time and what they refuse.
-module(supervision_trees).
-behaviour(supervisor).
-export([main/0, init/1, start_child/1]).

main() ->
    process_flag(trap_exit, true),
    logger:remove_handler(default),
    [strategy(S) || S <- [one_for_one, one_for_all, rest_for_one]],
    simple(),
    restarts(),
    refused(),
    changes().

init({Flags, Children}) -> {ok, {Flags, Children}}.
start_child(Name) ->
    Pid = spawn_link(fun() -> receive {stop, R} -> exit(R) end end),
    register(Name, Pid),
    {ok, Pid}.
child(Name) -> child(Name, permanent).
child(Name, Restart) -> #{id => Name, start => {?MODULE, start_child, [Name]}, restart => Restart, shutdown => 100}.

strategy(S) ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => S, intensity => 5, period => 100}, [child(N) || N <- [a, b, c]]}),
    Before = pids(Sup),
    b ! {stop, broken},
    wait_until(fun() -> After = pids(Sup), lists:all(fun({_, P}) -> is_pid(P) end, After) andalso element(2, lists:keyfind(b, 1, After)) =/= element(2, lists:keyfind(b, 1, Before)) end),
    After = pids(Sup),
    io:format("~p ~p~n", [S, [{N, P =:= proplists:get_value(N, Before)} || {N, P} <- After]]),
    io:format("~p~n", [lists:sort(supervisor:count_children(Sup))]),
    stop(Sup).

pids(Sup) -> lists:sort([{N, P} || {N, P, _, _} <- supervisor:which_children(Sup)]).

simple() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => simple_one_for_one}, [#{id => x, start => {?MODULE, start_child, []}, restart => temporary}]}),
    [{ok, _} = supervisor:start_child(Sup, [N]) || N <- [p, q]],
    io:format("~p~n", [lists:sort(supervisor:count_children(Sup))]),
    io:format("~p~n", [supervisor:terminate_child(Sup, whereis(p))]),
    io:format("~p~n", [supervisor:terminate_child(Sup, id)]),
    io:format("~p~n", [supervisor:restart_child(Sup, x)]),
    io:format("~p~n", [lists:sort(supervisor:count_children(Sup))]),
    stop(Sup).

restarts() ->
    [begin
         {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => one_for_one, intensity => 1, period => 100}, [child(r, Type)]}),
         P = whereis(r), M = monitor(process, P),
         P ! {stop, Reason},
         receive {'DOWN', M, _, _, _} -> ok end,
         [{_, Child, _, _}] = case supervisor:which_children(Sup) of [] -> [{none, none, none, none}]; L -> L end,
         io:format("~p ~p ~p~n", [Type, Reason, case Child of X when is_pid(X) -> restarted; X -> X end]),
         stop(Sup)
     end || Type <- [permanent, transient, temporary], Reason <- [normal, shutdown, {shutdown, x}, broken]],
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => one_for_one, intensity => 1, period => 100}, [child(r)]}),
    [begin wait_until(fun() -> is_pid(whereis(r)) end), P = whereis(r), M = monitor(process, P), P ! {stop, broken}, receive {'DOWN', M, _, _, _} -> ok end end || _ <- [1, 2]],
    receive {'EXIT', Sup, R} -> io:format("~p~n", [R]) end.

refused() ->
    [io:format("~p~n", [supervisor:check_childspecs(C)])
     || C <- [[child(a)], [child(a), child(a)], [#{id => a}], [#{start => {a, b, []}}], [#{id => a, start => x}], [#{id => a, start => {a, b, []}, restart => x}],
              [#{id => a, start => {a, b, []}, shutdown => -1}], [#{id => a, start => {a, b, []}, type => x}], [#{id => a, start => {a, b, []}, modules => x}],
              [{a, {b, c, []}, permanent, 1, worker, [b]}], [{a, b}], x]],
    [io:format("~p~n", [supervisor:start_link(?MODULE, F)])
     || F <- [{#{strategy => x}, []}, {#{intensity => -1}, []}, {#{period => 0}, []}, {{one_for_one, 1, 5}, [child(z1)]}, {x, []}, {#{}, [child(a), child(a)]},
              {#{}, [#{id => f, start => {erlang, error, [x]}}]}], begin flush(), true end],
    flush().

changes() ->
    {ok, Sup} = supervisor:start_link(?MODULE, {#{}, [child(a)]}),
    {ok, _} = supervisor:start_child(Sup, child(b)),
    io:format("~p~n", [case supervisor:start_child(Sup, child(b)) of {error, {already_started, P}} when is_pid(P) -> already; O -> O end]),
    io:format("~p~n", [supervisor:delete_child(Sup, b)]),
    io:format("~p~n", [supervisor:terminate_child(Sup, b)]),
    io:format("~p~n", [supervisor:start_child(Sup, child(b))]),
    io:format("~p~n", [element(1, supervisor:restart_child(Sup, b))]),
    io:format("~p~n", [supervisor:restart_child(Sup, b)]),
    io:format("~p~n", [[supervisor:F(Sup, none) || F <- [terminate_child, delete_child, restart_child, get_childspec]]]),
    io:format("~p~n", [supervisor:get_childspec(Sup, a)]),
    stop(Sup).

stop(Sup) -> exit(Sup, shutdown), receive {'EXIT', Sup, R} -> io:format("~p~n", [R]) end.
flush() -> receive {'EXIT', _, _} -> flush() after 50 -> ok end.
wait_until(F) -> case F() of true -> ok; false -> timer:sleep(5), wait_until(F) end.
