%% @doc os of a machine: time with permission clock, the variables that it was given, no commands.
-module(os).

-export([type/0, version/0, getenv/0, getenv/1, getenv/2, env/0, system_time/0, system_time/1, timestamp/0, perf_counter/0, perf_counter/1]).

type() -> {unix, linux}.

version() -> {0, 0, 0}.

env() -> maps:get(variables, prim_machine:environment(), []).

getenv() -> [Name ++ "=" ++ Value || {Name, Value} <- env()].

getenv(Name) -> getenv(Name, false).

getenv(Name, Default) ->
    case lists:keyfind(Name, 1, env()) of
        {_, Value} -> Value;
        false -> Default
    end.

system_time() -> erlang:system_time().
system_time(Unit) -> erlang:system_time(Unit).
timestamp() -> erlang:timestamp().
perf_counter() -> erlang:monotonic_time().
perf_counter(Unit) -> erlang:monotonic_time(Unit).
