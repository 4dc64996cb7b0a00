%% Machines from start to end: names, calls, output, templates, swap, pools, supervisors.
-module(life).
-compile([export_all, nowarn_export_all]).
-import(pool_test, [equal/2, until/1]).

cook() ->
    "-module(cook).\n"
    "-export([double/1, crash/1, forever/0, tree/0, print/1, lines/0, environment/0, hello/1, server/0, late/0, selftest/0]).\n"
    "double(N) -> 2 * N.\n"
    "crash(Reason) -> error(Reason).\n"
    "forever() -> forever().\n"
    "tree() -> [spawn(fun forever/0) || _ <- lists:seq(1, 3)], ok.\n"
    "print(Text) -> io:format(\"~ts ~p~n\", [Text, {a, 1}]), io:put_chars(Text).\n"
    "lines() -> [io:get_line(''), io:get_chars('', 3), io:get_line(''), io:get_line('')].\n"
    "environment() -> {application:get_env(cook, heat), application:get_env(cook, salt, none), os:getenv(\"NOT_GIVEN\")}.\n"
    "hello(From) -> From ! {self(), hello}, receive bye -> bye end.\n"
    "server() -> register(cook, self()), receive stop -> ok end.\n"
    "late() -> process_flag(trap_exit, true), io:put_chars(\"ready\"), receive {'EXIT', _, shutdown} -> io:put_chars(\"bye\") end.\n"
    "selftest() -> 4 = double(2), ok.\n".

