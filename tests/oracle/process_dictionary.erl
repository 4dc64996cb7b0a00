%% The process dictionary: put, get, erase, keys, many entries.
-module(process_dictionary).
-export([main/0]).
main() ->
    [put(K, K) || K <- lists:seq(1, 40)], [erase(K) || K <- lists:seq(5, 20)],
    show({process_info(self(), dictionary) =:= {dictionary, get()}, [K || {K, _} <- get()] =:= get_keys()}),
    erase(),
    show([get(a), put(a, 1), put(a, 2), get(a), erase(a), erase(a), get(a)]),
    [put(K, V) || {K, V} <- [{1, one}, {1.0, float}, {{t}, [x]}, {"s", <<"b">>}, {<<>>, []}, {#{}, m}]],
    show([get(K) || K <- [1, 1.0, {t}, "s", <<>>, #{}, nothing]]), show(length(get())), show(lists:sort(get_keys()) == lists:sort([1, 1.0, {t}, "s", <<>>, #{}])), show(lists:sort(get_keys(x))), put(again, x), show(lists:sort(get_keys(x))), show(length(erase())), show([get(), erase(), get_keys()]),
    [put({k, I}, I) || I <- lists:seq(1, 10000)], show(length(get())), show(lists:sum([get({k, I}) || I <- lists:seq(1, 10000)])),
    [erase({k, I}) || I <- lists:seq(1, 10000), I rem 3 =/= 0], show(length(get_keys())), show(lists:sum([V || {_, V} <- get()])), erlang:garbage_collect(), show(lists:sum([V || {_, V} <- get()])),
    erase(), show(get()), Self = self(), put(mine, 1), spawn(fun() -> Self ! {child, get(), get(mine)} end), show(receive {child, L, M} -> {L, M} end),
    show((fun F(0) -> get(n); F(I) -> put(n, I + case get(n) of undefined -> 0; N -> N end), F(I - 1) end)(1000)),
    P = spawn(fun() -> put(visible, "to others"), receive stop -> ok end end), timer:sleep(150), show(process_info(P, dictionary)), P ! stop, show([put(b, get(mine)), put(b, b), erase(b)]).
show(X) -> io:format("~p~n", [X]).
