%% @doc What can be said of a grant. The table is the only place that knows the options, their types and their defaults.
-module(hanse_grant_options).

-export([complete/1, change/2, words/1, describe/0, table/0, span/1, amount/1, rate/1, show/2]).

%% @doc The options of a grant.
-spec table() -> hanse_options:table().
table() ->
    [{to, text, required, "whose it is: a key's name, thumbprint, file or JWK; new:NAME makes a key pair"},
     {allow, {checked, "a list of texts like \"weather:today/1\"", fun allow/1}, required, "functions, perhaps with patterns: hanse grant help"},
     {rate, {either, none, {checked, "a rate like 10/min", fun rate/1}}, "60/min", "calls; /s, /min, /h or /day"},
     {burst, {either, default, positive}, default, "calls at once, if there were none before; default: as many as the rate says"},
     {expires, {either, never, {checked, "a time like 30d, or the second since 1970 when it ends", fun expires/1}}, never, "when it ends"},
     {concurrent, positive, 2, "calls that run at a time"},
     {queue, count, 16, "calls that wait for one of those to end, for as long as one may take"},
     {timeout, {checked, "a time like 5s, at most an hour", fun timeout/1}, "5s", "for one call"},
     {memory, {checked, "a size like 32MB, at least 100KB", fun memory/1}, "32MB", "for one call, all processes that it starts included"},
     {processes, positive, 100, "that one call may have at a time"},
     {answer, {checked, "a size like 1MB", fun amount/1}, "1MB", "of one answer"},
     {profile, {one_of, [pure, otp]}, otp, "which of OTP's modules the function sees: hanse_machine_profile"},
     {modules, {checked, "a list of modules", fun atoms/1}, [], "that it needs and that nobody can see in its code"},
     {names, {checked, "a list of names", fun atoms/1}, [], "of processes of this node that it may send to"},
     {random, boolean, false, "randomness of the operating system"},
     {pids, count, 16, "processes of the borrower that it may know at a time"},
     {pid_rate, {checked, "a rate like 100/s", fun rate/1}, "100/s", "messages to each of them"},
     {note, text, "", "for people"}].

%% @doc Checks options and fills in defaults.
-spec complete(map()) -> {ok, map()} | {error, hanse_options:mistake()}.
complete(Options) -> hanse_options:complete(table(), Options).

