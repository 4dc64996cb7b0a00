%% erts_debug: sizes with and without sharing, copies that keep it, identity.
-module(sharing).
-export([main/0, id/1]).

main() ->
    A = id([1, 2, 3]),
    Shared = {A, A, [A | A]},
    Deep = deep(15, x),
    [io:format("~w~n", [{erts_debug:flat_size(T), erts_debug:size(T), erts_debug:size_shared(T)}]) ||
        T <- [a, 1, [], A, Shared, Deep]],
    Copy = erts_debug:copy_shared(Deep),
    io:format("~w~n", [{Copy =:= Deep, erts_debug:size(Copy) =:= erts_debug:size(Deep), erts_debug:flat_size(Copy) =:= erts_debug:flat_size(Deep)}]),
    io:format("~w~n", [[erts_debug:same(X, Y) || {X, Y} <- [{A, A}, {A, id([1, 2, 3])}, {1, 1}, {a, a}, {[], []}, {1.5, id(1.5)}]]]),
    io:format("~w~n", [[try erts_debug:map_info(M) catch C:R:S -> {C, R, hd(S)} end || M <- [#{}, #{a => 1}, maps:from_list([{N, N} || N <- lists:seq(1, 32)]), foo]]]),
    Self = self(),
    Pid = spawn(fun() -> receive T -> Self ! {erts_debug:flat_size(T), erts_debug:size(T)} end end),
    Pid ! Shared,
    receive Sizes -> io:format("~w~n", [Sizes]) end.

deep(0, T) -> T;
deep(N, T) -> deep(N - 1, [T | T]).
id(X) -> X.
