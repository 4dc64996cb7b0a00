%% @doc Workers are killed one after the other under load: no call is lost without an error, none is answered twice, nothing leaks.
-module(kills).
-compile([export_all, nowarn_export_all]).

-import(pool_test, [python/2, until/1, pids/1, count/2]).

-define(CALLERS, 8).

kills() -> case os:getenv("LONG", "") of "" -> 60; _ -> 1000 end.

killed_under_load_test() ->
    python("rogue", #{size => 3, in_flight => 4, intensity => 100000, backoff => #{first_ms => 1, max_ms => 20}}),
    until(fun() -> length(pids(pool)) =:= 3 end),
    Before = resources(),
    Stop = counters:new(1, []),
    Parent = self(),
    Callers = [spawn_link(fun() -> Parent ! {self(), caller(N, Stop, #{ok => 0, died => 0})} end) || N <- lists:seq(1, ?CALLERS)],
    kill(kills() div 10),
    Memory = memory(),
    kill(kills() - kills() div 10),
    true = memory() < Memory + 10000000,
    port_close(erase(killer)),
    counters:put(Stop, 1, 1),
    Sums = [receive {Caller, Sums} -> Sums; {'EXIT', Caller, Why} when Why =/= normal -> error(Why) end || Caller <- Callers],
    [true = Ok > 0 || #{ok := Ok} <- Sums],
    until(fun() -> length(pids(pool)) =:= 3 end),
    %% Everybody has had an answer for each call, the pool has counted each of them once, and waits for none.
    Answered = lists:sum([Ok || #{ok := Ok} <- Sums]),
    Died = lists:sum([D || #{died := D} <- Sums]),
    until(fun() -> #{in_flight := 0, waiting := 0} = hanse_script:status(pool), count(result, pool) =:= Answered end),
    true = Died =:= count(died, pool),
    true = kills() =< count(failed, pool),
    until(fun() -> resources() =:= Before end),
    0 = zombies().

%% An answer is that of the caller's own call; there is one for each call, and nothing comes later.
caller(N, Stop, #{ok := Ok, died := Died} = Sums) ->
    case counters:get(Stop, 1) of
        1 ->
            receive Stray -> error({answered_twice, Stray}) after 50 -> Sums end;
        0 ->
            Number = N * 100000000 + Ok + Died,
            Wanted = 2 * Number,
            case hanse_script:call(pool, double, [Number], #{timeout_ms => 60000, idempotent => Number rem 2 =:= 0}) of
                {ok, Wanted} -> caller(N, Stop, Sums#{ok := Ok + 1});
                {error, {worker_died, #{why := {signal, 9}}}} -> caller(N, Stop, Sums#{died := Died + 1})
            end
    end.

kill(0) -> ok;
kill(Left) ->
    Pids = until(fun() -> case pids(pool) of [] -> false; Running -> Running end end),
    Pid = lists:nth(rand:uniform(length(Pids)), Pids),
    Failed = count(failed, pool),
    ok = signal(Pid),
    until(fun() -> count(failed, pool) > Failed end),
    kill(Left - 1).

%% A shell for each kill would be slow.
signal(Pid) ->
    Killer = case get(killer) of
                 undefined ->
                     Port = open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "while read pid; do kill -9 $pid; done"]}, binary]),
                     put(killer, Port),
                     Port;
                 Port -> Port
             end,
    true = port_command(Killer, [integer_to_list(Pid), $\n]),
    ok.

%% Ports, processes, descriptors of this node, guards.
resources() ->
    {ok, Descriptors} = file:list_dir("/proc/self/fd"),
    {length(erlang:ports()), length(processes()), length(Descriptors), pool_test:guards()}.

memory() ->
    [garbage_collect(Process) || Process <- processes()],
    erlang:memory(total).

zombies() ->
    Own = list_to_binary(os:getpid()),
    length([Pid || Entry <- filelib:wildcard("/proc/[0-9]*/stat"), {ok, Stat} <- [file:read_file(Entry)],
                   [Pid, _, <<"Z">>, Parent | _] <- [binary:split(Stat, <<" ">>, [global])], Parent =:= Own]).
