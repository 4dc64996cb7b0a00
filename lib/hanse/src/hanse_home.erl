%% @doc The folder in which Hanse keeps what belongs to this user and lasts: keys, grants, the audit log. HANSE_HOME names it; else it is
%% .hanse in the user's home. Nobody else may look inside.
-module(hanse_home).

-export([folder/0, folder/1, write_private/2]).

-spec folder() -> {ok, file:filename()} | {error, unicode:chardata()}.
folder() -> folder("").

%% @doc A folder inside; made if it is not there.
-spec folder(string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
folder(Inside) ->
    case {os:getenv("HANSE_HOME", ""), os:getenv("HOME", "")} of
        {"", ""} -> {error, "neither HANSE_HOME nor HOME says where keys and grants are kept"};
        {"", Home} -> make(filename:join(Home, ".hanse"), Inside);
        {Given, _} -> make(filename:absname(Given), Inside)
    end.

make(Top, Inside) ->
    Path = case Inside of "" -> Top; _ -> filename:join(Top, Inside) end,
    case filelib:is_dir(Path) of
        true -> {ok, Path};
        false ->
            case filelib:ensure_dir(filename:join(Path, "x")) of
                ok ->
                    [_ = file:change_mode(Made, 8#700) || Made <- lists:usort([Top, Path])],
                    {ok, Path};
                {error, Reason} -> {error, [Path, ": ", file:format_error(Reason)]}
            end
    end.

%% @doc A file that only the user may read, not even for a moment others; it is there wholly or not at all.
-spec write_private(file:filename(), iodata()) -> ok | {error, unicode:chardata()}.
write_private(Path, Bytes) ->
    New = Path ++ ".new",
    _ = file:delete(New),
    case file:write_file(New, <<>>, [exclusive]) of
        ok ->
            ok = file:change_mode(New, 8#600),
            case file:write_file(New, Bytes, [sync]) of
                ok -> ok = file:rename(New, Path);
                {error, Reason} -> {error, [Path, ": ", file:format_error(Reason)]}
            end;
        {error, Reason} -> {error, [Path, ": ", file:format_error(Reason)]}
    end.
