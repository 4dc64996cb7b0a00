%% @doc From what strangers wrote to a .beam file, outside the wall. Source is read and compiled with fixed options by a process of its own
%% that may use so much time and memory: no parse transforms, no options in the source but a few, includes only of texts that came along.
%%
%% Reading Erlang makes atoms, which live as long as the node: names that the node does not know yet are counted before anything is read.
%% The preprocessor expands macros in a process that its caller cannot limit, and constants are folded to atoms: a guard looks every few
%% milliseconds at what the compiler uses, and ends it with whoever asked for it.
-module(hanse_machine_compile).

-export([all/2, beam/3]).
-export_type([code/0]).

%% Erlang source, a .beam file (a binary that begins with FOR1), or abstract forms.
-type code() :: iodata() | {forms, [erl_parse:abstract_form()]}.
-type problems() :: {compile, [binary()]}.

-define(SOURCE_BYTES, 4194304).
-define(NEW_NAMES, 20000).
-define(TIME_MS, 60000).
-define(HEAP_BYTES, 134217728).
%% A large source takes about a million; macros that double themselves to nothing would take for ever, and no memory.
-define(MACRO_REDUCTIONS, 50000000).
%% What the node has more while one is compiled: names, variables, and what the compiler makes up.
-define(NEW_ATOMS, 100000).
-define(GUARD_MS, 4).
-define(OPTIONS, [binary, return_errors, deterministic, no_spawn_compiler_process, no_docs]).
%% What source may say with -compile(...).
-define(ALLOWED, [export_all, nowarn_export_all, no_auto_import, inline, inline_list_funcs, nowarn_unused_function, nowarn_unused_vars,
                  nowarn_unused_record, debug_info, warnings_as_errors]).

