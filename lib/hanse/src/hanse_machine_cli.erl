%% @doc The command `hanse machine'.
-module(hanse_machine_cli).

-export([main/0]).

-define(COMMANDS, [serve, start, list, info, top, logs, stop, kill, suspend, resume, load, swap, limits, test, call, shutdown, options, help]).

-spec main() -> pid().
main() -> hanse_cli:main(fun(Words) -> hanse_cli:named(Words, fun run/2) end).

run([], _) -> hanse_cli:wrong(usage());
run([Help], _) when Help =:= "help"; Help =:= "--help"; Help =:= "-h" ->
    io:put_chars(usage()),
    halt(0);
run(["options"], _) ->
    io:put_chars(unicode:characters_to_list(hanse_machine_options:describe())),
    halt(0);
run(["serve" | Options], Name) -> serve(Options, #{port => 0}, Name);
run(["start", Machine | Words], Name) -> ask(["start", Machine | files(Words, [], [])], Name);
run(["list"], Name) -> ask(["list"], Name);
run(["top"], Name) -> ask(["top"], Name);
run(["top", "--watch"], Name) -> watch(Name);
run(["logs", Machine, "--follow"], Name) -> ask(["follow", Machine], Name);
run([Command, Machine], Name) when Command =:= "info"; Command =:= "logs"; Command =:= "stop"; Command =:= "kill"; Command =:= "suspend";
                                   Command =:= "resume"; Command =:= "test" -> ask([Command, Machine], Name);
run([Command, Machine, File], Name) when Command =:= "load"; Command =:= "swap" -> ask([Command, Machine | source(File)], Name);
run(["limits", Machine, _ | _] = Words, Name) when is_list(Machine) -> ask(Words, Name);
run(["call", _, _, _ | _] = Words, Name) -> ask(Words, Name);
run(["shutdown"], Name) -> ask(["shutdown"], Name);
run([Word | _], _) ->
    case lists:member(Word, [atom_to_list(Command) || Command <- ?COMMANDS]) of
        true -> hanse_cli:wrong(["hanse machine ", Word, ": the arguments are wrong\n\n", usage()]);
        false ->
            hanse_cli:wrong(["hanse machine: there is no command ", Word,
                   case hanse_options:nearest(Word, ?COMMANDS) of none -> ""; Near -> ["; did you mean ", atom_to_list(Near), "?"] end, "\n"])
    end.

usage() ->
    "usage: hanse machine serve [--port PORT] [--address ADDRESS] [--key FILE]\n"
    "                                            a node for machines, with REST and metrics, until it is stopped\n"
    "       hanse machine start NAME [FILE.erl]... [KEY=VALUE]...\n"
    "                                            memory=1000000 profile=otp start=MODULE:FUNCTION (hanse machine options)\n"
    "       hanse machine list                   the machines of the node\n"
    "       hanse machine info NAME              what one uses, and its limits\n"
    "       hanse machine top [--watch]          the busiest\n"
    "       hanse machine logs NAME [--follow]   what it printed\n"
    "       hanse machine call NAME MODULE FUNCTION [ARGUMENT]...\n"
    "                                            arguments are JSON or texts\n"
    "       hanse machine load|swap NAME FILE.erl\n"
    "                                            a module more; swap: after its self-test has passed\n"
    "       hanse machine limits NAME KEY=VALUE...\n"
    "       hanse machine test NAME              its self-test; exit status 1 if it fails\n"
    "       hanse machine suspend|resume|stop|kill NAME\n"
    "       hanse machine shutdown               stops all, and the node\n"
    "       hanse machine options                what can be said of a machine\n"
    "\n"
    "hanse machine --name NAME ... is for several nodes side by side. docs/machines.md is the guide.\n".

%% What ends in .erl is a file, wherever it stands.
files([Word | Words], Files, Options) ->
    case filename:extension(Word) =:= ".erl" andalso not lists:member($=, Word) of
        true -> files(Words, Files ++ ["file" | source(Word)], Options);
        false -> files(Words, Files, Options ++ [Word])
    end;
files([], Files, Options) -> Files ++ Options.

source(File) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            case unicode:characters_to_list(Bytes) of
                Text when is_list(Text) -> [filename:basename(File, ".erl"), Text];
                _ -> hanse_cli:wrong([File, ": not a text in UTF-8\n"])
            end;
        {error, Reason} -> hanse_cli:wrong([File, ": ", file:format_error(Reason), "\n"])
    end.

socket(Name) ->
    case hanse_machine_control:path(Name) of
        {ok, Path} -> Path;
        {error, Text} -> hanse_cli:wrong(["hanse machine: ", Text, "\n"])
    end.

ask(Words, Name) -> halt(asked(Words, Name, "")).

asked(Words, Name, Before) ->
    case hanse_control:request(socket(Name), Words, fun(Text) -> io:put_chars([Before, Text]) end) of
        {ok, Status} -> Status;
        {error, Reason} when Reason =:= enoent; Reason =:= econnrefused -> hanse_cli:wrong("hanse machine: no node runs; hanse machine serve starts one\n");
        {error, closed} -> 1;
        {error, Reason} -> hanse_cli:wrong(io_lib:format("hanse machine: ~ts~n", [inet:format_error(Reason)]))
    end.

%% The screen is cleared for each picture; the node takes a second for one.
watch(Name) ->
    case asked(["top"], Name, "\e[H\e[2J") of
        0 -> watch(Name);
        Status -> halt(Status)
    end.

serve(["--port", Port | Options], Given, Name) ->
    case string:to_integer(Port) of
        {Number, ""} when Number >= 0, Number < 65536 -> serve(Options, Given#{port => Number}, Name);
        _ -> hanse_cli:wrong(["--port: expected a number below 65536, got ", Port, "\n"])
    end;
serve(["--address", Address | Options], Given, Name) -> serve(Options, Given#{address => Address}, Name);
serve(["--key", File | Options], Given, Name) -> serve(Options, Given#{file => File}, Name);
serve([Option | _], _, _) -> hanse_cli:wrong(["hanse machine serve: there is no option ", Option, "\n"]);
serve([], Given, Name) ->
    Path = case hanse_machine_control:start(Name) of
               {ok, Socket} -> Socket;
               {error, Text} -> hanse_cli:wrong(["hanse machine: ", Text, "\n"])
           end,
    File = maps:get(file, Given, filename:rootname(Path) ++ ".key"),
    Key = case hanse_machine_rest:key(File) of {ok, Known} -> Known; {error, Why} -> hanse_cli:wrong([Why, "\n"]) end,
    case hanse_machine_rest:child_spec((maps:remove(file, Given))#{key => Key}) of
        {ok, Spec} ->
            case supervisor:start_child(hanse_sup, Spec) of
                {ok, Listener} ->
                    io:format("machines: http://~ts:~b/machines, key in ~ts; hanse machine help has the commands~n",
                              [maps:get(address, Given, "127.0.0.1"), hanse_listener:port(Listener), File]);
                {error, Reason} -> hanse_cli:wrong(io_lib:format("port ~b: ~0tp~n", [maps:get(port, Given), Reason]))
            end;
        {error, Mistake} -> hanse_cli:wrong([Mistake, "\n"])
    end.
