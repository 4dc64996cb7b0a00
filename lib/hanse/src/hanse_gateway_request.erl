%% @doc A request from its arrival to its answer, in a process of its own: what it asks for, whether the key may, the call, the log.
-module(hanse_gateway_request).

-include("hanse_gateway.hrl").

-export([start/10, refused/1, abandoned/1]).

%% Words; a call that makes more of its arguments or its answer ends. 128 MB.
-define(HEAP, #{size => 16777216, kill => true, error_logger => false}).
%% Most requests are done before their first collection.
-define(FIRST_HEAP, 2586).

%% @doc For the dispatcher: the elements of a gateway_request.
-spec start(integer(), integer(), binary(), [binary()], binary(), binary() | none, map(), binary(), binary(), integer()) -> pid().
start(Server, Id, Method, Path, Query, Key, Headers, Body, Peer, Begun) ->
    spawn_opt(fun() ->
        serve(#request{server = Server, id = Id, method = Method, path = Path, query = Query, key = Key, headers = Headers, body = Body, peer = Peer,
                       tracking = hanse_audit:tracking(), begun = Begun})
    end, [{min_heap_size, ?FIRST_HEAP}, {max_heap_size, ?HEAP}]).

serve(Request) ->
    try route(Request)
    catch Class:Reason:Stack ->
        logger:error("hanse_gateway: ~0tP", [{Class, Reason, Stack}, 60]),
        refuse(Request, 500, internal, <<"the log of the node has more">>, [], [])
    end.

