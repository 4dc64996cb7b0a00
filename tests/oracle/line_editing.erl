%% edlin: keys of all kinds, one after the other; what the line becomes, what the terminal is told to do, and completion.
-module(line_editing).
-export([main/0]).

main() ->
    [keys(K) || K <- lines()],
    [expanded(S) || S <- ["lists:rev", "lists:", "erlang:is_bi", "li", "nosuchmodule:", "X = maps:fr", "", "lists:reverse(", "binary:mat", "calendar:day_of_the_w"]],
    rand:seed(exsss, 11),
    Random = [begin
                  Keys = [key() || _ <- lists:seq(1, 60)],
                  {Line, Requests} = edit(lists:flatten(Keys)),
                  io:format("~0tp ~w~n", [Line, erlang:phash2(Requests)])
              end || _ <- lists:seq(1, 40)],
    io:format("~w~n", [length(Random)]),
    kill_buffers().

lines() ->
    ["hello\n", "helo\b\blo\n", "abc\^B\^BX\n", "abc\^AX\^EY\n", "one two three\eb\ebX\n", "one two\^A\ef\ef!\n", "one two\^W\n", "one two\^U\n", "abc\^A\^D\n", "abc\^A\^K\^Y\^Y\n", "ab\^T\n", "one two\ed\n", "one two\^A\ed\n",
     "(a)\n", "[{x}]\n", "a)b\n", "\e[Dx\n", "abc\e[D\e[Dx\n", "abc\e[D\e[Cx\n", "abc\e[H0\e[F9\n", "abc\e[1~0\e[4~9\n", "abc\e[D\e[3~\n", "abc\eOD\eODx\n", "abc\e[1;5Dx\n", "a b c\e[1;5D\e[1;5Dx\n", "one two\e\x{7f}x\n", "one two\^Ht\n",
     "\x{e5}\x{e4}\x{f6}\^B\^Bx\n", "\x{1F600}a\^B\^B\^D\n", "e\x{301}o\^B\^B\^D\n", "abc\et\n", "one two\et\n", "abc\^L\n", "tab\there\n", "abc\e[Zx\n", "x\^Qy\n", "abc\^]\n", "two\nlines\n", "abc"].

edit(Keys) ->
    {more_chars, Cont, Rs} = edlin:start("> "),
    edit(Keys, Cont, [Rs]).

edit([], Cont, Rs) -> {{open, catch edlin:current_line(Cont)}, lists:reverse(Rs)};
edit(Keys, Cont, Rs) ->
    case catch edlin:edit_line(Keys, Cont) of
        {done, Line, Rest, R} -> {{Line, Rest}, lists:reverse([R | Rs])};
        {more_chars, Cont2, R} -> edit([], Cont2, [R | Rs]);
        {blink, Rest, Cont2, R} -> edit(Rest, Cont2, [blink, R | Rs]);
        {undefined, What, Rest, Cont2, R} -> edit(Rest, Cont2, [{undefined, What}, R | Rs]);
        {'EXIT', {E, _}} -> {{crashed, E}, lists:reverse(Rs)};
        Other -> {{other, element(1, Other), if is_tuple(Other), tuple_size(Other) > 3 -> element(2, Other); true -> none end}, lists:reverse(Rs)}
    end.

keys(Keys) -> {Line, Rs} = edit(Keys), io:format("~0tp~n  ~0tp~n  ~0tp~n", [Keys, Line, Rs]).

key() ->
    lists:nth(rand:uniform(26), ["a", "b c", "(", ")", "[", "]", "\x{e5}", "\x{20ac}", " ", "word ", "\^A", "\^E", "\^B", "\^F", "\^D", "\b", "\^K", "\^Y", "\^T", "\^W", "\eb", "\ef", "\ed", "\et", "\e[D", "\e[C"]).

expanded(S) ->
    {Found, Add, List} = edlin_expand:expand(lists:reverse(S)),
    io:format("~0p ~w ~0p ~w~n", [S, Found, Add, erlang:phash2(List)]),
    [io:format("~ts~n", [edlin_expand:format_matches(List)]) || length(List) < 8, List =/= []].

%% What was cut stays for the next line of the same process.
kill_buffers() ->
    Cut = edit("first second\^W\n"),
    Again = edit("x\^Y\n"),
    io:format("~0tp~n~0tp~n", [element(1, Cut), element(1, Again)]),
    io:format("~0p~n", [[edlin:init(), element(1, edit("\^Y\n")), edlin:length_before(element(2, edlin:start("abc"))), edlin:length_after(element(2, edlin:start("abc"))), edlin:prompt(element(2, edlin:start("abc")))]]),
    io:format("~0p~n", [[edlin:erase_line(element(2, edlin:start("p> "))), edlin:redraw_line(element(2, edlin:start("p> "))), edlin:erase_inp(element(2, edlin:start("p> ")))]]).