%% @doc Several modules; the first that is wrong ends it.
-spec all([{module(), code()}], #{binary() => binary()}) -> {ok, [{module(), binary()}]} | {error, {module(), problems()}}.
all(Modules, Includes) -> all(Modules, Includes, []).

all([], _, Done) -> {ok, lists:reverse(Done)};
all([{Module, Code} | Modules], Includes, Done) ->
    case beam(Module, Code, Includes) of
        {ok, Beam} -> all(Modules, Includes, [{Module, Beam} | Done]);
        {error, Problems} -> {error, {Module, Problems}}
    end.

%% @doc A module. Includes are texts by the name in -include("NAME"). Each problem is a line of text, LINE: what.
-spec beam(module(), code(), #{binary() => binary()}) -> {ok, binary()} | {error, problems()}.
beam(_, <<"FOR1", _/binary>> = Beam, _) -> {ok, Beam};
beam(Module, Code, Includes) ->
    {Asker, Alias} = {self(), alias([reply])},
    Words = ?HEAP_BYTES div erlang:system_info(wordsize),
    {Pid, Monitor} = spawn_opt(fun() -> Alias ! {Alias, compile(Module, Code, Includes, guard(Asker))} end,
                               [monitor, {max_heap_size, #{size => Words, kill => true, error_logger => false}}]),
    receive
        {Alias, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, Pid, {over_limit, Text}} -> problem(Text);
        {'DOWN', Monitor, process, Pid, killed} -> problem(io_lib:format("it needs more than ~b MB to be compiled", [?HEAP_BYTES bsr 20]));
        {'DOWN', Monitor, process, Pid, Reason} -> problem(io_lib:format("not compiled: ~0tP", [Reason, 20]))
    end.

problem(Text) -> {error, {compile, [unicode:characters_to_binary(Text)]}}.

compile(Module, {forms, Forms}, _, _) -> forms(Module, Forms);
compile(Module, Source, Includes, Guard) ->
    try
        Text = text(Source),
        names([Text | maps:values(Includes)]),
        forms(Module, parse(Module, included(Text, Includes, 0), Guard))
    catch throw:{wrong, Lines} -> {error, {compile, [unicode:characters_to_binary(Line) || Line <- Lines]}}
    end.

-spec wrong(unicode:chardata()) -> no_return().
wrong(Line) -> throw({wrong, [Line]}).

text(Source) ->
    Bytes = try iolist_to_binary(Source) catch error:badarg -> wrong("expected source (text), {forms, Forms} or a .beam file") end,
    byte_size(Bytes) =< ?SOURCE_BYTES orelse wrong(io_lib:format("the source has more than ~b bytes", [?SOURCE_BYTES])),
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> wrong("the source is no text in UTF-8")
    end.

%% Whatever could become an atom, known to the node or not.
names(Texts) ->
    Whole = unicode:characters_to_binary(lists:join("\n", Texts)),
    Words = maps:keys(words(Whole, #{})),
    %% What stands in quotes may be a name; each begins with one.
    Quoted = length(binary:matches(Whole, <<"'">>)) div 2,
    New = length([Word || Word <- Words, not known(Word)]) + Quoted,
    New =< ?NEW_NAMES orelse wrong(io_lib:format("~b names that the node does not know; the limit is ~b", [New, ?NEW_NAMES])).

words(<<C, _/binary>> = Text, Words) when C >= $a, C =< $z; C >= $A, C =< $Z; C =:= $_; C >= 128 ->
    Length = word(Text, 0),
    <<Word:Length/binary, Rest/binary>> = Text,
    words(Rest, Words#{Word => true});
words(<<_, Rest/binary>>, Words) -> words(Rest, Words);
words(<<>>, Words) -> Words.

word(<<C, Rest/binary>>, Length) when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9; C =:= $_; C =:= $@; C >= 128 -> word(Rest, Length + 1);
word(_, Length) -> Length.

known(Word) ->
    try is_atom(binary_to_existing_atom(Word)) catch error:_ -> false end.

%% The text of each -include("NAME") takes its place; what else would read a file is refused.
included(_, _, Depth) when Depth > 16 -> wrong("includes are nested too deeply");
included(Text, Includes, Depth) ->
    case directives(Text) of
        [] -> Text;
        [{Line, File} | _] when is_map_key(File, Includes) ->
            {Before, [_ | After]} = lists:split(Line - 1, string:split(Text, "\n", all)),
            Inner = included(text(maps:get(File, Includes)), Includes, Depth + 1),
            included(lists:flatten(lists:join($\n, Before ++ [Inner | After])), Includes, Depth + 1);
        [{Line, none} | _] -> wrong(io_lib:format("~b: only -include(\"NAME\"). on a line of its own, of a file that came along", [Line]));
        [{Line, File} | _] -> wrong(io_lib:format("~b: ~ts did not come along (option includes)", [Line, File]))
    end.

directives(Text) ->
    case erl_scan:string(Text, {1, 1}) of
        {ok, Tokens, _} -> directives(Tokens, []);
        {error, {{Line, _}, Module, Why}, _} -> wrong(io_lib:format("~b: ~ts", [Line, Module:format_error(Why)]))
    end.

directives([{'-', {Line, _}}, {atom, _, include}, {'(', _}, {string, _, File}, {')', _}, {dot, {Line, _}} | Tokens], Found) ->
    directives(Tokens, [{Line, unicode:characters_to_binary(File)} | Found]);
directives([{'-', {Line, _}}, {atom, _, Include} | Tokens], Found) when Include =:= include; Include =:= include_lib ->
    directives(Tokens, [{Line, none} | Found]);
directives([_ | Tokens], Found) -> directives(Tokens, Found);
directives([], Found) -> lists:reverse(Found).

parse(Module, Text, Guard) ->
    Name = atom_to_list(Module) ++ ".erl",
    Device = spawn_link(fun() -> device(Text) end),
    case epp:open([{fd, Device}, {name, Name}, {source_name, Name}, {includes, []}, {macros, []}, {location, {1, 1}}]) of
        {ok, Epp} ->
            Guard ! {preprocessor, Epp},
            Forms = read(Epp, []),
            unlink(Device),
            exit(Device, kill),
            Forms;
        {error, Reason} -> wrong(io_lib:format("~0tp", [Reason]))
    end.

read(Epp, Forms) ->
    case epp:parse_erl_form(Epp) of
        {ok, Form} -> read(Epp, [Form | Forms]);
        {eof, _} = End -> lists:reverse(Forms, [End]);
        {error, Error} -> read(Epp, [{error, Error} | Forms]);
        {warning, _} -> read(Epp, Forms)
    end.

%% A guard of the calling process, which ends with that, and takes the preprocessor along.
guard(Asker) ->
    Compiler = self(),
    End = erlang:monotonic_time(millisecond) + ?TIME_MS,
    Atoms = erlang:system_info(atom_count) + ?NEW_ATOMS,
    spawn(fun() ->
        monitor(process, Asker),
        guard(monitor(process, Compiler), Compiler, none, End, Atoms)
    end).

guard(Monitor, Compiler, Epp, End, Atoms) ->
    receive
        {preprocessor, Pid} -> guard(Monitor, Compiler, Pid, End, Atoms);
        {'DOWN', Monitor, process, _, _} -> Epp =:= none orelse exit(Epp, kill);
        {'DOWN', _, process, _, _} -> over_limit(Compiler, Epp, "nobody waits for it")
    after ?GUARD_MS ->
        case over(Epp, End, Atoms) of
            no -> guard(Monitor, Compiler, Epp, End, Atoms);
            What -> over_limit(Compiler, Epp, What)
        end
    end.

over_limit(Compiler, Epp, What) ->
    exit(Compiler, {over_limit, What}),
    Epp =:= none orelse exit(Epp, kill).

over(Epp, End, Atoms) ->
    Used = case Epp of none -> undefined; _ -> process_info(Epp, [memory, reductions]) end,
    IsLate = erlang:monotonic_time(millisecond) > End,
    Made = erlang:system_info(atom_count),
    case Used of
        _ when IsLate -> io_lib:format("not compiled within ~b s", [?TIME_MS div 1000]);
        _ when Made > Atoms -> io_lib:format("more than ~b new names while it is compiled", [?NEW_ATOMS]);
        [{memory, Bytes}, _] when Bytes > ?HEAP_BYTES -> io_lib:format("its macros need more than ~b MB", [?HEAP_BYTES bsr 20]);
        [_, {reductions, Reductions}] when Reductions > ?MACRO_REDUCTIONS -> "its macros take too long to be expanded";
        _ -> no
    end.

%% What the preprocessor reads from: the part of the I/O protocol that it uses.
device(Text) ->
    receive
        {io_request, From, ReplyAs, Request} ->
            {Reply, Rest} = device_reply(Request, Text),
            From ! {io_reply, ReplyAs, Reply},
            device(Rest);
        {file_request, From, ReplyAs, Request} ->
            From ! {file_reply, ReplyAs, case Request of {position, _} -> {ok, 0}; _ -> ok end},
            device(Text)
    end.

device_reply({get_until, _, _, erl_scan, tokens, Arguments}, Text) ->
    tokens(apply(erl_scan, tokens, [[], case Text of [] -> eof; _ -> Text end | Arguments]), Arguments);
device_reply(getopts, Text) -> {[{encoding, unicode}, {binary, false}], Text};
device_reply({setopts, _}, Text) -> {ok, Text};
device_reply(_, Text) -> {eof, Text}.

tokens({done, Result, eof}, _) -> {Result, []};
tokens({done, Result, Rest}, _) -> {Result, Rest};
tokens({more, Continuation}, Arguments) -> tokens(apply(erl_scan, tokens, [Continuation, eof | Arguments]), Arguments).

forms(Module, Forms) when is_list(Forms) ->
    Wrong = lists:append([unwanted(Form) || Form <- Forms]),
    Named = [Name || {attribute, _, module, Name} <- Forms],
    if
        Wrong =/= [] -> {error, {compile, [unicode:characters_to_binary(Line) || Line <- Wrong]}};
        Named =/= [Module], Named =/= [] -> problem(io_lib:format("expected -module(~tw), got ~0tp", [Module, hd(Named)]));
        true -> compiled(Module, Forms)
    end;
forms(_, _) -> problem("expected a list of forms").

compiled(Module, Forms) ->
    try compile:noenv_forms(Forms, ?OPTIONS) of
        {ok, Module, Beam} when is_binary(Beam) -> {ok, Beam};
        {ok, Module, Beam, _} when is_binary(Beam) -> {ok, Beam};
        {error, Errors, _} -> {error, {compile, [line(Location, By, Why) || {_, Of} <- Errors, {Location, By, Why} <- Of]}};
        Other -> problem(io_lib:format("not compiled: ~0tP", [Other, 20]))
    catch _:Reason -> problem(io_lib:format("not compiled: ~0tP", [Reason, 20]))
    end.

line(Location, By, Why) ->
    Line = case Location of {L, _} -> L; _ -> Location end,
    unicode:characters_to_binary([case Line of none -> ""; _ -> io_lib:format("~0tp: ", [Line]) end, By:format_error(Why)]).

unwanted({attribute, Anno, compile, Options}) ->
    [io_lib:format("~0tp: the option ~0tp is not allowed in -compile", [at(Anno), Option])
     || Option <- case Options of [_ | _] -> Options; [] -> []; One -> [One] end, not allowed(Option)];
unwanted({attribute, Anno, on_load, _}) -> [io_lib:format("~0tp: -on_load is not allowed", [at(Anno)])];
unwanted({attribute, Anno, nifs, _}) -> [io_lib:format("~0tp: -nifs is not allowed", [at(Anno)])];
unwanted(_) -> [].

at(Anno) -> try erl_anno:line(Anno) catch error:_ -> none end.

allowed({no_auto_import, _}) -> true;
allowed({inline, _}) -> true;
allowed({nowarn_unused_function, _}) -> true;
allowed(Option) -> lists:member(Option, ?ALLOWED).
