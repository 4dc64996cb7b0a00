%% Every type test of guards on values of every type.
-module(guard_type_tests).
-export([main/0]).
-record(r, {a, b}).

main() ->
    [io:format("~w ~w~n", [N, tests(V)]) || {N, V} <- values()],
    [io:format("~w ~w~n", [N, values_of(V)]) || {N, V} <- values()].

values() ->
    [{small, 1}, {zero, 0}, {big, 1 bsl 70}, {float, 1.5}, {atom, a}, {true, true}, {false, false}, {nil, []}, {list, [1]},
     {improper, [a | b]}, {tuple, {a}}, {empty_tuple, {}}, {record, #r{a = 1}}, {wrong_record, {r, 1}}, {map, #{a => 1}},
     {binary, <<1>>}, {bits, <<1:3>>}, {fun0, fun() -> ok end}, {fun1, fun(X) -> X end}, {external, fun lists:map/2},
     {pid, self()}, {ref, make_ref()}, {port, hd(erlang:ports())}].

tests(X) ->
    lists:append([
        [atom || _ <- [1], is_atom(X)], [binary || _ <- [1], is_binary(X)], [bitstring || _ <- [1], is_bitstring(X)],
        [boolean || _ <- [1], is_boolean(X)], [float || _ <- [1], is_float(X)], [function || _ <- [1], is_function(X)],
        [function0 || _ <- [1], is_function(X, 0)], [function1 || _ <- [1], is_function(X, 1)],
        [function2 || _ <- [1], is_function(X, 2)], [integer || _ <- [1], is_integer(X)], [list || _ <- [1], is_list(X)],
        [map || _ <- [1], is_map(X)], [number || _ <- [1], is_number(X)], [pid || _ <- [1], is_pid(X)],
        [port || _ <- [1], is_port(X)], [reference || _ <- [1], is_reference(X)], [tuple || _ <- [1], is_tuple(X)],
        [record || _ <- [1], is_record(X, r)], [record3 || _ <- [1], is_record(X, r, 3)],
        [not_tuple || _ <- [1], not is_tuple(X)], [key || _ <- [1], is_map_key(a, X)]]).

values_of(X) ->
    {if is_atom(X); is_list(X) -> 1; is_tuple(X), tuple_size(X) > 0 -> 2; true -> 3 end,
     if tuple_size(X) =:= 1 -> 1; true -> 0 end, if map_size(X) > 0 -> 1; true -> 0 end,
     if byte_size(X) =:= 1 -> 1; true -> 0 end, if bit_size(X) =:= 3 -> 1; true -> 0 end,
     if length(X) =:= 1 -> 1; true -> 0 end, if hd(X) =:= 1 -> 1; true -> 0 end, if tl(X) =:= b -> 1; true -> 0 end,
     if element(1, X) =:= a -> 1; true -> 0 end, if abs(X) =:= X -> 1; true -> 0 end,
     if trunc(X) =:= 1 -> 1; true -> 0 end, if round(X) =:= 2 -> 1; true -> 0 end, if float(X) == X -> 1; true -> 0 end,
     if size(X) =:= 1 -> 1; true -> 0 end, if node(X) =:= node() -> 1; true -> 0 end,
     if X -> 1; true -> 0 end, if not X -> 1; true -> 0 end, if X and true -> 1; true -> 0 end,
     if X orelse true -> 1; true -> 0 end, if map_get(a, X) =:= 1 -> 1; true -> 0 end,
     if X + 1 > X -> 1; true -> 0 end, if X bor 1 =:= X -> 1; true -> 0 end, if self() =:= X -> 1; true -> 0 end}.
