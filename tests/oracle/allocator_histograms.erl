%% Histograms of memory: what is asked for of allocators that keep none. (Stock ends with a signal if sizes or the reference are wrong.)
-module(allocator_histograms).
-export([main/0]).

main() ->
    R = make_ref(),
    [io:format("~w ~0p: ~w~n", [F, A(reference), try erts_internal:F(A(R)) catch C:E -> {C, E} end])
     || F <- [gather_alloc_histograms, gather_carrier_info],
        A <- [fun(Ref) -> {sys_alloc, 0, 14, 128, Ref} end, fun(Ref) -> {sys_alloc, 1, 14, 128, Ref} end,
              fun(Ref) -> {foo, 0, 14, 128, Ref} end, fun(Ref) -> {mseg_alloc, 0, 14, 128, Ref} end, fun(Ref) -> {"x", 0, 14, 128, Ref} end,
              fun(Ref) -> {ets_alloc, a, 14, 128, Ref} end, fun(Ref) -> {ets_alloc, -1, 14, 128, Ref} end,
              fun(Ref) -> {ets_alloc, 99999, 14, 128, Ref} end, fun(Ref) -> {ets_alloc, 1 bsl 70, 14, 128, Ref} end]].
