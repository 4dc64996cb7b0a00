%% @doc Plain programs: each call runs the pool's command once, with the function's name (unless it is `run') and the arguments of the
%% call behind its own. The answer is what the program wrote and how it ended. The process of a worker stays, programs come and go.
-module(hanse_script_plain).
-behaviour(gen_server).

-export([start_link/1, payload/3, value/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2]).

-define(TAIL_BYTES, 2000).

-record(state, {
    pool :: pid(),
    slot :: pos_integer(),
    options :: map(),
    log :: pid(),
    call = none :: none | {pos_integer(), reference() | none, Sent :: integer(), Timer :: reference() | none},
    control :: port() | undefined,
    data :: port() | undefined,
    output = [] :: iodata(),
    output_bytes = 0 :: non_neg_integer(),
    tail = <<>> :: binary(),
    ended :: undefined | term(),
    retired = false :: boolean()
}).

-spec payload(atom(), atom(), [term()]) -> [binary()].
payload('', run, Arguments) -> [text(Argument) || Argument <- Arguments];
payload('', Function, Arguments) -> [atom_to_binary(Function) | payload('', run, Arguments)];
payload(_, _, _) -> error(badarg).

text(Number) when is_integer(Number) -> integer_to_binary(Number);
text(Number) when is_float(Number) -> float_to_binary(Number, [short]);
text(Name) when is_atom(Name) -> atom_to_binary(Name);
text(Text) ->
    Binary = unicode:characters_to_binary(Text),
    is_binary(Binary) andalso binary:match(Binary, <<0>>) =:= nomatch orelse error(badarg),
    Binary.

-spec value({term, term()}) -> term().
value({term, Term}) -> Term.

-spec start_link(map()) -> gen_server:start_ret().
start_link(Arguments) -> gen_server:start_link(?MODULE, Arguments, []).

init(#{pool := Pool, slot := Slot, options := Options, log := Log}) ->
    process_flag(trap_exit, true),  % a port that cannot write ends with a signal
    {ok, #state{pool = Pool, slot = Slot, options = Options, log = Log}, {continue, ready}}.

handle_continue(ready, State) ->
    tell_pool({ready, undefined}, State),
    {noreply, State}.

handle_call(_, _From, State) -> {reply, {error, unknown}, State}.

handle_cast({run, [{Id, Caller, Arguments, Limit}]}, #state{call = none, options = #{command := Command} = Options} = State) ->
    Timer = case Limit of infinity -> none; _ -> erlang:start_timer(Limit, self(), deadline) end,
    Plan = maps:with([environment, inherit, directory, user, limits, network, sandbox, writable], Options),
    Called = State#state{call = {Id, Caller, erlang:monotonic_time(microsecond), Timer}, output = [], output_bytes = 0, tail = <<>>,
                         ended = undefined},
    case hanse_script_guard:start(Plan#{arguments => Command ++ Arguments, channel => output}) of
        {ok, Control} -> {noreply, Called#state{control = Control}};
        {error, Text} -> finished(failure, {not_started, unicode:characters_to_binary(Text)}, Called)
    end;
handle_cast(retire, #state{call = none} = State) -> stop(retired, State);
handle_cast(retire, State) -> {noreply, State#state{retired = true}};
handle_cast({kill, Why}, State) -> stop(Why, State);
handle_cast(_, State) -> {noreply, State}.

handle_info({Data, {data, Bytes}}, #state{data = Data, output = Output, output_bytes = Size, options = Options} = State) ->
    case Size + byte_size(Bytes) > maps:get(frame_limit_bytes, Options) of
        true -> stop({protocol, <<"too much output">>}, State);
        false -> {noreply, State#state{output = [Output, Bytes], output_bytes = Size + byte_size(Bytes)}}
    end;
handle_info({Control, {data, Frame}}, #state{control = Control} = State) -> report(hanse_script_guard:report(Frame), State);
handle_info({Data, eof}, #state{data = Data} = State) ->
    hanse_script_guard:close(Data),
    maybe_finished(State#state{data = undefined});
handle_info({Control, {exit_status, _}}, #state{control = Control, ended = undefined} = State) ->
    stop(guard_ended, State#state{control = undefined});
handle_info({'EXIT', Control, _}, #state{control = Control, ended = undefined} = State) ->
    stop(guard_ended, State#state{control = undefined});
handle_info({timeout, Timer, deadline}, #state{call = {Id, _, _, Timer}} = State) ->
    tell_pool({expired, [Id]}, State),
    stop(call_timeout, State);
handle_info(_, State) -> {noreply, State}.

report({channel, Name}, State) -> {noreply, State#state{data = hanse_script_guard:attach(Name)}};
report({failed, Why}, State) -> finished(failure, {not_started, Why}, State);
report({exit, How}, State) -> maybe_finished(State#state{ended = How});
report({errors, Bytes}, #state{tail = Tail, log = Log, slot = Slot} = State) ->
    hanse_script_log:write(Log, Slot, errors, Bytes),
    Full = <<Tail/binary, Bytes/binary>>,
    {noreply, State#state{tail = binary:part(Full, byte_size(Full), -min(byte_size(Full), ?TAIL_BYTES))}};
report(_, State) -> {noreply, State}.

maybe_finished(#state{data = undefined, ended = Ended, output = Output, tail = Tail} = State) when Ended =/= undefined ->
    finished(result, #{exit => case Ended of {status, Status} -> Status; Signal -> Signal end, output => iolist_to_binary(Output),
                       errors => Tail}, State);
maybe_finished(State) -> {noreply, State}.

finished(Kind, Value, #state{call = {Id, Caller, Sent, Timer}, control = Control, data = Data, retired = Retired} = State) ->
    Caller =/= none andalso (Caller ! {Caller, {Kind, {term, Value}}}),
    Timer =/= none andalso erlang:cancel_timer(Timer),
    [hanse_script_guard:close(Port) || Port <- [Control, Data], Port =/= undefined],
    tell_pool({done, [{Id, Kind, erlang:monotonic_time(microsecond) - Sent}]}, State),
    Free = State#state{call = none, control = undefined, data = undefined},
    case Retired of true -> stop(retired, Free); false -> {noreply, Free} end.

%% The guard ends the program when its port closes, which it does with this process.
stop(Why, #state{tail = Tail} = State) -> {stop, {shutdown, {ended, #{why => Why, how => undefined, output => Tail}}}, State}.

tell_pool(What, #state{pool = Pool, slot = Slot}) ->
    Pool ! {worker, self(), Slot, What},
    ok.
