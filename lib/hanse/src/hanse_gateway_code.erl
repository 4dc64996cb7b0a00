%% @doc Which code a lent function sees: its module, what that calls among the modules of the lender, and OTP's modules of the profile. Modules of
%% the lender are copies, loaded through the strict check; OTP's others are there only if the grant names them.
-module(hanse_gateway_code).

-export([read/1, realm/4, beam/2]).
-export_type([lent/0]).

%% What the gateway was given: modules with their files.
-type lent() :: #{module() => binary()}.

%% @doc Compiles and reads files: .erl, .beam, or folders of these.
-spec read([file:filename()]) -> {ok, lent()} | {error, unicode:chardata()}.
read(Paths) -> read([File || Path <- Paths, File <- files(Path)], #{}).

files(Path) ->
    case filelib:is_dir(Path) of
        true ->
            Found = fun(Patterns) -> lists:append([filelib:wildcard(filename:join(Path, Pattern)) || Pattern <- Patterns]) end,
            case Found(["*.erl", "src/*.erl"]) of
                [] ->
                    case Found(["*.beam", "ebin/*.beam"]) of
                        [] -> [{nothing, Path}];
                        Beams -> Beams
                    end;
                Sources -> Sources
            end;
        false -> [Path]
    end.

read([{nothing, Path} | _], _) -> {error, [Path, " has no .erl or .beam files"]};
read([File | Files], Taken) ->
    case filename:extension(File) of
        ".beam" ->
            case file:read_file(File) of
                {ok, Beam} ->
                    case beam_lib:info(Beam) of
                        {error, _, _} -> {error, [File, ": not a .beam file"]};
                        Info -> read(Files, Taken#{proplists:get_value(module, Info) => Beam})
                    end;
                {error, Reason} -> {error, [File, ": ", file:format_error(Reason)]}
            end;
        ".erl" ->
            Folder = filename:dirname(File),
            Include = [{i, Folder}, {i, filename:join(filename:dirname(Folder), "include")}],
            case compile:file(File, [binary, debug_info, return | Include]) of
                {ok, Module, Beam, _} -> read(Files, Taken#{Module => Beam});
                {ok, Module, Beam} -> read(Files, Taken#{Module => Beam});
                {error, Errors, _} -> {error, [File, ": ", [[message(Error), "; "] || {_, All} <- Errors, Error <- lists:sublist(All, 3)]]};
                error -> {error, [File, ": cannot be compiled"]}
            end;
        _ -> {error, [File, ": expected a file .erl or .beam, or a folder of those"]}
    end;
read([], Taken) -> {ok, Taken}.

message({{Line, _}, Module, What}) -> ["line ", integer_to_list(Line), ": ", Module:format_error(What)];
message({Line, Module, What}) when is_integer(Line) -> ["line ", integer_to_list(Line), ": ", Module:format_error(What)];
message({_, Module, What}) -> Module:format_error(What);
message({Module, What}) -> Module:format_error(What).

%% @doc A realm for a grant, which the caller owns; the modules that are copied into it decide whether another will do: {Realm, Digest}.
-spec realm(pure | otp, Granted :: [module()], Named :: [module()], lent()) ->
    {ok, fun(() -> {ok, prim_machine:realm()} | {error, unicode:chardata()}), Digest :: term()} | {error, unicode:chardata()}.
realm(Profile, Granted, Named, Lent) ->
    {Whole, Copies, Shims} = hanse_machine_profile:modules(Profile),
    There = sets:from_list([Module || Module <- Whole ++ Copies ++ Shims, is_atom(Module)], [{version, 2}]),
    try closure(lists:usort(Granted ++ Named), There, Lent, #{}, [], strict) of
        {Beams, Allow} ->
            Digest = {Profile, lists:sort(Allow), [{Module, erlang:md5(Beam)} || {Module, Beam} <- lists:sort(maps:to_list(Beams))]},
            {ok, fun() -> make(Profile, Allow, Beams) end, Digest}
    catch throw:{missing, Text} -> {error, Text}
    end.

%% Modules that are named must be there; of what those call, what is not the lender's stays outside.
closure([Module | More], There, Lent, Beams, Allow, Kind) ->
    case sets:is_element(Module, There) orelse is_map_key(Module, Beams) orelse lists:member(Module, Allow) of
        true -> closure(More, There, Lent, Beams, Allow, Kind);
        false ->
            case beam(Module, Lent) of
                {lent, Beam} ->
                    {Found, Allowed} = closure(calls(Beam), There, Lent, Beams#{Module => Beam}, Allow, lax),
                    closure(More, There, Lent, Found, Allowed, Kind);
                otp when Kind =:= strict -> closure(More, There, Lent, Beams, [Module | Allow], Kind);
                none when Kind =:= strict -> throw({missing, ["there is no module ", atom_to_list(Module)]});
                _ -> closure(More, There, Lent, Beams, Allow, Kind)
            end
    end;
closure([], _, _, Beams, Allow, _) -> {Beams, Allow}.

%% @doc Where a module comes from: the lender's files, the code path, or OTP itself.
-spec beam(module(), lent()) -> {lent, binary()} | otp | none.
beam(Module, Lent) ->
    case Lent of
        #{Module := Beam} -> {lent, Beam};
        _ ->
            case code:get_object_code(Module) of
                {Module, Beam, Path} ->
                    case lists:prefix(code:lib_dir(), Path) orelse lists:prefix(code:lib_dir(hanse), Path) of
                        true -> otp;
                        false -> {lent, Beam}
                    end;
                error -> case erlang:module_loaded(Module) of true -> otp; false -> none end
            end
    end.

calls(Beam) ->
    case beam_lib:chunks(Beam, [imports]) of
        {ok, {_, [{imports, Imports}]}} -> lists:usort([Module || {Module, _, _} <- Imports]);
        _ -> []
    end.

make(Profile, Allow, Beams) ->
    case {hanse_machine_profile:realm(Profile), hanse_machine_profile:ready(Allow)} of
        {{ok, Base}, {ok, Ready}} ->
            Realm = prim_machine:realm_new(Base, Ready),
            case load(Realm, maps:to_list(Beams)) of
                ok -> {ok, Realm};
                Error ->
                    prim_machine:realm_release(Realm),
                    Error
            end;
        {{error, {_, Text}}, _} -> {error, Text};
        {_, {error, {no_module, Module}}} -> {error, ["there is no module ", atom_to_list(Module)]}
    end.

load(Realm, [{Module, Beam} | More]) ->
    case prim_machine:realm_load(Realm, Module, Beam, verified) of
        ok -> load(Realm, More);
        {error, Reason} -> {error, io_lib:format("~w cannot be lent: ~0tP", [Module, Reason, 20])}
    end;
load(_, []) -> ok.
