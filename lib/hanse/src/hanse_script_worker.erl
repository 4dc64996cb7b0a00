%% @doc The process beside one worker: it owns the two ports of a guard, sends calls and passes answers to the callers. The pool
%% (hanse_script_pool) knows which calls it has, and starts another one when it ends; it ends when the worker has ended.
%%
%% Calls are gathered as long as messages wait and then sent with one write; answers that arrive together are told to the pool with
%% one message.
-module(hanse_script_worker).
-behaviour(gen_server).

-export([start_link/1, run/2, credit/3, cancel/2, retire/1, kill/2, memory/1, checkpoint/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).
-export_type([run/0]).

%% A call for a worker: its number, who gets the answer, what is sent, how long it may take.
-type run() :: {Id :: pos_integer(), reference() | none, hanse_script_protocol:payload(), infinity | Milliseconds :: integer()}.

-define(GATHERED, 64).
-define(TAIL_BYTES, 2000).
-define(CALLBACKS, 64).
%% The pool's own calls; those of callers have numbers above.
-define(INIT, 1).
-define(SELF_TEST, 2).
-define(CHECKPOINT, 3).
-define(HEARTBEAT, 4).

-record(state, {
    pool :: pid(),
    slot :: pos_integer(),
    options :: map(),
    protocol :: module(),
    candidate :: boolean(),                 % has to pass the self-test
    handed :: term(),                       % the state of the incarnation before
    log :: pid(),
    control :: port() | undefined,
    data :: port() | undefined,
    reader :: term(),
    phase = starting :: starting | running | stopping,
    os_pid :: pos_integer() | undefined,
    calls = #{} :: #{pos_integer() => {reference() | none, Sent :: integer(), Deadline :: infinity | integer()}},
    gathered = [] :: [iodata()],
    gathered_count = 0 :: non_neg_integer(),
    timers = #{} :: #{atom() => reference()},
    deadline = infinity :: infinity | integer(),  % when the timer `deadline' fires, milliseconds of monotonic time
    heard = true :: boolean(),              % since the last heartbeat
    checkpoints = false :: boolean(),       % the script has a checkpoint
    callbacks = 0 :: non_neg_integer(),
    tail = <<>> :: binary(),                % of what it wrote to standard error
    killed :: undefined | term(),           % why we ended it
    ended :: undefined | {status | signal, non_neg_integer()} | {failed, binary()}
}).

-spec start_link(map()) -> gen_server:start_ret().
start_link(#{options := #{protocol := plain}} = Arguments) -> hanse_script_plain:start_link(Arguments);
start_link(Arguments) -> gen_server:start_link(?MODULE, Arguments, []).

%% @doc Calls, in order.
-spec run(pid(), [run()]) -> ok.
run(Worker, Runs) -> gen_server:cast(Worker, {run, Runs}).

%% @doc The consumer of a stream takes more of it.
-spec credit(pid(), pos_integer(), pos_integer()) -> ok.
credit(Worker, Id, Count) -> gen_server:cast(Worker, {send, credit, Id, Count}).

-spec cancel(pid(), pos_integer()) -> ok.
cancel(Worker, Id) -> gen_server:cast(Worker, {send, cancel, Id, 0}).

%% @doc Ends in order: a last checkpoint, the end of input, SIGTERM, SIGKILL.
-spec retire(pid()) -> ok.
retire(Worker) -> gen_server:cast(Worker, retire).

-spec kill(pid(), Why :: term()) -> ok.
kill(Worker, Why) -> gen_server:cast(Worker, {kill, Why}).

%% @doc Asks for the memory it uses; the pool is told.
-spec memory(pid()) -> ok.
memory(Worker) -> gen_server:cast(Worker, memory).

-spec checkpoint(pid()) -> ok.
checkpoint(Worker) -> gen_server:cast(Worker, checkpoint).

init(#{pool := Pool, slot := Slot, options := Options, log := Log, candidate := Candidate, state := Handed}) ->
    %% A port that cannot write ends with a signal.
    process_flag(trap_exit, true),
    process_flag(message_queue_data, off_heap),
    Protocol = hanse_script_protocol:module(maps:get(protocol, Options)),
    {ok, #state{pool = Pool, slot = Slot, options = Options, protocol = Protocol, candidate = Candidate, handed = Handed, log = Log,
                reader = Protocol:new(maps:get(frame_limit_bytes, Options))}, {continue, start}}.

handle_continue(start, #state{options = Options} = State) ->
    case hanse_script_guard:start(plan(Options)) of
        {ok, Control} -> {noreply, start_timer(start, maps:get(start_timeout_ms, Options), State#state{control = Control})};
        {error, Text} -> stop(State#state{ended = {failed, unicode:characters_to_binary(Text)}})
    end.

plan(#{command := Command} = Options) ->
    (maps:with([environment, inherit, directory, user, limits, channel, network, sandbox, writable], Options))#{arguments => Command}.

handle_call(_Request, _From, State) -> {reply, {error, unknown}, State, 0}.

handle_cast({run, Runs}, State) -> gathering(lists:foldl(fun add_run/2, State, Runs));
handle_cast({send, Kind, Id, Count}, #state{protocol = Protocol, calls = Calls} = State) ->
    case Calls of
        #{Id := _} when Kind =:= credit -> gathering(gather(Protocol:credit(Id, Count), State));
        #{Id := _} -> gathering(gather(Protocol:cancel(Id), State));
        _ -> gathering(State)
    end;
handle_cast(retire, #state{phase = stopping} = State) -> gathering(State);
handle_cast(retire, #state{checkpoints = true} = State) ->
    gathering(start_timer(retire, 5000, own_call(?CHECKPOINT, checkpoint, [], State)));
handle_cast(retire, State) -> gathering(close_input(State));
handle_cast({kill, Why}, State) -> gathering(kill_worker(Why, State));
handle_cast(memory, #state{control = Control} = State) ->
    Control =/= undefined andalso hanse_script_guard:order(Control, memory),
    gathering(State);
handle_cast(checkpoint, #state{checkpoints = true, phase = running} = State) -> gathering(own_call(?CHECKPOINT, checkpoint, [], State));
handle_cast(checkpoint, State) ->
    tell_pool(no_state, State),
    gathering(State).

handle_info(timeout, State) -> {noreply, send_gathered(State)};
handle_info({Data, {data, Bytes}}, #state{data = Data, reader = Reader, protocol = Protocol} = State) ->
    case Protocol:feed(Bytes, Reader) of
        {error, Text} -> gathering(kill_worker({protocol, unicode:characters_to_binary(Text)}, State));
        {Events, Rest} -> gathering(take_events(Events, State#state{reader = Rest, heard = true}))
    end;
handle_info({Control, {data, Frame}}, #state{control = Control} = State) -> take_report(hanse_script_guard:report(Frame), State);
handle_info({Data, eof}, #state{data = Data} = State) ->
    hanse_script_guard:close(Data),
    data_closed(State#state{data = undefined});
handle_info({'EXIT', Data, _}, #state{data = Data} = State) -> data_closed(State#state{data = undefined});
handle_info({Control, {exit_status, _}}, #state{control = Control} = State) -> guard_ended(State);
handle_info({'EXIT', Control, _}, #state{control = Control} = State) -> guard_ended(State);
handle_info({timeout, Timer, Name}, #state{timers = Timers} = State) ->
    case Timers of
        #{Name := Timer} -> timer_fired(Name, State#state{timers = maps:remove(Name, Timers)});
        _ -> gathering(State)
    end;
handle_info({answer, Kind, Id, Value}, #state{protocol = Protocol, callbacks = Callbacks} = State) ->
    gathering(gather(Protocol:answer(Kind, Id, Value), State#state{callbacks = Callbacks - 1}));
handle_info(_, State) -> gathering(State).

data_closed(#state{ended = undefined, phase = stopping} = State) -> gathering(State);
%% It has closed its pipes; that it ends as well is usual, and told soon.
data_closed(#state{ended = undefined} = State) -> gathering(start_timer(closed, 1000, State));
data_closed(State) -> stop(State).

guard_ended(#state{ended = Ended} = State) ->
    stop(State#state{control = undefined, ended = case Ended of undefined -> {failed, <<"the guard has ended">>}; _ -> Ended end}).

%% The ports close with this process, and the guard ends whatever is left.
terminate(_Reason, _State) -> ok.

%% As long as messages wait they are handled first; then what has gathered is sent.
gathering(#state{gathered = []} = State) -> {noreply, State};
gathering(#state{gathered_count = Count} = State) when Count >= ?GATHERED -> {noreply, send_gathered(State)};
gathering(State) -> {noreply, State, 0}.

gather(Bytes, #state{gathered = Gathered, gathered_count = Count} = State) ->
    State#state{gathered = [Bytes | Gathered], gathered_count = Count + 1}.

send_gathered(#state{gathered = []} = State) -> State;
send_gathered(#state{gathered = Gathered, data = Data} = State) ->
    try Data =/= undefined andalso port_command(Data, lists:reverse(Gathered))
    catch error:badarg -> ok  % the port has just closed; its end is on the way
    end,
    State#state{gathered = [], gathered_count = 0}.

add_run({Id, Caller, Payload, Limit}, #state{protocol = Protocol, calls = Calls} = State) ->
    Now = erlang:monotonic_time(microsecond),
    Deadline = case Limit of infinity -> infinity; _ -> Now div 1000 + Limit end,
    gather(Protocol:call(Id, Payload), arm(Deadline, State#state{calls = Calls#{Id => {Caller, Now, Deadline}}})).

%% One timer serves all deadlines: it fires at the earliest of those that were known when it was set.
arm(Deadline, #state{deadline = Armed} = State) when Deadline >= Armed -> State;
arm(Deadline, State) ->
    start_timer(deadline, max(0, Deadline - erlang:monotonic_time(millisecond)), State#state{deadline = Deadline}).

own_call(Id, Function, Arguments, #state{protocol = Protocol} = State) ->
    gather(Protocol:call(Id, Protocol:payload('$hanse', Function, Arguments)), State).

start_timer(Name, Milliseconds, #state{timers = Timers} = State) ->
    Stopped = stop_timer(Name, Timers),
    State#state{timers = Stopped#{Name => erlang:start_timer(Milliseconds, self(), Name)}}.

stop_timer(Name, Timers) ->
    case maps:take(Name, Timers) of
        {Timer, Others} ->
            _ = erlang:cancel_timer(Timer),
            Others;
        error -> Timers
    end.

timer_fired(start, State) -> gathering(kill_worker(start_timeout, State));
timer_fired(closed, State) -> gathering(kill_worker(channel_closed, State));
timer_fired(retire, State) -> gathering(close_input(State));
timer_fired(terminate, #state{control = Control, options = #{stop_timeout_ms := Limit}} = State) ->
    Control =/= undefined andalso hanse_script_guard:order(Control, stop),
    gathering(start_timer(kill, Limit - Limit div 2, State));
timer_fired(kill, #state{control = Control} = State) ->
    Control =/= undefined andalso hanse_script_guard:order(Control, kill),
    gathering(State);
timer_fired(heartbeat, #state{heard = false, calls = Calls} = State) when map_size(Calls) =:= 0 ->
    gathering(kill_worker(heartbeat, State));
timer_fired(heartbeat, #state{options = #{heartbeat_ms := Interval}, calls = Calls} = State) ->
    Asked = case map_size(Calls) of
                0 -> own_call(?HEARTBEAT, heartbeat, [], State#state{heard = false});
                _ -> State#state{heard = true}  % calls have deadlines of their own
            end,
    gathering(start_timer(heartbeat, Interval, Asked));
timer_fired(deadline, #state{calls = Calls} = State) ->
    Now = erlang:monotonic_time(millisecond),
    Deadlines = [{Deadline, Id} || {Id, {_, _, Deadline}} <- maps:to_list(Calls), Deadline =/= infinity],
    case [Id || {Deadline, Id} <- Deadlines, Deadline =< Now] of
        [] when Deadlines =:= [] -> gathering(State#state{deadline = infinity});
        [] -> gathering(arm(lists:min([Deadline || {Deadline, _} <- Deadlines]), State#state{deadline = infinity}));
        Expired ->
            tell_pool({expired, Expired}, State),
            gathering(kill_worker(call_timeout, State#state{calls = maps:without(Expired, Calls), deadline = infinity}))
    end.

kill_worker(_, #state{killed = Why} = State) when Why =/= undefined -> State;
kill_worker(Why, #state{control = Control} = State) ->
    Control =/= undefined andalso hanse_script_guard:order(Control, kill),
    State#state{killed = Why, phase = stopping}.

%% Input ends; a worker that does not end by that is told by signals.
close_input(#state{phase = stopping} = State) -> State;
close_input(#state{options = #{stop_timeout_ms := Limit}} = State) ->
    #state{data = Data} = Sent = send_gathered(State),
    Data =/= undefined andalso hanse_script_guard:close(Data),
    start_timer(terminate, Limit div 2, Sent#state{data = undefined, phase = stopping}).

%% What the guard says.
take_report({channel, Name}, State) -> gathering(State#state{data = hanse_script_guard:attach(Name)});
take_report({started, Process}, #state{options = #{ready := Ready}, handed = Handed} = State) ->
    Started = State#state{os_pid = Process},
    tell_pool({started, Process}, Started),
    case Ready of
        started -> gathering(is_ready(Started));
        message -> gathering(own_call(?INIT, init, [Handed], Started))
    end;
take_report({failed, Why}, State) -> stop(State#state{ended = {failed, Why}});
take_report({memory, Bytes}, State) ->
    tell_pool({memory, Bytes}, State),
    gathering(State);
take_report({dropped, Count}, #state{log = Log, slot = Slot} = State) ->
    hanse_script_log:write(Log, Slot, note, ["[", integer_to_list(Count), " bytes were dropped: too much output]\n"]),
    gathering(State);
take_report({exit, How}, State) ->
    %% Answers that it wrote before its end are still in the pipe: they come before its eof.
    case State#state{ended = How} of
        #state{data = undefined} = Ended -> stop(Ended);
        Ended -> gathering(start_timer(closed, 5000, Ended))
    end;
take_report({Stream, Bytes}, #state{log = Log, slot = Slot, tail = Tail} = State) ->
    hanse_script_log:write(Log, Slot, Stream, Bytes),
    Full = <<Tail/binary, Bytes/binary>>,
    gathering(State#state{tail = binary:part(Full, byte_size(Full), -min(byte_size(Full), ?TAIL_BYTES))}).

stop(#state{killed = Killed, ended = Ended, tail = Tail} = State) ->
    Why = case Killed of undefined -> Ended; _ -> Killed end,
    {stop, {shutdown, {ended, #{why => Why, how => Ended, output => binary:copy(Tail)}}}, State}.

is_ready(#state{options = #{heartbeat_ms := Interval}, timers = Timers, os_pid = Process} = State) ->
    tell_pool({ready, Process}, State),
    Ready = State#state{phase = running, timers = stop_timer(start, Timers)},
    case Interval of
        off -> Ready;
        _ -> start_timer(heartbeat, Interval, Ready)
    end.

%% What the worker says. Answers are passed on at once; the pool hears of all of them together.
take_events(Events, State) ->
    {Done, Taken} = lists:foldl(fun take_event/2, {[], State}, Events),
    Done =:= [] orelse tell_pool({done, Done}, Taken),
    Taken.

take_event({item, Id, Encoded}, {Done, #state{calls = Calls} = State}) ->
    case Calls of
        #{Id := {Caller, _, _}} when Caller =/= none -> Caller ! {Caller, {item, self(), Id, Encoded}};
        _ -> ok
    end,
    {Done, State};
take_event({Kind, Id, Encoded}, {Done, #state{calls = Calls} = State}) when Kind =:= result; Kind =:= failure ->
    case maps:take(Id, Calls) of
        {{Caller, Sent, _}, Others} ->
            Caller =/= none andalso (Caller ! {Caller, {Kind, Encoded}}),
            {[{Id, Kind, erlang:monotonic_time(microsecond) - Sent} | Done], State#state{calls = Others}};
        error when Id < 16 -> {Done, own_answer(Id, Kind, Encoded, State)};
        error ->
            note(["[answered call ", integer_to_list(Id), ", which it does not have: dropped]\n"], State),
            tell_pool(stray_answer, State),
            {Done, State}
    end;
take_event({call, Id, Module, Function, Arguments}, {Done, State}) -> {Done, callback(Id, Module, Function, Arguments, State)};
take_event(ready, {Done, #state{phase = starting, candidate = false} = State}) -> {Done, is_ready(State)};
take_event(ready, {Done, State}) -> {Done, State};
take_event({output, Line}, {Done, State}) ->
    note(Line, State),
    {Done, State}.

note(Text, #state{log = Log, slot = Slot}) -> hanse_script_log:write(Log, Slot, note, Text).

own_answer(?INIT, result, Encoded, #state{phase = starting, candidate = Candidate, protocol = Protocol} = State) ->
    Checkpoints = try Protocol:value(Encoded) of
                      #{checkpoint := true} -> maps:get(state, State#state.options) =/= none;
                      _ -> false
                  catch error:badarg -> false
                  end,
    Initialised = State#state{checkpoints = Checkpoints},
    case Candidate of
        true -> own_call(?SELF_TEST, self_test, [], Initialised);
        false -> is_ready(Initialised)
    end;
own_answer(?SELF_TEST, result, _, #state{phase = starting} = State) -> is_ready(State);
own_answer(Id, failure, Encoded, #state{phase = starting} = State) when Id =:= ?INIT; Id =:= ?SELF_TEST ->
    kill_worker({case Id of ?INIT -> init; ?SELF_TEST -> self_test end, decoded(Encoded, State)}, State);
own_answer(?CHECKPOINT, Kind, Encoded, #state{timers = Timers} = State) ->
    case {Kind, decoded(Encoded, State)} of
        {result, {ok, Saved}} -> tell_pool({state, Saved}, State);
        {_, Failure} ->
            note(io_lib:format("[checkpoint failed: ~0tP]\n", [Failure, 12]), State),
            tell_pool(no_state, State)
    end,
    case Timers of
        #{retire := _} -> close_input(State#state{timers = stop_timer(retire, Timers)});
        _ -> State
    end;
own_answer(_, _, _, State) -> State.

decoded(Encoded, #state{protocol = Protocol}) ->
    try {ok, Protocol:value(Encoded)} catch error:badarg -> {error, not_a_safe_term} end.

%% Calls of the script: to what the pool allows, each in a process of its own.
callback(Id, '$hanse', save, [Saved], #state{protocol = Protocol} = State) ->
    tell_pool({state, Saved}, State),
    gather(Protocol:answer(r, Id, ok), State);
callback(Id, Module, Function, Arguments, #state{options = #{allow := Allow}, protocol = Protocol, callbacks = Count} = State) ->
    Name = {Module, Function, length(Arguments)},
    case is_list(Allow) andalso lists:member(Name, Allow) of
        false -> gather(Protocol:answer(e, Id, {not_allowed, Name}), State);
        true when Count >= ?CALLBACKS -> gather(Protocol:answer(e, Id, overload), State);
        true ->
            Worker = self(),
            _ = proc_lib:spawn(fun() ->
                                   {Kind, Value} = try {r, apply(Module, Function, Arguments)}
                                                   catch Class:Reason -> {e, {Class, Reason}}
                                                   end,
                                   Worker ! {answer, Kind, Id, Value}
                               end),
            State#state{callbacks = Count + 1}
    end.

tell_pool(What, #state{pool = Pool, slot = Slot}) ->
    Pool ! {worker, self(), Slot, What},
    ok.
