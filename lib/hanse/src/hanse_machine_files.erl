%% @doc Files for a machine. Inside, each directory that it may use is below / under a name; a path is taken apart and followed here, link by
%% link, and must end in one of those directories. Guests cannot make links, so what was checked stays so, as far as they are concerned.
-module(hanse_machine_files).

-export([new/2, limits/2, usage/1, request/2]).
-export_type([files/0]).

-include_lib("kernel/include/file.hrl").

-record(files, {roots :: #{binary() => {Path :: binary(), read | write}}, open = #{} :: #{pos_integer() => {file:fd(), read | write}},
                next = 1 :: pos_integer(), limits :: map(), written = 0 :: non_neg_integer()}).
-opaque files() :: #files{}.
-type reached() :: {atom(), soft | hard, non_neg_integer(), non_neg_integer()}.

-define(LINKS, 40).
-define(PATH_BYTES, 4096).
-define(ENTRIES, 100000).
-define(KEYS, [open_files, file_bytes, binary]).

-spec new([{binary(), read | write, binary()}], map()) -> files().
new(Directories, Limits) ->
    #files{roots = maps:from_list([{Name, {real(Path), Mode}} || {Path, Mode, Name} <- Directories]), limits = maps:with(?KEYS, Limits)}.

real(Path) ->
    case follow(filename:split(Path), <<"/">>, ?LINKS) of
        {ok, Real} -> Real;
        {error, _} -> Path
    end.

