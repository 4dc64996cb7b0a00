%% @doc What requests carry and what answers say: arguments from paths, JSON and external terms; values as JSON, external terms or text; what went
%% wrong as problem documents (RFC 9457). Nothing that comes from outside becomes an atom, and its size and depth are bounded.
-module(hanse_gateway_body).

-export([arguments/3, accepted/1, encode/2, problem/5]).
-export_type([format/0]).

-type format() :: json | term | text.

-define(DEPTH, 256).
-define(ARGUMENTS, 20).
-define(TERM, <<"application/vnd.erlang.term">>).

%% @doc Arguments of the path, then those of the body.
-spec arguments([binary()], map(), binary()) -> {ok, [term()]} | {error, Status :: 400..599, Kind :: atom(), Detail :: unicode:chardata()}.
arguments(Path, _, <<>>) -> {ok, [from_path(Segment) || Segment <- Path]};
arguments(Path, Headers, Body) ->
    Decoded = case Headers of
                  #{<<"content-type">> := Type} ->
                      case media(Type) of
                          <<"application/json">> -> json(Body);
                          ?TERM -> term(Body);
                          _ -> unsupported()
                      end;
                  _ -> unsupported()
              end,
    case Decoded of
        {ok, List} when Path =:= [] -> {ok, List};
        {ok, List} -> {ok, [from_path(Segment) || Segment <- Path] ++ List};
        Error -> Error
    end.

unsupported() -> {error, 415, media_type, "expected a body of application/json or application/vnd.erlang.term"}.

media(Type) when byte_size(Type) > 200 -> Type;
media(<<"application/json">> = Type) -> Type;
media(?TERM = Type) -> Type;
media(Type) ->
    [Name | _] = binary:split(Type, <<";">>),
    string:lowercase(string:trim(Name)).

json(Body) ->
    case hanse_json:decode(Body) of
        {ok, List} when is_list(List) -> {ok, List};
        {ok, _} -> {error, 422, arguments, "expected an array of arguments"};
        {error, {not_json, Position}} -> {error, 422, arguments, io_lib:format("not JSON at byte ~b", [Position])}
    end.

%% 131, 80: compressed. Atoms that the node does not know are refused by safe, the rest by the walk.
term(<<131, 80, _/binary>>) -> {error, 422, arguments, "compressed terms are not accepted"};
term(Body) ->
    try binary_to_term(Body, [safe, used]) of
        {List, Used} when is_list(List), Used =:= byte_size(Body) ->
            case plain_list(List, ?DEPTH) of
                true -> {ok, List};
                false -> {error, 422, arguments, "expected a proper list without pids, ports, references and funs, not nested too deeply"}
            end;
        _ -> {error, 422, arguments, "expected a list of arguments, and nothing behind it"}
    catch error:_ -> {error, 422, arguments, "not an external term, or one with atoms that this node does not know"}
    end.

plain_list([Element | Rest], Left) -> plain(Element, Left) andalso plain_list(Rest, Left);
plain_list(Rest, _) -> Rest =:= [].

plain(Term, _) when is_number(Term); is_atom(Term); is_bitstring(Term) -> true;
plain(_, 0) -> false;
plain(List, Left) when is_list(List) -> elements(List, Left - 1);
plain(Tuple, Left) when is_tuple(Tuple) -> plain_list(tuple_to_list(Tuple), Left - 1);
plain(Map, Left) when is_map(Map) -> plain_list(maps:keys(Map), Left - 1) andalso plain_list(maps:values(Map), Left - 1);
plain(_, _) -> false.

elements([Element | Rest], Left) -> plain(Element, Left) andalso elements(Rest, Left);
elements([], _) -> true;
elements(Tail, Left) -> plain(Tail, Left).

%% A number, true, false, null, else a text.
from_path(<<"true">>) -> true;
from_path(<<"false">>) -> false;
from_path(<<"null">>) -> null;
from_path(<<C, _/binary>> = Segment) when C =:= $-; C >= $0, C =< $9 ->
    case hanse_json:decode(Segment) of
        {ok, Number} when is_number(Number) -> Number;
        _ -> Segment
    end;
