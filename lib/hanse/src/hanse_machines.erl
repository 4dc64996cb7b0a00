%% @doc The machines of this node: the table that finds them, the events that the virtual machine sends about them, and their names in the
%% cluster.
%%
%% Keepers of machines write their own rows: {Keeper, Serial, Secret, Name, Started}, {Serial, Keeper, Secret} and {Name, Keeper}; a keeper that
%% was killed leaves them behind, so who finds rows asks whether it is alive. What reaches a keeper from here carries its secret, since guests
%% know their keeper (it is their group leader) and may send it anything.
-module(hanse_machines).
-behaviour(gen_server).

-export([start_link/0, ensure/0, events/0, add/5, rename/4, remove/3, row/1, all/0, find/1, serial/1, claim/1, resolve/3, ask/2, ask/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).
-export_type([row/0]).

-type row() :: {Keeper :: pid(), prim_machine:serial(), Secret :: reference(), Name :: binary(), Started :: integer()}.

-define(BORN_MS, 1000).
%% A keeper is busy when its machine prints much.
-define(ASK_MS, 30000).

-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @doc Starts the application if it is not running.
-spec ensure() -> ok.
ensure() ->
    case ets:whereis(?MODULE) of
        undefined ->
            {ok, _} = application:ensure_all_started(hanse),
            ok;
        _ -> ok
    end.

%% @doc Who is told about limits and ends.
-spec events() -> pid().
events() -> whereis(?MODULE).

%% @doc Called by a keeper; false if another machine of the node has the name.
-spec add(prim_machine:serial(), reference(), binary(), given | automatic, integer()) -> boolean().
add(Serial, Secret, Name, Kind, Started) ->
    case Kind =:= automatic orelse taken(Name) of
        true ->
            ets:insert(?MODULE, [{self(), Serial, Secret, Name, Started}, {Serial, self(), Secret}]);
        false -> false
    end.

taken(Name) ->
    case ets:insert_new(?MODULE, {Name, self()}) of
        true -> true;
        false ->
            case ets:lookup(?MODULE, Name) of
                [{_, Keeper} = Row] ->
                    case Keeper =:= self() orelse is_process_alive(Keeper) of
                        true -> Keeper =:= self();
                        false ->
                            ets:delete_object(?MODULE, Row),
                            taken(Name)
                    end;
                [] -> taken(Name)
            end
    end.

%% @doc The keeper's machine has another name from now on.
-spec rename(prim_machine:serial(), reference(), Old :: binary(), New :: binary()) -> ok.
rename(_Serial, _Secret, Old, New) ->
    ets:delete_object(?MODULE, {Old, self()}),
    ets:insert(?MODULE, {New, self()}),
    ets:update_element(?MODULE, self(), {4, New}),
    ok.

%% @doc The keeper's machine has ended.
-spec remove(pid(), prim_machine:serial(), binary()) -> ok.
remove(Keeper, Serial, Name) ->
    ets:delete(?MODULE, Keeper),
    ets:delete(?MODULE, Serial),
    ets:delete_object(?MODULE, {Name, Keeper}),
    ok.

%% @doc What the table says of a machine; `none' if it has ended.
-spec row(pid()) -> row() | none.
row(Keeper) ->
    try ets:lookup(?MODULE, Keeper) of
        [Row] -> Row;
        [] -> none
    catch error:badarg -> none
    end.

%% @doc All machines of the node, the oldest first.
-spec all() -> [row()].
all() ->
    Rows = try ets:select(?MODULE, [{{'$1', '_', '_', '_', '_'}, [{is_pid, '$1'}], ['$_']}]) catch error:badarg -> [] end,
    lists:keysort(2, [Row || {Keeper, Serial, _, Name, _} = Row <- Rows, alive(Keeper, Serial, Name)]).

alive(Keeper, Serial, Name) -> is_process_alive(Keeper) orelse begin remove(Keeper, Serial, Name), false end.

%% @doc The machine of a name (`kitchen'), of a full name (`kitchen.mynode.hanse') or, for those without a name of their own, `m17'; names are
%% looked for in the whole cluster.
-spec find(binary()) -> {ok, pid()} | error.
find(Text) ->
    case binary:split(Text, <<".">>, [global]) of
        [Name] -> find_name(Name);
        [Name, _, <<"hanse">>] ->
            Full = [Machine || {ok, Machine} <- [find_name(Name)], hanse_machine:full_name(Machine) =:= {ok, Text}],
            case {Full, [Machine || Node <- nodes(), {ok, Machine} <- [elsewhere(Node, Name)], hanse_machine:full_name(Machine) =:= {ok, Text}]} of
                {[Machine | _], _} -> {ok, Machine};
                {[], [Machine | _]} -> {ok, Machine};
                _ -> error
            end;
        _ -> error
    end.

elsewhere(Node, Name) -> try erpc:call(Node, hanse_machine, find_here, [Name], ?BORN_MS) catch _:_ -> error end.

find_name(Name) ->
    case hanse_machine:find_here(Name) of
        {ok, Keeper} -> {ok, Keeper};
        error ->
            case global:whereis_name({hanse_machine, Name}) of
                undefined -> find_by_asking(Name);
                Keeper -> {ok, Keeper}
            end
    end.

%% Nodes that have only just met have not told each other their global names yet. A serial number means a machine of this node.
find_by_asking(Name) ->
    case [Keeper || serial(Name) =:= none, {ok, {ok, Keeper}} <- erpc:multicall(nodes(), hanse_machine, find_here, [Name], ?BORN_MS)] of
        [Keeper | _] -> {ok, Keeper};
        [] -> error
    end.

%% @doc The serial number that stands for the name of a machine without one: `m17'.
-spec serial(binary()) -> prim_machine:serial() | none.
serial(<<"m", Digits/binary>>) -> try binary_to_integer(Digits) catch error:badarg -> none end;
serial(_) -> none.

