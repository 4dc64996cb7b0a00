%% erlang:display/1 and its kin: what the virtual machine itself prints.
-module(display_terms).
-export([main/0]).

main() ->
    [erlang:display(T) || T <- terms()],
    [erlang:display(erts_debug:display(T)) || T <- terms()],
    erlang:display_nl(),
    erlang:display_string("a string\n"),
    erlang:display_string("e" ++ [233, 10]),
    erlang:display(lists:seq(1, 300)),
    erlang:display(nested(50)),
    %% Two ways to the same output: the rest is told by display, too.
    [erlang:display(try erlang:display_string(X) catch C:R -> {C, R} end) || X <- [foo, [a], <<"b">>, [1 | 2], []]].

nested(0) -> x;
nested(N) -> {[nested(N - 1)], #{N => <<N>>}}.

terms() ->
    [a, 'A b', '', [], 0, -1, 1 bsl 80, -(1 bsl 80), 1.5, -0.0, 1.0e300, 1.0e-300, 0.1, {}, {a}, {1, 2, 3}, [1], [a, b | c], [[]],
     "text", "te\"xt\n", [0, 1], [300, 301], <<>>, <<1, 2, 3>>, <<"text">>, <<1:3>>, <<1, 2:2>>, #{}, #{a => 1}, #{b => [1], a => {x}},
     fun lists:map/2, fun erlang:self/0, {[{[{[]}]}]}, [$a, b], "\t\\", {"str", 'q u', <<"bin">>}, ['\'', 'a.b', 'a@b', a_b, 'Ab', '1a']].
