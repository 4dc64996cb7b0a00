%% What a program of tests/oracle makes use of, told by stock erl: the built-in functions that it calls, itself or through
%% OTP's modules, and the instructions that it is compiled to. Arguments: module, its .beam file, the table of built-in
%% functions, file for the result (lines "bif M:F/A" and "instruction NAME").
-module(oracle_coverage).
-export([main/1]).

main([Name, Beam, Table, Result]) ->
    Module = list_to_atom(Name),
    Bifs = read_table(Table),
    Static = imports(Beam) ++ instructions(Beam),
    [code:ensure_loaded(M) || M <- lists:usort([M || {M, _, _} <- Bifs])],
    [catch erlang:trace_pattern(Bif, true, [call_count]) || Bif <- Bifs],
    catch Module:main(),
    Called = [Bif || Bif <- Bifs, is_called(erlang:trace_info(Bif, call_count))],
    Lines = [io_lib:format("bif ~ts:~ts/~w~n", [M, F, A]) || {M, F, A} <- Called] ++ Static,
    ok = file:write_file(Result, unicode:characters_to_binary(Lines)),
    erlang:halt(0).

is_called({call_count, N}) when is_integer(N) -> N > 0;
is_called(_) -> false.

read_table(File) ->
    {ok, Text} = file:read_file(File),
    [_ | Lines] = string:split(string:trim(Text), "\n", all),
    [begin
         [_, M, F, A] = string:split(Line, "\t", all),
         {binary_to_atom(M), binary_to_atom(F), binary_to_integer(A)}
     end || Line <- Lines].

%% Guard functions are instructions, which are not counted: what the file imports.
imports(Beam) ->
    {ok, {_, [{imports, Imports}]}} = beam_lib:chunks(Beam, [imports]),
    [io_lib:format("bif ~ts:~ts/~w~n", [M, F, A]) || {M, F, A} <- Imports].

instructions(Beam) ->
    {beam_file, _, _, _, _, Functions} = beam_disasm:file(Beam),
    Names = lists:usort([name(I) || {function, _, _, _, Code} <- Functions, I <- Code]),
    [io_lib:format("instruction ~ts~n", [N]) || N <- ["int_code_end" | Names]].

name({bif, _, _, Arguments, _}) -> "bif" ++ integer_to_list(length(Arguments));
name({gc_bif, _, _, _, Arguments, _}) -> "gc_bif" ++ integer_to_list(length(Arguments));
name(Test) when element(1, Test) =:= test -> atom_to_list(element(2, Test));
name({arithfbif, Name, _, _, _}) -> atom_to_list(Name);
name(Instruction) when is_tuple(Instruction) -> atom_to_list(element(1, Instruction));
name(Instruction) -> atom_to_list(Instruction).
