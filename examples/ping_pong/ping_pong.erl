%% Two processes that talk to each other.
%%
%% A process is cheap (a few kilobytes) and shares nothing with others. It has an address, its pid, and a mailbox. `Pid ! Message`
%% puts a copy of the message into the mailbox; `receive` takes the first one out that fits a pattern, and waits if there is none.
-module(ping_pong).
-export([main/1]).

main([]) -> play(3);
main([Rounds]) -> play(list_to_integer(Rounds)).

play(Rounds) ->
    %% spawn starts a process that runs the function; self() is our own address, so that it can answer.
    Pong = spawn(fun pong/0),
    ping(Rounds, Pong).

ping(0, Pong) ->
    Pong ! stop,
    io:format("ping: done~n");
ping(Left, Pong) ->
    io:format("ping: ~b left~n", [Left]),
    Pong ! {ping, self()},
    receive
        pong -> ping(Left - 1, Pong)
    after 5000 ->
        io:format("ping: no answer within five seconds~n")
    end.

%% A process lives as long as its function runs. A loop is a function that calls itself last; that costs no stack.
pong() ->
    receive
        {ping, From} ->
            From ! pong,
            pong();
        stop ->
            ok
    end.
