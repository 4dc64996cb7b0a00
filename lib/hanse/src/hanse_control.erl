%% @doc How commands of a shell reach a node: a Unix socket in a folder of the user's own. A request is a list of words, the answer texts, any
%% number, and an exit status: {text, T}, {exit, Status}.
-module(hanse_control).

-export([argument/1, child_spec/3, listen/4, path/2, request/3, serve/2, text/2]).

-include_lib("kernel/include/file.hrl").

-define(WORDS_BYTES, 16777216).

%% @doc The socket of what runs under that name (`scripts', "default"). Its folder belongs to the user and is nobody else's business.
-spec path(Kind :: string(), Name :: string()) -> {ok, file:filename()} | {error, unicode:chardata()}.
path(Kind, Name) ->
    Folder = case {os:getenv("HANSE_RUNTIME_DIR", ""), os:getenv("XDG_RUNTIME_DIR", "")} of
                 {"", ""} -> "/tmp/hanse-" ++ integer_to_list(user());
                 {"", Runtime} -> filename:join(Runtime, "hanse");
                 {Given, _} -> Given
             end,
    _ = file:make_dir(Folder),
    User = user(),
    case file:read_link_info(Folder) of
        {ok, #file_info{type = directory, uid = User}} ->
            ok = file:change_mode(Folder, 8#700),
            {ok, filename:join(Folder, Kind ++ "-" ++ Name ++ ".sock")};
        {ok, _} -> {error, [Folder, " is not a folder of this user"]};
        {error, Reason} -> {error, [Folder, ": ", file:format_error(Reason)]}
    end.

user() ->
    {ok, #file_info{uid = User}} = file:read_file_info("/proc/self"),
    User.

%% @doc A listener; Serve gets each connection. Who runs it has asked whether another one does.
-spec child_spec(term(), file:filename(), fun((gen_tcp:socket()) -> term())) -> supervisor:child_spec().
child_spec(Id, Path, Serve) ->
    _ = file:delete(Path),  % nobody listens there
    #{id => Id,
      start => {hanse_listener, start_link,
                [0, [binary, {packet, 4}, {packet_size, ?WORDS_BYTES}, {active, false}, {ifaddr, {local, Path}}, {send_timeout, 5000}], Serve]}}.

%% @doc Lets this node listen for commands of a kind, under a name (path/2); its listener has the id in the supervisor of the application.
-spec listen(Kind :: string(), Name :: string(), Id :: term(), fun((gen_tcp:socket()) -> term())) -> {ok, file:filename()} | {error, unicode:chardata()}.
listen(Kind, Name, Id, Serve) ->
    case path(Kind, Name) of
        {ok, Path} ->
            case gen_tcp:connect({local, Path}, 0, [], 1000) of
                {ok, Other} ->
                    gen_tcp:close(Other),
                    {error, ["another node listens there (", Path, ")"]};
                {error, _} ->
                    case supervisor:start_child(hanse_sup, child_spec(Id, Path, Serve)) of
                        {ok, _} -> {ok, Path};
                        {error, Reason} -> {error, io_lib:format("~0tp", [Reason])}
                    end
            end;
        Error -> Error
    end.

%% @doc Sends a request; Print gets the texts. The answer is the exit status.
-spec request(file:filename(), [string()], fun((binary()) -> term())) -> {ok, non_neg_integer()} | {error, term()}.
request(Path, Words, Print) ->
    case gen_tcp:connect({local, Path}, 0, [binary, {packet, 4}, {active, false}], 5000) of
        {ok, Socket} ->
            ok = gen_tcp:send(Socket, term_to_binary([unicode:characters_to_binary(Word) || Word <- Words])),
            Answer = answers(Socket, Print),
            gen_tcp:close(Socket),
            Answer;
        Error -> Error
    end.

answers(Socket, Print) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Bytes} ->
            case binary_to_term(Bytes, [safe]) of
                {text, Text} ->
                    Print(Text),
                    answers(Socket, Print);
                {exit, Status} -> {ok, Status}
            end;
        Error -> Error
    end.

%% @doc One request: Command gets its words and gives the exit status, perhaps with what is left to do when that was told.
-spec serve(gen_tcp:socket(), fun(([string()]) -> non_neg_integer() | {non_neg_integer(), fun(() -> term())})) -> ok.
serve(Socket, Command) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, Bytes} ->
            Words = try binary_to_term(Bytes, [safe]) of
                        List when is_list(List) -> [unicode:characters_to_list(Word) || Word <- List, is_binary(Word)];
                        _ -> []
                    catch error:badarg -> []
                    end,
            case Command(Words) of
                {Status, Then} ->
                    send(Socket, {exit, Status}),
                    Then();
                Status -> send(Socket, {exit, Status})
            end;
        _ -> ok
    end,
    gen_tcp:close(Socket).

send(Socket, Term) -> gen_tcp:send(Socket, term_to_binary(Term)).

%% @doc A word of a command line: what is JSON is a value, anything else a text.
-spec argument(string()) -> term().
argument(Word) ->
    Text = unicode:characters_to_binary(Word),
    case hanse_json:decode(Text) of
        {ok, Value} -> Value;
        {error, _} -> Text
    end.

%% @doc A part of the answer.
-spec text(gen_tcp:socket(), unicode:chardata()) -> ok | {error, term()}.
text(Socket, Text) -> send(Socket, {text, unicode:characters_to_binary(Text)}).
