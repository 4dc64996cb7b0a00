%% @doc `hanse demo': the story of lending functions to strangers, played on this computer by real processes. It prints what happens, and ends with
%% status 1 if something does not happen as it must.
-module(hanse_demo).

-export([main/0]).

-import(hanse_demo_kit, [chapter/1, tell/2, must/3, hanse/2, hanse/3, start/3, line/3, stop/1, signed/5, send/3, raw/3]).

-define(LIMIT_MS, 120000).

-spec main() -> pid().
main() -> hanse_cli:main(fun run/1).

run([]) ->
    ok = io:setopts([{encoding, unicode}]),
    Home = filename:join(temporary(), "hanse_demo_" ++ os:getpid() ++ "_" ++ binary_to_list(prim_gateway:base64url(prim_gateway:random(6)))),
    ok = filelib:ensure_dir(filename:join(Home, "x")),
    ok = file:change_mode(Home, 8#700),
    Status = try
                 play(#{home => Home}),
                 io:format("~nAll of it happened as it must. docs/grants.md tells how to do it yourself.~n"),
                 0
             catch
                 throw:{wrong, Text} ->
                     io:format("~nThis went wrong. ~ts~n", [Text]),
                     1;
                 Class:Reason:Stack ->
                     io:format("~nThis went wrong. ~0tP~n", [{Class, Reason, Stack}, 40]),
                     1
             end,
    _ = file:del_dir_r(Home),
    halt(Status);
run(_) -> hanse_cli:wrong("usage: hanse demo\n\nPlays the story of docs/grants.md on this computer and prints what happens.").

temporary() -> os:getenv("TMPDIR", "/tmp").

play(#{home := Home} = Stage) ->
    ok = file:write_file(filename:join(Home, "weather.erl"), weather()),
    ok = file:write_file(filename:join(Home, "lender.erl"), lender()),
    chapter("The lender has a program, and a node that does some work of its own"),
    tell("$ hanse run lender.erl    (it lends from weather.erl)", []),
    {Lender, Where} = start(Stage, ["run", "lender.erl"], <<"gateway: ">>),
    [Url, Node] = binary:split(Where, <<", node ">>),
    tell("its gateway is at ~ts", [Url]),
    tell("its key is ~ts", [Node]),
    try scenes(Stage, Lender, Url, Node) after stop(Lender) end,
    distributed().

scenes(Stage, Lender, Url, Node) ->
    lend(Stage),
    {ok, #{seed := Anna}} = hanse_key:find(filename:join([maps:get(home, Stage), "keys", "anna.jwk"])),
    {ok, Peer} = hanse_remote:node_key(Url, Node, #{}),
    Borrower = #{url => Url, seed => Anna, peer => Peer, node => Node},
    borrow(Stage, Borrower),
    pids(Borrower),
    intrude(Stage, Borrower),
    runaways(Borrower),
    flood(Lender, Borrower),
    revoke(Stage, Borrower).

lend(Stage) ->
    chapter("The lender lends, and makes the key that it hands to Anna"),
    Words = ["grant", "add", "--to", "new:anna", "--allow", "weather:today/1", "--allow", "weather:tell/2", "--allow", "weather:think/0",
             "--rate", "1000/min", "--timeout", "60s"],
    expect(hanse(Stage, Words), 0),
    Wild = ["grant", "add", "--to", "anna", "--allow", "weather:spin/0", "--allow", "weather:hoard/0", "--timeout", "3s", "--memory", "16MB", "--concurrent", "2"],
    expect(hanse(Stage, Wild), 0).

expect({Status, _}, Status) -> ok;
expect({Status, Text}, Wanted) -> throw({wrong, io_lib:format("the command ended with status ~b instead of ~b: ~ts", [Status, Wanted, Text])}).

borrow(Stage, #{url := Url, node := Node}) ->
    chapter("Anna borrows"),
    Address = unicode:characters_to_list([Url, $#, Node]),
    {Status, Text} = hanse(Stage, ["call", Address, "weather:today", "[\"oslo\"]", "--key", "anna"], ["call", "URL#KEY", "weather:today", "[\"oslo\"]", "--key", "anna"]),
    must(Status =:= 0 andalso string:find(Text, "\"clear\"") =/= nomatch, "the answer came, signed by the lender's node", Text),
    tell("python3 clients/python/hanse_borrow.py URL#KEY weather:today '[\"oslo\"]' --key anna.jwk does the same without Hanse", []).

pids(#{url := Url, seed := Seed, node := Node}) ->
    chapter("Anna passes a pid along: the lender may send to it, and nothing else"),
    {ok, Remote} = hanse_remote:connect(#{url => Url, key => {seed, Seed}, node => Node, atoms => new}),
    ok = hanse_remote:call(Remote, weather, tell, [self(), <<"it will rain">>]),
    receive {forecast, Text} -> must(Text =:= <<"it will rain">>, "a message of the lender's function reached Anna's process", Text)
    after ?LIMIT_MS -> must(false, "a message of the lender's function reached Anna's process", nothing)
    end,
    hanse_remote:stop(Remote).

intrude(Stage, #{url := Url, seed := Seed, node := Node} = Anna) ->
    chapter("An intruder tries"),
    {_, Stranger} = prim_gateway:key_new(),
    refused("a key that nobody has lent to", 401, <<"key">>, send(Anna#{seed := Stranger}, "/apply/weather/today", "[\"oslo\"]")),
    Recorded = signed(Seed, Node, "/apply/weather/today", "[\"oslo\"]", Url),
    refused("a recorded request with another body", 401, <<"digest">>, raw(Recorded, #{body => <<"[\"rome\"]">>}, [])),
    refused("the same for another function", 401, <<"signature">>, raw(Recorded, #{target => "/apply/weather/spin"}, [])),
    {200, _} = raw(Recorded, #{}, []),
    refused("a recorded request, once more", 409, <<"replay">>, raw(Recorded, #{}, [])),
    refused("a function that was not lent", 403, <<"not-granted">>, send(Anna, "/apply/os/cmd", "[\"id\"]")),
    refused("a function that does not exist", 403, <<"not-granted">>, send(Anna, "/apply/no/such", "")),
    expect(hanse(Stage, ["grant", "add", "--to", "new:bert", "--allow", "weather:today/1", "--rate", "3/day"]), 0),
    Bert = Anna#{seed := seed(Stage, "bert")},
    [{200, _} = send(Bert, "/apply/weather/today", "[\"oslo\"]") || _ <- [1, 2, 3]],
    refused("the fourth call of three a day", 429, any, send(Bert, "/apply/weather/today", "[\"oslo\"]")),
    expect(hanse(Stage, ["grant", "add", "--to", "new:carl", "--allow", "weather:today/1", "--expires", "1s"]), 0),
    refused("a grant that is over", 403, <<"expired">>, until_refused(Anna#{seed := seed(Stage, "carl")}, erlang:monotonic_time(millisecond) + ?LIMIT_MS)).

seed(#{home := Home}, Name) ->
    {ok, #{seed := Seed}} = hanse_key:find(filename:join([Home, "keys", Name ++ ".jwk"])),
    Seed.

refused(What, Status, Kind, Got) ->
    must(case Got of {Status, _} when Kind =:= any -> true; {Status, Kind} -> true; _ -> false end, io_lib:format("~ts: ~b ~ts", [What, Status, case Kind of any -> ""; _ -> Kind end]), Got).

until_refused(Caller, Deadline) ->
    case {send(Caller, "/apply/weather/today", "[\"oslo\"]"), erlang:monotonic_time(millisecond) < Deadline} of
        {{200, _}, true} -> timer:sleep(200), until_refused(Caller, Deadline);
        {Answer, _} -> Answer
    end.

runaways(Anna) ->
    chapter("A runaway is jailed: each call runs in a machine with limits"),
    {Status, Kind} = send(Anna, "/apply/weather/hoard", ""),
    must(Status >= 500, io_lib:format("a function that hoards memory was ended: ~w ~ts", [Status, Kind]), {Status, Kind}),
    must(element(1, send(Anna, "/apply/weather/today", "[\"oslo\"]")) =:= 200, "the lender's node goes on", failed).

%% Many who are not known, and two calls that only spin, while the lender works.
flood(Lender, #{url := Url, peer := Peer} = Anna) ->
    chapter("A flood of requests arrives, and two calls spin: the lender's own work goes on"),
    Parent = self(),
    Spinning = [spawn_link(fun() -> Parent ! {spun, self(), send(Anna, "/apply/weather/spin", "")} end) || _ <- [1, 2]],
    Counter = counters:new(1, [write_concurrency]),
    {_, Stranger} = prim_gateway:key_new(),
    Flood = [spawn_link(fun() -> pour(#{url => Url, seed => Stranger, peer => Peer}, Counter) end) || _ <- lists:seq(1, 20)],
    Before = work(Lender),
    After = works(Lender, Before + 200, erlang:monotonic_time(millisecond) + ?LIMIT_MS),
    [begin unlink(Pid), exit(Pid, kill) end || Pid <- Flood],
    Refused = counters:get(Counter, 1),
    must(Refused > 0 andalso After - Before >= 200, io_lib:format("~b requests were refused, and the lender did ~b pieces of its work meanwhile", [Refused, After - Before]), Refused),
    Ends = [receive {spun, Pid, Answer} -> Answer after ?LIMIT_MS -> nothing end || Pid <- Spinning],
    must(lists:all(fun(Answer) -> is_tuple(Answer) andalso element(1, Answer) =:= 504 end, Ends), "the calls that spun were ended when their time was over: 504", Ends).

pour(Caller, Counter) ->
    case send(Caller, "/apply/weather/today", "[\"oslo\"]") of
        {401, _} -> counters:add(Counter, 1, 1);
        _ -> ok
    end,
    pour(Caller, Counter).

%% The number of pieces that the lender tells next: lines from before do not count.
work({Port, _} = Lender) ->
    receive {Port, {data, _}} -> work(Lender) after 0 -> ok end,
    {Number, _} = line(Lender, <<"work ">>, ?LIMIT_MS),
    binary_to_integer(Number).

works(Lender, Wanted, Deadline) ->
    case {work(Lender), erlang:monotonic_time(millisecond) < Deadline} of
        {Number, true} when Number < Wanted -> works(Lender, Wanted, Deadline);
        {Number, _} -> Number
    end.

revoke(Stage, Anna) ->
    chapter("The lender changes its mind during a long call"),
    Parent = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> Parent ! {answer, send(Anna, "/apply/weather/think", "")} end),
    tell("Anna calls weather:think, which takes a minute", []),
    until_running(Stage, erlang:monotonic_time(millisecond) + ?LIMIT_MS),
    Start = erlang:monotonic_time(millisecond),
    expect(hanse(Stage, ["grant", "revoke", "anna"]), 0),
    receive
        {answer, {Status, Kind}} ->
            demonitor(Monitor, [flush]),
            must(Status =:= 403 andalso Kind =:= <<"revoked">>,
                 io_lib:format("the call was ended: 403 revoked, after ~b ms", [erlang:monotonic_time(millisecond) - Start]), {Status, Kind});
        {'DOWN', Monitor, process, Pid, Reason} -> must(false, "the call was ended", Reason)
    after ?LIMIT_MS -> must(false, "the call was ended", nothing)
    end,
    Again = send(Anna, "/apply/weather/today", "[\"oslo\"]"),
    must(lists:member(element(1, Again), [401, 403]), "and the next one was refused", Again),
    expect(hanse(Stage, ["audit", "--since", "1h", "--limit", "8"]), 0).

%% The lender's node says how many calls run.
until_running(Stage, Deadline) ->
    #{home := Home} = Stage,
    case {file:read_file(filename:join(Home, "thinking")), erlang:monotonic_time(millisecond) < Deadline} of
        {{ok, <<"1">>}, _} -> ok;
        {_, true} -> timer:sleep(50), until_running(Stage, Deadline);
        _ -> throw({wrong, "the long call did not begin"})
    end.

distributed() ->
    chapter("Nodes that trust one another: the distributed examples"),
    Folder = examples(filename:dirname(hanse_demo_kit:program()), 6),
    case {Folder, os:find_executable("erlc")} of
        {none, _} -> tell("(the examples are not here)", []);
        {_, false} -> tell("(there is no erlc here)", []);
        {Path, _} ->
            Port = open_port({spawn_executable, filename:join(Path, "run")}, [{args, ["hanse", "hanse"]}, {env, [{"HANSE", hanse_demo_kit:program()}]}, {line, 1000}, exit_status,
                                                                              stderr_to_stdout, binary]),
            shown(Port)
    end.

examples(_, 0) -> none;
examples(Folder, Left) ->
    Path = filename:join([Folder, "examples", "distributed"]),
    case filelib:is_regular(filename:join(Path, "run")) of
        true -> Path;
        false -> examples(filename:dirname(Folder), Left - 1)
    end.

shown(Port) ->
    receive
        {Port, {data, {_, Line}}} -> tell("~ts", [Line]), shown(Port);
        {Port, {exit_status, Status}} -> must(Status =:= 0, "two nodes talked to each other", Status)
    after ?LIMIT_MS -> must(false, "two nodes talked to each other", nothing)
    end.

%% The programs of the lender

weather() ->
    "-module(weather).\n"
    "-export([today/1, tell/2, think/0, spin/0, hoard/0]).\n"
    "today(<<\"oslo\">>) -> #{sky => clear, degrees => 3};\n"
    "today(_) -> #{sky => rain}.\n"
    "tell(Pid, Text) -> Pid ! {forecast, Text}, ok.\n"
    "think() -> receive after 60000 -> done end.\n"
    "spin() -> spin().\n"
    "hoard() -> hoard([]).\n"
    "hoard(Hoard) -> hoard([lists:seq(1, 1000) | Hoard]).\n".

lender() ->
    "-module(lender).\n"
    "-export([main/1]).\n"
    "main([]) ->\n"
    "    {ok, _} = application:ensure_all_started(hanse),\n"
    "    {ok, _} = hanse_gateway_control:start(\"default\"),\n"
    "    {ok, #{url := Url, node := Node}} = hanse_gateway:start(#{files => [\"weather.erl\"]}),\n"
    "    io:format(\"gateway: ~ts, node ~ts~n\", [Url, Node]),\n"
    "    spawn(fun() -> work(1) end),\n"
    "    spawn(fun() -> thinking() end),\n"
    "    io:get_line(\"\").\n"
    "work(N) ->\n"
    "    _ = lists:sum(lists:seq(1, 20000)),\n"
    "    N rem 20 =:= 0 andalso io:format(\"work ~b~n\", [N]),\n"
    "    timer:sleep(5),\n"
    "    work(N + 1).\n"
    "thinking() ->\n"
    "    ok = file:write_file(\"thinking.new\", integer_to_list(maps:get(running, hanse_gateway:info()))),\n"
    "    ok = file:rename(\"thinking.new\", \"thinking\"),\n"
    "    timer:sleep(50),\n"
    "    thinking().\n".
