%% Code that only the compiler knows to be right: the results of guards that cannot fail, because all callers pass maps; a time to wait for
%% without the last optimisations.
-module(unproven_registers).
-compile(no_postopt).
-export([main/0]).

main() ->
    Keys = [abc, def, jkl, mno],
    Maps = [maps:from_list([{K, 1} || {K, Bit} <- lists:zip(Keys, [1, 2, 4, 8]), N band Bit =/= 0]) || N <- lists:seq(0, 15)],
    [io:format("~p: ~p~n", [M, chosen(M)]) || M <- Maps],
    [io:format("~p~n", [wait(T)]) || T <- [0, 1, 20]],
    Self = self(),
    Waiting = spawn_link(fun() -> Self ! {self(), wait(200)} end),
    [Waiting ! {not_for_you, N} || N <- lists:seq(1, 10)],
    receive {Waiting, Answer} -> io:format("~p~n", [Answer]) end.

%% Both answers are looked at again where the first test of the map itself may have failed.
chosen(#{} = M) ->
    Abc = is_map_key(abc, M),
    case Abc andalso is_map_key(def, M) of
        true -> both;
        false ->
            Jkl = is_map_key(jkl, M),
            case Jkl andalso is_map_key(def, M) of
                true -> other;
                false ->
                    case Abc andalso is_map_key(mno, M) of
                        true -> third;
                        false when Jkl -> last;
                        false -> none
                    end
            end
    end.

wait(T) -> receive after T + 1 -> waited end.
