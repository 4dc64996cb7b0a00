%% What a tracer module is told (erl_tracer(3)): for tests/launch/tracer_modules, which compares the output with stock's.
-module(tracer_modules).
-export([main/0, meta/0, plain/1, adding/1, worker/0]).

-define(TAGS, [trace_status, call, return_from, return_to, exception_from, send, send_to_non_existing_process, 'receive', spawn, spawned,
               exit, link, unlink, getting_linked, getting_unlinked, register, unregister, in, out, in_exiting, out_exiting, out_exited,
               gc_minor_start, gc_minor_end, gc_major_start, gc_major_end, open, closed, seq_trace]).

plain(X) -> {plain, X}.
adding(X) -> X + 1.

main() ->
    load(),
    refused(),
    [begin calls(M, F), messages(M, F), runs(M, F) end
     || M <- [tracer_of_all, tracer_of_kinds], F <- [[], [scheduler_id, timestamp], [monotonic_timestamp], [strict_monotonic_timestamp]]],
    ports(),
    answers(),
    inherited(),
    sequential(),
    with_dbg(),
    unloaded(),
    halt().

%% Meta tracing by a module: stock 25.2.3 ends with "size_object: bad tag" when the module hands on what it is told.
meta() ->
    load(),
    State = state(every(trace)),
    1 = erlang:trace_pattern({?MODULE, plain, 1}, [{['$1'], [], [{message, {{got, '$1'}}}, {return_trace}]}],
                             [{meta, tracer_of_kinds, State}]),
    {meta, {tracer_of_kinds, State}} = erlang:trace_info({?MODULE, plain, 1}, meta),
    ?MODULE:plain(3),
    show("meta", self()),
    1 = erlang:trace_pattern({?MODULE, plain, 1}, true, [{meta, tracer_of_all, state(#{call => discard})}]),
    ?MODULE:plain(4),
    show("meta, discarded", self()),
    halt().

load() ->
    [D] = init:get_plain_arguments(),
    {module, _} = code:load_file(tracer_of_all),
    ok = tracer_of_all:load(D),
    ok = tracer_of_kinds:load(D).

%% --- parts ---

refused() ->
    [say("trace with ~0p", [T], fun() -> erlang:trace(worker(), true, [call, T]) end)
     || T <- [{tracer, lists, []}, {tracer, no_such_module, []}, {tracer, 17, []}, {tracer, erl_tracer, self()}, {tracer, [], self()},
              {tracer, self(), self()}, {tracer, []}, {tracer, tracer_of_all, []}]],
    [say("meta trace with ~0p", [T], fun() ->
         Count = erlang:trace_pattern({?MODULE, plain, 1}, true, [T]),
         Info = erlang:trace_info({?MODULE, plain, 1}, meta),
         {Count, Info, erlang:trace_pattern({?MODULE, plain, 1}, false, [meta])}
     end) || T <- [{meta, lists, []}, {meta, no_such_module, []}, {meta, 17, []}, {meta, erl_tracer, self()}, {meta, tracer_of_all, 5},
                   {meta, tracer_of_all, {#{trace_status => remove}, x}}]],
    [say("system tracer ~0p", [T], fun() ->
         _ = seq_trace:set_system_tracer(T),
         {seq_trace:get_system_tracer(), is_tuple(seq_trace:set_system_tracer(false))}
     end) || T <- [{lists, []}, {no_such_module, []}, {tracer_of_all, []}, {tracer_of_all, {#{trace_status => remove}, x}}, {17, 18}, {a, b, c}, "xx", 17,
                   foo, #{}]],
    say("two tracers", [], fun() ->
        W = worker(),
        1 = erlang:trace(W, true, [call, {tracer, tracer_of_all, [1, "two", 3.0]}]),
        Same = erlang:trace(W, true, [send, {tracer, tracer_of_all, [1, "two", 3.0]}]),
        Other = (catch erlang:trace(W, true, [call, {tracer, tracer_of_all, [2]}])),
        {Same, element(1, element(2, Other)), erlang:trace_info(W, flags), erlang:trace_info(W, tracer)}
    end).

calls(Module, Flags) ->
    erlang:trace_pattern({?MODULE, plain, 1}, [{['$1'], [], [{message, {{got, '$1'}}}, {return_trace}]}], [local]),
    erlang:trace_pattern({?MODULE, adding, 1}, [{'_', [], [{exception_trace}]}], [local]),
    [begin
         W = worker(),
         1 = erlang:trace(W, true, [call | More] ++ Flags ++ [{tracer, Module, state(Answers)}]),
         do(W, fun() -> ?MODULE:plain(1), ?MODULE:adding(2), catch ?MODULE:adding(a) end),
         show(io_lib:format("calls ~0p", [{Module, Flags, More}]), W)
     end || {More, Answers} <- [{[], every(trace)}, {[return_to], every(trace)}, {[arity], every(trace)}, {[silent], every(trace)},
                                {[], #{call => trace}}, {[], #{return_from => trace}}]],
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]).

messages(Module, Flags) ->
    Main = self(),
    W = worker(),
    1 = erlang:trace(W, true, [send, 'receive', procs, {tracer, Module, state(every(trace))}] ++ Flags),
    X = spawn(fun() -> receive after infinity -> ok end end),
    Dead = spawn(fun() -> ok end),
    gone(Dead),
    do(W, fun() ->
        X ! hello, Dead ! hello,
        register(a_name, self()), unregister(a_name),
        link(X), unlink(X),
        spawn(lists, seq, [1, 2]), spawn_link(timer, sleep, [infinity])
    end),
    W ! stop,
    gone(W),
    show(io_lib:format("messages ~0p", [{Module, Flags}]), W),
    erlang:trace_pattern(send, [{['_', '$1'], [], [{message, {{sent, '$1'}}}]}], []),
    erlang:trace_pattern('receive', [{['_', '_', '$1'], [], [{message, {{got, '$1'}}}]}], []),
    W2 = worker(),
    1 = erlang:trace(W2, true, [send, 'receive', {tracer, Module, state(every(trace))}] ++ Flags),
    W2 ! {send, Main},
    receive {told, _} -> ok end,
    show("with patterns", W2),
    erlang:trace_pattern(send, true, []), erlang:trace_pattern('receive', true, []).

%% How often a process is scheduled is each machine's own.
runs(Module, Flags) ->
    W = worker(),
    1 = erlang:trace(W, true, [garbage_collection, running, exiting, {tracer, Module, state(every(trace))}] ++ Flags),
    do(W, fun() -> erlang:garbage_collect() end),
    W ! stop,
    gone(W),
    Told = lists:usort([{By, Tag, is_list(What) andalso length(What) > 5, plain_options(Options)} || {By, Tag, _, What, Options, _} <- flush()]),
    io:format("runs ~0p: ~0p~n", [{Module, Flags}, Told]).

ports() ->
    Port = open_port({spawn, "cat"}, [binary]),
    1 = erlang:trace(Port, true, [ports, send, 'receive', {tracer, tracer_of_kinds, state(every(trace))}]),
    Port ! {self(), {command, "abc"}},
    receive {Port, Data} -> io:format("~0p~n", [Data]) end,
    port_close(Port),
    show("port", Port).

answers() ->
    [say("~0p says ~0p", [Tag, Answer], fun() ->
         erlang:trace_pattern({?MODULE, plain, 1}, true, [local]),
         W = worker(),
         1 = erlang:trace(W, true, [call, 'receive', {tracer, tracer_of_all, state((every(trace))#{Tag => Answer})}]),
         do(W, fun() -> ?MODULE:plain(1) end),
         {erlang:trace_info(W, flags), element(2, erlang:trace_info(W, tracer)) =/= [], [element(2, M) || M <- flush()]}
     end) || Tag <- [call, 'receive', trace_status], Answer <- [discard, remove, other, "text", 17]],
    %% Whether a trace ends by the answer to an event of each kind.
    [say("~0p says remove", [Tag], fun() ->
         W = worker(),
         1 = erlang:trace(W, true, [send, procs, running, garbage_collection, {tracer, tracer_of_all, state((every(discard))#{Tag => remove})}]),
         do(W, fun() ->
             register(a_name, self()), unregister(a_name),
             link(spawn(timer, sleep, [infinity])),
             erlang:garbage_collect(),
             self() ! message
         end),
         element(2, erlang:trace_info(W, tracer)) =/= []
     end) || Tag <- [register, unregister, link, spawn, gc_major_start, gc_major_end, send, in, out]],
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]).

inherited() ->
    State = state(every(trace)),
    W = worker(),
    1 = erlang:trace(W, true, [procs, set_on_spawn, {tracer, tracer_of_all, State}]),
    Main = self(),
    do(W, fun() -> spawn(fun() -> Main ! {child, erlang:trace_info(self(), tracer) =:= {tracer, {tracer_of_all, State}}} end) end),
    receive {child, Same} -> io:format("inherited: ~p~n", [Same]) end,
    flush(),
    erlang:trace(new, true, [procs, {tracer, tracer_of_all, State}]),
    {tracer, {tracer_of_all, State}} = erlang:trace_info(new, tracer),
    New = worker(),
    erlang:trace(new, false, [procs]),
    io:format("new: ~0p, ~0p~n", [erlang:trace_info(new, tracer), erlang:trace_info(New, tracer) =:= {tracer, {tracer_of_all, State}}]),
    show("new", New).

sequential() ->
    Receiver = spawn(timer, sleep, [infinity]),
    [begin
         seq_trace:set_system_tracer({tracer_of_kinds, state((every(trace))#{seq_trace => Answer})}),
         _ = seq_trace:set_token(label, {label, 17}),
         [seq_trace:set_token(Flag, true) || Flag <- [print, send | Flags]],
         seq_trace:print({label, 17}, "text"),
         Receiver ! message,
         seq_trace:set_token([]),
         io:format("sequential, ~p: ~0p~n", [Answer, [{By, Tag, Label, element(1, What), tuple_size(What), plain_options(Options)}
                                                       || {By, Tag, Label, What, Options, _} <- flush(),
                                                          element(1, What) =:= print orelse element(5, What) =:= message]]),
         {tracer_of_kinds, _} = seq_trace:set_system_tracer(false)
     end || Answer <- [trace, discard, remove], Flags <- [[], [timestamp], [monotonic_timestamp]]].

with_dbg() ->
    State = state(every(trace)),
    W = worker(),
    {ok, _} = dbg:tracer(module, {tracer_of_all, State}),
    {ok, _} = dbg:p(W, [c]),
    {ok, _} = dbg:tpl(?MODULE, plain, '_', x),
    do(W, fun() -> ?MODULE:plain(7) end),
    {ok, {tracer_of_all, State}} = dbg:get_tracer(),
    dbg:stop_clear(),
    show("dbg", W).

unloaded() ->
    erlang:trace_pattern({?MODULE, plain, 1}, true, [local]),
    W = worker(),
    1 = erlang:trace(W, true, [call, {tracer, tracer_of_all, state(every(trace))}]),
    code:purge(tracer_of_all), code:delete(tracer_of_all), code:purge(tracer_of_all),
    do(W, fun() -> ?MODULE:plain(1) end),
    show("unloaded", W),
    io:format("~0p~n", [erlang:trace_info(W, tracer)]).

%% --- tools ---

every(Answer) -> maps:from_list([{Tag, Answer} || Tag <- ?TAGS]).
state(Answers) -> {Answers, self()}.

worker() ->
    spawn(fun Loop() ->
        receive
            {do, From, Fun} -> Fun(), From ! {done, self()}, Loop();
            {send, To} -> To ! {told, self()}, Loop();
            stop -> ok
        end
    end).

do(Worker, Fun) ->
    Worker ! {do, self(), Fun},
    receive {done, Worker} -> ok end.

gone(Pid) ->
    Reference = monitor(process, Pid),
    receive {'DOWN', Reference, _, _, _} -> ok end.

%% What the module sent comes before the answer of whoever it was told about.
flush() -> receive Message when tuple_size(Message) =:= 6 -> [Message | flush()] after 50 -> [] end.

show(Title, Tracee) ->
    io:format("~ts:~n", [Title]),
    [io:format("   ~0p~n", [{By, Tag, Self, plain(What, Tracee), plain_options(maps:map(fun(_, V) -> plain(V, Tracee) end, Options))}])
     || {By, Tag, About, What, Options, Self} <- flush(), About =:= Tracee].

say(Format, Arguments, Fun) ->
    Result = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~ts: ~0p~n", [io_lib:format(Format, [plain(A, none) || A <- Arguments]), plain(Result, none)]).

plain_options(#{scheduler_id := Id} = Options) when is_integer(Id) -> Options#{scheduler_id := number};
plain_options(Options) -> Options.

plain(Tracee, Tracee) -> tracee;
plain(Term, _) when Term =:= self() -> main;
plain(Term, _) when is_pid(Term) -> pid;
plain(Term, _) when is_port(Term) -> port;
plain(Term, _) when is_function(Term) -> function;
plain(Term, T) when is_tuple(Term) -> list_to_tuple(plain(tuple_to_list(Term), T));
plain([Head | Tail], T) -> [plain(Head, T) | plain(Tail, T)];
plain(Term, T) when is_map(Term) -> maps:map(fun(_, V) -> plain(V, T) end, Term);
plain(Term, _) -> Term.
