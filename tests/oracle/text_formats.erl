%% Formats of text read and written in Erlang: CSV with quotes, INI, Markdown to HTML, templates, diffs, wrapping, tables, Roman and spelled numbers, dates, globs, edit distances.
-module(text_formats).
-export([main/0]).

main() ->
    io:setopts([{encoding, unicode}]),
    csv(), ini(), markdown(), templates(), diffs(), wrapping(), numbers(), globs(), distances(), soundness(), log_lines(), roff().

show(Label, Value) -> io:format("~p: ~tp~n", [Label, Value]).

%% --- CSV by a machine of four states

csv() ->
    Texts = ["a,b\nc,d\n", "\"q,1\",\"say \"\"hi\"\"\"\n", "", "\n\n", "one", "a,,c", "\"multi\nline\",x\r\ny,z", "ä,\"ö\"\n", "\"open", "a\"b,c", "\"a\"b", " spaced , x "],
    [show({csv, T}, try csv_read(T) of Rows -> {Rows, csv_read(csv_write(Rows)) =:= Rows} catch throw:E -> {error, E} end) || T <- Texts],
    Seeded = [[[lists:nth(rand_of(I, J, K, 7), "ab,\"\n 1") || K <- lists:seq(1, rand_of(I, J, 0, 5))] || J <- lists:seq(1, 4)] || I <- lists:seq(1, 60)],
    show(csv_random, csv_read(csv_write(Seeded)) =:= Seeded).
