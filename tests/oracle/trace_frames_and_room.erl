%% Calls whose return will be told, with actions that build terms for the process, at every fill of its heap.
-module(trace_frames_and_room).
-export([main/0, token/1, below/1]).

main() ->
    Self = self(),
    [] = seq_trace:get_token(),  % loads it
    Tracer = spawn_link(fun() -> drain() end),
    erlang:trace(new_processes, true, [call, silent, {tracer, Tracer}]),
    Actions = [{set_seq_token, send, true}, {set_seq_token, 'receive', true}, {return_trace}],
    erlang:trace_pattern({?MODULE, token, 1}, [{'_', [], Actions}], [local]),
    Answers = [in_new_process(Self, Fill) || Fill <- lists:seq(0, 260)],
    io:format("~p~n", [lists:usort(Answers)]).

drain() -> receive _ -> drain() end.

in_new_process(Self, Fill) ->
    Work = fun() -> full(Fill), Answer = token(Fill), seq_trace:set_token([]), Self ! {self(), Answer} end,
    {Pid, Monitor} = spawn_opt(Work, [monitor, {min_heap_size, 233}]),
    receive
        {Pid, Answer} -> erlang:demonitor(Monitor, [flush]), Answer;
        {'DOWN', Monitor, process, Pid, Reason} -> {ended, Reason}
    end.

full(0) -> ok;
full(Words) -> erlang:make_tuple(Words - 1, x), ok.

token(Fill) ->
    Fill = below(Fill),
    {Flags, Label, Serial, From, Previous} = seq_trace:get_token(),
    {Flags, Label, Serial, From =:= self(), Previous}.
below(Fill) -> Fill.
