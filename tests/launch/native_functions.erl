%% Calls each function of native_functions.c; stock says what must come out.
-module(native_functions).
-export([main/0, load/2, old/1]).
-export([data/0, numbers/1, kinds/2, texts/1, twice/1, maps/2, new_resource/1, number_of/1, fails/1, count_down/2, dirty_cpu/1, dirty_io/1,
         send_by_thread/2, external/1, printed/1, queued/1]).

load(File, Information) -> erlang:load_nif(File, Information).

data() -> not_loaded.
numbers(_) -> not_loaded.
kinds(_, _) -> not_loaded.
texts(_) -> not_loaded.
twice(_) -> not_loaded.
maps(_, _) -> not_loaded.
new_resource(_) -> not_loaded.
number_of(_) -> not_loaded.
fails(_) -> not_loaded.
count_down(_, _) -> not_loaded.
dirty_cpu(_) -> not_loaded.
dirty_io(_) -> not_loaded.
send_by_thread(_, _) -> not_loaded.
external(_) -> not_loaded.
printed(_) -> not_loaded.
queued(_) -> not_loaded.

%% In the code of before, as long as it waits.
old(Parent) -> Parent ! {self(), data()}, receive again -> Parent ! {self(), data()} end.

show(Label, Value) -> io:format("~s: ~0tp~n", [Label, comparable(Value)]).

%% The order of large maps and the text of references are each machine's own.
comparable(Map) when is_map(Map), map_size(Map) > 32 -> comparable(lists:sort(maps:to_list(Map)));
comparable(Map) when is_map(Map) -> maps:map(fun(_, Value) -> comparable(Value) end, Map);
comparable(Reference) when is_reference(Reference) -> reference;
comparable([Head | Tail]) -> [comparable(Head) | comparable(Tail)];
comparable(Tuple) when is_tuple(Tuple) -> list_to_tuple(comparable(tuple_to_list(Tuple)));
comparable(Other) -> Other.

try_(Fun) -> try Fun() catch Class:Reason:Stack -> {Class, Reason, hd(Stack)} end.

kind_of_error({error, {Kind, Text}}) -> {error, Kind, is_list(Text)};
kind_of_error(Other) -> Other.

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    [Directory] = init:get_plain_arguments(),
    File = filename:join(Directory, "native_functions"),
    show("before", data()),
    [show("refused", kind_of_error(try_(fun() -> load(F, I) end)))
     || {F, I} <- [{File ++ "_none", 1}, {File, not_a_number}, {filename:join(Directory, "other"), 1}, {foo, 1}, {17, 1}, {[], 1}]],
    show("still before", data()),
    show("load", load(File, 1)),
    show("twice", kind_of_error(load(File, 1))),
    show("data", {data(), ?MODULE:data(), apply(?MODULE, data, [])}),
    show("tainted", lists:member(?MODULE, erlang:system_info(taints))),
    [show("numbers", {N, numbers(N)}) || N <- [0, -1, 1 bsl 31 - 1, 1 bsl 31, -(1 bsl 31), -(1 bsl 31) - 1, 1 bsl 32 - 1, 1 bsl 32, 1 bsl 59, -(1 bsl 59) - 1,
                                              1 bsl 63 - 1, 1 bsl 63, -(1 bsl 63), -(1 bsl 63) - 1, 1 bsl 64 - 1, 1 bsl 64, 1.5, -0.0, a, <<>>]],
    Terms = [1, 1.0, a, 'ö', <<>>, <<1:3>>, <<"abc">>, binary:copy(<<"x">>, 100), [], [a], [a | b], {}, {1, 2}, #{}, #{a => 1}, fun() -> ok end,
             fun lists:map/2, self(), make_ref(), hd(erlang:ports())],
    [show("kinds", kinds(A, B)) || A <- Terms, B <- [A, 1, a, {}]],
    [show("texts", texts(T)) || T <- ["", "short", "a longer one", [1, 256], [1 | 2], "sieben7", "achtach", a, 'Größe', '日本', '', [a]]],
    <<_:3, Unaligned:5/binary, _/bits>> = <<"unaligned">>,
    [show("twice", try_(fun() -> twice(B) end))
     || B <- [<<>>, <<"four">>, binary:copy(<<"large">>, 30), Unaligned, [<<"io">>, $l, ["is" | <<"t">>]], [], [a], <<1:7>>, a]],
    Large = maps:from_list([{N, N * N} || N <- lists:seq(1, 40)]),
    [show("maps", try_(fun() -> setelement(2, setelement(3, M, lists:sort(element(3, M))), lists:sort(element(2, M))) end))
     || {Map, Key} <- [{#{}, a}, {#{a => 1, b => 2}, a}, {#{a => 1}, c}, {Large, 7}], M <- [maps(Map, Key)]],
    show("no map", try_(fun() -> maps([], a) end)),
    resources(),
    [show("fails", try_(fun() -> fails(R) end)) || R <- [reason, 17]],
    show("count_down", {count_down(100, 0), try_(fun() -> count_down(a, 0) end)}),
    show("dirty", {dirty_cpu(one), dirty_io(two)}),
    show("sent", {send_by_thread(self(), {a, "message", Large}), receive M -> M =:= {0, {a, "message", Large}} after 20000 -> none end}),
    show("to nobody", {try_(fun() -> send_by_thread(nobody, x) end)}),
    [show("external", external(T)) || T <- [a, {1, "two", 3.0}, Large, <<1:3>>, fun lists:map/2]],
    [show("printed", printed(T)) || T <- [a, [1, 2], {x, "text"}]],
    [show("queued", try_(fun() -> queued(L) end)) || L <- [[<<"one">>, <<>>, binary:copy(<<"two">>, 3)], [], [<<"x">> | tail], [a]]],
    upgrade(File, Directory),
    halt(0).

resources() ->
    {Worker, Monitor} = spawn_monitor(fun() ->
        Reference = new_resource(7),
        show("resource", {is_reference(Reference), number_of(Reference), try_(fun() -> number_of(make_ref()) end)}),
        Parent = self(),
        Holder = spawn_link(fun() -> receive {hold, R} -> receive stop -> exit({held, number_of(R)}) end end end),
        process_flag(trap_exit, true),
        Holder ! {hold, Reference},
        erlang:garbage_collect(),
        show("not ended", receive {ended, N} -> N after 50 -> nothing end),
        Holder ! stop,
        show("holder", receive {'EXIT', Holder, Why} -> Why end),
        show("ended", receive {ended, Number} -> Number after 20000 -> {nothing, Parent} end)
    end),
    receive {'DOWN', Monitor, process, Worker, Reason} -> show("resources", Reason) end.

%% New code of the module takes over what the library of the old code knew.
upgrade(File, Directory) ->
    Old = spawn_link(?MODULE, old, [self()]),
    show("old", receive {Old, First} -> First end),
    {module, _} = code:load_abs(filename:join(Directory, ?MODULE_STRING)),
    show("new code", ?MODULE:data()),
    show("upgrade", ?MODULE:load(File, 10)),
    show("new data", ?MODULE:data()),
    Old ! again,
    show("old still", receive {Old, Second} -> Second end),
    receive {'EXIT', Old, _} -> ok end,
    show("purge", code:soft_purge(?MODULE)).
