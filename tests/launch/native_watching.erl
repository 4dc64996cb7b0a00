%% Calls each function of native_watching.c; stock says what must come out.
-module(native_watching).
-export([main/1, load/2, stays/1]).
-export([call_count/0, new_pipe/0, is_same/2, bytes_of/1, choose/5, give/2, take/1, new_watch/0, watch/2, unwatch/2, linger/2, write_to/2, write_at_end/2]).
-nifs([call_count/0, new_pipe/0, is_same/2, bytes_of/1, choose/5, give/2, take/1, new_watch/0, watch/2, unwatch/2, linger/2, write_to/2, write_at_end/2]).

call_count() -> not_loaded.
new_pipe() -> not_loaded.
is_same(_, _) -> not_loaded.
bytes_of(_) -> not_loaded.
choose(_, _, _, _, _) -> not_loaded.
give(_, _) -> not_loaded.
take(_) -> not_loaded.
new_watch() -> not_loaded.
watch(_, _) -> not_loaded.
unwatch(_, _) -> not_loaded.
linger(_, _) -> not_loaded.
write_to(_, _) -> not_loaded.
write_at_end(_, _) -> not_loaded.

load(File, Information) -> erlang:load_nif(File, Information).

show(Label, Value) -> io:format("~s: ~0tp~n", [Label, Value]).
%% When a pipe ends is up to the collector: only ended/1 waits for that.
next() -> receive M when M =/= {pipe, ended} -> M after 20000 -> nothing end.
none() -> receive M when M =/= {pipe, ended} -> M after 200 -> none end.

-define(READ, 1).
-define(WRITE, 2).
-define(STOP, 4).
-define(CANCEL, 8).
-define(ERROR, 32).

%% In this code as long as it waits.
stays(Parent) -> Parent ! {self(), call_count()}, receive again -> Parent ! {self(), call_count()} end.

main(File) ->
    show("load", load(File, self())),
    selecting(),
    resources(),
    watching(),
    writing(),
    dirty().

%% Data for a port: of its owner, of others, no iodata, of a resource that goes; to a port that is gone.
writing() ->
    P = open_port({spawn, "cat"}, [binary]),
    show("written", [begin A = write_to(P, D), B = iolist_to_binary(D), {A, echoed(P, byte_size(B)) =:= B} end || D <- ["line", [<<"a">>, [$b | <<"c">>]], binary:copy(<<"large">>, 100)]]),
    Parent = self(),
    spawn(fun() -> Parent ! {by_other, write_to(P, "other")} end),
    show("of another", {echoed(P, 5), receive {by_other, A} -> A after 20000 -> nothing end}),
    show("no iodata", {[write_to(P, D) || D <- [[ok], atom, 1, [1 | 2], [256], [-1], <<1:1>>]], is_list(erlang:port_info(P))}),
    spawn(fun() -> write_at_end(P, "at the end"), erlang:garbage_collect() end),
    show("of a resource", echoed(P, 10)),
    port_close(P),
    show("closed", write_to(P, "x")).
echoed(_, 0) -> <<>>;
echoed(P, Size) -> receive {P, {data, B}} -> <<B/binary, (echoed(P, Size - byte_size(B)))/binary>> after 20000 -> <<"nothing">> end.

in_order({select, _, Ref, What}, Ref) -> {select, What};
in_order(Other, _) -> Other.

selecting() ->
    P = new_pipe(),
    Ref = make_ref(),
    show("read", {choose(P, 0, ?READ, [], Ref), none(), give(P, <<"abc">>), in_order(next(), Ref), none(), take(P)}),
    show("ready at once", {give(P, <<"d">>), choose(P, 0, ?READ, self(), undefined), element(1, next()), take(P)}),
    show("message", {choose(P, 0, ?READ, [], [{"any", term}]), give(P, <<"e">>), next(), take(P)}),
    show("cancelled", {choose(P, 0, ?READ, [], Ref), choose(P, 0, ?READ bor ?CANCEL, [], Ref), choose(P, 0, ?READ bor ?CANCEL, [], Ref), give(P, <<"f">>), none(), take(P)}),
    show("write", {choose(P, 1, ?WRITE, [], Ref), in_order(next(), Ref)}),
    Other = spawn_link(fun() -> {select, _, Ref, What} = next(), exit({told, What}) end),
    show("to another", {choose(P, 0, ?READ, Other, Ref), give(P, <<"g">>), receive {'EXIT', Other, Why} -> Why after 20000 -> nothing end, take(P)}),
    show("stop", {choose(P, 1, ?STOP, [], Ref) > 0, next()}),
    show("end", {choose(P, 0, ?READ, [], Ref), in_order(next(), Ref), take(P)}),
    show("stop both", {choose(P, 0, ?STOP, [], Ref) > 0, next()}),
    show("closed", choose(P, 0, ?READ, [], Ref) < 0),
    E = new_pipe(),
    show("error", {choose(E, 1, ?ERROR, [], Ref), choose(E, 1, ?ERROR bor ?CANCEL, [], Ref), choose(E, 1, ?ERROR, [], Ref), none(),
                   choose(E, 0, ?STOP, [], Ref) > 0, lists:sort([in_order(next(), Ref), in_order(next(), Ref)])}),
    show("stop unselected", {choose(new_pipe(), 0, ?STOP, [], Ref), next()}),
    show("stop the other", {choose(E, 1, ?STOP, [], Ref) > 0, next()}).

