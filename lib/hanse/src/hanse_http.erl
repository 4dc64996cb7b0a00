%% @doc A small HTTP/1.1 server for JSON and texts: one request for each connection, limited in size and time.
-module(hanse_http).

-export([listener/3, serve/2, json/2, problem/3]).
-export_type([request/0, answer/0]).

-type request() :: #{method := binary(), path := [binary()], query := #{binary() => binary()}, headers := #{binary() => binary()},
                     body := binary(), peer := inet:ip_address() | undefined}.
-type answer() :: {Status :: 100..599, Headers :: [{iodata(), iodata()}], Body :: iodata()}.

-define(LIMIT_MS, 10000).
-define(HEADERS, 100).
-define(LINE_BYTES, 16384).
-define(BODY_BYTES, 8388608).

%% @doc For a supervisor: listens at an address and a port (0: the system chooses, hanse_listener:port/1).
-spec listener(inet:port_number(), inet:ip_address(), fun((request()) -> answer())) -> {module(), atom(), [term()]}.
listener(Port, Address, Handle) ->
    Family = case tuple_size(Address) of 8 -> [inet6]; 4 -> [] end,
    Options = Family ++ [binary, {packet, http_bin}, {active, false}, {reuseaddr, true}, {ip, Address}, {packet_size, ?LINE_BYTES},
                         {send_timeout, ?LIMIT_MS}],
    {hanse_listener, start_link, [Port, Options, fun(Socket) -> serve(Socket, Handle) end]}.

%% @doc Reads a request, answers and closes.
-spec serve(gen_tcp:socket(), fun((request()) -> answer())) -> ok.
serve(Socket, Handle) ->
    Answer = try Handle(request(Socket))
             catch
                 throw:{http, Code, Text} -> problem(Code, Text, #{});
                 throw:closed -> none;
                 Class:Reason:Stack ->
                     logger:error("hanse_http: ~0tP", [{Class, Reason, Stack}, 60]),
                     problem(500, "an error of the server; its log has more", #{})
             end,
    case Answer of
        none -> ok;
        {Status, Headers, Body} ->
            _ = gen_tcp:send(Socket, ["HTTP/1.1 ", integer_to_list(Status), " ", reason(Status), "\r\n",
                                      [[Name, ": ", Value, "\r\n"] || {Name, Value} <- Headers],
                                      "Content-Length: ", integer_to_list(iolist_size(Body)), "\r\nConnection: close\r\n\r\n", Body])
    end,
    gen_tcp:close(Socket).

request(Socket) ->
    case gen_tcp:recv(Socket, 0, ?LIMIT_MS) of
        {ok, {http_request, Method, {abs_path, Target}, _}} ->
            Headers = headers(Socket, #{}, ?HEADERS),
            [Path | Query] = binary:split(Target, <<"?">>),
            Peer = case inet:peername(Socket) of {ok, {Address, _}} -> Address; _ -> undefined end,
            #{method => case is_atom(Method) of true -> atom_to_binary(Method); false -> Method end,
              path => [decoded(Part) || Part <- binary:split(Path, <<"/">>, [global]), Part =/= <<>>],
              query => query(Query), headers => Headers, body => body(Socket, Headers), peer => Peer};
        {ok, {http_error, _}} -> throw({http, 400, "not HTTP"});
        {ok, _} -> throw({http, 400, "expected a path"});
        {error, emsgsize} -> throw({http, 414, "the line is too long"});
        {error, _} -> throw(closed)
    end.

headers(_, _, 0) -> throw({http, 431, "too many headers"});
headers(Socket, Headers, Left) ->
    case gen_tcp:recv(Socket, 0, ?LIMIT_MS) of
        {ok, {http_header, _, Name, _, Value}} ->
            Key = string:lowercase(case is_atom(Name) of true -> atom_to_binary(Name); false -> Name end),
            headers(Socket, Headers#{Key => Value}, Left - 1);
        {ok, http_eoh} -> Headers;
        {ok, _} -> throw({http, 400, "a wrong header"});
        {error, emsgsize} -> throw({http, 431, "a header is too long"});
        {error, _} -> throw(closed)
    end.

body(_, #{<<"transfer-encoding">> := _}) -> throw({http, 411, "expected Content-Length"});
body(Socket, #{<<"content-length">> := Text} = Headers) ->
    re:run(Text, "^[0-9]+$", [{capture, none}, dollar_endonly]) =:= match orelse throw({http, 400, "Content-Length is no number"}),
    Length = binary_to_integer(Text),
    Length =< ?BODY_BYTES orelse throw({http, 413, io_lib:format("at most ~b bytes", [?BODY_BYTES])}),
    case Headers of
        #{<<"expect">> := _} -> gen_tcp:send(Socket, "HTTP/1.1 100 Continue\r\n\r\n");
        _ -> ok
    end,
    ok = inet:setopts(Socket, [{packet, raw}]),
    case Length > 0 andalso gen_tcp:recv(Socket, Length, ?LIMIT_MS) of
        false -> <<>>;
        {ok, Body} -> Body;
        {error, _} -> throw(closed)
    end;
body(_, _) -> <<>>.

query([]) -> #{};
query([Text]) ->
    maps:from_list([case binary:split(Pair, <<"=">>) of [Key, Value] -> {decoded(Key), decoded(Value)}; [Key] -> {decoded(Key), <<>>} end
                    || Pair <- binary:split(Text, <<"&">>, [global]), Pair =/= <<>>]).

decoded(Text) ->
    try uri_string:percent_decode(Text) of
        Decoded when is_binary(Decoded) -> Decoded;
        _ -> throw({http, 400, "a wrong percent sign"})
    catch throw:{error, _, _} -> throw({http, 400, "what percent signs stand for is no UTF-8"})
    end.

%% @doc An answer in JSON.
-spec json(100..599, term()) -> answer().
json(Status, Term) -> {Status, [{"Content-Type", "application/json"}], [hanse_json:encode(Term), $\n]}.

%% @doc What went wrong: {"error": TEXT, ...}.
-spec problem(100..599, unicode:chardata(), map()) -> answer().
problem(Status, Text, More) -> json(Status, More#{error => unicode:characters_to_binary(Text)}).

reason(200) -> "OK";
reason(201) -> "Created";
reason(204) -> "No Content";
reason(400) -> "Bad Request";
reason(401) -> "Unauthorized";
reason(404) -> "Not Found";
reason(405) -> "Method Not Allowed";
reason(409) -> "Conflict";
reason(411) -> "Length Required";
reason(413) -> "Content Too Large";
reason(414) -> "URI Too Long";
reason(422) -> "Unprocessable Content";
reason(431) -> "Request Header Fields Too Large";
reason(500) -> "Internal Server Error";
reason(504) -> "Gateway Timeout";
reason(_) -> "Other".
