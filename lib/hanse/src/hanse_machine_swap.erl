%% @doc Self-tests, and new versions of code that must pass them in a machine of their own first.
-module(hanse_machine_swap).

-export([swap/4, test/1]).

-define(TEST_MS, 30000).

%% @doc See hanse_machine:swap/4.
-spec swap(pid(), module(), hanse_machine_compile:code(), #{binary() => binary()}) -> ok | {error, term()}.
swap(Machine, Module, Code, Includes) ->
    case {hanse_machine:spec(Machine), hanse_machines:ask(Machine, code)} of
        {#{realm := {own, Base, Allow, _}} = Spec, Loaded} when is_map(Loaded) ->
            case hanse_machine_compile:beam(Module, Code, Includes) of
                {ok, Beam} ->
                    Beams = maps:to_list(Loaded#{Module => Beam}),
                    case passes(Spec#{realm := {own, Base, Allow, Beams}}) of
                        ok -> hanse_machines:ask(Machine, {load, Module, Beam});
                        Error -> Error
                    end;
                Error -> Error
            end;
        {#{realm := {shared, _}}, _} -> {error, shared_code};
        {{error, _} = Error, _} -> Error;
        {_, Error} -> Error
    end.

%% A machine of the same limits, without its started process.
passes(#{options := Options} = Spec) ->
    Trial = Spec#{options := Options#{start := none, name := none, self_test := false, notify := none, life_ms := 2 * ?TEST_MS}},
    case hanse_machine:start_spec(Trial, none, #{}, []) of
        {ok, Machine} ->
            Result = test(Machine),
            hanse_machine:kill(Machine),
            case Result of
                {ok, _} -> ok;
                {error, Reason} -> {error, {self_test, Reason}}
            end;
        Error -> Error
    end.

%% @doc See hanse_machine:test/1.
-spec test(pid()) -> {ok, #{module() => ok}} | {error, term()}.
test(Machine) ->
    case hanse_machines:ask(Machine, modules) of
        Modules when is_list(Modules) ->
            case hanse_machine:call_here(Machine, hanse_guest, self_test, [Modules], ?TEST_MS) of
                {ok, Results} when is_map(Results) ->
                    case lists:all(fun(Result) -> Result =:= ok end, maps:values(Results)) of
                        true -> {ok, Results};
                        false -> {error, Results}
                    end;
                {ok, _} -> {error, {exited, normal}};
                Error -> Error
            end;
        Error -> Error
    end.
