%% Timeouts of receive that are only known at run time, with messages arriving meanwhile.
-module(receive_after).
-export([main/0, sleep/2, match/3]).

sleep(_, Time) -> receive after Time -> slept end.

match(_, Wanted, Time) -> receive Wanted -> got after Time -> nothing end.

main() ->
    Cases = [{sleep, [a, 120]}, {sleep, [a, 0]}, {sleep, [a, -1]}, {sleep, [a, foo]}, {sleep, [a, 1 bsl 40]}, {sleep, [a, 1.0]},
             {match, [a, never, 120]}, {match, [a, {noise, 3}, 1000]}, {match, [a, never, 0]}, {match, [a, {noise, 3}, infinity]}],
    [run(F, A) || {F, A} <- Cases],
    Pid = spawn(fun() -> sleep(a, infinity) end),
    [begin Pid ! {noise, I}, timer:sleep(5) end || I <- lists:seq(1, 5)],
    io:format("infinity: ~p~n", [is_process_alive(Pid)]).

run(F, A) ->
    Self = self(),
    Pid = spawn(fun() -> Self ! {self(), try apply(?MODULE, F, A) catch C:R -> {C, R} end} end),
    [begin Pid ! {noise, I}, timer:sleep(10) end || I <- lists:seq(1, 5)],
    receive {Pid, R} -> io:format("~p ~p: ~p~n", [F, A, R]) end.
