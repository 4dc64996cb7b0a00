%% Unicode text made by chance: grapheme clusters, normal forms, the functions of string on lists, binaries and mixtures, against each other and
%% as hashes; properties of every block of code points.
-module(text_by_chance).
-export([main/0]).

main() ->
    [block(B) || B <- lists:seq(0, 16#20)],
    rand:seed(exsss, 3),
    [batch(N) || N <- lists:seq(1, 25)],
    wrong().

%% All that unicode_util knows of 512 code points here and there.
block(B) ->
    Points = [C || C <- lists:seq(B * 16#800, B * 16#800 + 16#1FF), C < 16#D800 orelse C > 16#DFFF],
    F = fun(C) -> {unicode_util:uppercase([C]), unicode_util:lowercase([C]), unicode_util:titlecase([C]), unicode_util:casefold([C]), unicode_util:nfd([C]), unicode_util:nfkc([C]),
                   unicode_util:gc([C, $a, 16#301]), unicode_util:lookup(C)} end,
    io:format("~.16b ~w ~w~n", [B * 16#800, erlang:phash2([F(C) || C <- Points]), length([C || C <- Points, unicode_util:is_whitespace(C)])]).

point() ->
    case rand:uniform(9) of
        1 -> 16#300 + rand:uniform(60);
        2 -> 16#1100 + rand:uniform(200);
        3 -> 16#AC00 + rand:uniform(2000);
        4 -> 16#1F1E6 + rand:uniform(25);
        5 -> lists:nth(rand:uniform(5), [16#200D, 16#FE0F, 16#1F468, 16#1F3FD, $\r]);
        6 -> 16#C0 + rand:uniform(500);
        7 -> lists:nth(rand:uniform(6), [$\n, $\s, $\t, 16#85, 16#2028, 16#A0]);
        8 -> 16#391 + rand:uniform(100);
        _ -> 32 + rand:uniform(94)
    end.

text() -> [point() || _ <- lists:seq(1, rand:uniform(25) - 1)].
mixed(T) -> {A, B} = lists:split(rand:uniform(length(T) + 1) - 1, T), [unicode:characters_to_binary(A), [[], B] | <<>>].

batch(N) ->
    Texts = [text() || _ <- lists:seq(1, 30)],
    Binaries = [unicode:characters_to_binary(T) || T <- Texts],
    Mixed = [mixed(T) || T <- Texts],
    Same = [lists:usort([unicode:characters_to_list(string:F(X)) || X <- Xs]) || F <- [uppercase, lowercase, titlecase, casefold, reverse], Xs <- lists:zipwith3(fun(A, B, C) -> [A, B, C] end, Texts, Binaries, Mixed)],
    Clusters = [string:to_graphemes(T) || T <- Texts],
    Forms = [[unicode:F(T) || F <- [characters_to_nfc_list, characters_to_nfd_list, characters_to_nfkc_list, characters_to_nfkd_list]] || T <- Mixed],
    Idempotent = [unicode:characters_to_nfc_list(C) =:= C andalso unicode:characters_to_nfd_list(C) =:= D || [C, D | _] <- Forms],
    Pairs = lists:zip(Texts, tl(Texts) ++ [hd(Texts)]),
    Cut = [[string:slice(T, 2, 5), string:slice(T, 3), string:pad(T, 12, both, $*), string:pad(T, 9, leading), string:length(T), string:lexemes(T, " \n\t"), string:nth_lexeme(T, 1, " "), string:take(T, lists:seq($a, $z), true),
            string:take(T, " \n", false, trailing), string:split(T, " ", all), string:split(T, "\n", trailing), string:find(T, "\x{301}"), string:find(T, " ", trailing), string:replace(T, " ", "--", all), string:next_grapheme(T),
            string:next_codepoint(T), string:is_empty(T), string:to_integer(T), string:trim(T, leading, " \t"), string:trim(T, both, [$a, $\s])] || T <- Texts],
    CutBinaries = [[string:slice(T, 2, 5), string:length(T), string:lexemes(T, " \n\t"), string:split(T, " ", all), string:find(T, <<" ">>, trailing), string:replace(T, <<" ">>, "--", all), string:pad(T, 12)] || T <- Binaries],
    Equal = [[string:equal(A, B), string:equal(A, unicode:characters_to_nfd_binary(A), false, nfc), string:equal(string:uppercase(A), A, true), string:prefix(A, string:slice(A, 0, 2)) =/= nomatch] || {A, B} <- Pairs],
    io:format("~w ~w ~w ~w ~w ~w ~w ~w ~w~n", [N, lists:usort([length(S) || S <- Same]), erlang:phash2(Same), lists:sum([length(C) || C <- Clusters]), erlang:phash2(Clusters), lists:usort(Idempotent), erlang:phash2(Forms),
                                               erlang:phash2(Cut), erlang:phash2({CutBinaries, Equal})]).

wrong() ->
    Bad = [<<"ab", 255, "c">>, [$a, 16#D800], [$a, <<195>>], [a], <<1:3>>, "abc" ++ x, [16#110000], {}, [<<"ok">>, -1]],
    [io:format("~0p ~0p~n", [F, [try string:F(B) of R when is_list(R), R =/= [] -> list; R -> R catch C:E -> {C, case E of {K, _} -> K; _ -> E end} end || B <- Bad]])
     || F <- [length, uppercase, to_graphemes, trim, reverse, next_grapheme, next_codepoint, is_empty, chomp, casefold]],
    io:format("~0p~n", [[try unicode:characters_to_nfc_list(B) catch _:E -> E end || B <- Bad]]).
