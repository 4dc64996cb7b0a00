%% The server that lends frequencies of a radio band, called from another node. It is an ordinary process that handles one
%% message after the other; clients do not notice where it runs, because they only ever call the functions below.
-module(frequencies).
-export([main/1, start/1, allocate/1, release/2, init/1]).

%% --- for clients ---

start(Node) ->
    Self = self(),
    spawn(Node, ?MODULE, init, [Self]),
    receive {Node, ready} -> ok end.

allocate(Node) -> call(Node, allocate).
release(Node, Frequency) -> call(Node, {release, Frequency}).

%% A reference marks the answer to this request, and no other.
call(Node, Request) ->
    Reference = make_ref(),
    {frequencies, Node} ! {request, self(), Reference, Request},
    receive
        {reply, Reference, Reply} -> Reply
    after 5000 -> {error, timeout}
    end.

%% --- the server ---

init(Starter) ->
    register(frequencies, self()),
    Starter ! {node(), ready},
    serve([10, 11, 12], []).

serve(Free, Lent) ->
    receive
        {request, Client, Reference, Request} ->
            {Reply, NewFree, NewLent} = handle(Request, Client, Free, Lent),
            Client ! {reply, Reference, Reply},
            serve(NewFree, NewLent)
    end.

handle(allocate, _Client, [], Lent) -> {{error, none_left}, [], Lent};
handle(allocate, Client, [Frequency | Free], Lent) -> {{ok, Frequency}, Free, [{Frequency, Client} | Lent]};
handle({release, Frequency}, Client, Free, Lent) ->
    case lists:member({Frequency, Client}, Lent) of
        true -> {ok, [Frequency | Free], Lent -- [{Frequency, Client}]};
        false -> {{error, not_yours}, Free, Lent}
    end.

%% --- a demonstration ---

main([Name]) ->
    Node = list_to_atom(Name),
    start(Node),
    io:format("~p: the frequency server runs on ~p~n", [node(), Node]),
    {ok, First} = allocate(Node),
    io:format("~p: allocated ~p~n", [node(), First]),
    {ok, Second} = allocate(Node),
    io:format("~p: allocated ~p~n", [node(), Second]),
    ok = release(Node, First),
    io:format("~p: released ~p~n", [node(), First]),
    io:format("~p: releasing it again: ~p~n", [node(), release(Node, First)]),
    %% The same through OTP's remote procedure call: on its own node this process is another client.
    io:format("~p: a client on the server's own node gets ~p~n", [node(), rpc:call(Node, ?MODULE, allocate, [Node])]).
