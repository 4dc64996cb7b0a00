%% @doc The command `hanse grant'. It changes the file of grants itself, and tells a gateway that runs.
-module(hanse_grant_cli).

-export([main/0]).

-define(COMMANDS, [add, list, show, edit, revoke, options, help]).

-spec main() -> pid().
main() -> hanse_cli:main(fun run/1).

run([]) -> hanse_cli:wrong(usage());
run([Help | _]) when Help =:= "help"; Help =:= "--help"; Help =:= "-h" -> done(usage());
run(["options"]) -> done(unicode:characters_to_list(hanse_grant_options:describe()));
run(Words) ->
    {Gateway, Rest} = hanse_cli:flag("--gateway", Words, "default"),
    command(Rest, Gateway).

command(["add" | Words], Gateway) ->
    case options(Words) of
        #{to := _, allow := _} = Options ->
            case hanse_grant:add(Options) of
                {ok, #{id := Id, key := Key, name := Name}} ->
                    hanse_cli:print([io_lib:format("grant ~b for ~ts", [Id, Key]), case Name of none -> ""; _ -> [" (", Name, ")"] end, "\n"]),
                    case Options of
                        #{to := "new:" ++ New} ->
                            {ok, File} = hanse_key:file(#{name => New}),
                            hanse_cli:print(["the key to hand over: ", File, "\n"]);
                        _ -> ok
                    end,
                    told(Gateway, [Id]);
                {error, Text} -> failed(Text)
            end;
        #{to := _} -> failed("whom does it lend what? --allow MODULE:FUNCTION/ARITY is missing");
        _ -> failed("whose grant is it? --to KEY is missing")
    end;
command(["list"], _) -> list(fun(Grant) -> hanse_grant:state(Grant) =:= active end);
command(["list", "--all"], _) -> list(fun(_) -> true end);
command(["show", Id], _) ->
    case hanse_grant:show(number(Id)) of
        {ok, Grant} -> done(show(Grant));
        {error, Text} -> failed(Text)
    end;
command(["edit", Id | [_ | _] = Words], Gateway) ->
    case hanse_grant:edit(number(Id), options(Words)) of
        {ok, Grant} ->
            hanse_cli:print(show(Grant)),
            told(Gateway, [number(Id)]);
        {error, Text} -> failed(Text)
    end;
command(["revoke", What], Gateway) ->
    Given = case string:to_integer(What) of {Number, ""} -> Number; _ -> What end,
    case hanse_grant:revoke(Given) of
        {ok, []} -> failed("there was nothing left to revoke");
        {ok, Grants} ->
            hanse_cli:print([io_lib:format("grant ~b is revoked~n", [Id]) || #{id := Id} <- Grants]),
            told(Gateway, []);
        {error, Text} -> failed(Text)
    end;
command([Word | _], _) -> hanse_cli:unknown("grant", Word, ?COMMANDS).

options(Words) -> case hanse_grant_options:words(Words) of {ok, Options} -> Options; {error, Text} -> failed(Text) end.

number(Text) ->
    case string:to_integer(Text) of
        {Number, ""} -> Number;
        _ -> hanse_cli:wrong(["expected the number of a grant, got ", Text])
    end.

%% The gateway may not run; if it does, it says what it cannot serve.
told(Gateway, Ids) ->
    _ = hanse_gateway_control:ask(Gateway, ["reload" | [integer_to_list(Id) || Id <- Ids]], fun hanse_cli:print/1),
    halt(0).

list(Wanted) ->
    case hanse_grant:list() of
        {ok, Grants} ->
            done(hanse_show:table([["GRANT", "FOR", "STATE", "FUNCTIONS", "RATE", "EXPIRES", "NOTE"]
                                   | [row(Grant) || Grant <- Grants, Wanted(Grant)]]));
        {error, Text} -> failed(Text)
    end.

row(#{id := Id, key := Key, name := Name, options := #{expires := Expires, note := Note} = Options} = Grant) ->
    [integer_to_list(Id), case Name of none -> binary:part(Key, 0, 8); _ -> Name end, atom_to_list(hanse_grant:state(Grant)) | 
     [hanse_grant_options:show(Key1, maps:get(Key1, Options)) || Key1 <- [allow, rate]]] ++ [hanse_grant_options:show(expires, Expires), Note].

show(#{id := Id, key := Key, name := Name, created := Created, changed := Changed, options := Options} = Grant) ->
    Rows = [["grant", integer_to_list(Id)], ["state", atom_to_list(hanse_grant:state(Grant))], ["for", [Key, case Name of none -> ""; _ -> [" (", Name, ")"] end]],
            ["created", time(Created)], ["changed", time(Changed)]]
           ++ [[atom_to_list(Option), hanse_grant_options:show(Option, maps:get(Option, Options))]
               || {Option, _, _, _} <- hanse_grant_options:table(), is_map_key(Option, Options)],
    hanse_show:table(Rows).

time(Second) -> calendar:system_time_to_rfc3339(Second, [{offset, "Z"}]).

failed(Text) -> hanse_cli:failed(["hanse grant: ", Text]).

done(Text) ->
    hanse_cli:print(Text),
    halt(0).

usage() ->
    "usage: hanse grant add --to KEY --allow FUNCTION [--OPTION VALUE]...\n"
    "                                     lends; KEY is a name (hanse key list), a thumbprint or a file; new:NAME makes one\n"
    "       hanse grant list [--all]      those that count; with --all those that are over as well\n"
    "       hanse grant show ID\n"
    "       hanse grant edit ID --OPTION VALUE...\n"
    "       hanse grant revoke ID|KEY     from now on, calls that run included; with a key all of its grants\n"
    "       hanse grant options           what can be said of a grant\n"
    "\n"
    "A FUNCTION is weather:today/1, with patterns for its arguments shop:order(text:40, 1..10) or door:open(\"front\" | \"back\"),\n"
    "and with a name for the outside weather:today/1 as forecast:now; --allow may be said several times. Patterns are any, text, text:BYTES,\n"
    "integer, number, boolean, list, list:LENGTH, map, pid, FROM..TO and values. --gateway NAME is for several gateways of one user.\n"
    "docs/grants.md is the guide.\n".
