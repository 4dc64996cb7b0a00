%% Bodies of strangers, mutated from good ones: every one is read as a list of plain terms or refused with a status, and none makes an atom.
-module(bodies).

-export([main/1]).

main([Count]) ->
    rand:seed(exsss, {1, 2, 3}),
    Json = [<<"[\"oslo\", 1, -2.5e3, true, null, {\"a\": [1, {}], \"\\u00e4\\ud83d\\ude00\": \"\\n\"}]">>, <<"[]">>, <<"[[[[[[\"deep\"]]]]]]">>,
            <<"[1e308, 123456789012345678901234567890, -0, 0.1]">>],
    Terms = [term_to_binary(T) || T <- [[], [1, 2.5, <<"text">>, ok, {a, [b]}, #{k => v, 1 => [2]}], [1 bsl 200, -1, <<5:3>>, "string"],
                                        [self()], [make_ref()], [fun lists:map/2], [fun() -> ok end], [[[[[{{{1}}}]]]]], [1 | 2], lists:seq(1, 300)]],
    Marks = [<<131>>, <<80>>, <<"\"">>, <<"[">>, <<"{">>, <<"\\u">>, <<255>>, <<0>>, <<118, 0, 5, "fresh">>, <<119, 5, "fresh">>, <<108, 255:32>>, <<104, 255>>, <<109, 1:32>>, <<"1e">>, <<88>>, <<112>>],
    %% What is loaded on first use has atoms of its own.
    [judge(Type, Body) || Type <- [<<"application/json">>, <<"application/vnd.erlang.term">>], Body <- Json ++ Terms ++ [<<"[\"\\ud800\"]">>, <<"[\"\\x\"]">>, <<"x">>, <<131, 80, 0>>]],
    Before = erlang:system_info(atom_count),
    Tried = [try_all(Type, Seeds, Marks, list_to_integer(Count)) || {Type, Seeds} <- [{<<"application/json">>, Json}, {<<"application/vnd.erlang.term">>, Terms}]],
    Fresh = try binary_to_existing_atom(<<"fresh">>) catch error:badarg -> none end,
    case erlang:system_info(atom_count) of
        Before when Fresh =:= none ->
            io:format("~w~n", [Tried]),
            halt(0);
        After ->
            io:format("atoms: ~b before, ~b after~n", [Before, After]),
            halt(1)
    end.

try_all(Type, Seeds, Marks, Count) ->
    [judge(Type, Seed) || Seed <- Seeds],
    lists:foldl(fun(_, Counts) ->
        Seed = lists:nth(rand:uniform(length(Seeds)), Seeds),
        Body = lists:foldl(fun(_, Bytes) -> mutate(Bytes, Marks) end, Seed, lists:seq(1, rand:uniform(4))),
        maps:update_with(judge(Type, Body), fun(N) -> N + 1 end, 1, Counts)
    end, #{}, lists:seq(1, Count)).

judge(Type, Body) ->
    case hanse_gateway_body:arguments([], #{<<"content-type">> => Type}, Body) of
        {ok, List} ->
            true = plain(List),
            accepted;
        {error, Status, Kind, Text} when Status >= 400, Status < 500, is_atom(Kind) ->
            true = is_binary(unicode:characters_to_binary(Text)),
            Status
    end.

plain([Element | Rest]) -> plain(Element) andalso plain(Rest);
plain([]) -> true;
plain(Tuple) when is_tuple(Tuple) -> plain(tuple_to_list(Tuple));
plain(Map) when is_map(Map) -> plain(maps:to_list(Map));
plain(Term) -> is_number(Term) orelse is_atom(Term) orelse is_bitstring(Term).

mutate(<<>>, Marks) -> lists:nth(rand:uniform(length(Marks)), Marks);
mutate(Bytes, Marks) ->
    At = rand:uniform(byte_size(Bytes)) - 1,
    <<Head:At/binary, Byte, Tail/binary>> = Bytes,
    case rand:uniform(6) of
        1 -> <<Head/binary, (Byte bxor (1 bsl (rand:uniform(8) - 1))), Tail/binary>>;
        2 -> <<Head/binary, Tail/binary>>;
        3 -> <<Head/binary, (rand:uniform(256) - 1), Byte, Tail/binary>>;
        4 -> <<Head/binary, (lists:nth(rand:uniform(length(Marks)), Marks))/binary, Tail/binary>>;
        5 -> Head;
        6 -> <<Head/binary, (binary:copy(<<Byte>>, rand:uniform(600)))/binary, Tail/binary>>
    end.
