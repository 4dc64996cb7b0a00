%% eunit runs a module's tests: fixtures, generators, failures, what is reported of them.
-module(unit_test_runs).
-include_lib("eunit/include/eunit.hrl").
-export([main/0, start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).
-behaviour(eunit_listener).

plain_test() -> ok.
failing_test() -> ?assertEqual(1, 1 + id(1)).
crash_test() -> error(oops).
match_test() -> ?assertMatch({a, _}, id({b, 1})).
exception_test() -> ?assertException(error, badarith, 1 / id(0)), ?assertError(badarg, atom_to_list(id(1))), ?assertExit(x, exit(x)), ?assertThrow(y, throw(y)).
output_test() -> io:format("into the report"), ?assert(id(true)).
generated_test_() -> [{"named", ?_assert(id(true))}, ?_assertEqual(3, id(3)), [?_assertNot(id(false))]].
fixture_test_() -> {setup, fun() -> put(where, setup), 5 end, fun(5) -> ok end, fun(X) -> [?_assertEqual(5, X), ?_assertEqual(6, X)] end}.
each_test_() -> {foreach, fun() -> self() end, fun(_) -> ok end, [fun(P) -> ?_assert(is_pid(P)) end, fun(_) -> ?_assertNotEqual(a, id(b)) end]}.
broken_setup_test_() -> {setup, fun() -> error(in_setup) end, fun(_) -> ?_assert(true) end}.
ordered_test_() -> {inorder, [?_test(put(n, 1)), {spawn, ?_test(undefined = get(n))}]}.
parallel_test_() -> {inparallel, [?_assert(is_pid(self())) || _ <- lists:seq(1, 20)]}.

main() ->
    Tests = [plain_test, failing_test, crash_test, match_test, exception_test, output_test],
    Generators = [generated_test_, fixture_test_, each_test_, broken_setup_test_, ordered_test_, parallel_test_],
    Set = [{?MODULE, T} || T <- Tests] ++ [{generator, ?MODULE, G} || G <- Generators],
    io:format("~w~n", [eunit:test(Set, [no_tty, {report, {?MODULE, []}}])]).

start(Options) -> eunit_listener:start(?MODULE, Options).
init(_) -> [].
handle_begin(_, _, State) -> State.
handle_end(test, Data, State) -> [{proplists:get_value(id, Data), element(2, proplists:get_value(source, Data)), proplists:get_value(desc, Data), status(proplists:get_value(status, Data)), proplists:get_value(output, Data)} | State];
handle_end(_, _, State) -> State.
handle_cancel(group, Data, State) -> [{proplists:get_value(id, Data), group, proplists:get_value(desc, Data), status(proplists:get_value(reason, Data)), <<>>} | State];
handle_cancel(test, Data, State) -> [{proplists:get_value(id, Data), test, proplists:get_value(desc, Data), status(proplists:get_value(reason, Data)), <<>>} | State].
terminate({ok, Figures}, State) -> [io:format("~0p~n", [Row]) || Row <- lists:sort(State)], io:format("~0p~n", [lists:sort(Figures)]);
terminate(Other, _) -> io:format("~0p~n", [Other]).

status({error, {Class, Reason, _}}) -> {Class, reason(Reason)};
status({abort, {Kind, {Class, Reason, _}}}) -> {Kind, Class, reason(Reason)};
status(Other) -> Other.
reason({Kind, Details}) when is_list(Details) -> {Kind, proplists:delete(line, Details)};
reason(Reason) -> Reason.
id(X) -> X.
