%% The function that bench/gateway/compare measures: as OTP's httpd wants it, and as it is lent.
-module(lent).

-export([today/1, today/3, serve/0]).

today(Town) -> #{<<"town">> => Town, <<"sky">> => <<"blue">>}.

%% For httpd's module esi.
today(Session, _Environment, _Input) ->
    mod_esi:deliver(Session, ["Content-Type: application/json\r\n\r\n", "{\"town\":\"oslo\",\"sky\":\"blue\"}"]).

serve() ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, Pid} = inets:start(httpd, [{port, 0}, {bind_address, {127, 0, 0, 1}}, {server_name, "bench"}, {server_root, "/tmp"}, {document_root, "/tmp"},
                                    {modules, [mod_esi]}, {erl_script_alias, {"/apply", [?MODULE]}}, {socket_type, {ip_comm, [{nodelay, true}]}}, {keep_alive_timeout, 60}, {max_keep_alive_request, 100000000}]),
    io:format("~b~n", [proplists:get_value(port, httpd:info(Pid))]),
    receive after infinity -> ok end.
