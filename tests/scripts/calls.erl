%% @doc Calls, casts, streams and calls back.
-module(calls).
-compile([export_all, nowarn_export_all]).

-import(pool_test, [python/1, python/2, equal/2, until/1, count/2]).

values_test() ->
    python("rogue"),
    Values = [0, -1, 255, 256, -129, 1 bsl 31, -(1 bsl 31), 1 bsl 64, -(1 bsl 2100), 1.5, -0.25, <<>>, <<"text">>, binary:copy(<<7>>, 200000),
              [], [1, 2, 3], [a, [b]], lists:seq(1, 70000), {}, {a, {b}}, list_to_tuple(lists:seq(1, 300)), #{}, #{a => 1, 2 => [c]},
              true, false, undefined, ok, 'an atom', 'ä', [1 | 2], <<5:3>>, self(), make_ref(), fun erlang:abs/1],
    [equal({ok, Value}, hanse_script:call(pool, echo, [Value])) || Value <- Values].

errors_test() ->
    python("rogue"),
    {error, {exception, <<"ValueError">>, <<"no luck">>, [<<_/binary>> | _]}} = hanse_script:call(pool, fail, [<<"no luck">>]),
    {error, {exception, <<"TypeError">>, _, _}} = hanse_script:call(pool, double, [1, 2]),
    {error, {exception, <<"hanse.worker.NoSuchFunction">>, <<"nothing; this worker offers ", _/binary>>, _}} = hanse_script:call(pool, nothing, []),
    {error, {exception, <<"hanse.worker.NoSuchFunction">>, _, _}} = hanse_script:call(pool, {os, system}, [<<"true">>]),
    equal({error, noproc}, hanse_script:call(nobody, double, [1])),
    equal({ok, 42}, hanse_script:call(pool, double, [21])),
    equal(1, length(pool_test:pids(pool))).

casts_test() ->
    python("rogue"),
    ok = hanse_script:cast(pool, say, [<<"said by a cast">>]),
    ok = hanse_script:cast(pool, fail, [<<"nobody hears">>]),
    ok = hanse_script:cast(nobody, say, [<<"x">>]),
    until(fun() -> count(result, pool) =:= 1 andalso count(failure, pool) =:= 1 end),
    until(fun() -> [Line || Line <- hanse_script:logs(pool, 10), binary:match(Line, <<"1 | said by a cast">>) =/= nomatch] =/= [] end),
    equal([], receive Any -> [Any] after 0 -> [] end).

