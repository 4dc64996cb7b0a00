%% @doc The process in the host that owns a machine: its group leader, who captures what it prints; its clock, which ends it when its time is
%% over; and who says why it reached a limit. When the keeper ends, the virtual machine kills the machine.
%%
%% Guests know their keeper and may send it anything. They can print, log and read; whatever else is asked carries the secret of the keeper,
%% which only the table of hanse_machines has. Nothing of a guest is called here: to format, a process inside is started.
-module(hanse_machine_keeper).

-export([start/4, full_name/1]).
-export([init/5, loop/1]).
-export_type([spec/0]).

%% What machines of one kind share. Of a template it is a persistent term, so machines do not copy it.
-type spec() :: #{options := map(),          % complete, hanse_machine_options
                  realm := {shared, prim_machine:realm()}
                         | {own, prim_machine:realm(), prim_machine:allow(), [{module(), binary()}]},
                  prim := map(),             % for prim_machine:machine_new/2
                  environment := map(),      % for prim_machine:environment/0, completed by the keeper
                  modules => [module()]}.    % of a shared realm

-record(keeper, {serial, secret, name :: binary(), named :: boolean(), labels, spec :: spec(), started :: integer(),
                 parent = none :: none | pid(), main = none, realm = none, code = #{} :: #{module() => binary()}, broker = none,
                 input :: binary(), output = hanse_machine_output:new(), readers = [] :: [pid()],
                 limits = #{} :: map(), in_a_row = 0 :: non_neg_integer(), stopping = none :: none | {term(), [reference()]}}).

-define(IDLE_MS, 500).
-define(START_MS, 30000).
%% Words; a guest that floods its keeper ends with it.
-define(HEAP, 8388608).
%% So many requests of guests in a row; then the host's come first.
-define(IN_A_ROW, 32).
%% Larger texts come in parts, which the guest makes.
-define(TEXT_BYTES, 65536).
%% Limits that the broker keeps.
-define(OURS, #{open_files => 1, file_bytes => 1, connections => 1, network_bytes => 1}).

%% @doc Starts a machine; with `link' its keeper is linked to the caller. The name is checked already.
-spec start(spec(), none | binary(), map(), [link]) -> {ok, pid()} | {error, term()}.
start(Spec, Name, Labels, Link) ->
    Alias = alias([reply]),
    Parent = case Link of [link] -> self(); [] -> none end,
    {Keeper, Monitor} = spawn_opt(?MODULE, init, [Alias, Spec, Name, Labels, Parent], [monitor | Link]),
    receive
        {Alias, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, _, Reason} ->
            unalias(Alias),
            {error, Reason}
    after ?START_MS ->
        unalias(Alias),
        demonitor(Monitor, [flush]),
        exit(Keeper, kill),
        {error, timeout}
    end.

init(Alias, Spec, Name, Labels, Parent) ->
    process_flag(trap_exit, true),
    process_flag(max_heap_size, #{size => ?HEAP, kill => true, error_logger => true}),
    try begin_machine(Spec, Name, Labels, Parent) of
        Keeper ->
            Alias ! {Alias, {ok, self()}},
            loop(Keeper)
    catch
        throw:{refused, Reason} ->
            Parent =/= none andalso unlink(Parent),
            Alias ! {Alias, {error, Reason}};
        error:Reason:Stack ->
            Parent =/= none andalso unlink(Parent),
            Alias ! {Alias, {error, {Reason, Stack}}}
    end.

begin_machine(#{options := Options, prim := Prim, environment := Environment} = Spec, Name, Labels, Parent) ->
    #{life_ms := Life, start := Start, input := Input} = Options,
    Secret = alias(),  % a guest can make references from numbers, but no alias of another process
    Started = erlang:system_time(microsecond),
    {Realm, Own, Code} = realm(Spec),
    Broker = hanse_machine_broker:start(Options, Secret),
    Known = Environment#{keeper => self()},
    Made = Prim#{group_leader => self(), notify => hanse_machines:events(),
                 environment => case Broker of none -> Known; _ -> Known#{broker => Broker} end},
    Serial = prim_machine:machine_new(Realm, case Name of none -> Made; _ -> Made#{name => full_name(Name)} end),
    %% What guests ask of it is paid from the machine's share. Nothing of it can have ended yet.
    ok = prim_machine:machine_serve(Serial),
    {Called, Kind} = case Name of none -> {<<"m", (integer_to_binary(Serial))/binary>>, automatic}; _ -> {Name, given} end,
    hanse_machines:add(Serial, Secret, Called, Kind, Started) orelse throw({refused, {name_taken, Name}}),
    Kind =:= automatic orelse hanse_machines:claim(Called) orelse begin
        hanse_machines:remove(self(), Serial, Called),
        throw({refused, {name_taken, Name}})
    end,
    hanse_machine_broker:serve(Broker, Secret, Serial),
    Life =:= infinity orelse erlang:send_after(Life, self(), {Secret, life}),
    Main = case Start of
               none -> none;
               {M, F, Arguments} -> prim_machine:machine_spawn(Serial, M, F, Arguments, [monitor])
           end,
    #keeper{serial = Serial, secret = Secret, name = Called, named = Kind =:= given, labels = Labels, spec = Spec, started = Started,
            parent = Parent, main = Main, realm = Own, code = Code, broker = Broker, input = Input}.

realm(#{realm := {shared, Realm}}) -> {Realm, none, #{}};
realm(#{realm := {own, Base, Modules, Code}}) ->
    Realm = prim_machine:realm_new(Base, Modules),
    [case prim_machine:realm_load(Realm, Module, Beam, verified) of
         ok -> ok;
         {error, Reason} -> throw({refused, {load, Module, Reason}})
     end || {Module, Beam} <- Code],
    {Realm, Realm, maps:from_list(Code)}.

%% Processes that still run the version before the last one are ended, as everywhere in Erlang.
load(Realm, Module, Beam) ->
    case prim_machine:realm_load(Realm, Module, Beam, verified) of
        {error, not_purged} ->
            prim_machine:realm_purge(Realm, Module),
            prim_machine:realm_load(Realm, Module, Beam, verified);
        Answer -> Answer
    end.

%% @doc The name below that of the node, kitchen.mynode.hanse.
-spec full_name(binary()) -> binary().
full_name(Name) ->
    [Node | _] = binary:split(atom_to_binary(node()), <<"@">>),
    <<Name/binary, ".", Node/binary, ".hanse">>.

%% @private
loop(#keeper{secret = Secret, serial = Serial, main = Main, parent = Parent, broker = Broker} = Keeper) ->
    receive
        {io_request, From, ReplyAs, Request} when is_pid(From) -> next(io(Request, From, ReplyAs, Keeper));
        {hanse_log, Level, Text, Trace} when is_atom(Level), is_binary(Text), is_binary(Trace) -> next(log(Level, Text, Trace, Keeper));
        {log, Level, Format, Arguments, _} when is_atom(Level) ->
            %% A report of the virtual machine about a process inside: formatted inside.
            inside(Serial, report, [self(), Level, Format, Arguments]),
            loop(Keeper);
        {Secret, Alias, Request} -> loop(answer(Request, Alias, Keeper));
        {Secret, Event} -> loop(told(Event, Keeper));
        {'DOWN', Monitor, process, Pid, Reason} when Main =:= {Pid, Monitor} ->
            loop(ended(case Reason of noproc -> normal; _ -> Reason end, Keeper#keeper{main = none}));
        {'DOWN', _, process, Pid, _} -> loop(Keeper#keeper{readers = lists:delete(Pid, Keeper#keeper.readers)});
        {'EXIT', Parent, Reason} when is_pid(Parent) -> loop(stop(Reason, Keeper));
        %% A guest that floods its broker ends with it.
        {'EXIT', Broker, _} when is_pid(Broker) -> loop(ended({machine_limit, broker}, Keeper));
        {hanse_machine_name, lost} ->
            %% The cluster's table is changed after this.
            erlang:send_after(1000, self(), {Secret, lost}),
            loop(Keeper);
        {hanse_machine_name, Alias} when is_reference(Alias) ->
            Alias ! {Alias, Keeper#keeper.started},
            loop(Keeper);
        _ -> loop(Keeper)
    after ?IDLE_MS -> erlang:hibernate(?MODULE, loop, [Keeper])
    end.

%% The host does not wait behind all that a machine prints.
next(#keeper{in_a_row = Count} = Keeper) when Count < ?IN_A_ROW -> loop(Keeper#keeper{in_a_row = Count + 1});
next(#keeper{secret = Secret} = Keeper) ->
    receive
        {Secret, Alias, Request} -> next(answer(Request, Alias, Keeper));
        {Secret, Event} -> next(told(Event, Keeper))
    after 0 -> loop(Keeper#keeper{in_a_row = 0})
    end.

%% Of the host.
told({limit, #{limit := Limit, threshold := hard} = Event}, #keeper{spec = #{options := #{on_limit := kill_machine}}} = Keeper)
  when is_map_key(Limit, ?OURS) ->
    limit(Event#{action := kill_machine}, ended({machine_limit, Limit}, Keeper));
told({limit, Event}, Keeper) -> limit(Event, Keeper);
told({down, Reason}, Keeper) -> finish(Reason, Keeper);
told(life, Keeper) -> limit(#{limit => life, threshold => hard, action => kill_machine}, ended({machine_limit, life}, Keeper));
told(lost, Keeper) -> other_name(Keeper);
told(late, Keeper) -> ended(shutdown, Keeper).

ended(Reason, #keeper{serial = Serial} = Keeper) ->
    try prim_machine:machine_kill(Serial, Reason) catch error:badarg -> ok end,  % it is ending already
    Keeper.

finish(Reason, #keeper{serial = Serial, name = Name, named = Named, broker = Broker, stopping = Stopping} = Keeper) ->
    Named andalso global:whereis_name({hanse_machine, Name}) =:= self() andalso global:unregister_name({hanse_machine, Name}),
    hanse_machines:remove(self(), Serial, Name),
    Broker =:= none orelse exit(Broker, kill),
    event({ended, Reason}, Keeper),
    {Why, Askers} = case Stopping of none -> {Reason, []}; _ -> Stopping end,
    [Alias ! {Alias, ok} || Alias <- Askers],
    exit(Why).

%% The started process is asked to end; the rest of the machine ends with it.
stop(Reason, #keeper{stopping = none, main = none} = Keeper) -> ended(shutdown, Keeper#keeper{stopping = {Reason, []}});
stop(Reason, #keeper{stopping = none, main = {Pid, _}, secret = Secret, spec = #{options := #{stop_timeout_ms := Patience}}} = Keeper) ->
    exit(Pid, shutdown),
    erlang:send_after(Patience, self(), {Secret, late}),
    Keeper#keeper{stopping = {Reason, []}};
stop(_, Keeper) -> Keeper.

answer(stop, Alias, Keeper) ->
    #keeper{stopping = {Reason, Askers}} = Stopping = stop(normal, Keeper),
    Stopping#keeper{stopping = {Reason, [Alias | Askers]}};
answer(Request, Alias, Keeper) ->
    {Answer, Next} = answer(Request, Keeper),
    Alias ! {Alias, Answer},
    Next.

answer(info, #keeper{name = Name, labels = Labels, started = Started, spec = #{options := Options}, main = Main, output = Output,
                     limits = Limits, broker = Broker} = Keeper) ->
    #{template := Template, profile := Profile} = Options,
    {#{short_name => Name, name => full_name(Name), labels => Labels, template => Template, profile => Profile, node => node(),
       started_us => Started, main => case Main of {Pid, _} -> Pid; none -> none end, limits_reached => Limits,
       output_dropped => hanse_machine_output:dropped(Output), outside => hanse_machine_broker:usage(Broker)}, Keeper};
answer(spec, #keeper{spec = Spec} = Keeper) -> {Spec, Keeper};
answer(name, #keeper{name = Name} = Keeper) -> {{ok, full_name(Name)}, Keeper};
answer(realm, #keeper{realm = Realm} = Keeper) -> {Realm, Keeper};
answer(broker, #keeper{broker = Broker} = Keeper) -> {Broker, Keeper};
answer({set, Options}, #keeper{spec = #{options := Old} = Spec, broker = Broker, secret = Secret} = Keeper) ->
    hanse_machine_broker:limits(Broker, Secret, maps:get(limits, Options, #{})),
    Changed = maps:map(fun(Key, Value) when is_map(Value) -> maps:merge(maps:get(Key, Old), Value); (_, Value) -> Value end, Options),
    {ok, Keeper#keeper{spec = Spec#{options := maps:merge(Old, Changed)}}};
answer(code, #keeper{code = Code} = Keeper) -> {Code, Keeper};
answer(modules, #keeper{spec = #{modules := Modules}} = Keeper) -> {Modules, Keeper};
answer(modules, #keeper{code = Code} = Keeper) -> {lists:sort(maps:keys(Code)), Keeper};
answer({load, _, _}, #keeper{realm = none} = Keeper) -> {{error, shared_code}, Keeper};
answer({load, Module, Beam}, #keeper{realm = Realm, code = Code} = Keeper) ->
    case load(Realm, Module, Beam) of
        ok -> {ok, Keeper#keeper{code = Code#{Module => Beam}}};
        Error -> {Error, Keeper}
    end;
answer(output, #keeper{output = Output, spec = #{options := #{output_bytes := Limit}}} = Keeper) ->
    {hanse_machine_output:text(Output, Limit), Keeper};
answer({follow, Pid}, #keeper{readers = Readers, output = Output, spec = #{options := #{output_bytes := Limit}}} = Keeper) ->
    monitor(process, Pid),
    {hanse_machine_output:text(Output, Limit), Keeper#keeper{readers = [Pid | Readers]}};
answer(_, Keeper) -> {{error, not_a_request}, Keeper}.

%% The other machine of that name is older: this one is NAME-SERIAL from now on.
other_name(#keeper{name = Name, serial = Serial, secret = Secret, named = true} = Keeper) ->
    case global:whereis_name({hanse_machine, Name}) of
        Winner when Winner =/= self(), Winner =/= undefined ->
            New = <<Name/binary, "-", (integer_to_binary(Serial))/binary>>,
            hanse_machines:rename(Serial, Secret, Name, New),
            logger:warning("the machine ~ts is called ~ts now: the cluster has an older ~ts on ~ts",
                           [full_name(Name), full_name(New), Name, node(Winner)], #{machine => full_name(Name)}),
            event({renamed, full_name(New)}, Keeper),
            Keeper#keeper{name = New, named = false};
        _ -> Keeper
    end;
other_name(Keeper) -> Keeper.

%% Input and output

io({put_chars, Encoding, Text}, From, ReplyAs, Keeper) -> put_chars(Encoding, Text, From, ReplyAs, Keeper);
io({put_chars, Text}, From, ReplyAs, Keeper) -> put_chars(latin1, Text, From, ReplyAs, Keeper);
io({put_chars, _, M, F, Arguments}, From, ReplyAs, #keeper{serial = Serial} = Keeper) ->
    inside(Serial, format, [self(), From, ReplyAs, M, F, Arguments, ?TEXT_BYTES]) orelse reply(From, ReplyAs, {error, terminated}),
    Keeper;
io({put_chars, M, F, Arguments}, From, ReplyAs, Keeper) -> io({put_chars, latin1, M, F, Arguments}, From, ReplyAs, Keeper);
io({get_line, _, _}, From, ReplyAs, #keeper{input = Input} = Keeper) ->
    Line = case binary:match(Input, <<"\n">>) of {At, 1} -> At + 1; nomatch -> byte_size(Input) end,
    take(Line, From, ReplyAs, Keeper);
io({get_line, Prompt}, From, ReplyAs, Keeper) -> io({get_line, unicode, Prompt}, From, ReplyAs, Keeper);
io({get_chars, _, _, Count}, From, ReplyAs, #keeper{input = Input} = Keeper) when is_integer(Count), Count >= 0 ->
    take(byte_size(string:slice(Input, 0, Count)), From, ReplyAs, Keeper);
io(getopts, From, ReplyAs, Keeper) -> reply(From, ReplyAs, [{encoding, unicode}, {binary, true}], Keeper);
io({setopts, _}, From, ReplyAs, Keeper) -> reply(From, ReplyAs, ok, Keeper);
io({requests, Requests}, From, ReplyAs, Keeper) -> requests(Requests, ?TEXT_BYTES, From, ReplyAs, Keeper);
io({get_until, _, _, M, F, Arguments}, From, ReplyAs, #keeper{serial = Serial} = Keeper) ->
    inside(Serial, get_until, [self(), From, ReplyAs, M, F, Arguments]) orelse reply(From, ReplyAs, {error, terminated}),
    Keeper;
io({get_until, Prompt, M, F, Arguments}, From, ReplyAs, Keeper) -> io({get_until, latin1, Prompt, M, F, Arguments}, From, ReplyAs, Keeper);
io({hanse_unread, Text}, From, ReplyAs, #keeper{input = Input, spec = #{options := #{input := All}}} = Keeper) when is_binary(Text) ->
    %% Never more than there was, whoever sends it, and always text.
    Room = byte_size(unicode:characters_to_binary(All)) - byte_size(Input),
    case byte_size(Text) =< Room andalso characters(unicode, Text) =/= error of
        true -> reply(From, ReplyAs, ok, Keeper#keeper{input = <<Text/binary, Input/binary>>});
        false -> reply(From, ReplyAs, {error, enospc}, Keeper)
    end;
io(_, From, ReplyAs, Keeper) -> reply(From, ReplyAs, {error, enotsup}, Keeper).

%% Of several only texts, of so many bytes together (one costs as much as a hundred bytes do): the last answer counts.
requests([{requests, _}], _, From, ReplyAs, Keeper) -> reply(From, ReplyAs, {error, enotsup}, Keeper);
requests([Request], _, From, ReplyAs, Keeper) -> io(Request, From, ReplyAs, Keeper);
requests([{put_chars, Encoding, Text} | Requests], Left, From, ReplyAs, Keeper) when is_binary(Text), byte_size(Text) =< Left ->
    requests(Requests, Left - byte_size(Text) - 100, From, ReplyAs, print(characters(Encoding, Text), Keeper));
requests(_, _, From, ReplyAs, Keeper) -> reply(From, ReplyAs, {error, enotsup}, Keeper).

%% Lists are made into binaries inside: that may take long.
put_chars(Encoding, Text, From, ReplyAs, Keeper) when is_binary(Text), byte_size(Text) =< ?TEXT_BYTES ->
    case characters(Encoding, Text) of
        error -> reply(From, ReplyAs, {error, {no_translation, unicode, unicode}}, Keeper);
        Characters -> reply(From, ReplyAs, ok, print(Characters, Keeper))
    end;
put_chars(Encoding, Text, From, ReplyAs, #keeper{serial = Serial} = Keeper) ->
    inside(Serial, text, [self(), From, ReplyAs, Encoding, Text, ?TEXT_BYTES]) orelse reply(From, ReplyAs, {error, terminated}),
    Keeper.

characters(Encoding, Text) when Encoding =:= unicode; Encoding =:= latin1 ->
    case unicode:characters_to_binary(Text, Encoding) of
        Characters when is_binary(Characters) -> Characters;
        _ -> error
    end;
characters(_, _) -> error.

take(0, From, ReplyAs, Keeper) -> reply(From, ReplyAs, eof, Keeper);
take(Bytes, From, ReplyAs, #keeper{input = Input} = Keeper) ->
    <<Taken:Bytes/binary, Rest/binary>> = Input,
    reply(From, ReplyAs, Taken, Keeper#keeper{input = Rest}).

%% Never waits for a connection.
reply(From, ReplyAs, Reply) ->
    _ = erlang:send(From, {io_reply, ReplyAs, Reply}, [nosuspend, noconnect]),
    ok.

reply(From, ReplyAs, Reply, Keeper) ->
    reply(From, ReplyAs, Reply),
    Keeper.

inside(Serial, Function, Arguments) ->
    try is_pid(prim_machine:machine_spawn(Serial, hanse_guest, Function, Arguments, []))
    catch error:_ -> false  % no more processes, or it is ending
    end.

print(error, Keeper) -> Keeper;
print(Text, #keeper{output = Output, readers = Readers, spec = #{options := #{output_bytes := Limit}}} = Keeper) ->
    [Reader ! {hanse_machine_output, self(), Text} || Reader <- Readers],
    Keeper#keeper{output = hanse_machine_output:add(Text, Output, Limit)}.

log(Level, Text, Trace, #keeper{name = Name, spec = #{options := #{log := Where}}} = Keeper) ->
    Line = characters(unicode, binary:part(Text, 0, min(byte_size(Text), ?TEXT_BYTES))),
    Number = case hanse_trace:valid(Trace) of true -> <<" ", Trace/binary>>; false -> <<>> end,
    Known = lists:member(Level, [emergency, alert, critical, error, warning, notice, info, debug]),
    Known andalso Line =/= error andalso (Where =:= host orelse Where =:= both) andalso
        logger:log(Level, "machine ~ts~ts: ~ts", [full_name(Name), Number, in_log(Line)], #{machine => full_name(Name)}),
    case Known andalso Line =/= error andalso (Where =:= output orelse Where =:= both) of
        true -> print(<<(atom_to_binary(Level))/binary, Number/binary, ": ", Line/binary, "\n">>, Keeper);
        false -> Keeper
    end.

%% In the host's log no line but the first looks like one of the host, and nothing moves a terminal's cursor.
in_log(Text) -> << <<(case C of $\n -> <<"\n    ">>; $\t -> <<C>>; _ when C < 32; C >= 127, C < 160 -> <<"?">>; _ -> <<C/utf8>> end)/binary>> || <<C/utf8>> <= Text >>.

%% Limits: one line for each, which, how much, since when, what was done.

limit(#{limit := Limit} = Event, #keeper{name = Name, limits = Reached} = Keeper) ->
    Now = erlang:monotonic_time(millisecond),
    #{first_ms := First, count := Count} = maps:get(Limit, Reached, #{first_ms => Now, count => 0}),
    logger:warning("machine ~ts: ~ts", [full_name(Name), limit_text(Event, Now - First)], #{machine => full_name(Name)}),
    event({limit, Event}, Keeper),
    Keeper#keeper{limits = Reached#{Limit => #{first_ms => First, count => Count + 1, last => Event}}}.

limit_text(#{limit := Limit, threshold := Threshold} = Event, SinceMs) ->
    [case Threshold of soft -> "the soft limit of "; _ -> "the limit of " end, atom_to_list(Limit), " is reached",
     case Event of
         #{value := Value, maximum := Maximum} -> io_lib:format(": ~0tp of ~0tp", [Value, Maximum]);
         _ -> ""
     end,
     case SinceMs of 0 -> ", for the first time"; _ -> io_lib:format(", for ~.1f s now", [SinceMs / 1000]) end,
     case Event of #{pid := Pid} when is_pid(Pid) -> io_lib:format(", by ~0tp", [Pid]); _ -> "" end,
     "; ", case Event of
               #{action := none} -> "nothing is done";
               #{action := error} -> "the caller got an error";
               #{action := kill_process} -> "the process is ended";
               #{action := kill_machine} -> "the machine is ended";
               _ -> "nothing is done"
           end].

event(Event, #keeper{spec = #{options := #{notify := Notify}}}) when is_pid(Notify) ->
    Notify ! {hanse_machine, self(), Event},
    ok;
event(_, _) -> ok.
