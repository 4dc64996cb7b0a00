%% Several processes delete one module at the same time: one of them does, and none keeps anything of its attempt.
-module(deleted_by_many).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    {ok, victim, Code} = compile:forms([{attribute, 1, module, victim}, {attribute, 1, export, []}]),
    Table = ets:new(table, [public]),
    io:format("~p~n", [lists:usort([round(N, Code, Table) || N <- lists:seq(1, 20)])]),
    io:format("~p~n", [ets:info(Table, size)]).

round(N, Code, Table) ->
    code:purge(victim),
    {module, victim} = code:load_binary(victim, "victim.beam", Code),
    Parent = self(),
    Pids = [spawn_link(fun() -> deletes(Parent, Table, {N, I}) end) || I <- lists:seq(1, 5)],
    [Pid ! go || Pid <- Pids],
    code:purge(victim),
    Answers = [receive {Pid, Answer} -> Answer end || Pid <- Pids],
    {length([true || {true, _, _} <- Answers]), lists:usort([{Inserted, Waited} || {_, Inserted, Waited} <- Answers])}.

deletes(Parent, Table, Key) ->
    receive go -> ok end,
    Deleted = try erlang:delete_module(victim) catch error:badarg -> badarg end,
    Inserted = ets:insert(Table, [{Key, inserted}, {{Key, more}, inserted}]),
    Begin = erlang:monotonic_time(millisecond),
    receive never -> ok after 20 -> ok end,
    Waited = erlang:monotonic_time(millisecond) - Begin >= 19,
    Parent ! {self(), {Deleted, Inserted, Waited}}.
