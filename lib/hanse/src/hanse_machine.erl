%% @doc Machines: jails for code that is not trusted.
%%
%% ```
%% {ok, Machine} = hanse_machine:start(#{name => "kitchen", limits => #{memory => 10000000, processes => 20}}),
%% ok = hanse_machine:load(Machine, cook, "-module(cook).\n-export([double/1]).\ndouble(N) -> 2 * N.\n"),
%% {ok, 42} = hanse_machine:call(Machine, cook, double, [21]),
%% ok = hanse_machine:stop(Machine).
%% '''
%% Where a machine is expected its pid, its name or its full name (`kitchen.mynode.hanse') will do; it may be on another node of the cluster.
%% Every function gives {error, noproc} for a machine that is not there (any more). docs/machines.md is the guide; hanse_machine_options has
%% all options.
-module(hanse_machine).

-export([start/1, start_link/1, child_spec/1, stop/1, kill/1]).
-export([load/3, load/4, swap/3, swap/4, test/1]).
-export([call/4, call/5, call_traced/5, cast/4, spawn/4]).
-export([info/1, limits/2, share/2, suspend/1, resume/1, output/1, follow/1, follow/2, settings/1]).
-export([list/0, list/1, find/1, find_here/1, full_name/1]).
-export([start_spec/4, spec/1, call_here/5, spawn_here/5]).
-export_type([machine/0, options/0, call_options/0, reason/0]).

-type machine() :: pid() | string() | binary() | atom().
%% See hanse_machine_options:machine_table/0.
-type options() :: map().
-type call_options() :: #{timeout_ms => timeout(),
                          traceparent => new | hanse_trace:id()}.  % default: that of the caller, if it has one
-type reason() :: noproc | timeout
                | {exception, error | exit | throw, Reason :: term(), Stack :: list()}
                | {machine_limit, Limit :: atom()}       % the process that ran the call reached it
                | {exited, Reason :: term()}             % that process ended without an answer
                | system_limit.                          % the machine may have no more processes
-type start_error() :: {bad_option, [term()], binary()} | {name_taken, binary()} | {no_template, atom()} | {no_module, module()}
                     | {Module :: module(), {compile, [binary()]}} | {load, module(), term()} | {self_test, map() | reason()} | term().

-define(CALL_MS, 5000).
-define(SELF_TEST_MS, 30000).

%% @doc Starts a machine, whose keeper is linked to nobody.
-spec start(options()) -> {ok, pid()} | {error, start_error()}.
start(Options) -> start(Options, []).

%% @doc Starts a machine, linked to the caller: for supervisors.
-spec start_link(options()) -> {ok, pid()} | {error, start_error()}.
start_link(Options) -> start(Options, [link]).

%% @doc For a supervisor's list of children.
-spec child_spec(options()) -> supervisor:child_spec().
child_spec(Options) ->
    Patience = case Options of #{stop_timeout_ms := Given} when is_integer(Given) -> Given; _ -> 5000 end,
    #{id => case Options of #{name := Name} -> {?MODULE, Name}; _ -> {?MODULE, make_ref()} end,
      start => {?MODULE, start_link, [Options]}, shutdown => Patience + 5000, modules => [?MODULE]}.

