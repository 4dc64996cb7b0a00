%% ASN.1 modules compiled and used: unaligned packed encoding of every kind of type, ranges, extensions, open types, defaults, choices; mistakes in modules and values.
-module(asn1_packed).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_asn1_" ++ os:getpid(),
    ok = filelib:ensure_path(Folder),
    try
        file:set_cwd(Folder),
        code:add_patha(Folder),
        [run(Rule) || Rule <- [uper]],
        mistakes()
    after
        code:del_path(Folder),
        file:set_cwd("/"),
        file:del_dir_r(Folder)
    end.

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).

run(Rule) ->
    ok = file:write_file("Shop.asn1", source()),
    show(compiled, asn1ct:compile("Shop", [Rule, silent, noobj, undec_rest])),
    {ok, 'Shop', Code} = compile:file("Shop.erl", [binary]),
    {module, 'Shop'} = code:load_binary('Shop', "Shop.erl", Code),
    [show({Type, Value}, outcome(Type, Value)) || {Type, Values} <- values(), Value <- Values],
    show(rest, 'Shop':decode('Flag', <<255, 1, 2>>)),
    [show({broken, Type}, [class(fun() -> 'Shop':decode(Type, B) end) || B <- [<<>>, <<255>>, <<0, 0>>, <<128, 255, 255, 255>>]]) || {Type, _} <- values()],
    show(information, [is_list('Shop':info()), 'Shop':encoding_rule(), 'Shop':maxItems(), 'Shop':greeting()]).

outcome(Type, Value) ->
    case 'Shop':encode(Type, Value) of
        {ok, B} -> {binary:encode_hex(B), case 'Shop':decode(Type, B) of {ok, Value, Rest} -> {same, Rest}; {ok, Other, Rest} -> {Other, Rest}; {error, {asn1, R}} -> {error, element(1, R)} end};
        {error, {asn1, {R, _}}} -> {error, short(R)};
        {error, {asn1, R}} -> {error, short(R)}
    end.
short(R) when is_tuple(R) -> element(1, R);
short(R) -> R.
class(F) -> case F() of {ok, V, Rest} -> {ok, erlang:phash2(V), bit_size(Rest)}; {error, {asn1, {{R, _}, _}}} -> R; {error, {asn1, {R, _}}} -> R; {error, {asn1, R}} when is_tuple(R) -> element(1, R) end.