streams_test() ->
    python("rogue", #{size => 2}),
    equal({ok, lists:seq(999, 0, -1)}, hanse_script:fold(pool, count, [1000], fun(N, All) -> [N | All] end, [], #{})),
    equal({ok, 0}, hanse_script:fold(pool, count, [0], fun(_, N) -> N + 1 end, 0, #{})),
    {error, {exception, _, _, _}} = hanse_script:fold(pool, count, [nothing], fun(_, N) -> N + 1 end, 0, #{}),
    %% A stream has its worker to itself.
    {ok, Stream} = hanse_script:stream(pool, slow_count, [10], #{}),
    {item, 0, _} = hanse_script:next(Stream),
    equal({ok, 4}, hanse_script:call(pool, double, [2])),
    ok = hanse_script:cancel(Stream),
    equal([], receive Any -> [Any] after 0 -> [] end).

cancelled_stream_test() ->
    python("rogue"),
    Path = filename:join(pool_test:scratch("stream"), "closed"),
    {ok, Stream} = hanse_script:stream(pool, endless, [list_to_binary(Path)], #{}),
    {item, 0, Next} = hanse_script:next(Stream),
    ok = hanse_script:cancel(Next),
    until(fun() -> filelib:is_regular(Path) end),
    equal({ok, 2}, hanse_script:call(pool, double, [1])).

%% One that waits for a worker is not even started.
cancelled_before_it_starts_test() ->
    python("rogue"),
    Path = filename:join(pool_test:scratch("stream"), "closed"),
    {ok, First} = hanse_script:stream(pool, endless, [list_to_binary(Path)], #{}),
    {item, 0, Next} = hanse_script:next(First),
    {ok, Second} = hanse_script:stream(pool, endless, [<<"/nowhere/else">>], #{}),
    until(fun() -> maps:get(waiting, hanse_script:status(pool)) =:= 1 end),
    ok = hanse_script:cancel(Second),
    ok = hanse_script:cancel(Next),
    equal({ok, 2}, hanse_script:call(pool, double, [1])),
    until(fun() -> count(result, pool) =:= 2 end).

%% A consumer that ends lets its worker go.
consumer_dies_test() ->
    python("rogue"),
    Path = filename:join(pool_test:scratch("stream"), "closed"),
    Parent = self(),
    Consumer = spawn(fun() ->
                         {ok, Stream} = hanse_script:stream(pool, endless, [list_to_binary(Path)], #{}),
                         {item, 0, _} = hanse_script:next(Stream),
                         Parent ! ready,
                         receive never -> ok end
                     end),
    receive ready -> exit(Consumer, kill) end,
    until(fun() -> filelib:is_regular(Path) end),
    equal({ok, 2}, hanse_script:call(pool, double, [1])).

%% The script cannot send faster than the consumer takes.
stream_credit_test() ->
    python("rogue"),
    Path = filename:join(pool_test:scratch("stream"), "closed"),
    {ok, Stream} = hanse_script:stream(pool, endless, [list_to_binary(Path)], #{}),
    {item, 0, Next} = hanse_script:next(Stream),
    until(fun() -> {message_queue_len, N} = process_info(self(), message_queue_len), N >= 15 end),
    timer:sleep(50),
    equal({message_queue_len, 15}, process_info(self(), message_queue_len)),
    ok = hanse_script:cancel(Next).

call_back_test() ->
    python("rogue", #{allow => [{erlang, abs, 1}, {erlang, error, 1}, {?MODULE, nested, 1}], size => 2}),
    equal({ok, 5}, hanse_script:call(pool, back, ['erlang', abs, -5])),
    Refused = fun(M, F, A) ->
                  {error, {exception, <<"hanse.worker.CallError">>, Text, _}} = hanse_script:call(pool, back, [M, F | A]),
                  {_, _} = binary:match(Text, <<"not_allowed">>)
              end,
    Refused(erlang, abs, [1, 2]),
    Refused(os, cmd, [<<"true">>]),
    Refused(unheard_of_module, unheard_of_function, []),
    {error, {exception, <<"hanse.worker.CallError">>, _, _}} = hanse_script:call(pool, back, [erlang, error, wrong]),
    %% Back and forth.
    equal({ok, 84}, hanse_script:call(pool, back, [?MODULE, nested, 21])).

none_allowed_test() ->
    python("rogue"),
    {error, {exception, <<"hanse.worker.CallError">>, _, _}} = hanse_script:call(pool, back, [erlang, abs, -5]).

nested(Number) ->
    {ok, Double} = hanse_script:call(pool, double, [Number]),
    2 * Double.

%% Many callers at once: everybody gets the own answer.
many_callers_test() ->
    python("rogue", #{size => 2, in_flight => 16}),
    Parent = self(),
    Callers = [spawn_link(fun() ->
                              [equal({ok, 2 * (1000 * N + I)}, hanse_script:call(pool, double, [1000 * N + I])) || I <- lists:seq(1, 50)],
                              Parent ! {self(), done}
                          end) || N <- lists:seq(1, 40)],
    [receive {Caller, done} -> ok; {'EXIT', Caller, Why} when Why =/= normal -> error(Why) end || Caller <- Callers],
    until(fun() -> count(result, pool) =:= 2000 end).

threads_test() ->
    python("threaded", #{in_flight => 8}),
    {Time, _} = timer:tc(fun() ->
        Parent = self(),
        Callers = [spawn_link(fun() -> equal({ok, N}, hanse_script:call(pool, meet, [N])), Parent ! {self(), done} end) || N <- lists:seq(1, 8)],
        [receive {Caller, done} -> ok end || Caller <- Callers]
    end),
    Time > 0 orelse error(time).

unsafe_terms_test() ->
    python("rogue"),
    Atom = lists:flatten(io_lib:format("never_seen_~p", [erlang:unique_integer([positive])])),
    {error, {bad_answer, _}} = hanse_script:call(pool, atom, [list_to_binary(Atom)]),
    {'EXIT', _} = catch list_to_existing_atom(Atom),
    equal({ok, 2}, hanse_script:call(pool, double, [1])).
