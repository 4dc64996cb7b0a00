%% @doc Pools of scripts: workers in Python, Ruby or any language, called like a gen_server, below any supervisor.
%%
%% ```
%% {ok, _} = hanse_script:start_link(#{name => thumbs, command => ["python3", "resize.py"], size => 4}),
%% {ok, Small} = hanse_script:call(thumbs, resize, [Picture, 64], 5000).
%% '''
%% docs/scripts.md is the guide; hanse_script_options has all options.
-module(hanse_script).

-export([start_link/1, child_spec/1, stop/1]).
-export([call/3, call/4, cast/3, cast/4, stream/4, next/1, cancel/1, fold/6]).
-export([status/1, logs/2, restart/1, scale/2, clear_fatal/1, await/2, pools/0]).
-export_type([pool/0, options/0, call_options/0, function_name/0, reason/0, stream/0]).

-type pool() :: atom().
%% See hanse_script_options:pool_table/0.
-type options() :: map().
-type function_name() :: atom() | {Module :: atom(), atom()}.
-type call_options() :: #{timeout_ms => timeout(),      % as a whole, waiting included
                          attempt_ms => timeout(),      % of one worker
                          idempotent => boolean(),      % may be tried again elsewhere if its worker ends
                          priority => hanse_script_queue:priority()}.
-type reason() :: timeout | overload | stopping | noproc
                | {fatal, map()}                        % the pool has given up: why, and the last words of its worker
                | {worker_died, map()}                  % how, and its last words
                | {exception, Class :: binary(), Message :: binary(), Stack :: [binary()]}
                | {bad_answer, binary()}
                | term().                               % whatever the script calls an error
-record(stream, {pool :: pool(), alias :: reference(), protocol :: module(), deadline :: infinity | integer(),
                 worker = none :: none | {pid(), pos_integer()}, owed = 0 :: non_neg_integer()}).
-opaque stream() :: #stream{}.

%% The consumer lets a stream go on after so many items; the worker starts with twice as many.
-define(CREDIT, 8).
%% The worker's process answers first, with a better reason, unless the machine is very busy.
-define(SLACK_MS, 100).

%% @doc Starts a pool, linked to the caller. An error names the option that is wrong.
-spec start_link(options()) -> supervisor:startlink_ret() | {error, {bad_option, [term()], binary()}}.
start_link(Options) ->
    case hanse_script_options:complete(Options) of
        {ok, Complete} -> hanse_script_sup:start_link(Complete);
        {error, {Path, Text}} -> {error, {bad_option, Path, unicode:characters_to_binary(Text)}}
    end.

%% @doc For a supervisor's list of children.
-spec child_spec(options()) -> supervisor:child_spec().
child_spec(#{name := Name} = Options) ->
    #{id => Name, start => {?MODULE, start_link, [Options]}, type => supervisor, shutdown => infinity}.

%% @doc Ends what start_link/1 started: calls are drained first. A pool below a supervisor is stopped with supervisor:terminate_child/2.
-spec stop(pool()) -> ok.
stop(Pool) ->
    Supervisor = gen_server:call(Pool, supervisor),
    unlink(Supervisor),
    gen_server:stop(Supervisor, shutdown, infinity).

-spec call(pool(), function_name(), [term()]) -> {ok, term()} | {error, reason()}.
call(Pool, Function, Arguments) -> call(Pool, Function, Arguments, #{}).

%% @doc Calls a function of the script. A number or `infinity' is a time limit in milliseconds.
-spec call(pool(), function_name(), [term()], timeout() | call_options()) -> {ok, term()} | {error, reason()}.
call(Pool, Function, Arguments, Options) when is_map(Options) ->
    case prepare(Pool, Function, Arguments, Options) of
        {error, _} = Error -> Error;
        {Protocol, Payload, Full, Deadline} ->
            Alias = monitor(process, Pool, [{alias, reply_demonitor}]),
            send(Pool, {hanse_call, Alias, self(), Payload, Full}),
            wait(Alias, Protocol, Deadline)
    end;
