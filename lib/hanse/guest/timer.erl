%% @doc timer of a machine: the same functions, without a server. What repeats or calls functions has a process of its own.
-module(timer).

-export([sleep/1, tc/1, tc/2, tc/3, now_diff/2, seconds/1, minutes/1, hours/1, hms/3, start/0]).
-export([send_after/2, send_after/3, apply_after/2, apply_after/3, apply_after/4, exit_after/2, exit_after/3, kill_after/1, kill_after/2]).
-export([send_interval/2, send_interval/3, apply_interval/4, cancel/1]).

start() -> ok.

sleep(Time) -> receive after Time -> ok end.

tc(F) -> tc(F, []).

tc(F, Arguments) when is_function(F) -> timed(fun() -> apply(F, Arguments) end).

tc(M, F, Arguments) -> timed(fun() -> apply(M, F, Arguments) end).

timed(F) ->
    Begin = erlang:monotonic_time(microsecond),
    Value = F(),
    {erlang:monotonic_time(microsecond) - Begin, Value}.

now_diff({A2, B2, C2}, {A1, B1, C1}) -> ((A2 - A1) * 1000000 + B2 - B1) * 1000000 + C2 - C1.

seconds(N) -> 1000 * N.
minutes(N) -> 60000 * N.
hours(N) -> 3600000 * N.
hms(H, M, S) -> hours(H) + minutes(M) + seconds(S).

send_after(Time, Message) -> send_after(Time, self(), Message).

send_after(Time, To, Message) when is_integer(Time), Time >= 0, is_pid(To) orelse is_atom(To) ->
    {ok, {send_local, erlang:send_after(Time, To, Message)}};
send_after(_, _, _) -> {error, badarg}.

apply_after(Time, F) -> apply_after(Time, erlang, apply, [F, []]).
apply_after(Time, F, Arguments) -> apply_after(Time, erlang, apply, [F, Arguments]).

apply_after(Time, M, F, Arguments) when is_integer(Time), Time >= 0, is_atom(M), is_atom(F), is_list(Arguments) ->
    {ok, {once, spawn(fun() -> receive cancel -> ok after Time -> apply(M, F, Arguments) end end)}};
apply_after(_, _, _, _) -> {error, badarg}.

exit_after(Time, Reason) -> exit_after(Time, self(), Reason).
exit_after(Time, Pid, Reason) -> apply_after(Time, erlang, exit, [Pid, Reason]).
kill_after(Time) -> kill_after(Time, self()).
kill_after(Time, Pid) -> exit_after(Time, Pid, kill).

send_interval(Time, Message) -> send_interval(Time, self(), Message).

send_interval(Time, To, Message) when is_integer(Time), Time > 0, is_pid(To) ->
    {ok, {interval, spawn(fun() -> repeat(Time, monitor(process, To), fun() -> To ! Message end) end)}};
send_interval(_, _, _) -> {error, badarg}.

apply_interval(Time, M, F, Arguments) when is_integer(Time), Time > 0, is_atom(M), is_atom(F), is_list(Arguments) ->
    {ok, {interval, spawn(fun() -> repeat(Time, none, fun() -> spawn(M, F, Arguments) end) end)}};
apply_interval(_, _, _, _) -> {error, badarg}.

repeat(Time, Monitor, Do) ->
    receive
        cancel -> ok;
        {'DOWN', Monitor, process, _, _} -> ok
    after Time ->
        Do(),
        repeat(Time, Monitor, Do)
    end.

cancel({send_local, Timer}) ->
    _ = erlang:cancel_timer(Timer),
    {ok, cancel};
cancel({Kind, Pid}) when Kind =:= once; Kind =:= interval ->
    Pid ! cancel,
    {ok, cancel};
cancel(_) -> {error, badarg}.
