%% @doc Borrowed functions: calls of what other nodes lend over signed HTTP (docs/grants.md). A lender is a process that
%% {@link connect/1} starts, or the name it was given.
%%
%% ```
%% {ok, Oslo} = hanse_remote:connect(#{url => "https://oslo.example:8443/#THUMBPRINT", key => "anna"}),
%% Answer = hanse_remote:call(Oslo, weather, today, [<<"oslo">>]),
%% 7 = gen_server:call({via, hanse_remote, {Oslo, counter}}, next)
%% '''
%% Local pids in arguments become pids at the lender, to which functions there can send, and nothing else.
-module(hanse_remote).

-export([connect/1, start_link/1, stop/1, call/4, call/5, try_call/5, cast/4, multicall/4, multicall/5, functions/1, describe/1]).
-export([split_url/1, node_key/3, json/1]).
-export([whereis_name/1, register_name/2, unregister_name/1, send/2]).
-export_type([lender/0, options/0, failure/0]).

-type lender() :: pid() | atom().
%% key: a name or a file (hanse_key:find/2) or a seed. node: the thumbprint of the lender's node; it may stand behind # in the URL. Without it the
%% key that the node shows first is believed. name: registers the process. atoms: whether answers and messages may make new ones here, which
%% stay for good; by default those with unknown ones are lost.
-type options() :: #{url := unicode:chardata(), key := unicode:chardata() | {seed, binary()}, node => binary(), name => atom(), passphrase => unicode:chardata(),
                     sessions => boolean(), ca => binary(), atoms => known | new}.
%% A refusal (a problem document), or none came: {transport, Kind, Text}; {forged, Status}: not signed by the lender's node.
-type failure() :: {refused, Status :: 400..599, Kind :: binary(), Detail :: binary()} | {transport, atom(), binary()} | {forged, integer()}.

-define(TIMEOUT_MS, 60000).

-spec connect(options()) -> {ok, pid()} | {error, term()}.
connect(Options) ->
    case hanse_remote_lender:start(Options) of
        {error, {shutdown, Reason}} -> {error, Reason};
        Started -> Started
    end.

%% @doc For a supervisor.
-spec start_link(options()) -> {ok, pid()} | {error, term()}.
start_link(Options) -> hanse_remote_lender:start_link(Options).

%% @doc Pids that were passed along end at the lender.
-spec stop(lender()) -> ok.
stop(Lender) -> gen_server:stop(Lender).

%% @doc The value; raises error with a failure().
-spec call(lender(), module(), atom(), [term()]) -> term().
call(Lender, Module, Function, Arguments) -> call(Lender, Module, Function, Arguments, ?TIMEOUT_MS).

-spec call(lender(), module(), atom(), [term()], pos_integer()) -> term().
call(Lender, Module, Function, Arguments, TimeoutMs) ->
    case try_call(Lender, Module, Function, Arguments, TimeoutMs) of
        {ok, Value} -> Value;
        {error, Failure} -> error(Failure)
    end.

-spec try_call(lender(), module() | binary(), atom() | binary(), [term()], pos_integer()) -> {ok, term()} | {error, failure()}.
try_call(Lender, Module, Function, Arguments, TimeoutMs) when is_list(Arguments), is_integer(TimeoutMs), TimeoutMs > 0 ->
    gen_server:call(Lender, {call, Module, Function, Arguments, TimeoutMs}, infinity).

%% @doc Does not wait, and does not tell. Casts of one process to one lender keep their order.
-spec cast(lender(), module(), atom(), [term()]) -> ok.
cast(Lender, Module, Function, Arguments) when is_list(Arguments) -> gen_server:cast(Lender, {cast, Module, Function, Arguments}).

%% @doc The same call of several lenders at once; the answers are in their order.
-spec multicall([lender()], module(), atom(), [term()]) -> [{ok, term()} | {error, failure() | {lender, term()}}].
multicall(Lenders, Module, Function, Arguments) -> multicall(Lenders, Module, Function, Arguments, ?TIMEOUT_MS).

-spec multicall([lender()], module(), atom(), [term()], pos_integer()) -> [{ok, term()} | {error, failure() | {lender, term()}}].
multicall(Lenders, Module, Function, Arguments, TimeoutMs) ->
    Asked = [gen_server:send_request(Lender, {call, Module, Function, Arguments, TimeoutMs}) || Lender <- Lenders],
    [case gen_server:receive_response(Request, infinity) of
         {reply, Answer} -> Answer;
         {error, {Reason, _}} -> {error, {lender, Reason}}
     end || Request <- Asked].

%% @doc What the lender's node lends to this key: an OpenAPI document, as a map.
-spec functions(lender()) -> {ok, map()} | {error, failure()}.
functions(Lender) -> gen_server:call(Lender, functions, infinity).

%% @doc A failure as a text for people.
-spec describe(failure() | term()) -> unicode:chardata().
describe({refused, Status, Kind, Detail}) -> [integer_to_binary(Status), " ", Kind, ": ", Detail];
describe({transport, Kind, Text}) -> [atom_to_binary(Kind), ": ", Text];
describe({forged, Status}) -> ["an answer with status ", integer_to_binary(Status), " is not signed by the lender's node"];
describe({other_node, Name}) -> ["another node answered, with the key ", Name];
describe({not_a_node, Status}) -> ["this is not a node that lends functions: status ", integer_to_binary(Status)];
describe({key, Text}) -> Text;
describe(Other) -> io_lib:format("~0tp", [Other]).

%% @private Raises badarg for what is not JSON.
-spec json(binary()) -> term().
json(Bytes) ->
    case hanse_json:decode(Bytes) of
        {ok, Value} -> Value;
        {error, _} -> error(badarg)
    end.

%% @private The URL without a slash at its end, and the thumbprint behind #.
-spec split_url(unicode:chardata()) -> {binary(), binary() | none}.
split_url(Url) ->
    [Address | Fragment] = binary:split(unicode:characters_to_binary(Url), <<"#">>),
    {string:trim(Address, trailing, "/"), case Fragment of [Name] when Name =/= <<>> -> Name; _ -> none end}.

%% @private Anybody may ask a node for its key; whether it is the right one its name tells.
-spec node_key(binary(), binary() | none, #{ca => binary()}) -> {ok, prim_gateway:public()} | {error, term()}.
node_key(Base, Expected, Options) ->
    case Expected =:= none orelse prim_gateway:base64url_decode(Expected) of
        true -> ask_key(Base, Expected, Options);
        {ok, <<_:32/binary>>} -> ask_key(Base, Expected, Options);
        _ -> {error, {key, [<<"not the name of a node's key: ">>, Expected]}}
    end.

ask_key(Base, Expected, Options) ->
    Pin = case Expected of none -> #{}; _ -> #{peer => Expected} end,
    Id = prim_gateway:request(maps:merge(Options#{url => Base, target => "/", method => "GET", seed => none, timeout_ms => 20000}, Pin)),
    receive
        {gateway_answer, Id, {ok, 200, _, Body, _}} ->
            try
                #{<<"key">> := #{<<"x">> := X}} = json(Body),
                {ok, <<_:32/binary>> = Public} = prim_gateway:base64url_decode(X),
                case prim_gateway:thumbprint(Public) of
                    Name when Expected =:= none; Expected =:= Name -> {ok, Public};
                    Name -> {error, {other_node, Name}}
                end
            catch error:_ -> {error, not_a_node}
            end;
        {gateway_answer, Id, {ok, Status, _, _, _}} -> {error, {not_a_node, Status}};
        {gateway_answer, Id, {error, {Kind, Text}}} -> {error, {transport, Kind, Text}}
    end.

%% Names for gen_server and others: {via, hanse_remote, {Lender, Module}}. A call of it is the call of Module:call(Request), a cast that of
%% Module:cast(Request), and any other message that of Module:info(Message), as the lender lends them. If the lender refuses a call, its answer
%% is {error, {hanse_remote, Failure}}.

-spec whereis_name({lender(), module()}) -> pid() | undefined.
whereis_name({Lender, Module}) ->
    try gen_server:call(Lender, {name, Module}, infinity)
    catch exit:_ -> undefined
    end.

-spec send({lender(), module()}, term()) -> pid().
send(Name, Message) ->
    case whereis_name(Name) of
        undefined -> exit({badarg, {Name, Message}});
        Pid -> Pid ! Message, Pid
    end.

%% @doc Names are the lender's to give.
-spec register_name(term(), pid()) -> no.
register_name(_, _) -> no.

-spec unregister_name(term()) -> ok.
unregister_name(_) -> ok.
