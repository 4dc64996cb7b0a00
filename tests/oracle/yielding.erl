%% erlang:yield/0 gives up the scheduler there and then, and counts as nearly nothing.
-module(yielding).
-export([main/0]).

main() ->
    Self = self(),
    P = spawn(fun() ->
                  receive go -> ok end,
                  {reductions, R1} = process_info(self(), reductions),
                  R = [erlang:yield(), begin erlang:yield() end, (fun erlang:yield/0)(), apply(erlang, yield, [])],
                  {reductions, R2} = process_info(self(), reductions),
                  Self ! {R, R2 - R1 < 500},
                  exit(done)
              end),
    1 = erlang:trace(P, true, [running, procs]),
    P ! go,
    io:format("~p~n", [receive {L, Few} -> {L, Few} end]),
    io:format("~p~n", [events(P)]).

%% The first slice begins with a message; whether more follow for other reasons is left open.
events(P) ->
    receive
        {trace, P, in, _} -> events(P, 0)
    end.
events(P, Out) ->
    receive
        {trace, P, out, _} -> events(P, Out + 1);
        {trace, P, in, _} -> events(P, Out);
        {trace, P, exit, done} -> {at_least_four, Out >= 4}
    end.
