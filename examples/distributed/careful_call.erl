%% A call that survives the server's node going down in the middle. Without precautions the caller would wait forever: a
%% message to a node that is gone is lost without a word. monitor_node/2 asks for {nodedown, Node} when that happens.
-module(careful_call).
-export([main/1, call/3, slow_server/1]).

call(Node, Server, Request) ->
    monitor_node(Node, true),
    {Server, Node} ! {self(), Request},
    receive
        {reply, Reply} ->
            monitor_node(Node, false),
            {ok, Reply};
        {nodedown, Node} ->
            {error, node_is_down}
    end.

%% Quick for what is easy; the hard questions take longer than this node will live.
slow_server(Starter) ->
    register(slow_server, self()),
    Starter ! ready,
    serve().
serve() ->
    receive
        {From, easy} ->
            From ! {reply, 42},
            serve();
        {From, hard} ->
            timer:sleep(60000),
            From ! {reply, thought_about_it},
            serve()
    end.

main([Name]) ->
    Node = list_to_atom(Name),
    spawn(Node, ?MODULE, slow_server, [self()]),
    receive ready -> ok end,
    io:format("~p: an easy question: ~p~n", [node(), call(Node, slow_server, easy)]),
    io:format("~p: a hard one; ~p goes down meanwhile ...~n", [node(), Node]),
    spawn(fun() ->
              timer:sleep(300),
              rpc:cast(Node, erlang, halt, [])
          end),
    io:format("~p: the answer: ~p~n", [node(), call(Node, slow_server, hard)]),
    io:format("~p: still here. Asking again: ~p~n", [node(), call(Node, slow_server, easy)]).
