%% @doc What a machine can be told. The tables below are the only place that knows the options, their types and their defaults.
-module(hanse_machine_options).

-export([complete/1, limits/1, describe/0, machine_table/0, limits_table/0, name/1]).

%% @doc The options of a machine.
-spec machine_table() -> hanse_options:table().
machine_table() ->
    [{name, {either, none, {checked, "a name of small letters, digits and '-', at most 63, not like m17", fun name/1}}, none,
      "unique in the cluster; without one it is m and the serial number"},
     {labels, {table, any}, #{}, "texts by name, for people and metrics"},
     {template, {either, none, atom}, none, "start from a template (hanse_template): its code and its options"},
     {profile, {one_of, [pure, otp, host]}, pure, "which of the host's modules exist inside: hanse_machine_profile"},
     {modules, {checked, "a list of modules and {Module, [{Function, Arity}]}", fun modules/1}, [], "further modules of the host"},
     {code, {checked, "a list of {Module, Source | Beam | {forms, Forms}}", fun code/1}, [], "the machine's own modules"},
     {includes, {table, any}, #{}, "texts that -include(\"NAME\") finds in sources"},
     {start, {either, none, {checked, "{Module, Function, Arguments}", fun call/1}}, none,
      "a process that is started with the machine; when it ends the machine ends"},
     {self_test, boolean, false, "the modules' selftest/0 must pass, or the machine does not start"},
     {limits, {table, limits_table()}, #{}, "what it may use; a number, or {Soft, Hard}: at the first somebody is told, at the second something is done"},
     {on_limit, {one_of, [error, kill_process, kill_machine]}, error, "raise system_limit where that can be, end the process, or end the machine"},
     {share, {checked, "a whole number from 1 to 1000", fun share/1}, 100, "of the processors, against other machines"},
     {permissions, {table, permissions_table()}, #{}, "what of the outside it may see"},
     {application, {checked, "#{Application => #{Key => Value}}", fun settings/1}, #{}, "what application:get_env finds inside"},
     {input, text, "", "what reading from the machine's standard input gives"},
     {output_bytes, positive, 65536, "of its output that are kept, the newest"},
     {log, {one_of, [output, host, both, none]}, output, "where its log events go"},
     {life_ms, {either, infinity, positive}, infinity, "after that time it is ended"},
     {stop_timeout_ms, count, 5000, "for the started process to end when the machine is stopped"},
     {notify, {either, none, {checked, "a pid", fun process/1}}, none, "gets {hanse_machine, Machine, Event}: limits and the end"}].

%% What the virtual machine counts to.
-define(IS_AMOUNT(N), (is_integer(N) andalso N > 0 andalso N < 1 bsl 59)).

%% @doc The limits of a machine.
-spec limits_table() -> hanse_options:table().
limits_table() ->
    Limit = {checked, "a whole number from 1 to 2^59 - 1, {Soft, Hard} or none", fun limit/1},
    Rate = {checked, "a whole number from 1 to 2^59 - 1, {PerSecond, Burst} or none", fun rate/1},
    [{memory, Limit, 67108864, "bytes: heaps, messages, binaries, tables, code"},
     {processes, Limit, 1000, "at a time"},
     {atoms, Limit, 10000, "new ones, ever"},
     {ets_tables, Limit, 100, "at a time"},
     {timers, Limit, 1000, "at a time"},
     {mailbox, Limit, 100000, "messages that wait in one process"},
     {binary, Limit, 33554432, "bytes of a single binary"},
     {outside_messages, Rate, {10000, 20000}, "per second to processes outside"},
     {reductions, Rate, none, "per second"},
     {open_files, Limit, 16, "at a time"},
     {file_bytes, Limit, 16777216, "written, ever"},
     {connections, Limit, 16, "at a time"},
     {network_bytes, Limit, 16777216, "sent and received, ever"}].

permissions_table() ->
    Addresses = fun(Which) -> {checked, "a list of {Address, Port | {From, To} | any}; " ++ Which, fun addresses/1} end,
    [{clock, {one_of, [default, true, false]}, default, "time; default: with the profiles otp and host, which need it"},
     {random, boolean, false, "randomness of the operating system"},
     {statistics, boolean, false, "figures of the node"},
     {environment, texts, [], "names of variables of the node's environment that os:getenv finds"},
     {monitor, {checked, "a list of pids", fun processes/1}, [], "processes outside that it may monitor"},
     {names, {checked, "#{NameInside => NameOutside}", fun names/1}, #{}, "names of processes outside that it may send to"},
     {files, {checked, "a list of {Directory, read | write} or {Directory, read | write, NameInside}", fun files/1}, [],
      "directories; inside they are below / by their name"},
     {connect, Addresses("an address is a text, a range as 10.0.0.0/8, a host's name, or any"), [], "where gen_tcp:connect leads"},
     {listen, Addresses("an address of this host, or any"), [], "where gen_tcp:listen may listen"},
     {udp_connect, Addresses("an address as for connect"), [], "where gen_udp sends, and from where it takes the answers"},
     {udp_listen, Addresses("an address of this host, or any"), [], "where gen_udp may be reached by anybody, and answers"}].

%% @doc Checks the options of a machine and fills in defaults.
-spec complete(map()) -> {ok, map()} | {error, hanse_options:mistake()}.
complete(Options) -> hanse_options:complete(machine_table(), Options).

%% @doc Checks limits that change while a machine runs: only those that are given.
-spec limits(map()) -> {ok, map()} | {error, hanse_options:mistake()}.
limits(Limits) ->
    case hanse_options:complete(limits_table(), Limits) of
        {ok, Complete} -> {ok, maps:with(maps:keys(Limits), Complete)};
        Error -> Error
    end.

%% @doc A text about all options.
-spec describe() -> iolist().
describe() -> hanse_options:describe(machine_table(), "  ").

%% @doc A label of a DNS name; capitals become small.
-spec name(term()) -> {ok, binary()} | error.
name(Name) when is_atom(Name), Name =/= undefined -> name(atom_to_binary(Name));
name(Name) when is_list(Name); is_binary(Name) ->
    try string:lowercase(iolist_to_binary(Name)) of
        Text ->
            case {re:run(Text, "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", [{capture, none}, dollar_endonly]),
                  re:run(Text, "^m[0-9]+$", [{capture, none}])} of
                {match, nomatch} -> {ok, Text};
                _ -> error
            end
    catch error:_ -> error
    end;
name(_) -> error.

limit(none) -> {ok, none};
limit(Hard) when ?IS_AMOUNT(Hard) -> {ok, Hard};
limit({Soft, Hard}) when ?IS_AMOUNT(Soft), ?IS_AMOUNT(Hard), Hard >= Soft -> {ok, {Soft, Hard}};
limit(_) -> error.

rate(none) -> {ok, none};
rate(Rate) when ?IS_AMOUNT(Rate) -> {ok, {Rate, Rate}};
rate({Rate, Burst}) when ?IS_AMOUNT(Rate), ?IS_AMOUNT(Burst) -> {ok, {Rate, Burst}};
rate(_) -> error.

share(Share) when is_integer(Share), Share >= 1, Share =< 1000 -> {ok, Share};
share(_) -> error.

modules(List) -> each(fun module/1, List).

module(Module) when is_atom(Module) -> {ok, Module};
module({Module, Functions}) when is_atom(Module) ->
    case each(fun({F, A} = Function) when is_atom(F), is_integer(A), A >= 0, A =< 255 -> {ok, Function}; (_) -> error end, Functions) of
        {ok, _} -> {ok, {Module, Functions}};
        error -> error
    end;
module(_) -> error.

code(Map) when is_map(Map) -> code(maps:to_list(Map));
code(List) ->
    each(fun({Module, Code} = Entry) when is_atom(Module), is_list(Code) orelse is_binary(Code) orelse element(1, Code) =:= forms -> {ok, Entry};
            (_) -> error
         end, List).

call({M, F, Arguments} = Call) when is_atom(M), is_atom(F), is_list(Arguments), length(Arguments) >= 0 -> {ok, Call};
call(_) -> error.

settings(Map) when is_map(Map) ->
    case lists:all(fun({Application, Keys}) -> is_atom(Application) andalso is_map(Keys) end, maps:to_list(Map)) of
        true -> {ok, Map};
        false -> error
    end;
settings(_) -> error.

process(Pid) when is_pid(Pid) -> {ok, Pid};
process(_) -> error.

processes(List) -> each(fun process/1, List).

names(Map) when is_map(Map) ->
    case lists:all(fun({Inside, Outside}) -> is_atom(Inside) andalso is_atom(Outside) end, maps:to_list(Map)) of
        true -> {ok, Map};
        false -> error
    end;
names(_) -> error.

files(List) -> each(fun file/1, List).

file({Directory, Mode}) -> file({Directory, Mode, <<>>});
file({Directory, Mode, Inside}) when Mode =:= read; Mode =:= write ->
    try {unicode:characters_to_binary(Directory), unicode:characters_to_binary(Inside)} of
        {Path, Name} when is_binary(Path), is_binary(Name) ->
            case {filename:pathtype(Path), binary:match(Name, [<<"/">>, <<0>>])} of
                {absolute, nomatch} when Name =/= <<".">>, Name =/= <<"..">> ->
                    {ok, {Path, Mode, case Name of <<>> -> filename:basename(Path); _ -> Name end}};
                _ -> error
            end;
        _ -> error
    catch error:_ -> error
    end;
file(_) -> error.

addresses(List) -> each(fun hanse_machine_address:rule/1, List).

%% Every element is checked; a list that is none, or improper, is an error.
each(Check, List) -> each(Check, List, []).

each(Check, [Element | List], Done) ->
    try Check(Element) of
        {ok, Value} -> each(Check, List, [Value | Done]);
        error -> error
    catch error:_ -> error
    end;
each(_, [], Done) -> {ok, lists:reverse(Done)};
each(_, _, _) -> error.
