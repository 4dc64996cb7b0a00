%% @doc The hub of a client (hanse_gateway_proxy): its proxies, the newest events, and the stream of Server-Sent Events that takes them. Events
%% have numbers, so that a stream that was interrupted goes on where it was. It sleeps while nothing happens: ten thousand of them are there for
%% little memory.
-module(hanse_gateway_client).

-export([start/0, proxy/4, stream/5]).
-export([init/1, loop/1, proxy_loop/1]).

-define(EVENTS, 256).
-define(BYTES, 1000000).
-define(MESSAGE_BYTES, 262144).
-define(TICK_MS, 15000).
-define(ALONE_MS, 60000).
-define(FULL_MS, 100).
-define(IDLE_MS, 200).
-define(PROXIES, hanse_gateway_proxies).

-record(hub, {parent :: pid(), names = #{} :: #{binary() => pid()},
              events = queue:new(), count = 0, bytes = 0, next = 1 :: pos_integer(),
              stream = none :: none | integer(), sent = 0 :: non_neg_integer(), format = json, timer}).

%% @doc A hub, linked to the caller.
-spec start() -> pid().
start() -> spawn_opt(?MODULE, init, [self()], [link, {max_heap_size, #{size => 4194304, kill => true, error_logger => false}}]).

init(Parent) ->
    process_flag(trap_exit, true),
    loop(#hub{parent = Parent, timer = erlang:send_after(alone_ms(), self(), alone)}).

%% Tests do not wait for a minute.
alone_ms() -> application:get_env(hanse, gateway_alone_ms, ?ALONE_MS).

tick_ms() -> application:get_env(hanse, gateway_tick_ms, ?TICK_MS).

%% @doc The proxy of a name; the same one as long as it lives.
-spec proxy(pid(), binary(), pos_integer(), {non_neg_integer(), {pos_integer(), pos_integer()}}) -> {ok, pid()} | {error, busy}.
proxy(Hub, Name, Grant, Pids) -> ask(Hub, {proxy, Name, Grant, Pids}).

%% @doc Takes over a request: numbers behind Last are sent, then what comes.
-spec stream(pid(), integer(), integer() | none, json | term, binary()) -> ok | {error, busy}.
stream(Hub, Id, Last, Format, Tracking) -> ask(Hub, {stream, Id, Last, Format, Tracking}).

ask(Hub, Request) ->
    Alias = monitor(process, Hub, [{alias, reply_demonitor}]),
    Hub ! {ask, Alias, Request},
    receive
        {Alias, Answer} -> Answer;
        {'DOWN', Alias, process, _, _} -> {error, busy}
    end.

loop(Hub) ->
    receive
        {event, Proxy, Name, Message, Bytes} ->
            case Hub#hub.names of
                #{Name := Proxy} -> loop(send(add({message, Name, Message}, Bytes, Hub)));
                _ -> loop(Hub)
            end;
        {ask, Alias, Request} ->
            {Answer, Next} = answer(Request, Hub),
            Alias ! {Alias, Answer},
            loop(Next);
        {over, Name, Reason} -> loop(gone(Name, Reason, Hub));
        {ended, Name} -> loop(forget(Name, normal, Hub));
        full -> loop(send(Hub));
        tick when Hub#hub.stream =/= none -> loop(ticked(Hub));
        {gateway_closed, Id} when Id =:= Hub#hub.stream -> loop(alone(Hub));
        alone when Hub#hub.stream =:= none -> exit_all(Hub);
        {'EXIT', Parent, Reason} when Parent =:= Hub#hub.parent -> exit(Reason);
        {'EXIT', Proxy, {limit, Name}} when is_map_key(Name, Hub#hub.names), map_get(Name, Hub#hub.names) =:= Proxy -> loop(gone(Name, limit, Hub));
        {'EXIT', Proxy, _} ->
            case [Name || {Name, Known} <- maps:to_list(Hub#hub.names), Known =:= Proxy] of
                [Name] -> loop(gone(Name, limit, Hub));
                [] -> loop(Hub)
            end;
        _ -> loop(Hub)
    after ?IDLE_MS -> erlang:hibernate(?MODULE, loop, [Hub])
    end.

answer({proxy, Name, Grant, {Most, Rate}}, #hub{names = Names} = Hub) ->
    case Names of
        #{Name := Proxy} -> {{ok, Proxy}, Hub};
        _ ->
            case ets:select_count(?PROXIES, [{{'_', Grant, '_', '_'}, [], [true]}]) of
                Many when Many >= Most -> {{error, busy}, Hub};
                _ ->
                    Proxy = new_proxy(Name, Rate),
                    ets:insert(?PROXIES, {Proxy, Grant, self(), Name}),
                    {{ok, Proxy}, Hub#hub{names = Names#{Name => Proxy}}}
            end
    end;
answer({stream, Id, Last, Format, Tracking}, #hub{stream = Old} = Hub) ->
    case prim_gateway:stream(Id, [{<<"content-type">>, <<"text/event-stream">>}, {<<"cache-control">>, <<"no-store">>}, {<<"hanse-tracking">>, Tracking}]) of
        ok ->
            Old =:= none orelse prim_gateway:stream_end(Old),
            _ = erlang:cancel_timer(Hub#hub.timer),
            %% A stream that says nothing gets what none has had.
            Seen = case Last of none -> Hub#hub.sent; _ -> min(Last, Hub#hub.next - 1) end,
            {ok, send(Hub#hub{stream = Id, format = Format, sent = Seen, timer = erlang:send_after(tick_ms(), self(), tick)})};
        gone -> {ok, Hub}
    end.

add(Event, Bytes, #hub{events = Events, count = Count, bytes = Sum, next = Number} = Hub) ->
    trim(Hub#hub{events = queue:in({Number, Bytes, Event}, Events), count = Count + 1, bytes = Sum + Bytes, next = Number + 1}).

trim(#hub{events = Events, count = Count, bytes = Sum} = Hub) when Count > ?EVENTS; Sum > ?BYTES, Count > 1 ->
    {{value, {_, Bytes, _}}, Left} = queue:out(Events),
    trim(Hub#hub{events = Left, count = Count - 1, bytes = Sum - Bytes});
trim(Hub) -> Hub.

%% What is new goes to the stream, as long as it takes more.
send(#hub{stream = none} = Hub) -> Hub;
send(#hub{events = Events, sent = Sent} = Hub) -> send(newer(queue:to_list(Events), Sent), Hub).

newer([{Number, _, _} | Rest], Sent) when Number =< Sent -> newer(Rest, Sent);
newer(Events, _) -> Events.

send([{Number, _, Event} | Rest], #hub{stream = Id, format = Format} = Hub) ->
    case prim_gateway:stream_send(Id, event(Number, Event, Format)) of
        ok -> send(Rest, Hub#hub{sent = Number});
        full ->
            erlang:send_after(?FULL_MS, self(), full),
            Hub;
        gone -> alone(Hub)
    end;
send([], Hub) -> Hub.

event(Number, {message, Name, Message}, term) -> event(Number, "message", base64:encode(term_to_binary({Name, Message})));
event(Number, {message, Name, Message}, json) ->
    Data = try hanse_json:encode(#{to => Name, message => Message})
           catch error:_ ->
               Text = hanse_audit:clean(unicode:characters_to_binary(io_lib:format("~0tP", [Message, 30], [{chars_limit, 1000}]))),
               hanse_json:encode(#{to => Name, text => Text})
           end,
    event(Number, "message", Data);
event(Number, {gone, Name, Reason}, _) -> event(Number, "gone", hanse_json:encode(#{to => Name, reason => Reason}));
event(Number, Kind, Data) -> ["id: ", integer_to_list(Number), "\nevent: ", Kind, "\ndata: ", Data, "\n\n"].

ticked(#hub{stream = Id} = Hub) ->
    case prim_gateway:stream_send(Id, ": tick\n\n") of
        gone -> alone(Hub);
        _ -> Hub#hub{timer = erlang:send_after(tick_ms(), self(), tick)}
    end.

%% Nobody takes its events.
alone(#hub{timer = Timer} = Hub) ->
    _ = erlang:cancel_timer(Timer),
    Hub#hub{stream = none, timer = erlang:send_after(alone_ms(), self(), alone)}.

gone(Name, Reason, #hub{names = Names} = Hub) ->
    case Names of
        #{Name := _} -> send(add({gone, Name, Reason}, 64, forget(Name, Reason, Hub)));
        _ -> Hub
    end.

forget(Name, Reason, #hub{names = Names} = Hub) ->
    case Names of
        #{Name := Proxy} ->
            ets:delete(?PROXIES, Proxy),
            Proxy ! {?MODULE, self(), Reason},
            Hub#hub{names = maps:remove(Name, Names)};
        _ -> Hub
    end.

-spec exit_all(#hub{}) -> no_return().
exit_all(#hub{names = Names} = Hub) ->
    _ = lists:foldl(fun(Name, Left) -> forget(Name, noconnection, Left) end, Hub, maps:keys(Names)),
    exit(normal).

%% A proxy: messages of its rate, a bucket that holds those of a second or of one period, whichever is longer.
new_proxy(Name, {Count, Ms}) ->
    Interval = max(1, Ms * 1000000 div Count),
    spawn_opt(?MODULE, proxy_loop, [{self(), Name, Interval, max(Count, 1) * Interval, erlang:monotonic_time(nanosecond)}],
              [link, {max_heap_size, #{size => 1048576, kill => true, error_logger => false}}]).

%% @private Only the hub knows its own pid: nobody else tells a proxy to end.
proxy_loop({Hub, Name, Interval, Allowance, Whole}) ->
    receive
        {?MODULE, Hub, Reason} -> unlink(Hub), exit(proxy_reason(Reason));
        Message ->
            Now = erlang:monotonic_time(nanosecond),
            Next = max(Whole, Now) + Interval,
            case Next - Now > Allowance orelse erlang:external_size(Message) of
                Bytes when is_integer(Bytes), Bytes =< ?MESSAGE_BYTES ->
                    Hub ! {event, self(), Name, Message, Bytes},
                    proxy_loop({Hub, Name, Interval, Allowance, Next});
                _ -> exit({limit, Name})
            end
    after ?IDLE_MS -> erlang:hibernate(?MODULE, proxy_loop, [{Hub, Name, Interval, Allowance, Whole}])
    end.

proxy_reason(normal) -> normal;
proxy_reason(noconnection) -> noconnection;
proxy_reason(Reason) -> {shutdown, Reason}.
