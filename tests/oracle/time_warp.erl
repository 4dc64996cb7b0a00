%% The time warp modes (+C) and time correction (+c), as nodes that are started with them tell.
-module(time_warp).
-export([main/0, inside/0]).

main() ->
    [show(Flags) || Flags <- [[], ["+C", "no_time_warp"], ["+C", "single_time_warp"], ["+C", "multi_time_warp"], ["+Cmulti_time_warp"], ["+c", "false"],
                              ["+ctrue"], ["+C", "multi_time_warp", "+c", "false"]]],
    [show_heap(Flags) || Flags <- [[], ["+hmax", "300000"], ["+hmax", "300000", "+hmaxk", "false"], ["+hmaxel", "false"], ["+hmaxk", "false", "+hmaxel", "true"]]].

show(Flags) -> io:format("~p: ~p~n", [Flags, in_node(Flags, fun ?MODULE:inside/0)]).
show_heap(Flags) ->
    io:format("~p: ~p~n", [Flags, in_node(Flags, fun() -> {erlang:system_info(max_heap_size), process_info(spawn(timer, sleep, [5000]), max_heap_size)} end)]).

in_node(Flags, Fun) ->
    {ok, Peer, _} = peer:start(#{connection => standard_io, args => Flags ++ ["-pa", filename:dirname(code:which(?MODULE))]}),
    Answer = peer:call(Peer, erlang, apply, [Fun, []]),
    peer:stop(Peer),
    Answer.

%% The offset is taken from the system's clock when it becomes final, and then changes by what was read late.
inside() ->
    First = erlang:monitor(time_offset, clock_service),
    Second = erlang:monitor(time_offset, clock_service, [{tag, changed}]),
    Third = erlang:monitor(time_offset, clock_service),
    Gone = erlang:monitor(time_offset, clock_service),
    Info = process_info(self(), monitors),
    true = erlang:demonitor(Gone),
    Before = erlang:system_info(time_offset),
    Difference = erlang:system_time(millisecond) - os:system_time(millisecond),
    Finalized = [erlang:system_flag(time_offset, finalize), erlang:system_flag(time_offset, finalize)],
    Told = case Before of
               preliminary ->
                   %% Messages of a monitor that ends go, if that is asked for.
                   [begin receive {_, Ref, time_offset, clock_service, _} = Message -> self() ! Message end end || Ref <- [Third, Second]],
                   true = erlang:demonitor(Third, [flush]),
                   [receive {Tag, Ref, time_offset, clock_service, New} -> {Tag, which(Ref, First, Second), New =:= erlang:time_offset()} after 10000 -> nothing end
                    || _ <- [1, 2]];
               _ -> []
           end,
    {erlang:system_info(time_warp_mode), erlang:system_info(time_correction), Info, Before, Finalized, erlang:system_info(time_offset), Told,
     abs(Difference) < 2000, receive More -> More after 50 -> no_more end,
     erlang:demonitor(First, [info]), erlang:demonitor(Second, [flush, info]), erlang:demonitor(Gone, [info]),
     [try erlang:system_flag(time_offset, X) catch error:R -> R end || X <- [final, 1, "finalize"]],
     [try erlang:monitor(time_offset, X) catch error:R -> R end || X <- [clock, self(), 1]]}.

which(Ref, Ref, _) -> first;
which(Ref, _, Ref) -> second.
