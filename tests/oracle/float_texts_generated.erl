%% Texts of random floats in every notation, read back; decimals, scientific, short; floats of texts; integers of floats.
-module(float_texts_generated).
-export([main/0]).

main() ->
    rand:seed(exsss, {13, 14, 15}),
    [io:format("~w ~w~n", [N, erlang:phash2([texts(float()) || _ <- lists:seq(1, 100)])]) || N <- lists:seq(1, 30)],
    Edges = [0.0, -0.0, 1.0, 0.1, 0.5, 1.5, 2.5, 0.05, 0.15, 0.25, 1.005, 9.5, 9.995, 99.5, 999.9999, 1.0e15, 1.0e16, 1.0e17, 123456789012345.6, 1.0e20, 1.0e21, 1.0e22, 1.0e23, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7, 4.9e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 9007199254740991.0, 9007199254740992.0, 9007199254740993.0, 4503599627370496.5, 0.30000000000000004, 1 / 3, 2 / 3, 123.456, 5.0e-324, 1.0e100],
    [io:format("~s ~s ~w ~p ~s~n", [float_to_list(F, [short]), float_to_list(F), F, -F, io_lib:format("~g ~e ~.3f ~.2e ~.10g", [F, F, F, F, F])]) || F <- Edges, F < 1.0e300],
    [io:format("~w ~w: ~w~n", [F, D, [attempt(fun() -> float_to_list(F, [{decimals, D}]) end), attempt(fun() -> float_to_binary(F, [{decimals, D}, compact]) end), attempt(fun() -> float_to_list(F, [{scientific, D}]) end), attempt(fun() -> float_to_list(F, [compact, {scientific, D}]) end)]])
     || F <- [0.0, -0.0, 0.05, 1.005, -2.5, 9.9999, 123456.789, 1.0e22, 1.0e-10, 4503599627370496.5], D <- [0, 1, 2, 5, 17, 20, 249, 250, 253, 254, -1, a]],
    [io:format("~w: ~w~n", [O, attempt(fun() -> float_to_list(1.5, O) end)]) || O <- [[], [short, {decimals, 1}], [{decimals, 1}, short], [compact], [{decimals, 3}, {scientific, 2}], [{scientific, 2}, {decimals, 3}], [{decimals, 4}, compact], [compact, {decimals, 4}], [x], [short | x], x]],
    [io:format("~s: ~w ~w~n", [T, attempt(fun() -> list_to_float(T) end), attempt(fun() -> binary_to_float(list_to_binary(T)) end)])
     || T <- ["1.0", "1.", ".5", "1", "-0.0", "+1.5", "1.0e5", "1.0E5", "1.0e+05", "1.0e-5", "1.0e", "1.0e+", " 1.0", "1.0 ", "1.0x", "0x1.0", "1e5", "1.5e400", "1.5e-400", "1.0e999999999999", "00001.5", "1_0.5", "9007199254740993.0", "0.1000000000000000055511151231257827021181583404541015625", "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880.0", "nan", "inf", "1.0d5", "", "-", "1..0", "1.0.0"]],
    [io:format("~w: ~w~n", [F, [attempt(fun() -> G(F) end) || G <- [fun erlang:round/1, fun erlang:trunc/1, fun erlang:ceil/1, fun erlang:floor/1, fun math:ceil/1, fun math:floor/1, fun erlang:abs/1]]]) || X <- Edges, F <- [X, -X]],
    [io:format("~w ~w: ~w~n", [I, F, [I == F, I < F, I > F, I =< F]]) || I <- [(1 bsl 53) - 1, 1 bsl 53, (1 bsl 53) + 1, 1 bsl 59, (1 bsl 60) - 1, 1 bsl 63, (1 bsl 63) - 1, 1 bsl 64, (1 bsl 64) + 1, 1 bsl 1024, 0], F <- [9007199254740992.0, 9007199254740994.0, 1.152921504606847e18, 9.223372036854775e18, 9.223372036854775807e18, 1.8446744073709552e19, 1.7976931348623157e308, -0.0]].

float() -> <<F/float>> = random_bits(), F.
random_bits() -> B = <<(rand:uniform(1 bsl 64) - 1):64>>, case B of <<_/float>> -> B; _ -> random_bits() end.
texts(F) ->
    Short = float_to_list(F, [short]),
    {Short, float_to_list(F), float_to_binary(F, [{scientific, 5}]), io_lib:format("~p ~w", [F, F]), list_to_float(Short) =:= F, list_to_float(float_to_list(F)) =:= F, attempt(fun() -> list_to_float(float_to_list(F, [{scientific, 16}])) =:= F end), term_to_binary(F), erlang:phash2(F),
     attempt(fun() -> float_to_list(math:fmod(F, 1.0e15), [{decimals, 7}]) end), trunc(F) rem 1000007}.
attempt(F) -> try F() catch error:R -> R end.
