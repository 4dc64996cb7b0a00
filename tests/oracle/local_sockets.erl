%% Sockets of the file system: streams and datagrams by gen_tcp, gen_udp and socket; names, abstract names, options, errors; pairs with the other backend.
-module(local_sockets).
-export([main/0]).

main() ->
    process_flag(trap_exit, false),
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_local_" ++ os:getpid(), put(folder, Folder),
    ok = filelib:ensure_path(Folder),
    try
        [streams(B, Folder ++ "/stream" ++ atom_to_list(B)) || B <- [inet, socket]],
        crossed(Folder ++ "/crossed"),
        datagrams(Folder),
        abstract(),
        names(Folder),
        wrong(Folder),
        by_socket(Folder)
    after
        file:del_dir_r(Folder)
    end.

show(Label, Value) -> io:format("~0p: ~ts~n", [Label, re:replace(io_lib:format("~0p", [Value]), get(folder), "FOLDER", [global])]).
backend(inet) -> [];
backend(socket) -> [{inet_backend, socket}].

pair(Backends, Path, Options) ->
    [A, B] = Backends,
    {ok, L} = gen_tcp:listen(0, backend(A) ++ [{ifaddr, {local, Path}}, binary, {active, false} | Options]),
    {ok, C} = gen_tcp:connect({local, Path}, 0, backend(B) ++ [binary, {active, false} | Options]),
    {ok, S} = gen_tcp:accept(L, 10000),
    {L, C, S}.

streams(Kind, Path) ->
    {L, C, S} = pair([Kind, Kind], Path, [{packet, 2}]),
    show({Kind, names}, [inet:sockname(L), inet:port(L), inet:sockname(S), inet:peername(S), inet:sockname(C), inet:peername(C), inet:port(C)]),
    show({Kind, sent}, [gen_tcp:send(C, D) || D <- [<<"one">>, "two", <<>>, binary:copy(<<"x">>, 5000)]]),
    show({Kind, received}, [case gen_tcp:recv(S, 0, 10000) of {ok, D} -> {byte_size(D), erlang:crc32(D)}; E -> E end || _ <- [1, 2, 3, 4]]),
    show({Kind, back}, [gen_tcp:send(S, "answer"), gen_tcp:recv(C, 0, 10000)]),
    inet:setopts(S, [{active, once}]), gen_tcp:send(C, "active"), show({Kind, active}, receive {tcp, S, D} -> D after 10000 -> none end),
    show({Kind, options}, [case inet:getopts(S, [O]) of {ok, L1} -> L1; E -> E end || O <- [active, packet, mode, header, exit_on_close]]),
    show({Kind, file}, [element(3, element(2, file:read_file_info(Path))), file:read_file(Path)]),
    show({Kind, in_use}, gen_tcp:listen(0, backend(Kind) ++ [{ifaddr, {local, Path}}])),
    gen_tcp:shutdown(C, write), show({Kind, shut}, [gen_tcp:recv(S, 0, 10000), gen_tcp:send(S, "still"), gen_tcp:recv(C, 0, 10000)]),
    [gen_tcp:close(X) || X <- [C, S, L]],
    show({Kind, left}, [filelib:is_file(Path), element(2, file:read_link_info(Path)) =/= enoent, gen_tcp:connect({local, Path}, 0, backend(Kind))]),
    file:delete(Path),
    show({Kind, gone}, gen_tcp:connect({local, Path}, 0, backend(Kind))).

crossed(Path) ->
    [begin
         {L, C, S} = pair(Backends, Path, [{packet, line}]),
         gen_tcp:send(C, "a line\nand "), gen_tcp:send(C, "one more\n"),
         show(Backends, [gen_tcp:recv(S, 0, 10000), gen_tcp:recv(S, 0, 10000)]),
         [gen_tcp:close(X) || X <- [C, S, L]], file:delete(Path)
     end || Backends <- [[inet, socket], [socket, inet]]].

datagrams(Folder) ->
    [A, B] = [Folder ++ "/dgram" ++ X || X <- ["a", "b"]],
    {ok, Sa} = gen_udp:open(0, [{ifaddr, {local, A}}, binary, {active, false}]),
    {ok, Sb} = gen_udp:open(0, [{ifaddr, {local, B}}, binary, {active, false}]),
    show(udp_names, [inet:sockname(Sa), inet:port(Sa)]),
    show(udp_sent, [gen_udp:send(Sa, {local, B}, 0, D) || D <- [<<"first">>, "second", <<>>]]),
    show(udp_received, [taken(Sb) || _ <- [1, 2, 3]]),
    inet:setopts(Sb, [{active, true}]), gen_udp:send(Sa, {local, B}, 0, "told"), show(udp_active, receive {udp, Sb, From, Port, D} -> {From, Port, D} after 10000 -> none end),
    {ok, Sc} = gen_udp:open(0, [local, binary, {active, false}]), show(unnamed, [inet:sockname(Sc), gen_udp:send(Sc, {local, A}, 0, "from nobody"), taken(Sa)]),
    show(udp_wrong, [gen_udp:send(Sa, {local, Folder ++ "/none"}, 0, "x"), (try gen_udp:send(Sa, {127, 0, 0, 1}, 9, "x") catch error:R1 -> R1 end), gen_udp:open(0, [{ifaddr, {local, A}}])]),
    show(udp_connected, [gen_udp:connect(Sc, {local, A}, 0), gen_udp:send(Sc, "connected"), taken(Sa), inet:peername(Sc)]),
    [gen_udp:close(X) || X <- [Sa, Sb, Sc]].

