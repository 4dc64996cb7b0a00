%% Just inside and outside of limits: very many arguments, options of sockets out of range, packets with padding, data for ports that is none.
-module(beyond_limits).
-export([main/0, log/2]).

main() ->
    process_flag(trap_exit, false),
    logger:set_primary_config(level, none),
    arguments(),
    spawned(),
    hibernated(),
    datagrams(),
    fast_cgi(),
    bad_data(),
    sizes().

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).

%% What is called cannot have so many arguments: undef and badarity, until the list is too long for anything.
arguments() ->
    One = fun(X) -> X end,
    [begin
         L = lists:duplicate(N, a),
         show({arguments, N}, [outcome(F) || F <- [fun() -> apply(One, L) end, fun() -> apply(lists, reverse, L) end, fun() -> apply(lists, reverse, L ++ b) end, fun() -> apply(fun lists:reverse/2, L) end,
                                                   fun() -> apply(erlang, apply, [One, L]) end, fun() -> apply(erlang, apply, [lists, nothing, L]) end, fun() -> apply(fun erlang:apply/2, [One, L]) end,
                                                   fun() -> apply(not_a_fun, L) end, fun() -> apply("no", reverse, L) end]])
     end || N <- [0, 2, 3, 255, 256, 300, 1000, 1021, 1022, 1023, 1024, 5000]].
outcome(F) ->
    try F() of V -> {value, V} catch Class:Reason:Stack -> {M, G, A, _} = hd(Stack), {Class, reason(Reason), M, if M =:= ?MODULE -> here; true -> {G, if is_list(A) -> length(A); true -> A end} end} end.
reason({R, {F, L}}) when is_function(F) -> {R, length(L)};
reason({R, X}) -> {R, X};
reason(R) -> R.

spawned() ->
    [show({spawned, N}, [begin {P, M} = spawn_monitor(lists, Function, lists:duplicate(N, a)), receive {'DOWN', M, process, P, R} -> ended(R) end end || Function <- [reverse, nothing]]) || N <- [0, 3, 256, 1000, 1023, 1024, 3000]],
    show(improper, [try spawn(lists, reverse, lists:duplicate(N, a) ++ b) catch error:R -> R end || N <- [0, 3, 300, 2000]]),
    show(requests, [begin R = spawn_request(lists, nothing, lists:duplicate(N, a), [monitor]), receive {spawn_reply, R, ok, P} -> receive {'DOWN', R, process, P, Why} -> ended(Why) end; {spawn_reply, R, error, Why} -> {error, Why} end end || N <- [0, 300, 1023]]).
ended({R, [{M, F, A, _} | _]}) -> {R, M, F, if is_list(A) -> length(A); true -> A end};
ended(R) -> R.

hibernated() ->
    show(hibernated, [try erlang:hibernate(M, F, A) catch error:R -> R end || {M, F, A} <- [{1, f, []}, {m, 1, []}, {m, f, [a | b]}, {m, f, x}]]).

datagrams() ->
    show(read_packets, [try gen_udp:open(0, [{read_packets, N}, {ip, {127, 0, 0, 1}}]) of {ok, S} -> R = inet:getopts(S, [read_packets]), gen_udp:close(S), R; E -> E catch C:E -> {C, E} end || N <- [0, 1, 7, -1, a, 1 bsl 20, 1 bsl 31, 1 bsl 32, 1 bsl 40]]),
    {ok, S} = gen_udp:open(0, [{ip, {127, 0, 0, 1}}]),
    show(set, [inet:setopts(S, [{read_packets, N}]) || N <- [0, 1, -1, a, 100]]),
    show(kept, inet:getopts(S, [read_packets])),
    gen_udp:close(S).

