%% What OTP's tools ask of an emulator: tables of others, counters of locks, disassembly, signals of dirty processes.
-module(tools_of_emulators).
-export([main/0]).

main() ->
    show(check_dirty, [catch_reason(erts_internal, check_dirty_process_code, [X, lists]) || X <- [self(), x]]),
    show(dirty_signals, [catch_reason(erts_internal, dirty_process_handle_signals, [X]) || X <- [self(), whereis(init), x]]),
    show(locks, [catch_reason(erts_debug, F, A) || {F, A} <- [{lcnt_clear, []}, {lcnt_collect, []}, {lcnt_control, [mask]}, {lcnt_control, [copy_save, true]},
                                                              {lcnt_control, [x]}, {lcnt_control, [mask, [x]]}]]),
    show(disassemble, [catch_reason(erts_debug, disassemble, [X]) || X <- [lists, {lists, reverse, 1}, {lists, nope, 7}, 0]]),
    show(size, catch_reason(erts_debug, interpreter_size, [])),
    foreign(),
    tables().

%% Keys in the order of the table are nobody's business: they are sorted.
tables() ->
    [begin
         T = ets:new(t, [Type, public]),
         show({empty, Type}, {erts_internal:ets_raw_first(T), ets:info(T, binary), erts_internal:ets_lookup_binary_info(T, a)}),
         [ets:insert(T, {K, binary:copy(<<K>>, 100 + K), binary:copy(<<1>>, 1000)}) || K <- lists:seq(1, 20)],
         ets:insert(T, {small, 1, <<1>>}),
         show({keys, Type}, lists:sort(keys(T, erts_internal:ets_raw_first(T)))),
         show({sizes, Type}, lists:sort([Size || {_, Size, _} <- ets:info(T, binary), Size > 64])),
         show({one, Type}, lists:sort([Size || {_, Size, _} <- erts_internal:ets_lookup_binary_info(T, 7)])),
         show({addresses, Type}, lists:all(fun({A, S, C}) -> is_integer(A) andalso is_integer(S) andalso C > 0 end, ets:info(T, binary))),
         ets:delete(T)
     end || Type <- [set, bag, duplicate_bag, ordered_set]],
    F = ets:new(fixed, [set, public]),
    ets:insert(F, [{K} || K <- lists:seq(1, 5)]),
    ets:safe_fixtable(F, true),
    ets:delete(F, 3),
    show(deleted_is_seen, {lists:sort(keys(F, erts_internal:ets_raw_first(F))), lists:sort(visible(F, ets:first(F)))}),
    ets:safe_fixtable(F, false),
    show(wrong, [catch_reason(erts_internal, N, A) || {N, A} <- [{ets_raw_first, [nope]}, {ets_raw_first, [1]}, {ets_raw_next, [F, nope]}, {ets_raw_next, [nope, 1]},
                                                                 {ets_lookup_binary_info, [nope, 1]}, {ets_super_user, [x]}]]),
    show(no_table, [catch_reason(ets, info, [X, binary]) || X <- [nope, 1, make_ref()]]).

keys(_, '$end_of_table') -> [];
keys(T, Key) -> [Key | keys(T, erts_internal:ets_raw_next(T, Key))].

visible(_, '$end_of_table') -> [];
visible(T, Key) -> [Key | visible(T, ets:next(T, Key))].

%% Private tables of another process.
foreign() ->
    Self = self(),
    Owner = spawn(fun() ->
                      T = ets:new(private, [private]),
                      ets:insert(T, {1, binary:copy(<<1>>, 500)}),
                      Self ! T,
                      receive stop -> ok end
                  end),
    T = receive Table -> Table end,
    show(super, erts_internal:ets_super_user(true)),
    show(within, [erts_internal:ets_raw_first(T), erts_internal:ets_raw_next(T, 1), [Size || {_, Size, _} <- erts_internal:ets_lookup_binary_info(T, 1)]]),
    show(no_super, erts_internal:ets_super_user(false)),
    show(info, [Size || {_, Size, _} <- ets:info(T, binary)]),
    Owner ! stop.

catch_reason(M, F, A) -> try apply(M, F, A) catch C:R -> {C, R} end.

show(What, Value) -> io:format("~p: ~p~n", [What, Value]).
