%% Tags of the dynamic trace, without a dynamic trace.
-module(dtrace_tags).
-export([main/0]).

main() ->
    [io:format("~w ~0p -> ~0p~n", [F, A, try apply(erlang, F, A) catch C:R -> {C, R} end])
     || {F, A} <- [{dt_get_tag, []}, {dt_get_tag_data, []}, {dt_put_tag, [<<"tag">>]}, {dt_get_tag, []}, {dt_get_tag_data, []},
                   {dt_put_tag, [undefined]}, {dt_put_tag, [foo]}, {dt_put_tag, [17]}, {dt_put_tag, ["list"]}, {dt_get_tag, []},
                   {dt_prepend_vm_tag_data, [<<"data">>]}, {dt_append_vm_tag_data, [<<"data">>]}, {dt_prepend_vm_tag_data, ["ab"]},
                   {dt_append_vm_tag_data, [foo]}, {dt_prepend_vm_tag_data, [17]}, {dt_spread_tag, [true]}, {dt_spread_tag, [false]},
                   {dt_restore_tag, [true]}, {dt_restore_tag, [foo]}]].