%% Version, type, id, length, padding, reserved; then the content and the padding.
record(Type, Content, Padding) -> <<1, Type, 1:16, (byte_size(Content)):16, Padding, 0, Content/binary, 0:(Padding * 8)>>.
fast_cgi() ->
    Records = [record(6, <<"hello">>, 3), record(3, <<0:64>>, 0), record(5, <<>>, 8), record(6, binary:copy(<<"x">>, 300), 255)],
    [show({fcgi, N}, erlang:decode_packet(fcgi, binary:part(hd(Records), 0, N), [])) || N <- [0, 1, 7, 8, 9, 13, 15, 16]],
    show(wrong_version, erlang:decode_packet(fcgi, <<2, 6, 0, 1, 0, 5, 3, 0, "hello123">>, [])),
    show(too_long, erlang:decode_packet(fcgi, hd(Records), [{packet_size, 4}])),
    {ok, Listen} = gen_tcp:listen(0, [binary, {packet, fcgi}, {active, false}, {ip, {127, 0, 0, 1}}]), {ok, Port} = inet:port(Listen),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary]), {ok, S} = gen_tcp:accept(Listen, 10000),
    ok = gen_tcp:send(C, Records),
    show(received, [begin {ok, B} = gen_tcp:recv(S, 0, 10000), {byte_size(B), erlang:crc32(B)} end || _ <- Records]),
    inet:setopts(S, [{active, true}, {header, 2}]), ok = gen_tcp:send(C, Records),
    show(active, [receive {tcp, S, [A, B | R]} -> {A, B, byte_size(R)} after 10000 -> none end || _ <- Records]),
    inet:setopts(S, [{header, 0}, {deliver, port}, list]), ok = gen_tcp:send(C, Records),
    show(to_the_port, [receive {S, {data, D}} -> length(D) after 10000 -> none end || _ <- Records]),
    [gen_tcp:close(X) || X <- [C, S, Listen]].

%% The logger is told of what is no data.
log(#{msg := {F, A}}, #{config := To}) when is_list(F) -> To ! {logged, lists:flatten(io_lib:format(F, A))};
log(#{msg := {report, #{format := F, args := A}}}, #{config := To}) -> To ! {logged, lists:flatten(io_lib:format(F, A))};
log(#{msg := M}, #{config := To}) -> To ! {logged, M}.
bad_data() ->
    process_flag(trap_exit, true),
    logger:remove_handler(default),
    ok = logger:add_handler(told, ?MODULE, #{config => self()}), logger:set_primary_config(level, error),
    Logged = fun() -> receive {logged, T} -> T after 10000 -> nothing end end,
    P = open_port({spawn, "cat"}, [binary]),
    [show({command, D}, [try port_command(P, D) catch error:R -> R end, Logged()]) || D <- [a, 1, [a], [256], [-1], [1 | 2], {1}, <<3, 1:3>>, [<<1>>, [<<1, 1:1>>]], [1.5], #{}]],
    show(works, [port_command(P, [1, [<<2>>, []] | <<3>>]), receive {P, {data, D}} -> D after 10000 -> none end]),
    P ! {self(), {command, [x]}},
    show(message, [Logged(), receive {'EXIT', P, R} -> R after 10000 -> none end]),
    logger:set_primary_config(level, none), logger:remove_handler(told).

sizes() ->
    show(atoms, [try length(atom_to_list(list_to_atom(lists:duplicate(N, $a)))) catch error:R -> R end || N <- [0, 255, 256]]),
    show(atoms_of_many_bytes, [try byte_size(atom_to_binary(list_to_atom(lists:duplicate(N, 8364)))) catch error:R -> R end || N <- [85, 255, 256]]),
    show(tuples, [try tuple_size(erlang:make_tuple(N, x)) catch error:R -> R end || N <- [0, 16777215, 16777216]]),
    show(shifts, [try byte_size(binary:encode_unsigned(1 bsl N)) catch error:R -> R end || N <- [63, 64, 1000]]),
    show(binaries, [try byte_size(binary:copy(<<1>>, N)) catch error:R -> R end || N <- [0, 1, 1000, 1 bsl 70]]),
    show(registered, [try register(N, self()) catch error:R -> R end || N <- [undefined, "x", 1]]).
