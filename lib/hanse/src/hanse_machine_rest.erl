%% @doc Machines over HTTP: JSON under /machines, Prometheus at /metrics, the description of all that at /openapi.json. On the loopback interface
%% unless told otherwise; everything but /openapi.json wants the key, `Authorization: Bearer KEY'.
-module(hanse_machine_rest).

-export([child_spec/1, handle/2, key/1]).
-export_type([options/0]).

-type options() :: #{port => inet:port_number(), address => string(), key => binary()}.

-define(CALL_MS, 5000).

%% @doc Options: port (default 0: the system chooses, hanse_listener:port/1), address ("127.0.0.1"), key (required).
-spec child_spec(options()) -> {ok, supervisor:child_spec()} | {error, unicode:chardata()}.
child_spec(#{key := Key} = Options) when is_binary(Key), byte_size(Key) >= 16 ->
    case inet:parse_address(maps:get(address, Options, "127.0.0.1")) of
        {ok, Address} ->
            Handle = fun(Request) -> ?MODULE:handle(Request, Key) end,
            {ok, #{id => ?MODULE, start => hanse_http:listener(maps:get(port, Options, 0), Address, Handle)}};
        {error, _} -> {error, "address: expected an address like 127.0.0.1"}
    end;
child_spec(_) -> {error, "key: expected a text of at least 16 bytes"}.

%% @doc The key in a file; one of chance if the file is not there. Only the user may read it.
-spec key(file:filename()) -> {ok, binary()} | {error, unicode:chardata()}.
key(Path) ->
    case file:read_file(Path) of
        {ok, Text} ->
            case string:trim(Text) of
                Key when byte_size(Key) >= 16 -> {ok, Key};
                _ -> {error, [Path, ": expected a key of at least 16 characters"]}
            end;
        {error, enoent} -> make_key(Path);
        {error, Reason} -> {error, [Path, ": ", file:format_error(Reason)]}
    end.

make_key(Path) ->
    case file:open("/dev/urandom", [read, raw, binary]) of
        {ok, Source} ->
            {ok, Bytes} = file:read(Source, 24),
            _ = file:close(Source),
            Key = << <<(lists:nth(1 + Byte rem 64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))>> || <<Byte>> <= Bytes >>,
            case hanse_home:write_private(Path, [Key, $\n]) of
                ok -> {ok, Key};
                Error -> Error
            end;
        {error, Reason} -> {error, ["/dev/urandom: ", file:format_error(Reason)]}
    end.

%% @private
-spec handle(hanse_http:request(), binary()) -> hanse_http:answer().
handle(#{method := <<"GET">>, path := [<<"openapi.json">>]}, _) -> hanse_http:json(200, hanse_machine_openapi:document());
handle(#{method := Method, path := Path, headers := Headers} = Request, Key) ->
    case Headers of
        #{<<"authorization">> := <<Bearer:7/binary, Given/binary>>} when Bearer =:= <<"Bearer ">>; Bearer =:= <<"bearer ">> ->
            case same(Given, Key) of
                true -> route(Method, Path, Request);
                false -> unauthorized()
            end;
        _ -> unauthorized()
    end.

unauthorized() ->
    {Status, Fields, Body} = hanse_http:problem(401, "expected Authorization: Bearer KEY", #{}),
    {Status, [{"WWW-Authenticate", "Bearer"} | Fields], Body}.

%% Takes as long for every wrong key.
same(A, B) -> byte_size(A) =:= byte_size(B) andalso 0 =:= lists:foldl(fun({X, Y}, Sum) -> Sum bor (X bxor Y) end, 0,
                                                                     lists:zip(binary_to_list(A), binary_to_list(B))).

route(<<"GET">>, [<<"metrics">>], _) ->
    Text = [hanse_machine_show:metrics(infos()), hanse_script_metrics:pools(), hanse_gateway_metrics:text()],
    {200, [{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}], unicode:characters_to_binary(Text)};
route(<<"GET">>, [<<"machines">>], _) -> hanse_http:json(200, hanse_machine_show:json(hanse_machine:list()));
route(<<"POST">>, [<<"machines">>], #{body := Body}) -> create(object(Body));
route(Method, [<<"machines">>, Name | Rest], Request) ->
    case hanse_machine:find(Name) of
        {ok, Machine} -> machine(Method, Rest, Machine, Request);
        {error, noproc} -> failed(noproc)
    end;
route(_, [First | _], _) when First =:= <<"machines">>; First =:= <<"metrics">> -> hanse_http:problem(405, "not with this method", #{});
route(_, _, _) -> hanse_http:problem(404, "there are /machines, /metrics and /openapi.json", #{}).

machine(<<"GET">>, [], Machine, _) -> info(200, Machine);
machine(<<"PATCH">>, [], Machine, #{body := Body}) -> change(object(Body), Machine);
machine(<<"DELETE">>, [], Machine, #{query := Query}) ->
    done(case Query of #{<<"kill">> := <<"true">>} -> hanse_machine:kill(Machine); _ -> hanse_machine:stop(Machine) end);
machine(<<"GET">>, [<<"output">>], Machine, _) ->
    case hanse_machine:output(Machine) of
        {ok, Text} -> {200, [{"Content-Type", "text/plain; charset=utf-8"}], Text};
        {error, Reason} -> failed(Reason)
    end;
machine(<<"POST">>, [<<"call">>], Machine, #{body := Body, headers := Headers}) -> call(object(Body), Machine, Headers);
machine(<<"PUT">>, [<<"modules">>, Module], Machine, #{body := Source, query := Query}) when byte_size(Module) < 256 ->
    Name = binary_to_atom(Module),
    done(case Query of
             #{<<"swap">> := <<"true">>} -> hanse_machine:swap(Machine, Name, Source);
             _ -> hanse_machine:load(Machine, Name, Source)
         end);
machine(<<"POST">>, [<<"test">>], Machine, _) ->
    case hanse_machine:test(Machine) of
        {ok, Results} -> hanse_http:json(200, #{passed => true, results => hanse_machine_show:json(Results)});
        {error, Results} when is_map(Results) -> hanse_http:json(200, #{passed => false, results => hanse_machine_show:json(Results)});
        {error, Reason} -> failed(Reason)
    end;
machine(<<"POST">>, [<<"suspend">>], Machine, _) -> done(hanse_machine:suspend(Machine));
machine(<<"POST">>, [<<"resume">>], Machine, _) -> done(hanse_machine:resume(Machine));
machine(_, _, _, _) -> hanse_http:problem(404, "there is nothing here, or not with this method; /openapi.json lists all", #{}).

object(Body) ->
    case hanse_json:decode(case Body of <<>> -> <<"{}">>; _ -> Body end) of
        {ok, Object} when is_map(Object) -> Object;
        {ok, _} -> throw({http, 400, "expected an object"});
        {error, {not_json, Position}} -> throw({http, 400, io_lib:format("not JSON at byte ~b", [Position])})
    end.

create(Object) ->
    checked(hanse_machine_json:options(Object), fun(Options) ->
        case hanse_machine:start(Options) of
            {ok, Machine} -> info(201, Machine);
            {error, Reason} -> failed(Reason)
        end
    end).

change(Object, Machine) ->
    IsShare = fun(Share) when is_integer(Share), Share >= 1, Share =< 1000 -> {ok, Share}; (_) -> error end,
    Members = [{limits, {checked, "an object", fun(Limits) when is_map(Limits) -> {ok, Limits}; (_) -> error end}, #{}, ""},
               {share, {either, none, {checked, "a whole number from 1 to 1000", IsShare}}, none, ""}],
    checked(hanse_machine_json:object(Object, Members), fun(#{limits := Limits, share := Share}) ->
        checked(hanse_machine_json:limits(Limits), fun(Checked) ->
            case hanse_machine:limits(Machine, Checked) of
                ok ->
                    _ = Share =:= none orelse hanse_machine:share(Machine, Share),
                    info(200, Machine);
                {error, Reason} -> failed(Reason)
            end
        end)
    end).

checked({ok, Value}, Do) -> Do(Value);
checked({error, Text}, _) -> hanse_http:problem(422, Text, #{}).

info(Status, Machine) ->
    case hanse_machine:info(Machine) of
        {error, Reason} -> failed(Reason);
        Info -> hanse_http:json(Status, hanse_machine_show:json(Info))
    end.

call(Object, Machine, Headers) ->
    %% What a timer takes.
    IsTime = fun(Ms) when is_integer(Ms), Ms > 0, Ms < 1 bsl 32 -> {ok, Ms}; (_) -> error end,
    Members = [{module, text, required, ""}, {function, text, required, ""}, {arguments, {checked, "", fun(Any) -> {ok, Any} end}, [], ""},
               {timeout_ms, {checked, "a whole number from 1 to 4294967295", IsTime}, ?CALL_MS, ""}],
    checked(hanse_machine_json:object(Object, Members), fun(#{module := Module, function := Function, arguments := Given, timeout_ms := TimeoutMs}) ->
        checked(hanse_machine_json:arguments(Given), fun(Arguments) ->
            case {existing(Module), existing(Function)} of
                {{ok, M}, {ok, F}} -> call(Machine, M, F, Arguments, traced(Headers, #{timeout_ms => TimeoutMs}));
                _ -> hanse_http:problem(404, "there is no such function", #{})
            end
        end)
    end).

call(Machine, M, F, Arguments, Options) ->
    {Answer, Used} = hanse_machine:call_traced(Machine, M, F, Arguments, Options),
    {Status, Fields, Body} = case Answer of
                                 {ok, Value} -> hanse_http:json(200, #{result => hanse_machine_show:json(Value)});
                                 {error, Reason} -> failed(Reason)
                             end,
    {Status, [{"traceparent", Used} | Fields], Body}.

traced(#{<<"traceparent">> := Number}, Options) ->
    case hanse_trace:valid(Number) of
        true -> Options#{traceparent => hanse_trace:child(Number)};
        false -> Options
    end;
traced(_, Options) -> Options.

existing(Text) -> try {ok, binary_to_existing_atom(Text)} catch error:_ -> error end.

done(ok) -> {204, [], <<>>};
done({error, Reason}) -> failed(Reason).

%% Each kind of reason has its status; the text is for people, `reason' for programs.
failed(Reason) ->
    {Status, Name} = case Reason of
                         noproc -> {404, noproc};
                         timeout -> {504, timeout};
                         system_limit -> {422, system_limit};
                         {name_taken, _} -> {409, name_taken};
                         {machine_limit, Limit} -> {422, Limit};
                         {exception, Class, _, _} -> {422, Class};
                         _ when is_tuple(Reason), is_atom(element(1, Reason)) -> {422, element(1, Reason)};
                         _ when is_atom(Reason) -> {422, Reason};
                         _ -> {422, other}
                     end,
    hanse_http:problem(Status, hanse_machine_show:reason(Reason), #{reason => Name}).

infos() -> [Info || #{machine := Machine} <- hanse_machine:list(), Info <- [hanse_machine:info(Machine)], is_map(Info)].
