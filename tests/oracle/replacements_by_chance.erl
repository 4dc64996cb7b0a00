%% re: patterns and subjects made by chance; runs with all kinds of capture, replacing and splitting, against a walk by hand over the matches.
-module(replacements_by_chance).
-export([main/0]).

main() ->
    rand:seed(exsss, 21),
    [batch(N) || N <- lists:seq(1, 40)].

batch(N) ->
    Rs = [one() || _ <- lists:seq(1, 40)],
    io:format("~w ~w ~w~n", [N, length([R || {R, _, _} <- Rs, R =/= nomatch]), erlang:phash2(Rs)]),
    [io:format("~0tp~n", [R]) || N =:= 1, R <- lists:sublist(Rs, 10)].

one() ->
    P = pattern(3),
    S = subject(),
    O = options(),
    case catch re:compile(P, O) of
        {ok, C} ->
            Runs = [re:run(S, C, [{capture, K, T}]) || K <- [all, first, all_but_first, none], T <- [index, list, binary]],
            Global = re:run(S, C, [global, {capture, all, index}]),
            By = lists:nth(rand:uniform(6), ["", "<&>", "[\\1]", "\\0\\0", "\\g{1}x\\\\", "$1"]),
            Replaced = re:replace(S, C, By, [global, {return, list}]),
            Split = re:split(S, C, [{return, list}]),
            Joined = case re:inspect(C, namelist) of {namelist, []} -> lists:append(Split); _ -> none end,
            {case Global of nomatch -> nomatch; {match, L} -> length(L) end, {P, S, O, hd(Runs), Global, Replaced, Split, Joined, re:split(S, C, [group, trim, {return, binary}]), re:split(S, C, [{parts, 2}, {return, list}]), re:replace(S, C, By, [{return, binary}])},
             erlang:phash2({Runs, re:run(S, C, [{offset, length(S) div 2}]), re:run(S, C, [anchored || not lists:member(firstline, O)]), re:run(S, C, [notempty]), re:run(S, C, [notbol, noteol, global])})};
        {error, E} -> {nomatch, {P, O, error}, E =/= x};
        {'EXIT', {R, _}} -> {nomatch, {P, O, R}, x}
    end.

options() -> [O || O <- [caseless, dotall, multiline, extended, ungreedy, dollar_endonly, firstline, unicode], rand:uniform(5) =:= 1].

subject() ->
    Pieces = ["a", "b", "ab", "ba", "c", "A", "\n", " ", "1", "12", "_", "x", "-", "aaa", "bcb", "\r\n"],
    lists:append([pick(Pieces) || _ <- lists:seq(1, rand:uniform(14) - 1)]).

pattern(0) -> atom();
pattern(N) ->
    case rand:uniform(9) of
        1 -> "(" ++ pattern(N - 1) ++ ")";
        2 -> "(?:" ++ pattern(N - 1) ++ "|" ++ pattern(N - 1) ++ ")";
        3 -> quantified(N);
        4 -> pick(["(?=", "(?!", "(?<=", "(?<!", "(?>"]) ++ atom() ++ ")";
        5 -> "(?:" ++ pattern(N - 1) ++ ")" ++ quantifier();
        6 -> "(" ++ pattern(N - 1) ++ ")" ++ quantifier() ++ pick(["", "\\1"]);
        _ -> pattern(N - 1) ++ pattern(N - 1)
    end.

quantified(N) -> "(?:" ++ pattern(N - 1) ++ ")" ++ quantifier().
quantifier() -> pick(["*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "{0,1}?", "?+", "*+"]).
atom() -> pick(["a", "b", "ab", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "\\b", "^", "$", "\\B", "[a-c1]", "\\W", "\\n", "\\R", "[[:alpha:]]", "\\A", "\\z", "x", "c?", "[^\\w]", "\\D+", "1|2"]).
pick(L) -> lists:nth(rand:uniform(length(L)), L).
