%% @doc The natives of machines, for lib/hanse only: {@link hanse_machine} is what programs use. Serials and realm ids are whole numbers that
%% are never used again. All but environment/0 need the host's authority; wrong types raise badarg.
-module(prim_machine).

-export([realm_new/2, realm_release/1, realm_load/4, realm_purge/2, realm_delete/2, realm_modules/1, realm_exports/4]).
-export([machine_new/2, machine_set/2, machine_spawn/5, machine_kill/2, machine_serve/1, machine_suspend/1, machine_resume/1, machine_info/1, machines/0,
         machine_of/1, environment/0]).
-export_type([realm/0, serial/0, allow/0]).

-type realm() :: pos_integer().
-type serial() :: pos_integer().
%% Modules of the host that are visible, whole or by function.
-type allow() :: [module() | {module(), [{Function :: atom(), arity()}]}].

%% @doc A realm over another; the caller owns it. It lives on while machines or other realms use it.
-spec realm_new(host | realm(), allow()) -> realm().
realm_new(_Base, _Allow) -> erlang:nif_error(undef).

-spec realm_release(realm()) -> true.
realm_release(_Realm) -> erlang:nif_error(undef).

%% @doc `verified': the strict check for code of strangers.
-spec realm_load(realm(), module(), binary(), verified | trusted) -> ok | {error, {badfile, binary()} | reserved | not_purged | on_load}.
realm_load(_Realm, _Module, _Beam, _Trust) -> erlang:nif_error(undef).

%% @doc Ends the processes that run old code of the module, and frees it; false if there was none.
-spec realm_purge(realm(), module()) -> boolean().
realm_purge(_Realm, _Module) -> erlang:nif_error(undef).

-spec realm_delete(realm(), module()) -> boolean().
realm_delete(_Realm, _Module) -> erlang:nif_error(undef).

%% @doc The modules of its own layer.
-spec realm_modules(realm()) -> [module()].
realm_modules(_Realm) -> erlang:nif_error(undef).

-spec realm_exports(realm(), module(), atom(), arity()) -> boolean().
realm_exports(_Realm, _Module, _Function, _Arity) -> erlang:nif_error(undef).

%% @doc A machine that the caller owns: it is killed when the caller ends.
-spec machine_new(realm(), map()) -> serial().
machine_new(_Realm, _Options) -> erlang:nif_error(undef).

%% @doc Changes limits, share, permissions, on_limit or group_leader while it runs.
-spec machine_set(serial(), map()) -> ok.
machine_set(_Serial, _Options) -> erlang:nif_error(undef).

%% @doc Raises system_limit if the machine may have no more processes, badarg if there is no such machine.
-spec machine_spawn(serial(), module(), atom(), [term()], [monitor | link | {group_leader, pid()}]) -> pid() | {pid(), reference()}.
machine_spawn(_Serial, _Module, _Function, _Arguments, _Options) -> erlang:nif_error(undef).

%% @doc Ends every process and frees everything; then {machine_down, Serial, Reason} goes to `notify'.
-spec machine_kill(serial(), term()) -> ok.
machine_kill(_Serial, _Reason) -> erlang:nif_error(undef).

%% @doc The calling process of the host works for the machine: until it ends it runs on the machine's share of the processors, before the
%% machine's own processes, and what it uses counts as the machine's reductions and time. It runs whatever is left of these.
-spec machine_serve(serial()) -> ok.
machine_serve(_Serial) -> erlang:nif_error(undef).

-spec machine_suspend(serial()) -> ok.
machine_suspend(_Serial) -> erlang:nif_error(undef).

-spec machine_resume(serial()) -> ok.
machine_resume(_Serial) -> erlang:nif_error(undef).

-spec machine_info(serial()) -> map().
machine_info(_Serial) -> erlang:nif_error(undef).

-spec machines() -> [serial()].
machines() -> erlang:nif_error(undef).

-spec machine_of(pid()) -> serial() | host | undefined.
machine_of(_Pid) -> erlang:nif_error(undef).

%% @doc Inside a machine: the term that it was given when it was made.
-spec environment() -> term().
environment() -> erlang:nif_error(undef).
