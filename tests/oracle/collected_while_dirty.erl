%% A process is collected by others' wish while it waits on a dirty thread: its stack may move.
-module(collected_while_dirty).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    erts_debug:set_internal_state(available_internal_state, true),
    Self = self(),
    Collector = spawn_link(fun() -> collect(Self) end),
    io:format("~w~n", [lists:usort([waits(N) || N <- lists:seq(1, 60)])]),
    unlink(Collector), exit(Collector, kill).

collect(Pid) -> erlang:garbage_collect(Pid), collect(Pid).

%% Frames below and a catch on the stack, garbage above.
waits(N) ->
    Kept = {lists:seq(1, N * 37), make_ref()},
    _ = [make_ref() || _ <- lists:seq(1, 1000)],
    Caught = try deep(N, Kept) catch Class:Reason -> {Class, Reason} end,
    {Caught, length(element(1, Kept)) =:= N * 37}.

deep(0, Kept) ->
    ok = erts_debug:dirty_cpu(wait, 2),
    ok = erts_debug:dirty_io(wait, 1),
    error({raised, is_reference(element(2, Kept))});
deep(N, Kept) -> [deep(N - 1, Kept) | N].
