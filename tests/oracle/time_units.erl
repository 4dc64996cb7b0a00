%% convert_time_unit with every unit and sign, dates at the edges, unique integers, and the agreement of the clocks.
-module(time_units).
-export([main/0]).
-compile(nowarn_deprecated_function).

main() ->
    Units = [second, millisecond, microsecond, nanosecond, native, perf_counter, seconds, milli_seconds, micro_seconds, nano_seconds, 1, 2, 3, 1000, 1 bsl 40],
    [io:format("~w ~w: ~w~n", [A, B, [attempt(fun() -> erlang:convert_time_unit(T, A, B) end) || T <- [0, 1, -1, 999, 1000, -999, -1001, 123456789, -(1 bsl 62), 1 bsl 80]]]) || A <- Units, B <- Units],
    io:format("~w~n", [[attempt(fun() -> erlang:convert_time_unit(T, A, B) end) || {T, A, B} <- [{1.0, second, second}, {a, second, second}, {1, 0, second}, {1, -5, 1}, {1, hour, second}, {1, second, 1.0}, {1, second, {}}]]]),
    io:format("~w~n", [[attempt(fun() -> erlang:F(U) end) || F <- [system_time, monotonic_time, time_offset], U <- [hour, 0, -1, 1.0, [], a]]]),
    io:format("~w~n", [[is_integer(erlang:F(U)) || F <- [system_time, monotonic_time, time_offset], U <- Units]]),
    Dates = [{1970, 1, 1}, {1969, 12, 31}, {1901, 12, 13}, {1900, 1, 1}, {1600, 2, 29}, {2000, 2, 29}, {2000, 2, 30}, {2001, 2, 29}, {2038, 1, 19}, {2038, 1, 20}, {2100, 2, 28}, {2100, 2, 29}, {9999, 12, 31}, {2020, 0, 1}, {2020, 13, 1}, {2020, 1, 0}, {2020, 4, 31}, {a, 1, 1}, {1 bsl 40, 1, 1}, {-5, 1, 1}],
    Times = [{0, 0, 0}, {23, 59, 59}, {24, 0, 0}, {0, 60, 0}, {0, 0, 60}, {-1, 0, 0}, {12, a, 0}],
    [io:format("~w: ~w~n", [D, [attempt(fun() -> erlang:universaltime_to_posixtime({D, T}) end) || T <- Times]]) || D <- Dates],
    [io:format("~w: ~w~n", [S, attempt(fun() -> erlang:posixtime_to_universaltime(S) end)]) || S <- [0, -1, 1, 86399, 86400, 951782400, 951868799, (1 bsl 31) - 1, 1 bsl 31, -(1 bsl 31), 253402300799, 253402300800, 1 bsl 40, 1 bsl 60, 1 bsl 64, a, 1.0]],
    [io:format("~w: ~w~n", [D, [attempt(fun() -> erlang:universaltime_to_localtime({D, {12, 0, 0}}) end) =:= attempt(fun() -> calendar:universal_time_to_local_time({D, {12, 0, 0}}) end), kind(attempt(fun() -> erlang:localtime_to_universaltime({D, {12, 0, 0}}, true) end)), kind(attempt(fun() -> erlang:localtime_to_universaltime({D, {12, 0, 0}}, undefined) end))]]) || D <- Dates, element(1, D) =/= 1 bsl 40, element(1, D) =/= 1600, element(1, D) =/= 1900],
    io:format("~w~n", [[attempt(fun() -> erlang:F(X) end) || F <- [universaltime_to_localtime, localtime_to_universaltime, universaltime_to_posixtime], X <- [a, {}, {{2020, 1, 1}}, {{2020, 1, 1}, {0, 0}}, [], 1]]]),
    %% Unique integers.
    Many = [erlang:unique_integer() || _ <- lists:seq(1, 1000)],
    Positive = [erlang:unique_integer([positive]) || _ <- lists:seq(1, 1000)],
    Monotonic = [erlang:unique_integer([monotonic]) || _ <- lists:seq(1, 1000)],
    Both = [erlang:unique_integer([positive, monotonic]) || _ <- lists:seq(1, 1000)],
    io:format("~w~n", [[length(lists:usort(Many)), length(lists:usort(Positive)), lists:all(fun(N) -> N > 0 end, Positive), Monotonic =:= lists:usort(Monotonic), Both =:= lists:usort(Both), hd(Both) > 0]]),
    Self = self(),
    Ps = [spawn(fun() -> Self ! {self(), [erlang:unique_integer([monotonic]) || _ <- lists:seq(1, 500)]} end) || _ <- lists:seq(1, 4)],
    Lists = [receive {P, L} -> L end || P <- Ps],
    io:format("~w ~w~n", [[L =:= lists:usort(L) || L <- Lists], length(lists:usort(lists:append(Lists)))]),
    io:format("~w~n", [[attempt(fun() -> erlang:unique_integer(O) end) || O <- [[x], x, [positive | x], [monotonic, x], 1, "positive"]]]),
    %% Clocks agree.
    Times1 = [erlang:monotonic_time() || _ <- lists:seq(1, 100)],
    S0 = erlang:monotonic_time(), O0 = erlang:time_offset(), W0 = erlang:system_time(), S1 = erlang:monotonic_time(),
    io:format("~w~n", [[Times1 =:= lists:sort(Times1), W0 - O0 >= S0, W0 - O0 =< S1, abs(os:system_time(second) - erlang:system_time(second)) < 5, abs(element(1, os:timestamp()) * 1000000 + element(2, os:timestamp()) - os:system_time(second)) < 5]]),
    Stamps = [erlang:now() || _ <- lists:seq(1, 100)],
    io:format("~w~n", [[Stamps =:= lists:usort(Stamps), abs(calendar:datetime_to_gregorian_seconds(erlang:universaltime()) - 62167219200 - os:system_time(second)) < 5, erlang:date() =:= element(1, erlang:localtime()) orelse midnight, size(erlang:timestamp())]]).

kind({{_, _, _}, {_, _, _}}) -> date;
kind(X) -> X.
attempt(F) -> try F() catch error:R -> R end.
