%% Signals of the operating system that reach gen_event erl_signal_server.
-module(os_signals).
-export([main/0, init/1, handle_event/2, handle_call/2, handle_info/2]).

init(To) -> {ok, To}.
handle_event(Signal, To) -> To ! {signal, Signal}, {ok, To}.
handle_call(_, To) -> {ok, ok, To}.
handle_info(_, To) -> {ok, To}.

main() ->
    io:format("~w~n", [lists:sort(gen_event:which_handlers(erl_signal_server))]),
    ok = gen_event:delete_handler(erl_signal_server, erl_signal_handler, []),
    ok = gen_event:add_handler(erl_signal_server, ?MODULE, self()),
    [begin
         ok = os:set_signal(Signal, handle),
         os:cmd("kill -" ++ Name ++ " " ++ os:getpid()),
         io:format("~w ~w~n", [Signal, receive {signal, S} -> S after 5000 -> nothing end])
     end || {Signal, Name} <- [{sighup, "HUP"}, {sigusr2, "USR2"}, {sigterm, "TERM"}, {sigchld, "CHLD"}, {sigalrm, "ALRM"},
                               {sigtstp, "TSTP"}, {sigquit, "QUIT"}]],
    ok = os:set_signal(sigusr2, ignore),
    os:cmd("kill -USR2 " ++ os:getpid()),
    io:format("~w~n", [receive {signal, S} -> S after 300 -> nothing end]),
    [ok = os:set_signal(S, default) || S <- [sighup, sigusr2, sigchld, sigalrm, sigtstp]],
    [io:format("~0p~n", [try os:set_signal(S, O) catch error:R -> R end]) || {S, O} <- [{foo, handle}, {sigterm, foo}, {sigkill, handle}, {sigint, handle}, {sigcont, handle}, {1, 2}]].
