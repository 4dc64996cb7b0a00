%% Algorithms on text: distances, searches, alignment, wrapping, tries, suffix arrays; on lists, binaries and maps.
-module(text_algorithms).
-export([main/0]).

main() ->
    Text = text(3000),
    show(length, length(Text)),
    show(levenshtein, [levenshtein(A, B) || {A, B} <- [{"kitten", "sitting"}, {"", "abc"}, {"same", "same"}, {"größe", "grosse"},
                                                        {lists:sublist(Text, 120), lists:sublist(Text, 7, 120)}]]),
    show(common, [common(A, B) || {A, B} <- [{"AGGTAB", "GXTXAYB"}, {"", "x"}, {"abcdefgh", "badcfehg"}]]),
    show(kmp, [kmp("abab", "abababcabab"), kmp("x", Text), kmp("aaa", lists:duplicate(10, $a)), kmp("the", Text)]),
    show(as_binary_matches, kmp("the", Text) =:= [P || {P, _} <- binary:matches(list_to_binary(Text), <<"the">>)]),
    show(suffixes, lists:sublist(suffix_array(list_to_binary(lists:sublist(Text, 300))), 30)),
    show(repeated, longest_repeat(list_to_binary(lists:sublist(Text, 600)))),
    show(wrapped, [wrap(string:lexemes(lists:sublist(Text, 400), " "), Width) || Width <- [20, 40, 72]]),
    show(trie, [lookup(W, trie(string:lexemes(Text, " "))) || W <- ["the", "th", "a", "zzz", ""]]),
    show(frequencies, lists:sublist(lists:reverse(lists:keysort(2, lists:sort(maps:to_list(count(string:lexemes(Text, " "), #{}))))), 12)),
    show(rot13, rot13(rot13("Hello, World!")) =:= "Hello, World!" andalso rot13("Hello, World!")),
    show(vigenere, vigenere("attackatdawn", "lemon", 1)),
    show(back, vigenere(vigenere("attackatdawn", "lemon", 1), "lemon", -1)),
    show(soundex, [soundex(N) || N <- ["Robert", "Rupert", "Rubin", "Ashcraft", "Tymczak", "Pfister", "Honeyman"]]),
    show(roman, [{N, roman(N), unroman(roman(N))} || N <- [1, 4, 9, 14, 40, 90, 400, 1994, 2022, 3999]]),
    show(all_roman, lists:all(fun(N) -> unroman(roman(N)) =:= N end, lists:seq(1, 3999))),
    show(palindromes, palindromes("forgeeksskeegfor abacabad")),
    show(anagrams, anagrams(["listen", "silent", "enlist", "google", "elgoog", "abc", "cab"])),
    show(csv, [csv(T) || T <- ["a,b,c\n1,2,3\n", "\"a,b\",\"c\"\"d\"\n", "", ",,\n,", "x,\"line\nbreak\",y", "\"unclosed"]]),
    show(glob, [{P, [S || S <- ["", "a", "ab", "abc", "aXbXc", "abab"], glob(P, S)]} || P <- ["*", "a*", "*b", "a?c", "a*b*c", "?", "", "ab*ab", "[ab]*"]]),
    show(diff, diff(string:split("a\nb\nc\nd\ne", "\n", all), string:split("a\nc\nx\nd\ny\ne", "\n", all))),
    show(justified, [justify(string:lexemes("a few words to be spread", " "), 40)]).

%% Pseudo-random words of a small vocabulary.
text(N) -> lists:sublist(lists:flatten(lists:join(" ", words(N div 4, 12345))), N).

words(0, _) -> [];
words(N, S) ->
    T = (S * 1103515245 + 12345) band 16#7fffffff,
    [element((T bsr 16) rem 16 + 1, {"the", "of", "quick", "brown", "fox", "jumps", "over", "lazy", "dog", "a", "in", "xylophone", "zebra", "then", "thesis", "to"}) | words(N - 1, T)].

levenshtein(A, B) -> lists:last(lists:foldl(fun(C, Row) -> next_row(C, B, Row) end, lists:seq(0, length(B)), A)).

next_row(C, B, [First | _] = Row) -> next_row(C, B, Row, [First + 1]).

next_row(_, [], [_], Made) -> lists:reverse(Made);
next_row(C, [D | Ds], [Diagonal, Above | Row], [Left | _] = Made) ->
    Cost = case C of D -> 0; _ -> 1 end,
    next_row(C, Ds, [Above | Row], [min(Diagonal + Cost, min(Above, Left) + 1) | Made]).

common(A, B) ->
    Table = lists:foldl(fun({I, Ca}, T0) ->
                            lists:foldl(fun({J, Cb}, T) when Ca =:= Cb -> T#{{I, J} => longer([Ca | maps:get({I - 1, J - 1}, T, [])], [])};
                                           ({J, _}, T) -> T#{{I, J} => longer(maps:get({I - 1, J}, T, []), maps:get({I, J - 1}, T, []))}
                                        end, T0, lists:enumerate(B))
                        end, #{}, lists:enumerate(A)),
    lists:reverse(maps:get({length(A), length(B)}, Table, [])).

longer(A, B) when length(A) >= length(B) -> A;
longer(_, B) -> B.

kmp(Pattern, Text) ->
    P = list_to_tuple(Pattern),
    search(Text, 0, 0, P, failure(P), []).

failure(P) -> failure(2, 0, P, #{1 => 0}).

failure(I, _, P, F) when I > tuple_size(P) -> F;
failure(I, K, P, F) when element(K + 1, P) =:= element(I, P) -> failure(I + 1, K + 1, P, F#{I => K + 1});
failure(I, 0, P, F) -> failure(I + 1, 0, P, F#{I => 0});
failure(I, K, P, F) -> failure(I, map_get(K, F), P, F).

search([], _, _, _, _, Found) -> lists:reverse(Found);
search([C | Cs], At, K, P, F, Found) when element(K + 1, P) =:= C ->
    case K + 1 of
        Whole when Whole =:= tuple_size(P) -> search(Cs, At + 1, 0, P, F, [At - Whole + 1 | Found]);  % as binary:matches: no overlaps
        More -> search(Cs, At + 1, More, P, F, Found)
    end;
search([_ | Cs], At, 0, P, F, Found) -> search(Cs, At + 1, 0, P, F, Found);
search(Cs, At, K, P, F, Found) -> search(Cs, At, map_get(K, F), P, F, Found).

suffix_array(Text) -> [At || {_, At} <- lists:sort([{binary:part(Text, At, byte_size(Text) - At), At} || At <- lists:seq(0, byte_size(Text) - 1)])].

longest_repeat(Text) ->
    Suffixes = lists:sort([binary:part(Text, At, byte_size(Text) - At) || At <- lists:seq(0, byte_size(Text) - 1)]),
    lists:foldl(fun({A, B}, Best) ->
                    case binary:longest_common_prefix([A, B]) of
                        Length when Length > byte_size(Best) -> binary:part(A, 0, Length);
                        _ -> Best
                    end
                end, <<>>, lists:zip(lists:droplast(Suffixes), tl(Suffixes))).

%% As few points as possible: the square of the blanks at the end of each line but the last.
wrap(Words, Width) -> length(element(2, best(Words, Width, #{}))).

best(Words, Width, _) -> best_of(Words, Width).

best_of(Words, Width) ->
    case lists:sum([length(W) + 1 || W <- Words]) - 1 =< Width of
        true -> {0, [Words]};
        false -> greedy(Words, Width)
    end.

greedy(Words, Width) ->
    {Line, Rest} = fill(Words, Width + 1, []),
    {Points, Lines} = best_of(Rest, Width),
    {Points + 1, [Line | Lines]}.

fill([W | Ws], Room, Line) when length(W) < Room -> fill(Ws, Room - length(W) - 1, [W | Line]);
fill(Ws, _, Line) -> {lists:reverse(Line), Ws}.

trie(Words) -> lists:foldl(fun insert/2, #{}, Words).

insert([], Node) -> maps:update_with('end', fun(N) -> N + 1 end, 1, Node);
insert([C | Cs], Node) -> Node#{C => insert(Cs, maps:get(C, Node, #{}))}.

lookup([], Node) -> {maps:get('end', Node, 0), lists:sort(maps:keys(Node))};
lookup([C | Cs], Node) -> case Node of #{C := Below} -> lookup(Cs, Below); _ -> none end.

count([], Counts) -> Counts;
count([W | Ws], Counts) -> count(Ws, maps:update_with(W, fun(N) -> N + 1 end, 1, Counts)).

rot13(Text) -> [if C >= $a, C =< $z -> (C - $a + 13) rem 26 + $a; C >= $A, C =< $Z -> (C - $A + 13) rem 26 + $A; true -> C end || C <- Text].

vigenere(Text, Key, Sign) ->
    Keys = lists:flatten(lists:duplicate(length(Text) div length(Key) + 1, Key)),
    [(C - $a + Sign * (K - $a) + 26) rem 26 + $a || {C, K} <- lists:zip(Text, lists:sublist(Keys, length(Text)))].

soundex([First | Rest]) ->
    Codes = lists:foldl(fun(C, [Last | _] = Acc) ->
                            case code(C) of
                                skip -> Acc;
                                vowel -> [vowel | Acc];
                                Last -> Acc;
                                N -> [N | Acc]
                            end
                        end, [code(string:to_lower(First))], Rest),
    [First | lists:sublist([N || N <- tl(lists:reverse(Codes)), N =/= vowel] ++ "000", 3)].

code(C) when C =:= $b; C =:= $f; C =:= $p; C =:= $v -> $1;
code(C) when C =:= $c; C =:= $g; C =:= $j; C =:= $k; C =:= $q; C =:= $s; C =:= $x; C =:= $z -> $2;
code(C) when C =:= $d; C =:= $t -> $3;
code($l) -> $4;
code(C) when C =:= $m; C =:= $n -> $5;
code($r) -> $6;
code(C) when C =:= $h; C =:= $w -> skip;
code(_) -> vowel.

roman(N) -> roman(N, [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}]).

roman(0, _) -> [];
roman(N, [{Value, Digits} | _] = Table) when N >= Value -> Digits ++ roman(N - Value, Table);
roman(N, [_ | Table]) -> roman(N, Table).

unroman("IV" ++ R) -> 4 + unroman(R);
unroman("IX" ++ R) -> 9 + unroman(R);
unroman("XL" ++ R) -> 40 + unroman(R);
unroman("XC" ++ R) -> 90 + unroman(R);
unroman("CD" ++ R) -> 400 + unroman(R);
unroman("CM" ++ R) -> 900 + unroman(R);
unroman([D | R]) -> map_get(D, #{$I => 1, $V => 5, $X => 10, $L => 50, $C => 100, $D => 500, $M => 1000}) + unroman(R);
unroman([]) -> 0.

palindromes(Text) ->
    T = list_to_tuple(Text),
    N = tuple_size(T),
    lists:sublist(lists:reverse(lists:sort([{R - L - 1, lists:sublist(Text, L + 1, R - L - 1)} || I <- lists:seq(1, N), J <- [I, I + 1], {L, R} <- [spread(I, J, T)], R - L > 3])), 6).

spread(L, R, T) when L >= 1, R =< tuple_size(T), element(L, T) =:= element(R, T) -> spread(L - 1, R + 1, T);
spread(L, R, _) -> {L, R}.

anagrams(Words) -> lists:sort([Ws || {_, [_, _ | _] = Ws} <- maps:to_list(lists:foldr(fun(W, M) -> maps:update_with(lists:sort(W), fun(L) -> [W | L] end, [W], M) end, #{}, Words))]).

csv(Text) -> try fields(Text, [], [], []) catch throw:Why -> Why end.

fields([$" | T], [], Row, Rows) -> quoted(T, [], Row, Rows);
fields([$, | T], Field, Row, Rows) -> fields(T, [], [lists:reverse(Field) | Row], Rows);
fields([$\n | T], Field, Row, Rows) -> fields(T, [], [], [lists:reverse([lists:reverse(Field) | Row]) | Rows]);
fields([C | T], Field, Row, Rows) -> fields(T, [C | Field], Row, Rows);
fields([], [], [], Rows) -> lists:reverse(Rows);
fields([], Field, Row, Rows) -> fields("\n", Field, Row, Rows).

quoted([$", $" | T], Field, Row, Rows) -> quoted(T, [$" | Field], Row, Rows);
quoted([$" | T], Field, Row, Rows) -> fields(T, Field, Row, Rows);
quoted([C | T], Field, Row, Rows) -> quoted(T, [C | Field], Row, Rows);
quoted([], _, _, _) -> throw(unclosed).

glob([], []) -> true;
glob([$* | P], S) -> glob(P, S) orelse S =/= [] andalso glob([$* | P], tl(S));
glob([$? | P], [_ | S]) -> glob(P, S);
glob([$[ | P], [C | S]) ->
    {Set, [$] | Rest]} = lists:splitwith(fun(X) -> X =/= $] end, P),
    lists:member(C, Set) andalso glob(Rest, S);
glob([C | P], [C | S]) -> glob(P, S);
glob(_, _) -> false.

diff([X | As], [X | Bs]) -> [{same, X} | diff(As, Bs)];
diff([], Bs) -> [{add, B} || B <- Bs];
diff(As, []) -> [{drop, A} || A <- As];
diff([A | As] = All, [B | Bs] = Others) ->
    Drop = [{drop, A} | diff(As, Others)],
    Add = [{add, B} | diff(All, Bs)],
    case changes(Drop) =< changes(Add) of true -> Drop; false -> Add end.

changes(Diff) -> length([x || {K, _} <- Diff, K =/= same]).

justify(Words, Width) ->
    Gaps = length(Words) - 1,
    Blanks = Width - length(lists:append(Words)),
    lists:append([W ++ lists:duplicate(case I of Gaps1 when Gaps1 > Gaps -> 0; _ when I =< Blanks rem Gaps -> Blanks div Gaps + 1; _ -> Blanks div Gaps end, $\s)
                  || {I, W} <- lists:enumerate(Words)]).

show(What, Value) -> io:format("~p: ~tp~n", [What, Value]).
