%% Regular expressions on long subjects: a search that takes its time is interrupted, and finds the same.
-module(re_long_subjects).
-export([main/0]).

main() ->
    S = binary:copy(<<"aab">>, 20000),
    Tail = <<S/binary, "xy", S/binary>>,
    Crlf = binary:copy(<<"ab\r\n">>, 5000),
    Wide = unicode:characters_to_binary(lists:duplicate(20000, 16#3042)),
    [io:format("~0p ~0p: ~0p~n", [P, O, catch re:run(T, P, O)])
     || {T, P, O} <- [{Tail, "xy", []}, {Tail, "x.*?b", [{capture, first, list}]}, {Tail, "z", []}, {Tail, "(a|b)*?[zv]", [{offset, 119000}]},
                      {Tail, "(?<=x)y", []}, {Tail, "\\Gz", []}, {Tail, "b$", []}, {Tail, "^b", []}, {Tail, "^a", [{offset, 3}]},
                      {Tail, "x", [anchored]}, {Tail, "x", [firstline]}, {Tail, "a(*COMMIT)z", []},
                      {Crlf, "$.", [{newline, crlf}, multiline]}, {Crlf, "\\Rb", [{newline, anycrlf}]},
                      {Crlf, "^z", [multiline, {newline, crlf}]}, {<<Crlf/binary, "z">>, "^z", [multiline, {newline, crlf}]},
                      {Wide, [16#3043], [unicode]}, {<<Wide/binary, "q">>, "q", [unicode]},
                      {<<Wide/binary, "q">>, "(.)q", [unicode, {capture, all_but_first, list}]}]],
    %% Quadratic: each of the places looks through the rest.
    Slow = binary:copy(<<"a">>, 12000),
    Other = spawn_link(fun() -> count(0) end),
    io:format("~p~n", [re:run(<<Slow/binary, "d">>, "(?:a|b)*?[ce]", [])]),
    Other ! {self(), turns},
    receive {turns, N} -> io:format("others had their turn: ~p~n", [N > 10]) end,
    io:format("~p~n", [length(element(2, re:run(Tail, "ab", [global])))]),
    io:format("~p~n", [[length(re:split(Crlf, "\r\n")), byte_size(re:replace(Tail, "a", "cc", [global, {return, binary}]))]]).

count(N) ->
    receive {From, turns} -> From ! {turns, N} after 1 -> count(N + 1) end.
