%% Ports of another node, and of an earlier life of this one: there are no signals to the former, the latter are gone.
-module(ports_of_other_nodes).
-export([main/0]).

main() ->
    [uses(Title, Port) || {Title, Port} <- [{other_node, port('a@far', 4)}, {earlier_life, port(node(), 77)}]],
    ok.

port(Node, Creation) ->
    Name = atom_to_binary(Node),
    binary_to_term(<<131, 120, 119, (byte_size(Name)), Name/binary, 5:64, Creation:32>>).

uses(Title, Port) ->
    Uses = [{link, fun() -> link(Port), exited(Port) end},
            {quiet_link, fun() -> quietly(fun() -> link(Port) end) end},
            {unlink, fun() -> unlink(Port) end},
            {exit, fun() -> exit(Port, reason) end},
            {exit_kill, fun() -> exit(Port, kill) end},
            {monitor, fun() -> down(erlang:monitor(port, Port)) end},
            {monitor_process, fun() -> erlang:monitor(process, Port) end},
            {timer, fun() -> erlang:send_after(1, Port, message) end},
            {timer_message, fun() -> erlang:start_timer(1, Port, message) end},
            {command, fun() -> port_command(Port, "text") end},
            {control, fun() -> port_control(Port, 1, []) end},
            {call, fun() -> erlang:port_call(Port, 1, []) end},
            {connect, fun() -> port_connect(Port, self()) end},
            {close, fun() -> port_close(Port) end},
            {data, fun() -> erlang:port_get_data(Port) end},
            {set_data, fun() -> erlang:port_set_data(Port, data) end},
            {node, fun() -> node(Port) end},
            {register, fun() -> register(some_name, Port) end},
            {group_leader, fun() -> group_leader(Port, self()) end},
            {trace, fun() -> erlang:trace(Port, true, [send]) end},
            {is_port, fun() -> is_port(Port) end}] ++
           %% Stock logs what is sent to a port of an earlier life.
           [{Name, Send} || Title =:= other_node,
                            {Name, Send} <- [{send, fun() -> Port ! message end}, {command_message, fun() -> Port ! {self(), {command, "text"}} end},
                                             {send_2, fun() -> erlang:send(Port, message) end},
                                             {send_3, fun() -> erlang:send(Port, message, [noconnect]) end},
                                             {send_nosuspend, fun() -> erlang:send_nosuspend(Port, message) end},
                                             {info, fun() -> erlang:port_info(Port) end}, {name, fun() -> erlang:port_info(Port, name) end}]],
    process_flag(trap_exit, true),
    [io:format("~p ~p: ~0p~n", [Title, Name, catch_it(Use)]) || {Name, Use} <- Uses],
    io:format("~p~n", [process_info(self(), [links, monitors, message_queue_len]) =:= [{links, links()}, {monitors, []}, {message_queue_len, 0}]]).

links() -> {links, Links} = process_info(self(), links), [Link || Link <- Links, is_pid(Link)].

catch_it(Use) ->
    try Use() catch Class:Reason -> {Class, Reason} end.

exited(Port) -> receive {'EXIT', Port, Reason} -> {exited, Reason} after 5000 -> nothing end.

down(Monitor) -> receive {'DOWN', Monitor, Type, _, Reason} -> {down, Type, Reason} after 5000 -> nothing end.

quietly(Use) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({result, catch_it(Use)}) end),
    receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end.
