%% @doc The command `hanse scripts'.
-module(hanse_script_cli).

-export([main/0]).

-define(COMMANDS, ['list', 'status', 'logs', 'restart', 'scale', 'stop', 'clear-fatal', 'call', 'check', 'options', 'help']).
-define(WATCH_MS, 1000).

-spec main() -> pid().
main() -> hanse_cli:main(fun(Words) -> hanse_cli:named(Words, fun run/2) end).

run([], _) -> hanse_cli:wrong(usage());
run([Help], _) when Help =:= "help"; Help =:= "--help"; Help =:= "-h" ->
    io:put_chars(usage()),
    halt(0);
run(["options"], _) ->
    io:put_chars(unicode:characters_to_list(hanse_script_options:describe())),
    halt(0);
run(["check", File], _) ->
    #{pools := Pools} = config(File),
    io:format("~ts: ~ts~n", [File, lists:join(", ", [atom_to_list(Name) || #{name := Name} <- Pools])]),
    halt(0);
run(["list"], Name) -> ask(["list"], Name);
run(["status", "--watch" | Pools], Name) -> watch(["status" | Pools], Name);
run(["status" | Pools], Name) -> ask(["status" | Pools], Name);
run(["logs", Pool | Options], Name) -> logs(Pool, Options, "100", "logs", Name);
run([Command, Pool], Name) when Command =:= "restart"; Command =:= "clear-fatal"; Command =:= "stop" -> ask([Command, Pool], Name);
run(["call", _, _ | _] = Words, Name) -> ask(Words, Name);
run(["stop"], Name) -> ask(["stop"], Name);
run(["scale", Pool, Size], Name) -> ask(["scale", Pool, number(Size)], Name);
run([Word | _] = Words, Name) ->
    case {lists:member(Word, [atom_to_list(C) || C <- ?COMMANDS]), filelib:is_regular(Word), Words} of
        {false, true, [File]} -> start(config(File), Name);
        {true, _, _} -> hanse_cli:wrong(["hanse scripts ", Word, ": the arguments are wrong\n\n", usage()]);
        {_, true, _} -> hanse_cli:wrong("hanse scripts FILE takes one file\n");
        _ -> hanse_cli:wrong(["hanse scripts: there is no file and no command ", Word,
                    case hanse_options:nearest(Word, ?COMMANDS) of
                        none -> "";
                        Near -> ["; did you mean ", atom_to_list(Near), "?"]
                    end, "\n"])
    end.

usage() ->
    "usage: hanse scripts FILE.config            runs the pools of a file until it is stopped\n"
    "       hanse scripts list                   the pools that run\n"
    "       hanse scripts status [--watch] [POOL]...\n"
    "                                            their workers; exit status 3 if a pool is fatal\n"
    "       hanse scripts logs POOL [-n LINES] [--follow]\n"
    "                                            what workers printed\n"
    "       hanse scripts restart POOL           replaces workers one by one\n"
    "       hanse scripts scale POOL WORKERS     another number of workers, until the next start\n"
    "       hanse scripts clear-fatal POOL       lets a pool that has given up try again\n"
    "       hanse scripts stop [POOL]            drains a pool and ends it; without a name: all, and the program\n"
    "       hanse scripts call POOL FUNCTION [ARGUMENT]...\n"
    "                                            calls a function; arguments are JSON or texts, the answer is JSON\n"
    "       hanse scripts check FILE.config      only reads the file\n"
    "       hanse scripts options                what can be said in a file\n"
    "\n"
    "hanse scripts --name NAME ... is for several that run side by side. docs/scripts.md is the guide.\n".

number(Word) ->
    case string:to_integer(Word) of
        {Number, ""} when Number > 0 -> Word;
        _ -> hanse_cli:wrong(["expected a number above zero, got ", Word, "\n"])
    end.

logs(Pool, ["-n", Count | Options], _, Command, Name) -> logs(Pool, Options, number(Count), Command, Name);
logs(Pool, ["--follow" | Options], Count, _, Name) -> logs(Pool, Options, Count, "follow", Name);
logs(Pool, [], Count, Command, Name) -> ask([Command, Pool, Count], Name);
logs(_, [Option | _], _, _, _) -> hanse_cli:wrong(["hanse scripts logs: there is no option ", Option, "\n"]).

socket(Name) ->
    case hanse_script_control:path(Name) of
        {ok, Path} -> Path;
        {error, Text} -> hanse_cli:wrong(["hanse scripts: ", Text, "\n"])
    end.

ask(Words, Name) ->
    case hanse_control:request(socket(Name), Words, fun(Text) -> io:put_chars(Text) end) of
        {ok, Status} -> halt(Status);
        {error, Reason} when Reason =:= enoent; Reason =:= econnrefused ->
            hanse_cli:wrong("hanse scripts: nothing runs; hanse scripts FILE.config starts it\n");
        {error, closed} -> halt(1);
        {error, Reason} -> hanse_cli:wrong(io_lib:format("hanse scripts: ~ts~n", [inet:format_error(Reason)]))
    end.

%% The screen is cleared for each picture.
watch(Words, Name) ->
    Path = socket(Name),
    case hanse_control:request(Path, Words, fun(Text) -> io:put_chars(["\e[H\e[2J", Text]) end) of
        {ok, Status} when Status =:= 0; Status =:= 3 ->
            timer:sleep(?WATCH_MS),
            watch(Words, Name);
        _ -> ask(Words, Name)
    end.

config(File) ->
    case hanse_script_config:read(File) of
        {ok, Config} -> Config;
        {error, Text} -> hanse_cli:wrong([Text, "\n"])
    end.

start(#{pools := Pools, metrics := Metrics}, Name) ->
    Path = socket(Name),
    case gen_tcp:connect({local, Path}, 0, [], 1000) of
        {ok, _} -> hanse_cli:wrong(["hanse scripts: another one runs already (", Path, "); hanse scripts --name NAME starts one more\n"]);
        {error, _} -> ok
    end,
    {ok, _} = application:ensure_all_started(hanse),
    [case hanse_script_pools:start_pool(Pool) of
         {ok, _} -> ok;
         {error, Reason} -> hanse_cli:wrong(io_lib:format("pool ~ts: ~0tp~n", [PoolName, Reason]))
     end || #{name := PoolName} = Pool <- Pools],
    start_metrics(Metrics),
    {ok, _} = supervisor:start_child(hanse_sup, hanse_script_control:child_spec(Path)),
    io:format("~ts; hanse scripts status shows them, hanse scripts stop ends them~n", [running(length(Pools))]).

running(1) -> "1 pool runs";
running(Count) -> io_lib:format("~b pools run", [Count]).

start_metrics(none) -> ok;
start_metrics(#{port := Port, address := Address}) ->
    case hanse_script_metrics:child_spec(Port, Address) of
        {ok, Spec} ->
            case supervisor:start_child(hanse_sup, Spec) of
                {ok, Listener} -> io:format("metrics: http://~ts:~b/metrics~n", [Address, hanse_listener:port(Listener)]);
                {error, Reason} -> hanse_cli:wrong(io_lib:format("metrics: port ~b: ~0tp~n", [Port, Reason]))
            end;
        {error, _} -> hanse_cli:wrong(["metrics: not an address: ", Address, "\n"])
    end.
