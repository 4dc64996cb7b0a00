#!/usr/bin/env escript
%% Writes the seeds of the fuzz targets, tests/fuzz/TARGET/NAME, with stock Erlang: tests/fuzz/seeds.escript [TARGET]...
%% Files named crash-*, slow-* or large-* were found by fuzzing and are left alone.
-mode(compile).

main([]) -> [write(Target, Seeds()) || {Target, Seeds} <- targets()], dictionaries();
main(Names) -> [write(Target, Seeds()) || {Target, Seeds} <- targets(), lists:member(atom_to_list(Target), Names)].

targets() ->
    [{loader, fun loader/0}, {external, fun external/0}, {match_spec, fun match_spec/0}, {bit_syntax, fun bit_syntax/0}, {re, fun re/0},
     {decode_packet, fun decode_packet/0}, {unicode, fun unicode/0}, {bifs, fun bifs/0}, {receiver, fun receiver/0},
     {epmd_request, fun epmd_request/0}, {verifier, fun verifier/0},
     {http_signature, fun http_signature/0}, {directory, fun directory/0}].

write(Target, Seeds) ->
    Folder = filename:join(filename:dirname(escript:script_name()), atom_to_list(Target)),
    [file:delete(F) || F <- filelib:wildcard(filename:join(Folder, "[0-9]*"))],
    lists:foldl(fun(Bytes, N) ->
        File = filename:join(Folder, io_lib:format("~3..0b", [N])),
        ok = filelib:ensure_dir(File),
        ok = file:write_file(File, Bytes),
        N + 1
    end, 1, Seeds).

t(Term) -> term_to_binary(Term).

