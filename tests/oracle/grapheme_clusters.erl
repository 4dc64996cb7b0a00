%% Grapheme clusters and normal forms of random text: what unicode_util and string make of combining marks, joiners, flags and Hangul.
-module(grapheme_clusters).
-export([main/0]).

main() ->
    show(known, [string:to_graphemes(T) || T <- ["e\x{301}", [16#1F1E9, 16#1F1EA, 16#1F1EB, 16#1F1F7], [16#1F468, 16#200D, 16#1F469, 16#200D, 16#1F467], "\r\n", [16#1100, 16#1161, 16#11A8], [16#AC00, 16#11A8],
                                                 [16#0E33], [$a, 16#FE0F, 16#20E3], [16#1F44D, 16#1F3FD], "", [16#301], [$a, 16#200D, $b], [16#0915, 16#094D, 16#0937]]]),
    Texts = [text(N, N * 7919 + 1) || N <- lists:seq(1, 300)],
    show(graphemes, erlang:phash2([string:to_graphemes(T) || T <- Texts])),
    show(lengths, [string:length(T) || T <- lists:sublist(Texts, 60)]),
    [show(Form, erlang:phash2([unicode:Form(T) || T <- Texts])) || Form <- [characters_to_nfc_list, characters_to_nfd_list, characters_to_nfkc_list, characters_to_nfkd_list,
                                                                          characters_to_nfc_binary, characters_to_nfd_binary, characters_to_nfkc_binary, characters_to_nfkd_binary]],
    show(idempotent, lists:all(fun(T) -> C = unicode:characters_to_nfc_list(T), C =:= unicode:characters_to_nfc_list(C) andalso C =:= unicode:characters_to_nfc_list(unicode:characters_to_nfd_list(T)) end, Texts)),
    show(equal, [string:equal("\x{e9}", "e\x{301}", Fold, Form) || Fold <- [false, true], Form <- [none, nfc, nfd, nfkc, nfkd]]),
    show(reversed, erlang:phash2([string:reverse(T) || T <- Texts])),
    show(slices, erlang:phash2([string:slice(T, 2, 5) || T <- Texts])),
    show(padded, [string:pad(T, 6, Where, $.) || T <- ["e\x{301}a", <<"ab"/utf8>>], Where <- [leading, trailing, both]]),
    show(folded, erlang:phash2([string:casefold(T) || T <- Texts])),
    show(upper, erlang:phash2([string:uppercase(T) || T <- Texts])),
    show(lower, erlang:phash2([string:lowercase(T) || T <- Texts])),
    show(special, [{string:uppercase(T), string:lowercase(T), string:titlecase(T), string:casefold(T)} || T <- ["straße", "ŉ", "ǆ", "İ", "ﬁ", "ΑΣ", "ΐ", "Ω"]]),
    show(trimmed, [string:trim(T, Where, Set) || T <- ["..a.b..", "e\x{301}xe\x{301}"], Where <- [leading, trailing, both], Set <- [".", ["e\x{301}"]]]),
    show(lexemes, [string:lexemes("a,b;;c e\x{301}d", S) || S <- [",;", ", ", [[$e, 16#301]], "e", ""]]),
    show(found, [string:find("cafe\x{301} e", S) || S <- ["e", "e\x{301}", "\x{301}", "x", ""]]),
    show(split, [string:split("a--b--c", "--", W) || W <- [leading, trailing, all]]),
    show(replaced, [string:replace("ae\x{301}e", "e", "X", all), string:replace(<<"a-b-c">>, "-", "+", trailing)]),
    show(prefix, [string:prefix("e\x{301}a", P) || P <- ["e", "e\x{301}", "", "x"]]),
    show(taken, [string:take("aabe\x{301}c", S, C, D) || S <- ["a", "ae\x{301}"], C <- [false, true], D <- [leading, trailing]]),
    show(numbers, [string:to_integer(T) || T <- ["12e\x{301}", "\x{661}", "-3x", "", <<"77">>]]),
    show(binaries, erlang:phash2([{string:length(B), string:reverse(B), string:uppercase(B)} || T <- Texts, B <- [unicode:characters_to_binary(T)]])),
    show(mixed, [string:length(["ab", <<"c\x{301}"/utf8>>, [$d, [16#301]]]), string:to_graphemes([<<"e">>, [16#301]]), string:next_grapheme(["", [<<>>], "x"])]),
    show(bad, [try F() catch C:R -> {C, R} end || F <- [fun() -> string:length(<<255, 1>>) end, fun() -> string:next_grapheme([$a | 255]) end, fun() -> unicode:characters_to_nfc_list(<<255>>) end,
                                                        fun() -> unicode:characters_to_nfc_binary([16#d800]) end, fun() -> string:reverse([a]) end]]).

%% Characters that combine, of many scripts.
text(N, Seed) -> text(N rem 24, Seed, []).

text(0, _, Acc) -> Acc;
text(N, S, Acc) ->
    T = (S * 6364136223846793005 + 1442695040888963407) band 16#ffffffffffffffff,
    Kinds = {{$a, 26}, {16#300, 112}, {16#e0, 31}, {16#391, 58}, {16#1100, 200}, {16#ac00, 600}, {16#1f1e6, 26}, {16#200c, 2}, {16#900, 128}, {16#1f466, 4}, {16#1f3fb, 5}, {16#fe00, 16},
             {16#fb00, 7}, {16#2160, 40}, {16#3040, 90}, {16#0, 32}, {16#2126, 10}, {16#0e01, 80}, {16#1d15e, 7}},
    {From, Count} = element((T bsr 40) rem tuple_size(Kinds) + 1, Kinds),
    text(N - 1, T, [From + (T bsr 20) rem Count | Acc]).

show(What, Value) -> io:format("~p: ~w~n", [What, Value]).
