%% @doc A TCP socket of a machine: a process in the host that holds the real one. It checks where the socket may lead, counts bytes, and hands
%% data to the machine as gen_tcp does, in active mode or when asked. Guests have its pid and ask {hanse_outside, Pid, Reference, Request}.
-module(hanse_machine_socket).

-export([start/5, handle/0, formed/2, after_one/3]).

-import(hanse_machine_broker, [answer/3]).

-define(CONNECT_MS, 30000).
-define(SEND_MS, 15000).
%% Data that nobody has asked for yet; more stays in the real socket.
-define(READ_AHEAD, 65536).

-record(socket, {socket :: gen_tcp:socket(), kind :: stream | listener, quota, permissions, owner :: pid(), monitor :: reference(),
                 active = true :: true | false | once | integer(), packet = 0 :: term(), form = list :: list | binary,
                 buffer = [] :: [binary()], readers = [] :: [{pid(), reference(), non_neg_integer(), reference() | none}],
                 armed = false :: boolean(), closed = false :: false | {error, term()}, told = false :: boolean()}).

%% @doc Linked to the calling broker; answers to who asked.
-spec start(term(), pid(), reference(), map(), hanse_machine_broker:quota()) -> ok.
start(Operation, From, Reference, Permissions, Quota) ->
    hanse_machine_broker:outlet(From, Reference, Quota, fun() ->
        case open(Operation, From, Permissions, Quota) of
            {ok, Socket} ->
                answer(From, Reference, {ok, self()}),
                loop(Socket);
            Error -> answer(From, Reference, Error)
        end
    end).

