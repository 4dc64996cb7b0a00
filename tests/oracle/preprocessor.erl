%% epp: macros with and without arguments, conditions, includes, stringification, predefined names, and what it complains about.
-module(preprocessor).
-export([main/0]).

main() ->
    Folder = filename:join("/tmp", "epp" ++ os:getpid()),
    ok = file:make_dir(Folder),
    ok = file:write_file(filename:join(Folder, "inc.hrl"), "-define(INCLUDED, yes).\n-record(inc, {x}).\n"),
    try [run(Folder, N, T) || {N, T} <- lists:zip(lists:seq(1, length(texts())), texts())]
    after
        [file:delete(F) || F <- filelib:wildcard(filename:join(Folder, "*"))], file:del_dir(Folder)
    end.

texts() ->
    ["-module(m).\n-define(A, 1).\n-define(B(X), {X, ?A, ??X}).\nf() -> [?A, ?B(foo), ?B(1 + 2)].\n", "-module(m).\n-include(\"inc.hrl\").\nf() -> {?INCLUDED, #inc{}}.\n",
     "-module(m).\n-ifdef(NO).\nf() -> 1.\n-else.\nf() -> 2.\n-endif.\n-ifndef(NO).\ng() -> 3.\n-endif.\n", "-module(m).\n-define(X, 1).\n-undef(X).\nf() -> ?X.\n",
     "-module(m).\nf() -> {?MODULE, ?LINE, ?MODULE_STRING, ?FUNCTION_NAME, ?FUNCTION_ARITY, ?OTP_RELEASE, ?MACHINE}.\n", "-module(m).\n-include(\"missing.hrl\").\nf() -> ok.\n",
     "-module(m).\n-define(A(X), X).\n-define(A(X, Y), {X, Y}).\nf() -> {?A(1), ?A(1, 2)}.\ng() -> ?A(1, 2, 3).\n", "-module(m).\n-if(1 > 2).\nf() -> a.\n-elif(true).\nf() -> b.\n-else.\nf() -> c.\n-endif.\n",
     "-module(m).\n-error(\"stop here\").\n-warning(\"careful\").\n", "-module(m).\n-else.\n", "-module(m).\n-ifdef(A).\nf() -> ok.\n", "-module(m).\n-define(LOOP, ?LOOP).\nf() -> ?LOOP.\n",
     "-module(m).\n-define(P(A, A), x).\n", "-module(m).\n-include_lib(\"kernel/include/file.hrl\").\nf(#file_info{size = S}) -> S.\n", "-module(m).\n-file(\"other.erl\", 100).\nf() -> ?LINE.\n",
     "%% coding: latin-1\n-module(m).\nf() -> ok.\n", "-module(m).\n-define(S, \"a\" \"b\").\nf() -> ?S \"c\".\n", "-module(m).\nf() -> ?undefined_macro(1).\ng() -> ok.\n", "-module(m).\nf( -> ok.\ng() -> ok.\n",
     "-module(m).\n-define(E(), empty).\nf() -> ?E().\n", "-module(m).\n-ifdef(DEFINED_FROM_OUTSIDE).\nf() -> ?DEFINED_FROM_OUTSIDE.\n-endif.\n"].

run(Folder, N, Text) ->
    File = filename:join(Folder, integer_to_list(N) ++ ".erl"),
    ok = file:write_file(File, Text),
    {ok, Forms} = epp:parse_file(File, [{includes, [Folder]}, {macros, [{'DEFINED_FROM_OUTSIDE', 42}]}]),
    io:format("~p~n", [N]),
    [case F of
         {error, {L, M, E}} -> io:format("  error ~p ~ts~n", [L, hidden(M:format_error(E), Folder)]);
         {warning, {L, M, E}} -> io:format("  warning ~p ~ts~n", [L, M:format_error(E)]);
         {eof, _} -> ok;
         {attribute, _, file, {Name, Line}} -> io:format("  file ~ts ~p~n", [filename:basename(Name), Line]);
         {attribute, _, record, {Name, _}} -> io:format("  record ~p~n", [Name]);
         _ -> io:format("  ~ts", [erl_pp:form(F)])
     end || F <- Forms].

hidden(Text, Folder) -> string:replace(lists:flatten(Text), Folder, "FOLDER", all).
