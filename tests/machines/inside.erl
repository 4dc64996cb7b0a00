%% What code finds inside a machine: OTP's behaviours, its logger, files, the network, permissions, limits and tracking numbers.
-module(inside).
-compile([export_all, nowarn_export_all]).
-import(pool_test, [equal/2, until/1]).

shop() ->
    "-module(shop).\n-behaviour(gen_server).\n"
    "-export([start/0, init/1, handle_call/3, handle_cast/2, handle_info/2, add/1, boom/0, tree/0, events/0, machine/0, time/0]).\n"
    "start() -> {ok, Pid} = gen_server:start({local, shop}, ?MODULE, [], []), Pid.\n"
    "init([supervisor]) -> {ok, {#{intensity => 3}, [#{id => a, start => {gen_server, start_link, [{local, shop}, ?MODULE, [], []]}}]}};\n"
    "init([statem]) -> {ok, idle, 0};\n"
    "init(_) -> {ok, 0}.\n"
    "handle_call({add, N}, _, Sum) -> {reply, Sum + N, Sum + N};\n"
    "handle_call(boom, _, _) -> error(boom).\n"
    "handle_cast(_, Sum) -> {noreply, Sum}.\n"
    "handle_info(_, Sum) -> {noreply, Sum}.\n"
    "add(N) -> gen_server:call(shop, {add, N}).\n"
    "boom() -> catch gen_server:call(shop, boom), ok.\n"
    "tree() ->\n"
    "    spawn(fun() -> {ok, _} = supervisor:start_link({local, shops}, ?MODULE, [supervisor]), receive stop -> ok end end),\n"
    "    wait(fun() -> is_pid(whereis(shop)) end),\n"
    "    5 = add(5), First = whereis(shop), exit(First, kill),\n"
    "    wait(fun() -> is_pid(whereis(shop)) andalso whereis(shop) =/= First end),\n"
    "    1 = add(1),\n"
    "    [{a, _, worker, [gen_server]}] = supervisor:which_children(shops), ok.\n"
    "wait(Condition) -> case Condition() of true -> ok; false -> timer:sleep(5), wait(Condition) end.\n"
    "events() -> {ok, Pid} = gen_event:start(), [] = gen_event:which_handlers(Pid), ok = gen_event:stop(Pid).\n"
    "machine() -> {ok, {_, true}} = {ok, {sys:get_state(start()), true}}, ok = sys:suspend(shop), ok = sys:resume(shop), gen_server:stop(shop).\n"
    "time() -> {erlang:system_time(second) > 1600000000, is_tuple(calendar:universal_time())}.\n".

start(Options) ->
    {ok, Machine} = hanse_machine:start(Options),
    Machine.

%% Erlang source of a module m with one function f.
code(Body) -> [{m, ["-module(m).\n-export([f/0, f/1, g/1]).\n", Body, "\n"]}].

one(Body) -> code(["f() -> ", Body, ".\nf(X) -> X.\ng(X) -> X."]).

f(Machine) -> hanse_machine:call(Machine, m, f, [], 60000).

