%% gen_server: every way to answer, to stop, to time out, to hibernate, to continue, and what callers get when it fails.
-module(server_behaviour).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, code_change/3, format_status/1]).

main() ->
    process_flag(trap_exit, true),
    logger:remove_handler(default),
    [io:format("~p ~p~n", [I, start(I)]) || I <- [{ok, s}, {stop, bad}, ignore, {error_, x}, {raise, y}, wrong]],
    {ok, S} = gen_server:start_link({local, server}, ?MODULE, {ok, 0}, []),
    [io:format("~p ~p~n", [C, catch gen_server:call(server, C)]) || C <- [get, {add, 5}, later, {hibernate, 1}, {continue, 7}, get, {timeout, 1}, slow_reply]],
    gen_server:cast(S, {add, 10}),
    S ! {add, 100},
    io:format("~p~n", [gen_server:call(S, get)]),
    io:format("~p~n", [catch gen_server:call(S, no_answer, 30)]),
    Id = gen_server:send_request(S, get),
    io:format("~p~n", [gen_server:wait_response(Id, 10000)]),
    Id2 = gen_server:send_request(S, no_answer),
    io:format("~p~n", [gen_server:wait_response(Id2, 20)]),
    io:format("~p~n", [gen_server:multi_call([node()], server, get)]),
    io:format("~p~n", [gen_server:abcast(server, {add, 1})]),
    io:format("~p~n", [gen_server:call(S, get)]),
    io:format("~p~n", [sys:get_state(S)]),
    io:format("~p~n", [sys:replace_state(S, fun(N) -> N * 2 end)]),
    sys:suspend(S), S ! {add, 1}, sys:resume(S),
    io:format("~p~n", [gen_server:call(S, get)]),
    {status, _, {module, M}, [_, _, _, _, Misc]} = sys:get_status(S),
    io:format("~p ~p~n", [M, lists:keyfind(data, 1, tl(Misc))]),
    [begin
         {ok, P} = gen_server:start(?MODULE, {ok, n}, []),
         R = monitor(process, P),
         io:format("~p ~p~n", [C, reason(catch gen_server:call(P, C))]),
         receive {'DOWN', R, _, _, Why} -> io:format("  ~p~n", [reason(Why)]) after 2000 -> io:format("  lives~n"), exit(P, kill) end
     end || C <- [stop_reply, stop_silently, crash, bad_return, {exit, shutdown}, {throw, {reply, thrown, s}}]],
    io:format("~p~n", [catch gen_server:call(no_such_server, x)]),
    io:format("~p~n", [catch gen_server:stop(no_such_server)]),
    io:format("~p~n", [{gen_server:stop(S), whereis(server)}]),
    receive {'EXIT', S, Final} -> io:format("~p~n", [Final]) end.

start(I) ->
    R = (catch gen_server:start_link(?MODULE, I, [])),
    case R of {ok, P} when is_pid(P) -> gen_server:stop(P), ok; Other -> reason(Other) end.

%% Stack traces are cut.
reason({{R, [{_, _, _, _} | _]}, {gen_server, call, [_ | A]}}) -> {R, call, A};
reason({'EXIT', {{R, [{_, _, _, _} | _]}, {gen_server, call, [_ | A]}}}) -> {'EXIT', R, call, A};
reason({'EXIT', {R, {gen_server, call, [_ | A]}}}) -> {'EXIT', R, call, A};
reason({error, {R, [{_, _, _, _} | _]}}) -> {error, R};
reason({R, [{_, _, _, _} | _]}) -> R;
reason(R) -> R.

init({raise, R}) -> error(R);
init({error_, R}) -> exit(R);
init(I) -> I.

handle_call(get, _, N) -> {reply, N, N};
handle_call({add, M}, _, N) -> {reply, ok, N + M};
handle_call(later, From, N) -> gen_server:reply(From, later), {noreply, N};
handle_call({hibernate, M}, _, N) -> {reply, slept, N + M, hibernate};
handle_call({continue, M}, _, N) -> {reply, continues, N, {continue, M}};
handle_call({timeout, M}, _, N) -> {reply, soon, N, M};
handle_call(slow_reply, From, N) -> spawn(fun() -> gen_server:reply(From, slow) end), {noreply, N};
handle_call(no_answer, _, N) -> {noreply, N};
handle_call(stop_reply, _, N) -> {stop, normal, bye, N};
handle_call(stop_silently, _, N) -> {stop, {shutdown, quiet}, N};
handle_call(crash, _, _) -> error(crashed);
handle_call(bad_return, _, _) -> nonsense;
handle_call({exit, R}, _, _) -> exit(R);
handle_call({throw, R}, _, _) -> throw(R).
handle_cast({add, M}, N) -> {noreply, N + M}.
handle_info({add, M}, N) -> {noreply, N + M};
handle_info(timeout, N) -> {noreply, N + 1000}.
handle_continue(M, N) -> {noreply, N + M}.
terminate(R, N) when is_integer(N) -> io:format("terminate ~p ~p~n", [R, N]);
terminate(_, _) -> ok.
code_change(_, N, _) -> {ok, N}.
format_status(S) -> S.
