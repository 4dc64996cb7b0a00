%% @doc Calls that wait for a worker: bounded by the pool, three priorities, and within a priority the callers take turns, however
%% many calls each of them has waiting.
-module(hanse_script_queue).

-export([new/0, in/4, out/1, size/1, to_list/1]).
-export_type([queue/1, priority/0]).

-type priority() :: high | normal | low.
-record(lane, {turns = queue:new() :: queue:queue(term()), waiting = #{} :: #{term() => queue:queue(term())}}).
-record(waiting, {size = 0 :: non_neg_integer(), high = #lane{}, normal = #lane{}, low = #lane{}}).
-type queue(_Item) :: #waiting{}.

-spec new() -> queue(term()).
new() -> #waiting{}.

-spec size(queue(term())) -> non_neg_integer().
size(#waiting{size = Size}) -> Size.

%% @doc Adds a caller's item behind the others of the same caller.
-spec in(Item, priority(), Caller :: term(), queue(Item)) -> queue(Item).
in(Item, Priority, Caller, #waiting{size = Size} = Queue) ->
    Field = field(Priority),
    #lane{turns = Turns, waiting = Waiting} = Lane = element(Field, Queue),
    Added = case Waiting of
                #{Caller := Own} -> Lane#lane{waiting = Waiting#{Caller := queue:in(Item, Own)}};
                _ -> #lane{turns = queue:in(Caller, Turns), waiting = Waiting#{Caller => queue:in(Item, queue:new())}}
            end,
    setelement(Field, Queue#waiting{size = Size + 1}, Added).

%% @doc The next item: of the highest priority, of the caller whose turn it is.
-spec out(queue(Item)) -> {Item, queue(Item)} | empty.
out(#waiting{size = 0}) -> empty;
out(#waiting{size = Size} = Queue) -> out(Queue#waiting{size = Size - 1}, [high, normal, low]).

out(Queue, [Priority | Lower]) ->
    Field = field(Priority),
    #lane{turns = Turns, waiting = Waiting} = element(Field, Queue),
    case queue:out(Turns) of
        {empty, _} -> out(Queue, Lower);
        {{value, Caller}, Others} ->
            {{value, Item}, Own} = queue:out(map_get(Caller, Waiting)),
            Lane = case queue:is_empty(Own) of
                       true -> #lane{turns = Others, waiting = maps:remove(Caller, Waiting)};
                       false -> #lane{turns = queue:in(Caller, Others), waiting = Waiting#{Caller := Own}}
                   end,
            {Item, setelement(Field, Queue, Lane)}
    end.

%% @doc All items, in the order in which they would come out.
-spec to_list(queue(Item)) -> [Item].
to_list(Queue) ->
    case out(Queue) of
        empty -> [];
        {Item, Rest} -> [Item | to_list(Rest)]
    end.

field(high) -> #waiting.high;
field(normal) -> #waiting.normal;
field(low) -> #waiting.low.
