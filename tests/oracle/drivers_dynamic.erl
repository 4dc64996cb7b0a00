%% erl_ddll: what it answers about drivers that are not there, and wrong arguments.
-module(drivers_dynamic).
-export([main/0]).

main() -> lists:foreach(fun show/1, cases()).

show({F, A}) ->
    Result = try apply(erl_ddll, F, A) catch C:R -> {C, R} end,
    io:format("~w ~0p -> ~0p~n", [F, tidy(A), tidy(Result)]).

tidy(R) when is_reference(R) -> ref;
tidy({ok, Names}) when is_list(Names) -> {ok, is_list(Names)};
tidy(T) when is_tuple(T) -> list_to_tuple([tidy(X) || X <- tuple_to_list(T)]);
tidy([X]) when is_reference(X) -> [ref];
tidy(X) -> X.

cases() ->
    [{loaded_drivers, []},
     {load, ["/tmp", "there_is_no_such_driver"]},
     {load_driver, ["/tmp", "there_is_no_such_driver"]},
     {load, [foo, bar]},
     {load, ["/tmp", 17]},
     {try_load, ["/tmp", "no_such_driver", [{driver_options, [kill_ports]}]]},
     {try_load, ["/tmp", "no_such_driver", [{monitor, pending}]]},
     {try_load, ["/tmp", "no_such_driver", [foo]]},
     {try_load, ["/tmp", "no_such_driver", foo]},
     {unload, ["no_such_driver"]},
     {unload_driver, ["no_such_driver"]},
     {try_unload, ["no_such_driver", []]},
     {try_unload, ["no_such_driver", [{monitor, pending}]]},
     {try_unload, ["no_such_driver", [kill_ports]]},
     {try_unload, ["no_such_driver", foo]},
     {try_unload, [17, []]},
     {reload, ["/tmp", "no_such_driver"]},
     {info, ["no_such_driver"]},
     {info, ["no_such_driver", processes]},
     {info, ["no_such_driver", foo]},
     {info, [17, processes]},
     {format_error, [no_driver]},
     {format_error, [already_loaded]},
     {format_error, [inconsistent]},
     {format_error, [linked_in_driver]},
     {format_error, [permanent]},
     {format_error, [not_loaded]},
     {format_error, [not_loaded_by_this_process]},
     {format_error, [not_pending]},
     {format_error, [bad_driver_name]},
     {format_error, [foo]},
     {format_error_int, [already_loaded]},
     {monitor, [driver, {"no_such_driver", loaded}]},
     {monitor, [driver, foo]},
     {monitor, [foo, {"no_such_driver", loaded}]},
     {demonitor, [make_ref()]},
     {demonitor, [foo]}].
