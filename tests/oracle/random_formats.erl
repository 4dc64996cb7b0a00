%% Terms made by chance, printed with directives made by chance: texts hashed, and what is printed with ~w and ~p read again.
-module(random_formats).
-export([main/0]).

main() ->
    rand:seed(exsss, 77),
    [printed(N) || N <- lists:seq(1, 40)],
    [read_again(N) || N <- lists:seq(1, 10)],
    [limited(N) || N <- lists:seq(1, 10)].

printed(N) ->
    Texts = [begin
                 {F, As} = directive(),
                 try unicode:characters_to_list(io_lib:format(F, As)) of
                     Text when is_list(Text) -> Text;
                     Other -> {F, element(1, Other)}
                 catch error:E -> {F, E}
                 end
             end || _ <- lists:seq(1, 60)],
    io:format("~w ~w ~w~n", [N, lists:sum([length(T) || T <- Texts, is_list(T)]), erlang:phash2(Texts)]),
    [io:format("~ts~n", [case T of _ when is_list(T) -> T; _ -> io_lib:format("~p", [T]) end]) || N < 3, T <- Texts].

directive() ->
    W = pick(["", "", "20", "-20", "80", "3"]),
    P = pick(["", "", ".5", ".12"]),
    T = term(4),
    case rand:uniform(9) of
        1 -> {"~" ++ W ++ "w", [T]};
        2 -> {"~" ++ W ++ "p", [T]};
        3 -> {"~" ++ W ++ "tp", [T]};
        4 -> {"~tw|~0p", [T, T]};
        5 -> {"~" ++ pick(["W", "P", "tP", "tW"]), [T, rand:uniform(12)]};
        6 -> {"~" ++ W ++ P ++ pick(["e", "f", "g"]), [number()]};
        7 -> {"~" ++ W ++ pick(["", ".16", ".36", ".2"]) ++ pick(["b", "B", "#", "+"]), [integer()]};
        8 -> {"~" ++ W ++ P ++ pick(["s", "ts"]), [text()]};
        9 -> {"~lp ~" ++ W ++ pick(["", ".3"]) ++ "c ~s", [T, $a + rand:uniform(20), "end"]}
    end.

read_again(N) ->
    Terms = [term(4) || _ <- lists:seq(1, 40)],
    Again = [begin {ok, Ts, _} = erl_scan:string(lists:flatten(io_lib:format(F ++ ".", [T]))), {ok, X} = erl_parse:parse_term(Ts), X =:= T end || T <- Terms, F <- ["~w", "~p", "~tp", "~0p"]],
    io:format("~w ~w~n", [N, lists:usort(Again)]).

%% Limits of characters and of depth.
limited(N) ->
    Texts = [begin
                 T = term(5),
                 Limit = rand:uniform(100),
                 S = lists:flatten(io_lib:format(pick(["~p", "~tp", "~w", "~0p"]), [T], [{chars_limit, Limit}])),
                 D = lists:flatten(io_lib:write(T, rand:uniform(8))),
                 L = lists:flatten(io_lib:print(T, rand:uniform(20), 20 + rand:uniform(80), rand:uniform(20) - 3)),
                 {S, D, L}
             end || _ <- lists:seq(1, 30)],
    io:format("~w ~w~n", [N, erlang:phash2(Texts)]).

term(0) -> leaf();
term(N) ->
    case rand:uniform(9) of
        1 -> [term(N - 1) || _ <- lists:seq(1, rand:uniform(6) - 1)];
        2 -> list_to_tuple([term(N - 1) || _ <- lists:seq(1, rand:uniform(6) - 1)]);
        3 -> maps:from_list([{leaf(), term(N - 1)} || _ <- lists:seq(1, rand:uniform(3) - 1)]);
        4 -> [leaf() | improper()];
        5 -> [{key(), term(N - 1)} || _ <- lists:seq(1, rand:uniform(5))];
        6 -> text();
        _ -> leaf()
    end.

improper() -> pick([[], a, [b | c]]).
key() -> pick([a, key, a_longer_key, 'quoted key', "text"]).
leaf() -> pick([integer(), number(), key(), [], {}, <<>>, <<"text">>, <<1, 2, 255>>, <<5:3>>, unicode:characters_to_binary("\x{e5}\x{20ac}"), 'A', 'a b', '', "", "plain", "with \"quotes\"\n", '\x{e5}', list_to_atom([1, 2]), '\x{20ac}']).
integer() -> (rand:uniform(1 bsl 80) - (1 bsl 79)) bsr rand:uniform(80).
number() -> pick([0.0, -0.0, 1.0, 1.0e22, 1.0e-7, 123456.789, (rand:uniform() - 0.5) * math:pow(10, rand:uniform(40) - 20), rand:uniform() * 1.0e300]).
text() -> [pick([$a, $b, $\s, $\n, $\t, $", $\\, $\d, 16#e5, 16#20ac, 16#1F600, 0, 27]) || _ <- lists:seq(1, rand:uniform(12))].
pick(L) -> lists:nth(rand:uniform(length(L)), L).
