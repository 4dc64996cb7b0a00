%% Words counted in a text, in the several ways of users: maps, ets, dict, string, re, binary.
-module(text_statistics).
-export([main/0]).

main() ->
    Text = unicode:characters_to_binary([io_lib:format("~ts the quick ~w fox; jumps OVER ~w lazy dogs\x{2014}\x{e9}t\x{e9} ~ts.\n",
                                                    [W, N, N rem 3, W]) || {N, W} <- lists:zip(lists:seq(1, 50), lists:duplicate(25, "Stra\x{df}e") ++ lists:duplicate(25, "\x{391}\x{3b2}\x{3b3}"))]),
    ByString = count(string:lexemes(string:casefold(Text), " ;.\n" ++ [16#2014])),
    ByRe = count([W || [W] <- element(2, re:run(string:lowercase(Text), "[\\w]+", [global, unicode, ucp, {capture, all, binary}]))]),
    ByBinary = count([W || W <- binary:split(Text, [<<" ">>, <<"\n">>, <<";">>, <<".">>], [global]), W =/= <<>>]),
    [io:format("~w ~0tp~n", [map_size(M), lists:sublist(lists:sort(fun({A, B}, {C, D}) -> {-B, A} =< {-D, C} end, maps:to_list(M)), 8)]) || M <- [ByString, ByRe, ByBinary]],
    T = ets:new(words, []),
    [ets:update_counter(T, W, 1, {W, 0}) || W <- string:tokens(unicode:characters_to_list(Text), " \n")],
    io:format("~0tp~n", [lists:sublist(lists:reverse(lists:keysort(2, lists:sort(ets:tab2list(T)))), 3)]),
    io:format("~w~n", [{string:length(Text), byte_size(Text), length(string:split(Text, "\n", all)), string:to_graphemes("e\x{301}x")}]),
    [io:format("~0tp~n", [string:F(Text2)]) || F <- [uppercase, titlecase, casefold, lowercase, reverse, trim, to_graphemes], Text2 <- ["\x{df}x\x{1c6}", <<" \x{130}i\r\n"/utf8>>]].

count(Words) -> lists:foldl(fun(W, M) -> maps:update_with(W, fun(N) -> N + 1 end, 1, M) end, #{}, Words).
