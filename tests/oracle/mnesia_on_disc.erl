%% mnesia with a folder: tables on disc, stopping and starting, dumps, backups that are traversed and restored, fragments, locks, loading from text.
-module(mnesia_on_disc).
-export([main/0]).
-record(item, {key, value, other}).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_mnesia_" ++ os:getpid(),
    application:load(mnesia),
    application:set_env(mnesia, dir, Folder),
    try run(Folder) after catch mnesia:stop(), file:del_dir_r(Folder) end.

show(T) -> io:format("~0p~n", [T]).
t(F) -> mnesia:transaction(F).

run(Folder) ->
    show([mnesia:create_schema([node()]), element(1, mnesia:create_schema([node()])), mnesia:start(), mnesia:system_info(use_dir), mnesia:table_info(schema, storage_type)]),
    Attributes = record_info(fields, item),
    show([mnesia:create_table(T, [{attributes, Attributes}, {record_name, item} | O]) || {T, O} <- [{ram, [{ram_copies, [node()]}]}, {disc, [{disc_copies, [node()]}, {index, [value]}]}, {only, [{disc_only_copies, [node()]}, {type, bag}]}, {wrong, [{disc_copies, [nonode@nowhere]}]}, {local, [{local_content, true}, {disc_copies, [node()]}]}]] =/= []),
    [t(fun() -> [mnesia:write(T, #item{key = K, value = K rem 3, other = {T, K}}, write) || K <- lists:seq(1, 30)] end) || T <- [ram, disc, only]],
    show([t(fun() -> mnesia:abort(why) end), t(fun() -> mnesia:delete(disc, 30, write), error(oops) end) =/= x, element(2, t(fun() -> length(mnesia:index_read(disc, 1, value)) end))]),
    show([mnesia:dump_tables([ram]), mnesia:change_table_copy_type(disc, node(), disc_only_copies), mnesia:change_table_copy_type(disc, node(), disc_copies), mnesia:add_table_index(ram, other), mnesia:del_table_index(ram, other), mnesia:del_table_index(ram, other)]),
    stopped(),
    show([{T, mnesia:table_info(T, size), mnesia:table_info(T, storage_type), mnesia:table_info(T, type), mnesia:table_info(T, index)} || T <- [ram, disc, only]]),
    backups(Folder),
    transformed(),
    fragments(),
    locks(),
    text(Folder),
    stopped(),
    show([lists:sort(mnesia:system_info(tables) -- [schema]), mnesia:delete_table(disc), mnesia:delete_table(disc), mnesia:system_info(is_running), mnesia:stop(), mnesia:delete_schema([node()]), mnesia:start(), mnesia:table_info(schema, storage_type)]).

stopped() ->
    stopped = mnesia:stop(),
    show([mnesia:start(), mnesia:wait_for_tables(mnesia:system_info(tables), 20000)]).

backups(Folder) ->
    File = Folder ++ ".backup",
    show([mnesia:backup(File), t(fun() -> [mnesia:delete(disc, K, write) || K <- lists:seq(1, 10)], mnesia:write(disc, #item{key = new}, write) end), mnesia:table_info(disc, size)]),
    {ok, N} = mnesia:traverse_backup(File, mnesia_backup, dummy, read_only, fun(R, A) -> {[R], case element(1, R) of disc -> A + 1; _ -> A end} end, 0),
    show(N),
    {ok, Changed} = mnesia:traverse_backup(File, File ++ "2", fun(R, A) when element(1, R) =:= only -> {[], A + 1}; (R, A) -> {[R], A} end, 0),
    show([Changed, mnesia:restore(File, [{default_op, skip_tables}, {clear_tables, [disc]}]), mnesia:table_info(disc, size), mnesia:dirty_read(disc, new), mnesia:restore(File ++ "none", []), mnesia:restore(File, [{keep_tables, [ram, disc, only, local]}, {default_op, nonsense}])] =/= x),
    show([mnesia:table_info(disc, size), lists:sort(mnesia:dirty_all_keys(disc)) =:= lists:seq(1, 30)]),
    {ok, Name, _} = mnesia:activate_checkpoint([{max, [disc]}, {name, here}]),
    show([Name, mnesia:backup_checkpoint(here, File), mnesia:deactivate_checkpoint(here), mnesia:deactivate_checkpoint(here), mnesia:backup_checkpoint(none, File)]),
    [file:delete(File ++ S) || S <- ["", "2"]].

transformed() ->
    show([mnesia:transform_table(disc, fun({item, K, V, O}) -> {item, K, V, O, extra} end, [key, value, other, more]), mnesia:table_info(disc, attributes), mnesia:dirty_read(disc, 5)]),
    show([mnesia:transform_table(disc, fun({item, K, V, O, _}) -> {item, K, V, O} end, [key, value, other], item), mnesia:dirty_read(disc, 5)]),
    show([mnesia:write_table_property(disc, {mine, 1}), mnesia:read_table_property(disc, mine), mnesia:delete_table_property(disc, mine), catch element(1, element(2, catch mnesia:read_table_property(disc, mine)))]),
    show([mnesia:change_table_access_mode(disc, read_only), element(1, t(fun() -> mnesia:write(disc, #item{key = x}, write) end)), mnesia:change_table_access_mode(disc, read_write), mnesia:change_table_load_order(disc, 5), mnesia:table_info(disc, load_order), mnesia:clear_table(only), mnesia:table_info(only, size)]).

fragments() ->
    show(mnesia:create_table(frag, [{attributes, [k, v]}, {frag_properties, [{n_fragments, 3}, {node_pool, [node()]}, {n_disc_copies, 1}]}])),
    A = fun(F) -> mnesia:activity(transaction, F, [], mnesia_frag) end,
    A(fun() -> [mnesia:write({frag, K, K * K}) || K <- lists:seq(1, 200)] end),
    Info = fun(I) -> mnesia:activity(sync_dirty, fun() -> mnesia:table_info(frag, I) end, [], mnesia_frag) end,
    show([Info(n_fragments), Info(size), lists:sort(Info(frag_size)), A(fun() -> mnesia:read(frag, 77) end), A(fun() -> length(mnesia:match_object({frag, '_', 49})) end)]),
    show([mnesia:change_table_frag(frag, {add_frag, [node()]}), Info(n_fragments), lists:sort(Info(frag_size)), mnesia:change_table_frag(frag, del_frag), lists:sort(Info(frag_size)), A(fun() -> mnesia:foldl(fun({_, _, V}, S) -> S + V end, 0, frag) end),
          mnesia:change_table_frag(frag, deactivate) =/= {atomic, ok}, lists:sort(A(fun() -> mnesia:select(frag, [{{frag, '$1', '$2'}, [{'<', '$1', 4}], ['$2']}]) end))]).

%% Two that want the same thing in opposite order: one is told to try again, both end.
locks() ->
    Me = self(),
    [spawn(fun() -> Me ! {done, t(fun() -> mnesia:lock({table, A}, write), receive never -> ok after 5 -> ok end, mnesia:lock({table, B}, write), N = case mnesia:read(ram, count) of [#item{value = V}] -> V; [] -> 0 end, mnesia:write(ram, #item{key = count, value = N + 1}, write), N end)} end)
     || {A, B} <- [{ram, disc}, {disc, ram}, {ram, disc}, {disc, ram}]],
    show(lists:sort([receive {done, R} -> R after 30000 -> none end || _ <- "1234"])),
    show([t(fun() -> t(fun() -> mnesia:write(ram, #item{key = inner}, write), mnesia:abort(inner) end), mnesia:read(ram, inner) end), t(fun() -> mnesia:read_lock_table(ram), mnesia:write_lock_table(disc), mnesia:lock({record, ram, 1}, sticky_write) =/= x end), t(fun() -> mnesia:read(nothing, 1) end), catch element(1, element(2, catch mnesia:write(#item{})))]),
    show([mnesia:system_info(held_locks), mnesia:system_info(lock_queue)]).

text(Folder) ->
    File = Folder ++ ".text",
    ok = file:write_file(File, "{tables, [{from_text, [{record_name, item}, {attributes, [key, value, other]}]}]}.\n{from_text, a, 1, 2}.\n{from_text, b, 3, 4}.\n"),
    show([catch mnesia:load_textfile(File), catch mnesia:dirty_read(from_text, a), mnesia:dump_to_textfile(File ++ "2") =:= ok, element(1, file:consult(File ++ "2"))]),
    [file:delete(File ++ S) || S <- ["", "2"]].
