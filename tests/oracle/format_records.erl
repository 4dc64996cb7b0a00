%% Printing with record definitions, long lines, strings in lists, nested structures with limited widths.
-module(format_records).
-export([main/0]).
-record(point, {x, y}).
-record(box, {a = #point{x = 1, y = 2}, b, text = "some text"}).
main() ->
    R = fun(point, 2) -> [x, y]; (box, 3) -> [a, b, text]; (_, _) -> no end,
    [io:format("~ts~n", [io_lib_pretty:print(T, [{column, 1}, {line_length, W}, {depth, D}, {record_print_fun, R}])]) || T <- [#point{x = 1, y = [a, b]}, #box{b = lists:seq(1, 30)}, [#point{x = I, y = I * I} || I <- lists:seq(1, 10)], {point, 1}, #{key => #point{x = <<"bin">>, y = "str"}}], {W, D} <- [{80, -1}, {30, -1}, {60, 6}]],
    [io:format("~*p~n", [W, T]) || W <- [20, 40, 79], T <- [{a_long_atom_name, [another_long_atom, "a string that is long"], #{key => value, other_key => "other value"}}, [{I, "value " ++ integer_to_list(I)} || I <- lists:seq(1, 8)], {error, {shutdown, {failed_to_start_child, some_child, {badmatch, {error, enoent}}}}}, <<"a binary that is longer than a line could ever be in this small width">>, "a string that is longer than a line could ever be in this small width", lists:seq(1000, 1030), [[[[[[deep]]]]]], {{{{{{deep}}}}}}]],
    io:format("~p~n~p~n", [[$a, $b | c], ["abc" | "def"]]), io:format("~p~n", [{1.5, 1.0e20, -3, 16#ffffffffffffffffff}]), io:format("~P~n", [lists:duplicate(50, "word"), 12]), io:format("~p~n", [[<<I>> || I <- lists:seq(60, 90)]]), io:format("~p~n", [[[], [[]], {}, {{}}, #{}, #{#{} => #{}}]]), io:format("~p ~w~n", ["\xe4\xf6", "\xe4"]), io:format("~tp~n", ["\x{3b1}\x{3b2}"]), io:format("~p~n", ['\x{3b1}']), io:format("~tp~n", ['\x{3b1}']), io:format("~0p~n", [lists:seq(1, 60)]), io:format("~p.~n", [{ok, "x", 'Y', "z\n"}]).
