%% @doc What the story of {@link hanse_demo} is told with: commands as processes of their own, signed requests made by hand, and lines that say
%% what happened. What does not happen as it must ends the story with status 1.
-module(hanse_demo_kit).

-export([chapter/1, tell/2, must/3, hanse/2, hanse/3, start/3, line/3, stop/1, program/0, signed/5, send/3, raw/3]).
-export_type([stage/0, child/0]).

-type stage() :: #{home := file:filename()}.  % the folder that is HANSE_HOME of those who take part
-type child() :: {port(), binary()}.

-define(LIMIT_MS, 120000).

-spec chapter(string()) -> ok.
chapter(Text) -> io:format("~n== ~ts~n", [Text]).

-spec tell(string(), [term()]) -> ok.
tell(Format, Arguments) -> io:format("   " ++ Format ++ "~n", Arguments).

%% @doc Tells it if it is so, and ends the story if not.
-spec must(boolean(), string(), term()) -> ok.
must(true, Text, _) -> io:format("   ok: ~ts~n", [Text]);
must(false, Text, Got) -> throw({wrong, unicode:characters_to_list(io_lib:format("expected: ~ts; got ~0tp", [Text, Got]))}).

%% @doc The program that runs.
-spec program() -> file:filename().
program() ->
    {ok, Path} = file:read_link("/proc/self/exe"),
    Path.

%% @doc A command of its own: what it printed, and its status, which is shown.
-spec hanse(stage(), [string()]) -> {integer(), string()}.
hanse(Stage, Words) -> hanse(Stage, Words, Words).

%% @doc Shown in other words.
-spec hanse(stage(), [string()], [string()]) -> {integer(), string()}.
hanse(Stage, Words, Shown) ->
    io:format("   $ hanse ~ts~n", [lists:join(" ", [quoted(Word) || Word <- Shown])]),
    Port = open(Stage, Words, []),
    {Status, Output} = all(Port, []),
    [io:format("     ~ts~n", [Line]) || Line <- string:split(string:trim(Output), "\n", all), Line =/= ""],
    {Status, Output}.

quoted(Word) ->
    case lists:all(fun(C) -> (C >= $0 andalso C =< $z andalso C =/= $;) orelse lists:member(C, "-./,#") end, Word) of
        true -> Word;
        false -> [$', Word, $']
    end.

open(#{home := Home}, Words, More) ->
    open_port({spawn_executable, program()}, [{args, Words}, {env, [{"HANSE_HOME", Home}, {"HANSE_RUNTIME_DIR", filename:join(Home, "run")}]}, {cd, Home}, exit_status, stderr_to_stdout, binary | More]).

all(Port, Read) ->
    receive
        {Port, {data, Bytes}} -> all(Port, [Read, Bytes]);
        {Port, {exit_status, Status}} -> {Status, unicode:characters_to_list(iolist_to_binary(Read))}
    after ?LIMIT_MS -> throw({wrong, "a command took longer than two minutes"})
    end.

%% @doc A program that goes on until stop/1, or until this node ends: it then sees the end of its input. The rest of the first line that begins so.
-spec start(stage(), [string()], binary()) -> {child(), binary()}.
start(Stage, Words, Begin) ->
    Port = open(Stage, Words, [{line, 1000}]),
    {Rest, Child} = line({Port, <<>>}, Begin, ?LIMIT_MS),
    {Child, Rest}.

%% @doc Waits for a line that begins so.
-spec line(child(), binary(), pos_integer()) -> {binary(), child()}.
line({Port, _} = Child, Begin, LimitMs) ->
    Size = byte_size(Begin),
    receive
        {Port, {data, {eol, <<Begin:Size/binary, Rest/binary>>}}} -> {Rest, Child};
        {Port, {data, _}} -> line(Child, Begin, LimitMs);
        {Port, {exit_status, Status}} -> throw({wrong, io_lib:format("a program ended with status ~b", [Status])})
    after LimitMs -> throw({wrong, io_lib:format("no line began with ~ts", [Begin])})
    end.

-spec stop(child()) -> ok.
stop({Port, _}) ->
    _ = catch port_close(Port),
    ok.

%% @doc A call with its signature (RFC 9421), as an intruder could have recorded it.
-spec signed(binary(), binary(), string(), iodata(), binary()) -> map().
signed(Seed, Node, Path, Body, Url) ->
    Digest = ["sha-256=:", base64:encode(prim_gateway:sha256(Body)), $:],
    Parameters = ["(\"@method\" \"@path\" \"content-digest\" \"content-type\");created=", integer_to_list(os:system_time(second)),
                  ";nonce=\"", prim_gateway:base64url(prim_gateway:random(16)), "\";keyid=\"", prim_gateway:thumbprint(prim_gateway:key_public(Seed)),
                  "\";alg=\"ed25519\";tag=\"hanse:", Node, $"],
    Base = ["\"@method\": PUT\n\"@path\": ", Path, "\n\"content-digest\": ", Digest, "\n\"content-type\": application/json\n\"@signature-params\": ", Parameters],
    #{url => Url, target => Path, method => "PUT", body => iolist_to_binary(Body), seed => none, timeout_ms => 60000,
      headers => [{"content-type", "application/json"}, {"content-digest", Digest}, {"signature-input", ["sig1=", Parameters]},
                  {"signature", ["sig1=:", base64:encode(prim_gateway:sign(Base, Seed)), $:]}]}.

%% @doc A signed call by the book, without a session: status, and the answer or the kind of the problem.
-spec send(map(), string(), iodata()) -> {integer() | atom(), binary()}.
send(#{url := Url, seed := Seed, peer := Peer}, Path, Body) ->
    raw(#{url => Url, target => Path, method => "PUT", seed => Seed, peer => Peer, session => false, body => iolist_to_binary(Body), timeout_ms => ?LIMIT_MS,
          headers => [{"content-type", "application/json"} || iolist_size(Body) > 0]}, #{}, []).

-spec raw(map(), map(), [atom()]) -> {integer() | atom(), binary()}.
raw(Request, Changes, Without) ->
    Id = prim_gateway:request(maps:without(Without, maps:merge(Request, Changes))),
    receive
        {gateway_answer, Id, {ok, Status, _, Body, _}} when Status >= 400 ->
            {Status, try #{<<"type">> := Type} = hanse_remote:json(Body), lists:last(binary:split(Type, <<":">>, [global])) catch error:_ -> Body end};
        {gateway_answer, Id, {ok, Status, _, Body, _}} -> {Status, Body};
        {gateway_answer, Id, {error, {Kind, Text}}} -> {Kind, Text}
    end.