otp_test() ->
    Machine = start(#{profile => otp, code => [{shop, shop()}]}),
    {ok, ok} = hanse_machine:call(Machine, shop, tree, [], 60000),
    {ok, ok} = hanse_machine:call(Machine, shop, events, [], 60000),
    {ok, {true, true}} = hanse_machine:call(Machine, shop, time, [], 60000),
    %% Its crash is told to the machine's logger, not to the node's.
    {ok, ok} = hanse_machine:call(Machine, shop, boom, [], 60000),
    until(fun() -> {ok, Text} = hanse_machine:output(Machine), string:find(Text, "boom") =/= nomatch end),
    {ok, Said} = hanse_machine:output(Machine),
    true = string:find(Said, "error: ") =/= nomatch,
    ok = hanse_machine:kill(Machine).

system_messages_test() ->
    Machine = start(#{profile => otp, code => [{shop, shop()}]}),
    {ok, ok} = hanse_machine:call(Machine, shop, machine, [], 60000),
    ok = hanse_machine:kill(Machine).

%% What is not permitted does not work, and what is not in the profile does not exist.
deny_test() ->
    Machine = start(#{}),
    Undefined = fun(M, F, Arguments) -> {error, {exception, error, undef, _}} = hanse_machine:call(Machine, M, F, Arguments, 60000) end,
    Undefined(gen_server, start, [m, [], []]),
    Undefined(rpc, call, [node(), erlang, node, []]),
    Undefined(os, cmd, ["id"]),
    Undefined(init, stop, []),
    Undefined(hanse_machine, list, []),
    Undefined(prim_machine, machines, []),
    [{error, {exception, error, _, _}} = hanse_machine:call(Machine, erlang, F, Arguments, 60000)
     || {F, Arguments} <- [{halt, []}, {open_port, [{spawn, "id"}, []]}, {load_nif, ["x", 0]}, {monotonic_time, []}, {system_info, [schedulers]},
                           {list_to_pid, [pid_to_list(self())]}, {binary_to_term, [term_to_binary(self())]}]],
    {ok, {error, eacces}} = hanse_machine:call(Machine, file, read_file, ["/etc/passwd"], 60000),
    {ok, {error, eacces}} = hanse_machine:call(Machine, gen_tcp, connect, ["127.0.0.1", 1, []], 60000),
    {ok, undefined} = hanse_machine:call(Machine, erlang, whereis, [init], 60000),
    {ok, true} = hanse_machine:call(Machine, erlang, exit, [self(), kill], 60000),
    ok = hanse_machine:kill(Machine).

%% What is visible tells of itself as outside, the rest is not there.
module_info_test() ->
    Machine = start(#{code => one("{lists:module_info(), f(1), module_info(exports)}")}),
    Of = fun(F, Arguments) -> hanse_machine:call(Machine, erlang, F, Arguments, 60000) end,
    Info = lists:module_info(),
    {ok, Info} = Of(get_module_info, [lists]),
    {ok, true} = Of(module_loaded, [lists]),
    {ok, {Info, 1, Exports}} = f(Machine),
    true = lists:member({f, 0}, Exports),
    [begin
         {error, {exception, error, badarg, _}} = Of(get_module_info, [Hidden]),
         {error, {exception, error, badarg, _}} = Of(get_module_info, [Hidden, exports]),
         {ok, false} = Of(module_loaded, [Hidden])
     end || Hidden <- [prim_machine, prim_file, hanse_machine, code_server, inet_db]],
    ok = hanse_machine:kill(Machine).

%% Guests may send their keeper anything; it does what it is there for.
keeper_test() ->
    Machine = start(#{code => one("K = group_leader(), [K ! M || M <- [stop, {make_ref(), make_ref(), stop}, {make_ref(), {down, x}}, {'EXIT', K, kill},\n"
                                  "    {'DOWN', make_ref(), process, self(), x}, {machine_down, 1, x}, {machine_limit, 1, #{}}, {io_request, x, y, z},\n"
                                  "    {io_request, self(), r, {put_chars, unicode, os, cmd, [\"id\"]}}, {io_request, self(), r, {get_until, unicode, '', os, cmd, []}},\n"
                                  "    {io_request, self(), r, {put_chars, unicode, [improper | list]}}, {io_request, self(), r, {requests, x}},\n"
                                  "    {hanse_log, x, <<>>, <<>>}, {hanse_log, error, <<255>>, <<>>}, {log, error, x, y, z}, {hanse_machine_name, lost}]],\n"
                                  "io:put_chars(\"fine\")")}),
    {ok, ok} = f(Machine),
    until(fun() -> {ok, Text} = hanse_machine:output(Machine), string:find(Text, "fine") =/= nomatch end),
    {ok, _} = hanse_machine:full_name(Machine),
    ok = hanse_machine:kill(Machine).

%% The secret that the host's requests to the keeper carry is no number that can be guessed from those of one's own references.
secret_test() ->
    Machine = start(#{code => code("f() -> f(20000).\n"
                                   "f(Count) -> A = alias(), K = group_leader(), [Last | _] = lists:reverse(string:lexemes(ref_to_list(make_ref()), \".>\")),\n"
                                   "    [K ! {list_to_ref(\"#Ref<0.0.0.\" ++ integer_to_list(N) ++ \">\"), A, info} || N <- lists:seq(max(0, list_to_integer(Last) - Count), list_to_integer(Last))],\n"
                                   "    K ! {io_request, self(), done, getopts}, receive {A, #{}} -> told; {io_reply, done, _} -> silent end.\n"
                                   "g(X) -> X."),
                      limits => #{outside_messages => none}}),
    {ok, silent} = f(Machine),
    ok = hanse_machine:kill(Machine).

%% Of who called it, or watches it, a process inside learns nothing but its keeper; nor where memory is.
strangers_test() ->
    Machine = start(#{code => one("{process_info(self(), [parent, monitored_by, links, group_leader]), process_info(self(), backtrace), process_info(self(), binary)}")}),
    {ok, {Known, {backtrace, Text}, _}} = f(Machine),
    equal([{parent, Machine}, {monitored_by, []}, {links, []}, {group_leader, Machine}], Known),
    nomatch = re:run(Text, "0x0*[1-9a-f]", [{capture, none}]),
    ok = hanse_machine:kill(Machine).

%% A label of sequential tracing goes where messages go, and stays with who receives one: through the wall only those that numbers of calls have.
label_test() ->
    Label = fun(Value) ->
                Machine = start(#{code => one(["seq_trace:set_token(label, ", Value, "), ok"])}),
                {ok, ok} = f(Machine),
                Left = seq_trace:get_token(label),
                seq_trace:set_token([]),
                ok = hanse_machine:kill(Machine),
                Left
            end,
    [equal([], Label(Value)) || Value <- ["fun() -> x end", "[1, 2, {constant}]", "lists:seq(1, 100000)", "{traceparent, <<0:520>>}", "{traceparent, [constant]}"]],
    equal({label, 17}, Label("17")),
    equal({label, {traceparent, <<"short">>}}, Label("{traceparent, <<\"short\">>}")).

%% Requests to the keeper are work of the host: what would take long is refused.
long_requests_test() ->
    Machine = start(#{code => one("Text = binary:copy(<<\"x\">>, 1000000), group_leader() ! {io_request, self(), r, {requests, lists:duplicate(100000, {put_chars, unicode, Text})}},\n"
                                  "receive {io_reply, r, Answer} -> Answer end")}),
    {ok, {error, enotsup}} = f(Machine),
    ok = hanse_machine:kill(Machine).

%% What a guest has logged in the host's log begins no line there.
forged_line_test() ->
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => #{to => self()}, filter_default => log}),
    ok = logger:set_primary_config(level, warning),
    Machine = start(#{name => "noisy", log => host, code => one("group_leader() ! {hanse_log, warning, <<\"a\\nb\\e[2J\">>, <<255, 10>>}, ok")}),
    {ok, ok} = f(Machine),
    Line = receive {line, Text} -> Text after 60000 -> error(no_line) end,
    ok = logger:set_primary_config(level, none),
    ok = logger:remove_handler(?MODULE),
    match = re:run(Line, "^machine noisy[.][a-z0-9]+[.]hanse: a\n    b[?]\\[2J$", [{capture, none}]),
    ok = hanse_machine:kill(Machine).

variables_test() ->
    os:putenv("HANSE_TEST_GIVEN", "yes"),
    os:putenv("HANSE_TEST_OTHER", "no"),
    Machine = start(#{permissions => #{environment => ["HANSE_TEST_GIVEN"], clock => true},
                      code => one("{os:getenv(\"HANSE_TEST_GIVEN\"), os:getenv(\"HANSE_TEST_OTHER\"), is_integer(erlang:monotonic_time())}")}),
    {ok, {"yes", false, true}} = f(Machine),
    ok = hanse_machine:kill(Machine).

files_test() ->
    Folder = pool_test:scratch("inside"),
    ok = file:write_file(filename:join(Folder, "a.txt"), "one\ntwo\n"),
    Body = "{ok, <<\"one\\ntwo\\n\">>} = file:read_file(\"/data/a.txt\"), {ok, F} = file:open(\"/data/a.txt\", [read]), {ok, \"one\\n\"} = file:read_line(F),\n"
           "{ok, \"two\\n\"} = file:read_line(F), eof = file:read_line(F), ok = file:close(F),\n"
           "ok = filelib:ensure_dir(\"/data/x/y/z\"), ok = file:write_file(\"/data/x/y/z\", [\"te\", <<\"rm.\">>]), {ok, [term]} = file:consult(\"/data/x/y/z\"),\n"
           "true = filelib:is_regular(\"data/x/y/z\"), 5 = filelib:file_size(\"/data/x/y/z\"), {ok, [\"y\"]} = file:list_dir(\"/data/x\"),\n"
           "{error, enoent} = file:read_file(\"/etc/passwd\"), {error, enoent} = file:read_file(\"/data/../../etc/passwd\"), {ok, \"/\"} = file:get_cwd(), ok",
    Machine = start(#{permissions => #{files => [{Folder, write, "data"}]}, code => one(Body)}),
    {ok, ok} = f(Machine),
    #{outside := #{file_bytes := 5}} = hanse_machine:info(Machine),
    {ok, <<"term.">>} = file:read_file(filename:join([Folder, "x", "y", "z"])),
    ok = hanse_machine:kill(Machine),
    ok = file:del_dir_r(Folder).

network_test() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listener),
    Machine = start(#{permissions => #{connect => [{"127.0.0.1", Port}], listen => [{"127.0.0.1", any}]},
                      code => code(["f() -> ok.\n",
                                    "f(Port) -> {ok, S} = gen_tcp:connect(\"127.0.0.1\", Port, [binary, {packet, line}, {active, true}]), ok = gen_tcp:send(S, \"hello\\n\"),\n"
                                    "    receive {tcp, S, Line} -> ok = gen_tcp:close(S), Line end.\n",
                                    "g(Pid) -> {ok, L} = gen_tcp:listen(0, [{active, false}]), {ok, Port} = inet:port(L), Pid ! {port, Port}, {ok, S} = gen_tcp:accept(L),\n"
                                    "    {ok, Text} = gen_tcp:recv(S, 5), Text."])}),
    Self = self(),
    spawn(fun() -> Self ! {answer, hanse_machine:call(Machine, m, f, [Port], 60000)} end),
    {ok, Socket} = gen_tcp:accept(Listener, 60000),
    {ok, <<"hello\n">>} = gen_tcp:recv(Socket, 0, 60000),
    ok = gen_tcp:send(Socket, "world\n"),
    receive {answer, Answer} -> equal({ok, <<"world\n">>}, Answer) after 60000 -> error(no_answer) end,
    {error, closed} = gen_tcp:recv(Socket, 0, 60000),
    {ok, {error, eacces}} = hanse_machine:call(Machine, gen_tcp, connect, ["127.0.0.1", Port + 1, []], 60000),
    spawn(fun() -> Self ! {answer, hanse_machine:call(Machine, m, g, [Self], 60000)} end),
    Inner = receive {port, Inside} -> Inside after 60000 -> error(no_port) end,
    {ok, Client} = gen_tcp:connect("127.0.0.1", Inner, []),
    ok = gen_tcp:send(Client, "12345"),
    receive {answer, Second} -> equal({ok, "12345"}, Second) after 60000 -> error(no_answer) end,
    ok = hanse_machine:kill(Machine).

%% A socket is its machine's: those of others who have its pid get neither answers nor data, nor does who is not asked.
sockets_of_others_test() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listener),
    Permissions = #{connect => [{"127.0.0.1", Port}], udp_connect => [{"127.0.0.1", Port}]},
    Code = code(["f() -> receive stop -> ok end.\n"
                 "f({connect, Port}) -> {ok, S} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active, false}]), {ok, U} = gen_udp:open(0, [binary]), {S, U, self()};\n"
                 "f({use, S, U, Others}) -> [gen_tcp:send(S, <<\"x\">>), gen_tcp:recv(S, 1, 1), gen_tcp:shutdown(S, write), inet:peername(S), inet:port(U), gen_udp:send(U, \"127.0.0.1\", 1, \"x\"),\n"
                 "    direct(S, close), direct(U, close), direct(S, {owner, Others, self()}), direct(U, {owner, Others, self()})];\n"
                 "f({give, Port, Strangers}) -> {S, U, _} = f({connect, Port}),\n"
                 "    [{error, badarg} = M:controlling_process(T, P) || {M, T} <- [{gen_tcp, S}, {gen_udp, U}], P <- Strangers],\n"
                 "    [ok = M:controlling_process(T, spawn(fun() -> receive stop -> ok end end)) || {M, T} <- [{gen_tcp, S}, {gen_udp, U}]],\n"
                 "    {error, not_owner} = gen_tcp:controlling_process(S, self()), ok;\n"
                 "f({ask_for, Pid}) -> #{broker := Broker} = prim_machine:environment(), Broker ! {hanse_outside, Pid, make_ref(), {file, {read_file, <<\"/data\">>}}}, ok.\n"
                 "direct({_, Pid}, Request) -> R = make_ref(), Pid ! {hanse_outside, self(), R, Request}, receive {R, Answer} -> Answer end.\n"
                 "g(Pid) -> Pid ! f({connect, _Port = receive {port, P} -> P end}), receive stop -> ok end."]),
    [Machine, Other] = [start(#{permissions => Permissions, code => Code, modules => [prim_machine]}) || _ <- [1, 2]],
    {ok, Holder} = hanse_machine:spawn(Machine, m, g, [self()]),
    Holder ! {port, Port},
    {Stream, Datagrams, Holder} = receive {_, _, _} = Made -> Made after 60000 -> error(not_connected) end,
    {ok, Peer} = gen_tcp:accept(Listener, 60000),
    {ok, Answers} = hanse_machine:call(Other, m, f, [{use, Stream, Datagrams, Holder}], 60000),
    equal([{error, einval}], lists:usort(Answers)),
    {ok, Elsewhere} = hanse_machine:spawn(Other, m, f, []),
    {Dead, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, process, Dead, _} -> ok end,
    {ok, ok} = hanse_machine:call(Machine, m, f, [{give, Port, [self(), Elsewhere, Dead, Machine, x]}], 60000),
    %% What is asked for in the name of another is not answered.
    {ok, ok} = hanse_machine:call(Machine, m, f, [{ask_for, self()}], 60000),
    receive {Reference, Answer} when is_reference(Reference) -> equal({error, einval}, Answer) after 60000 -> error(no_answer) end,
    %% Nobody has closed it.
    {error, timeout} = gen_tcp:recv(Peer, 1, 0),
    [ok = hanse_machine:kill(M) || M <- [Machine, Other]],
    {error, closed} = gen_tcp:recv(Peer, 1, 60000).

%% The host does not wait behind all that a machine has its keeper do, and that is paid from the machine's share.
busy_keeper_test() ->
    Machine = start(#{profile => otp, limits => #{outside_messages => none},
                      code => one("Line = binary:copy(<<\"ab\">>, 30000), [group_leader() ! {hanse_log, warning, Line, <<>>} || _ <- lists:seq(1, 20000)], done")}),
    {ok, done} = f(Machine),
    #{reductions := Before} = hanse_machine:info(Machine),
    until(fun() -> #{reductions := Now} = hanse_machine:info(Machine), Now > Before + 1000000 end),
    ok = hanse_machine:kill(Machine),
    until(fun() -> not is_process_alive(Machine) end).

datagrams_test() ->
    {ok, Outside} = gen_udp:open(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Stranger} = gen_udp:open(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Outside),
    {ok, Other} = inet:port(Stranger),
    Machine = start(#{permissions => #{udp_connect => [{"127.0.0.0/8", Port}], udp_listen => [{"127.0.0.1", any}]}, limits => #{network_bytes => 1000, connections => 3},
                      code => [{m, ["-module(m).\n-export([f/3, g/1]).\n"
                                    "f(Port, Other, Pid) ->\n"
                                    "    {ok, S} = gen_udp:open(0, [binary, {active, false}]), {error, eacces} = gen_udp:send(S, {127,0,0,1}, Other, \"x\"),\n"
                                    "    {error, eacces} = gen_udp:send(S, \"192.0.2.1\", Port, \"x\"), {error, enotconn} = gen_udp:send(S, \"x\"),\n"
                                    "    {error, emsgsize} = gen_udp:send(S, {127,0,0,1}, Port, <<0:800000>>), {error, einval} = gen_udp:send(S, {127,0,0,1}, Port, [x]),\n"
                                    "    {ok, Own} = inet:port(S), Pid ! {port, Own, self()}, receive go -> ok end,\n"
                                    "    ok = gen_udp:send(S, \"127.0.0.1\", Port, [\"he\", <<\"llo\">>]), {ok, {{127,0,0,1}, Port, <<\"world\">>}} = gen_udp:recv(S, 0),\n"
                                    "    {error, timeout} = gen_udp:recv(S, 0, 1), ok = gen_udp:connect(S, {127,0,0,1}, Port), ok = gen_udp:send(S, \"again\"),\n"
                                    "    {error, edquot} = gen_udp:send(S, binary:copy(<<0>>, 1000)), ok = gen_udp:close(S), {error, closed} = gen_udp:send(S, \"x\"), ok.\n",
                                    "g(Pid) -> {error, eacces} = gen_udp:open(0, [{ip, {127,0,0,2}}]), {ok, S} = gen_udp:open(0, [{ip, {127,0,0,1}}, {active, once}]),\n"
                                    "    {ok, Port} = inet:port(S), Pid ! {port, Port, self()},\n"
                                    "    receive {udp, S, A, P, Text} -> ok = gen_udp:send(S, A, P, lists:reverse(Text)) end, ok = inet:setopts(S, [{active, 1}]),\n"
                                    "    receive {udp, S, A, P, _} -> ok end, receive {udp_passive, S} -> passive end.\n"]}]}),
    Self = self(),
    Call = fun(F, Arguments) ->
               spawn_monitor(fun() -> exit({answer, hanse_machine:call(Machine, m, F, Arguments, 60000)}) end),
               receive {port, Own, Inside} -> {Own, Inside}; {'DOWN', _, process, _, Early} -> error(Early) after 60000 -> error(no_port) end
           end,
    Answer = fun() -> receive {'DOWN', _, process, _, {answer, Value}} -> Value after 60000 -> error(no_answer) end end,
    {First, Asker} = Call(f, [Port, Other, Self]),
    ok = gen_udp:send(Stranger, {127, 0, 0, 1}, First, "from a stranger"),  % nobody hears it
    Asker ! go,
    {ok, {{127, 0, 0, 1}, First, <<"hello">>}} = gen_udp:recv(Outside, 0, 60000),
    ok = gen_udp:send(Outside, {127, 0, 0, 1}, First, "world"),
    {ok, {_, First, <<"again">>}} = gen_udp:recv(Outside, 0, 60000),
    equal({ok, ok}, Answer()),
    {Second, _} = Call(g, [Self]),
    ok = gen_udp:send(Stranger, {127, 0, 0, 1}, Second, "abc"),
    {ok, {_, Second, <<"cba">>}} = gen_udp:recv(Stranger, 0, 60000),
    ok = gen_udp:send(Stranger, {127, 0, 0, 1}, Second, "last"),
    equal({ok, passive}, Answer()),
    ok = hanse_machine:kill(Machine).

%% What reads terms and formats takes what it needs of the input, and leaves the rest.
input_test() ->
    Machine = start(#{input => "{a, \"ü\"}. 17\n. 1 two 3\nrest of it\nlast",
                      code => one("A = io:read(''), B = io:read(''), C = io:fread('', \"~d ~a ~d\"), D = io:get_line(''),\n"
                                  "[A, B, C, D, io:get_chars('', 3), io:get_line(''), io:read(''), io:fread('', \"~d\"), io:get_line(''),\n"
                                  " begin group_leader() ! {io_request, self(), r, {hanse_unread, <<255>>}}, receive {io_reply, r, Answer} -> Answer end end]")}),
    {ok, Read} = f(Machine),
    equal([{ok, {a, [252]}}, {ok, 17}, {ok, [1, two, 3]}, <<"rest of it\n">>, <<"las">>, <<"t">>, eof, eof, eof, {error, enospc}], Read),
    ok = hanse_machine:kill(Machine).

