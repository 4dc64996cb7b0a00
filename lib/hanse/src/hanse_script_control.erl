%% @doc What `hanse scripts COMMAND' asks of the node that runs the pools.
-module(hanse_script_control).

-export([child_spec/1, path/1, serve/1]).

-define(FOLLOW_MS, 1000).

%% @doc The socket of the runner of that name.
-spec path(string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
path(Name) -> hanse_control:path("scripts", Name).

-spec child_spec(file:filename()) -> supervisor:child_spec().
child_spec(Path) -> hanse_control:child_spec(?MODULE, Path, fun ?MODULE:serve/1).

-spec serve(gen_tcp:socket()) -> ok.
serve(Socket) ->
    hanse_control:serve(Socket, fun(Words) ->
        try command(Words, Socket)
        catch
            throw:{no_pool, Name} ->
                text(Socket, no_pool(Name)),
                1;
            exit:{Reason, _} ->
                text(Socket, io_lib:format("the pool does not answer: ~0tp~n", [Reason])),
                1
        end
    end).

text(Socket, Text) -> hanse_control:text(Socket, Text).

command(["list"], Socket) ->
    text(Socket, hanse_script_show:list([hanse_script:status(Pool) || Pool <- hanse_script:pools()])),
    0;
command(["status" | Names], Socket) ->
    Pools = case Names of [] -> hanse_script:pools(); _ -> [pool(Name) || Name <- Names] end,
    Statuses = [hanse_script:status(Pool) || Pool <- Pools],
    text(Socket, hanse_script_show:status(Statuses)),
    case [fatal || #{state := fatal} <- Statuses] of [] -> 0; _ -> 3 end;
command(["logs", Name, Count], Socket) ->
    text(Socket, hanse_script:logs(pool(Name), list_to_integer(Count))),
    0;
command(["follow", Name, Count], Socket) ->
    Log = gen_server:call(pool(Name), log),
    ok = hanse_script_log:subscribe(Log),
    text(Socket, hanse_script_log:tail(Log, list_to_integer(Count))),
    follow(Log, monitor(process, Log), Socket);
command(["restart", Name], Socket) -> told(hanse_script:restart(pool(Name)), "workers are replaced one by one\n", Socket);
command(["scale", Name, Size], Socket) -> told(hanse_script:scale(pool(Name), list_to_integer(Size)), "", Socket);
command(["clear-fatal", Name], Socket) -> told(hanse_script:clear_fatal(pool(Name)), "", Socket);
command(["call", Name, Function | Arguments], Socket) -> call(pool(Name), Function, [hanse_control:argument(Word) || Word <- Arguments], Socket);
command(["stop", Name], Socket) -> told(hanse_script_pools:stop_pool(pool(Name)), "", Socket);
command(["stop"], _Socket) ->
    [hanse_script_pools:stop_pool(Pool) || Pool <- hanse_script:pools()],
    {0, fun init:stop/0};
command(_, Socket) ->
    text(Socket, "not a request\n"),
    2.

%% The names of functions come from the user who runs the pools.
call(Pool, Function, Arguments, Socket) ->
    case hanse_script:call(Pool, list_to_atom(Function), Arguments) of
        {ok, Value} ->
            text(Socket, [shown(Value), $\n]),
            0;
        {error, {exception, Class, Message, Stack}} ->
            text(Socket, [Class, ": ", Message, $\n, [["  ", Line, $\n] || Line <- Stack]]),
            1;
        {error, Reason} ->
            text(Socket, [shown(Reason), $\n]),
            1
    end.

shown(Value) -> try iolist_to_binary(hanse_json:encode(Value)) catch error:badarg -> io_lib:format("~0tp", [Value]) end.

told(ok, Text, Socket) ->
    text(Socket, Text),
    0;
told({error, not_fatal}, _, Socket) ->
    text(Socket, "it is not fatal\n"),
    1;
told({error, Reason}, _, Socket) ->
    text(Socket, io_lib:format("not now: ~0tp~n", [Reason])),
    1.

follow(Log, Monitor, Socket) ->
    receive
        {hanse_script_log, Log, Line} ->
            case text(Socket, Line) of
                ok -> follow(Log, Monitor, Socket);
                {error, _} -> 1
            end;
        {'DOWN', Monitor, process, _, _} -> 0
    after ?FOLLOW_MS ->
        case gen_tcp:recv(Socket, 0, 0) of
            {error, timeout} -> follow(Log, Monitor, Socket);
            _ -> 0
        end
    end.

pool(Name) ->
    case [Pool || Pool <- hanse_script:pools(), atom_to_list(Pool) =:= Name] of
        [Pool] -> Pool;
        [] -> throw({no_pool, Name})
    end.

no_pool(Name) ->
    Pools = hanse_script:pools(),
    Hint = case hanse_options:nearest(Name, Pools) of
               none -> ["there are ", lists:join(", ", [atom_to_list(Pool) || Pool <- Pools])];
               Near -> ["did you mean ", atom_to_list(Near), "?"]
           end,
    ["there is no pool ", Name, "; ", Hint, "\n"].
