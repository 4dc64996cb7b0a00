%% A receive that only waits: messages that arrive meanwhile neither end it nor get lost.
-module(receive_without_patterns).
-export([main/0]).

main() ->
    Me = self(),
    Me ! first,
    timer:sleep(20),
    [spawn(fun() -> timer:sleep(10 * N), Me ! N end) || N <- [1, 2, 3]],
    Before = erlang:monotonic_time(millisecond),
    timer:sleep(80),
    io:format("slept long enough: ~p~n", [erlang:monotonic_time(millisecond) - Before >= 80]),
    io:format("~p~n", [process_info(Me, messages)]),
    Sleeper = spawn_link(fun() -> timer:sleep(infinity) end),
    [Sleeper ! N || N <- lists:seq(1, 100)],
    timer:sleep(20),
    io:format("~p ~p~n", [is_process_alive(Sleeper), process_info(Sleeper, message_queue_len)]),
    io:format("~p~n", [try timer:sleep(-1) catch C:R -> {C, R} end]).
