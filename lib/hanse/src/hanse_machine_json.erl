%% @doc Options of machines from JSON and from words: what a key means is what hanse_machine_options says of it.
-module(hanse_machine_json).

-export([options/1, limits/1, object/2, words/1, arguments/1]).

-define(KEYS, [name, labels, template, profile, modules, code, includes, start, self_test, limits, on_limit, share, permissions, input,
               output_bytes, log, life_ms, stop_timeout_ms]).
-define(LIMITS, [memory, processes, atoms, ets_tables, timers, mailbox, binary, outside_messages, reductions, open_files, file_bytes, connections,
                 network_bytes]).

%% @doc Options from an object; keys and words become atoms only if options know them.
-spec options(map()) -> {ok, map()} | {error, unicode:chardata()}.
options(Object) ->
    try {ok, maps:from_list([option(known(Key, ?KEYS), Value) || {Key, Value} <- maps:to_list(Object)])}
    catch throw:{wrong, Text} -> {error, Text}
    end.

%% @doc Limits from an object: numbers, {"soft": N, "hard": N} or {"rate": N, "burst": N}, null for none.
-spec limits(map()) -> {ok, map()} | {error, unicode:chardata()}.
limits(Object) -> try {ok, limit_map(Object)} catch throw:{wrong, Text} -> {error, Text} end.

%% @doc The members of an object that a table knows, checked.
-spec object(map(), hanse_options:table()) -> {ok, map()} | {error, unicode:chardata()}.
object(Object, Table) ->
    try hanse_options:complete(Table, maps:from_list([{known(Key, [element(1, Row) || Row <- Table]), Value} || {Key, Value} <- maps:to_list(Object)])) of
        {ok, Checked} -> {ok, Checked};
        {error, {[], Text}} -> {error, Text};
        {error, {Path, Text}} -> {error, [lists:join(".", [atom_to_list(Key) || Key <- Path]), ": ", Text]}
    catch throw:{wrong, Text} -> {error, Text}
    end.

-spec wrong(unicode:chardata()) -> no_return().
wrong(Text) -> throw({wrong, Text}).

known(Key, Keys) ->
    case [Known || Known <- Keys, atom_to_binary(Known) =:= Key] of
        [Known] -> Known;
        [] ->
            wrong(["there is no option ", Key,
                   case hanse_options:nearest(unicode:characters_to_list(Key), Keys) of none -> ""; Near -> ["; did you mean ", atom_to_list(Near), "?"] end])
    end.

option(Key, Object) when Key =:= code; Key =:= includes ->
    is_map(Object) orelse wrong([atom_to_list(Key), ": expected an object"]),
    {Key, case Key of code -> [{name(Module), Source} || {Module, Source} <- maps:to_list(Object)]; includes -> strings(Object) end};
option(labels, Object) when is_map(Object) -> {labels, strings(Object)};
option(limits, Object) when is_map(Object) -> {limits, limit_map(Object)};
option(permissions, Object) when is_map(Object) ->
    {permissions, maps:from_list([permission(known(Key, [clock, random, statistics, environment, files, connect, listen, udp_connect, udp_listen]), Value)
                                  || {Key, Value} <- maps:to_list(Object)])};