open({connect, Host, Port, Options, TimeoutMs}, From, #{connect := Rules} = Permissions, Quota) when is_integer(Port), Port > 0, Port < 65536 ->
    case hanse_machine_address:find(Host, Port, Rules) of
        {ok, Address} ->
            {Real, Own} = options(Options),
            Limit = case TimeoutMs of _ when is_integer(TimeoutMs), TimeoutMs >= 0 -> min(TimeoutMs, ?CONNECT_MS); _ -> ?CONNECT_MS end,
            Family = case tuple_size(Address) of 8 -> [inet6]; 4 -> [] end,
            case gen_tcp:connect(Address, Port, Family ++ real(Real), Limit) of
                {ok, Socket} -> {ok, arm(new(Socket, stream, Own, From, Permissions, Quota))};
                Error -> Error
            end;
        Error -> Error
    end;
open({listen, Port, Options}, From, #{listen := Rules} = Permissions, Quota) when is_integer(Port), Port >= 0, Port < 65536 ->
    {Real, Own} = options(Options),
    Wanted = case lists:keyfind(ip, 1, Options) of {ip, Given} when is_tuple(Given) -> Given; _ -> {127, 0, 0, 1} end,
    case hanse_machine_address:allowed(Wanted, Port, Rules) of
        true ->
            Family = case tuple_size(Wanted) of 8 -> [inet6]; 4 -> [] end,
            case gen_tcp:listen(Port, Family ++ [{ip, Wanted}, {reuseaddr, true} | real(Real)]) of
                {ok, Socket} -> {ok, new(Socket, listener, Own, From, Permissions, Quota)};
                Error -> Error
            end;
        false -> {error, eacces}
    end;
open(_, _, _, _) -> {error, einval}.

new(Socket, Kind, Own, Owner, Permissions, Quota) ->
    #{active := Active, packet := Packet, form := Form} = Own,
    #socket{socket = Socket, kind = Kind, quota = Quota, permissions = Permissions, owner = Owner, monitor = monitor(process, Owner),
            active = Active, packet = Packet, form = Form}.

real(Options) -> [binary, {active, false}, {send_timeout, ?SEND_MS}, {send_timeout_close, true}, {buffer, ?READ_AHEAD} | Options].

%% Those that do no harm; the others of a guest are left out.
options(Options) when is_list(Options) ->
    lists:foldl(fun(Form, {Real, Own}) when Form =:= list; Form =:= binary -> {Real, Own#{form := Form}};
                   ({mode, Form}, {Real, Own}) when Form =:= list; Form =:= binary -> {Real, Own#{form := Form}};
                   ({active, Active}, {Real, Own}) when is_boolean(Active); Active =:= once -> {Real, Own#{active := Active}};
                   ({active, Count}, {Real, Own}) when is_integer(Count), Count > 0, Count < 32768 -> {Real, Own#{active := Count}};
                   ({packet, Packet}, {Real, Own}) when Packet =:= raw; Packet =:= 0; Packet =:= 1; Packet =:= 2; Packet =:= 4; Packet =:= line ->
                        {[{packet, Packet}, {packet_size, ?READ_AHEAD} | Real], Own#{packet := case Packet of raw -> 0; _ -> Packet end}};
                   ({Flag, Value}, {Real, Own}) when is_boolean(Value), Flag =:= nodelay orelse Flag =:= keepalive -> {[{Flag, Value} | Real], Own};
                   ({backlog, Count}, {Real, Own}) when is_integer(Count), Count > 0 -> {[{backlog, min(Count, 128)} | Real], Own};
                   (_, Taken) -> Taken
                end, {[], #{active => true, packet => 0, form => list}}, Options).

loop(#socket{socket = Socket, kind = Kind, monitor = Monitor, quota = Quota} = State) ->
    receive
        {hanse_outside, From, Reference, Request} when is_pid(From), is_reference(Reference) ->
            case hanse_machine_broker:is_own(From, Quota) of
                true when Request =:= close ->
                    gen_tcp:close(Socket),
                    [finished(Reader, {error, closed}) || Reader <- State#socket.readers],
                    answer(From, Reference, ok);
                true -> loop(request(Request, From, Reference, State));
                false -> loop(refuse(From, Reference, State))
            end;
        {tcp, Socket, Bytes} when Kind =:= stream ->
            case hanse_machine_broker:charge(byte_size(Bytes), Quota) of
                true -> loop(deliver(State#socket{armed = false, buffer = State#socket.buffer ++ [Bytes]}));
                false ->
                    gen_tcp:close(Socket),
                    loop(deliver(State#socket{armed = false, closed = {error, edquot}}))
            end;
        {tcp_closed, Socket} -> loop(deliver(State#socket{closed = {error, closed}}));
        {tcp_error, Socket, Reason} -> loop(deliver(State#socket{closed = {error, Reason}}));
        {late, Timer} ->
            {Late, Others} = lists:partition(fun({_, _, _, Of}) -> Of =:= Timer end, State#socket.readers),
            [finished(Reader, {error, timeout}) || Reader <- Late],
            loop(State#socket{readers = Others});
        {'DOWN', Monitor, process, _, _} -> gen_tcp:close(Socket);
        {'EXIT', _, Reason} when Reason =/= normal -> gen_tcp:close(Socket);
        _ -> loop(State)
    end.

finished({From, Reference, _, _}, Answer) -> answer(From, Reference, Answer).

request({send, Bytes}, From, Reference, #socket{socket = Socket, quota = Quota, kind = stream} = State) when is_binary(Bytes) ->
    answer(From, Reference, case hanse_machine_broker:charge(byte_size(Bytes), Quota) of
                               true -> gen_tcp:send(Socket, Bytes);
                               false -> {error, edquot}
                           end),
    State;
request({recv, Length, TimeoutMs}, From, Reference, #socket{kind = stream, active = false, readers = Readers} = State)
  when is_integer(Length), Length >= 0, Length =< 67108864 ->
    Timer = hanse_machine_broker:timer(TimeoutMs),
    deliver(State#socket{readers = Readers ++ [{From, Reference, Length, Timer}]});
request({setopts, Options}, From, Reference, #socket{socket = Socket, kind = stream} = State) ->
    {Real, Own} = options(Options),
    Given = [Key || Key <- [active, packet], lists:keymember(Key, 1, Options)]
            ++ [form || lists:member(list, Options) orelse lists:member(binary, Options) orelse lists:keymember(mode, 1, Options)],
    Changed = maps:with(Given, Own),
    _ = Real =:= [] orelse inet:setopts(Socket, Real),
    answer(From, Reference, ok),
    deliver(State#socket{active = maps:get(active, Changed, State#socket.active), packet = maps:get(packet, Changed, State#socket.packet),
                         form = maps:get(form, Changed, State#socket.form)});
request({owner, Old, New}, From, Reference, #socket{owner = Owner, monitor = Monitor} = State) ->
    {Next, Watch} = hanse_machine_broker:owner(Old, New, {Owner, Monitor}, From, Reference, State#socket.quota),
    State#socket{owner = Next, monitor = Watch};
request(sockname, From, Reference, #socket{socket = Socket} = State) ->
    answer(From, Reference, inet:sockname(Socket)),
    State;
request(peername, From, Reference, #socket{socket = Socket} = State) ->
    answer(From, Reference, inet:peername(Socket)),
    State;
request({shutdown, How}, From, Reference, #socket{socket = Socket, kind = stream} = State) when How =:= read; How =:= write; How =:= read_write ->
    answer(From, Reference, gen_tcp:shutdown(Socket, How)),
    State;
request({accept, TimeoutMs}, From, Reference, #socket{socket = Listener, kind = listener, quota = Quota} = State) ->
    %% A process of its own waits, and becomes the connection.
    #socket{permissions = Permissions, active = Active, packet = Packet, form = Form} = State,
    Limit = case TimeoutMs of _ when is_integer(TimeoutMs), TimeoutMs >= 0 -> TimeoutMs; _ -> infinity end,
    hanse_machine_broker:outlet(From, Reference, Quota, fun() ->
        case gen_tcp:accept(Listener, Limit) of
            {ok, Socket} ->
                answer(From, Reference, {ok, self()}),
                loop(arm(new(Socket, stream, #{active => Active, packet => Packet, form => Form}, From, Permissions, Quota)));
            Error -> answer(From, Reference, Error)
        end
    end),
    State;
request(_, From, Reference, State) -> refuse(From, Reference, State).

refuse(From, Reference, State) ->
    answer(From, Reference, {error, einval}),
    State.

%% Data to those who wait for it, or to the owner in active mode; the real socket is asked for more only then.
deliver(#socket{readers = [{_, _, Length, _} = Reader | Readers], buffer = Buffer, active = false, packet = Packet, form = Form} = State) ->
    case taken(Packet, Length, Buffer) of
        {Bytes, Rest} ->
            finished(Reader, {ok, formed(Form, Bytes)}),
            deliver(State#socket{readers = Readers, buffer = Rest});
        more when State#socket.closed =/= false ->
            finished(Reader, State#socket.closed),
            deliver(State#socket{readers = Readers});
        more -> arm(State)
    end;
deliver(#socket{active = false} = State) -> State;
deliver(#socket{buffer = [Bytes | Rest], owner = Owner, form = Form, active = Active} = State) ->
    Owner ! {tcp, handle(), formed(Form, Bytes)},
    deliver(State#socket{buffer = Rest, active = after_one(Active, Owner, tcp_passive)});
deliver(#socket{closed = {error, Reason}, owner = Owner, told = false} = State) ->
    _ = [Owner ! {tcp_error, handle(), Reason} || Reason =/= closed],
    Owner ! {tcp_closed, handle()},
    State#socket{told = true};
deliver(State) -> arm(State).

%% @doc What a guest has of the calling process.
-spec handle() -> {hanse_socket, pid()}.
handle() -> {hanse_socket, self()}.

%% @doc The active mode after one message more; the owner is told if it was the last of a count.
-spec after_one(true | once | pos_integer(), pid(), atom()) -> true | false | pos_integer().
after_one(true, _, _) -> true;
after_one(once, _, _) -> false;
after_one(1, Owner, Passive) ->
    Owner ! {Passive, handle()},
    false;
after_one(Count, _, _) -> Count - 1.

arm(#socket{armed = false, closed = false, active = Active, readers = Readers, socket = Socket} = State) when Active =/= false; Readers =/= [] ->
    case inet:setopts(Socket, [{active, once}]) of
        ok -> State#socket{armed = true};
        {error, _} -> deliver(State#socket{closed = {error, closed}})
    end;
arm(State) -> State.

taken(_, _, []) -> more;
taken(0, 0, Buffer) -> {iolist_to_binary(Buffer), []};
taken(0, Length, Buffer) ->
    case iolist_to_binary(Buffer) of
        <<Bytes:Length/binary>> -> {Bytes, []};
        <<Bytes:Length/binary, Rest/binary>> -> {Bytes, [Rest]};
        _ -> more
    end;
taken(_, _, [Packet | Rest]) -> {Packet, Rest}.

%% @doc Bytes in the form that the owner wants.
-spec formed(binary | list, binary()) -> binary() | string().
formed(binary, Bytes) -> Bytes;
formed(list, Bytes) -> binary_to_list(Bytes).