call(Pool, Function, Arguments, Timeout) -> call(Pool, Function, Arguments, #{timeout_ms => Timeout}).

%% A pool that is gone is told by the monitor.
send(Pool, Message) ->
    try Pool ! Message of _ -> ok
    catch error:badarg -> ok
    end.

wait(Alias, Protocol, Deadline) ->
    receive
        {Alias, Answer} -> answer(Answer, Protocol);
        {'DOWN', Alias, process, _, _} -> {error, noproc}
    after left(Deadline) ->
        demonitor(Alias, [flush]),
        receive {Alias, Answer} -> answer(Answer, Protocol)
        after 0 -> {error, timeout}
        end
    end.

answer({result, Encoded}, Protocol) -> decoded(ok, Encoded, Protocol);
answer({failure, Encoded}, Protocol) -> decoded(error, Encoded, Protocol);
answer({error, _} = Error, _) -> Error.

decoded(Kind, Encoded, Protocol) ->
    try {Kind, Protocol:value(Encoded)}
    catch error:_ -> {error, {bad_answer, <<"not a safe external term: new atoms, or not whole">>}}
    end.

left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline + ?SLACK_MS - erlang:monotonic_time(millisecond)).

%% The fields of the message that the pool needs, with the pool's defaults.
prepare(Pool, Function, Arguments, Options) ->
    case persistent_term:get({?MODULE, Pool}, none) of
        none -> {error, noproc};
        {Protocol, Default} ->
            {Module, Name} = case Function of {_, _} -> Function; _ -> {'', Function} end,
            Payload = Protocol:payload(Module, Name, Arguments),
            Deadline = case maps:get(timeout_ms, Options, Default) of
                           infinity -> infinity;
                           Timeout -> erlang:monotonic_time(millisecond) + Timeout
                       end,
            {Protocol, Payload, {maps:get(priority, Options, normal), Deadline, maps:get(attempt_ms, Options, infinity),
                                 maps:get(idempotent, Options, false), call}, Deadline}
    end.

