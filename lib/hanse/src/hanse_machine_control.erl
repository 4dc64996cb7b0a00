%% @doc What `hanse machine COMMAND' asks of a node with machines.
-module(hanse_machine_control).

-export([start/1, path/1, serve/1]).

-define(FOLLOW_MS, 1000).
-define(LOOK_MS, 1000).

%% @doc The socket of the node of that name.
-spec path(string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
path(Name) -> hanse_control:path("machines", Name).

%% @doc Any node may listen for commands: `hanse machine --name NAME ...' reaches it.
-spec start(string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
start(Name) ->
    hanse_machines:ensure(),
    hanse_control:listen("machines", Name, ?MODULE, fun ?MODULE:serve/1).

-spec serve(gen_tcp:socket()) -> ok.
serve(Socket) ->
    hanse_control:serve(Socket, fun(Words) ->
        try command(Words, Socket)
        catch
            throw:{failed, Text} ->
                text(Socket, [Text, $\n]),
                1;
            Class:Reason:Stack ->
                logger:error("hanse machine ~0tp: ~0tP", [hd(Words ++ [""]), {Class, Reason, Stack}, 60]),
                text(Socket, io_lib:format("an error of the node: ~0tP~n", [Reason, 20])),
                1
        end
    end).

text(Socket, Text) -> hanse_control:text(Socket, Text).

command(["start", Name | Words], Socket) ->
    {Files, Options} = sources(Words, []),
    Given = case hanse_machine_json:words(Options) of {ok, Map} -> Map; {error, Text} -> throw({failed, Text}) end,
    case hanse_machine:start(Given#{name => Name, code => Files}) of
        {ok, Machine} ->
            {ok, Full} = hanse_machine:full_name(Machine),
            text(Socket, [Full, $\n]),
            0;
        {error, Reason} -> throw({failed, hanse_machine_show:reason(Reason)})
    end;
command(["list"], Socket) ->
    text(Socket, hanse_machine_show:list(infos())),
    0;
command(["info", Name], Socket) ->
    case hanse_machine:info(machine(Name)) of
        {error, Reason} -> throw({failed, hanse_machine_show:reason(Reason)});
        Info -> text(Socket, hanse_machine_show:info(Info))
    end,
    0;
command(["top"], Socket) ->
    Before = maps:from_list([{maps:get(machine, Info), Info} || Info <- infos()]),
    Begin = erlang:monotonic_time(millisecond),
    timer:sleep(?LOOK_MS),
    Pairs = [{maps:get(maps:get(machine, Info), Before, Info), Info} || Info <- infos()],
    text(Socket, hanse_machine_show:top(Pairs, max(1, erlang:monotonic_time(millisecond) - Begin))),
    0;
command(["logs", Name], Socket) ->
    {ok, Output} = answered(hanse_machine:output(machine(Name))),
    text(Socket, Output),
    0;
command(["follow", Name], Socket) ->
    Machine = machine(Name),
    {ok, Output} = answered(hanse_machine:follow(Machine)),
    text(Socket, Output),
    follow(Machine, monitor(process, Machine), Socket);
command(["stop", Name], Socket) -> done(hanse_machine:stop(machine(Name)), Socket);
command(["kill", Name], Socket) -> done(hanse_machine:kill(machine(Name)), Socket);
command(["suspend", Name], Socket) -> done(hanse_machine:suspend(machine(Name)), Socket);
command(["resume", Name], Socket) -> done(hanse_machine:resume(machine(Name)), Socket);
command(["load", Name, Module, Source], Socket) -> done(hanse_machine:load(machine(Name), list_to_atom(Module), bytes(Source)), Socket);
command(["swap", Name, Module, Source], Socket) -> done(hanse_machine:swap(machine(Name), list_to_atom(Module), bytes(Source)), Socket);
command(["limits", Name | Words], Socket) ->
    case hanse_machine_json:words(Words) of
        {ok, #{limits := Limits} = Given} when map_size(Given) =:= 1 -> done(hanse_machine:limits(machine(Name), Limits), Socket);
        {ok, _} -> throw({failed, "expected limits, like memory=1000000"});
        {error, Text} -> throw({failed, Text})
    end;
command(["test", Name], Socket) ->
    case hanse_machine:test(machine(Name)) of
        {ok, Results} ->
            text(Socket, [results(Results), "passed\n"]),
            0;
        {error, Results} when is_map(Results) ->
            text(Socket, [results(Results), "failed\n"]),
            1;
        {error, Reason} -> throw({failed, hanse_machine_show:reason(Reason)})
    end;
command(["call", Name, Module, Function | Arguments], Socket) ->
    case hanse_machine:call(machine(Name), list_to_atom(Module), list_to_atom(Function), [hanse_control:argument(Word) || Word <- Arguments]) of
        {ok, Value} ->
            text(Socket, io_lib:format("~tp~n", [Value])),
            0;
        {error, Reason} -> throw({failed, hanse_machine_show:reason(Reason)})
    end;
command(["shutdown"], _) ->
    [hanse_machine:stop(Machine) || #{machine := Machine} <- hanse_machine:list()],
    {0, fun init:stop/0};
command(_, Socket) ->
    text(Socket, "not a request\n"),
    2.

%% file MODULE SOURCE, any number, then options.
sources(["file", Module, Source | Words], Files) -> sources(Words, [{list_to_atom(Module), bytes(Source)} | Files]);
sources(Options, Files) -> {lists:reverse(Files), Options}.

bytes(Source) -> unicode:characters_to_binary(Source).

answered({ok, _} = Answer) -> Answer;
answered({error, Reason}) -> throw({failed, hanse_machine_show:reason(Reason)}).

done(ok, _) -> 0;
done({error, Reason}, _) -> throw({failed, hanse_machine_show:reason(Reason)}).

results(Results) ->
    [case Result of
         ok -> io_lib:format("~tw: ok~n", [Module]);
         {gave, Value} -> io_lib:format("~tw: selftest/0 gave ~0tP~n", [Module, Value, 30]);
         {exception, _, _, _} -> [atom_to_list(Module), ": ", hanse_machine_show:reason(Result), "\n"];
         Other -> io_lib:format("~tw: ~0tP~n", [Module, Other, 30])
     end || {Module, Result} <- lists:sort(maps:to_list(Results))].

infos() -> [Info || #{machine := Machine} <- hanse_machine:list(), Info <- [hanse_machine:info(Machine)], is_map(Info), is_map_key(name, Info)].

machine(Name) ->
    case hanse_machine:find(Name) of
        {ok, Machine} -> Machine;
        {error, noproc} ->
            Names = [binary_to_list(Known) || #{name := Known} <- hanse_machine:list()],
            throw({failed, ["there is no machine ", Name,
                            case hanse_options:nearest(Name, Names) of none -> ""; Near -> ["; did you mean ", Near, "?"] end]})
    end.

follow(Machine, Monitor, Socket) ->
    receive
        {hanse_machine_output, Machine, Output} ->
            case text(Socket, Output) of
                ok -> follow(Machine, Monitor, Socket);
                {error, _} -> 1
            end;
        {'DOWN', Monitor, process, _, _} -> 0
    after ?FOLLOW_MS ->
        case gen_tcp:recv(Socket, 0, 0) of
            {error, timeout} -> follow(Machine, Monitor, Socket);
            _ -> 0
        end
    end.
