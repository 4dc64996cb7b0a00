%% What each kind of failing instruction raises.
-module(error_reasons).
-export([main/0]).
-export([id/1]).
main() ->
    [show(N, F) || {N, F} <- cases()].
cases() ->
    [{badmatch, fun() -> {a, B} = id({b, 1}), B end}, {badmatch_list, fun() -> [_ | _] = id([]) end}, {badmatch_bin, fun() -> <<_:8>> = id(<<>>) end},
     {case_clause, fun() -> case id(1) of 2 -> a end end}, {if_clause, fun() -> Y = id(1), if Y =:= 2 -> a end end}, {if_clause2, fun() -> X = id(1), if X > 2 -> a end end},
     {try_clause, fun() -> try id(1) of 2 -> a catch throw:_ -> b end end}, {function_clause, fun() -> only_a(id(b)) end},
     {badarith_add, fun() -> id(a) + 1 end}, {badarith_div, fun() -> 1 div id(0) end}, {badarith_rem, fun() -> 1 rem id(0) end}, {badarith_slash, fun() -> 1 / id(0) end},
     {badarith_slash_float, fun() -> 1.0 / id(0.0) end}, {badarith_band, fun() -> id(1.0) band 1 end}, {badarith_bnot, fun() -> bnot id(a) end}, {badarith_neg, fun() -> -id(a) end},
     {badarith_div_float, fun() -> 1 div id(1.0) end}, {overflow, fun() -> id(1.0e308) * 10 end}, {overflow_add, fun() -> id(1.7e308) + id(1.7e308) end},
     {badfun, fun() -> (id(foo))() end}, {badfun_tuple, fun() -> (id({a, b}))(1) end}, {undef, fun() -> (id(nomodule)):f(1) end}, {undef_f, fun() -> lists:nofunction() end},
     {badarg_apply, fun() -> (id(1)):f() end}, {badarg_apply_f, fun() -> apply(lists, id(1), []) end}, {apply_list, fun() -> apply(lists, reverse, id(foo)) end},
     {hd, fun() -> hd(id([])) end}, {tl, fun() -> tl(id(a)) end}, {length, fun() -> length(id([a | b])) end}, {element, fun() -> element(id(3), {a, b}) end},
     {element_type, fun() -> element(id(a), {a}) end}, {tuple_size, fun() -> tuple_size(id([])) end}, {append, fun() -> id(a) ++ [1] end}, {append_improper, fun() -> [1 | id(2)] ++ [3] end},
     {append_tail, fun() -> [1] ++ id(a) end}, {subtract, fun() -> [1] -- id(a) end}, {'not', fun() -> not id(1) end}, {'and', fun() -> id(1) and true end}, {'or', fun() -> false or id(x) end},
     {'andalso', fun() -> id(1) andalso true end}, {andalso_right, fun() -> true andalso id(7) end}, {'orelse', fun() -> id(1) orelse true end}, {'xor', fun() -> true xor id(a) end},
     {send, fun() -> id(no_such_name) ! hello end}, {send_bad, fun() -> id({1, 2, 3}) ! hello end}, {send_port, fun() -> id(1) ! hello end},
     {atom_to_list, fun() -> atom_to_list(id(1)) end}, {throw, fun() -> throw(id(x)) end}, {exit, fun() -> exit(id(x)) end}, {error, fun() -> error(id(x)) end}, {error2, fun() -> error(id(x), [1]) end},
     {bsl_float, fun() -> 1 bsl id(1.0) end}, {float, fun() -> float(id(1 bsl 1100)) end}, {system_limit, fun() -> 1 bsl id(1 bsl 62) end}, {timeout, fun() -> receive after id(a) -> ok end end},
     {timeout_negative, fun() -> receive after id(-1) -> ok end end}, {timeout_large, fun() -> receive after id(1 bsl 40) -> ok end end}, {comprehension, fun() -> [X || X <- id([1 | 2])] end}].
show(N, F) ->
    Own = self(),
    {_, M} = spawn_monitor(fun() -> Own ! {done, try F() catch C:R -> {C, R} end} end),
    receive {done, R} -> io:format("~p: ~p~n", [N, R]) end, receive {'DOWN', M, _, _, _} -> ok end,
    {_, M2} = spawn_monitor(fun() -> exit({value, (catch F())}) end),
    receive {'DOWN', M2, _, _, Why} -> io:format("  ~p~n", [strip(Why)]) end.
strip({value, {'EXIT', {R, S}}}) when is_list(S) -> {value, {'EXIT', R}};
strip(R) -> R.
id(X) -> X.
only_a(a) -> ok.