%% @doc Complete options, some of them changed.
-spec change(map(), map()) -> {ok, map()} | {error, hanse_options:mistake()}.
change(Old, Changes) ->
    case hanse_options:complete(table(), maps:merge(#{to => "", allow => ["a:b/0"]}, Changes)) of
        {ok, Complete} -> {ok, maps:merge(Old, maps:with(maps:keys(Changes), Complete))};
        Error -> Error
    end.

-spec describe() -> iolist().
describe() -> hanse_options:describe(table(), "  --").

allow([_ | _] = List) ->
    Parsed = [case hanse_grant_pattern:parse(Entry) of {ok, Allow} -> Allow; {error, Text} -> throw({mistake, [allow], Text}) end || Entry <- List],
    {ok, Parsed};
allow(_) -> error.

atoms(List) ->
    case is_list(List) andalso lists:all(fun is_atom/1, List) of
        true -> {ok, List};
        false -> error
    end.

%% @doc {Calls, Milliseconds}.
-spec rate(term()) -> {ok, {pos_integer(), pos_integer()}} | error.
rate({Count, Ms} = Rate) when is_integer(Count), Count > 0, Count =< 1000000000, is_integer(Ms), Ms > 0, Ms =< 86400000 -> {ok, Rate};
rate(Given) ->
    case string:split(text(Given), "/") of
        [Count, Unit] ->
            Units = #{"s" => 1000, "sec" => 1000, "min" => 60000, "m" => 60000, "h" => 3600000, "hour" => 3600000, "d" => 86400000, "day" => 86400000},
            case {string:to_integer(Count), Units} of
                {{Number, ""}, #{Unit := Ms}} -> rate({Number, Ms});
                _ -> error
            end;
        _ -> error
    end.

expires(Second) when is_integer(Second), Second > 1000000000 -> {ok, Second};
expires(Given) ->
    case span(Given) of
        {ok, Ms} -> {ok, erlang:system_time(second) + max(1, Ms div 1000)};
        error -> error
    end.

timeout(Given) ->
    case span(Given) of
        {ok, Ms} when Ms =< 3600000 -> {ok, Ms};
        _ -> error
    end.

memory(Given) ->
    case amount(Given) of
        {ok, Bytes} when Bytes >= 100000 -> {ok, Bytes};
        _ -> error
    end.

%% @doc A time in milliseconds, from a number of them or a text like 5s.
-spec span(term()) -> {ok, pos_integer()} | error.
span(Ms) when is_integer(Ms), Ms > 0 -> {ok, Ms};
span(Ms) when is_integer(Ms) -> error;
span(Given) -> scaled(Given, #{"ms" => 1, "s" => 1000, "min" => 60000, "m" => 60000, "h" => 3600000, "d" => 86400000}).

%% @doc Bytes, from a number of them or a text like 32MB.
-spec amount(term()) -> {ok, pos_integer()} | error.
amount(Bytes) when is_integer(Bytes), Bytes > 0 -> {ok, Bytes};
amount(Bytes) when is_integer(Bytes) -> error;
amount(Given) -> scaled(Given, #{"" => 1, "B" => 1, "KB" => 1000, "MB" => 1000000, "GB" => 1000000000}).

scaled(Given, Units) ->
    case string:to_integer(text(Given)) of
        {Number, Unit} when is_integer(Number), Number > 0 ->
            case Units of
                #{Unit := Factor} -> {ok, Number * Factor};
                _ -> error
            end;
        _ -> error
    end.

text(Given) when is_list(Given); is_binary(Given) ->
    try unicode:characters_to_list(Given) of
        Text when is_list(Text) -> Text;
        _ -> ""
    catch error:_ -> ""
    end;
text(_) -> "".

%% @doc Options from the words of a command line: --rate 10/min --allow weather:today/1 --allow ...
-spec words([string()]) -> {ok, map()} | {error, unicode:chardata()}.
words(Words) -> words(Words, #{}).

words(["--" ++ Name, Value | Words], Options) ->
    Known = [atom_to_list(element(1, Row)) || Row <- table()],
    case lists:member(Name, Known) of
        true ->
            Key = list_to_existing_atom(Name),
            words(Words, case Key of
                             _ when Key =:= allow; Key =:= modules; Key =:= names ->
                                 More = case Key of allow -> [Value]; _ -> [list_to_atom(Word) || Word <- string:lexemes(Value, ", ")] end,
                                 Options#{Key => maps:get(Key, Options, []) ++ More};
                             _ -> Options#{Key => value(Key, Value)}
                         end);
        false ->
            {error, ["there is no option --", Name,
                     case hanse_options:nearest(Name, Known) of none -> "; hanse grant options lists all"; Near -> ["; did you mean --", Near, "?"] end]}
    end;
words(["--" ++ _ = Name], _) -> {error, [Name, ": its value is missing"]};
words([Word | _], _) -> {error, ["expected an option like --rate 10/min, got ", Word]};
words([], Options) -> {ok, Options}.

%% What the table wants as a number, an atom or a text.
value(Key, Value) ->
    {_, Type, _, _} = lists:keyfind(Key, 1, table()),
    case {Type, string:to_integer(Value)} of
        {text, _} -> Value;
        {_, {Number, ""}} -> Number;
        {{checked, _, _}, _} -> Value;
        {{either, Word, {checked, _, _}}, _} -> case atom_to_list(Word) of Value -> Word; _ -> Value end;
        _ -> try list_to_existing_atom(Value) catch error:badarg -> Value end
    end.

%% @doc A value as people wrote it.
-spec show(atom(), term()) -> unicode:chardata().
show(allow, List) -> lists:join(", ", [hanse_grant_pattern:format(Allow) || Allow <- List]);
show(Key, {Count, Ms}) when Key =:= rate; Key =:= pid_rate -> [integer_to_list(Count), "/", unit(Ms)];
show(expires, Second) when is_integer(Second) -> calendar:system_time_to_rfc3339(Second, [{offset, "Z"}]);
show(timeout, Ms) when Ms rem 1000 =:= 0 -> [integer_to_list(Ms div 1000), "s"];
show(timeout, Ms) -> [integer_to_list(Ms), "ms"];
show(Key, Bytes) when Key =:= memory; Key =:= answer -> bytes(Bytes);
show(_, Text) when is_binary(Text) -> Text;
show(_, List) when is_list(List) -> lists:join(", ", [atom_to_list(Name) || Name <- List]);
show(_, Value) -> io_lib:format("~tp", [Value]).

unit(1000) -> "s";
unit(60000) -> "min";
unit(3600000) -> "h";
unit(86400000) -> "day";
unit(Ms) -> [integer_to_list(Ms), " ms"].

bytes(Bytes) when Bytes rem 1000000 =:= 0 -> [integer_to_list(Bytes div 1000000), "MB"];
bytes(Bytes) when Bytes rem 1000 =:= 0 -> [integer_to_list(Bytes div 1000), "KB"];
bytes(Bytes) -> integer_to_list(Bytes).
