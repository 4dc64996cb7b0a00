%% Diameter's dictionaries and codec: messages of the base protocol built and read, AVPs of every kind, flags, groups, mistakes; a dictionary compiled from text; services without transports.
-module(diameter_messages).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, false),
    types(), messages(), mistakes(), dictionaries(), services().

show(Label, Value) -> io:format("~0p: ~0p~n", [Label, Value]).

options() -> #{string_decode => true, strict_mbit => true, rfc => 6733, decode_format => record, ordered_encode => true, avp_dictionaries => [], app_dictionary => diameter_gen_base_rfc6733, dictionary => diameter_gen_base_rfc6733}.

%% --- basic types

types() ->
    Opts = options(),
    [show({Type, V}, try diameter_types:Type(encode, V, Opts) of IO -> B = iolist_to_binary(IO), {binary:encode_hex(B), try diameter_types:Type(decode, B, Opts) catch _:R -> {failed, kind(R)} end} catch _:R -> {refused, kind(R)} end)
     || {Type, Vs} <- [{'Integer32', [0, -1, 2147483647, 2147483648, a]}, {'Integer64', [-1, 1 bsl 62, 1 bsl 63]}, {'Unsigned32', [0, 4294967295, 4294967296, -1]}, {'Unsigned64', [0, (1 bsl 64) - 1, 1 bsl 64]}, {'Float32', [0.0, 1.5, -2.25, infinity, '-infinity', 1.0e39, x]}, {'Float64', [0.1, 1.0e300, infinity]},
                       {'OctetString', [<<"abc">>, "def", [], <<>>]}, {'Address', [{10, 0, 0, 1}, "127.0.0.1", {0, 0, 0, 0, 0, 0, 0, 1}, "::1", {256, 0, 0, 0}, x]}, {'UTF8String', [<<"plain">>, [228, 8364], [55296], x]}, {'Time', [{{2020, 1, 1}, {0, 0, 0}}, {{1968, 1, 20}, {3, 14, 8}}, {{2036, 2, 7}, {6, 28, 16}}, {{1900, 1, 1}, {0, 0, 0}}]},
                       {'DiameterIdentity', ["host.example.com", <<"x">>, "ä"]}, {'DiameterURI', ["aaa://host.example.com:3868;transport=tcp", "aaas://h", "http://h", "aaa://"]}, {'IPFilterRule', ["permit in ip from any to any"]}], V <- Vs],
    show(short, [try diameter_types:T(decode, <<1, 2>>, Opts) catch _:R -> kind(R) end || T <- ['Integer32', 'Unsigned64', 'Float32', 'Address', 'Time']]).
kind({diameter, {R, _}}) -> R;
kind({R, _}) when is_atom(R); is_integer(R) -> R;
kind({R, S}) when is_tuple(R), is_list(S) -> kind(R);
kind(R) when is_tuple(R) -> element(1, R);
kind(R) when is_atom(R) -> R;
kind(_) -> other.

%% --- whole messages

