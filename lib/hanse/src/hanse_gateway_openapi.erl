%% @doc What a key may call, as OpenAPI 3.1: the functions of its grants with what their modules say about them, and nothing else of the node.
-module(hanse_gateway_openapi).

-export([document/2]).

-define(SPEC_CHARACTERS, 1000).

%% @doc A value for hanse_json:encode/1.
-spec document([{hanse_grant_pattern:allow(), hanse_grant_store:grant()}], map()) -> map().
document(Lent, #{node := Node, key := Key}) ->
    Code = hanse_gateway:code(),
    Modules = lists:usort([Module || {#{module := Module}, _} <- Lent]),
    Known = maps:from_list([{Module, about(Module, Code)} || Module <- Modules]),
    #{openapi => <<"3.1.0">>,
      info => #{title => <<"Functions lent by ", Node/binary>>, version => <<"1">>,
                description => <<"Requests are signed with HTTP Message Signatures (RFC 9421), tag \"hanse:", Node/binary, "\".">>},
      'x-hanse-node' => Node, 'x-hanse-key' => Key,
      security => [#{signature => []}],
      paths => lists:foldl(fun({Allow, Grant}, Paths) -> path(Allow, Grant, Known, Paths) end, #{}, Lent),
      components => #{securitySchemes => #{signature => #{type => http, scheme => <<"signature">>}},
                      schemas => #{<<"Problem">> => #{type => object, required => [type, title, status],
                                                      properties => #{type => #{type => string}, title => #{type => string}, status => #{type => integer},
                                                                      detail => #{type => string}, tracking => #{type => string}}}}}}.

%% Functions of one name and several arities, or in several grants, are one path.
path(#{module := M, function := F, arguments := Patterns, as := {OutsideM, OutsideF}} = Allow, Grant, Known, Paths) ->
    Arity = length(Patterns),
    Name = <<OutsideM/binary, $:, OutsideF/binary>>,
    #{M := {Docs, Specs}} = Known,
    Texts = [maps:get({F, Arity}, Docs, <<>>), case {atom_to_binary(M), atom_to_binary(F)} of
                                                   {OutsideM, OutsideF} -> maps:get({F, Arity}, Specs, <<>>);
                                                   _ -> <<>>  % the inside name is the lender's business
                                               end],
    Path = iolist_to_binary(["/apply/", uri_string:quote(OutsideM), "/", uri_string:quote(OutsideF)]),
    {Before, Described, Terms} = case Paths of
                                     #{Path := #{put := #{'x-hanse-arguments' := Schemas, description := Text, 'x-hanse-grants' := Grants}}} ->
                                         {Schemas, Text, Grants};
                                     _ -> {[], <<>>, []}
                                 end,
    All = Before ++ [arguments(Patterns, Arity)],
    Operation = #{operationId => Name, summary => Name, 'x-hanse-arguments' => All, 'x-hanse-grants' => Terms ++ [terms(Allow, Grant)],
                  description => iolist_to_binary(lists:join("\n\n", [Text || Text <- [Described | Texts], Text =/= <<>>])),
                  requestBody => #{required => Arity > 0, content => #{<<"application/json">> => #{schema => one_of(All)},
                                                                      <<"application/vnd.erlang.term">> => #{}}},
                  responses => responses()},
    Paths#{Path => #{put => Operation}}.

one_of([Schema]) -> Schema;
one_of(Schemas) -> #{anyOf => Schemas}.

responses() ->
    Types = [<<"application/json">>, <<"application/vnd.erlang.term">>, <<"text/plain">>],
    Problem = #{<<"application/problem+json">> => #{schema => #{<<"$ref">> => <<"#/components/schemas/Problem">>}}},
    maps:from_list([{<<"200">>, #{description => <<"what the function gave">>, content => maps:from_list([{Type, #{}} || Type <- Types])}}
                    | [{integer_to_binary(Status), #{description => Text, content => Problem}} || {Status, Text} <- problems()]]).

arguments(Patterns, Arity) ->
    #{type => array, prefixItems => [hanse_grant_pattern:schema(Pattern) || Pattern <- Patterns], minItems => Arity, maxItems => Arity}.

%% What is allowed, by the name of the outside, and the terms of the grant.
terms(Allow, #{options := Options}) ->
    maps:from_list([{allow, hanse_grant_pattern:outside(Allow)} | [{Name, unicode:characters_to_binary(hanse_grant_options:show(Name, maps:get(Name, Options)))}
                    || Name <- [rate, burst, expires, concurrent, timeout, memory, answer]]]).

problems() ->
    [{401, <<"not signed, by a key that is not known, or at another time">>}, {403, <<"not granted, revoked or over">>}, {409, <<"a request that was here before">>},
     {413, <<"too large">>}, {415, <<"a type of body that is not known">>}, {422, <<"the arguments do not fit">>},
     {429, <<"too often, or too many at a time">>}, {500, <<"the function raised an exception, or reached a limit">>}, {504, <<"it took too long">>}].

%% Documentation (chunk Docs, EEP 48) and -spec (debug information) by function.
about(Module, Code) ->
    case hanse_gateway_code:beam(Module, Code) of
        {lent, Beam} -> {docs(Beam), specs(Beam)};
        otp ->
            case code:get_object_code(Module) of
                {_, Beam, _} -> {docs(Beam), specs(Beam)};
                error -> {#{}, #{}}
            end;
        none -> {#{}, #{}}
    end.

docs(Beam) ->
    case beam_lib:chunks(Beam, ["Docs"]) of
        {ok, {_, [{_, Bytes}]}} ->
            try binary_to_term(Bytes) of
                {docs_v1, _, _, Format, _, _, Entries} ->
                    maps:from_list([{{Name, Arity}, doc_text(Format, Doc)} || {{function, Name, Arity}, _, _, Doc, _} <- Entries, is_map(Doc)]);
                _ -> #{}
            catch error:_ -> #{}
            end;
        _ -> #{}
    end.

doc_text(Format, Doc) ->
    case maps:values(Doc) of
        [Text | _] when is_binary(Text) -> Text;
        [Html | _] when Format =:= <<"application/erlang+html">> -> unicode:characters_to_binary(text(Html));
        _ -> <<>>
    end.

text(Text) when is_binary(Text) -> Text;
text({Tag, _, Inside}) when Tag =:= p; Tag =:= pre; Tag =:= li -> [text(Inside), "\n"];
text({_, _, Inside}) -> text(Inside);
text(List) when is_list(List) -> [text(Each) || Each <- List];
text(_) -> "".

specs(Beam) ->
    case beam_lib:chunks(Beam, [abstract_code]) of
        {ok, {_, [{abstract_code, {_, Forms}}]}} ->
            maps:from_list([{Function, shown(Form)} || {attribute, _, spec, {Function, _}} = Form <- Forms, tuple_size(Function) =:= 2]);
        _ -> #{}
    end.

shown(Form) ->
    Text = string:slice(string:trim(unicode:characters_to_binary(erl_pp:form(Form))), 0, ?SPEC_CHARACTERS),
    unicode:characters_to_binary(Text).
