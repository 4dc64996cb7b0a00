%% @doc The supervisor of one pool: its log, its workers, and the process that knows them all. If one of these fails they all start
%% again; workers that fail are the pool's business (hanse_script_pool).
-module(hanse_script_sup).
-behaviour(supervisor).

-export([start_link/1, init/1, child/2, start_workers/0]).

-spec start_link(map()) -> supervisor:startlink_ret().
start_link(Options) -> supervisor:start_link(?MODULE, {pool, Options}).

%% @doc The process of one of the parts. Not to be called while the supervisor starts them.
-spec child(pid(), log | workers | pool) -> pid().
child(Supervisor, Id) ->
    {Id, Pid, _, _} = lists:keyfind(Id, 1, supervisor:which_children(Supervisor)),
    Pid.

-spec start_workers() -> supervisor:startlink_ret().
start_workers() -> supervisor:start_link(?MODULE, workers).

init({pool, #{drain_timeout_ms := Drain, stop_timeout_ms := Stop} = Options}) ->
    {ok, {#{strategy => one_for_all, intensity => 3, period => 60},
          [#{id => log, start => {hanse_script_log, start_link, [Options]}},
           #{id => workers, start => {?MODULE, start_workers, []}, type => supervisor, shutdown => infinity},
           #{id => pool, start => {hanse_script_pool, start_link, [self(), Options]}, shutdown => Drain + Stop + 5000}]}};
init(workers) ->
    {ok, {#{strategy => simple_one_for_one},
          [#{id => worker, start => {hanse_script_worker, start_link, []}, restart => temporary}]}}.
