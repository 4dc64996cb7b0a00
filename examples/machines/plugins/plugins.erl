%% A program with plug-ins that somebody else wrote. Each runs in a machine of its own: it sees what it may see, uses what it may use, and
%% whatever it does, the program goes on.
%%
%%   hanse run examples/machines/plugins
%%
%% The plug-ins are the sources in the folder plugins; each exports handle/1. Have a look at them: only `upper` and `count` are friendly.
-module(plugins).
-export([main/1]).

main(_) ->
    logger:set_primary_config(level, none),  % limits that are reached are also lines in the log
    Source = proplists:get_value(source, ?MODULE:module_info(compile)),
    Folder = filename:join(filename:dirname(Source), "plugins"),
    [try_out(list_to_atom(filename:basename(File, ".erl")), File) || File <- lists:sort(filelib:wildcard(filename:join(Folder, "*.erl")))],
    io:format("the program goes on~n").

try_out(Name, File) ->
    {ok, Source} = file:read_file(File),
    Options = #{name => Name,
                code => [{Name, Source}],
                limits => #{memory => 5000000, processes => 10},
                on_limit => kill_process},
    case hanse_machine:start(Options) of
        {ok, Machine} ->
            Answer = hanse_machine:call(Machine, Name, handle, [<<"an event">>], 1000),
            {ok, Printed} = hanse_machine:output(Machine),
            io:format("~-8s ~ts~n", [Name, told(Answer)]),
            Printed =:= <<>> orelse io:format("         it printed: ~ts", [Printed]),
            hanse_machine:kill(Machine);
        {error, Reason} -> io:format("~-8s does not start: ~0tp~n", [Name, Reason])
    end.

told({ok, Value}) -> io_lib:format("answers ~0tp", [Value]);
told({error, timeout}) -> "takes too long";
told({error, {machine_limit, Limit}}) -> io_lib:format("reached its limit of ~w", [Limit]);
told({error, {exception, error, undef, [{M, F, Arguments, _} | _]}}) -> io_lib:format("calls ~w:~w/~b, which it does not have", [M, F, length(Arguments)]);
told({error, {exception, _, Reason, _}}) -> io_lib:format("fails: ~0tp", [Reason]);
told({error, Reason}) -> io_lib:format("ends: ~0tp", [Reason]).
