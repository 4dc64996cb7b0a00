%% @doc gen_tcp of a machine: where its permissions lead, by way of the broker. A socket is held by a process in the host.
-module(gen_tcp).

-export([connect/3, connect/4, listen/2, accept/1, accept/2, send/2, recv/2, recv/3, close/1, shutdown/2, controlling_process/2]).

-define(SOCKET(Pid), {hanse_socket, Pid}).

connect(Host, Port, Options) -> connect(Host, Port, Options, infinity).

connect(Host, Port, Options, Timeout) -> opened(hanse_outside:ask({tcp, {connect, Host, Port, Options, Timeout}})).

listen(Port, Options) -> opened(hanse_outside:ask({tcp, {listen, Port, Options}})).

accept(Socket) -> accept(Socket, infinity).

accept(?SOCKET(Pid), Timeout) -> opened(ask(Pid, {accept, Timeout})).

opened({ok, Pid}) -> {ok, ?SOCKET(Pid)};
opened(Error) -> Error.

send(?SOCKET(Pid), Data) ->
    try iolist_to_binary(Data) of Bytes -> ask(Pid, {send, Bytes})
    catch error:badarg -> {error, einval}
    end.

recv(Socket, Length) -> recv(Socket, Length, infinity).

recv(?SOCKET(Pid), Length, Timeout) -> ask(Pid, {recv, Length, Timeout}).

close(?SOCKET(Pid)) ->
    _ = ask(Pid, close),
    ok.

shutdown(?SOCKET(Pid), How) -> ask(Pid, {shutdown, How}).

controlling_process(?SOCKET(Pid), New) -> ask(Pid, {owner, self(), New}).

ask(Pid, Request) -> hanse_outside:ask({socket, Pid, Request}).
