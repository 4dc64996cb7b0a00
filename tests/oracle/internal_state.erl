%% What OTP's own tests ask of the emulator's internals, and how they keep dirty schedulers busy.
-module(internal_state).
-export([main/0]).
-export([holds/1]).
main() ->
    %% Their names are the machine's own.
    io:format("instructions: ~p~n", [[is_list(I) andalso lists:all(fun is_integer/1, I) || I <- lists:sublist(erts_debug:instructions(), 3)]]),
    logger:set_primary_config(level, none),
    show(catch_(fun() -> get_(reds_left) end)), show(set_(available_internal_state, true)), show(get_(available_internal_state)),
    links(), binaries(), monotonic(), processes_(), dirty(),
    show([catch_(fun() -> get_(X) end) || X <- [no_such_item, {no_such_item, 1}, 1, {a, b, c}]]),
    show([catch_(fun() -> set_(X, true) end) || X <- [no_such_item, 1]]),
    [show([catch_(fun() -> set_(Limit, X) end) || X <- [100, 10, default, -1, foo, 1.0, 0, default]]) || Limit <- [binary_loop_limit, unicode_loop_limit]],
    show(set_(available_internal_state, false)), show(catch_(fun() -> get_(reds_left) end)).

get_(X) -> erts_debug:get_internal_state(X).
set_(X, V) -> erts_debug:set_internal_state(X, V).
catch_(F) -> try F() catch C:R -> {C, R} end.

links() ->
    P = spawn(?MODULE, holds, [self()]), link(P), M = monitor(process, P),
    show([{element(1, L), element(2, L), element(3, L) =:= self(), element(4, L)} || L <- get_({link_list, P})]),
    show([{element(1, L), element(2, L), element(3, L), element(4, L) =:= M, element(5, L) =:= self(), element(6, L)} || L <- get_({monitor_list, P})]),
    show([{element(2, L), element(3, L)} || L <- get_({monitor_list, self()}), element(4, L) =:= M]),
    unlink(P), show(get_({link_list, P})), exit(P, kill), receive {'DOWN', M, _, _, _} -> ok end,
    show(get_({process_status, P})).
holds(_) -> receive stop -> ok end.

binaries() ->
    B = list_to_binary(lists:duplicate(1000, $x)),
    show(setelement(4, get_({binary_info, B}), flags)), show(get_({binary_info, <<"short">>})),
    show([catch_(fun() -> get_(X) end) || X <- [{binary_info, 1}, {atom, x}]]), show(is_atom(get_({atom, 10}))),
    show(set_(force_gc, self())), show(is_integer(get_({internal_hash, {a, 1}}))).

%% Monotonic integers cross the limits of small ones, and start again after 2^64.
monotonic() ->
    Min = get_(min_unique_monotonic_integer), Now = get_(unique_monotonic_integer_state),
    show([begin show(set_(unique_monotonic_integer_state, At)), [erlang:unique_integer([monotonic]) - Min || _ <- [1, 2, 3]] end
          || At <- [-4, 1 bsl 59 - 2, 1 bsl 60 - 2, 1 bsl 63 - 2, 1 bsl 64 - 2]]),
    show(set_(unique_monotonic_integer_state, Now)).

processes_() ->
    show({lists:member(self(), get_(processes)), lists:sort(get_(processes) -- processes())}),
    show(lists:member(status, get_(process_info_args))), show(element(1, get_(processes_bif_info))).

dirty() ->
    show([erts_debug:dirty_cpu(scheduler, type), erts_debug:dirty_io(scheduler, type)]),
    show([erts_debug:dirty(T, scheduler, type) || T <- [normal, dirty_cpu, dirty_io]]),
    show([{erts_debug:dirty(T, reschedule, 10), catch_(fun() -> erts_debug:dirty(T, reschedule, 11) end)} || T <- [normal, dirty_cpu, dirty_io]]),
    show([catch_(fun() -> erts_debug:dirty(T, error, E) end) || T <- [normal, dirty_cpu], E <- [badarg, undef, system_limit, {x}]]),
    show(length(erts_debug:dirty_cpu(copy, {a, "term"}))), show([erts_debug:dirty_io(wait, 1), erts_debug:dirty_cpu(wait, 0)]).
show(X) -> io:format("~0p~n", [X]).
