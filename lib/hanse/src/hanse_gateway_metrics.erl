%% @doc Counters of the gateway of this node, for Prometheus.
-module(hanse_gateway_metrics).

-export([init/0, count/3, count/4, text/0, figures/0]).

-define(STATUSES, {200, 204, 400, 401, 403, 404, 405, 406, 408, 409, 413, 414, 415, 422, 429, 431, 500, 503, 504}).
-define(OTHER, 20).
-define(MICROSECONDS, 21).
-define(CALLS, 22).

-spec init() -> ok.
init() -> persistent_term:put(?MODULE, counters:new(?CALLS, [write_concurrency])).

-spec count(binary(), 100..599, non_neg_integer()) -> ok.
count(What, Status, Microseconds) -> count(What, Status, Microseconds, 1).

-spec count(binary(), 100..599, non_neg_integer(), pos_integer()) -> ok.
count(What, Status, Microseconds, Count) ->
    try persistent_term:get(?MODULE) of
        Counters ->
            counters:add(Counters, slot(Status), Count),
            case What of
                _ when What =:= <<"call">>; What =:= <<"failed">> ->
                    counters:add(Counters, ?CALLS, 1),
                    counters:add(Counters, ?MICROSECONDS, Microseconds);
                _ -> ok
            end
    catch error:badarg -> ok
    end.

slot(200) -> 1;
slot(Status) -> slot(Status, 2).

slot(Status, Slot) when Slot =< tuple_size(?STATUSES) ->
    case element(Slot, ?STATUSES) of Status -> Slot; _ -> slot(Status, Slot + 1) end;
slot(_, _) -> ?OTHER.

%% @doc Answers by status, calls and the time they took.
-spec figures() -> #{answers := [{100..599, non_neg_integer()}], calls := non_neg_integer(), microseconds := non_neg_integer()}.
figures() ->
    try persistent_term:get(?MODULE) of
        Counters ->
            Answers = [{element(Slot, ?STATUSES), counters:get(Counters, Slot)} || Slot <- lists:seq(1, tuple_size(?STATUSES))],
            #{answers => [Answer || {_, Count} = Answer <- Answers, Count > 0], calls => counters:get(Counters, ?CALLS),
              microseconds => counters:get(Counters, ?MICROSECONDS)}
    catch error:badarg -> #{answers => [], calls => 0, microseconds => 0}
    end.

-spec text() -> iolist().
text() ->
    case persistent_term:get(?MODULE, none) of
        none -> "";  % no gateway here
        _ -> families()
    end.

families() ->
    #{answers := Answers, calls := Calls, microseconds := Microseconds} = figures(),
    [hanse_show:family("hanse_gateway_answers_total", "counter", "Answers to requests of borrowers.", [{[{"status", Status}], N} || {Status, N} <- Answers]),
     plain("hanse_gateway_calls_total", "counter", "Calls that were let in.", Calls),
     plain("hanse_gateway_call_microseconds_total", "counter", "Time that those took.", Microseconds),
     plain("hanse_gateway_running", "gauge", "Calls that run or wait for their machine.", hanse_gateway:running()),
     plain("hanse_gateway_clients", "gauge", "Clients with processes or an event stream.", hanse_gateway_proxy:clients()),
     plain("hanse_gateway_proxies", "gauge", "Processes of borrowers that are known here.", hanse_gateway_proxy:proxies()),
     plain("hanse_atoms", "gauge", "Atoms of the node: no request adds one.", erlang:system_info(atom_count)),
     plain("hanse_audit_dropped_total", "counter", "Lines of the audit log that had no room.", hanse_audit:dropped())].

plain(Name, Type, Help, Value) -> ["# HELP ", Name, " ", Help, "\n# TYPE ", Name, " ", Type, "\n", Name, " ", integer_to_list(Value), "\n"].
