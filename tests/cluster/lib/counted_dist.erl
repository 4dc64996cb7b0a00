%% A distribution module for -proto_dist counted: TCP, and every connection is written down.
-module(counted_dist).
-export([listen/2, accept/1, accept_connection/5, setup/5, close/1, select/1, address/0, childspecs/0, is_node_name/1]).

listen(Name, Host) -> note(listen), inet_tcp_dist:listen(Name, Host).
accept(Listen) -> inet_tcp_dist:accept(Listen).
accept_connection(Acceptor, Socket, MyNode, Allowed, SetupTime) ->
    note(accept),
    inet_tcp_dist:accept_connection(Acceptor, Socket, MyNode, Allowed, SetupTime).
setup(Node, Type, MyNode, LongOrShort, SetupTime) ->
    note(setup),
    inet_tcp_dist:setup(Node, Type, MyNode, LongOrShort, SetupTime).
close(Listen) -> inet_tcp_dist:close(Listen).
select(Node) -> inet_tcp_dist:select(Node).
address() -> inet_tcp_dist:address().
childspecs() -> {ok, []}.
is_node_name(Node) -> dist_util:is_node_name(Node).

note(What) ->
    Key = {?MODULE, What},
    persistent_term:put(Key, persistent_term:get(Key, 0) + 1).
