%% A borrower in Erlang: main([Url, Key]) calls what tests/gateway/weather.erl lends, by way of hanse_remote.
-module(remote).
-export([main/1]).

main([Url, Key]) ->
    Atoms = [sky, clear, rain, degrees, got, said],  % that the lender's answers have
    {ok, Lender} = hanse_remote:connect(#{url => Url, key => Key}),
    #{sky := clear} = hanse_remote:call(Lender, weather, today, [<<"oslo">>]),
    Term = {hd(Atoms), 1.5, "x", <<1, 2>>, #{got => [said]}, -1 bsl 70},
    {got, Term} = hanse_remote:call(Lender, weather, back, [Term]),
    {error, {refused, 403, <<"not-granted">>, _}} = hanse_remote:try_call(Lender, os, cmd, ["id"], 20000),
    {error, {refused, 500, _, _}} = hanse_remote:try_call(Lender, weather, today, [5], 20000),
    [{ok, #{sky := rain}}, {error, {lender, noproc}}] = hanse_remote:multicall([Lender, nobody], weather, today, [<<"rome">>]),
    {ok, #{<<"openapi">> := <<"3.1", _/binary>>}} = hanse_remote:functions(Lender),
    io:format("calls ok~n"),
    names(Lender),
    pids(Lender),
    {error, {refused, 401, _, _}} = refused_key(Url),
    [Address, _] = string:split(Url, "#"),
    {error, {key, _}} = hanse_remote:connect(#{url => Address, key => Key, node => <<"another">>}),
    {Another, _} = prim_gateway:key_new(),
    {error, Wrong} = hanse_remote:connect(#{url => Address, key => Key, node => prim_gateway:thumbprint(Another)}),
    true = element(1, Wrong) =:= other_node orelse element(1, Wrong) =:= transport,  % with TLS its certificate says so already
    io:format("done~n").

names(Lender) ->
    Name = {via, hanse_remote, {Lender, weather}},
    {asked, next} = gen_server:call(Name, next),
    Many = [gen_server:send_request(Name, N) || N <- lists:seq(1, 20)],
    [{reply, {asked, N}} = gen_server:receive_response(Request, 60000) || {N, Request} <- lists:zip(lists:seq(1, 20), Many)],
    {error, {hanse_remote, {refused, 403, _, _}}} = gen_server:call({via, hanse_remote, {Lender, nothing}}, x),
    io:format("names ok~n").

pids(Lender) ->
    Self = self(),
    [ok = hanse_remote:call(Lender, weather, tell, [Self, N]) || N <- [1, 2, 3]],
    [1, 2, 3] = [receive {said, N} -> N after 120000 -> lost end || _ <- [1, 2, 3]],
    [hanse_remote:cast(Lender, weather, tell, [Self, N]) || N <- [4, 5, 6]],
    [4, 5, 6] = [receive {said, N} -> N after 120000 -> lost end || _ <- [4, 5, 6]],
    Other = spawn(fun() -> receive stop -> ok end end),
    ok = hanse_remote:call(Lender, weather, tell, [Other, 0]),
    Other ! stop,
    io:format("pids ok~n").

refused_key(Url) ->
    {_, Seed} = prim_gateway:key_new(),
    {ok, Stranger} = hanse_remote:connect(#{url => Url, key => {seed, Seed}, sessions => false}),
    hanse_remote:try_call(Stranger, weather, today, [<<"oslo">>], 20000).
