%% @doc Calls as lines of JSON on standard input and output, for any language:
%%
%% ```
%% {"id": 17, "module": "", "function": "resize", "args": ["a.png", 64]}          to the script
%% {"id": 17, "result": 4096}   or   {"id": 17, "error": "no such file"}            from it
%% {"id": 17, "item": 1}        an item of a stream; the result ends it
%% {"ready": true}              with the option ready => message
%% {"id": 3, "call": "Module:Function", "args": []}                               a call of the script, as far as it is allowed
%% {"id": 17, "credit": 8}, {"id": 17, "cancel": true}                            to a script that streams
%% '''
%% A line that is none of these is output for the log.
-module(hanse_script_json).
-behaviour(hanse_script_protocol).

-export([payload/3, call/2, value/1, answer/3, credit/2, cancel/1, new/1, feed/2]).

-record(reader, {limit :: pos_integer(), size = 0 :: non_neg_integer(), pieces = [] :: [binary()]}).

payload(Module, Function, Arguments) ->
    [<<"\"module\":">>, hanse_json:encode(Module), <<",\"function\":">>, hanse_json:encode(Function), <<",\"args\":">>,
     hanse_json:encode(Arguments), <<"}\n">>].

call(Id, Payload) -> [<<"{\"id\":">>, integer_to_binary(Id), $, | Payload].

value({term, Term}) -> Term.

answer(r, Id, Value) -> line(#{id => Id, result => shown(Value)});
answer(e, Id, Reason) -> line(#{id => Id, error => shown(Reason)}).

credit(Id, Count) -> line(#{id => Id, credit => Count}).

cancel(Id) -> line(#{id => Id, cancel => true}).

line(Value) -> [hanse_json:encode(Value), $\n].

%% Functions in Erlang may answer what JSON does not have.
shown(Value) ->
    try iolist_to_binary(hanse_json:encode(Value)) of _ -> Value
    catch error:badarg -> unicode:characters_to_binary(io_lib:format("~0tp", [Value]))
    end.

new(Limit) -> #reader{limit = Limit}.

feed(Bytes, #reader{limit = Limit, size = Size, pieces = Pieces} = Reader) ->
    case binary:match(Bytes, <<"\n">>) of
        nomatch when Size + byte_size(Bytes) > Limit -> {error, "a line that is too long"};
        nomatch -> {[], Reader#reader{size = Size + byte_size(Bytes), pieces = [Bytes | Pieces]}};
        _ ->
            Lines = binary:split(iolist_to_binary(lists:reverse(Pieces, [Bytes])), <<"\n">>, [global]),
            {Whole, [Rest]} = lists:split(length(Lines) - 1, Lines),
            {[event(Line) || Line <- Whole, Line =/= <<>>], Reader#reader{size = byte_size(Rest), pieces = [Rest]}}
    end.

event(<<${, _/binary>> = Line) ->
    case hanse_json:decode(Line) of
        {ok, #{<<"id">> := Id, <<"result">> := Value}} when is_integer(Id) -> {result, Id, {term, Value}};
        {ok, #{<<"id">> := Id, <<"error">> := Reason}} when is_integer(Id) -> {failure, Id, {term, Reason}};
        {ok, #{<<"id">> := Id, <<"item">> := Item}} when is_integer(Id) -> {item, Id, {term, Item}};
        {ok, #{<<"id">> := Id, <<"call">> := Name, <<"args">> := Arguments}}
          when is_integer(Id), is_binary(Name), is_list(Arguments) ->
            {Module, Function} = name(Name),
            {call, Id, Module, Function, Arguments};
        {ok, #{<<"ready">> := true}} -> ready;
        _ -> {output, [Line, $\n]}
    end;
event(Line) -> {output, [Line, $\n]}.

%% What has no atom cannot be allowed.
name(Name) ->
    try [binary_to_existing_atom(Part) || Part <- binary:split(Name, <<":">>)] of
        [Module, Function] -> {Module, Function};
        _ -> {unknown, unknown}
    catch error:badarg -> {unknown, unknown}
    end.
