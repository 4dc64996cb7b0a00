%% @doc code of a machine: what is loaded; nothing is found in files.
-module(code).

-export([is_loaded/1, ensure_loaded/1, ensure_modules_loaded/1, load_file/1, which/1, all_loaded/0, get_path/0, get_object_code/1, priv_dir/1,
         lib_dir/1, lib_dir/2, is_sticky/1, get_mode/0]).

is_loaded(Module) when is_atom(Module) ->
    case there(Module) of
        true -> {file, atom_to_list(Module)};
        false -> false
    end.

ensure_loaded(Module) when is_atom(Module) ->
    case there(Module) of
        true -> {module, Module};
        false -> {error, nofile}
    end.

%% Every module has that function, and it is what the machine sees.
there(Module) -> try Module:module_info(module) =:= Module catch error:undef -> false; error:badarg -> true end.

ensure_modules_loaded(Modules) ->
    case [{Module, nofile} || Module <- Modules, not there(Module)] of
        [] -> ok;
        Missing -> {error, Missing}
    end.

load_file(Module) -> ensure_loaded(Module).

which(Module) when is_atom(Module) -> non_existing.

all_loaded() -> [].
get_path() -> [].
get_object_code(_) -> error.
priv_dir(_) -> {error, bad_name}.
lib_dir(_) -> {error, bad_name}.
lib_dir(_, _) -> {error, bad_name}.
is_sticky(_) -> false.
get_mode() -> embedded.