requests() ->
    [{'CER', [{'Origin-Host', "client.example.com"}, {'Origin-Realm', "example.com"}, {'Host-IP-Address', [{127, 0, 0, 1}, {10, 0, 0, 1}]}, {'Vendor-Id', 193}, {'Product-Name', "Hanse"}, {'Auth-Application-Id', [0, 4294967295]}, {'Firmware-Revision', [7]}]},
     {'CEA', [{'Result-Code', 2001}, {'Origin-Host', "server"}, {'Origin-Realm', "example.com"}, {'Host-IP-Address', ["::1"]}, {'Vendor-Id', 0}, {'Product-Name', "x"}, {'Error-Message', ["none"]}]},
     {'DWR', [{'Origin-Host', "a"}, {'Origin-Realm', "b"}, {'Origin-State-Id', [3]}]}, {'DWA', [{'Result-Code', 3004}, {'Origin-Host', "a"}, {'Origin-Realm', "b"}]}, {'DPR', [{'Origin-Host', "a"}, {'Origin-Realm', "b"}, {'Disconnect-Cause', 0}]}, {'DPA', [{'Result-Code', 2001}, {'Origin-Host', "a"}, {'Origin-Realm', "b"}]},
     {'STR', [{'Session-Id', "s;1;2"}, {'Origin-Host', "a"}, {'Origin-Realm', "b"}, {'Destination-Realm', "c"}, {'Auth-Application-Id', 4}, {'Termination-Cause', 1}, {'Class', [<<"c1">>, <<"c2">>]}, {'Proxy-Info', [[{'Proxy-Host', "p"}, {'Proxy-State', <<1, 2, 3>>}]]}]},
     {'RAR', [{'Session-Id', "s"}, {'Origin-Host', "a"}, {'Origin-Realm', "b"}, {'Destination-Realm', "c"}, {'Destination-Host', "d"}, {'Auth-Application-Id', 4}, {'Re-Auth-Request-Type', 1}, {'User-Name', ["bob"]}]}].

encode(Message, Header) ->
    try diameter_codec:encode(diameter_gen_base_rfc6733, options(), packet(Header, Message)) of P -> {ok, element(5, P)} catch exit:{diameter_codec, R} -> {exit, kind(R)}; C:R -> {C, kind(R)} end.
packet(Header, Message) -> {diameter_packet, Header, undefined, Message, undefined, [], undefined}.
header(Hop, End) -> {diameter_header, 1, undefined, undefined, undefined, Hop, End, false, false, false, false}.

