%% @doc The figures of a pool: counts and a histogram of latencies, kept in counters that all its processes may add to.
-module(hanse_script_figures).

-export([new/0, add/2, add/3, latency/2, read/1, buckets/0]).
-export_type([figures/0, name/0]).

-opaque figures() :: counters:counters_ref().
-type name() :: result | failure | timeout | died | overload | fatal | stopping | retried | started | failed | recycled | replaced
              | stray.

%% Upper ends, microseconds; one more bucket has no end.
-define(BUCKETS, {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000}).
-define(NAMES, 13).

-spec new() -> figures().
new() -> counters:new(?NAMES + tuple_size(?BUCKETS) + 2, [write_concurrency]).

-spec add(figures(), name()) -> ok.
add(Figures, Name) -> counters:add(Figures, index(Name), 1).

-spec add(figures(), name(), integer()) -> ok.
add(Figures, Name, Count) -> counters:add(Figures, index(Name), Count).

%% @doc A call was answered after so many microseconds.
-spec latency(figures(), non_neg_integer()) -> ok.
latency(Figures, Microseconds) ->
    counters:add(Figures, ?NAMES + bucket(Microseconds, 1), 1),
    counters:add(Figures, ?NAMES + tuple_size(?BUCKETS) + 2, Microseconds).

bucket(Microseconds, At) when At =< tuple_size(?BUCKETS), Microseconds > element(At, ?BUCKETS) -> bucket(Microseconds, At + 1);
bucket(_, At) -> At.

-spec buckets() -> [pos_integer()].
buckets() -> tuple_to_list(?BUCKETS).

%% @doc Counts by name; `latency' has the counts of the buckets, not summed up, and the sum of all latencies in microseconds.
-spec read(figures()) -> #{name() => non_neg_integer(), latency := {[non_neg_integer()], non_neg_integer()}}.
read(Figures) ->
    Counts = maps:from_list([{Name, counters:get(Figures, index(Name))} || Name <- names()]),
    Last = ?NAMES + tuple_size(?BUCKETS) + 1,
    Counts#{latency => {[counters:get(Figures, I) || I <- lists:seq(?NAMES + 1, Last)], counters:get(Figures, Last + 1)}}.

names() -> [result, failure, timeout, died, overload, fatal, stopping, retried, started, failed, recycled, replaced, stray].

index(result) -> 1;
index(failure) -> 2;
index(timeout) -> 3;
index(died) -> 4;
index(overload) -> 5;
index(fatal) -> 6;
index(stopping) -> 7;
index(retried) -> 8;
index(started) -> 9;
index(failed) -> 10;
index(recycled) -> 11;
index(replaced) -> 12;
index(stray) -> 13.
