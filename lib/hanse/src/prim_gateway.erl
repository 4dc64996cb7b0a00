%% @doc The natives of the gateway, for lib/hanse only: keys here, signed HTTP below. Keys, seeds and digests are binaries of 32 bytes,
%% signatures of 64. All need the host's authority; wrong types raise badarg.
-module(prim_gateway).

-export([key_new/0, key_public/1, thumbprint/1, sign/2, verify/3, sha256/1, random/1, base64url/1, base64url_decode/1, seal/2, unseal/2]).
-export([server_start/2, server_stop/1, server_figures/1, server_keys/2, answer/4, stream/2, stream_send/2, stream_end/1]).
-export([request/1, request_cancel/1]).
-export_type([public/0, seed/0, server/0, id/0]).

-type public() :: <<_:256>>.
-type seed() :: <<_:256>>.
-type server() :: pos_integer().
-type id() :: pos_integer().  % of a request
-type fields() :: [{Name :: iodata(), Value :: iodata()}].

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

%% @doc Serves HTTP: checks signatures and hands authentic requests to Handler, with which the server ends:
%% {gateway_request, Server, Id, Method, Path, Query, Key, Headers, Body, Peer}, all binaries; Path is a list of decoded segments, Key the
%% thumbprint of who signed, Headers a map of a few fields with names in lower case. What it refuses by itself is told, too:
%% {gateway_refused, Server, Status, Kind :: atom(), KeyId :: binary() | none, Peer, Method, Target, Count}; texts in it are as the client
%% sent them. Unsigned GET / is answered with the node's key.
-spec server_start(pid(), #{seed := seed(), address => binary(), port => inet:port_number(),
                            tls => none | self_signed | {CertificatePem :: binary(), KeyPem :: binary()},
                            nonces => file:filename_all(), threads => 1..64, body_bytes => pos_integer(), header_bytes => pos_integer(),
                            connections => pos_integer(), header_ms => pos_integer(), body_ms => pos_integer(), idle_ms => pos_integer()}) ->
    {ok, server(), inet:port_number()} | {error, {address | eaddrinuse | tls | nonces | listen, binary()}}.
server_start(_Handler, _Options) -> erlang:nif_error(undef).

-spec server_stop(server()) -> ok.
server_stop(_Server) -> erlang:nif_error(undef).

-spec server_figures(server()) -> #{atom() => non_neg_integer()}.
server_figures(_Server) -> erlang:nif_error(undef).

%% @doc Whose signatures count, by thumbprint. Sessions of a deleted key end.
-spec server_keys(server(), [{Thumbprint :: binary(), public() | deleted}]) -> ok.
server_keys(_Server, _Keys) -> erlang:nif_error(undef).

%% @doc Answers a request, once; Content-Digest, Date, Content-Length and the signature are added. A request without an answer gets 500
%% after 15 minutes.
-spec answer(id(), Status :: 200..599, fields(), Body :: iodata()) -> ok | gone.
answer(_Id, _Status, _Fields, _Body) -> erlang:nif_error(undef).

%% @doc Answers with a body that goes on. The caller owns it: the stream ends with it, and it gets {gateway_closed, Id} when the client goes.
-spec stream(id(), fields()) -> ok | gone.
stream(_Id, _Fields) -> erlang:nif_error(undef).

%% @doc `full': the client has not read a megabyte of what was sent before.
-spec stream_send(id(), iodata()) -> ok | full | gone.
stream_send(_Id, _Data) -> erlang:nif_error(undef).

-spec stream_end(id()) -> ok.
stream_end(_Id) -> erlang:nif_error(undef).

%% @doc Sends a request to a node, signed with `seed'; the caller gets {gateway_answer, Id, {ok, Status, Fields, Body, Verified} | {error, {Kind, Text}}}.
%% `url' is where the node or its relay is, `target' the path that is signed. By default a session is opened first, and used by all requests
%% with this key to this node. `peer' is the node that must be there: a public key or a thumbprint; then its own certificate will do, too.
%% Verified: the node has signed the answer, for this request. With `stream' the body of an answer 200 is the atom `stream', followed by
%% {gateway_data, Id, Bytes}... and {gateway_end, Id, normal | {Kind, Text}}.
-spec request(#{url := iodata(), target => iodata(), method => iodata(), headers => fields(), body => iodata(), seed => seed() | none,
                session => boolean(), peer => public() | binary() | none, ca => binary(), timeout_ms => pos_integer(), stream => boolean()}) -> id().
request(_Request) -> erlang:nif_error(undef).

-spec request_cancel(id()) -> ok.
request_cancel(_Id) -> erlang:nif_error(undef).
