%% Applications: load, start, stop, dependencies, environment, start types, failures.
-module(applications).
-export([main/0]).
-behaviour(application).
-export([start/2, stop/1, prep_stop/1, init/1]).
main() ->
    logger:set_primary_config(level, none), register(main, self()), application:load(app(app_a, [kernel, stdlib], [{k, 1}, {l, [x]}])), application:load(app(app_b, [app_a], [])), application:load(app(app_c, [no_such_app], [])), application:load(app(app_f, [], [{fail, true}])), show([application:load(app(app_a, [], [])), application:start(app_b), application:start(app_a), application:start(app_b), application:start(app_b), application:start(app_c), element(1, application:start(app_f))]), show(drain()),
    show([lists:sort([N || {N, _, _} <- application:which_applications(), lists:prefix("app_", atom_to_list(N))]), application:get_env(app_a, k), application:get_env(app_a, none), application:get_env(app_a, none, default), application:set_env(app_a, k, 2), application:get_env(app_a, k), lists:sort(application:get_all_env(app_a)), application:unset_env(app_a, k), application:get_env(app_a, k), application:get_key(app_a, applications), application:get_key(app_a, none), application:get_all_key(no_app)]), show([application:stop(app_b), application:stop(app_b), application:unload(app_b), application:unload(app_a), application:stop(app_a), application:unload(app_a), application:unload(app_a)]), show(drain()), show([application:ensure_all_started(no_such_application) =/= x, application:ensure_started(stdlib), application:ensure_started(no_such_application_xyz), application:get_application(lists), application:get_application(?MODULE), application:start(1) =/= x]), application:load(app(app_d, [], [])), application:load(app(app_e, [app_d], [])), show(application:ensure_all_started(app_e)), drain(), application:load({application, app_t, [{mod, {?MODULE, crash_later}}]}), show(application:start(app_t, temporary)), drain(), [exit(P, kill) || P <- [whereis(app_sup_crash_later)], is_pid(P)], timer:sleep(300), show([lists:keymember(app_t, 1, application:which_applications())]), show(drain()), show([try application:load(foo_bar_baz) catch _:R -> R end, try application:load({application, 1, []}) catch _:R2 -> R2 end, application:set_env([{app_x, [{a, 1}]}]), application:get_env(app_x, a)]).
app(N, Deps, Env) -> {application, N, [{description, "test"}, {vsn, "1"}, {modules, []}, {registered, []}, {applications, Deps}, {env, Env}, {mod, {?MODULE, N}}]}.
start(T, A) -> main ! {app, {start, T, A}}, case application:get_env(A, fail) of {ok, true} -> {error, failing}; _ -> {ok, P} = supervisor:start_link({local, list_to_atom("app_sup_" ++ atom_to_list(A))}, ?MODULE, []), {ok, P, {state, A}} end.
prep_stop({state, A}) -> main ! {app, {prep_stop, A}}, {prepared, A}.
stop(S) -> main ! {app, {stop, S}}.
init([]) -> {ok, {#{}, []}}.
drain() -> receive {app, X} -> [X | drain()] after 800 -> [] end.
show(X) -> io:format("~p~n", [X]).
