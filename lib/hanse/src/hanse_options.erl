%% @doc Options as data: a table has a row for each, with its type, its default and an explanation. What a map of options lacks is filled
%% in; what is wrong in it is told with the path to it, what was expected and what came, and the key that was probably meant.
-module(hanse_options).

-export([complete/2, describe/2, nearest/2]).
-export_type([path/0, mistake/0, type/0, table/0]).

-type path() :: [atom() | pos_integer()].
-type mistake() :: {path(), unicode:chardata()}.
-type type() :: atom | text | boolean | positive | count | number | words | texts | {one_of, [atom()]} | {table, table()}
              | {either, atom(), type()} | allowed
              %% The function gives {ok, Checked} or error.
              | {checked, Expected :: string(), fun((term()) -> {ok, term()} | error)}.
-type table() :: [{atom(), type(), Default :: term(), Explanation :: string()}].

%% @doc Checks options and fills in defaults (`required': there is none); texts become binaries.
-spec complete(table(), map()) -> {ok, map()} | {error, mistake()}.
complete(Table, Options) ->
    try {ok, table(Table, Options, [])} catch throw:{mistake, Path, Text} -> {error, {lists:reverse(Path), Text}} end.

table(any, Options, Path) when is_map(Options) ->
    maps:fold(fun(Name, Value, Taken) ->
                  is_atom(Name) orelse is_list(Name) orelse is_binary(Name) orelse mistake(Path, "expected names of variables"),
                  Taken#{to_text(Name, Path) => to_text(Value, [Name | Path])}
              end, #{}, Options);
table(Table, Options, Path) when is_map(Options), is_list(Table) ->
    Known = [element(1, Row) || Row <- Table],
    [unknown(Key, Known, Path) || Key <- maps:keys(Options), not lists:member(Key, Known)],
    maps:from_list([{Key, option(Key, Type, Default, Options, Path)} || {Key, Type, Default, _} <- Table]);
table(_, Other, Path) -> mistake(Path, ["expected a map #{...}, got ", show(Other)]).

option(Key, Type, Default, Options, Path) ->
    case Options of
        #{Key := Value} -> value(Type, Value, [Key | Path]);
        _ when Default =:= required -> mistake(Path, ["the option ", atom_to_list(Key), " is missing"]);
        _ when Default =:= none -> none;
        _ -> value(Type, Default, [Key | Path])
    end.

value({either, Word, _}, Word, _) -> Word;
value({either, Word, Type}, Value, Path) ->
    try value(Type, Value, Path)
    catch throw:{mistake, Path, _} when not is_map(Value), not is_list(Value) ->
        mistake(Path, ["expected ", atom_to_list(Word), " or ", expected(Type), ", got ", show(Value)])
    end;
value(atom, Value, _) when is_atom(Value), Value =/= undefined -> Value;
value(boolean, Value, _) when is_boolean(Value) -> Value;
value(positive, Value, _) when is_integer(Value), Value > 0 -> Value;
value(count, Value, _) when is_integer(Value), Value >= 0 -> Value;
value(number, Value, _) when is_number(Value), Value >= 0, Value =< 1 -> Value;
value(text, Value, Path) when is_list(Value); is_binary(Value) -> to_text(Value, Path);
value(texts, Values, Path) when is_list(Values) -> [to_text(Value, Path) || Value <- Values];
value(allowed, Values, Path) when is_list(Values) -> [allowed(Value, Path) || Value <- Values];
value({one_of, Words}, Value, Path) ->
    lists:member(Value, Words) orelse mistake(Path, ["expected ", expected({one_of, Words}), ", got ", show(Value)]),
    Value;
value({table, Table}, Value, Path) -> table(Table, Value, Path);
value({checked, Expected, Check}, Value, Path) ->
    case Check(Value) of
        {ok, Checked} -> Checked;
        error -> mistake(Path, ["expected ", Expected, ", got ", show(Value)])
    end;
value(Type, Value, Path) -> mistake(Path, ["expected ", expected(Type), ", got ", show(Value)]).

allowed({Module, Function, Arity} = Allowed, _) when is_atom(Module), is_atom(Function), is_integer(Arity), Arity >= 0 -> Allowed;
allowed(Other, Path) -> mistake(Path, ["expected {Module, Function, Arity}, got ", show(Other)]).

to_text(Value, _) when is_atom(Value) -> atom_to_binary(Value);
to_text(Value, Path) ->
    try unicode:characters_to_binary(Value) of
        Text when is_binary(Text) ->
            binary:match(Text, <<0>>) =:= nomatch orelse mistake(Path, "a text with a zero character"),
            Text;
        _ -> mistake(Path, ["expected a text, got ", show(Value)])
    catch error:_ -> mistake(Path, ["expected a text, got ", show(Value)])
    end.

unknown(Key, Known, Path) ->
    Hint = case nearest(Key, Known) of
               none -> ["there are ", lists:join(", ", [atom_to_list(K) || K <- Known])];
               Nearest -> ["did you mean ", atom_to_list(Nearest), "?"]
           end,
    mistake([Key | Path], ["there is no option ", show(Key), "; ", Hint]).

-spec mistake(path(), unicode:chardata()) -> no_return().
mistake(Path, Text) -> throw({mistake, Path, Text}).

show(Term) -> io_lib:format("~0tP", [Term, 30]).

expected({one_of, Words}) -> lists:join(" or ", [atom_to_list(Word) || Word <- Words]);
expected({either, Word, Type}) -> [atom_to_list(Word), " or ", expected(Type)];
expected({table, _}) -> "a map #{...}";
expected({checked, Expected, _}) -> Expected;
expected(positive) -> "a whole number above zero";
expected(count) -> "a whole number, zero or more";
expected(number) -> "a number from 0 to 1";
expected(boolean) -> "true or false";
expected(atom) -> "a name (an atom)";
expected(text) -> "a text";
expected(texts) -> "a list of texts";
expected(allowed) -> "a list of {Module, Function, Arity}".

%% @doc The known word that differs least, unless all differ much.
-spec nearest(term(), [Word]) -> none | Word when Word :: atom() | string().
nearest(Word, Known) when is_atom(Word) -> nearest(atom_to_list(Word), Known);
nearest(Text, Known) when is_list(Text), length(Text) < 100 ->
    case lists:sort([{distance(Text, case is_atom(K) of true -> atom_to_list(K); false -> K end), K} || K <- Known]) of
        [{Distance, Nearest} | _] when Distance =< 1 + length(Text) div 3 -> Nearest;
        _ -> none
    end;
nearest(_, _) -> none.

%% Levenshtein's, a row at a time.
distance(From, To) ->
    First = lists:seq(0, length(To)),
    lists:last(lists:foldl(fun(Letter, [Above | _] = Row) -> row(Letter, To, Row, [Above + 1]) end, First, From)).

row(_, [], _, Done) -> lists:reverse(Done);
row(Letter, [Other | To], [Diagonal | [Above | _] = Row], [Left | _] = Done) ->
    Cost = case Letter of Other -> Diagonal; _ -> 1 + lists:min([Diagonal, Above, Left]) end,
    row(Letter, To, Row, [Cost | Done]).

%% @doc A text about the options of a table.
-spec describe(table(), string()) -> iolist().
describe(Table, Indent) ->
    [[Indent, string:pad(atom_to_list(Key), 20), " ", Explanation, default(Default), "\n",
      case Type of
          {table, Inner} when is_list(Inner) -> describe(Inner, Indent ++ "  ");
          {either, _, {either, _, {table, Inner}}} -> describe(Inner, Indent ++ "  ");
          _ -> []
      end] || {Key, Type, Default, Explanation} <- Table].

default(required) -> " (required)";
default(Default) when Default =:= none; Default =:= []; Default =:= #{}; Default =:= default -> "";
default(Default) -> io_lib:format(" (~0tp)", [Default]).
