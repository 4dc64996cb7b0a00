%% What the logger reports about processes that crash.
-module(exit_reports).
-export([main/0]).
-export([log/2]).
main() ->
    logger:remove_handler(default), logger:add_handler(capture, ?MODULE, #{config => #{to => self()}, level => all}),
    [begin spawn(F), show(N) end || {N, F} <- [{error, fun() -> error(oops) end}, {badmatch, fun() -> a = id(b) end}, {throw, fun() -> throw(ball) end}, {undef, fun() -> nomodule:f(1) end}, {function_clause, fun() -> only(id(b)) end}, {badarith, fun() -> 1 + id(a) end}]],
    [begin spawn(F), quiet(N) end || {N, F} <- [{exit, fun() -> exit(quiet) end}, {normal, fun() -> ok end}, {kill, fun() -> exit(self(), kill) end}, {shutdown, fun() -> exit(shutdown) end}]],
    proc_lib:spawn(fun() -> error(in_proc_lib) end), receive {log, #{msg := {report, #{label := L, report := [[{initial_call, _} | _] = I | _]}}}} -> io:format("~p ~p~n", [L, {element(1, lists:keyfind(error_info, 1, I)), element(2, element(2, lists:keyfind(error_info, 1, I)))}]) after 5000 -> io:format("none~n") end,
    logger:error("text ~p", [1]), receive {log, #{msg := M, level := V}} -> io:format("~p ~p~n", [V, M]) end, logger:log(notice, #{a => 1}), receive {log, #{msg := M2, level := V2}} -> io:format("~p ~p~n", [V2, M2]) end,
    error_logger:error_msg("old ~w", [x]), receive {log, #{msg := M3, level := V3, meta := #{error_logger := EL}}} -> io:format("~p ~p ~p~n", [V3, M3, maps:get(tag, EL)]) end, error_logger:info_report([{k, v}]), receive {log, #{msg := M4, level := V4}} -> io:format("~p ~p~n", [V4, M4]) after 500 -> io:format("below level~n") end,
    logger:set_primary_config(level, debug), logger:debug("now"), receive {log, #{msg := M5}} -> io:format("~p~n", [M5]) end, io:format("~p~n", [logger:get_handler_ids()]), io:format("~p~n", [logger:compare_levels(error, debug)]).
log(#{meta := Meta} = Event, #{config := #{to := To}}) -> To ! {log, Event#{meta := maps:with([error_logger], Meta)}}.
show(N) -> receive {log, #{msg := Msg, level := L}} -> io:format("~p ~p ~p~n", [N, L, tidy(Msg)]) after 5000 -> io:format("~p none~n", [N]) end.
quiet(N) -> receive {log, E} -> io:format("~p ~p~n", [N, E]) after 300 -> io:format("~p quiet~n", [N]) end.
tidy({report, #{label := L, format := F, args := [P, {R, [{M, _, A, _} | _]}]}}) -> {L, F, is_pid(P), R, M, A};
tidy({report, R}) -> {report, maps:keys(R)};
tidy({F, [_P, {R, [{M, _, A, _} | _]}]}) -> {F, R, M, A};
tidy({F, A}) -> {F, length(A)}.
only(a) -> ok.
id(X) -> X.
