%% @doc Templates: code that is loaded once and shared by all machines that are started from it, with their options.
%%
%% ```
%% ok = hanse_template:new(tenant, #{code => [{app, Source}], limits => #{memory => 5000000}}),
%% {ok, Machine} = hanse_machine:start(#{template => tenant}).
%% '''
-module(hanse_template).
-behaviour(gen_server).

-export([new/2, delete/1, list/0, start_link/0]).
-export([spec/1, prepare/1, change/2, prim_limits/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% Of the code, of a template, or without sense for many machines.
-define(FIXED, [code, includes, modules, profile]).
-define(OURS, [open_files, file_bytes, connections, network_bytes]).

%% @doc Makes a template. Options are those of a machine, but for name and template; the name of the template is an atom.
-spec new(atom(), hanse_machine:options()) -> ok | {error, exists | {bad_option, [term()], binary()} | term()}.
new(Name, Options) when is_atom(Name), is_map(Options) ->
    hanse_machines:ensure(),
    case maps:with([name, template], Options) of
        Without when map_size(Without) > 0 ->
            {error, {bad_option, [hd(maps:keys(Without))], <<"not for a template: machines have names, templates have code">>}};
        _ ->
            case prepare(Options) of
                {ok, Spec} -> gen_server:call(?MODULE, {new, Name, Spec}, infinity);
                Error -> Error
            end
    end.

%% @doc Forgets a template. Machines that were started from it go on.
-spec delete(atom()) -> ok | {error, no_template}.
delete(Name) ->
    hanse_machines:ensure(),
    gen_server:call(?MODULE, {delete, Name}, infinity).

-spec list() -> [atom()].
list() ->
    hanse_machines:ensure(),
    gen_server:call(?MODULE, list, infinity).

-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @private
-spec spec(atom()) -> {ok, hanse_machine_keeper:spec()} | error.
spec(Name) ->
    case persistent_term:get({?MODULE, Name}, none) of
        none -> error;
        Spec -> {ok, Spec}
    end.

%% @private From options to what keepers need: code is compiled, profiles are there.
-spec prepare(map()) -> {ok, hanse_machine_keeper:spec()} | {error, term()}.
prepare(Given) ->
    case hanse_machine_options:complete(Given) of
        {ok, #{profile := Profile, modules := Modules, code := Code, includes := Includes} = Options} ->
            case {hanse_machine_profile:realm(Profile), hanse_machine_profile:ready(Modules), hanse_machine_compile:all(Code, Includes)} of
                {{ok, Base}, {ok, Allow}, {ok, Beams}} ->
                    {ok, with_options(#{realm => {own, Base, Allow, Beams}}, Options#{code := [], includes := #{}})};
                {{error, _} = Error, _, _} -> Error;
                {_, {error, _} = Error, _} -> Error;
                {_, _, Error} -> Error
            end;
        {error, {Path, Text}} -> {error, {bad_option, Path, unicode:characters_to_binary(Text)}}
    end.

%% @private The options of a template, some of them changed.
-spec change(hanse_machine_keeper:spec(), map()) -> {ok, hanse_machine_keeper:spec()} | {error, term()}.
change(#{options := Options} = Spec, Changes) ->
    case maps:with(?FIXED, Changes) of
        Fixed when map_size(Fixed) > 0 ->
            {error, {bad_option, [hd(maps:keys(Fixed))], <<"a machine from a template has the template's code">>}};
        _ ->
            case hanse_machine_options:complete(Changes) of
                {ok, Complete} ->
                    Given = maps:with(maps:keys(Changes), Complete),
                    %% Limits one by one: a machine with more memory keeps the others.
                    Limits = case Changes of
                                 #{limits := Wanted} -> maps:merge(maps:get(limits, Options), maps:with(maps:keys(Wanted), maps:get(limits, Given)));
                                 _ -> maps:get(limits, Options)
                             end,
                    {ok, with_options(Spec, (maps:merge(Options, Given))#{limits := Limits})};
                {error, {Path, Text}} -> {error, {bad_option, Path, unicode:characters_to_binary(Text)}}
            end
    end.

with_options(Spec, #{limits := Limits, on_limit := OnLimit, share := Share, permissions := Permissions, profile := Profile,
                     application := Application} = Options) ->
    #{environment := Variables, files := Files} = Permissions,
    Values = [{unicode:characters_to_list(Name), Value} || Name <- Variables, Value <- [os:getenv(unicode:characters_to_list(Name))], Value =/= false],
    Environment = lists:foldl(fun({_, Empty}, Taken) when Empty =:= []; Empty =:= #{} -> Taken;
                                 ({Key, Value}, Taken) -> Taken#{Key => Value}
                              end, #{}, [{application, Application}, {variables, Values}, {roots, [Name || {_, _, Name} <- Files]}]),
    Spec#{options => Options, environment => Environment,
          prim => #{limits => prim_limits(Limits), on_limit => OnLimit, share => Share, permissions => permissions(Permissions, Profile)}}.

%% @private Those that the virtual machine keeps; the others are the broker's.
-spec prim_limits(map()) -> map().
prim_limits(Limits) -> maps:filter(fun(_, Limit) -> Limit =/= none end, maps:without(?OURS, Limits)).

permissions(#{clock := Clock, random := Random, statistics := Statistics, monitor := Monitor, names := Names}, Profile) ->
    Own = case Clock of default -> hanse_machine_profile:permissions(Profile); true -> [clock]; false -> [] end,
    Own ++ [random || Random] ++ [statistics || Statistics] ++ [{monitor, Monitor} || Monitor =/= []] ++ [{names, Names} || Names =/= #{}].

%% This process owns the realms of templates.
init([]) ->
    [persistent_term:erase(Key) || {{?MODULE, _} = Key, _} <- persistent_term:get()],
    {ok, #{}}.

handle_call({new, Name, _}, _From, Templates) when is_map_key(Name, Templates) -> {reply, {error, exists}, Templates};
handle_call({new, Name, #{realm := {own, Base, Allow, Beams}, options := Options} = Spec}, _From, Templates) ->
    Realm = prim_machine:realm_new(Base, Allow),
    case load(Realm, Beams) of
        ok ->
            persistent_term:put({?MODULE, Name}, Spec#{realm := {shared, Realm}, modules => [Module || {Module, _} <- Beams],
                                                         options := Options#{template := Name}}),
            {reply, ok, Templates#{Name => Realm}};
        Error ->
            prim_machine:realm_release(Realm),
            {reply, Error, Templates}
    end;
handle_call({delete, Name}, _From, Templates) ->
    case Templates of
        #{Name := Realm} ->
            persistent_term:erase({?MODULE, Name}),
            prim_machine:realm_release(Realm),
            {reply, ok, maps:remove(Name, Templates)};
        _ -> {reply, {error, no_template}, Templates}
    end;
handle_call(list, _From, Templates) -> {reply, lists:sort(maps:keys(Templates)), Templates}.

handle_cast(_, Templates) -> {noreply, Templates}.

handle_info(_, Templates) -> {noreply, Templates}.

load(_, []) -> ok;
load(Realm, [{Module, Beam} | Beams]) ->
    case prim_machine:realm_load(Realm, Module, Beam, verified) of
        ok -> load(Realm, Beams);
        {error, Reason} -> {error, {load, Module, Reason}}
    end.
