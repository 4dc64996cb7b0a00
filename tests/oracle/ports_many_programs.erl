%% Programs that end at once, many side by side: each end is told.
-module(ports_many_programs).
-export([main/0]).

main() ->
    Self = self(),
    Starters = [spawn_link(fun() -> Self ! {self(), [status(N rem 3) || N <- lists:seq(1, 60)]} end) || _ <- lists:seq(1, 8)],
    Statuses = [receive {Starter, S} -> S end || Starter <- Starters],
    io:format("~w~n", [[{Status, length([S || S <- lists:append(Statuses), S =:= Status])} || Status <- lists:usort(lists:append(Statuses))]]).

status(Wanted) ->
    Port = open_port({spawn_executable, "/bin/sh"}, [exit_status, {args, ["-c", "exit " ++ integer_to_list(Wanted)]}]),
    receive {Port, {exit_status, Status}} -> Status after 60000 -> not_told end.
