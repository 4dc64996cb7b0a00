%% The module of tests/launch/tracer_modules.c with -DWITH_KINDS.
-module(tracer_of_kinds).
-compile([export_all, nowarn_export_all]).
-define(NATIVE, erlang:nif_error(not_loaded)).

load(Folder) -> erlang:load_nif(filename:join(Folder, ?MODULE), []).
enabled(_, _, _) -> ?NATIVE.
trace(_, _, _, _, _) -> ?NATIVE.
enabled_call(_, _, _) -> ?NATIVE.
trace_call(_, _, _, _, _) -> ?NATIVE.
enabled_garbage_collection(_, _, _) -> ?NATIVE.
trace_garbage_collection(_, _, _, _, _) -> ?NATIVE.
enabled_ports(_, _, _) -> ?NATIVE.
trace_ports(_, _, _, _, _) -> ?NATIVE.
enabled_procs(_, _, _) -> ?NATIVE.
trace_procs(_, _, _, _, _) -> ?NATIVE.
enabled_receive(_, _, _) -> ?NATIVE.
trace_receive(_, _, _, _, _) -> ?NATIVE.
enabled_running_ports(_, _, _) -> ?NATIVE.
trace_running_ports(_, _, _, _, _) -> ?NATIVE.
enabled_running_procs(_, _, _) -> ?NATIVE.
trace_running_procs(_, _, _, _, _) -> ?NATIVE.
enabled_send(_, _, _) -> ?NATIVE.
trace_send(_, _, _, _, _) -> ?NATIVE.
