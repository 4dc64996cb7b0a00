%% inets: a server of pages and scripts, asked through httpc and by hand over sockets; methods, headers, ranges, redirects, keep-alive, mistakes,
%% and the helpers of both sides.
-module(http_loopback).
-export([main/0, hello/3, echo/3, slow/3, redirect/3, crash/3]).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_http_" ++ os:getpid(),
    ok = filelib:ensure_dir(Folder ++ "/docs/sub/x"),
    ok = file:write_file(Folder ++ "/docs/index.html", "<html>index</html>"),
    ok = file:write_file(Folder ++ "/docs/data.txt", [rem_(I) || I <- lists:seq(0, 999)]),
    ok = file:write_file(Folder ++ "/docs/sub/page.html", "sub"),
    try run(Folder) after file:del_dir_r(Folder) end,
    helpers().

show(T) -> io:format("~0p~n", [T]).
rem_(I) -> $a + I rem 26.

run(Folder) ->
    {ok, Started} = application:ensure_all_started(inets),
    show(Started),
    {ok, Pid} = inets:start(httpd, [{port, 0}, {server_name, "loop"}, {server_root, Folder}, {document_root, Folder ++ "/docs"}, {bind_address, {127, 0, 0, 1}}, {ipfamily, inet},
        {modules, [mod_alias, mod_esi, mod_dir, mod_get, mod_head]}, {erl_script_alias, {"/erl", [?MODULE]}}, {directory_index, ["index.html"]}, {mime_types, [{"html", "text/html"}, {"txt", "text/plain"}]},
        {max_body_size, 5000}, {max_uri_size, 300}, {keep_alive, true}, {server_tokens, none}]),
    [{port, Port}] = httpd:info(Pid, [port]),
    Base = "http://127.0.0.1:" ++ integer_to_list(Port),
    [show({Path, ask(get, Base ++ Path)}) || Path <- ["/", "/index.html", "/data.txt", "/sub/page.html", "/none", "/sub", "/sub/", "/../../etc/passwd", "/%2e%2e/x", "/erl/http_loopback:hello", "/erl/http_loopback:hello?a=1&b=%20x", "/erl/http_loopback:nothing", "/erl/lists:reverse", "/erl/http_loopback:redirect", "/erl/http_loopback:crash"]],
    show([ask(M, Base ++ "/data.txt") || M <- [head, options, delete, trace]]),
    show([ask(M, {Base ++ "/erl/http_loopback:echo", [{"x-mine", "v"}], "application/x-www-form-urlencoded", Body}) || M <- [post], Body <- ["a=1", <<"binary">>, ""]]),
    show([ask(get, {Base ++ "/data.txt", [{"range", R}]}) || R <- ["bytes=0-4", "bytes=995-", "bytes=-3", "bytes=5000-", "lines=1-2"]]),
    show([ask(get, {Base ++ "/data.txt", [{H, V}]}) || {H, V} <- [{"if-modified-since", "Sat, 01 Jan 2000 00:00:00 GMT"}, {"if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"}]]),
    options(Base),
    by_hand(Port),
    asynchronous(Base),
    show([lists:sort([K || {K, _} <- httpd:info(Pid), lists:member(K, [port, server_name, document_root, mime_types])]), inets:stop(httpd, Pid), element(1, httpc:request(Base ++ "/"))]),
    show([inets:stop(), inets:services()]).

ask(Method, Request) ->
    R = case Request of
            U when is_list(U) -> {U, [{"connection", "close"}]};
            _ -> setelement(2, Request, [{"connection", "close"} | element(2, Request)])
        end,
    case httpc:request(Method, R, [{timeout, 20000}, {autoredirect, false}], []) of
        {ok, {{V, Code, Reason}, Headers, Body}} -> {V, Code, Reason, [{K, case lists:member(K, ["location"]) of true -> there; _ -> X end} || {K, X} <- lists:sort(Headers), lists:member(K, ["content-type", "content-range", "location", "x-made", "transfer-encoding"])],
                                                      if Code >= 300 -> html; length(Body) =:= 1000 -> {long, erlang:phash2(Body)}; length(Body) > 300 -> list; true -> Body end};
        {error, E} -> {error, case E of _ when is_tuple(E) -> element(1, E); _ -> E end}
    end.

