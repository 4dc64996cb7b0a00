%% @doc Profiles: what of the host exists inside a machine, and what is there instead.
%%
%% `pure': data and text, nothing that has servers: lists, maps, string, io_lib, ets, re and the like; io prints to the machine's output.
%% `otp': also gen_server, gen_statem, gen_event, supervisor, proc_lib and sys. `host': every module that the host has loaded.
%%
%% A module of the host runs as it is if all that it uses is data. What touches names, tables or servers of the node exists as the machine's
%% own: fresh copies of OTP's files, and ours under OTP's names (lib/hanse/guest) for logger, application, code, file and others. One realm
%% for each profile, made when it is first asked for.
-module(hanse_machine_profile).
-behaviour(gen_server).

-export([start_link/0, realm/1, ready/1, modules/1, permissions/1]).
-export([init/1, handle_call/3, handle_cast/2]).
-export_type([profile/0]).

-type profile() :: pure | otp | host.

-define(PROFILES, [pure, otp, host]).

%% Whole modules of the host.
-define(PURE, [erlang, lists, maps, string, binary, math, proplists, dict, orddict, sets, ordsets, gb_trees, gb_sets, queue, array, unicode,
               unicode_util, re, base64, calendar, rand, random, uri_string, sofs, digraph, digraph_utils, ets, erl_anno, erl_internal, erl_bits,
               counters, atomics, erl_erts_errors, erl_stdlib_errors, erl_kernel_errors]).
%% Single functions.
-define(PARTS, [{prim_machine, [{environment, 0}]}, {erts_internal, [{spawn_request, 4}]}, {prim_eval, [{'receive', 2}]},
                {inet_parse, [{address, 1}, {ntoa, 1}]}, {epp, [{default_encoding, 0}]}, {net_kernel, [{dflag_unicode_io, 1}]},
                {otp_internal, [{obsolete, 3}, {obsolete_type, 3}]},
                {seq_trace, [{set_token, 1}, {set_token, 2}, {get_token, 0}, {get_token, 1}]}]).
%% What those above call, so that nobody has to load it for them when a guest is there first.
-define(NEEDED, [epp, inet, inet_parse, os]).
%% Fresh copies of OTP's files: pure, and otp as well. Whatever prints or reads Erlang asks erl_features, which is another one inside.
-define(COPIES, [filename, io, io_lib, io_lib_format, io_lib_pretty, io_lib_fread, erl_scan, erl_parse, erl_error, erl_pp, erl_eval, eval_bits,
                 erl_lint, ms_transform]).
-define(OTP_COPIES, [gen, gen_server, gen_statem, gen_event, supervisor, supervisor_bridge, proc_lib, sys]).
%% Ours, lib/hanse/guest.
-define(SHIMS, [hanse_guest, hanse_outside, erl_features, timer, os, logger, error_logger, application, code, global, init, file, filelib, gen_tcp, gen_udp, inet]).

-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @doc The realm of a profile; {error, {profile, Text}} if a module cannot be loaded.
-spec realm(profile()) -> {ok, prim_machine:realm()} | {error, {profile, binary()}}.
realm(Profile) ->
    case persistent_term:get({?MODULE, Profile}, none) of
        none -> gen_server:call(?MODULE, {realm, Profile}, infinity);
        Realm -> {ok, Realm}
    end.

%% @doc Modules of the host that a user allows, loaded; those that do not exist are an error.
-spec ready([module() | {module(), list()}]) -> {ok, prim_machine:allow()} | {error, {no_module, module()}}.
ready(Modules) ->
    case [Module || Entry <- Modules, Module <- [module(Entry)], not loaded(Module)] of
        [] -> {ok, Modules};
        [Missing | _] -> {error, {no_module, Missing}}
    end.

module({Module, _}) -> Module;
module(Module) -> Module.

loaded(Module) -> code:ensure_loaded(Module) =:= {module, Module}.

%% @doc What permissions a profile brings along.
-spec permissions(profile()) -> [atom()].
permissions(pure) -> [];
permissions(_) -> [clock].  % supervisors and time limits of calls

%% @doc The modules of a profile: of the host, copies, ours.
-spec modules(profile()) -> {prim_machine:allow(), [module()], [module()]}.
modules(pure) -> {?PURE ++ ?PARTS, ?COPIES, ?SHIMS};
modules(otp) -> {?PURE ++ ?PARTS, ?COPIES ++ ?OTP_COPIES, ?SHIMS};
modules(host) ->
    Own = ?COPIES ++ ?OTP_COPIES ++ ?SHIMS,
    {(([Module || {Module, _} <- code:all_loaded()] -- Own) -- [hanse_machines, prim_machine]) ++ [{prim_machine, [{environment, 0}]}],
     ?COPIES ++ ?OTP_COPIES, ?SHIMS}.

init([]) ->
    [persistent_term:erase({?MODULE, Profile}) || Profile <- ?PROFILES],
    {ok, none}.

handle_call({realm, Profile}, _From, State) ->
    {reply, case persistent_term:get({?MODULE, Profile}, none) of
                none -> make(Profile);
                Realm -> {ok, Realm}
            end, State}.

handle_cast(_, State) -> {noreply, State}.

make(Profile) ->
    [loaded(Module) || Module <- ?NEEDED],
    {Allow, Copies, Shims} = modules(Profile),
    Realm = prim_machine:realm_new(host, [Entry || Entry <- Allow, loaded(module(Entry))]),
    try
        [load(Realm, Module, otp(Module)) || Module <- Copies],
        [load(Realm, Module, own(Module)) || Module <- Shims],
        persistent_term:put({?MODULE, Profile}, Realm),
        {ok, Realm}
    catch throw:{missing, Text} ->
        prim_machine:realm_release(Realm),
        {error, {profile, iolist_to_binary(Text)}}
    end.

load(Realm, Module, Beam) ->
    case prim_machine:realm_load(Realm, Module, Beam, trusted) of
        ok -> ok;
        {error, Reason} -> throw({missing, io_lib:format("~w: ~0tp", [Module, Reason])})
    end.

otp(Module) ->
    case code:get_object_code(Module) of
        {Module, Beam, _} -> Beam;
        error -> throw({missing, io_lib:format("~w.beam is not there", [Module])})
    end.

own(Module) ->
    Path = filename:join([code:priv_dir(hanse), "guest", atom_to_list(Module) ++ ".beam"]),
    case file:read_file(Path) of
        {ok, Beam} -> Beam;
        {error, Reason} -> throw({missing, [Path, ": ", file:format_error(Reason)]})
    end.
