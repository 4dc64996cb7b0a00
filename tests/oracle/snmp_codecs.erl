%% snmp without a network: MIBs compiled and read again, protocol data units encoded and decoded (all versions), object names, what is broken.
-module(snmp_codecs).
-export([main/0]).
-define(SNMP_USE_V3, true).
-include_lib("snmp/include/snmp_types.hrl").

main() ->
    mibs(),
    units(),
    broken(),
    misc().

show(T) -> io:format("~0p~n", [T]).

mibs() ->
    Folder = "/tmp/hanse_snmp_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    File = filename:join(Folder, "TOY-MIB.mib"),
    Text = "TOY-MIB DEFINITIONS ::= BEGIN\nIMPORTS MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, Counter32, enterprises FROM SNMPv2-SMI DisplayString, TruthValue, RowStatus FROM SNMPv2-TC;\n"
        "toy MODULE-IDENTITY LAST-UPDATED \"202001010000Z\" ORGANIZATION \"o\" CONTACT-INFO \"c\" DESCRIPTION \"d\" ::= { enterprises 9999 }\n"
        "toyName OBJECT-TYPE SYNTAX DisplayString (SIZE (0..20)) MAX-ACCESS read-write STATUS current DESCRIPTION \"n\" ::= { toy 1 }\n"
        "toyState OBJECT-TYPE SYNTAX INTEGER { off(0), on(1), broken(7) } MAX-ACCESS read-only STATUS current DESCRIPTION \"s\" DEFVAL { on } ::= { toy 2 }\n"
        "toyTable OBJECT-TYPE SYNTAX SEQUENCE OF ToyEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION \"t\" ::= { toy 3 }\n"
        "toyEntry OBJECT-TYPE SYNTAX ToyEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION \"e\" INDEX { toyIndex } ::= { toyTable 1 }\n"
        "ToyEntry ::= SEQUENCE { toyIndex Integer32, toyCount Counter32, toyOk TruthValue, toyRow RowStatus }\n"
        "toyIndex OBJECT-TYPE SYNTAX Integer32 (1..100) MAX-ACCESS not-accessible STATUS current DESCRIPTION \"i\" ::= { toyEntry 1 }\n"
        "toyCount OBJECT-TYPE SYNTAX Counter32 MAX-ACCESS read-only STATUS current DESCRIPTION \"c\" ::= { toyEntry 2 }\n"
        "toyOk OBJECT-TYPE SYNTAX TruthValue MAX-ACCESS read-create STATUS current DESCRIPTION \"o\" ::= { toyEntry 3 }\n"
        "toyRow OBJECT-TYPE SYNTAX RowStatus MAX-ACCESS read-create STATUS current DESCRIPTION \"r\" ::= { toyEntry 4 }\n"
        "toyTrap NOTIFICATION-TYPE OBJECTS { toyName } STATUS current DESCRIPTION \"x\" ::= { toy 0 1 }\nEND\n",
    try
        ok = file:write_file(File, Text),
        {ok, Bin} = snmpc:compile(File, [{outdir, Folder}, {verbosity, silence}, {group_check, false}, {warnings, false}, {il, ["snmp/mibs/"]}]),
        {ok, Mib} = snmp_misc:read_mib(Bin),
        show([Mib#mib.name, [{M#me.oid, M#me.aliasname, M#me.entrytype, M#me.access, M#me.assocList} || M <- Mib#mib.mes]]),
        show([{T#notification.trapname, T#notification.oid} || T <- Mib#mib.traps]),
        show(Mib#mib.asn1_types),
        [begin
             ok = file:write_file(File, binary:replace(iolist_to_binary(Text), From, To)),
             show({From, element(1, catch snmpc:compile(File, [{outdir, Folder}, {verbosity, silence}, {group_check, false}, {il, ["snmp/mibs/"]}]))})
         end || {From, To} <- [{<<"toyCount Counter32">>, <<"toyCount Counter33">>}, {<<"{ toy 3 }">>, <<"{ nowhere 3 }">>}, {<<"END\n">>, <<"">>}, {<<"INDEX { toyIndex }">>, <<"INDEX { toyName }">>}, {<<"::= { toy 2 }">>, <<":= { toy 2 }">>}]]
    after file:del_dir_r(Folder) end.

varbinds() ->
    [#varbind{oid = [1, 3, 6, 1, 2, 1, 1, N, 0], variabletype = T, value = V, org_index = N}
     || {N, {T, V}} <- lists:zip(lists:seq(1, 17), [{'INTEGER', 0}, {'INTEGER', -1}, {'INTEGER', 2147483647}, {'INTEGER', -2147483648}, {'OCTET STRING', "text"}, {'OCTET STRING', lists:duplicate(300, 255)}, {'OBJECT IDENTIFIER', [1, 3, 6, 1, 4, 1, 70000]}, {'NULL', 'NULL'},
        {'Counter32', 4294967295}, {'Unsigned32', 128}, {'TimeTicks', 255}, {'Counter64', 18446744073709551615}, {'IpAddress', [127, 0, 0, 1]}, {'Opaque', "abc"}, {'NULL', noSuchObject}, {'NULL', noSuchInstance}, {'NULL', endOfMibView}])].

units() ->
    Pdus = [#pdu{type = T, request_id = R, error_status = E, error_index = 0, varbinds = Vs} || {T, R, E, Vs} <- [{'get-request', 1, noError, []}, {'get-next-request', 128, noError, lists:sublist(varbinds(), 3)}, {'get-response', -1, tooBig, varbinds()},
        {'set-request', 2147483647, noError, [lists:nth(5, varbinds())]}, {'inform-request', 0, genErr, lists:sublist(varbinds(), 9, 4)}, {'snmpv2-trap', 7, noError, []}, {report, 9, noError, lists:nthtail(12, varbinds())}]]
        ++ [#pdu{type = 'get-bulk-request', request_id = 5, error_status = 2, error_index = 10, varbinds = lists:sublist(varbinds(), 2)},
            #trappdu{enterprise = [1, 3, 6, 1], agent_addr = [10, 0, 0, 1], generic_trap = 6, specific_trap = 300, time_stamp = 70000, varbinds = lists:sublist(varbinds(), 2)}],
    [begin
         Msg = #message{version = V, vsn_hdr = "public", data = P},
         case catch snmp_pdus:enc_message(Msg) of
             {'EXIT', _} -> show(cannot);
             Bytes ->
                 Again = catch snmp_pdus:dec_message(Bytes),
                 show([V, element(2, P), length(Bytes), erlang:phash2(Bytes), case Again of #message{data = D} -> {D =:= P, erlang:phash2(D)}; {'EXIT', R} -> element(1, R) end])
         end
     end || V <- ['version-1', 'version-2'], P <- Pdus],
    V3 = #v3_hdr{msgID = 7, msgMaxSize = 484, msgFlags = [4], msgSecurityModel = 3, msgSecurityParameters = "params", hdr_size = 1},
    Scoped = #scopedPdu{contextEngineID = "engine", contextName = "", data = hd(Pdus)},
    Bytes = snmp_pdus:enc_scoped_pdu(Scoped),
    show([erlang:phash2(Bytes), snmp_pdus:dec_scoped_pdu(Bytes) =:= Scoped, element(1, V3)]).

broken() ->
    Bytes = snmp_pdus:enc_message(#message{version = 'version-2', vsn_hdr = "public", data = #pdu{type = 'get-response', request_id = 1, error_status = noError, error_index = 0, varbinds = varbinds()}}),
    rand:seed(exsss, 4),
    Outcomes = [begin
                    At = rand:uniform(length(Bytes)),
                    {A, [_ | B]} = lists:split(At - 1, Bytes),
                    case catch snmp_pdus:dec_message(A ++ [rand:uniform(256) - 1 | B]) of
                        {'EXIT', {R, _}} -> {exit, case R of _ when is_tuple(R) -> element(1, R); _ -> R end};
                        {'EXIT', R} -> {exit, R};
                        M -> erlang:phash2(M)
                    end
                end || _ <- lists:seq(1, 400)],
    show([length([x || {exit, _} <- Outcomes]), lists:usort([R || {exit, R} <- Outcomes]), erlang:phash2(Outcomes)]),
    Cut = [case catch snmp_pdus:dec_message(lists:sublist(Bytes, N)) of {'EXIT', {R, _}} -> case R of _ when is_tuple(R) -> element(1, R); _ -> R end; {'EXIT', R} -> R; M -> M end || N <- lists:seq(0, length(Bytes) - 1, 7)],
    show([length(Cut), lists:usort(Cut)]).

misc() ->
    show([snmp_pdus:enc_oct_str_tag([1, 2]), catch snmp_pdus:enc_value('Counter32', -1) =:= x, snmp_pdus:enc_value('Unsigned32', 4294967295), snmp_pdus:enc_usm_security_parameters(#usmSecurityParameters{msgAuthoritativeEngineID = "e", msgAuthoritativeEngineBoots = 1, msgAuthoritativeEngineTime = 2, msgUserName = "u", msgAuthenticationParameters = "", msgPrivacyParameters = ""})]),
    show([snmp_misc:is_oid(X) || X <- [[1, 3], [], [1, a], "abc", x]]),
    show([snmp:validate_date_and_time([7, 228, 2, 29, 1, 2, 3, 0, $+, 0, 0]), snmp:validate_date_and_time([7, 228, 2, 30, 1, 2, 3, 0, $+, 0, 0]), snmp:date_and_time_to_string([7, 228, 2, 29, 1, 2, 3, 4, $-, 5, 30])]).
