%% @doc Tracking numbers, W3C Trace Context: 00-TRACE-SPAN-FLAGS in hexadecimal digits.
-module(hanse_trace).

-export([text/1]).

%% @doc The tracking number of a call: the given one, or that of the caller, or none (an empty text).
-spec text(default | binary()) -> binary().
text(default) -> <<>>;
text(Text) when is_binary(Text) -> Text.
