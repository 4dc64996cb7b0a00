%% Reads of a file that is in memory, in part or not at all (after dont_need): sizes, positions, ends.
-module(reads_of_files).
-export([main/0]).

-define(SIZE, 300000).

main() ->
    {ok, Folder} = file:get_cwd(),
    Name = filename:join([os:getenv("SCRATCH", os:getenv("TMPDIR", Folder)), "reads_of_files." ++ os:getpid()]),
    Data = << <<(I * 2654435761):32>> || I <- lists:seq(1, ?SIZE div 4) >>,
    ok = file:write_file(Name, Data),
    [begin
         {ok, F} = file:open(Name, [read, raw, binary]),
         part(F, 0, ?SIZE, Kept),
         io:format("~p, in pieces of ~p: ~p~n", [Kept, Piece, erlang:phash2(pieces(F, Piece, Kept))]),
         io:format("   ~p~n", [[{At, Size, same(F, At, Size, Kept, Data)} || At <- [0, 1, 4095, 4096, 100000, ?SIZE - 1, ?SIZE, ?SIZE + 1],
                                                                            Size <- [0, 1, 100, 8192, 8193, 65536, 65537, ?SIZE, 2 * ?SIZE]]]),
         io:format("   ~p~n", [positions(F, Kept)]),
         ok = file:close(F),
         io:format("   ~p ~p~n", [file:read(F, 10), file:pread(F, 0, 10)])
     end || Kept <- [in_memory, half, on_disk], Piece <- [1000, 8192, 65536, 100000]],
    write_only(Name),
    ok = file:delete(Name),
    several(Name).

part(F, _, _, in_memory) -> file:pread(F, 0, ?SIZE);
part(F, _, _, on_disk) -> ok = file:advise(F, 0, 0, dont_need);
part(F, _, _, half) ->
    ok = file:advise(F, 0, 0, dont_need),
    {ok, _} = file:pread(F, 0, ?SIZE div 2).

pieces(F, Piece, Kept) ->
    part(F, 0, ?SIZE, Kept),
    {ok, 0} = file:position(F, bof),
    pieces(F, Piece).
pieces(F, Piece) ->
    case file:read(F, Piece) of
        {ok, Bytes} -> [byte_size(Bytes), Bytes | pieces(F, Piece)];
        eof -> [eof, file:read(F, Piece), file:position(F, cur)]
    end.

same(F, At, Size, Kept, Data) ->
    part(F, At, Size, Kept),
    case file:pread(F, At, Size) of
        {ok, Bytes} -> Bytes =:= binary:part(Data, At, min(Size, ?SIZE - At)) andalso byte_size(Bytes);
        Other -> Other
    end.

%% Where the next read begins after one that met the end, or had to wait.
positions(F, Kept) ->
    [begin
         {ok, At} = file:position(F, At),
         part(F, At, Size, Kept),
         Read = case file:read(F, Size) of {ok, Bytes} -> byte_size(Bytes); Other -> Other end,
         {Read, file:position(F, cur)}
     end || At <- [0, 10, ?SIZE - 5, ?SIZE], Size <- [0, 1, 6, 5000, 65536, 65537, ?SIZE]].

write_only(Name) ->
    {ok, F} = file:open(Name, [write, raw, binary]),
    io:format("~p ~p ~p~n", [file:read(F, 10), file:pread(F, 0, 10), file:pread(F, -1, 10)]),
    ok = file:close(F).

%% Several processes read at once while one goes on counting.
several(Name) ->
    ok = file:write_file(Name, binary:copy(<<"0123456789">>, 100000)),
    Main = self(),
    Pids = [spawn_link(fun() ->
        {ok, F} = file:open(Name, [read, raw, binary]),
        Main ! {self(), lists:sum([byte_size(B) || _ <- lists:seq(1, 100), {ok, B} <- [file:pread(F, rand:uniform(900000), 4096)]])}
    end) || _ <- lists:seq(1, 20)],
    io:format("~p~n", [[receive {P, Sum} -> Sum end || P <- Pids]]),
    ok = file:delete(Name).
