%% 16-bit floats: all 65536 patterns read and written back, rounding when written, and the same for 32 bits at the edges.
-module(float_half).
-export([main/0]).

main() ->
    [io:format("~w ~w~n", [Top, erlang:phash2([[read(<<Top, Low>>), read_little(<<Low, Top>>)] || Low <- lists:seq(0, 255)])]) || Top <- lists:seq(0, 255)],
    io:format("~w~n", [[X || X <- lists:seq(0, 65535), F <- [read(<<X:16>>)], is_float(F), <<F:16/float>> =/= <<X:16>>]]),
    Edges = [0.0, -0.0, 1.0, -1.0, 65504.0, 65519.0, 65519.99, 65520.0, 65536.0, 1.0e10, 6.103515625e-05, 6.097555160522461e-05, 5.960464477539063e-08, 2.9802322387695312e-08, 2.98023223876953125e-08, 3.0e-08, 1.0e-10, 4.9e-324, 0.1, 0.2, 1 / 3, 2049.0, 2050.0, 2051.0, 2052.0, 1.0009765625, 1.00048828125, 1.000488281251, 1.00146484375,
             3.4028234663852886e38, 3.4028235677973362e38, 3.4028235677973366e38, 1.0e39, 1.0e-45, 7.0e-46, 1.1754943508222875e-38, 1.401298464324817e-45, 16777217.0, 0, 1, -7, 65504, 65520, 1 bsl 24 + 1, 1 bsl 100, 1 bsl 127, 1 bsl 128, 1 bsl 1023, 1 bsl 1024, a, <<1>>],
    [io:format("~w ~w ~w ~w ~w~n", [F, write(fun() -> <<F:16/float>> end), write(fun() -> <<F:16/float-little>> end), write(fun() -> <<F:32/float>> end), write(fun() -> <<1:3, F:64/float-little, 0:5>> end)]) || F <- Edges],
    [io:format("size ~w ~w ~w~n", [S, write(fun() -> <<1.5:S/float>> end), match(S)]) || S <- [0, 1, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, -16, a]],
    rand:seed(exsss, {3, 3, 3}),
    Random = [(rand:uniform() - 0.5) * math:pow(2, rand:uniform(50) - 25) || _ <- lists:seq(1, 4000)],
    io:format("~w ~w~n", [erlang:phash2([write(fun() -> <<F:16/float>> end) || F <- Random]), erlang:phash2([<<F:32/float>> || F <- Random])]),
    io:format("~w~n", [erlang:phash2([F16 || F <- Random, <<F16:16/float>> <= write(fun() -> <<F:16/float>> end)])]),
    io:format("~w~n", [[catch_match(B) || B <- [<<16#7c00:16>>, <<16#fc00:16>>, <<16#7e00:16>>, <<16#7f800000:32>>, <<16#7fc00000:32>>, <<16#7ff0000000000000:64>>, <<16#fff8000000000000:64>>, <<0, 16#7c00:16, 1:4>>]]]).

read(B) -> case B of <<F:16/float>> -> F; _ -> no end.
read_little(B) -> case B of <<F:16/float-little>> -> F; _ -> no end.
write(F) -> try F() catch error:R -> R end.
match(S) -> try case <<0:128>> of <<F:S/float, _/bits>> -> F; _ -> no end catch error:R -> R end.
catch_match(B) -> [case B of <<F:16/float, _/bits>> -> F; _ -> no end, case B of <<F2:32/float, _/bits>> -> F2; _ -> no end, case B of <<F3:64/float, _/bits>> -> F3; _ -> no end, case B of <<_:8, F4:16/float, _/bits>> -> F4; _ -> no end].
