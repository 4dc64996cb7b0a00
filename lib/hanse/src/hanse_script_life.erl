%% @doc The life of a pool's workers: starting, failing, pausing, giving up, being replaced. Functions of hanse_script_pool's process;
%% states are named as supervisord names them.
-module(hanse_script_life).

-include("hanse_script_pool.hrl").

-export([add_slot/2, start_again/2, told/4, ended/3, less_busy/4, replace_all/1, scale/2, clear_fatal/1, stop_all/1, tick/1,
         tell_waiters/1, status/1, files/1]).

%% A worker that ran so long has proved itself: its pauses begin anew.
-define(PROVED_MS, 10000).
-define(MEMORY_EVERY_TICKS, 5).

-type pool() :: #pool{}.

-spec add_slot(pos_integer(), pool()) -> pool().
add_slot(Number, #pool{slots = Slots} = Pool) ->
    start_slot(Number, Pool#pool{slots = Slots#{Number => #slot{number = Number}}}).

start_slot(Number, #pool{slots = Slots} = Pool) ->
    #{Number := #slot{saved = Saved} = Slot} = Slots,
    {Worker, Started} = start_worker(Number, false, Saved, Pool),
    Started#pool{slots = Slots#{Number := changed(starting, Slot#slot{pid = Worker, os_pid = undefined, busy = 0, calls = 0,
                                                                    memory = 0, next = restart})}}.

