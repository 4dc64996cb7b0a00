%% Tokens of sequential tracing that go with the start and the end of processes, and which messages take a token away.
%% Events are collected until as many have come as are told to be there; pids appear under names.
-module(seq_trace_signals).
-export([main/0, greet/1, obey/0, trap/0, rest/0]).

main() ->
    logger:set_primary_config(level, none),
    [{module, _} = code:ensure_loaded(Module) || Module <- [seq_trace, lists, io_lib, timer]],
    spawning(),
    requests(),
    ends(),
    ports(),
    what_takes_a_token_away().

rest() -> receive after infinity -> ok end.
greet(To) -> To ! {hello, self(), seq_trace:get_token()}, rest().
obey() -> receive {exit, Reason} -> exit(Reason); {ready, To} -> To ! ready, obey(); _ -> obey() end.
trap() -> process_flag(trap_exit, true), obey().

%% Runs Test in a process of its own, which returns [{Pid, Name}], and prints the events, of which there are so many.
run(Name, Count, Test) ->
    seq_trace:reset_trace(),
    Main = self(),
    Tracer = spawn(fun() -> Main ! {events, collect(Count)}, rest() end),
    seq_trace:set_system_tracer(Tracer),
    {Self, Monitor} = spawn_monitor(fun() ->
        Names = Test(),
        Token = seq_trace:get_token(),
        seq_trace:set_token([]),
        Main ! {names, Names, Token},
        receive leave -> ok end
    end),
    {Names, Token} = receive {names, N, T} -> {[{Self, self}, {group_leader(), leader} | N], T};
                             {'DOWN', Monitor, _, _, Reason} -> exit(Reason) end,
    Events = receive {events, E} -> E after 20000 -> exit({too_few_events, Name}) end,
    seq_trace:set_system_tracer(false),
    exit(Tracer, kill),
    io:format("--- ~s~n", [Name]),
    %% What the two sides of a signal tell may come in either order.
    [io:format("~0p~n", [plain(Names, Event)]) || Event <- lists:sort(fun order/2, Events)],
    io:format("token: ~0p~n", [plain(Names, Token)]),
    Self ! leave,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    [begin unlink(Pid), exit(Pid, kill) end || {Pid, _} <- Names, is_pid(Pid), Pid =/= group_leader()].

order({seq_trace, _, A}, {seq_trace, _, B}) -> {element(2, A), element(1, B)} =< {element(2, B), element(1, A)}.

collect(0) -> [];
collect(Count) -> receive Event -> [Event | collect(Count - 1)] end.

plain(Names, Term) when is_tuple(Term) -> list_to_tuple(plain(Names, tuple_to_list(Term)));
plain(Names, [Head | Tail]) -> [plain(Names, Head) | plain(Names, Tail)];
plain(Names, Term) when is_pid(Term); is_port(Term) -> proplists:get_value(Term, Names, somebody);
plain(_, Term) when is_reference(Term) -> reference;
plain(_, Term) when is_function(Term) -> function;
plain(_, Term) -> Term.

begin_trace() ->
    seq_trace:set_token(label, {a, label}),
    seq_trace:set_token(send, true),
    seq_trace:set_token('receive', true).

hello() -> receive {hello, Pid, Token} -> {Pid, Token} end.

spawning() ->
    [run(io_lib:format("spawn_opt ~0p", [Options]), 6, fun() ->
         begin_trace(),
         _ = spawn_opt(?MODULE, greet, [self()], Options),
         {Pid, Token} = hello(),
         put(token, Token),
         [{Pid, child}]
     end) || Options <- [[], [link], [monitor], [link, monitor, {priority, high}], [{monitor, [{alias, reply_demonitor}]}]]],
    run("spawn of a fun", 4, fun() -> begin_trace(), [{spawn(fun rest/0), child}] end),
    run("spawn_link", 4, fun() -> begin_trace(), [{spawn_link(?MODULE, rest, []), child}] end),
    run("only a label", 0, fun() ->
        seq_trace:set_token(label, 3),
        _ = spawn(?MODULE, greet, [self()]),
        {Pid, Token} = hello(),
        seq_trace:set_token([]),
        io:format("child has ~0p~n", [plain([{Pid, child}, {self(), self}], Token)]),
        [{Pid, child}]
    end),
    run("bad options", 0, fun() -> begin_trace(), {'EXIT', {badarg, _}} = (catch spawn_opt(?MODULE, rest, [], [lunk])), [] end),
    run("no token, no events", 0, fun() -> _ = spawn(?MODULE, greet, [self()]), {Pid, []} = hello(), [{Pid, child}] end).

