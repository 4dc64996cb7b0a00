%% Releases: boot scripts, archives and upgrade scripts that systools makes, what it says about wrong ones; an application with running processes
%% that release_handler upgrades and downgrades.
-module(releases).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Folder = "/tmp/hanse_releases_" ++ os:getpid(),
    put(folder, Folder),
    try run(Folder) after file:del_dir_r(Folder) end.

run(Folder) ->
    [application_version(Folder, V) || V <- ["1.0", "2.0"]],
    release(Folder, "rel1", "1.0", [{shop, "1.0"}]),
    release(Folder, "rel2", "2.0", [{shop, "2.0"}]),
    scripts(Folder),
    wrong(Folder),
    relups(Folder),
    handled(Folder).

show(Label, Value) -> io:format("~p: ~0tp~n", [Label, tidy(Value)]).

%% Paths begin with the folder of this run, and scripts name the places of OTP.
tidy([C | _] = S) when is_integer(C) ->
    case io_lib:char_list(S) of
        true -> lists:flatten(string:replace(string:replace(S, get(folder), "FOLDER"), code:root_dir(), "ROOT"));
        false -> S
    end;
tidy([H | T]) -> [tidy(H) | tidy(T)];
tidy(T) when is_tuple(T) -> list_to_tuple(tidy(tuple_to_list(T)));
tidy(T) -> T.

%% --- an application of a server, a table of prices and a supervisor

application_version(Folder, V) ->
    Ebin = filename:join([Folder, "shop-" ++ V, "ebin"]),
    ok = filelib:ensure_path(Ebin),
    Modules = [shop_app, shop_sup, shop_till, shop_prices] ++ [shop_discount || V =:= "2.0"] ++ [shop_legacy || V =:= "1.0"],
    [begin
         Forms = [begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- split(element(2, erl_scan:string(source(M, V))), [])],
         {ok, M, Code} = compile:forms(Forms),
         ok = file:write_file(filename:join(Ebin, atom_to_list(M) ++ ".beam"), Code)
     end || M <- Modules],
    App = {application, shop, [{description, "A shop"}, {vsn, V}, {modules, Modules}, {registered, [shop_till, shop_sup]}, {applications, [kernel, stdlib, sasl]},
                               {mod, {shop_app, [open]}}, {env, [{currency, case V of "1.0" -> marks; _ -> euros end}]}]},
    ok = file:write_file(filename:join(Ebin, "shop.app"), io_lib:format("~p.~n", [App])),
    Up = {"2.0", [{"1.0", [{add_module, shop_discount}, {update, shop_till, {advanced, [up]}, [shop_prices]}, {load_module, shop_prices, [shop_discount]}, {delete_module, shop_legacy}, {apply, {application, set_env, [shop, upgraded, yes]}}]}],
          [{"1.0", [{add_module, shop_legacy}, {update, shop_till, {advanced, [down]}}, {load_module, shop_prices}, {delete_module, shop_discount}, {apply, {application, unset_env, [shop, upgraded]}}]}]},
    [ok = file:write_file(filename:join(Ebin, "shop.appup"), io_lib:format("~p.~n", [Up])) || V =:= "2.0"].

split([], []) -> [];
split([{dot, _} = Dot | Rest], Form) -> [lists:reverse(Form, [Dot]) | split(Rest, [])];
split([T | Rest], Form) -> split(Rest, [T | Form]).

source(shop_app, V) -> head(shop_app, V) ++ "-export([start/2, stop/1]). start(_, [open]) -> shop_sup:start_link(). stop(_) -> ok.";
source(shop_sup, V) -> head(shop_sup, V) ++ "-export([start_link/0, init/1]). start_link() -> supervisor:start_link({local, shop_sup}, shop_sup, []). "
    "init([]) -> {ok, {{one_for_one, 1, 5}, [{till, {shop_till, start_link, []}, permanent, 5000, worker, [shop_till]}]}}.";
source(shop_till, "1.0") -> head(shop_till, "1.0") ++ "-export([start_link/0, init/1, handle_call/3, handle_cast/2]). start_link() -> gen_server:start_link({local, shop_till}, shop_till, [], []). "
    "init([]) -> {ok, 0}. handle_call({sell, What}, _, Sum) -> New = Sum + shop_prices:price(What), {reply, New, New}; handle_call(state, _, Sum) -> {reply, Sum, Sum}. "
    "handle_cast(_, S) -> {noreply, S}.";
source(shop_till, "2.0") -> head(shop_till, "2.0") ++ "-export([start_link/0, init/1, handle_call/3, handle_cast/2, code_change/3]). start_link() -> gen_server:start_link({local, shop_till}, shop_till, [], []). "
    "init([]) -> {ok, {0, []}}. handle_call({sell, What}, _, {Sum, Sold}) -> New = Sum + shop_discount:of_price(shop_prices:price(What)), {reply, New, {New, [What | Sold]}}; handle_call(state, _, S) -> {reply, S, S}. "
    "handle_cast(_, S) -> {noreply, S}. code_change({down, _}, {Sum, _}, [down]) -> {ok, Sum}; code_change(_, Sum, [up]) -> {ok, {Sum, [before]}}.";
