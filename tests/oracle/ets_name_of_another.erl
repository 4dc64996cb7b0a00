%% While a long list is on its way into a table, the table is deleted, and another one, with its key elsewhere, gets its name.
-module(ets_name_of_another).
-export([main/0]).

main() ->
    Objects = [{N} || N <- lists:seq(1, 100000)],
    io:format("~p~n", [lists:usort([attempt(Objects, N) || N <- lists:seq(1, 20)])]).

attempt(Objects, N) ->
    make(1),
    Parent = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        Parent ! begins,
        exit(try ets:insert(table, Objects) of true -> fits catch error:badarg -> fits; Class:Reason -> {Class, Reason} end)
    end),
    receive begins -> ok end,
    spin(N * 1000),
    ets:delete(table),
    make(3),
    Outcome = receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end,
    Found = [Object || Object <- ets:tab2list(table), tuple_size(Object) < 3],
    ets:delete(table),
    {Outcome, Found}.

make(Position) -> table = ets:new(table, [public, named_table, {keypos, Position}]).

spin(0) -> ok;
spin(N) -> spin(N - 1).