start_worker(Number, Candidate, Saved, #pool{workers = Workers, options = Options, log = Log, pids = Pids, figures = Figures} = Pool) ->
    {ok, Worker} = supervisor:start_child(Workers, [#{pool => self(), slot => Number, options => Options, log => Log,
                                                     candidate => Candidate, state => load(Number, Saved, Pool)}]),
    monitor(process, Worker),
    hanse_script_figures:add(Figures, started),
    {Worker, Pool#pool{pids = Pids#{Worker => Number}}}.

changed(State, Slot) -> Slot#slot{state = State, since = now_ms()}.

now_ms() -> erlang:monotonic_time(millisecond).

%% @doc The pause of a worker is over.
-spec start_again(pos_integer(), pool()) -> pool().
start_again(Number, #pool{slots = Slots, state = State} = Pool) ->
    case Slots of
        #{Number := #slot{state = backoff}} when State =:= running -> start_slot(Number, Pool);
        _ -> Pool
    end.

%% @doc What a worker's process tells.
-spec told(term(), pid(), pos_integer(), pool()) -> pool().
told({ready, OsPid}, Worker, Number, #pool{candidate = {Worker, Number}} = Pool) -> promote(OsPid, Worker, Number, Pool);
told(What, Worker, Number, #pool{slots = Slots} = Pool) ->
    case Slots of
        #{Number := #slot{pid = Worker} = Slot} -> told_by_current(What, Slot, Pool);
        _ when element(1, What) =:= state -> save(element(2, What), Number, Pool);
        _ -> Pool
    end.

told_by_current({started, OsPid}, Slot, Pool) -> put_slot(Slot#slot{os_pid = OsPid}, Pool);
told_by_current({ready, OsPid}, #slot{state = starting} = Slot, Pool) ->
    tell_waiters(put_slot(changed(running, Slot#slot{os_pid = OsPid}), Pool));
told_by_current({memory, Bytes}, Slot, Pool) -> put_slot(Slot#slot{memory = Bytes}, Pool);
told_by_current({state, Saved}, #slot{number = Number}, Pool) -> replace_next_after(Number, save(Saved, Number, Pool));
told_by_current(no_state, #slot{number = Number}, Pool) -> replace_next_after(Number, Pool);
told_by_current(stray_answer, _, #pool{figures = Figures} = Pool) ->
    hanse_script_figures:add(Figures, stray),
    Pool;
told_by_current(_, _, Pool) -> Pool.

put_slot(#slot{number = Number} = Slot, #pool{slots = Slots} = Pool) -> Pool#pool{slots = Slots#{Number := Slot}}.

%% @doc A worker has answered some calls.
-spec less_busy(non_neg_integer(), pid(), pos_integer(), pool()) -> pool().
less_busy(Count, Worker, Number, #pool{slots = Slots, leaving = Leaving} = Pool) ->
    case Slots of
        #{Number := #slot{pid = Worker, busy = Busy} = Slot} ->
            Freed = Slot#slot{busy = max(0, Busy - Count), failures = 0},
            maybe_retire(Freed, put_slot(Freed, Pool));
        _ ->
            case Leaving of
                #{Worker := #slot{busy = Busy} = Slot} ->
                    Freed = Slot#slot{busy = max(0, Busy - Count)},
                    Freed#slot.busy =:= 0 andalso hanse_script_worker:retire(Worker),
                    Pool#pool{leaving = Leaving#{Worker := Freed}};
                _ -> Pool
            end
    end.

%% Recycling by number of calls, and the end of a worker that waited for its last call.
maybe_retire(#slot{state = stopping, busy = 0, pid = Worker}, Pool) ->
    hanse_script_worker:retire(Worker),
    Pool;
maybe_retire(#slot{state = running, calls = Calls} = Slot, #pool{options = #{recycle := #{calls := Limit}}} = Pool)
  when is_integer(Limit), Calls >= Limit -> recycle(Slot, Pool);
maybe_retire(_, Pool) -> Pool.

recycle(Slot, #pool{figures = Figures} = Pool) ->
    hanse_script_figures:add(Figures, recycled),
    wind_down(Slot#slot{next = restart}, Pool).

%% No more calls; it ends when it has answered those it has.
wind_down(#slot{state = State, busy = Busy, pid = Worker} = Slot, Pool) when State =:= running; State =:= starting ->
    Busy =:= 0 andalso hanse_script_worker:retire(Worker),
    put_slot(changed(stopping, Slot), Pool);
wind_down(#slot{number = Number, next = remove, state = State}, #pool{slots = Slots} = Pool) when State =/= stopping ->
    Pool#pool{slots = maps:remove(Number, Slots)};
wind_down(Slot, Pool) -> put_slot(Slot, Pool).

%% @doc A worker's process has ended, and so has the worker.
-spec ended(pid(), term(), pool()) -> pool().
ended(Worker, Reason, #pool{pids = Pids, slots = Slots, leaving = Leaving, candidate = Candidate} = Pool) ->
    Info = case Reason of
               {shutdown, {ended, Ended}} -> Ended;
               _ -> #{why => Reason, how => undefined, output => <<>>}
           end,
    case maps:take(Worker, Pids) of
        error -> Pool;
        {Number, Others} ->
            Lost = hanse_script_pool:lost(Worker, Info, Pool#pool{pids = Others, leaving = maps:remove(Worker, Leaving)}),
            case {Candidate, Slots} of
                {{Worker, _}, _} -> replacement_failed(Info, Lost);
                {_, #{Number := #slot{pid = Worker} = Slot}} ->
                    replaced_by_itself(Number, slot_ended(Slot#slot{last = Info, pid = undefined, busy = 0}, Info, Lost));
                _ -> Lost
            end
    end.

%% It ended while its last state was awaited: whatever starts in its place is new.
replaced_by_itself(Number, #pool{replacing = [Number | Others], candidate = none} = Pool) -> replace_next(Pool#pool{replacing = Others});
replaced_by_itself(_, Pool) -> Pool.

slot_ended(Slot, _, #pool{state = fatal} = Pool) -> put_slot(changed(fatal, Slot#slot{os_pid = undefined}), Pool);
slot_ended(#slot{state = stopping, next = restart, number = Number} = Slot, _, #pool{state = running} = Pool) ->
    start_slot(Number, put_slot(Slot, Pool));
slot_ended(#slot{state = stopping, next = remove, number = Number}, _, #pool{slots = Slots} = Pool) ->
    Pool#pool{slots = maps:remove(Number, Slots)};
slot_ended(#slot{state = stopping} = Slot, _, Pool) -> put_slot(changed(exited, Slot#slot{os_pid = undefined}), Pool);
slot_ended(#slot{number = Number, since = Since, state = State, failures = Before} = Slot, Info, Pool) ->
    #pool{options = #{period_s := Period, intensity := Intensity, backoff := Backoff}, failed = Failed, figures = Figures} = Pool,
    hanse_script_figures:add(Figures, failed),
    Now = now_ms(),
    Recent = [Now | [At || At <- Failed, At > Now - 1000 * Period]],
    Failures = case State =:= running andalso Now - Since > ?PROVED_MS of true -> 1; false -> Before + 1 end,
    Paused = put_slot(changed(backoff, Slot#slot{failures = Failures, os_pid = undefined}), Pool#pool{failed = Recent}),
    case length(Recent) > Intensity of
        true -> give_up(Info, Paused);
        false ->
            erlang:send_after(pause_ms(Failures, Backoff), self(), {start, Number}),
            Paused
    end.

pause_ms(Failures, #{first_ms := First, max_ms := Max, jitter := Jitter}) ->
    Pause = min(Max, First bsl min(Failures - 1, 20)),
    max(1, round(Pause * (1 + Jitter * (2 * rand:uniform() - 1)))).

%% Too many failures: a person has to look.
give_up(Info, #pool{name = Name, slots = Slots, candidate = Candidate, options = #{intensity := Intensity, period_s := Period}} = Pool) ->
    logger:error("script pool ~tp is fatal: more than ~b failures in ~b s; the last: ~0tp~n~ts",
                 [Name, Intensity, Period, maps:get(why, Info), maps:get(output, Info)]),
    Candidate =:= none orelse hanse_script_worker:kill(element(1, Candidate), fatal),
    Fatal = maps:map(fun(_, #slot{pid = undefined} = Slot) -> changed(fatal, Slot);
                        (_, #slot{pid = Worker} = Slot) ->
                            hanse_script_worker:kill(Worker, fatal),
                            changed(fatal, Slot#slot{busy = 0})
                     end, Slots),
    tell_waiters(hanse_script_pool:refuse_all({error, {fatal, Info}},
                                             Pool#pool{state = fatal, why = Info, slots = Fatal, replacing = [], once_more = false})).

-spec clear_fatal(pool()) -> pool().
clear_fatal(#pool{slots = Slots} = Pool) ->
    Cleared = Pool#pool{state = running, why = none, failed = [],
                        slots = maps:map(fun(_, Slot) -> Slot#slot{failures = 0} end, Slots)},
    maps:fold(fun(Number, #slot{pid = undefined}, P) -> start_slot(Number, P);
                 (_, Slot, P) -> put_slot(changed(stopping, Slot#slot{next = restart}), P)  % still being killed
              end, Cleared, Slots).

%% @doc Those who wait for a running worker learn that there is one, or that there will be none.
-spec tell_waiters(pool()) -> pool().
tell_waiters(#pool{waiters = []} = Pool) -> Pool;
tell_waiters(#pool{waiters = Waiters, state = State, why = Why, slots = Slots} = Pool) ->
    Running = lists:any(fun(#slot{state = S}) -> S =:= running end, maps:values(Slots)),
    Answer = case State of
                 fatal -> {error, {fatal, Why}};
                 _ when Running -> ok;
                 _ -> none
             end,
    case Answer of
        none -> Pool;
        _ ->
            [Alias ! {Alias, Answer} || Alias <- Waiters],
            Pool#pool{waiters = []}
    end.

%% @doc Replaces all workers, one after the other: a new one has to be ready, and pass its test, before an old one goes.
-spec replace_all(pool()) -> {ok, pool()} | {error, fatal | stopping}.
replace_all(#pool{state = running, candidate = Candidate} = Pool) when Candidate =/= none -> {ok, Pool#pool{once_more = true}};
replace_all(#pool{state = running, slots = Slots} = Pool) -> {ok, replace_next(Pool#pool{replacing = lists:sort(maps:keys(Slots))})};
replace_all(#pool{state = State}) -> {error, State}.

replace_next(#pool{candidate = Candidate} = Pool) when Candidate =/= none -> Pool;
replace_next(#pool{once_more = true, slots = Slots} = Pool) ->
    replace_next(Pool#pool{once_more = false, replacing = lists:sort(maps:keys(Slots))});
replace_next(#pool{replacing = []} = Pool) -> Pool;
replace_next(#pool{replacing = [Number | Others], slots = Slots, options = #{state := State}} = Pool) ->
    case Slots of
        #{Number := #slot{state = running, pid = Worker}} when State =/= none ->
            hanse_script_worker:checkpoint(Worker),  % what it answers starts the replacement: replace_next_after/2
            Pool;
        #{Number := _} -> start_candidate(Number, Pool);
        _ -> replace_next(Pool#pool{replacing = Others})
    end.

replace_next_after(Number, #pool{replacing = [Number | _], candidate = none} = Pool) -> start_candidate(Number, Pool);
replace_next_after(_, Pool) -> Pool.

start_candidate(Number, #pool{slots = Slots, options = #{self_test := Test}} = Pool) ->
    #{Number := #slot{saved = Saved}} = Slots,
    {Worker, Started} = start_worker(Number, Test, Saved, Pool),
    Started#pool{candidate = {Worker, Number}}.

promote(_, Worker, _, #pool{state = fatal} = Pool) ->
    hanse_script_worker:retire(Worker),
    Pool#pool{candidate = none};
promote(OsPid, Worker, Number, #pool{slots = Slots, leaving = Leaving, replacing = Replacing, figures = Figures} = Pool) ->
    hanse_script_figures:add(Figures, replaced),
    Done = Pool#pool{candidate = none, replacing = lists:delete(Number, Replacing), replaced = {ok, now_ms(), Number}},
    case Slots of
        #{Number := #slot{pid = Old, busy = Busy} = Slot} ->
            Old =/= undefined andalso Busy =:= 0 andalso hanse_script_worker:retire(Old),
            New = changed(running, Slot#slot{pid = Worker, os_pid = OsPid, busy = 0, calls = 0, memory = 0, failures = 0, next = restart}),
            tell_waiters(replace_next(Done#pool{slots = Slots#{Number := New},
                                                leaving = case Old of undefined -> Leaving; _ -> Leaving#{Old => Slot} end}));
        _ ->
            hanse_script_worker:retire(Worker),
            replace_next(Done)
    end.

%% The old ones stay.
replacement_failed(Info, #pool{name = Name} = Pool) ->
    logger:error("script pool ~tp keeps its workers, the replacement failed: ~0tp~n~ts",
                 [Name, maps:get(why, Info), maps:get(output, Info)]),
    replace_next(Pool#pool{candidate = none, replacing = [], replaced = {failed, now_ms(), Info}}).

-spec scale(pos_integer(), pool()) -> pool().
scale(Size, #pool{slots = Slots, options = Options} = Pool) ->
    Numbers = lists:seq(1, Size),
    Scaled = Pool#pool{options = Options#{size := Size}},
    Shrunk = maps:fold(fun(Number, Slot, P) when Number > Size -> wind_down(Slot#slot{next = remove}, P);
                          (_, Slot, P) -> put_slot(Slot#slot{next = restart}, P)
                       end, Scaled, Slots),
    case Pool#pool.state of
        running -> lists:foldl(fun add_slot/2, Shrunk, Numbers -- maps:keys(Slots));
        _ -> Shrunk#pool{slots = maps:merge(maps:from_list([{N, #slot{number = N, state = fatal}} || N <- Numbers]), Shrunk#pool.slots)}
    end.

%% @doc The end of the pool: workers end in order, within their time.
-spec stop_all(pool()) -> ok.
stop_all(#pool{pids = Pids, options = #{stop_timeout_ms := Limit}} = Pool) ->
    Workers = maps:keys(Pids),
    [hanse_script_worker:retire(Worker) || Worker <- Workers],
    await_ends(Workers, now_ms() + Limit + 3000, Pool).

await_ends([], _, _) -> ok;
await_ends(Workers, Until, Pool) ->
    receive
        {'DOWN', _, process, Worker, _} -> await_ends(lists:delete(Worker, Workers), Until, Pool);
        {worker, _, Number, {state, Saved}} -> await_ends(Workers, Until, save(Saved, Number, Pool))
    after max(0, Until - now_ms()) -> ok
    end.

%% @doc Once a second: recycling by age and memory, checkpoints, files that are watched.
-spec tick(pool()) -> pool().
tick(#pool{ticks = Ticks, options = #{recycle := #{memory_bytes := Memory}}} = Pool) ->
    Measured = Memory =/= never orelse Ticks rem ?MEMORY_EVERY_TICKS =:= 0,
    Ticked = maps:fold(fun(_, Slot, P) -> tick_slot(Slot, Measured, P) end, Pool#pool{ticks = Ticks + 1}, Pool#pool.slots),
    watch(Ticked).

tick_slot(#slot{state = running, pid = Worker, since = Since, memory = Memory} = Slot, Measured,
          #pool{options = #{recycle := Recycle, state := State}, ticks = Ticks} = Pool) ->
    Measured andalso hanse_script_worker:memory(Worker),
    case State of
        #{every_s := Every} when is_integer(Every), Ticks rem Every =:= 0 -> hanse_script_worker:checkpoint(Worker);
        _ -> ok
    end,
    %% `never' is greater than any number.
    #{seconds := Seconds, memory_bytes := Limit} = Recycle,
    case (now_ms() - Since) div 1000 >= Seconds orelse Memory >= Limit of
        true -> recycle(Slot, Pool);
        false -> Pool
    end;
tick_slot(_, _, Pool) -> Pool.

watch(#pool{files = Files, options = Options} = Pool) ->
    case files(Options) of
        Files -> Pool;
        Changed ->
            case replace_all(Pool#pool{files = Changed}) of
                {ok, Replacing} -> Replacing;
                {error, _} -> Pool#pool{files = Changed}
            end
    end.

%% @doc Size and time of the watched files.
-spec files(map()) -> #{binary() => term()}.
files(#{watch := Watched, directory := Directory}) ->
    maps:from_list([{Name, case file:read_file_info(absolute(Name, Directory), [raw, {time, posix}]) of
                               {ok, Info} -> {element(2, Info), element(6, Info), element(12, Info)};  % size, mtime, inode
                               {error, Reason} -> Reason
                           end} || Name <- Watched]).

absolute(Name, none) -> Name;
absolute(Name, Directory) -> filename:absname(Name, Directory).

%% The state of a worker lives in the pool, or in a file of its own.
load(Number, _, #pool{options = #{state := #{directory := _}}} = Pool) ->
    case file:read_file(state_file(Number, Pool)) of
        {ok, Bytes} -> try binary_to_term(Bytes, [safe]) catch error:badarg -> undefined end;
        {error, _} -> undefined
    end;
load(_, Saved, _) -> Saved.

save(Saved, Number, #pool{options = #{state := #{directory := _}}} = Pool) ->
    Path = state_file(Number, Pool),
    New = <<Path/binary, ".new">>,
    _ = filelib:ensure_dir(Path),
    case file:write_file(New, term_to_binary(Saved), [sync]) of
        ok -> file:rename(New, Path);
        {error, Reason} -> logger:error("script pool ~tp cannot write ~ts: ~ts", [Pool#pool.name, New, file:format_error(Reason)])
    end,
    Pool;
save(Saved, Number, #pool{options = #{state := memory}, slots = Slots} = Pool) ->
    case Slots of
        #{Number := Slot} -> put_slot(Slot#slot{saved = Saved}, Pool);
        _ -> Pool
    end;
save(_, _, Pool) -> Pool.

state_file(Number, #pool{name = Name, options = #{state := #{directory := Directory}}}) ->
    filename:join(Directory, io_lib:format("~ts-~b.state", [Name, Number])).

%% @doc For people and metrics.
-spec status(pool()) -> map().
status(#pool{name = Name, state = State, why = Why, slots = Slots, queue = Queue, calls = Calls, figures = Figures, options = Options,
             replacing = Replacing, candidate = Candidate, replaced = Replaced}) ->
    Now = now_ms(),
    #{name => Name, state => State, why => Why, waiting => hanse_script_queue:size(Queue), in_flight => map_size(Calls),
      size => maps:get(size, Options), command => maps:get(command, Options), figures => hanse_script_figures:read(Figures),
      replacing => Replacing =/= [] orelse Candidate =/= none,
      replaced => case Replaced of none -> none; {How, At, What} -> {How, Now - At, What} end,
      workers => [#{number => Number, state => S, os_pid => OsPid, busy => Busy, calls => Given, since_ms => Now - Since,
                    failures => Failures, memory_bytes => Memory, last => Last}
                  || #slot{number = Number, state = S, os_pid = OsPid, busy = Busy, calls = Given, since = Since, failures = Failures,
                           memory = Memory, last = Last} <- [Slot || {_, Slot} <- lists:sort(maps:to_list(Slots))]]}.
