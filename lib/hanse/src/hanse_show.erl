%% @doc Things as text: tables with columns, times, sizes, and Prometheus metrics (exposition format 0.0.4).
-module(hanse_show).

-export([table/1, span/1, megabytes/1, family/4, labels/1]).

%% @doc Rows of cells; the first row is the heading.
-spec table([[unicode:chardata()]]) -> iolist().
table(Rows) ->
    Widths = lists:foldl(fun(Row, Widths) -> lists:zipwith(fun(Cell, Width) -> max(string:length(Cell), Width) end, Row, Widths) end,
                         [0 || _ <- hd(Rows)], Rows),
    [[string:trim(lists:join("  ", lists:zipwith(fun(Cell, Width) -> string:pad(Cell, Width) end, Row, Widths)), trailing), "\n"]
     || Row <- Rows].

-spec span(Milliseconds :: non_neg_integer()) -> iolist().
span(Milliseconds) when Milliseconds < 10000 -> io_lib:format("~.1f s", [Milliseconds / 1000]);
span(Milliseconds) ->
    case Milliseconds div 1000 of
        Seconds when Seconds < 120 -> io_lib:format("~b s", [Seconds]);
        Seconds when Seconds < 7200 -> io_lib:format("~b min", [Seconds div 60]);
        Seconds -> io_lib:format("~b h", [Seconds div 3600])
    end.

-spec megabytes(non_neg_integer()) -> iolist().
megabytes(0) -> "-";
megabytes(Bytes) -> io_lib:format("~.1f MB", [Bytes / 1000000]).

%% @doc A family of metrics with the values of each set of labels.
-spec family(string(), string(), string(), [{[{string(), term()}], integer()}]) -> iolist().
family(Name, Type, Help, Values) ->
    ["# HELP ", Name, " ", Help, "\n# TYPE ", Name, " ", Type, "\n",
     [[Name, labels(Labels), " ", integer_to_list(Value), "\n"] || {Labels, Value} <- Values]].

-spec labels([{string(), integer() | atom() | unicode:chardata()}]) -> iolist().
labels(Labels) -> ["{", lists:join(",", [[Name, "=\"", escaped(Value), "\""] || {Name, Value} <- Labels]), "}"].

escaped(Value) when is_integer(Value) -> integer_to_list(Value);
escaped(Value) when is_atom(Value) -> escaped(atom_to_list(Value));
escaped(Text) -> [case C of $" -> "\\\""; $\\ -> "\\\\"; $\n -> "\\n"; _ -> C end || C <- unicode:characters_to_list(Text)].
