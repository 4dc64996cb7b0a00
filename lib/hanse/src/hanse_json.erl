%% @doc JSON (RFC 8259). Objects are maps with binary keys, arrays lists, strings binaries; null, true and false are atoms. Nothing that
%% is read becomes a new atom, and nesting is limited.
-module(hanse_json).

-export([encode/1, decode/1]).

-define(DEPTH, 512).

%% @doc Atoms and binaries become strings; a tuple becomes an array. Raises badarg for what JSON does not have.
-spec encode(term()) -> iodata().
encode(true) -> <<"true">>;
encode(false) -> <<"false">>;
encode(null) -> <<"null">>;
encode(undefined) -> <<"null">>;
encode(Atom) when is_atom(Atom) -> string(atom_to_binary(Atom));
encode(Text) when is_binary(Text) -> string(Text);
encode(Number) when is_integer(Number) -> integer_to_binary(Number);
encode(Number) when is_float(Number) -> float_to_binary(Number, [short]);
encode([]) -> <<"[]">>;
encode([First | More]) -> [$[, encode(First), [[$,, encode(Element)] || Element <- More], $]];
encode(Tuple) when is_tuple(Tuple) -> encode(tuple_to_list(Tuple));
encode(Map) when is_map(Map) -> [${, lists:join($,, [[string(key(Key)), $:, encode(Value)] || {Key, Value} <- maps:to_list(Map)]), $}];
encode(_) -> error(badarg).

key(Key) when is_binary(Key) -> Key;
key(Key) when is_atom(Key) -> atom_to_binary(Key);
key(Key) when is_integer(Key) -> integer_to_binary(Key);
key(_) -> error(badarg).

string(Text) ->
    case is_plain(Text) of
        true -> [$", Text, $"];
        false ->
            is_list(unicode:characters_to_list(Text)) orelse error(badarg),
            [$", escape(Text, Text, 0, 0), $"]
    end.

%% Most texts have nothing to check and nothing to escape.
is_plain(<<Byte, Rest/binary>>) when Byte >= 32, Byte < 127, Byte =/= $", Byte =/= $\\ -> is_plain(Rest);
is_plain(Rest) -> Rest =:= <<>>.

%% Parts without anything to escape are taken whole.
escape(<<Byte, Rest/binary>>, Whole, Start, Length) when Byte >= 32, Byte =/= $", Byte =/= $\\ -> escape(Rest, Whole, Start, Length + 1);
escape(<<Byte, Rest/binary>>, Whole, Start, Length) ->
    [binary:part(Whole, Start, Length), escaped(Byte) | escape(Rest, Whole, Start + Length + 1, 0)];
escape(<<>>, Whole, Start, Length) -> [binary:part(Whole, Start, Length)].

