%% Try, catch and after in all nestings, with what they return and in which order.
-module(try_nesting).
-export([main/0]).
-export([id/1]).
main() ->
    show(fun() -> try id(1) of 1 -> one catch _:_ -> caught after say(after1) end end),
    show(fun() -> try throw(a) catch throw:X -> {thrown, X} after say(after2) end end),
    show(fun() -> try error(a) catch throw:X -> {thrown, X} after say(after3) end end),
    show(fun() -> try id(2) of 1 -> one catch _:_ -> never after say(after4) end end),
    show(fun() -> try id(1) of 1 -> throw(in_of) catch throw:_ -> never after say(after5) end end),
    show(fun() -> try throw(first) catch throw:first -> error(second) after say(after6) end end),
    show(fun() -> try throw(first) after error(in_after) end end),
    show(fun() -> try try throw(inner) after say(inner) end catch throw:R -> {outer, R} after say(outer) end end),
    show(fun() -> try try exit(x) catch error:_ -> no end catch exit:R -> {exit, R} end end),
    show(fun() -> try id(x), erlang:raise(throw, {tagged, id(1)}, []) catch throw:{tagged, Y} -> {got, Y} end end),
    show(fun() -> catch throw(ball) end),
    show(fun() -> element(1, catch error(bad)) end),
    show(fun() -> catch exit(bye) end),
    show(fun() -> {catch throw(1), catch throw(2), (catch throw(3))} end),
    show(fun() -> try id(5) catch _:_ -> x end + 1 end),
    show(fun() -> [try 10 div X catch error:badarith -> zero end || X <- [1, 0, 5]] end),
    show(fun() -> try lists:foreach(fun(X) when X > 2 -> throw({found, X}); (_) -> ok end, [1, 2, 3, 4]) catch {found, X} -> X end end),
    show(fun() -> try error(x) catch C:R -> try error(C) catch C2:R2 -> {C, R, C2, R2} end end end),
    show(fun() -> try exit(normal) catch exit:normal when 1 > 2 -> no; exit:R when R =:= normal -> guarded end end),
    show(fun() -> F = fun L(0) -> throw(deep); L(N) -> 1 + L(N - 1) end, try F(10000) catch D -> D end end),
    show(fun() -> F = fun L(0) -> 0; L(N) -> try L(N - 1) after ok end + 1 end, F(10000) end),
    show(fun() -> put(n, 0), F = fun L(0) -> throw(end_of_line); L(N) -> try L(N - 1) after put(n, get(n) + 1) end end, {catch F(1000), get(n)} end),
    show(fun() -> A = try id({ok, 1}) of {ok, V} -> V; error -> none catch _:_ -> c end, A end),
    show(fun() -> try begin X = id(3), Y = id(4), {X, Y} end of {P, Q} -> P * Q catch _:_ -> 0 end end),
    show(fun() -> (fun() -> try throw(return) catch throw:return -> ok end, done end)() end),
    show(fun() -> try id(1) after throw(from_after) end end).
show(F) -> io:format("~p~n", [try F() catch C:R -> {C, R} end]).
say(X) -> io:format("~p~n", [X]).
id(X) -> X.
