%% @doc What a grant allows, as people write it:
%%
%% ```
%% weather:today/1
%% weather:today("oslo" | "bergen")
%% shop:order(text:40, 1..10)
%% weather:today/1 as forecast:now
%% '''
%% A pattern is `any', text, text:BYTES, integer, number, boolean, list, list:LENGTH, map, pid, FROM..TO, a number, a text in quotes, true,
%% false or null; several with | between them. The name behind `as' is what borrowers call; the module's own is then no business of theirs.
-module(hanse_grant_pattern).

-export([parse/1, format/1, outside/1, check/2, schema/1]).
-export_type([allow/0, pattern/0]).

-type pattern() :: any | text | {text, Bytes :: pos_integer()} | integer | number | boolean | list | {list, Length :: pos_integer()} | map | pid
                 | {range, integer(), integer()} | {value, number() | binary() | true | false | null} | {one_of, [pattern()]}.
-type allow() :: #{module := module(), function := atom(), arguments := [pattern()], as := {Module :: binary(), Function :: binary()}}.

-define(WORDS, [any, text, integer, number, boolean, list, map, pid]).
-define(ARITY, 20).

%% @doc From a text, or from {Module, Function, Arity}.
-spec parse(term()) -> {ok, allow()} | {error, unicode:chardata()}.
parse({M, F, A}) when is_atom(M), is_atom(F), is_integer(A), A >= 0, A =< ?ARITY -> {ok, allow(M, F, lists:duplicate(A, any), [])};
parse(Given) when is_list(Given); is_binary(Given) ->
    try unicode:characters_to_list(Given) of
        Text when is_list(Text) ->
            case erl_scan:string(Text) of
                {ok, Tokens, _} -> try {ok, entry(Tokens)} catch throw:{expected, What} -> {error, [Text, ": expected ", What]} end;
                {error, {_, Module, Why}, _} -> {error, [Text, ": ", Module:format_error(Why)]}
            end;
        _ -> {error, "expected a text like weather:today/1"}
    catch error:_ -> {error, "expected a text like weather:today/1"}
    end;
parse(_) -> {error, "expected a text like weather:today/1, or {Module, Function, Arity}"}.

-spec expected(unicode:chardata()) -> no_return().
expected(What) -> throw({expected, What}).

entry([{atom, _, M}, {':', _}, {atom, _, F}, {'/', _}, {integer, _, A} | Rest]) when A >= 0, A =< ?ARITY -> allow(M, F, lists:duplicate(A, any), Rest);
entry([{atom, _, M}, {':', _}, {atom, _, F}, {'(', _}, {')', _} | Rest]) -> allow(M, F, [], Rest);
entry([{atom, _, M}, {':', _}, {atom, _, F}, {'(', _} | Rest]) ->
    {Patterns, After} = patterns(Rest),
    length(Patterns) =< ?ARITY orelse expected("at most 20 arguments"),
    allow(M, F, Patterns, After);
entry(_) -> expected("MODULE:FUNCTION/ARITY or MODULE:FUNCTION(PATTERN, ...)").

allow(M, F, Patterns, []) -> #{module => M, function => F, arguments => Patterns, as => {atom_to_binary(M), atom_to_binary(F)}};
allow(M, F, Patterns, [{atom, _, as}, {atom, _, OutsideM}, {':', _}, {atom, _, OutsideF}]) ->
    #{module => M, function => F, arguments => Patterns, as => {atom_to_binary(OutsideM), atom_to_binary(OutsideF)}};
allow(_, _, _, _) -> expected("nothing more, or as MODULE:FUNCTION").

patterns(Tokens) ->
    case alternatives(Tokens) of
        {Pattern, [{',', _} | Rest]} ->
            {More, After} = patterns(Rest),
            {[Pattern | More], After};
        {Pattern, [{')', _} | After]} -> {[Pattern], After};
        _ -> expected("',' or ')' behind a pattern")
    end.

alternatives(Tokens) ->
    case pattern(Tokens) of
        {First, [{'|', _} | Rest]} ->
            case alternatives(Rest) of
                {{one_of, Others}, After} -> {{one_of, [First | Others]}, After};
                {Other, After} -> {{one_of, [First, Other]}, After}
            end;
        Found -> Found
    end.

pattern([{atom, _, Word}, {':', _}, {integer, _, N} | Rest]) when Word =:= text, N > 0; Word =:= list, N > 0 -> {{Word, N}, Rest};
pattern([{atom, _, Word} | Rest]) when Word =:= true; Word =:= false; Word =:= null -> {{value, Word}, Rest};
pattern([{atom, _, Word} | Rest]) ->
    lists:member(Word, ?WORDS) orelse
        expected(["a pattern, got ", atom_to_list(Word),
                  case hanse_options:nearest(Word, ?WORDS) of none -> ""; Near -> ["; did you mean ", atom_to_list(Near), "?"] end]),
    {Word, Rest};
pattern([{string, _, Text} | Rest]) -> {{value, unicode:characters_to_binary(Text)}, Rest};
pattern(Tokens) ->
    case number(Tokens) of
        {From, [{'..', _} | Rest]} when is_integer(From) ->
            case number(Rest) of
                {To, After} when is_integer(To), To >= From -> {{range, From, To}, After};
                _ -> expected("FROM..TO, two whole numbers")
            end;
        {Number, Rest} -> {{value, Number}, Rest};
        none -> expected("a pattern")
    end.

number([{'-', _}, {Kind, _, Number} | Rest]) when Kind =:= integer; Kind =:= float -> {-Number, Rest};
number([{Kind, _, Number} | Rest]) when Kind =:= integer; Kind =:= float -> {Number, Rest};
number(_) -> none.

%% @doc The text that parse/1 reads.
-spec format(allow()) -> binary().
format(#{module := M, function := F, as := {OutsideM, OutsideF} = Outside} = Allow) ->
    case {atom_to_binary(M), atom_to_binary(F)} of
        Outside -> outside(Allow);
        Inside -> unicode:characters_to_binary([outside(Allow#{as := Inside}), " as ", quoted(OutsideM), ":", quoted(OutsideF)])
    end.

%% @doc The same by the name of the outside, for the borrower.
-spec outside(allow()) -> binary().
outside(#{arguments := Patterns, as := {M, F}}) ->
    Arguments = case lists:all(fun(Pattern) -> Pattern =:= any end, Patterns) of
                    true -> ["/", integer_to_list(length(Patterns))];
                    false -> ["(", lists:join(", ", [show(Pattern) || Pattern <- Patterns]), ")"]
                end,
    unicode:characters_to_binary([quoted(M), ":", quoted(F), Arguments]).

%% As an atom is written; the text may be none yet.
quoted(Text) ->
    case re:run(Text, "^[a-z][A-Za-z0-9_@]*$", [{capture, none}, dollar_endonly]) of
        match -> Text;
        nomatch -> io_lib:write_string(unicode:characters_to_list(Text), $')
    end.

show({one_of, Patterns}) -> lists:join(" | ", [show(Pattern) || Pattern <- Patterns]);
show({range, From, To}) -> io_lib:format("~b..~b", [From, To]);
show({value, Text}) when is_binary(Text) -> io_lib:write_string(unicode:characters_to_list(Text));
show({value, Value}) -> io_lib:format("~w", [Value]);
show({Word, N}) -> io_lib:format("~w:~b", [Word, N]);
show(Word) -> atom_to_list(Word).

%% @doc Whether arguments fit; if not, which one does not, and what was expected.
-spec check([pattern()], [term()]) -> ok | {error, Position :: pos_integer(), Expected :: unicode:chardata()}.
check(Patterns, Arguments) -> check(Patterns, Arguments, 1).

check([any | Patterns], [_ | Arguments], Position) -> check(Patterns, Arguments, Position + 1);
check([Pattern | Patterns], [Argument | Arguments], Position) ->
    case fits(Pattern, Argument) of
        true -> check(Patterns, Arguments, Position + 1);
        false -> {error, Position, show(Pattern)}
    end;
check([], [], _) -> ok.

fits(any, _) -> true;
fits(text, Value) -> is_text(Value);
fits({text, Bytes}, Value) when is_binary(Value) -> byte_size(Value) =< Bytes;
fits({text, Bytes}, Value) -> is_text(Value) andalso length(Value) =< Bytes;
fits(integer, Value) -> is_integer(Value);
fits(number, Value) -> is_number(Value);
fits(boolean, Value) -> is_boolean(Value);
fits(list, Value) -> is_list(Value);
fits({list, Length}, Value) -> is_list(Value) andalso shorter(Value, Length);
fits(pid, #{<<"$pid">> := Name}) -> is_binary(Name);
fits(pid, _) -> false;
fits(map, Value) -> is_map(Value);
fits({range, From, To}, Value) -> is_integer(Value) andalso Value >= From andalso Value =< To;
fits({value, Value}, Value) -> true;
fits({value, Text}, Value) when is_binary(Text), is_list(Value) -> is_text(Value) andalso unicode:characters_to_binary(Value) =:= Text;
fits({value, _}, _) -> false;
fits({one_of, Patterns}, Value) -> lists:any(fun(Pattern) -> fits(Pattern, Value) end, Patterns).

is_text(Value) when is_binary(Value) -> true;
is_text([]) -> true;
is_text(Value) -> io_lib:char_list(Value).

shorter([_ | Rest], Left) -> Left > 0 andalso shorter(Rest, Left - 1);
shorter([], _) -> true;
shorter(_, _) -> false.

%% @doc A pattern as JSON Schema.
-spec schema(pattern()) -> map().
schema(any) -> #{};
schema(text) -> #{type => string};
schema({text, Bytes}) -> #{type => string, maxLength => Bytes};
schema(list) -> #{type => array};
schema({list, Length}) -> #{type => array, maxItems => Length};
schema(map) -> #{type => object};
schema(pid) -> #{type => object, required => [<<"$pid">>], properties => #{<<"$pid">> => #{type => string, description => <<"CLIENT/NAME">>}}};
schema({range, From, To}) -> #{type => integer, minimum => From, maximum => To};
schema({value, Value}) -> #{const => Value};
schema({one_of, Patterns}) ->
    case [Value || {value, Value} <- Patterns] of
        Values when length(Values) =:= length(Patterns) -> #{enum => Values};
        _ -> #{anyOf => [schema(Pattern) || Pattern <- Patterns]}
    end;
schema(Word) -> #{type => Word}.
