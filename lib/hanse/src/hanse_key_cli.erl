%% @doc The command `hanse key'.
-module(hanse_key_cli).

-export([main/0]).

-define(COMMANDS, [new, show, list, import, export, help]).

-spec main() -> pid().
main() -> hanse_cli:main(fun run/1).

run([]) -> hanse_cli:wrong(usage());
run([Help | _]) when Help =:= "help"; Help =:= "--help"; Help =:= "-h" -> done(usage());
run(Words) ->
    {Options, Rest} = hanse_cli:passphrase(Words),
    run(Rest, Options).

run(["new", Name], Options) -> told(hanse_key:new(Name, Options), "made");
run(["list"], _) ->
    Rows = [[Name, Thumbprint, kind(Key)] || #{name := Name, thumbprint := Thumbprint} = Key <- lists:sort(hanse_key:list())],
    done(hanse_show:table([["NAME", "THUMBPRINT", "PRIVATE"] | Rows]));
run(["show", Name], _) -> found(Name, #{}, fun(#{public := Public}) -> hanse_key:encode(hanse_key:jwk(Public)) end);
run(["import", File, Name], _) -> told(hanse_key:import(File, Name), "taken");
run(["export", Name], _) -> found(Name, #{}, fun(#{public := Public}) -> hanse_key:encode(hanse_key:jwk(Public)) end);
run(["export", Name, "--private"], Options) -> found(Name, Options, fun(Key) -> hanse_key:encode(hanse_key:private_jwk(Key)) end);
run([Word | _], _) -> hanse_cli:unknown("key", Word, ?COMMANDS).

kind(#{seed := none}) -> "no";
kind(#{seed := {sealed, _}}) -> "sealed";
kind(_) -> "yes".

told({ok, #{name := Name, thumbprint := Thumbprint} = Key}, What) ->
    {ok, Path} = hanse_key:file(Key),
    done([Name, " ", Thumbprint, " (", What, ": ", Path, ")\n"]);
told({error, Text}, _) -> hanse_cli:failed(["hanse key: ", Text]).

found(Name, Options, Show) ->
    case hanse_key:find(Name, Options) of
        {ok, Key} -> done(Show(Key));
        {error, Text} -> hanse_cli:failed(["hanse key: ", Text])
    end.

done(Text) ->
    hanse_cli:print(Text),
    halt(0).

usage() ->
    "usage: hanse key new NAME               makes a key pair; its file is only yours (HANSE_HOME/keys/NAME.jwk)\n"
    "       hanse key list\n"
    "       hanse key show KEY               its public half, as JWK; KEY is a name, a thumbprint or a file\n"
    "       hanse key import FILE NAME       takes a key, or somebody's public key, under a name of yours\n"
    "       hanse key export KEY [--private] prints it, to be given away\n"
    "\n"
    "With HANSE_PASSPHRASE or --passphrase-file FILE, new seals the private half with it, and export --private opens it.\n".
