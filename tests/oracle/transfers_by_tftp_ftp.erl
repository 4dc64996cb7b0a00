%% Files over the loopback: tftp with its own server, blocks, options and callbacks; the ftp client before a small server of ours.
-module(transfers_by_tftp_ftp).
-export([main/0]).
-export([prepare/6, open/6, read/1, write/2, abort/3]).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_transfers_" ++ os:getpid(),
    ok = filelib:ensure_path(filename:join(Folder, "served")),
    try
        file:set_cwd(Folder),
        tftp(Folder),
        [ftp(Folder, Mode) || Mode <- [active, passive]]
    after
        file:set_cwd("/"),
        file:del_dir_r(Folder)
    end.

show(Label, Value) -> io:format("~p: ~0p~n", [Label, Value]).

data(Size) -> binary:part(binary:copy(list_to_binary(lists:seq(0, 255)), Size div 256 + 1), 0, Size).

%% --- tftp

tftp(Folder) ->
    Served = filename:join(Folder, "served"),
    application:start(tftp),
    {ok, Server} = tftp:start([{port, 0}, {callback, {"^memory/", ?MODULE, self()}}, {callback, {"", tftp_file, [{root_dir, Served}]}}]),
    {ok, Info} = tftp:info(Server),
    {port, Port} = lists:keyfind(port, 1, Info),
    To = [{host, "localhost"}, {port, Port}],
    show(info, [K || {K, _} <- Info]),
    Sizes = [0, 1, 511, 512, 513, 1024, 5000, 70000],
    [ok = file:write_file(filename:join(Served, integer_to_list(N)), data(N)) || N <- Sizes],
    show(read, [begin {ok, Last, B} = (case tftp:read_file(integer_to_list(N), binary, To) of {ok, X} -> {ok, byte_size(X), X}; E -> E end), {N, Last, B =:= data(N)} end || N <- Sizes]),
    show(read_to, [begin R = tftp:read_file(integer_to_list(N), filename:join(Folder, "got"), To), {N, element(1, R), file:read_file(filename:join(Folder, "got")) =:= {ok, data(N)}} end || N <- [0, 512, 5000]]),
    show(block_sizes, [begin R = tftp:read_file("5000", binary, To ++ [{"blksize", B}]), case R of {ok, D} -> {B, D =:= data(5000)}; _ -> {B, R} end end || B <- ["8", "100", "1428", "8192", "65464"]]),
    show(refused_sizes, [case tftp:read_file("5000", binary, To ++ [{"blksize", B}]) of {ok, D} -> {B, byte_size(D)}; R -> {B, R} end || B <- ["7", "0", "70000", "x", ""]]),
    show(written, [begin R = tftp:write_file("new" ++ integer_to_list(N), data(N), To), {N, R, file:read_file(filename:join(Served, "new" ++ integer_to_list(N))) =:= {ok, data(N)}} end || N <- Sizes]),
    show(written_from, begin ok = file:write_file("source", data(3000)), [tftp:write_file("copied", "source", To), file:read_file(filename:join(Served, "copied")) =:= {ok, data(3000)}] end),
    show(again, tftp:write_file("new1", <<"x">>, To)),
    show(missing, [tftp:read_file("nothing", binary, To), tftp:read_file("../source", binary, To), tftp:write_file("no/folder", <<"x">>, To), tftp:write_file("y", "no such source", To)]),
    show(memory, [tftp:read_file("memory/hello", binary, To), tftp:write_file("memory/kept", <<"some bytes">>, To), receive {kept, B} -> B after 5000 -> none end, tftp:read_file("memory/refused", binary, To), tftp:read_file("memory/broken", binary, To)]),
    show(modes, [catch tftp:read_file("1", binary, To ++ [{mode, M}]) || M <- ["octet", "netascii", "mail"]]),
    show(arguments, [try tftp:read_file(A, B, C) catch Cl:R -> {Cl, if is_tuple(R) -> element(1, R); true -> R end} end || {A, B, C} <- [{"1", binary, [{port, x}]}, {"1", binary, [nonsense]}, {"1", 7, To}]]),
    show(change, [tftp:change_config(Server, [{max_retries, 2}]), tftp:change_config(Server, [{port, 1}])]),
    exit(Server, shutdown).

