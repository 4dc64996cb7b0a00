%% erlang:match_spec_test/3: actions of a trace specification are checked and answer, but nothing changes.
-module(trace_actions_tested).
-export([main/0]).

main() ->
    [test({message, B}) || B <- [{get_seq_token}, {set_seq_token, label, 1}, {set_seq_token, yxa, true}, {set_seq_token, label, a}, {set_seq_token, send, true},
                                 {get_tcw}, {set_tcw, 17}, {get_tcw}, {set_tcw, foo}, {set_tcw, -1}, {is_seq_trace}, {self}, {silent, true}, {silent, foo},
                                 {enable_trace, send}, {disable_trace, send}, {enable_trace, foo}, {trace, [send], []}, {trace, [foo], []}, {trace, [], [call]},
                                 {caller}, {return_trace}, {exception_trace}, false, true]],
    [test(B) || B <- [{set_tcw, 3}, {set_seq_token, label, 1}, {return_trace}, {silent, true}]],
    io:format("~p~n", [{erlang:system_info(trace_control_word), seq_trace:get_token(), erlang:trace_info(self(), flags)}]).

test(Body) ->
    {ok, Result, Flags, []} = erlang:match_spec_test([], [{'_', [], [Body]}], trace),
    io:format("~p -> ~p ~p~n", [Body, if is_pid(Result) -> Result =:= self(); true -> Result end, Flags]).