%% @doc Takes a name in the cluster for the calling keeper.
-spec claim(binary()) -> boolean().
claim(Name) -> find_by_asking(Name) =:= error andalso global:register_name({hanse_machine, Name}, self(), fun ?MODULE:resolve/3) =:= yes.

%% @doc Two parts of a cluster met and both had a machine of the name: the older keeps it. The other one finds out and takes another name.
-spec resolve(term(), pid(), pid()) -> pid().
resolve(_Name, One, Other) ->
    {Winner, Loser} = case {born(One), born(Other)} of
                          {none, _} -> {Other, One};
                          {_, none} -> {One, Other};
                          {A, B} when A =< B -> {One, Other};
                          _ -> {Other, One}
                      end,
    Loser ! {hanse_machine_name, lost},
    Winner.

%% Equal times are decided by the node.
born(Keeper) ->
    Alias = monitor(process, Keeper, [{alias, reply_demonitor}]),
    Keeper ! {hanse_machine_name, Alias},
    receive
        {Alias, Started} when is_integer(Started) -> {Started, node(Keeper)};
        {'DOWN', Alias, process, _, _} -> none
    after ?BORN_MS ->
        demonitor(Alias, [flush]),
        none
    end.

%% @doc Asks the keeper of a machine of this node.
-spec ask(pid(), term()) -> term() | {error, noproc | timeout}.
ask(Keeper, Request) -> ask(Keeper, Request, ?ASK_MS).

-spec ask(pid(), term(), timeout()) -> term() | {error, noproc | timeout}.
ask(Keeper, Request, TimeoutMs) ->
    case row(Keeper) of
        {_, _, Secret, _, _} ->
            Alias = monitor(process, Keeper, [{alias, reply_demonitor}]),
            Keeper ! {Secret, Alias, Request},
            receive
                {Alias, Answer} -> Answer;
                {'DOWN', Alias, process, _, _} -> {error, noproc}
            after TimeoutMs ->
                demonitor(Alias, [flush]),
                {error, timeout}
            end;
        none -> {error, noproc}
    end.

init([]) ->
    _ = ets:new(?MODULE, [named_table, public, {read_concurrency, true}, {write_concurrency, true}]),
    {ok, none}.

handle_call(_, _From, State) -> {reply, {error, not_a_request}, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info({machine_limit, Serial, Event}, State) -> forward(Serial, {limit, Event}, State);
handle_info({machine_down, Serial, Reason}, State) -> forward(Serial, {down, Reason}, State);
handle_info(_, State) -> {noreply, State}.

forward(Serial, Event, State) ->
    case ets:lookup(?MODULE, Serial) of
        [{_, Keeper, Secret}] -> Keeper ! {Secret, Event};
        [] -> ok
    end,
    {noreply, State}.
