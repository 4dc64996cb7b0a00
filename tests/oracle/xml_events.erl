%% xmerl_sax_parser: events of documents and of parts of them, all options, entities, namespaces, encodings, pieces from a continuation; what is no
%% well-formed document; xpath over the trees that xmerl_scan makes of the same.
-module(xml_events).
-export([main/0]).

main() ->
    [events(D) || D <- documents()],
    [events(D) || D <- wrong()],
    pieces(),
    encodings(),
    stopped(),
    paths().

show(T) -> io:format("~0tp~n", [T]).

documents() ->
    ["<a/>", "<?xml version=\"1.0\"?><a b=\"1\" c='2'>text</a>", "<a xmlns=\"urn:x\" xmlns:p=\"urn:p\"><p:b p:c=\"1\" d=\"2\"/></a>", "<a>&lt;&amp;&#65;&#x20AC;&quot;</a>", "<a><![CDATA[<raw>&amp;]]></a>", "<a><!-- comment --><?pi some data?></a>",
     "<!DOCTYPE a [<!ELEMENT a (#PCDATA)><!ENTITY e \"value\"><!ATTLIST a x CDATA \"default\"><!NOTATION n SYSTEM \"s\">]><a>&e;</a>", "<a> \n\t <b> </b></a>", "<a>\r\nline\rend</a>", "<a b=' x  y\n z '/>", "<\x{e5}\x{e4}>\x{20ac}</\x{e5}\x{e4}>", "<a.b-c_d:e xmlns:a.b-c_d='u'/>",
     "<a><b><c><d>deep</d></c></b></a>", "<!DOCTYPE a [<!ENTITY x \"<b>in</b>\">]><a>&x;</a>", "<!DOCTYPE a [<!ENTITY % p \"<!ENTITY q 'r'>\"> %p;]><a>&q;</a>", "<a>" ++ lists:duplicate(3000, $x) ++ "</a>", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?><a/>", "<a/> <!-- after -->"].
wrong() ->
    ["", "text", "<a>", "</a>", "<a></b>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>", "<a>&none;</a>", "<a>&#0;</a>", "<a", "<a><b></a></b>", "<1/>", "<a b=\"<\"/>", "<a>]]></a>", "<a/><b/>", "<!-- -- --><a/>", "<?xml version=\"2.0\"?><a/>", "<p:a/>", "<a><![CDATA[open</a>", "<!DOCTYPE a [<!ENTITY x \"&x;\">]><a>&x;</a>",
     "<!DOCTYPE a [<!ENTITY a0 \"x\"><!ENTITY a1 \"&a0;&a0;\">]><a>&a1;&a2;</a>", "<a>\x{1}</a>", "<?xml?><a/>", " <?xml version=\"1.0\"?><a/>"].

collect(E, _, S) -> [E | S].
parse(Text, Options) ->
    case catch xmerl_sax_parser:stream(Text, [{event_fun, fun collect/3}, {event_state, []} | Options]) of
        {ok, Es, Rest} -> {ok, short(lists:reverse(Es)), Rest};
        {fatal_error, {_, _, Line}, Reason, Tags, Es} -> {fatal, Line, Reason, Tags, length(Es)};
        {'EXIT', {R, _}} -> {exit, R};
        Other -> Other
    end.
short(T) when is_list(T) -> case length(T) > 500 of true -> {long, erlang:phash2(T)}; false -> [short(X) || X <- T] end;
short(T) when is_tuple(T) -> list_to_tuple([short(X) || X <- tuple_to_list(T)]);
short(T) -> T.

events(D) ->
    Bytes = unicode:characters_to_binary(D),
    All = [parse(Bytes, O) || O <- [[], [skip_external_dtd], [disallow_entities], [{entity_recurse_limit, 1}], [{fail_undeclared_ref, false}]]],
    show({short(D), hd(All), [A =:= hd(All) orelse A || A <- tl(All)]}).

%% The same events wherever a document is cut.
pieces() ->
    Text = unicode:characters_to_binary("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY e \"\x{e5}\">]><a b=\"\x{20ac}\"><!-- c --><b>&e;text</b><![CDATA[raw]]></a>"),
    Whole = parse(Text, []),
    Cut = [begin
               <<A:N/binary, B/binary>> = Text,
               parse(A, [{continuation_fun, fun(one) -> {B, two}; (two) -> {<<>>, two} end}, {continuation_state, one}])
           end || N <- lists:seq(1, byte_size(Text) - 1, 3)],
    show({Whole, length(Cut), lists:usort([C =:= Whole || C <- Cut])}),
    Single = parse(binary:part(Text, 0, 1), [{continuation_fun, fun(<<C, R/binary>>) -> {<<C>>, R}; (<<>>) -> {<<>>, <<>>} end}, {continuation_state, binary:part(Text, 1, byte_size(Text) - 1)}]),
    show(Single =:= Whole).

encodings() ->
    Body = "<a>\x{e5}\x{e4}</a>",
    [show({E, Bom, parse(<<(case Bom of true -> unicode:encoding_to_bom(E); false -> <<>> end)/binary, (unicode:characters_to_binary(case Declared of none -> ""; _ -> "<?xml version=\"1.0\" encoding=\"" ++ Declared ++ "\"?>" end ++ Body, unicode, E))/binary>>, [])})
     || E <- [utf8, {utf16, big}, {utf16, little}, latin1], Bom <- [true, false], Declared <- [none, "utf-8", "UTF-16", "iso-8859-1", "latin9"]].

%% Handlers that stop the parser, or fail.
stopped() ->
    Stop = fun({startElement, _, "b", _, _}, _, S) -> throw({xmerl_sax_parser_user_interrupt_not, S}); (_, _, S) -> S + 1 end,
    show([catch xmerl_sax_parser:stream(<<"<a><b/></a>">>, [{event_fun, Stop}, {event_state, 0}]), element(1, catch xmerl_sax_parser:stream(<<"<a/>">>, [{event_fun, fun(_, _, _) -> error(mine) end}])), catch xmerl_sax_parser:file("/no/such/file.xml", []), element(1, catch xmerl_sax_parser:stream(<<"<a/>">>, [nonsense]))]).

paths() ->
    {Doc, _} = xmerl_scan:string("<lib xmlns:p='urn:p'><book id='1' year='1999'><title>One</title><price>10</price></book><book id='2' year='2005'><title>Two</title><price>25.5</price><p:note>n</p:note></book><cd id='3'><title>Three</title></cd><!-- c --></lib>", [{quiet, true}]),
    [show({P, case catch xmerl_xpath:string(P, Doc) of
                  L when is_list(L) -> [element(1, X) =:= xmlElement andalso {element(2, X), [element(9, A) || A <- element(8, X)]} || X <- L];
                  {xmlObj, T, V} -> {T, V};
                  {'EXIT', R} -> {exit, case R of {{E, _}, _} -> E; {E, _} -> E; E -> E end};
                  O -> O
              end})
     || P <- ["/lib/book", "//title", "//book[@year > 2000]", "/lib/*[2]", "//book[last()]", "//book[title='One']", "count(//book)", "string(//title)", "sum(//price)", "//*[@id='3']", "//book/@id", "//text()", "//comment()", "/lib/book[position() < 2]/title", "//title/..", "//title/parent::cd",
              "//book/following-sibling::*", "//cd/preceding-sibling::book", "//price[. > 15]", "name(//cd)", "concat('a', 'b')", "contains('abc', 'b')", "starts-with('abc', 'b')", "string-length('abc')", "substring('12345', 2, 3)", "not(//none)", "true()", "boolean(//cd)", "number('12')", "floor(2.7)", "//book | //cd", "//p:note",
              "/", "//book[@id='1' or @id='2']", "//book[not(@id='1')]", "ancestor-or-self::*", "descendant::title", "//book[price][2]", "translate('bar', 'abc', 'ABC')", "normalize-space('  a  b ')", "1 + 2 * 3", "10 div 4", "10 mod 4", "-(3)", "//[", "nofunction()", "@", ""]].
