%% Appending to binaries in loops, keeping old versions, sharing and growing.
-module(bits_append).
-export([main/0]).
main() ->
    io:format("~w~n", [erlang:md5(grow(<<>>, 0, 10000))]),
    io:format("~w~n", [bits(<<>>, 0, 100)]),
    A = grow(<<>>, 0, 100), B = <<A/binary, "first">>, C = <<A/binary, "second">>, D = <<B/binary, C/binary>>,
    io:format("~p~n~p~n~p~n", [binary:part(B, 100, 5), binary:part(C, 100, 6), erlang:md5(D)]),
    Old = versions(<<>>, 0, []),
    io:format("~p~n", [[byte_size(X) || X <- Old]]),
    io:format("~p~n", [lists:all(fun(X) -> X =:= grow(<<>>, 0, byte_size(X)) end, Old)]),
    Self = self(),
    spawn(fun() -> Self ! {made, <<A/binary, "child">>} end),
    receive {made, E} -> io:format("~p~n", [binary:part(E, 98, 7)]) end,
    F = <<A/binary, "parent">>, io:format("~p ~p~n", [binary:part(F, 100, 6), binary:part(E, 100, 5)]),
    io:format("~p~n", [erlang:md5(collect(<<>>, 2000))]),
    io:format("~p~n", [byte_size(lists:foldl(fun(I, Acc) -> <<Acc/binary, (integer_to_binary(I))/binary>> end, <<"x">>, lists:seq(1, 5000)))]),
    io:format("~w~n", [lists:foldl(fun(I, Acc) -> <<I:3, Acc/bits>> end, <<>>, lists:seq(1, 20))]),
    io:format("~w~n", [(fun() -> X = <<1:1>>, Y = <<X/bits, 0:1>>, Z = <<X/bits, 1:1>>, {X, Y, Z, <<Y/bits, Z/bits>>} end)()]),
    io:format("~p~n", [work_of(fun() -> grow(<<0:8000000>>, 0, 20000) end) < 200000]).
%% What stands there already costs nothing.
work_of(Fun) ->
    {reductions, Before} = process_info(self(), reductions),
    Fun(),
    {reductions, After} = process_info(self(), reductions),
    After - Before.
grow(B, N, N) -> B;
grow(B, I, N) -> grow(<<B/binary, I>>, I + 1, N).
bits(B, N, N) -> B;
bits(B, I, N) -> bits(<<B/bits, I:(I rem 13)>>, I + 1, N).
versions(_, 60, Old) -> Old;
versions(B, I, Old) -> versions(<<B/binary, I>>, I + 1, [B | Old]).
collect(B, 0) -> B;
collect(B, N) -> L = lists:seq(1, N rem 50), collect(<<B/binary, (length(L)):16>>, N - 1).
