%% Printing and reading floats in every way.
-module(float_text).
-export([main/0]).
main() ->
    Values = [0.0, -0.0, 1.0, 100.0, 0.1, 1.0e10, 123456789.125, 1.0e15, 1.0e16, 123456789012345680.0, 1.0e21, 1.0e22, 1.0e23, 1.0e-4, 1.0e-5, 9.99e-5, 1.0e100, 5.0e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 0.30000000000000004, 1/3, 2/3, 3.141592653589793, 9007199254740993.0, 4.35, 0.000123, 299792458.0, 1.0e-300, -12.75],
    [io:format("~w ~p ~s ~s~n", [V, V, float_to_list(V), io_lib:write(V)]) || V <- Values],
    [io:format("~s ~s~n", [float_to_list(V, [short]), float_to_binary(V, [short])]) || V <- Values],
    [io:format("~w ~w~n", [V, [try float_to_list(V, [{decimals, D}]) catch _:R -> R end || D <- [0, 1, 2, 5, 10, 20]]]) || V <- Values],
    [io:format("~w ~w~n", [V, [try float_to_binary(V, [{decimals, D}, compact]) catch _:R -> R end || D <- [0, 3, 8]]]) || V <- Values],
    [io:format("~w ~w~n", [V, [try float_to_list(V, [{scientific, D}]) catch _:R -> R end || D <- [0, 1, 3, 17, 30, 249]]]) || V <- Values],
    [io:format("~s ~s ~s ~s ~s ~s~n", [io_lib:format(F, [V]) || F <- ["~f", "~.2f", "~e", "~.3e", "~g", "~.10g"]]) || V <- Values, abs(V) < 1.0e50],
    [io:format("~p ~p~n", [T, try list_to_float(T) catch _:R -> R end]) || T <- ["1.0", "1", "1.", ".5", "1.0e5", "1.0E-5", "1.0e", "-1.0", "+1.0", "--1.0", "1.0e400", "1.0e-400", "0.0", "-0.0", "1.5 ", " 1.5", "1,5", "123456789012345678901234567890.0", "4.9406564584124654e-324", "nan", "", "1.0e+05"]],
    [io:format("~p ~p~n", [T, try string:to_float(T) catch _:R -> R end]) || T <- ["1.0", "1", "1.5e3abc", "-2.5 x", "abc", "", "1.0e400"]],
    [io:format("~p~n", [try float_to_list(X, O) catch _:R -> R end]) || X <- [1.5, 1, a], O <- [[], [{decimals, -1}], [{decimals, 254}], [{scientific, 250}], [foo], a, [{decimals, 2} | b], [compact]]].
