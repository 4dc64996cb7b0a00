%% The compiler over modules of OTP itself, from the abstract code that they carry: the same bytes in every chunk, with the options that
%% change most, and from older sets of instructions.
-module(compiler_own_modules).
-export([main/0]).

% Listings are written to the current folder.
main() ->
    Folder = "/tmp/hanse_compiled_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    {ok, Before} = file:get_cwd(),
    ok = file:set_cwd(Folder),
    try run() after file:set_cwd(Before), file:del_dir_r(Folder) end.

run() ->
    [chunks(M, []) || M <- [gb_trees, queue, erl_posix_msg, proplists, random]],
    [chunks(M, Options) || {M, Options} <- [{orddict, [no_ssa_opt]}, {orddict, [inline]}, {random, [r22]},
                                            {erl_posix_msg, [r23, no_bsm_opt]}, {erl_anno, [r24, debug_info]}, {erl_bits, [no_copt, no_postopt]}, {queue, [deterministic, no_line_info]},
                                            {random, [{inline, [{uniform_s, 2}]}, compressed]}, {erl_anno, ['P']}, {erl_anno, ['E']}, {queue, [to_core]}, {queue, ['S']}]].

chunks(M, Options) ->
    {ok, {M, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(code:which(M), [abstract_code]),
    case compile:forms(Forms, [return | Options]) of
        {ok, M, Code, Warnings} when is_binary(Code) ->
            {ok, M, Chunks} = beam_lib:all_chunks(Code),
            io:format("~w ~0p ~w ~w~n", [M, Options, length(Warnings), [{list_to_atom(N), byte_size(C), erlang:phash2(C)} || {N, C} <- Chunks, N =/= "CInf"]]);
        {ok, M, Other, Warnings} ->
            io:format("~w ~0p ~w ~w~n", [M, Options, length(Warnings), erlang:phash2(io_lib:format("~p", [Other]))]);
        Other -> io:format("~w ~0p ~w~n", [M, Options, element(1, Other)])
    end.
