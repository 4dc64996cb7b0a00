%% @doc Processes of borrowers as pids of this node. A client is what a borrower calls one of its programs: CLIENT, a number that nobody guesses,
%% which belongs to the key that used it first. Each has a process here, its hub, which keeps the newest events and the stream that takes them;
%% each process of the borrower (CLIENT/NAME) has one, its proxy: whatever is sent to it becomes an event. Proxies end with their grant, with
%% that process, when nobody has taken the client's events for a minute, or when they are sent too much.
-module(hanse_gateway_proxy).
-behaviour(gen_server).

-export([replace/4, stream/6, ended/3, grant_over/2, clients/0, proxies/0, start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(CLIENTS, hanse_gateway_clients).
-define(PROXIES, hanse_gateway_proxies).
-define(CLIENTS_OF_KEY, 10000).
-define(NAME_BYTES, 64).
-define(DEPTH, 256).

%% @doc Arguments with proxies in the place of #{<<"$pid">> := <<"CLIENT/NAME">>}, and the proxies.
-spec replace([term()], binary(), pos_integer(), {non_neg_integer(), {pos_integer(), pos_integer()}}) ->
    {ok, [term()], [pid()]} | {error, busy | unicode:chardata()}.
replace(Arguments, Key, Grant, Pids) ->
    try
        {Replaced, Proxies} = walk(Arguments, fun(Name) -> proxy(Name, Key, Grant, Pids) end, [], ?DEPTH),
        {ok, Replaced, lists:usort(Proxies)}
    catch
        throw:{wrong, Text} -> {error, Text};
        throw:busy -> {error, busy}
    end.

walk(_, _, _, 0) -> throw({wrong, "nested too deeply"});
walk(#{<<"$pid">> := Name} = Map, Proxy, Found, _) when map_size(Map) =:= 1 ->
    Pid = Proxy(Name),
    {Pid, [Pid | Found]};
walk(List, Proxy, Found, Left) when is_list(List) -> walk_list(List, Proxy, Found, Left - 1, []);
walk(Tuple, Proxy, Found, Left) when is_tuple(Tuple) ->
    {List, All} = walk_list(tuple_to_list(Tuple), Proxy, Found, Left - 1, []),
    {list_to_tuple(List), All};
walk(Map, Proxy, Found, Left) when is_map(Map) ->
    {Values, All} = walk_list(maps:values(Map), Proxy, Found, Left - 1, []),
    {maps:from_list(lists:zip(maps:keys(Map), Values)), All};
walk(Term, _, Found, _) -> {Term, Found}.

walk_list([Element | Rest], Proxy, Found, Left, Done) ->
    {Replaced, All} = walk(Element, Proxy, Found, Left),
    walk_list(Rest, Proxy, All, Left, [Replaced | Done]);
walk_list([], _, Found, _, Done) -> {lists:reverse(Done), Found};
walk_list(Tail, Proxy, Found, Left, Done) ->
    {Replaced, All} = walk(Tail, Proxy, Found, Left),
    {lists:reverse(Done, Replaced), All}.

proxy(Text, Key, Grant, Pids) ->
    case is_binary(Text) andalso binary:split(Text, <<"/">>) of
        [Client, Name] ->
            is_name(Name) orelse throw({wrong, "a process is named CLIENT/NAME, and NAME has at most 64 bytes and no '/'"}),
            case hub(Key, Client) of
                {ok, Hub} ->
                    case hanse_gateway_client:proxy(Hub, Name, Grant, Pids) of
                        {ok, Pid} -> Pid;
                        {error, busy} -> throw(busy)
                    end;
                {error, busy} -> throw(busy);
                {error, _} -> throw({wrong, "CLIENT: expected 16 to 43 characters of base64url that no other key uses"})
            end;
        _ -> throw({wrong, "a process is named CLIENT/NAME"})
    end.

is_name(Name) ->
    Name =/= <<>> andalso byte_size(Name) =< ?NAME_BYTES andalso binary:match(Name, <<"/">>) =:= nomatch
        andalso is_list(unicode:characters_to_list(Name)).

is_client(Client) -> re:run(Client, "^[A-Za-z0-9_-]{16,43}$", [{capture, none}, dollar_endonly]) =:= match.

%% The hub of a client, made if there is none.
hub(Key, Client) ->
    case ets:lookup(?CLIENTS, Client) of
        [{_, Key, Hub}] -> {ok, Hub};
        [_] -> {error, not_granted};
        [] ->
            case is_client(Client) of
                true -> gen_server:call(?MODULE, {hub, Key, Client}, infinity);
                false -> {error, not_granted}
            end
    end.

%% @doc The request of that id becomes the stream of a client's events.
-spec stream(binary(), binary(), integer(), binary() | none, json | term, binary()) -> ok | {error, not_granted | busy}.
stream(Key, Client, Id, Last, Format, Tracking) ->
    case hub(Key, Client) of
        {ok, Hub} ->
            hanse_gateway_client:stream(Hub, Id, number(Last), Format, Tracking);
        Error -> Error
    end.

number(none) -> none;
number(Text) when byte_size(Text) > 18 -> none;
number(Text) -> try binary_to_integer(Text) catch error:badarg -> none end.

%% @doc The borrower's process has ended.
-spec ended(binary(), binary(), binary()) -> ok | {error, not_granted}.
ended(Key, Client, Name) ->
    case ets:lookup(?CLIENTS, Client) of
        [{_, Key, Hub}] ->
            Hub ! {ended, Name},
            ok;
        [_] -> {error, not_granted};
        [] -> ok
    end.

%% @doc A grant has ended, and with it the processes that were passed along under it.
-spec grant_over(pos_integer(), revoked | expired) -> ok.
grant_over(Grant, Reason) ->
    case ets:whereis(?PROXIES) of
        undefined -> ok;
        _ ->
            [Hub ! {over, Name, Reason} || [Hub, Name] <- ets:match(?PROXIES, {'_', Grant, '$1', '$2'})],
            ok
    end.

-spec clients() -> non_neg_integer().
clients() -> rows(?CLIENTS).

-spec proxies() -> non_neg_integer().
proxies() -> rows(?PROXIES).

rows(Table) -> case ets:info(Table, size) of undefined -> 0; Size -> Size end.

%% The owner of the tables, and of the hubs: {Client, Key, Hub} and {Proxy, Grant, Hub, Name}.
-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    process_flag(trap_exit, true),
    _ = ets:new(?CLIENTS, [named_table, public, {read_concurrency, true}]),
    _ = ets:new(?PROXIES, [named_table, public, {write_concurrency, true}]),
    {ok, #{}}.

%% State: how many clients a key has, and whose hubs are.
handle_call({hub, Key, Client}, _From, State) ->
    case ets:lookup(?CLIENTS, Client) of
        [{_, Key, Hub}] -> {reply, {ok, Hub}, State};
        [_] -> {reply, {error, not_granted}, State};
        [] ->
            case maps:get(Key, State, 0) of
                Many when Many >= ?CLIENTS_OF_KEY -> {reply, {error, busy}, State};
                Many ->
                    Hub = hanse_gateway_client:start(),
                    ets:insert(?CLIENTS, {Client, Key, Hub}),
                    {reply, {ok, Hub}, State#{Key => Many + 1, Hub => {Client, Key}}}
            end
    end.

handle_cast(_, State) -> {noreply, State}.

handle_info({'EXIT', Hub, Reason}, State) ->
    case State of
        #{Hub := {Client, Key}} ->
            ets:delete(?CLIENTS, Client),
            ets:match_delete(?PROXIES, {'_', '_', Hub, '_'}),
            Left = maps:remove(Hub, State),
            {noreply, case Left of #{Key := 1} -> maps:remove(Key, Left); #{Key := Many} -> Left#{Key := Many - 1} end};
        _ when Reason =:= shutdown -> {stop, shutdown, State};
        _ -> {noreply, State}
    end;
handle_info(_, State) -> {noreply, State}.
