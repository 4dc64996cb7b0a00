%% Funs that travel: external funs, funs in messages, in term_to_binary, in ets, comparisons, is_function.
-module(funs_of_modules).
-export([main/0]).
-export([f/0, f/1]).
main() ->
    F = fun(X) -> {inner, X} end, N = 5, G = fun(X) -> X + N end,
    show([(binary_to_term(term_to_binary(H)))(1) || H <- [F, G, fun ?MODULE:f/1]]),
    show([binary_to_term(term_to_binary(H)) =:= H || H <- [F, G, fun ?MODULE:f/1, fun lists:map/2]]),
    Self = self(), P = spawn(fun() -> receive {call, H, A} -> Self ! {result, H(A)} end end), P ! {call, G, 37}, show(receive {result, R} -> R end),
    ets:new(funs, [named_table]), ets:insert(funs, [{1, F}, {2, G}, {3, fun lists:reverse/1}]), show([(ets:lookup_element(funs, K, 2))([1, 2]) || K <- [1, 3]]),
    show((ets:lookup_element(funs, 2, 2))(1)),
    show([erlang:fun_info(F, arity), erlang:fun_info(G, env), erlang:fun_info(fun lists:map/2, module), erlang:fun_info(fun lists:map/2, env), erlang:fun_info(fun lists:map/2, name)]),
    show([element(2, erlang:fun_info(F, type)), element(2, erlang:fun_info(F, module)), is_integer(element(2, erlang:fun_info(F, index))), is_binary(element(2, erlang:fun_info(F, new_uniq)))]),
    show([is_function(F), is_function(F, 1), is_function(F, 2), catch_(fun() -> is_function(F, id(-1)) end), catch_(fun() -> is_function(F, id(a)) end), is_function(id(f), 1), is_function({?MODULE, f}, 1)]),
    show([erlang:is_function(fun nomod:nofun/3, 3), catch_(fun() -> (fun nomod:nofun/1)(1) end)]),
    show([fun lists:map/2, fun nomod:'Odd name'/0]), show(erlang:fun_to_list(fun lists:map/2)),
    show([erlang:make_fun(lists, seq, 2), (erlang:make_fun(lists, seq, 2))(1, 3), catch_(fun() -> erlang:make_fun(1, 2, 3) end), catch_(fun() -> erlang:make_fun(a, b, 256) end), catch_(fun() -> erlang:make_fun(a, b, -1) end)]),
    show([erlang:function_exported(?MODULE, f, 1), erlang:function_exported(?MODULE, f, 2), erlang:function_exported(erlang, '+', 2), erlang:function_exported(lists, map, 2), erlang:is_builtin(erlang, length, 1), erlang:is_builtin(lists, map, 2)]),
    show(catch_(fun() -> erlang:fun_info(id(a)) end)), show(catch_(fun() -> erlang:fun_info(F, foo) end)),
    show([apply(fun f/0, []), apply(fun f/1, [1]), (fun ?MODULE:f/0)()]),
    show(lists:map(fun({K, V}) -> V(K) end, [{1, fun(X) -> X end}, {2, G}, {3, fun f/1}])),
    show(catch_(fun() -> lists:map(fun f/0, [1]) end)).
catch_(F) -> try F() catch error:{badarity, {_, A}} -> {badarity, A}; error:R -> R end.
f() -> zero. f(X) -> {one, X}.
id(X) -> X.
show(X) -> io:format("~p~n", [X]).
