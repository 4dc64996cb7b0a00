%% sasl's old reports: events written to files by log_mf_h, browsed with rb; alarms and handlers of them.
-module(reports_browsed).
-behaviour(gen_event).
-export([main/0, init/1, handle_event/2, handle_call/2, handle_info/2]).

main() ->
    Folder = "/tmp/hanse_reports_" ++ os:getpid(),
    ok = filelib:ensure_path(Folder),
    try
        alarms(),
        written(Folder),
        browsed(Folder),
        wrong(Folder)
    after
        file:del_dir_r(Folder)
    end.

show(Label, Value) -> io:format("~p: ~tp~n", [Label, Value]).

%% --- alarms

init(To) -> {ok, To}.
handle_event(E, To) -> To ! {alarm, E}, {ok, To}.
handle_call(What, To) -> {ok, {asked, What}, To}.
handle_info(_, To) -> {ok, To}.

alarms() ->
    logger:set_primary_config(level, none),
    show(start, application:start(sasl)),
    show(none, alarm_handler:get_alarms()),
    [alarm_handler:set_alarm(A) || A <- [{disk, [full, "/"]}, {memory, 90}, {disk, again}, {<<"odd">>, #{}}]],
    show(some, alarm_handler:get_alarms()),
    alarm_handler:clear_alarm(disk),
    show(cleared, alarm_handler:get_alarms()),
    alarm_handler:clear_alarm(unknown),
    show(unknown, alarm_handler:get_alarms()),
    show(odd, try alarm_handler:set_alarm(not_a_pair) of R -> R catch C:E -> {C, E} end),
    show(alive, is_pid(whereis(alarm_handler))),
    ok = gen_event:add_handler(alarm_handler, {?MODULE, second}, self()),
    alarm_handler:set_alarm({fan, stopped}),
    receive {alarm, Seen} -> show(seen, Seen) after 5000 -> show(seen, nothing) end,
    show(called, [gen_event:call(alarm_handler, {?MODULE, second}, hello), gen_event:call(alarm_handler, alarm_handler, hello), gen_event:call(alarm_handler, none, x)]),
    show(which, lists:sort(gen_event:which_handlers(alarm_handler))),
    show(swapped, gen_event:swap_handler(alarm_handler, {alarm_handler, swap}, {?MODULE, self()})),
    show(which, lists:sort(gen_event:which_handlers(alarm_handler))).

%% --- a log of several files, in which old events are lost

written(Folder) ->
    {ok, Manager} = gen_event:start_link(),
    ok = gen_event:add_handler(Manager, log_mf_h, log_mf_h:init(Folder, 20000, 4)),
    show(handlers, gen_event:which_handlers(Manager)),
    [gen_event:notify(Manager, E) || E <- events()],
    ok = gen_event:sync_notify(Manager, last),
    gen_event:stop(Manager),
    show(files, lists:sort(element(2, file:list_dir(Folder)))),
    show(index, file:read_file(filename:join(Folder, "index"))),
    {ok, <<Size:16, First:Size/binary, _/binary>>} = file:read_file(filename:join(Folder, "1")),
    {Date, Event} = binary_to_term(First),
    show(first, [tuple_size(Date), element(1, Event), element(3, Event)]).

%% Events as error_logger sent them, of a process that no longer is.
events() ->
    P = list_to_pid("<0.9999.0>"), Leader = P,
    [{error, Leader, {P, "an error: ~p~n", [oops]}}, {info_msg, Leader, {P, "for information: ~s", ["text"]}}, {warning_msg, Leader, {P, "a warning ~w", [1]}},
     {error_report, Leader, {P, std_error, [{reason, bad}, {place, here}, loose]}}, {info_report, Leader, {P, std_info, [{started, now}]}}, {warning_report, Leader, {P, std_warning, "as text"}},
     {error_report, Leader, {P, supervisor_report, [{supervisor, {local, boss}}, {errorContext, child_terminated}, {reason, killed}, {offender, [{pid, P}, {id, worker}, {mfargs, {m, f, [1]}}, {restart_type, permanent}, {shutdown, 5000}, {child_type, worker}]}]}},
     {info_report, Leader, {P, progress, [{supervisor, {local, boss}}, {started, [{pid, P}, {id, worker}, {mfargs, {m, f, [1]}}, {restart_type, permanent}, {shutdown, 5000}, {child_type, worker}]}]}},
     {error_report, Leader, {P, crash_report, [[{initial_call, {m, f, ['Argument__1']}}, {pid, P}, {registered_name, []}, {error_info, {error, oops, [{m, f, 1, [{file, "m.erl"}, {line, 3}]}]}}, {ancestors, [boss]}, {message_queue_len, 0}, {messages, []}, {links, []}, {dictionary, []},
                                               {trap_exit, false}, {status, running}, {heap_size, 233}, {stack_size, 28}, {reductions, 100}], []]}},
     {error, Leader, {P, "ill formed ~p ~p~n", [1]}}, {error_report, Leader, {P, own_kind, #{a => 1}}}, {strange, Leader, nothing}]
    ++ [{info_msg, Leader, {P, "event ~p of many~n", [N]}} || N <- lists:seq(1, 12)].

%% --- what the browser prints is collected, and times are taken out of it

browsed(Folder) ->
    Collector = spawn_link(fun() -> collect([]) end),
    {ok, Browser} = rb:start([{report_dir, Folder ++ "/"}, {max, 40}]),
    group_leader(Collector, Browser),
    told(Collector, start, fun() -> rb:help() end),
    told(Collector, list, fun() -> rb:list() end),
    [told(Collector, {list, K}, fun() -> rb:list(K) end) || K <- [error, progress, crash_report, supervisor_report, no_such_kind]],
    [told(Collector, {show, N}, fun() -> rb:show(N) end) || N <- lists:seq(13, 25)],
    [told(Collector, {show, N}, fun() -> rb:show(N) end) || N <- [0, 1000, crash_report, x]],
    [told(Collector, {grep, E}, fun() -> rb:grep(E) end) || E <- ["many", "oops", "nowhere to be found", {"EVENT 1[12]", [caseless]}]],
    [told(Collector, {filter, F}, fun() -> rb:filter(F) end) || F <- [[{reason, bad}], [{supervisor, {local, boss}}], [{reason, bad, no}], [{reason, "b.d", re}], []]],
    Log = filename:join(Folder, "browsed"),
    told(Collector, to_file, fun() -> [rb:start_log(Log), rb:show(20), rb:stop_log()] end),
    show(log, timeless(element(2, file:read_file(Log)))),
    file:delete(Log),
    told(Collector, rescan, fun() -> rb:rescan([{max, 3}]) end),
    told(Collector, list, fun() -> rb:list() end),
    show(stop, rb:stop()),
    unlink(Collector),
    exit(Collector, kill).

told(Collector, Label, F) ->
    Result = try F() catch C:R -> {C, R} end,
    Collector ! {take, self()},
    receive {taken, Text} -> io:format("~p: ~p~n~ts~n", [Label, Result, timeless(Text)]) end.

timeless(Text) -> re:replace(Text, "\\d{4}-\\d{2}-\\d{2} +\\d{2}:\\d{2}:\\d{2}|\\{\\{\\d+,\\d+,\\d+},\\{\\d+,\\d+,\\d+}}", "TIME", [global, {return, binary}]).

%% A group leader that only keeps what is printed.
collect(Texts) ->
    receive
        {take, To} -> To ! {taken, unicode:characters_to_binary(lists:reverse(Texts))}, collect([]);
        {io_request, From, As, Request} ->
            New = case Request of {put_chars, _, M, F, A} -> try [apply(M, F, A)] catch error:_ -> [] end; {put_chars, _, T} -> [T]; _ -> [] end,
            From ! {io_reply, As, if New =:= [] -> {error, request}; true -> ok end},
            collect(New ++ Texts)
    end.

wrong(Folder) ->
    show(wrong, [begin
                     {ok, Manager} = gen_event:start(),
                     Added = gen_event:add_handler(Manager, log_mf_h, log_mf_h:init(D, B, F)),
                     gen_event:stop(Manager),
                     case Added of {'EXIT', {Reason, _}} -> Reason; _ -> Added end
                 end || {D, B, F} <- [{Folder, 0, 1}, {"/nowhere/at/all", 100, 2}, {Folder, 100, 300}, {Folder, -1, 2}]]).
