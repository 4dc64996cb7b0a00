%% @doc The small process beside a worker (hanse-guard, src/guard): how it is started, and what the two ports say.
-module(hanse_script_guard).

-export([start/1, attach/1, order/2, report/1, close/1]).
-export_type([plan/0, report/0]).

-type plan() :: #{arguments := [binary()], environment := #{binary() => binary()}, directory := none | binary(),
                  user := none | binary(), limits := map(), channel := fds | stdio | output, network := boolean(), sandbox := none | bubblewrap,
                  writable := [binary()]}.
-type report() :: {channel, binary()} | {started, pos_integer()} | {failed, binary()} | {output | errors, binary()}
                | {dropped, pos_integer()} | {memory, non_neg_integer()} | {exit, {status | signal, non_neg_integer()}}.

%% @doc Starts a guard with its plan. The port speaks control frames; see report/1.
-spec start(plan()) -> {ok, port()} | {error, iodata()}.
start(Plan) ->
    Guard = executable(),
    try
        Arguments = arguments(Plan),
        Control = open_port({spawn_executable, Guard}, [{args, ["serve"]}, {packet, 4}, binary, exit_status]),
        Content = [entry("arg", A) || A <- Arguments] ++ environment(Plan) ++ settings(Plan),
        port_command(Control, [$S | Content]),
        {ok, Control}
    catch
        throw:Text -> {error, Text};
        error:Reason -> {error, io_lib:format("cannot start ~ts: ~0tp", [Guard, Reason])}
    end.

%% @doc Opens the port for data whose pipes become the worker's descriptors. It never suspends its owner: what is not read waits,
%% bounded by the calls that the worker may have.
-spec attach(binary()) -> port().
attach(Channel) ->
    open_port({spawn_executable, executable()},
              [{args, ["attach", Channel]}, stream, binary, eof, {busy_limits_port, disabled}, {busy_limits_msgq, disabled}]).

-spec order(port(), stop | kill | memory) -> ok.
order(Control, Order) ->
    try port_command(Control, case Order of stop -> "T"; kill -> "K"; memory -> "M" end) of _ -> ok
    catch error:badarg -> ok
    end.

-spec report(binary()) -> report().
report(<<$H, Name/binary>>) -> {channel, Name};
report(<<$P, Process:32>>) -> {started, Process};
report(<<$F, Why/binary>>) -> {failed, Why};
report(<<$O, Bytes/binary>>) -> {output, Bytes};
report(<<$E, Bytes/binary>>) -> {errors, Bytes};
report(<<$D, Count:64>>) -> {dropped, Count};
report(<<$M, Bytes:64>>) -> {memory, Bytes};
report(<<$X, $e, Status:32>>) -> {exit, {status, Status}};
report(<<$X, $s, Signal:32>>) -> {exit, {signal, Signal}}.

-spec close(port()) -> ok.
close(Port) ->
    try port_close(Port) of true -> ok
    catch error:badarg -> ok
    end.

executable() -> filename:join(priv(), "hanse-guard").

%% Beside the ebin of this module, whether or not the code server knows the application.
priv() -> filename:join(filename:dirname(filename:dirname(filename:absname(code:which(?MODULE)))), "priv").

entry(Key, Value) -> [Key, $=, Value, 0].

arguments(#{sandbox := none, arguments := Arguments}) -> Arguments;
arguments(#{sandbox := bubblewrap, arguments := Arguments, directory := Directory, writable := Writable}) ->
    case os:find_executable("bwrap") of
        false -> throw("sandbox: bubblewrap needs the program bwrap; on Debian: apt-get install bubblewrap");
        Bwrap ->
            Own = case Directory of none -> []; _ -> [<<"--bind">>, Directory, Directory] end,
            [list_to_binary(Bwrap) |
             [list_to_binary(Word) || Word <- ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
                                               "--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent"]]]
                ++ Own ++ lists:append([[<<"--bind">>, W, W] || W <- Writable])
                ++ case Directory of none -> []; _ -> [<<"--chdir">>, Directory] end
                ++ [<<"--">> | Arguments]
    end.

settings(#{directory := Directory, user := User, limits := Limits, channel := Channel, network := Network}) ->
    [entry("network", "0") || not Network] ++ [entry("directory", Directory) || Directory =/= none] ++ [entry("user", User) || User =/= none] ++
        case Channel of
            fds -> [entry("input", "3"), entry("output", "4")];
            stdio -> [entry("input", "0"), entry("output", "1")];
            output -> [entry("input", "3"), entry("output", "1"), entry("grace_ms", "0")]  % nothing to read
        end ++
        [entry("limit.core", "0") |
         [entry(["limit.", Name], integer_to_list(Limit))
          || {Key, Name} <- [{memory_bytes, "memory"}, {cpu_s, "cpu"}, {files, "files"}, {processes, "processes"},
                             {file_size_bytes, "file_size"}],
             (Limit = maps:get(Key, Limits, none)) =/= none]].

%% Nothing is inherited but what is named. The clients that come with Hanse are found without being installed.
environment(#{environment := Own, inherit := Inherit, channel := Channel}) ->
    Names = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"] ++ [unicode:characters_to_list(N) || N <- Inherit],
    Taken = maps:from_list([{unicode:characters_to_binary(N), unicode:characters_to_binary(V)}
                            || N <- Names, (V = os:getenv(N)) =/= false]),
    Defaults = #{<<"HANSE_CHANNEL">> => <<"3,4">>, <<"PYTHONUNBUFFERED">> => <<"1">>},
    Full = with_clients(maps:merge(maps:merge(case Channel of fds -> Defaults; _ -> maps:remove(<<"HANSE_CHANNEL">>, Defaults) end,
                                              Taken), Own)),
    [entry("env", [Name, $=, Value]) || {Name, Value} <- maps:to_list(Full)].

with_clients(Environment) ->
    Priv = unicode:characters_to_binary(priv()),
    lists:foldl(fun({Name, Folder}, Taken) ->
                    Path = <<Priv/binary, Folder/binary>>,
                    case Taken of
                        #{Name := Given} when Given =/= <<>> -> Taken#{Name := <<Given/binary, ":", Path/binary>>};
                        _ -> Taken#{Name => Path}
                    end
                end, Environment, [{<<"PYTHONPATH">>, <<"/python">>}, {<<"RUBYLIB">>, <<"/ruby">>}]).
