%% Loops that never end a frame: through modules, applies, funs, catches that are over, receive loops.
-module(tail_calls).
-export([main/0]).
-export([ping/1, pong/1, step/2]).
main() ->
    [io:format("~w ~w ~w~n", [N, F(300000), small()]) || {N, F} <- [{local, fun local/1}, {external, fun(X) -> ?MODULE:ping(X) end}, {applied, fun applied/1}, {funs, fun(X) -> L = fun(G, 0) -> G, done; (G, I) -> G(G, I - 1) end, L(L, X) end}, {stored, fun(X) -> (maps:get(f, #{f => fun local/1}))(X) end}, {messages, fun messages/1}, {after_catch, fun caught/1}, {continuation, fun(X) -> cps(X, fun(R) -> R end) end}]].
local(0) -> done; local(N) -> local(N - 1).
ping(0) -> done; ping(N) -> ?MODULE:pong(N - 1).
pong(0) -> done; pong(N) -> ?MODULE:ping(N - 1).
applied(N) -> apply(?MODULE, step, [N, ?MODULE]).
step(0, _) -> done; step(N, M) -> M:step(N - 1, M).
messages(0) -> done; messages(N) -> self() ! N, receive N -> messages(N - 1) end.
caught(0) -> done; caught(N) -> catch (N rem 2 =:= 0 andalso throw(x)), caught(N - 1).
cps(0, K) -> K(done); cps(N, K) -> cps(N - 1, fun(R) -> K(R) end).
small() -> {stack_size, S} = process_info(self(), stack_size), S < 500.
