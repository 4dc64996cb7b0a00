%% Code as assembly: listed by the compiler, read again, changed by hand, refused by its validator, disassembled from files.
-module(assembly_code).
-export([main/0]).

% Listings are written to the current folder.
main() ->
    Folder = "/tmp/hanse_assembly_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    {ok, Before} = file:get_cwd(),
    ok = file:set_cwd(Folder),
    try run() after file:set_cwd(Before), file:del_dir_r(Folder) end.

run() ->
    [there_and_back(S) || S <- sources()],
    [validated(Is) || Is <- wrong()],
    by_hand(),
    disassembled().

sources() ->
    ["f(X) -> X + 1.", "f({a, X}) -> X; f([X | _]) -> X; f(_) -> none.", "f(X) -> try hd(X) catch error:E -> E end.", "f(X) -> receive X -> ok after 0 -> late end.",
     "f(<<A:3, B/bitstring>>) -> {A, B}; f(_) -> no.", "f(#{a := A} = M) -> M#{b => A}; f(M) -> #{m => M}.", "f(X) when is_float(X) -> X * 2.0 + 1.5; f(X) -> X.", "f(X) -> fun() -> X end().",
     "f(1) -> a; f(2) -> b; f(3) -> c; f(100) -> d; f(a) -> 1; f(b) -> 2; f(_) -> z.", "f(X) -> [Y || Y <- X, Y > 1] ++ X."].

form(S) -> {ok, T, _} = erl_scan:string(S), {ok, F} = erl_parse:parse_form(T), F.
forms(S) -> [{attribute, 1, module, m}, {attribute, 1, export, [{f, 1}]}, form(S)].

