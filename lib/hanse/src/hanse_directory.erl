%% @doc The directory of nodes over HTTP (the web EPMD, `hanse epmd -http'; docs/directory.md) as a node sees it: announces this node's
%% gateway, keeps the announcement alive, and with `relay' serves requests that arrive through the directory, because nobody can connect to
%% the node itself.
-module(hanse_directory).
-behaviour(gen_server).

-export([announce/1, stop/0, info/0, start_link/1, look_up/2, offers/2, nodes/1, url/0, lent/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export_type([options/0]).

%% directory: its URL; with # and the name of its key behind it that is checked. none: HANSE_DIRECTORY, or one on loopback, which is started
%% if there is none. own: where this node's server is. url: what others are told; none: they come by way of the relay only.
-type options() :: #{directory => none | unicode:chardata(), name := unicode:chardata(), own := unicode:chardata(), url => none | unicode:chardata(),
                     seed := binary(), functions => [binary()] | fun(() -> [binary()]), relay => boolean(), note => unicode:chardata(), ttl => 5..3600}.

-define(LOOPBACK, "http://127.0.0.1:4370/").
-define(PLAIN_NAME, "^[A-Za-z0-9_.@?!]{1,40}:[A-Za-z0-9_.@?!]{1,40}/[0-9]+$").
-define(EVENT_BYTES, 8388608).
-define(SILENCE_MS, 45000).
-define(RETRY_MS, 500).
-define(RETRY_AT_MOST_MS, 30000).

-record(state, {options :: map(), base :: binary(), node :: binary(), state = new :: new | announced | binary(), functions = none :: none | [binary()],
                stream = none :: none | {integer(), hanse_events:buffer()}, silence = none :: none | reference(), retry_ms = ?RETRY_MS,
                serving = #{} :: #{binary() => pid()}}).  % requests through the relay, by id

%% @doc Announces this node from now on; `{error, Text}' if the directory is not there or refuses.
-spec announce(options()) -> ok | {error, unicode:chardata()}.
announce(Options) ->
    case supervisor:start_child(hanse_sup, #{id => ?MODULE, start => {?MODULE, start_link, [Options]}, restart => transient}) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> {error, "this node is announced already"};
        {error, already_present} ->
            ok = supervisor:delete_child(hanse_sup, ?MODULE),
            announce(Options);
        {error, {shutdown, Text}} -> _ = supervisor:delete_child(hanse_sup, ?MODULE), {error, Text};
        {error, Reason} -> {error, io_lib:format("~0tP", [Reason, 20])}
    end.

-spec stop() -> ok.
stop() ->
    _ = supervisor:terminate_child(hanse_sup, ?MODULE),
    _ = supervisor:delete_child(hanse_sup, ?MODULE),
    ok.

%% @doc Whether the announcement stands: announced, or what went wrong last.
-spec info() -> #{directory := binary(), name := binary(), state := announced | new | binary()} | {error, noproc}.
info() ->
    case whereis(?MODULE) of
        undefined -> {error, noproc};
        _ -> gen_server:call(?MODULE, info, infinity)
    end.

-spec start_link(options()) -> gen_server:start_ret().
start_link(Options) -> gen_server:start_link({local, ?MODULE}, ?MODULE, Options, []).

%% @doc Where a directory is if nothing else is said.
-spec url() -> string().
url() -> os:getenv("HANSE_DIRECTORY", ?LOOPBACK).

%% @doc What this node's grants lend, by the names for outside: everybody will see it.
-spec lent() -> [binary()].
lent() ->
    case hanse_grant:list() of
        {ok, Grants} ->
            All = [<<M/binary, $:, F/binary, $/, (integer_to_binary(length(Arguments)))/binary>>
                   || #{options := #{allow := Allow}} = Grant <- Grants, hanse_grant:state(Grant) =:= active, #{as := {M, F}, arguments := Arguments} <- Allow],
            lists:sublist([Name || Name <- lists:usort(All), re:run(Name, ?PLAIN_NAME, [{capture, none}]) =:= match], 100);
        {error, _} -> []
    end.

%% Looking: anybody may.

-spec nodes(unicode:chardata()) -> {ok, [map()]} | {error, term()}.
nodes(Directory) -> list(Directory, "", "", []).

%% @doc Who offers a function: `<<"weather:today/1">>', or without the arity.
-spec offers(unicode:chardata(), unicode:chardata()) -> {ok, [map()]} | {error, term()}.
offers(Directory, Function) -> list(Directory, ["offers=", uri_string:quote(Function), "&"], "", []).

list(Directory, Query, After, Before) ->
    case get_json(Directory, ["/nodes?", Query, "after=", uri_string:quote(After)]) of
        {ok, #{<<"nodes">> := Nodes, <<"after">> := null}} -> {ok, lists:append(lists:reverse([Nodes | Before]))};
        {ok, #{<<"nodes">> := Nodes, <<"after">> := Next}} -> list(Directory, Query, Next, [Nodes | Before]);
        Error -> Error
    end.

-spec look_up(unicode:chardata(), unicode:chardata()) -> {ok, map()} | {error, term()}.
look_up(Directory, Name) -> get_json(Directory, ["/nodes/", uri_string:quote(unicode:characters_to_binary(Name))]).

get_json(Directory, Target) ->
    {Base, _} = hanse_remote:split_url(Directory),
    case request(#{url => Base, target => Target, method => "GET", headers => [{"accept", "application/json"}]}) of
        {ok, 200, _, Body, _} -> try {ok, hanse_remote:json(Body)} catch error:_ -> {error, not_a_directory} end;
        {ok, Status, _, _, _} -> {error, Status};
        {error, {Kind, _}} -> {error, Kind}
    end.

request(Request) ->
    Id = prim_gateway:request(maps:merge(#{seed => none, timeout_ms => 20000}, Request)),
    receive {gateway_answer, Id, Answer} -> Answer end.

%% The announcement

init(#{name := _, own := _, seed := _} = Given) ->
    process_flag(trap_exit, true),
    Options = maps:merge(#{directory => none, url => none, functions => [], relay => false, note => <<>>, ttl => 90}, Given),
    Directory = case Options of #{directory := none} -> url(); #{directory := Url} -> Url end,
    {Base, Expected} = hanse_remote:split_url(Directory),
    case find(Base, Expected, Directory =:= ?LOOPBACK) of
        {ok, Public} ->
            State = #state{options = Options, base = Base, node = Public},
            case put_node(functions(State), State) of
                {ok, Next} -> {ok, announced(Next)};
                {error, Text} -> {stop, {shutdown, Text}}
            end;
        {error, Reason} -> {stop, {shutdown, unicode:characters_to_binary([Base, ": ", hanse_remote:describe(Reason)])}}
    end.

%% The one on loopback is there for everybody of this host: who needs it first starts it, and it stays.
find(Base, Expected, MayStart) ->
    case hanse_remote:node_key(Base, Expected, #{}) of
        {error, {transport, _, _}} when MayStart ->
            start_one(),
            find_later(Base, Expected, 50);
        Found -> Found
    end.

find_later(Base, Expected, Tries) ->
    case hanse_remote:node_key(Base, Expected, #{}) of
        {error, {transport, _, _}} when Tries > 0 -> timer:sleep(100), find_later(Base, Expected, Tries - 1);
        Found -> Found
    end.

start_one() ->
    {ok, Program} = file:read_link("/proc/self/exe"),
    Port = open_port({spawn_executable, Program}, [{args, ["epmd", "-daemon", "-http", "127.0.0.1:4370"]}, exit_status]),
    receive {Port, {exit_status, _}} -> ok after 20000 -> ok end.

functions(#state{options = #{functions := Functions}}) -> if is_function(Functions) -> Functions(); true -> Functions end.

put_node(Functions, #state{options = #{url := Url, relay := Relay, note := Note, ttl := Ttl, seed := Seed}} = State) ->
    Body = #{key => hanse_key:jwk(prim_gateway:key_public(Seed)), functions => Functions, relay => Relay, note => unicode:characters_to_binary(Note),
             url => case Url of none -> <<>>; _ -> unicode:characters_to_binary(Url) end, ttl => Ttl},
    case outcome(ask("PUT", path(State, ""), iolist_to_binary(hanse_json:encode(Body)), State)) of
        ok -> {ok, State#state{functions = Functions}};
        Error -> Error
    end.

heartbeat(#state{functions = Announced} = State) ->
    case functions(State) of
        Announced ->
            case outcome(ask("POST", path(State, "/heartbeat"), <<>>, State)) of
                ok -> {ok, State};
                {error, _} -> put_node(Announced, State)  % it has forgotten us, or has started anew
            end;
        Others -> put_node(Others, State)
    end.

path(#state{options = #{name := Name}}, More) -> ["/nodes/", uri_string:quote(unicode:characters_to_binary(Name)), More].

ask(Method, Target, Body, State) -> request(signed(Method, Target, Body, State)).

signed(Method, Target, Body, #state{options = #{seed := Seed}, base = Base, node = Node}) ->
    #{url => Base, target => Target, method => Method, body => Body, seed => Seed, peer => Node, session => false, timeout_ms => 20000,
      headers => [{"content-type", "application/json"} || Body =/= <<>>]}.

outcome({ok, Status, _, _, true}) when Status < 300 -> ok;
outcome({ok, _, _, Body, _}) ->
    try hanse_remote:json(Body) of
        #{<<"detail">> := Text} -> {error, Text};
        _ -> {error, <<"the directory refuses">>}
    catch error:_ -> {error, <<"this is no directory">>}
    end;
outcome({error, {_, Text}}) -> {error, Text}.

announced(#state{options = #{ttl := Ttl}} = State) ->
    _ = erlang:send_after(Ttl * 1000 div 3, self(), heartbeat),
    listen(State#state{state = announced, retry_ms = ?RETRY_MS}).

handle_call(info, _From, #state{options = #{name := Name}, base = Base, state = Is} = State) ->
    {reply, #{directory => Base, name => unicode:characters_to_binary(Name), state => Is}, State};
handle_call(_, _, State) -> {reply, {error, badarg}, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info(heartbeat, #state{retry_ms = Retry} = State) ->
    case heartbeat(State) of
        {ok, Next} -> {noreply, announced(Next)};
        {error, Text} ->
            _ = erlang:send_after(Retry, self(), heartbeat),
            {noreply, State#state{state = Text, retry_ms = min(2 * Retry, ?RETRY_AT_MOST_MS)}}
    end;
handle_info({gateway_answer, Id, Answer}, #state{stream = {Id, _}} = State) ->
    case Answer of
        {ok, 200, _, stream, true} -> {noreply, awake(State)};
        {ok, 200, _, stream, false} -> prim_gateway:request_cancel(Id), {noreply, stream_ended(State)};
        _ -> {noreply, stream_ended(State)}
    end;
handle_info({gateway_data, Id, Bytes}, #state{stream = {Id, Buffer}} = State) ->
    case hanse_events:add(Bytes, Buffer) of
        {Events, Rest} -> {noreply, lists:foldl(fun serve/2, awake(State#state{stream = {Id, Rest}}), Events)};
        too_long -> prim_gateway:request_cancel(Id), {noreply, stream_ended(State)}
    end;
handle_info({gateway_end, Id, _}, #state{stream = {Id, _}} = State) -> {noreply, stream_ended(State)};
handle_info({timeout, Timer, silence}, #state{silence = Timer, stream = {Id, _}} = State) ->
    prim_gateway:request_cancel(Id),
    {noreply, stream_ended(State)};
handle_info(listen, State) -> {noreply, listen(State)};
handle_info({served, Id}, #state{serving = Serving} = State) -> {noreply, State#state{serving = maps:remove(Id, Serving)}};
handle_info(_, State) -> {noreply, State}.

terminate(_, #state{serving = Serving} = State) ->
    [exit(Pid, kill) || Pid <- maps:values(Serving)],
    _ = request((signed("DELETE", path(State, ""), <<>>, State))#{timeout_ms => 3000}),
    ok.

%% The relay

listen(#state{stream = none, options = #{relay := true}} = State) ->
    Request = signed("GET", path(State, "/requests"), <<>>, State),
    Id = prim_gateway:request(Request#{stream => true, timeout_ms => 30000}),
    State#state{stream = {Id, hanse_events:new(?EVENT_BYTES)}};
listen(State) -> State.

stream_ended(#state{silence = Timer} = State) ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    _ = erlang:send_after(?RETRY_MS, self(), listen),
    State#state{stream = none, silence = none}.

awake(#state{silence = Timer} = State) ->
    Timer =:= none orelse erlang:cancel_timer(Timer),
    State#state{silence = erlang:start_timer(?SILENCE_MS, self(), silence)}.

serve(#{event := <<"request">>, data := Data}, #state{serving = Serving, options = #{own := Own, seed := Seed}} = State) ->
    try
        #{<<"id">> := Id, <<"method">> := Method, <<"target">> := Target, <<"headers">> := Headers, <<"body">> := Body} = hanse_remote:json(Data),
        Request = #{url => Own, peer => prim_gateway:key_public(Seed), seed => none, method => Method, target => Target, headers => [{Name, Value} || [Name, Value] <- Headers],
                    body => base64:decode(Body), timeout_ms => 900000, stream => lists:member([<<"accept">>, <<"text/event-stream">>], Headers)},
        Parent = self(),
        State#state{serving = Serving#{Id => spawn(fun() -> forward(Id, Request, Parent, State) end)}}
    catch error:_ -> State
    end;
serve(#{event := <<"cancel">>, data := Data}, #state{serving = Serving} = State) ->
    try #{<<"id">> := Id} = hanse_remote:json(Data), maps:take(Id, Serving) of
        {Pid, Rest} -> exit(Pid, kill), State#state{serving = Rest};
        error -> State
    catch error:_ -> State
    end;
serve(_, State) -> State.

%% One request of a stranger, as it came, and its answer, as it is. The request ends with this process.
forward(Id, Request, Parent, State) ->
    Monitor = monitor(process, Parent),
    Asked = prim_gateway:request(Request),
    receive
        {gateway_answer, Asked, {ok, 200, Fields, stream, _}} ->
            case post(Id, #{status => 200, headers => shown(Fields), body => <<>>, more => true}, State) of
                ok -> pieces(Id, Asked, Monitor, State);
                {error, _} -> prim_gateway:request_cancel(Asked)
            end;
        {gateway_answer, Asked, {ok, Status, Fields, Body, _}} ->
            post(Id, #{status => Status, headers => shown(Fields), body => base64:encode(Body)}, State);
        {gateway_answer, Asked, {error, _}} ->
            post(Id, #{status => 502, headers => [], body => <<>>}, State);
        {'DOWN', Monitor, process, _, _} -> prim_gateway:request_cancel(Asked)
    end,
    Parent ! {served, Id}.

pieces(Id, Asked, Monitor, State) ->
    receive
        {gateway_data, Asked, Bytes} ->
            case post(Id, #{body => base64:encode(Bytes), more => true}, State) of
                ok -> pieces(Id, Asked, Monitor, State);
                {error, _} -> prim_gateway:request_cancel(Asked)
            end;
        {gateway_end, Asked, _} -> post(Id, #{body => <<>>}, State);
        {'DOWN', Monitor, process, _, _} -> prim_gateway:request_cancel(Asked)
    end.

shown(Fields) -> [[Name, Value] || {Name, Value} <- Fields].

post(Id, Answer, State) ->
    outcome(ask("POST", path(State, ["/answers/", uri_string:quote(Id)]), iolist_to_binary(hanse_json:encode(Answer)), State)).
