%% external_size and term_to_iovec agree with term_to_binary.
-module(external_sizes).
-export([main/0]).

main() ->
    Terms = [a, 0, 255, 256, -1, 1 bsl 40, 1 bsl 2100, 1.5, [], "abc", lists:seq(1, 300), [1 | 2], {}, {a, b}, <<>>, <<1:3>>,
             binary:copy(<<"x">>, 1000), #{}, #{a => 1, b => [2]}, fun lists:map/2, 'åäö', [binary:copy(<<1>>, 70), {binary:copy(<<2>>, 200)}]],
    [begin
         Size = erlang:external_size(T),
         B = term_to_binary(T),
         {Minor, Minor1, Det} = {erlang:external_size(T, [{minor_version, 0}]), erlang:external_size(T, [{minor_version, 1}]),
                            erlang:external_size(T, [{minor_version, 1}])},
         Vector = erlang:term_to_iovec(T),
         Vector2 = erlang:term_to_iovec(T, [{minor_version, 1}]),
         Compressed = erlang:term_to_iovec(T, [compressed]),
         io:format("~w ~w ~w~n", [{Size >= byte_size(B), Size, Minor, Minor1, Det},
                               {iolist_to_binary(Vector) =:= B, lists:all(fun is_binary/1, Vector), length(Vector)},
                               {binary_to_term(iolist_to_binary(Vector2)) =:= T, binary_to_term(iolist_to_binary(Compressed)) =:= T}])
     end || T <- Terms],
    [io:format("~w ~0p -> ~0p~n", [F, O, try apply(erlang, F, [a, O]) catch C:R -> {C, R} end])
     || F <- [external_size, term_to_iovec], O <- [[], foo, [foo], [{minor_version, 3}], [{minor_version, -1}], [{minor_version, a}],
                                                   [{compressed, 10}], [{compressed, 9}], [local], [deterministic], [a | b]]].
