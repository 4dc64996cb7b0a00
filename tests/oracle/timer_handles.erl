%% Timers: absolute and relative times, far futures, what cancelling and reading answer with every option, late and wrong references, names.
-module(timer_handles).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Now = fun() -> erlang:monotonic_time(millisecond) end,
    Started = erlang:convert_time_unit(erlang:system_info(start_time), native, millisecond),  % nothing is before it
    R1 = erlang:start_timer(0, self(), soon), io:format("~p~n", [receive {timeout, R1, X1} -> X1 after 5000 -> none end]),
    R2 = erlang:start_timer(max(Now() - 1000, Started + 20), self(), past, [{abs, true}]), io:format("~p~n", [receive {timeout, R2, X2} -> X2 after 5000 -> none end]),
    R3 = erlang:send_after(Now() + 5, self(), near, [{abs, true}]), io:format("~p ~p~n", [receive near -> near after 5000 -> none end, erlang:cancel_timer(R3)]),
    io:format("~p~n", [[attempt(fun() -> T = erlang:start_timer(Time, self(), x, O), Left = erlang:read_timer(T), Rest = erlang:cancel_timer(T), {is_integer(Left), is_integer(Rest), erlang:read_timer(T), erlang:cancel_timer(T)} end)
                       || {Time, O} <- [{100000, []}, {(1 bsl 32) - 1, []}, {1 bsl 32, []}, {1 bsl 40, []}, {(1 bsl 53), []}, {1 bsl 59, []}, {1 bsl 62, []}, {1 bsl 64, []}, {-1, []}, {a, []}, {1.0, []}, {1 bsl 40, [{abs, true}]}, {-(1 bsl 70), [{abs, true}]}, {1 bsl 70, [{abs, true}]}, {100000, [{abs, false}]}, {100000, [{abs, 1}]}, {100000, [x]}, {100000, x}, {100000, [{abs, true} | x]}]]]),
    io:format("~p~n", [[attempt(fun() -> erlang:F(100000, D, m) end) || F <- [start_timer, send_after], D <- [1, "x", {a, node()}, make_ref()]]]),
    io:format("~p~n", [[case attempt(fun() -> erlang:F(100000, D, m) end) of T when is_reference(T) -> is_integer(erlang:cancel_timer(T)); E -> E end || F <- [start_timer, send_after], D <- [nobody_at_all, dead(), self()]]]),
    [io:format("cancel ~w: ~p~n", [O, cancelled(fun(T) -> erlang:cancel_timer(T, O) end)]) || O <- [[], [{async, true}], [{async, false}], [{info, true}], [{info, false}], [{async, true}, {info, false}], [{async, true}, {info, true}], [{async, x}], [{info, 1}], [x], x, [{async, true} | x]]],
    [io:format("read ~w: ~p~n", [O, cancelled(fun(T) -> erlang:read_timer(T, O) end)]) || O <- [[], [{async, true}], [{async, false}], [{info, true}], [x], x]],
    io:format("~p~n", [[attempt(fun() -> erlang:F(T) end) || F <- [cancel_timer, read_timer], T <- [make_ref(), a, 1, self()]]]),
    io:format("~p~n", [[begin R = make_ref(), A = attempt(fun() -> erlang:F(R, [{async, true}]) end), {A, receive {F, R, V} -> V after 5000 -> none end} end || F <- [cancel_timer, read_timer]]]),
    %% To names: whoever has it when the time comes.
    T4 = erlang:send_after(150, timer_handles_name, {to, name}), register(timer_handles_name, self()),
    io:format("~p ~p~n", [receive {to, name} -> got after 10000 -> none end, erlang:read_timer(T4)]), unregister(timer_handles_name),
    %% A timer ends with its receiver, not with its maker.
    Self = self(),
    {Maker, M} = spawn_monitor(fun() -> Self ! {made, erlang:send_after(60000, Self, never), erlang:start_timer(100, Self, later)} end),
    {Far, Near} = receive {made, F5, N5} -> {F5, N5} end, receive {'DOWN', M, _, Maker, _} -> ok end,
    io:format("~p ~p~n", [is_integer(erlang:cancel_timer(Far)), receive {timeout, Near, Late} -> Late after 10000 -> none end]),
    {P, M2} = spawn_monitor(fun() -> receive stop -> ok end end), T6 = erlang:start_timer(600000, P, x), P ! stop, receive {'DOWN', M2, _, _, _} -> ok end,
    io:format("~p~n", [gone(T6, 500)]),
    %% Cancelled by another process, asked asynchronously.
    T7 = erlang:start_timer(600000, self(), x),
    spawn(fun() -> Self ! {other, is_integer(erlang:read_timer(T7)), is_integer(erlang:cancel_timer(T7)), erlang:cancel_timer(T7)} end),
    io:format("~p ~p~n", [receive {other, A7, B7, C7} -> {A7, B7, C7} end, erlang:read_timer(T7)]),
    %% Many, in order.
    Base = Now() + 60,
    Refs = [erlang:start_timer(Base + (N rem 7), self(), N, [{abs, true}]) || N <- lists:seq(1, 500)],
    Got = [receive {timeout, R, N} -> N end || R <- Refs],
    io:format("~p ~p~n", [Got =:= lists:seq(1, 500), Now() >= Base + 6]),
    Cancelled = [erlang:start_timer(100000 + N, self(), N) || N <- lists:seq(1, 2000)],
    io:format("~p ~p~n", [lists:all(fun is_integer/1, [erlang:cancel_timer(R) || R <- Cancelled]), receive {timeout, _, _} -> late after 0 -> none end]).

cancelled(F) ->
    T = erlang:start_timer(600000, self(), x),
    A = case attempt(fun() -> F(T) end) of N when is_integer(N) -> integer; V -> V end,
    Message = receive {cancel_timer, T, L} -> {cancel_timer, is_integer(L)}; {read_timer, T, L} -> {read_timer, is_integer(L)} after 100 -> none end,
    Left = erlang:cancel_timer(T),
    {A, Message, is_integer(Left)}.
gone(_, 0) -> still_there;
gone(T, N) -> case erlang:read_timer(T) of false -> gone; _ -> timer:sleep(10), gone(T, N - 1) end.
dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
attempt(F) -> try F() catch C:R -> {C, R} end.
