%% Text files in every encoding: read by lines, characters and terms, written, positions, byte order marks, what cannot be decoded or encoded,
%% encodings that change on the way.
-module(text_files_encoded).
-export([main/0]).

main() ->
    File = "/tmp/hanse_encoded_" ++ os:getpid(),
    try
        [encoding(File, E) || E <- [latin1, utf8, unicode, {utf16, big}, {utf16, little}, {utf32, big}, {utf32, little}, utf16, utf32]],
        [broken(File, E, B) || {E, B} <- broken()],
        marks(File),
        changing(File),
        terms(File),
        refused(File)
    after file:delete(File) end.

show(T) -> io:format("~0p~n", [T]).

text() -> "first line\n\x{e5}\x{e4}\x{f6} second\n\n\x{20ac}\x{1F600} third\r\nlast without end".

encoding(File, E) ->
    {ok, W} = file:open(File, [write, {encoding, E}]),
    Wrote = [catch io:put_chars(W, L) || L <- [string:slice(text(), 0, 22), "\x{20ac}\n", <<"bin\x{e5}\n"/utf8>>]] ++ [catch io:format(W, F, A) || {F, A} <- [{"~ts|~s~n", ["\x{391}", "x"]}, {"~p~n", ["\x{e5}"]}, {"~tp~n", ["\x{400}"]}]],
    ok = file:close(W),
    {ok, Raw} = file:read_file(File),
    show({E, [case R of ok -> ok; {'EXIT', {X, _}} -> X; X -> X end || R <- Wrote], byte_size(Raw), erlang:phash2(Raw)}),
    ok = file:write_file(File, encoded(E)),
    [begin
         {ok, R} = file:open(File, [read, {encoding, E} | Mode]),
         Lines = lines(R),
         show({E, Mode, Lines}),
         {ok, _} = file:position(R, bof),
         show([io:get_chars(R, "", 3), file:position(R, cur), io:get_line(R, ""), file:position(R, cur), file:position(R, {cur, 0}), io:fread(R, "", "~ts"), file:read_line(R), file:read(R, 4), io:getopts(R) =/= []]),
         file:close(R)
     end || Mode <- [[], [binary], [read_ahead], [{read_ahead, 3}, binary]]].

encoded(latin1) -> <<(unicode:characters_to_binary("first line\n\x{e5}\x{e4}\x{f6} second\n", unicode, latin1))/binary>>;
encoded(E) -> unicode:characters_to_binary(text(), unicode, E).

lines(R) -> case io:get_line(R, "") of eof -> [eof]; {error, X} -> [{error, X}]; L -> [L | lines(R)] end.

broken() ->
    [{utf8, <<"ab\n", 255, "cd\n">>}, {utf8, <<"ab", 195>>}, {utf8, <<"ok\n", 16#ED, 16#A0, 16#80, "\n">>}, {utf8, <<16#F8, "x\n">>}, {{utf16, big}, <<0, $a, 16#D8, 0, 0, $b>>}, {{utf16, little}, <<$a, 0, $b>>}, {{utf32, big}, <<0, 0, 0, $a, 0, 16#11, 0, 0>>}, {{utf32, little}, <<1, 2, 3>>}].

broken(File, E, Bytes) ->
    ok = file:write_file(File, Bytes),
    [begin
         {ok, R} = file:open(File, [read, {encoding, E} | Mode]),
         show({E, Bytes, lines(R)}),
         show([file:position(R, bof), io:get_chars(R, "", 1), io:get_chars(R, "", 10), file:read(R, 2), file:close(R)])
     end || Mode <- [[], [binary]]].

marks(File) ->
    [begin
         B = unicode:encoding_to_bom(E),
         ok = file:write_file(File, [B, unicode:characters_to_binary("a\x{e5}\n", unicode, E)]),
         {ok, R} = file:open(File, [read, binary]),
         {ok, Start} = file:read(R, 4),
         {Found, Size} = unicode:bom_to_encoding(Start),
         {ok, Size} = file:position(R, Size),
         Set = io:setopts(R, [{encoding, Found}]),
         show({E, B, Found, Set, lines(R)}),
         file:close(R)
     end || E <- [latin1, utf8, {utf16, big}, {utf16, little}, {utf32, big}, {utf32, little}]].

changing(File) ->
    ok = file:write_file(File, [<<"latin \xe5\n">>, <<"utf8 \x{e5}\n"/utf8>>, <<"end\n">>]),
    {ok, R} = file:open(File, [read]),
    show([io:get_line(R, ""), io:setopts(R, [{encoding, utf8}]), io:get_line(R, ""), io:setopts(R, [{encoding, latin1}, binary]), io:get_line(R, ""), io:getopts(R), io:setopts(R, [{encoding, klingon}]), io:setopts(R, [nonsense]), io:setopts(R, [list]), io:get_line(R, "")]),
    file:close(R).

terms(File) ->
    [begin
         ok = file:write_file(File, B),
         show({B, file:consult(File), epp:read_encoding(File), case file:path_consult(["/nowhere", "/tmp"], filename:basename(File)) of {ok, T, _} -> T; X -> X end, evaluated(fun() -> file:eval(File) end), evaluated(fun() -> file:script(File) end)})
     end || B <- [<<"{a, \"\xc3\xa5\"}.\n">>, <<"%% coding: latin-1\n{a, \"\xe5\"}.\n">>, <<"%% coding: utf-8\n\"\xe2\x82\xac\".\nb.\n">>, <<"\"\xe5\".\n">>, <<"a. b">>, <<"a.\n{b.\n">>, <<"">>, <<"%% coding: nonsense\na.\n">>, <<"X = 1. X + 1.\n">>, <<"1 + .\n">>]].

evaluated(F) -> try F() catch C:_ -> C end.

refused(File) ->
    show([case catch file:open(File, O) of {ok, F} -> file:close(F), ok; X -> X end || O <- [[read, {encoding, bad}], [read, {encoding, 1}], [{encoding, utf8}], [read, raw, {encoding, utf8}], [bad], [read, {read_ahead, -1}], [write, {delayed_write, 10, 10}, {encoding, utf8}], [read, append, {encoding, utf8}]]]).
