%% @doc The command `hanse gateway'.
-module(hanse_gateway_cli).

-export([main/0, metrics/1]).

-define(COMMANDS, [serve, info, metrics, load, stop, help]).

-spec main() -> pid().
main() -> hanse_cli:main(fun run/1).

run([]) -> hanse_cli:wrong(usage());
run([Help | _]) when Help =:= "help"; Help =:= "--help"; Help =:= "-h" ->
    hanse_cli:print(usage()),
    halt(0);
run(Words) ->
    {Name, Rest} = hanse_cli:flag("--name", Words, "default"),
    command(Rest, Name).

command(["serve" | Words], Name) ->
    {Passphrase, Unlocked} = hanse_cli:passphrase(Words),
    {Announced, Rest} = announced(Unlocked),
    serve(Rest, Passphrase#{files => []}, none, Announced, Name);
command(["load" | [_ | _] = Files], Name) -> ask(["load" | [filename:absname(File) || File <- Files]], Name);
command([Word], Name) when Word =:= "info"; Word =:= "metrics"; Word =:= "stop" -> ask([Word], Name);
command([Word | _], _) -> hanse_cli:unknown("gateway", Word, ?COMMANDS).

ask(Words, Name) ->
    case hanse_gateway_control:ask(Name, Words, fun hanse_cli:print/1) of
        {ok, Status} -> halt(Status);
        {error, none} -> hanse_cli:wrong("hanse gateway: none runs; hanse gateway serve starts one");
        {error, Text} -> hanse_cli:failed(["hanse gateway: ", Text])
    end.

serve(["--port", Port | Words], Options, Metrics, Announced, Name) -> serve(Words, Options#{port => port("--port", Port)}, Metrics, Announced, Name);
serve(["--metrics", Port | Words], Options, _, Announced, Name) -> serve(Words, Options, port("--metrics", Port), Announced, Name);
serve(["--address", Address | Words], Options, Metrics, Announced, Name) -> serve(Words, Options#{address => Address}, Metrics, Announced, Name);
serve(["--tls", "self_signed" | Words], Options, Metrics, Announced, Name) -> serve(Words, Options#{tls => self_signed}, Metrics, Announced, Name);
serve(["--tls", Files | Words], Options, Metrics, Announced, Name) ->
    case string:split(Files, ",") of
        [Certificate, Key] -> serve(Words, Options#{tls => {Certificate, Key}}, Metrics, Announced, Name);
        _ -> hanse_cli:wrong("--tls: expected self_signed or CERTIFICATE.pem,KEY.pem")
    end;
serve(["--" ++ _ = Word | _], _, _, _, _) -> hanse_cli:wrong(["hanse gateway serve: there is no option ", Word, ", or its value is missing"]);
serve([File | Words], #{files := Files} = Options, Metrics, Announced, Name) -> serve(Words, Options#{files := Files ++ [File]}, Metrics, Announced, Name);
serve([], Options, Metrics, Announced, Name) ->
    {ok, _} = application:ensure_all_started(hanse),
    case hanse_gateway_control:start(Name) of
        {ok, _} -> ok;
        {error, Why} -> hanse_cli:failed(["hanse gateway: ", Why])
    end,
    case hanse_gateway:start(Options) of
        {ok, #{url := Url, node := Node}} ->
            hanse_cli:print(["gateway: ", Url, ", node ", Node, "\n"]),
            announce(Announced, Url, Options),
            measured(Metrics);
        {error, Text} -> hanse_cli:failed(["hanse gateway: ", Text])
    end.

%% What of the options concerns the directory of nodes.
announced(Words) ->
    Relay = lists:member("--relay", Words),
    {Name, A} = hanse_cli:flag("--announce", Words -- ["--relay"], none),
    {Url, B} = hanse_cli:flag("--url", A, none),
    {Directory, Rest} = hanse_cli:flag("--directory", B, none),
    case Name of
        none when Relay; Url =/= none; Directory =/= none -> hanse_cli:wrong("--relay, --url and --directory need --announce NAME");
        none -> {none, Rest};
        _ -> {#{name => Name, url => Url, relay => Relay, directory => Directory}, Rest}
    end.

announce(none, _, _) -> ok;
announce(#{url := Given, relay := Relay} = Announced, Own, Options) ->
    {ok, #{seed := Seed}} = hanse_key:node_key(maps:with([passphrase], Options)),
    Url = case {Given, Relay} of {none, true} -> none; {none, false} -> Own; _ -> Given end,
    case hanse_directory:announce(Announced#{own => Own, url => Url, seed => Seed, functions => fun hanse_directory:lent/0}) of
        ok ->
            #{directory := Directory, name := Name} = hanse_directory:info(),
            hanse_cli:print(["announced: ", Name, " at ", Directory, [["/relay/", Name] || Relay], "\n"]);
        {error, Text} -> hanse_cli:failed(["hanse gateway: the directory: ", Text])
    end.

measured(none) -> ok;
measured(Port) ->
    case supervisor:start_child(hanse_sup, #{id => hanse_gateway_metrics, start => hanse_http:listener(Port, {127, 0, 0, 1}, fun ?MODULE:metrics/1)}) of
        {ok, Listener} -> hanse_cli:print(io_lib:format("metrics: http://127.0.0.1:~b/metrics~n", [hanse_listener:port(Listener)]));
        {error, Reason} -> hanse_cli:failed(io_lib:format("port ~b: ~0tp", [Port, Reason]))
    end.

%% @private
-spec metrics(hanse_http:request()) -> hanse_http:answer().
metrics(#{method := <<"GET">>, path := [<<"metrics">>]}) ->
    {200, [{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}], unicode:characters_to_binary(hanse_gateway_metrics:text())};
metrics(_) -> hanse_http:problem(404, "there is /metrics", #{}).

port(Option, Text) ->
    case string:to_integer(Text) of
        {Number, ""} when Number >= 0, Number < 65536 -> Number;
        _ -> hanse_cli:wrong([Option, ": expected a number below 65536, got ", Text])
    end.

usage() ->
    "usage: hanse gateway serve [FILE.erl | FILE.beam | FOLDER]... [--port PORT] [--address ADDRESS]\n"
    "                           [--tls self_signed | --tls CERTIFICATE.pem,KEY.pem] [--metrics PORT]\n"
    "                                       lends functions of these files, by the grants of hanse grant, until it is stopped\n"
    "                           [--announce NAME [--url URL | --relay] [--directory URL]]\n"
    "                                       in the directory of nodes (hanse epmd -http); --relay: nobody can connect to this node\n"
    "       hanse gateway info              where it is and what it does\n"
    "       hanse gateway load FILE...      other versions of modules, or further ones\n"
    "       hanse gateway metrics           Prometheus's format\n"
    "       hanse gateway stop\n"
    "\n"
    "hanse gateway --name NAME ... is for several side by side, each with a HANSE_HOME of its own. docs/grants.md is the guide.\n".
