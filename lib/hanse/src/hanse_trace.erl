%% @doc Tracking numbers of calls in the format of W3C Trace Context (traceparent, version 00): 00-TRACE-SPAN-FLAGS in hexadecimal digits.
%% All that belongs to one request has the same TRACE; each call has a SPAN of its own.
%%
%% A process carries its number in the label of its sequential trace token, {traceparent, Number}; the virtual machine passes tokens on with
%% every message, across machines and nodes. So a process that works for a traced call, wherever it is, finds the number with current/0.
-module(hanse_trace).

-export([new/0, child/1, valid/1, current/0, set/1, clear/0, text/1]).
-export_type([id/0]).

-type id() :: binary().

%% @doc A number for a new request.
-spec new() -> id().
new() -> <<"00-", (digits(16))/binary, "-", (digits(8))/binary, "-01">>.

%% @doc The same request, another call.
-spec child(id()) -> id().
child(<<Before:36/binary, _:16/binary, After/binary>>) -> <<Before/binary, (digits(8))/binary, After/binary>>.

%% All zeros are not allowed.
digits(Bytes) ->
    case rand:uniform(1 bsl (8 * Bytes)) - 1 of
        0 -> digits(Bytes);
        Number -> iolist_to_binary(io_lib:format("~*.16.0b", [2 * Bytes, Number]))
    end.

%% @doc What came from outside.
-spec valid(term()) -> boolean().
valid(<<"00-", Trace:32/binary, "-", Span:16/binary, "-", Flags:2/binary>>) ->
    hexadecimal(Trace) andalso hexadecimal(Span) andalso hexadecimal(Flags)
        andalso Trace =/= <<"00000000000000000000000000000000">> andalso Span =/= <<"0000000000000000">>;
valid(_) -> false.

hexadecimal(Text) -> lists:all(fun(C) -> C >= $0 andalso C =< $9 orelse C >= $a andalso C =< $f end, binary_to_list(Text)).

%% @doc The number of what the calling process works for.
-spec current() -> id() | none.
current() ->
    case seq_trace:get_token(label) of
        {label, {traceparent, Number}} when is_binary(Number) -> Number;
        _ -> none
    end.

%% @doc From now on the calling process works for that request.
-spec set(id()) -> ok.
set(Number) ->
    true = valid(Number),
    _ = seq_trace:set_token(label, {traceparent, Number}),
    ok.

-spec clear() -> ok.
clear() ->
    _ = seq_trace:set_token([]),
    ok.

%% @doc What a call carries: the given number, or a new span of what the caller works for; an empty text if it is not traced.
-spec text(default | new | id()) -> binary().
text(default) ->
    case current() of
        none -> <<>>;
        Number -> case valid(Number) of true -> child(Number); false -> <<>> end
    end;
text(new) -> new();
text(Number) ->
    valid(Number) orelse error(badarg, [Number]),
    Number.
