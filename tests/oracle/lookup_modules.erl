%% Modules of the libraries that only know things: names of errors, obsolete functions, guards and operators, character classes, types.
-module(lookup_modules).
-export([main/0]).

main() ->
    show(posix, [{E, erl_posix_msg:message(E)} || E <- [eacces, eagain, enoent, eexist, enospc, epipe, econnrefused, etimedout, nonsense, 'E', eduplicate, ecapmode]]),
    show(inet_errors, [{E, inet:format_error(E)} || E <- [econnrefused, exbadport, exbadseq, nxdomain, timeout, nonsense, system_limit, {x, y}]]),
    show(file_errors, [{E, file:format_error(E)} || E <- [enoent, badarg, terminated, system_limit, {3, erl_parse, ["x", "y"]}, nonsense]]),
    show(obsolete, [{M, F, A, otp_internal:obsolete(M, F, A)} || {M, F, A} <- [{erlang, now, 0}, {erlang, get_stacktrace, 0}, {lists, map, 2}, {random, uniform, 0}, {string, to_upper, 1},
                                                                             {crypto, rand_uniform, 2}, {http_uri, parse, 1}, {code, rehash, 0}, {dbg, stop_clear, 0}, {zlib, getBufSize, 1},
                                                                             {erl_tidy, file, 1}, {disk_log, accessible_logs, 0}, {gen_fsm, start, 3}, {x, y, 1}]]),
    show(obsolete_of_all, erlang:phash2([otp_internal:obsolete(M, F, A) || M <- modules(), {F, A} <- lists:sort(M:module_info(exports))])),
    show(obsolete_types, [otp_internal:obsolete_type(M, T, A) || {M, T, A} <- [{erl_scan, column, 0}, {http_uri, uri, 0}, {x, y, 0}]]),
    All = [{F, A} || {F, A} <- lists:usort(lists:append([M:module_info(exports) || M <- modules()]))],
    show(known, length(All)),
    [show(Test, erlang:phash2([{F, A} || {F, A} <- All, yes(Test, F, A)])) || Test <- [bif, guard_bif, arith_op, bool_op, comp_op, list_op, send_op, old_type_test, new_type_test, type_test, old_bif, is_type]],
    show(operators, [{Op, A, [T || T <- [arith_op, bool_op, comp_op, list_op, send_op], yes(T, Op, A)]} || Op <- ['+', '-', 'bnot', 'div', 'and', 'not', '==', '=<', '++', '--', '!', 'andalso', x], A <- [1, 2]]),
    show(add_predefined, erl_internal:add_predefined_functions([{attribute, 1, module, m}])),
    show(safe, erlang:phash2([{M, F, A} || M <- [erlang, lists, maps, math], {F, A} <- lists:sort(M:module_info(exports)), erl_bifs:is_safe(M, F, A)])),
    show(pure, length([1 || M <- [erlang, lists, maps, math], {F, A} <- M:module_info(exports), erl_bifs:is_pure(M, F, A)])),
    show(bits, [{T, U, erl_bits:set_bit_type(T, U)} || {T, U} <- [{default, default}, {8, [integer]}, {default, [binary]}, {default, [float]}, {all, [binary, {unit, 3}]}, {default, [utf8]}, {8, [utf8]},
                                                                {default, [integer, float]}, {default, [{unit, 300}]}, {default, [little, big]}, {64, [float, native]}, {default, [bitstring]}]]),
    show(as_type, erl_bits:as_list(element(3, erl_bits:set_bit_type(16, [little, signed])))),
    show(syntax_errors, [{M, lists:flatten(M:format_error(E))} || {M, E} <- [{erl_parse, ["a", "b"]}, {erl_scan, {illegal, character}}, {erl_scan, {unterminated, string, "x"}}, {erl_lint, {undefined_function, {f, 1}}},
                                                                           {erl_lint, {unused_var, 'X'}}, {epp, {undefined, 'M', none}}, {epp, {depth, "include"}}, {erl_lint, pmod_unsupported}, {v3_core, {nomatch, pattern}}]]),
    show(posix_all, erlang:phash2([{E, erl_posix_msg:message(E)} || E <- posix()])),
    show(features, {erl_features:all(), [{F, erl_features:short(F)} || F <- erl_features:all()], erl_features:configurable()}),
    show(keywords, [erl_scan:reserved_word(W) || W <- ['after', 'maybe', 'else', 'begin', 'cond', 'let', 'query', x, 'when']]),
    show(categories, [proplists:get_value(category, [{category, catch unicode_util:lookup(C)}]) =/= undefined || C <- "aA1 "]),
    show(lowercase, erlang:phash2([string:lowercase([C]) || C <- lists:seq(1, 16#2fff)])),
    show(uppercase, erlang:phash2([string:uppercase([C]) || C <- lists:seq(1, 16#2fff)])),
    show(titlecase, erlang:phash2([string:titlecase([C, C]) || C <- lists:seq(1, 16#2fff)])),
    show(folded, erlang:phash2([string:casefold([C]) || C <- lists:seq(1, 16#2fff)])),
    show(whitespace, [C || C <- lists:seq(1, 16#3100), string:trim([C]) =:= []]),
    show(printable, erlang:phash2([io_lib:printable_unicode_list([C]) || C <- lists:seq(0, 16#ffff)])),
    show(latin1, [C || C <- lists:seq(0, 255), not io_lib:printable_latin1_list([C])]).

modules() -> [erlang, lists, maps, string, binary, file, io, io_lib, re, ets, dets, gen_server, gen_statem, code, error_logger, inet, gen_tcp, proplists, dict, array, calendar, timer, filename, filelib,
              sys, proc_lib, supervisor, application, math, unicode, beam_lib, erl_eval, erl_scan, digraph, sofs, queue, rand, random, zip, erl_tar, compile, os, rpc, erpc, global, net_kernel].

yes(old_bif, F, A) -> erl_internal:old_bif(F, A);
yes(is_type, F, A) -> erl_internal:is_type(F, A);
yes(Test, F, A) -> erl_internal:Test(F, A).

posix() -> [e2big, eacces, eaddrinuse, eaddrnotavail, eadv, eafnosupport, eagain, ealign, ealready, ebade, ebadf, ebadfd, ebadmsg, ebadr, ebusy, ecanceled, echild, echrng, ecomm, econnaborted, econnreset, edeadlk,
            edestaddrreq, edom, edotdot, edquot, efault, efbig, ehostdown, ehostunreach, eidrm, eilseq, einprogress, eintr, einval, eio, eisconn, eisdir, eisnam, elbin, eloop, emfile, emlink, emsgsize, emultihop,
            enametoolong, enavail, enet, enetdown, enetreset, enetunreach, enfile, enoano, enobufs, enodata, enodev, enoexec, enolck, enolink, enomem, enomsg, enonet, enoprotoopt, enosr, enosym, enosys, enotblk, enotconn,
            enotdir, enotempty, enotsock, enotty, enotuniq, enxio, eopnotsupp, eoverflow, eperm, epfnosupport, eproclim, eproto, eprototype, erange, eremote, erofs, espipe, esrch, estale, etime, etxtbsy, euclean, exdev, exfull].

show(What, Value) -> io:format("~p: ~0tp~n", [What, Value]).
