%% A node that ends writes what waits in its ports; its processes do nothing more.
-module(halt_while_flushing).
-export([main/0]).

main() ->
    Port = open_port({spawn, "sh -c 'sleep 1; cat >/dev/null'"}, [binary]),
    spawn(fun() -> port_command(Port, binary:copy(<<0>>, 8000000)) end),
    wait_until(fun() -> erlang:port_info(Port, queue_size) > {queue_size, 0} end),
    spawn(fun() -> receive after 200 -> io:format("goes on~n") end end),
    io:format("ends~n"),
    halt(0).

wait_until(Condition) ->
    case Condition() of
        true -> ok;
        false -> receive after 10 -> wait_until(Condition) end
    end.
