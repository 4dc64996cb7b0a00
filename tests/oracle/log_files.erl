%% logger to files: formatter templates, rotation and compression, the disk log handler, filters, levels of modules, many writers, what is refused,
%% and the reports of error_logger in them.
-module(log_files).
-export([main/0]).

main() ->
    Folder = "/tmp/hanse_log_" ++ os:getpid(),
    ok = file:make_dir(Folder),
    logger:remove_handler(default),
    try run(fun(F) -> filename:join(Folder, F) end) after file:del_dir_r(Folder) end.

show(T) -> io:format("~0p~n", [T]).
text(File) -> {ok, B} = file:read_file(File), io:format("~ts~n--~n", [B]).

run(F) ->
    templates(F),
    rotation(F),
    disk(F),
    filters(F),
    writers(F),
    refused(F).

with(Id, Module, Config, Fun) ->
    R = logger:add_handler(Id, Module, Config),
    try Fun() after case Module of logger_std_h -> logger_std_h:filesync(Id); logger_disk_log_h -> logger_disk_log_h:filesync(Id) end, logger:remove_handler(Id) end,
    R.

templates(F) ->
    logger:set_primary_config(level, all),
    [begin
         File = F("t" ++ integer_to_list(N)),
         show(with(t, logger_std_h, #{config => #{file => File}, formatter => {logger_formatter, C}}, fun() ->
             logger:log(error, "text ~w", [1], #{a => 1, mine => #{b => [2]}}),
             logger:log(notice, #{report => yes, list => [1, 2]}, #{}),
             logger:log(info, [{key, value}, {other, "string"}], #{report_cb => fun(R) -> {"cb ~p", [R]} end}),
             logger:log(debug, "line\nbreak ~ts", ["\x{e5}\x{20ac}"], #{}),
             logger:log(warning, "~p", [lists:seq(1, 60)], #{}),
             logger:log(critical, "bad ~w", [], #{}) end)),
         text(File)
     end || {N, C} <- lists:zip(lists:seq(1, 8), [#{template => [level, ": ", msg, "\n"]}, #{template => [{a, ["a=", a, " "], ["no a "]}, msg, "\n"], single_line => false}, #{template => [{[mine, b], [[mine, b]], []}, "|", msg, "\n"], max_size => 30},
         #{template => [msg, "\n"], depth => 5}, #{template => [msg, "\n"], chars_limit => 25}, #{legacy_header => true, template => [[logger_formatter, title], ":", "\n", msg, "\n"]}, #{template => [{pid, ["p"], []}, {file, ["f"], ["n"]}, level, "\n"]}, #{template => [msg, "\n"], report_cb => fun(_, O) -> io_lib:format("~p", [lists:sort(maps:keys(O))]) end}])].

rotation(F) ->
    [begin
         File = F("rotated" ++ integer_to_list(N)),
         C = #{file => File, max_no_bytes => 200, max_no_files => 3, compress_on_rotate => Compress},
         show(with(r, logger_std_h, #{config => C, formatter => {logger_formatter, #{template => [msg, "\n"]}}}, fun() ->
             [begin logger:error("line ~3..0w ~s", [I, lists:duplicate(40, $x)]), logger_std_h:filesync(r) end || I <- lists:seq(1, 30)] end)),
         Files = lists:sort(filelib:wildcard(File ++ "*")),
         show([{filename:basename(X), case filename:extension(X) of ".gz" -> zlib:gunzip(element(2, file:read_file(X))); _ -> element(2, file:read_file(X)) end} || X <- Files])
     end || {N, Compress} <- [{1, false}, {2, true}]].

disk(F) ->
    [begin
         File = F("disk" ++ atom_to_list(Type)),
         show(with(d, logger_disk_log_h, #{config => C#{file => File, type => Type}, formatter => {logger_formatter, #{template => [level, " ", msg, "\n"]}}}, fun() -> [logger:notice("number ~w ~s", [I, lists:duplicate(30, $y)]) || I <- lists:seq(1, 20)] end)),
         show([{filename:basename(X), byte_size(element(2, file:read_file(X)))} || X <- lists:sort(filelib:wildcard(File ++ "*"))])
     end || {Type, C} <- [{wrap, #{max_no_bytes => 300, max_no_files => 2}}, {halt, #{max_no_bytes => 100000}}]].

filters(F) ->
    File = F("filtered"),
    logger:set_primary_config(level, info),
    show(with(f, logger_std_h, #{level => notice, filter_default => log, filters => [{stop_a, {fun(#{meta := #{a := 1}}, _) -> stop; (_, _) -> ignore end, x}}, {change, {fun(#{level := L} = E, X) -> E#{msg := {"changed ~w ~w", [L, X]}} end, extra}}],
        config => #{file => File}, formatter => {logger_formatter, #{template => [msg, "\n"]}}}, fun() ->
            logger:log(error, "a", #{a => 1}), logger:log(error, "b", #{a => 2}), logger:info("too low"), logger:debug("lower"),
            show([logger:set_module_level(?MODULE, debug), logger:get_module_level(?MODULE), logger:allow(debug, ?MODULE), logger:allow(debug, lists), logger:unset_module_level(?MODULE), logger:get_module_level()]),
            show([logger:add_primary_filter(none, {fun(_, _) -> stop end, []}), logger:error("stopped"), logger:remove_primary_filter(none), logger:remove_primary_filter(none), logger:add_handler_filter(f, change, {fun(E, _) -> E end, []})]),
            logger:set_process_metadata(#{a => 1}), logger:error("from the process"), logger:update_process_metadata(#{a => 3, b => 4}), show(logger:get_process_metadata()), logger:error("again"), logger:unset_process_metadata(),
            show([logger:compare_levels(A, B) || {A, B} <- [{error, info}, {debug, debug}, {none, emergency}, {all, debug}]])
        end)),
    text(File),
    show([logger_filters:level(#{level => error, msg => {string, ""}, meta => #{}}, {log, O, notice}) =/= ignore || O <- [gt, lt, eq, neq, gteq, lteq]]),
    show([logger_filters:domain(#{level => error, msg => {string, ""}, meta => #{domain => [otp, sasl]}}, {log, O, D}) =/= ignore || O <- [super, sub, equal, not_equal, undefined], D <- [[otp], [otp, sasl], [otp, sasl, x], []]]).

writers(F) ->
    File = F("many"),
    with(w, logger_std_h, #{config => #{file => File, sync_mode_qlen => 0, drop_mode_qlen => 100000, flush_qlen => 100000, burst_limit_enable => false}, formatter => {logger_formatter, #{template => [msg, "\n"]}}}, fun() ->
        Ms = [element(2, spawn_monitor(fun() -> [logger:error("~w ~w", [W, I]) || I <- lists:seq(1, 100)] end)) || W <- lists:seq(1, 10)],
        [receive {'DOWN', M, _, _, normal} -> ok end || M <- Ms] end),
    {ok, B} = file:read_file(File),
    Lines = [list_to_tuple([binary_to_integer(X) || X <- binary:split(L, <<" ">>)]) || L <- binary:split(B, <<"\n">>, [global, trim])],
    show([length(Lines), lists:usort([[I || {V, I} <- Lines, V =:= W] =:= lists:seq(1, 100) || W <- lists:seq(1, 10)])]).

refused(F) ->
    show([case logger:add_handler(x, M, C) of ok -> logger:remove_handler(x); {error, E} -> case E of {handler_not_added, R} when is_tuple(R) -> {element(1, R)}; _ when is_tuple(E) -> element(1, E); _ -> E end end
          || {M, C} <- [{no_such_module, #{}}, {lists, #{}}, {logger_std_h, #{level => bad}}, {logger_std_h, #{config => #{file => F("no/such/folder/x")}}}, {logger_std_h, #{config => #{type => nonsense}}}, {logger_std_h, #{config => #{bad_key => 1}}}, {logger_std_h, #{filters => bad}}, {logger_std_h, #{formatter => bad}},
                        {logger_std_h, #{formatter => {logger_formatter, #{depth => bad}}}}, {logger_disk_log_h, #{config => #{type => bad}}}, {logger_std_h, x}]]),
    show([logger:set_handler_config(none, level, info), logger:remove_handler(none), logger:get_handler_config(none), logger:set_primary_config(level, bad), logger:set_primary_config(bad, 1), catch logger:log(bad, "x"), logger:update_handler_config(none, #{}), logger:set_application_level(no_app, info), logger:get_handler_ids()]).
