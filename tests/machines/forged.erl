%% Modules that no compiler writes: refused with a reason, or harmless when they run. beam_asm writes what it is given. The rules of the
%% verifier have their tests in src/code/verifier.test.cc; these go the whole way, from the file to the machine.
-module(forged).
-compile([export_all, nowarn_export_all]).
-import(pool_test, [equal/2]).

%% A module `made` with f/1, whose body is given.
made(Body) -> made(Body, []).
made(Body, Attributes) ->
    Function = {function, f, 1, 2, [{label, 1}, {func_info, {atom, made}, {atom, f}, 1}, {label, 2} | Body]},
    {ok, Beam} = beam_asm:module({made, [{f, 1}], Attributes, [Function], 4}, [], [], []),
    Beam.

machine() -> {ok, Machine} = hanse_machine:start(#{}), Machine.

%% Part of the reason, body.
refused() ->
    [{"can never be", [{move, {integer, 4096}, {x, 0}}, {get_hd, {x, 0}, {x, 0}}, return]},
     {"can never be", [{move, nil, {x, 0}}, {get_tuple_element, {x, 0}, 1000000, {x, 0}}, return]},
     {"words are needed", [{put_list, {x, 0}, nil, {x, 0}}, return]},
     {"words are needed", [{test_heap, 0, 1}, {put_tuple2, {x, 0}, {list, [{x, 0}, {x, 0}, {x, 0}]}}, return]},
     {"may not have been written", [{move, {x, 17}, {x, 0}}, return]},
     {"outside of the frame", [{move, {y, 0}, {x, 0}}, return]},
     {"there is a frame still", [{allocate, 1, 1}, return]},
     {"the frame does not have", [{deallocate, 5}, return]},
     {"uses no reductions", [{label, 3}, {jump, {f, 3}}]},
     {"no message has been looked at", [remove_message, return]},
     {"no raw stack trace", [build_stacktrace, return]},
     {"holds no handler", [{allocate, 1, 1}, {init_yregs, {list, [{y, 0}]}}, {try_case, {y, 0}}, {deallocate, 1}, return]},
     {"not a new one", [{set_tuple_element, {atom, a}, {x, 0}, 0}, return]},
     {"no match context", [{test, bs_test_tail2, {f, 1}, [{x, 0}, 0]}, return]},
     {"holds a match context", [{test, bs_start_match3, {f, 1}, 1, [{x, 0}], {x, 0}}, return]},
     {"no position", [{test, bs_start_match3, {f, 1}, 1, [{x, 0}], {x, 1}}, {move, {integer, 1 bsl 40}, {x, 0}}, {bs_set_position, {x, 1}, {x, 0}}, return]},
     {"float register", [{test_heap, {alloc, [{words, 0}, {floats, 1}]}, 0}, {fmove, {fr, 3}, {x, 0}}, return]},
     {"builds nothing", [{bif, halt, {f, 0}, [{x, 0}], {x, 0}}, return]}].

refused_test() ->
    Machine = machine(),
    [case hanse_machine:load(Machine, made, made(Body)) of
         {error, {badfile, Text}} -> {Reason, Text, true} = {Reason, Text, string:find(Text, Reason) =/= nomatch};
         Other -> error({Reason, Other})
     end || {Reason, Body} <- refused()],
    ok = hanse_machine:load(Machine, made, made([return])),
    {ok, 1} = hanse_machine:call(Machine, made, f, [1]),
    ok = hanse_machine:stop(Machine).

%% What may be right is looked at when it runs.
looked_at_test() ->
    Wrong = [[], 4096, 1.5, a, {a, b}, <<"bytes">>, 1 bsl 100, self(), #{}, fun lists:reverse/1],
    [begin
         Machine = machine(),
         ok = hanse_machine:load(Machine, made, made(Body)),
         {ok, Answer} = hanse_machine:call(Machine, made, f, [Right]),
         [{error, {exception, error, Reason, _}} = hanse_machine:call(Machine, made, f, [Value]) || Value <- Wrong],
         ok = hanse_machine:stop(Machine)
     end || {Body, Right, Answer, Reason} <-
                [{[{get_hd, {x, 0}, {x, 0}}, return], [h | t], h, badarg},
                 {[{get_tuple_element, {x, 0}, 2, {x, 0}}, return], {a, b, c}, c, badarg},
                 {[{get_map_elements, {f, 1}, {x, 0}, {list, [{atom, k}, {x, 0}]}}, return], #{k => v}, v, function_clause}]].

%% Constants that only a node can make.
constants_test() ->
    Machine = machine(),
    Secret = 7,
    [case hanse_machine:load(Machine, made, made([return], [{secret, Constant}])) of
         {error, {badfile, _}} -> ok;
         Other -> error({Constant, Other})
     end || Constant <- [self(), make_ref(), fun() -> Secret end, hd(erlang:ports())]],
    ok = hanse_machine:stop(Machine).

%% Bytes of a module changed anywhere: an answer, and the machine goes on.
damaged_test() ->
    Machine = machine(),
    {_, Lists, _} = code:get_object_code(queue),
    rand:seed(exsss, {1, 2, 3}),
    [begin
         At = 12 + rand:uniform(byte_size(Lists) - 13),
         <<Before:At/binary, _, After/binary>> = Lists,
         {error, _} = hanse_machine:load(Machine, not_queue, <<Before/binary, (rand:uniform(256) - 1), After/binary>>)
     end || _ <- lists:seq(1, 200)],
    {ok, [2, 1]} = hanse_machine:call(Machine, lists, reverse, [[1, 2]]),
    ok = hanse_machine:stop(Machine).
