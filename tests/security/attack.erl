%% @doc What code inside a jail tries. Each function is one attack: it gets the pid of a victim in the host, and returns what came of it;
%% `escapes' says what must come of it.
-module(attack).
-compile([export_all, nowarn_export_all, nowarn_deprecated_function, nowarn_unused_function]).

run(Alias, Name, Victim) ->
    Alias ! {result, outcome(fun() -> ?MODULE:Name(Victim) end)}.

outcome(Fun) ->
    try Fun()
    catch
        _:Reason -> {raised, case Reason of {What, _} when is_atom(What) -> What; _ -> Reason end}
    end.

%% The class of a failure that must not depend on how it is worded.
try_call(M, F, A) -> outcome(fun() -> apply(M, F, A) end).

%% The compiler must not know the number: it would set off the bomb itself.
opaque(Number) -> receive after 0 -> Number end.

%% --- bombs ---

fork_bomb(_) -> fork().
fork() ->
    spawn(fun() -> fork() end),
    fork().

quiet_fork_bomb(_) -> quiet_fork(0).
quiet_fork(N) ->
    try spawn(fun() -> receive after infinity -> ok end end) of
        _ -> quiet_fork(N + 1)
    catch error:system_limit -> {stopped, N < 1000}
    end.

link_fork_bomb(_) ->
    process_flag(trap_exit, true),
    spawn_links(0).
spawn_links(N) ->
    try spawn_opt(fun() -> receive after infinity -> ok end end, [link, {priority, max}]) of
        _ -> spawn_links(N + 1)
    catch error:system_limit -> stopped
    end.

atom_bomb(_) -> atoms(0).
atoms(N) ->
    _ = list_to_atom("jailed_atom_" ++ integer_to_list(N)),
    atoms(N + 1).
binary_atom_bomb(_) -> binary_atoms(0).
binary_atoms(N) ->
    _ = binary_to_atom(<<"jailed_binary_atom_", (integer_to_binary(N))/binary>>, utf8),
    binary_atoms(N + 1).
term_atom_bomb(_) -> term_atoms(0).
term_atoms(N) ->
    Name = <<"jailed_term_atom_", (integer_to_binary(N))/binary>>,
    binary_to_term(<<131, 119, (byte_size(Name)), Name/binary>>),
    term_atoms(N + 1).

heap_bomb(_) -> grow([]).
grow(List) -> grow([List, List | List]).
list_bomb(_) -> length(lists:seq(1, opaque(1000000000))).
tuple_bomb(_) -> tuple_size(erlang:make_tuple(opaque(16777215), x)).
many_tuples(_) -> tuples([]).
tuples(Held) -> tuples([erlang:make_tuple(100000, Held) | Held]).
deep_recursion(_) -> deep(opaque(1)).
deep(-1) -> 0;
deep(N) -> 1 + deep(N + 1).
binary_bomb(_) -> byte_size(binary:copy(<<0>>, opaque(1 bsl 33))).
held_binaries(_) -> hold_binaries([]).
hold_binaries(Held) -> hold_binaries([binary:copy(<<7>>, opaque(1000000)) | Held]).
sub_binaries(_) -> hold_parts([]).
hold_parts(Held) ->
    <<Part:100/binary, _/binary>> = binary:copy(<<7>>, opaque(1000000)),
    hold_parts([Part | Held]).
appended_binary(_) -> append(<<>>).
append(Binary) -> append(<<Binary/binary, 0:80000>>).
bit_bomb(_) -> bit_size(<<0:(opaque(1 bsl 40))>>).
bit_comprehension_bomb(_) -> byte_size(<< <<0:8000>> || _ <- lists:seq(1, 1000000) >>).
iolist_bomb(_) ->
    Doubled = lists:foldl(fun(_, List) -> [List, List] end, <<"0123456789">>, lists:seq(1, 40)),
    iolist_size(Doubled),
    byte_size(iolist_to_binary(Doubled)).
flatten_bomb(_) ->
    Doubled = lists:foldl(fun(_, List) -> [List, List] end, [1], lists:seq(1, 40)),
    length(lists:flatten(Doubled)).
%% Lists that take no memory and have more parts than there are seconds, and short ones of parts that add up to more than there is memory.
doubled(Part, Times) -> lists:foldl(fun(_, Term) -> [Term, Term] end, Part, lists:seq(1, Times)).
empty_text_bomb(_) -> unicode:characters_to_binary(doubled([], opaque(60))).
shared_text_bomb(_) -> byte_size(unicode:characters_to_binary(doubled(binary:copy(<<200>>, 1000000), opaque(16)), latin1)).
shared_subject_bomb(_) -> re:run(doubled(binary:copy(<<7>>, 1000000), opaque(16)), <<"x">>).
shared_checksum_bomb(_) -> erlang:md5(doubled(binary:copy(<<7>>, 1000000), opaque(22))).
pattern_bomb(_) -> ets:match_spec_compile([{doubled('_', opaque(60)), [], [ok]}]).
result_bomb(_) ->
    Table = ets:new(t, []),
    ets:insert(Table, {lists:foldl(fun(_, Term) -> [Term, Term] end, [], lists:seq(1, opaque(12)))}),
    Body = lists:foldl(fun(_, Term) -> [Term, Term] end, '$1', lists:seq(1, opaque(12))),
    length(ets:select(Table, [{{'$1'}, [], [Body]}])).
tag_bomb(_) ->
    monitor(process, self(), [{tag, doubled(x, opaque(60))}]),
    receive never -> ok end.
shared_term_bomb(_) ->
    Doubled = lists:foldl(fun(_, Term) -> {Term, Term} end, x, lists:seq(1, 40)),
    self() ! Doubled,
    receive _ -> ok end.
ets_bomb(_) -> fill(ets:new(t, [set]), 0).
fill(Table, N) ->
    ets:insert(Table, {N, lists:seq(1, 100)}),
    fill(Table, N + 1).
ets_binary_bomb(_) -> fill_binaries(ets:new(t, [ordered_set]), 0).
fill_binaries(Table, N) ->
    ets:insert(Table, {N, binary:copy(<<N>>, 100000)}),
    fill_binaries(Table, N + 1).
ets_large_object(_) ->
    Doubled = lists:foldl(fun(_, Term) -> {Term, Term} end, x, lists:seq(1, 26)),
    ets:insert(ets:new(t, []), {a, Doubled}).
table_flood(_) -> tables(0).
tables(N) ->
    ets:new(t, []),
    tables(N + 1).
timer_flood(_) -> timers(0).
timers(N) ->
    erlang:send_after(100000000, self(), {x, N}),
    timers(N + 1).
timer_message_bomb(_) -> timer_messages(lists:seq(1, 100000)).
timer_messages(Large) ->
    erlang:send_after(100000000, self(), Large),
    timer_messages(Large).
mailbox_bomb(_) ->
    Sleeper = spawn(fun() -> receive never -> ok end end),
    flood(Sleeper).
flood(Pid) ->
    Pid ! lists:seq(1, 100),
    flood(Pid).
own_mailbox_bomb(_) -> flood(self()).
small_messages(_) -> small_flood(self()).
small_flood(Pid) ->
    Pid ! x,
    small_flood(Pid).
exit_signal_flood(_) ->
    Self = self(),
    Sleeper = spawn(fun() -> process_flag(trap_exit, true), Self ! ready, receive never -> ok end end),
    receive ready -> ok end,
    exit_flood(Sleeper, lists:seq(1, 1000)).
exit_flood(Pid, Large) ->
    exit(Pid, Large),
    exit_flood(Pid, Large).
dictionary_bomb(_) -> dictionary(0).
dictionary(N) ->
    put(N, lists:seq(1, 100)),
    dictionary(N + 1).
monitor_bomb(_) -> monitors(spawn(fun() -> receive after infinity -> ok end end)).
monitors(Pid) ->
    monitor(process, Pid),
    monitors(Pid).
counters_bomb(_) -> atomics_loop([]).
atomics_loop(Held) -> atomics_loop([atomics:new(100000, []) | Held]).
one_large_atomics(_) -> atomics:new(1 bsl 40, []).
minimum_heap_bomb(_) ->
    spawn_opt(fun() -> ok end, [{min_heap_size, 1 bsl 32}]),
    receive after 1000 -> survived end.
own_minimum_heap(_) ->
    process_flag(min_heap_size, 1 bsl 32),
    erlang:garbage_collect(),
    survived.
huge_integer(_) -> huge(2).
huge(N) -> huge(N * N).
huge_shift(_) -> 1 bsl opaque(1 bsl 40).
huge_power_text(_) -> length(integer_to_list(1 bsl opaque(2000000))).
regular_expression(_) -> re:run(binary:copy(<<"a">>, opaque(40)), <<"^(a+)+$b">>, []).
regular_expression_recursion(_) -> re:compile(lists:duplicate(opaque(100000), $()).
compressed_bomb(_) ->
    %% 131, 80, uncompressed size: one that lies, and one that is true
    Zeros = term_to_binary(binary:copy(<<0>>, opaque(1000000)), [compressed]),
    <<131, 80, _:32, Rest/binary>> = Zeros,
    [try_call(erlang, binary_to_term, [<<131, 80, 16#ffffffff:32, Rest/binary>>]),
     byte_size(binary_to_term(Zeros))].
nested_term(_) ->
    Deep = <<131, (binary:copy(<<108, 0, 0, 0, 1>>, opaque(300000)))/binary, 106, (binary:copy(<<106>>, opaque(300000)))/binary>>,
    try_call(erlang, binary_to_term, [Deep]).
lying_lengths(_) ->
    [try_call(erlang, binary_to_term, [Bytes]) || Bytes <- [<<131, 109, 16#ffffffff:32>>, <<131, 108, 16#ffffffff:32>>, <<131, 105, 16#ffffffff:32>>,
                                                            <<131, 116, 16#ffffffff:32>>, <<131, 111, 16#ffffffff:32, 0>>, <<131, 110, 255, 0>>]].
format_bomb(_) -> length(io_lib:format("~*.*f", [100000000, 1, 1.0])).
format_width(_) -> length(io_lib:format("~1000000000c", [$x])).
unicode_bomb(_) -> unicode:characters_to_list(binary:copy(<<"é"/utf8>>, opaque(4000000))).
string_bomb(_) -> length(string:copies("0123456789", 100000000)).
sort_bomb(_) -> length(lists:sort([X rem 1000 || X <- lists:seq(1, 50000000)])).
map_bomb(_) -> fill_map(#{}, 0).
fill_map(Map, N) -> fill_map(Map#{N => N}, N + 1).
external_bomb(_) ->
    Doubled = lists:foldl(fun(_, Term) -> {Term, Term} end, <<"0123456789">>, lists:seq(1, 30)),
    byte_size(term_to_binary(Doubled)).
outside_flood(Victim) -> outside(Victim, 0).
outside(Victim, N) ->
    try Victim ! {flood, N} of
        _ -> outside(Victim, N + 1)
    catch error:system_limit ->
        receive after 1100 -> {stopped, N =< 200} end
    end.
spin(_) -> spin(x, y).
spin(A, B) -> spin(B, A).
hibernation(_) -> proc_loop(100000).
proc_loop(0) -> survived;
proc_loop(N) ->
    spawn(fun() -> erlang:hibernate(?MODULE, nothing, []) end),
    proc_loop(N - 1).
nothing() -> ok.

%% --- out of the jail ---

halting(_) -> [try_call(erlang, halt, A) || A <- [[], [0], ["slogan"], [0, []], [abort]]].
stopping_init(_) -> [try_call(init, F, []) || F <- [stop, reboot, restart]].
programs(_) -> [try_call(erlang, open_port, [{spawn, "touch /tmp/escaped"}, []]), try_call(os, cmd, ["touch /tmp/escaped"]),
                try_call(erts_internal, open_port, [{spawn, "touch /tmp/escaped"}, []])].
files(_) -> [try_call(file, read_file, ["/etc/passwd"]), try_call(prim_file, read_file, ["/etc/passwd"]), try_call(file, list_dir, ["/"]),
             try_call(erl_prim_loader, get_file, ["/etc/passwd"]), try_call(prim_file, list_dir, ["/"])].
sockets(_) -> [try_call(gen_tcp, connect, ["127.0.0.1", 4369, []]), try_call(socket, open, [inet, stream]),
               try_call(prim_socket, open, [inet, stream, tcp, #{}]), try_call(inet, gethostname, [])].
native_code(_) -> [try_call(erlang, load_nif, ["/tmp/evil", 0]), try_call(erl_ddll, load, ["/tmp", "evil"]),
                   try_call(erl_ddll, try_load, ["/tmp", "evil", []])].
loading(_) ->
    Beam = <<"FOR1", 0:32, "BEAM">>,
    [try_call(code, load_binary, [lists, "lists.beam", Beam]), try_call(erlang, load_module, [lists, Beam]),
     try_call(erts_internal, prepare_loading, [lists, Beam]), try_call(erlang, finish_loading, [[]]), try_call(erlang, delete_module, [lists]),
     try_call(erlang, purge_module, [lists]), try_call(erts_internal, purge_module, [lists, prepare])].
built_names(_) ->
    Names = [{list_to_atom("er" ++ "lang"), list_to_atom("ha" ++ "lt")}, {list_to_atom("o" ++ "s"), list_to_atom("c" ++ "md")}],
    [try_call(M, F, ["x"]) || {M, F} <- Names] ++ [outcome(fun() -> (fun erlang:halt/1)(0) end), outcome(fun() -> (fun os:cmd/1)("true") end)].
kill_by_name(_) -> [outcome(fun() -> exit(whereis(Name), kill) end) || Name <- [init, code_server, application_controller, logger, kernel_sup, victim]].
kill_by_pid(Victim) -> exit(Victim, kill).
kill_everybody(_) -> [exit(P, kill) || P <- processes(), P =/= self()].
forged_pid(Victim) -> [try_call(erlang, list_to_pid, ["<0.0.0>"]), try_call(erlang, list_to_pid, [pid_to_list(Victim)]),
                       try_call(c, pid, [0, 0, 0]), try_call(erlang, binary_to_term, [term_to_binary(Victim)]),
                       try_call(erlang, list_to_port, ["#Port<0.0>"]), try_call(erlang, list_to_port, ["#Port<0.1>"])].
decoded_pids(_) ->
    Node = atom_to_binary(node()),
    Name = <<119, (byte_size(Node)), Node/binary>>,
    [try_call(erlang, binary_to_term, [<<131, 88, Name/binary, Id:32, 0:32, 0:32>>]) || Id <- [0, 1, 9, 10, 40]] ++
        [try_call(erlang, binary_to_term, [<<131, 88, 119, 7, "foo@bar", 1:32, 0:32, 1:32>>])].
registered_names(Victim) -> [registered(), whereis(init), whereis(victim), outcome(fun() -> victim ! x end), outcome(fun() -> {victim, node()} ! x end),
                             outcome(fun() -> register(thief, Victim) end), outcome(fun() -> {init, 'other@host'} ! x end)].
watching(Victim) ->
    Reference = monitor(process, Victim),
    Down = receive {'DOWN', Reference, process, _, Reason} -> Reason after 1000 -> nothing end,
    [Down, outcome(fun() -> link(Victim) end), is_process_alive_outside(Victim), try_call(erlang, process_info, [Victim]),
     try_call(erlang, process_info, [Victim, messages])].
is_process_alive_outside(Victim) -> try_call(erlang, is_process_alive, [Victim]).
manipulating(Victim) -> [try_call(erlang, suspend_process, [Victim]), try_call(erlang, resume_process, [Victim]),
                         try_call(erlang, group_leader, [self(), Victim]), try_call(erlang, garbage_collect, [Victim]),
                         try_call(erlang, check_process_code, [Victim, lists]), try_call(erlang, process_flag, [Victim, save_calls, 10]),
                         try_call(erlang, process_display, [Victim, backtrace])].
timer_to_outside(Victim) -> [try_call(erlang, send_after, [0, Victim, x]), try_call(erlang, start_timer, [0, Victim, x])].
tracing(Victim) -> [try_call(erlang, trace, [Victim, true, [all]]), try_call(erlang, trace, [all, true, [all]]),
                    try_call(erlang, trace_pattern, [{'_', '_', '_'}, true, []]), try_call(erts_internal, trace, [all, true, [all]]),
                    try_call(erlang, system_monitor, [self(), [busy_port]]), try_call(erlang, system_profile, [self(), [scheduler]]),
                    try_call(seq_trace, set_token, [send, true]), try_call(dbg, start, [])].
settings(_) -> [try_call(erlang, system_flag, [backtrace_depth, 1]), try_call(os, putenv, ["PATH", "/"]), try_call(os, getenv, ["PATH"]),
                try_call(erlang, set_cookie, [x]), try_call(erlang, get_cookie, []), try_call(os, set_signal, [sigterm, ignore]),
                try_call(erts_debug, set_internal_state, [available_internal_state, true]), try_call(erlang, system_info, [procs])].
clock(_) -> [try_call(erlang, F, []) || F <- [monotonic_time, system_time, timestamp, now, date, time, localtime]].
persistent(_) -> [try_call(persistent_term, put, [x, y]), try_call(persistent_term, get, []), try_call(persistent_term, erase, [x])].
distribution(_) -> [try_call(erlang, setnode, ['a@b', 1]), try_call(erlang, spawn, ['a@b', erlang, halt, []]), try_call(erlang, monitor_node, ['a@b', true]),
                    try_call(erlang, disconnect_node, ['a@b']), try_call(net_kernel, connect_node, ['a@b']), try_call(rpc, call, [node(), erlang, halt, []])].
error_handler(_) ->
    process_flag(error_handler, ?MODULE),
    [try_call(no_such_module, f, [])].
undefined_function(M, F, A) -> {handled, M, F, A, try_call(erlang, halt, [])}.
other_tables(_) -> [try_call(ets, lookup, [ac_tab, x]), try_call(ets, info, [logger]), try_call(ets, all, []), try_call(ets, delete, [ac_tab]),
                    try_call(ets, insert, [code, {x}]), try_call(ets, give_away, [ets:new(t, []), self(), x])].
guessed_references(_) ->
    _ = make_ref(),
    N = list_to_integer(lists:last(string:lexemes(ref_to_list(make_ref()), ".>"))),
    Guesses = [list_to_ref("#Ref<0.0.0." ++ integer_to_list(I) ++ ">") || I <- lists:seq(max(0, N - 2000), N)],
    [G ! hello || G <- Guesses],
    {lists:usort([outcome(fun() -> ets:insert(G, {x}) end) || G <- Guesses]), lists:usort([erlang:cancel_timer(G) || G <- Guesses])}.
ports_of_host(_) -> [try_call(erlang, ports, []), try_call(erlang, port_info, [x]), try_call(erts_internal, port_close, [x])].
give_table(Victim) -> try_call(ets, give_away, [ets:new(t, [public]), Victim, stolen]).
smuggled_fun(Victim) ->
    Secret = self(),
    Victim ! {call, fun() -> Secret ! got_out, erlang:halt(3) end},
    receive got_out -> escaped after 200 -> kept end.
smuggled_export(Victim) ->
    Victim ! {inspect, self(), fun lists:only_here/1},
    receive {inspected, What} -> What after 2000 -> nothing end.
deep_smuggled_fun(Victim) ->
    Victim ! {inspect, self(), #{key => [{fun() -> x end, "text"}]}},
    receive {inspected, What} -> What after 2000 -> nothing end.
exit_with_fun(_) -> exit({with, fun() -> x end}).
spoofed_reply(Victim) ->
    Victim ! {'EXIT', Victim, kill},
    Victim ! {'DOWN', make_ref(), process, whereis(init), normal},
    sent.
priority(_) -> process_flag(priority, max), spin(a, b).
scheduler_hog(_) -> [spawn_opt(fun() -> spin(a, b) end, [{priority, max}]) || _ <- lists:seq(1, 20)], spin(a, b).
blocking_function(_) -> length(lists:subtract(lists:seq(1, 100000), lists:seq(100000, 1, -1))).
message_to_alias(_) -> Alias = alias(), Alias ! x, receive x -> fine after 1000 -> lost end.
internal(_) -> [try_call(erts_internal, F, A) || {F, A} <- [{spawn_system_process, [lists, seq, [1, 2]]}, {dist_spawn_request, [x, y, z, w]}, {create_dist_channel, [a, b, c]},
                                                           {system_check, [schedulers]}, {erase_persistent_terms, []}]].
primitive_machines(_) -> [try_call(prim_machine, F, A) || {F, A} <- [{machines, []}, {machine_kill, [1, x]}, {machine_of, [self()]}, {realm_new, [host, [os]]}]].
