%% Texts to numbers and back: bases, signs, what is not a number, options for floats.
-module(numbers_from_text).
-export([main/0]).

main() -> lists:foreach(fun show/1, cases()).

show({F, A}) ->
    Result = try apply(erlang, F, A) catch C:R -> {C, R} end,
    io:format("~w ~0p -> ~0p~n", [F, A, Result]).

cases() ->
    Integers = ["0", "-0", "+5", "12", "-12", "", "-", "+", "1 ", " 1", "1.0", "ff", "FF", "zz", "--1", "9999999999999999999999",
                "-576460752303423489", "576460752303423488", "1_000", "0x10", "16#ff"],
    Floats = ["1.0", "-1.0", "+1.5", "1", "1.", ".5", "1e5", "1.0e5", "1.0E-5", "1.0e+5", "1.0e", "1.0e400", "-1.0e400", "1.0e-400",
              "", " 1.0", "1.0 ", "0.1", "123456789.123456789", "1.7976931348623157e308", "4.9e-324", "inf", "nan", "1,5"],
    [{F, [B]} || T <- Integers, {F, B} <- [{list_to_integer, T}, {binary_to_integer, list_to_binary(T)}]] ++
    [{F, [B, Base]} || T <- Integers, Base <- [2, 10, 16, 36],
                       {F, B} <- [{list_to_integer, T}, {binary_to_integer, list_to_binary(T)}]] ++
    [{binary_to_integer, [<<"10">>, Base]} || Base <- [0, 1, 37, -2, foo, 1 bsl 70]] ++
    [{F, [B]} || T <- Floats, {F, B} <- [{list_to_float, T}, {binary_to_float, list_to_binary(T)}]] ++
    [{F, [X]} || F <- [binary_to_float, binary_to_integer, list_to_float, list_to_integer], X <- [foo, 1, <<1:3>>, [a], [$1 | $2], <<255>>, [1000]]] ++
    [{F, [X]} || F <- [float_to_binary, float_to_list], X <- [0.0, 1.5, -2.25, 1.0e22, 1.0e-7, 0.1, 1, foo]] ++
    [{F, [X, O]} || F <- [float_to_binary, float_to_list], X <- [0.0, 2.5, -0.125, 1.0e22, 123.456, 9.995, 1.0e300],
                    O <- [[{decimals, 2}], [{decimals, 0}], [{decimals, 10}, compact], [{scientific, 3}], [{scientific, 0}], [short],
                          [{decimals, 254}], [{scientific, 250}], [{decimals, -1}], [foo], foo, []]] ++
    [{F, [X, Base]} || F <- [integer_to_binary, integer_to_list], X <- [0, -1, 255, 1 bsl 100], Base <- [2, 8, 16, 36, 1, 37, a]].
