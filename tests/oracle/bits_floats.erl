%% Binary construction and matching of floats of 16, 32 and 64 bits.
-module(bits_floats).
-export([main/0]).
-export([id/1]).
main() ->
    Values = [0.0, -0.0, 1.0, -1.5, 0.1, 3.14159, 65504.0, 65505.0, 65519.0, 65520.0, 1.0e5, 1.0e-5, 6.0e-8, 5.9e-8, 2.0e-8, 3.4028234663852886e38, 3.5e38, 1.0e-45, 7.0e-46, 1.0e300, 1.0e-320, 5.0e-324, 1, -7, 1 bsl 53 + 1, 1 bsl 100],
    [io:format("~w ~w~n", [V, [build(V, S) || S <- [16, 32, 64]]]) || V <- Values],
    [io:format("~w~n", [build(V, S)]) || V <- [1.0, a, <<>>, 1 bsl 2000, 1 bsl 200], S <- [0, 8, 16, 24, 32, 33, 63, 64, 128, -1, a]],
    [io:format("~w ~w~n", [N, [half(<<N:16>>), half(<<N:16/little>>)]]) || N <- [0, 1, 2, 1023, 1024, 15360, 15361, 31743, 31744, 31745, 32767, 32768, 32769, 48128, 64511, 64512, 65535]],
    [io:format("~w ~w~n", [N, single(<<N:32>>)]) || N <- [0, 1, 8388607, 8388608, 1065353216, 2139095039, 2139095040, 2139095041, 2147483648, 2147483649, 4286578687, 4286578688, 4294967295]],
    [io:format("~w ~w~n", [N, double(<<N:64>>)]) || N <- [0, 1, 1 bsl 52, 4607182418800017408, 9218868437227405311, 9218868437227405312, 9218868437227405313, 1 bsl 63, (1 bsl 64) - 1]],
    <<A:3, B:32/float, C:64/float-little, D:16/float, E:5>> = id(<<5:3, 1.5:32/float, -2.25:64/float-little, 0.5:16/float, 9:5>>),
    io:format("~w~n", [{A, B, C, D, E}]),
    io:format("~w~n", [[F || <<F:32/float>> <= << <<I:32/float>> || I <- lists:seq(1, 10)>>]]),
    S = id(32), <<G:S/float, H:S/float-little, _/bits>> = id(<<7.0:S/float, 9.0:S/float-little, 1:1>>), io:format("~w~n", [{G, H}]).
build(V, S) -> try {<<V:S/float>>, <<V:S/float-little>>, <<1:1, V:S/float>>} catch C:R -> {C, R} end.
half(B) -> case B of <<X:16/float>> -> X; _ -> none end.
single(B) -> L = list_to_binary(lists:reverse(binary_to_list(B))), {case B of <<X:32/float>> -> X; _ -> none end, case L of <<Y:32/float-little>> -> Y; _ -> none end}.
double(B) -> case B of <<X:64/float>> -> X; <<I:64>> -> {int, I} end.
id(X) -> X.
