%% A scraper that breaks at random: one call in thirty ends its worker, one in a hundred never comes back. It reads 200 pages of a small
%% server in this program, and all of them are counted: calls are marked idempotent, so they are tried again elsewhere, and an attempt
%% has a time limit.
%%
%%     ./hanse run examples/scripts/scraper
-module(scraper).

-export([main/1]).

-define(PAGES, 200).

main([]) ->
    logger:set_primary_config(level, none),
    Port = start_server(),
    {ok, _} = hanse_script:start_link(#{name => scraper, command => ["python3", "scraper.py"], directory => folder(), size => 8,
                                        retries => 10,
                                        intensity => 1000,            % this script fails often, and that is all right
                                        backoff => #{first_ms => 10, max_ms => 1000}}),
    Parent = self(),
    Pages = lists:seq(1, ?PAGES),
    [spawn_link(fun() -> Parent ! {Page, words(Port, Page)} end) || Page <- Pages],
    Counts = [receive {Page, {ok, Count}} -> Count end || Page <- Pages],
    #{figures := #{failed := Failed}} = hanse_script:status(scraper),
    io:format("~b pages, ~b words; workers ended ~b times on the way~n", [length(Counts), lists:sum(Counts), Failed]),
    hanse_script:stop(scraper).

words(Port, Page) ->
    Address = unicode:characters_to_binary(io_lib:format("http://127.0.0.1:~b/~b", [Port, Page])),
    hanse_script:call(scraper, words, [Address], #{timeout_ms => 120000, attempt_ms => 5000, idempotent => true}).

folder() -> filename:dirname(filename:absname(proplists:get_value(source, ?MODULE:module_info(compile), code:which(?MODULE)))).

%% A server of pages: page N has N words.
start_server() ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {packet, http_bin}, {ip, {127, 0, 0, 1}}, {backlog, 256}]),
    spawn_link(fun() -> accept(Listener) end),
    {ok, Port} = inet:port(Listener),
    Port.

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Server = spawn(fun() -> receive go -> serve(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Server),
    Server ! go,
    accept(Listener).

serve(Socket) ->
    case gen_tcp:recv(Socket, 0, 10000) of
        {ok, {http_request, 'GET', {abs_path, <<"/", Page/binary>>}, _}} ->
            headers(Socket),
            Body = ["<html><body>", ["<b>word</b> " || _ <- lists:seq(1, binary_to_integer(Page))], "</body></html>"],
            gen_tcp:send(Socket, ["HTTP/1.0 200 OK\r\nContent-Length: ", integer_to_list(iolist_size(Body)), "\r\n\r\n", Body]);
        _ -> ok
    end,
    gen_tcp:close(Socket).

headers(Socket) ->
    case gen_tcp:recv(Socket, 0, 10000) of
        {ok, {http_header, _, _, _, _}} -> headers(Socket);
        _ -> ok
    end.