source(shop_prices, "1.0") -> head(shop_prices, "1.0") ++ "-export([price/1]). price(tea) -> 3; price(bread) -> 2.";
source(shop_prices, "2.0") -> head(shop_prices, "2.0") ++ "-export([price/1]). price(tea) -> 40; price(bread) -> 30; price(cake) -> 70.";
source(shop_discount, V) -> head(shop_discount, V) ++ "-export([of_price/1]). of_price(P) -> P * 9 div 10.";
source(shop_legacy, V) -> head(shop_legacy, V) ++ "-export([old/0]). old() -> true.".

head(M, V) -> lists:flatten(io_lib:format("-module(~p). -vsn(~p). ", [M, V])).

version(App) -> application:load(App), {ok, V} = application:get_key(App, vsn), V.

release(Folder, Name, V, Apps) ->
    Rel = {release, {"shop", V}, {erts, erlang:system_info(version)}, [{A, version(A)} || A <- [kernel, stdlib, sasl]] ++ Apps},
    ok = file:write_file(filename:join(Folder, Name ++ ".rel"), io_lib:format("~p.~n", [Rel])).

options(Folder) -> [silent, {path, [filename:join([Folder, "shop-*", "ebin"])]}, {outdir, Folder}].

%% --- boot scripts and archives

scripts(Folder) ->
    [begin
         {ok, systools_make, []} = systools:make_script(filename:join(Folder, R), options(Folder)),
         {ok, [{script, Name, Instructions}]} = file:consult(filename:join(Folder, R ++ ".script")),
         show({script, R}, Name),
         [show(instruction, I) || I <- Instructions, of_shop(I)],
         show(kinds, [K || I <- Instructions, K <- [case I of {K1, _} -> K1; {K1, _, _} -> K1; _ -> I end]]),
         {ok, Boot} = file:read_file(filename:join(Folder, R ++ ".boot")),
         show(boot, binary_to_term(Boot) =:= {script, Name, Instructions})
     end || R <- ["rel1", "rel2"]],
    Base = filename:join(Folder, "rel1"),
    show(variables, [element(1, systools:make_script(Base, [{variables, [{"SHOP", Folder}]}, local] ++ options(Folder))), [P || {path, [P | _]} <- element(3, hd(element(2, file:consult(Base ++ ".script")))), string:find(P, "shop") =/= nomatch]]),
    show(back, [systools:script2boot(Base), filelib:is_file(Base ++ ".boot")]),
    show(tar, systools:make_tar(filename:join(Folder, "rel2"), options(Folder) ++ [{dirs, [src]}])),
    {ok, Names} = erl_tar:table(filename:join(Folder, "rel2.tar.gz"), [compressed]),
    show(names, lists:sort([N || N <- Names, string:find(N, "shop") =/= nomatch orelse string:find(N, "releases") =/= nomatch])).

of_shop({apply, {application, load, [{application, shop, _}]}}) -> true;
of_shop({apply, {application, start_boot, [shop | _]}}) -> true;
of_shop({path, Ps}) -> lists:any(fun(P) -> string:find(P, "shop") =/= nomatch end, Ps);
of_shop({primLoad, Ms}) -> lists:member(shop_app, Ms);
of_shop({progress, _}) -> true;
of_shop(_) -> false.

%% --- releases with mistakes

wrong(Folder) ->
    Erts = {erts, erlang:system_info(version)},
    Base = [{A, version(A)} || A <- [kernel, stdlib, sasl]],
    [begin
         ok = file:write_file(filename:join(Folder, "wrong.rel"), io_lib:format("~p.~n", [Rel])),
         show({wrong, Label}, explained(systools:make_script(filename:join(Folder, "wrong"), options(Folder))))
     end || {Label, Rel} <- [{no_stdlib, {release, {"w", "1"}, Erts, [hd(Base), {shop, "1.0"}]}}, {no_sasl, {release, {"w", "1"}, Erts, lists:droplast(Base)}}, {version, {release, {"w", "1"}, Erts, Base ++ [{shop, "9.9"}]}},
                             {unknown, {release, {"w", "1"}, Erts, Base ++ [{no_such_application, "1"}]}}, {twice, {release, {"w", "1"}, Erts, Base ++ Base}}, {shape, {release, "w", Erts, Base}}, {kind, {release, {"w", "1"}, Erts, Base ++ [{shop, "1.0", often}]}},
                             {other, hello}, {type, {release, {"w", "1"}, Erts, [{kernel, version(kernel), load} | tl(Base)]}}, {number, {release, {"w", 1}, Erts, Base}}, {included, {release, {"w", "1"}, Erts, Base ++ [{shop, "1.0", [kernel]}]}}]],
    ok = file:write_file(filename:join(Folder, "wrong.rel"), "{release, {\"w\", "),
    show(unfinished, explained(systools:make_script(filename:join(Folder, "wrong"), options(Folder)))),
    show(missing, explained(systools:make_script(filename:join(Folder, "nothing"), options(Folder)))),
    show(option, try systools:make_script(filename:join(Folder, "rel1"), [no_option]) catch C:R -> {C, R} end).

