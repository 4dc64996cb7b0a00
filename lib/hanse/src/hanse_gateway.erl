%% @doc The gateway of a node: serves functions to the owners of keys, by the grants in the user's folder (hanse_grant), over signed HTTP.
%%
%% ```
%% {ok, #{port := Port}} = hanse_gateway:start(#{files => ["weather.erl"], port => 4369}),
%% {ok, _} = hanse_grant:add(#{to => "anna", allow => ["weather:today/1"]}).
%% '''
%% docs/grants.md is the guide. The server itself is native (prim_gateway): what arrives here is signed by a key of a grant, fresh and whole.
-module(hanse_gateway).
-behaviour(gen_server).

-include("hanse_gateway.hrl").

-export([start/1, stop/0, info/0, changed/0, load/1]).
-export([start_link/1, find/3, document/1, identity/0, code/0, running/0, running/2, done/0, options/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, dispatcher/0]).
-export_type([options/0]).

%% See options/0.
-type options() :: map().

-define(RUNNING, hanse_gateway_running).
-define(DOCUMENTS, hanse_gateway_documents).
-define(TICK_MS, 1000).
-define(AGAIN, 100).
-define(AGAIN_MS, 50).

-record(state, {options :: map(), server, port, dispatcher, store, version, code :: hanse_gateway_code:lent(),
                realms = #{} :: #{term() => prim_machine:realm()},   % by digest
                lives = #{} :: #{pos_integer() => {hanse_gateway_policy:policy(), hanse_gateway_policy:live()}},
                keys = #{} :: #{binary() => binary()},
                grants = [] :: [hanse_grant_store:grant()],
                problems = #{} :: #{pos_integer() => binary()},      % grants that cannot be served
                over = [] :: [pos_integer()]}).                      % expired, and their processes told so

%% @doc The table of options.
-spec options() -> hanse_options:table().
options() ->
    [{address, text, "127.0.0.1", "where it listens"},
     {port, count, 0, "0: the system chooses"},
     {tls, {checked, "none, self_signed or {CertificateFile, KeyFile}", fun tls/1}, none, "self_signed: with the node's key, by which borrowers know it"},
     {files, texts, [], ".erl and .beam files to lend from, or folders of these; modules of the code path can be lent as well"},
     {passphrase, {either, none, text}, none, "of the node's key"},
     {threads, {either, default, positive}, default, "of the server"},
     {connections, positive, 20000, "at a time"}].

tls(none) -> {ok, none};
tls(self_signed) -> {ok, self_signed};
tls({Certificate, Key}) ->
    case {file:read_file(Certificate), file:read_file(Key)} of
        {{ok, A}, {ok, B}} -> {ok, {A, B}};
        {{error, Reason}, _} -> throw({mistake, [tls], [Certificate, ": ", file:format_error(Reason)]});
        {_, {error, Reason}} -> throw({mistake, [tls], [Key, ": ", file:format_error(Reason)]})
    end;
tls(_) -> error.

%% @doc Starts the gateway of this node.
-spec start(options()) -> {ok, map()} | {error, unicode:chardata()}.
start(Given) ->
    hanse_machines:ensure(),
    case hanse_options:complete(options(), Given) of
        {ok, #{files := Files, passphrase := Passphrase} = Options} ->
            Opened = hanse_key:node_key(case Passphrase of none -> #{}; _ -> #{passphrase => Passphrase} end),
            case {Opened, hanse_gateway_code:read([unicode:characters_to_list(File) || File <- Files])} of
                {{ok, Key}, {ok, Code}} -> started((maps:remove(passphrase, Options))#{key => Key, code => Code});
                {{error, _} = Error, _} -> Error;
                {_, Error} -> Error
            end;
        {error, {Path, Text}} -> {error, [lists:join(".", [atom_to_list(Key) || Key <- Path]), ": ", Text]}
    end.

started(Options) ->
    case supervisor:start_child(hanse_sup, hanse_gateway_sup:child_spec(Options)) of
        {ok, _} -> {ok, info()};
        {error, {already_started, _}} -> {error, "this node has a gateway already"};
        {error, already_present} -> {error, "this node has a gateway already"};
        {error, {{shutdown, {failed_to_start_child, _, Reason}}, _}} -> {error, why(Reason)};
        {error, Reason} -> {error, why(Reason)}
    end.

why(Text) when is_binary(Text) -> Text;
why(Reason) -> io_lib:format("~0tP", [Reason, 20]).

-spec stop() -> ok.
stop() ->
    _ = supervisor:terminate_child(hanse_sup, hanse_gateway_sup),
    _ = supervisor:delete_child(hanse_sup, hanse_gateway_sup),
    _ = persistent_term:erase({?MODULE, port}),
    ok.

%% @doc The gateway of this node, if it has one: address, port, url, node (thumbprint), grants, keys, problems, server (its figures).
-spec info() -> map() | {error, noproc}.
info() ->
    case whereis(?MODULE) of
        undefined -> {error, noproc};
        _ -> gen_server:call(?MODULE, info, infinity)
    end.

%% @doc Somebody has changed a grant: what is served is what the file says when this returns.
-spec changed() -> ok.
changed() ->
    case whereis(?MODULE) of
        undefined -> ok;
        _ -> gen_server:call(?MODULE, reload, infinity)
    end.

%% @doc Other code to lend from: calls that run go on with the old one.
-spec load([file:filename()]) -> ok | {error, unicode:chardata()}.
load(Files) ->
    case hanse_gateway_code:read(Files) of
        {ok, Code} -> gen_server:call(?MODULE, {load, Code}, infinity);
        Error -> Error
    end.

%% @private What a request asks: the functions that a key may call by these names.
-spec find(binary(), binary(), binary()) -> [#lent{}].
find(Key, Module, Function) ->
    case ets:lookup(?MODULE, {Key, Module, Function}) of
        [{_, All}] -> All;
        [] -> []
    end.

%% All that a key may call, with their outside names.
lent(Key) ->
    case ets:lookup(?MODULE, Key) of
        [{_, All}] -> All;
        [] -> []
    end.

%% @private What discovery answers: made when it is first asked for, and again after every change.
-spec document(binary()) -> binary().
document(Key) ->
    [{version, Version}] = ets:lookup(?MODULE, version),
    case ets:lookup(?DOCUMENTS, Key) of
        [{_, Version, Document}] -> Document;
        _ ->
            Document = iolist_to_binary(hanse_json:encode(hanse_gateway_openapi:document(lent(Key), identity()))),
            ets:insert(?DOCUMENTS, {Key, Version, Document}),
            Document
    end.

%% @private What everybody may know: the public key.
-spec identity() -> map().
identity() -> persistent_term:get({?MODULE, identity}).

%% @private The code to lend from.
-spec code() -> hanse_gateway_code:lent().
code() -> persistent_term:get({?MODULE, code}, #{}).

%% @private The calling process is a call of that grant from now on, until done/0.
-spec running(integer(), #lent{}) -> true.
running(Id, #lent{grant = Grant, policy = Policy}) -> ets:insert(?RUNNING, {self(), Grant, Id, Policy}).

-spec done() -> true.
done() -> ets:delete(?RUNNING, self()).

-spec running() -> non_neg_integer().
running() -> case ets:info(?RUNNING, size) of undefined -> 0; Size -> Size end.

-spec start_link(map()) -> gen_server:start_ret().
start_link(Options) -> gen_server:start_link({local, ?MODULE}, ?MODULE, Options, []).

init(#{key := #{public := Public, thumbprint := Thumbprint, seed := Seed}, code := Code, address := Address} = Options) ->
    process_flag(trap_exit, true),
    _ = ets:new(?MODULE, [named_table, protected, {read_concurrency, true}]),
    _ = ets:new(?DOCUMENTS, [named_table, public, {read_concurrency, true}]),
    _ = ets:new(?RUNNING, [named_table, public, {write_concurrency, true}]),
    persistent_term:put({?MODULE, identity}, #{key => hanse_key:jwk(Public), node => Thumbprint}),
    persistent_term:put({?MODULE, code}, Code),
    hanse_gateway_metrics:init(),
    {ok, Folder} = hanse_home:folder(),
    case hanse_grant_store:open() of
        {ok, Store} ->
            Dispatcher = spawn_opt(?MODULE, dispatcher, [], [link, {message_queue_data, off_heap}, {priority, high}]),
            Settings = #{address => Address, port => port(Options), seed => Seed, tls => maps:get(tls, Options), connections => maps:get(connections, Options),
                         nonces => unicode:characters_to_binary(filename:join(Folder, "nonces"))},
            All = case Options of #{threads := default} -> Settings; #{threads := Many} -> Settings#{threads => Many} end,
            case serve(Dispatcher, All, case persistent_term:get({?MODULE, port}, none) of none -> 0; _ -> ?AGAIN end) of
                {ok, Server, Port} ->
                    persistent_term:put({?MODULE, port}, Port),
                    erlang:send_after(?TICK_MS, self(), tick),
                    {ok, reload(#state{options = Options, server = Server, port = Port, dispatcher = Dispatcher, store = Store, code = Code})};
                {error, {_, Text}} -> {stop, Text}
            end;
        {error, Text} -> {stop, unicode:characters_to_binary(Text)}
    end.

%% After a restart the server that was before may take a moment to end.
serve(Dispatcher, Settings, Tries) ->
    case prim_gateway:server_start(Dispatcher, Settings) of
        {error, {Busy, _}} when Tries > 0, Busy =:= eaddrinuse orelse Busy =:= nonces ->
            timer:sleep(?AGAIN_MS),
            serve(Dispatcher, Settings, Tries - 1);
        Answer -> Answer
    end.

%% After a restart borrowers find it where it was.
port(#{port := 0}) -> persistent_term:get({?MODULE, port}, 0);
port(#{port := Port}) -> Port.

%% @private One process takes what the server has and starts one for each request.
-spec dispatcher() -> no_return().
dispatcher() ->
    receive
        {gateway_request, Server, Id, Method, Path, Query, Key, Headers, Body, Peer} ->
            hanse_gateway_request:start(Server, Id, Method, Path, Query, Key, Headers, Body, Peer, 0);
        Refused when element(1, Refused) =:= gateway_refused -> hanse_gateway_request:refused(Refused);
        _ -> ok
    end,
    ?MODULE:dispatcher().

handle_call(info, _From, #state{options = #{address := Address, tls := Tls, key := #{thumbprint := Node}}, port = Port, server = Server} = State) ->
    Scheme = case Tls of none -> "http"; _ -> "https" end,
    Host = case binary:match(Address, <<":">>) of nomatch -> Address; _ -> ["[", Address, "]"] end,
    {reply, #{address => Address, port => Port, node => Node, url => unicode:characters_to_binary([Scheme, "://", Host, ":", integer_to_list(Port)]),
              grants => length([G || G <- State#state.grants, hanse_grant:state(G) =:= active]), keys => map_size(State#state.keys), running => running(),
              waiting => lists:sum([hanse_gateway_policy:waiting(Policy) || {Policy, _} <- maps:values(State#state.lives)]),
              problems => State#state.problems, modules => lists:sort(maps:keys(State#state.code)), server => prim_gateway:server_figures(Server),
              figures => hanse_gateway_metrics:figures()}, State};
handle_call(reload, _From, State) -> {reply, ok, reload(State)};
handle_call({load, Code}, _From, #state{code = Old} = State) ->
    New = maps:merge(Old, Code),
    persistent_term:put({?MODULE, code}, New),
    {reply, ok, reload(State#state{code = New})}.

handle_cast(_, State) -> {noreply, State}.

handle_info(tick, #state{store = Store, version = Version} = State) ->
    erlang:send_after(?TICK_MS, self(), tick),
    sweep(),
    case hanse_grant_store:version(Store) of
        Version -> {noreply, expire(State)};
        _ -> {noreply, expire(reload(State))}
    end;
handle_info({'EXIT', Dispatcher, Reason}, #state{dispatcher = Dispatcher} = State) -> {stop, Reason, State};
handle_info(_, State) -> {noreply, State}.

terminate(_, #state{server = Server, store = Store}) ->
    _ = prim_gateway:server_stop(Server),
    hanse_grant_store:close(Store).

%% Calls whose process was ended from outside, for want of memory: they leave nothing behind.
sweep() ->
    %% One that has ended in order since the list was made is not there any more.
    [begin
         hanse_gateway_policy:leave(Policy),
         hanse_gateway_request:abandoned(Id)
     end || {Listed, _, _, _} <- ets:tab2list(?RUNNING), not is_process_alive(Listed), {_, _, Id, Policy} <- ets:take(?RUNNING, Listed)],
    ok.

%% A grant that is over takes its processes with it; calls that run end by themselves.
expire(#state{grants = Grants, over = Over} = State) ->
    New = [Id || #{id := Id} = Grant <- Grants, not lists:member(Id, Over), hanse_grant:state(Grant) =:= expired],
    [hanse_gateway_proxy:grant_over(Id, expired) || Id <- New],
    State#state{over = New ++ Over}.

%% What is served becomes what the file says.
reload(#state{store = Store} = State) ->
    Version = hanse_grant_store:version(Store),
    case hanse_grant_store:all(Store) of
        {ok, All} -> served([Grant || #{revoked := false} = Grant <- All], State#state{version = Version});
        {error, Text} ->
            logger:error("hanse_gateway: the grants cannot be read: ~ts", [Text]),
            State
    end.

served(Grants, #state{server = Server, lives = Lives, keys = Keys, realms = Realms} = State) ->
    %% Many grants lend the same modules.
    Wants = fun(#{options := #{profile := Profile, modules := Named, allow := Allow}}) -> {Profile, lists:usort([M || #{module := M} <- Allow]), Named} end,
    Closures = maps:map(fun({Profile, Modules, Named}, _) -> hanse_gateway_code:realm(Profile, Modules, Named, State#state.code) end,
                        maps:from_list([{Wants(Grant), none} || Grant <- Grants])),
    {Served, Used, Problems} = lists:foldl(fun(Grant, Taken) -> realm(Grant, maps:get(Wants(Grant), Closures), State, Taken) end, {[], #{}, #{}}, Grants),
    Policies = maps:from_list([{Id, hanse_gateway_policy:new(Grant, case Lives of #{Id := {_, Live}} -> Live; _ -> none end)}
                               || #{id := Id} = Grant <- Grants]),
    Rows = rows([{Grant, lent(Grant, Realm, element(1, maps:get(Id, Policies)))} || {#{id := Id} = Grant, Realm} <- Served]),
    Wanted = maps:from_list([{Key, Public} || #{key := Key, public := Public} <- Grants]),
    Gone = [{Id, Policy} || {Id, {Policy, _}} <- maps:to_list(Lives), not is_map_key(Id, Policies)],
    [hanse_gateway_policy:revoke(Policy) || {_, Policy} <- Gone],
    ets:insert(?MODULE, maps:to_list(Rows)),
    [ets:delete(?MODULE, Key) || {Key, _} <- ets:tab2list(?MODULE), Key =/= version, not is_map_key(Key, Rows)],
    ets:insert(?MODULE, {version, make_ref()}),
    ets:delete_all_objects(?DOCUMENTS),
    [over(Id) || {Id, _} <- Gone],
    ok = prim_gateway:server_keys(Server, [{Key, Public} || {Key, Public} <- maps:to_list(Wanted), not is_map_key(Key, Keys)]
                                          ++ [{Key, deleted} || Key <- maps:keys(Keys), not is_map_key(Key, Wanted)]),
    [prim_machine:realm_release(Realm) || {Digest, Realm} <- maps:to_list(Realms), not is_map_key(Digest, Used)],
    [logger:warning("hanse_gateway: grant ~b cannot be served: ~ts", [Id, Text])
     || {Id, Text} <- maps:to_list(Problems), maps:get(Id, State#state.problems, none) =/= Text],
    State#state{lives = Policies, keys = Wanted, realms = Used, grants = Grants, problems = Problems}.

%% Calls that run are ended, and so are the borrower's processes.
over(Grant) ->
    [Pid ! {hanse_gateway, revoked} || [Pid] <- ets:match(?RUNNING, {'$1', Grant, '_', '_'})],
    hanse_gateway_proxy:grant_over(Grant, revoked).

realm(#{id := Id, options := #{allow := Allow}} = Grant, Closure, #state{realms = Realms}, {Served, Used, Problems}) ->
    case Closure of
        {ok, Make, Digest} ->
            Found = case maps:merge(Realms, Used) of #{Digest := Known} -> {ok, Known}; _ -> Make() end,
            case Found of
                {ok, Realm} ->
                    case [F || #{module := M, function := F, arguments := A} <- Allow, not prim_machine:realm_exports(Realm, M, F, length(A))] of
                        [] -> {[{Grant, Realm} | Served], Used#{Digest => Realm}, Problems};
                        [Missing | _] ->
                            {Served, Used#{Digest => Realm}, Problems#{Id => problem(["its module has no function ", atom_to_list(Missing), " of that arity"])}}
                    end;
                {error, Text} -> {Served, Used, Problems#{Id => problem(Text)}}
            end;
        {error, Text} -> {Served, Used, Problems#{Id => problem(Text)}}
    end.

problem(Text) -> unicode:characters_to_binary(Text).

lent(#{id := Id, options := Options}, Realm, Policy) ->
    #{allow := Allow, timeout := TimeoutMs, memory := Memory, processes := Processes, answer := Answer, names := Names, random := Random,
      pids := Pids, pid_rate := PidRate} = Options,
    {ok, #{limits := Limits}} = hanse_machine_options:complete(#{limits => #{memory => Memory, processes => Processes, binary => Memory}}),
    Prim = #{limits => hanse_template:prim_limits(Limits), on_limit => kill_process, share => 100,
             permissions => [clock] ++ [random || Random] ++ [{names, maps:from_list([{Name, Name} || Name <- Names])} || Names =/= []]},
    [{{OutsideM, OutsideF},
      #lent{grant = Id, module = M, function = F, arguments = Patterns, realm = Realm, prim = Prim, policy = Policy, timeout_ms = TimeoutMs,
            answer_bytes = Answer, pids = {Pids, PidRate}, names = Names,
            label = <<OutsideM/binary, $:, OutsideF/binary, $/, (integer_to_binary(length(Patterns)))/binary>>}}
     || #{module := M, function := F, arguments := Patterns, as := {OutsideM, OutsideF}} <- Allow].

%% For calls by key and name, for discovery by key; of several grants the oldest comes first.
rows(All) ->
    lists:foldr(fun({#{key := Key, options := #{allow := Allow}} = Grant, Lents}, Rows) ->
        Named = lists:foldr(fun({{M, F}, Lent}, Taken) ->
                    Taken#{{Key, M, F} => [Lent | maps:get({Key, M, F}, Taken, [])]}
                end, #{}, Lents),
        Merged = maps:fold(fun(Name, Found, Taken) -> Taken#{Name => Found ++ maps:get(Name, Taken, [])} end, Rows, Named),
        Merged#{Key => [{Each, Grant} || Each <- Allow] ++ maps:get(Key, Merged, [])}
    end, #{}, lists:sort(fun({#{id := A}, _}, {#{id := B}, _}) -> A =< B end, All)).