requests() ->
    [run(io_lib:format("spawn_request ~0p", [Options]), Events, fun() ->
         begin_trace(),
         _ = spawn_request(?MODULE, greet, [self()], Options),
         {Pid, _} = hello(),
         [{Pid, child}]
     end) || {Options, Events} <- [{[{reply, no}], 4}, {[{reply, error_only}], 4}]],
    run("spawn_request with a reply", 4, fun() ->
        begin_trace(),
        Reference = spawn_request(?MODULE, rest, [], [{reply_tag, {my, tag}}, link]),
        receive {{my, tag}, Reference, ok, Pid} -> [{Pid, child}] end
    end),
    run("spawn_request in vain", 0, fun() ->
        begin_trace(),
        Reference = spawn_request(?MODULE, rest, [], [lunk]),
        receive {spawn_reply, Reference, error, badopt} -> [] end
    end).

%% A process that is there and waits.
ready(Function) ->
    Pid = spawn_link(?MODULE, Function, []),
    Pid ! {ready, self()},
    receive ready -> Pid end.

ends() ->
    [run(io_lib:format("end of a linked process: ~p", [Reason]), 4, fun() ->
         process_flag(trap_exit, true),
         Pid = ready(obey),
         begin_trace(),
         Pid ! {exit, Reason},
         receive {'EXIT', Pid, Reason} -> [{Pid, child}] end
     end) || Reason <- [bye, normal, kill, {a, tuple}]],
    run("an end with a token of its own", 2, fun() ->
        process_flag(trap_exit, true),
        Pid = spawn_link(fun() -> begin_trace(), exit(bye) end),
        receive {'EXIT', Pid, bye} -> [{Pid, child}] end
    end).

%% A port gets no token, but what is sent to it is told and counted, also with the next token of the process.
ports() ->
    [run(Name, 2, fun() ->
        Port = open_port({spawn, "cat"}, []),
        begin_trace(),
        Port ! {self(), {command, "text"}},
        receive {Port, {data, "text"}} -> ok end,
        {label, {a, label}} = seq_trace:get_token(label),
        Between(),
        Port ! {self(), close},
        receive {Port, closed} -> [{Port, port}] end
    end) || {Name, Between} <- [{"port", fun() -> ok end}, {"port, a new token", fun() -> seq_trace:set_token([]), begin_trace() end}]],
    %% A token that is set after the others have been taken away stays.
    io:format("~p~n", [[begin
        seq_trace:reset_trace(),
        seq_trace:set_token(label, N),
        erlang:yield(),
        Label = seq_trace:get_token(label),
        seq_trace:set_token([]),
        Label
    end || N <- lists:seq(1, 5)]]).

what_takes_a_token_away() ->
    Kept = fun(Name, Prepare, Act) ->
        run(Name, 0, fun() ->
            process_flag(trap_exit, true),
            Thing = Prepare(),
            seq_trace:set_token(label, 1),
            Act(Thing),
            _ = receive {'EXIT', _, _} -> ok; {'DOWN', _, _, _, _} -> ok; {timer, _} -> ok end,
            Token = seq_trace:get_token(),
            seq_trace:set_token([]),
            io:format("~s: ~s~n", [Name, case Token of [] -> "taken away"; _ -> "stays" end]),
            []
        end)
    end,
    Dead = fun() -> {Pid, Monitor} = spawn_monitor(fun() -> ok end), receive {'DOWN', Monitor, _, _, _} -> Pid end end,
    Waiting = fun() -> ready(obey) end,
    Kept("exit signal by exit/2", Waiting, fun(Pid) -> exit(Pid, boom) end),
    Kept("exit signal to itself", fun() -> ok end, fun(_) -> exit(self(), boom) end),
    Kept("link to the dead", Dead, fun(Pid) -> link(Pid) end),
    Kept("monitor of the dead", Dead, fun(Pid) -> monitor(process, Pid) end),
    Kept("monitored one dies", fun() -> Pid = ready(obey), unlink(Pid), monitor(process, Pid), Pid end, fun(Pid) -> exit(Pid, boom) end),
    Kept("port closes", fun() -> open_port({spawn, "cat"}, []) end, fun(Port) -> port_close(Port) end),
    Kept("timer", fun() -> ok end, fun(_) -> erlang:send_after(0, self(), {timer, 1}) end).