rand_of(I, J, K, N) -> erlang:phash2({I, J, K}, N) + 1.
csv_read(T) -> case csv(T, start, [], [], []) of [[[]]] -> []; Rows -> Rows end.
csv([], quoted, _, _, _) -> throw(open_quote);
csv([], start, [], [], Rows) -> lists:reverse(Rows);
csv([], _, Field, Row, Rows) -> lists:reverse([lists:reverse([lists:reverse(Field) | Row]) | Rows]);
csv([$" | T], start, [], Row, Rows) -> csv(T, quoted, [], Row, Rows);
csv([$", $" | T], quoted, F, Row, Rows) -> csv(T, quoted, [$" | F], Row, Rows);
csv([$" | T], quoted, F, Row, Rows) -> csv(T, ended, F, Row, Rows);
csv([C | T], quoted, F, Row, Rows) -> csv(T, quoted, [C | F], Row, Rows);
csv([$, | T], _, F, Row, Rows) -> csv(T, start_field(T), [], [lists:reverse(F) | Row], Rows);
csv([$\r, $\n | T], S, F, Row, Rows) -> csv([$\n | T], S, F, Row, Rows);
csv([$\n | T], _, F, Row, Rows) -> csv(T, start, [], [], [lists:reverse([lists:reverse(F) | Row]) | Rows]);
csv([C | _], ended, _, _, _) -> throw({after_quote, C});
csv([$" | _], plain, _, _, _) -> throw(quote_inside);
csv([C | T], _, F, Row, Rows) -> csv(T, plain, [C | F], Row, Rows).
start_field([$" | _]) -> start;
start_field(_) -> plain.
csv_write(Rows) -> lists:append([lists:append(lists:join(",", [csv_field(F) || F <- Row])) ++ "\n" || Row <- Rows]).
csv_field("") -> "\"\"";
csv_field(F) -> case lists:any(fun(C) -> lists:member(C, ",\"\n\r") end, F) of true -> "\"" ++ lists:flatmap(fun($") -> "\"\""; (C) -> [C] end, F) ++ "\""; false -> F end.

ini() ->
    Text = <<"; comment\nglobal = 1\n[first]\nname = A value  \npath=/a/b ; not a comment\n\n[second part]\nlist = 1, 2 ,3\nempty =\nname: other\nyes = true\n# end\n[first]\nmore = 2.5\nbroken line\n[unclosed\n">>,
    {Map, Errors} = begin Lines = binary:split(Text, <<"\n">>, [global]), lists:foldl(fun ini_line/2, {#{section => <<>>}, []}, lists:zip(lists:seq(1, length(Lines)), Lines)) end,
    show(ini, lists:sort(maps:to_list(maps:remove(section, Map)))), show(ini_errors, lists:reverse(Errors)).
ini_line({N, Line}, {Map, Errors}) ->
    case string:trim(Line) of
        <<>> -> {Map, Errors};
        <<C, _/binary>> when C =:= $;; C =:= $# -> {Map, Errors};
        <<"[", _/binary>> = S -> case binary:last(S) of $] -> {Map#{section := binary:part(S, 1, byte_size(S) - 2)}, Errors}; _ -> {Map, [{N, S} | Errors]} end;
        S -> case re:split(S, "\\s*[=:]\\s*", [{parts, 2}]) of [K, V] -> {Map#{{maps:get(section, Map), K} => typed(V)}, Errors}; _ -> {Map, [{N, S} | Errors]} end
    end.
typed(<<"true">>) -> true;
typed(<<"false">>) -> false;
typed(V) ->
    case binary:match(V, <<",">>) of
        nomatch -> try binary_to_integer(V) catch error:badarg -> try binary_to_float(V) catch error:badarg -> V end end;
        _ -> [typed(string:trim(P)) || P <- binary:split(V, <<",">>, [global])]
    end.

%% --- Markdown

markdown() ->
    [io:format("~ts~n--~n", [html(T)]) || T <- ["# Title\n\nA paragraph with *emphasis*, **strong** words, `code <b>` and\na [link](http://x.y/z?a=1&b=2).\n\n- one\n- two\n  more\n- three\n\n1. first\n2. second\n\n> quoted\n> text\n\n    indented code\n    more\n\n---\n\nUnderlined\n==========\nText",
                                               "", "no *end", "****", "a\\*b\\*", "## h2 ##\n### h3", "```\nfenced *code*\n```\nafter", "[broken](link", "![image](a.png \"t\")", "line  \nbreak", "| a | b |\n|---|---|\n| 1 | *2* |", "ä *ö* 日本", "- a\n\n- b\n\npara"]].
html(Text) -> lists:join("\n", blocks(string:split(Text, "\n", all))).
blocks([]) -> [];
blocks([L | Ls]) ->
    case {string:trim(L), L} of
        {"", _} -> blocks(Ls);
        {"```" ++ _, _} -> {Code, Rest} = lists:splitwith(fun(X) -> X =/= "```" end, Ls), [["<pre>", escaped(lists:join("\n", Code)), "</pre>"] | blocks(drop(Rest))];
        {"---", _} -> ["<hr/>" | blocks(Ls)];
        {[$# | _] = H, _} -> {Hashes, T} = lists:splitwith(fun(C) -> C =:= $# end, H), N = integer_to_list(length(Hashes)), [["<h", N, ">", inline(string:trim(T, both, "# ")), "</h", N, ">"] | blocks(Ls)];
        {_, "    " ++ _} -> {Code, Rest} = lists:splitwith(fun(X) -> lists:prefix("    ", X) end, [L | Ls]), [["<pre>", escaped(lists:join("\n", [lists:nthtail(4, X) || X <- Code])), "</pre>"] | blocks(Rest)];
        {">" ++ _, _} -> {Q, Rest} = lists:splitwith(fun(X) -> lists:prefix(">", X) end, [L | Ls]), [["<blockquote>", html(lists:append(lists:join("\n", [string:trim(tl(X), leading) || X <- Q]))), "</blockquote>"] | blocks(Rest)];
        {"- " ++ _, _} -> items("ul", "^- ", [L | Ls]);
        {"|" ++ _, _} -> {Rows, Rest} = lists:splitwith(fun(X) -> lists:prefix("|", X) end, [L | Ls]), [["<table>", [["<tr>", [["<td>", inline(string:trim(C)), "</td>"] || C <- string:lexemes(R, "|")], "</tr>"] || R <- Rows, re:run(R, "^[|-]+$", [unicode]) =:= nomatch], "</table>"] | blocks(Rest)];
        {T, _} ->
            case {re:run(T, "^\\d+\\. ", [unicode]), Ls} of
                {{match, _}, _} -> items("ol", "^\\d+\\. ", [L | Ls]);
                {nomatch, ["=" ++ _ = U | Rest]} when length(U) > 2 -> [["<h1>", inline(T), "</h1>"] | blocks(Rest)];
                _ -> {P, Rest} = lists:splitwith(fun(X) -> string:trim(X) =/= "" end, Ls), [["<p>", inline(lists:append(lists:join("\n", [L | P]))), "</p>"] | blocks(Rest)]
            end
    end.
drop([]) -> [];
drop([_ | T]) -> T.
items(Tag, Mark, Lines) ->
    {Items, Rest} = take_items(Mark, Lines, []),
    [["<", Tag, ">", [["<li>", inline(I), "</li>"] || I <- Items], "</", Tag, ">"] | blocks(Rest)].
take_items(Mark, [L | Ls], Items) ->
    case {re:run(L, Mark, [unicode]), L, Items} of
        {{match, [{0, N}]}, _, _} -> take_items(Mark, Ls, [lists:nthtail(N, L) | Items]);
        {nomatch, "  " ++ More, [I | Is]} -> take_items(Mark, Ls, [I ++ "\n" ++ string:trim(More) | Is]);
        _ -> {lists:reverse(Items), [L | Ls]}
    end;
take_items(_, [], Items) -> {lists:reverse(Items), []}.
inline(S) -> inline(S, []).
inline([], Out) -> lists:reverse(Out);
inline([$\\, C | T], Out) -> inline(T, [escaped([C]) | Out]);
inline("**" ++ T, Out) -> span("**", "strong", T, Out);
inline("*" ++ T, Out) -> span("*", "em", T, Out);
inline("`" ++ T, Out) -> case string:split(T, "`") of [C, R] -> inline(R, [["<code>", escaped(C), "</code>"] | Out]); _ -> inline(T, ["`" | Out]) end;
inline("![" ++ T, Out) -> link(T, "![", Out, fun(A, U) -> ["<img src=\"", escaped(hd(string:lexemes(U, " "))), "\" alt=\"", A, "\"/>"] end);
inline("[" ++ T, Out) -> link(T, "[", Out, fun(A, U) -> ["<a href=\"", escaped(U), "\">", inline(A), "</a>"] end);
inline("  \n" ++ T, Out) -> inline(T, ["<br/>\n" | Out]);
inline([C | T], Out) -> inline(T, [escaped([C]) | Out]).
span(Mark, Tag, T, Out) -> case string:split(T, Mark) of [[_ | _] = S, R] -> inline(R, [["<", Tag, ">", inline(S), "</", Tag, ">"] | Out]); _ -> inline(T, [Mark | Out]) end.
link(T, Mark, Out, F) -> case re:run(T, "^([^\\]]*)\\]\\(([^)]*)\\)", [unicode, {capture, all, list}]) of {match, [All, A, U]} -> inline(lists:nthtail(length(All), T), [F(A, U) | Out]); nomatch -> inline(T, [Mark | Out]) end.
escaped(S) -> [case C of $< -> "&lt;"; $> -> "&gt;"; $& -> "&amp;"; $" -> "&quot;"; _ -> C end || C <- lists:flatten(S)].

%% --- templates with sections

templates() ->
    Data = #{name => "World <1>", items => [#{n => 1}, #{n => 2, last => true}], none => [], yes => true, no => false, deep => #{x => #{y => "z"}}},
    [show({template, T}, try unicode:characters_to_list(render(T, [Data])) catch throw:E -> {error, E} end) || T <- ["Hello {{name}}!", "{{{name}}}", "{{#items}}{{n}}{{^last}}, {{/last}}{{/items}}", "{{#none}}x{{/none}}{{^none}}nothing{{/none}}", "{{#yes}}y{{/yes}}{{#no}}n{{/no}}", "{{deep.x.y}}", "{{missing}}|", "{{! comment }}ok",
                                                                                                                            "{{#items}}", "{{/x}}", "{{#a}}{{/b}}", "{{name", "", "{{#items}}{{name}} {{/items}}"]].
render(T, Context) -> {Out, []} = render(T, Context, none, true), Out.
render(T, Context, Open, Show) ->
    case string:split(T, "{{") of
        [Text] when Open =:= none -> {kept(Show, Text), []};
        [_] -> throw({unclosed, Open});
        [Text, "{" ++ Rest] -> {Name, R} = tag(Rest, "}}}"), {Out, R1} = render(R, Context, Open, Show), {[kept(Show, Text), kept(Show, text(lookup(Name, Context))), Out], R1};
        [Text, Rest] ->
            {Tag, R} = tag(Rest, "}}"),
            case Tag of
                "!" ++ _ -> {Out, R1} = render(R, Context, Open, Show), {[kept(Show, Text), Out], R1};
                "#" ++ Name -> section(Name, R, Context, Open, Show, Text, contexts(lookup(Name, Context)));
                "^" ++ Name -> section(Name, R, Context, Open, Show, Text, case contexts(lookup(Name, Context)) of [] -> [#{}]; _ -> [] end);
                "/" ++ Open -> {kept(Show, Text), R};
                "/" ++ Name -> throw({unexpected_end, Name});
                Name -> {Out, R1} = render(R, Context, Open, Show), {[kept(Show, Text), kept(Show, escaped(text(lookup(Name, Context)))), Out], R1}
            end
    end.
section(Name, R, Context, Open, Show, Text, Each) ->
    {_, After} = render(R, Context, Name, false),
    Inside = [element(1, render(R, [C | Context], Name, Show)) || C <- Each],
    {Out, R1} = render(After, Context, Open, Show),
    {[kept(Show, Text), Inside, Out], R1}.
tag(T, End) -> case string:split(T, End) of [Tag, R] -> {string:trim(Tag), R}; _ -> throw(open_tag) end.
kept(true, X) -> X;
kept(false, _) -> [].
lookup(_, []) -> undefined;
lookup(Name, [C | Cs]) -> case path(string:split(Name, ".", all), C) of undefined -> lookup(Name, Cs); V -> V end.
path([], V) -> V;
path([K | Ks], M) when is_map(M) -> try maps:get(list_to_existing_atom(K), M) of V -> path(Ks, V) catch error:_ -> undefined end;
path(_, _) -> undefined.
contexts(undefined) -> [];
contexts(false) -> [];
contexts(true) -> [#{}];
contexts(L) when is_list(L) -> L;
contexts(M) -> [M].
text(undefined) -> "";
text(N) when is_integer(N) -> integer_to_list(N);
text(L) -> L.

%% --- differences of lines, by the longest common subsequence

diffs() ->
    A = string:split("a b c d e f g h", " ", all), B = string:split("a x c d f g y z h i", " ", all),
    D = diff(A, B),
    show(diff, D), show(patched, [patch(D, old) =:= A, patch(D, new) =:= B]),
    [begin X = words(S, 40), Y = words(S + 1000, 45), E = diff(X, Y), show({diff, S}, {length([x || {same, _} <- E]), patch(E, old) =:= X, patch(E, new) =:= Y}) end || S <- [1, 2, 3]].
words(Seed, N) -> [lists:nth(erlang:phash2({Seed, I}, 5) + 1, ["a", "b", "c", "d", "e"]) || I <- lists:seq(1, N)].
diff(A, B) ->
    Ta = list_to_tuple(A), Tb = list_to_tuple(B), {N, M} = {tuple_size(Ta), tuple_size(Tb)},
    Table = lists:foldl(fun(I, T) -> lists:foldl(fun(J, T1) -> V = case element(I, Ta) =:= element(J, Tb) of true -> 1 + maps:get({I + 1, J + 1}, T1, 0); false -> max(maps:get({I + 1, J}, T1, 0), maps:get({I, J + 1}, T1, 0)) end, T1#{{I, J} => V} end, T, lists:seq(M, 1, -1)) end, #{}, lists:seq(N, 1, -1)),
    walk(1, 1, Ta, Tb, Table).
walk(I, J, A, B, _) when I > tuple_size(A) -> [{add, element(K, B)} || K <- lists:seq(J, tuple_size(B))];
walk(I, J, A, B, _) when J > tuple_size(B) -> [{remove, element(K, A)} || K <- lists:seq(I, tuple_size(A))];
walk(I, J, A, B, T) when element(I, A) =:= element(J, B) -> [{same, element(I, A)} | walk(I + 1, J + 1, A, B, T)];
walk(I, J, A, B, T) -> case maps:get({I + 1, J}, T, 0) >= maps:get({I, J + 1}, T, 0) of true -> [{remove, element(I, A)} | walk(I + 1, J, A, B, T)]; false -> [{add, element(J, B)} | walk(I, J + 1, A, B, T)] end.
patch(D, old) -> [X || {K, X} <- D, K =/= add];
patch(D, new) -> [X || {K, X} <- D, K =/= remove].

wrapping() ->
    Text = "The quick brown fox jumps over the lazy dog and runs away from the extraordinarily long-winded narrator.",
    [io:format("~ts~n-~n", [lists:join("\n", wrap(string:lexemes(Text, " "), W))]) || W <- [10, 20, 40, 200]],
    io:format("~ts~n", [lists:join("\n", justify(wrap(string:lexemes(Text, " "), 30), 30))]),
    io:format("~ts", [table([["name", "n", "text"], ["ä", "1", "日本"], ["long name", "22222", ""]])]).
wrap([], _) -> [];
wrap([W | Ws], Width) -> wrap(Ws, Width, W).
wrap([], _, Line) -> [Line];
wrap([W | Ws], Width, Line) -> case length(Line) + 1 + length(W) =< Width of true -> wrap(Ws, Width, Line ++ " " ++ W); false -> [Line | wrap(Ws, Width, W)] end.
justify([Last], _) -> [Last];
justify([L | Ls], W) -> [spread(string:lexemes(L, " "), W) | justify(Ls, W)].
spread([One], _) -> One;
spread(Words, W) -> Gaps = length(Words) - 1, Spaces = W - length(lists:append(Words)), lists:append(lists:zipwith(fun(X, I) -> X ++ lists:duplicate(if I > Gaps -> 0; true -> Spaces div Gaps + if I =< Spaces rem Gaps -> 1; true -> 0 end end, $\s) end, Words, lists:seq(1, length(Words)))).
table(Rows) -> Widths = [lists:max([string:length(lists:nth(I, R)) || R <- Rows]) || I <- lists:seq(1, length(hd(Rows)))], [[["| ", string:pad(C, W), " "] || {C, W} <- lists:zip(R, Widths)] ++ ["|\n"] || R <- Rows].

numbers() ->
    show(roman, [{N, roman(N), arabic(roman(N)) =:= N} || N <- [1, 4, 9, 14, 40, 90, 400, 1994, 2026, 3999]]),
    show(all_roman, lists:all(fun(N) -> arabic(roman(N)) =:= N end, lists:seq(1, 3999))),
    show(spelled, [spelled(N) || N <- [0, 7, 13, 20, 42, 100, 101, 999, 1000, 12345, 1000000, 2147483648, -5]]),
    show(grouped, [grouped(N) || N <- [0, 12, 123, 1234, 1234567, -1234567, 1 bsl 70]]),
    show(sizes, [human(N) || N <- [0, 1023, 1024, 1536, 1048576, 5 * 1024 * 1024 * 1024]]),
    show(durations, [duration(S) || S <- [0, 59, 60, 3661, 86400, 90061]]),
    show(bases, [{B, integer_to_list(123456789, B)} || B <- [2, 3, 8, 12, 16, 36]]),
    show(fractions, [fraction(N, D) || {N, D} <- [{1, 3}, {1, 8}, {1, 7}, {22, 7}, {1, 12}, {0, 5}]]).
roman(0) -> "";
roman(N) -> {V, S} = hd([P || {V, _} = P <- romans(), V =< N]), S ++ roman(N - V).
romans() -> [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}].
arabic("") -> 0;
arabic(S) -> {V, P} = hd([X || {_, P} = X <- lists:sort(fun({_, A}, {_, B}) -> length(A) >= length(B) end, romans()), lists:prefix(P, S)]), V + arabic(lists:nthtail(length(P), S)).
spelled(N) when N < 0 -> "minus " ++ spelled(-N);
spelled(N) when N < 20 -> lists:nth(N + 1, string:lexemes("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", " "));
spelled(N) when N < 100 -> T = lists:nth(N div 10 - 1, string:lexemes("twenty thirty forty fifty sixty seventy eighty ninety", " ")), case N rem 10 of 0 -> T; R -> T ++ "-" ++ spelled(R) end;
spelled(N) -> {U, W} = hd([X || {V, _} = X <- [{1000000000, " billion"}, {1000000, " million"}, {1000, " thousand"}, {100, " hundred"}], N >= V]), spelled(N div U) ++ W ++ case N rem U of 0 -> ""; R -> " " ++ spelled(R) end.
grouped(N) when N < 0 -> "-" ++ grouped(-N);
grouped(N) when N < 1000 -> integer_to_list(N);
grouped(N) -> grouped(N div 1000) ++ io_lib:format(",~3..0w", [N rem 1000]) .
human(N) -> human(N, ["B", "K", "M", "G", "T"]).
human(N, [_ | Us]) when N >= 1024, Us =/= [] -> human(N / 1024, Us);
human(N, [U | _]) -> lists:flatten(io_lib:format("~.1f~s", [float(N), U])).
duration(S) -> lists:flatten(io_lib:format("~wd ~2..0w:~2..0w:~2..0w", [S div 86400, S rem 86400 div 3600, S rem 3600 div 60, S rem 60])).
fraction(N, D) -> lists:flatten([integer_to_list(N div D), ".", digits(N rem D * 10, D, #{}, [])]).
digits(0, _, _, Out) -> lists:reverse(Out);
digits(R, D, Seen, Out) -> case Seen of #{R := I} -> {A, B} = lists:split(I, lists:reverse(Out)), A ++ "(" ++ B ++ ")"; _ -> digits(R rem D * 10, D, Seen#{R => length(Out)}, [$0 + R div D | Out]) end.

globs() ->
    show(globs, [{P, [S || S <- ["abc", "a.erl", "ab.erl", "a/b", "", "[x]", "aXc", "abbbc", "日"], glob(P, S)]} || P <- ["*", "a*", "*.erl", "?", "a?c", "[a-b]*", "[!a]*", "a*c", "**", "\\[x]", "", "a[X-Z]c", "[x", "{abc,a.erl}", "*b*b*"]]).
glob([], []) -> true;
glob("*" ++ P, S) -> glob(P, S) orelse (S =/= [] andalso glob([$* | P], tl(S)));
glob("?" ++ P, [_ | S]) -> glob(P, S);
glob([$\\, C | P], [C | S]) -> glob(P, S);
glob("{" ++ P, S) -> case string:split(P, "}") of [Alternatives, Rest] -> lists:any(fun(A) -> glob(A ++ Rest, S) end, string:split(Alternatives, ",", all)); _ -> S =/= [] andalso hd(S) =:= ${ andalso glob(P, tl(S)) end;
glob("[" ++ P, [C | S]) -> case string:split(P, "]") of ["!" ++ Set, Rest] -> not in_set(C, Set) andalso glob(Rest, S); [Set, Rest] -> in_set(C, Set) andalso glob(Rest, S); _ -> C =:= $[ andalso glob(P, S) end;
glob([C | P], [C | S]) -> glob(P, S);
glob(_, _) -> false.
in_set(C, [A, $-, B | T]) -> C >= A andalso C =< B orelse in_set(C, T);
in_set(C, [A | T]) -> C =:= A orelse in_set(C, T);
in_set(_, []) -> false.

distances() ->
    show(levenshtein, [{A, B, levenshtein(A, B)} || {A, B} <- [{"kitten", "sitting"}, {"", "abc"}, {"same", "same"}, {"flaw", "lawn"}, {"größe", "grösse"}]]),
    show(jaro, [{A, B, jaro(A, B)} || {A, B} <- [{"martha", "marhta"}, {"dixon", "dicksonx"}, {"", ""}, {"abc", "xyz"}]]),
    show(suggestions, [hd(lists:sort([{levenshtein(W, K), K} || K <- ["reverse", "append", "foldl", "member", "keyfind", "nthtail"]])) || W <- ["revers", "fodl", "memeber", "keyfnd", "tail"]]),
    show(soundex, [{N, soundex(N)} || N <- ["Robert", "Rupert", "Tymczak", "Pfister", "Honeyman", "A"]]),
    show(anagrams, [lists:sort(G) || G <- lists:sort(maps:values(lists:foldl(fun(W, M) -> maps:update_with(lists:sort(W), fun(L) -> [W | L] end, [W], M) end, #{}, ["listen", "silent", "enlist", "abc", "cab", "x"])))]).
levenshtein(A, B) -> lists:last(lists:foldl(fun(X, [First | _] = Row) -> {New, _} = lists:mapfoldl(fun({Y, Diagonal, Up}, Left) -> V = lists:min([Left + 1, Up + 1, Diagonal + if X =:= Y -> 0; true -> 1 end]), {V, V} end, First + 1, lists:zip3(B, lists:droplast(Row), tl(Row))), [First + 1 | New] end, lists:seq(0, length(B)), A)).
jaro([], []) -> 1.0;
jaro(A, B) ->
    Window = max(length(A), length(B)) div 2 - 1, Ta = list_to_tuple(A), Tb = list_to_tuple(B),
    Matches = lists:foldl(fun(I, M) -> case [J || J <- lists:seq(max(1, I - Window), min(tuple_size(Tb), I + Window)), element(I, Ta) =:= element(J, Tb), not lists:keymember(J, 2, M)] of [J | _] -> [{I, J} | M]; [] -> M end end, [], lists:seq(1, tuple_size(Ta))),
    case length(Matches) of 0 -> 0.0; N -> Ma = [element(I, Ta) || {I, _} <- lists:sort(Matches)], Mb = [element(J, Tb) || {_, J} <- lists:keysort(2, Matches)], T = length([x || {X, Y} <- lists:zip(Ma, Mb), X =/= Y]) / 2, (N / length(A) + N / length(B) + (N - T) / N) / 3 end.
soundex([H | T]) -> lists:sublist([H | codes([C || C <- string:lowercase(T)], code(H + 32))] ++ "000", 4).
codes([], _) -> [];
codes([C | T], Last) -> case code(C) of Last when Last =/= none -> codes(T, Last); none when C =:= $h; C =:= $w -> codes(T, Last); none -> codes(T, none); X -> [X | codes(T, X)] end.
code(C) -> case [V || {S, V} <- [{"bfpv", $1}, {"cgjkqsxz", $2}, {"dt", $3}, {"l", $4}, {"mn", $5}, {"r", $6}], lists:member(C, S)] of [V] -> V; [] -> none end.

soundness() ->
    show(brackets, [{S, balanced(S, [])} || S <- ["([]{})", "([)]", "((", "", "a(b)c]"]]),
    show(palindromes, [S || S <- ["level", "A man, a plan, a canal: Panama", "no", "été"], begin L = [C || C <- string:lowercase(S), string:lowercase([C]) =/= string:uppercase([C])], L =:= lists:reverse(L) end]),
    show(checks, [{I, isbn(I)} || I <- ["0306406152", "0306406153", "080442957X"]]), show(ibans, [iban(I) || I <- ["GB82WEST12345698765432", "GB82WEST12345698765431"]]),
    show(run_length, [{S, rle(S), unrle(rle(S)) =:= S} || S <- ["aaabbc", "", "abc", lists:duplicate(12, $z)]]),
    show(caesar, [[if C >= $a, C =< $z -> (C - $a + 13) rem 26 + $a; true -> C end || C <- "hello, world"]]),
    show(morse, lists:append(lists:join(" ", [maps:get(C, #{$s => "...", $o => "---", $e => ".", $t => "-"}) || C <- "sosete"]))).
balanced([], Open) -> Open =:= [];
balanced([C | T], Open) -> case {lists:keyfind(C, 1, [{$(, $)}, {$[, $]}, {${, $}}]), Open} of {{_, Close}, _} -> balanced(T, [Close | Open]); {false, [C | Rest]} -> balanced(T, Rest); {false, _} -> case lists:member(C, ")]}") of true -> false; false -> balanced(T, Open) end end.
isbn(S) -> lists:sum([if C =:= $X -> 10; true -> C - $0 end * W || {C, W} <- lists:zip(S, lists:seq(10, 1, -1))]) rem 11 =:= 0.
iban(S) -> {A, B} = lists:split(4, S), list_to_integer(lists:append([if C >= $A -> integer_to_list(C - $A + 10); true -> [C] end || C <- B ++ A])) rem 97 =:= 1.
rle([]) -> "";
rle([C | _] = S) -> {Run, Rest} = lists:splitwith(fun(X) -> X =:= C end, S), integer_to_list(length(Run)) ++ [C | rle(Rest)].
unrle("") -> "";
unrle(S) -> {N, [C | R]} = string:to_integer(S), lists:duplicate(N, C) ++ unrle(R).

log_lines() ->
    Lines = ["127.0.0.1 - bob [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326", "10.0.0.9 - - [11/Oct/2000:00:00:01 +0000] \"POST /b HTTP/1.1\" 404 -", "broken line", "::1 - - [29/Feb/2000:23:59:59 +0100] \"GET / HTTP/1.1\" 200 12"],
    show(log, [case re:run(L, "^(\\S+) \\S+ (\\S+) \\[([^\\]]+)\\] \"(\\S+) (\\S+) [^\"]*\" (\\d+) (\\d+|-)$", [{capture, all_but_first, list}]) of {match, [Host, User, Time, Method, Path, Status, Size]} -> {Host, User, seconds(Time), Method, Path, list_to_integer(Status), Size}; nomatch -> nomatch end || L <- Lines]).
seconds(T) ->
    {ok, [D, Mo, Y, H, M, S, Z], []} = io_lib:fread("~d/~3s/~d:~d:~d:~d ~d", T),
    Month = length(string:lexemes(hd(string:split("JanFebMarAprMayJunJulAugSepOctNovDec", Mo)), "")) * 0 + string:str("JanFebMarAprMayJunJulAugSepOctNovDec", Mo) div 3 + 1,
    calendar:datetime_to_gregorian_seconds({{Y, Month, D}, {H, M, S}}) - (Z div 100 * 3600 + Z rem 100 * 60) - 62167219200.

roff() ->
    io:format("~ts~n", [[["  ", L, "\n"] || L <- box(["Title", "some text", "日本"])]]),
    io:format("~ts~n", [tree({root, [{a, [{b, []}, {c, [{d, []}]}]}, {e, []}]})]),
    io:format("~ts~n", [histogram([{x, 3}, {yy, 10}, {zzz, 0}])]).
box(Lines) -> W = lists:max([string:length(L) || L <- Lines]), Edge = ["+", lists:duplicate(W + 2, $-), "+"], [Edge] ++ [["| ", string:pad(L, W, both), " |"] || L <- Lines] ++ [Edge].
tree({N, Kids}) -> [atom_to_list(N), "\n", branches(Kids, "")].
branches([], _) -> [];
branches([{N, Kids}], P) -> [P, "`-- ", atom_to_list(N), "\n", branches(Kids, P ++ "    ")];
branches([{N, Kids} | T], P) -> [P, "|-- ", atom_to_list(N), "\n", branches(Kids, P ++ "|   "), branches(T, P)].
histogram(L) -> [io_lib:format("~-5w|~ts ~w~n", [K, lists:duplicate(V, $#), V]) || {K, V} <- L].
