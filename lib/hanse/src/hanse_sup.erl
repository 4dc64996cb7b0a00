%% @doc The top supervisor of the application.
-module(hanse_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

-spec start_link() -> supervisor:startlink_ret().
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-spec init([]) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init([]) ->
    {ok, {#{strategy => one_for_one},
          [#{id => hanse_script_pools, start => {hanse_script_pools, start_link, []}, type => supervisor, shutdown => infinity},
           #{id => hanse_machine_sup, start => {hanse_machine_sup, start_link, []}, type => supervisor, shutdown => infinity}]}}.
