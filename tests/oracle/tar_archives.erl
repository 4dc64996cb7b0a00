%% erl_tar: made, listed, taken out, in memory and on disk, compressed or not.
-module(tar_archives).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_tar_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    Tar = filename:join(Folder, "a.tar"),
    Files = [{"a.txt", <<"first">>}, {"b/c.bin", binary:copy(<<0, 1, 255>>, 1000)}, {lists:duplicate(120, $x) ++ ".txt", <<"long name">>}, {"empty", <<>>}],
    [begin
         io:format("~w~n", [erl_tar:create(Tar, Files, Options)]),
         {ok, Names} = erl_tar:table(Tar, Options),
         io:format("~0p~n", [Names]),
         {ok, Back} = erl_tar:extract(Tar, [memory | Options]),
         io:format("~w~n", [Back =:= Files]),
         {ok, One} = erl_tar:extract(Tar, [memory, {files, ["a.txt"]} | Options]),
         io:format("~0p~n", [One]),
         {ok, Bytes} = file:read_file(Tar),
         {ok, FromBinary} = erl_tar:extract({binary, Bytes}, [memory | Options]),
         io:format("~w~n", [FromBinary =:= Files]),
         ok = erl_tar:extract(Tar, [{cwd, filename:join(Folder, "out")} | Options]),
         io:format("~0p ~0p~n", [file:read_file(filename:join(Folder, "out/a.txt")), filelib:file_size(filename:join(Folder, "out/b/c.bin"))]),
         io:format("~0p~n", [erl_tar:extract(Tar, [{cwd, filename:join(Folder, "out")}, keep_old_files | Options])])
     end || Options <- [[], [compressed]]],
    [io:format("~0p~n", [case R of {error, {_, E}} -> {error, E}; _ -> R end])
     || R <- [erl_tar:table(Folder ++ "/none.tar"), erl_tar:extract({binary, <<"not a tar">>}, [memory]), erl_tar:create("/no/such/x.tar", Files), erl_tar:extract({binary, binary:copy(<<1>>, 1024)}, [memory])]],
    io:format("~ts~n", [erl_tar:format_error(bad_header)]),
    file:del_dir_r(Folder).