messages() ->
    [begin
         {ok, B} = encode([Name | Avps], header(17, 4711)),
         <<Version, Length:24, Flags, Code:24, App:32, Hop:32, End:32, _/binary>> = B,
         show(Name, [Version, Length =:= byte_size(B), Flags, Code, App, Hop, End, erlang:crc32(B), byte_size(B) rem 4]),
         P = diameter_codec:decode(diameter_gen_base_rfc6733, options(), B),
         show({Name, decoded}, {element(4, P), element(6, P), length(element(3, P))}),
         show({Name, again}, case encode(element(4, P), header(17, 4711)) of {ok, B1} -> B1 =:= B; E -> E end),
         show({Name, maps}, element(4, diameter_codec:decode(diameter_gen_base_rfc6733, (options())#{decode_format := map}, B)))
     end || {Name, Avps} <- requests()].

%% --- what is missing, too much or broken

mistakes() ->
    {_, Good} = hd(requests()),
    show(missing, [{K, encode(['CER' | lists:keydelete(K, 1, Good)], header(1, 1))} || {K, _} <- Good, K =/= 'Host-IP-Address', K =/= 'Vendor-Id'] =/= []),
    [show(Label, case encode(['CER' | Avps], header(1, 1)) of {ok, B} -> {ok, byte_size(B)}; E -> E end) || {Label, Avps} <- [{without_host, lists:keydelete('Origin-Host', 1, Good)}, {wrong_type, lists:keyreplace('Vendor-Id', 1, Good, {'Vendor-Id', "x"})}, {unknown, [{'Nonsense', 1} | Good]}, {not_a_list, lists:keyreplace('Host-IP-Address', 1, Good, {'Host-IP-Address', {1, 2, 3, 4}})}, {twice, Good ++ [{'Vendor-Id', 1}]}, {none, []}]],
    {ok, B} = encode(['CER' | Good], header(1, 1)),
    Read = fun(X) -> try diameter_codec:decode(diameter_gen_base_rfc6733, options(), X) of P when element(1, P) =:= diameter_packet -> {packet, [case E of {C, _} -> C; C -> C end || E <- element(6, P)]}; Other -> Other catch C:R -> {C, kind(R)} end end,
    Changed = [Read(begin <<A:N/binary, X, Z/binary>> = B, <<A/binary, (X bxor 255), Z/binary>> end) || N <- lists:seq(0, byte_size(B) - 1)],
    show(changed, [{K, length([x || C <- Changed, C =:= K])} || K <- lists:usort(Changed)]),
    show(cut, lists:usort([Read(binary:part(B, 0, N)) || N <- lists:seq(20, byte_size(B) - 4, 4)])),
    show(headers, [catch diameter_codec:decode_header(X) || X <- [<<>>, <<1>>, binary:part(B, 0, 20), <<2, 0, 0, 20, 128, 0:24, 0:96>>]]),
    show(sequence, [diameter_codec:sequence_numbers(B), diameter_codec:hop_by_hop_id(99, binary:part(B, 0, 20)) =:= binary:part(B, 0, 20)]),
    show(collected, try length(diameter_codec:collect_avps(B)) catch error:E -> E end).

%% --- a dictionary of our own

dictionaries() ->
    Text = "@id 1234\n@name made_dictionary\n@prefix made\n@vendor 193 Somebody\n@avp_types\n  Colour 1 Enumerated VM\n  Weight 2 Unsigned32 M\n  Parts 3 Grouped V\n@enum Colour\n  RED 0\n  GREEN 1\n@messages\n  PaintRequest ::= < Diameter Header: 77, REQ >\n    { Colour }\n    [ Weight ]\n    * [ Parts ]\n  PaintAnswer ::= < Diameter Header: 77 >\n    { Weight }\n@grouped\n  Parts ::= < AVP Header: 3 193 >\n    { Weight }\n    * [ AVP ]\n",
    show(made, begin {ok, Made} = diameter_make:codec([Text], [forms, parse, return]), [if is_list(M) -> {list, length(M)}; is_tuple(M) -> element(1, M); true -> M end || M <- Made] end),
    {ok, [Forms]} = diameter_make:codec([Text], [forms, return]),
    {ok, M, Code} = compile:forms(Forms, [nowarn_deprecated_function]), {module, M} = code:load_binary(M, "made", Code),
    show(dictionary, [M:id(), M:vendor_id(), M:vendor_name(), M:msg_name(77, true), M:msg_name(77, false), M:msg2rec('PaintRequest'), M:avp_name(1, 193), M:avp_name(2, undefined), M:avp_name(9, undefined), M:avp_arity('PaintRequest'), M:enumerated_avp(encode, 'Colour', 1), catch M:enumerated_avp(decode, 'Colour', <<9:32>>)]),
    show(wrong, [case diameter_make:codec([T], [forms, return]) of {ok, _} -> ok; {error, R} -> {error, lists:sublist(diameter_make:format_error(R), 60)} end || T <- ["", "@id x\n", "@id 1\n@name n\n@prefix p\n@avp_types\n A 1 Nonsense M\n", "@id 1\n@name n\n@prefix p\n@messages\n R ::= < Diameter Header: 1, REQ > { Unknown }\n", "nonsense", "@id 1\n@id 2\n"]]).

services() ->
    show(start, [diameter:start(), diameter:start()]),
    show(service, diameter:start_service(shop, [{'Origin-Host', "shop.example.com"}, {'Origin-Realm', "example.com"}, {'Vendor-Id', 0}, {'Product-Name', "Shop"}, {'Auth-Application-Id', [0]}, {application, [{alias, base}, {dictionary, diameter_gen_base_rfc6733}, {module, no_module}]}])),
    show(again, diameter:start_service(shop, []) =/= ok),
    show(services, [diameter:services(), diameter:service_info(shop, 'Origin-Host'), diameter:service_info(shop, ['Product-Name', 'Vendor-Id']), diameter:service_info(other, x), length(diameter:service_info(shop, applications))]),
    show(call, diameter:call(shop, base, ['DWR'])), show(transport, [element(1, diameter:add_transport(shop, {listen, [{nonsense, 1}]})), diameter:remove_transport(shop, true)]),
    show(stop, [diameter:stop_service(shop), diameter:stop_service(shop), diameter:stop()]).
