%% A server that lends frequencies of a radio band to its clients, and takes them back when a client dies.
%%
%% The generic part of a server (waiting for requests, answering, time limits) is OTP's gen_server; what is special about this one
%% is in the callbacks below. The state of the server is a tuple that each callback hands on to the next.
-module(frequency).
-behaviour(gen_server).

-export([main/1]).
%% What clients call:
-export([start_link/1, allocate/0, release/1]).
%% What gen_server calls:
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% --- for clients ---

start_link(Frequencies) ->
    %% {local, ?MODULE} registers the server under the name `frequency`: nobody needs to know its pid.
    gen_server:start_link({local, ?MODULE}, ?MODULE, Frequencies, []).

allocate() -> gen_server:call(?MODULE, allocate).
release(Frequency) -> gen_server:call(?MODULE, {release, Frequency}).

%% --- the server ---

%% Free: a list. Lent: a map from frequency to {Client, Monitor}.
init(Frequencies) -> {ok, {Frequencies, #{}}}.

handle_call(allocate, _From, {[], Lent}) ->
    {reply, {error, none_left}, {[], Lent}};
handle_call(allocate, {Client, _Tag}, {[Frequency | Free], Lent}) ->
    %% A monitor sends us a 'DOWN' message when the client dies, whatever it died of.
    Monitor = monitor(process, Client),
    {reply, {ok, Frequency}, {Free, Lent#{Frequency => {Client, Monitor}}}};
handle_call({release, Frequency}, {Client, _Tag}, {Free, Lent}) ->
    case Lent of
        #{Frequency := {Client, Monitor}} ->
            demonitor(Monitor, [flush]),
            {reply, ok, {[Frequency | Free], maps:remove(Frequency, Lent)}};
        #{} ->
            {reply, {error, not_yours}, {Free, Lent}}
    end.

handle_cast(_Message, State) -> {noreply, State}.

handle_info({'DOWN', Monitor, process, Client, _Reason}, {Free, Lent}) ->
    [Frequency] = [F || {F, Holder} <- maps:to_list(Lent), Holder =:= {Client, Monitor}],
    io:format("server: a client died, frequency ~b is free again~n", [Frequency]),
    {noreply, {[Frequency | Free], maps:remove(Frequency, Lent)}}.

%% --- a demonstration ---

main(_) ->
    {ok, _} = start_link([10, 11]),
    {ok, First} = allocate(),
    io:format("main: got ~b~n", [First]),
    Main = self(),
    %% A client that takes a frequency and crashes.
    Client = spawn(fun() ->
                       Main ! {client, allocate()},
                       receive crash -> exit(crashed) end
                   end),
    receive {client, {ok, Second}} -> io:format("client: got ~b~n", [Second]) end,
    io:format("main: asks for another: ~p~n", [allocate()]),
    io:format("main: releases what it does not have: ~p~n", [release(12)]),
    Client ! crash,
    Third = wait_for_frequency(),
    io:format("main: now gets ~b~n", [Third]),
    [io:format("main: releases ~b: ~p~n", [F, release(F)]) || F <- [First, Third]],
    ok.

%% The server hears of the death a moment later.
wait_for_frequency() ->
    case allocate() of
        {ok, Frequency} -> Frequency;
        {error, none_left} -> timer:sleep(10), wait_for_frequency()
    end.
