%% Requests for more than any machine has fail as they should, and leave the process intact.
-module(alloc_limits).
-export([main/0]).
main() ->
    [io:format("~w ~w~n", [N, try F() of X -> {ok, X} catch C:R -> {C, R} end]) || {N, F} <- [{tuple, fun() -> erlang:make_tuple(1 bsl 30, x) end}, {shift, fun() -> 1 bsl (1 bsl 50) end}, {bits, fun() -> B = id(1 bsl 62), <<0:B>> end}, {negative, fun() -> B = id(-5), <<0:B>> end}, {atom, fun() -> list_to_atom(lists:duplicate(300, $x)) end}, {atom_binary, fun() -> binary_to_atom(binary:copy(<<"x">>, 300)) end}, {copies, fun() -> string:copies("ab", 3) end}, {duplicate, fun() -> lists:duplicate(-1, a) end}, {seq, fun() -> length(lists:seq(1, 1000)) end}, {part, fun() -> binary:part(<<"abc">>, 1, 1 bsl 60) end}, {power, fun() -> byte_size(integer_to_binary(id(7) bsl 5000)) end}]], io:format("still ~w~n", [lists:sum(lists:seq(1, 100))]).
id(X) -> X.
