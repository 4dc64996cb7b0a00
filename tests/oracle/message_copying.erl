%% Messages of all kinds arrive as they were: literals, funs, binaries, references, big terms, to many receivers.
-module(message_copying).
-export([main/0]).
main() ->
    S = self(), E = spawn(fun() -> echo() end), Terms = [1, 1 bsl 100, -1.5, a, [], [1, [2, [3]]], {}, {a, {b, <<1, 2, 3>>}}, #{a => 1, b => [x]}, maps:from_list([{I, {I}} || I <- lists:seq(1, 100)]), <<>>, <<1:3>>, binary:copy(<<"abc">>, 100), binary:part(binary:copy(<<"xyz">>, 100), 7, 80), "literal text", [a | b], self(), make_ref(), fun lists:map/2, lists:seq(1, 10000), 1.0e300],
    show([begin E ! {S, T}, receive {echo, X} -> X =:= T end end || T <- Terms]), show([begin E ! {S, T}, receive {echo, X} -> erlang:phash2(X) =:= erlang:phash2(T) end end || T <- Terms]),
    N = 42, F = fun(X) -> X + N end, E ! {S, F}, show(receive {echo, G} -> {G(1), G =:= F} end), B = binary:copy(<<7>>, 1000000), [E ! {S, B} || _ <- lists:seq(1, 100)], show(lists:usort([receive {echo, X} -> byte_size(X) end || _ <- lists:seq(1, 100)])),
    Shared = lists:foldl(fun(_, A) -> {A, A} end, leaf, lists:seq(1, 14)), E ! {S, Shared}, show(receive {echo, X1} -> X1 =:= Shared end), <<_:3, Odd:50/bits, _/bits>> = <<"abcdefghijkl">>, E ! {S, Odd}, show(receive {echo, X2} -> {X2 =:= Odd, bit_size(X2)} end),
    Ps = [spawn(fun() -> receive T -> S ! {self(), erlang:phash2(T)} end end) || _ <- lists:seq(1, 200)], Big = [{I, integer_to_binary(I)} || I <- lists:seq(1, 500)], [P ! Big || P <- Ps], show(length(lists:usort([receive {P, H} -> H end || P <- Ps]))),
    [E ! {S, I} || I <- lists:seq(1, 20000)], show([receive {echo, I} -> I end || I <- lists:seq(1, 20000)] =:= lists:seq(1, 20000)), self() ! Big, show(receive Big -> same after 0 -> different end),
    [spawn(fun() -> [S ! {W, I} || I <- lists:seq(1, 300)] end) || W <- lists:seq(1, 20)], Got = [receive {W, I} when is_integer(W) -> {W, I} end || _ <- lists:seq(1, 6000)], show([[I || {W, I} <- Got, W =:= K] =:= lists:seq(1, 300) || K <- lists:seq(1, 20)]),
    [E ! X || X <- [junk, {a}, 1]], E ! {S, still}, show(receive {echo, still} -> alive end), E ! stop, show(E ! after_stop).
echo() -> receive {From, T} when is_pid(From) -> From ! {echo, T}, echo(); stop -> ok; _ -> echo() end.
show(X) -> io:format("~w~n", [X]).