prepare(_, client, _, _, _, _) -> {error, {undef, "not for clients"}};
prepare(Peer, Access, File, Mode, Options, To) -> open(Peer, Access, File, Mode, Options, To).
open(_, read, "memory/refused", _, _, _) -> {error, {eacces, "not this one"}};
open(_, read, File, _, Options, _) -> {ok, accepted(Options), {File, 0}};
open(_, write, _, _, Options, To) -> {ok, accepted(Options), {To, []}}.
accepted(Options) -> [O || {K, _} = O <- Options, K =:= "blksize"].
read({"memory/broken", 1}) -> {error, {enospc, "broken in the midst"}};
read({"memory/broken", 0}) -> {more, data(512), {"memory/broken", 1}};
read({File, _}) -> {last, list_to_binary(lists:reverse(File)), length(File)}.
write(<<_:512/binary>> = B, {To, L}) -> {more, {To, [B | L]}};
write(B, {To, L}) -> To ! {kept, iolist_to_binary(lists:reverse([B | L]))}, {last, ok}.
abort(_, _, _) -> ok.

%% --- ftp

ftp(Folder, Mode) ->
    {ok, Listen} = gen_tcp:listen(0, [{packet, line}, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listen),
    Root = filename:join(Folder, "served"),
    spawn_link(fun() -> serve(Listen, Root) end),
    show(Mode, ftp:start()),
    {ok, Ftp} = ftp:open("localhost", [{port, Port}, {mode, Mode}, {ipfamily, inet}]),
    show(wrong_user, ftp:user(Ftp, "eve", "guess")),
    show(before, [ftp:pwd(Ftp), ftp:ls(Ftp)]),
    show(user, ftp:user(Ftp, "alice", "wonder")),
    show(pwd, ftp:pwd(Ftp)),
    show(recv, [begin R = ftp:recv_bin(Ftp, F), case R of {ok, B} -> {F, byte_size(B), B =:= data(list_to_integer(F))}; _ -> {F, R} end end || F <- ["0", "511", "70000", "nothing"]]),
    show(recv_file, [ftp:recv(Ftp, "5000", "taken"), file:read_file("taken") =:= {ok, data(5000)}]),
    show(send, [ftp:send_bin(Ftp, data(3000), "sent"), file:read_file(filename:join(Root, "sent")) =:= {ok, data(3000)}, ftp:send_bin(Ftp, not_a_binary, "x"), ftp:send(Ftp, "taken", "sent2"), ftp:send(Ftp, "no such file", "x")]),
    show(append, [ftp:append_bin(Ftp, <<"more">>, "sent"), byte_size(element(2, file:read_file(filename:join(Root, "sent"))))]),
    show(ls, [ftp:nlist(Ftp), ftp:nlist(Ftp, "none")]),
    show(folders, [ftp:mkdir(Ftp, "sub"), ftp:cd(Ftp, "sub"), ftp:pwd(Ftp), ftp:cd(Ftp, "nowhere"), ftp:cd(Ftp, ".."), ftp:rmdir(Ftp, "sub"), ftp:rmdir(Ftp, "sub")]),
    show(names, [ftp:rename(Ftp, "sent", "renamed"), ftp:delete(Ftp, "renamed"), ftp:delete(Ftp, "renamed"), ftp:rename(Ftp, "none", "x")]),
    show(types, [ftp:type(Ftp, ascii), ftp:type(Ftp, binary), ftp:type(Ftp, other)]),
    show(quote, [ftp:quote(Ftp, "NOOP"), ftp:quote(Ftp, "STRANGE a b"), ftp:formaterror(epath), ftp:formaterror(eclosed), ftp:formaterror({error, elogin})]),
    show(lpwd, [begin {ok, D} = ftp:lpwd(Ftp), D =:= Folder end, ftp:lcd(Ftp, "served"), ftp:lcd(Ftp, "nowhere")]),
    show(chunks, [ftp:recv_chunk_start(Ftp, "5000"), iolist_size(chunks(Ftp)), ftp:recv_chunk(Ftp)]),
    show(sent_chunks, [ftp:send_chunk_start(Ftp, "pieces"), [ftp:send_chunk(Ftp, data(100)) || _ <- [1, 2, 3]], ftp:pwd(Ftp), ftp:send_chunk_end(Ftp), byte_size(element(2, file:read_file(filename:join(Root, "pieces"))))]),
    show(no_chunk, [ftp:send_chunk(Ftp, <<"x">>), ftp:send_chunk_end(Ftp)]),
    show(account, ftp:account(Ftp, "x")),
    show(close, ftp:close(Ftp)),
    show(no_server, begin gen_tcp:close(Listen), ftp:open("localhost", [{port, Port}, {ipfamily, inet}]) end),
    show(stop, ftp:stop()).

chunks(Ftp) -> case ftp:recv_chunk(Ftp) of {ok, B} -> [B | chunks(Ftp)]; ok -> [] end.

%% One connection, one command a line.
serve(Listen, Root) ->
    case gen_tcp:accept(Listen) of
        {ok, S} -> say(S, "220 ready"), commands(S, Root, #{at => "/", user => none, data => none, from => none}), serve(Listen, Root);
        {error, _} -> ok
    end.

say(S, Text) -> gen_tcp:send(S, [Text, "\r\n"]).

commands(S, Root, State) ->
    case gen_tcp:recv(S, 0) of
        {ok, Line} ->
            {Verb, Argument} = case string:split(string:trim(Line), " ") of [V, A] -> {V, A}; [V] -> {V, ""} end,
            case command(string:uppercase(Verb), Argument, S, Root, State) of quit -> gen_tcp:close(S); New -> commands(S, Root, New) end;
        {error, _} -> ok
    end.

command("USER", U, S, _, State) -> say(S, "331 password?"), State#{user := {maybe_user, U}};
command("PASS", "wonder", S, _, #{user := {maybe_user, "alice"}} = State) -> say(S, "230 hello"), State#{user := "alice"};
command("PASS", _, S, _, State) -> say(S, "530 no"), State#{user := none};
command("QUIT", _, S, _, _) -> say(S, "221 bye"), quit;
command("NOOP", _, S, _, State) -> say(S, "200 nothing done"), State;
command(_, _, S, _, #{user := U} = State) when not is_list(U) -> say(S, "530 who are you"), State;
command("PWD", _, S, _, #{at := At} = State) -> say(S, ["257 \"", At, "\" is the folder"]), State;
command("TYPE", _, S, _, State) -> say(S, "200 type set"), State;
command("CWD", "..", S, _, State) -> say(S, "250 up"), State#{at := "/"};
command("CWD", D, S, Root, State) -> case filelib:is_dir(filename:join(Root, D)) of true -> say(S, "250 there"), State#{at := "/" ++ D}; false -> say(S, "550 nowhere"), State end;
command("MKD", D, S, Root, State) -> done(S, file:make_dir(filename:join(Root, D)), "257 \"" ++ D ++ "\" made"), State;
command("RMD", D, S, Root, State) -> done(S, file:del_dir(filename:join(Root, D)), "250 gone"), State;
command("DELE", F, S, Root, State) -> done(S, file:delete(filename:join(Root, F)), "250 gone"), State;
command("RNFR", F, S, Root, State) -> case filelib:is_file(filename:join(Root, F)) of true -> say(S, "350 to what"); false -> say(S, "550 no such file") end, State#{from := F};
command("RNTO", F, S, Root, #{from := From} = State) -> done(S, file:rename(filename:join(Root, From), filename:join(Root, F)), "250 renamed"), State;
command("PASV", _, S, _, State) ->
    {ok, Listen} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listen),
    say(S, io_lib:format("227 entering (127,0,0,1,~w,~w)", [Port div 256, Port rem 256])),
    State#{data := Listen};
command("PORT", A, S, _, State) ->
    [High, Low] = lists:nthtail(4, string:lexemes(A, ",")),
    say(S, "200 there"),
    State#{data := list_to_integer(High) * 256 + list_to_integer(Low)};
command("RETR", F, S, Root, State) -> give(S, State, file:read_file(filename:join(Root, F)));
command("NLST", _, S, Root, State) -> {ok, L} = file:list_dir(Root), give(S, State, {ok, [[N, "\r\n"] || N <- lists:sort(L)]});
command("LIST", A, S, Root, State) -> command("NLST", A, S, Root, State);
command("STOR", F, S, Root, State) -> take(S, State, filename:join(Root, F), [write]);
command("APPE", F, S, Root, State) -> take(S, State, filename:join(Root, F), [append]);
command(_, _, S, _, State) -> say(S, "502 what?"), State.

done(S, ok, Text) -> say(S, Text);
done(S, {error, _}, _) -> say(S, "550 failed").

give(S, State, {ok, Data}) -> say(S, "150 here it comes"), D = data_connection(State), gen_tcp:send(D, Data), gen_tcp:close(D), say(S, "226 done"), no_data(State);
give(S, State, {error, _}) -> say(S, "550 no such file"), no_data(State).

take(S, State, Path, Mode) ->
    say(S, "150 send it"),
    D = data_connection(State),
    file:write_file(Path, whole(D), Mode), gen_tcp:close(D), say(S, "226 done"), no_data(State).
whole(D) -> case gen_tcp:recv(D, 0) of {ok, B} -> [B | whole(D)]; {error, _} -> [] end.

%% Whom the client waits for: it connects, or we do.
data_connection(#{data := Port}) when is_integer(Port) -> {ok, D} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]), D;
data_connection(#{data := Listen}) -> {ok, D} = gen_tcp:accept(Listen), D.
no_data(#{data := Port} = State) when is_integer(Port) -> State#{data := none};
no_data(#{data := Listen} = State) -> gen_tcp:close(Listen), State#{data := none}.
