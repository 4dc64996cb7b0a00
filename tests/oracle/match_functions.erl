%% Match specifications: every function and operator in guards and bodies, in both dialects, with right and wrong arguments, and what is refused.
-module(match_functions).
-export([main/0]).

main() ->
    Values = [a, true, false, 0, 3, -2, 1 bsl 64, 2.5, [], [1, 2], [x | y], {}, {1, 2}, <<"ab">>, <<1:3>>, #{}, #{a => 1}, "str"],
    One = [is_atom, is_float, is_integer, is_list, is_number, is_pid, is_port, is_reference, is_tuple, is_map, is_binary, is_bitstring, is_boolean, is_function, 'not', abs, hd, tl, length, round, trunc, ceil, floor, float, size, tuple_size, map_size, byte_size, bit_size, '+', '-', 'bnot', node],
    [io:format("~w: ~w~n", [F, [{outcome(V, [{{'$1'}, [], [{F, '$1'}]}]), outcome(V, [{{'$1'}, [{F, '$1'}], [yes]}, {'_', [], [no]}])} || V <- Values]]) || F <- One],
    Two = ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bsl', 'bsr', '<', '=<', '>', '>=', '==', '/=', '=:=', '=/=', 'and', 'or', 'xor', 'andalso', 'orelse', element, is_record, map_get, is_map_key, is_function, binary_part, max, min],
    Few = [a, true, false, 0, 2, 1.5, [1], {2, 1}, #{a => 1}, <<"ab">>],
    [io:format("~w: ~w~n", [F, erlang:phash2([{outcome({V, W}, [{{{'$1', '$2'}}, [], [{F, '$1', '$2'}]}]), outcome({V, W}, [{{{'$1', '$2'}}, [{F, '$1', '$2'}], [yes]}])} || V <- Few, W <- Few])]) || F <- Two],
    [io:format("~w: ~w~n", [F, [outcome({V, W}, [{{{'$1', '$2'}}, [], [{F, '$1', '$2'}]}]) || V <- [3, a, {1, 2}, true], W <- [2, 0, b, {x, y}, false]]]) || F <- Two],
    [io:format("~w~n~w ~w~n", [S, test(S, table), test(S, trace)]) || S <- refused()],
    [io:format("~w ~w: ~w~n", [S, X, test(X, S, table)]) || {S, X} <- forms()],
    io:format("~w~n", [[ets:is_compiled_ms(X) || X <- [ets:match_spec_compile([{'_', [], [true]}]), a, make_ref(), []]]]),
    C = ets:match_spec_compile([{{'$1', '$2'}, [{'<', '$1', '$2'}], ['$$']}, {{'$1', '_'}, [], [{{'$1'}}]}]),
    io:format("~w~n", [[attempt(fun() -> ets:match_spec_run(L, C) end) || L <- [[], [{1, 2}], [{2, 1}, {1, 2}, {a}, b], [{1, 2} | x], x, [{N, 3} || N <- lists:seq(1, 6)]]]]),
    io:format("~w~n", [[attempt(fun() -> ets:match_spec_run([a], X) end) || X <- [a, [], make_ref()]]]).

outcome(V, S) -> case erlang:match_spec_test({V}, S, table) of {ok, R, [], []} -> R; {error, L} -> {error, [{K, lists:flatten(M)} || {K, M} <- L]}; O -> O end.
test(S, Kind) -> test(case Kind of table -> {1, {x, y}}; trace -> [1, {x, y}] end, S, Kind).
test(X, S, Kind) -> try erlang:match_spec_test(X, S, Kind) of {ok, R, F, W} -> {R, F, W}; {error, L} -> {error, [{K, lists:flatten(M)} || {K, M} <- L]} catch C:R -> {C, R} end.
attempt(F) -> try F() catch C:R -> {C, R} end.

refused() ->
    [[], a, [a], [{a}], [{a, b}], [{'_', [], []}], [{'_', a, [true]}], [{'_', [], a}], [{'_', [a | b], [true]}], [{'_', [], [true | x]}], [{'_', [], [true]} | x], [{'_', [{foo, 1}], [true]}], [{'_', [], [{foo, 1}]}], [{'_', [], [{}]}], [{'_', [], [{{}}]}], [{'_', [], [{{1, {2}}}]}], [{'_', [], ['$1']}], [{{'$1', '_'}, [], ['$2']}],
     [{'_', [{'+', 1}], [true]}], [{'_', [{hd}], [true]}], [{'_', [{'andalso'}], [true]}], [{'_', [{'andalso', true}], [true]}], [{'_', [{'andalso', true, true, false}], [true]}], [{'_', [{'and', true, true, true}], [true]}], [{'_', [], [{const}]}], [{'_', [], [{const, {a, b}}]}], [{'_', [], [{const, a, b}]}], [{'_', [], ['$_']}], [{'_', [], ['$$']}], [{'_', [], ['$*']}], [{'$100000', [], ['$100000']}], [{'$100000000', [], ['$100000000']}],
     [{'_', [], [{self}]}], [{'_', [], [{process_dump}]}], [{'_', [], [{caller}]}], [{'_', [], [{message, x}]}], [{'_', [], [{return_trace}]}], [{'_', [], [{exception_trace}]}], [{'_', [], [{get_tcw}]}], [{'_', [], [{set_tcw, a}]}], [{'_', [], [{enable_trace, nope}]}], [{'_', [], [{silent, x}]}], [{'_', [], [{trace, [], x}]}], [{'_', [], [{is_seq_trace}]}], [{'_', [], [{get_seq_token}]}],
     [{'_', [{self, 1}], [true]}], [{['$1' | '$2'], [], ['$2']}], [{{'$1', {'$2', '_'}}, [], [{{'$2', '$1'}}]}], [{#{}, [], [true]}], [{'_', [], [#{a => '$_'}]}], [{'_', [], [#{'$_' => 1}]}], [{"ab", [], [true]}], [{'_', [{'=:=', 1, 1.0}], [true]}], [{'_', [true, 1], [true]}], [{'_', [false], [true]}], [{'_', [[]], [true]}], [{'_', ["abc"], [true]}], [{'_', [], ["abc", <<"x">>, 1.5]}]].
forms() ->
    [{[{{'$1', '$2'}, [], [[{hd, '$1'}, '$2' | '$1']]}], {[1, 2], b}}, {[{{'$1', '$1'}, [], [same]}, {'_', [], [different]}], {1, 1.0}}, {[{{'$1', '$1'}, [], [same]}, {'_', [], [different]}], {{a, [b]}, {a, [b]}}}, {[{#{a => '$1'}, [], ['$1']}], #{a => 5, b => 6}}, {[{#{c => '$1'}, [], ['$1']}], #{a => 5, b => 6}}, {[{#{'_' => '$1'}, [], ['$1']}], #{a => 5}}, {[{{#{a => '$1'}, '$1'}, [], ['$1']}], {#{a => 5, z => 1}, 5}},
     {[{{'$1', '_'}, [{'is_record', '$1', r, 2}], [yes]}], {{r, 1}, x}}, {[{{'$1', '_'}, [{'is_record', '$1', {const, r}, 2}], [yes]}], {{r, 1}, x}}, {[{{'$1', '_'}, [{'is_record', '$1', r}], [yes]}], {{r, 1}, x}}, {[{{'$0', '$3'}, [], ['$$']}], {z, t}}, {[{{'$2', '$10', '$1'}, [], ['$$']}], {x, y, z}}, {[{{'$1'}, [{'==', {element, 1, {{'$1', 2}}}, a}], [ok]}], {a}}, {[{{'$1'}, [], [{element, {const, 9}, '$_'}]}], {a}},
     {[{{'$1'}, [{'<', {hd, '$1'}, 3}], [first]}, {{'$1'}, [], [second]}], {notalist}}, {[{{'$1'}, [{'not', {is_list, '$1'}}], [first]}, {{'$1'}, [], [second]}], {[]}}, {[{{'$1'}, [{'orelse', {is_atom, '$1'}, {hd, '$1'}}], [y]}], {b}}, {[{{'$1'}, [{'or', {is_atom, '$1'}, {hd, '$1'}}], [y]}, {'_', [], [n]}], {b}}, {[{{'$1'}, [], [{'+', {'*', '$1', 1 bsl 62}, 1}]}], {1 bsl 62}}, {[{{'$1'}, [], [{'/', '$1', 0}]}], {1}}, {[{{"ab", '$1'}, [], ['$1']}], {"ab", 1}}, {[{{1.0, '$1'}, [], ['$1']}], {1, 1}}, {[{{<<"x">>, '$1'}, [], ['$1']}], {<<"x">>, 1}}].
