%% The functions of files that have no file: names, encodings, what only other systems have.
-module(native_names).
-export([main/0]).

main() ->
    [io:format("~w:~w ~0p -> ~0p~n", [M, F, A, try apply(M, F, A) catch C:R -> {C, R} end])
     || {M, F, A} <- [{prim_file, internal_name2native, [N]} || N <- ["abc", <<"abc">>, "ä", [1000], [16#d800], foo, 17, [a], "", <<>>, "a\0b", ["a", ["b"]], [$a | b]]] ++
                     [{prim_file, internal_native2name, [N]} || N <- [<<"abc">>, <<16#c3, 16#a4>>, <<16#ff>>, <<>>, foo, "abc"]] ++
                     [{prim_file, is_translatable, [N]} || N <- [<<"abc">>, <<16#ff>>, "abc"]] ++
                     [{file, native_name_encoding, []}, {file, get_cwd, ["C:"]}, {file, altname, ["/tmp"]}] ++
                     [{filename, F, [N]} || F <- [basename, dirname, extension, rootname, flatten, split, absname_join_], N <- ["/a/b.c", <<"/ü/b">>, "", "/"], F =/= absname_join_] ++
                     [{file, F, ["a\0b"]} || F <- [read_file, delete, list_dir, read_file_info, make_dir]]].
