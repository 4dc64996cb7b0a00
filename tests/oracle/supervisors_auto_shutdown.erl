%% Supervisors that end by themselves: significant children, both ways, all strategies and restart types, what is refused, dynamic children.
-module(supervisors_auto_shutdown).
-behaviour(supervisor).
-export([main/0, init/1, start_child/1]).

main() ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    [ended(S, A, R, Exits) || S <- [one_for_one, one_for_all, rest_for_one], A <- [never, any_significant, all_significant], R <- [transient, temporary],
                              Exits <- [[{a, normal}], [{b, shutdown}], [{a, normal}, {c, {shutdown, x}}], [{b, normal}], [{a, crash}]], A =/= never orelse length(Exits) > 5],
    refused(),
    nested(),
    dynamic(),
    orders().

init(X) -> {ok, X}.
start_child(Name) ->
    Me = self(),
    {ok, proc_lib:spawn_link(fun() -> process_flag(trap_exit, true), register(Name, self()), Me ! {self(), up}, loop(Name) end)}.
loop(Name) -> receive {stop, R} -> exit(R); {'EXIT', _, R} -> catch (log ! {ended, Name, R}), exit(R); _ -> loop(Name) end.

child(N, Restart, Significant) -> #{id => N, start => {?MODULE, start_child, [N]}, restart => Restart, significant => Significant, shutdown => 5000}.

%% a and c are significant, b is not.
ended(Strategy, Auto, Restart, Exits) ->
    Flags = #{strategy => Strategy, auto_shutdown => Auto, intensity => 3, period => 100},
    case supervisor:start_link(?MODULE, {Flags, [child(a, Restart, Auto =/= never), child(b, Restart, false), child(c, Restart, Auto =/= never), child(d, permanent, false)]}) of
        {ok, Sup} ->
            [leave(N, R) || {N, R} <- Exits],
            State = case sync(Sup) of
                        {'EXIT', _} -> receive {'EXIT', Sup, Reason} -> {ended, Reason} after 20000 -> none end;
                        Children -> [{Id, is_pid(P)} || {Id, P, _, _} <- Children]
                    end,
            io:format("~w ~w ~w ~0p: ~0p~n", [Strategy, Auto, Restart, Exits, State]),
            finish(Sup, State);
        Error -> io:format("~w ~w ~w ~0p~n", [Strategy, Auto, Restart, Error])
    end.

%% The supervisor has the exit signal before our question; it may be about to end.
sync(Sup) -> catch lists:sort(supervisor:which_children(Sup)).

finish(_, {ended, _}) -> ok;
finish(Sup, _) -> exit(Sup, shutdown), receive {'EXIT', Sup, shutdown} -> ok end.

leave(Name, Reason) ->
    case wait(Name, 500) of
        undefined -> ok;
        P -> M = monitor(process, P), P ! {stop, Reason}, receive {'DOWN', M, _, _, _} -> ok end
    end.
wait(Name, 0) -> whereis(Name);
wait(Name, N) -> case whereis(Name) of undefined when N > 400 -> timer:sleep(1), wait(Name, N - 1); X -> X end.

refused() ->
    C = fun(Spec) -> supervisor:check_childspecs([Spec]) end,
    io:format("~0p~n", [[C(child(a, R, S)) || R <- [permanent, transient, temporary], S <- [true, false, maybe]]]),
    io:format("~0p~n", [[supervisor:check_childspecs([child(a, R, true)], A) || R <- [permanent, transient, temporary], A <- [never, any_significant, all_significant, other, undefined]]]),
    io:format("~0p~n", [[begin X = supervisor:start_link(?MODULE, {F, [child(z, temporary, S)]}), receive {'EXIT', _, _} -> ok after 0 -> ok end, case X of {ok, P} -> exit(P, shutdown), receive {'EXIT', P, _} -> ok end; E -> E end end
                         || F <- [#{}, #{auto_shutdown => never}, #{auto_shutdown => any_significant}, #{auto_shutdown => bad}, {one_for_one, 1, 5}], S <- [true, false]]]),
    {ok, Sup} = supervisor:start_link(?MODULE, {#{auto_shutdown => never}, []}),
    io:format("~0p~n", [[element(1, supervisor:start_child(Sup, child(q, temporary, S))) || S <- [true, false]]]),
    io:format("~0p~n", [[supervisor:get_childspec(Sup, q)]]),
    exit(Sup, shutdown), receive {'EXIT', Sup, shutdown} -> ok end.

%% A supervisor that ends by itself is a child that has shut down.
nested() ->
    Inner = #{id => inner, start => {supervisor, start_link, [?MODULE, {#{auto_shutdown => any_significant}, [child(a, temporary, true), child(b, permanent, false)]}]}, type => supervisor, restart => transient, significant => true},
    {ok, Outer} = supervisor:start_link(?MODULE, {#{auto_shutdown => all_significant}, [Inner, child(c, permanent, false)]}),
    leave(a, normal),
    io:format("~0p~n", [receive {'EXIT', Outer, R} -> R after 20000 -> none end]),
    io:format("~0p~n", [[whereis(N) || N <- [a, b, c]]]).

dynamic() ->
    [begin
         {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => simple_one_for_one, auto_shutdown => A}, [#{id => x, start => {?MODULE, start_child, []}, restart => transient, significant => true}]}),
         [{ok, _} = supervisor:start_child(Sup, [N]) || N <- [a, b]],
         Steps = [begin leave(N, normal), case sync(Sup) of {'EXIT', _} -> gone; L -> length(L) end end || N <- [a, b]],
         io:format("~w ~0p ~0p~n", [A, Steps, receive {'EXIT', Sup, R} -> R after 20000 -> none end])
     end || A <- [any_significant, all_significant]],
    {ok, Sup} = supervisor:start_link(?MODULE, {#{auto_shutdown => any_significant}, [child(a, transient, true)]}),
    io:format("~0p~n", [[supervisor:terminate_child(Sup, a), supervisor:restart_child(Sup, a) =/= x, supervisor:terminate_child(Sup, a), supervisor:delete_child(Sup, a), supervisor:which_children(Sup)]]),
    exit(Sup, shutdown), receive {'EXIT', Sup, R} -> io:format("~w~n", [R]) end.

%% Children end in the order opposite to that of their start.
orders() ->
    register(log, self()),
    [begin
         {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => S, auto_shutdown => any_significant}, [child(N, temporary, N =:= c) || N <- [a, b, c, d, e]]}),
         leave(c, normal),
         receive {'EXIT', Sup, R} -> io:format("~w ~w ~0p~n", [S, R, ended()]) after 20000 -> io:format("none~n") end
     end || S <- [one_for_one, one_for_all, rest_for_one]],
    unregister(log).
ended() -> receive {ended, N, R} -> [{N, R} | ended()] after 0 -> [] end.
