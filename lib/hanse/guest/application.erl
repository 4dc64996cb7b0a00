%% @doc application of a machine: the settings that it was given (option application) and those that it makes. Nothing has to be started.
-module(application).

-export([get_env/1, get_env/2, get_env/3, get_all_env/0, get_all_env/1, set_env/1, set_env/2, set_env/3, set_env/4, unset_env/2, unset_env/3]).
-export([get_application/0, get_application/1, get_key/1, get_key/2, get_all_key/0, get_all_key/1, start/1, start/2, ensure_started/1,
         ensure_started/2, ensure_all_started/1, ensure_all_started/2, stop/1, load/1, unload/1, loaded_applications/0, which_applications/0]).

get_env(Key) -> get_env(none, Key).

get_env(Application, Key) ->
    case settings() of
        #{{Application, Key} := {set, Value}} -> {ok, Value};
        #{{Application, Key} := unset} -> undefined;
        _ ->
            case given(Application) of
                #{Key := Value} -> {ok, Value};
                _ -> undefined
            end
    end.

get_env(Application, Key, Default) ->
    case get_env(Application, Key) of
        {ok, Value} -> Value;
        undefined -> Default
    end.

get_all_env() -> [].

get_all_env(Application) ->
    Changed = [{Key, Change} || {{Of, Key}, Change} <- maps:to_list(settings()), Of =:= Application],
    maps:to_list(maps:without([Key || {Key, _} <- Changed], given(Application))) ++ [{Key, Value} || {Key, {set, Value}} <- Changed].

set_env(Config) -> set_env(Config, []).

set_env(Config, _) when is_list(Config) ->
    [set_env(Application, Key, Value) || {Application, Keys} <- Config, {Key, Value} <- Keys],
    ok.

set_env(Application, Key, Value) -> change({Application, Key}, {set, Value}).

set_env(Application, Key, Value, _) -> set_env(Application, Key, Value).

unset_env(Application, Key) -> change({Application, Key}, unset).

unset_env(Application, Key, _) -> unset_env(Application, Key).

given(Application) -> maps:get(Application, maps:get(application, prim_machine:environment(), #{}), #{}).

%% Changed settings are a table of a process that is there from the first change on.
settings() -> try maps:from_list(ets:tab2list(?MODULE)) catch error:badarg -> #{} end.

change(Key, Value) ->
    try ets:insert(?MODULE, {Key, Value}) of true -> ok
    catch error:badarg ->
        {_, Monitor} = spawn_monitor(fun holder/0),
        receive {'DOWN', Monitor, process, _, _} -> ok end,
        change(Key, Value)
    end.

%% Of several that begin at the same time one makes the table, which its child keeps.
holder() ->
    Starter = self(),
    Child = spawn(fun() ->
        Made = try ets:new(?MODULE, [named_table, public]) of _ -> true catch error:badarg -> false end,
        Starter ! {self(), made},
        Made andalso receive never -> ok end
    end),
    receive {Child, made} -> ok end.

get_application() -> undefined.
get_application(_) -> undefined.
get_key(_) -> undefined.
get_key(_, _) -> undefined.
get_all_key() -> [].
get_all_key(_) -> undefined.
start(_) -> ok.
start(_, _) -> ok.
ensure_started(_) -> ok.
ensure_started(_, _) -> ok.
ensure_all_started(_) -> {ok, []}.
ensure_all_started(_, _) -> {ok, []}.
stop(_) -> ok.
load(_) -> ok.
unload(_) -> ok.
loaded_applications() -> [].
which_applications() -> [].
