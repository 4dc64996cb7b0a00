%% Native functions of binary, maps, lists, string, unicode, re, math, os, atomics, counters and persistent_term: combinations of
%% right and wrong arguments, with the explanation that the shell would print.
-module(bad_arguments_of_modules).
-export([main/0]).

main() ->
    Bits = [a, 0, <<>>, <<"abcab">>, <<5:3>>, [], [<<"a">>]],
    [each(binary, F, [[X] || X <- Bits]) || F <- [at, bin_to_list, compile_pattern, copy, decode_unsigned, encode_unsigned, first, last, list_to_bin, longest_common_prefix, longest_common_suffix, referenced_byte_size]],
    Pairs = [a, -1, 0, 1, 7, 1 bsl 64, <<>>, <<"b">>, <<"abcab">>, <<5:3>>, [], [<<"a">>, <<"c">>], [<<>>], [a | b], {0, 1}, {5, -2}, {6, 1}, {a, 1}, big, little],
    [each(binary, F, [[X, Y] || X <- [a, 5, <<>>, <<"abcab">>, <<5:3>>], Y <- Pairs]) || F <- [at, bin_to_list, copy, decode_unsigned, encode_unsigned, match, matches, part, split]],
    Options = [a, [], [global], [{scope, {0, 2}}], [{scope, {9, 2}}], [{scope, {2, -2}}], [trim, global], [trim_all], [x], [global | y]],
    [each(binary, F, [[X, Y, Z] || X <- [a, <<"abcab">>, <<5:3>>], Y <- [b, <<>>, <<"b">>, [<<"a">>, <<"bc">>]], Z <- Options]) || F <- [match, matches, split]],
    Maps = [a, #{}, #{a => 1}, [], [{a, 2}], [{a, 2} | b], [x], {a, 1, none}],
    [each(maps, F, [[X] || X <- Maps]) || F <- [from_list, keys, values, to_list, size, iterator, next]],
    [each(maps, F, [[X, Y] || X <- Maps, Y <- Maps]) || F <- [get, find, is_key, merge, remove, take, with, without, intersect, from_keys]],
    [each(maps, F, [[X, Y, Z] || X <- [a, b], Y <- [1, #{}], Z <- Maps]) || F <- [put, update, get]],
    Lists = [a, 0, 1, -1, [], [a], [{a, 1}, {b}], [{b, 2}, {a, 1} | c], {a, 1}],
    [each(lists, F, [[X, Y] || X <- Lists, Y <- Lists]) || F <- [member, reverse, append, subtract, delete, nth, nthtail, sublist, split, duplicate, zip]],
    [each(lists, F, [[X, Y, Z] || X <- [a, 1], Y <- [a, 0, 1, 2, 1 bsl 64], Z <- Lists]) || F <- [keymember, keyfind, keysearch, keydelete, keytake]],
    [each(lists, F, [[X] || X <- Lists]) || F <- [reverse, max, min, sum, last, append, concat, flatlength, usort]],
    Numbers = [a, 0, 1, -1, 0.0, -2.5, 1.0e308, 1 bsl 2000, [], 710],
    [each(math, F, [[X] || X <- Numbers]) || F <- [sqrt, log, log2, log10, exp, acos, asin, acosh, atanh, cosh, ceil, floor, sin, tan, erf, erfc]],
    [each(math, F, [[X, Y] || X <- Numbers, Y <- Numbers]) || F <- [pow, atan2, fmod]],
    Chars = [a, "abc", [300], [-1], [16#d800], <<"ab">>, <<255>>, <<195>>, <<1:3>>, ["a" | <<"b">>], ["a" | b], utf8, latin1, {utf16, little}, unknown],
    [each(unicode, F, [[X] || X <- Chars]) || F <- [characters_to_list, characters_to_binary, characters_to_nfc_list, bom_to_encoding]],
    [each(unicode, F, [[X, Y] || X <- Chars, Y <- [latin1, utf8, {utf32, big}, unknown, 1]]) || F <- [characters_to_list, characters_to_binary]],
    [each(re, F, [[X, Y] || X <- ["ab", a, [300], <<255>>], Y <- ["(b)", "(", <<"b">>, a, {re_pattern, 1}, [{x}], [unicode], [caseless], [bad]]]) || F <- [run, compile]],
    [each(os, F, [[X] || X <- [a, "", [0], "a=b", "HANSE_NO_SUCH", <<"x">>, 1, [a]]]) || F <- [getenv, unsetenv, find_executable, set_signal]],
    each(os, putenv, [[X, Y] || X <- [a, "", [0], "a=b", "HANSE_SUCH"], Y <- [a, "", [0], "x", <<"x">>]]), os:unsetenv("HANSE_SUCH"),
    [each(atomics, F, [A || A <- [[a], [0], [-1], [2, []], [1 bsl 70, []], [2, [{signed, a}]], [2, [{signed, false}]], [2, [x | y]], [2, a]]]) || F <- [new]],
    each(counters, new, [[0, []], [a, []], [1, [x]], [1, a], [-1, [atomics]], [1, [write_concurrency]], [1 bsl 70, []]]),
    [each(persistent_term, F, [[X] || X <- [no_such_term, [], 1]]) || F <- [get, erase]],
    [each(erts_debug, F, [[X] || X <- [a, [1], #{}, <<1:3>>]]) || F <- [size, flat_size]],
    ok.

each(M, F, Calls) ->
    Outcomes = [{call(M, F, Arguments), Arguments} || Arguments <- Calls, erlang:function_exported(M, F, length(Arguments)) orelse code:ensure_loaded(M) =/= {module, M}],
    Kinds = lists:usort([O || {O, _} <- Outcomes]),
    io:format("~w:~w ~w~n", [M, F, length(Outcomes)]),
    [io:format("  ~0tp: ~0tp~n", [Kind, [A || {O, A} <- Outcomes, O =:= Kind]]) || Kind <- Kinds].

call(M, F, Arguments) ->
    try apply(M, F, Arguments) of
        Value when is_reference(Value); is_function(Value) -> identity;
        {ok, {re_pattern, _, _, _, _}} -> pattern;
        {Kind, Value} when is_reference(Value) -> Kind;
        Value -> {value, Value}
    catch
        Class:Reason:Stack ->
            [{G, H, A, Info} | _] = Stack,
            {Class, Reason, G, H, A =:= Arguments, explanation(Reason, Stack, proplists:get_value(error_info, Info, none))}
    end.

explanation(_, _, none) -> none;
explanation(Reason, [{M, _, _, _} | _] = Stack, Info) ->
    try (maps:get(module, Info, M)):(maps:get(function, Info, format_error))(Reason, Stack) of
        Texts -> [{K, unicode:characters_to_list(T)} || {K, T} <- lists:sort(maps:to_list(Texts))]
    catch C:R -> {C, R} end.
