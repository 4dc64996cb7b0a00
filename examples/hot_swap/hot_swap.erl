%% New code for a running process, without stopping it and without losing a message.
%%
%% The counter process below runs a module of which we write two versions while the program runs. Two versions of a module can be
%% loaded at the same time, current and old. A process keeps running the version it is in until it makes a call with the name
%% of the module in front, `counter:loop(...)`: that always goes to the current one. So the process decides when it is ready.
-module(hot_swap).
-export([main/1]).

main(_) ->
    load(version(1)),
    Counter = spawn(counter, start, []),
    %% One process sends 20000 numbers as fast as it can; in the middle of it we replace the code.
    Main = self(),
    Sender = spawn_link(fun() -> send(Counter, 20000, Main) end),
    receive halfway -> ok end,
    load(version(2)),
    Sender ! go_on,
    Counter ! upgrade,
    receive sent -> ok end,
    Counter ! {report, self()},
    receive {report, Version, Received, Sum} ->
        io:format("version ~b reports: ~b messages, sum ~b~n", [Version, Received, Sum])
    end,
    %% Nobody runs the old version any more, so it can be thrown away.
    io:format("old version still in use: ~p~n", [not code:soft_purge(counter)]),
    io:format("same process all along: ~p~n", [is_process_alive(Counter)]).

send(_Counter, 0, Main) ->
    Main ! sent;
send(Counter, 10000, Main) ->
    Main ! halfway,
    receive go_on -> ok end,
    Counter ! {add, 10000},
    send(Counter, 9999, Main);
send(Counter, N, Main) ->
    Counter ! {add, N},
    send(Counter, N - 1, Main).

%% Compiles a module from text and loads it.
load(Text) ->
    Forms = [form(Part) || Part <- string:split(Text, "\n\n", all)],
    {ok, counter, Beam} = compile:forms(Forms),
    {module, counter} = code:load_binary(counter, "counter.erl", Beam).

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

%% Version 1 counts messages. Version 2 adds up as well: its state has one more field, and upgrade/1 converts the old one.
version(1) ->
    "-module(counter).

-export([start/0, loop/1, upgrade/1]).

start() -> loop({1, 0}).

upgrade(State) -> loop(State).

loop({1, Count}) ->
    receive
        {add, _} -> loop({1, Count + 1});
        upgrade -> counter:upgrade({1, Count});
        {report, To} -> To ! {report, 1, Count, 0}, loop({1, Count})
    end.";
version(2) ->
    "-module(counter).

-export([start/0, loop/1, upgrade/1]).

start() -> loop({2, 0, 0}).

upgrade({1, Count}) -> loop({2, Count, lists:sum(lists:seq(20000 - Count + 1, 20000))}).

loop({2, Count, Sum}) ->
    receive
        {add, N} -> loop({2, Count + 1, Sum + N});
        upgrade -> counter:upgrade({2, Count, Sum});
        {report, To} -> To ! {report, 2, Count, Sum}, loop({2, Count, Sum})
    end.".
