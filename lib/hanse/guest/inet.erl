%% @doc inet of a machine: what belongs to its sockets, and addresses as text.
-module(inet).

-export([setopts/2, sockname/1, peername/1, port/1, parse_address/1, ntoa/1, format_error/1]).

setopts({hanse_socket, Pid}, Options) -> hanse_outside:ask({socket, Pid, {setopts, Options}}).
sockname({hanse_socket, Pid}) -> hanse_outside:ask({socket, Pid, sockname}).
peername({hanse_socket, Pid}) -> hanse_outside:ask({socket, Pid, peername}).

port(Socket) ->
    case sockname(Socket) of
        {ok, {_, Port}} -> {ok, Port};
        Error -> Error
    end.

parse_address(Text) -> inet_parse:address(Text).

ntoa(Address) -> inet_parse:ntoa(Address).

format_error(Reason) -> file:format_error(Reason).
