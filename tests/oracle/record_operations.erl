%% Records: creation, access, update, matching, wrong records, defaults.
-module(record_operations).
-export([main/0]).
-export([id/1]).
-record(p, {x = 0, y = 0 :: integer(), name = "none", list = [1, 2]}).
-record(e, {}).
-record(q, {p = #p{}, t}).
main() ->
    P = id(#p{x = 1}),
    show(new, fun() -> [#p{}, #e{}, #q{}, #p{_ = '_'}, #p{y = 2, _ = u}] end),
    show(get, fun() -> {P#p.x, P#p.name, (id(#q{}))#q.p#p.list} end),
    show(update, fun() -> {P#p{x = 2}, P#p{x = a, y = b, name = c, list = d}} end),
    show(nested, fun() -> Q = id(#q{}), Q#q{p = (Q#q.p)#p{x = 9}} end),
    show(wrong_get, fun() -> (id({x, 1}))#p.x end),
    show(wrong_size, fun() -> (id({p, 1}))#p.x end),
    show(wrong_update, fun() -> (id(foo))#p{x = 1} end),
    show(wrong_update2, fun() -> (id({p}))#p{x = 1, y = 2} end),
    show(match, fun() -> #p{x = X, list = [_ | T]} = P, {X, T} end),
    show(no_match, fun() -> #p{x = 2} = P end),
    show(index, fun() -> {#p.x, #p.y, element(#p.name, P)} end),
    show(keyfind, fun() -> lists:keyfind(3, #p.x, [#p{x = 1}, #p{x = 3, y = 3}]) end),
    show(info, fun() -> {record_info(size, p), record_info(fields, p), record_info(size, e)} end),
    show(guard, fun() -> [f(V) || V <- [P, #e{}, #q{t = 1}, {p, 1}, {e}, {q, 1, 2}, e]] end),
    show(setelement, fun() -> {setelement(2, P, z), element(1, element(2, catch setelement(9, P, z))), element(1, element(2, catch setelement(0, P, z)))} end),
    show(big, fun() -> T = erlang:make_tuple(300, x), U = setelement(300, setelement(1, T, a), z), {element(1, U), element(2, U), element(300, U), tuple_size(U)} end).
show(Name, F) -> io:format("~p: ~p~n", [Name, try F() catch C:R -> {C, R} end]).
id(X) -> X.
f(R) when is_record(R, p), R#p.x > 0 -> p;
f(#e{}) -> e;
f(R) when R#q.t =:= 1 -> q1;
f(R) when is_record(R, q) -> q;
f(_) -> none.
