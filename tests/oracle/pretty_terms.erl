%% ~p, ~P, ~w, ~W at all widths and depths: line breaks, records, strings, maps, binaries, deep and wide terms.
-module(pretty_terms).
-export([main/0]).

main() ->
    Terms = [lists:seq(1, 60), [[I, {I, [I]}] || I <- lists:seq(1, 12)], {tuple, "a string", <<"binary">>, <<1, 2, 3, 255>>, <<5:3>>, 'an atom', fun lists:map/2},
             #{a => 1, "key" => #{nested => [1, 2, 3]}, {x, y} => "value that is rather long"}, "text\nwith \"escapes\" \e \x{3b1}\x{1f600}",
             [improper, list | tail], {}, [], "", <<>>, #{}, [$a, $b, 300], {deep, {deep, {deep, {deep, [[[[[x]]]]]}}}},
             {long_atom_name_one, long_atom_name_two, long_atom_name_three, {inner, [alpha, beta, gamma, delta, epsilon, zeta, eta]}},
             1.0e-20, -0.0, 1.0e100, 123456789.125, 1 bsl 200, [{key, value}, {'Key', "Value"}, {"k", <<"v">>}], lists:duplicate(30, $x)],
    [io:format("~s~n", [io_lib:format(F, [T])]) || T <- Terms, F <- ["~w", "~p", "~tp", "~20p", "~40p", "~10.4p", "~0p", "~kp", "~lp"], supported(F)],
    [io:format("~s~n", [io_lib:format(F, [T, D])]) || T <- Terms, F <- ["~W", "~P", "~tP", "~30P"], D <- [0, 1, 2, 3, 7, 20]],
    [io:format("~s~n", [io_lib:write(T, 5)]) || T <- Terms],
    io:format("~s~n", [io_lib:format("~80p", [{state, lists:seq(1000, 1040), #{x => lists:seq(1, 30)}}])]),
    io:format("~s~n", [lists:flatten(io_lib:print({rec, 1, [2, 3], "x"}, 5, 30, -1))]).

%% Modifiers that came later than OTP 25 fail in both.
supported(F) -> try _ = io_lib:format(F, [a]), true catch error:_ -> io:format("~s fails~n", [F]), false end.