from_path(Segment) -> Segment.

%% @doc What the borrower takes, of what there is; the first that it names wins.
-spec accepted(map()) -> {ok, format()} | error.
accepted(#{<<"accept">> := Accept}) -> accept(Accept);
accepted(_) -> {ok, json}.

accept(<<"*/*">>) -> {ok, json};
accept(<<"application/json">>) -> {ok, json};
accept(?TERM) -> {ok, term};
accept(<<"text/plain">>) -> {ok, text};
accept(Accept) when byte_size(Accept) > 1000 -> error;
accept(Accept) -> first([media(Range) || Range <- binary:split(Accept, <<",">>, [global]), not refused(Range)]).

refused(Range) -> re:run(Range, ";\\s*q=0(\\.0*)?\\s*(;|$)", [{capture, none}, caseless]) =:= match.

first([Range | Ranges]) ->
    case Range of
        <<"*/*">> -> {ok, json};
        <<"application/*">> -> {ok, json};
        <<"application/json">> -> {ok, json};
        ?TERM -> {ok, term};
        <<"text/plain">> -> {ok, text};
        <<"text/*">> -> {ok, text};
        _ -> first(Ranges)
    end;
first([]) -> error.

%% @doc A value for the borrower.
-spec encode(format(), term()) -> {ok, Type :: binary(), iodata()} | error.
encode(json, Value) -> try {ok, <<"application/json">>, hanse_json:encode(Value)} catch error:_ -> error end;
encode(term, Value) -> {ok, ?TERM, term_to_binary(Value)};
encode(text, Value) ->
    Text = try
               case unicode:characters_to_binary(Value) of
                   Characters when is_binary(Characters), Value =/= [] -> Characters;
                   _ -> shown(Value)
               end
           catch error:_ -> shown(Value)
           end,
    {ok, <<"text/plain; charset=utf-8">>, Text}.

shown(Value) -> unicode:characters_to_binary(io_lib:format("~tp", [Value])).

%% @doc A problem document: status, kind, what happened in this case, the tracking number, further members.
-spec problem(400..599, atom(), unicode:chardata(), binary(), [{binary(), term()}]) -> iodata().
problem(Status, Kind, Detail, Tracking, More) ->
    Text = case Detail of _ when is_binary(Detail) -> Detail; _ -> unicode:characters_to_binary(Detail) end,
    [<<"{\"type\":\"urn:hanse:problem:">>, kind(Kind), <<"\",\"title\":\"">>, title(Kind), <<"\",\"status\":">>, integer_to_binary(Status),
     <<",\"detail\":">>, hanse_json:encode(Text), <<",\"tracking\":\"">>, Tracking, $",
     [[<<",\"">>, Name, <<"\":">>, hanse_json:encode(Value)] || {Name, Value} <- More], $}].

kind(not_granted) -> <<"not-granted">>;
kind(Kind) -> binary:replace(atom_to_binary(Kind), <<"_">>, <<"-">>, [global]).

title(not_granted) -> <<"This key may not do that">>;
title(revoked) -> <<"The grant was revoked">>;
title(expired) -> <<"The grant has ended">>;
title(rate) -> <<"Too many calls">>;
title(busy) -> <<"Too many calls at a time">>;
title(pids) -> <<"Too many processes">>;
title(arguments) -> <<"The arguments do not fit">>;
title(media_type) -> <<"Not a type of body that is known here">>;
title(not_acceptable) -> <<"No type of answer that is known here">>;
title(not_json) -> <<"JSON cannot say that value">>;
title(exception) -> <<"The function raised an exception">>;
title(exited) -> <<"The process of the call ended without an answer">>;
title(limit) -> <<"The call reached a limit of its grant">>;
title(too_long) -> <<"The answer is too long">>;
title(timeout) -> <<"The call took too long">>;
title(method) -> <<"Not with this method">>;
title(internal) -> <<"An error of the gateway">>;
title(_) -> <<"That did not work">>.
