%% Terms that outlive their table: erased persistent terms, times of the system, matches that go on.
-module(persistent_erased).
-export([main/0]).

main() ->
    persistent_term:put({?MODULE, a}, lists:seq(1, 10)),
    Kept = persistent_term:get({?MODULE, a}),
    Self = self(),
    Pid = spawn(fun() -> L = persistent_term:get({?MODULE, a}), Self ! ready, receive go -> Self ! {sum, lists:sum(L)} end end),
    receive ready -> ok end,
    io:format("~w~n", [[persistent_term:erase({?MODULE, a}), persistent_term:erase({?MODULE, a}), persistent_term:get({?MODULE, a}, gone)]]),
    garbage_collect(),
    Pid ! go,
    io:format("~w ~w~n", [receive {sum, S} -> S end, lists:sum(Kept)]),
    persistent_term:put(b, {1, [2], <<3>>}),
    persistent_term:put(b, {1, [2], <<3>>}),
    persistent_term:put(b, other),
    io:format("~w~n", [[persistent_term:get(b), try persistent_term:get(no_such) catch error:R -> R end]]),
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{N, N rem 3} || N <- lists:seq(1, 20)]),
    io:format("~w~n", [all(ets:match_object(T, {'_', 1}, 3))]),
    io:format("~w~n", [[try ets:match_object(X) catch error:E -> E end || X <- ['$end_of_table', foo, {a, b}]]]),
    A = os:system_time(), B = erlang:system_time(), C = os:system_time(second),
    io:format("~w~n", [{is_integer(A), abs(A - B) < 10_000_000_000, abs(C - A div 1_000_000_000) < 3}]).

all('$end_of_table') -> [];
all({Found, More}) -> [Found | all(ets:match_object(More))].
