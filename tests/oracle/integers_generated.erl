%% Arithmetic of random integers around every boundary of words and limbs: laws, digests, texts in all bases.
-module(integers_generated).
-export([main/0]).

main() ->
    rand:seed(exsss, {10, 11, 12}),
    [io:format("~w ~w~n", [N, erlang:phash2([pair(integer(), integer()) || _ <- lists:seq(1, 60)])]) || N <- lists:seq(1, 30)],
    Edges = edges(),
    [io:format("~w ~w~n", [A, [erlang:phash2(pair(A, B)) || B <- Edges]]) || A <- Edges],
    [io:format("~w: ~w~n", [A, erlang:phash2([{integer_to_list(A, Base), integer_to_binary(A, Base), list_to_integer(integer_to_list(A, Base), Base) =:= A, binary_to_integer(string:lowercase(integer_to_binary(A, Base)), Base) =:= A} || Base <- lists:seq(2, 36)])]) || A <- Edges],
    [io:format("~w ~w ~w~n", [A, B, [attempt(fun() -> A div B end), attempt(fun() -> A rem B end)]]) || A <- [-7, -6, -1, 0, 1, 6, 7, 1 bsl 59, -(1 bsl 59), 1 bsl 64, -(1 bsl 64)], B <- [-3, -1, 0, 1, 2, 3, -(1 bsl 59), 1 bsl 64, a, 2.0]],
    [io:format("~w bsl ~w ~w~n", [A, B, [attempt(fun() -> A bsl B end), attempt(fun() -> A bsr B end)]]) || A <- [0, 1, -1, 5, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 64, -(1 bsl 65)], B <- [0, 1, 3, 58, 59, 60, 63, 64, 65, -1, -59, -64, -65, -1000, 1 bsl 40 * -1, a]],
    Law = fun(A, B) -> {(A div B) * B + A rem B =:= A, (A band B) + (A bor B) =:= A + B, A bxor B =:= (A bor B) - (A band B), bnot A =:= -A - 1, (A + B) - B =:= A, (A * B) div B =:= A, (A bsl 67) bsr 67 =:= A, (A + B) * (A - B) =:= A * A - B * B} end,
    io:format("~w~n", [lists:usort([Law(A, B) || A <- Edges, B <- Edges, B =/= 0])]),
    io:format("~w~n", [lists:usort([Law(A, B) || _ <- lists:seq(1, 2000), A <- [integer()], B <- [integer()], B =/= 0])]).

edges() -> Powers = [(1 bsl N) + D || N <- [1, 27, 31, 32, 59, 60, 63, 64, 120, 127, 128, 192], D <- [-1, 0, 1]], [0 | Powers] ++ [-P || P <- Powers].
integer() ->
    Bits = element(rand:uniform(8), {3, 30, 59, 60, 64, 65, 130, 2000}),
    Magnitude = rand:uniform(1 bsl Bits) - 1,
    case rand:uniform(2) of 1 -> Magnitude; 2 -> -Magnitude end.
pair(A, B) ->
    [attempt(F) || F <- [fun() -> A + B end, fun() -> A - B end, fun() -> A * B end, fun() -> A div B end, fun() -> A rem B end, fun() -> A band B end, fun() -> A bor B end, fun() -> A bxor B end, fun() -> bnot A end, fun() -> -A end, fun() -> abs(A) end,
                         fun() -> A bsl (B rem 200) end, fun() -> A bsr (B rem 200) end, fun() -> A / B end, fun() -> float(A) end, fun() -> A * 1.5 end, fun() -> {A < B, A == B, A =< B, min(A, B)} end, fun() -> integer_to_list(A) end, fun() -> trunc(A / 3) end, fun() -> math:fmod(A, B) end]].
attempt(F) -> try F() catch error:R -> R end.
