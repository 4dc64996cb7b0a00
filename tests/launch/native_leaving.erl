%% Runs native_watching, and lets its code and its library go.
-module(native_leaving).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    [Directory] = init:get_plain_arguments(),
    File = filename:join(Directory, "native_watching"),
    native_watching:main(File),
    leaving(File),
    halt(0).

%% The file is closed, and begins anew, when the module has gone and nothing of the library is left.
leaving(File) ->
    erlang:garbage_collect(),
    forget(),
    show("count", {native_watching:call_count(), native_watching:call_count()}),
    Old = spawn_link(native_watching, stays, [self()]),
    show("old", receive {Old, First} -> First end),
    {module, _} = code:load_abs(File),
    show("new code", native_watching:call_count()),
    show("upgrade", {native_watching:load(File, self()), native_watching:call_count()}),
    Old ! again,
    show("old still", receive {Old, Second} -> Second end),
    receive {'EXIT', Old, _} -> ok end,
    show("purge", {code:soft_purge(native_watching), told()}),
    Pipe = native_watching:new_pipe(),
    true = code:delete(native_watching),
    show("deleted", {code:soft_purge(native_watching), none()}),
    show("resource goes", begin drop(Pipe), erlang:garbage_collect(), [told(), told()] end),
    {module, _} = code:load_abs(File),
    show("anew", {native_watching:load(File, self()), native_watching:call_count()}),
    true = code:delete(native_watching),
    io:format("last: ~0p~n", [{code:soft_purge(native_watching), told()}]).

show(Label, Value) -> io:format("~s: ~0p~n", [Label, Value]).
forget() -> receive {pipe, ended} -> forget() after 300 -> ok end.
none() -> receive M -> M after 200 -> none end.
told() -> receive M -> M after 20000 -> nothing end.
drop(Pipe) -> is_reference(Pipe).
