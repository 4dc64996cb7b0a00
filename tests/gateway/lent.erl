%% @doc What the tests lend.
-module(lent).

-export([today/1, later/1, spin/0, crash/1, hungry/0, forks/0, tell/2, flood/2, join/1, watch/1, other/1, value/1, term/0, outside/0, add/2, add/3, version/0]).

%% The weather of a city.
-spec today(City :: binary()) -> binary().
today(City) -> <<City/binary, ": rain">>.

later(Ms) ->
    timer:sleep(Ms),
    done.

spin() -> spin().

crash(Why) -> error({crashed, Why}).

hungry() -> lists:sum(lists:seq(1, 100000000)).

forks() -> [spawn(fun forks/0) || _ <- lists:seq(1, 1000)].

tell(Pid, What) ->
    Pid ! What,
    ok.

flood(Pid, Count) ->
    [Pid ! N || N <- lists:seq(1, Count)],
    ok.

%% A server of the lender.
join(Pid) -> gen_server:call(board, {join, Pid}).

watch(Pid) ->
    Monitor = monitor(process, Pid),
    Pid ! watched,
    receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end.

other(Number) -> lent_helper:double(Number).

value(Value) -> Value.

term() -> {self(), make_ref(), <<255>>}.

outside() -> {catch os:cmd("id"), catch file:read_file("/etc/passwd"), whereis(hanse_gateway), catch erlang:open_port({spawn, "id"}, []), catch hanse_key:list()}.

add(A, B) -> A + B.

add(A, B, C) -> A + B + C.

version() -> 1.
