%% @doc How `hanse scripts COMMAND' reaches the node that runs the pools: a Unix socket in a folder of the user's own. A request is a
%% list of words; the answer are {text, T}, any number, and {exit, Status}.
-module(hanse_script_control).

-export([child_spec/1, path/1, request/3, serve/1]).

-include_lib("kernel/include/file.hrl").

-define(FOLLOW_MS, 1000).

%% @doc The socket of the runner of that name. Its folder belongs to the user and is nobody else's business.
-spec path(string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
path(Name) ->
    Folder = case {os:getenv("HANSE_RUNTIME_DIR", ""), os:getenv("XDG_RUNTIME_DIR", "")} of
                 {"", ""} -> "/tmp/hanse-" ++ integer_to_list(user());
                 {"", Runtime} -> filename:join(Runtime, "hanse");
                 {Given, _} -> Given
             end,
    _ = file:make_dir(Folder),
    User = user(),
    case file:read_link_info(Folder) of
        {ok, #file_info{type = directory, uid = User}} ->
            ok = file:change_mode(Folder, 8#700),
            {ok, filename:join(Folder, "scripts-" ++ Name ++ ".sock")};
        {ok, _} -> {error, [Folder, " is not a folder of this user"]};
        {error, Reason} -> {error, [Folder, ": ", file:format_error(Reason)]}
    end.

user() ->
    {ok, #file_info{uid = User}} = file:read_file_info("/proc/self"),
    User.

-spec child_spec(file:filename()) -> supervisor:child_spec().
child_spec(Path) ->
    _ = file:delete(Path),  % nobody listens there: the runner has asked
    #{id => ?MODULE,
      start => {hanse_listener, start_link,
                [0, [binary, {packet, 4}, {active, false}, {ifaddr, {local, Path}}, {send_timeout, 5000}], fun ?MODULE:serve/1]}}.

%% @doc Sends a request; Print gets the texts. The answer is the exit status.
-spec request(file:filename(), [string()], fun((binary()) -> term())) -> {ok, non_neg_integer()} | {error, term()}.
request(Path, Words, Print) ->
    case gen_tcp:connect({local, Path}, 0, [binary, {packet, 4}, {active, false}], 5000) of
        {ok, Socket} ->
            ok = gen_tcp:send(Socket, term_to_binary([unicode:characters_to_binary(Word) || Word <- Words])),
            Answer = answers(Socket, Print),
            gen_tcp:close(Socket),
            Answer;
        Error -> Error
    end.

answers(Socket, Print) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Bytes} ->
            case binary_to_term(Bytes, [safe]) of
                {text, Text} ->
                    Print(Text),
                    answers(Socket, Print);
                {exit, Status} -> {ok, Status}
            end;
        Error -> Error
    end.

-spec serve(gen_tcp:socket()) -> ok.
serve(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, Bytes} ->
            Words = try binary_to_term(Bytes, [safe]) of
                        List when is_list(List) -> [unicode:characters_to_list(Word) || Word <- List, is_binary(Word)];
                        _ -> []
                    catch error:badarg -> []
                    end,
            Status = try command(Words, Socket)
                     catch
                         throw:{no_pool, Name} ->
                             text(Socket, no_pool(Name)),
                             1;
                         exit:{Reason, _} ->
                             text(Socket, io_lib:format("the pool does not answer: ~0tp~n", [Reason])),
                             1
                     end,
            send(Socket, {exit, Status});
        _ -> ok
    end,
    gen_tcp:close(Socket).

send(Socket, Term) -> gen_tcp:send(Socket, term_to_binary(Term)).

text(Socket, Text) -> send(Socket, {text, unicode:characters_to_binary(Text)}).

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
command(["call", Name, Function | Arguments], Socket) -> call(pool(Name), Function, [argument(Word) || Word <- Arguments], Socket);
command(["stop", Name], Socket) -> told(hanse_script_pools:stop_pool(pool(Name)), "", Socket);
command(["stop"], Socket) ->
    [hanse_script_pools:stop_pool(Pool) || Pool <- hanse_script:pools()],
    send(Socket, {exit, 0}),
    init:stop(),
    0;
command(_, Socket) ->
    text(Socket, "not a request\n"),
    2.

%% Words that are JSON are values, others are texts.
argument(Word) ->
    Text = unicode:characters_to_binary(Word),
    case hanse_json:decode(Text) of
        {ok, Value} -> Value;
        {error, _} -> Text
    end.

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
