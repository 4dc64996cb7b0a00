%% @doc Accepts connections and gives each a process of its own, which may serve a limited time.
-module(hanse_listener).
-behaviour(gen_server).

-export([start_link/3, port/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(CONNECTIONS, 64).

-record(state, {listener :: gen_tcp:socket(), path :: none | file:filename_all(), acceptor :: pid()}).

%% @doc Options are those of gen_tcp:listen/2; with {ifaddr, {local, Path}} the file is removed at the end.
-spec start_link(inet:port_number(), [gen_tcp:listen_option()], fun((gen_tcp:socket()) -> term())) -> gen_server:start_ret().
start_link(Port, Options, Serve) -> gen_server:start_link(?MODULE, {Port, Options, Serve}, []).

%% @doc The port that it listens at.
-spec port(pid()) -> inet:port_number().
port(Listener) -> gen_server:call(Listener, port).

init({Port, Options, Serve}) ->
    process_flag(trap_exit, true),
    case gen_tcp:listen(Port, Options) of
        {ok, Listener} ->
            Path = case lists:keyfind(ifaddr, 1, Options) of {ifaddr, {local, Local}} -> Local; _ -> none end,
            {ok, #state{listener = Listener, path = Path, acceptor = spawn_link(fun() -> accept(Listener, Serve, 0) end)}};
        {error, Reason} -> {stop, {listen, Reason}}
    end.

handle_call(port, _From, #state{listener = Listener} = State) ->
    {ok, Port} = inet:port(Listener),
    {reply, Port, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info({'EXIT', Acceptor, Reason}, #state{acceptor = Acceptor} = State) -> {stop, Reason, State};
handle_info(_, State) -> {noreply, State}.

terminate(_, #state{listener = Listener, path = Path}) ->
    _ = gen_tcp:close(Listener),
    Path =/= none andalso file:delete(Path),
    ok.

accept(Listener, Serve, Serving) when Serving >= ?CONNECTIONS ->
    receive {'DOWN', _, process, _, _} -> accept(Listener, Serve, Serving - 1) end;
accept(Listener, Serve, Serving) ->
    Left = forget(Serving),
    case gen_tcp:accept(Listener, 1000) of
        {ok, Socket} ->
            {Pid, _} = spawn_monitor(fun() -> receive go -> Serve(Socket) end end),
            _ = gen_tcp:controlling_process(Socket, Pid),
            Pid ! go,
            accept(Listener, Serve, Left + 1);
        {error, timeout} -> accept(Listener, Serve, Left);
        {error, closed} -> ok;
        {error, _} ->  % no descriptors, or a client that has gone
            timer:sleep(50),
            accept(Listener, Serve, Left)
    end.

forget(Serving) -> receive {'DOWN', _, process, _, _} -> forget(Serving - 1) after 0 -> Serving end.
