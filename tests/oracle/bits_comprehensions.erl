%% Comprehensions over and into binaries and lists.
-module(bits_comprehensions).
-export([main/0]).
main() ->
    show([X || <<X>> <= <<1, 2, 3, 4:4>>]),
    show([X || <<X:3>> <= <<16#abcdef:24>>]),
    show(<< <<X:5>> || X <- [1, 2, 3, 4, 5]>>),
    show(<< <<X, Y>> || X <- [1, 2], Y <- [3, 4]>>),
    show(<< <<Y, X>> || <<X, Y>> <= <<"abcdef">>>>),
    show(<< <<X>> || <<X>> <= <<1, 2, 3, 4, 5>>, X rem 2 =:= 1>>),
    show([{A, B} || <<A:4, B:4>> <= <<16#12, 16#34>>, A > 1]),
    show([S || <<L, S:L/binary>> <= <<3, "abc", 0, 2, "de", 9, "x">>]),
    show([X || <<1:2, X:6>> <= <<16#41, 16#42, 16#81, 16#43>>]),
    show([C || <<C/utf8>> <= <<"aäz"/utf8, 255, "b">>]),
    show(<< <<(X + 1):16/little>> || <<X:16>> <= <<1:16, 2:16, 65535:16>>>>),
    show(<< <<(list_to_binary(L))/binary>> || L <- ["ab", "c", ""]>>),
    show([X + Y || X <- [1, 2, 3], Y <- [10, 20], X + Y =/= 12]),
    show([X || {ok, X} <- [{ok, 1}, error, {ok, 2}, {ok, 3, 4}]]),
    show(catch [X || X <- [1, 2 | 3]]),
    show(catch [X || X <- foo()]),
    show(catch [X || <<X>> <= foo()]),
    show(catch << <<X>> || X <- [a]>>),
    show(catch [X || X <- [1], foo()]),
    show([X || X <- [1, 2, 3, 4, a], is_integer(X), X > 2]),
    show([begin Z = X * 2, Z + 1 end || X <- lists:seq(1, 5)]),
    show([[Y || Y <- lists:seq(1, X)] || X <- [1, 2, 3]]),
    show(byte_size(<< <<X:32>> || X <- lists:seq(1, 100000)>>)),
    show(<< <<0:1>> || _ <- lists:seq(1, 13)>>),
    show(length([X || <<X:1>> <= <<0:8003>>])).
show(X) -> io:format("~w~n", [X]).
foo() -> list_to_atom("foo").