there_and_back(S) ->
    {ok, m, Asm} = compile:forms(forms(S), ['S']),
    {ok, m, Straight} = compile:forms(forms(S), []),
    {ok, m, Code} = compile:forms(Asm, [from_asm]),
    {module, m} = code:load_binary(m, "m", Code),
    Listing = lists:flatten(io_lib:format("~p", [Asm])),
    io:format("~s~n~w ~w ~w~n~0p~n", [S, erlang:phash2(Listing), chunk("Code", Straight) =:= chunk("Code", Code), erlang:phash2(chunk("Code", Code)),
        [try m:f(A) of R when is_function(R) -> function; R -> R catch C:E -> {C, E} end || A <- [1, {a, 2}, [3, 4], <<5, 6>>, #{a => 7}, 1.5, a, []]]]),
    code:delete(m), code:purge(m).

chunk(Name, Code) -> {ok, {_, [{_, C}]}} = beam_lib:chunks(Code, [Name]), C.

module_of(Is) -> {m, [{f, 1}], [], [{function, f, 1, 2, [{label, 1}, {func_info, {atom, m}, {atom, f}, 1}, {label, 2} | Is]}], 10}.

%% What beam_validator finds.
wrong() ->
    [[return], [{move, {x, 1}, {x, 0}}, return], [{allocate, 1, 1}, {move, {x, 0}, {y, 0}}, return], [{allocate, 1, 1}, {call, 1, {m, f, 1}}, {deallocate, 1}, return],
     [{get_hd, {x, 0}, {x, 1}}, return], [{test, is_nonempty_list, {f, 1}, [{x, 0}]}, {get_hd, {x, 0}, {x, 0}}, return], [{get_tuple_element, {x, 0}, 0, {x, 0}}, return],
     [{test, is_tuple, {f, 1}, [{x, 0}]}, {get_tuple_element, {x, 0}, 0, {x, 0}}, return], [{test, test_arity, {f, 1}, [{x, 0}, 1]}, return],
     [{test, is_tuple, {f, 1}, [{x, 0}]}, {test, test_arity, {f, 1}, [{x, 0}, 2]}, {get_tuple_element, {x, 0}, 2, {x, 0}}, return], [{jump, {f, 9}}], [{move, {x, 0}, {x, 1}}],
     [{allocate, 1, 1}, {'try', {y, 0}, {f, 3}}, {try_end, {y, 0}}, {deallocate, 1}, return], [{allocate, 0, 1}, {allocate, 0, 1}], [{deallocate, 1}, return], [{put_list, {x, 0}, {x, 0}, {x, 0}}, return],
     [{test_heap, 2, 1}, {put_list, {x, 0}, {x, 0}, {x, 0}}, return], [{test_heap, 2, 1}, {put_list, {x, 0}, {x, 0}, {x, 0}}, {put_list, {x, 0}, {x, 0}, {x, 0}}, return], [{test_heap, 2, 3}, return],
     [{bs_get_tail, {x, 0}, {x, 0}, 1}, return], [{call_ext_last, 1, {extfunc, m, f, 1}, 1}], [{fmove, {fr, 0}, {x, 0}}, return], [{bif, self, {f, 0}, [], {x, 0}}, return], [{bif, element, {f, 0}, [{integer, 1}], {x, 0}}, return],
     [{gc_bif, '+', {f, 0}, 1, [{x, 0}, {integer, 1}], {x, 0}}, return], [{init_yregs, {list, [{y, 0}]}}, return], [{loop_rec, {f, 1}, {x, 0}}, return], [{raise, {f, 0}, [{x, 0}, {x, 0}], {x, 0}}], [{swap, {x, 0}, {x, 5}}, return],
     [{select_val, {x, 0}, {f, 1}, {list, [{atom, a}, {f, 2}]}}], [{select_val, {x, 0}, {f, 1}, {list, [{atom, a}, {f, 7}]}}], [{case_end, {x, 3}}], [nonsense], [{label, 2}, return]].

validated(Is) ->
    Answer = try compile:forms(module_of(Is), [from_asm, return]) of
                 {ok, m, Code, _} -> {ok, byte_size(chunk("Code", Code))};
                 error -> refused;
                 {error, Es, _} -> [lists:flatten(M:format_error(D)) || {_, L} <- Es, {_, M, D} <- [case E of {A, B} -> {none, A, B}; E -> E end || E <- L]]
             catch C:R -> {C, case R of _ when is_tuple(R) -> element(1, R); _ -> R end}
             end,
    io:format("~0p~n~0p~n", [Is, Answer]).

%% A loop written by hand, with registers and a frame.
by_hand() ->
    Module = {m, [{f, 1}, {g, 2}, {h, 1}], [],
              [{function, f, 1, 2, [{label, 1}, {func_info, {atom, m}, {atom, f}, 1}, {label, 2}, {move, {integer, 0}, {x, 1}}, {call_only, 2, {f, 4}}]},
               {function, g, 2, 4, [{label, 3}, {func_info, {atom, m}, {atom, g}, 2}, {label, 4}, {test, is_nonempty_list, {f, 5}, [{x, 0}]}, {get_list, {x, 0}, {x, 2}, {x, 0}},
                                    {gc_bif, '+', {f, 0}, 3, [{x, 1}, {x, 2}], {x, 1}}, {call_only, 2, {f, 4}}, {label, 5}, {test, is_nil, {f, 3}, [{x, 0}]}, {move, {x, 1}, {x, 0}}, return]},
               {function, h, 1, 7, [{label, 6}, {func_info, {atom, m}, {atom, h}, 1}, {label, 7}, {allocate, 2, 1}, {move, {x, 0}, {y, 1}}, {'catch', {y, 0}, {f, 8}}, {call, 1, {f, 2}}, {label, 8}, {catch_end, {y, 0}},
                                    {test_heap, 3, 1}, {put_tuple2, {x, 0}, {list, [{y, 1}, {x, 0}]}}, {deallocate, 2}, return]}], 9},
    {ok, m, Code} = compile:forms(Module, [from_asm]),
    {module, m} = code:load_binary(m, "m", Code),
    io:format("~0p~n", [[m:f([1, 2, 3]), m:f([]), m:f([1.5, 1 bsl 62]), try m:f([1 | a]) catch error:E -> E end, try m:f([a]) catch error:E2 -> E2 end, m:h([4, 5]), element(1, m:h([4])), case m:h(x) of {x, {'EXIT', {R, _}}} -> R end]]),
    code:delete(m), code:purge(m).

disassembled() ->
    [begin
         {beam_file, M, Exports, Attributes, _, Code} = beam_disasm:file(code:which(M)),
         Names = lists:usort([case I of _ when is_tuple(I) -> element(1, I); _ -> I end || {function, _, _, _, Is} <- Code, I <- Is]),
         io:format("~w ~w ~w ~w~n~w~n", [M, length(Exports), proplists:is_defined(vsn, Attributes), erlang:phash2(Code), Names])
     end || M <- [gb_sets, erl_bits, base64]],
    io:format("~0p~n", [[case beam_disasm:file(F) of {error, _, R} -> R; R -> element(1, R) end || F <- ["/nothing/here.beam", <<"no beam">>, <<>>]]]).
