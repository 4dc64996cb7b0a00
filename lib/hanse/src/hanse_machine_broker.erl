%% @doc What of the outside a machine may reach goes through this process in the host: files (hanse_machine_files) and the network
%% (hanse_machine_socket, hanse_machine_datagram). It is there only if a permission needs it, belongs to the keeper, and believes nothing that a guest sends.
%%
%% A guest asks {hanse_outside, Pid, Reference, Request} and gets {Reference, Answer}.
-module(hanse_machine_broker).

-export([start/2, serve/3, usage/1, limits/3, charge/2, outlet/4, is_own/2, owner/6, timer/1, answer/3]).
-export_type([quota/0]).

%% What the processes that serve a machine share. Network bytes and connections are counted by all of them: used, soft, hard of each.
-record(quota, {counters :: atomics:atomics_ref(), broker :: pid(), secret :: reference(), machine :: prim_machine:serial() | host}).
-opaque quota() :: #quota{}.

-define(BYTES, 1).
-define(CONNECTIONS, 4).
-define(UNLIMITED, 1 bsl 62).
%% How long a socket that is closed answers that it is.
-define(CLOSED_MS, 1000).
%% Words.
-define(HEAP, 8388608).

-record(state, {keeper :: pid(), secret :: reference(), permissions :: map(), quota :: quota(), files, told = #{}}).

%% @doc Starts it, linked to the calling keeper, if the options need it.
-spec start(map(), reference()) -> none | pid().
start(#{permissions := #{files := [], connect := [], listen := [], udp_connect := [], udp_listen := []}}, _) -> none;
start(#{permissions := Permissions, limits := Limits}, Secret) ->
    Keeper = self(),
    spawn_link(fun() -> init(Keeper, Secret, Permissions, Limits) end).

%% @doc Which machine's processes it answers, before one of these begins; what it does is paid from that machine's share. `host' is for tests.
-spec serve(none | pid(), reference(), prim_machine:serial() | host) -> ok.
serve(none, _, _) -> ok;
serve(Broker, Secret, Machine) ->
    Broker ! {Secret, {serve, Machine}},
    ok.

%% @doc file_bytes, open_files, network_bytes, connections.
-spec usage(none | pid()) -> map().
usage(none) -> #{};
usage(Broker) ->
    Reference = monitor(process, Broker, [{alias, reply_demonitor}]),
    Broker ! {usage, Reference},
    receive
        {Reference, Usage} -> Usage;
        {'DOWN', Reference, process, _, _} -> #{}
    after 1000 ->
        demonitor(Reference, [flush]),
        #{}  % in a slow file system
    end.

%% @doc Other limits from now on.
-spec limits(none | pid(), reference(), map()) -> ok.
limits(none, _, _) -> ok;
limits(Broker, Secret, Limits) ->
    Broker ! {Secret, {limits, Limits}},
    ok.

%% The calling process takes messages of guests, and ends if they are too many.
limited() ->
    _ = process_flag(max_heap_size, #{size => ?HEAP, kill => true, error_logger => true}),
    ok.

init(Keeper, Secret, #{files := Files} = Permissions, Limits) ->
    process_flag(trap_exit, true),
    limited(),
    receive
        {Secret, {serve, Machine}} ->
            paid_by(Machine),
            Quota = #quota{counters = atomics:new(6, []), broker = self(), secret = Secret, machine = Machine},
            set(Quota, Limits),
            loop(#state{keeper = Keeper, secret = Secret, permissions = Permissions, quota = Quota, files = hanse_machine_files:new(Files, Limits)});
        {'EXIT', Keeper, _} -> ok
    end.

%% The calling process; not if the machine has ended already.
paid_by(host) -> ok;
paid_by(Machine) -> try prim_machine:machine_serve(Machine) catch error:badarg -> ok end.

set(#quota{counters = Counters}, Limits) ->
    [begin
         {Soft, Hard} = case Limits of
                            #{Name := none} -> {?UNLIMITED, ?UNLIMITED};
                            #{Name := {_, _} = Both} -> Both;
                            #{Name := One} -> {One, One};
                            _ -> {atomics:get(Counters, Index + 1), atomics:get(Counters, Index + 2)}
                        end,
         atomics:put(Counters, Index + 1, Soft),
         atomics:put(Counters, Index + 2, Hard)
     end || {Name, Index} <- [{network_bytes, ?BYTES}, {connections, ?CONNECTIONS}]],
    ok.

loop(#state{keeper = Keeper, secret = Secret, quota = #quota{counters = Counters}, files = Files} = State) ->
    receive
        {hanse_outside, From, Reference, Request} when is_pid(From), is_reference(Reference) ->
            loop(request(case is_own(From, State#state.quota) of true -> Request; false -> none end, From, Reference, State));
        {usage, Alias} when is_reference(Alias) ->
            Alias ! {Alias, (hanse_machine_files:usage(Files))#{network_bytes => atomics:get(Counters, ?BYTES),
                                                               connections => atomics:get(Counters, ?CONNECTIONS)}},
            loop(State);
        {Secret, {limits, Limits}} ->
            set(State#state.quota, Limits),
            loop(State#state{files = hanse_machine_files:limits(Limits, Files)});
        {Secret, {reached, Limit, Threshold, Value, Maximum}} -> loop(reached(Limit, Threshold, Value, Maximum, State));
        {'EXIT', Keeper, _} -> exit(kill);  % sockets are linked to this process
        _ -> loop(State)
    end.

request({file, Operation}, From, Reference, #state{files = Files} = State) ->
    {Answer, Reached, Next} = hanse_machine_files:request(Operation, Files),
    answer(From, Reference, Answer),
    lists:foldl(fun({Limit, Threshold, Value, Maximum}, Told) -> reached(Limit, Threshold, Value, Maximum, Told) end, State#state{files = Next}, Reached);
request({tcp, Operation}, From, Reference, #state{permissions = Permissions, quota = Quota} = State) ->
    hanse_machine_socket:start(Operation, From, Reference, Permissions, Quota),
    State;
request({udp, Operation}, From, Reference, #state{permissions = Permissions, quota = Quota} = State) ->
    hanse_machine_datagram:start(Operation, From, Reference, Permissions, Quota),
    State;
request({socket, Pid, Request}, From, Reference, State) when is_pid(Pid), node(Pid) =:= node() ->
    %% Sockets answer for a while after they were closed: who is alive here will answer.
    case is_process_alive(Pid) of
        true -> Pid ! {hanse_outside, From, Reference, Request};
        false -> answer(From, Reference, {error, closed})
    end,
    State;
request(_, From, Reference, State) ->
    answer(From, Reference, {error, einval}),
    State.

%% @doc Whether a process is one of the machine that is served. Permissions are the machine's: others get neither answers nor data, whoever
%% gave them the pid of a broker or of a socket.
-spec is_own(term(), quota()) -> boolean().
is_own(Pid, #quota{machine = Machine}) when is_pid(Pid), node(Pid) =:= node() -> prim_machine:machine_of(Pid) =:= Machine;
is_own(_, _) -> false.

%% @doc To a guest; never waits.
-spec answer(pid(), reference(), term()) -> ok.
answer(From, Reference, Answer) ->
    _ = erlang:send(From, {Reference, Answer}, [nosuspend, noconnect]),
    ok.

%% Each threshold is told once a second at most.
reached(Limit, Threshold, Value, Maximum, #state{keeper = Keeper, secret = Secret, told = Told} = State) ->
    Now = erlang:monotonic_time(millisecond),
    case Told of
        #{{Limit, Threshold} := Last} when Now - Last < 1000 -> State;
        _ ->
            Keeper ! {Secret, {limit, #{limit => Limit, threshold => Threshold, value => Value, maximum => Maximum, pid => undefined,
                                        action => case Threshold of soft -> none; hard -> error end}}},
            State#state{told = Told#{{Limit, Threshold} => Now}}
    end.

%% @doc Network bytes; false if they would be too many.
-spec charge(non_neg_integer(), quota()) -> boolean().
charge(Bytes, Quota) -> add(?BYTES, network_bytes, Bytes, Quota).

%% @doc A process that holds a socket for a guest, counted as a connection and linked to the caller: the function answers and serves it.
-spec outlet(pid(), reference(), quota(), fun(() -> term())) -> ok.
outlet(From, Reference, #quota{counters = Counters, machine = Machine} = Quota, Serve) ->
    case add(?CONNECTIONS, connections, 1, Quota) of
        true ->
            spawn_link(fun() ->
                process_flag(trap_exit, true),
                limited(),
                paid_by(Machine),
                try Serve()
                catch _:_ -> answer(From, Reference, {error, einval})
                after atomics:sub(Counters, ?CONNECTIONS, 1)
                end,
                closed()
            end),
            ok;
        false -> answer(From, Reference, {error, emfile})
    end.

%% For those who ask too late.
closed() ->
    receive
        {hanse_outside, From, Reference, Request} when is_pid(From), is_reference(Reference) ->
            answer(From, Reference, case Request of close -> ok; _ -> {error, closed} end),
            closed();
        {'EXIT', _, Reason} when Reason =/= normal -> ok;
        _ -> closed()
    after ?CLOSED_MS -> ok
    end.

%% @doc Who owns the socket that the calling process holds, and the monitor of the owner, after a request to hand it over. That goes to processes
%% of the same machine only: what comes over the network would else be forced on others.
-spec owner(term(), term(), {pid(), reference()}, pid(), reference(), quota()) -> {pid(), reference()}.
owner(Owner, New, {Owner, Monitor} = Owned, From, Reference, Quota) ->
    case is_own(New, Quota) of
        true ->
            demonitor(Monitor, [flush]),
            answer(From, Reference, ok),
            {New, monitor(process, New)};
        false ->
            answer(From, Reference, {error, badarg}),
            Owned
    end;
owner(_, _, Owned, From, Reference, _) ->
    answer(From, Reference, {error, not_owner}),
    Owned.

%% @doc A guest's time limit for the calling process: {late, Timer} comes then; none for no limit.
-spec timer(term()) -> reference() | none.
timer(TimeoutMs) when is_integer(TimeoutMs), TimeoutMs >= 0 ->
    Made = make_ref(),
    erlang:send_after(min(TimeoutMs, 1 bsl 31), self(), {late, Made}),
    Made;
timer(_) -> none.

add(Index, Name, Amount, #quota{counters = Counters, broker = Broker, secret = Secret}) ->
    Value = atomics:add_get(Counters, Index, Amount),
    Soft = atomics:get(Counters, Index + 1),
    Hard = atomics:get(Counters, Index + 2),
    if
        Value > Hard ->
            atomics:sub(Counters, Index, Amount),
            Broker ! {Secret, {reached, Name, hard, Value, Hard}},
            false;
        Value > Soft, Value - Amount =< Soft ->
            Broker ! {Secret, {reached, Name, soft, Value, Soft}},
            true;
        true -> true
    end.
