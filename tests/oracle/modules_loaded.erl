%% Which modules are there: loaded, pre-loaded, their functions and attributes.
-module(modules_loaded).
-vsn({1, two}).
-author("nobody").
-author("somebody").
-export([main/0, exported/3]).

main() ->
    Loaded = erlang:loaded(),
    io:format("~w~n", [[lists:member(M, Loaded) || M <- [erlang, lists, ?MODULE, no_such_module, init, kernel]]]),
    io:format("~w~n", [lists:sort(erlang:pre_loaded())]),
    io:format("~w~n", [[{M, erlang:module_loaded(M)} || M <- [erlang, lists, no_such_module, ?MODULE]]]),
    io:format("~0p~n", [try erlang:module_loaded("lists") catch error:R -> R end]),
    io:format("~w~n", [?MODULE:module_info(exports)]),
    io:format("~w~n", [lists:sort([F || {F, _} <- ?MODULE:module_info(functions), F =/= '-main/0-lc$^0/1-0-', hd(atom_to_list(F)) =/= $-])]),
    io:format("~0p~n", [?MODULE:module_info(attributes)]),
    io:format("~w~n", [[K || {K, _} <- ?MODULE:module_info()]]),
    io:format("~w~n", [is_binary(?MODULE:module_info(md5))]),
    io:format("~0p~n", [try ?MODULE:module_info(foo) catch C2:R2 -> {C2, R2} end]),
    io:format("~0p~n", [erlang:get_module_info(?MODULE, nifs)]),
    io:format("~w~n", [[{F, erlang:function_exported(M, F, A)} || {M, F, A} <- [{?MODULE, exported, 3}, {?MODULE, local, 0},
                        {erlang, self, 0}, {lists, reverse, 2}, {lists, reverse, 7}, {no_such_module, f, 0}]]]),
    io:format("~0p~n", [[try apply(erlang, function_exported, A) catch error:E -> E end || A <- [[a, b, c], ["a", b, 0], [a, b, -1], [a, b, 256]]]]),
    io:format("~w~n", [[{F, erlang:is_builtin(M, F, A)} || {M, F, A} <- [{erlang, self, 0}, {lists, reverse, 2}, {lists, map, 2},
                        {erlang, spawn, 1}, {erlang, apply, 3}, {ets, insert, 2}, {foo, bar, 1}]]]),
    io:format("~w ~w~n", [local(), exported(1, 2, 3)]).

exported(A, B, C) -> {A, B, C}.
local() -> here.