route(#request{key = none, method = <<"GET">>, path = []} = Request) ->
    answer(Request, 200, [{<<"content-type">>, <<"application/json">>}], hanse_json:encode(hanse_gateway:identity()));
route(#request{key = none} = Request) -> refuse(Request, 401, not_signed, <<"expected a signature (RFC 9421)">>, [], []);
route(#request{method = <<"PUT">>, path = [<<"apply">>, M, F | Arguments]} = Request) -> apply_function(M, F, Arguments, Request);
route(#request{method = <<"GET">>, path = [], key = Key} = Request) ->
    logged(Request, <<"discovery">>, null, null, 200, null, {0, 0, 0}),
    answer(Request, 200, [{<<"content-type">>, <<"application/json">>}], hanse_gateway:document(Key));
route(#request{method = <<"GET">>, path = [<<"events">>, Client], key = Key, headers = Headers, query = Query, id = Id} = Request) ->
    Format = case binary:match(Query, <<"format=term">>) of nomatch -> json; _ -> term end,
    case hanse_gateway_proxy:stream(Key, Client, Id, maps:get(<<"last-event-id">>, Headers, none), Format, Request#request.tracking) of
        ok -> logged(Request, <<"events">>, null, null, 200, null, {0, 0, 0});
        {error, not_granted} -> not_granted(Request);
        {error, busy} -> refuse(Request, 429, pids, <<"too many clients of this key">>, [], [{<<"retry-after">>, <<"60">>}])
    end;
route(#request{method = <<"DELETE">>, path = [<<"events">>, Client, Name], key = Key} = Request) ->
    case hanse_gateway_proxy:ended(Key, Client, Name) of
        ok -> answer(Request, 204, [], <<>>);
        {error, not_granted} -> not_granted(Request)
    end;
route(#request{path = [First | _]} = Request) when First =:= <<"apply">>; First =:= <<"events">> ->
    refuse(Request, 405, method, <<"there are GET /, PUT /apply/MODULE/FUNCTION, GET /events/CLIENT and DELETE /events/CLIENT/NAME">>, [],
           [{<<"allow">>, case First of <<"apply">> -> <<"PUT">>; _ -> <<"GET, DELETE">> end}]);
route(Request) -> not_granted(Request).

%% The same answer, whether such a function exists or not.
not_granted(Request) -> refuse(Request, 403, not_granted, <<"ask the lender for a grant">>, [], []).

apply_function(M, F, Segments, #request{key = Key} = Request) ->
    case hanse_gateway:find(Key, M, F) of
        [] -> not_granted(Request);
        [#lent{grant = Grant} = Lent | More] = All ->
            %% What is too often is refused before anything is decoded; with several grants, the arguments decide which one it is.
            case lists:all(fun(#lent{grant = Other}) -> Other =:= Grant end, More) of
                true -> admitted(Lent, fun() -> decoded(All, Segments, fun entered/4, Request) end, Request);
                false -> decoded(All, Segments, fun limited/4, Request)
            end
    end.

decoded(All, Segments, Then, #request{headers = Headers, body = Body} = Request) ->
    case {hanse_gateway_body:accepted(Headers), hanse_gateway_body:arguments(Segments, Headers, Body)} of
        {{ok, Format}, {ok, Arguments}} -> choose(All, Arguments, Format, none, Then, Request);
        {error, _} -> refuse(Request, 406, not_acceptable, <<"there are application/json, application/vnd.erlang.term and text/plain">>, [], []);
        {_, {error, Status, Kind, Detail}} -> refuse(Request, Status, Kind, Detail, [], [])
    end.

%% The first grant with which the arguments go; else the answer is that of the last one that might have.
choose([#lent{arguments = Patterns} = Lent | More], Arguments, Format, Best, Then, Request) ->
    case length(Patterns) =:= length(Arguments) andalso hanse_grant_pattern:check(Patterns, Arguments) of
        ok -> Then(Lent, Arguments, Format, Request);
        false -> choose(More, Arguments, Format, Best, Then, Request);
        Error -> choose(More, Arguments, Format, Error, Then, Request)
    end;
choose([], _, _, none, _, Request) -> not_granted(Request);
choose([], _, _, {error, Position, Expected}, _, Request) ->
    refuse(Request, 422, arguments, ["argument ", integer_to_binary(Position), ": expected ", Expected], [{<<"argument">>, Position}], []).

limited(Lent, Arguments, Format, Request) -> admitted(Lent, fun() -> entered(Lent, Arguments, Format, Request) end, Request).

admitted(#lent{policy = Policy} = Lent, Then, Request) ->
    case hanse_gateway_policy:admit(Policy) of
        ok -> Then();
        {error, expired} -> refuse(Request, Lent, 403, expired, <<"ask the lender for another one">>, [], []);
        {error, {rate, Seconds}} ->
            refuse(Request, Lent, 429, rate, ["try again in ", integer_to_binary(Seconds), " s"], [{<<"retry_after">>, Seconds}], retry(Seconds, Policy))
    end.

retry(Seconds, Policy) -> [{<<"retry-after">>, integer_to_binary(Seconds)} | hanse_gateway_policy:headers(Policy)].

entered(#lent{policy = Policy, timeout_ms = TimeoutMs} = Lent, Arguments, Format, #request{id = Id} = Request) ->
    case hanse_gateway_policy:enter(Policy, TimeoutMs) of
        ok ->
            hanse_gateway:running(Id, Lent),
            try
                case hanse_gateway_policy:is_revoked(Policy) of
                    true -> revoked(Request, Lent, {0, 0, 0});
                    false -> with_processes(Lent, Arguments, Format, Request)
                end
            after
                hanse_gateway:done(),
                hanse_gateway_policy:leave(Policy)
            end;
        {error, busy} -> refuse(Request, Lent, 429, busy, <<"other calls of this grant run and wait">>, [], retry(1, Policy));
        {error, revoked} -> revoked(Request, Lent, {0, 0, 0})
    end.

revoked(Request, Lent, Cost) -> refuse(Request, Lent, 403, revoked, <<"the lender took it back">>, [], [], Cost).

with_processes(#lent{grant = Grant, pids = Pids} = Lent, Arguments, Format, #request{key = Key, body = Body} = Request) ->
    case binary:match(Body, <<"$pid">>) of
        nomatch -> call(Lent, Arguments, [], Format, Request);
        _ ->
            case hanse_gateway_proxy:replace(Arguments, Key, Grant, Pids) of
                {ok, Replaced, Proxies} -> call(Lent, Replaced, Proxies, Format, Request);
                {error, busy} -> refuse(Request, Lent, 429, pids, <<"the grant allows no more processes">>, [], [{<<"retry-after">>, <<"60">>}]);
                {error, Text} -> refuse(Request, Lent, 422, arguments, Text, [], [])
            end
    end.

call(Lent, Arguments, Proxies, Format, Request) ->
    {Outcome, Cost} = hanse_gateway_call:run(Lent, Arguments, Proxies),
    outcome(Outcome, Cost, Lent, Format, Request).

outcome({ok, Value}, Cost, #lent{policy = Policy} = Lent, Format, Request) ->
    case hanse_gateway_body:encode(Format, Value) of
        {ok, Type, Body} ->
            logged(Request, Lent, 200, null, Cost),
            answer(Request, 200, [{<<"content-type">>, Type} | hanse_gateway_policy:headers(Policy)], Body);
        error -> refuse(Request, Lent, 500, not_json, <<"ask with Accept: application/vnd.erlang.term">>, [], [], Cost)
    end;
outcome({exception, Class, Reason}, Cost, Lent, _, Request) ->
    Text = reason(Reason),
    refuse(Request, Lent, 500, exception, [atom_to_list(Class), ": ", Text], [{<<"class">>, Class}, {<<"reason">>, Text}], [], Cost);
outcome({exited, Reason}, Cost, Lent, _, Request) -> refuse(Request, Lent, 500, exited, reason(Reason), [{<<"reason">>, reason(Reason)}], [], Cost);
outcome({limit, Limit}, Cost, Lent, _, Request) -> refuse(Request, Lent, 500, limit, ["its limit of ", atom_to_list(Limit)], [{<<"limit">>, Limit}], [], Cost);
outcome(too_long, Cost, Lent, _, Request) -> refuse(Request, Lent, 500, too_long, <<"the lender can allow longer ones">>, [], [], Cost);
outcome(timeout, Cost, #lent{timeout_ms = TimeoutMs} = Lent, _, Request) ->
    refuse(Request, Lent, 504, timeout, ["the grant allows ", integer_to_binary(TimeoutMs), " ms"], [], [], Cost);
outcome(revoked, Cost, Lent, _, Request) -> revoked(Request, Lent, Cost).

%% Whatever it is, it is short.
reason(Reason) -> hanse_audit:clean(unicode:characters_to_binary(io_lib:format("~0tP", [Reason, 12], [{chars_limit, 200}]))).

refuse(Request, Status, Kind, Detail, More, Headers) ->
    logged(Request, <<"refused">>, null, asked(Request), Status, atom_to_binary(Kind), {0, 0, 0}),
    problem(Request, Status, Kind, Detail, More, Headers).

refuse(Request, Lent, Status, Kind, Detail, More, Headers) -> refuse(Request, Lent, Status, Kind, Detail, More, Headers, {0, 0, 0}).

refuse(Request, Lent, Status, Kind, Detail, More, Headers, Cost) ->
    logged(Request, Lent, Status, atom_to_binary(Kind), Cost),
    problem(Request, Status, Kind, Detail, More, Headers).

problem(#request{tracking = Tracking} = Request, Status, Kind, Detail, More, Headers) ->
    Body = hanse_gateway_body:problem(Status, Kind, Detail, Tracking, More),
    answer(Request, Status, [{<<"content-type">>, <<"application/problem+json">>} | Headers], Body).

answer(#request{id = Id, tracking = Tracking}, Status, Headers, Body) ->
    prim_gateway:answer(Id, Status, [{<<"hanse-tracking">>, Tracking} | Headers], Body).

%% What was asked for, as far as a line of a log can have it.
asked(#request{method = Method, path = Path}) -> hanse_audit:clean(iolist_to_binary([Method, " /", lists:join("/", lists:sublist(Path, 4))])).

logged(Request, #lent{grant = Grant, label = Label}, Status, Detail, Cost) ->
    logged(Request, case Status of 200 -> <<"call">>; _ -> <<"failed">> end, Grant, Label, Status, Detail, Cost).

logged(#request{key = Key, tracking = Tracking, peer = Peer}, What, Grant, Function, Status, Detail, {Us, Reductions, Memory}) ->
    hanse_gateway_metrics:count(What, Status, Us),
    Row = [erlang:system_time(millisecond), Tracking, What, case Key of none -> null; _ -> Key end, Grant, Function, Status, Us, Reductions, Memory, Peer,
           Detail, 1],
    if
        Status >= 400, Status < 500 -> hanse_audit:refused(Row);
        true -> hanse_audit:call(Row)
    end.

%% @doc The server has refused by itself: {gateway_refused, Server, Status, Kind, KeyId, Peer, Method, Path, Count}.
-spec refused(tuple()) -> ok.
refused({gateway_refused, _, Status, Kind, KeyId, Peer, Method, Path, Count}) ->
    hanse_gateway_metrics:count(<<"refused">>, Status, 0, Count),
    hanse_audit:call([erlang:system_time(millisecond), hanse_audit:tracking(), <<"refused">>,
                      case KeyId of none -> null; _ -> hanse_audit:clean(KeyId) end, null, hanse_audit:clean(<<Method/binary, " ", Path/binary>>), Status, 0, 0, 0,
                      hanse_audit:clean(Peer), atom_to_binary(Kind), Count]).

%% @doc The process of a request has ended without an answer.
-spec abandoned(integer()) -> ok.
abandoned(Id) ->
    Tracking = hanse_audit:tracking(),
    hanse_gateway_metrics:count(<<"failed">>, 500, 0),
    _ = prim_gateway:answer(Id, 500, [{<<"hanse-tracking">>, Tracking}, {<<"content-type">>, <<"application/problem+json">>}],
                            hanse_gateway_body:problem(500, internal, <<"the call needed too much memory outside of its machine">>, Tracking, [])),
    ok.