%% Passively, addresses of this kind cannot be read.
taken(S) -> try gen_udp:recv(S, 0, 10000) catch error:R -> R end.

abstract() ->
    Name = <<0, "hanse_abstract_", (list_to_binary(os:getpid()))/binary>>,
    Hide = fun(T) -> re:replace(io_lib:format("~0p", [T]), "hanse_abstract_\\d+|\\d+(,\\d+){15,}", "NAME", [global, {return, list}]) end,
    {L, C, S} = pair([inet, inet], Name, []),
    show(abstract, [Hide(inet:sockname(L)), Hide(inet:peername(C)), gen_tcp:send(C, "x"), gen_tcp:recv(S, 0, 10000)]),
    [gen_tcp:close(X) || X <- [C, S, L]].

names(Folder) ->
    [show({length, N}, case gen_tcp:listen(0, [{ifaddr, {local, Folder ++ "/" ++ lists:duplicate(N - length(Folder) - 1, $n)}}]) of {ok, L} -> gen_tcp:close(L), ok; E -> E end) || N <- [60, 107, 108, 109, 200]],
    [show(names, case gen_tcp:listen(0, [{ifaddr, {local, N}}]) of {ok, L} -> R = inet:sockname(L), gen_tcp:close(L), R; E -> E end) || N <- [list_to_binary(Folder ++ "/bin"), Folder ++ "/with space", Folder ++ "/a\nb"]],
    show(bind_twice, lists:sort(element(2, file:list_dir(Folder))) =/= []).

wrong(Folder) ->
    show(connect, [try gen_tcp:connect(A, P, O, 1000) catch C:R -> {C, R} end || {A, P, O} <- [{{local, Folder ++ "/none"}, 0, []}, {{local, Folder}, 0, []}, {{local, "/nowhere/at/all"}, 0, []}, {{local, ""}, 0, []}, {{local, Folder ++ "/none"}, 5, []}]]),
    show(listen, [try element(1, gen_tcp:listen(P, O)) catch C:R -> {C, R} end || {P, O} <- [{5, [{ifaddr, {local, Folder ++ "/p"}}]}, {0, [{ifaddr, {local, "/nowhere/x"}}]}, {0, [{ip, {local, Folder ++ "/ip"}}]}, {0, [local, {ifaddr, {local, Folder ++ "/l"}}]}, {0, [{ifaddr, {local, x}}]}]]).

by_socket(Folder) ->
    Path = Folder ++ "/plain", Address = #{family => local, path => Path},
    {ok, L} = socket:open(local, stream), show(bind, [socket:bind(L, Address), socket:listen(L), socket:sockname(L)]),
    {ok, C} = socket:open(local, stream, default), show(connect, socket:connect(C, Address)),
    {ok, S} = socket:accept(L, 10000),
    show(sent, [socket:send(C, <<"hello">>), socket:recv(S, 5, 10000), socket:sockname(C), socket:peername(C), element(1, socket:peername(S))]),
    show(options, [socket:getopt(S, O) || O <- [{socket, domain}, {socket, type}, {socket, protocol}, {socket, acceptconn}, {socket, keepalive}]] ++ [socket:getopt(L, {socket, acceptconn})]),
    show(message, [socket:sendmsg(C, #{iov => [<<"a">>, <<"bc">>]}), socket:recv(S, 3, 10000)]),
    {ok, [{_, Info}]} = {ok, [{info, socket:info(S)}]}, show(info, [maps:get(K, Info) || K <- [domain, type, protocol, ctype]]),
    show(peek, [socket:send(C, <<"xyz">>), socket:recv(S, 2, [peek], 10000), socket:recv(S, 3, 10000)]),
    show(ends, [socket:close(C), socket:recv(S, 0, 10000), socket:close(S), socket:close(L)]),
    {ok, D} = socket:open(local, dgram), {ok, E} = socket:open(local, dgram), To = #{family => local, path => Folder ++ "/d"}, From = #{family => local, path => Folder ++ "/e"},
    show(datagrams, [socket:bind(D, To), socket:bind(E, From), socket:sendto(E, <<"datagram">>, To), socket:recvfrom(D, 0, 10000), socket:sendto(E, <<>>, From), socket:sendto(E, <<"x">>, #{family => local, path => "/nowhere"})]),
    show(wrong, [try socket:bind(E, X) catch C1:R1 -> {C1, R1} end || X <- [#{family => local}, #{family => local, path => 1}, #{family => inet, addr => any, port => 0}, #{family => local, path => lists:duplicate(200, $x)}]]),
    [socket:close(X) || X <- [D, E]].
