%% A distribution module for -proto_dist guarded with a policy: requests of others to start processes here are refused, all
%% other traffic passes. Processes carry the connection (the dist_ctrl functions of the module erlang): one reads the socket
%% and looks at each control message, one writes. It asks for messages without an atom cache and without fragments, so that each
%% stands for itself: 112, the control tuple and perhaps a payload in the external term format.
-module(guarded_dist).
-export([listen/2, accept/1, accept_connection/5, setup/5, close/1, select/1, address/0, is_node_name/1]).
-export([tick/1, statistics/1]).
-include_lib("kernel/include/dist.hrl").
-include_lib("kernel/include/dist_util.hrl").
-include_lib("kernel/include/net_address.hrl").

-define(spawn_request, 29).
-define(spawn_request_traced, 30).
-define(spawn_reply, 31).

listen(Name, Host) -> inet_tcp_dist:listen(Name, Host).
accept(Listen) -> inet_tcp_dist:accept(Listen).
close(Listen) -> inet_tcp_dist:close(Listen).
select(Node) -> inet_tcp_dist:select(Node).
address() -> inet_tcp_dist:address().
is_node_name(Node) -> dist_util:is_node_name(Node).

accept_connection(Acceptor, Socket, Node, Allowed, SetupTime) ->
    Kernel = self(),
    spawn_opt(fun() -> accepted(Kernel, Acceptor, Socket, Node, Allowed, SetupTime) end, dist_util:net_ticker_spawn_options()).

accepted(Kernel, Acceptor, Socket, Node, Allowed, SetupTime) ->
    receive {Acceptor, controller} -> ok end,
    Timer = dist_util:start_timer(SetupTime),
    {ok, Address} = inet:peername(Socket),
    Handshake = handshake(Kernel, Node, Socket, Timer, Address),
    dist_util:handshake_other_started(Handshake#hs_data{allowed = Allowed}).

setup(Other, Type, Node, _LongOrShort, SetupTime) ->
    Kernel = self(),
    spawn_opt(fun() -> connect(Kernel, Other, Type, Node, SetupTime) end, dist_util:net_ticker_spawn_options()).

connect(Kernel, Other, Type, Node, SetupTime) ->
    Timer = dist_util:start_timer(SetupTime),
    [Name, Host] = string:split(atom_to_list(Other), "@"),
    {port, Port, Version} = erl_epmd:port_please(Name, Host),
    {ok, Socket} = gen_tcp:connect(Host, Port, [binary, {active, false}, {packet, 2}]),
    dist_util:reset_timer(Timer),
    {ok, Address} = inet:peername(Socket),
    Handshake = handshake(Kernel, Node, Socket, Timer, Address),
    dist_util:handshake_we_started(Handshake#hs_data{other_node = Other, other_version = Version, request_type = Type}).

handshake(Kernel, Node, Socket, Timer, Address) ->
    ok = inet:setopts(Socket, [{mode, list}]),
    Writer = spawn_link(fun() -> writer(Socket) end),
    #hs_data{kernel_pid = Kernel, this_node = Node, socket = Socket, timer = Timer, this_flags = 0,
             reject_flags = ?DFLAG_DIST_HDR_ATOM_CACHE bor ?DFLAG_FRAGMENTS,
             f_send = fun gen_tcp:send/2, f_recv = fun gen_tcp:recv/3,
             f_setopts_pre_nodeup = fun(S) -> inet:setopts(S, [{active, false}, {packet, 4}, binary]) end,
             f_setopts_post_nodeup = fun(_) -> ok end,
             f_getll = fun(_) -> {ok, Writer} end,
             f_address = fun(_, Other) ->
                             [_, Host] = string:split(atom_to_list(Other), "@"),
                             #net_address{address = Address, host = Host, protocol = tcp, family = inet}
                         end,
             f_handshake_complete = fun(_, _, Handle) -> Writer ! {complete, Handle} end,
             mf_tick = fun ?MODULE:tick/1, mf_getstat = fun ?MODULE:statistics/1}.

tick(Socket) -> gen_tcp:send(Socket, []).
statistics(Socket) ->
    {ok, [{recv_cnt, In}, {send_cnt, Out}, {send_pend, Pending}]} = inet:getstat(Socket, [recv_cnt, send_cnt, send_pend]),
    {ok, In, Out, Pending}.

%% The process that stands for the connection: when it ends, the connection does.
writer(Socket) ->
    receive {complete, Handle} -> ok end,
    Reader = spawn_link(fun() -> receive go -> reader(Socket, Handle) end end),
    ok = erlang:dist_ctrl_input_handler(Handle, Reader),
    Reader ! go,
    false = erlang:dist_ctrl_set_opt(Handle, get_size, false),
    erlang:dist_ctrl_get_data_notification(Handle),
    write(Socket, Handle).

write(Socket, Handle) ->
    receive
        dist_data ->
            write_all(Socket, Handle, erlang:dist_ctrl_get_data(Handle)),
            erlang:dist_ctrl_get_data_notification(Handle),
            write(Socket, Handle)
    end.

write_all(_, _, none) -> ok;
write_all(Socket, Handle, Data) ->
    ok = gen_tcp:send(Socket, Data),
    write_all(Socket, Handle, erlang:dist_ctrl_get_data(Handle)).

reader(Socket, Handle) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, <<112, Rest/binary>> = Message} ->
            {Control, _} = binary_to_term(Rest, [used]),
            case refused(Control) of
                {true, Reply} -> ok = gen_tcp:send(Socket, [112, term_to_binary(Reply)]);
                false -> erlang:dist_ctrl_put_data(Handle, Message)
            end,
            reader(Socket, Handle);
        {ok, Tick} ->
            erlang:dist_ctrl_put_data(Handle, Tick),
            reader(Socket, Handle);
        {error, Reason} -> exit(Reason)
    end.

refused(Control) when element(1, Control) =:= ?spawn_request; element(1, Control) =:= ?spawn_request_traced ->
    {true, {?spawn_reply, element(2, Control), element(3, Control), 0, notallowed}};
refused(_) -> false.
