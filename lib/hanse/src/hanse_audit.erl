%% @doc The audit log: every call, refusal and change of a grant is a row in audit.db in the user's folder (hanse_home), with its tracking
%% number and what it cost. One process writes, many rows in one transaction; what waits for it is bounded, and what had no room is counted
%% in a row of its own. No text in a row has anything but printable characters.
-module(hanse_audit).
-behaviour(gen_server).

-export([start_link/0, call/1, refused/1, change/2, event/1, flush/0, query/1, follow/1, tracking/0, clean/1, dropped/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export_type([row/0]).

%% Time in milliseconds since 1970; what is not known is null.
-type row() :: #{at := integer(), tracking := binary(), what := binary(), key := binary() | null, grant := integer() | null, function := binary() | null,
                 status := integer() | null, microseconds := integer() | null, reductions := integer() | null, memory := integer() | null,
                 peer := binary() | null, detail := binary() | null, count := integer()}.

-define(BACKLOG, 50000).
-define(BATCH, 2000).
-define(FLUSH_MS, 20).
-define(KEEP_MS, 90 * 86400000).
-define(KEEP_ROWS, 5000000).
-define(FORGET_MS, 3600000).
%% Refusals of a kind and key that have rows of their own, per second.
-define(SAME, 10).
-define(CHARACTERS, 200).
-define(SCHEMA, <<"
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS audit (at INTEGER NOT NULL, tracking TEXT NOT NULL, what TEXT NOT NULL, key TEXT, grant_id INTEGER, function TEXT,
        status INTEGER, microseconds INTEGER, reductions INTEGER, memory INTEGER, peer TEXT, detail TEXT, count INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS audit_at ON audit (at);">>).
-define(INSERT, <<"INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)">>).

-record(state, {database, rows = [] :: [list()], count = 0, timer = none, told = 0,
                second = 0, kinds = #{} :: #{term() => pos_integer()}, more = #{} :: #{term() => list()}}).  % refusals of this second

-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @doc A row as a list in the order of the table, from a request: what comes from outside in it is clean/1.
-spec call(list()) -> ok.
call(Row) -> queued({row, Row}).

%% @doc The same for a refusal: the first of a kind and key in a second have a row each, the others together one, with their number.
-spec refused(list()) -> ok.
refused(Row) -> queued({refused, Row}).

queued(Message) ->
    try persistent_term:get(?MODULE) of
        Counters ->
            case counters:get(Counters, 1) < ?BACKLOG of
                true ->
                    counters:add(Counters, 1, 1),
                    ?MODULE ! Message,
                    ok;
                false -> counters:add(Counters, 2, 1)
            end
    catch error:badarg -> ok
    end.

%% @doc A grant was added, changed or revoked; the row is in the file when this returns.
-spec change(grant_added | grant_changed | grant_revoked, hanse_grant_store:grant()) -> ok.
change(What, #{id := Id, key := Key, options := Options}) ->
    Detail = lists:join("; ", [[atom_to_list(Name), " ", hanse_grant_options:show(Name, Value)] || {Name, Value} <- maps:to_list(Options)]),
    event(#{what => atom_to_binary(What), key => Key, grant => Id, detail => clean(unicode:characters_to_binary(Detail), 1000)}).

%% @doc Anything else; with the columns of row/0.
-spec event(map()) -> ok.
event(Given) ->
    Row = maps:merge(#{at => erlang:system_time(millisecond), tracking => tracking(), count => 1}, Given),
    List = [maps:get(Column, Row, null) || Column <- columns()],
    case whereis(?MODULE) of
        undefined ->
            case open() of
                {ok, Database} ->
                    _ = prim_sqlite:query(Database, ?INSERT, List),
                    prim_sqlite:close(Database);
                {error, Text} -> logger:warning("the audit log: ~ts", [Text])
            end;
        _ -> gen_server:call(?MODULE, {row, List}, infinity)
    end.

columns() -> [at, tracking, what, key, grant, function, status, microseconds, reductions, memory, peer, detail, count].

%% @doc Everything that was said until now is in the file.
-spec flush() -> ok.
flush() ->
    case whereis(?MODULE) of
        undefined -> ok;
        _ -> gen_server:call(?MODULE, flush, infinity)
    end.

%% @doc How many rows had no room.
-spec dropped() -> non_neg_integer().
dropped() -> try counters:get(persistent_term:get(?MODULE), 2) catch error:badarg -> 0 end.

%% @doc A new tracking number: 26 characters that sort by time.
-spec tracking() -> binary().
tracking() ->
    {Boot, Pairs} = try persistent_term:get({?MODULE, boot}) catch error:badarg -> boot() end,
    <<A:10, B:10, C:10, D:10, E:10, F:10, G:10, H:10, I:10, J:10, K:10, L:10, M:10>> =
        <<(erlang:system_time(millisecond)):50, Boot:32, (erlang:unique_integer([positive])):48>>,
    <<(element(A + 1, Pairs)):16, (element(B + 1, Pairs)):16, (element(C + 1, Pairs)):16, (element(D + 1, Pairs)):16, (element(E + 1, Pairs)):16,
      (element(F + 1, Pairs)):16, (element(G + 1, Pairs)):16, (element(H + 1, Pairs)):16, (element(I + 1, Pairs)):16, (element(J + 1, Pairs)):16,
      (element(K + 1, Pairs)):16, (element(L + 1, Pairs)):16, (element(M + 1, Pairs)):16>>.

%% A number of this node's start, and the two digits of every ten bits.
boot() ->
    Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    {rand:uniform(1 bsl 32) - 1, list_to_tuple([High bsl 8 + Low || High <- Digits, Low <- Digits])}.

%% @doc A text for people and files, whatever was given: control characters and bytes that are no UTF-8 are shown in hexadecimal digits, long
%% ones are cut.
-spec clean(binary()) -> binary().
clean(Text) -> clean(Text, ?CHARACTERS).

clean(Text, Length) ->
    case byte_size(Text) =< Length andalso is_plain(Text) of
        true -> Text;
        false -> unicode:characters_to_binary(clean_characters(Text, Length))
    end.

%% Most texts are.
is_plain(<<C, Rest/binary>>) when C >= 32, C < 127 -> is_plain(Rest);
is_plain(Rest) -> Rest =:= <<>>.

clean_characters(<<>>, _) -> [];
clean_characters(_, 0) -> "...";
clean_characters(<<C/utf8, Rest/binary>>, Left) when C >= 32, C < 127; C >= 160, C < 16#2028; C > 16#202e, C < 16#2066; C > 16#2069, C < 16#e000;
                                                     C >= 16#f900, C < 16#fdd0; C > 16#fdef, C < 16#feff; C > 16#ffff, C < 16#e0000 ->
    [C | clean_characters(Rest, Left - 1)];
clean_characters(<<Byte, Rest/binary>>, Left) -> [io_lib:format("\\x~2.16.0b", [Byte]) | clean_characters(Rest, Left - 1)].

open() ->
    case hanse_home:folder() of
        {ok, Folder} ->
            Path = filename:join(Folder, "audit.db"),
            case prim_sqlite:open(unicode:characters_to_binary(Path)) of
                {ok, Database} ->
                    case prim_sqlite:script(Database, ?SCHEMA) of
                        ok -> {ok, Database};
                        {error, {_, Text}} ->
                            prim_sqlite:close(Database),
                            {error, [Path, ": ", Text]}
                    end;
                {error, {_, Text}} -> {error, [Path, ": ", Text]}
            end;
        Error -> Error
    end.

%% @doc Rows, the oldest first: since (milliseconds since 1970), key, grant, status, what, tracking, and at most `limit' of the newest.
-spec query(#{since => integer(), key => binary(), grant => integer(), status => integer(), what => binary(), tracking => binary(), limit => pos_integer()}) ->
    {ok, [row()]} | {error, unicode:chardata()}.
query(Options) ->
    flush(),
    select(Options).

%% @doc Rows behind a number, with their numbers: for who looks again and again.
-spec follow(non_neg_integer() | newest) -> {ok, Last :: non_neg_integer(), [row()]} | {error, unicode:chardata()}.
follow(newest) ->
    case asked(<<"SELECT coalesce(max(rowid), 0) FROM audit">>, []) of
        {ok, [{Last}]} -> {ok, Last, []};
        Error -> Error
    end;
follow(Last) ->
    flush(),
    case asked(<<"SELECT rowid, * FROM audit WHERE rowid > ? ORDER BY rowid LIMIT 1000">>, [Last]) of
        {ok, []} -> {ok, Last, []};
        {ok, Rows} -> {ok, element(1, lists:last(Rows)), [row(tl(tuple_to_list(Row))) || Row <- Rows]};
        Error -> Error
    end.

select(Options) ->
    Columns = #{since => " AND at >= ?", key => " AND key = ?", grant => " AND grant_id = ?", status => " AND status = ?", what => " AND what = ?",
                tracking => " AND tracking = ?"},
    Given = [{maps:get(Key, Columns), Value} || {Key, Value} <- maps:to_list(Options), is_map_key(Key, Columns)],
    Sql = ["SELECT * FROM audit WHERE 1", [Text || {Text, _} <- Given], " ORDER BY at DESC, rowid DESC LIMIT ?"],
    case asked(iolist_to_binary(Sql), [Value || {_, Value} <- Given] ++ [maps:get(limit, Options, 1000)]) of
        {ok, Rows} -> {ok, lists:reverse([row(tuple_to_list(Row)) || Row <- Rows])};
        Error -> Error
    end.

asked(Sql, Parameters) ->
    case open() of
        {ok, Database} ->
            Answer = prim_sqlite:query(Database, Sql, Parameters),
            prim_sqlite:close(Database),
            case Answer of
                {ok, _} -> Answer;
                {error, {_, Text}} -> {error, Text}
            end;
        Error -> Error
    end.

row(Values) -> maps:from_list(lists:zip(columns(), Values)).

init([]) ->
    process_flag(trap_exit, true),
    process_flag(message_queue_data, off_heap),
    case open() of
        {ok, Database} ->
            persistent_term:put({?MODULE, boot}, boot()),
            persistent_term:put(?MODULE, counters:new(2, [atomics])),
            self() ! forget,
            {ok, #state{database = Database}};
        {error, Text} -> {stop, unicode:characters_to_binary(Text)}
    end.

handle_call({row, Row}, _From, State) -> {reply, ok, written(State#state{rows = [Row | State#state.rows]})};
handle_call(flush, _From, State) -> {reply, ok, written(told(State))}.

handle_cast(_, State) -> {noreply, State}.

handle_info({row, Row}, #state{rows = Rows, count = Count, timer = none} = State) ->
    {noreply, State#state{rows = [Row | Rows], count = Count + 1, timer = erlang:send_after(?FLUSH_MS, self(), flush)}};
handle_info({row, Row}, #state{rows = Rows, count = Count} = State) ->
    Taken = State#state{rows = [Row | Rows], count = Count + 1},
    {noreply, if Count >= ?BATCH -> written(Taken); true -> Taken end};
handle_info({refused, Row}, State) ->
    Second = erlang:monotonic_time(second),
    #state{kinds = Kinds, more = More} = This = case State of #state{second = Second} -> State; _ -> (told(State))#state{second = Second} end,
    [_, _, What, Key, _, _, Status, _, _, _, _, Detail, Count] = Row,
    Kind = {What, Key, Status, Detail},
    case Kinds of
        #{Kind := Many} when Many >= ?SAME ->
            counters:sub(persistent_term:get(?MODULE), 1, 1),
            Sum = case More of #{Kind := Other} -> Count + lists:last(Other); _ -> Count end,
            {noreply, timed(This#state{more = More#{Kind => lists:droplast(Row) ++ [Sum]}})};
        _ -> handle_info({row, Row}, This#state{kinds = Kinds#{Kind => maps:get(Kind, Kinds, 0) + 1}})
    end;
handle_info(flush, #state{second = Second} = State) ->
    case erlang:monotonic_time(second) of
        Second when map_size(State#state.more) > 0 -> {noreply, timed(written(State))};
        Second -> {noreply, written(State)};
        _ -> {noreply, written(told(State))}
    end;
handle_info(forget, #state{database = Database} = State) ->
    _ = prim_sqlite:query(Database, <<"DELETE FROM audit WHERE at < ?">>, [erlang:system_time(millisecond) - ?KEEP_MS]),
    _ = prim_sqlite:query(Database, <<"DELETE FROM audit WHERE rowid <= (SELECT max(rowid) FROM audit) - ?">>, [?KEEP_ROWS]),
    erlang:send_after(?FORGET_MS, self(), forget),
    {noreply, State};
handle_info(_, State) -> {noreply, State}.

%% What was put together becomes rows.
told(#state{more = More, rows = Rows} = State) -> State#state{rows = maps:values(More) ++ Rows, kinds = #{}, more = #{}}.

timed(#state{timer = none} = State) -> State#state{timer = erlang:send_after(?FLUSH_MS, self(), flush)};
timed(State) -> State.

terminate(_, State) ->
    _ = written(told(State)),
    persistent_term:erase(?MODULE),
    ok.

written(#state{rows = Rows, count = Count, timer = Timer, database = Database, told = Told} = State) ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    Counters = persistent_term:get(?MODULE),
    Lost = counters:get(Counters, 2),
    Loss = [[erlang:system_time(millisecond), tracking(), <<"dropped">>, null, null, null, null, null, null, null, null, null, Lost - Told] || Lost > Told],
    case lists:reverse(Rows, Loss) of
        [] -> ok;
        All ->
            case prim_sqlite:batch(Database, ?INSERT, All) of
                {ok, _} -> ok;
                {error, {_, Text}} ->
                    counters:add(Counters, 2, Count),
                    logger:error("the audit log: ~ts", [Text])
            end
    end,
    counters:sub(Counters, 1, Count),
    State#state{rows = [], count = 0, timer = none, told = Lost}.