explained({error, Module, Reason}) -> {Reason, try string:trim(lists:flatten(Module:format_error(Reason))) catch error:E -> E end};
explained({ok, Module, Warnings}) -> {ok, Module, Warnings};
explained(Other) -> Other.

%% --- scripts from one release to the other

relups(Folder) ->
    R = fun(N) -> filename:join(Folder, N) end,
    show(relup, explained(systools:make_relup(R("rel2"), [R("rel1")], [R("rel1")], options(Folder)))),
    {ok, [{V, Up, Down}]} = file:consult(R("relup")),
    show(version, V),
    [show(up, I) || {_, _, Is} <- Up, I <- Is],
    [show(down, I) || {_, _, Is} <- Down, I <- Is],
    show(restart, explained(systools:make_relup(R("rel2"), [{R("rel1"), "with a description"}], [], [restart_emulator | options(Folder)]))),
    {ok, [Relup]} = file:consult(R("relup")),
    show(with_restart, [{From, Description, lists:last(Is)} || {From, Description, Is} <- element(2, Relup)]),
    show(backwards, explained(systools:make_relup(R("rel1"), [R("rel2")], [], options(Folder)))),
    Appup = filename:join([Folder, "shop-2.0", "ebin", "shop.appup"]),
    {ok, Good} = file:read_file(Appup),
    [begin
         ok = file:write_file(Appup, Text),
         show({appup, Text}, explained(systools:make_relup(R("rel2"), [R("rel1")], [], options(Folder))))
     end || Text <- ["{\"2.0\", [], []}.", "{\"3.0\", [{\"1.0\", []}], []}.", "{\"2.0\", [{\"1.0\", [{no_such, a}]}], []}.", "{\"2.0\", [{<<\"1\\\\.[0-9]+\">>, [{load_module, shop_prices}]}], []}.", "{\"2.0\", [{\"1.0\", [restart_application]}], []}.",
                     "{\"2.0\", [{\"1.0\", [{restart_application, shop}]}], []}.", "{\"2.0\", [{\"1.0\", [{update, shop_till, supervisor}]}], []}.", "{\"2.0\", [{\"1.0\", [{load_module, nowhere}]}], []}.", "{\"2.0\", [{\"1.0\", [point_of_no_return]}], []}.",
                     "{\"2.0\", [{\"1.0\", [{update, shop_till, [shop_till]}]}], []}.", "{\"2.0\", [{\"1.0\", [{add_application, shop, temporary}, {remove_application, shop}]}], []}.", "oops.", ""]],
    ok = file:write_file(Appup, Good).

%% --- the running application

handled(Folder) ->
    application:start(sasl),
    Old = filename:join(Folder, "shop-1.0"), New = filename:join(Folder, "shop-2.0"),
    true = code:add_patha(filename:join(Old, "ebin")),
    show(start, application:start(shop)),
    show(sold, [gen_server:call(shop_till, {sell, W}) || W <- [tea, tea, bread]]),
    Till = whereis(shop_till),
    {ok, [{_, [{_, Ups}], _}]} = file:consult(filename:join([New, "ebin", "shop.appup"])),
    show(steps, length(Ups)),
    show(script, release_handler:upgrade_script(shop, New)),
    show(upgrade, release_handler:upgrade_app(shop, New)),
    show(after_upgrade, [gen_server:call(shop_till, state), gen_server:call(shop_till, {sell, cake}), gen_server:call(shop_till, state), whereis(shop_till) =:= Till, version(shop), application:get_all_env(shop), code:is_loaded(shop_legacy), is_loaded(shop_discount)]),
    show(again, element(1, release_handler:upgrade_app(shop, New))),
    show(down_script, release_handler:downgrade_script(shop, "1.0", Old)),
    show(downgrade, release_handler:downgrade_app(shop, "1.0", Old)),
    show(after_downgrade, [gen_server:call(shop_till, state), gen_server:call(shop_till, {sell, bread}), whereis(shop_till) =:= Till, version(shop), application:get_all_env(shop), is_loaded(shop_legacy), is_loaded(shop_discount)]),
    show(wrong_place, release_handler:upgrade_app(shop, Folder)),
    show(not_running, release_handler:upgrade_app(crash_and_burn, New)),
    show(which, [S || {_, _, _, S} <- release_handler:which_releases()]),
    show(unknown, [release_handler:install_release("17"), release_handler:remove_release("17"), release_handler:make_permanent("17"), element(1, release_handler:unpack_release("nothing")), release_handler:check_install_release("17")]),
    show(stop, [application:stop(shop), application:unload(shop), application:stop(sasl)]).

is_loaded(M) -> code:is_loaded(M) =/= false.
