%% @doc Where processes begin that the host starts inside a machine. It runs with the machine's rights and at its cost.
-module(hanse_guest).

-export([call/5, measured/4, cast/4, self_test/1, format/7, text/6, get_until/6, report/4]).

-define(REPORT_CHARACTERS, 4096).

%% @doc Calls a function and answers to an alias of the host.
-spec call(reference(), binary(), module(), atom(), [term()]) -> term().
call(Alias, Trace, Module, Function, Arguments) ->
    trace(Trace),
    Answer = try {ok, apply(Module, Function, Arguments)}
             catch Class:Reason:Stack -> {error, {exception, Class, Reason, stack(Stack)}}
             end,
    Alias ! {Alias, Answer}.

%% @doc As call, for the gateway: without a stack, with what the process has used.
-spec measured(reference(), module(), atom(), [term()]) -> term().
measured(Alias, Module, Function, Arguments) ->
    Answer = try {ok, apply(Module, Function, Arguments)} catch Class:Reason -> {exception, Class, Reason} end,
    [{reductions, Reductions}, {memory, Memory}] = process_info(self(), [reductions, memory]),
    Alias ! {Alias, Answer, Reductions, Memory}.

%% @doc Calls a function; nobody waits.
-spec cast(binary(), module(), atom(), [term()]) -> term().
cast(Trace, Module, Function, Arguments) ->
    trace(Trace),
    apply(Module, Function, Arguments).

trace(<<>>) -> ok;
trace(Trace) -> seq_trace:set_token(label, {traceparent, Trace}).  % hanse_trace

%% The trampoline is nobody's business.
stack(Stack) -> [Entry || Entry <- Stack, element(1, Entry) =/= ?MODULE].

%% @doc What selftest/0 of each module that has one gives; ok and true are passes.
-spec self_test([module()]) -> #{module() => ok | term()}.
self_test(Modules) -> maps:from_list([{Module, passes(Module)} || Module <- Modules, lists:member({selftest, 0}, Module:module_info(exports))]).

passes(Module) ->
    try Module:selftest() of
        ok -> ok;
        true -> ok;
        Other -> {gave, Other}
    catch Class:Reason:Stack -> {exception, Class, Reason, stack(Stack)}
    end.

%% @doc An output request with a function: the text is made here and goes to the keeper in the name of who asked.
-spec format(pid(), pid(), term(), module(), atom(), [term()], pos_integer()) -> term().
format(Keeper, From, ReplyAs, Module, Function, Arguments, Limit) ->
    try apply(Module, Function, Arguments) of
        Text -> text(Keeper, From, ReplyAs, unicode, Text, Limit)
    catch _:_ -> From ! {io_reply, ReplyAs, {error, Function}}
    end.

%% @doc A text of any shape as a binary, in parts that the keeper takes.
-spec text(pid(), pid(), term(), atom(), term(), pos_integer()) -> term().
text(Keeper, From, ReplyAs, Encoding, Text, Limit) ->
    try unicode:characters_to_binary(Text, Encoding) of
        Bytes when is_binary(Bytes) -> parts(Keeper, From, ReplyAs, Bytes, Limit);
        _ -> From ! {io_reply, ReplyAs, {error, {no_translation, Encoding, unicode}}}
    catch _:_ -> From ! {io_reply, ReplyAs, {error, put_chars}}
    end.

parts(Keeper, From, ReplyAs, Bytes, Limit) when byte_size(Bytes) =< Limit ->
    Keeper ! {io_request, From, ReplyAs, {put_chars, unicode, Bytes}};
parts(Keeper, From, ReplyAs, Bytes, Limit) ->
    Length = whole(Bytes, Limit),
    <<Part:Length/binary, Rest/binary>> = Bytes,
    _ = asked(Keeper, {put_chars, unicode, Part}),
    parts(Keeper, From, ReplyAs, Rest, Limit).

%% No character is cut.
whole(Bytes, Length) ->
    case binary:at(Bytes, Length) of
        Byte when Byte band 16#c0 =:= 16#80 -> whole(Bytes, Length - 1);
        _ -> Length
    end.

%% @doc An input request with a function, which takes lines until it has enough (OTP's I/O protocol); what it leaves goes back to the keeper.
-spec get_until(pid(), pid(), term(), module(), atom(), [term()]) -> term().
get_until(Keeper, From, ReplyAs, Module, Function, Arguments) ->
    Answer = try until([], Keeper, Module, Function, Arguments)
             catch _:_ -> {error, Function}
             end,
    From ! {io_reply, ReplyAs, Answer}.

until(Continuation, Keeper, Module, Function, Arguments) ->
    Line = case asked(Keeper, {get_line, unicode, ''}) of Text when is_binary(Text) -> unicode:characters_to_list(Text); eof -> eof end,
    case apply(Module, Function, [Continuation, Line | Arguments]) of
        {done, Result, Rest} ->
            _ = Rest =:= [] orelse Rest =:= eof orelse asked(Keeper, {hanse_unread, unicode:characters_to_binary(Rest)}),
            result(Result);
        {more, Next} -> until(Next, Keeper, Module, Function, Arguments)
    end.

%% Texts are binaries, as getopts says.
result(Result) when is_list(Result) ->
    try unicode:characters_to_binary(Result) of
        Text when is_binary(Text) -> Text;
        _ -> Result
    catch error:_ -> Result
    end;
result(Result) -> Result.

asked(Keeper, Request) ->
    Reference = make_ref(),
    Keeper ! {io_request, self(), Reference, Request},
    receive {io_reply, Reference, Answer} -> Answer end.

%% @doc A report of the virtual machine about a process of this machine.
-spec report(pid(), atom(), io:format(), [term()]) -> term().
report(Keeper, Level, Format, Arguments) ->
    Text = try unicode:characters_to_binary(io_lib:format(Format, Arguments, [{chars_limit, ?REPORT_CHARACTERS}]))
           catch _:_ -> <<"a report that cannot be shown">>
           end,
    Keeper ! {hanse_log, Level, Text, <<>>}.
