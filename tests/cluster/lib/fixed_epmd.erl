%% For -epmd_module: every other node listens on the port that FIXED_OTHER names.
-module(fixed_epmd).
-export([start_link/0, register_node/2, register_node/3, address_please/3, port_please/2, port_please/3, names/1]).

start_link() -> ignore.
register_node(_, _) -> {ok, erlang:system_time(second) band 16#ffffffff}.
register_node(Name, Port, _) -> register_node(Name, Port).
address_please(_, _, _) -> {ok, {127, 0, 0, 1}, list_to_integer(os:getenv("FIXED_OTHER")), 6}.
port_please(Name, Host) -> port_please(Name, Host, infinity).
port_please(_, _, _) -> {port, list_to_integer(os:getenv("FIXED_OTHER")), 6}.
names(_) -> {error, address}.
