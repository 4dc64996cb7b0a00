%% @doc What a pool can be told. The table below is the only place that knows the options: it checks them, gives defaults, and is
%% what `hanse scripts options' prints.
-module(hanse_script_options).

-export([complete/1, describe/0, pool_table/0, top_table/0]).

%% @doc The options of a pool. A default of `required' means that there is none.
-spec pool_table() -> hanse_options:table().
pool_table() ->
    [{name, atom, required, "the pool's registered name"},
     {command, texts, required, "program and arguments, [\"python3\", \"resize.py\"]; no shell is involved"},
     {size, positive, 1, "workers"},
     {protocol, {one_of, [erlport, json, plain]}, erlport, "external terms, JSON lines, or a program that runs once for each call"},
     {channel, {one_of, [default, fds, stdio]}, default,
      "where calls travel: descriptors 3 and 4 (default with erlport) or standard input and output"},
     {in_flight, positive, 1, "calls that a worker may have at a time; more than one hides the way there and back"},
     {ready, {one_of, [default, message, started]}, default,
      "a worker is ready when it has answered init (erlport) or said so (json), or as soon as it has started (default with json)"},
     {directory, {either, none, text}, none, "working directory"},
     {environment, {table, any}, #{}, "variables, #{'NAME' => \"value\"}"},
     {inherit, texts, [], "names of variables to take from the node, besides PATH, HOME, LANG, LC_ALL, TZ, TMPDIR and USER"},
     {user, {either, none, text}, none, "user that workers run as; the node must be root's"},
     {limits, {table, limits_table()}, #{}, "limits of the operating system for each worker"},
     {sandbox, {one_of, [none, bubblewrap]}, none, "bubblewrap: no network, files read-only but for the working directory and /tmp"},
     {network, boolean, true, "false: workers can open no sockets but local ones (AF_UNIX)"},
     {writable, texts, [], "further directories that a sandboxed worker may write to"},
     {call_timeout_ms, {either, infinity, positive}, 30000, "default time limit of a call; the worker is killed when it is over"},
     {start_timeout_ms, positive, 10000, "time for a worker to become ready"},
     {stop_timeout_ms, count, 5000, "time to end in order; SIGTERM after half of it, then SIGKILL"},
     {drain_timeout_ms, count, 10000, "time for the calls that wait or run when the pool is stopped"},
     {heartbeat_ms, {either, off, positive}, off, "a worker without calls is asked this often; no answer until the next time: killed"},
     {intensity, count, 5, "failures within period_s that are forgiven; one more makes the pool fatal"},
     {period_s, positive, 60, "see intensity"},
     {backoff, {table, backoff_table()}, #{}, "pause before a failed worker is started again"},
     {recycle, {table, recycle_table()}, #{}, "when a worker is replaced by a new one"},
     {queue, count, 1000, "calls that wait for a worker at most; more are answered with overload"},
     {retries, count, 1, "further attempts for a call marked idempotent whose worker ended"},
     {allow, {either, none, allowed}, none, "functions that scripts may call: [{Module, Function, Arity}]"},
     {state, {either, none, {either, memory, {table, state_table()}}}, none,
      "memory or #{directory => D}: where the state lives that checkpoint hands to the next incarnation"},
     {watch, texts, [], "files; when one changes, workers are replaced one by one"},
     {self_test, boolean, false, "a replacement also has to pass the script's self-test"},
     {log, {table, log_table()}, #{}, "what workers print"},
     {frame_limit_bytes, positive, 268435456, "the largest message of a worker"}].

limits_table() ->
    [{memory_bytes, {either, none, positive}, none, "address space"},
     {cpu_s, {either, none, positive}, none, "processor time"},
     {files, {either, none, positive}, none, "open files"},
     {processes, {either, none, positive}, none, "processes of the user"},
     {file_size_bytes, {either, none, positive}, none, "largest file it writes"}].

backoff_table() ->
    [{first_ms, positive, 100, "after the first failure; doubles with each"},
     {max_ms, positive, 30000, "at most"},
     {jitter, number, 0.2, "part of the pause that is left to chance"}].

recycle_table() ->
    [{calls, {either, never, positive}, never, "after so many calls"},
     {seconds, {either, never, positive}, never, "after so many seconds"},
     {memory_bytes, {either, never, positive}, never, "when it and its children use so many resident bytes"}].

state_table() ->
    [{directory, text, required, "a file for each worker is kept there"},
     {every_s, {either, never, positive}, never, "also saved this often"}].

log_table() ->
    [{lines, positive, 1000, "kept in memory"},
     {directory, {either, none, text}, none, "also written to NAME.log there"},
     {file_bytes, positive, 10485760, "a file is rotated when it is that large"},
     {files, positive, 5, "rotated files that are kept"}].

%% @doc What a configuration file may say besides pools.
-spec top_table() -> hanse_options:table().
top_table() ->
    [{metrics, {table, [{port, count, required, "of /metrics on the loopback interface; 0: the system chooses"},
                        {address, text, "127.0.0.1", "to listen at"}]}, none, "Prometheus metrics over HTTP"}].

%% @doc Checks the options of a pool and fills in defaults; texts become binaries.
-spec complete(map()) -> {ok, map()} | {error, hanse_options:mistake()}.
complete(Options) ->
    case hanse_options:complete(pool_table(), Options) of
        {ok, Complete} -> consistent(Complete);
        Error -> Error
    end.

consistent(#{command := []}) -> {error, {[command], "expected a program"}};
consistent(#{sandbox := bubblewrap, user := User}) when User =/= none ->
    {error, {[sandbox], "a sandboxed worker keeps the node's user: leave out user"}};
consistent(#{protocol := plain, in_flight := Many}) when Many > 1 ->
    {error, {[in_flight], "a plain program takes one call at a time"}};
consistent(#{protocol := Protocol, channel := Channel, ready := Ready} = Options) ->
    {ok, Options#{channel := case {Channel, Protocol} of {default, erlport} -> fds; {default, _} -> stdio; _ -> Channel end,
                  ready := case {Ready, Protocol} of
                               {_, plain} -> started;
                               {default, erlport} -> message;
                               {default, _} -> started;
                               _ -> Ready
                           end}}.

%% @doc A text about all options.
-spec describe() -> iolist().
describe() ->
    ["{pool, #{...}}.\n", hanse_options:describe(pool_table(), "  "), "\n{metrics, #{...}}.\n", hanse_options:describe(metrics_table(), "  ")].

metrics_table() ->
    {metrics, {table, Table}, _, _} = lists:keyfind(metrics, 1, top_table()),
    Table.
