%% The functions that distribution stands on, on a node that is not alive: what they say, and how they refuse.
-module(distribution_functions).
-export([main/0]).

main() ->
    show(flags, erts_internal:get_dflags()),
    Ref = make_ref(),
    Wrong = [foo, 1, -1, {}, [], <<>>, Ref, self()],
    [show(Name, [try F(X) of Y -> {ok, Y} catch C:E -> {C, E} end || X <- Wrong])
     || {Name, F} <- [{get_data, fun erlang:dist_ctrl_get_data/1},
                      {notification, fun erlang:dist_ctrl_get_data_notification/1},
                      {get_opt, fun(X) -> erlang:dist_ctrl_get_opt(X, get_size) end},
                      {set_opt, fun(X) -> erlang:dist_ctrl_set_opt(X, get_size, true) end},
                      {put_data, fun(X) -> erlang:dist_ctrl_put_data(X, <<"x">>) end},
                      {input_handler, fun(X) -> erlang:dist_ctrl_input_handler(X, self()) end},
                      {stat, fun erlang:dist_get_stat/1},
                      {abort, fun(X) -> erts_internal:abort_pending_connection('a@b', X) end},
                      {abort_node, fun(X) when X =/= foo -> erts_internal:abort_pending_connection(X, {1, Ref}); (_) -> none end},
                      {new_connection, fun(X) when X =/= foo -> erts_internal:new_connection(X); (_) -> none end},
                      {channel, fun(X) -> erts_internal:create_dist_channel('a@b', X, {hidden, 1, 1}) end},
                      {channel_flags, fun(X) -> erts_internal:create_dist_channel('a@b', self(), X) end},
                      {spawn, fun(X) -> erts_internal:dist_spawn_request(X, {m, f, []}, [], spawn_request) end},
                      {spawn_mfa, fun(X) -> erts_internal:dist_spawn_request('a@b', X, [], spawn_request) end},
                      {setnode, fun(X) -> erlang:setnode(X, 1) end},
                      {setnode_creation, fun(X) when X =/= 1 -> erlang:setnode('a@b', X); (_) -> none end}]],
    show(alive, {node(), nodes(), is_alive(), erlang:get_cookie()}).

show(Name, X) -> io:format("~w: ~w~n", [Name, name(X)]).

%% Processes and references have other numbers.
name(X) when is_pid(X) -> pid;
name(X) when is_reference(X) -> reference;
name([H | T]) -> [name(H) | name(T)];
name(T) when is_tuple(T) -> list_to_tuple(name(tuple_to_list(T)));
name(X) -> X.
