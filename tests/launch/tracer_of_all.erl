%% The module of tests/launch/tracer_modules.c.
-module(tracer_of_all).
-export([load/1, enabled/3, trace/5]).

load(Folder) -> erlang:load_nif(filename:join(Folder, ?MODULE), []).
enabled(_, _, _) -> erlang:nif_error(not_loaded).
trace(_, _, _, _, _) -> erlang:nif_error(not_loaded).