option(modules, List) when is_list(List) -> {modules, [name(Module) || Module <- List]};
option(start, #{<<"module">> := Module, <<"function">> := Function} = Object) ->
    {start, {name(Module), name(Function), maps:get(<<"arguments">>, Object, [])}};
option(Key, Word) when is_binary(Word), Key =:= profile; is_binary(Word), Key =:= on_limit; is_binary(Word), Key =:= log; is_binary(Word), Key =:= template ->
    {Key, existing(Word)};
option(Key, null) when Key =:= name; Key =:= template; Key =:= start -> {Key, none};
option(Key, Value) -> {Key, Value}.

strings(Object) ->
    maps:map(fun(_, Text) when is_binary(Text) -> Text; (Key, _) -> wrong([Key, ": expected a text"]) end, Object).

%% Names of modules and functions are chosen by who may start machines.
name(Text) when is_binary(Text), byte_size(Text) > 0, byte_size(Text) < 256 ->
    try binary_to_atom(Text) catch error:_ -> wrong("expected a name") end;
name(_) -> wrong("expected a name").

existing(Word) -> try binary_to_existing_atom(Word) catch error:_ -> Word end.

limit_map(Object) -> maps:from_list([{known(Key, ?LIMITS), limit(Value)} || {Key, Value} <- maps:to_list(Object)]).

limit(null) -> none;
limit(#{<<"soft">> := Soft, <<"hard">> := Hard}) -> {Soft, Hard};
limit(#{<<"rate">> := Rate, <<"burst">> := Burst}) -> {Rate, Burst};
limit(Number) -> Number.

permission(files, List) when is_list(List) ->
    {files, [case File of
                 #{<<"directory">> := Path, <<"mode">> := Mode, <<"name">> := Name} -> {Path, existing(Mode), Name};
                 #{<<"directory">> := Path, <<"mode">> := Mode} -> {Path, existing(Mode)};
                 Other -> Other
             end || File <- List]};
permission(Key, List) when is_list(List), Key =:= connect orelse Key =:= listen orelse Key =:= udp_connect orelse Key =:= udp_listen ->
    {Key, [case Rule of
               #{<<"address">> := Address, <<"from">> := From, <<"to">> := To} -> {any_or(Address), {From, To}};
               #{<<"address">> := Address, <<"port">> := Port} -> {any_or(Address), any_or(Port)};
               #{<<"address">> := Address} -> {any_or(Address), any};
               Other -> Other
           end || Rule <- List]};
permission(Key, Value) -> {Key, Value}.

any_or(<<"any">>) -> any;
any_or(Other) -> Other.

%% @doc Options from words: profile=otp memory=1000000 label.owner=ann; limits by their names, with soft:hard.
-spec words([string()]) -> {ok, map()} | {error, unicode:chardata()}.
words(Words) ->
    try {ok, lists:foldl(fun word/2, #{}, Words)} catch throw:{wrong, Text} -> {error, Text} end.

word(Word, Options) ->
    case string:split(Word, "=") of
        ["label." ++ Name, Value] -> Options#{labels => (maps:get(labels, Options, #{}))#{list_to_binary(Name) => list_to_binary(Value)}};
        [Key, Value] ->
            case known(unicode:characters_to_binary(Key), ?LIMITS ++ [profile, template, share, on_limit, life_ms, output_bytes, log, self_test, clock, start]) of
                clock -> Options#{permissions => #{clock => Value =:= "true"}};
                start ->
                    case string:split(Value, ":") of
                        [M, F] -> Options#{start => {list_to_atom(M), list_to_atom(F), []}};
                        _ -> wrong("start: expected MODULE:FUNCTION")
                    end;
                Limit ->
                    case lists:member(Limit, ?LIMITS) of
                        true -> Options#{limits => (maps:get(limits, Options, #{}))#{Limit => two(Value)}};
                        false -> Options#{Limit => value(Value)}
                    end
            end;
        _ -> wrong(["expected KEY=VALUE, got ", Word])
    end.

two(Text) ->
    case string:split(Text, ":") of
        [Soft, Hard] -> {value(Soft), value(Hard)};
        [Hard] -> value(Hard)
    end.

value(Text) ->
    case string:to_integer(Text) of
        {Number, ""} -> Number;
        _ -> existing(unicode:characters_to_binary(Text))
    end.

%% @doc Arguments of a call: an array of JSON, or the text of Erlang terms without anything to evaluate, "[{a, 1}, \"b\"]".
-spec arguments(term()) -> {ok, [term()]} | {error, unicode:chardata()}.
arguments(List) when is_list(List) -> {ok, List};
arguments(Text) when is_binary(Text) ->
    case erl_scan:string(unicode:characters_to_list(Text) ++ ".") of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens) of
                {ok, List} when is_list(List) -> {ok, List};
                {ok, _} -> {error, "expected a list of arguments"};
                {error, {_, Module, Why}} -> {error, Module:format_error(Why)}
            end;
        {error, {_, Module, Why}, _} -> {error, Module:format_error(Why)}
    end;
arguments(_) -> {error, "arguments: expected an array, or a text of Erlang terms"}.
