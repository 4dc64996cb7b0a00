%% @doc A UDP socket of a machine: a process in the host that holds the real one, as hanse_machine_socket does for TCP.
%%
%% A socket that the rules `udp_listen' allow takes datagrams from anybody, and may answer those from whom it got the newest ones. Any other
%% has a port that the system chose, sends where `udp_connect' leads, and takes datagrams from there only; others are dropped.
-module(hanse_machine_datagram).

-export([start/5]).

-import(hanse_machine_broker, [answer/3]).

%% Of a socket that may be reached by anybody: to so many it may answer.
-define(PEERS, 256).
%% Bytes of one datagram.
-define(LARGEST, 65535).

-record(socket, {socket :: gen_udp:socket(), quota, to :: [hanse_machine_address:rule()], open :: boolean(), owner :: pid(), monitor :: reference(),
                 active = true :: true | false | once | pos_integer(), form = list :: list | binary, peers = [] :: [peer()],
                 connected = none :: none | peer(), readers = [] :: [{pid(), reference(), reference() | none}], armed = false :: boolean()}).

-type peer() :: {inet:ip_address(), inet:port_number()}.

%% @doc Linked to the calling broker; answers to who asked.
-spec start(term(), pid(), reference(), map(), hanse_machine_broker:quota()) -> ok.
start(Operation, From, Reference, Permissions, Quota) ->
    hanse_machine_broker:outlet(From, Reference, Quota, fun() ->
        case open(Operation, From, Permissions, Quota) of
            {ok, Socket} ->
                answer(From, Reference, {ok, self()}),
                loop(arm(Socket));
            Error -> answer(From, Reference, Error)
        end
    end).

