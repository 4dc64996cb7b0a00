%% @doc Reads event streams (text/event-stream, WHATWG HTML section 9.2) that arrive in pieces.
-module(hanse_events).

-export([new/1, add/2]).
-export_type([buffer/0, event/0]).

-type event() :: #{event => binary(), data => binary(), id => binary()}.
-opaque buffer() :: {Rest :: binary(), event(), Limit :: pos_integer()}.

%% @doc An event may have so many bytes.
-spec new(pos_integer()) -> buffer().
new(LimitBytes) -> {<<>>, #{}, LimitBytes}.

%% @doc The events that are complete now. Several lines of data are joined with line feeds.
-spec add(binary(), buffer()) -> {[event()], buffer()} | too_long.
add(Bytes, {Rest, Event, Limit}) -> lines(<<Rest/binary, Bytes/binary>>, Event, Limit, []).

lines(Bytes, Event, Limit, Events) ->
    case binary:split(Bytes, <<"\n">>) of
        [Line, More] ->
            case line(string:trim(Line, trailing, "\r"), Event) of
                done when map_size(Event) =:= 0 -> lines(More, #{}, Limit, Events);
                done -> lines(More, #{}, Limit, [Event | Events]);
                Next ->
                    case byte_size(maps:get(data, Next, <<>>)) > Limit of
                        true -> too_long;
                        false -> lines(More, Next, Limit, Events)
                    end
            end;
        [_] when byte_size(Bytes) > Limit -> too_long;
        [_] -> {lists:reverse(Events), {binary:copy(Bytes), Event, Limit}}
    end.

line(<<>>, _) -> done;
line(<<":", _/binary>>, Event) -> Event;
line(Line, Event) ->
    {Name, Value} = case binary:split(Line, <<":">>) of
                        [Field, <<" ", Text/binary>>] -> {Field, Text};
                        [Field, Text] -> {Field, Text};
                        [Field] -> {Field, <<>>}
                    end,
    case {Name, Event} of
        {<<"data">>, #{data := Before}} -> Event#{data := <<Before/binary, "\n", Value/binary>>};
        {<<"data">>, _} -> Event#{data => Value};
        {<<"event">>, _} -> Event#{event => Value};
        {<<"id">>, _} -> Event#{id => Value};
        _ -> Event
    end.
