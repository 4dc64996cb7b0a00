%% @doc Files of pools: Erlang terms, {pool, #{...}} and {metrics, #{...}}, each ended by a dot. Numbers may be products, 512 * 1024.
%% A mistake is told with its line, and with the key that was probably meant.
-module(hanse_script_config).

-export([read/1]).
-export_type([config/0]).

-type config() :: #{pools := [map()], metrics := none | map()}.

%% @doc The pools (complete options) of a file. Relative folders are those of the file; so is the working directory of pools that name
%% none. The error is a text of one line.
-spec read(file:filename_all()) -> {ok, config()} | {error, unicode:chardata()}.
read(File) ->
    try {ok, config(forms(File), File)}
    catch throw:{mistake, Location, Text} -> {error, [File, location(Location), ": ", Text]}
    end.

location({Line, Column}) -> io_lib:format(":~b:~b", [Line, Column]);
location(none) -> "".

-spec mistake(none | {pos_integer(), pos_integer()}, unicode:chardata()) -> no_return().
mistake(Location, Text) -> throw({mistake, Location, Text}).

forms(File) ->
    Text = case file:read_file(File) of
               {ok, Bytes} -> unicode:characters_to_list(Bytes);
               {error, Reason} -> mistake(none, file:format_error(Reason))
           end,
    is_list(Text) orelse mistake(none, "not a text in UTF-8"),
    case erl_scan:string(Text, {1, 1}) of
        {ok, Tokens, _} -> parse(Tokens);
        {error, {Location, Module, Why}, _} -> mistake(Location, Module:format_error(Why))
    end.

parse([]) -> [];
parse(Tokens) ->
    case lists:splitwith(fun(Token) -> element(1, Token) =/= dot end, Tokens) of
        {Form, [Dot | Rest]} ->
            case erl_parse:parse_exprs(Form ++ [Dot]) of
                {ok, [Expression]} -> [reckoned(Expression) | parse(Rest)];
                {ok, [_, Second | _]} -> mistake(at(Second), "expected a dot before this");
                {error, {Location, Module, Why}} -> mistake(Location, Module:format_error(Why))
            end;
        {[First | _], []} -> mistake(element(2, First), "what begins here has no dot at its end")
    end.

%% Sums and products of numbers become numbers.
reckoned({op, Anno, Operator, Left, Right}) ->
    case {Operator, reckoned(Left), reckoned(Right)} of
        {'*', {integer, _, A}, {integer, _, B}} -> {integer, Anno, A * B};
        {'+', {integer, _, A}, {integer, _, B}} -> {integer, Anno, A + B};
        _ -> {op, Anno, Operator, Left, Right}
    end;
reckoned({map, Anno, Fields}) -> {map, Anno, [reckoned(Field) || Field <- Fields]};
reckoned({map_field_assoc, Anno, Key, Value}) -> {map_field_assoc, Anno, Key, reckoned(Value)};
reckoned({tuple, Anno, Elements}) -> {tuple, Anno, [reckoned(Element) || Element <- Elements]};
reckoned({cons, Anno, Head, Tail}) -> {cons, Anno, reckoned(Head), reckoned(Tail)};
reckoned(Other) -> Other.

at(Expression) -> erl_anno:location(element(2, Expression)).

config(Forms, File) ->
    Directory = filename:dirname(filename:absname(File)),
    Config = lists:foldl(fun(Form, Taken) -> form(Form, Directory, Taken) end, #{pools => [], metrics => none}, Forms),
    case Config of
        #{pools := []} -> mistake(none, "there is no {pool, #{...}} in it");
        #{pools := Pools} -> Config#{pools := lists:reverse(Pools)}
    end.

form({tuple, _, [{atom, _, pool}, Options]}, Directory, #{pools := Pools} = Config) ->
    Pool = checked(Options, fun hanse_script_options:complete/1, Directory),
    #{name := Name} = Pool,
    [mistake(at(Options), ["there are two pools of the name ", atom_to_list(Name)]) || #{name := Other} <- Pools, Other =:= Name],
    Config#{pools := [Pool | Pools]};
form({tuple, _, [{atom, _, metrics}, Options]}, Directory, Config) ->
    {metrics, {table, Table}, _, _} = lists:keyfind(metrics, 1, hanse_script_options:top_table()),
    Config#{metrics := checked(Options, fun(Map) -> hanse_options:complete(Table, Map) end, Directory)};
form({tuple, _, [{atom, Anno, Name} | _]}, _, _) ->
    Hint = case hanse_options:nearest(Name, [pool, metrics]) of none -> ""; Near -> ["; did you mean ", atom_to_list(Near), "?"] end,
    mistake(erl_anno:location(Anno), ["expected {pool, #{...}} or {metrics, #{...}}, got {", atom_to_list(Name), ", ...}", Hint]);
form(Other, _, _) -> mistake(at(Other), "expected {pool, #{...}} or {metrics, #{...}}").

checked({map, _, _} = Expression, Check, Directory) ->
    Options = try erl_parse:normalise(Expression)
              catch error:_ -> mistake(at(Expression), "not a constant: there may be no variables, functions or calls")
              end,
    case Check(Options) of
        {ok, Complete} -> placed(Complete, Directory);
        {error, {Path, Text}} -> mistake(find(Path, Expression), [path_text(Path), Text])
    end;
checked(Other, _, _) -> mistake(at(Other), "expected a map #{...}").

path_text([]) -> "";
path_text(Path) -> [lists:join(".", [io_lib:format("~tp", [Part]) || Part <- Path]), ": "].

%% Where a path of keys leads: to the last key that is there.
find(Path, Expression) -> find(Path, Expression, at(Expression)).

find([Key | Path], {map, _, Fields}, Found) ->
    case [{KeyExpression, Value} || {_, _, KeyExpression, Value} <- Fields, is_key(Key, KeyExpression)] of
        [{KeyExpression, Value} | _] -> find(Path, Value, at(KeyExpression));
        [] -> Found
    end;
find(_, _, Found) -> Found.

is_key(Key, {atom, _, Key}) -> true;
is_key(Key, {string, _, Key}) -> true;
is_key(_, _) -> false.

placed(#{directory := Working, log := Log, state := State} = Pool, Directory) ->
    Absolute = fun(none) -> none; (Path) -> unicode:characters_to_binary(filename:absname(Path, Directory)) end,
    Pool#{directory := case Working of none -> unicode:characters_to_binary(Directory); _ -> Absolute(Working) end,
          log := maps:map(fun(directory, Path) -> Absolute(Path); (_, Value) -> Value end, Log),
          state := case State of #{directory := Path} -> State#{directory := Absolute(Path)}; _ -> State end};
placed(Other, _) -> Other.
