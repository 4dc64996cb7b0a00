%% A node for tests: answers every signed request with what arrived, and tells how it is.
-module(echo_node).

-export([main/1]).

main([Folder, Options]) ->
    {ok, Tokens, _} = erl_scan:string(Options ++ "."),
    {ok, Given} = erl_parse:parse_term(Tokens),
    {Public, Seed} = prim_gateway:key_new(),
    {CallerPublic, CallerSeed} = prim_gateway:key_new(),
    {ok, Server, Port} = prim_gateway:server_start(self(), maps:merge(#{seed => Seed, nonces => list_to_binary(filename:join(Folder, "nonces"))}, Given)),
    ok = prim_gateway:server_keys(Server, [{prim_gateway:thumbprint(CallerPublic), CallerPublic}]),
    io:format("~s~n", [hanse_json:encode(#{port => Port, node => prim_gateway:thumbprint(Public), seed => prim_gateway:base64url(CallerSeed)})]),
    loop(Server, 0).

loop(Server, Refused) ->
    receive
        {gateway_request, _, Id, Method, Path, Query, _, _, Body, _} ->
            Answer = case Path of
                         [<<"status">>] ->
                             #{atoms => erlang:system_info(atom_count), processes => erlang:system_info(process_count), refused => Refused,
                               server => prim_gateway:server_figures(Server)};
                         _ -> #{method => Method, path => Path, query => Query, bytes => byte_size(Body)}
                     end,
            prim_gateway:answer(Id, 200, [{"content-type", "application/json"}], hanse_json:encode(Answer)),
            loop(Server, Refused);
        {gateway_refused, _, _, _, _, _, _, _, Count} -> loop(Server, Refused + Count)
    end.
