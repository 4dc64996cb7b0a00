%% @doc Runs each attack of attack.erl in a machine of its own, and says whether what came of it is what must come of it, with the host well
%% after it. Usage: escapes:main([Name]) with the names of attacks, or none for all.
-module(escapes).
-export([main/1]).

%% What must come of an attack:
%%   {value, Term}          it returns this
%%   {value, Fun}           it returns something for which Fun says true
%%   {limit, Name}          a process ends because of this limit, or a call of it is refused (system_limit)
%%   still_running          it runs until it is stopped, and the host goes on meanwhile
attacks() ->
    Undef = {raised, undef}, NotPermitted = {raised, not_permitted}, Badarg = {raised, badarg},
    [{fork_bomb, {limit, processes}}, {quiet_fork_bomb, {value, {stopped, true}}}, {link_fork_bomb, {value, stopped}},
     {atom_bomb, {limit, atoms}}, {binary_atom_bomb, {limit, atoms}}, {term_atom_bomb, {limit, atoms}},
     {heap_bomb, {limit, memory}}, {list_bomb, {limit, memory}}, {tuple_bomb, {limit, memory}}, {many_tuples, {limit, memory}},
     {deep_recursion, {limit, memory}}, {binary_bomb, {limit, binary}}, {held_binaries, {limit, memory}}, {sub_binaries, {limit, memory}},
     {appended_binary, {limit, any}}, {bit_bomb, {limit, any}}, {bit_comprehension_bomb, {limit, any}}, {iolist_bomb, {limit, any}},
     {flatten_bomb, {limit, memory}}, {shared_term_bomb, {limit, memory}}, {ets_bomb, {limit, memory}}, {ets_binary_bomb, {limit, memory}},
     {empty_text_bomb, {limit, memory}}, {shared_text_bomb, {limit, any}}, {shared_subject_bomb, {value, Badarg}},
     {shared_checksum_bomb, {value, Badarg}}, {pattern_bomb, {limit, any}}, {result_bomb, {limit, memory}}, {tag_bomb, {limit, memory}},
     {ets_large_object, {limit, memory}}, {table_flood, {limit, ets_tables}}, {timer_flood, {limit, timers}},
     {timer_message_bomb, {limit, any}}, {mailbox_bomb, {limit, any}}, {own_mailbox_bomb, {limit, any}}, {small_messages, {limit, any}},
     {exit_signal_flood, {limit, memory}}, {dictionary_bomb, {limit, memory}}, {monitor_bomb, {limit, memory}},
     {counters_bomb, {limit, memory}}, {one_large_atomics, {limit, any}}, {minimum_heap_bomb, {value, Badarg}}, {own_minimum_heap, {value, Badarg}},
     {huge_integer, {limit, any}}, {huge_shift, {limit, any}}, {huge_power_text, still_running_or_done},
     {regular_expression, {value, fun(R) -> R =:= nomatch orelse R =:= {error, match_limit} end}},
     {regular_expression_recursion, {value, fun({error, _}) -> true; (_) -> false end}},
     {compressed_bomb, {value, fun([{raised, _}, 1000000]) -> true; (_) -> false end}},
     {nested_term, {value, fun(_) -> true end}},
     {lying_lengths, {value, fun(L) -> lists:all(fun({raised, _}) -> true; (_) -> false end, L) end}},
     {format_bomb, still_running_or_done}, {format_width, {limit, memory}}, {unicode_bomb, {limit, memory}}, {string_bomb, {limit, memory}},
     {sort_bomb, {limit, memory}}, {map_bomb, {limit, memory}}, {external_bomb, {limit, any}},
     {outside_flood, {value, {stopped, true}}}, {spin, still_running}, {hibernation, {limit, processes}},
     {halting, {value, all(NotPermitted, Badarg)}}, {stopping_init, {value, all(Undef)}}, {programs, {value, all(Undef, NotPermitted)}},
     {files, {value, all(Undef)}}, {sockets, {value, all(Undef)}}, {native_code, {value, all(Undef, NotPermitted)}},
     {loading, {value, all(Undef, NotPermitted, Badarg)}}, {built_names, {value, all(Undef, NotPermitted, Badarg)}},
     {kill_by_name, {value, all(Badarg)}}, {kill_by_pid, {value, true}}, {kill_everybody, {value, []}},
     {forged_pid, {value, all(Badarg, Undef)}}, {decoded_pids, {value, all(Badarg)}},
     {registered_names, {value, fun([[], undefined, undefined, B1, {victim, _}, B2, _]) -> B1 =:= Badarg andalso B2 =:= Badarg;
                                   ([[], undefined, undefined, B1, x, B2, x]) -> B1 =:= Badarg andalso B2 =:= Badarg; (_) -> false end}},
     {watching, {value, [noproc, {raised, noproc}, false, undefined, undefined]}},
     {manipulating, {value, fun(L) -> lists:all(fun(R) -> R =:= false orelse R =:= Badarg orelse R =:= Undef end, L) end}},
     {timer_to_outside, {value, all(Badarg)}}, {tracing, {value, all(NotPermitted, Undef, Badarg)}}, {settings, {value, all(NotPermitted, Undef, Badarg)}},
     {clock, {value, all(NotPermitted)}}, {persistent, {value, all(NotPermitted, Undef)}}, {distribution, {value, all(NotPermitted, Undef, Badarg, {raised, notalive})}},
     {error_handler, {value, fun([{raised, undef}]) -> true; ([{handled, _, _, _, NP}]) -> NP =:= NotPermitted; (_) -> false end}},
     {other_tables, {value, fun([B1, undefined, All, B2, B3, B4]) when All =:= []; All =:= NotPermitted -> [B1, B2, B3, B4] =:= [Badarg, Badarg, Badarg, Badarg]; (_) -> false end}},
     {guessed_references, {value, fun({[B], [false]}) -> B =:= Badarg; (_) -> false end}},
     {ports_of_host, {value, all(NotPermitted, Undef)}}, {give_table, {value, Badarg}},
     {smuggled_fun, {value, kept}}, {smuggled_export, {value, {export, undef}}}, {deep_smuggled_fun, {value, {funs, [cannot_be_called]}}},
     {exit_with_fun, {value, fun(R) -> R =:= {raised, with} end}}, {spoofed_reply, {value, sent}}, {priority, still_running}, {scheduler_hog, still_running},
     {blocking_function, {value, fun(N) -> is_integer(N) end}}, {message_to_alias, {value, fine}}, {internal, {value, all(Undef, NotPermitted)}},
     {primitive_machines, {value, all(Undef, NotPermitted)}}].

