%% Numbers of known sizes: written alone and behind binaries that grow, at every place of a byte, with values that do not fit, that are
%% large or no numbers; read signed and little-endian, up to the end of a binary.
-module(bits_numbers).
-export([main/0]).

main() ->
    Values = [0, 1, -1, 127, 128, 255, 256, -128, 65535, 1 bsl 31, -(1 bsl 31), 16#0102030405060708, 1 bsl 58, 1 bsl 59, -(1 bsl 59), (1 bsl 60) - 1,
        1 bsl 63, (1 bsl 64) - 1, 1 bsl 64, -(1 bsl 70)],
    [io:format("~p ~p~n", [V, alone(V)]) || V <- Values],
    Starts = [<<>>, <<1>>, <<5:3>>, <<1:7>>, binary:copy(<<7>>, 100), binary:copy(<<7>>, 300)],
    [io:format("~p ~p ~p~n", [bit_size(S), V, erlang:phash2(behind(S, V))]) || S <- Starts, V <- Values],
    [io:format("~p ~p~n", [V, [catch_(fun() -> F(V) end) || F <- writers()]]) || V <- [a, 1.5, -0.0, "x", <<1>>, 1.0e300, 16#ffff, 1 bsl 1023, 1 bsl 2000]],
    grows(),
    keeps(),
    comprehensions(),
    Bytes = << <<(I * 37 + 11)>> || I <- lists:seq(1, 24) >>,
    [read(Bytes, Skip) || Skip <- lists:seq(0, 8)],
    [read(binary:part(Bytes, 0, Size), Skip) || Size <- lists:seq(0, 9), Skip <- [0, 3]].

alone(V) ->
    {<<V:8>>, <<V:16>>, <<V:16/little>>, <<V:3, V:5>>, <<V:12, V:4>>, <<V:24/little, V:40>>, <<V:56>>, <<V:57, V:7>>, <<V:64>>, <<V:64/little>>,
        <<V:1, V:63>>, <<V:32/float, V:32>>, <<(float(V))/float>>, <<(float(V)):64/float-little, V:16>>, <<V:4/unit:8>>, <<1:1, V:64, 1:7>>}.

behind(S, V) ->
    One = <<S/bits, V:8>>,
    Two = <<One/bits, V:16/little, V:3, V:5>>,
    Three = <<Two/bits, V:64, V:64/little>>,
    Four = <<Three/bits, V:1, V:7, V:57, V:7>>,
    Other = <<One/bits, V:24>>,
    {One, Two, Three, Four, Other, <<Four/bits, (float(V))/float>>, <<Other/bits, V:3>>}.

writers() ->
    Start = <<(binary:copy(<<1>>, 70))/binary, 2>>,
    [fun(V) -> <<V:8>> end, fun(V) -> <<V/float>> end, fun(V) -> <<1:8, V:16>> end, fun(V) -> bit_size(<<Start/binary, V:8>>) end,
        fun(V) -> binary:last(<<Start/binary, V:8>>) end, fun(V) -> erlang:phash2(<<Start/binary, V/float, 1:8>>) end,
        fun(V) -> erlang:phash2(<<Start/binary, 1:8, V:64/float-little>>) end].

catch_(F) ->
    try F()
    catch C:R:S -> {C, R, [Info || {_, _, _, Info} <- lists:sublist(S, 1)] =/= []}
    end.

%% Each step appends to what the one before has made.
grows() ->
    Last = lists:foldl(fun(I, A) -> <<A/binary, I:16, (I rem 7):8, (-I):32/little>> end, <<>>, lists:seq(1, 20000)),
    io:format("~p ~p~n", [byte_size(Last), erlang:phash2(Last)]),
    Bits = lists:foldl(fun(I, A) -> <<A/bits, I:3, I:5, I:1>> end, <<>>, lists:seq(1, 3001)),
    io:format("~p ~p~n", [bit_size(Bits), erlang:phash2(Bits)]),
    Large = lists:foldl(fun(I, A) -> <<A/binary, (I bsl 55):64>> end, <<>>, lists:seq(1, 300)),
    io:format("~p ~p~n", [byte_size(Large), erlang:phash2(Large)]).

%% Parts stay what they were, whoever appends to them, also once they were sent, stored or put into a table.
keeps() ->
    Start = lists:foldl(fun(I, A) -> <<A/binary, I>> end, <<>>, lists:seq(1, 100)),
    A = <<Start/binary, 1:8>>,
    B = <<Start/binary, 2:8>>,
    C = <<A/binary, 3:8>>,
    self() ! C,
    D = <<C/binary, 4:8>>,
    E = receive Sent -> <<Sent/binary, 5:8>> end,
    Table = ets:new(table, []),
    ets:insert(Table, {key, D}),
    F = <<D/binary, 6:8>>,
    [{key, Kept}] = ets:lookup(Table, key),
    garbage_collect(),
    G = <<Kept/binary, 7:8>>,
    Part = binary:part(G, 0, 50),
    H = <<Part/binary, 8:8>>,
    [io:format("~p ~p ~p~n", [byte_size(X), binary:last(X), erlang:phash2(X)]) || X <- [Start, A, B, C, D, E, F, Kept, G, Part, H]].

comprehensions() ->
    L = lists:seq(1, 1000),
    All = [<< <<X>> || X <- L >>, << <<X:16/little>> || X <- L >>, << <<X:3>> || X <- L >>, << <<X:4, X:4>> || X <- L, X rem 3 =:= 0 >>, << <<X/float>> || X <- L >>,
        << <<X:64>> || <<X:5>> <= << <<X>> || X <- L >> >>, << <<(X bsl 58):64/little>> || X <- L >>, << << <<Y>> || Y <- lists:seq(1, X rem 5) >> || X <- L >>],
    io:format("~p~n", [[{bit_size(B), erlang:phash2(B)} || B <- All]]),
    io:format("~p~n", [catch_(fun() -> << <<X>> || X <- [1, 2, a] >> end)]).

read(Bytes, Skip) ->
    io:format("~p ~p ~w~n", [byte_size(Bytes), Skip, [catch_(fun() -> R(Bytes, Skip) end) || R <- readers()]]).

readers() ->
    [fun(B, S) -> <<_:S, X:8/signed, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:16/little, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X:16/signed-little, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:16/signed, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X:24/little, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:32/little, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X:32/native-signed, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:40/signed, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X:48/little-signed, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:56/little, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X:56/signed, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:12/little, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X:64/little, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:64/signed, _/bits>> = B, X end,
        fun(B, S) -> <<_:S, X/utf8, _/bits>> = B, X end, fun(B, S) -> <<_:S, X:4/little-unit:8, Y:8/signed, _/bits>> = B, {X, Y} end].