-spec limits(map(), files()) -> files().
limits(Limits, #files{limits = Old} = Files) -> Files#files{limits = maps:merge(Old, maps:with(?KEYS, Limits))}.

-spec usage(files()) -> map().
usage(#files{open = Open, written = Written}) -> #{open_files => map_size(Open), file_bytes => Written}.

%% @doc Does what a guest asks for: the answer of module file, and the limits that were reached.
-spec request(term(), files()) -> {term(), [reached()], files()}.
request(Request, Files) ->
    try do(Request, Files)
    catch
        throw:{answer, Answer} -> {Answer, [], Files};
        throw:{reached, Answer, Reached} -> {Answer, [Reached], Files};
        error:_ -> {{error, einval}, [], Files}
    end.

do({read_file, Path}, Files) ->
    Real = path(Path, read, Files),
    case file:read_file_info(Real, [raw]) of
        {ok, #file_info{type = regular, size = Size}} ->
            Size =< hard(binary, Files) orelse throw({answer, {error, efbig}}),
            plain(file:read_file(Real), Files);
        {ok, #file_info{type = directory}} -> plain({error, eisdir}, Files);
        {ok, _} -> plain({error, eacces}, Files);
        Error -> plain(Error, Files)
    end;
do({write_file, Path, Bytes, Modes}, Files) when is_binary(Bytes) ->
    Real = path(Path, write, Files),
    Known = [Mode || Mode <- Modes, lists:member(Mode, [append, exclusive])],
    regular_or_new(Real),
    {Reached, Charged} = charge(byte_size(Bytes), Files),
    {file:write_file(Real, Bytes, [raw, binary | Known]), Reached, Charged};
do({open, Path, Modes}, #files{open = Open, next = Next} = Files) ->
    Known = [Mode || Mode <- Modes, lists:member(Mode, [read, write, append, exclusive])],
    Mode = case lists:any(fun(M) -> M =/= read end, Known) of true -> write; false -> read end,
    Real = path(Path, Mode, Files),
    regular_or_new(Real),
    Most = hard(open_files, Files),
    map_size(Open) < Most orelse throw({reached, {error, emfile}, {open_files, hard, map_size(Open) + 1, Most}}),
    case file:open(Real, [raw, binary | case Known of [] -> [read]; _ -> Known end]) of
        {ok, Descriptor} ->
            Soft = soft(open_files, Files),
            {{ok, Next}, [{open_files, soft, Soft, Soft} || map_size(Open) + 1 =:= Soft, Soft < Most],
             Files#files{open = Open#{Next => {Descriptor, Mode}}, next = Next + 1}};
        Error -> plain(Error, Files)
    end;
do({close, Id}, #files{open = Open} = Files) ->
    case maps:take(Id, Open) of
        {{Descriptor, _}, Others} -> {file:close(Descriptor), [], Files#files{open = Others}};
        error -> plain({error, einval}, Files)
    end;
do({read, Id, Count}, Files) when is_integer(Count), Count >= 0 -> plain(file:read(descriptor(Id, Files), capped(Count, Files)), Files);
do({pread, Id, At, Count}, Files) when is_integer(At), At >= 0, is_integer(Count), Count >= 0 ->
    plain(file:pread(descriptor(Id, Files), At, capped(Count, Files)), Files);
do({write, Id, Bytes}, Files) when is_binary(Bytes) ->
    Descriptor = descriptor(Id, Files),
    {Reached, Charged} = charge(byte_size(Bytes), Files),
    {file:write(Descriptor, Bytes), Reached, Charged};
do({pwrite, Id, At, Bytes}, Files) when is_integer(At), At >= 0, is_binary(Bytes) ->
    Descriptor = descriptor(Id, Files),
    {Reached, Charged} = charge(byte_size(Bytes), Files),
    {file:pwrite(Descriptor, At, Bytes), Reached, Charged};
do({position, Id, Where}, Files) -> plain(file:position(descriptor(Id, Files), Where), Files);
do({truncate, Id}, Files) -> plain(file:truncate(descriptor(Id, Files)), Files);
do({sync, Id}, Files) -> plain(file:sync(descriptor(Id, Files)), Files);
do({list_dir, <<"/">>}, #files{roots = Roots} = Files) -> plain({ok, [unicode:characters_to_list(Name) || Name <- maps:keys(Roots)]}, Files);
do({list_dir, Path}, Files) ->
    case file:list_dir_all(path(Path, read, Files)) of
        {ok, Names} when length(Names) > ?ENTRIES -> plain({error, efbig}, Files);
        {ok, Names} -> plain({ok, Names}, Files);
        Error -> plain(Error, Files)
    end;
do({info, <<"/">>}, Files) -> plain({ok, #file_info{type = directory, access = read, size = 4096, mode = 8#40555}}, Files);
do({info, Path}, Files) ->
    case file:read_file_info(path(Path, read, Files), [raw, {time, posix}]) of
        {ok, #file_info{size = Size, type = Type, access = Access, mtime = Time, mode = Mode}} ->
            plain({ok, #file_info{size = Size, type = Type, access = Access, atime = Time, mtime = Time, ctime = Time, mode = Mode}}, Files);
        Error -> plain(Error, Files)
    end;
do({delete, Path}, Files) -> plain(file:delete(path(Path, write, Files), [raw]), Files);
do({del_dir, Path}, Files) -> plain(file:del_dir(inner(Path, Files)), Files);
do({make_dir, Path}, Files) -> plain(file:make_dir(path(Path, write, Files)), Files);
do({rename, From, To}, Files) -> plain(file:rename(inner(From, Files), inner(To, Files)), Files);
do(_, Files) -> plain({error, einval}, Files).

plain(Answer, Files) -> {Answer, [], Files}.

%% Pipes and devices would stop the broker.
regular_or_new(Real) ->
    case file:read_file_info(Real, [raw]) of
        {ok, #file_info{type = regular}} -> ok;
        {error, enoent} -> ok;
        {ok, #file_info{type = directory}} -> throw({answer, {error, eisdir}});
        {ok, _} -> throw({answer, {error, eacces}});
        Error -> throw({answer, Error})
    end.

descriptor(Id, #files{open = Open}) ->
    case Open of
        #{Id := {Descriptor, _}} -> Descriptor;
        _ -> throw({answer, {error, einval}})
    end.

capped(Count, Files) -> min(Count, hard(binary, Files)).

hard(Key, #files{limits = Limits}) -> case maps:get(Key, Limits, none) of none -> 1 bsl 40; {_, Hard} -> Hard; Hard -> Hard end.

soft(Key, #files{limits = Limits}) -> case maps:get(Key, Limits, none) of {Soft, _} -> Soft; _ -> 1 bsl 40 end.

charge(Bytes, #files{written = Written} = Files) ->
    {Soft, Hard, After} = {soft(file_bytes, Files), hard(file_bytes, Files), Written + Bytes},
    After =< Hard orelse throw({reached, {error, edquot}, {file_bytes, hard, After, Hard}}),
    {[{file_bytes, soft, After, Soft} || After > Soft, Written =< Soft], Files#files{written = After}}.

%% A path inside to one of the host, with no link in it. Beyond the directories of the machine there is nothing.
path(Path, Mode, #files{roots = Roots}) ->
    is_binary(Path) andalso byte_size(Path) =< ?PATH_BYTES andalso binary:match(Path, <<0>>) =:= nomatch orelse throw({answer, {error, einval}}),
    case plain_parts(filename:split(Path), []) of
        [Name | Rest] ->
            case Roots of
                #{Name := {Root, Allowed}} ->
                    Mode =:= read orelse Allowed =:= write orelse throw({answer, {error, eacces}}),
                    within(Root, follow(Rest, Root, ?LINKS));
                _ -> throw({answer, {error, enoent}})
            end;
        [] -> throw({answer, {error, case Mode of read -> eisdir; write -> eacces end}})
    end.

%% Not the directory itself, which is the host's.
inner(Path, #files{roots = Roots} = Files) ->
    Real = path(Path, write, Files),
    lists:member(Real, [Root || {Root, _} <- maps:values(Roots)]) andalso throw({answer, {error, eacces}}),
    Real.

plain_parts([<<"/">> | Parts], _) -> plain_parts(Parts, []);
plain_parts([<<".">> | Parts], Done) -> plain_parts(Parts, Done);
plain_parts([<<"..">> | Parts], [_ | Done]) -> plain_parts(Parts, Done);
plain_parts([<<"..">> | Parts], []) -> plain_parts(Parts, []);
plain_parts([Part | Parts], Done) -> plain_parts(Parts, [Part | Done]);
plain_parts([], Done) -> lists:reverse(Done).

within(Root, {ok, Real}) ->
    Size = byte_size(Root),
    case Real of
        Root -> Real;
        <<Root:Size/binary, "/", _/binary>> -> Real;
        _ -> throw({answer, {error, eacces}})
    end;
within(_, Error) -> throw({answer, Error}).

%% What does not exist (yet) is no link.
follow(_, _, 0) -> {error, eloop};
follow([], Done, _) -> {ok, Done};
follow([<<"/">> | Parts], _, Left) -> follow(Parts, <<"/">>, Left);
follow([<<".">> | Parts], Done, Left) -> follow(Parts, Done, Left);
follow([<<"..">> | Parts], Done, Left) -> follow(Parts, filename:dirname(Done), Left);
follow([Part | Parts], Done, Left) ->
    Next = filename:join(Done, Part),
    case file:read_link_all(Next) of
        {ok, Target} when is_binary(Target) -> follow(filename:split(Target) ++ Parts, Done, Left - 1);
        {ok, Target} -> follow(filename:split(unicode:characters_to_binary(Target)) ++ Parts, Done, Left - 1);
        {error, enotdir} -> {error, enotdir};
        {error, _} -> follow(Parts, Next, Left)
    end.
