%% @doc How often and how many at a time: the limits of a grant, shared by all connections that use its key. What changes is in atomics, so that
%% nobody waits for anybody. The rate is kept by the generic cell rate algorithm: one number, the time at which the allowance would be whole
%% again.
-module(hanse_gateway_policy).
-behaviour(gen_server).

-export([new/2, admit/1, enter/2, leave/1, revoke/1, is_revoked/1, waiting/1, headers/1, start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).
-export_type([policy/0, live/0]).

-record(policy, {live :: live(), grant :: pos_integer(), interval = none :: none | pos_integer(), burst = 1 :: pos_integer(),
                 concurrent :: pos_integer(), queue :: non_neg_integer(), expires :: never | integer()}).
-opaque policy() :: #policy{}.
%% Of a grant, whatever its options become.
-type live() :: atomics:atomics_ref().

-define(WHOLE_AGAIN, 1).
-define(RUNNING, 2).
-define(WAITING, 3).
-define(REVOKED, 4).

%% @doc From the options of a grant, and what is counted of it: `none' for one that was not known.
-spec new(hanse_grant_store:grant(), live() | none) -> {policy(), live()}.
new(#{id := Id, options := #{rate := Rate, burst := Burst, concurrent := Concurrent, queue := Queue, expires := Expires}}, Known) ->
    Live = case Known of
               none ->
                   Made = atomics:new(4, [{signed, true}]),
                   atomics:put(Made, ?WHOLE_AGAIN, erlang:monotonic_time(nanosecond)),
                   Made;
               _ -> Known
           end,
    Policy = #policy{live = Live, grant = Id, concurrent = Concurrent, queue = Queue, expires = Expires},
    case Rate of
        none -> {Policy, Live};
        {Count, Ms} ->
            Most = case Burst of default -> Count; _ -> Burst end,
            {Policy#policy{interval = max(1, Ms * 1000000 div Count), burst = Most}, Live}
    end.

%% @doc Takes one call of the rate; the time in seconds after which it makes sense to try again.
-spec admit(policy()) -> ok | {error, expired | {rate, RetrySeconds :: pos_integer()}}.
admit(#policy{expires = Expires} = Policy) when is_integer(Expires) ->
    case erlang:system_time(second) >= Expires of
        true -> {error, expired};
        false -> rate(Policy)
    end;
admit(Policy) -> rate(Policy).

rate(#policy{interval = none}) -> ok;
rate(#policy{live = Live} = Policy) -> rate(Policy, erlang:monotonic_time(nanosecond), atomics:get(Live, ?WHOLE_AGAIN)).

rate(#policy{live = Live, interval = Interval, burst = Burst} = Policy, Now, Whole) ->
    Next = max(Whole, Now) + Interval,
    case Next - Now - Burst * Interval of
        Early when Early > 0 -> {error, {rate, seconds(Early)}};
        _ ->
            case atomics:compare_exchange(Live, ?WHOLE_AGAIN, Whole, Next) of
                ok -> ok;
                Other -> rate(Policy, Now, Other)
            end
    end.

seconds(Nanoseconds) -> (Nanoseconds + 999999999) div 1000000000.

%% @doc What the answer says of the rate (draft-ietf-httpapi-ratelimit-headers): how much, and how much is left until when.
-spec headers(policy()) -> [{binary(), binary()}].
headers(#policy{interval = none}) -> [];
headers(#policy{live = Live, interval = Interval, burst = Burst}) ->
    Owed = max(0, atomics:get(Live, ?WHOLE_AGAIN) - erlang:monotonic_time(nanosecond)),
    Left = max(0, (Burst * Interval - Owed) div Interval),
    [{<<"ratelimit-policy">>, <<"\"grant\";q=", (integer_to_binary(Burst))/binary, ";w=", (integer_to_binary(seconds(Interval * Burst)))/binary>>},
     {<<"ratelimit">>, <<"\"grant\";r=", (integer_to_binary(Left))/binary, ";t=", (integer_to_binary(seconds(Owed)))/binary>>}].

%% @doc Takes a place among those that run; waits for one as long as the queue has room, and no longer than the time.
-spec enter(policy(), timeout()) -> ok | {error, revoked | busy}.
enter(#policy{live = Live} = Policy, TimeoutMs) ->
    case place(Policy) of
        true -> ok;
        false ->
            case atomics:add_get(Live, ?WAITING, 1) > Policy#policy.queue of
                true ->
                    atomics:sub(Live, ?WAITING, 1),
                    {error, busy};
                false ->
                    Answer = wait(Policy, TimeoutMs),
                    atomics:sub(Live, ?WAITING, 1),
                    Answer
            end
    end.

place(#policy{live = Live, concurrent = Concurrent}) ->
    case atomics:add_get(Live, ?RUNNING, 1) =< Concurrent of
        true -> true;
        false ->
            atomics:sub(Live, ?RUNNING, 1),
            false
    end.

wait(Policy, TimeoutMs) ->
    Reference = make_ref(),
    ?MODULE ! {wait, self(), Reference, Policy},
    receive
        {Reference, Answer} -> Answer
    after TimeoutMs ->
        ?MODULE ! {give_up, Reference, Policy},
        receive {Reference, Answer} -> Answer end
    end.

%% @doc Gives the place back.
-spec leave(policy()) -> ok.
leave(#policy{live = Live, grant = Grant}) ->
    atomics:sub(Live, ?RUNNING, 1),
    case atomics:get(Live, ?WAITING) of
        0 -> ok;
        _ ->
            ?MODULE ! {free, Grant},
            ok
    end.

%% @doc From now on is_revoked/1 says so; those that wait are told.
-spec revoke(policy()) -> ok.
revoke(#policy{live = Live, grant = Grant}) ->
    atomics:put(Live, ?REVOKED, 1),
    _ = whereis(?MODULE) =:= undefined orelse (?MODULE ! {revoked, Grant}),
    ok.

-spec is_revoked(policy()) -> boolean().
is_revoked(#policy{live = Live}) -> atomics:get(Live, ?REVOKED) =:= 1.

%% @doc How many wait for a place.
-spec waiting(policy()) -> non_neg_integer().
waiting(#policy{live = Live}) -> atomics:get(Live, ?WAITING).

%% Who waits for a place. Who leaves looks at the number of those that wait, which is raised before they come here: nobody is forgotten.
-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) -> {ok, #{}}.

handle_call(_, _From, Queues) -> {reply, {error, not_a_request}, Queues}.

handle_cast(_, Queues) -> {noreply, Queues}.

handle_info({wait, Pid, Reference, #policy{grant = Grant} = Policy}, Queues) ->
    Queue = maps:get(Grant, Queues, queue:new()),
    {noreply, serve(Grant, Queues#{Grant => queue:in({Pid, Reference, Policy}, Queue)})};
handle_info({free, Grant}, Queues) -> {noreply, serve(Grant, Queues)};
handle_info({give_up, Reference, #policy{grant = Grant}}, Queues) ->
    case Queues of
        #{Grant := Queue} ->
            Left = queue:filter(fun({Pid, Known, _}) when Known =:= Reference ->
                                        Pid ! {Reference, {error, busy}},
                                        false;
                                   (_) -> true
                                end, Queue),
            {noreply, kept(Grant, Left, Queues)};
        _ -> {noreply, Queues}
    end;
handle_info({revoked, Grant}, Queues) ->
    [Pid ! {Reference, {error, revoked}} || {Pid, Reference, _} <- queue:to_list(maps:get(Grant, Queues, queue:new()))],
    {noreply, maps:remove(Grant, Queues)};
handle_info(_, Queues) -> {noreply, Queues}.

serve(Grant, Queues) ->
    case Queues of
        #{Grant := Queue} ->
            case queue:out(Queue) of
                {{value, {Pid, Reference, Policy}}, Rest} ->
                    case {is_process_alive(Pid), is_revoked(Policy)} of
                        {false, _} -> serve(Grant, kept(Grant, Rest, Queues));
                        {true, true} ->
                            Pid ! {Reference, {error, revoked}},
                            serve(Grant, kept(Grant, Rest, Queues));
                        {true, false} ->
                            case place(Policy) of
                                true ->
                                    Pid ! {Reference, ok},
                                    serve(Grant, kept(Grant, Rest, Queues));
                                false -> Queues
                            end
                    end;
                {empty, _} -> maps:remove(Grant, Queues)
            end;
        _ -> Queues
    end.

kept(Grant, Queue, Queues) ->
    case queue:is_empty(Queue) of
        true -> maps:remove(Grant, Queues);
        false -> Queues#{Grant => Queue}
    end.
