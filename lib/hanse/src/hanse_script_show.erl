%% @doc Pools as text: the table of `hanse scripts status' and Prometheus metrics (exposition format 0.0.4).
-module(hanse_script_show).

-export([list/1, status/1, metrics/1, ended/1]).
-import(hanse_show, [table/1, span/1, megabytes/1, family/4, labels/1]).

-spec list([map()]) -> iolist().
list(Pools) ->
    table([["POOL", "STATE", "WORKERS", "COMMAND"] |
           [[atom_to_list(Name), atom_to_list(State), io_lib:format("~b/~b", [running(Workers), Size]), lists:join(" ", Command)]
            || #{name := Name, state := State, size := Size, command := Command, workers := Workers} <- Pools]]).

running(Workers) -> length([W || #{state := running} = W <- Workers]).

-spec status([map()]) -> iolist().
status(Pools) -> lists:join("\n", [pool(Pool) || Pool <- Pools]).

pool(#{name := Name, state := State, why := Why, waiting := Waiting, in_flight := InFlight, figures := Figures, replacing := Replacing,
       replaced := Replaced, workers := Workers}) ->
    #{result := Answered, failure := Failures, timeout := Timeouts, died := Died, overload := Overloads, retried := Retried,
      latency := Latency} = Figures,
    [io_lib:format("~ts: ~ts, ~b calls running, ~b waiting~n", [Name, State, InFlight, Waiting]),
     io_lib:format("  calls: ~b answered, ~b failed in the script, ~b timeouts, ~b lost workers, ~b overload, ~b tried again~n",
                   [Answered, Failures, Timeouts, Died, Overloads, Retried]),
     io_lib:format("  time of a call: half below ~ts, 99 of 100 below ~ts~n", [quantile(0.5, Latency), quantile(0.99, Latency)]),
     case Replaced of
         _ when Replacing -> "  workers are being replaced\n";
         none -> "";
         {ok, Ago, _} -> ["  a worker was replaced ", span(Ago), " ago\n"];
         {failed, Ago, Info} -> ["  replacing failed ", span(Ago), " ago, the old workers stay: ", ended(Info), "\n"]
     end,
     case Why of
         none -> "";
         #{output := Output} -> ["  fatal: ", ended(Why), "; hanse scripts clear-fatal ", atom_to_list(Name), " tries again\n",
                                 [["    ", Line, "\n"] || Line <- string:split(string:trim(Output), "\n", all), Line =/= <<>>]]
     end,
     table([["  WORKER", "STATE", "PID", "SINCE", "BUSY", "CALLS", "MEMORY", "LAST END"] |
            [["  " ++ integer_to_list(Number), atom_to_list(S), case Pid of undefined -> "-"; _ -> integer_to_list(Pid) end, span(Since),
              integer_to_list(Busy), integer_to_list(Calls), megabytes(Memory), case Last of none -> "-"; _ -> ended(Last) end]
             || #{number := Number, state := S, os_pid := Pid, since_ms := Since, busy := Busy, calls := Calls, memory_bytes := Memory,
                  last := Last} <- Workers]])].

%% @doc How a worker ended, in words.
-spec ended(map()) -> iodata().
ended(#{why := {status, Status}}) -> io_lib:format("exit status ~b", [Status]);
ended(#{why := {signal, Signal}}) -> io_lib:format("signal ~b", [Signal]);
ended(#{why := {failed, Text}}) -> Text;
ended(#{why := call_timeout}) -> "killed: a call took too long";
ended(#{why := start_timeout}) -> "killed: not ready in time";
ended(#{why := heartbeat}) -> "killed: no heartbeat";
ended(#{why := channel_closed}) -> "killed: it closed its channel";
ended(#{why := {protocol, Text}}) -> ["killed: ", Text];
ended(#{why := Other}) -> io_lib:format("~0tP", [Other, 12]).

quantile(Part, {Counts, _}) ->
    case lists:sum(Counts) of
        0 -> "-";
        Total -> quantile(Part * Total, Counts, hanse_script_figures:buckets())
    end.

quantile(Wanted, [Count | _], [End | _]) when Wanted =< Count -> duration(End);
quantile(Wanted, [Count | Counts], [_ | Ends]) -> quantile(Wanted - Count, Counts, Ends);
quantile(_, _, []) -> "more than 10 s".

duration(Microseconds) when Microseconds < 1000 -> io_lib:format("~b us", [Microseconds]);
duration(Microseconds) when Microseconds < 1000000 -> io_lib:format("~w ms", [trimmed(Microseconds / 1000)]);
duration(Microseconds) -> io_lib:format("~w s", [trimmed(Microseconds / 1000000)]).

trimmed(Number) when Number == trunc(Number) -> trunc(Number);
trimmed(Number) -> Number.

-spec metrics([map()]) -> iolist().
metrics(Pools) ->
    [family("hanse_script_calls_total", "counter", "Calls by how they ended.",
            [{[label(Pool), {"outcome", Outcome}], maps:get(Outcome, Figures)}
             || #{figures := Figures} = Pool <- Pools, Outcome <- [result, failure, timeout, died, overload, fatal, stopping]]),
     family("hanse_script_retries_total", "counter", "Calls that were tried again.",
            [{[label(Pool)], maps:get(retried, Figures)} || #{figures := Figures} = Pool <- Pools]),
     family("hanse_script_stray_answers_total", "counter", "Answers to calls that the worker did not have.",
            [{[label(Pool)], maps:get(stray, Figures)} || #{figures := Figures} = Pool <- Pools]),
     family("hanse_script_worker_starts_total", "counter", "Workers that were started.",
            [{[label(Pool)], maps:get(started, Figures)} || #{figures := Figures} = Pool <- Pools]),
     family("hanse_script_worker_ends_total", "counter", "Workers that ended, by cause.",
            [{[label(Pool), {"cause", Cause}], maps:get(Cause, Figures)}
             || #{figures := Figures} = Pool <- Pools, Cause <- [failed, recycled, replaced]]),
     family("hanse_script_fatal", "gauge", "1 if the pool has given up.",
            [{[label(Pool)], case State of fatal -> 1; _ -> 0 end} || #{state := State} = Pool <- Pools]),
     family("hanse_script_waiting_calls", "gauge", "Calls that wait for a worker.",
            [{[label(Pool)], Waiting} || #{waiting := Waiting} = Pool <- Pools]),
     family("hanse_script_running_calls", "gauge", "Calls that workers have.",
            [{[label(Pool)], Running} || #{in_flight := Running} = Pool <- Pools]),
     family("hanse_script_workers", "gauge", "Workers by state.",
            [{[label(Pool), {"state", State}], length([W || #{state := S} = W <- Workers, S =:= State])}
             || #{workers := Workers} = Pool <- Pools, State <- [starting, running, backoff, stopping, exited, fatal]]),
     family("hanse_script_worker_memory_bytes", "gauge", "Resident memory of a worker and its children.",
            [{[label(Pool), {"worker", Number}], Bytes}
             || #{workers := Workers} = Pool <- Pools, #{number := Number, memory_bytes := Bytes} <- Workers]),
     "# HELP hanse_script_call_seconds Time from a worker's getting a call to its answer.\n",
     "# TYPE hanse_script_call_seconds histogram\n", [histogram(Pool) || Pool <- Pools]].

label(#{name := Name}) -> {"pool", Name}.

histogram(#{figures := #{latency := {Counts, Sum}}} = Pool) ->
    Ends = [io_lib:format("~w", [End / 1000000]) || End <- hanse_script_figures:buckets()] ++ ["+Inf"],
    {Lines, Total} = lists:mapfoldl(fun({End, Count}, Before) ->
                                        {[bucket([label(Pool), {"le", lists:flatten(End)}], Before + Count)], Before + Count}
                                    end, 0, lists:zip(Ends, Counts)),
    [Lines, "hanse_script_call_seconds_sum", labels([label(Pool)]), io_lib:format(" ~w\n", [Sum / 1000000]),
     "hanse_script_call_seconds_count", labels([label(Pool)]), io_lib:format(" ~b\n", [Total])].

bucket(Labels, Count) -> ["hanse_script_call_seconds_bucket", labels(Labels), " ", integer_to_list(Count), "\n"].
