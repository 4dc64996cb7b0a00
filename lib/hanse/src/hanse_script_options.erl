%% @doc What a pool can be told. The table below is the only place that knows the options: it checks them, gives defaults, and is
%% what `hanse scripts options' prints.
-module(hanse_script_options).

-export([complete/1, complete/2, describe/0, nearest/2, pool_table/0, top_table/0]).
-export_type([mistake/0]).

-type path() :: [atom() | pos_integer()].
-type mistake() :: {path(), unicode:chardata()}.
-type type() :: atom | text | boolean | positive | count | number | words | texts | {one_of, [atom()]} | {table, table()}
              | {either, atom(), type()} | allowed.
-type table() :: [{atom(), type(), Default :: term(), Explanation :: string()}].

%% @doc The options of a pool. A default of `required' means that there is none.
-spec pool_table() -> table().
pool_table() ->
    [{name, atom, required, "the pool's registered name"},
     {command, texts, required, "program and arguments, [\"python3\", \"resize.py\"]; no shell is involved"},
     {size, positive, 1, "workers"},
     {protocol, {one_of, [erlport, json, plain]}, erlport, "external terms, JSON lines, or a program that runs once for each call"},
     {channel, {one_of, [default, fds, stdio]}, default,
      "where calls travel: descriptors 3 and 4 (default with erlport) or standard input and output"},
     {in_flight, positive, 1, "calls that a worker may have at a time; more than one hides the way there and back"},
     {ready, {one_of, [default, message, started]}, default,
      "a worker is ready when it has answered init (erlport) or said so (json), or as soon as it has started (default with json)"},
     {directory, {either, none, text}, none, "working directory"},
     {environment, {table, any}, #{}, "variables, #{'NAME' => \"value\"}"},
     {inherit, texts, [], "names of variables to take from the node, besides PATH, HOME, LANG, LC_ALL, TZ, TMPDIR and USER"},
     {user, {either, none, text}, none, "user that workers run as; the node must be root's"},
     {limits, {table, limits_table()}, #{}, "limits of the operating system for each worker"},
     {sandbox, {one_of, [none, bubblewrap]}, none, "bubblewrap: no network, files read-only but for the working directory and /tmp"},
     {writable, texts, [], "further directories that a sandboxed worker may write to"},
     {call_timeout_ms, {either, infinity, positive}, 30000, "default time limit of a call; the worker is killed when it is over"},
     {start_timeout_ms, positive, 10000, "time for a worker to become ready"},
     {stop_timeout_ms, count, 5000, "time to end in order; SIGTERM after half of it, then SIGKILL"},
     {drain_timeout_ms, count, 10000, "time for the calls that wait or run when the pool is stopped"},
     {heartbeat_ms, {either, off, positive}, off, "a worker without calls is asked this often; no answer until the next time: killed"},
     {intensity, count, 5, "failures within period_s that are forgiven; one more makes the pool fatal"},
     {period_s, positive, 60, "see intensity"},
     {backoff, {table, backoff_table()}, #{}, "pause before a failed worker is started again"},
     {recycle, {table, recycle_table()}, #{}, "when a worker is replaced by a new one"},
     {queue, count, 1000, "calls that wait for a worker at most; more are answered with overload"},
     {retries, count, 1, "further attempts for a call marked idempotent whose worker ended"},
     {allow, {either, none, allowed}, none, "functions that scripts may call: [{Module, Function, Arity}]"},
     {state, {either, none, {either, memory, {table, state_table()}}}, none,
      "memory or #{directory => D}: where the state lives that checkpoint hands to the next incarnation"},
     {watch, texts, [], "files; when one changes, workers are replaced one by one"},
     {self_test, boolean, false, "a replacement also has to pass the script's self-test"},
     {log, {table, log_table()}, #{}, "what workers print"},
     {frame_limit_bytes, positive, 268435456, "the largest message of a worker"}].

limits_table() ->
    [{memory_bytes, {either, none, positive}, none, "address space"},
     {cpu_s, {either, none, positive}, none, "processor time"},
     {files, {either, none, positive}, none, "open files"},
     {processes, {either, none, positive}, none, "processes of the user"},
     {file_size_bytes, {either, none, positive}, none, "largest file it writes"}].

backoff_table() ->
    [{first_ms, positive, 100, "after the first failure; doubles with each"},
     {max_ms, positive, 30000, "at most"},
     {jitter, number, 0.2, "part of the pause that is left to chance"}].

recycle_table() ->
    [{calls, {either, never, positive}, never, "after so many calls"},
     {seconds, {either, never, positive}, never, "after so many seconds"},
     {memory_bytes, {either, never, positive}, never, "when it and its children use so many resident bytes"}].

state_table() ->
    [{directory, text, required, "a file for each worker is kept there"},
     {every_s, {either, never, positive}, never, "also saved this often"}].

log_table() ->
    [{lines, positive, 1000, "kept in memory"},
     {directory, {either, none, text}, none, "also written to NAME.log there"},
     {file_bytes, positive, 10485760, "a file is rotated when it is that large"},
     {files, positive, 5, "rotated files that are kept"}].

%% @doc What a configuration file may say besides pools.
-spec top_table() -> table().
top_table() ->
    [{metrics, {table, [{port, count, required, "of /metrics on the loopback interface; 0: the system chooses"},
                        {address, text, "127.0.0.1", "to listen at"}]}, none, "Prometheus metrics over HTTP"}].

%% @doc Checks the options of a pool and fills in defaults; texts become binaries.
-spec complete(map()) -> {ok, map()} | {error, mistake()}.
complete(Options) ->
    case complete(pool_table(), Options) of
        {ok, Complete} -> consistent(Complete);
        Error -> Error
    end.

consistent(#{command := []}) -> {error, {[command], "expected a program"}};
consistent(#{sandbox := bubblewrap, user := User}) when User =/= none ->
    {error, {[sandbox], "a sandboxed worker keeps the node's user: leave out user"}};
consistent(#{protocol := plain, in_flight := Many}) when Many > 1 ->
    {error, {[in_flight], "a plain program takes one call at a time"}};
consistent(#{protocol := Protocol, channel := Channel, ready := Ready} = Options) ->
    {ok, Options#{channel := case {Channel, Protocol} of {default, erlport} -> fds; {default, _} -> stdio; _ -> Channel end,
                  ready := case {Ready, Protocol} of
                               {_, plain} -> started;
                               {default, erlport} -> message;
                               {default, _} -> started;
                               _ -> Ready
                           end}}.

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

show(Term) -> io_lib:format("~0tp", [Term]).

expected({one_of, Words}) -> lists:join(" or ", [atom_to_list(Word) || Word <- Words]);
expected({either, Word, Type}) -> [atom_to_list(Word), " or ", expected(Type)];
expected({table, _}) -> "a map #{...}";
expected(positive) -> "a whole number above zero";
expected(count) -> "a whole number, zero or more";
expected(number) -> "a number from 0 to 1";
expected(boolean) -> "true or false";
expected(atom) -> "a name (an atom)";
expected(text) -> "a text";
expected(texts) -> "a list of texts";
expected(allowed) -> "a list of {Module, Function, Arity}".

%% @doc The known word that differs least, unless all differ much.
-spec nearest(term(), [atom()]) -> atom().
nearest(Word, Known) when is_atom(Word) -> nearest(atom_to_list(Word), Known);
nearest(Text, Known) when is_list(Text), length(Text) < 100 ->
    case lists:sort([{distance(Text, atom_to_list(K)), K} || K <- Known]) of
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

%% @doc A text about all options.
-spec describe() -> iolist().
describe() -> ["{pool, #{...}}.\n", describe(pool_table(), "  "), "\n{metrics, #{...}}.\n", describe(metrics_table(), "  ")].

metrics_table() ->
    {metrics, {table, Table}, _, _} = lists:keyfind(metrics, 1, top_table()),
    Table.

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
