%% Messages that are looked at, left, taken later and passed on, of all sizes and kinds; and processes that do nothing but pass
%% large ones on, whose memory must not grow.
-module(messages_passed_on).
-export([main/0]).

main() ->
    left_and_taken(),
    across_collections(),
    every_kind(),
    relay_memory().

left_and_taken() ->
    Self = self(),
    [Self ! {n, I, [I], <<I>>, #{key => I}} || I <- lists:seq(1, 20)],
    Even = [receive {n, I, L, B, M} when I rem 2 =:= 0 -> {I, L, B, M} end || _ <- lists:seq(1, 10)],
    Odd = [receive {n, I, L, B, M} -> {I, L, B, M} end || _ <- lists:seq(1, 10)],
    io:format("~p~n~p~n", [Even, Odd]).

%% The first message has been looked at when the heap is collected, more than once.
across_collections() ->
    Self = self(),
    Self ! {first, [1, 2, 3], "text", {tuple, 4.5, 1 bsl 70}},
    Self ! {second, lists:seq(1, 100)},
    [begin
         receive nothing -> ok after 0 -> ok end,
         _ = lists:seq(1, N * 100),
         erlang:garbage_collect()
     end || N <- lists:seq(1, 10)],
    receive {second, S} -> io:format("~p~n", [lists:sum(S)]) end,
    erlang:garbage_collect(),
    receive {first, A, B, C} -> io:format("~p~n", [{A, B, C}]) end.

every_kind() ->
    Large = binary:copy(<<"large">>, 100),
    <<_:13, Bits:40/bits, _/bits>> = Large,
    Terms = [[], a, 1, -1 bsl 59, 1 bsl 64, -(1 bsl 200), 0.0, 1.0e300, "list", [a | b], {}, {1}, <<>>, <<"small">>, Large, Bits, <<1:3>>,
             #{}, #{a => 1}, maps:from_list([{I, I} || I <- lists:seq(1, 50)]), fun lists:map/2, fun(X) -> {X, Large} end,
             [{I, [I, {I}]} || I <- lists:seq(1, 300)], binary_part(Large, 7, 200), lists:duplicate(400, Large)],
    Echo = spawn(fun Loop() -> receive {From, T} -> From ! {back, T}, Loop() end end),
    Same = [begin Echo ! {self(), T}, receive {back, U} -> U =:= T end end || T <- Terms],
    io:format("~p~n", [Same]),
    Both = [begin Echo ! {self(), {T, T}}, receive {back, {U, V}} -> U =:= T andalso V =:= T end end || T <- Terms],
    io:format("~p~n", [Both]).

relay_memory() ->
    Self = self(),
    Last = spawn(fun Loop() -> receive M -> Self ! M, Loop() end end),
    First = spawn(fun Loop() -> receive M -> Last ! M, Loop() end end),
    Term = [{I, [I], #{key => I}} || I <- lists:seq(1, 1000)],
    [begin First ! {N, Term}, receive {N, _} -> ok end end || N <- lists:seq(1, 500)],
    [begin
         {memory, Bytes} = process_info(P, memory),
         io:format("~p~n", [if Bytes < 5000000 -> bounded; true -> Bytes end])
     end || P <- [First, Last]].
