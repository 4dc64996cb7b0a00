%% @doc Metrics of all pools of the node at /metrics, over HTTP.
-module(hanse_script_metrics).

-export([child_spec/2, handle/1, pools/0]).

%% @doc Port 0: the system chooses (hanse_listener:port/1).
-spec child_spec(inet:port_number(), binary()) -> {ok, supervisor:child_spec()} | {error, term()}.
child_spec(Port, Address) ->
    case inet:parse_address(binary_to_list(Address)) of
        {ok, Parsed} -> {ok, #{id => ?MODULE, start => hanse_http:listener(Port, Parsed, fun ?MODULE:handle/1)}};
        Error -> Error
    end.

-spec handle(hanse_http:request()) -> hanse_http:answer().
handle(#{method := <<"GET">>, path := [<<"metrics">>]}) ->
    {200, [{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}], unicode:characters_to_binary(pools())};
handle(#{method := <<"GET">>}) -> {404, [{"Content-Type", "text/plain"}], "There is /metrics.\n"};
handle(_) -> {405, [{"Content-Type", "text/plain"}], "GET only.\n"}.

%% @doc The metrics of all pools.
-spec pools() -> iolist().
pools() -> hanse_script_show:metrics(lists:append([try [hanse_script:status(Pool)] catch exit:_ -> [] end || Pool <- hanse_script:pools()])).
