%% @doc The gateway and what it needs. A part that fails takes down those that were started behind it.
-module(hanse_gateway_sup).
-behaviour(supervisor).

-export([start_link/1, init/1, child_spec/1]).

-spec child_spec(map()) -> supervisor:child_spec().
child_spec(Options) -> #{id => ?MODULE, start => {?MODULE, start_link, [Options]}, type => supervisor, shutdown => infinity}.

-spec start_link(map()) -> supervisor:startlink_ret().
start_link(Options) -> supervisor:start_link({local, ?MODULE}, ?MODULE, Options).

-spec init(map()) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init(Options) ->
    {ok, {#{strategy => rest_for_one, intensity => 5, period => 30},
          [#{id => Module, start => {Module, start_link, []}, shutdown => 30000} || Module <- [hanse_audit, hanse_gateway_policy, hanse_gateway_proxy]]
          ++ [#{id => hanse_gateway, start => {hanse_gateway, start_link, [Options]}, shutdown => 30000}]}}.
