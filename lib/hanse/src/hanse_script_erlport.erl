%% @doc Calls as external terms in frames of four bytes length, erlport's messages with numbers. The caller encodes arguments and
%% decodes results; the worker's process only looks at the first bytes.
-module(hanse_script_erlport).
-behaviour(hanse_script_protocol).

-export([payload/3, call/2, value/1, answer/3, credit/2, cancel/1, new/1, feed/2]).

%% What is read is cut into frames. An unfinished one is kept in pieces: large binaries come in many.
-record(reader, {limit :: pos_integer(), wanted = 4 :: pos_integer(), size = 0 :: non_neg_integer(), pieces = [] :: [binary()]}).

%% The elements of {M, F, A} without the head of the tuple are those that follow the number in {'C', Id, M, F, A}.
payload(Module, Function, Arguments) ->
    [<<131, 104, 3, First/binary>> | More] = term_to_iovec({Module, Function, Arguments}),
    case More of
        [] -> {byte_size(First), First};
        _ -> {byte_size(First) + iolist_size(More), [First | More]}
    end.

call(Id, {Size, Bytes}) -> [<<(Size + 11):32, 131, 104, 5, 119, 1, $C, 98, Id:32>> | Bytes].

%% A binary that stands alone is a part of what was read, not a copy.
value(<<131, 104, 3, 119, 1, _, 98, _:32, 109, Size:32, Value:Size/binary>>) when Size > 64 -> Value;
value(Frame) when is_binary(Frame) -> element(3, binary_to_term(Frame, [safe]));
value({term, Term}) -> Term.

answer(Kind, Id, Value) ->
    Term = term_to_binary({Kind, Id, Value}),
    [<<(byte_size(Term)):32>>, Term].

credit(Id, Count) -> answer(k, Id, Count).

cancel(Id) ->
    Term = term_to_binary({x, Id}),
    [<<(byte_size(Term)):32>>, Term].

new(Limit) -> #reader{limit = Limit}.

feed(Bytes, #reader{size = 0} = Reader) -> frames(Bytes, Reader, []);
feed(Bytes, #reader{wanted = Wanted, size = Size, pieces = Pieces} = Reader) ->
    case Size + byte_size(Bytes) of
        Enough when Enough >= Wanted ->
            frames(iolist_to_binary(lists:reverse(Pieces, [Bytes])), Reader#reader{wanted = 4, size = 0, pieces = []}, []);
        More -> {[], Reader#reader{size = More, pieces = [Bytes | Pieces]}}
    end.

frames(<<Size:32, Frame:Size/binary, Rest/binary>>, Reader, Events) ->
    case event(Frame) of
        {error, _} = Error -> Error;
        Event -> frames(Rest, Reader, [Event | Events])
    end;
frames(<<Size:32, _/binary>> = Begun, #reader{limit = Limit} = Reader, Events) ->
    case Size > Limit of
        true -> {error, ["a message of ", integer_to_list(Size), " bytes; it begins with ", preview(Begun)]};
        false -> {lists:reverse(Events), Reader#reader{wanted = Size + 4, size = byte_size(Begun), pieces = [Begun]}}
    end;
frames(<<>>, Reader, Events) -> {lists:reverse(Events), Reader};
frames(Begun, Reader, Events) -> {lists:reverse(Events), Reader#reader{wanted = 4, size = byte_size(Begun), pieces = [Begun]}}.

event(<<131, 104, 3, 119, 1, $r, 98, Id:32, _/binary>> = Frame) -> {result, Id, Frame};
event(<<131, 104, 3, 119, 1, $e, 98, Id:32, _/binary>> = Frame) -> {failure, Id, Frame};
event(<<131, 104, 3, 119, 1, $s, 98, Id:32, _/binary>> = Frame) -> {item, Id, Frame};
event(Frame) ->
    try binary_to_term(Frame, [safe]) of
        {'C', Id, Module, Function, Arguments} when is_integer(Id), is_atom(Module), is_atom(Function), is_list(Arguments) ->
            {call, Id, Module, Function, Arguments};
        {r, Id, Value} when is_integer(Id) -> {result, Id, {term, Value}};
        {e, Id, Reason} when is_integer(Id) -> {failure, Id, {term, Reason}};
        {s, Id, Item} when is_integer(Id) -> {item, Id, {term, Item}};
        Other -> {error, io_lib:format("not a message: ~0tP", [Other, 8])}
    catch
        error:badarg ->
            case Frame of
                %% The names are unknown here, so nothing of that name can be allowed.
                <<131, 104, 5, 119, 1, $C, 98, Id:32, _/binary>> -> {call, Id, unknown, unknown, []};
                <<131, 104, 5, 119, 1, $C, 97, Id, _/binary>> -> {call, Id, unknown, unknown, []};
                _ -> {error, ["not a safe external term: ", preview(Frame)]}
            end
    end.

preview(Bytes) -> io_lib:format("~0p", [binary:part(Bytes, 0, min(60, byte_size(Bytes)))]).
