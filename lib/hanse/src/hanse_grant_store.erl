%% @doc Grants and the keys they are for, in an SQLite file (write-ahead log, synchronous): a change is there wholly or not at all, and stays
%% when the node or the machine dies right behind it. Any process, and any program of the user, may have it open at the same time.
-module(hanse_grant_store).

-export([open/0, open/1, close/1, add/4, all/1, get/2, change/3, revoke/3, version/1]).
-export_type([grant/0, store/0]).

-type store() :: prim_sqlite:database().
%% Times are seconds since 1970. options: complete, hanse_grant_options, without `to'.
-type grant() :: #{id := pos_integer(), key := Thumbprint :: binary(), public := binary(), name := binary() | none, created := integer(),
                   changed := integer(), revoked := false | integer(), options := map()}.
-type failed() :: {error, unicode:chardata()}.

-define(SCHEMA, <<"
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS keys (thumbprint TEXT PRIMARY KEY, public BLOB NOT NULL, name TEXT, added INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS grants (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL REFERENCES keys, created INTEGER NOT NULL,
        changed INTEGER NOT NULL, revoked INTEGER, options TEXT NOT NULL) STRICT;
    COMMIT;">>).
-define(COLUMNS, "SELECT g.id, g.key, k.public, k.name, g.created, g.changed, g.revoked, g.options FROM grants g JOIN keys k ON k.thumbprint = g.key ").

%% @doc The user's grants.
-spec open() -> {ok, store()} | failed().
open() ->
    case hanse_home:folder() of
        {ok, Folder} -> open(filename:join(Folder, "grants.db"));
        Error -> Error
    end.

-spec open(file:filename()) -> {ok, store()} | failed().
open(Path) ->
    case prim_sqlite:open(unicode:characters_to_binary(Path)) of
        {ok, Store} ->
            case prim_sqlite:script(Store, ?SCHEMA) of
                ok -> {ok, Store};
                Error ->
                    prim_sqlite:close(Store),
                    failed(Path, Error)
            end;
        Error -> failed(Path, Error)
    end.

failed(Path, {error, {_, Text}}) -> {error, [Path, ": ", Text]}.

-spec close(store()) -> ok.
close(Store) -> prim_sqlite:close(Store).

%% @doc A number that changes when somebody else has changed something.
-spec version(store()) -> integer() | error.
version(Store) ->
    case prim_sqlite:query(Store, <<"PRAGMA data_version">>, []) of
        {ok, [{Version}]} -> Version;
        _ -> error
    end.

%% @doc A new grant, and its key if that was not known.
-spec add(store(), Public :: binary(), Name :: binary() | none, Options :: map()) -> {ok, grant()} | failed().
add(Store, Public, Name, Options) ->
    Now = erlang:system_time(second),
    Thumbprint = prim_gateway:thumbprint(Public),
    transaction(Store, fun() ->
        [] = query(Store, <<"INSERT INTO keys VALUES (?, ?, ?, ?) ON CONFLICT (thumbprint) DO UPDATE SET name = coalesce(name, excluded.name)">>,
                   [Thumbprint, {blob, Public}, case Name of none -> null; _ -> Name end, Now]),
        [{Id}] = query(Store, <<"INSERT INTO grants (key, created, changed, options) VALUES (?, ?, ?, ?) RETURNING id">>,
                       [Thumbprint, Now, Now, text(Options)]),
        one(Store, Id)
    end).

%% @doc All grants, the oldest first.
-spec all(store()) -> {ok, [grant()]} | failed().
all(Store) ->
    case prim_sqlite:query(Store, <<?COLUMNS "ORDER BY g.id">>, []) of
        {ok, Rows} -> {ok, [grant(Row) || Row <- Rows]};
        {error, {_, Text}} -> {error, Text}
    end.

-spec get(store(), integer()) -> {ok, grant()} | failed().
get(Store, Id) -> transaction(Store, fun() -> one(Store, Id) end).

%% @doc Gives a grant other options; the function gets those that it has.
-spec change(store(), integer(), fun((map()) -> {ok, map()} | failed())) -> {ok, grant()} | failed().
change(Store, Id, Change) ->
    transaction(Store, fun() ->
        #{options := Options, revoked := Revoked} = one(Store, Id),
        Revoked =:= false orelse throw({failed, ["grant ", integer_to_binary(Id), " is revoked"]}),
        case Change(Options) of
            {ok, Changed} -> [] = query(Store, <<"UPDATE grants SET options = ?, changed = ? WHERE id = ?">>, [text(Changed), erlang:system_time(second), Id]);
            {error, Text} -> throw({failed, Text})
        end,
        one(Store, Id)
    end).

%% @doc Ends a grant for ever, or all of a key. Gives those that were alive.
-spec revoke(store(), id | key, integer() | binary()) -> {ok, [grant()]} | failed().
revoke(Store, By, What) ->
    Where = case By of id -> <<"id = ?">>; key -> <<"key = ?">> end,
    transaction(Store, fun() ->
        Now = erlang:system_time(second),
        Ids = query(Store, <<"UPDATE grants SET revoked = ?, changed = ? WHERE revoked IS NULL AND ", Where/binary, " RETURNING id">>, [Now, Now, What]),
        [one(Store, Id) || {Id} <- Ids]
    end).

one(Store, Id) ->
    case query(Store, <<?COLUMNS "WHERE g.id = ?">>, [Id]) of
        [Row] -> grant(Row);
        [] -> throw({failed, ["there is no grant ", integer_to_binary(Id)]})
    end.

query(Store, Sql, Parameters) ->
    case prim_sqlite:query(Store, Sql, Parameters) of
        {ok, Rows} -> Rows;
        {error, {_, Text}} -> throw({failed, Text})
    end.

transaction(Store, Do) ->
    try
        [] = query(Store, <<"BEGIN IMMEDIATE">>, []),
        Done = Do(),
        [] = query(Store, <<"COMMIT">>, []),
        {ok, Done}
    catch
        throw:{failed, Text} ->
            _ = prim_sqlite:query(Store, <<"ROLLBACK">>, []),
            {error, Text};
        Class:Reason:Stack ->
            _ = prim_sqlite:query(Store, <<"ROLLBACK">>, []),
            erlang:raise(Class, Reason, Stack)
    end.

grant({Id, Key, {blob, Public}, Name, Created, Changed, Revoked, Options}) ->
    #{id => Id, key => Key, public => Public, name => or_else(Name, none), created => Created, changed => Changed,
      revoked => or_else(Revoked, false), options => options(Options)}.

or_else(null, Default) -> Default;
or_else(Value, _) -> Value.

%% Erlang terms as text: whoever looks into the file understands them. What a newer program has added is filled in.
text(Options) -> unicode:characters_to_binary(io_lib:format("~0tp.", [Options])).

options(Text) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
    {ok, Options} = erl_parse:parse_term(Tokens),
    {ok, Defaults} = hanse_grant_options:complete(#{to => "", allow => ["a:b/0"]}),
    maps:merge(maps:without([to, allow], Defaults), Options).
