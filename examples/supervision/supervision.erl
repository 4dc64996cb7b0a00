%% A tree of supervisors and workers that crash.
%%
%%            top (one_for_one)
%%           /                 \
%%      counter            pair (one_for_all)
%%                        /                  \
%%                     left                 right
%%
%% "Let it crash": a worker does not try to survive what it does not understand. It dies, and its supervisor starts a fresh one in
%% a known state. With one_for_one only the dead child is restarted; with one_for_all its siblings are as well, for children that
%% depend on each other.
-module(supervision).
-behaviour(supervisor).
-export([main/1, init/1, start_worker/1, worker/2]).

%% --- supervisors ---

init(top) ->
    %% More than 5 restarts within 10 seconds: the supervisor gives up and dies itself, for its own supervisor to decide.
    {ok, {#{strategy => one_for_one, intensity => 5, period => 10},
          [child(counter),
           #{id => pair, start => {supervisor, start_link, [{local, pair}, ?MODULE, pair]}, type => supervisor}]}};
init(pair) ->
    {ok, {#{strategy => one_for_all, intensity => 5, period => 10}, [child(left), child(right)]}}.

child(Name) -> #{id => Name, start => {?MODULE, start_worker, [Name]}}.

%% --- workers ---

start_worker(Name) ->
    %% proc_lib:start_link waits until the worker says that it is ready.
    proc_lib:start_link(?MODULE, worker, [self(), Name]).

worker(Supervisor, Name) ->
    register(Name, self()),
    proc_lib:init_ack(Supervisor, {ok, self()}),
    loop(Name, 0).

loop(Name, Count) ->
    receive
        {count, From} ->
            From ! {Name, Count + 1},
            loop(Name, Count + 1);
        {divide_by, Number} ->
            %% Dividing by zero ends this process.
            _ = 100 div Number,
            loop(Name, Count)
    end.

%% --- a demonstration ---

main(_) ->
    %% The reports of crashes are worth reading; here they would only be in the way.
    logger:set_primary_config(level, none),
    {ok, _} = supervisor:start_link({local, top}, ?MODULE, top),
    show("all three", [count(counter), count(counter), count(left), count(right)]),
    crash(counter, [counter]),
    show("counter started afresh", [count(counter), count(left), count(right)]),
    crash(left, [left, right]),
    show("left and right started afresh", [count(counter), count(left), count(right)]),
    io:format("the tree: ~p~n", [[Id || {Id, Pid, _, _} <- lists:sort(supervisor:which_children(top)), is_pid(Pid)]]).

show(Label, Counts) -> io:format("~s: ~w~n", [Label, Counts]).

count(Name) ->
    Name ! {count, self()},
    receive {Name, Count} -> Count after 5000 -> exit({no_answer, Name}) end.

%% Crashes a worker and waits until those that are restarted with it are back under their names.
crash(Name, Restarted) ->
    Before = [{N, whereis(N)} || N <- Restarted],
    Name ! {divide_by, 0},
    [wait_for_another(N, Old) || {N, Old} <- Before].

wait_for_another(Name, Old) ->
    case whereis(Name) of
        Pid when is_pid(Pid), Pid =/= Old -> ok;
        _ -> timer:sleep(5), wait_for_another(Name, Old)
    end.
