%% Timers, timeouts and clocks.
-module(process_timers).
-export([main/0]).

p(Label, Value) -> io:format("~s: ~0p~n", [Label, Value]).
next(Time) -> receive X -> X after Time -> none end.
now_ms() -> erlang:monotonic_time(millisecond).

main() ->
    Self = self(),
    T1 = erlang:start_timer(10, self(), {some, "message"}),
    p("start_timer", next(2000) =:= {timeout, T1, {some, "message"}}),
    p("after it fired", [erlang:read_timer(T1), erlang:cancel_timer(T1)]),
    erlang:send_after(0, self(), zero), p("zero", next(2000)),
    T2 = erlang:send_after(100000, self(), never),
    Left = erlang:read_timer(T2),
    p("left", Left > 90000 andalso Left =< 100000),
    p("cancel", [is_integer(erlang:cancel_timer(T2)), erlang:cancel_timer(T2), erlang:read_timer(T2)]),
    T3 = erlang:send_after(100000, self(), never),
    ok = erlang:cancel_timer(T3, [{async, true}]),
    p("async", case next(2000) of {cancel_timer, T3, N} -> is_integer(N) end),
    p("async, gone", begin ok = erlang:cancel_timer(T3, [{async, true}]), next(2000) =:= {cancel_timer, T3, false} end),
    p("async read", begin ok = erlang:read_timer(T3, [{async, true}]), next(2000) =:= {read_timer, T3, false} end),
    p("no info", [erlang:cancel_timer(erlang:send_after(1000, self(), x), [{info, false}]), next(0)]),
    erlang:send_after(1, timer_name, hello), register(timer_name, self()),
    p("to a name", next(2000)),
    unregister(timer_name),
    [p("limits", try is_reference(erlang:send_after(T, self(), x)) catch _:W -> W end) || T <- [1 bsl 42, 1 bsl 43, 9223372036854, 1 bsl 44]],
    [p("limits", try is_reference(erlang:send_after(T, self(), x, [{abs, true}])) catch _:W -> W end)
     || T <- [-576460752304, -576460752302, 1 bsl 42, 1 bsl 43, 8646911284550]],
    erlang:send_after(now_ms() + 10, self(), absolute, [{abs, true}]), p("absolute", next(2000)),
    erlang:send_after(now_ms() - 1, self(), past, [{abs, true}]), p("absolute, past", next(2000)),
    [erlang:send_after(D, self(), D) || D <- [60, 20, 80, 40]],
    p("order", [next(2000) || _ <- lists:seq(1, 4)]),
    [erlang:send_after(5, self(), I) || I <- lists:seq(1, 5)],
    p("same time", [next(2000) || _ <- lists:seq(1, 5)]),
    {Pid, Ref} = spawn_monitor(fun() -> ok end), receive {'DOWN', Ref, _, _, _} -> ok end,
    p("to the dead", erlang:read_timer(erlang:send_after(1000, Pid, x))),
    early([0, 1, 2, 5, 17, 30]),
    p("many", many(2000)),
    p("timeouts in parallel", parallel(200)),
    p("timeout again after other messages", late(Self)),
    [p("bad timeout", try receive after T -> ok end catch C:R -> {C, R} end) || T <- [id(-1), id(a), id(1 bsl 32), id(1.0)]],
    p("longest", begin erlang:send_after(5, self(), woken), receive M -> M after 16#ffffffff -> timeout end end),
    clocks().

id(X) -> X.

%% Nothing is ever early.
early(Times) ->
    Check = fun(T) -> A = erlang:monotonic_time(), receive after T -> ok end,
                erlang:monotonic_time() - A >= erlang:convert_time_unit(T, millisecond, native) end,
    p("receive is not early", [Check(T) || T <- Times]),
    Timer = fun(T) -> A = erlang:monotonic_time(), R = erlang:start_timer(T, self(), x), receive {timeout, R, x} -> ok end,
                erlang:monotonic_time() - A >= erlang:convert_time_unit(T, millisecond, native) end,
    p("timer is not early", [Timer(T) || T <- Times]).

many(N) ->
    Refs = [erlang:send_after(erlang:phash2(I, 300), self(), {tick, I}) || I <- lists:seq(1, N)],
    Cancelled = length([R || {I, R} <- lists:zip(lists:seq(1, N), Refs), I rem 2 =:= 0, erlang:cancel_timer(R) =/= false]),
    Got = count(N - Cancelled),
    {Got + Cancelled, next(400)}.
count(0) -> 0;
count(N) -> receive {tick, _} -> 1 + count(N - 1) after 3000 -> 0 end.

parallel(N) ->
    Self = self(),
    [spawn(fun() -> receive never -> ok after I rem 50 -> Self ! done end end) || I <- lists:seq(1, N)],
    length([ok || _ <- lists:seq(1, N), next(3000) =:= done]).

late(Self) ->
    P = spawn(fun() -> A = now_ms(), receive never -> ok after 60 -> Self ! {after_ms, now_ms() - A >= 60} end end),
    [begin P ! noise, receive after 10 -> ok end end || _ <- lists:seq(1, 4)],
    next(2000).

clocks() ->
    p("monotonic", lists:all(fun(_) -> A = erlang:monotonic_time(), B = erlang:monotonic_time(), A =< B end, lists:seq(1, 1000))),
    p("offset", abs(erlang:monotonic_time() + erlang:time_offset() - erlang:system_time()) < 1000000000),
    p("units", [abs(erlang:monotonic_time(U) - erlang:convert_time_unit(erlang:monotonic_time(), native, U)) < 2000000000
                || U <- [second, millisecond, microsecond, nanosecond, native, perf_counter, seconds, milli_seconds, micro_seconds, nano_seconds, 1, 7, 1000]]),
    p("system", abs(erlang:system_time(second) - os:system_time(second)) < 5),
    p("unique", begin L = [erlang:unique_integer() || _ <- lists:seq(1, 1000)], length(lists:usort(L)) end),
    p("monotonic unique", begin M = [erlang:unique_integer([monotonic]) || _ <- lists:seq(1, 100)], M =:= lists:usort(M) end),
    p("positive", lists:all(fun(_) -> erlang:unique_integer([positive]) > 0 end, lists:seq(1, 100))),
    p("timestamp", begin {A, B, C} = erlang:timestamp(), abs((A * 1000000 + B) * 1000000 + C - os:system_time(microsecond)) < 5000000 end),
    p("now", begin N = [erlang:now() || _ <- lists:seq(1, 100)], N =:= lists:usort(N) end),
    [p("posix", erlang:posixtime_to_universaltime(S)) || S <- [0, -1, 951782400, 951868800, 1709164800, 1 bsl 40, 253402300800, -2208988801]],
    [p("seconds", catch_error(fun() -> erlang:universaltime_to_posixtime(T) end)) ||
        T <- [{{1970, 1, 1}, {0, 0, 0}}, {{2000, 2, 29}, {1, 2, 3}}, {{1900, 2, 28}, {23, 59, 59}}, {{1600, 1, 30}, {2, 30, 0}}, {{160000, 1, 30}, {2, 30, 0}},
              {{2001, 2, 29}, {0, 0, 0}}, {{2001, 13, 1}, {0, 0, 0}}, {{2001, 1, 1}, {24, 0, 0}}, {{2001, 1, 1}, {0, 60, 0}}, foo, {{1, 2}, 3}]],
    [p("to local", catch_error(fun() -> erlang:universaltime_to_localtime(T) end)) ||
        T <- [{{2024, 7, 1}, {12, 0, 0}}, {{1970, 1, 1}, {0, 0, 0}}, {{9999, 1, 30}, {2, 30, 0}}, {{2024, 2, 30}, {0, 0, 0}}, foo]],
    [p("to universal", catch_error(fun() -> erlang:localtime_to_universaltime(T, D) end)) ||
        {T, D} <- [{{{2024, 7, 1}, {12, 0, 0}}, undefined}, {{{2024, 1, 1}, {12, 0, 0}}, false}, {{{2024, 2, 30}, {0, 0, 0}}, undefined},
                   {{{2024, 2, 20}, {2, 30, 0}}, x}, {{{2024, 2, 20}, {24, 30, 0}}, true}, {{{1970, 1, 1}, {0, 0, 0}}, undefined}]],
    p("dates", begin {D, T} = erlang:localtime(), [tuple_size(D), tuple_size(T), tuple_size(date()), tuple_size(time())] end).

catch_error(F) -> try F() catch C:R -> {C, R} end.
