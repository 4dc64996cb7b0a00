%% dbg: tracers that are funs, patterns by name and by match specification, saved patterns, what is refused.
-module(tracing_with_dbg).
-export([main/0, f/1, g/2, h/0, loop/0]).

main() ->
    by_fun(),
    patterns(),
    files(),
    messages(),
    refused().

show(T) -> io:format("~0p~n", [T]).

f(X) -> X + 1.
g(X, Y) -> f(X) + f(Y).
h() -> throw(ball).
loop() -> receive {run, From, M, F, A} -> From ! {ran, catch apply(M, F, A)}, ?MODULE:loop(); {send, To, What} -> To ! What, ?MODULE:loop(); stop -> ok end.

run(P, M, F, A) -> P ! {run, self(), M, F, A}, receive {ran, R} -> R after 20000 -> timeout end.

%% A tracer that collects; asking it comes after all that was delivered.
tracer() ->
    Me = self(),
    {ok, Pid} = dbg:tracer(process, {fun({trace, asked, R}, L) -> Me ! {R, lists:reverse(L)}, []; (T, L) -> [T | L] end, []}),
    Pid.
collected(P) ->
    D = erlang:trace_delivered(P),
    receive {trace_delivered, P, D} -> ok end,
    {ok, Tracer} = dbg:get_tracer(),
    R = make_ref(),  % dbg's loop takes nothing but traces
    Tracer ! {trace, asked, R},
    receive {R, L} -> [mask(T, P) || T <- L] after 20000 -> timeout end.
mask(P, P) -> p;
mask(T, _) when is_pid(T) -> pid;
mask(T, P) when is_tuple(T) -> list_to_tuple([mask(E, P) || E <- tuple_to_list(T)]);
mask([H | T], P) -> [mask(H, P) | mask(T, P)];
mask(T, _) -> T.

stop() -> dbg:stop_clear().

by_fun() ->
    P = spawn(fun loop/0),
    tracer(),
    show([dbg:p(P, [c]), dbg:tp(?MODULE, g, 2, []), dbg:tpl(?MODULE, f, 1, [{'_', [], [{return_trace}]}])]),
    show([run(P, ?MODULE, g, [1, 2]), collected(P)]),
    show([dbg:tp(?MODULE, h, 0, x), run(P, ?MODULE, h, []), collected(P)]),
    show([dbg:tpl(?MODULE, '_', '_', c), run(P, ?MODULE, g, [3, 4]), collected(P)]),
    show([dbg:ctpl(?MODULE), run(P, ?MODULE, f, [1]), collected(P), dbg:ctp(?MODULE), element(1, dbg:ctp())]),
    show([dbg:tp(lists, seq, cx), run(P, lists, seq, [1, 3]), length(collected(P)) > 1, element(1, dbg:ctpg(lists)), dbg:ctp(lists, seq), dbg:ctp(lists, seq, 2)]),
    show([dbg:p(P, clear), run(P, ?MODULE, g, [1, 2]), collected(P)]),
    exit(P, kill),
    show(stop()).

patterns() ->
    P = spawn(fun loop/0),
    tracer(),
    dbg:p(P, [c, timestamp]),
    dbg:p(P, clear),
    dbg:p(P, [call]),
    [begin
         show(dbg:tpl(?MODULE, g, 2, Spec)),
         [run(P, ?MODULE, g, A) || A <- [[1, 2], [5, 5], [10, 1]]],
         show(collected(P)),
         dbg:ctpl(?MODULE, g, 2)
     end || Spec <- [[{['$1', '$2'], [{'>', '$1', '$2'}], []}], [{['$1', '$1'], [], [{message, {{same, '$1'}}}]}], [{[10, '_'], [], [{message, false}]}, {'_', [], [{message, '$_'}]}],
                     [{['$1', '_'], [{'<', {'+', '$1', 1}, 6}], [{exception_trace}]}]]],
    exit(P, kill),
    stop().

files() ->
    Name = "/tmp/hanse_dbg_" ++ os:getpid(),
    tracer(),
    dbg:tp(?MODULE, f, 1, [{[1], [], []}]),
    show([dbg:wtp(Name), dbg:rtp(Name), element(1, dbg:rtp(Name ++ "none"))]),
    file:delete(Name),
    stop().

messages() ->
    P = spawn(fun loop/0),
    Me = self(),
    tracer(),
    show(dbg:p(P, [m, p])),
    run(P, ?MODULE, f, [1]),
    P ! {send, Me, hello},
    receive hello -> ok end,
    M = monitor(process, P),
    P ! stop,
    receive {'DOWN', M, _, _, _} -> ok end,
    show(collected(P)),
    show([dbg:p(new, [c]), dbg:p(new, clear), mask(dbg:p(P, [m]), P), dbg:p(no_such_name, [m])]),
    stop().

refused() ->
    tracer(),
    show([dbg:tracer(), dbg:p(self(), [nonsense]), dbg:tp(?MODULE, f, 1, [{bad}]), dbg:tp(nomod, f, 1, []), dbg:tpl(nomod, []), dbg:tpl(?MODULE, nofun, []), catch dbg:tp(1, 2, 3), dbg:p({1, 2}, []), dbg:p("<0.0.0", [c]), dbg:tpe(send, []), dbg:tpe('receive', [{'_', [], []}]), dbg:ctpe(send), dbg:dtp(), dbg:dtp(99)]),
    stop(),
    show([dbg:get_tracer(), catch dbg:tp(?MODULE, f, 1, []), stop()]).