%% @doc Calls a function and forgets it: no answer, no error, nobody waits.
-spec cast(pool(), function_name(), [term()]) -> ok.
cast(Pool, Function, Arguments) -> cast(Pool, Function, Arguments, #{}).

-spec cast(pool(), function_name(), [term()], call_options()) -> ok.
cast(Pool, Function, Arguments, Options) ->
    case prepare(Pool, Function, Arguments, Options) of
        {error, _} -> ok;
        {_, Payload, Full, _} ->
            send(Pool, {hanse_call, none, self(), Payload, Full})
    end.

%% @doc Starts a function that answers with many items; see next/1. Without timeout_ms there is no limit.
-spec stream(pool(), function_name(), [term()], call_options()) -> {ok, stream()} | {error, reason()}.
stream(Pool, Function, Arguments, Options) ->
    case prepare(Pool, Function, Arguments, maps:merge(#{timeout_ms => infinity}, Options)) of
        {error, _} = Error -> Error;
        {Protocol, Payload, Full, Deadline} ->
            Alias = monitor(process, Pool, [{alias, explicit_unalias}]),
            send(Pool, {hanse_call, Alias, self(), Payload, setelement(5, Full, stream)}),
            {ok, #stream{pool = Pool, alias = Alias, protocol = Protocol, deadline = Deadline}}
    end.

%% @doc The next item. After `done' or an error the stream is over.
-spec next(stream()) -> {item, term(), stream()} | done | {error, reason()}.
next(#stream{alias = Alias, protocol = Protocol, deadline = Deadline} = Stream) ->
    receive
        {Alias, {item, Worker, Id, Encoded}} ->
            case decoded(item, Encoded, Protocol) of
                {item, Item} -> {item, Item, owe(Stream#stream{worker = {Worker, Id}})};
                Error -> finish(Error, Stream)
            end;
        {Alias, Answer} ->
            case answer(Answer, Protocol) of
                {ok, _} -> finish(done, Stream);
                Error -> finish(Error, Stream)
            end;
        {'DOWN', Alias, process, _, _} -> finish({error, noproc}, Stream)
    after left(Deadline) ->
        cancel(Stream),
        {error, timeout}
    end.

owe(#stream{owed = Owed} = Stream) when Owed + 1 < ?CREDIT -> Stream#stream{owed = Owed + 1};
owe(#stream{owed = Owed, worker = {Worker, Id}} = Stream) ->
    hanse_script_worker:credit(Worker, Id, Owed + 1),
    Stream#stream{owed = 0}.

finish(Answer, #stream{alias = Alias}) ->
    unalias(Alias),
    demonitor(Alias, [flush]),
    discard(Alias),
    Answer.

discard(Alias) -> receive {Alias, _} -> discard(Alias) after 0 -> ok end.

%% @doc Ends a stream early; the script's generator is closed.
-spec cancel(stream()) -> ok.
cancel(#stream{pool = Pool, alias = Alias} = Stream) ->
    send(Pool, {hanse_cancel, Alias}),
    finish(ok, Stream).

%% @doc Folds over the items of a stream.
-spec fold(pool(), function_name(), [term()], fun((term(), Acc) -> Acc), Acc, call_options()) -> {ok, Acc} | {error, reason()}.
fold(Pool, Function, Arguments, Fun, Start, Options) ->
    case stream(Pool, Function, Arguments, Options) of
        {ok, Stream} -> fold_items(next(Stream), Fun, Start);
        Error -> Error
    end.

fold_items({item, Item, Stream}, Fun, Folded) ->
    Next = try Fun(Item, Folded)
           catch Class:Reason:Stack ->
               cancel(Stream),
               erlang:raise(Class, Reason, Stack)
           end,
    fold_items(next(Stream), Fun, Next);
fold_items(done, _, Folded) -> {ok, Folded};
fold_items({error, _} = Error, _, _) -> Error.

%% @doc What the pool and its workers do.
-spec status(pool()) -> map().
status(Pool) -> gen_server:call(Pool, status).

%% @doc The last lines that workers printed.
-spec logs(pool(), pos_integer()) -> [binary()].
logs(Pool, Count) -> hanse_script_log:tail(gen_server:call(Pool, log), Count).

%% @doc Replaces the workers one by one; returns at once.
-spec restart(pool()) -> ok | {error, term()}.
restart(Pool) -> gen_server:call(Pool, restart).

%% @doc Another number of workers.
-spec scale(pool(), pos_integer()) -> ok.
scale(Pool, Size) when is_integer(Size), Size > 0 -> gen_server:call(Pool, {scale, Size}).

%% @doc A person has looked: a fatal pool tries again.
-spec clear_fatal(pool()) -> ok | {error, not_fatal}.
clear_fatal(Pool) -> gen_server:call(Pool, clear_fatal).

%% @doc Waits until at least one worker runs.
-spec await(pool(), timeout()) -> ok | {error, timeout | {fatal, map()}}.
await(Pool, Timeout) ->
    Alias = monitor(process, Pool, [{alias, reply_demonitor}]),
    send(Pool, {hanse_await, Alias}),
    receive
        {Alias, Answer} -> Answer;
        {'DOWN', Alias, process, _, _} -> {error, timeout}
    after Timeout ->
        demonitor(Alias, [flush]),
        receive {Alias, Answer} -> Answer after 0 -> {error, timeout} end
    end.

%% @doc The pools of this node.
-spec pools() -> [pool()].
pools() -> lists:sort([Name || {{?MODULE, Name}, _} <- persistent_term:get(), whereis(Name) =/= undefined]).
