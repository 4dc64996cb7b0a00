%% @doc What the workers of a pool print: lines with time, worker and stream; the newest are kept in memory, all go to a file that
%% is rotated, if the pool has one.
-module(hanse_script_log).
-behaviour(gen_server).

-export([start_link/1, write/4, tail/2, subscribe/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export_type([stream/0]).

-type stream() :: output | errors | note.

-define(LINE_BYTES, 4096).

-record(state, {
    name :: atom(),
    kept = queue:new() :: queue:queue(binary()),
    count = 0 :: non_neg_integer(),
    limit :: pos_integer(),
    unfinished = #{} :: #{{pos_integer(), stream()} => binary()},
    path = none :: none | binary(),
    file = none :: none | file:fd(),
    file_bytes = 0 :: non_neg_integer(),
    file_limit :: pos_integer(),
    files :: pos_integer(),
    listeners = [] :: [pid()]
}).

-spec start_link(map()) -> gen_server:start_ret().
start_link(Options) -> gen_server:start_link(?MODULE, Options, []).

%% @doc Bytes as they come; lines are made of them here.
-spec write(pid(), pos_integer(), stream(), iodata()) -> ok.
write(Log, Slot, Stream, Bytes) -> gen_server:cast(Log, {write, Slot, Stream, Bytes}).

%% @doc The last lines, oldest first, each with its end.
-spec tail(pid(), pos_integer()) -> [binary()].
tail(Log, Count) -> gen_server:call(Log, {tail, Count}).

%% @doc From now on the caller gets {hanse_script_log, Log, Line} for each line.
-spec subscribe(pid()) -> ok.
subscribe(Log) -> gen_server:call(Log, subscribe).

init(#{name := Name, log := #{lines := Limit, directory := Directory, file_bytes := FileLimit, files := Files}}) ->
    process_flag(trap_exit, true),
    State = #state{name = Name, limit = Limit, file_limit = FileLimit, files = Files},
    {ok, case Directory of none -> State; _ -> open(State#state{path = filename:join(Directory, [atom_to_list(Name), ".log"])}) end}.

handle_call({tail, Count}, _From, #state{kept = Kept} = State) ->
    Lines = queue:to_list(Kept),
    {reply, lists:nthtail(max(0, length(Lines) - Count), Lines), State};
handle_call(subscribe, {Pid, _}, #state{listeners = Listeners} = State) ->
    monitor(process, Pid),
    {reply, ok, State#state{listeners = [Pid | Listeners]}}.

handle_cast({write, Slot, Stream, Bytes}, #state{unfinished = Unfinished} = State) ->
    Begun = maps:get({Slot, Stream}, Unfinished, <<>>),
    Lines = binary:split(iolist_to_binary([Begun, Bytes]), <<"\n">>, [global]),
    {Whole, [Rest]} = lists:split(length(Lines) - 1, Lines),
    Stamp = stamp(Slot, Stream),
    Stamped = [<<Stamp/binary, (cut(Line))/binary, "\n">> || Line <- Whole],
    %% A line without end is cut, too.
    {Added, Left} = case byte_size(Rest) > ?LINE_BYTES of
                        true -> {Stamped ++ [<<Stamp/binary, (cut(Rest))/binary, "\n">>], <<>>};
                        false -> {Stamped, binary:copy(Rest)}
                    end,
    {noreply, add(Added, State#state{unfinished = case Left of
                                                      <<>> -> maps:remove({Slot, Stream}, Unfinished);
                                                      _ -> Unfinished#{{Slot, Stream} => Left}
                                                  end})}.

handle_info({'DOWN', _, process, Pid, _}, #state{listeners = Listeners} = State) ->
    {noreply, State#state{listeners = lists:delete(Pid, Listeners)}};
handle_info(_, State) -> {noreply, State}.

terminate(_, #state{file = File}) ->
    File =/= none andalso file:close(File),
    ok.

cut(Line) when byte_size(Line) =< ?LINE_BYTES -> Line;
cut(Line) -> <<(binary:part(Line, 0, ?LINE_BYTES))/binary, "...">>.

stamp(Slot, Stream) ->
    Time = calendar:system_time_to_rfc3339(erlang:system_time(millisecond), [{unit, millisecond}, {offset, "Z"}]),
    iolist_to_binary([Time, " ", integer_to_list(Slot), case Stream of output -> " | "; errors -> " ! "; note -> " # " end]).

add([], State) -> State;
add(Lines, #state{listeners = Listeners} = State) ->
    [Listener ! {?MODULE, self(), Line} || Listener <- Listeners, Line <- Lines],
    keep(Lines, to_file(Lines, State)).

keep([], State) -> State;
keep([Line | Lines], #state{kept = Kept, count = Count, limit = Limit} = State) when Count < Limit ->
    keep(Lines, State#state{kept = queue:in(Line, Kept), count = Count + 1});
keep([Line | Lines], #state{kept = Kept} = State) -> keep(Lines, State#state{kept = queue:in(Line, queue:drop(Kept))}).

to_file(_, #state{file = none} = State) -> State;
to_file([], State) -> State;
to_file(Lines, #state{file = File, file_bytes = Bytes, file_limit = Limit} = State) ->
    {Fitting, Others, Size} = fitting(Lines, Bytes, Limit, []),
    case file:write(File, Fitting) of
        ok when Size >= Limit -> to_file(Others, rotate(State));
        ok -> State#state{file_bytes = Size};
        {error, Reason} -> give_up(Reason, State)
    end.

%% Lines until the file is full, with the one that fills it.
fitting([Line | Lines], Size, Limit, Taken) when Size < Limit -> fitting(Lines, Size + byte_size(Line), Limit, [Line | Taken]);
fitting(Lines, Size, _, Taken) -> {lists:reverse(Taken), Lines, Size}.

open(#state{path = Path} = State) ->
    _ = filelib:ensure_dir(Path),
    case file:open(Path, [append, raw, binary]) of
        {ok, File} -> State#state{file = File, file_bytes = filelib:file_size(Path)};
        {error, Reason} -> give_up(Reason, State)
    end.

give_up(Reason, #state{path = Path} = State) ->
    logger:error("hanse_script: no more output is written to ~ts: ~ts", [Path, file:format_error(Reason)]),
    State#state{file = none}.

rotate(#state{path = Path, file = File, files = Files} = State) ->
    _ = file:close(File),
    [file:rename(numbered(Path, N - 1), numbered(Path, N)) || N <- lists:seq(Files, 1, -1)],
    open(State).

numbered(Path, 0) -> Path;
numbered(Path, N) -> <<Path/binary, ".", (integer_to_binary(N))/binary>>.
