%% @doc A lender as a borrower sees it: requests under way, the pids that were passed along, and the stream of events on which messages to
%% them arrive.
-module(hanse_remote_lender).
-behaviour(gen_server).

-export([start/1, start_link/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(TERM, <<"application/vnd.erlang.term">>).
-define(SILENCE_MS, 45000).   % of the stream: the lender ticks every 15 s
-define(RETRY_MS, 500).
-define(RETRY_AT_MOST_MS, 15000).
-define(EVENT_BYTES, 16777216).

-record(state, {
    base :: binary(),                                        % URL without a slash at its end
    seed :: binary(),
    node :: binary(),                                        % the public key of the lender's node
    client :: binary(),
    options = #{} :: map(),                                  % of every request
    decode = [safe] :: [safe],
    waiting = #{} :: #{integer() => {gen_server:from() | none | cast, term | json | raw}},
    casts = queue:new() :: queue:queue(),                    % one at a time: they keep their order
    casting = none :: none | integer(),
    pids = #{} :: #{pid() => {Name :: binary(), reference()}},
    names = #{} :: #{Name :: binary() => pid()},
    proxies = #{} :: #{module() => pid()},
    stream = none :: none | connecting | {integer(), hanse_events:buffer()},
    last = <<>> :: binary(),
    retry_ms = ?RETRY_MS :: pos_integer(),
    silence = none :: none | reference()
}).

-spec start(hanse_remote:options()) -> {ok, pid()} | {error, term()}.
start(#{name := Name} = Options) -> gen_server:start({local, Name}, ?MODULE, Options, []);
start(Options) -> gen_server:start(?MODULE, Options, []).

-spec start_link(hanse_remote:options()) -> {ok, pid()} | {error, term()}.
start_link(#{name := Name} = Options) -> gen_server:start_link({local, Name}, ?MODULE, Options, []);
start_link(Options) -> gen_server:start_link(?MODULE, Options, []).

init(#{url := Url, key := Key} = Options) ->
    {Base, Fragment} = hanse_remote:split_url(Url),
    Expected = maps:get(node, Options, Fragment),
    case seed(Key, Options) of
        {ok, Seed} ->
            Request = maps:with([ca], Options),
            case hanse_remote:node_key(Base, Expected, Request) of
                {ok, Public} ->
                    {ok, #state{base = Base, seed = Seed, node = Public, client = prim_gateway:base64url(prim_gateway:random(16)),
                                options = Request#{session => maps:get(sessions, Options, true)},
                                decode = case Options of #{atoms := new} -> []; _ -> [safe] end}};
                {error, Reason} -> {stop, {shutdown, Reason}}
            end;
        {error, Reason} -> {stop, {shutdown, Reason}}
    end.

seed({seed, Seed}, _) -> {ok, Seed};
seed(Key, Options) ->
    case hanse_key:find(Key, maps:with([passphrase], Options)) of
        {ok, #{seed := Seed}} when is_binary(Seed) -> {ok, Seed};
        {ok, #{seed := none}} -> {error, {key, <<"the private part of this key is not here">>}};
        {ok, _} -> {error, {key, <<"this key is sealed: its passphrase is missing">>}};
        {error, Text} -> {error, {key, unicode:characters_to_binary(Text)}}
    end.

handle_call({call, Module, Function, Arguments, TimeoutMs}, From, State) ->
    case outgoing(Arguments, State) of
        {ok, Body, Next} -> {noreply, put_function(Module, Function, Body, From, TimeoutMs, Next)};
        error -> {reply, {error, {refused, 422, <<"arguments">>, <<"arguments nest too deep">>}}, State}
    end;
handle_call(functions, From, State) ->
    {noreply, send(<<"GET">>, <<"/">>, [{<<"accept">>, <<"application/json">>}], <<>>, {From, json}, 60000, State)};
handle_call({raw, Method, Path, Headers, Body, TimeoutMs}, From, State) ->
    {noreply, send(Method, Path, Headers, Body, {From, raw}, TimeoutMs, State)};
handle_call({name, Module}, _From, #state{proxies = Proxies} = State) ->
    case Proxies of
        #{Module := Pid} -> {reply, Pid, State};
        _ ->
            Pid = hanse_remote_name:start_link(self(), Module),
            {reply, Pid, State#state{proxies = Proxies#{Module => Pid}}}
    end;
handle_call(_, _, State) -> {reply, {error, badarg}, State}.

handle_cast({cast, Module, Function, Arguments}, #state{casts = Casts} = State) ->
    {noreply, next_cast(State#state{casts = queue:in({Module, Function, Arguments}, Casts)})};
handle_cast(_, State) -> {noreply, State}.

next_cast(#state{casting = none, casts = Casts} = State) ->
    case queue:out(Casts) of
        {empty, _} -> State;
        {{value, {Module, Function, Arguments}}, Rest} ->
            case outgoing(Arguments, State#state{casts = Rest}) of
                {ok, Body, Next} -> put_function(Module, Function, Body, cast, 60000, Next);
                error -> next_cast(State#state{casts = Rest})
            end
    end;
next_cast(State) -> State.

put_function(Module, Function, Body, From, TimeoutMs, State) ->
    Path = [<<"/apply/">>, uri_string:quote(text(Module)), $/, uri_string:quote(text(Function))],
    Type = [{<<"content-type">>, ?TERM} || Body =/= <<>>],
    send(<<"PUT">>, Path, [{<<"accept">>, ?TERM} | Type], Body, {From, term}, TimeoutMs, State).

text(Name) when is_atom(Name) -> atom_to_binary(Name);
text(Name) -> unicode:characters_to_binary(Name).

send(Method, Path, Headers, Body, For, TimeoutMs, #state{waiting = Waiting} = State) ->
    Id = prim_gateway:request((request(Method, Path, Headers, Body, State))#{timeout_ms => TimeoutMs}),
    Next = State#state{waiting = Waiting#{Id => For}},
    case For of {cast, _} -> Next#state{casting = Id}; _ -> Next end.

request(Method, Path, Headers, Body, #state{base = Base, seed = Seed, node = Node, options = Options}) ->
    Options#{method => Method, url => Base, target => Path, headers => Headers, body => Body, seed => Seed, peer => Node}.

%% Local pids become names that the lender can send to; `error': too deep for the lender to take.
outgoing([], State) -> {ok, <<>>, State};
outgoing(Arguments, State) ->
    try
        {Named, Next} = name_pids(Arguments, State, 200),
        {ok, term_to_binary(Named), listen(Next)}
    catch throw:too_deep -> error
    end.

name_pids(_, _, 0) -> throw(too_deep);
name_pids(Pid, State, _) when is_pid(Pid), node(Pid) =:= node() ->
    {Name, Next} = name_of(Pid, State),
    {#{<<"$pid">> => <<(State#state.client)/binary, $/, Name/binary>>}, Next};
name_pids([Head | Tail], State, Depth) ->
    {NewHead, Next} = name_pids(Head, State, Depth - 1),
    {NewTail, Last} = name_pids(Tail, Next, Depth),
    {[NewHead | NewTail], Last};
name_pids(Tuple, State, Depth) when is_tuple(Tuple) ->
    {List, Next} = name_pids(tuple_to_list(Tuple), State, Depth - 1),
    {list_to_tuple(List), Next};
name_pids(Map, State, Depth) when is_map(Map) ->
    {List, Next} = name_pids(maps:to_list(Map), State, Depth - 1),
    {maps:from_list(List), Next};
name_pids(Other, State, _) -> {Other, State}.

name_of(Pid, #state{pids = Pids, names = Names} = State) ->
    case Pids of
        #{Pid := {Name, _}} -> {Name, State};
        _ ->
            Name = prim_gateway:base64url(prim_gateway:random(9)),
            {Name, State#state{pids = Pids#{Pid => {Name, monitor(process, Pid)}}, names = Names#{Name => Pid}}}
    end.

%% Messages

handle_info({gateway_answer, Id, Answer}, #state{stream = {Id, _}} = State) -> {noreply, stream_opened(Answer, State)};
handle_info({gateway_data, Id, Bytes}, #state{stream = {Id, Buffer}} = State) ->
    case hanse_events:add(Bytes, Buffer) of
        {Events, Rest} -> {noreply, lists:foldl(fun deliver/2, listen_to_silence(State#state{stream = {Id, Rest}}), Events)};
        too_long -> prim_gateway:request_cancel(Id), {noreply, stream_ended(State)}
    end;
handle_info({gateway_end, Id, _}, #state{stream = {Id, _}} = State) -> {noreply, stream_ended(State)};
handle_info({gateway_answer, Id, Answer}, #state{waiting = Waiting} = State) ->
    case maps:take(Id, Waiting) of
        {{cast, _}, Rest} -> {noreply, next_cast(State#state{waiting = Rest, casting = none})};
        {{none, _}, Rest} -> {noreply, State#state{waiting = Rest}};
        {{From, Kind}, Rest} ->
            gen_server:reply(From, answer(Answer, Kind, State)),
            {noreply, State#state{waiting = Rest}};
        error -> {noreply, State}
    end;
handle_info({'DOWN', _, process, Pid, _}, #state{pids = Pids} = State) ->
    case Pids of
        #{Pid := {Name, _}} ->
            Next = send(<<"DELETE">>, [<<"/events/">>, State#state.client, $/, Name], [], <<>>, {none, json}, 20000, State),
            {noreply, forget(Name, Next)};
        _ -> {noreply, State}
    end;
handle_info(connect, #state{stream = connecting} = State) -> {noreply, listen(State#state{stream = none})};
handle_info({timeout, Timer, silence}, #state{silence = Timer, stream = {Id, _}} = State) ->
    prim_gateway:request_cancel(Id),
    {noreply, stream_ended(State)};
handle_info(_, State) -> {noreply, State}.

terminate(_, #state{stream = {Id, _}}) -> prim_gateway:request_cancel(Id), ok;
terminate(_, _) -> ok.

answer({ok, 200, _, Body, true}, raw, _) -> {ok, Body};
answer({ok, 200, _, Body, true}, json, _) ->
    try {ok, hanse_remote:json(Body)} catch error:_ -> {error, {forged, 200}} end;
answer({ok, 200, _, Body, true}, term, #state{decode = Decode}) ->
    try {ok, binary_to_term(Body, Decode)}
    catch error:badarg -> {error, {transport, term, <<"the answer has names that are unknown here, or is no term">>}}
    end;
answer({ok, Status, _, Body, _}, _, _) when Status >= 400 ->
    try hanse_remote:json(Body) of
        #{<<"type">> := Type} = Problem -> {error, {refused, Status, lists:last(binary:split(Type, <<":">>, [global])), maps:get(<<"detail">>, Problem, <<>>)}};
        _ -> {error, {refused, Status, <<>>, <<>>}}
    catch error:_ -> {error, {refused, Status, <<>>, <<>>}}
    end;
answer({ok, Status, _, _, _}, _, _) -> {error, {forged, Status}};
answer({error, {Kind, Text}}, _, _) -> {error, {transport, Kind, Text}}.

%% The stream is open while there are pids.

listen(#state{stream = none, names = Names} = State) when map_size(Names) > 0 ->
    #state{client = Client, last = Last} = State,
    Headers = [{<<"accept">>, <<"text/event-stream">>} | [{<<"last-event-id">>, Last} || Last =/= <<>>]],
    Request = request(<<"GET">>, [<<"/events/">>, Client, <<"?format=term">>], Headers, <<>>, State),
    Id = prim_gateway:request(Request#{stream => true, timeout_ms => 30000, session => false}),
    State#state{stream = {Id, hanse_events:new(?EVENT_BYTES)}};
listen(State) -> State.

stream_opened({ok, 200, _, stream, true}, State) -> listen_to_silence(State#state{retry_ms = ?RETRY_MS});
stream_opened({ok, 200, _, stream, false}, #state{stream = {Id, _}} = State) ->
    prim_gateway:request_cancel(Id),
    stream_ended(State);
stream_opened({ok, Status, _, _, _}, State) when Status =:= 403; Status =:= 404; Status =:= 410 ->
    [demonitor(Monitor, [flush]) || {_, Monitor} <- maps:values(State#state.pids)],
    State#state{stream = none, pids = #{}, names = #{}};
stream_opened(_, State) -> stream_ended(State).

stream_ended(#state{retry_ms = Retry, silence = Timer} = State) ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    _ = erlang:send_after(Retry, self(), connect),
    State#state{stream = connecting, silence = none, retry_ms = min(2 * Retry, ?RETRY_AT_MOST_MS)}.

listen_to_silence(#state{silence = Timer} = State) ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    State#state{silence = erlang:start_timer(?SILENCE_MS, self(), silence)}.

deliver(#{data := Data} = Event, #state{names = Names, decode = Decode} = State) ->
    Next = State#state{last = maps:get(id, Event, State#state.last)},
    try {maps:get(event, Event, none), Data} of
        {<<"message">>, _} ->
            {Name, Message} = binary_to_term(base64:decode(Data), Decode),
            case Names of #{Name := Pid} -> Pid ! Message; _ -> ignored end,
            Next;
        {<<"gone">>, _} ->
            #{<<"to">> := Name} = hanse_remote:json(Data),
            forget(Name, Next);
        _ -> Next
    catch error:_ -> Next  % a message with names that are unknown here
    end;
deliver(_, State) -> State.

forget(Name, #state{pids = Pids, names = Names} = State) ->
    case maps:take(Name, Names) of
        {Pid, Rest} ->
            #{Pid := {_, Monitor}} = Pids,
            demonitor(Monitor, [flush]),
            State#state{pids = maps:remove(Pid, Pids), names = Rest};
        error -> State
    end.