start(#{template := Template} = Options, Link) when is_atom(Template) ->
    case hanse_template:spec(Template) of
        {ok, Spec} ->
            case maps:without([template, name, labels], Options) of
                Rest when map_size(Rest) =:= 0 -> start_spec(Spec, maps:get(name, Options, none), maps:get(labels, Options, #{}), Link);
                Rest -> changed(Spec, Rest, Options, Link)
            end;
        error -> {error, {no_template, Template}}
    end;
start(Options, Link) ->
    hanse_machines:ensure(),
    case hanse_template:prepare(Options) of
        {ok, #{options := #{name := Name, labels := Labels}} = Spec} -> start_spec(Spec, Name, Labels, Link);
        Error -> Error
    end.

%% A machine from a template may differ in all but its code.
changed(Spec, Rest, Options, Link) ->
    case hanse_template:change(Spec, Rest) of
        {ok, Changed} -> start_spec(Changed, maps:get(name, Options, none), maps:get(labels, Options, #{}), Link);
        Error -> Error
    end.

%% @private For templates and pools.
-spec start_spec(hanse_machine_keeper:spec(), term(), term(), [link]) -> {ok, pid()} | {error, term()}.
start_spec(#{options := #{self_test := SelfTest}} = Spec, Name, Labels, Link) ->
    case named(Name) of
        {ok, Checked} when is_map(Labels) ->
            case hanse_machine_keeper:start(Spec, Checked, Labels, Link) of
                {ok, Machine} when SelfTest -> tested(Machine);
                Started -> Started
            end;
        {ok, _} -> {error, {bad_option, [labels], <<"expected a map #{...}">>}};
        error -> {error, {bad_option, [name], unicode:characters_to_binary(io_lib:format("not a name for a machine: ~0tP", [Name, 20]))}}
    end.

named(none) -> {ok, none};
named(Name) -> hanse_machine_options:name(Name).

tested(Machine) ->
    case test(Machine) of
        {ok, _} -> {ok, Machine};
        {error, Reason} ->
            unlink(Machine),
            kill(Machine),
            {error, {self_test, Reason}}
    end.

%% @doc Ends a machine in order: the process that it was started with gets exit signal shutdown and option stop_timeout_ms of time.
-spec stop(machine()) -> ok | {error, noproc | timeout}.
stop(Machine) -> on(Machine, stop, [], fun(Pid) -> gone(Pid, hanse_machines:ask(Pid, stop, infinity)) end).

%% @doc Ends a machine at once; everything that it had is freed.
-spec kill(machine()) -> ok | {error, noproc}.
kill(Machine) ->
    on(Machine, kill, [], fun(Pid) ->
        case hanse_machines:row(Pid) of
            {_, Serial, _, _, _} ->
                Monitor = monitor(process, Pid),
                try prim_machine:machine_kill(Serial, killed) catch error:badarg -> ok end,
                receive {'DOWN', Monitor, process, _, _} -> ok end;
            none -> {error, noproc}
        end
    end).

%% Who asked to stop finds nobody there afterwards.
gone(Pid, ok) ->
    Monitor = monitor(process, Pid),
    receive {'DOWN', Monitor, process, _, _} -> ok end;
gone(_, Error) -> Error.

%% @doc Loads a module into a running machine with code of its own: source (text), a .beam file (a binary) or {forms, Forms}. Machines from
%% templates share their code: {error, shared_code}.
-spec load(machine(), module(), hanse_machine_compile:code()) ->
    ok | {error, noproc | shared_code | reserved | not_purged | on_load | {badfile, binary()} | {compile, [binary()]}}.
load(Machine, Module, Code) -> load(Machine, Module, Code, #{}).

%% @doc The map has the texts that -include("NAME") finds in the source.
-spec load(machine(), module(), hanse_machine_compile:code(), #{binary() => binary()}) -> ok | {error, term()}.
load(Machine, Module, Code, Includes) ->
    on(Machine, load, [Module, Code, Includes], fun(Pid) ->
        case hanse_machine_compile:beam(Module, Code, Includes) of
            {ok, Beam} -> hanse_machines:ask(Pid, {load, Module, Beam});
            Error -> Error
        end
    end).

%% @doc Loads a new version of a module after a machine of the same limits, with all the code of this one and the new version, has passed its
%% selftest/0. If it fails, the old version stays.
-spec swap(machine(), module(), hanse_machine_compile:code()) -> ok | {error, {self_test, map() | reason()} | term()}.
swap(Machine, Module, Code) -> swap(Machine, Module, Code, #{}).

-spec swap(machine(), module(), hanse_machine_compile:code(), #{binary() => binary()}) -> ok | {error, term()}.
swap(Machine, Module, Code, Includes) ->
    on(Machine, swap, [Module, Code, Includes], fun(Pid) -> hanse_machine_swap:swap(Pid, Module, Code, Includes) end).

%% @doc Runs selftest/0 of the machine's modules: it passes with ok or true. The answer has what each module gave.
-spec test(machine()) -> {ok, #{module() => ok}} | {error, #{module() => term()} | reason()}.
test(Machine) -> on(Machine, test, [], fun hanse_machine_swap:test/1).

%% @doc Calls a function in a process of its own inside; 5 s at most.
-spec call(machine(), module(), atom(), [term()]) -> {ok, term()} | {error, reason()}.
call(Machine, Module, Function, Arguments) -> call(Machine, Module, Function, Arguments, ?CALL_MS).

%% @doc A number or `infinity' is a time limit in milliseconds; when it is over the process is killed.
-spec call(machine(), module(), atom(), [term()], timeout() | call_options()) -> {ok, term()} | {error, reason()}.
call(Machine, Module, Function, Arguments, Options) when is_pid(Machine), node(Machine) =:= node() ->
    call_here(Machine, Module, Function, Arguments, Options);
call(Machine, Module, Function, Arguments, Options) ->
    on(Machine, call, [Module, Function, Arguments, carried(Options)], fun(Pid) -> call_here(Pid, Module, Function, Arguments, Options) end).

%% The tracking number of who calls goes along to another node.
carried(Options) ->
    case call_options(Options) of
        {_, <<>>} -> Options;
        {TimeoutMs, Number} -> #{timeout_ms => TimeoutMs, traceparent => Number}
    end.

%% @doc Also gives the tracking number that the call had; a new one if neither the options nor the caller have one.
-spec call_traced(machine(), module(), atom(), [term()], call_options()) -> {{ok, term()} | {error, reason()}, hanse_trace:id()}.
call_traced(Machine, Module, Function, Arguments, Options) ->
    Number = case hanse_trace:text(maps:get(traceparent, Options, default)) of <<>> -> hanse_trace:new(); Known -> Known end,
    {call(Machine, Module, Function, Arguments, Options#{traceparent => Number}), Number}.

%% @private
-spec call_here(pid(), module(), atom(), [term()], timeout() | call_options()) -> {ok, term()} | {error, reason()}.
call_here(Pid, Module, Function, Arguments, Options) when is_atom(Module), is_atom(Function), is_list(Arguments) ->
    {TimeoutMs, Trace} = call_options(Options),
    Alias = alias([reply]),
    try machine_spawn(Pid, call, [Alias, Trace, Module, Function, Arguments], [monitor]) of
        {ok, {Process, Monitor}} ->
            receive
                {Alias, Answer} ->
                    demonitor(Monitor, [flush]),
                    answered(Answer);
                {'DOWN', Monitor, process, _, Reason} ->
                    unalias(Alias),
                    receive {Alias, Answer} -> answered(Answer) after 0 -> {error, ended(Reason)} end
            after TimeoutMs ->
                unalias(Alias),
                exit(Process, kill),
                demonitor(Monitor, [flush]),
                receive {Alias, Answer} -> answered(Answer) after 0 -> {error, timeout} end
            end;
        Error ->
            unalias(Alias),
            Error
    catch
        error:Reason:Stack ->
            unalias(Alias),
            erlang:raise(error, Reason, Stack)
    end.

call_options(Options) when is_map(Options) -> {maps:get(timeout_ms, Options, ?CALL_MS), hanse_trace:text(maps:get(traceparent, Options, default))};
call_options(TimeoutMs) -> {TimeoutMs, hanse_trace:text(default)}.

%% What a guest says is not believed to have the right shape.
answered({ok, _} = Answer) -> Answer;
answered({error, {exception, Class, _, Stack}} = Answer) when is_atom(Class), is_list(Stack) -> Answer;
answered(_) -> {error, {exited, normal}}.

ended({machine_limit, Limit}) -> {machine_limit, Limit};
ended(noproc) -> noproc;
ended(Reason) -> {exited, Reason}.

%% A trampoline of lib/hanse/guest.
machine_spawn(Pid, Trampoline, Arguments, Options) ->
    case hanse_machines:row(Pid) of
        {_, Serial, _, _, _} ->
            try {ok, prim_machine:machine_spawn(Serial, hanse_guest, Trampoline, Arguments, Options)}
            catch
                error:system_limit -> {error, system_limit};
                error:badarg -> {error, noproc}
            end;
        none -> {error, noproc}
    end.

%% @doc Like call, without an answer.
-spec cast(machine(), module(), atom(), [term()]) -> ok | {error, noproc | system_limit}.
cast(Machine, Module, Function, Arguments) when is_atom(Module), is_atom(Function), is_list(Arguments) ->
    case begun(Machine, Module, Function, Arguments) of
        {ok, _} -> ok;
        Error -> Error
    end.

%% @doc A process inside, of which the caller has the pid: it may send to it, link it, monitor it, end it.
-spec spawn(machine(), module(), atom(), [term()]) -> {ok, pid()} | {error, noproc | system_limit}.
spawn(Machine, Module, Function, Arguments) when is_atom(Module), is_atom(Function), is_list(Arguments) ->
    begun(Machine, Module, Function, Arguments).

begun(Machine, Module, Function, Arguments) ->
    Number = hanse_trace:text(default),
    on(Machine, spawn_here, [Number, Module, Function, Arguments], fun(Pid) -> spawn_here(Pid, Number, Module, Function, Arguments) end).

%% @private
-spec spawn_here(pid(), binary(), module(), atom(), [term()]) -> {ok, pid()} | {error, noproc | system_limit}.
spawn_here(Pid, Number, Module, Function, Arguments) -> machine_spawn(Pid, cast, [Number, Module, Function, Arguments], []).

%% @doc What it is and what it uses: serial, name (full), short_name, labels, state, limits, permissions, processes, memory (bytes), reductions,
%% ets_tables, atoms, timers, limits_reached, ...
-spec info(machine()) -> map() | {error, noproc | timeout}.
info(Machine) ->
    on(Machine, info, [], fun(Pid) ->
        case hanse_machines:row(Pid) of
            {_, Serial, _, _, _} ->
                case hanse_machines:ask(Pid, info) of
                    Known when is_map(Known) ->
                        try maps:merge(figures(Serial), Known#{machine => Pid}) catch error:badarg -> {error, noproc} end;
                    Error -> Error
                end;
            none -> {error, noproc}
        end
    end).

%% Limits as they were given.
figures(Serial) ->
    #{limits := Limits} = Figures = prim_machine:machine_info(Serial),
    Figures#{limits := maps:map(fun(_, {infinity, Hard}) -> Hard; (_, Limit) -> Limit end, Limits)}.

%% @doc Changes limits of a running machine: those that are in the map.
-spec limits(machine(), map()) -> ok | {error, noproc | {bad_option, [term()], binary()}}.
limits(Machine, Limits) ->
    on(Machine, limits, [Limits], fun(Pid) ->
        case hanse_machine_options:limits(Limits) of
            {ok, Checked} -> set(Pid, #{limits => hanse_template:prim_limits(Checked)}, #{limits => Checked});
            {error, {Path, Text}} -> {error, {bad_option, [limits | Path], unicode:characters_to_binary(Text)}}
        end
    end).

%% @doc Another share of the processors, 1 to 1000.
-spec share(machine(), 1..1000) -> ok | {error, noproc}.
share(Machine, Share) when is_integer(Share), Share >= 1, Share =< 1000 ->
    on(Machine, share, [Share], fun(Pid) -> set(Pid, #{share => Share}, #{share => Share}) end).

set(Pid, Prim, Options) ->
    case hanse_machines:row(Pid) of
        {_, Serial, _, _, _} ->
            try prim_machine:machine_set(Serial, Prim) of ok -> hanse_machines:ask(Pid, {set, Options})
            catch error:badarg -> {error, noproc}
            end;
        none -> {error, noproc}
    end.

%% @doc Its processes stand still until resume/1; calls wait.
-spec suspend(machine()) -> ok | {error, noproc}.
suspend(Machine) -> on(Machine, suspend, [], fun(Pid) -> native(Pid, fun prim_machine:machine_suspend/1) end).

-spec resume(machine()) -> ok | {error, noproc}.
resume(Machine) -> on(Machine, resume, [], fun(Pid) -> native(Pid, fun prim_machine:machine_resume/1) end).

native(Pid, Function) ->
    case hanse_machines:row(Pid) of
        {_, Serial, _, _, _} -> try Function(Serial) catch error:badarg -> {error, noproc} end;
        none -> {error, noproc}
    end.

%% @doc What it printed, the newest bytes (option output_bytes).
-spec output(machine()) -> {ok, binary()} | {error, noproc | timeout}.
output(Machine) -> on(Machine, output, [], fun(Pid) -> text(hanse_machines:ask(Pid, output)) end).

%% @doc The same; from now on the caller also gets {hanse_machine_output, Machine, Text} for all that it prints.
-spec follow(machine()) -> {ok, binary()} | {error, noproc | timeout}.
follow(Machine) -> follow(Machine, self()).

%% @doc The same for another process.
-spec follow(machine(), pid()) -> {ok, binary()} | {error, noproc | timeout}.
follow(Machine, Reader) when is_pid(Reader) ->
    on(Machine, follow, [Reader], fun(Pid) -> text(hanse_machines:ask(Pid, {follow, Reader})) end).

text(Text) when is_binary(Text) -> {ok, Text};
text(Error) -> Error.

%% @doc The complete options that a machine runs with (without its code): with them an equal one can be started elsewhere.
-spec settings(machine()) -> {ok, options()} | {error, noproc | timeout}.
settings(Machine) ->
    on(Machine, settings, [], fun(Pid) ->
        case spec(Pid) of
            #{options := Options} -> {ok, maps:without([code, includes], Options)};
            Error -> Error
        end
    end).

%% @private
-spec spec(pid()) -> hanse_machine_keeper:spec() | {error, noproc | timeout}.
spec(Pid) -> hanse_machines:ask(Pid, spec).

%% @doc The machines of this node, the oldest first: machine, serial, name, full_name, started_us.
-spec list() -> [map()].
list() ->
    [#{machine => Pid, serial => Serial, name => Name, full_name => hanse_machine_keeper:full_name(Name), started_us => Started, node => node()}
     || {Pid, Serial, _, Name, Started} <- hanse_machines:all()].

%% @doc `cluster': those of all nodes that answer.
-spec list(cluster) -> [map()].
list(cluster) ->
    lists:append([List || {ok, List} <- erpc:multicall([node() | nodes()], ?MODULE, list, [], 5000)]).

%% @doc The machine of a name, in the whole cluster.
-spec find(machine()) -> {ok, pid()} | {error, noproc}.
find(Machine) when is_pid(Machine) -> {ok, Machine};
find(Machine) ->
    Text = try unicode:characters_to_binary(case is_atom(Machine) of true -> atom_to_list(Machine); false -> Machine end)
           catch error:_ -> <<>>
           end,
    case is_binary(Text) andalso Text =/= <<>> andalso hanse_machines:find(string:lowercase(Text)) of
        {ok, Pid} -> {ok, Pid};
        _ -> {error, noproc}
    end.

%% @doc The same on this node only.
-spec find_here(binary()) -> {ok, pid()} | error.
find_here(Name) ->
    case [Pid || {Pid, _, _, Called, _} <- find_rows(Name), Called =:= Name] of
        [Pid | _] -> {ok, Pid};
        [] -> error
    end.

%% Machines without a name of their own are found by their serial number.
find_rows(Name) ->
    Pids = try ets:lookup(hanse_machines, Name) catch error:badarg -> [] end,
    Serials = case hanse_machines:serial(Name) of
                  none -> [];
                  Serial -> try ets:lookup(hanse_machines, Serial) catch error:badarg -> [] end
              end,
    [Row || Found <- [Pid || {_, Pid} <- Pids] ++ [Pid || {_, Pid, _} <- Serials], is_process_alive(Found),
            {_, _, _, _, _} = Row <- [hanse_machines:row(Found)]].

%% @doc NAME.NODE.hanse
-spec full_name(machine()) -> {ok, binary()} | {error, noproc | timeout}.
full_name(Machine) -> on(Machine, full_name, [], fun(Pid) -> hanse_machines:ask(Pid, name) end).

%% Does something with a machine, on its node.
on(Machine, Function, Arguments, Here) ->
    case find(Machine) of
        {ok, Pid} when node(Pid) =:= node() -> Here(Pid);
        {ok, Pid} ->
            try erpc:call(node(Pid), ?MODULE, Function, [Pid | Arguments])
            catch
                error:{erpc, noconnection} -> {error, noproc};
                exit:{exception, Reason} -> exit(Reason)
            end;
        Error -> Error
    end.
