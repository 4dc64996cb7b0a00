%% @doc The description of hanse_machine_rest in OpenAPI 3.1.
-module(hanse_machine_openapi).

-export([document/0]).

%% @doc A value for hanse_json:encode/1.
-spec document() -> map().
document() ->
    #{openapi => <<"3.1.0">>,
      info => #{title => <<"Hanse machines">>, version => <<"1">>,
                description => <<"Jails for Erlang code that is not trusted. Options are those of hanse_machine_options.">>},
      security => [#{key => []}],
      paths => #{<<"/machines">> => #{get => operation("The machines of this node", [], none, #{200 => array("Machine")}),
                                      post => operation("Start a machine", [], <<"Options">>, #{201 => schema("Machine"), 409 => problem(), 422 => problem()})},
                 <<"/machines/{machine}">> =>
                     #{parameters => [name()],
                       get => operation("What it is and what it uses", [], none, #{200 => schema("Machine"), 404 => problem()}),
                       patch => operation("Other limits or another share", [], <<"Change">>, #{200 => schema("Machine"), 404 => problem(), 422 => problem()}),
                       delete => operation("Stop it; with kill at once", [query("kill", "boolean")], none, #{204 => none, 404 => problem()})},
                 <<"/machines/{machine}/output">> =>
                     #{parameters => [name()], get => operation("What it printed, the newest", [], none, #{200 => text(), 404 => problem()})},
                 <<"/machines/{machine}/call">> =>
                     #{parameters => [name()],
                       post => operation("Call a function in a process of its own", [header("traceparent")], <<"Call">>,
                                         #{200 => schema("Result"), 404 => problem(), 422 => problem(), 504 => problem()})},
                 <<"/machines/{machine}/modules/{module}">> =>
                     #{parameters => [name(), parameter("module", "path", "string")],
                       put => (operation("Load a module, Erlang source or a .beam file; with swap after its self-test has passed",
                                         [query("swap", "boolean")], none, #{204 => none, 404 => problem(), 422 => problem()}))
                              #{requestBody => #{required => true, content => #{<<"text/plain">> => #{schema => #{type => string}},
                                                                               <<"application/octet-stream">> => #{}}}}},
                 <<"/machines/{machine}/test">> =>
                     #{parameters => [name()], post => operation("Run its self-test", [], none, #{200 => schema("Test"), 404 => problem()})},
                 <<"/machines/{machine}/suspend">> => #{parameters => [name()], post => operation("Let it stand still", [], none, #{204 => none})},
                 <<"/machines/{machine}/resume">> => #{parameters => [name()], post => operation("Let it go on", [], none, #{204 => none})},
                 <<"/metrics">> => #{get => operation("Prometheus metrics", [], none, #{200 => text()})},
                 <<"/openapi.json">> => #{get => (operation("This document", [], none, #{200 => #{type => object}}))#{security => []}}},
      components => #{securitySchemes => #{key => #{type => http, scheme => bearer}}, schemas => schemas()}}.

operation(Summary, Parameters, Body, Answers) ->
    Operation = #{summary => bin(Summary),
                  responses => maps:fold(fun(Status, Schema, Taken) -> Taken#{integer_to_binary(Status) => response(Status, Schema)} end,
                                         #{<<"401">> => response(401, problem())}, Answers)},
    With = case Parameters of [] -> Operation; _ -> Operation#{parameters => Parameters} end,
    case Body of none -> With; _ -> With#{requestBody => #{required => true, content => json(reference(Body))}} end.

response(Status, none) -> #{description => description(Status)};
response(Status, text) -> #{description => description(Status), content => #{<<"text/plain">> => #{schema => #{type => string}}}};
response(Status, Schema) -> #{description => description(Status), content => json(Schema)}.

description(200) -> <<"done">>;
description(201) -> <<"started">>;
description(204) -> <<"done">>;
description(401) -> <<"the key is missing or wrong">>;
description(404) -> <<"there is none">>;
description(409) -> <<"the name is taken">>;
description(422) -> <<"what was asked for is not possible">>;
description(504) -> <<"it took too long">>.

json(Schema) -> #{<<"application/json">> => #{schema => Schema}}.

reference(Name) -> #{<<"$ref">> => <<"#/components/schemas/", Name/binary>>}.

schema(Name) -> reference(bin(Name)).

array(Name) -> #{type => array, items => schema(Name)}.

problem() -> schema("Problem").

text() -> text.

name() -> parameter("machine", "path", "string").

query(Name, Type) -> (parameter(Name, "query", Type))#{required => false}.

header(Name) -> (parameter(Name, "header", "string"))#{required => false}.

parameter(Name, In, Type) -> #{name => bin(Name), in => bin(In), required => true, schema => #{type => bin(Type)}}.

bin(Text) -> list_to_binary(Text).

schemas() ->
    Text = #{type => string},
    Number = #{type => integer},
    Limit = #{oneOf => [#{type => integer, minimum => 1}, #{type => object, properties => #{soft => Number, hard => Number}},
                        #{type => object, properties => #{rate => Number, burst => Number}}, #{type => <<"null">>}]},
    Limits = #{type => object, additionalProperties => false,
               properties => maps:from_list([{Name, Limit#{description => bin(Explanation)}}
                                             || {Name, _, _, Explanation} <- hanse_machine_options:limits_table()])},
    Explained = maps:from_list([{Name, #{description => bin(Explanation)}}
                                || {Name, _, _, Explanation} <- hanse_machine_options:machine_table(), Name =/= notify, Name =/= application]),
    #{<<"Options">> => #{type => object, additionalProperties => false,
                         properties => maps:merge_with(fun(_, A, B) -> maps:merge(A, B) end, Explained,
                             #{name => Text, code => #{type => object, additionalProperties => Text}, includes => #{type => object, additionalProperties => Text},
                               labels => #{type => object, additionalProperties => Text}, limits => reference(<<"Limits">>),
                               profile => #{enum => [pure, otp, host]}, on_limit => #{enum => [error, kill_process, kill_machine]}, share => Number,
                               life_ms => Number, input => Text})},
      <<"Limits">> => Limits,
      <<"Change">> => #{type => object, properties => #{limits => reference(<<"Limits">>), share => Number}},
      <<"Machine">> => #{type => object, properties => #{name => Text, serial => Number, state => #{enum => [running, suspended, dying]}, memory => Number,
                                                         processes => Number, reductions => Number, limits => reference(<<"Limits">>)}},
      <<"Call">> => #{type => object, required => [module, function],
                      properties => #{module => Text, function => Text, timeout_ms => Number,
                                      arguments => #{oneOf => [#{type => array}, #{type => string, description => <<"Erlang terms">>}]}}},
      <<"Result">> => #{type => object, properties => #{result => #{}}},
      <<"Test">> => #{type => object, properties => #{passed => #{type => boolean}, results => #{type => object}}},
      <<"Problem">> => #{type => object, required => [error], properties => #{error => Text, reason => Text}}}.
