%% A fun travels: it is sent to the other node with the variables it uses (here: our pid), runs there, and sends its answer home.
-module(where_am_i).
-export([main/1]).

main([Name]) ->
    Node = list_to_atom(Name),
    Self = self(),
    spawn(Node, fun() -> Self ! {i_ran_on, node()} end),
    receive
        {i_ran_on, Where} -> io:format("~p: the fun ran on ~p~n", [node(), Where])
    end,
    %% A pid knows its node.
    Pid = spawn(Node, fun() -> receive after infinity -> ok end end),
    io:format("~p: its pid says that the process I have started is one of ~p~n", [node(), node(Pid)]),
    exit(Pid, kill),
    io:format("~p: the nodes I am connected to: ~p~n", [node(), nodes()]).
