%% @doc Machines as text and as values of JSON: for the commands of `hanse machine', REST, and Prometheus.
-module(hanse_machine_show).

-export([list/1, info/1, top/2, json/1, metrics/1, reason/1]).
-import(hanse_show, [table/1, span/1, megabytes/1, family/4]).

%% @doc One line for each machine (maps of hanse_machine:info/1).
-spec list([map()]) -> iolist().
list(Machines) ->
    table([["MACHINE", "STATE", "FROM", "AGE", "PROCESSES", "MEMORY"] |
           [[Name, state(Machine), from(Machine), age(Machine), figure(processes, Machine), megabytes(maps:get(memory, Machine, 0))]
            || #{name := Name} = Machine <- Machines]]).

state(Machine) -> atom_to_list(maps:get(state, Machine, running)).

from(#{template := none, profile := Profile}) -> atom_to_list(Profile);
from(#{template := Template}) -> atom_to_list(Template).

age(#{started_us := Started}) -> span(max(0, erlang:system_time(microsecond) - Started) div 1000).

figure(Key, Machine) -> case maps:get(Key, Machine, 0) of Number when is_integer(Number) -> integer_to_list(Number); _ -> "-" end.

%% @doc All about one.
-spec info(map()) -> iolist().
info(#{name := Name, labels := Labels, limits := Limits} = Machine) ->
    [Name, ": ", state(Machine), ", ", from(Machine), ", serial ", figure(serial, Machine), ", on ", atom_to_list(maps:get(node, Machine)),
     ", started ", age(Machine), " ago\n",
     [["  ", Key, " = ", Value, "\n"] || {Key, Value} <- lists:sort(maps:to_list(Labels))],
     table([["  WHAT", "NOW", "SOFT", "LIMIT", "REACHED"] |
            [["  " ++ atom_to_list(Limit), case used(Limit, Machine) of none -> "-"; Used -> integer_to_list(Used) end, Soft, Hard,
              case maps:get(limits_reached, Machine, #{}) of
                  #{Limit := #{count := Count}} -> io_lib:format("~b times", [Count]);
                  _ -> "-"
              end]
             || {Limit, Value} <- lists:sort(maps:to_list(maps:merge(outside(Machine), Limits))), {Soft, Hard} <- [limit(Value)]]]),
     io_lib:format("  reductions ~ts, cpu ~ts, share ~ts, output dropped ~ts bytes~n",
                   [figure(reductions, Machine), span(maps:get(cpu_ns, Machine, 0) div 1000000), figure(share, Machine), figure(output_dropped, Machine)])].

outside(Machine) -> maps:map(fun(_, _) -> none end, maps:get(outside, Machine, #{})).

limit({Soft, Hard}) -> {integer_to_list(Soft), integer_to_list(Hard)};
limit(Hard) when is_integer(Hard) -> {"-", integer_to_list(Hard)};
limit(_) -> {"-", "-"}.

used(Limit, Machine) ->
    Outside = maps:get(outside, Machine, #{}),
    case {Outside, Machine} of
        {#{Limit := Used}, _} -> Used;
        {_, #{Limit := Used}} when is_integer(Used) -> Used;
        _ -> none
    end.

%% @doc The busiest first; the times are between two looks at each, so many milliseconds apart.
-spec top([{map(), map()}], pos_integer()) -> iolist().
top(Pairs, PassedMs) ->
    Rows = lists:reverse(lists:keysort(1, [{maps:get(cpu_ns, Now, 0) - maps:get(cpu_ns, Before, 0),
                                            maps:get(reductions, Now, 0) - maps:get(reductions, Before, 0), Now} || {Before, Now} <- Pairs])),
    [io_lib:format("~b machines, ~ts in them~n", [length(Rows), megabytes(lists:sum([maps:get(memory, Now, 0) || {_, _, Now} <- Rows]))]),
     table([["MACHINE", "STATE", "CPU", "REDUCTIONS/S", "PROCESSES", "MEMORY", "LIMIT", "MESSAGES"] |
            [[maps:get(name, Now), state(Now), io_lib:format("~.1f %", [max(0, Cpu) / PassedMs / 10000]),
              integer_to_list(max(0, Reductions) * 1000 div PassedMs), figure(processes, Now), megabytes(maps:get(memory, Now, 0)),
              case maps:get(limits, Now, #{}) of #{memory := {_, Hard}} -> megabytes(Hard); #{memory := Hard} when is_integer(Hard) -> megabytes(Hard); _ -> "-" end,
              figure(mailbox, Now)] || {Cpu, Reductions, Now} <- lists:sublist(Rows, 40)]])].

%% @doc What JSON can say of it.
-spec json(term()) -> term().
json(Map) when is_map(Map) -> maps:from_list([{key(Key), json(Value)} || {Key, Value} <- maps:to_list(Map), Key =/= environment]);
json({Soft, Hard}) when is_integer(Soft), is_integer(Hard) -> #{soft => Soft, hard => Hard};
json(Number) when is_number(Number) -> Number;
json(none) -> null;
json(Atom) when is_atom(Atom) -> Atom;
json(Text) when is_binary(Text) ->
    case unicode:characters_to_list(Text) of
        List when is_list(List) -> Text;
        _ -> text(Text)
    end;
json(List) when is_list(List) ->
    try [json(Element) || Element <- List] catch error:_ -> text(List) end;
json(Other) -> text(Other).

key(Key) when is_atom(Key); is_binary(Key); is_integer(Key) -> Key;
key(Other) -> text(Other).

text(Term) -> unicode:characters_to_binary(io_lib:format("~0tp", [Term], [{chars_limit, 100000}])).

%% @doc Why something failed, for people.
-spec reason(term()) -> unicode:chardata().
reason({bad_option, Path, Text}) -> [lists:join(".", [io_lib:format("~0tp", [Part]) || Part <- Path]), ": ", Text];
reason({name_taken, Name}) -> ["there is a machine ", Name, " already"];
reason({no_template, Name}) -> ["there is no template ", atom_to_list(Name)];
reason({no_module, Module}) -> ["there is no module ", atom_to_list(Module)];
reason({Module, {compile, Lines}}) when is_atom(Module) -> lists:join("\n", [[atom_to_list(Module), ".erl:", Line] || Line <- Lines]);
reason({compile, Lines}) -> lists:join("\n", Lines);
reason({load, Module, {badfile, Text}}) -> [atom_to_list(Module), ": ", Text];
reason({load, Module, Reason}) -> io_lib:format("~tw is not loaded: ~0tp", [Module, Reason]);
reason({badfile, Text}) -> Text;
reason({self_test, Reason}) -> ["the self-test fails: ", reason(Reason)];
reason({exception, Class, Reason, Stack}) -> erl_error:format_exception(Class, Reason, Stack);
reason({machine_limit, Limit}) -> ["the limit of ", atom_to_list(Limit), " is reached"];
reason(noproc) -> "there is no such machine";
reason(timeout) -> "it takes too long";
reason(shared_code) -> "machines from a template share its code";
reason(reserved) -> "the host has a module of that name that the machine sees";
reason(Other) -> io_lib:format("~0tP", [Other, 40]).

%% @doc Prometheus metrics of machines.
-spec metrics([map()]) -> iolist().
metrics(Machines) ->
    [family("hanse_machines", "gauge", "Machines by state.",
            [{[{"state", State}], length([M || M <- Machines, maps:get(state, M, running) =:= State])} || State <- [running, suspended, dying]]),
     of_each("hanse_machine_memory_bytes", "gauge", "Memory of a machine, all together.", memory, Machines),
     of_each("hanse_machine_processes", "gauge", "Processes of a machine.", processes, Machines),
     of_each("hanse_machine_ets_tables", "gauge", "Tables of a machine.", ets_tables, Machines),
     of_each("hanse_machine_atoms", "gauge", "Atoms that a machine made.", atoms, Machines),
     of_each("hanse_machine_timers", "gauge", "Timers of a machine.", timers, Machines),
     of_each("hanse_machine_reductions_total", "counter", "Work that a machine has done.", reductions, Machines),
     of_each("hanse_machine_cpu_nanoseconds_total", "counter", "Time of processors that a machine has used.", cpu_ns, Machines),
     of_each("hanse_machine_messages_out_total", "counter", "Messages that a machine sent outside.", messages_out, Machines),
     family("hanse_machine_limits_reached_total", "counter", "How often a limit was reached.",
            [{[label(Machine), {"limit", Limit}], Count}
             || #{limits_reached := Reached} = Machine <- Machines, {Limit, #{count := Count}} <- maps:to_list(Reached)])].

of_each(Name, Type, Help, Key, Machines) ->
    family(Name, Type, Help, [{[label(Machine)], Value} || Machine <- Machines, Value <- [maps:get(Key, Machine, none)], is_integer(Value)]).

label(#{name := Name}) -> {"machine", Name}.