%% Words that mutations put in, tests/fuzz/TARGET.dict: whole terms, names of chunks.
dictionaries() ->
    Terms = [A || A <- ['$_', '$$', '$1', '$2', '_', const, 'andalso', 'orelse', is_map_key, map_get, element, hd, tl, size, '+', '-', '*', 'div', 'bsl', '==', message, trace,
                        true, false, global, utf8, unicode, latin1, capture, return, scope, trim, ok, undefined, big, little]] ++
            [0, 1, -1, 255, 1 bsl 59, -(1 bsl 59), 1 bsl 64, 1.5, [], {}, <<>>, #{}, "ab", <<1:3>>, {a, b}, #{a => 1}],
    Encoded = [begin <<131, E/binary>> = t(T), E end || T <- Terms],
    dictionary(match_spec, Encoded),
    dictionary(bifs, Encoded),
    dictionary(external, [<<Tag>> || Tag <- lists:seq(68, 120)] ++ [<<255:32>>, <<-1:32>>, <<0, 0, 0, 1>>]),
    dictionary(loader, [<<"AtU8">>, <<"Code">>, <<"StrT">>, <<"ImpT">>, <<"ExpT">>, <<"LitT">>, <<"FunT">>, <<"LocT">>, <<"Line">>, <<"Attr">>, <<"CInf">>, <<"Type">>, <<"Meta">>,
                        <<"FOR1">>, <<"BEAM">>] ++ [<<Op>> || Op <- lists:seq(1, 182)]),
    dictionary(http_signature, [<<"signature-input:">>, <<"signature:">>, <<"content-digest:">>, <<"\"@method\"">>, <<"\"@path\"">>, <<"\"@query-param\"">>, <<";name=\"">>,
                                <<";key=\"">>, <<";bs">>, <<";sf">>, <<";req">>, <<"sha-256=:">>, <<"?1">>, <<";created=">>, <<"\\\"">>, <<"%4">>]),
    dictionary(re, [<<"(?">>, <<"(?<">>, <<"(?(">>, <<"(*">>, <<"[[:">>, <<"\\\\p{">>, <<"\\\\Q">>, <<"\\\\g{">>, <<"{1,">>, <<"(?R)">>, <<"\\\\K">>, <<"(?|">>, <<"(?=">>, <<"*+">>]).

dictionary(Target, Words) ->
    File = filename:join(filename:dirname(escript:script_name()), atom_to_list(Target) ++ ".dict"),
    ok = file:write_file(File, [["\"", [io_lib:format("\\x~2.16.0b", [B]) || <<B>> <= W], "\"\n"] || W <- lists:usort(Words)]).

%% Changes of verifier_guest.erl (src/main/verifier.fuzz.cc): instruction, kind, operand, value.
verifier() ->
    rand:seed(exsss, {1, 2, 3}),
    [<<(rand:uniform(256) - 1), << <<(rand:uniform(2000) - 1):16, (rand:uniform(256) - 1), (rand:uniform(6) - 1), (rand:uniform(2000) - 1):32>>
                                   || _ <- lists:seq(1, 1 + N rem 3) >>/binary>> || N <- lists:seq(1, 60)].

%% --- modules: a few functions each ---
loader() ->
    Sources = [
        "f(X) -> X + 1. g() -> f(2).",
        "f([H|T]) -> [H * 2 | f(T)]; f([]) -> []. g(L) -> length(L) + tuple_size({L}).",
        "f(X) -> try g(X) catch error:E:S -> {E, S}; throw:T -> T after h(X) end. g(X) -> throw(X). h(X) -> (catch X ! X).",
        "f(<<A:8, B/utf8, C:16/little-signed, D:A/bits, R/bits>>) -> {A, B, C, D, R}; f(<<F:64/float, R/binary>>) -> <<F:32/float, 1:3, R/binary>>.",
        "f(#{a := A, b := B} = M) -> M#{a := B, c => A}; f(M) when map_size(M) > 3 -> #{x => M}; f(_) -> #{1 => 2, z => [3]}.",
        "f() -> receive {a, X} -> X; b -> f() after 10 -> timeout end. g() -> receive X -> X end. h(T) -> receive after T -> ok end.",
        "f(X) -> Y = X * 2.5, fun(Z) when Z > Y -> Z - Y; (_) -> fun g/1 end. g(F) -> F(1). h(M) -> fun M:h/1.",
        "f(a) -> 1; f(b) -> 2; f(c) -> 3; f({x, Y}) -> Y; f(100) -> 4; f(200) -> 5; f(300000000000000000000) -> 6; f(1.5) -> 7; f(_) -> 8.",
        "-record(r, {a = 1, b}). f(#r{a = A} = R) -> R#r{b = A}. g(T) -> setelement(2, T, element(1, T)). h() -> {\"literal\", <<\"bytes\">>, [{a, 1.0}]}.",
        "-on_load(f/0). f() -> ok. g(M, F, A) -> apply(M, F, A). h(X) -> erlang:apply(X, [1]). i() -> [X || X <- [1, 2, 3], X > 1].",
        "f(X, Y) when is_integer(X), X > Y; is_atom(Y) -> X band Y bsl 3 bor (X bsr 1) bxor bnot Y; f(X, _) -> X div 2 rem 3 / 4 - 1.",
        "f(X) -> case X of {ok, [A, B | C]} when A =:= B -> C; {error, _} = E -> E; true -> maybe_x(X) end. maybe_x(X) -> erlang:error(X). g(X) -> << <<Y:4>> || <<Y:8>> <= X >>."],
    Modules = [compile(N, Source, Options) || {N, Source} <- lists:zip(lists:seq(1, length(Sources)), Sources), Options <- [[], [no_type_opt, r22]]],
    Stripped = [begin {ok, {_, S}} = beam_lib:strip(M), S end || M <- Modules],
    Plain = [iolist_to_binary(zlib_free(M)) || M <- Stripped],
    Plain ++ lists:sublist(Modules, 4).

%% Modules of the compiler with few chunks, not compressed.
zlib_free(Module) ->
    {ok, _, Chunks} = beam_lib:all_chunks(Module),
    {ok, Bytes} = beam_lib:build_module([{Id, Data} || {Id, Data} <- Chunks, not lists:member(Id, ["Attr", "CInf", "Docs", "Dbgi", "Meta"])]),
    Bytes.

compile(N, Source, Options) ->
    Text = io_lib:format("-module(m~b). -compile([export_all, nowarn_export_all]). ~s", [N, Source]),
    {ok, Tokens, _} = erl_scan:string(lists:flatten(Text)),
    {ok, _, Bytes} = compile:forms([form(F) || F <- split(Tokens)], [binary | Options]),
    Bytes.

split([]) -> [];
split(Tokens) ->
    {Form, [Dot | Rest]} = lists:splitwith(fun({dot, _}) -> false; (_) -> true end, Tokens),
    [Form ++ [Dot] | split(Rest)].

form(Tokens) -> {ok, Form} = erl_parse:parse_form(Tokens), Form.

%% --- terms ---
terms() ->
    [a, 'åäö', '', 0, 255, -1, 1 bsl 27, -(1 bsl 59), 1 bsl 64, -(1 bsl 2000), 1.5, -0.0, 1.0e308, [], [1, 2, 3], "text", [a | b], {}, {1, {2}},
     list_to_tuple(lists:duplicate(300, x)), <<>>, <<1, 2, 3>>, <<5:3>>, binary:copy(<<"large">>, 30), #{}, #{a => 1, 2 => []},
     maps:from_list([{N, N} || N <- lists:seq(1, 40)]), self(), make_ref(), fun lists:map/2, [{key, [1, 2.0, <<"v">>]}, #{x => {y}}],
     lists:duplicate(20, {same, "things"})].

external() ->
    [t(T) || T <- terms()] ++ [term_to_binary(T, [compressed]) || T <- [lists:seq(1, 500), lists:duplicate(400, aa)]] ++
        [term_to_binary(T, [{minor_version, 0}]) || T <- [1.5, 'å', self()]] ++
        [<<131, 103, 100, 0, 3, "a@b", 1:32, 2:32, 1>>, <<131, 101, 100, 0, 3, "a@b", 1:32, 2>>, <<131, 114, 0, 2, 100, 0, 3, "a@b", 1, 1:32, 2:32>>,
         <<131, 120, 119, 3, "a@b", 1:64, 7:32>>, <<131, 88, 119, 3, "a@b", 1:32, 2:32, 7:32>>, <<131, 90, 0, 3, 119, 3, "a@b", 7:32, 1:32, 2:32, 3:32>>,
         <<131, 99, (list_to_binary(io_lib:format("~.20e", [1.5])))/binary, 0:40>>, <<131, 113, 119, 5, "lists", 119, 3, "map", 97, 2>>,
         <<131, 112, 0, 0, 0, 50, 1, 0:128, 0:32, 0:32, 119, 1, "m", 97, 0, 98, 1:32, 88, 119, 3, "a@b", 1:32, 2:32, 7:32>>].

%% --- match specifications: of tables, and of traces ---
match_spec() ->
    Objects = [{a, 1}, {b, 2.0, "x"}, {{k, 1}, #{v => 1}, [x, y | z]}, [1, 2, 3], [a, {b}], [], {}, {3, <<1, 2>>, self()}],
    [t({Spec, Objects}) || Spec <- [
        [{'_', [], ['$_']}], [{{'$1', '$2'}, [], ['$$']}], [{{'$1', '$2'}, [{'>', '$2', 1}, {is_atom, '$1'}], [{{'$2', '$1'}}]}],
        [{{a, '_'}, [], [true]}, {{'$1', '$1'}, [], [same]}, {'$1', [], [{element, 1, '$1'}]}],
        [{{{k, '$1'}, '_', '_'}, [{'=:=', '$1', 1}], [[{hd, "abc"} | '$_']]}], [{{'$1', #{v => '$2'}, ['$3' | '$4']}, [], [#{'$1' => {'+', '$2', 1.5}}]}],
        [{'_', [{'andalso', {is_tuple, '$_'}, {'orelse', {'==', {tuple_size, '$_'}, 2}, false}}], [{{{size, '$_'}, {const, {x}}}}]}],
        [{'$1', [{'not', {is_list, '$1'}}, {'xor', true, false}], [{'bsl', 1, 70}, {'div', 7, 0}, {'rem', 5, 3}, {abs, -1}]}],
        [{['$1', '$2' | '_'], [], [{message, {{'$1', '$2'}}}, {return_trace}, {exception_trace}, {silent, true}, {caller}]}],
        [{'_', [{is_seq_trace}, {'=:=', {get_tcw}, 0}], [{set_tcw, 5}, {enable_trace, call}, {disable_trace, all}, {trace, [call], [send]}, {process_dump}]}],
        [{{'$1', '$2'}, [{is_map_key, a, #{a => '$1'}}, {'<', {map_get, a, #{a => 1}}, {map_size, #{}}}], [{binary_part, <<"abc">>, 0, 2}, {self}, {node}]}],
        [{{'$100', '$3'}, [{'or', {is_record, '$_', a, 2}, {is_function, '$3', 1}}], [{length, [a, '$3']}, {round, 1.5}, {float, '$3'}, {ceil, 0.1}]}],
        [{{'$1', '_', '$1'}, [{'=/=', '$1', {{}}}], ['$1']}], [{'$1', [], [{'byte_size', <<1, 2>>}, {bit_size, <<1:3>>}, {'max', 1, 2}]}],
        [], foo, [{a}], [{'_', [x | y], [z]}], [{'_', [], []}], [{{'$1'}, [], ['$2']}]]].

%% --- bits: three bits of shift, then segments as tests/fuzz/bit_syntax_guest.erl reads them ---
bit_syntax() ->
    Integer = fun(Op, Size, Value, Bytes) -> <<Op:5, Size:11, Bytes:5, Value:Bytes/signed-unit:8>> end,
    Chars = [<<Op:5, C:21>> || Op <- lists:seq(20, 24), C <- [$a, 16#e5, 16#20ac, 16#10ffff]],
    Floats = [<<Op:5, K:3, V/binary>> || Op <- [12, 15, 18], {K, V} <- [{0, <<0:48, 1.5:16/float>>}, {1, <<0:32, 2.5:32/float>>}, {2, <<3.25:64/float>>}]],
    Data = [<<Op:5, Size:11, 16#abcdef0123456789:Size>> || Op <- lists:seq(25, 31), Size <- [0, 1, 8, 13, 64, 200]],
    Integers = [Integer(Op, Size, V, B) || Op <- lists:seq(0, 11), {Size, V, B} <- [{0, 1, 1}, {7, -3, 1}, {8, 255, 2}, {64, -1, 8}, {65, 1 bsl 64, 9}, {700, -(1 bsl 80), 12}]],
    [padded([<<Shift:3>>, All]) || Shift <- [0, 1, 5], All <- [Chars, Floats, Data] ++ by(6, Integers)] ++ [<<"some text, and a ", 255, 0, 16#80>>].

by(_, []) -> [];
by(N, List) when length(List) =< N -> [List];
by(N, List) -> {First, Rest} = lists:split(N, List), [First | by(N, Rest)].

padded(Parts) ->
    Bits = << <<B/bits>> || B <- lists:flatten(Parts) >>,
    Pad = (8 - bit_size(Bits) rem 8) rem 8,
    <<Bits/bits, 0:Pad>>.

%% --- regular expressions ---
re() ->
    Patterns = ["a|b", "(a+)+b", "^(\\w+)\\s*=\\s*(.*)$", "[[:alpha:]_-]{2,5}", "(?<year>\\d{4})-(?<month>\\d\\d)", "(?i)ABC(?-i)d", "\\x{20ac}|\\N{U+e5}", "(?:(?=a)|(?!b)|(?<=c)|(?<!d))x",
        "(?>a*)b++c*?", "\\bfoo\\B|\\Aq\\z\\Z\\G", "(a)(?1)(?R)?\\1\\g{-1}", "(?(1)a|b)", "\\p{Lu}\\P{L}\\X\\R\\h\\v\\K.", "(*UTF8)(*UCP)å", "(?#comment)a # x", "[^]a-z\\d\\]]", "\\Qa.b\\E", "a{,3}b{2,}c{1,1000}", "(", "[", "\\", "(?P<n>a)(?P=n)(?P>n)", "(*ACCEPT)(*F)(*COMMIT)", "\\c[\\e\\f\\0\\101\\o{12}"],
    Raw = [<<Options:32, (length(P)), (unicode:characters_to_binary(P))/binary, "foo = bar, 2024-05 aaab abcd ABCD ", 16#e2, 16#82, 16#ac, "\r\nb">> || P <- Patterns, Options <- [0, 16#3fffff, 16#08400001, 16#4c2104c4]],
    Raw ++ [t({re, F, A}) || {F, A} <- [
        {run, ["subject", "s(u)b", [{capture, [0, 1, 'name', "other"], list}, global]]}, {run, [<<"ab">>, "b", [{offset, 1}, notbol, {newline, any}]]},
        {run, [["a" | <<"b">>], {re_pattern, 1, 0, 0, <<"junk">>}, []]}, {compile, ["å", [unicode, {newline, crlf}, bsr_unicode]]},
        {replace, ["abc", "(b)", "[\\1&]", [global, {return, list}]]}, {split, ["a,b,c", ",", [{parts, 2}, trim, group]]},
        {inspect, [{re_pattern, 1, 0, 0, <<>>}, namelist]}, {internal_run, ["a", "a", [], true]}, {run, ["x", "x", [{match_limit, 5}, {match_limit_recursion, 1}, report_errors, {capture, none}]]}]].

%% --- packets ---
decode_packet() ->
    Http = [<<"GET /index.html?x=1 HTTP/1.1\r\nHost: a\r\nX-Y: b\r\n c\r\n\r\n">>, <<"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n">>, <<"POST http://u@h:80/p HTTP/1.1\n">>,
            <<"CONNECT a:443 HTTP/1.1\r\n">>, <<"OPTIONS * HTTP/1.1\r\n">>, <<"Cookie: a=b; c\r\nx">>, <<"GET coap://x/y HTTP/9.99\r\n">>],
    [<<T, O, H/binary>> || T <- lists:seq(11, 14), O <- [0, 2, 200], H <- Http] ++
        [<<0, 0, "raw">>, <<2, 0, 3, "abcd">>, <<3, 0, 3:16, "abcd">>, <<4, 1, 3:32, "abcd">>, <<5, 0, 16#30, 16#82, 0, 4, 1, 2, 3, 4>>, <<5, 0, 16#3f, 16#81, 1, 2, 5, 6>>,
         <<6, 0, 16#80000004:32, "abcd", 4:32>>, <<7, 0, "GIOP", 1, 2, 0, 0, 4:32, "abcd">>, <<8, 0, 1, 6, 1:16, 4:16, 2, 0, "abcdpp">>, <<9, 0, 3, 0, 8:16, "abcd">>,
         <<10, 2, "line\r\nother\n">>, <<10, 4, "a", 4, "b", 4>>, <<15, 0, 22, 3, 1, 4:16, "abcd">>, <<15, 0, 16#80, 46, 1, 3, 1, "0123456789">>] ++
        [t({erlang, decode_packet, A}) || A <- [[line, <<"a\n">>, [{line_length, 3}, {line_delimiter, 0}]], [4, <<5:32, "a">>, [{packet_size, 4}]], [http, <<"x">>, foo], [{}, [], []], [raw, <<1:3>>, []]]].

%% --- text ---
unicode() ->
    Texts = [<<"plain">>, unicode:characters_to_binary("åäö€𝄞"), <<16#e2, 16#82, 255, 16#ac, 0, 255, "x">>, <<16#c3>>, <<16#f0, 16#90, 255, 16#80, 255, 16#80>>, <<"e", 16#cc, 16#81, 16#ea, 16#b0, 16#80>>, <<16#ed, 16#a0, 16#80>>,
             unicode:characters_to_binary("x𝄞", unicode, utf16), <<"a", 255, 0, 32, 16#ac, 255, "b", 255>>, <<16#ff>>],
    [<<F, E, T/binary>> || {F, E} <- [{0, 0}, {0, 16#10}, {1, 16#1d}, {1, 16#c1}, {2, 0}, {3, 0}], T <- Texts] ++
        [t({unicode, F, A}) || {F, A} <- [{characters_to_binary, [[<<"a">>, [16#20ac | <<"b">>]], utf8, {utf16, little}]}, {characters_to_list, [[1 bsl 30, -1, a], unicode]},
            {bom_to_encoding, [<<16#fe, 16#ff, 0>>]}, {encoding_to_bom, [utf32]}, {bin_is_7bit, [<<"a", 200>>]}, {characters_to_nfd_list, ["å"]}]].

%% --- built-in functions: those that no process and no machine changes ---
bifs() ->
    Calls = [{erlang, F, A} || {F, A} <- [
        {'+', [1, 1 bsl 80]}, {'*', [1 bsl 70, -(1 bsl 90)]}, {'div', [1 bsl 100, 7]}, {'rem', [-(1 bsl 100), 1 bsl 61]}, {'bsl', [3, 70]}, {'bsr', [-(1 bsl 90), 65]}, {'band', [-1, 1 bsl 66]}, {'bxor', [1 bsl 64, -5]},
        {'/', [1 bsl 500, 3]}, {abs, [-(1 bsl 59)]}, {round, [2.5e30]}, {trunc, [-1.0e20]}, {float, [1 bsl 1000]}, {list_to_integer, ["-123456789012345678901234567890"]}, {list_to_integer, ["zz", 36]}, {integer_to_list, [1 bsl 300, 7]},
        {binary_to_integer, [<<"FFFF">>, 16]}, {float_to_list, [1.5, [{decimals, 20}, compact]]}, {float_to_binary, [1.0e22, [short]]}, {list_to_float, ["1.5e10"]}, {binary_to_float, [<<"1.0">>]},
        {'++', [[1, 2], [3 | 4]]}, {'--', [[1, 2, 3, 2], [2]]}, {length, [[1, 2]]}, {list_to_tuple, [[a, b]]}, {make_tuple, [5, x, [{2, y}]]}, {setelement, [1, {a}, b]}, {insert_element, [2, {a}, b]}, {delete_element, [1, {a, b}]}, {append_element, [{}, x]},
        {list_to_binary, [[1, <<2>>, [3]]]}, {list_to_bitstring, [[<<1:3>>, 5]]}, {iolist_size, [[<<1>>, 2]]}, {split_binary, [<<1, 2, 3>>, 1]}, {binary_part, [<<1, 2, 3>>, 3, -2]}, {binary_to_list, [<<1, 2, 3>>, 2, 3]}, {bitstring_to_list, [<<1, 2:3>>]},
        {term_to_binary, [{a, "b"}, [compressed, {minor_version, 1}]]}, {binary_to_term, [t([a, {1}]), [safe, used]]}, {external_size, [#{a => 1}]}, {term_to_iovec, [[<<0:8000>>, a]]}, {phash2, [{a, #{1 => 2}}, 1000]}, {phash, [[a, 1.5], 77]}, {md5, [["a", <<"b">>]]}, {crc32, [7, "abc"]}, {adler32, [<<"abc">>]}, {crc32_combine, [1, 2, 3]}, {adler32_combine, [1, 2, 3]},
        {decode_packet, [line, <<"a\nb">>, []]}, {is_map_key, [a, #{a => 1}]}, {map_get, [a, #{a => 1}]}, {'<', [{1, a}, [1]]}, {'==', [1, 1.0]}, {iolist_to_iovec, [[<<1>>, [2]]]}, {list_to_atom, ["lists"]}, {binary_to_existing_atom, [<<"ok">>, utf8]}, {atom_to_list, [ok]},
        {fun_info, [fun lists:map/2, arity]}, {make_fun, [lists, map, 2]}, {localtime_to_universaltime, [{{2020, 2, 29}, {1, 2, 3}}, true]}, {universaltime_to_posixtime, [{{2020, 2, 29}, {1, 2, 3}}]}, {posixtime_to_universaltime, [1 bsl 32]}, {convert_time_unit, [1 bsl 62, native, 7]}]] ++
        [{maps, F, A} || {F, A} <- [{from_list, [[{a, 1}, {b, 2}]]}, {merge, [#{a => 1}, maps:from_list([{N, N} || N <- lists:seq(1, 40)])]}, {remove, [a, #{a => 1}]}, {put, [x, 1, #{}]}, {take, [a, #{a => 2}]}, {keys, [#{1 => 2}]}, {from_keys, [[a, b, a], 1]}, {update, [a, 2, #{a => 1}]}, {next, [[0 | #{a => 1}]]}]] ++
        [{lists, F, A} || {F, A} <- [{reverse, [[1, 2], tail]}, {member, [1.0, [1, 2]]}, {keyfind, [a, 1, [{b, 1}, {a, 2}]]}, {keymember, [1, 2, [x, {1}, {a, 1}]]}, {keysearch, [z, 1, []]}]] ++
        [{binary, F, A} || {F, A} <- [{match, [<<"abcabc">>, [<<"bc">>, <<"ca">>], [{scope, {1, 4}}]]}, {matches, [<<"aaaa">>, <<"aa">>]}, {split, [<<"a,b,c">>, <<",">>, [global, trim]]}, {longest_common_prefix, [[<<"abc">>, <<"abd">>]]}, {longest_common_suffix, [[<<"xbc">>, <<"abc">>]]},
            {part, [<<1, 2, 3>>, {1, 2}]}, {copy, [<<1, 2>>, 3]}, {encode_unsigned, [1 bsl 70, little]}, {decode_unsigned, [<<1, 2, 3, 4, 5, 6, 7, 8, 9>>]}, {at, [<<1>>, 0]}, {first, [<<1>>]}, {last, [<<1>>]}, {bin_to_list, [<<1, 2>>, {0, 1}]}, {compile_pattern, [[<<"a">>, <<"b">>]]}, {referenced_byte_size, [<<1>>]}]] ++
        [{math, F, A} || {F, A} <- [{sqrt, [2]}, {pow, [2, 0.5]}, {log, [0]}, {exp, [1000]}, {atan2, [1, -1.0]}, {fmod, [5, 0.3]}, {floor, [1 bsl 200]}]] ++
        [{string, to_integer, ["12 rest"]}, {string, to_float, ["1.5rest"]}, {string, list_to_integer, ["5"]}, {erts_internal, map_to_tuple_keys, [#{a => 1}]}, {erts_debug, flat_size, [[a, {b}]]}, {erts_debug, size, [[a, "shared"]]}, {erts_internal, cmp_term, [1, 1.0]},
         {ets, match_spec_compile, [[{'_', [], ['$_']}]]}, {ets, is_compiled_ms, [x]}, {re, version, []}, {unicode, characters_to_list, [[<<"a">>], utf8]}],
    [t(Call) || Call <- Calls].

%% --- frames of another node: a byte that chooses the flags, then each frame after its length ---
receiver() ->
    Pid = fun(N) -> <<88, 119, 3, "a@b", N:32, 0:32, 7:32>> end,
    Own = <<88, 119, 13, "nonode@nohost", 0:32, 0:32, 0:32>>,
    Ref = <<90, 0, 3, 119, 3, "a@b", 7:32, 1:32, 2:32, 3:32>>,
    Tuple = fun(Parts) -> iolist_to_binary([104, length(Parts) | Parts]) end,
    I = fun(N) -> <<97, N>> end,
    Atom = fun(A) -> <<119, (byte_size(A)), A/binary>> end,
    Plain = fun(Control) -> <<112, 131, (Tuple(Control))/binary>> end,
    With = fun(Control, Payload) -> <<112, 131, (Tuple(Control))/binary, 131, Payload/binary>> end,
    Frames = [Plain([I(1), Pid(1), Own]), With([I(2), Atom(<<>>), Own], Atom(<<"hello">>)), Plain([I(3), Pid(1), Own, Atom(<<"kill">>)]), Plain([I(4), Pid(1), Own]), With([I(6), Pid(1), Atom(<<>>), Atom(<<"init">>)], <<104, 0>>),
              Plain([I(7), Pid(1), Own]), Plain([I(8), Pid(1), Own, Atom(<<"normal">>)]), Plain([I(19), Pid(1), Own, Ref]), Plain([I(19), Pid(1), Atom(<<"init">>), Ref]), Plain([I(20), Pid(1), Own, Ref]), Plain([I(21), Own, Pid(1), Ref, Atom(<<"x">>)]),
              With([I(22), Pid(1), Own], <<106>>), With([I(24), Pid(1), Own], Atom(<<"r">>)), With([I(26), Pid(1), Own], <<97, 1>>), With([I(28), Pid(1), Own, Ref], <<109, 0, 0, 0, 2, 1, 2>>),
              With([I(29), Ref, Pid(1), Pid(2), Tuple([Atom(<<"lists">>), Atom(<<"seq">>), I(2)]), <<106>>], <<108, 0, 0, 0, 2, 97, 1, 97, 2, 106>>), Plain([I(31), Ref, Own, I(0), Pid(1)]), With([I(33), Pid(1), <<90, 0, 3, 119, 13, "nonode@nohost", 0:32, 1:32, 2:32, 3:32>>], <<97, 5>>), Plain([I(35), <<110, 1, 0, 5>>, Pid(1), Own]), Plain([I(36), <<110, 1, 0, 5>>, Own, Pid(1)])],
    Header = [<<131, 68, 1, 8, 0, 4, "init", 104, 4, 97, 6, (Pid(1))/binary, 119, 0, 82, 0, 82, 0>>, <<131, 68, 0, 104, 3, 97, 1, (Pid(1))/binary, Own/binary>>, <<131, 69, 5:64, 2:64, 0, 104, 3, 97, 22, (Pid(1))/binary, Own/binary>>, <<131, 70, 5:64, 1:64, 109, 0, 0, 0, 1, 7>>],
    Framed = fun(List) -> iolist_to_binary([[<<(byte_size(F)):16>>, F] || F <- List]) end,
    [<<2, (Framed([F]))/binary>> || F <- Frames] ++ [<<2, (Framed(Frames))/binary>>, <<0, (Framed(Header))/binary>>] ++ [<<0, (Framed([F]))/binary>> || F <- Header] ++ [<<1, (Framed(lists:nthtail(2, Header)))/binary>>].

epmd_request() ->
    Request = fun(Bytes) -> <<(byte_size(Bytes)):16, Bytes/binary>> end,
    Alive = fun(Name, Extra) -> Request(<<"x", 4000:16, 77, 0, 6:16, 5:16, (byte_size(Name)):16, Name/binary, (byte_size(Extra)):16, Extra/binary>>) end,
    Piece = fun(Client, Bytes) -> <<Client, (byte_size(Bytes)), Bytes/binary>> end,
    Requests = [Alive(<<"foo">>, <<>>), Alive(<<"bar">>, <<"more">>), Alive(<<"å"/utf8>>, <<>>), Alive(<<>>, <<>>), Request(<<"zfoo">>), Request(<<"n">>), Request(<<"d">>), Request(<<"k">>), Request(<<"sfoo">>), <<0, 0>>, <<255, 255, "x">>, <<0, 1, "n", 0>>],
    [Piece(0, R) || R <- Requests] ++
        [iolist_to_binary([Piece(N rem 8, R) || {N, R} <- lists:zip(lists:seq(0, length(Requests) - 1), Requests)] ++ [<<16#f0, 0>>, Piece(1, <<"z">>), Piece(2, Request(<<"zbar">>))]),
         iolist_to_binary([Piece(3, <<B>>) || <<B>> <= Alive(<<"foo">>, <<"x">>)] ++ [Piece(4, Request(<<"zfoo">>)), Piece(5, Request(<<"sfoo">>))])].

%% Registrations of several keys in the directory of src/gateway/directory.fuzz.cc: name, space, body.
directory() ->
    One = fun(Action, Text) -> <<Action, (byte_size(Text)):16, Text/binary>> end,
    Body = fun(More) -> <<"weather@oslo {\"key\":KEY,", More/binary, "}">> end,
    Texts = [Body(More) || More <- [<<"\"url\":\"https://host:80/x\"">>, <<"\"relay\":true">>, <<"\"url\":\"http://h/\",\"functions\":[\"weather:today/1\",\"a:b/0\"]">>,
                                    <<"\"url\":\"http://h/\",\"note\":\"<script>\\u00e4</script>\",\"ttl\":5">>, <<"\"url\":\"javascript:x\",\"ttl\":1e3">>]]
            ++ [<<"x {}">>, <<"-x {\"key\":KEY,\"url\":\"http://h/\"}">>, <<"y {\"key\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}}">>],
    [One(N * 17 rem 64, T) || {N, T} <- lists:zip(lists:seq(0, length(Texts) - 1), Texts)]
        ++ [iolist_to_binary([One(Action, T) || Action <- [0, 1, 33, 22], T <- Texts])].

%% Requests with a signature: method and target, fields, an empty line, a body. The keys are those of src/gateway/http_signature.fuzz.cc.
http_signature() ->
    Digest = "content-digest:sha-256=:" ++ binary_to_list(base64:encode(crypto:hash(sha256, <<"[1]">>))) ++ ":\n",
    Input = fun(Covered, Parameters) -> "signature-input:sig1=" ++ Covered ++ ";created=1618884473" ++ Parameters ++ "\n" end,
    Usual = ";keyid=\"test-key\";alg=\"ed25519\";nonce=\"0123456789abcdef\";tag=\"hanse:x\"",
    Signature = "signature:sig1=:" ++ binary_to_list(base64:encode(binary:copy(<<7>>, 64))) ++ ":\n",
    Requests =
        ["PUT /apply/m/f\n" ++ Digest ++ Input("(\"@method\" \"@path\" \"content-digest\")", Usual) ++ Signature ++ "\n[1]",
         "POST /foo?param=Value&Pet=dog\ndate:Tue, 20 Apr 2021 02:07:55 GMT\ncontent-type:application/json\n" ++
             Input("(\"date\" \"@method\" \"@target-uri\" \"@query-param\";name=\"Pet\" \"@query\" \"@authority\" \"@scheme\")", Usual) ++ Signature ++ "\n{\"x25519\": \"AA\"}",
         "GET /%41/%c3%a4?a=b+c\nx:a=(1 2.5 tok \"s\\\"\";p=?0);q, b=:AAE=:, c\n" ++ Input("(\"x\";key=\"a\" \"x\";bs)", ";expires=1618884500" ++ Usual) ++ Signature ++ "\n",
         "GET https://[::1]:443/x\nsignature-input:sig1=()\nsignature:sig1=::\n\nhttps://host:1/p"],
    [list_to_binary(Request) || Request <- Requests].
