%% persistent_term: put, get, erase, errors, use from other processes, replacement while in use.
-module(persistent_terms).
-export([main/0]).
main() ->
    in_flight(),
    Shared = lists:foldl(fun(_, A) -> [A | A] end, [], lists:seq(1, 12)), persistent_term:put(shared, Shared), show([erts_debug:size(persistent_term:get(shared)), persistent_term:get(shared) =:= Shared, persistent_term:erase(shared)]),
    show([persistent_term:put(k, {big, lists:seq(1, 10)}), persistent_term:get(k), persistent_term:get(none, default), catch_(fun() -> persistent_term:get(none) end), persistent_term:put(k, {big, lists:seq(1, 10)}), persistent_term:erase(k), persistent_term:erase(k), persistent_term:get(k, gone)]),
    [persistent_term:put({key, I}, {I, [I], #{I => I}, <<I:800>>}) || I <- lists:seq(1, 200)], show(lists:sum([element(1, persistent_term:get({key, I})) || I <- lists:seq(1, 200)])), S = self(), Ps = [spawn(fun() -> T = persistent_term:get({key, I}), receive go -> ok end, S ! {self(), element(2, T), erlang:phash2(T)} end) || I <- lists:seq(1, 50)], timer:sleep(150), [persistent_term:put({key, I}, replaced) || I <- lists:seq(1, 25)], [persistent_term:erase({key, I}) || I <- lists:seq(26, 50)], timer:sleep(300), [P ! go || P <- Ps], show([receive {P, L, _} -> L end || P <- Ps]), show(persistent_term:get({key, 1})), show(persistent_term:get({key, 30}, erased)),
    T = persistent_term:get({key, 100}), persistent_term:erase({key, 100}), timer:sleep(150), erlang:garbage_collect(), show(erlang:phash2(T) =:= erlang:phash2({100, [100], #{100 => 100}, <<100:800>>})), F = fun(X) -> X + 1 end, persistent_term:put(f, F), show((persistent_term:get(f))(1)), persistent_term:put(r, self()), show(persistent_term:get(r) =:= self()), show([is_integer(maps:get(count, persistent_term:info())), is_integer(maps:get(memory, persistent_term:info())), is_list(persistent_term:get())]), show([persistent_term:put(K, v) || K <- [1, 1.0, {a}, "s", <<"b">>, #{a => 1}]]), show([persistent_term:get(K) || K <- [1, 1.0, {a}, "s", <<"b">>, #{a => 1}]]), persistent_term:erase(1), show([persistent_term:get(1, no), persistent_term:get(1.0, no)]), show(lists:member({f, F}, persistent_term:get())).
catch_(F) -> try F() catch C:R -> {C, R} end.
show(X) -> io:format("~p~n", [X]).

%% Terms that are erased while messages carry them from process to process: every copy stays what it was.
in_flight() ->
    S = self(), Term = {lists:seq(1, 50), #{a => "text", b => <<0:1000>>}, <<"literal">>, 1.5},
    Last = spawn_link(fun() -> [receive {N, T} when T =:= Term -> ok end || N <- lists:seq(1, 200)], S ! all_well end),
    First = lists:foldl(fun(_, Next) -> spawn_link(fun() -> relay(Next) end) end, Last, lists:seq(1, 20)),
    Lazy = spawn_link(fun() -> receive go -> S ! {kept, [receive {kept, T} -> T =:= Term end || _ <- lists:seq(1, 200)]} end end),
    [begin
         persistent_term:put(passing, Term), T = persistent_term:get(passing), First ! {N, T}, Lazy ! {kept, T}, persistent_term:erase(passing),
         N rem 20 =:= 0 andalso erlang:yield()
     end || N <- lists:seq(1, 200)],
    receive all_well -> show(all_well) end, wait_for_collector(50), Lazy ! go, receive {kept, L} -> show(lists:usort(L)) end.
relay(Next) -> receive M -> Next ! M, relay(Next) end.
wait_for_collector(0) -> ok;
wait_for_collector(N) -> persistent_term:put(passing, [N]), persistent_term:erase(passing), timer:sleep(1), wait_for_collector(N - 1).
