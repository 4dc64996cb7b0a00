%% The commands of the shell as functions: c, i and their kin, what they print about modules, processes, folders and memory; shell_default, documents of modules, records, history.
-module(shell_helpers).
-export([main/0]).

main() ->
    process_flag(trap_exit, false),
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_helpers_" ++ os:getpid(),
    ok = filelib:ensure_path(Folder), put(folder, Folder),
    try
        ok = file:set_cwd(Folder),
        compiling(), loading(), folders(), shown_processes(), modules(), memory(), helps(), named()
    after
        file:set_cwd("/"), file:del_dir_r(Folder)
    end.

%% The result and what was printed, with pids, numbers of reductions and folders taken out.
told(Label, F) -> told(Label, F, fun(T) -> T end).
told(Label, F, Change) ->
    Self = self(), Leader = group_leader(),
    Collector = spawn(fun() -> collect([]) end),
    group_leader(Collector, Self),
    Result = try F() catch C:R -> {C, R} after group_leader(Leader, Self) end,
    Collector ! {take, Self},
    Text = receive {taken, T} -> unicode:characters_to_list(T) end,
    exit(Collector, kill),
    io:format("~0p: ~ts~n~ts~n", [Label, tidy(io_lib:format("~0tp", [Result])), Change(tidy(Text))]).
tidy(T) -> re:replace(re:replace(T, get(folder), "FOLDER", [global, {return, list}, unicode]), "<\\d+\\.\\d+\\.\\d+>", "PID", [global, {return, list}, unicode]).
collect(Texts) ->
    receive
        {take, To} -> To ! {taken, lists:reverse(Texts)};
        {io_request, From, As, R} ->
            {Reply, New} = request(R),
            From ! {io_reply, As, Reply}, collect(New ++ Texts)
    end.
request({put_chars, _, M, F, A}) -> try {ok, [apply(M, F, A)]} catch error:E -> {{error, E}, []} end;
request({put_chars, _, T}) -> {ok, [T]};
request({requests, L}) -> {ok, lists:reverse([T || R <- L, T <- element(2, request(R))])};
request({get_geometry, columns}) -> {80, []};
request(getopts) -> {[{binary, false}, {encoding, unicode}], []};
request(_) -> {{error, request}, []}.

compiling() ->
    ok = file:write_file("one.erl", "-module(one).\n-export([f/0, g/1]).\nf() -> 1.\ng(X) -> Y = 2.\n"),
    told(c, fun() -> c:c(one) end), told(c_options, fun() -> c:c(one, [nowarn_unused_vars]) end), told(called, fun() -> [one:f(), one:g(1)] end),
    ok = file:write_file("bad.erl", "-module(bad).\nf( -> 1.\n"), told(bad, fun() -> c:c(bad) end), told(none, fun() -> c:c(no_such_module) end), told(text, fun() -> c:c("one.erl") end),
    ok = file:write_file("two.erl", "-module(two).\n-export([f/0]).\nf() -> 2.\n"), told(lc, fun() -> c:lc([one, two]) end), told(nc, fun() -> c:nc(two) end),
    ok = file:write_file("Emakefile", "{'*', [nowarn_unused_vars]}.\n"), file:delete("bad.erl"), told(make, fun() -> make:all([noexec]) end), told(make_all, fun() -> make:all() end), told(up_to_date, fun() -> make:all() end), told(files, fun() -> make:files([one], []) end),
    told(y, fun() -> file:write_file("gram.yrl", "Nonterminals e. Terminals a. Rootsymbol e. e -> a : '$1'.\n"), c:y("gram") end), told(y_none, fun() -> c:y("no_grammar") end).

loading() ->
    told(l, fun() -> [c:l(one), c:l(no_such_module)] end), told(lm, fun() -> c:lm() end), told(mm, fun() -> [M || M <- c:mm(), M =:= one] end),
    told(nl, fun() -> c:nl(one) end), told(erlangrc, fun() -> c:erlangrc(["FOLDER"]) end), told(purged, fun() -> [code:purge(one), code:delete(one), code:purge(one), erlang:module_loaded(one)] end).

folders() ->
    told(pwd, fun() -> c:pwd() end), file:make_dir("sub"), file:write_file("sub/a", ""), file:write_file("sub/longer_name", ""), file:make_dir("sub/folder"),
    told(ls, fun() -> c:ls() end), told(ls_sub, fun() -> c:ls("sub") end), told(ls_file, fun() -> c:ls("sub/a") end), told(ls_none, fun() -> c:ls("nowhere") end), told(ls_wrong, fun() -> c:ls({a}) end), told(cd, fun() -> [c:cd("sub"), c:cd("nowhere"), c:cd("..")] end),
    [file:write_file("sub/file" ++ integer_to_list(I), "") || I <- lists:seq(1, 40)], told(ls_many, fun() -> c:ls(sub) end).