ended(0) -> receive {pipe, ended} -> one_more after 200 -> none end;
ended(N) -> receive {pipe, ended} -> ended(N - 1) after 20000 -> {left, N} end.

resources() ->
    erlang:garbage_collect(),
    show("ended", ended(3)),
    Reference = new_pipe(),
    {Same, Again} = is_same(Reference, Reference),
    show("same", {Same, Again =:= Reference, is_same(Reference, binary_to_term(term_to_binary(Reference))) =:= {1, Reference}}),
    Bytes = bytes_of(Reference),
    <<_:10/binary, Part:5/binary, _/binary>> = Bytes,
    show("bytes", {byte_size(Bytes), Bytes =:= binary:copy(<<"b">>, 200), Part, <<Part/binary, "more">>}),
    Old = term_to_binary(Reference),
    Holder = spawn_link(fun() -> receive {Binary, go} -> exit(binary:at(Binary, 199)) end end),
    Holder ! {Bytes, hold},
    Holder ! {bytes_of(new_pipe()), go},
    show("held", receive {'EXIT', Holder, Why} -> Why after 20000 -> nothing end),
    Old.

watching() ->
    W = new_watch(),
    [begin
         Pid = spawn(fun() -> receive Reason -> exit(Reason) end end),
         {_, Term} = watch(W, Pid),
         {monitored_by, [By]} = process_info(Pid, monitored_by),
         Pid ! Reason,
         show("down", case receive {down, {P, T}} -> {P, T} after 20000 -> nothing end of {Pid, Term} -> {told, By =:= W}; Else -> Else end)
     end || Reason <- [normal, kill, {a, b}]],
    Stays = spawn_link(fun() -> receive stop -> ok end end),
    {Bytes1, Term1} = watch(W, Stays),
    {Bytes2, Term2} = watch(W, Stays),
    show("two", {Term1 =/= Term2, is_reference(Term1), length(element(2, process_info(Stays, monitored_by)))}),
    show("unwatch", {unwatch(W, Bytes1), unwatch(W, Bytes1), unwatch(W, Bytes2), process_info(Stays, monitored_by)}),
    Dead = spawn(fun() -> ok end),
    Monitor = erlang:monitor(process, Dead),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    show("dead", watch(W, Dead)),
    show("no function", watch(new_pipe(), self())),
    spawn_link(fun() -> _ = watch(new_watch(), Stays), ok end),
    receive {'EXIT', _, normal} -> ok end,
    show("gone", not_watched(Stays, 400)),
    Stays ! stop,
    receive {'EXIT', Stays, _} -> ok end,
    show("silent", receive {down, _} = Down -> Down after 200 -> none end).

%% The resource goes some time after the process.
not_watched(Pid, Tries) ->
    case process_info(Pid, monitored_by) of
        {monitored_by, [_ | _]} when Tries > 0 ->
            erlang:garbage_collect(),  % what was shown refers to it
            receive after 50 -> not_watched(Pid, Tries - 1) end;
        Other -> Other
    end.

%% A process in a function on a dirty thread answers, and can be ended.
dirty() ->
    P = new_pipe(),
    Parent = self(),
    Calls = fun() -> Parent ! {self(), linger(P, {"kept", [1.5, 1 bsl 70]})}, receive stop -> ok end end,
    One = spawn_link(Calls),
    receive {runs, _} -> ok end,
    One ! {some, message},
    show("asked", {process_info(One, current_function), process_info(One, message_queue_len), process_info(One, status), is_process_alive(One),
                   erlang:garbage_collect(self()), erlang:check_process_code(One, lists)}),
    Collected = erlang:garbage_collect(One, [{async, collected}]),
    give(P, <<"x">>),
    show("answers", receive {One, Answer} -> Answer after 20000 -> nothing end),
    show("collected", {Collected, receive {garbage_collect, collected, Done} -> Done after 20000 -> nothing end}),
    One ! stop,
    receive {'EXIT', One, _} -> ok end,
    Two = spawn_link(Calls),
    receive {runs, _} -> ok after 20000 -> none end,
    exit(Two, because),
    show("ended", {receive {'EXIT', Two, Why} -> Why after 20000 -> nothing end, is_process_alive(Two), process_info(Two)}),
    give(P, <<"x">>),
    show("nothing", receive {Two, Late} -> Late after 300 -> none end).
