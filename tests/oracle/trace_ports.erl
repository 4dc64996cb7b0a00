%% Traces that go to ports: files, files that wrap, connections; what dbg reads back, and the driver of files without dbg. That of
%% connections has a unit test (src/io/trace_ip_driver.test.cc): stock's does not bear what it is asked there.
-module(trace_ports).
-export([main/0, f/1]).

main() ->
    process_flag(trap_exit, true),
    to_a_file(),
    to_files_that_wrap(),
    to_a_connection(),
    file_driver(),
    wrapping(),
    refused().

show(Name, Term) -> io:format("~0p: ~0p~n", [Name, Term]).
f(X) -> {f, X}.

%% dbg's own reader; the pid of this process may differ.
read(Type, Where) ->
    Me = self(),
    Client = dbg:trace_client(Type, Where, {fun(end_of_trace, L) -> Me ! {read, lists:reverse(L)}; (T, L) -> [mask(T) || T =/= none] ++ L end, []}),
    Monitor = monitor(process, Client),
    receive {read, L} -> demonitor(Monitor, [flush]), L; {'DOWN', Monitor, _, _, _} -> ended end.
mask({trace, Pid, What, Value}) when Pid =:= self() -> {me, What, Value};
mask({trace, _, What, Value}) -> {me, What, Value};
mask({trace, _, What, Function, Value}) -> {me, What, Function, Value};
mask(Other) -> Other.

traced(Kind, Parameters, Fun) ->
    {ok, _} = dbg:tracer(port, dbg:trace_port(Kind, Parameters)),
    {ok, _} = dbg:p(self(), [call]),
    {ok, _} = dbg:tpl(?MODULE, f, x),
    Value = Fun(),
    show(flushed, dbg:flush_trace_port()),
    Value.

to_a_file() ->
    traced(file, "one.trace", fun() -> ?MODULE:f(1), ?MODULE:f("text"), ?MODULE:f(binary:copy(<<"x">>, 100)) end),
    show(second_tracer, dbg:tracer()),
    show(no_listen_port, dbg:trace_port_control(get_listen_port)),
    dbg:stop_clear(),
    show(read, read(file, "one.trace")),
    show(none, catch read(file, "nothing.trace")).

to_files_that_wrap() ->
    traced(file, {"many", wrap, ".trace", 400, 3}, fun() -> [?MODULE:f(N) || N <- lists:seq(1, 30)] end),
    dbg:stop_clear(),
    show(files, lists:sort(filelib:wildcard("many*"))),
    show(read, read(file, {"many", wrap, ".trace", 400, 3})),
    %% The files of the one before are deleted.
    traced(file, {"many", wrap, ".trace", 400, 3}, fun() -> ?MODULE:f(again) end),
    dbg:stop_clear(),
    show(files, filelib:wildcard("many*")),
    show(read, read(file, {"many", wrap, ".trace", 400, 3})).

to_a_connection() ->
    {ok, Number} = traced(ip, 0, fun() -> ?MODULE:f(early), {ok, N} = dbg:trace_port_control(get_listen_port), {ok, N} end),
    Me = self(),
    dbg:trace_client(ip, Number, {fun(T, _) -> Me ! {got, mask(T)} end, none}),
    got(2),
    ?MODULE:f(late),
    got(2),
    dbg:stop_clear().
got(0) -> ok;
got(N) -> receive {got, T} -> show(got, T), got(N - 1) after 20000 -> show(got, nothing) end.

open(Command) -> open_port({spawn, Command}, [eof]).
here(Name) -> filename:absname(Name).
sizes(Pattern) -> [{F, filelib:file_size(F)} || F <- lists:sort(filelib:wildcard(Pattern))].

%% dbg's processes load the drivers, which go with them.
load(Driver) -> erl_ddll:load_driver(filename:join(code:priv_dir(runtime_tools), "lib"), Driver).

file_driver() ->
    load("trace_file_drv"),
    P = open("trace_file_drv n " ++ here("raw file")),
    show(info, [{K, V} || {K, V} <- erlang:port_info(P), K =:= input orelse K =:= output]),
    [show(command, port_command(P, D)) || D <- ["abc", <<"binary">>, [], <<>>, ["deep", [<<"er">>]]]],
    show(written, sizes("raw*")),
    show(control, [catch erlang:port_control(P, $f, ""), badarg(fun() -> erlang:port_control(P, $p, "") end)]),
    show(written, file:read_file("raw file")),
    show(call, badarg(fun() -> erlang:port_call(P, 1, x) end)),
    show(force, badarg(fun() -> port_command(P, "x", [force]) end)),
    port_command(P, "last"),
    port_close(P),
    show(written, file:read_file("raw file")),
    %% It begins anew; what is in the buffer is written in the end.
    Q = open("trace_file_drv n " ++ here("raw file")),
    port_command(Q, lists:duplicate(65536 - 5 - 4, $b)),
    show(full, sizes("raw*")),
    port_command(Q, "12345678"),
    show(full, sizes("raw*")),
    port_close(Q),
    show(closed, sizes("raw*")),
    Full = open("trace_file_drv n /dev/full"),
    port_command(Full, "abc"),
    show(control, catch erlang:port_control(Full, $f, "")),
    show(full, receive {'EXIT', Full, Why} -> Why after 20000 -> nothing end),
    show(full, badarg(fun() -> port_command(Full, "abc") end)).

wrapping() ->
    P = open(lists:concat(["trace_file_drv w 300 3 0 ", length(here("w")), " n ", here("w.log")])),
    [begin port_command(P, lists:duplicate(N, $a)), show(N, sizes("w*.log")) end || N <- [100, 100, 100, 50, 295, 296, 301, 1000, 10, 290]],
    port_close(P),
    show(closed, sizes("w*.log")),
    %% One number and one in reserve.
    Q = open(lists:concat(["trace_file_drv w 10 1 0 ", length(here("v")), " n ", here("v.log")])),
    [begin port_command(Q, "more than ten"), show(one, sizes("v*.log")) end || _ <- [1, 2, 3]],
    port_close(Q),
    T = open(lists:concat(["trace_file_drv w 0 2 20 ", length(here("t")), " n ", here("t.log")])),
    show(time, [wait_for(F) || F <- ["t1.log", "t2.log", "t0.log", "t1.log"]]),
    port_close(T).
wait_for(File) -> case filelib:is_file(File) of true -> here; false -> timer:sleep(1), wait_for(File) end.

refused() ->
    load("trace_ip_drv"),
    [show(C, badarg(fun() -> open("trace_file_drv" ++ C) end)) ||
        C <- ["", " ", " x", " n", " n ", " n /nonexistent/x", " w 1 2 3", " w 1 2 3 4 n /nonexistent/abc", " w 100 1 0 1000 n /tmp/q.log",
              " n " ++ "/", " p 12", " q /tmp/y"]],
    [show(C, badarg(fun() -> open("trace_ip_drv" ++ C) end)) || C <- ["", " ", " x", " 0", " 0 0", " 0 1 4"]],
    show(loaded, [lists:member(D, element(2, erl_ddll:loaded_drivers())) || D <- ["tcp_inet", "tty_sl"]]).

badarg(Fun) -> try Fun() catch Class:Reason -> {Class, Reason} end.