all(A) -> all_of([A]).
all(A, B) when not is_list(A) -> all_of([A, B]).
all(A, B, C) -> all_of([A, B, C]).
all(A, B, C, D) -> all_of([A, B, C, D]).
all_of(Allowed) -> fun(L) -> is_list(L) andalso lists:all(fun(R) -> lists:member(R, Allowed) end, L) end.

main(Names) ->
    %% In the host the names exist: what fails inside fails because of the wall.
    register(victim, Victim = spawn(fun victim/0)),
    [code:ensure_loaded(M) || M <- modules()],
    Realm = prim_machine:realm_new(host, modules()),
    {ok, Beam} = file:read_file(code:which(attack)),
    ok = prim_machine:realm_load(Realm, attack, Beam, verified),
    Wanted = [A || A = {Name, _} <- attacks(), Names =:= [] orelse lists:member(atom_to_list(Name), Names)],
    Before = erlang:system_info(atom_count),
    Failed = [Name || {Name, Expected} <- Wanted, not check(Name, Expected, Realm, Victim)],
    NewAtoms = erlang:system_info(atom_count) - Before,
    NewAtoms < 3000 orelse io:format("the attacks made ~b atoms~n", [NewAtoms]),
    io:format("~b attacks, ~b failed~n", [length(Wanted), length(Failed)]),
    halt(case Failed of [] when NewAtoms < 3000 -> 0; _ -> 1 end).

modules() -> [erlang, lists, ets, maps, binary, re, unicode, unicode_util, io_lib, io_lib_format, io_lib_pretty, string, atomics, sets, ordsets].

