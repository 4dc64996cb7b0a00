%% @doc What a protocol has to know. The pool and the worker's process speak of calls with numbers; a protocol makes bytes of them.
-module(hanse_script_protocol).

-export([module/1]).
-export_type([payload/0, encoded/0, event/0]).

-type payload() :: term().
-type encoded() :: term().
-type event() :: {result | failure | item, Id :: integer(), encoded()}
               | {call, Id :: integer(), module(), atom(), [term()]}
               | ready
               | {output, binary()}.

%% In the caller's process: what goes to the worker, as far as the number is not needed. May raise badarg.
-callback payload(Module :: atom(), Function :: atom() | binary(), Arguments :: [term()]) -> payload().
%% In the caller's process: the value of a result, failure or item. May raise.
-callback value(encoded()) -> term().
-callback call(Id :: integer(), payload()) -> iodata().
%% To a call of the worker.
-callback answer(r | e, Id :: integer(), term()) -> iodata().
%% A stream may send so many more items; is to end.
-callback credit(Id :: integer(), pos_integer()) -> iodata().
-callback cancel(Id :: integer()) -> iodata().
-callback new(LimitBytes :: pos_integer()) -> Reader :: term().
%% An error is a text: the worker speaks something else.
-callback feed(binary(), Reader :: term()) -> {[event()], Reader :: term()} | {error, iodata()}.

-spec module(erlport | json | plain) -> module().
module(erlport) -> hanse_script_erlport;
module(json) -> hanse_script_json;
module(plain) -> hanse_script_plain.