shown_processes() ->
    P = spawn(fun() -> put(key, value), receive stop -> ok end end), register(helped, P), P ! {a, "message"}, P ! second,
    told(pid, fun() -> [is_pid(c:pid(0, 1, 0)), c:pid(0, 1, 0) =:= list_to_pid("<0.1.0>")] end),
    told(regs, fun() -> c:regs() end, fun(T) -> [hd(string:lexemes(L, " ")) || L <- string:split(T, "\n", all), lists:prefix("helped", L)] end),
    told(i, fun() -> c:i() end, fun(T) -> lists:join("\n", lists:sublist(string:split(T, "\n", all), 2)) end),
    told(ni, fun() -> c:ni() end, fun(T) -> hd(string:split(T, "\n")) end),
    told(flush, fun() -> self() ! {one, [1]}, self() ! "two", c:flush() end), told(flush_none, fun() -> c:flush() end), told(uptime, fun() -> c:uptime() end, fun(T) -> re:run(T, "seconds", [{capture, none}]), "" end),
    P ! stop.

modules() ->
    told(m, fun() -> c:m() end, fun(T) -> hd(string:split(T, "\n")) end),
    told(m_module, fun() -> c:m(queue) end, fun(T) -> [L ++ "\n" || L <- string:split(T, "\n", all), string:find(L, "Compiled") =:= nomatch, string:find(L, "MD5") =:= nomatch] end), told(m_none, fun() -> c:m(no_such_module) end), told(xm, fun() -> is_list(c:xm(c)) end),
    told(bi, fun() -> c:bi(1) end), told(history, fun() -> [shell:history(20), shell:results(20), shell:strings(true), shell:strings(true)] end), told(records, fun() -> shell:catch_exception(false) end).

memory() -> told(memory, fun() -> [K || {K, V} <- c:memory(), is_integer(V)] end), told(memory_of, fun() -> [is_integer(c:memory(total)), [K || {K, _} <- c:memory([atom, binary])], catch element(1, hd(c:memory(nonsense)))] end).

helps() ->
    told(help, fun() -> c:help() end), told(shell_help, fun() -> shell_default:help() end, fun(T) -> lists:join("\n", lists:sublist(string:split(T, "\n", all), 12)) end),
    told(h, fun() -> [c:h(no_such_module), c:h(no_such_module, f), c:h(no_such_module, f, 1), c:ht(no_such_module), c:hcb(no_such_module)] end), told(h_one, fun() -> element(1, c:h(two)) end),
    told(documented, fun() -> [code:get_doc(two), code:get_doc(no_such_module)] end), told(rendered, fun() -> shell_docs:supported_tags() end), told(validated, fun() -> shell_docs:validate({docs_v1, 1, erlang, <<"application/erlang+html">>, #{<<"en">> => [{p, [], [<<"text ">>, {em, [], [<<"loud">>]}]}]}, #{}, []}) end),
    told(shown, fun() -> shell_docs:render(made, made_docs()) end, fun(T) -> T end), told(function, fun() -> io:put_chars(element(2, {x, shell_docs:render(made, f, made_docs())})) end), told(missing, fun() -> shell_docs:render(made, none, made_docs()) end), told(types, fun() -> io:put_chars(shell_docs:render_type(made, made_docs())) end).
made_docs() -> {docs_v1, [{file, "made.erl"}, {location, 1}], erlang, <<"application/erlang+html">>, #{<<"en">> => [{p, [], [<<"A module of ">>, {code, [], [<<"code">>]}, <<".">>]}, {ul, [], [{li, [], [<<"one">>]}, {li, [], [{p, [], [<<"two">>]}]}]}, {h2, [], [<<"Head">>]}, {pre, [], [{code, [], [<<"a line\nand another">>]}]}]}, #{name => <<"made">>},
                [{{function, f, 1}, [{file, "made.erl"}], [<<"f(X) -> Y">>], #{<<"en">> => [{p, [], [<<"Does ">>, {strong, [], [<<"it">>]}, <<" and that, at some length, so that the line has to be broken somewhere before its end.">>]}]}, #{}}, {{function, g, 0}, [], [<<"g() -> ok">>], none, #{}}, {{type, t, 0}, [], [<<"t() = integer()">>], #{<<"en">> => [{p, [], [<<"A type">>]}]}, #{}}]}.

named() ->
    told(user_default, fun() -> [erlang:function_exported(shell_default, F, A) || {F, A} <- [{ls, 0}, {c, 1}, {nothing, 0}]] end), told(default, fun() -> shell_default:pwd() end), told(local, fun() -> shell:local_allowed(x, [], 1) end), told(prompt, fun() -> [shell:prompt_func(default), shell:prompt_func(default)] end).
