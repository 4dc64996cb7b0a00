%% file_sorter: large files of terms sorted and merged.
-module(file_sorting).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_sort_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    In = filename:join(Folder, "in"), Out = filename:join(Folder, "out"), In2 = filename:join(Folder, "in2"),
    Terms = [{(N * 7919) rem 1009, N} || N <- lists:seq(1, 3000)],
    write(In, Terms),
    io:format("~w~n", [file_sorter:sort([In], Out, [{size, 10000}, {no_files, 4}, {tmpdir, Folder}])]),
    io:format("~w~n", [read(Out) =:= lists:sort(Terms)]),
    io:format("~w~n", [file_sorter:keysort(1, [In], Out, [{size, 5000}, {tmpdir, Folder}, {order, descending}])]),
    io:format("~w~n", [[K || {K, _} <- read(Out)] =:= lists:reverse(lists:sort([K || {K, _} <- Terms]))]),
    write(In2, lists:sort([{N, x} || N <- lists:seq(1, 100)])),
    file_sorter:sort([In], In, [{tmpdir, Folder}]),
    io:format("~w~n", [file_sorter:merge([In, In2], Out)]),
    io:format("~w~n", [{length(read(Out)), read(Out) =:= lists:merge(lists:sort(Terms), [{N, x} || N <- lists:seq(1, 100)])}]),
    io:format("~w~n", [[file_sorter:check([Out]), element(1, file_sorter:keycheck(1, [Out])), file_sorter:check([In], [{order, descending}]) =/= {ok, []}]]),
    io:format("~w~n", [case file_sorter:sort([Folder ++ "/none"], Out) of {error, {file_error, _, E}} -> E end]),
    file_sorter:sort(fun(read) -> {[term_to_binary(T) || T <- [3, 1, 2]], fun(read) -> end_of_input; (close) -> ok end}; (close) -> ok end, Out, [{tmpdir, Folder}]),
    io:format("~w~n", [read(Out)]),
    file:del_dir_r(Folder).

write(File, Terms) -> ok = file:write_file(File, [begin B = term_to_binary(T), <<(byte_size(B)):32, B/binary>> end || T <- Terms]).
read(File) -> {ok, B} = file:read_file(File), [binary_to_term(X) || <<N:32, X:N/binary>> <= B].
