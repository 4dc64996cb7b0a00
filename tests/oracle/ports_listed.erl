%% erlang:ports() tells which ports there were at one moment, while others open and close some.
-module(ports_listed).
-export([main/0]).

main() ->
    Others = erlang:ports(),
    Self = self(),
    Turner = spawn_link(fun() -> Ports = [open(), open()], Self ! {self(), ready}, turn(Self, Ports) end),
    receive {Turner, ready} -> ok end,
    Seen = lists:usort([length(erlang:ports() -- Others) || _ <- lists:seq(1, 2000)]),
    Turner ! {stop, self()},
    receive {Turner, Opened} -> io:format("~w ~w~n", [Seen -- [2, 3], Opened > 10]) end,
    io:format("~w~n", [wait(Others)]).

open() -> open_port({spawn_driver, "ram_file_drv"}, []).

%% Two or three ports are open at any time.
turn(Parent, Ports) -> turn(Parent, Ports, 2).
turn(Parent, [Old, Next], Count) ->
    New = open(),
    port_close(Old),
    receive {stop, Parent} when Count > 10 -> [port_close(P) || P <- [Next, New]], Parent ! {self(), Count} after 0 -> turn(Parent, [Next, New], Count + 1) end.

wait(Others) -> case erlang:ports() -- Others of [] -> ok; _ -> erlang:yield(), wait(Others) end.
