%% @doc global of a machine: no names of a cluster.
-module(global).

-export([register_name/2, register_name/3, re_register_name/2, unregister_name/1, whereis_name/1, send/2, registered_names/0, trans/2, trans/3]).

register_name(_, _) -> no.
register_name(_, _, _) -> no.
re_register_name(_, _) -> no.
unregister_name(_) -> ok.
whereis_name(_) -> undefined.
send(Name, Message) -> exit({badarg, {Name, Message}}).
registered_names() -> [].
trans(Id, Fun) -> trans(Id, Fun, []).
trans(_Id, _Fun, _Nodes) -> aborted.
