%% @doc gen_udp of a machine: where its permissions lead, by way of the broker. A socket is held by a process in the host.
-module(gen_udp).

-export([open/1, open/2, send/2, send/3, send/4, recv/2, recv/3, connect/3, close/1, controlling_process/2]).

-define(SOCKET(Pid), {hanse_socket, Pid}).

open(Port) -> open(Port, []).

open(Port, Options) ->
    case hanse_outside:ask({udp, {open, Port, Options}}) of
        {ok, Pid} -> {ok, ?SOCKET(Pid)};
        Error -> Error
    end.

send(Socket, Data) -> send_bytes(Socket, Data, fun(Bytes) -> {send, Bytes} end).

send(Socket, {Host, Port}, Data) -> send(Socket, Host, Port, Data).

send(Socket, Host, Port, Data) -> send_bytes(Socket, Data, fun(Bytes) -> {send, Host, Port, Bytes} end).

send_bytes(?SOCKET(Pid), Data, Request) ->
    try iolist_to_binary(Data) of
        Bytes when byte_size(Bytes) =< 65535 -> ask(Pid, Request(Bytes));
        _ -> {error, emsgsize}
    catch error:badarg -> {error, einval}
    end.

recv(Socket, Length) -> recv(Socket, Length, infinity).

recv(?SOCKET(Pid), _Length, Timeout) -> ask(Pid, {recv, Timeout}).

connect(?SOCKET(Pid), Host, Port) -> ask(Pid, {connect, Host, Port}).

close(?SOCKET(Pid)) ->
    _ = ask(Pid, close),
    ok.

controlling_process(?SOCKET(Pid), New) -> ask(Pid, {owner, self(), New}).

ask(Pid, Request) -> hanse_outside:ask({socket, Pid, Request}).
