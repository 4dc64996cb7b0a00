%% mnesia in memory: tables, transactions, aborts, indexes, dirty operations, events, nested transactions, many writers.
-module(mnesia_tables).
-export([main/0]).
-record(person, {name, age, town}).

main() ->
    logger:set_primary_config(level, none),
    show(start, mnesia:start()),
    show(create, mnesia:create_table(person, [{attributes, record_info(fields, person)}, {ram_copies, [node()]}, {index, [town]}])),
    show(counter, mnesia:create_table(counter, [{ram_copies, [node()]}])),
    show(again, mnesia:create_table(person, [])),
    {ok, _} = mnesia:subscribe({table, counter, simple}),
    show(write, mnesia:transaction(fun() -> [mnesia:write(#person{name = N, age = A, town = T}) || {N, A, T} <- [{ada, 36, london}, {alan, 41, london}, {grace, 85, york}]], written end)),
    show(read, mnesia:transaction(fun() -> {mnesia:read(person, ada), mnesia:index_read(person, london, #person.town) =/= [], mnesia:all_keys(person)} end), fun sorted/1),
    show(abort, mnesia:transaction(fun() -> mnesia:delete({person, ada}), mnesia:abort(no) end)),
    show(kept, mnesia:dirty_read(person, ada)),
    show(crash, mnesia:transaction(fun() -> mnesia:write(#person{name = x}), error(oops) end), fun({aborted, {R, _}}) -> {aborted, R} end),
    show(nested, mnesia:transaction(fun() -> mnesia:write(#person{name = outer}), {aborted, inner} = mnesia:transaction(fun() -> mnesia:write(#person{name = inner}), mnesia:abort(inner) end), mnesia:all_keys(person) end), fun sorted/1),
    show(select, lists:sort(mnesia:dirty_select(person, [{#person{name = '$1', age = '$2', _ = '_'}, [{'>', '$2', 40}], ['$1']}]))),
    show(fold, mnesia:transaction(fun() -> mnesia:foldl(fun(#person{age = A}, S) when is_integer(A) -> A + S; (_, S) -> S end, 0, person) end)),
    show(bad, [catch_(fun() -> mnesia:dirty_write(no_table, {a, 1}) end), mnesia:transaction(fun() -> mnesia:write({person, 1}) end)]),
    Writers = [spawn_monitor(fun() -> [{atomic, ok} = mnesia:transaction(fun add/0) || _ <- lists:seq(1, 50)] end) || _ <- lists:seq(1, 4)],
    show(writers, [receive {'DOWN', Ref, _, _, Reason} -> Reason end || {_, Ref} <- Writers]),
    show(sum, mnesia:dirty_read(counter, n)),
    show(events, length([1 || _ <- lists:seq(1, 200), receive {mnesia_table_event, {write, {counter, n, _}, _}} -> true after 5000 -> false end])),
    show(update_counter, [mnesia:dirty_update_counter(counter, n, -200), mnesia:dirty_read(counter, n)]),
    show(info, [mnesia:table_info(person, I) || I <- [type, arity, attributes, size, index, storage_type]]),
    show(transform, mnesia:transform_table(person, fun({person, N, A, T}) -> {person, N, A, T, new} end, [name, age, town, extra])),
    show(transformed, mnesia:dirty_read(person, grace)),
    show(clear, [mnesia:clear_table(person), mnesia:table_info(person, size), mnesia:delete_table(person)]),
    show(stop, mnesia:stop()).

add() ->
    N = case mnesia:read(counter, n, write) of [] -> 0; [{counter, n, V}] -> V end,
    mnesia:write({counter, n, N + 1}).

sorted({atomic, {A, B, Keys}}) -> {atomic, {A, B, lists:sort(Keys)}};
sorted({atomic, Keys}) -> {atomic, lists:sort(Keys)}.

catch_(F) -> try F() catch C:R -> {C, R} end.
show(Name, X) -> io:format("~w: ~0p~n", [Name, X]).
show(Name, X, F) -> show(Name, F(X)).
