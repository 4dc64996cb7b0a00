%% What a lender's own processes see of the gateway: borrowers' processes, restarts, the audit log; and the parts that need no network.
-module(inside).
-compile([export_all, nowarn_export_all]).
-import(pool_test, [equal/2, until/1]).

-define(CLIENT, "a-client-of-chance-").

%% A gateway with a grant for a new key; what a borrower needs to know.
with(Options, Test) ->
    {ok, #{url := Url, node := Node}} = hanse_gateway:start(#{files => [filename:join(os:getenv("LENT"), File) || File <- ["lent.erl", "lent_helper.erl"]]}),
    Name = "key" ++ integer_to_list(erlang:unique_integer([positive])),
    {ok, #{id := Id}} = hanse_grant:add(maps:merge(#{to => "new:" ++ Name, rate => none}, Options)),
    {ok, #{seed := Seed}} = hanse_key:find(Name),
    try Test(#{url => Url, node => Node, seed => Seed, grant => Id})
    after
        {ok, _} = hanse_grant:revoke(Name),
        hanse_gateway:stop()
    end.

request(#{url := Url, node := Node, seed := Seed}, More) ->
    prim_gateway:request(maps:merge(#{url => Url, seed => Seed, peer => Node, timeout_ms => 60000}, More)).

answer(Id) -> receive {gateway_answer, Id, Answer} -> Answer end.

call(Borrower, Function, Arguments) -> result(answer(start_call(Borrower, Function, Arguments))).

start_call(Borrower, Function, Arguments) ->
    request(Borrower, #{method => <<"PUT">>, target => ["/apply/lent/", Function], headers => [{<<"content-type">>, <<"application/json">>}],
                        body => hanse_json:encode(Arguments)}).

result({ok, Status, _, Body, true}) ->
    {ok, Value} = hanse_json:decode(iolist_to_binary(Body)),
    {Status, Value}.

kind(Borrower, Function, Arguments) ->
    {Status, #{<<"type">> := <<"urn:hanse:problem:", Kind/binary>>}} = call(Borrower, Function, Arguments),
    {Status, Kind}.

pid(Client, Name) -> #{<<"$pid">> => iolist_to_binary([Client, "/", Name])}.

client() -> iolist_to_binary([?CLIENT, integer_to_list(erlang:unique_integer([positive]))]).

listen(Borrower, Client, Query, Headers) ->
    Id = request(Borrower, #{method => <<"GET">>, target => ["/events/", Client, Query], headers => Headers, stream => true}),
    {ok, 200, _, stream, true} = answer(Id),
    Id.

%% The next event of a stream, as {Number, Kind, Data}; ticks are none.
event(Id) -> event(Id, get({rest, Id})).

event(Id, undefined) -> event(Id, <<>>);
event(Id, Text) ->
    case binary:split(Text, <<"\n\n">>) of
        [<<":", _/binary>>, Rest] -> event(Id, Rest);
        [Event, Rest] ->
            put({rest, Id}, Rest),
            [<<"id: ", Number/binary>>, <<"event: ", Kind/binary>>, <<"data: ", Data/binary>>] = binary:split(Event, <<"\n">>, [global]),
            {binary_to_integer(Number), Kind, Data};
        [_] -> receive {gateway_data, Id, More} -> event(Id, <<Text/binary, More/binary>>) end
    end.

json({Number, Kind, Data}) ->
    {ok, Value} = hanse_json:decode(Data),
    {Number, Kind, Value}.

%% A server of the lender that borrowers' processes join: by its name, which the grant allows.
board(Tester) ->
    receive
        {'$gen_call', {From, _} = To, {join, Pid}} ->
            monitor(process, Pid),
            gen_server:reply(To, ok),
            Tester ! {joined, Pid, From};
        {'DOWN', _, process, Pid, Reason} -> Tester ! {left, Pid, Reason}
    end,
    board(Tester).

server_of_the_lender_test() ->
    Tester = self(),
    Board = spawn_link(fun() -> board(Tester) end),
    register(board, Board),
    with(#{allow => ["lent:join(pid)"], names => [board]}, fun(Borrower) ->
        Client = client(),
        Stream = listen(Borrower, Client, "", []),
        equal({200, <<"ok">>}, call(Borrower, "join", [pid(Client, "one")])),
        Pid = receive {joined, Joined, _} -> Joined end,
        %% The call is over; the lender may go on sending.
        Pid ! #{hello => [1, null]},
        Pid ! {not_json, self()},
        {1, <<"message">>, #{<<"to">> := <<"one">>, <<"message">> := #{<<"hello">> := [1, null]}}} = json(event(Stream)),
        {2, <<"message">>, #{<<"to">> := <<"one">>, <<"text">> := <<"{not_json,", _/binary>>}} = json(event(Stream)),
        equal({ok, 204, true}, deleted(Borrower, Client, "one")),
        receive {left, Pid, Reason} -> equal(normal, Reason) end,
        %% A borrower that goes without a word.
        equal({200, <<"ok">>}, call(Borrower, "join", [pid(Client, "two")])),
        Two = receive {joined, Other, _} -> Other end,
        prim_gateway:request_cancel(Stream),
        receive {left, Two, Gone} -> equal(noconnection, Gone) end,
        until(fun() -> hanse_gateway_proxy:clients() =:= 0 end)
    end),
    unregister(board),
    unlink(Board),
    exit(Board, kill).

deleted(Borrower, Client, Name) ->
    {ok, Status, _, _, Verified} = answer(request(Borrower, #{method => <<"DELETE">>, target => ["/events/", Client, "/", Name]})),
    {ok, Status, Verified}.

%% A stream that is interrupted goes on where it was; a new one takes the place of the old one.
resumed_test() ->
    with(#{allow => ["lent:tell(pid, any)"]}, fun(Borrower) ->
        Client = client(),
        First = listen(Borrower, Client, "", []),
        [equal({200, <<"ok">>}, call(Borrower, "tell", [pid(Client, "p"), N])) || N <- [1, 2, 3]],
        [{N, <<"message">>, #{<<"message">> := N}} = json(event(First)) || N <- [1, 2, 3]],
        Second = listen(Borrower, Client, "", [{<<"last-event-id">>, <<"1">>}]),
        receive {gateway_end, First, _} -> ok end,
        [{N, <<"message">>, #{<<"message">> := N}} = json(event(Second)) || N <- [2, 3]],
        Third = listen(Borrower, Client, "?format=term", [{<<"last-event-id">>, <<"2">>}]),
        {3, <<"message">>, Data} = event(Third),
        equal({<<"p">>, 3}, binary_to_term(base64:decode(Data))),
        %% What nobody fetches is kept, as far as there is room.
        [equal({200, <<"ok">>}, call(Borrower, "tell", [pid(Client, "p"), N])) || N <- lists:seq(4, 20)],
        [{N, <<"message">>, _} = event(Third) || N <- lists:seq(4, 20)],
        prim_gateway:request_cancel(Third)
    end).

%% More than its rate, and it ends; the borrower is told.
flood_test() ->
    with(#{allow => ["lent:flood(pid, integer)"], pid_rate => "10/h"}, fun(Borrower) ->
        Client = client(),
        Stream = listen(Borrower, Client, "", []),
        equal({200, <<"ok">>}, call(Borrower, "flood", [pid(Client, "p"), 1000])),
        [{N, <<"message">>, _} = event(Stream) || N <- lists:seq(1, 10)],
        equal({11, <<"gone">>, #{<<"to">> => <<"p">>, <<"reason">> => <<"limit">>}}, json(event(Stream))),
        prim_gateway:request_cancel(Stream)
    end).

%% The gateway fails and is there again, at the same place and with the same grants.
restarted_test() ->
    with(#{allow => ["lent:today/1"]}, fun(Borrower) ->
        equal({200, <<"oslo: rain">>}, call(Borrower, "today", [<<"oslo">>])),
        Old = whereis(hanse_gateway),
        exit(Old, kill),
        until(fun() -> whereis(hanse_gateway) =/= Old andalso is_map(catch hanse_gateway:info()) end),
        equal({200, <<"oslo: rain">>}, call(Borrower, "today", [<<"oslo">>]))
    end).

%% The process of a call is killed from outside: the borrower gets an answer, the place is free.
abandoned_test() ->
    with(#{allow => ["lent:later/1"], concurrent => 1, queue => 0, timeout => "50s"}, fun(Borrower) ->
        Id = start_call(Borrower, "later", [50000]),
        until(fun() -> hanse_gateway:running() =:= 1 end),
        equal({429, <<"busy">>}, kind(Borrower, "later", [0])),
        [exit(Pid, kill) || {Pid, _, _, _} <- ets:tab2list(hanse_gateway_running)],
        {500, #{<<"type">> := <<"urn:hanse:problem:internal">>}} = result(answer(Id)),
        equal({200, <<"done">>}, call(Borrower, "later", [0]))
    end).

%% Somebody else changes the file of grants: noticed without being told.
noticed_test() ->
    with(#{allow => ["lent:today/1"]}, fun(#{grant := Grant} = Borrower) ->
        equal({200, <<"oslo: rain">>}, call(Borrower, "today", [<<"oslo">>])),
        {ok, Store} = hanse_grant_store:open(),
        {ok, _} = hanse_grant_store:change(Store, Grant, fun(Options) -> {ok, Options#{expires => 1}} end),
        hanse_grant_store:close(Store),
        until(fun() -> element(1, call(Borrower, "today", [<<"oslo">>])) =:= 403 end),
        equal({403, <<"expired">>}, kind(Borrower, "today", [<<"oslo">>]))
    end).

%% What the audit log has no room for is counted.
backlog_test() ->
    with(#{allow => ["lent:today/1"]}, fun(_) ->
        sys:suspend(hanse_audit),
        Row = [erlang:system_time(millisecond), hanse_audit:tracking(), <<"flood">>, null, null, null, 200, 0, 0, 0, null, null, 1],
        [hanse_audit:call(Row) || _ <- lists:seq(1, 50100)],
        sys:resume(hanse_audit),
        hanse_audit:flush(),
        hanse_audit:flush(),
        equal(100, hanse_audit:dropped()),
        {ok, [#{count := 100}]} = hanse_audit:query(#{what => <<"dropped">>}),
        {ok, Rows} = hanse_audit:query(#{what => <<"flood">>, limit => 100000}),
        equal(50000, length(Rows))
    end).

%% Rates: a burst, then one by one.
rate_test() ->
    Grant = fun(Rate, Burst) -> #{id => 1, options => #{rate => Rate, burst => Burst, concurrent => 1, queue => 0, expires => never}} end,
    {Day, _} = hanse_gateway_policy:new(Grant({2, 86400000}, 3), none),
    equal([ok, ok, ok], [hanse_gateway_policy:admit(Day) || _ <- [1, 2, 3]]),
    {error, {rate, Seconds}} = hanse_gateway_policy:admit(Day),
    true = Seconds > 43000 andalso Seconds =< 43200,
    [{<<"ratelimit-policy">>, <<"\"grant\";q=3;w=129600">>}, {<<"ratelimit">>, <<"\"grant\";r=0;t=", _/binary>>}] = hanse_gateway_policy:headers(Day),
    {Often, _} = hanse_gateway_policy:new(Grant({1000000000, 1000}, default), none),
    equal([], [refused || _ <- lists:seq(1, 1000), hanse_gateway_policy:admit(Often) =/= ok]),
    {Free, _} = hanse_gateway_policy:new(Grant(none, default), none),
    equal({ok, []}, {hanse_gateway_policy:admit(Free), hanse_gateway_policy:headers(Free)}),
    %% Other options, the same account.
    {_, Live} = hanse_gateway_policy:new(Grant({1, 86400000}, 1), none),
    {One, _} = hanse_gateway_policy:new(Grant({1, 86400000}, 1), Live),
    ok = hanse_gateway_policy:admit(One),
    {Other, _} = hanse_gateway_policy:new(Grant({1, 3600000}, 1), Live),
    {error, {rate, _}} = hanse_gateway_policy:admit(Other).

patterns_test() ->
    [begin
         {ok, Allow} = hanse_grant_pattern:parse(Text),
         equal(iolist_to_binary(Text), hanse_grant_pattern:format(Allow))
     end || Text <- ["a:b/0", "a:b/20", "a:b(text, text:3, integer, number, boolean, list, list:2, map, pid)", "a:b(-5..5, 1 | 2.5 | -3 | \"x\\\"y\" | true | null)",
                     "a:b/1 as c:d", "'A b':'C'/2 as 'D':e", "a:b(any, 1..2)"]],
    [{error, _} = hanse_grant_pattern:parse(Text) || Text <- ["", "a", "a:b", "a:b/21", "a:b/-1", "a:b(", "a:b(x)", "a:b(2..1)", "a:b/1 as c", "a:b/1 of c:d", "A:b/1",
                                                             "a:b(1,)", "a:b(text:0)", <<255>>, none, [a | b]]],
    Checks = fun(Text, Arguments) ->
                 {ok, #{arguments := Patterns}} = hanse_grant_pattern:parse(Text),
                 case hanse_grant_pattern:check(Patterns, Arguments) of ok -> ok; {error, Position, _} -> Position end
             end,
    equal([ok, 1, ok, ok, 2], [Checks("a:b(text:3, any)", A) || A <- [[<<"abc">>, 1], [<<"abcd">>, 1], ["abc", 1], [<<"ü"/utf8>>, x]]] ++ [Checks("a:b(any, 0..9)", [1, 10])]),
    equal([ok, ok, 1, 1, 1], [Checks("a:b(list:2)", [L]) || L <- [[], [1, 2], [1, 2, 3], [1 | 2], x]]),
    equal([ok, ok, 1], [Checks("a:b(\"x\" | 1)", [V]) || V <- ["x", 1, 1.0]]).

texts_test() ->
    equal(<<"plain">>, hanse_audit:clean(<<"plain">>)),
    equal(<<"\\x00\\x1b[31m ü \\xff\\xe2\\x80\\xae"/utf8>>, hanse_audit:clean(<<0, 27, "[31m ü "/utf8, 255, 16#202e/utf8>>)),
    equal(203, byte_size(hanse_audit:clean(binary:copy(<<"x">>, 5000)))),
    Numbers = [hanse_audit:tracking() || _ <- lists:seq(1, 1000)],
    equal({1000, [26]}, {length(lists:usort(Numbers)), lists:usort([byte_size(Number) || Number <- Numbers])}).
