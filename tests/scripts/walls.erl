%% @doc What a worker gets of its surroundings, and what it may do to them.
-module(walls).
-compile([export_all, nowarn_export_all]).

-import(pool_test, [python/1, python/2, start/1, equal/2, until/1, alive/1, pids/1, scratch/1]).

-include_lib("kernel/include/file.hrl").

environment_test() ->
    os:putenv("POOL_TEST_SECRET", "s"),
    os:putenv("POOL_TEST_WANTED", "w"),
    python("rogue", #{environment => #{'GIVEN' => "é", "HOME" => "/nowhere"}, inherit => ["POOL_TEST_WANTED"]}),
    {ok, Environment} = hanse_script:call(pool, environment, []),
    equal([<<"w">>, unicode:characters_to_binary("é"), <<"/nowhere">>, false],
          [maps:get(Name, Environment, false) || Name <- [<<"POOL_TEST_WANTED">>, <<"GIVEN">>, <<"HOME">>, <<"POOL_TEST_SECRET">>]]),
    equal([], maps:keys(Environment) -- [<<"POOL_TEST_WANTED">>, <<"GIVEN">>, <<"HOME">>, <<"PATH">>, <<"LANG">>, <<"LC_ALL">>, <<"LC_CTYPE">>,
                                         <<"TZ">>, <<"TMPDIR">>, <<"USER">>, <<"HANSE_CHANNEL">>, <<"PYTHONPATH">>, <<"PYTHONUNBUFFERED">>,
                                         <<"RUBYLIB">>]).

descriptors_and_session_test() ->
    {ok, File} = file:open("/dev/null", [read, raw]),
    {ok, Socket} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    python("rogue", #{directory => os:getenv("SCRIPTS")}),
    {ok, Open} = hanse_script:call(pool, descriptors, []),
    equal([0, 1, 2, 3, 4], lists:sublist(Open, 5)),
    true = length(Open) =< 6,  % one more to read the folder
    equal({ok, true}, hanse_script:call(pool, session, [])),
    equal({ok, list_to_binary(os:getenv("SCRIPTS"))}, hanse_script:call(pool, where, [])),
    file:close(File),
    gen_tcp:close(Socket).

limits_test() ->
    Big = filename:join(scratch("limits"), "file"),
    python("rogue", #{limits => #{files => 50, file_size_bytes => 1, cpu_s => 1}, intensity => 100}),
    {error, {exception, <<"OSError">>, _, _}} = hanse_script:call(pool, open_files, [100]),
    {ok, 10} = hanse_script:call(pool, open_files, [10]),
    %% SIGXFSZ or EFBIG
    {error, _} = hanse_script:call(pool, write_much, [list_to_binary(Big)]),
    {error, {worker_died, #{why := {signal, Signal}}}} = until(fun() -> case hanse_script:call(pool, spin, [100], infinity) of
                                                                  {error, {worker_died, #{why := {signal, N}}}} = Error when N =/= 25 -> Error;
                                                                  _ -> false
                                                              end end),
    true = lists:member(Signal, [9, 24]).

user_test() ->
    case os:cmd("id -u") of
        "0\n" ->
            [Uid, Gid | _] = [list_to_integer(string:trim(os:cmd(Command))) || Command <- ["id -u nobody", "id -g nobody"]],
            Folder = scratch("user"),
            {ok, _} = file:copy(filename:join(os:getenv("SCRIPTS"), "rogue.py"), "/tmp/hanse_rogue_" ++ os:getpid() ++ ".py"),
            start(#{name => pool, command => [pool_test:python3(), "/tmp/hanse_rogue_" ++ os:getpid() ++ ".py"], user => "nobody", directory => "/tmp",
                    environment => #{"PYTHONPATH" => client()}}),
            {ok, [Uid, Gid, [Gid]]} = hanse_script:call(pool, whoami, []),
            {error, {exception, <<"PermissionError">>, _, _}} =
                hanse_script:call(pool, write, [list_to_binary("/etc/hanse_" ++ os:getpid())]),
            hanse_script:stop(pool),
            file:delete("/tmp/hanse_rogue_" ++ os:getpid() ++ ".py"),
            file:del_dir_r("/tmp/hanse_client_" ++ os:getpid()),
            Folder;
        _ -> ok
    end,
    start(#{name => pool, command => ["true"], user => "no_such_user", intensity => 0}),
    {error, {fatal, #{why := {failed, <<"there is no user no_such_user">>}}}} = hanse_script:await(pool, 60000).

%% Where everybody may read it, whatever the folder of this repository allows.
client() ->
    Target = "/tmp/hanse_client_" ++ os:getpid(),
    os:cmd("mkdir -p " ++ Target ++ " && cp -r " ++ os:getenv("ROOT") ++ "/clients/python/src/hanse " ++ Target ++ " && chmod -R a+rX " ++ Target),
    Target.

sandbox_test() ->
    case os:find_executable("bwrap") =/= false andalso
         os:cmd("bwrap --ro-bind / / --dev /dev --proc /proc --unshare-net --unshare-pid true && echo works") =:= "works\n" of
        false -> ok;  % not installed, or not allowed in this container
        true -> sandboxed()
    end.

sandboxed() ->
    {ok, Listener} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listener),
    Folder = scratch("sandbox"),
    {ok, _} = file:copy(filename:join(os:getenv("SCRIPTS"), "rogue.py"), filename:join(Folder, "rogue.py")),
    start(#{name => pool, command => [pool_test:python3(), "rogue.py"], sandbox => bubblewrap, directory => Folder}),
    equal({ok, 4}, hanse_script:call(pool, double, [2])),
    {error, {exception, <<"ConnectionRefusedError">>, _, _}} = hanse_script:call(pool, connect, [Port]),
    Outside = filename:join(scratch("outside"), "file"),
    {error, {exception, _, _, _}} = hanse_script:call(pool, write, [list_to_binary(Outside)]),
    equal({ok, ok}, hanse_script:call(pool, write, [list_to_binary(filename:join(Folder, "file"))])),
    true = filelib:is_regular(filename:join(Folder, "file")),
    {ok, _} = hanse_script:call(pool, fork, [1]),
    hanse_script:stop(pool),
    until(fun() -> pool_test:guards() =:= 0 end),
    gen_tcp:close(Listener).

network_test() ->
    {ok, Listener} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listener),
    python("rogue", #{network => false, user => none}),
    equal({ok, 4}, hanse_script:call(pool, double, [2])),
    {error, {exception, <<"PermissionError">>, _, _}} = hanse_script:call(pool, connect, [Port]),
    %% What it starts has none either; sockets within this computer stay.
    equal({ok, <<"PermissionError">>}, hanse_script:call(pool, socket_of_child, [<<"AF_INET6">>])),
    equal({ok, <<"PermissionError">>}, hanse_script:call(pool, socket_of_child, [<<"AF_NETLINK">>])),
    equal({ok, <<"made">>}, hanse_script:call(pool, socket_of_child, [<<"AF_UNIX">>])),
    hanse_script:stop(pool),
    python("rogue", #{}),
    equal({ok, <<"made">>}, hanse_script:call(pool, socket_of_child, [<<"AF_INET">>])),
    gen_tcp:close(Listener).

no_sandbox_test() ->
    Path = os:getenv("PATH"),
    os:putenv("PATH", "/nowhere"),
    start(#{name => pool, command => ["/bin/true"], sandbox => bubblewrap, intensity => 0}),
    {error, {fatal, #{why := {failed, Text}}}} = hanse_script:await(pool, 60000),
    os:putenv("PATH", Path),
    {_, _} = binary:match(Text, <<"apt-get install bubblewrap">>).
