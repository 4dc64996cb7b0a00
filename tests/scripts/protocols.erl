%% @doc The other ways to speak with scripts: JSON lines, plain programs, external terms on standard input and output, Ruby.
-module(protocols).
-compile([export_all, nowarn_export_all]).

-import(pool_test, [python/1, python/2, ruby/2, start/1, equal/2, until/1, alive/1, kill/1, pids/1, workers/1, count/2]).

json(Options) -> python("json_lines", maps:merge(#{protocol => json}, Options)).

json_test() ->
    json(#{in_flight => 4}),
    Text = unicode:characters_to_binary("ä \"quoted\" \\ \n 😀"),
    Values = [0, -5, 1 bsl 70, 1.5, <<>>, Text, [], [1, [2]], #{}, #{<<"a">> => #{<<"b">> => [null]}}, true, false, null],
    [equal({ok, Value}, hanse_script:call(pool, echo, [Value], 60000)) || Value <- Values],
    equal({error, <<"ValueError: no luck">>}, hanse_script:call(pool, fail, [<<"no luck">>])),
    {'EXIT', {badarg, _}} = catch hanse_script:call(pool, echo, [self()]).

json_output_is_logged_test() ->
    json(#{}),
    equal({ok, null}, hanse_script:call(pool, say, [<<"rubbish {">>], 60000)),
    until(fun() -> [L || L <- hanse_script:logs(pool, 10), binary:match(L, <<"# rubbish {">>) =/= nomatch] =/= [] end).

json_stream_test() ->
    json(#{}),
    equal({ok, [2, 1, 0]}, hanse_script:fold(pool, count, [3], fun(N, All) -> [N | All] end, [], #{timeout_ms => 60000})).

json_calls_back_test() ->
    json(#{allow => [{erlang, abs, 1}]}),
    equal({ok, 5}, hanse_script:call(pool, back, [<<"erlang:abs">>, -5], 60000)),
    {error, _} = hanse_script:call(pool, back, [<<"os:cmd">>, <<"true">>]),
    {error, _} = hanse_script:call(pool, back, [<<"never_heard:of_it">>]).

json_ready_test() ->
    json(#{ready => message}),
    equal(ok, hanse_script:await(pool, 60000)).

json_dies_test() ->
    json(#{}),
    {error, {worker_died, #{why := {status, 4}}}} = hanse_script:call(pool, leave, [4], 60000),
    equal({ok, 1}, hanse_script:call(pool, echo, [1], 60000)).

json_codec_test() ->
    Texts = [{<<" [1 , 2.5e3,-0, 1e2,1E+2, true,null ] ">>, [1, 2500.0, 0, 100.0, 100.0, true, null]},
             {<<"\"\\u00e4\\ud83d\\ude00\\/\\b\"">>, unicode:characters_to_binary([16#e4, 16#1f600, $/, 8])}, {<<"{\"a\":{}}">>, #{<<"a">> => #{}}}],
    [equal({ok, Value}, hanse_json:decode(Text)) || {Text, Value} <- Texts],
    Wrong = [<<>>, <<"[">>, <<"[1,]">>, <<"{\"a\"}">>, <<"{a:1}">>, <<"01x">>, <<"1.">>, <<"-">>, <<"\"\\x\"">>, <<"\"\\ud800\"">>, <<"\"", 255, "\"">>,
             <<"tru">>, <<"1 2">>, <<"\"a\nb\"">>, binary:copy(<<"[">>, 100000)],
    [{error, {not_json, _}} = hanse_json:decode(Text) || Text <- Wrong],
    Value = #{<<"x">> => [1, -2.5, <<"\t\"\\">>, #{}], <<"y">> => true},
    equal({ok, Value}, hanse_json:decode(iolist_to_binary(hanse_json:encode(Value)))).

plain_test() ->
    start(#{name => pool, protocol => plain, size => 2, command => ["sh", "-c", "echo \"$0 $@\"; echo complaint >&2; exit $#"]}),
    {ok, #{exit := 2, output := <<"a b c d\n">>, errors := <<"complaint\n">>}} = hanse_script:call(pool, run, [<<"a">>, "b c", d], 60000),
    {ok, #{exit := 2, output := <<"sub 1 2.5\n">>}} = hanse_script:call(pool, sub, [1, 2.5], 60000),
    {'EXIT', {badarg, _}} = catch hanse_script:call(pool, run, [<<"zero", 0>>]),
    equal(2, length(workers(pool))).

plain_many_test() ->
    start(#{name => pool, protocol => plain, size => 3, command => ["echo"]}),
    Parent = self(),
    Callers = [spawn_link(fun() ->
                              {ok, #{exit := 0, output := Output}} = hanse_script:call(pool, run, [N], 60000),
                              Parent ! {self(), Output}
                          end) || N <- lists:seq(1, 30)],
    equal([<<(integer_to_binary(N))/binary, "\n">> || N <- lists:seq(1, 30)], [receive {Caller, Output} -> Output end || Caller <- Callers]),
    until(fun() -> pool_test:guards() =:= 0 end).

plain_too_slow_test() ->
    start(#{name => pool, protocol => plain, command => ["sh", "-c", "sleep 1000"]}),
    equal({error, timeout}, hanse_script:call(pool, run, [], 300)),
    until(fun() -> pool_test:guards() =:= 0 end).

plain_killed_test() ->
    start(#{name => pool, protocol => plain, command => ["sh", "-c", "kill -9 $$"]}),
    {ok, #{exit := {signal, 9}}} = hanse_script:call(pool, run, [], 60000).

plain_missing_test() ->
    start(#{name => pool, protocol => plain, command => ["/no/such/program"]}),
    {error, {not_started, <<"cannot run /no/such/program: No such file or directory">>}} = hanse_script:call(pool, run, [], 60000).

plain_large_output_test() ->
    start(#{name => pool, protocol => plain, command => ["head", "-c", "3000000", "/dev/zero"]}),
    {ok, #{exit := 0, output := Output}} = hanse_script:call(pool, run, [], 60000),
    equal(3000000, byte_size(Output)).

stdio_test() ->
    python("rogue", #{channel => stdio}),
    equal({ok, 42}, hanse_script:call(pool, double, [21])),
    equal({ok, ok}, hanse_script:call(pool, rubbish, [])),
    until(fun() -> [L || L <- hanse_script:logs(pool, 10), binary:match(L, <<"! rubbish">>) =/= nomatch] =/= [] end).

modules_test() ->
    start(#{name => pool, command => [pool_test:python3(), "-m", "hanse", "textwrap", "math"]}),
    equal({ok, 5.0}, hanse_script:call(pool, {math, sqrt}, [25.0], 60000)),
    {error, {exception, _, _, _}} = hanse_script:call(pool, {os, system}, [<<"true">>]).

ruby_test() ->
    ruby("rogue", #{in_flight => 4, allow => [{erlang, abs, 1}]}),
    Values = [0, -1, 256, 1 bsl 64, -(1 bsl 2100), 1.5, <<>>, binary:copy(<<7>>, 3000000), [], [1, [2]], {}, {a, {b}}, #{a => 1}, true, undefined, ok,
              'ä', [1 | 2], <<5:3>>, self(), make_ref()],
    [equal({ok, Value}, hanse_script:call(pool, echo, [Value], 60000)) || Value <- Values],
    {error, {exception, <<"ArgumentError">>, <<"no luck">>, [_ | _]}} = hanse_script:call(pool, fail, [<<"no luck">>]),
    {error, {exception, <<"Hanse::NoSuchFunction">>, _, _}} = hanse_script:call(pool, nothing, []),
    equal({ok, 5}, hanse_script:call(pool, back, [erlang, abs, -5])),
    {error, {exception, <<"Hanse::CallError">>, _, _}} = hanse_script:call(pool, back, [os, cmd, <<"true">>]),
    equal({ok, lists:seq(99, 0, -1)}, hanse_script:fold(pool, count, [100], fun(N, All) -> [N | All] end, [], #{})),
    equal({ok, ok}, hanse_script:call(pool, say, [<<"hello from ruby">>])),
    until(fun() -> [L || L <- hanse_script:logs(pool, 10), binary:match(L, <<"| hello from ruby">>) =/= nomatch] =/= [] end).

ruby_bad_days_test() ->
    ruby("rogue", #{heartbeat_ms => 20000}),
    equal({ok, 4}, hanse_script:call(pool, double, [2], 60000)),
    [Pid] = pids(pool),
    equal({error, timeout}, hanse_script:call(pool, never, [], 300)),
    until(fun() -> not alive(Pid) end),
    {error, {worker_died, #{why := {status, 3}}}} = hanse_script:call(pool, leave, [3], 60000),
    equal({ok, 4}, hanse_script:call(pool, double, [2], 60000)).

ruby_state_test() ->
    ruby("counting", #{state => memory}),
    equal([{ok, 1}, {ok, 2}], [hanse_script:call(pool, count, [], 60000) || _ <- [1, 2]]),
    ok = hanse_script:restart(pool),
    until(fun() -> count(replaced, pool) =:= 1 end),
    equal({ok, 3}, hanse_script:call(pool, count, [])).
