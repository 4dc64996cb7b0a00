%% Atoms: of any script, of all lengths, as text, as external terms, in order; what is none.
-module(atoms_of_all_kinds).
-export([main/0]).

main() ->
    Atoms = [a, 'A', '', 'a b', 'ä', 'Ä', 'ſ', 'Ω', 'я', '中文', '🙂', 'a@b', 'a.b', '1a', a1, '_x', x_, 'if', 'maybe', '\n', '\'', '\\', '"', 'a\x{0}b', '\x{7f}', '\x{80}', '\x{ff}', '\x{100}', 'andalso', 'é', 'e\x{301}'],
    [show(A, {atom_to_list(A), atom_to_binary(A), atom_length(A), byte_size(term_to_binary(A))}) || A <- Atoms],
    show(printed, [io_lib:format(F, [A]) || A <- Atoms, F <- ["~w", "~tw", "~p", "~tp", "~s", "~ts", "~10w|"], F =/= "~s" orelse lists:all(fun(C) -> C < 256 end, atom_to_list(A))]),
    show(written, [lists:flatten(io_lib:write_atom(A)) || A <- Atoms]),
    show(written_latin1, [lists:flatten(io_lib:write_atom_as_latin1(A)) || A <- Atoms]),
    show(scanned, [erl_scan:string(T) || T <- ["'a b'", "'\\x{4e2d}'", "a@b.", "'unclosed", "ä", "Ä", "'\\n\\t\\e'", "'a\nb'", "aÿ", "a中", "'中'"]]),
    show(sorted, lists:sort(Atoms)),
    show(compared, [{A, B, A < B, A == B} || {A, B} <- [{a, 'A'}, {'', a}, {'ä', z}, {'中', '🙂'}, {a, a}, {'é', 'e\x{301}'}, {ab, a}]]),
    show(lengths, [length_of(N, C) || N <- [0, 1, 127, 128, 254, 255, 256, 1000], C <- [$a, 16#e4, 16#4e2d, 16#1f642]]),
    show(binary_lengths, [try atom_length(binary_to_atom(unicode:characters_to_binary(lists:duplicate(N, C)))) catch X:R -> {X, R} end || N <- [255, 256], C <- [$a, 16#e4, 16#4e2d, 16#1f642]]),
    show(wrong_lists, [try list_to_atom(L) catch C:R -> {C, R} end || L <- [x, [a], [-1], [16#110000], [16#d800], "a" ++ b, [1.0], <<"a">>, [[$a]], [16#10ffff]]]),
    show(wrong_binaries, [try binary_to_atom(B, E) catch C:R -> {C, R} end || {B, E} <- [{<<255>>, utf8}, {<<255>>, latin1}, {<<"a">>, nonsense}, {"a", utf8}, {<<1:7>>, utf8}, {<<16#ed, 16#a0, 16#80>>, utf8},
                                                                                        {<<16#c0, 16#80>>, utf8}, {<<16#f4, 16#90, 16#80, 16#80>>, utf8}, {<<"ok">>, unicode}, {<<>>, utf8}]]),
    show(existing, [try F(T) catch C:R -> {C, R} end || {F, T} <- [{fun list_to_existing_atom/1, "lists"}, {fun list_to_existing_atom/1, "never seen " ++ "before 1"}, {fun binary_to_existing_atom/1, <<"maps">>},
                                                                {fun binary_to_existing_atom/1, <<"never seen ", "before 2">>}, {fun list_to_existing_atom/1, [300, 301, 302, 999]}, {fun list_to_existing_atom/1, x}]]),
    show(encodings, [{E, try atom_to_binary(A, E) catch C:R -> {C, R} end} || A <- ['ä', '中', abc], E <- [latin1, utf8, unicode, x]]),
    show(external, [term_to_binary(A, [{minor_version, V}]) || A <- [a, 'ä', '中', ''], V <- [0, 1, 2]]),
    show(old_forms, [binary_to_term(B) || B <- [<<131, 100, 0, 1, $a>>, <<131, 115, 1, $a>>, <<131, 118, 0, 2, 195, 164>>, <<131, 119, 2, 195, 164>>, <<131, 100, 0, 1, 228>>]]),
    show(bad_external, [try binary_to_term(B) catch C:R -> {C, R} end || B <- [<<131, 118, 0, 1, 255>>, <<131, 119, 5, $a>>, <<131, 119, 1>>, <<131, 100, 1, 0, 0:2048>>, <<131, 118, 4, 0, 0:8192>>]]),
    show(safe, [try binary_to_term(B, [safe]) catch C:R -> {C, R} end || B <- [<<131, 119, 5, "lists">>, <<131, 119, 9, "neverseen3">>, <<131, 119, 10, "neverseen3">>]]),
    show(in_maps, [maps:get(A, maps:from_list([{B, N} || {N, B} <- lists:enumerate(Atoms)])) || A <- Atoms]),
    show(unicode_calls, [try apply(list_to_atom([20013]), f, []) catch error:R -> R end]),
    show(same, [list_to_atom(atom_to_list(A)) =:= A andalso binary_to_atom(atom_to_binary(A)) =:= A andalso binary_to_term(term_to_binary(A)) =:= A || A <- Atoms]),
    show(hashes, [{erlang:phash2(A), erlang:phash2(A, 1000)} || A <- Atoms]),
    show(from_parts, [list_to_atom(lists:concat(L)) || L <- [[a, 1], [a, "b", 1.5], ['x y', 2]]]),
    show(is_atom, [is_atom(T) || T <- [a, "a", <<"a">>, true, [], undefined, 1]]),
    show(counts, begin B = erlang:system_info(atom_count), lists:foreach(fun(I) -> list_to_atom("fresh_atom_" ++ integer_to_list(I)) end, lists:seq(1, 100)), erlang:system_info(atom_count) - B end).

atom_length(A) -> length(atom_to_list(A)).

length_of(N, C) -> try atom_length(list_to_atom(lists:duplicate(N, C))) catch X:R -> {X, R} end.

show(What, Value) -> io:format("~tw: ~tp~n", [What, Value]).
