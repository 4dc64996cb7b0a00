%% @doc The natives of the gateway, for lib/hanse only: keys here, signed HTTP below. Keys, seeds and digests are binaries of 32 bytes,
%% signatures of 64. All need the host's authority; wrong types raise badarg.
-module(prim_gateway).

-export([key_new/0, key_public/1, thumbprint/1, sign/2, verify/3, sha256/1, random/1, base64url/1, base64url_decode/1, seal/2, unseal/2]).
-export_type([public/0, seed/0]).

-type public() :: <<_:256>>.
-type seed() :: <<_:256>>.

%% @doc A new Ed25519 key.
-spec key_new() -> {public(), seed()}.
key_new() -> erlang:nif_error(undef).

-spec key_public(seed()) -> public().
key_public(_Seed) -> erlang:nif_error(undef).

%% @doc The name of a key (RFC 7638): 43 characters.
-spec thumbprint(public()) -> binary().
thumbprint(_Public) -> erlang:nif_error(undef).

-spec sign(iodata(), seed()) -> <<_:512>>.
sign(_Message, _Seed) -> erlang:nif_error(undef).

-spec verify(iodata(), <<_:512>>, public()) -> boolean().
verify(_Message, _Signature, _Public) -> erlang:nif_error(undef).

-spec sha256(iodata()) -> <<_:256>>.
sha256(_Data) -> erlang:nif_error(undef).

%% @doc At most 65536 bytes that nobody can guess.
-spec random(0..65536) -> binary().
random(_Bytes) -> erlang:nif_error(undef).

%% @doc RFC 4648, section 5, without padding.
-spec base64url(iodata()) -> binary().
base64url(_Data) -> erlang:nif_error(undef).

-spec base64url_decode(iodata()) -> {ok, binary()} | error.
base64url_decode(_Text) -> erlang:nif_error(undef).

%% @doc What only the passphrase opens again. Takes about 100 ms and 64 MB.
-spec seal(Passphrase :: iodata(), Plain :: iodata()) -> binary().
seal(_Passphrase, _Plain) -> erlang:nif_error(undef).

-spec unseal(Passphrase :: iodata(), Sealed :: iodata()) -> {ok, binary()} | error.
unseal(_Passphrase, _Sealed) -> erlang:nif_error(undef).