start() -> start(#{}).

start(Options) ->
    {ok, Machine} = hanse_machine:start(maps:merge(#{code => [{cook, cook()}]}, Options)),
    Machine.

%% Machines of other tests end with them.
gone(Machine) -> until(fun() -> not is_process_alive(Machine) end).

call_test() ->
    Machine = start(),
    {ok, 42} = hanse_machine:call(Machine, cook, double, [21]),
    {ok, [3, 2, 1]} = hanse_machine:call(Machine, lists, reverse, [[1, 2, 3]], infinity),
    {error, {exception, error, sorry, [{cook, crash, 1, _} | _]}} = hanse_machine:call(Machine, cook, crash, [sorry]),
    {error, {exception, error, undef, _}} = hanse_machine:call(Machine, cook, nothing, []),
    {error, {exception, error, undef, _}} = hanse_machine:call(Machine, no_such_module, nothing, []),
    {error, {exception, throw, ball, _}} = hanse_machine:call(Machine, erlang, throw, [ball]),
    {error, {exception, exit, out, _}} = hanse_machine:call(Machine, erlang, exit, [out]),
    {error, timeout} = hanse_machine:call(Machine, cook, forever, [], 100),
    until(fun() -> maps:get(processes, hanse_machine:info(Machine)) =:= 0 end),
    ok = hanse_machine:cast(Machine, cook, print, ["cast"]),
    until(fun() -> {ok, Text} = hanse_machine:output(Machine), Text =:= <<"cast {a,1}\ncast">> end),
    {ok, Pid} = hanse_machine:spawn(Machine, cook, hello, [self()]),
    receive {Pid, hello} -> ok after 60000 -> error(no_hello) end,
    Monitor = monitor(process, Pid),
    Pid ! bye,
    receive {'DOWN', Monitor, process, Pid, normal} -> ok after 60000 -> error(no_end) end,
    ok = hanse_machine:stop(Machine),
    {error, noproc} = hanse_machine:call(Machine, cook, double, [1]),
    {error, noproc} = hanse_machine:info(Machine),
    {error, noproc} = hanse_machine:stop(Machine),
    {error, noproc} = hanse_machine:kill(Machine).

%% Everything that a machine has started ends with it.
end_test() ->
    Machine = start(#{notify => self()}),
    {ok, ok} = hanse_machine:call(Machine, cook, tree, []),
    {ok, Pid} = hanse_machine:spawn(Machine, cook, hello, [self()]),
    until(fun() -> maps:get(processes, hanse_machine:info(Machine)) =:= 4 end),
    Monitor = monitor(process, Pid),
    ok = hanse_machine:kill(Machine),
    receive {'DOWN', Monitor, process, Pid, _} -> ok after 60000 -> error(lives) end,
    receive {hanse_machine, Machine, {ended, killed}} -> ok after 60000 -> error(not_told) end,
    %% Without its keeper it ends, too.
    Other = start(),
    {ok, Second} = hanse_machine:spawn(Other, cook, hello, [self()]),
    Watch = monitor(process, Second),
    exit(Other, kill),
    receive {'DOWN', Watch, process, Second, _} -> ok after 60000 -> error(lives) end,
    [] = [Row || #{machine := M} = Row <- hanse_machine:list(), M =:= Other].

name_test() ->
    Machine = start(#{name => "Kitchen", labels => #{owner => "ann"}}),
    [Node | _] = string:split(atom_to_list(node()), "@"),
    Full = list_to_binary("kitchen." ++ Node ++ ".hanse"),
    {ok, Full} = hanse_machine:full_name(Machine),
    [{ok, Machine} = hanse_machine:find(Name) || Name <- ["kitchen", kitchen, <<"KITCHEN">>, Full]],
    {ok, 4} = hanse_machine:call("kitchen", cook, double, [2]),
    {error, {name_taken, <<"kitchen">>}} = hanse_machine:start(#{name => kitchen}),
    #{name := Full, short_name := <<"kitchen">>, labels := #{<<"owner">> := <<"ann">>}, serial := Serial} = hanse_machine:info(kitchen),
    ok = hanse_machine:stop(kitchen),
    {error, noproc} = hanse_machine:find(kitchen),
    Again = start(#{name => kitchen}),
    #{serial := Later} = hanse_machine:info(Again),
    true = Later > Serial,
    exit(Again, kill),  % the name is free without a farewell
    gone(Again),
    Third = start(#{name => kitchen}),
    ok = hanse_machine:kill(Third),
    Nameless = start(),
    {ok, Automatic} = hanse_machine:full_name(Nameless),
    {ok, Nameless} = hanse_machine:find(Automatic),
    ok = hanse_machine:kill(Nameless).

output_test() ->
    Machine = start(#{output_bytes => 1000, input => "first\nsecond line\nlast"}),
    {ok, [<<"first\n">>, <<"sec">>, <<"ond line\n">>, <<"last">>]} = hanse_machine:call(Machine, cook, lines, []),
    {ok, [eof, eof, eof, eof]} = hanse_machine:call(Machine, cook, lines, []),
    {ok, <<>>} = hanse_machine:follow(Machine),
    {ok, ok} = hanse_machine:call(Machine, cook, print, ["größe"]),
    Wanted = <<"größe {a,1}\ngröße"/utf8>>,
    Follow = fun Follow(Text) when Text =:= Wanted -> ok;
                 Follow(Text) -> receive {hanse_machine_output, Machine, More} -> Follow(<<Text/binary, More/binary>>) after 60000 -> error({nothing, Text}) end
             end,
    Follow(<<>>),
    {ok, Wanted} = hanse_machine:output(Machine),
    [{ok, ok} = hanse_machine:call(Machine, io, put_chars, [lists:duplicate(100, $x)]) || _ <- lists:seq(1, 50)],
    {ok, Text} = hanse_machine:output(Machine),
    equal(binary:copy(<<"x">>, 1000), Text),
    true = maps:get(output_dropped, hanse_machine:info(Machine)) > 1000,
    ok = hanse_machine:kill(Machine).

settings_test() ->
    Machine = start(#{application => #{cook => #{heat => 7}}}),
    {ok, {{ok, 7}, none, false}} = hanse_machine:call(Machine, cook, environment, []),
    {ok, ok} = hanse_machine:call(Machine, application, set_env, [cook, salt, much]),
    {ok, {{ok, 7}, much, false}} = hanse_machine:call(Machine, cook, environment, []),
    {ok, #{application := #{cook := #{heat := 7}}, profile := pure}} = hanse_machine:settings(Machine),
    ok = hanse_machine:kill(Machine).

%% Two machines have the same module and the same names, and nothing to do with each other.
apart_test() ->
    One = start(#{start => {cook, server, []}}),
    Other = start(#{start => {cook, server, []}, code => [{cook, "-module(cook).\n-export([double/1, server/0]).\ndouble(N) -> 3 * N.\n"
                                                               "server() -> register(cook, self()), receive stop -> ok end.\n"}]}),
    {ok, 4} = hanse_machine:call(One, cook, double, [2]),
    {ok, 6} = hanse_machine:call(Other, cook, double, [2]),
    Registered = fun(Machine) -> {ok, Pid} = hanse_machine:call(Machine, erlang, whereis, [cook]), Pid end,
    until(fun() -> is_pid(Registered(One)) andalso is_pid(Registered(Other)) end),
    true = Registered(One) =/= Registered(Other),
    undefined = whereis(cook),
    false = code:is_loaded(cook),
    %% The started process ends, and so does the machine.
    {ok, stop} = hanse_machine:call(One, erlang, send, [cook, stop]),
    gone(One),
    ok = hanse_machine:stop(Other).

stop_test() ->
    Machine = start(#{start => {cook, late, []}, notify => self()}),
    until(fun() -> hanse_machine:output(Machine) =:= {ok, <<"ready">>} end),
    {ok, <<"ready">>} = hanse_machine:follow(Machine),
    ok = hanse_machine:stop(Machine),
    receive {hanse_machine_output, Machine, <<"bye">>} -> ok after 60000 -> error(no_farewell) end,
    Stubborn = start(#{start => {cook, forever, []}, stop_timeout_ms => 50}),
    ok = hanse_machine:stop(Stubborn),
    false = is_process_alive(Stubborn).

life_test() ->
    Machine = start(#{life_ms => 100, notify => self()}),
    receive {hanse_machine, Machine, {limit, #{limit := life}}} -> ok after 60000 -> error(not_told) end,
    receive {hanse_machine, Machine, {ended, {machine_limit, life}}} -> ok after 60000 -> error(not_ended) end,
    gone(Machine).

supervisor_test() ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, [#{name => "supervised", code => [{cook, cook()}]}]),
    {ok, First} = hanse_machine:find(supervised),
    ok = hanse_machine:kill(First),
    Second = until(fun() -> case hanse_machine:find(supervised) of {ok, Pid} when Pid =/= First -> Pid; _ -> false end end),
    {ok, 2} = hanse_machine:call(Second, cook, double, [1]),
    gen_server:stop(Supervisor),
    gone(Second).

init(Options) -> {ok, {#{intensity => 10}, [hanse_machine:child_spec(Each) || Each <- Options]}}.

load_test() ->
    {ok, Machine} = hanse_machine:start(#{}),
    {error, {exception, error, undef, _}} = hanse_machine:call(Machine, cook, double, [1]),
    ok = hanse_machine:load(Machine, cook, cook()),
    {ok, 2} = hanse_machine:call(Machine, cook, double, [1]),
    {error, {compile, [_ | _]}} = hanse_machine:load(Machine, cook, "nonsense"),
    {error, reserved} = hanse_machine:load(Machine, lists, "-module(lists).\n-export([f/0]).\nf() -> 1.\n"),
    {error, {badfile, _}} = hanse_machine:load(Machine, m, <<"FOR1 and nothing more">>),
    {error, {m, {compile, _}}} = hanse_machine:start(#{code => [{m, "nonsense"}]}),
    {error, {no_module, no_such_module}} = hanse_machine:start(#{modules => [no_such_module]}),
    {ok, #{cook := ok}} = hanse_machine:test(Machine),
    %% A version whose self-test fails changes nothing; one that passes does.
    New = fun(Factor, Test) -> io_lib:format("-module(cook).\n-export([double/1, selftest/0]).\ndouble(N) -> ~b * N.\nselftest() -> ~s.\n", [Factor, Test]) end,
    {error, {self_test, #{cook := {gave, false}}}} = hanse_machine:swap(Machine, cook, New(3, "4 =:= double(2)")),
    {error, {self_test, #{cook := {exception, error, _, _}}}} = hanse_machine:swap(Machine, cook, New(3, "true = 4 =:= double(2)")),
    {ok, 2} = hanse_machine:call(Machine, cook, double, [1]),
    ok = hanse_machine:swap(Machine, cook, New(3, "6 =:= double(2)")),
    {ok, 3} = hanse_machine:call(Machine, cook, double, [1]),
    ok = hanse_machine:swap(Machine, cook, New(4, "ok")),
    {ok, 4} = hanse_machine:call(Machine, cook, double, [1]),
    ok = hanse_machine:kill(Machine),
    {error, {self_test, #{cook := {gave, wrong}}}} = hanse_machine:start(#{code => [{cook, New(1, "wrong")}], self_test => true}).

template_test() ->
    {error, {no_template, dish}} = hanse_machine:start(#{template => dish}),
    ok = hanse_template:new(dish, #{code => [{cook, cook()}], limits => #{processes => 50}}),
    {error, exists} = hanse_template:new(dish, #{}),
    {error, {bad_option, [name], _}} = hanse_template:new(other, #{name => "x"}),
    Machines = [begin {ok, Machine} = hanse_machine:start(#{template => dish}), Machine end || _ <- lists:seq(1, 20)],
    [{ok, 2} = hanse_machine:call(Machine, cook, double, [1]) || Machine <- Machines],
    {error, shared_code} = hanse_machine:load(hd(Machines), m, "-module(m).\n"),
    {error, shared_code} = hanse_machine:swap(hd(Machines), cook, cook()),
    {ok, #{cook := ok}} = hanse_machine:test(hd(Machines)),
    {error, {bad_option, [code], _}} = hanse_machine:start(#{template => dish, code => []}),
    {ok, Different} = hanse_machine:start(#{template => dish, limits => #{memory => 3000000}, name => different, self_test => true}),
    #{limits := #{memory := 3000000, processes := 50}, template := dish} = hanse_machine:info(different),
    ok = hanse_template:delete(dish),
    {error, no_template} = hanse_template:delete(dish),
    {ok, 2} = hanse_machine:call(Different, cook, double, [1]),
    [ok = hanse_machine:kill(Machine) || Machine <- [Different | Machines]].

pool_test() ->
    {error, {no_template, dishes}} = hanse_pool:start_link(plates, #{template => dishes}),
    ok = hanse_template:new(dishes, #{code => [{cook, cook()}]}),
    {error, {bad_option, [sise], _}} = hanse_pool:start_link(plates, #{template => dishes, sise => 1}),
    {ok, _} = hanse_pool:start_link(plates, #{template => dishes, size => 2, max => 4, self_test => true}),
    {ok, 42} = hanse_pool:call(plates, cook, double, [21]),
    {ok, One} = hanse_pool:checkout(plates, 60000),
    %% A machine is never used twice.
    hanse_pool:checkin(plates, One),
    gone(One),
    Four = [begin {ok, Machine} = hanse_pool:checkout(plates, 60000), Machine end || _ <- lists:seq(1, 4)],
    4 = length(lists:usort(Four)),
    {error, timeout} = hanse_pool:checkout(plates, 50),
    %% Whoever ends gives back.
    hanse_pool:checkin(plates, hd(Four)),
    Self = self(),
    {User, _} = spawn_monitor(fun() -> Self ! {self(), hanse_pool:checkout(plates, 60000)}, receive stop -> ok end end),
    Taken = receive {User, {ok, Machine}} -> Machine after 60000 -> error(nothing) end,
    User ! stop,
    gone(Taken),
    [hanse_pool:checkin(plates, Machine) || Machine <- tl(Four)],
    until(fun() -> #{busy := 0, warm := Warm} = hanse_pool:status(plates), Warm >= 2 end),
    hanse_pool:stop(plates),
    until(fun() -> hanse_machine:list() =:= [] end),
    ok = hanse_template:delete(dishes).

suspend_test() ->
    Machine = start(),
    ok = hanse_machine:suspend(Machine),
    #{state := suspended} = hanse_machine:info(Machine),
    {error, timeout} = hanse_machine:call(Machine, cook, double, [1], 50),
    Self = self(),
    spawn(fun() -> Self ! {answer, hanse_machine:call(Machine, cook, double, [1], 60000)} end),
    ok = hanse_machine:resume(Machine),
    receive {answer, {ok, 2}} -> ok after 60000 -> error(no_answer) end,
    ok = hanse_machine:kill(Machine).

%% The profile host: every module of the host, and still no way out of it.
host_test() ->
    true = is_list(code:all_loaded()),
    {module, dets} = code:ensure_loaded(dets),
    Machine = start(#{profile => host}),
    {ok, 42} = hanse_machine:call(Machine, cook, double, [21]),
    {ok, _} = hanse_machine:call(Machine, io_lib, format, ["~p", [x]]),
    [{error, _} = hanse_machine:call(Machine, M, F, Arguments)
     || {M, F, Arguments} <- [{erlang, halt, []}, {prim_file, read_file, ["/etc/passwd"]}, {hanse_machine, start, [#{}]}, {gen_tcp, connect, [x]}]],
    {ok, {error, eacces}} = hanse_machine:call(Machine, file, read_file, ["/etc/passwd"]),
    ok = hanse_machine:kill(Machine).

%% Large texts arrive whole, whatever their shape.
large_output_test() ->
    Machine = start(#{output_bytes => 1000000}),
    Text = lists:duplicate(100000, $ä),
    {ok, ok} = hanse_machine:call(Machine, io, put_chars, [Text], 60000),
    {ok, ok} = hanse_machine:call(Machine, io, format, ["~ts", [Text]], 60000),
    {ok, ok} = hanse_machine:call(Machine, io, put_chars, [unicode:characters_to_binary(Text)], 60000),
    equal({ok, unicode:characters_to_binary([Text, Text, Text])}, hanse_machine:output(Machine)),
    ok = hanse_machine:kill(Machine).
