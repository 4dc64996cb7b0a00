%% The built-in functions that depend on their arguments only, with every combination of some odd arguments.
-module(pure_functions).
-export([main/0]).

main() ->
    one(), two(), three(), dictionary(), exceptions(), order().

small() -> [0, 1, -1, 2, 5, 1 bsl 60, -(1 bsl 59), 1 bsl 80, 1.0, -0.5].
words() -> [a, '', 'A b', true, false, [], {}, {a}, {a, b, 1}, #{}, #{a => 1}].
bits() -> [<<>>, <<1>>, <<1, 2, 3>>, <<"abc">>, <<5:3>>, <<1, 2, 3:4>>, part(), unaligned()].
lists() -> [[1], [1, 2, 3], "abc", [a | b], [[]], [[1, [2]], <<3>>], [<<1>> | <<2>>], [256], [-1], [1.0], [{a, 1}, {b, 2}],
            [[<<1:1>>]], [16#3042], [16#d800], "12", "1.5"].
others() -> [fun lists:map/2, part()].

part() -> <<_, P/binary>> = binary:copy(<<"x0123456789">>, 20), binary:part(P, 1, 100).
unaligned() -> <<_:3, R/bits>> = <<"abcdefgh">>, <<U:5/binary, _/bits>> = R, U.

all() -> small() ++ words() ++ bits() ++ lists() ++ others().

show(M, F, A) ->
    Result = try tidy(apply(M, F, A)) catch C:R:S -> {C, R, top(S)} end,
    io:format("~w:~w ~0p -> ~0p~n", [M, F, A, Result]).

%% The frame is that of the function, with its arguments: only what follows them is of interest.
top([{_, _, A, L} | _]) when is_list(A) -> {length(A), L};
top([{M, F, A, _} | _]) -> {M, F, A};
top([]) -> [].

tidy(R) when is_reference(R) -> ref;
tidy(X) -> X.

one() ->
    [show(erlang, F, [X])
     || F <- [hd, tl, length, list_to_tuple, tuple_size, size, byte_size, bit_size, tuple_to_list, is_atom, is_binary,
              is_bitstring, is_boolean, is_float, is_function, is_integer, is_list, is_map, is_number, is_pid, is_port,
              is_reference, is_tuple, atom_to_list, atom_to_binary, list_to_atom, list_to_existing_atom, binary_to_atom,
              binary_to_existing_atom, binary_to_list, bitstring_to_list, list_to_binary, list_to_bitstring,
              iolist_to_binary, iolist_size, md5, crc32, adler32, 'not', list_to_pid, list_to_port, list_to_ref,
              pid_to_list, port_to_list, ref_to_list, fun_to_list, fun_info_mfa, node],
        X <- all(), not (F =:= atom_to_binary andalso not is_atom(X)), not (F =:= binary_to_atom), F =/= binary_to_existing_atom],
    [show(erlang, iolist_to_binary, [[erlang:iolist_to_iovec(X)]]) || X <- [<<>>, [], "abc", [<<0:9000>>, 1, [<<0:88>>]]]],
    [show(M, F, [X]) || {M, F} <- [{lists, reverse}, {unicode, bin_is_7bit}, {binary, first}, {binary, last}, {binary, copy},
                                   {binary, decode_unsigned}, {binary, encode_unsigned}, {binary, list_to_bin},
                                   {binary, longest_common_prefix}, {binary, longest_common_suffix},
                                   {unicode, characters_to_list}, {unicode, characters_to_binary}],
                        X <- all()].

two() ->
    Some = [0, 1, 2, 3, -1, 1 bsl 70, 1.0, a, [], [1], [1, 2, 1], [1.0, 1], [a | b], {}, {a, b}, {1, 2}, {0, -1}, <<>>,
            <<1, 2, 3>>, <<5:3>>, true, fun lists:map/2],
    [show(erlang, F, [X, Y])
     || F <- ['++', '--', append, subtract, element, append_element, make_tuple, delete_element, is_record, is_function,
              'and', 'or', 'xor', '==', '=:=', '/=', '=/=', '<', '>=', binary_part, split_binary, min, max, crc32, adler32,
              fun_info],
        X <- Some, Y <- Some],
    [show(erlang, F, [X, Y]) || F <- [atom_to_binary, binary_to_atom, binary_to_existing_atom],
                                X <- [a, 'A\x{e5}', '\x{3042}', <<"a">>, <<"\x{e5}">>, <<195, 165>>, <<1:1>>, "a"],
                                Y <- [latin1, utf8, unicode, utf16, 1]],
    [show(lists, F, [X, Y]) || F <- [member, reverse], X <- Some, Y <- Some],
    [show(binary, F, [X, Y]) || F <- [at, part, copy, encode_unsigned, decode_unsigned, match, matches, split],
                                X <- [<<>>, <<1, 2, 3, 1>>, <<5:3>>, a, 256, part()],
                                Y <- [0, 1, -1, 4, big, little, <<1>>, <<>>, [], [<<1>>, <<1, 2>>], {1, 2}, {1, -1}, {0, 9}]].

three() ->
    Some = [0, 1, 3, -1, 1 bsl 70, a, [], [{1, x}], [{2, x} | a], {}, {a, b, c}, <<1, 2, 3>>],
    [show(erlang, F, [X, Y, Z])
     || F <- [setelement, insert_element, make_tuple, is_record, binary_part, binary_to_list, crc32_combine,
              adler32_combine],
        X <- Some, Y <- Some, Z <- Some],
    [show(lists, F, [X, Y, Z])
     || F <- [keyfind, keymember, keysearch], X <- [a, 1, 1.0, {x}], Y <- [1, 2, 0, -1, a, 1 bsl 70],
        Z <- [[], [{a}, {1}, {1.0}, {b, {x}}], [a, {a, 1}, {b, 1.0}], [{x} | y], foo]].

%% In the order of keys: that of the dictionary is the virtual machine's own.
dictionary() ->
    erase(),
    Keys = [a, 1, 2.0, "s", {t, 1}, <<"b">>, 1 bsl 70, [], #{a => 1}],
    io:format("~0p~n", [[put(K, I) || {K, I} <- lists:zip(Keys, lists:seq(1, length(Keys)))]]),
    io:format("~0p~n", [[put(K, K) || K <- Keys]]),
    io:format("~0p~n", [lists:sort(get())]),
    io:format("~0p~n", [lists:sort(get_keys())]),
    io:format("~0p ~0p~n", [get_keys(a), get_keys(none)]),
    io:format("~0p~n", [[{get(K), erase(K), get(K)} || K <- [a, 1, x, 1 bsl 70]]]),
    io:format("~0p ~0p~n", [lists:sort(erase()), get()]),
    [put({k, I}, I) || I <- lists:seq(1, 5000)],
    [erase({k, I}) || I <- lists:seq(1, 5000), I rem 3 =/= 0],
    io:format("~w ~w~n", [length(get()), lists:sum([V || {_, V} <- erase()])]).

exceptions() ->
    lists:foreach(fun({F, A}) ->
                          R = try apply(erlang, F, A) catch C:E:S -> {C, E, lists:sublist(S, 1)} end,
                          io:format("~w ~0p: ~0p~n", [F, A, R])
                  end,
                  [{raise, [C, reason, S]} || C <- [error, exit, throw, foo],
                                              S <- [[], foo, [foo], [{a, b, 1}], [{a, b, 1, []}], [{a, b, 1, foo}], [{a, b, [x]}],
                                                    [{a, b, 1, [{line, 3}]}], [{a, b, 1} | x], [{fun lists:map/2, [1]}],
                                                    [{fun lists:map/2, [1], [{file, "x"}]}], [{a, 1, 1}]]]),
    lists:foreach(fun(F) ->
                          {'EXIT', {Reason, [{?MODULE, _, Arguments, Location} | _]}} = (catch F()),
                          io:format("~0p ~0p ~0p~n", [Reason, case Arguments of N when is_integer(N) -> arity; L -> L end,
                                                      lists:keyfind(error_info, 1, Location)])
                  end,
                  [fun() -> {erlang:error(x)} end, fun() -> {erlang:error(x, [1, 2])} end, fun() -> {erlang:error(x, none)} end,
                   fun() -> {erlang:error(x, foo)} end, fun() -> {erlang:error(x, [1 | 2])} end,
                   fun() -> {erlang:error(x, [1], [{error_info, #{cause => c}}])} end,
                   fun() -> {erlang:error(x, none, [{error_info, #{cause => c}}])} end,
                   fun() -> {erlang:error(x, [1], [{error_info, 1}])} end, fun() -> {erlang:error(x, [1], foo)} end,
                   fun() -> {erlang:error(x, [1], [{error_info, #{a => 1}}, {error_info, #{b => 1}}])} end]),
    io:format("~0p~n", [[catch throw(a), (catch exit(b))]]).

%% Long operands: the time must not grow with their product.
order() ->
    A = lists:seq(1, 200000), B = lists:reverse(A),
    io:format("~w ~w ~w~n", [A -- B, length(A -- lists:seq(1, 200000, 2)), length((A ++ B) -- A)]),
    io:format("~w~n", [lists:seq(1, 40) -- [K * 1.0 || K <- lists:seq(1, 40)]]).
