%% @doc The process that knows a pool: it takes calls, chooses workers, and answers what workers cannot answer any more. The life of
%% workers (starting, failing, replacing) is in hanse_script_life.
%%
%% A call's way: caller -> pool -> worker's process -> script and from the worker's process straight to the caller; the pool hears
%% that it is done. It keeps each call until then, so that a call whose worker ends is tried again or answered with an error.
%% Callers wait at an alias that takes one answer, so that none is answered twice.
-module(hanse_script_pool).
-behaviour(gen_server).

-include("hanse_script_pool.hrl").

-export([start_link/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).
-export([dispatch/1, lost/3, refuse_all/2]).

-define(TICK_MS, 1000).

-spec start_link(pid(), map()) -> gen_server:start_ret().
start_link(Supervisor, #{name := Name} = Options) ->
    gen_server:start_link({local, Name}, ?MODULE, {Supervisor, Options}, []).

init({Supervisor, #{name := Name, protocol := Protocol, call_timeout_ms := Timeout} = Options}) ->
    process_flag(trap_exit, true),
    process_flag(message_queue_data, off_heap),
    persistent_term:put({hanse_script, Name}, {hanse_script_protocol:module(Protocol), Timeout}),
    erlang:send_after(?TICK_MS, self(), tick),
    {ok, #pool{name = Name, options = Options, supervisor = Supervisor, files = hanse_script_life:files(Options)}, {continue, start}}.

handle_continue(start, #pool{supervisor = Supervisor, options = #{size := Size}} = Pool) ->
    Parts = Pool#pool{log = hanse_script_sup:child(Supervisor, log), workers = hanse_script_sup:child(Supervisor, workers)},
    {noreply, lists:foldl(fun hanse_script_life:add_slot/2, Parts, lists:seq(1, Size))}.

handle_call(status, _From, Pool) -> {reply, hanse_script_life:status(Pool), Pool, 0};
handle_call(supervisor, _From, #pool{supervisor = Supervisor} = Pool) -> {reply, Supervisor, Pool, 0};
handle_call(log, _From, #pool{log = Log} = Pool) -> {reply, Log, Pool, 0};
handle_call(restart, _From, Pool) ->
    case hanse_script_life:replace_all(Pool) of
        {ok, Replacing} -> {reply, ok, Replacing, 0};
        {error, _} = Error -> {reply, Error, Pool, 0}
    end;
handle_call({scale, Size}, _From, Pool) -> {reply, ok, dispatch(hanse_script_life:scale(Size, Pool)), 0};
handle_call(clear_fatal, _From, #pool{state = fatal} = Pool) -> {reply, ok, hanse_script_life:clear_fatal(Pool), 0};
handle_call(clear_fatal, _From, Pool) -> {reply, {error, not_fatal}, Pool, 0};
handle_call(_, _From, Pool) -> {reply, {error, unknown}, Pool, 0}.

handle_cast(_, Pool) -> {noreply, Pool, 0}.

handle_info(timeout, Pool) -> {noreply, send_outbox(Pool)};
handle_info({hanse_call, Alias, Client, Payload, {Priority, Deadline, Attempt, Idempotent, Kind}}, Pool) ->
    #pool{options = #{retries := Retries}} = Pool,
    Call = #call{alias = Alias, client = Client, payload = Payload, priority = Priority, deadline = Deadline, attempt_ms = Attempt,
                 retries = case Idempotent of true -> Retries; false -> 0 end, kind = Kind},
    Kind =:= stream andalso monitor(process, Client, [{tag, {client_down, Alias}}]),
    gathered(admit(Call, Pool));
handle_info({worker, Worker, Slot, {done, Done}}, Pool) -> gathered(dispatch(done(Done, Worker, Slot, Pool)));
handle_info({worker, Worker, _, {expired, Ids}}, Pool) ->
    gathered(dispatch(lists:foldl(fun(Id, P) -> expired(Id, Worker, P) end, Pool, Ids)));
handle_info({worker, Worker, Slot, What}, Pool) -> gathered(dispatch(hanse_script_life:told(What, Worker, Slot, Pool)));
handle_info({'DOWN', _, process, Worker, Reason}, Pool) -> gathered(dispatch(hanse_script_life:ended(Worker, Reason, Pool)));
handle_info({hanse_cancel, Alias}, Pool) -> gathered(cancel(Alias, Pool));
handle_info({{client_down, Alias}, _, process, _, _}, Pool) -> gathered(cancel(Alias, Pool));
handle_info({hanse_await, Alias}, #pool{waiters = Waiters} = Pool) ->
    gathered(hanse_script_life:tell_waiters(Pool#pool{waiters = [Alias | Waiters]}));
handle_info({start, Slot}, Pool) -> gathered(hanse_script_life:start_again(Slot, Pool));
handle_info(tick, Pool) ->
    erlang:send_after(?TICK_MS, self(), tick),
    gathered(hanse_script_life:tick(Pool));
handle_info(_, Pool) -> gathered(Pool).

%% What comes from the supervisor: calls that wait or run may end, then the workers do. Others get an answer at once.
terminate(Reason, #pool{options = #{drain_timeout_ms := Drain}, state = State} = Pool) ->
    Until = erlang:monotonic_time(millisecond) + Drain,
    Orderly = Reason =:= shutdown orelse Reason =:= normal,
    Drained = case State of
                  _ when not Orderly -> Pool;
                  fatal -> Pool;
                  _ -> drain(Until, send_outbox(Pool#pool{state = stopping}))
              end,
    Refused = refuse_all({error, stopping}, Drained),
    hanse_script_life:stop_all(Refused),
    ok.

drain(Until, #pool{calls = Calls, queue = Queue} = Pool) ->
    Left = Until - erlang:monotonic_time(millisecond),
    case map_size(Calls) =:= 0 andalso hanse_script_queue:size(Queue) =:= 0 of
        true -> Pool;
        false when Left =< 0 -> Pool;
        false ->
            receive
                {'$gen_call', From, _} ->
                    gen_server:reply(From, {error, stopping}),
                    drain(Until, Pool);
                {'EXIT', _, _} -> drain(Until, Pool);
                Message ->
                    {noreply, Handled, _} = handle_info(Message, Pool),
                    drain(Until, send_outbox(Handled))
            after Left -> Pool
            end
    end.

%% Messages that wait come first; then each worker gets all its new calls with one message.
gathered(Pool) -> {noreply, Pool, 0}.

send_outbox(#pool{outbox = Outbox} = Pool) when map_size(Outbox) =:= 0 -> Pool;
send_outbox(#pool{outbox = Outbox} = Pool) ->
    maps:foreach(fun(Worker, Runs) -> hanse_script_worker:run(Worker, lists:reverse(Runs)) end, Outbox),
    Pool#pool{outbox = #{}}.

admit(Call, #pool{state = fatal, why = Why} = Pool) -> refuse(Call, fatal, {error, {fatal, Why}}, Pool);
admit(Call, #pool{state = stopping} = Pool) -> refuse(Call, stopping, {error, stopping}, Pool);
admit(Call, #pool{queue = Queue, options = #{queue := Limit}} = Pool) ->
    Waiting = hanse_script_queue:size(Queue),
    case Waiting =:= 0 andalso least_busy(Pool) of
        #slot{} = Slot -> give(Call, Slot, Pool);
        _ when Waiting < Limit -> wait(Call, Pool);
        _ -> refuse(Call, overload, {error, overload}, Pool)
    end.

wait(#call{priority = Priority, client = Client} = Call, #pool{queue = Queue} = Pool) ->
    Pool#pool{queue = hanse_script_queue:in(Call, Priority, Client, Queue)}.

refuse(#call{alias = Alias}, Figure, Answer, #pool{figures = Figures} = Pool) ->
    hanse_script_figures:add(Figures, Figure),
    tell(Alias, Answer),
    Pool.

tell(none, _) -> ok;
tell(Alias, Answer) ->
    Alias ! {Alias, Answer},
    ok.

%% @doc Gives calls that wait to workers that have room.
-spec dispatch(#pool{}) -> #pool{}.
dispatch(#pool{queue = Queue, state = State} = Pool) ->
    case State =/= fatal andalso hanse_script_queue:size(Queue) > 0 andalso least_busy(Pool) of
        #slot{} = Slot ->
            {Call, Rest} = hanse_script_queue:out(Queue),
            dispatch(give(Call, Slot, Pool#pool{queue = Rest}));
        _ -> Pool
    end.

least_busy(#pool{slots = Slots, options = #{in_flight := Limit}}) ->
    maps:fold(fun(_, #slot{state = running, busy = Busy} = Slot, none) when Busy < Limit -> Slot;
                 (_, #slot{state = running, busy = Busy} = Slot, #slot{busy = Least}) when Busy < Least -> Slot;
                 (_, _, Best) -> Best
              end, none, Slots).

give(#call{alias = Alias, payload = Payload, deadline = Deadline, attempt_ms = Attempt} = Call,
     #slot{pid = Worker, number = Number, busy = Busy, calls = Given} = Slot,
     #pool{calls = Calls, next_id = Id, slots = Slots, outbox = Outbox, cancelled = Cancelled} = Pool) ->
    case limit(Deadline, Attempt) of
        _ when is_map_key(Alias, Cancelled) -> Pool#pool{cancelled = maps:remove(Alias, Cancelled)};
        Limit when Limit =/= infinity, Limit =< 0 -> refuse(Call, timeout, {error, timeout}, Pool);
        Limit ->
            Run = {Id, Alias, Payload, Limit},
            Pool#pool{calls = Calls#{Id => Call#call{worker = Worker}}, next_id = next_id(Id),
                      slots = Slots#{Number := Slot#slot{busy = Busy + 1, calls = Given + 1}},
                      outbox = case Outbox of
                                   #{Worker := Runs} -> Outbox#{Worker := [Run | Runs]};
                                   _ -> Outbox#{Worker => [Run]}
                               end}
    end.

limit(infinity, Attempt) -> Attempt;
limit(Deadline, Attempt) -> min(Deadline - erlang:monotonic_time(millisecond), Attempt).

%% Positive as a number of four bytes; the first 16 are the worker process's own.
next_id(16#7fffffff) -> 16;
next_id(Id) -> Id + 1.

done(Done, Worker, Slot, #pool{calls = Calls, figures = Figures} = Pool) ->
    Left = lists:foldl(fun({Id, Kind, Microseconds}, Taken) ->
                           hanse_script_figures:add(Figures, Kind),
                           hanse_script_figures:latency(Figures, Microseconds),
                           maps:remove(Id, Taken)
                       end, Calls, Done),
    hanse_script_life:less_busy(map_size(Calls) - map_size(Left), Worker, Slot, Pool#pool{calls = Left}).

%% The attempt's time is over, and its worker is being killed.
expired(Id, Worker, #pool{calls = Calls} = Pool) ->
    case Calls of
        #{Id := #call{worker = Worker} = Call} -> again(Call, timeout, {error, timeout}, Pool#pool{calls = maps:remove(Id, Calls)});
        _ -> Pool
    end.

%% @doc A worker has ended: its calls are tried elsewhere, or answered with the reason.
-spec lost(pid(), map(), #pool{}) -> #pool{}.
lost(Worker, Info, #pool{calls = Calls, outbox = Outbox} = Pool) ->
    Lost = lists:sort([{Id, Call} || {Id, #call{worker = W} = Call} <- maps:to_list(Calls), W =:= Worker]),
    lists:foldl(fun({_, Call}, P) -> again(Call, died, {error, {worker_died, Info}}, P) end,
                Pool#pool{calls = maps:without([Id || {Id, _} <- Lost], Calls), outbox = maps:remove(Worker, Outbox)}, Lost).

again(#call{retries = Retries, deadline = Deadline, kind = call} = Call, _, _, #pool{figures = Figures, state = State} = Pool)
  when Retries > 0, State =/= fatal ->
    case limit(Deadline, infinity) of
        Limit when Limit =:= infinity; Limit > 0 ->
            hanse_script_figures:add(Figures, retried),
            wait(Call#call{retries = Retries - 1, worker = undefined, priority = high}, Pool);
        _ -> refuse(Call, timeout, {error, timeout}, Pool)
    end;
again(Call, Figure, Answer, Pool) -> refuse(Call, Figure, Answer, Pool).

%% The consumer of a stream has gone or has enough.
cancel(Alias, #pool{calls = Calls, queue = Queue, cancelled = Cancelled} = Pool) ->
    case [{Id, Worker} || {Id, #call{alias = A, worker = Worker}} <- maps:to_list(Calls), A =:= Alias] of
        [{Id, Worker}] ->
            hanse_script_worker:cancel(Worker, Id),
            Pool;
        [] ->
            case lists:any(fun(#call{alias = A}) -> A =:= Alias end, hanse_script_queue:to_list(Queue)) of
                true -> Pool#pool{cancelled = Cancelled#{Alias => true}};
                false -> Pool
            end
    end.

%% @doc Answers all calls that wait or run.
-spec refuse_all(term(), #pool{}) -> #pool{}.
refuse_all(Answer, #pool{calls = Calls, queue = Queue} = Pool) ->
    Figure = case Answer of {error, {fatal, _}} -> fatal; _ -> stopping end,
    lists:foldl(fun(Call, P) -> refuse(Call, Figure, Answer, P) end,
                Pool#pool{calls = #{}, queue = hanse_script_queue:new(), outbox = #{}},
                maps:values(Calls) ++ hanse_script_queue:to_list(Queue)).
