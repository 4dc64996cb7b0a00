%% erlang:port_call and port_control on ports that do not understand them, and what a closed port answers.
-module(port_calls).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Port = open_port({spawn, "cat"}, [binary]),
    [io:format("~w ~0p -> ~0p~n", [F, tl(A), try apply(M, F, A) catch C:R -> {C, R} end])
     || P <- [Port, no_such_port, foo, 17, binary_to_term(<<131, 89, 100, 0, 3, "a@b", 3:32, 1:32>>), list_to_port("#Port<0.99999>")],
        {M, F, A} <- [{erlang, port_call, [P, 1, data]}, {erlang, port_call, [P, data]}, {erlang, port_call, [P, -1, data]},
                      {erlang, port_control, [P, 1, "data"]}, {erlang, port_control, [P, 1 bsl 40, []]}, {erlang, port_control, [P, 1, foo]},
                      {erts_internal, port_control, [P, 1, []]}, {erlang, port_set_data, [P, a_term]}, {erlang, port_get_data, [P]},
                      {erlang, port_info, [P, connected]}, {erlang, port_info, [P]}, {erlang, port_info, [P, foo]}] , F =/= port_info orelse P =/= Port],
    io:format("~w~n", [erlang:port_info(Port, connected) =:= {connected, self()}]),
    Port ! {self(), {command, "over and back"}},
    io:format("~p~n", [receive {Port, {data, D}} -> D after 5000 -> nothing end]),
    true = port_close(Port),
    io:format("~p~n", [receive {'EXIT', Port, Reason} -> Reason after 5000 -> nothing end]),
    [io:format("~w -> ~0p~n", [F, try apply(erlang, F, A) catch C:R -> {C, R} end])
     || {F, A} <- [{port_call, [Port, 1, data]}, {port_control, [Port, 1, []]}, {port_command, [Port, "x"]}, {port_info, [Port]},
                   {port_info, [Port, name]}, {port_close, [Port]}, {port_connect, [Port, self()]}, {port_get_data, [Port]}]].
