%% @doc Supervisor of pools that were not put below another one: those of `hanse scripts'.
-module(hanse_script_pools).
-behaviour(supervisor).

-export([start_link/0, init/1, start_pool/1, stop_pool/1]).

-spec start_link() -> supervisor:startlink_ret().
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-spec init([]) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init([]) -> {ok, {#{strategy => one_for_one, intensity => 10, period => 60}, []}}.

-spec start_pool(hanse_script:options()) -> supervisor:startchild_ret().
start_pool(Options) -> supervisor:start_child(?MODULE, hanse_script:child_spec(Options)).

-spec stop_pool(hanse_script:pool()) -> ok | {error, term()}.
stop_pool(Name) ->
    case supervisor:terminate_child(?MODULE, Name) of
        ok -> supervisor:delete_child(?MODULE, Name);
        Error -> Error
    end.
