%% Names of files in stack traces are lists of characters.
-module(names_of_files).
-export([main/0]).

-file("\x{2620}/\x{e5}.erl", 1).

main() ->
    [{?MODULE, fail, 0, Where} | _] = try fail() catch error:x:S -> S end,
    io:format("~w~n", [Where]),
    Self = self(),
    P = spawn(fun() -> wait(Self) end),
    receive {P, waiting} -> ok end,
    wait_until(fun() -> process_info(P, status) =:= {status, waiting} end),
    {current_location, {_, _, _, At}} = process_info(P, current_location),
    io:format("~w~n", [At]),
    exit(P, kill).

fail() -> error(x).
wait(Parent) -> Parent ! {self(), waiting}, receive nothing -> ok end.
wait_until(F) -> case F() of true -> ok; false -> receive after 10 -> wait_until(F) end end.