open({open, Port, Options}, Owner, #{udp_connect := To, udp_listen := At}, Quota)
  when is_integer(Port), Port >= 0, Port < 65536, is_list(Options), length(Options) >= 0 ->
    case bound(lists:keyfind(ip, 1, Options), Port, lists:member(inet6, Options), To, At) of
        {Open, Address} ->
            Family = case tuple_size(Address) of 8 -> [inet6]; 4 -> [] end,
            case gen_udp:open(Port, Family ++ [{ip, Address}, binary, {active, false}]) of
                {ok, Socket} ->
                    {ok, set(Options, #socket{socket = Socket, quota = Quota, to = To, open = Open, owner = Owner, monitor = monitor(process, Owner)})};
                Error -> Error
            end;
        Error -> {error, Error}
    end;
open(_, _, _, _) -> {error, einval}.

%% Whether anybody may reach it, and its own address.
bound({ip, Address}, Port, _, _, At) when is_tuple(Address) ->
    case inet:ntoa(Address) of
        {error, _} -> einval;
        _ -> listening(Address, Port, At)
    end;
bound(false, 0, Six, [_ | _], _) -> {false, case Six of true -> {0, 0, 0, 0, 0, 0, 0, 0}; false -> {0, 0, 0, 0} end};
bound(false, Port, Six, _, At) -> listening(case Six of true -> {0, 0, 0, 0, 0, 0, 0, 1}; false -> {127, 0, 0, 1} end, Port, At);
bound(_, _, _, _, _) -> einval.

listening(Address, Port, At) ->
    case hanse_machine_address:allowed(Address, Port, At) of true -> {true, Address}; false -> eacces end.

%% Those that do no harm; the others of a guest are left out.
set(Options, Socket) ->
    lists:foldl(fun(Form, Taken) when Form =:= list; Form =:= binary -> Taken#socket{form = Form};
                   ({mode, Form}, Taken) when Form =:= list; Form =:= binary -> Taken#socket{form = Form};
                   ({active, Active}, Taken) when is_boolean(Active); Active =:= once -> Taken#socket{active = Active};
                   ({active, Count}, Taken) when is_integer(Count), Count > 0, Count < 32768 -> Taken#socket{active = Count};
                   (_, Taken) -> Taken
                end, Socket, Options).

loop(#socket{socket = Socket, monitor = Monitor, quota = Quota} = State) ->
    receive
        {hanse_outside, From, Reference, Request} when is_pid(From), is_reference(Reference) ->
            case hanse_machine_broker:is_own(From, Quota) of
                true when Request =:= close ->
                    close({error, closed}, State),
                    answer(From, Reference, ok);
                true -> loop(arm(request(Request, From, Reference, State)));
                false -> loop(refuse(From, Reference, State))
            end;
        {udp, Socket, Address, Port, Bytes} ->
            Idle = State#socket{armed = false},
            case wanted(Address, Port, State) andalso hanse_machine_broker:charge(byte_size(Bytes), Quota) of
                true -> loop(arm(deliver(Address, Port, Bytes, heard({Address, Port}, Idle))));
                false -> loop(arm(Idle))  % dropped, as datagrams are
            end;
        {late, Timer} ->
            {Late, Others} = lists:partition(fun({_, _, Of}) -> Of =:= Timer end, State#socket.readers),
            [answer(From, Reference, {error, timeout}) || {From, Reference, _} <- Late],
            loop(State#socket{readers = Others});
        {'DOWN', Monitor, process, _, _} -> close({error, closed}, State);
        {'EXIT', _, Reason} when Reason =/= normal -> close({error, closed}, State);
        _ -> loop(State)
    end.

close(Answer, #socket{socket = Socket, readers = Readers}) ->
    gen_udp:close(Socket),
    [answer(From, Reference, Answer) || {From, Reference, _} <- Readers],
    ok.

wanted(Address, Port, #socket{connected = Connected}) when Connected =/= none -> Connected =:= {Address, Port};
wanted(_, _, #socket{open = true}) -> true;
wanted(Address, Port, #socket{to = To}) -> hanse_machine_address:allowed(Address, Port, To).

heard(Peer, #socket{open = true, peers = Peers} = State) -> State#socket{peers = lists:sublist([Peer | lists:delete(Peer, Peers)], ?PEERS)};
heard(_, State) -> State.

request({send, Host, Port, Bytes}, From, Reference, State) when is_integer(Port), Port > 0, Port < 65536, is_binary(Bytes), byte_size(Bytes) =< ?LARGEST ->
    answer(From, Reference, case destination(Host, Port, State) of
                                {ok, Address} -> send(Address, Port, Bytes, State);
                                Error -> Error
                            end),
    State;
request({send, Bytes}, From, Reference, #socket{connected = Connected} = State) when is_binary(Bytes), byte_size(Bytes) =< ?LARGEST ->
    answer(From, Reference, case Connected of
                                {Address, Port} -> send(Address, Port, Bytes, State);
                                none -> {error, enotconn}
                            end),
    State;
request({connect, Host, Port}, From, Reference, State) when is_integer(Port), Port > 0, Port < 65536 ->
    case destination(Host, Port, State) of
        {ok, Address} ->
            answer(From, Reference, ok),
            State#socket{connected = {Address, Port}};
        Error ->
            answer(From, Reference, Error),
            State
    end;
request({recv, TimeoutMs}, From, Reference, #socket{active = false, readers = Readers} = State) ->
    State#socket{readers = Readers ++ [{From, Reference, hanse_machine_broker:timer(TimeoutMs)}]};
request({setopts, Options}, From, Reference, State) when is_list(Options), length(Options) >= 0 ->
    answer(From, Reference, ok),
    set(Options, State);
request({owner, Old, New}, From, Reference, #socket{owner = Owner, monitor = Monitor} = State) ->
    {Next, Watch} = hanse_machine_broker:owner(Old, New, {Owner, Monitor}, From, Reference, State#socket.quota),
    State#socket{owner = Next, monitor = Watch};
request(sockname, From, Reference, #socket{socket = Socket} = State) ->
    answer(From, Reference, inet:sockname(Socket)),
    State;
request(peername, From, Reference, #socket{connected = Connected} = State) ->
    answer(From, Reference, case Connected of none -> {error, enotconn}; _ -> {ok, Connected} end),
    State;
request(_, From, Reference, State) -> refuse(From, Reference, State).

refuse(From, Reference, State) ->
    answer(From, Reference, {error, einval}),
    State.

destination(Host, Port, #socket{open = Open, peers = Peers, to = To}) ->
    case Open andalso lists:member({Host, Port}, Peers) of
        true -> {ok, Host};
        false -> hanse_machine_address:find(Host, Port, To)
    end.

send(Address, Port, Bytes, #socket{socket = Socket, quota = Quota}) ->
    case hanse_machine_broker:charge(byte_size(Bytes), Quota) of
        true -> gen_udp:send(Socket, Address, Port, Bytes);
        false -> {error, edquot}
    end.

%% To the one who has waited longest, or to the owner in active mode; the real socket is asked for more only then.
deliver(Address, Port, Bytes, #socket{readers = [{From, Reference, _} | Readers], form = Form} = State) ->
    answer(From, Reference, {ok, {Address, Port, hanse_machine_socket:formed(Form, Bytes)}}),
    State#socket{readers = Readers};
deliver(Address, Port, Bytes, #socket{owner = Owner, form = Form, active = Active} = State) when Active =/= false ->
    Owner ! {udp, hanse_machine_socket:handle(), Address, Port, hanse_machine_socket:formed(Form, Bytes)},
    State#socket{active = hanse_machine_socket:after_one(Active, Owner, udp_passive)};
deliver(_, _, _, State) -> State.

arm(#socket{armed = false, active = Active, readers = Readers, socket = Socket} = State) when Active =/= false; Readers =/= [] ->
    _ = inet:setopts(Socket, [{active, once}]),
    State#socket{armed = true};
arm(State) -> State.
