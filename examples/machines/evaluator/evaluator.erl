%% Evaluates Erlang that strangers send. Every expression gets a machine that nobody has used before, from a pool of warm ones.
%%
%%   hanse run examples/machines/evaluator "lists:sum([1, 2, 3])." "1/0." "F = fun(G) -> G(G) end, F(F)."
%%
%% Without arguments it reads lines.
-module(evaluator).
-export([main/1]).

-define(TIME_MS, 2000).

main(Arguments) ->
    logger:set_primary_config(level, none),
    ok = hanse_template:new(evaluator, #{code => [{inside, inside()}],
                                         limits => #{memory => 10000000, processes => 20, atoms => 200},
                                         on_limit => kill_machine}),
    {ok, _} = hanse_pool:start_link(evaluators, #{template => evaluator, size => 4}),
    case Arguments of
        [] -> lines();
        _ -> [evaluate(Text) || Text <- Arguments]
    end,
    hanse_pool:stop(evaluators).

lines() ->
    case io:get_line("> ") of
        Line when is_list(Line) ->
            evaluate(Line),
            lines();
        _ -> ok
    end.

evaluate(Text) ->
    io:format("~ts~n", [case hanse_pool:call(evaluators, inside, evaluate, [Text], ?TIME_MS) of
                            {ok, Answer} -> Answer;
                            {error, timeout} -> "** it takes too long";
                            {error, {machine_limit, Limit}} -> ["** the limit of ", atom_to_list(Limit), " is reached"];
                            {error, {exited, Reason}} -> io_lib:format("** ended: ~0tp", [Reason]);
                            {error, Reason} -> io_lib:format("** ~0tp", [Reason])
                        end]).

%% Reading the text and printing the value happen inside, too: both may be made to take long.
inside() ->
    "-module(inside).\n"
    "-export([evaluate/1]).\n"
    "evaluate(Text) ->\n"
    "    case erl_scan:string(Text) of\n"
    "        {ok, Tokens, _} ->\n"
    "            case erl_parse:parse_exprs(Tokens) of\n"
    "                {ok, Expressions} ->\n"
    "                    try erl_eval:exprs(Expressions, []) of\n"
    "                        {value, Value, _} -> text(\"~0tp\", [Value])\n"
    "                    catch Class:Reason -> text(\"** ~w: ~0tp\", [Class, Reason])\n"
    "                    end;\n"
    "                {error, {_, Module, Why}} -> text(\"** ~ts\", [Module:format_error(Why)])\n"
    "            end;\n"
    "        {error, {_, Module, Why}, _} -> text(\"** ~ts\", [Module:format_error(Why)])\n"
    "    end.\n"
    "text(Format, Values) -> unicode:characters_to_binary(io_lib:format(Format, Values, [{chars_limit, 2000}])).\n".
