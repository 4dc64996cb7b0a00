%% What machines have in the host and needs no machine: compilation of strangers' source, options, the files of a broker, tracking numbers.
-module(outside).
-compile([export_all, nowarn_export_all]).
-import(pool_test, [equal/2, until/1]).

compiled(Source) -> hanse_machine_compile:beam(m, Source, #{<<"a.hrl">> => <<"-record(a, {b = 1}).\n">>, <<"loop.hrl">> => <<"-include(\"loop.hrl\").\n">>}).

good(Source) ->
    {ok, Beam} = compiled(Source),
    {ok, {m, _}} = beam_lib:version(Beam),
    ok.

bad(Source, Wanted) ->
    {error, {compile, Lines}} = compiled(Source),
    case [Line || Line <- Lines, string:find(Line, Wanted) =/= nomatch] of
        [_ | _] -> ok;
        [] -> error({expected, Wanted, got, Lines})
    end.

compile_test() ->
    good("-module(m).\n-export([f/0]).\nf() -> ok.\n"),
    good(<<"-module(m).\n-export([f/0]).\n-include(\"a.hrl\").\nf() -> {#a{}, 'ü', \"ü\"}.\n"/utf8>>),
    good("-module(m).\n-export([f/0]).\n-define(A(X), {X, ?MODULE, ?LINE}).\n-ifdef(B).\nf() -> b.\n-else.\nf() -> ?A(1).\n-endif.\n"),
    good("-module(m).\n-compile([export_all, nowarn_export_all]).\nf() -> ok.\n"),
    good({forms, [{attribute, 1, module, m}, {attribute, 1, export, [{f, 0}]}, {function, 2, f, 0, [{clause, 2, [], [], [{atom, 2, ok}]}]}]}),
    bad("", "no module definition"),
    bad("-module(other).\n", "expected -module(m), got other"),
    bad("-module(m).\n-export([f/0]).\nf() -> X.\n", "3: variable 'X' is unbound"),
    bad("-module(m).\nf() -> .\n", "2: syntax error"),
    bad("-module(m).\n-include(\"/etc/passwd\").\n", "did not come along"),
    bad("-module(m).\n-include(\"loop.hrl\").\n", "nested too deeply"),
    bad("-module(m).\n-include_lib(\"kernel/include/file.hrl\").\n", "only -include"),
    bad("-module(m).\n-include\n(\"a.hrl\").\n", "only -include"),
    bad("-module(m).\n-compile({parse_transform, ms_transform}).\n", "not allowed in -compile"),
    bad("-module(m).\n-compile([export_all, {core_transform, x}]).\n", "not allowed in -compile"),
    bad("-module(m).\n-on_load(f/0).\nf() -> ok.\n", "-on_load is not allowed"),
    bad(<<255>>, "UTF-8"),
    bad([not_text], "expected source"),
    bad({forms, none}, "expected a list of forms"),
    bad({forms, [{}]}, "").

%% Macros that double: the node lives, and what was compiled ends, with the limit that it has reached.
macro_bomb_test() ->
    bad(doubling(30, "x", ","), "its macros "),
    bad(doubling(40, "", " "), "macros take too long"),
    bad(["-module(m).\n-export([f/0]).\nf() -> ", lists:duplicate(1000000, "("), "1", lists:duplicate(1000000, ")"), ".\n"], "more than 128 MB").

doubling(Times, What, Between) ->
    ["-module(m).\n-export([f/0]).\n-define(M0, ", What, ").\n",
     [io_lib:format("-define(M~b, ?M~b~s?M~b).\n", [N, N - 1, Between, N - 1]) || N <- lists:seq(1, Times)],
     "f() -> [?M", integer_to_list(Times), "].\n"].

%% Others are compiled meanwhile; and nothing goes on that nobody waits for.
beside_a_bomb_test() ->
    Before = length(processes()),
    Asker = spawn(fun() -> [compiled(doubling(40, "", " ")) || _ <- lists:seq(1, 1000)] end),
    until(fun() -> length(processes()) > Before + 2 end),
    good("-module(m).\n-export([f/0]).\nf() -> ok.\n"),
    true = is_process_alive(Asker),
    exit(Asker, kill),
    until(fun() -> length(processes()) =< Before end).

%% Constants are folded to atoms that stand nowhere in the source.
folded_names_test() ->
    Before = erlang:system_info(atom_count),
    Calls = [io_lib:format("list_to_atom([~b,~b,~b])", [200 + N div 10000, 200 + N div 100 rem 100, 200 + N rem 100]) || N <- lists:seq(1, 130000)],
    {error, {compile, [_ | _]}} = compiled(["-module(m).\n-export([f/0]).\nf() -> [", lists:join(",", Calls), "].\n"]),
    true = erlang:system_info(atom_count) - Before < 130000.

%% Names that the node does not know are counted before one of them becomes an atom.
names_test() ->
    Before = erlang:system_info(atom_count),
    bad(["-module(m).\n", [["new_name_", integer_to_list(N), "() -> 1.\n"] || N <- lists:seq(1, 25000)]], "names that the node does not know"),
    true = erlang:system_info(atom_count) - Before < 2000.

options_test() ->
    Wrong = fun(Options, Path, Wanted) ->
                {error, {Path, Text}} = hanse_machine_options:complete(Options),
                true = string:find(unicode:characters_to_list(Text), Wanted) =/= nomatch
            end,
    {ok, #{name := <<"kitchen">>, limits := #{memory := {1, 2}}}} = hanse_machine_options:complete(#{name => "Kitchen", limits => #{memory => {1, 2}}}),
    Wrong(#{nmae => x}, [nmae], "did you mean name?"),
    Wrong(#{name => "a b"}, [name], "expected"),
    Wrong(#{name => "-a"}, [name], "expected"),
    Wrong(#{name => "m17"}, [name], "expected"),
    Wrong(#{name => lists:duplicate(64, $a)}, [name], "expected"),
    Wrong(#{limits => #{memori => 1}}, [limits, memori], "did you mean memory?"),
    Wrong(#{limits => #{memory => 0}}, [limits, memory], "from 1 to 2^59 - 1"),
    Wrong(#{limits => #{memory => {2, 1}}}, [limits, memory], "from 1 to 2^59 - 1"),
    Wrong(#{limits => []}, [limits], "expected a map"),
    Wrong(#{share => 1001}, [share], "1 to 1000"),
    Wrong(#{profile => otpp}, [profile], "expected pure or otp or host"),
    Wrong(#{permissions => #{files => [{"relative", read}]}}, [permissions, files], "Directory"),
    Wrong(#{permissions => #{files => [{"/x", read, "a/b"}]}}, [permissions, files], "Directory"),
    Wrong(#{permissions => #{files => [{"/x", all}]}}, [permissions, files], "Directory"),
    Wrong(#{permissions => #{connect => [{"host", 70000}]}}, [permissions, connect], "Address"),
    Wrong(#{modules => [lists | maps]}, [modules], "list of modules"),
    Wrong(#{modules => [{lists, [{map, x}]}]}, [modules], "list of modules"),
    Wrong(#{code => [{1, ""}]}, [code], "Module"),
    Wrong(#{start => {a, b, [c | d]}}, [start], "Arguments"),
    Wrong(#{notify => self_pid}, [notify], "a pid").

%% Requests as guests send them, to a broker of its own.
broker(Permissions, Limits) ->
    {ok, Options} = hanse_machine_options:complete(#{permissions => Permissions, limits => Limits}),
    Secret = make_ref(),
    Broker = hanse_machine_broker:start(Options, Secret),
    ok = hanse_machine_broker:serve(Broker, Secret, host),
    {Broker, Secret}.

ask({Broker, _}, Request) ->
    Reference = make_ref(),
    Broker ! {hanse_outside, self(), Reference, Request},
    receive {Reference, Answer} -> Answer after 60000 -> error({no_answer, Request}) end.

files_test() ->
    Folder = pool_test:scratch("files"),
    Secret = filename:join(Folder, "secret"),
    Data = filename:join(Folder, "data"),
    [ok = file:make_dir(Path) || Path <- [Secret, Data, filename:join(Data, "sub")]],
    ok = file:write_file(filename:join(Secret, "key"), "key"),
    ok = file:write_file(filename:join(Data, "a"), "hello\n"),
    Link = fun(Target, Name) -> ok = file:make_symlink(Target, filename:join(Data, Name)) end,
    Link("a", "inner"),
    Link("../secret", "outer"),
    Link(Secret, "absolute"),
    Link("../../secret/key", "sub/up"),
    Link("loop", "loop"),
    Link("/dev/zero", "zero"),
    Broker = broker(#{files => [{Data, write, "data"}, {Secret, read}]}, #{file_bytes => {10, 20}, open_files => 1}),
    File = fun(Request) -> ask(Broker, {file, Request}) end,
    {ok, [<<"data">>, <<"secret">>]} = case File({list_dir, <<"/">>}) of {ok, Names} -> {ok, [list_to_binary(N) || N <- lists:sort(Names)]} end,
    {ok, <<"hello\n">>} = File({read_file, <<"/data/a">>}),
    {ok, <<"hello\n">>} = File({read_file, <<"/data/sub/../inner">>}),
    {ok, <<"key">>} = File({read_file, <<"/secret/key">>}),
    Inner = broker(#{files => [{Data, write, "data"}]}, #{}),
    [{error, eacces} = ask(Inner, {file, {Operation, Path}})
     || Operation <- [read_file, delete, make_dir, list_dir],
        Path <- [<<"/data/outer/key">>, <<"/data/absolute/key">>, <<"/data/sub/up">>]],
    {error, enoent} = ask(Inner, {file, {read_file, <<"/data/../secret/key">>}}),
    {error, enoent} = ask(Inner, {file, {read_file, <<"/data/../../../../etc/passwd">>}}),
    {error, eloop} = ask(Inner, {file, {read_file, <<"/data/loop">>}}),
    {error, _} = ask(Inner, {file, {read_file, <<"/data/zero">>}}),
    {error, einval} = ask(Inner, {file, {read_file, <<"/data/a", 0>>}}),
    {error, eacces} = File({write_file, <<"/secret/new">>, <<"x">>, []}),
    {error, eacces} = File({delete, <<"/secret/key">>}),
    {error, eacces} = File({del_dir, <<"/data">>}),
    {error, eacces} = File({rename, <<"/data/sub">>, <<"/data">>}),
    %% What is open, and what was written, is counted.
    {ok, Id} = File({open, <<"/data/b">>, [write, read]}),
    {error, emfile} = File({open, <<"/data/c">>, [write]}),
    ok = File({write, Id, <<"123456">>}),
    {ok, 0} = File({position, Id, 0}),
    {ok, <<"123456">>} = File({read, Id, 1 bsl 70}),
    eof = File({read, Id, 1}),
    ok = File({close, Id}),
    {error, einval} = File({read, Id, 1}),
    ok = File({write_file, <<"/data/b">>, <<"12345678">>, [append]}),
    {error, edquot} = File({write_file, <<"/data/b">>, <<"1234567">>, []}),
    #{file_bytes := 14, open_files := 0} = hanse_machine_broker:usage(element(1, Broker)),
    [{limit, #{limit := open_files, threshold := hard}}, {limit, #{limit := file_bytes, threshold := soft}},
     {limit, #{limit := file_bytes, threshold := hard, maximum := 20, action := error}}] = told(element(2, Broker)),
    %% Nonsense.
    [{error, einval} = File(Request) || Request <- [none, {read_file, 1}, {read_file, [a | b]}, {open, <<"/data/a">>, 1}, {write, 1, 1}, {position, 1, x}]],
    ok = file:del_dir_r(Folder).

told(Secret) -> receive {Secret, Event} -> [Event | told(Secret)] after 0 -> [] end.

%% Which addresses rules allow.
addresses_test() ->
    Allowed = fun(Rule, Address, Port) -> {ok, Ready} = hanse_machine_address:rule(Rule), hanse_machine_address:allowed(Address, Port, [Ready]) end,
    Yes = [{{"10.0.0.0/8", any}, {10, 255, 0, 1}, 1}, {{"10.1.2.3/32", 5}, {10, 1, 2, 3}, 5}, {{"0.0.0.0/0", any}, {1, 2, 3, 4}, 1},
           {{"10.0.0.0/8", any}, {0, 0, 0, 0, 0, 16#ffff, 16#0a01, 1}, 1}, {{<<"fd00::/8">>, {1, 2}}, {16#fdff, 0, 0, 0, 0, 0, 0, 1}, 2},
           {{"::1", any}, {0, 0, 0, 0, 0, 0, 0, 1}, 1}, {{{127, 0, 0, 1}, any}, {127, 0, 0, 1}, 1}, {{any, 7}, {1, 1, 1, 1}, 7},
           {{"Example.org", 443}, {"example.org", {1, 2, 3, 4}}, 443}, {{"1.2.3.4", 443}, {"example.org", {1, 2, 3, 4}}, 443},
           {{"172.16.0.0/12", any}, {172, 31, 255, 255}, 1}],
    No = [{{"10.0.0.0/8", any}, {11, 0, 0, 1}, 1}, {{"10.0.0.0/8", 5}, {10, 0, 0, 1}, 6}, {{"172.16.0.0/12", any}, {172, 32, 0, 0}, 1},
          {{"::/0", any}, {10, 0, 0, 1}, 1}, {{"0.0.0.0/0", any}, {0, 0, 0, 0, 0, 0, 0, 1}, 1}, {{"::/0", any}, {0, 0, 0, 0, 0, 16#ffff, 16#0a01, 1}, 1},
          {{"example.org", any}, {1, 2, 3, 4}, 1}, {{"example.org", any}, {"example.net", {1, 2, 3, 4}}, 1}],
    [true = Allowed(Rule, Address, Port) || {Rule, Address, Port} <- Yes],
    [false = Allowed(Rule, Address, Port) || {Rule, Address, Port} <- No],
    [error = hanse_machine_address:rule(Rule)
     || Rule <- [x, {"10.0.0.5/8", any}, {"10.0.0.0/33", any}, {"10.0.0.0/-1", any}, {"10.0.0.0/8x", any}, {"host/8", any}, {"", any}, {{1, 2, 3, 999}, any},
                 {[a | b], any}, {"1.2.3.4", {2, 1}}, {"1.2.3.4", -1}, {"1.2.3.4", 65536}, {{16#fd00, 0, 0}, any}]],
    {error, einval} = hanse_machine_address:find(<<"1.2.3.4">>, 1, []),
    {error, eacces} = hanse_machine_address:find("some.host.example", 1, []),
    {ok, {10, 0, 0, 1}} = hanse_machine_address:find("::ffff:10.0.0.1", 1, [element(2, hanse_machine_address:rule({"10.0.0.0/8", any}))]).

network_test() ->
    Broker = broker(#{connect => [{"127.0.0.1", any}], listen => [{"127.0.0.1", any}]}, #{connections => 3, network_bytes => 100}),
    Tcp = fun(Request) -> ask(Broker, {tcp, Request}) end,
    Socket = fun(Pid, Request) -> ask(Broker, {socket, Pid, Request}) end,
    {error, eacces} = Tcp({listen, 0, [{ip, {0, 0, 0, 0}}]}),
    {ok, Listener} = Tcp({listen, 0, [binary, {active, false}]}),
    {ok, {_, Port}} = Socket(Listener, sockname),
    {error, eacces} = Tcp({connect, {10, 1, 2, 3}, Port, [], 1000}),
    {error, eacces} = Tcp({connect, "10.1.2.3", Port, [], 1000}),
    {error, einval} = Tcp({connect, "127.0.0.1", Port, improper, 1000}),
    Reference = make_ref(),
    element(1, Broker) ! {hanse_outside, self(), Reference, {socket, Listener, {accept, infinity}}},
    {ok, Client} = Tcp({connect, "127.0.0.1", Port, [binary, {active, once}], 60000}),
    {ok, Server} = receive {Reference, Accepted} -> Accepted after 60000 -> error(not_accepted) end,
    {error, emfile} = Tcp({connect, "127.0.0.1", Port, [], 60000}),
    ok = Socket(Server, {send, <<"hello">>}),
    receive {tcp, {hanse_socket, Client}, <<"hello">>} -> ok after 60000 -> error(nothing_came) end,
    ok = Socket(Client, {setopts, [{active, false}]}),
    ok = Socket(Server, {send, <<"and more">>}),
    {ok, <<"and ">>} = Socket(Client, {recv, 4, 60000}),
    {ok, <<"more">>} = Socket(Client, {recv, 0, 60000}),
    {error, timeout} = Socket(Client, {recv, 0, 1}),
    {error, edquot} = Socket(Server, {send, binary:copy(<<"x">>, 100)}),
    ok = Socket(Server, close),
    {error, closed} = Socket(Client, {recv, 0, 60000}),
    {error, closed} = Socket(Server, {send, <<"late">>}),
    [{error, einval} = Socket(Client, Request) || Request <- [none, {recv, -1, 1}, {send, 1}]],
    true = lists:any(fun({limit, #{limit := Limit}}) -> Limit =:= network_bytes end, told(element(2, Broker))),
    ok.

%% Text is cut between characters, and never more than twice the limit is kept.
output_test() ->
    Add = fun(Text, Output) -> hanse_machine_output:add(Text, Output, 10) end,
    One = Add(<<"hello">>, hanse_machine_output:new()),
    equal(<<"hello">>, hanse_machine_output:text(One, 10)),
    Many = lists:foldl(fun(_, Output) -> Add(<<"äöü"/utf8>>, Output) end, One, lists:seq(1, 1000)),
    equal(<<"öüäöü"/utf8>>, hanse_machine_output:text(Many, 10)),
    Large = Add(binary:copy(<<"ä"/utf8>>, 1000), Many),
    equal(<<"äääää"/utf8>>, hanse_machine_output:text(Large, 10)),
    equal(5 + 6 * 1000 + 2000, byte_size(hanse_machine_output:text(Large, 1 bsl 20)) + hanse_machine_output:dropped(Large)).

trace_test() ->
    Number = hanse_trace:new(),
    true = hanse_trace:valid(Number),
    Child = hanse_trace:child(Number),
    true = hanse_trace:valid(Child),
    equal(binary:part(Number, 0, 36), binary:part(Child, 0, 36)),
    [false = hanse_trace:valid(Wrong) || Wrong <- [<<>>, x, <<"01-", (binary:part(Number, 3, 52))/binary>>, <<Number/binary, "0">>,
                                                   <<"00-B528513b75d2650a66a6932f170ea548-a7c4fd5965e1527e-01">>,
                                                   <<"00-00000000000000000000000000000000-a7c4fd5965e1527e-01">>]],
    none = hanse_trace:current(),
    hanse_trace:set(Number),
    equal(Number, hanse_trace:current()),
    Self = self(),
    spawn(fun() -> receive {Self, go} -> Self ! {seen, hanse_trace:current()} end end) ! {Self, go},
    receive {seen, Seen} -> equal(Number, Seen) after 60000 -> error(nothing_came) end,
    hanse_trace:clear(),
    none = hanse_trace:current().

%% What the modules of a profile call is there; these are known not to be: {other nodes, the shell's, query lists}.
profile_test() ->
    Absent = [{rpc, call, 4}, {c, pid, 3}, {qlc, transform_from_evaluator, 2}],
    {Allow, Copies, Shims} = hanse_machine_profile:modules(otp),
    Imports = fun(File) -> {ok, {_, [{imports, Calls}]}} = beam_lib:chunks(File, [imports]), Calls end,
    Shim = fun(Module) -> filename:join([code:priv_dir(hanse), "guest", atom_to_list(Module) ++ ".beam"]) end,
    Visible = fun({Module, Function, Arity}) ->
                  case lists:member(Module, Shims) of
                      true ->
                          {ok, {_, [{exports, Exported}]}} = beam_lib:chunks(Shim(Module), [exports]),
                          lists:member({Function, Arity}, Exported);
                      false ->
                          lists:member(Module, Copies) orelse lists:member(Module, Allow)
                              orelse lists:any(fun({Of, Functions}) -> Of =:= Module andalso lists:member({Function, Arity}, Functions);
                                                  (_) -> false
                                               end, Allow)
                  end
              end,
    Files = [element(2, code:get_object_code(Module)) || Module <- Copies] ++ [Shim(Module) || Module <- Shims],
    equal([], [Call || File <- Files, Call <- Imports(File), not Visible(Call), not lists:member(Call, Absent)]).
