%% Conversions between atoms, numbers, lists, binaries and tuples: every combination of right and wrong arguments, with the
%% explanation that the shell would print.
-module(bad_arguments).
-export([main/0]).

values() ->
    [a, '', 0, -1, 37, 1 bsl 70, 1.5, -0.0, "", "12", "1.5e3", [300], [1 | 2], [[$1], <<"2">>], <<>>, <<"12">>, <<1:3>>, {}, {1, b}, #{}].

main() ->
    One = [atom_to_list, list_to_atom, list_to_existing_atom, atom_to_binary, binary_to_atom, binary_to_existing_atom, integer_to_list, list_to_integer,
           integer_to_binary, binary_to_integer, float_to_list, list_to_float, float_to_binary, binary_to_float, tuple_to_list, list_to_tuple,
           list_to_binary, binary_to_list, list_to_bitstring, bitstring_to_list, iolist_to_binary, iolist_size, iolist_to_iovec, byte_size, bit_size,
           length, hd, tl, tuple_size, size, map_size, float, round, trunc, ceil, floor, abs, '+', '-', 'bnot', 'not', binary_to_term, list_to_pid, list_to_port, list_to_ref,
           pid_to_list, port_to_list, ref_to_list, fun_to_list, is_function, md5, md5_init, crc32, adler32, external_size],
    [each(F, [[V] || V <- values()]) || F <- One],
    Two = [integer_to_list, list_to_integer, integer_to_binary, binary_to_integer, atom_to_binary, binary_to_atom, element, delete_element, is_map_key, map_get,
           min, max, append_element, is_function, is_record, binary_to_term, split_binary, float_to_list, float_to_binary, crc32, adler32, phash, phash2, make_tuple, '++', '--', 'and', 'or', 'xor',
           'div', 'rem', '/', 'band', 'bor', 'bxor', 'bsr', 'md5_update'],
    Few = [a, latin1, 0, -1, 2, 1 bsl 62, 1.5, [], "12", [1 | 2], <<"ab">>, <<1:3>>, {1, b}, #{a => 1}, [{decimals, 2}], [safe]],
    [each(F, [[V, W] || V <- Few, W <- Few]) || F <- Two],
    Small = [a, 0, 1, 3, <<1, 2>>, <<7:3>>, {x, y}, []],
    [each(F, [[V, W, X] || V <- Small, W <- Small, X <- Small]) || F <- [setelement, insert_element, binary_part, binary_to_list, is_record, make_tuple, crc32_combine, adler32_combine]].

each(F, Calls) ->
    Outcomes = [{call(F, Arguments), Arguments} || Arguments <- Calls],
    Kinds = lists:usort([O || {O, _} <- Outcomes]),
    io:format("~w~n", [F]),
    [io:format("  ~0tp: ~0tp~n", [Kind, [A || {O, A} <- Outcomes, O =:= Kind]]) || Kind <- Kinds].

call(F, Arguments) ->
    try apply(erlang, F, Arguments) of
        Value when is_reference(Value) -> reference;
        Value -> {value, Value}
    catch
        Class:Reason:Stack ->
            [{M, G, A, Info} | _] = Stack,
            {Class, Reason, M, G, A =:= Arguments, explanation(Reason, Stack, proplists:get_value(error_info, Info, none))}
    end.

explanation(_, _, none) -> none;
explanation(Reason, [{M, _, _, _} | _] = Stack, Info) ->
    Texts = (maps:get(module, Info, M)):(maps:get(function, Info, format_error))(Reason, Stack),
    [{K, unicode:characters_to_list(T)} || {K, T} <- lists:sort(maps:to_list(Texts))].