check(Name, Expected, Realm, Victim) ->
    os:getenv("VERBOSE") =/= false andalso io:format("~s~n", [Name]),
    Limits = #{memory => 64000000, processes => 100, atoms => 500, ets_tables => 50, timers => 200, mailbox => 20000, binary => 32000000,
               outside_messages => {100, 100}},
    Machine = prim_machine:machine_new(Realm, #{limits => Limits}),
    {Resident, Begin} = {resident(), erlang:monotonic_time(millisecond)},
    Alias = alias([reply]),
    {Pid, Reference} = prim_machine:machine_spawn(Machine, attack, run, [Alias, Name, Victim], [monitor]),
    Outcome = wait(Name, Expected, Reference, Pid),
    Time = erlang:monotonic_time(millisecond) - Begin,
    Peak = resident() - Resident,
    prim_machine:machine_kill(Machine, over),
    Down = receive {machine_down, Machine, _} -> true after 20000 -> false end,
    unalias(Alias),
    Well = well(Victim),
    Fits = fits(Outcome, Expected),
    Leaves = not lists:member(Machine, prim_machine:machines()) andalso Peak < 600000000,
    flush(),
    Passed = Fits andalso Down andalso Well andalso Leaves,
    Passed orelse io:format("FAIL ~s: ~0P (expected ~0p), ended ~p, host well ~p, ~b MB, ~b ms~n", [Name, Outcome, 40, Expected, Down, Well, Peak div 1000000, Time]),
    Passed.

%% The first thing that says what came of it.
wait(_, still_running, Reference, _) -> receive {'DOWN', Reference, process, _, Reason} -> {ended, Reason} after 1000 -> still_running end;
wait(Name, Expected, Reference, Pid) ->
    receive
        {result, Result} -> {result, Result};
        {machine_limit, _, #{threshold := hard, limit := Limit, action := error}} when element(1, Expected) =/= limit ->
            _ = Limit, wait(Name, Expected, Reference, Pid);
        {machine_limit, _, #{threshold := hard, limit := Limit}} -> {limit, Limit};
        {'DOWN', Reference, process, _, {machine_limit, Limit}} -> {limit, Limit};
        {'DOWN', Reference, process, _, Reason} -> receive {result, Result} -> {result, Result} after 100 -> {ended, Reason} end
    after 20000 -> still_running
    end.

fits(still_running, still_running) -> true;
fits(still_running, still_running_or_done) -> true;
fits({result, _}, still_running_or_done) -> true;
fits({limit, _}, still_running_or_done) -> true;
fits({limit, _}, {limit, any}) -> true;
fits({limit, Limit}, {limit, Limit}) -> true;
fits({result, {raised, system_limit}}, {limit, _}) -> true;
fits({result, Result}, {value, Fun}) when is_function(Fun) -> Fun(Result);
fits({result, Result}, {value, Result}) -> true;
fits(_, _) -> false.

%% The host answers at once, its processes live, and its own work gets done.
well(Victim) ->
    Self = self(),
    Victim ! {ping, Self},
    receive {pong, Victim} -> true after 2000 -> io:format("the victim does not answer~n"), false end
        andalso lists:all(fun(Name) -> is_pid(whereis(Name)) end, [init, code_server, application_controller, victim])
        andalso lists:sum(lists:seq(1, 1000)) =:= 500500.

%% A process of the host that is careless: it calls every fun that it is sent.
victim() ->
    receive
        {ping, From} -> From ! {pong, self()};
        {call, Fun} -> catch Fun();
        {inspect, From, Fun} when is_function(Fun) -> From ! {inspected, {kind(Fun), try Fun(x) catch error:Reason -> Reason end}};
        {inspect, From, #{key := [{Fun, _}]}} -> From ! {inspected, {funs, [try Fun() catch error:_ -> cannot_be_called end]}};
        _ -> ok
    end,
    victim().

kind(Fun) -> case erlang:fun_info(Fun, type) of {type, external} -> export; _ -> local end.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.

flush() -> receive _ -> flush() after 0 -> ok end.
