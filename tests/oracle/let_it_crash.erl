%% Ten thousand processes that crash in different ways leave the node healthy.
-module(let_it_crash).
-export([main/0]).
main() ->
    logger:set_primary_config(level, none), Kinds = [fun() -> error(x) end, fun() -> exit(y) end, fun() -> throw(z) end, fun() -> exit(self(), kill), timer:sleep(1000) end, fun() -> a = id(b) end, fun() -> hd(id([])) end, fun() -> nomod:nofun() end, fun() -> (id(foo))() end, fun() -> ok end, fun() -> 1 / id(0) end], Rs = [begin {_, M} = spawn_monitor(lists:nth(I rem 10 + 1, Kinds)), M end || I <- lists:seq(1, 10000)], Rs2 = [receive {'DOWN', M, _, _, R} -> name(R) end || M <- Rs], Count = lists:foldl(fun(R, A) -> maps:update_with(R, fun(N) -> N + 1 end, 1, A) end, #{}, Rs2), io:format("~p~n", [lists:sort(maps:to_list(Count))]), io:format("~w~n", [lists:sum(lists:seq(1, 1000))]).
name({R, [_ | _]}) when is_tuple(R) -> element(1, R); name({R, [_ | _]}) -> R; name(R) -> R.
id(X) -> X.
