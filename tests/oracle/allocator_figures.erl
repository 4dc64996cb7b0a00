%% system_info({allocator, _}) and ({allocator_sizes, _}): figures differ, their places do not. What tools that add them up rely on.
-module(allocator_figures).
-export([main/0]).

main() ->
    [io:format("~p ~0p: ~0p~n", [Item, A, answer(Item, A)])
     || Item <- [allocator, allocator_sizes], A <- [eheap_alloc, binary_alloc, ets_alloc, fix_alloc, ll_alloc, [ets_alloc, driver_alloc]]],
    [io:format("~p ~0p: ~0p~n", [Item, A, refusal(Item, A)])
     || Item <- [allocator, allocator_sizes], A <- [none, [], [none], 1, "x", [ets_alloc | x], {ets_alloc}, test_alloc]],
    io:format("~p~n", [[lists:sort([keys(F) || {instance, _, F} <- [hd(erlang:system_info({Item, A}))]])
                        || Item <- [allocator, allocator_sizes], A <- [sys_alloc]]]),
    [{instance, 0, Segments} | _] = erlang:system_info({allocator, mseg_alloc}),
    io:format("~0p~n", [[[[element(1, C) || C <- proplists:get_value(W, M)] || W <- [status, calls]] || {memkind, M} <- Segments]]),
    [{instance, 0, [Sizes]} | _] = erlang:system_info({allocator_sizes, mseg_alloc}),
    io:format("~0p~n", [{element(1, Sizes), tuple_size(Sizes)}]),
    Held = binary:copy(<<"x">>, 3000000),
    io:format("~p~n", [lists:sum([sizes(F) || {instance, _, F} <- erlang:system_info({allocator_sizes, binary_alloc})]) >= byte_size(Held)]).

answer(Item, [_ | _] = As) -> [{A, shape(I)} || {A, I} <- erlang:system_info({Item, As})];
answer(Item, A) -> shape(erlang:system_info({Item, A})).

shape([{instance, 0, Figures} | _]) ->
    [{K, [tag(V) || V <- L]} || {K, L} <- Figures, lists:member(K, [mbcs, sbcs])] ++ [K || {K, [_ | _]} <- Figures, K =:= fix_types].

%% What is used: {Allocator, [{count, N, M, M}, {size, ...}]}. Carriers of one kind may be empty.
tag({blocks, L}) when is_list(L) -> blocks;
tag(Tuple) -> {element(1, Tuple), tuple_size(Tuple)}.

keys(Figures) -> [element(1, F) || F <- Figures].

refusal(Item, A) ->
    try erlang:system_info({Item, A})
    catch C:R:Stack ->
        {M, F, Arguments, _} = hd(Stack),
        {C, R, M, F, if is_list(Arguments) -> length(Arguments); true -> Arguments end}
    end.

sizes(Figures) ->
    lists:sum([element(2, S) || {_, L} <- Figures, {blocks, Blocks} <- L, {binary_alloc, Parts} <- Blocks, S <- Parts, element(1, S) =:= size]).