%% The limit is named in the reason, and in the events.
limits_test() ->
    Fork = "lists:foreach(fun(_) -> spawn(fun() -> receive never -> ok end end) end, lists:seq(1, 100))",
    Told = fun(Machine, Threshold) ->
               receive {hanse_machine, Machine, {limit, #{limit := processes, threshold := Threshold} = Event}} -> Event after 60000 -> error(not_told) end
           end,
    Warned = start(#{limits => #{processes => {10, 1000}}, notify => self(), code => one(Fork)}),
    {ok, ok} = f(Warned),
    #{maximum := 10} = Told(Warned, soft),
    ok = hanse_machine:kill(Warned),
    Machine = start(#{limits => #{processes => 20}, notify => self(), code => one(Fork)}),
    {error, {exception, error, system_limit, _}} = f(Machine),
    #{maximum := 20} = Told(Machine, hard),
    {error, _} = f(Machine),
    #{limits_reached := #{processes := #{count := Count}}} = hanse_machine:info(Machine),
    true = Count >= 1,
    ok = hanse_machine:kill(Machine),
    Grow = code("f() -> f([]).\nf(L) -> f([L, L | L]).\ng(X) -> length(lists:seq(1, X))."),
    Hungry = start(#{limits => #{memory => 2000000}, on_limit => kill_machine, notify => self(), code => Grow}),
    {error, _} = f(Hungry),
    receive {hanse_machine, Hungry, {ended, Reason}} -> equal({machine_limit, memory}, Reason) after 60000 -> error(not_ended) end,
    Other = start(#{limits => #{memory => 2000000}, on_limit => kill_process, code => Grow}),
    %% Who calls next has all the memory, whatever the one before left behind.
    {error, {machine_limit, memory}} = f(Other),
    {ok, 60000} = hanse_machine:call(Other, m, g, [60000], 60000),
    %% More of it, while it runs.
    {error, {bad_option, [limits, memori], _}} = hanse_machine:limits(Other, #{memori => 1}),
    ok = hanse_machine:limits(Other, #{memory => {1000000, 3000000}}),
    #{limits := #{memory := {1000000, 3000000}}} = hanse_machine:info(Other),
    ok = hanse_machine:kill(Other).

%% The number of a call is that of the messages that are sent for it, of lines in the log, and of calls that the host makes for it.
trace_test() ->
    Machine = start(#{code => one("Self = self(), P = spawn(fun() -> receive {Self, go} -> logger:error(\"traced\"), Self ! done end end), P ! {Self, go}, receive done -> ok end"),
                      permissions => #{clock => true}}),
    {{ok, ok}, Number} = hanse_machine:call_traced(Machine, m, f, [], #{timeout_ms => 60000}),
    true = hanse_trace:valid(Number),
    until(fun() -> hanse_machine:output(Machine) =:= {ok, <<"error ", Number/binary, ": traced\n">>} end),
    {ok, _} = hanse_machine:call(Machine, m, f, [], #{timeout_ms => 60000, traceparent => Number}),
    {error, noproc} = hanse_machine:call("nobody", m, f, [], #{traceparent => Number}),
    ok = hanse_machine:kill(Machine).

%% Of two machines of a name in two parts of a cluster the older keeps it.
resolve_test() ->
    Old = start(#{}),
    New = start(#{}),
    Old = hanse_machines:resolve(name, Old, New),
    Old = hanse_machines:resolve(name, New, Old),
    ok = hanse_machine:kill(Old),
    New = hanse_machines:resolve(name, Old, New),
    ok = hanse_machine:kill(New).

%% A limit that is reached is one line in the node's log, for the default handler, too: which, how much, since when, what was done.
log_line_test() ->
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => #{to => self()}, filters => maps:get(filters, element(2, logger:get_handler_config(default))),
                                                filter_default => stop}),
    ok = logger:set_primary_config(level, warning),
    Machine = start(#{name => "noisy", limits => #{processes => 5}, code => one("[spawn(fun() -> receive never -> ok end end) || _ <- lists:seq(1, 10)]")}),
    {error, _} = f(Machine),
    Line = receive {line, Text} -> Text after 60000 -> error(no_line) end,
    ok = logger:set_primary_config(level, none),
    ok = logger:remove_handler(?MODULE),
    match = re:run(Line, "machine noisy[.][a-z0-9]+[.]hanse: the limit of processes is reached: [0-9]+ of 5, for the first time.*; the caller got an error", [{capture, none}]),
    ok = hanse_machine:kill(Machine).

%% A handler of the logger; other machines have their lines, too.
log(#{level := warning, msg := {Format, Arguments}}, #{config := #{to := Test}}) ->
    Line = lists:flatten(io_lib:format(Format, Arguments)),
    string:find(Line, "machine noisy") =/= nomatch andalso (Test ! {line, Line});
log(_, _) -> ok.
