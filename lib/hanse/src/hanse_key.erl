%% @doc Keys (Ed25519) as files of JWK (RFC 8037), named by people and by their thumbprint (RFC 7638). Files are the user's alone; the private
%% part of a key may be sealed with a passphrase, then member `hanse_sealed' stands in the place of `d'.
-module(hanse_key).

-export([new/2, find/1, find/2, list/0, import/2, unlock/2, node_key/1, file/1]).
-export([jwk/1, private_jwk/1, read/1, from_public/1, encode/1]).
-export_type([key/0]).

%% seed: none (a public key only), or sealed until unlock/2.
-type key() :: #{name := binary() | none, thumbprint := binary(), public := binary(), seed := none | binary() | {sealed, binary()}}.
-type failed() :: {error, unicode:chardata()}.

-define(FILE_BYTES, 65536).
-define(NAMES, "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$").

%% @doc A new key in the user's folder of keys.
-spec new(unicode:chardata(), #{passphrase => unicode:chardata()}) -> {ok, key()} | failed().
new(Name, Options) ->
    case free(Name) of
        {ok, Text} ->
            {Public, Seed} = prim_gateway:key_new(),
            Key = (from_public(Public))#{name => Text, seed => Seed},
            case Options of
                #{passphrase := Passphrase} -> save(Key, sealed(Key, unicode:characters_to_binary(Passphrase)));
                _ -> save(Key, private_jwk(Key))
            end;
        Error -> Error
    end.

sealed(#{public := Public, seed := Seed}, Passphrase) ->
    (jwk(Public))#{<<"hanse_sealed">> => prim_gateway:base64url(prim_gateway:seal(Passphrase, Seed))}.

free(Name) ->
    case {name(Name), path(Name)} of
        {{ok, Text}, {ok, Path}} ->
            case filelib:is_file(Path) of
                true -> {error, ["there is a key ", Text, " already (", Path, ")"]};
                false -> {ok, Text}
            end;
        {{error, _} = Error, _} -> Error;
        {_, Error} -> Error
    end.

name(Name) ->
    case re:run(Name, ?NAMES, [{capture, none}, dollar_endonly, unicode]) of
        match -> {ok, unicode:characters_to_binary(Name)};
        nomatch -> {error, ["not a name for a key: ", io_lib:format("~0tp", [Name]), "; expected letters, digits, '.', '_' and '-'"]}
    end.

path(Name) ->
    case hanse_home:folder("keys") of
        {ok, Folder} -> {ok, filename:join(Folder, unicode:characters_to_list([Name, ".jwk"]))};
        Error -> Error
    end.

%% @doc The file of a key in the user's folder.
-spec file(key()) -> {ok, file:filename()} | failed().
file(#{name := Name}) -> path(Name).

save(#{name := Name} = Key, Jwk) ->
    case path(Name) of
        {ok, Path} ->
            case hanse_home:write_private(Path, encode(Jwk)) of
                ok -> {ok, Key};
                Error -> Error
            end;
        Error -> Error
    end.

%% @doc A JWK as the text of a file.
-spec encode(map()) -> iodata().
encode(Jwk) -> [hanse_json:encode(Jwk), $\n].

%% @doc A key by its name, its thumbprint, or the path of a file.
-spec find(unicode:chardata()) -> {ok, key()} | failed().
find(Text) -> find(Text, #{}).

%% @doc With passphrase the private part is opened.
-spec find(unicode:chardata(), #{passphrase => unicode:chardata()}) -> {ok, key()} | failed().
find(Given, Options) ->
    Text = unicode:characters_to_binary(Given),
    Found = case stored(Text) of
                none ->
                    case [Key || #{thumbprint := Thumbprint} = Key <- list(), Thumbprint =:= Text] of
                        [Key | _] -> {ok, Key};
                        [] -> file_or_not(Text)
                    end;
                Answer -> Answer
            end,
    case {Found, Options} of
        {{ok, #{seed := {sealed, _}} = Sealed}, #{passphrase := Passphrase}} -> unlock(Sealed, Passphrase);
        _ -> Found
    end.

stored(Text) ->
    case {name(Text), path(Text)} of
        {{ok, Name}, {ok, Path}} ->
            case filelib:is_regular(Path) of
                true -> named(Name, read_file(Path));
                false -> none
            end;
        _ -> none
    end.

named(Name, {ok, Key}) -> {ok, Key#{name => Name}};
named(_, Error) -> Error.

file_or_not(Text) ->
    case filelib:is_regular(Text) of
        true -> read_file(Text);
        false ->
            Names = [binary_to_list(Name) || #{name := Name} <- list()],
            {error, ["there is no key ", Text,
                     case hanse_options:nearest(unicode:characters_to_list(Text), Names) of none -> ""; Near -> ["; did you mean ", Near, "?"] end]}
    end.

read_file(Path) ->
    case filelib:file_size(Path) =< ?FILE_BYTES andalso file:read_file(Path) of
        {ok, Bytes} ->
            case read(Bytes) of
                {ok, Key} -> {ok, Key};
                {error, Text} -> {error, [Path, ": ", Text]}
            end;
        false -> {error, [Path, ": too long for a key"]};
        {error, Reason} -> {error, [Path, ": ", file:format_error(Reason)]}
    end.

%% @doc A key from the text of a JWK.
-spec read(binary()) -> {ok, key()} | failed().
read(Text) ->
    case hanse_json:decode(Text) of
        {ok, #{<<"kty">> := <<"OKP">>, <<"crv">> := <<"Ed25519">>, <<"x">> := X} = Jwk} when is_binary(X) ->
            case bytes(X) of
                {ok, Public} -> with_private(from_public(Public), Jwk);
                error -> {error, "member x: expected 32 bytes in base64url"}
            end;
        {ok, #{<<"kty">> := _}} -> {error, "expected a JWK with kty OKP and crv Ed25519"};
        _ -> {error, "expected a key as JWK, like {\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":...}"}
    end.

with_private(#{public := Public} = Key, #{<<"d">> := D}) when is_binary(D) ->
    case bytes(D) of
        {ok, Seed} ->
            case prim_gateway:key_public(Seed) of
                Public -> {ok, Key#{seed := Seed}};
                _ -> {error, "members d and x do not belong together"}
            end;
        error -> {error, "member d: expected 32 bytes in base64url"}
    end;
with_private(Key, #{<<"hanse_sealed">> := Sealed}) when is_binary(Sealed) ->
    case prim_gateway:base64url_decode(Sealed) of
        {ok, Bytes} -> {ok, Key#{seed := {sealed, Bytes}}};
        error -> {error, "member hanse_sealed: expected base64url"}
    end;
with_private(Key, _) -> {ok, Key}.

bytes(Text) ->
    case prim_gateway:base64url_decode(Text) of
        {ok, <<Bytes:32/binary>>} -> {ok, Bytes};
        _ -> error
    end.

%% @doc Opens a sealed key; others are as they were.
-spec unlock(key(), unicode:chardata()) -> {ok, key()} | failed().
unlock(#{seed := {sealed, Sealed}, public := Public} = Key, Passphrase) ->
    case prim_gateway:unseal(unicode:characters_to_binary(Passphrase), Sealed) of
        {ok, <<Seed:32/binary>>} ->
            case prim_gateway:key_public(Seed) of
                Public -> {ok, Key#{seed := Seed}};
                _ -> {error, "the sealed key belongs to another public key"}
            end;
        _ -> {error, "wrong passphrase"}
    end;
unlock(Key, _) -> {ok, Key}.

%% @doc A key of which only the public half is known.
-spec from_public(binary()) -> key().
from_public(Public) -> #{name => none, thumbprint => prim_gateway:thumbprint(Public), public => Public, seed => none}.

%% @doc What everybody may see of it.
-spec jwk(binary()) -> map().
jwk(Public) ->
    #{<<"kty">> => <<"OKP">>, <<"crv">> => <<"Ed25519">>, <<"x">> => prim_gateway:base64url(Public), <<"kid">> => prim_gateway:thumbprint(Public)}.

%% @doc With the private half: who has it is the key's owner.
-spec private_jwk(key()) -> map().
private_jwk(#{public := Public, seed := Seed}) when is_binary(Seed) -> (jwk(Public))#{<<"d">> => prim_gateway:base64url(Seed)};
private_jwk(#{public := Public, seed := {sealed, Sealed}}) -> (jwk(Public))#{<<"hanse_sealed">> => prim_gateway:base64url(Sealed)};
private_jwk(#{public := Public, seed := none}) -> jwk(Public).

%% @doc The keys in the user's folder.
-spec list() -> [key()].
list() ->
    case hanse_home:folder("keys") of
        {ok, Folder} ->
            Names = [filename:rootname(Name) || Name <- filelib:wildcard("*.jwk", Folder)],
            [Key || Name <- Names, {ok, Key} <- [stored(unicode:characters_to_binary(Name))]];
        _ -> []
    end.

%% @doc Takes a key (a file, or the text of a JWK) into the user's folder under a name.
-spec import(unicode:chardata(), unicode:chardata()) -> {ok, key()} | failed().
import(Source, Name) ->
    Text = unicode:characters_to_binary(Source),
    Read = case string:trim(Text) of
               <<"{", _/binary>> -> read(Text);
               _ -> read_file(Text)
           end,
    case {Read, free(Name)} of
        {{ok, Key}, {ok, Known}} -> save(Key#{name => Known}, private_jwk(Key));
        {{error, _} = Error, _} -> Error;
        {_, Error} -> Error
    end.

%% @doc The key that this user's node is known by; made when it is first asked for.
-spec node_key(#{passphrase => unicode:chardata()}) -> {ok, key()} | failed().
node_key(Options) ->
    Found = case stored(<<"node">>) of none -> new("node", Options); Answer -> Answer end,
    case {Found, Options} of
        {{ok, #{seed := {sealed, _}} = Sealed}, #{passphrase := Passphrase}} -> unlock(Sealed, Passphrase);
        {{ok, #{seed := {sealed, _}}}, _} -> {error, "the node's key is sealed: its passphrase is needed"};
        {{ok, #{seed := none}}, _} -> {error, "the file of the node's key has only its public half"};
        _ -> Found
    end.
