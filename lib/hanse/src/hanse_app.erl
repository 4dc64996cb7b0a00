%% @doc The application `hanse'. Pools of scripts also work without it, below any supervisor; with it, pools can be added to
%% {@link hanse_script_pools}.
-module(hanse_app).
-behaviour(application).

-export([start/2, stop/1]).

-spec start(application:start_type(), term()) -> {ok, pid()} | {error, term()}.
start(_Type, _Arguments) -> hanse_sup:start_link().

-spec stop(term()) -> ok.
stop(_State) -> ok.