source() -> <<"Shop DEFINITIONS AUTOMATIC TAGS ::= BEGIN
maxItems INTEGER ::= 5
greeting IA5String ::= \"hello\"
Flag ::= BOOLEAN
Nothing ::= NULL
Small ::= INTEGER (0..7)
Byte ::= INTEGER (-128..127)
Word ::= INTEGER (0..65535)
Large ::= INTEGER (0..4294967295)
AtLeast ::= INTEGER (10..MAX)
Any ::= INTEGER
Open ::= INTEGER (1..10, ..., 20..30)
Colour ::= ENUMERATED { red, green, blue }
More ::= ENUMERATED { one, two, ..., three, four }
Bits ::= BIT STRING
Bits8 ::= BIT STRING (SIZE (8))
Named ::= BIT STRING { first (0), second (1), last (7) }
Octets ::= OCTET STRING
Octets2 ::= OCTET STRING (SIZE (2))
OctetsUpTo ::= OCTET STRING (SIZE (0..20))
Id ::= OBJECT IDENTIFIER
Text ::= IA5String
Digits ::= NumericString (SIZE (1..10))
Letters ::= PrintableString (FROM (\"a\"..\"z\"))
Wide ::= BMPString
Unicode ::= UTF8String
Real ::= REAL
List ::= SEQUENCE OF Small
Few ::= SEQUENCE (SIZE (1..maxItems)) OF Byte
Set ::= SET OF BOOLEAN
Point ::= SEQUENCE { x INTEGER (0..1023), y INTEGER (0..1023) }
Item ::= SEQUENCE { name Text, price Word, colour Colour OPTIONAL, weight INTEGER DEFAULT 100, tags List OPTIONAL }
Extended ::= SEQUENCE { a Flag, ..., b Small, c Text OPTIONAL, [[ d Byte, e Flag OPTIONAL ]] }
Choice ::= CHOICE { number Word, text Text, point Point, nothing Nothing }
ChoiceExt ::= CHOICE { a Flag, ..., b Small, c Text }
Nested ::= SEQUENCE { items SEQUENCE (SIZE (0..3)) OF Item, choice Choice }
Tree ::= CHOICE { leaf Small, node SEQUENCE { left Tree, right Tree } }
END
">>.

values() -> [{'Flag', [true, false, x]}, {'Nothing', ['NULL']}, {'Small', [0, 7, 8, -1, a]}, {'Byte', [-128, 0, 127, 128]}, {'Word', [0, 65535, 65536]}, {'Large', [0, 255, 256, 4294967295]}, {'AtLeast', [10, 11, 1000000, 9]}, {'Any', [0, 1, -1, 127, 128, -129, 1 bsl 70, -(1 bsl 70)]}, {'Open', [1, 10, 20, 30, 40]},
             {'Colour', [red, blue, yellow]}, {'More', [one, two, three, four, five]}, {'Bits', [<<>>, <<5:3>>, <<255, 1:1>>, <<0:1000>>, x]}, {'Bits8', [<<170>>, <<1:1>>]}, {'Named', [[first, last], [], [none]]}, {'Octets', [<<>>, <<"abc">>, binary:copy(<<"x">>, 200), binary:copy(<<"y">>, 20000)]}, {'Octets2', [<<1, 2>>, <<1>>]}, {'OctetsUpTo', [<<>>, <<1:160>>, <<1:168>>]},
             {'Id', [{1, 2, 840, 113549}, {2, 999, 1}, {0, 39}, {3, 1}, {1}]}, {'Text', ["", "hello", [200], lists:duplicate(300, $t)]}, {'Digits', ["1", "0123456789", "12a", ""]}, {'Letters', ["abc", "ABC"]}, {'Wide', ["ab", [8364, 26085]]}, {'Unicode', [<<"gr", 195, 188, 195, 159, "e">>, <<>>]}, {'Real', [0, 1.5, -3.25, {1, 2, 10}, 'PLUS-INFINITY']},
             {'List', [[], [1, 2, 3], lists:duplicate(300, 7), [9]]}, {'Few', [[1], [-1, -2, -3], [], lists:seq(1, 6)]}, {'Set', [[true, false, true]]}, {'Point', [{'Point', 1, 1023}, {'Point', 1024, 0}, {'Point', 1}, {'Other', 1, 2}]},
             {'Item', [{'Item', "tea", 250, red, 100, [1, 2]}, {'Item', "x", 0, asn1_NOVALUE, asn1_DEFAULT, asn1_NOVALUE}, {'Item', "y", 1, green, 7, []}]}, {'Extended', [{'Extended', true, 3, asn1_NOVALUE, 5, asn1_NOVALUE}, {'Extended', false, 7, "ext", -1, true}]},
             {'Choice', [{number, 5}, {text, "t"}, {point, {'Point', 3, 4}}, {nothing, 'NULL'}, {none, 1}, x]}, {'ChoiceExt', [{a, true}, {b, 3}, {c, "c"}]}, {'Nested', [{'Nested', [{'Item', "a", 1, asn1_NOVALUE, 100, asn1_NOVALUE}], {number, 9}}, {'Nested', [], {text, ""}}]},
             {'Tree', [{leaf, 1}, {node, {'Tree_node', {leaf, 2}, {node, {'Tree_node', {leaf, 3}, {leaf, 4}}}}}]}].

%% A name for each: with `noobj`, asn1ct does not wait until the module's database has been renamed to its place, and two that do so under one name
%% at the same time fail, and leave the caller waiting.
mistakes() ->
    [begin
         Name = "Bad" ++ integer_to_list(N),
         ok = file:write_file(Name ++ ".asn1", [Name, " DEFINITIONS AUTOMATIC TAGS ::= BEGIN ", Text, " END\n"]),
         show(Text, case asn1ct:compile(Name, [uper, silent, noobj]) of {error, L} -> {error, [R || {structured_error, _, _, R} <- L]}; Other -> Other end)
     end || {N, Text} <- lists:enumerate(["A ::= B", "A ::= INTEGER (5..1)", "A ::= INTEGER A ::= BOOLEAN", "a ::= INTEGER", "A ::= SEQUENCE { x INTEGER, x BOOLEAN }", "A ::= CHOICE { }", "A ::= ENUMERATED { a, a }", "A ::= SEQUENCE OF", "v INTEGER ::= \"text\"", "A ::= BIT STRING { a (0), b (0) }", "A ::= INTEGER (0..10) v A ::= 11", "IMPORTS X FROM Nowhere; A ::= X", "", "A ::= INTEGER (\"a\")"])].
