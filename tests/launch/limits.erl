%% A guest that uses up what there is of something gets system_limit, or ends under its heap limit; the node goes on.
-module(limits).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    show(processes, alone(fun() -> [spawn_link(fun() -> receive never -> ok end end) || _ <- lists:seq(1, 3000)], none end)),
    show(requests, alone(fun() ->
        [spawn_request(fun() -> receive never -> ok end end, [link]) || _ <- lists:seq(1, 3000)],
        lists:usort([receive {spawn_reply, _, error, E} -> E; {spawn_reply, _, ok, _} -> ok end || _ <- lists:seq(1, 3000)])
    end)),
    show(ports, alone(fun() -> [open_port({spawn_driver, "ram_file_drv"}, []) || _ <- lists:seq(1, 3000)], none end)),
    show(atoms, alone(fun() -> lists:foreach(fun(I) -> list_to_atom("atom " ++ integer_to_list(I)) end, lists:seq(1, 20000)) end)),
    show(atom_of_binary, alone(fun() -> binary_to_atom(list_to_binary(["one ", integer_to_list(erlang:unique_integer())])) end)),
    show(atom_of_term, alone(fun() -> binary_to_term(<<131, 119, 5, "fresh">>) end)),
    show(known_atom, alone(fun() -> list_to_atom("lists") end)),
    {Pid, Ref} = spawn_opt(fun() -> lists:seq(1, 10000000) end, [monitor, {max_heap_size, 100000}]),
    show(heap, receive {'DOWN', Ref, process, Pid, Reason} -> Reason end),
    show(lives, spawn_works(1000)),
    halt(0).

%% In a process of its own: what it took is given back.
alone(F) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit(try F() of X -> {value, X} catch C:R -> {C, R} end) end),
    receive {'DOWN', Ref, process, Pid, Result} -> Result end.

%% Those that were linked may still be ending.
spawn_works(0) -> false;
spawn_works(Tries) ->
    try spawn(fun() -> ok end) of _ -> true catch error:system_limit -> receive after 10 -> spawn_works(Tries - 1) end end.

show(Name, X) -> io:format("~w ~0p~n", [Name, X]).
