%% io_lib:fread and io_lib's other functions on texts.
-module(readers_of_text).
-export([main/0]).

main() ->
    [io:format("~0p ~0p -> ~0p~n", [F, T, try io_lib:fread(F, T) catch C:R -> {C, R} end])
     || {F, T} <- [{"~d", "12"}, {"~d", "-12 x"}, {"~d", "x"}, {"~d ~d", "1 2"}, {"~d", ""}, {"~f", "1.5"}, {"~f", "1"}, {"~s", "word next"}, {"~a", "atom"},
                   {"~c", "xy"}, {"~2c", "xy"}, {"~3d", "12345"}, {"~u", "7"}, {"~u", "-7"}, {"~16u", "ff"}, {"~#", "16#1f"}, {"~-", "-"}, {"~l", "abc"},
                   {"~*d ~d", "1 2"}, {"a~db", "a5b"}, {"~~", "~"}, {"~ts", "\x{e4}x"}, {"~tc", "\x{20ac}"}, {"~d,~d", "1,2"}, {" ~d", "   4"}, {"~z", "1"}]],
    io:format("~0p~n", [catch io_lib:fread([], "12 34", "~d ~d")]),
    {more, K} = io_lib:fread([], "12", "~d ~d"),
    io:format("~0p~n", [io_lib:fread(K, " 34\n", "~d ~d")]),
    [io:format("~0p~n", [try apply(io_lib, F, A) catch C:R -> {C, R} end])
     || {F, A} <- [{print, [{a, [1]}]}, {print, [[1, 2], 1, 20, 3]}, {write, [{a, [b | c], #{x => 1}}]}, {write, [lists:seq(1, 30), 5]}, {write_atom, ['a b']},
                   {write_string, ["a\"\n"]}, {write_char, [$\n]}, {write_latin1_string, [[233]]}, {write_atom_as_latin1, ['\x{20ac}']}, {char_list, ["ab"]},
                   {printable_list, ["ab\x{0}"]}, {printable_unicode_list, ["ab\x{400}"]}, {printable_latin1_list, ["ab\x{400}"]}, {deep_char_list, [["a", ["b"]]]},
                   {latin1_char_list, ["\x{400}"]}, {indentation, ["ab\ncd", 2]}, {nl, []}, {chars_length, [["ab", <<"cd">>]]}, {limit_term, [{a, b, {c, d, {e}}}, 2]},
                   {scan_format, ["~10.2f~p", [1.0, a]]}, {unscan_format, [io_lib:scan_format("~10.2f~p", [1.0, a])]}, {format_prompt, [{format, "~p> ", [1]}]}, {quote_atom_, []}], F =/= quote_atom_],
    [io:format("~0tp~n", [lists:flatten(io_lib:format("~" ++ M ++ "p", [T], [{chars_limit, L}]))]) || M <- ["", "t"], L <- [0, 5, 20, 60],
        T <- [lists:seq(1, 50), {abc, "a string of some length", [x, y, z]}, #{key => value, 17 => [1, 2, 3]}]].
