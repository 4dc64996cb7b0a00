%% @doc The command `hanse call': one call of a borrowed function.
-module(hanse_call_cli).

-export([main/0]).

-spec main() -> pid().
main() -> hanse_cli:main(fun run/1).

usage() ->
    "usage: hanse call URL [MODULE:FUNCTION [ARGUMENTS]] --key KEY [OPTION]...\n"
    "\n"
    "Calls a function that the node at URL lends; without a function: says what it lends to this key. ARGUMENTS is a JSON array. What follows\n"
    "# in the URL is the name (thumbprint) of the node's key.\n"
    "  --key KEY          a key of this user (hanse key list), or a file with a JWK\n"
    "  --node NAME        the name of the node's key; without it the first answer is believed\n"
    "  --text             the answer as Erlang writes it\n"
    "  --timeout SECONDS  (60)\n"
    "  --passphrase-file FILE  of a sealed key; or HANSE_PASSPHRASE holds it\n"
    "docs/grants.md is the guide.\n".

run(Given) ->
    {Passphrase, Words} = hanse_cli:passphrase(Given),
    case options(Words, [], Passphrase#{accept => <<"application/json">>, timeout_ms => 60000}) of
        {[Url], #{key := _} = Options} -> ask(Url, <<"GET">>, "/", [], Options);
        {[Url, Function], #{key := _} = Options} -> put_function(Url, Function, "[]", Options);
        {[Url, Function, Arguments], #{key := _} = Options} -> put_function(Url, Function, Arguments, Options);
        help ->
            hanse_cli:print(usage()),
            halt(0);
        {error, Text} -> hanse_cli:wrong(Text);
        _ -> hanse_cli:wrong(usage())
    end.

options(["--key", Key | Words], Rest, Options) -> options(Words, Rest, Options#{key => Key});
options(["--node", Node | Words], Rest, Options) -> options(Words, Rest, Options#{node => list_to_binary(Node)});
options(["--text" | Words], Rest, Options) -> options(Words, Rest, Options#{accept => <<"text/plain">>});
options(["--timeout", Seconds | Words], Rest, Options) ->
    case string:to_integer(Seconds) of
        {Number, ""} when Number > 0, Number < 86400 -> options(Words, Rest, Options#{timeout_ms => Number * 1000});
        _ -> {error, "hanse call: --timeout expects a number of seconds"}
    end;
options([Help | _], _, _) when Help =:= "--help"; Help =:= "-h"; Help =:= "help" -> help;
options(["--" ++ _ = Word | _], _, _) -> {error, ["hanse call: there is no option ", Word, ", or its value is missing"]};
options([Word | Words], Rest, Options) -> options(Words, [Word | Rest], Options);
options([], Rest, Options) -> {lists:reverse(Rest), Options}.

put_function(Url, Function, Arguments, Options) ->
    case {string:split(Function, ":"), json_array(Arguments)} of
        {[[_ | _] = Module, [_ | _] = Name], {ok, Body}} ->
            Path = ["/apply/", uri_string:quote(Module), $/, uri_string:quote(Name)],
            ask(Url, <<"PUT">>, Path, Body, Options);
        {[_, _], error} -> hanse_cli:wrong("hanse call: expected the arguments as a JSON array, such as '[\"oslo\"]'");
        _ -> hanse_cli:wrong("hanse call: expected MODULE:FUNCTION")
    end.

json_array(Text) ->
    Bytes = unicode:characters_to_binary(Text),
    case hanse_json:decode(Bytes) of
        {ok, []} -> {ok, <<>>};
        {ok, List} when is_list(List) -> {ok, Bytes};
        _ -> error
    end.

ask(Url, Method, Path, Body, #{accept := Accept} = Options) ->
    Type = [{<<"content-type">>, <<"application/json">>} || Body =/= <<>>, Body =/= []],
    case hanse_remote:connect((maps:with([key, node, passphrase], Options))#{url => Url, sessions => false}) of
        {ok, Pid} ->
            Request = {raw, Method, Path, [{<<"accept">>, Accept} | Type], iolist_to_binary(Body), maps:get(timeout_ms, Options)},
            show(gen_server:call(Pid, Request, infinity));
        {error, Reason} -> hanse_cli:failed(["hanse call: ", hanse_remote:describe(Reason)])
    end.

show({ok, Bytes}) ->
    ok = io:setopts([{encoding, unicode}]),
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> io:put_chars([string:trim(Text, trailing, "\n"), $\n]);
        _ -> ok = file:write(standard_io, Bytes)
    end,
    halt(0);
show({error, Failure}) -> hanse_cli:failed(["hanse call: ", hanse_remote:describe(Failure)]).