hello(Sid, Env, Input) -> mod_esi:deliver(Sid, ["Content-Type: text/plain\r\nX-Made: here\r\n\r\n", io_lib:format("~p ~p", [Input, proplists:get_value(request_method, Env)])]).
echo(Sid, Env, Input) -> mod_esi:deliver(Sid, ["Content-Type: text/plain\r\n\r\n", Input, " ", proplists:get_value(http_x_mine, Env, "none")]).
slow(Sid, _, _) -> mod_esi:deliver(Sid, "Content-Type: text/plain\r\n\r\n"), [mod_esi:deliver(Sid, [integer_to_list(N), " "]) || N <- lists:seq(1, 20)].
redirect(Sid, _, _) -> mod_esi:deliver(Sid, "Status: 302 Found\r\nLocation: /index.html\r\n\r\n").
crash(_, _, _) -> error(crashed).

options(Base) ->
    show([element(2, httpc:request(get, {Base ++ "/erl/http_loopback:redirect", []}, [{autoredirect, true}], [{full_result, false}]))]),
    show([httpc:request(get, {Base ++ "/index.html", []}, [], [{body_format, binary}, {full_result, false}]), httpc:request(get, {Base ++ "/erl/http_loopback:slow", []}, [], [{full_result, false}])]),
    File = "/tmp/hanse_http_file_" ++ os:getpid(),
    show([httpc:request(get, {Base ++ "/index.html", []}, [], [{stream, File}]) =:= {ok, saved_to_file}, file:read_file(File), file:delete(File)]),
    show([catch httpc:request(get, {"nonsense", []}, [], []), catch httpc:request(get, {"ftp://x/", []}, [], []), catch httpc:request(strange, {Base, []}, [], [])]),
    show([httpc:set_options([{max_sessions, 1}, {cookies, enabled}]), httpc:get_options([max_sessions, cookies]), httpc:store_cookies([{"set-cookie", "a=b; path=/"}], Base ++ "/"), httpc:reset_cookies(), httpc:which_cookies()]).

%% Requests that no client would send.
by_hand(Port) ->
    [begin
         {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
         ok = gen_tcp:send(S, Text),
         gen_tcp:shutdown(S, write),
         Answer = all(S, <<>>),
         show({byte_size(Text), [hd(binary:split(P, <<"\r\n">>)) || P <- binary:split(Answer, <<"HTTP/1.">>, [global]), P =/= <<>>]})
     end || Text <- [<<"GET /index.html HTTP/1.0\r\n\r\n">>, <<"GET /index.html HTTP/1.1\r\nHost: x\r\n\r\nGET /sub/page.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n">>, <<"NONSENSE\r\n\r\n">>, <<"GET / HTTP/9.9\r\nHost: x\r\n\r\n">>, <<"GET /index.html HTTP/1.1\r\n\r\n">>,
                     <<"GET /", (binary:copy(<<"x">>, 500))/binary, " HTTP/1.1\r\nHost: x\r\n\r\n">>, <<"POST /erl/http_loopback:echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n">>,
                     <<"POST /erl/http_loopback:echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: bad\r\n\r\nabc">>, <<"GET /index.html HTTP/1.1\r\nHost: x\r\nX: ", (binary:copy(<<"y">>, 20000))/binary, "\r\n\r\n">>]].
all(S, Acc) -> case gen_tcp:recv(S, 0, 20000) of {ok, B} -> all(S, <<Acc/binary, B/binary>>); {error, _} -> gen_tcp:close(S), Acc end.

asynchronous(Base) ->
    Ids = [begin {ok, Id} = httpc:request(get, {Base ++ "/erl/http_loopback:hello?n=" ++ integer_to_list(N), []}, [], [{sync, false}, {body_format, binary}]), Id end || N <- lists:seq(1, 12)],
    show([receive {http, {Id, {{_, 200, _}, _, B}}} -> B after 20000 -> none end || Id <- Ids]),
    {ok, Id} = httpc:request(get, {Base ++ "/data.txt", []}, [], [{sync, false}, {stream, self}]),
    show(streamed(Id, 0)).
streamed(Id, N) ->
    receive
        {http, {Id, stream_start, _}} -> streamed(Id, N);
        {http, {Id, stream, B}} -> streamed(Id, N + byte_size(B));
        {http, {Id, stream_end, _}} -> {streamed, N}
    after 20000 -> {none, N} end.

helpers() ->
    show([httpd_util:reason_phrase(C) || C <- [100, 200, 204, 301, 404, 418, 500, 999]]),
    show([httpd_util:rfc1123_date({{2020, 2, 29}, {12, 0, 5}}), httpd_util:convert_request_date("Sun, 06 Nov 1994 08:49:37 GMT"), httpd_util:convert_request_date("Sunday, 06-Nov-94 08:49:37 GMT"), httpd_util:convert_request_date("nonsense")]),
    show([httpd_util:split("a=b=c", "=", 2), httpd_util:day(3), httpd_util:month(12), httpd_util:split("a b", " ", 5)]),
    show([uri_string:dissect_query("a=1&b=%20x&c")]).
