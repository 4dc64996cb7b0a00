%% Funs of a module that is being purged: whoever calls one waits until that is done or given up.
-module(code_purged_funs).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Code = compiled(),
    [attempt(Code, Type, Reload) || {Type, Reload} <- [{true, nothing}, {true, same}, {false, nothing}]].

compiled() ->
    Text = "-module(purged_funs). -export([adder/0]). adder() -> fun(X) -> X + 4711 end.",
    Forms = [begin {ok, F} = erl_parse:parse_form(T), F end || T <- forms(element(2, erl_scan:string(Text)), [])],
    {ok, purged_funs, Code} = compile:forms(Forms, []),
    Code.
forms([], []) -> [];
forms([{dot, _} = D | T], Form) -> [lists:reverse([D | Form]) | forms(T, [])];
forms([H | T], Form) -> forms(T, [H | Form]).

attempt(Code, Type, Reload) ->
    {module, _} = code:load_binary(purged_funs, "none", Code),
    Fun = purged_funs:adder(),
    true = erlang:delete_module(purged_funs),
    %% With a process that runs the old code, a purge that must not kill is given up.
    Ref = make_ref(),
    erts_code_purger ! {test_purge, purged_funs, self(), Type, Ref},
    receive {started, Ref} -> ok end,
    {P, M} = spawn_monitor(fun() -> exit({result, [erlang:fun_info(Fun, I) || I <- [name, arity, module]], Fun(1)}) end),
    wait_until(fun() -> process_info(P, status) =:= {status, suspended} end),
    io:format("~p ~p~n", [Type, process_info(P, [status, current_function])]),
    case Reload of same -> {module, _} = code:load_binary(purged_funs, "none", Code); nothing -> ok end,
    erts_code_purger ! {continue, Ref},
    receive {continued, Ref} -> ok end,
    erts_code_purger ! {complete, Ref},
    Purged = receive {test_purge, Result, Ref} -> Result end,
    io:format("~p ~p~n", [Purged, receive {'DOWN', M, process, P, R} -> reason(R) end]),
    code:purge(purged_funs), code:delete(purged_funs), code:purge(purged_funs).

reason({undef, _}) -> undef;
reason({{badfun, _}, _}) -> badfun;
reason(R) -> R.

wait_until(F) ->
    case F() of
        true -> ok;
        false -> receive after 10 -> wait_until(F) end
    end.
