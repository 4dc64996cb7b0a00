%% @doc One call of a lent function: a machine of its own, made for it and ended behind it. The calling process owns the machine, which ends
%% with it, and is the group leader inside: what is printed there goes nowhere. Nothing of what the guest says is believed.
-module(hanse_gateway_call).

-include("hanse_gateway.hrl").

-export([run/3]).
-export_type([outcome/0, cost/0]).

-type outcome() :: {ok, term()} | {exception, error | exit | throw, term()} | {limit, atom()} | {exited, term()} | timeout | revoked | too_long.
-type cost() :: {Microseconds :: non_neg_integer(), Reductions :: non_neg_integer(), MemoryBytes :: non_neg_integer()}.

%% Slices are counted when they end: what is shorter tells its cost itself.
-define(LONG_US, 2000).

%% @doc Arguments, and processes of this node that the function may watch.
-spec run(#lent{}, [term()], [pid()]) -> {outcome(), cost()}.
run(#lent{realm = Realm, prim = Prim, module = M, function = F, timeout_ms = TimeoutMs, answer_bytes = Most, names = Names}, Arguments, Proxies) ->
    Begun = erlang:monotonic_time(microsecond),
    Options = Prim#{environment => #{keeper => self()}},
    Watched = case Names of [] -> Proxies; _ -> [Pid || Name <- Names, Pid <- [whereis(Name)], is_pid(Pid)] ++ Proxies end,
    Serial = prim_machine:machine_new(Realm, case Watched of [] -> Options; _ -> watching(Watched, Options) end),
    Alias = alias([reply]),
    try prim_machine:machine_spawn(Serial, hanse_guest, measured, [Alias, M, F, Arguments], [monitor]) of
        {_, Monitor} ->
            {Outcome, Said} = wait(Alias, Monitor, Begun div 1000 + TimeoutMs, TimeoutMs, Most),
            Used = erlang:monotonic_time(microsecond) - Begun,
            Cost = cost(Serial, Used, Said),
            prim_machine:machine_kill(Serial, killed),
            _ = unalias(Alias),
            _ = demonitor(Monitor),
            {Outcome, Cost}
    catch
        error:system_limit -> {{limit, memory}, {erlang:monotonic_time(microsecond) - Begun, 0, 0}};
        error:badarg -> {{limit, memory}, {erlang:monotonic_time(microsecond) - Begun, 0, 0}}
    end.

watching(Watched, #{permissions := Permissions} = Options) -> Options#{permissions => [{monitor, Watched} | Permissions]}.

wait(Alias, Monitor, Deadline, LeftMs, Most) ->
    receive
        {Alias, Answer, Reductions, Memory} -> {answered(Answer, Most), {Reductions, Memory}};
        {'DOWN', Monitor, process, _, Reason} ->
            receive {Alias, Answer, Reductions, Memory} -> {answered(Answer, Most), {Reductions, Memory}}
            after 0 -> {ended(Reason), none}
            end;
        {hanse_gateway, revoked} -> {revoked, none};
        Other ->
            case Other of
                {io_request, From, ReplyAs, Request} when is_pid(From) -> From ! {io_reply, ReplyAs, printed(Request)};
                _ -> ok
            end,
            case Deadline - erlang:monotonic_time(millisecond) of
                Left when Left > 0 -> wait(Alias, Monitor, Deadline, Left, Most);
                _ -> {timeout, none}
            end
    after LeftMs -> {timeout, none}
    end.

printed({put_chars, _, _}) -> ok;
printed({put_chars, _}) -> ok;
printed({put_chars, _, _, _, _}) -> ok;
printed({put_chars, _, _, _}) -> ok;
printed({requests, _}) -> ok;
printed({setopts, _}) -> ok;
printed(getopts) -> [{encoding, unicode}, {binary, true}];
printed({get_line, _, _}) -> eof;
printed({get_line, _}) -> eof;
printed({get_chars, _, _, _}) -> eof;
printed({get_until, _, _, _, _, _}) -> eof;
printed(_) -> {error, enotsup}.

answered({ok, Value} = Answer, Most) ->
    try erlang:external_size(Value) of
        Size when Size =< Most -> Answer;
        _ -> too_long
    catch error:_ -> too_long
    end;
answered({exception, Class, Reason}, Most) when Class =:= error; Class =:= exit; Class =:= throw ->
    case answered({ok, Reason}, Most) of
        {ok, _} -> {exception, Class, Reason};
        too_long -> {exception, Class, too_long}
    end;
answered(_, _) -> {exited, normal}.

ended({machine_limit, Limit}) when is_atom(Limit) -> {limit, Limit};
ended(Reason) -> {exited, Reason}.

%% The process that ran the call knows its own; the machine's figures have those of others that it started.
cost(_, Used, {Reductions, Memory}) when Used < ?LONG_US, is_integer(Reductions), is_integer(Memory) -> {Used, Reductions, Memory};
cost(Serial, Used, Said) ->
    {Known, Bytes} = case Said of {R, M} when is_integer(R), is_integer(M) -> Said; _ -> {0, 0} end,
    try prim_machine:machine_info(Serial) of
        #{reductions := Reductions, memory := Memory} -> {Used, max(Known, Reductions), max(Bytes, Memory)}
    catch error:badarg -> {Used, Known, Bytes}
    end.
