%% An echo process that we start on another node. It registers itself there as `server`, and from then on a message to
%% {server, Node} reaches it: nobody needs its pid.
-module(far_echo).
-export([main/1, echo/1]).

main([Name]) ->
    Node = list_to_atom(Name),
    io:format("~p: starting an echo process on ~p~n", [node(), Node]),
    %% spawn/4 takes the node first. The module must be known there; the process's output comes to us, who started it.
    spawn(Node, ?MODULE, echo, [self()]),
    %% A message to a name that nobody has is lost without a word, so we wait until the name is there.
    receive ready -> ok end,
    ask(Node, "hello"),
    ask(Node, {a, tuple, [with, a, list]}),
    {server, Node} ! stop,
    ok.

ask(Node, What) ->
    %% The same operator for a process next door and one on another continent.
    {server, Node} ! {self(), What},
    receive
        {From, Answer} -> io:format("~p: got ~p back from ~p~n", [node(), Answer, From])
    after 5000 ->
        io:format("~p: no answer~n", [node()])
    end.

echo(Starter) ->
    register(server, self()),
    Starter ! ready,
    echo_loop().

echo_loop() ->
    receive
        {From, What} ->
            From ! {node(), What},
            echo_loop();
        stop -> ok
    end.
