%% leex and yecc: a calculator is generated, compiled and run; grammars with mistakes are told of.
-module(parser_generators).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_parsers_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    try run(Folder) after file:del_dir_r(Folder) end.

run(Folder) ->
    File = fun(Name, Text) -> F = filename:join(Folder, Name), ok = file:write_file(F, Text), F end,
    Scanner = File("calc_scanner.xrl",
        "Definitions.\nD = [0-9]\nRules.\n{D}+ : {token, {number, TokenLine, list_to_integer(TokenChars)}}.\n"
        "{D}+\\.{D}+ : {token, {number, TokenLine, list_to_float(TokenChars)}}.\n[-+*/()] : {token, {list_to_atom(TokenChars), TokenLine}}.\n"
        "\\s+ : skip_token.\nErlang code.\n"),
    Parser = File("calc_parser.yrl",
        "Nonterminals e.\nTerminals number '+' '-' '*' '/' '(' ')'.\nRootsymbol e.\nLeft 100 '+'.\nLeft 100 '-'.\nLeft 200 '*'.\nLeft 200 '/'.\n"
        "e -> e '+' e : '$1' + '$3'.\ne -> e '-' e : '$1' - '$3'.\ne -> e '*' e : '$1' * '$3'.\ne -> e '/' e : '$1' / '$3'.\n"
        "e -> '-' e : - '$2'.\ne -> '(' e ')' : '$2'.\ne -> number : element(3, '$1').\n"),
    [begin
         {ok, Source} = Module:file(Name, [return_errors]),
         {ok, Compiled, Code} = compile:file(Source, [binary]),
         {module, Compiled} = code:load_binary(Compiled, Source, Code)
     end || {Module, Name} <- [{leex, Scanner}, {yecc, Parser}]],
    [io:format("~ts = ~0p~n", [Text, calculate(Text)]) || Text <- ["1+2*3", "(1+2)*3", "-2*-3", "10/4", "1.5*2", "7-2-1", "2*(3+", "", "1 $ 2", "1\n+\n)", "1/0"]],
    Wrong = [{leex, "a.xrl", "Rules.\n[a : skip_token.\n"}, {leex, "b.xrl", "Definitions.\nRules.\n"}, {yecc, "a.yrl", "Nonterminals e.\nTerminals a.\nRootsymbol e.\ne -> b : x.\n"},
             {yecc, "b.yrl", "Nonterminals e.\nTerminals a.\ne -> a.\n"}, {yecc, "c.yrl", "Nonterminals e f.\nTerminals a.\nRootsymbol e.\ne -> a.\ne -> f.\nf -> a.\n"}],
    [io:format("~ts: ~0p~n", [Name, tidy(Module:file(File(Name, Text), [return, {report_errors, false}, {report_warnings, false}]))]) || {Module, Name, Text} <- Wrong].

calculate(Text) ->
    case calc_scanner:string(Text) of
        {ok, Tokens, _} -> try calc_parser:parse(Tokens) of X -> X catch C:R -> {C, R} end;
        {error, {_, _, Reason}, _} -> {error, lists:flatten(calc_scanner:format_error(Reason))}
    end.

tidy({ok, _, W}) -> {ok, messages(W)};
tidy({ok, _}) -> ok;
tidy({error, E, W}) -> {error, messages(E), messages(W)}.
messages(List) -> [{filename:basename(F), [{L, lists:flatten(M:format_error(D))} || {L, M, D} <- Es]} || {F, Es} <- List].
