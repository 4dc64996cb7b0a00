%% Drives the drivers of linked_in_drivers.c and prints what they do; tests/launch/linked_in_drivers compares stock and Hanse.
-module(linked_in_drivers).
-export([main/0]).

main() ->
    [Folder] = init:get_plain_arguments(),
    process_flag(trap_exit, true),
    show(cannot, [erl_ddll:try_load(Folder, Name, []) || Name <- ["misnamed", "of_the_future", "other", "nowhere"]]),
    show(why, [erl_ddll:format_error(Error) || Name <- ["misnamed", "nowhere"], {error, Error} <- [erl_ddll:try_load(Folder, Name, [])]]),
    show(load, {catch_open("linked_in"), erl_ddll:load_driver(Folder, "linked_in"), erl_ddll:load(Folder, "linked_in"), erl_ddll:load(Folder ++ "/.", linked_in)}),
    show(known, lists:member("linked_in", element(2, erl_ddll:loaded_drivers()))),
    show(start, [catch_open("linked_in " ++ How) || How <- ["general", "badarg", "errno"]] ++ [catch_open({spawn_driver, "linked_in"}, [exit_status])]),
    show(info, info()),
    plain(),
    vectors(Folder),
    events(),
    terms(),
    system(),
    busy(),
    show(unload, [unload() || _ <- lists:seq(1, 3)]),
    loading(Folder),
    permanent(Folder),
    io:format("end: ~p~n", [messages()]),
    halt().

open(Options) -> open_port({spawn_driver, "linked_in"}, Options).
catch_open(Name) -> catch_open({spawn_driver, Name}, []).
catch_open(Name, Options) -> try is_port(open_port(Name, Options)) catch C:R -> {C, R} end.

unload() -> try erl_ddll:unload_driver("linked_in") catch C:R -> {C, R} end.

info() ->
    Me = self(),
    [case Value of {I, [{P, N}]} when P =:= Me -> {I, me, N}; _ -> Value end || {I, _} = Value <- lists:sort(erl_ddll:info("linked_in"))].

plain() ->
    Port = open([]),
    show(output, [begin Port ! {self(), {command, Data}}, next(Port) end || Data <- ["abc", <<"binary">>, [[], $x | <<"yz">>], ""]]),
    Binary = open([binary]),
    show(binary, [begin true = port_command(Binary, Data), next(Binary) end || Data <- ["abc", <<"binary">>, lists:duplicate(70, $a)]]),
    show(control, [try port_control(P, N, "data") catch C:R -> {C, R} end || P <- [Port, Binary], N <- [1, 2, 4, 99, -1, 1 bsl 32]]),
    show(control_binary, [port_control(P, N, "data") || P <- [Port, Binary], N <- [3, 1, 4, 5]]),
    show(call, [try erlang:port_call(Port, N, Term) catch C:R -> {C, R} end || N <- [1, 2, 3, 4, 5], Term <- [{a, [1, 2.5]}, lists:seq(1, 300)]]),
    show(ports, {erlang:port_info(Port, name), erlang:port_info(Port, input), erlang:port_info(Port, output), erlang:port_info(Port, queue_size)}),
    port_control(Port, 32, ""),
    show(os_pid, {erlang:port_info(Port, os_pid), erlang:port_info(Binary, os_pid)}),
    show(close, {port_close(Port), begin Binary ! {self(), close}, next(Binary) end, exits()}),
    Greeter = open_port({spawn, "linked_in greets"}, []),
    show(greeting, {next(Greeter), erlang:port_info(Greeter, name), port_close(Greeter), exits()}),
    Lines = open([{line, 5}]),
    show(lines, [begin port_command(Lines, Data), all(Lines) end || Data <- ["ab", "c\n", "abcdefghij", "\nx\r\n"]]),
    port_close(Lines), exits().

vectors(Folder) ->
    ok = erl_ddll:load_driver(Folder, "vector_driver"),
    Large = binary:copy(<<"l">>, 1000),
    [begin
         Port = open_port({spawn_driver, "vector_driver"}, Options),
         show(vector, [begin port_command(Port, Data), next(Port) end || Data <- ["", "a", [Large, "x", Large], [<<"a">>, <<"b">>]]]),
         port_command(Port, ["que", "123" | <<"456">>]),
         show(queue, {port_control(Port, 20, ""), erlang:port_info(Port, queue_size), port_control(Port, 21, "xx"), port_control(Port, 20, ""),
                      port_control(Port, 21, lists:duplicate(100, $x))}),
         show(flush, {port_close(Port), next(Port), exits()})
     end || Options <- [[], [binary]]],
    Port = open_port({spawn_driver, "vector_driver"}, []),
    show(sibling, port_control(Port, 24, "")),
    Sibling = receive {S, born} -> S end,
    show(sibling, {erlang:port_info(Sibling, name), lists:member(Sibling, element(2, process_info(self(), links))), erlang:port_info(Sibling, connected) =:= {connected, self()}}),
    port_command(Sibling, "echo"),
    show(sibling, {next(Sibling), port_close(Sibling)}),
    port_close(Port), exits(),
    ends(),
    show(unload_vectors, erl_ddll:unload_driver("vector_driver")).

events() ->
    Port = open([eof]),
    show(select, {port_control(Port, 6, ""), port_control(Port, 7, "through a pipe"), next(Port), port_control(Port, 7, "x"), next(Port), next(Port)}),
    show(timer, {port_control(Port, 8, ""), next(Port), port_control(Port, 9, "")}),
    show(async, [{port_control(Port, 10, ""), next(Port)} || _ <- [1, 2, 3]]),
    show(thread, {port_control(Port, 13, ""), receive {from, _} = Message -> Message end}),
    Me = self(),
    Pid = spawn(fun() -> port_control(Port, 11, ""), Me ! erlang:port_info(Port, monitors) end),
    show(watch, {receive {monitors, L} -> L =:= [{process, Pid}] end, receive {gone, P, Same} -> {P =:= Pid, Same} end, erlang:port_info(Port, monitors)}),
    show(unwatch, {port_control(Port, 11, ""), port_control(Port, 12, ""), port_control(Port, 12, "")}),
    port_close(Port), exits().

