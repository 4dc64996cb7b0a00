%% @doc What commands of a shell ask of a gateway that runs.
-module(hanse_gateway_control).

-export([start/1, ask/3, serve/1]).

%% @doc Listens for commands under a name.
-spec start(string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
start(Name) -> hanse_control:listen("gateway", Name, ?MODULE, fun ?MODULE:serve/1).

%% @doc Asks the gateway of that name; {error, none} if it does not run.
-spec ask(string(), [string()], fun((binary()) -> term())) -> {ok, non_neg_integer()} | {error, none | unicode:chardata()}.
ask(Name, Words, Print) ->
    case hanse_control:path("gateway", Name) of
        {ok, Path} ->
            case hanse_control:request(Path, Words, Print) of
                {ok, Status} -> {ok, Status};
                {error, Reason} when Reason =:= enoent; Reason =:= econnrefused -> {error, none};
                {error, Reason} -> {error, io_lib:format("~0tp", [Reason])}
            end;
        Error -> Error
    end.

-spec serve(gen_tcp:socket()) -> ok.
serve(Socket) ->
    hanse_control:serve(Socket, fun(Words) ->
        try command(Words, hanse_gateway:info(), fun(Text) -> hanse_control:text(Socket, Text) end)
        catch Class:Reason:Stack ->
            logger:error("hanse gateway ~0tp: ~0tP", [hd(Words ++ [""]), {Class, Reason, Stack}, 60]),
            hanse_control:text(Socket, io_lib:format("an error of the node: ~0tp~n", [Reason])),
            1
        end
    end).

command(["stop"], _, _) -> {0, fun init:stop/0};
command(["reload" | _], {error, noproc}, _) -> 0;  % it is starting, and reads them then
command(_, {error, noproc}, Print) ->
    Print("the gateway is starting\n"),
    1;
command(["reload" | Ids], _, Print) ->
    ok = hanse_gateway:changed(),
    #{problems := Problems} = hanse_gateway:info(),
    [Print(["grant ", Id, " cannot be served: ", maps:get(list_to_integer(Id), Problems), "\n"]) || Id <- Ids, is_map_key(list_to_integer(Id), Problems)],
    0;
command(["info"], #{url := Url, node := Node, grants := Grants, keys := Keys, running := Running, waiting := Waiting, problems := Problems, modules := Modules,
                    figures := Figures}, Print) ->
    #{answers := Answers, calls := Calls, microseconds := Us} = Figures,
    Print(hanse_show:table([["url", Url], ["node", Node], ["modules", lists:join(", ", [atom_to_list(Module) || Module <- Modules])],
                            ["grants", integer_to_list(Grants)], ["keys", integer_to_list(Keys)], ["running", integer_to_list(Running)], ["waiting", integer_to_list(Waiting)],
                            ["calls", io_lib:format("~b, ~b us", [Calls, Us])],
                            ["answers", lists:join(", ", [io_lib:format("~b: ~b", [Status, Count]) || {Status, Count} <- Answers])],
                            ["clients", integer_to_list(hanse_gateway_proxy:clients())], ["processes", integer_to_list(hanse_gateway_proxy:proxies())]]
                           ++ [[["grant ", integer_to_list(Id)], Text] || {Id, Text} <- lists:sort(maps:to_list(Problems))])),
    0;
command(["metrics"], _, Print) ->
    Print(hanse_gateway_metrics:text()),
    0;
command(["load" | Files], _, Print) ->
    case hanse_gateway:load(Files) of
        ok -> 0;
        {error, Text} ->
            Print([Text, "\n"]),
            1
    end;
command(_, _, Print) ->
    Print("not a request\n"),
    2.
