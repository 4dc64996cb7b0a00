%% @doc The natives of SQLite, for lib/hanse only. A database is closed by close/1 or when nobody knows it any more. Wrong types raise
%% badarg, what SQLite refuses is {error, {Code, Text}} with its extended result code.
-module(prim_sqlite).

-export([open/1, close/1, query/3, batch/3, script/2]).
-export_type([database/0, value/0, error/0]).

-opaque database() :: reference().
%% Texts are binaries; integers have 64 bits.
-type value() :: integer() | float() | binary() | {blob, binary()} | null.
-type error() :: {error, {Code :: integer(), Text :: binary()}}.

%% @doc Makes the file, for this user only, if there is none; <<":memory:">> is a database without a file.
-spec open(binary()) -> {ok, database()} | error().
open(_Path) -> erlang:nif_error(undef).

-spec close(database()) -> ok.
close(_Database) -> erlang:nif_error(undef).

%% @doc One statement; a row is a tuple.
-spec query(database(), binary(), [value()]) -> {ok, [tuple()]} | error().
query(_Database, _Statement, _Parameters) -> erlang:nif_error(undef).

%% @doc One statement with each list of parameters, in one transaction: all or none.
-spec batch(database(), binary(), [[value()]]) -> {ok, Changes :: non_neg_integer()} | error().
batch(_Database, _Statement, _Rows) -> erlang:nif_error(undef).

%% @doc Statements without parameters.
-spec script(database(), binary()) -> ok | error().
script(_Database, _Statements) -> erlang:nif_error(undef).
