%% @doc The command `hanse audit'.
-module(hanse_audit_cli).

-export([main/0]).

-define(FOLLOW_MS, 300).

-spec main() -> pid().
main() -> hanse_cli:main(fun run/1).

run([Help | _]) when Help =:= "help"; Help =:= "--help"; Help =:= "-h" ->
    hanse_cli:print(usage()),
    halt(0);
run(Words) -> run(Words, #{}, fun table/1).

run(["--key", Key | Words], Options, Show) -> run(Words, Options#{key => key(Key)}, Show);
run(["--since", Since | Words], Options, Show) ->
    case hanse_grant_options:span(Since) of
        {ok, Ms} -> run(Words, Options#{since => erlang:system_time(millisecond) - Ms}, Show);
        error -> hanse_cli:wrong(["--since: expected a time like 1h, got ", Since])
    end;
run([Option, Number | Words], Options, Show) when Option =:= "--grant"; Option =:= "--status"; Option =:= "--limit" ->
    case string:to_integer(Number) of
        {Value, ""} -> run(Words, Options#{list_to_existing_atom(tl(tl(Option))) => Value}, Show);
        _ -> hanse_cli:wrong([Option, ": expected a number, got ", Number])
    end;
run(["--tracking", Tracking | Words], Options, Show) -> run(Words, Options#{tracking => unicode:characters_to_binary(Tracking)}, Show);
run(["--what", What | Words], Options, Show) -> run(Words, Options#{what => unicode:characters_to_binary(What)}, Show);
run(["--json" | Words], Options, _) -> run(Words, Options, fun json/1);
run(["--follow"], _, Show) ->
    case hanse_audit:follow(newest) of
        {ok, Last, _} -> follow(Last, Show);
        {error, Text} -> hanse_cli:failed(["hanse audit: ", Text])
    end;
run([], Options, Show) ->
    case hanse_audit:query(Options) of
        {ok, Rows} ->
            hanse_cli:print(Show(Rows)),
            halt(0);
        {error, Text} -> hanse_cli:failed(["hanse audit: ", Text])
    end;
run([Word | _], _, _) ->
    Known = ["--key", "--since", "--grant", "--status", "--what", "--tracking", "--limit", "--json", "--follow"],
    case lists:member(Word, Known) of
        true -> hanse_cli:wrong(["hanse audit ", Word, ": its value is missing"]);
        false ->
            hanse_cli:wrong(["hanse audit: there is no option ", Word,
                             case hanse_options:nearest(Word, Known) of none -> ""; Near -> ["; did you mean ", Near, "?"] end])
    end.

%% Names of keys are those of files, or of grants.
key(Given) ->
    Text = unicode:characters_to_binary(Given),
    case hanse_key:find(Given) of
        {ok, #{thumbprint := Thumbprint}} -> Thumbprint;
        {error, _} ->
            case hanse_grant:list() of
                {ok, Grants} -> hd([Thumbprint || #{key := Thumbprint, name := Name} <- Grants, Name =:= Text] ++ [Text]);
                {error, _} -> Text
            end
    end.

follow(Last, Show) ->
    timer:sleep(?FOLLOW_MS),
    case hanse_audit:follow(Last) of
        {ok, Next, Rows} ->
            Rows =:= [] orelse hanse_cli:print(Show(Rows)),
            follow(Next, Show);
        {error, Text} -> hanse_cli:failed(["hanse audit: ", Text])
    end.

json(Rows) -> [[hanse_json:encode(Row), $\n] || Row <- Rows].

table(Rows) ->
    Names = names(),
    hanse_show:table([["TIME", "WHAT", "STATUS", "KEY", "GRANT", "FUNCTION", "US", "REDUCTIONS", "MEMORY", "TRACKING", "DETAIL"] | [row(Row, Names) || Row <- Rows]]).

row(#{at := At, what := What, status := Status, key := Key, grant := Grant, function := Function, microseconds := Us, reductions := Reductions,
      memory := Memory, tracking := Tracking, detail := Detail, count := Count}, Names) ->
    [calendar:system_time_to_rfc3339(At, [{unit, millisecond}, {offset, "Z"}]), [What, case Count of 1 -> ""; _ -> io_lib:format(" x ~b", [Count]) end]
     | [cell(Value) || Value <- [Status, case Names of #{Key := Name} -> Name; _ -> Key end, Grant, Function, Us, Reductions, Memory, Tracking]]]
    ++ [string:slice(cell(Detail), 0, 100)].

cell(null) -> "-";
cell(Number) when is_integer(Number) -> integer_to_list(Number);
cell(Text) -> Text.

names() ->
    case hanse_grant:list() of
        {ok, Grants} -> maps:from_list([{Key, Name} || #{key := Key, name := Name} <- Grants, Name =/= none]);
        {error, _} -> #{}
    end.

usage() ->
    "usage: hanse audit [--since 1h] [--key KEY] [--grant ID] [--status 429] [--what call|failed|refused|discovery|grant_added|...]\n"
    "                   [--tracking NUMBER] [--limit 1000] [--json]\n"
    "       hanse audit [--json] --follow      lines as they come\n"
    "\n"
    "Every call, refusal and change of a grant, with its tracking number (header Hanse-Tracking of the answer) and its cost.\n".
