%% pg and global on one node.
-module(process_groups).
-export([main/0]).

main() ->
    {ok, _} = pg:start_link(scope),
    Loop = fun Loop() -> receive stop -> ok; {From, ping} -> From ! {self(), pong}, Loop() end end,
    [A, B, C] = [spawn(Loop) || _ <- [1, 2, 3]],
    Names = #{A => a, B => b, C => c},
    Show = fun(L) -> lists:sort([maps:get(P, Names) || P <- L]) end,
    io:format("~w~n", [[pg:join(scope, g, A), pg:join(scope, g, [B, A]), pg:join(scope, h, C)]]),
    io:format("~w ~w~n", [Show(pg:get_members(scope, g)), lists:sort(pg:which_groups(scope))]),
    {Ref, Current} = pg:monitor(scope, g),
    io:format("~w~n", [Show(Current)]),
    io:format("~w~n", [[pg:leave(scope, g, A), pg:leave(scope, g, C), pg:leave(scope, none, C)]]),
    io:format("~w~n", [receive {Ref, leave, g, Left} -> {leave, Show(Left)} after 5000 -> nothing end]),
    B ! stop,
    io:format("~w~n", [receive {Ref, leave, g, Left2} -> {leave, Show(Left2)} after 5000 -> nothing end]),
    io:format("~w ~w~n", [Show(pg:get_members(scope, g)), Show(pg:get_local_members(scope, g))]),
    [P ! {self(), ping} || P <- pg:get_members(scope, h)],
    io:format("~w~n", [receive {C, pong} -> pong after 5000 -> nothing end]),
    io:format("~w~n", [[global:register_name(one, A), global:register_name(one, C), global:whereis_name(one) =:= A, global:registered_names()]]),
    io:format("~w~n", [[global:re_register_name(one, C), maps:get(global:whereis_name(one), Names), global:send(one, {self(), ping}) =:= C]]),
    io:format("~w~n", [receive {C, pong} -> pong after 5000 -> nothing end]),
    io:format("~w~n", [[global:unregister_name(one), global:whereis_name(one), global:set_lock({l, self()}), global:del_lock({l, self()}), global:trans({t, self()}, fun() -> done end)]]),
    io:format("~w~n", [try global:send(nobody, x) catch exit:R -> R end]).