terms() ->
    Port = open([]),
    show(terms, {port_control(Port, 14, ""), receive T -> T end, port_control(Port, 15, "")}),
    port_close(Port), exits().

system() ->
    Port = open([]),
    show(system, [port_control(Port, N, "") || N <- [25, 26, 27, 28, 29, 30, 31]]),
    show(getenv, os:getenv("LINKED_IN")),
    port_close(Port), exits().

ends() ->
    [begin
         Port = open_port({spawn_driver, "vector_driver"}, []),
         Reference = erlang:monitor(port, Port),
         port_control(Port, N, ""),
         show(ends, {N, receive {'DOWN', Reference, port, Port, Reason} -> Reason end, exits(), erlang:port_info(Port)})
     end || N <- [16, 17, 18, 19]].

busy() ->
    Port = open([]),
    port_control(Port, 22, "x"),
    show(busy, {port_command(Port, "no", [nosuspend]), try port_command(Port, "no", [force]) catch C:R -> {C, R} end}),
    Me = self(),
    Pid = spawn_link(fun() -> port_command(Port, "late"), Me ! sent end),
    show(waits, {receive sent -> sent after 100 -> waits end, is_process_alive(Pid)}),
    port_control(Port, 22, ""),
    show(free, {receive sent -> sent end, next(Port)}),
    port_close(Port), exits().

loading(Folder) ->
    Load = fun(Options) -> try tidy(erl_ddll:try_load(Folder, "linked_in", Options)) catch C:R -> {C, R} end end,
    Unload = fun(Options) -> tidy(erl_ddll:try_unload("linked_in", Options)) end,
    show(loading, [Unload([]), Load([{reload, pending}]), Load([]), Load([]), Load([{driver_options, [kill_ports]}]), Load([foo]), Load([{monitor, x}])]),
    show(unloading, [Unload([]), Unload([{monitor, pending_driver}]), events_of_drivers(1), Unload([])]),
    Port = begin Load([]), open([]) end,
    show(with_port, [Unload([{monitor, pending}]), tidy(erl_ddll:monitor(driver, {"linked_in", loaded})), events_of_drivers(1), Load([]), events_of_drivers(1)]),
    show(again, [Unload([{monitor, pending}]), erl_ddll:info("linked_in", port_count), port_close(Port), exits(), events_of_drivers(1)]),
    Killed = begin Load([{driver_options, [kill_ports]}]), open([]) end,
    show(killed, [Unload([{monitor, pending}]), exit_of(Killed), events_of_drivers(1)]),
    Reloaded = begin Load([]), open([]) end,
    show(reload, [Load([{reload, pending_driver}, {monitor, pending_driver}]), Load([{reload, pending}]), port_close(Reloaded), exits(), events_of_drivers(1)]),
    show(reloaded, [info(), Unload([{monitor, pending}]), events_of_drivers(1)]),
    {Pid, Monitor} = spawn_monitor(fun() -> Load([{driver_options, [kill_ports]}]), receive go -> ok end end),
    timer:sleep(50),
    show(of_another, [Unload([]), tidy(erl_ddll:monitor(driver, {"linked_in", unloaded})), length(erl_ddll:info("linked_in", awaiting_unload))]),
    Orphan = open([]),
    Pid ! go,
    receive {'DOWN', Monitor, process, Pid, _} -> ok end,
    show(orphan, [exit_of(Orphan), events_of_drivers(1)]),
    show(no_more, [tidy(erl_ddll:monitor(driver, {"linked_in", unloaded_only})), events_of_drivers(1), (catch erl_ddll:info("linked_in", processes)) =/= []]).

permanent(Folder) ->
    {ok, loaded} = erl_ddll:try_load(Folder, "linked_in", []),
    Port = open([]),
    port_control(Port, 23, ""),
    show(permanent, [tidy(erl_ddll:try_unload("linked_in", [])), tidy(erl_ddll:try_load(Folder, "linked_in", [])), lists:sort(erl_ddll:info("linked_in")),
                     tidy(erl_ddll:monitor(driver, {"linked_in", unloaded})), events_of_drivers(1)]).

exit_of(Port) -> receive {'EXIT', Port, Reason} -> Reason after 5000 -> none end.

events_of_drivers(0) -> [];
events_of_drivers(N) ->
    receive {Kind, Reference, driver, Name, Tag} when is_reference(Reference) -> [{Kind, Name, Tag} | events_of_drivers(N - 1)] after 5000 -> [none] end.

tidy(R) when is_reference(R) -> reference;
tidy(P) when is_port(P) -> port;
tidy(P) when is_pid(P) -> pid;
tidy(T) when is_tuple(T) -> list_to_tuple([tidy(X) || X <- tuple_to_list(T)]);
tidy(L) when is_list(L), length(L) > 0 -> [tidy(X) || X <- L];
tidy(X) -> X.

next(Port) -> receive {Port, Message} -> Message after 5000 -> nothing end.
all(Port) -> receive {Port, Message} -> [Message | all(Port)] after 0 -> [] end.
exits() -> receive {'EXIT', Port, Reason} when is_port(Port) -> [Reason | exits()] after 0 -> [] end.
messages() -> receive Message -> [tidy(Message) | messages()] after 0 -> [] end.

show(What, Result) -> io:format("~p: ~0tp~n", [What, Result]).