escaped($") -> <<"\\\"">>;
escaped($\\) -> <<"\\\\">>;
escaped($\n) -> <<"\\n">>;
escaped(Byte) -> io_lib:format("\\u~4.16.0b", [Byte]).

-spec decode(binary()) -> {ok, term()} | {error, {not_json, Position :: non_neg_integer()}}.
decode(Text) ->
    try
        {Value, Rest} = value(space(Text), 0),
        case space(Rest) of <<>> -> {ok, Value}; More -> throw({at, More}) end
    catch throw:{at, Where} -> {error, {not_json, byte_size(Text) - byte_size(Where)}}
    end.

space(<<Byte, Rest/binary>>) when Byte =:= 32; Byte =:= $\n; Byte =:= $\t; Byte =:= $\r -> space(Rest);
space(Rest) -> Rest.

value(Text, Depth) when Depth > ?DEPTH -> throw({at, Text});
value(<<${, Rest/binary>>, Depth) ->
    case space(Rest) of
        <<$}, After/binary>> -> {#{}, After};
        First -> members(First, Depth + 1, #{})
    end;
value(<<$[, Rest/binary>>, Depth) ->
    case space(Rest) of
        <<$], After/binary>> -> {[], After};
        First -> elements(First, Depth + 1, [])
    end;
value(<<$", Rest/binary>>, _) -> text(Rest);
value(<<"true", Rest/binary>>, _) -> {true, Rest};
value(<<"false", Rest/binary>>, _) -> {false, Rest};
value(<<"null", Rest/binary>>, _) -> {null, Rest};
value(<<Byte, _/binary>> = Text, _) when Byte =:= $-; Byte >= $0, Byte =< $9 -> number(Text);
value(Text, _) -> throw({at, Text}).

members(<<$", Text/binary>>, Depth, Map) ->
    {Key, Rest} = text(Text),
    case space(Rest) of
        <<$:, After/binary>> ->
            {Value, Behind} = value(space(After), Depth),
            Taken = Map#{Key => Value},
            case space(Behind) of
                <<$,, More/binary>> -> members(space(More), Depth, Taken);
                <<$}, End/binary>> -> {Taken, End};
                Other -> throw({at, Other})
            end;
        Other -> throw({at, Other})
    end;
members(Text, _, _) -> throw({at, Text}).

elements(Text, Depth, Taken) ->
    {Value, Rest} = value(Text, Depth),
    case space(Rest) of
        <<$,, More/binary>> -> elements(space(More), Depth, [Value | Taken]);
        <<$], End/binary>> -> {lists:reverse(Taken, [Value]), End};
        Other -> throw({at, Other})
    end.

%% Up to the closing quote; a string without escapes is a part of what was read.
text(Text) -> text(Text, Text, 0, []).

text(<<$", Rest/binary>>, Whole, Length, Taken) ->
    String = iolist_to_binary(lists:reverse(Taken, [binary:part(Whole, 0, Length)])),
    is_list(unicode:characters_to_list(String)) orelse throw({at, Whole}),
    {String, Rest};
text(<<$\\, Escaped/binary>>, Whole, Length, Taken) ->
    {Character, Rest} = unescape(Escaped),
    text(Rest, Rest, 0, [Character, binary:part(Whole, 0, Length) | Taken]);
text(<<Byte, Rest/binary>>, Whole, Length, Taken) when Byte >= 32 -> text(Rest, Whole, Length + 1, Taken);
text(Rest, _, _, _) -> throw({at, Rest}).

unescape(<<$u, High:4/binary, "\\u", Low:4/binary, Rest/binary>> = Text) ->
    case {hex(High, Text), hex(Low, Text)} of
        {H, L} when H >= 16#d800, H < 16#dc00, L >= 16#dc00, L < 16#e000 ->
            {<<(16#10000 + ((H - 16#d800) bsl 10) + (L - 16#dc00))/utf8>>, Rest};
        {H, _} -> {utf8(H, Text), <<"\\u", Low/binary, Rest/binary>>}
    end;
unescape(<<$u, Digits:4/binary, Rest/binary>> = Text) -> {utf8(hex(Digits, Text), Text), Rest};
unescape(<<$n, Rest/binary>>) -> {<<"\n">>, Rest};
unescape(<<$t, Rest/binary>>) -> {<<"\t">>, Rest};
unescape(<<$r, Rest/binary>>) -> {<<"\r">>, Rest};
unescape(<<$b, Rest/binary>>) -> {<<"\b">>, Rest};
unescape(<<$f, Rest/binary>>) -> {<<"\f">>, Rest};
unescape(<<Byte, Rest/binary>>) when Byte =:= $"; Byte =:= $\\; Byte =:= $/ -> {<<Byte>>, Rest};
unescape(Text) -> throw({at, Text}).

hex(Digits, Text) -> try binary_to_integer(Digits, 16) catch error:badarg -> throw({at, Text}) end.

utf8(Code, Text) -> try <<Code/utf8>> catch error:badarg -> throw({at, Text}) end.

number(Text) ->
    {Whole, Rest} = digits(Text, 0),
    Fraction = case Rest of <<$., _/binary>> -> true; _ -> false end,
    {Length, After} = case Rest of
                          <<$., More/binary>> ->
                              {Count, Behind} = digits(More, 0),
                              Count > 0 orelse throw({at, Text}),
                              exponent(Behind, Whole + 1 + Count);
                          _ -> exponent(Rest, Whole)
                      end,
    Digits = binary:part(Text, 0, Length),
    try
        case {Fraction, Length > Whole} of
            {false, false} -> {binary_to_integer(Digits), After};
            {true, _} -> {binary_to_float(Digits), After};
            %% Erlang wants a fraction before an exponent.
            {false, true} ->
                <<Head:Whole/binary, Exponent/binary>> = Digits,
                {binary_to_float(<<Head/binary, ".0", Exponent/binary>>), After}
        end
    catch error:badarg -> throw({at, Text})
    end.

digits(<<$-, Rest/binary>>, 0) -> digits(Rest, 1);
digits(<<Digit, Rest/binary>>, Count) when Digit >= $0, Digit =< $9 -> digits(Rest, Count + 1);
digits(Rest, Count) -> {Count, Rest}.

exponent(<<E, Sign, Rest/binary>>, Before) when (E =:= $e orelse E =:= $E), (Sign =:= $- orelse Sign =:= $+) ->
    {Count, After} = digits(Rest, 1),
    {Before + 1 + Count, After};
exponent(<<E, Rest/binary>>, Before) when E =:= $e; E =:= $E ->
    {Count, After} = digits(Rest, 1),
    {Before + Count, After};
exponent(Rest, Before) -> {Before, Rest}.
