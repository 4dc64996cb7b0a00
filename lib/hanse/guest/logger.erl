%% @doc logger of a machine: an event becomes a text here, at the machine's cost, and goes to the keeper.
-module(logger).

-export([emergency/1, emergency/2, emergency/3, alert/1, alert/2, alert/3, critical/1, critical/2, critical/3, error/1, error/2, error/3,
         warning/1, warning/2, warning/3, notice/1, notice/2, notice/3, info/1, info/2, info/3, debug/1, debug/2, debug/3]).
-export([log/2, log/3, log/4, allow/2, macro_log/3, macro_log/4, macro_log/5, compare_levels/2, timestamp/0, format_report/1]).
-export([set_process_metadata/1, update_process_metadata/1, get_process_metadata/0, unset_process_metadata/0, set_primary_config/1,
         set_primary_config/2, get_primary_config/0, add_handler/3, remove_handler/1, get_handler_ids/0, set_module_level/2]).

-define(CHARACTERS, 8192).

emergency(A) -> log(emergency, A).
emergency(A, B) -> log(emergency, A, B).
emergency(A, B, C) -> log(emergency, A, B, C).
alert(A) -> log(alert, A).
alert(A, B) -> log(alert, A, B).
alert(A, B, C) -> log(alert, A, B, C).
critical(A) -> log(critical, A).
critical(A, B) -> log(critical, A, B).
critical(A, B, C) -> log(critical, A, B, C).
error(A) -> log(error, A).
error(A, B) -> log(error, A, B).
error(A, B, C) -> log(error, A, B, C).
warning(A) -> log(warning, A).
warning(A, B) -> log(warning, A, B).
warning(A, B, C) -> log(warning, A, B, C).
notice(A) -> log(notice, A).
notice(A, B) -> log(notice, A, B).
notice(A, B, C) -> log(notice, A, B, C).
info(A) -> log(info, A).
info(A, B) -> log(info, A, B).
info(A, B, C) -> log(info, A, B, C).
debug(A) -> log(debug, A).
debug(A, B) -> log(debug, A, B).
debug(A, B, C) -> log(debug, A, B, C).

log(Level, Report) -> event(Level, Report, #{}).

log(Level, Report, Meta) when is_map(Meta), is_map(Report) orelse is_list(Report) andalso is_tuple(hd(Report)) -> event(Level, Report, Meta);
log(Level, String, Meta) when is_map(Meta) -> event(Level, String, Meta);
log(Level, Format, Arguments) -> event(Level, {Format, Arguments}, #{}).

log(Level, Fun, Extra, Meta) when is_function(Fun, 1) -> event(Level, Fun(Extra), Meta);
log(Level, Format, Arguments, Meta) -> event(Level, {Format, Arguments}, Meta).

macro_log(_Location, Level, Message) -> event(Level, Message, #{}).

macro_log(_Location, Level, Fun, Extra) when is_function(Fun, 1) -> event(Level, Fun(Extra), #{});
macro_log(_Location, Level, Message, Meta) when is_map(Meta) -> event(Level, Message, Meta);
macro_log(_Location, Level, Format, Arguments) -> event(Level, {Format, Arguments}, #{}).

macro_log(_Location, Level, Fun, Extra, Meta) when is_function(Fun, 1) -> event(Level, Fun(Extra), Meta);
macro_log(_Location, Level, Format, Arguments, Meta) -> event(Level, {Format, Arguments}, Meta).

allow(Level, _Module) -> number(Level) =< number(level()).

level() ->
    case get(?MODULE) of
        #{level := Level} -> Level;
        _ -> notice
    end.

event(Level, Message, Meta) ->
    case allow(Level, ?MODULE) of
        true ->
            Text = try text(Message, Meta) catch _:_ -> <<"an event that cannot be shown">> end,
            case prim_machine:environment() of
                #{keeper := Keeper} -> Keeper ! {hanse_log, Level, Text, trace()};
                _ -> ok
            end,
            ok;
        false -> ok
    end.

trace() ->
    case seq_trace:get_token(label) of
        {label, {traceparent, Trace}} when is_binary(Trace) -> Trace;
        _ -> <<>>
    end.

text({Format, Arguments}, _) when is_list(Format), is_list(Arguments) -> formatted(Format, Arguments);
text({Format, Arguments}, _) when is_binary(Format); is_atom(Format) -> formatted(Format, Arguments);
text(Report, #{report_cb := Callback}) when is_function(Callback, 1), is_map(Report) orelse is_list(Report) ->
    {Format, Arguments} = Callback(Report),
    formatted(Format, Arguments);
text(Report, #{report_cb := Callback}) when is_function(Callback, 2), is_map(Report) orelse is_list(Report) ->
    binary(Callback(Report, #{depth => 30, chars_limit => ?CHARACTERS, single_line => false}));
text(Report, _) when is_map(Report) -> text(maps:to_list(Report), #{});
text([{_, _} | _] = Report, _) ->
    {Format, Arguments} = format_report(Report),
    formatted(Format, Arguments);
text(String, _) -> binary(String).

formatted(Format, Arguments) -> binary(io_lib:format(Format, Arguments, [{chars_limit, ?CHARACTERS}])).

binary(Text) ->
    Bytes = unicode:characters_to_binary(Text),
    true = is_binary(Bytes),
    case byte_size(Bytes) > 4 * ?CHARACTERS of
        true -> unicode:characters_to_binary(string:slice(Bytes, 0, ?CHARACTERS));
        false -> Bytes
    end.

format_report(Report) when is_map(Report) -> format_report(maps:to_list(Report));
format_report([]) -> {"", []};
format_report(Report) when is_list(Report) ->
    {lists:flatten(lists:join(", ", [case Entry of {_, _} -> "~0tp: ~0tp"; _ -> "~0tp" end || Entry <- Report])),
     lists:append([case Entry of {Key, Value} -> [Key, Value]; _ -> [Entry] end || Entry <- Report])};
format_report(Other) -> {"~0tp", [Other]}.

number(emergency) -> 0;
number(alert) -> 1;
number(critical) -> 2;
number(error) -> 3;
number(warning) -> 4;
number(notice) -> 5;
number(info) -> 6;
number(debug) -> 7;
number(all) -> 8;
number(none) -> -1.

compare_levels(A, B) ->
    case {number(A), number(B)} of
        {Same, Same} -> eq;
        {Less, More} when Less > More -> lt;
        _ -> gt
    end.

timestamp() -> erlang:system_time(microsecond).

set_process_metadata(Meta) when is_map(Meta) ->
    put('$logger_metadata$', Meta),
    ok.

update_process_metadata(Meta) when is_map(Meta) -> set_process_metadata(maps:merge(case get_process_metadata() of undefined -> #{}; Old -> Old end, Meta)).

get_process_metadata() -> get('$logger_metadata$').

unset_process_metadata() ->
    erase('$logger_metadata$'),
    ok.

%% A level is the calling process's own.
set_primary_config(Config) when is_map(Config) ->
    put(?MODULE, Config),
    ok.

set_primary_config(Key, Value) -> set_primary_config((get_primary_config())#{Key => Value}).

get_primary_config() -> case get(?MODULE) of undefined -> #{level => notice}; Config -> Config end.

add_handler(_, _, _) -> ok.
remove_handler(_) -> ok.
get_handler_ids() -> [].
set_module_level(_, _) -> ok.
