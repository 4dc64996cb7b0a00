%% @doc What machines need on a node: their table, profiles and templates.
-module(hanse_machine_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

-spec start_link() -> supervisor:startlink_ret().
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% Whoever comes later uses those before.
-spec init([]) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init([]) ->
    {ok, {#{strategy => rest_for_one},
          [#{id => Module, start => {Module, start_link, []}} || Module <- [hanse_machines, hanse_machine_profile, hanse_template]]}}.
