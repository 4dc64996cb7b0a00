%% The crypto application: stock's own library of native functions.
-module(crypto_functions).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    show("start", crypto:start()),
    Data = <<"The quick brown fox">>,
    [show("hash", {H, hex(fun() -> crypto:hash(H, Data) end)}) || H <- [md5, sha, sha224, sha256, sha384, sha512, sha3_256, blake2b, blake2s, no_hash]],
    [show("hash of", hex(fun() -> crypto:hash(sha256, D) end)) || D <- [<<>>, "iolist", ["io", <<"list">> | <<"tail">>], a, [256], <<1:7>>, binary:copy(Data, 100000)]],
    show("pieces", hex(fun() -> crypto:hash_final(lists:foldl(fun(P, S) -> crypto:hash_update(S, P) end, crypto:hash_init(sha), ["a", <<"b">>, [[$c]]])) end)),
    [show("mac", {T, hex(fun() -> crypto:mac(T, S, K, Data) end)})
     || {T, S, K} <- [{hmac, sha256, <<"key">>}, {hmac, md5, <<>>}, {cmac, aes_128_cbc, <<1:128>>}, {poly1305, none, <<7:256>>}, {hmac, none, <<>>}, {cmac, aes_128_cbc, <<1:8>>}]],
    [show("cipher", {C, hex(fun() -> crypto:crypto_one_time(C, K, I, Data, true) end)})
     || {C, K, I} <- [{aes_256_ctr, <<1:256>>, <<2:128>>}, {aes_128_cfb8, <<1:128>>, <<2:128>>}, {chacha20, <<3:256>>, <<4:128>>}, {aes_256_ctr, <<1>>, <<2:128>>}]],
    show("padded", hex(fun() -> crypto:crypto_one_time(aes_128_cbc, <<1:128>>, <<2:128>>, Data, [{encrypt, true}, {padding, pkcs_padding}]) end)),
    {Sealed, Tag} = crypto:crypto_one_time_aead(aes_256_gcm, <<5:256>>, <<6:96>>, Data, <<"more">>, true),
    show("sealed", {hex(fun() -> Sealed end), hex(fun() -> Tag end)}),
    show("opened", [crypto:crypto_one_time_aead(aes_256_gcm, <<5:256>>, <<6:96>>, Sealed, More, Tag, false) || More <- [<<"more">>, <<"less">>]]),
    Stream = crypto:crypto_init(aes_128_ctr, <<1:128>>, <<2:128>>, true),
    show("stream", [hex(fun() -> crypto:crypto_update(Stream, P) end) || P <- ["one", "two", <<>>, a]]),
    show("held", is_reference(Stream)),
    {Public, Private} = crypto:generate_key(eddsa, ed25519, <<9:256>>),
    show("key", {hex(fun() -> Public end), hex(fun() -> Private end)}),
    Signature = crypto:sign(eddsa, none, Data, [Private, ed25519]),
    show("signature", {hex(fun() -> Signature end), [crypto:verify(eddsa, none, D, Signature, [Public, ed25519]) || D <- [Data, <<"other">>]]}),
    {A, ASecret} = crypto:generate_key(ecdh, x25519, <<1:256>>),
    {B, BSecret} = crypto:generate_key(ecdh, x25519, <<2:256>>),
    show("shared", {hex(fun() -> crypto:compute_key(ecdh, A, BSecret, x25519) end), crypto:compute_key(ecdh, B, ASecret, x25519) =:= crypto:compute_key(ecdh, A, BSecret, x25519)}),
    show("derived", hex(fun() -> crypto:pbkdf2_hmac(sha256, <<"password">>, <<"salt">>, 1000, 16) end)),
    show("exor", hex(fun() -> crypto:exor(<<1, 2, 3>>, <<4, 5, 6>>) end)),
    show("power", hex(fun() -> crypto:mod_pow(3, 1 bsl 100, 1 bsl 89 - 1) end)),
    _ = crypto:rand_seed(),
    show("random", {byte_size(crypto:strong_rand_bytes(100)), crypto:strong_rand_bytes(0), [R || R <- [4 + rand:uniform(5) || _ <- lists:seq(1, 100)], R < 5 orelse R >= 10]}),
    show("equal", [crypto:hash_equals(<<"a">>, X) || X <- [<<"a">>, <<"b">>]]),
    show("info", {map_size(crypto:hash_info(sha256)), crypto:hash_info(sha256), lists:member(sha512, crypto:supports(hashs))}),
    %% Long work goes to other threads, and many ask at once.
    Self = self(),
    Askers = [spawn_link(fun() -> Self ! {self(), [crypto:hash(sha256, binary:copy(<<N>>, 50000)) || _ <- lists:seq(1, 20)]} end) || N <- lists:seq(1, 20)],
    show("many", lists:usort([length(lists:usort(receive {Asker, Hashes} -> Hashes end)) || Asker <- Askers])),
    show("public key", public_key_pair(Data)).

public_key_pair(Data) ->
    Key = public_key:generate_key({rsa, 1024, 65537}),
    {'RSAPrivateKey', _, Modulus, Exponent, _, _, _, _, _, _, _} = Key,
    Public = {'RSAPublicKey', Modulus, Exponent},
    Signature = public_key:sign(Data, sha256, Key),
    Encrypted = public_key:encrypt_public(Data, Public),
    {byte_size(Signature), public_key:verify(Data, sha256, Signature, Public), public_key:verify(<<"x">>, sha256, Signature, Public),
     public_key:decrypt_private(Encrypted, Key)}.

hex(Fun) ->
    try binary:encode_hex(Fun())
    catch error:{Kind, {_, _}, Text} -> {Kind, Text}; Class:Reason:Stack -> {Class, Reason, element(2, hd(Stack))}
    end.

show(Label, Value) -> io:format("~s: ~0tp~n", [Label, Value]).
