%% @doc file of a machine: what its permissions allow, by way of the broker. Below / are the directories that it may use.
-module(file).

-export([read_file/1, read_file/2, write_file/2, write_file/3, list_dir/1, list_dir_all/1, read_file_info/1, read_file_info/2, read_link_info/1,
         read_link_info/2, delete/1, delete/2, del_dir/1, make_dir/1, rename/2, copy/2, consult/1, get_cwd/0, get_cwd/1, set_cwd/1, native_name_encoding/0]).
-export([open/2, close/1, read/2, read_line/1, write/2, pread/3, pwrite/3, position/2, truncate/1, sync/1, datasync/1, format_error/1]).
-export_type([name_all/0, fd/0]).

-type name_all() :: string() | binary() | atom() | [name_all()].
-opaque fd() :: {hanse_file, pos_integer(), list | binary}.

-define(LINE_BYTES, 4096).

ask(Operation) -> hanse_outside:ask({file, Operation}).

%% Names that are none are badarg, as an answer.
with(Name, Ask) ->
    try hanse_outside:path(Name) of
        Path -> Ask(Path)
    catch error:_ -> {error, badarg}
    end.

bytes(Data) -> try iolist_to_binary(Data) catch error:_ -> error end.

read_file(Name) -> with(Name, fun(Path) -> ask({read_file, Path}) end).
read_file(Name, _) -> read_file(Name).

write_file(Name, Data) -> write_file(Name, Data, []).

write_file(Name, Data, Modes) when is_list(Modes) ->
    case bytes(Data) of
        error -> {error, badarg};
        Bytes -> with(Name, fun(Path) -> ask({write_file, Path, Bytes, [Mode || Mode <- Modes, is_atom(Mode)]}) end)
    end.

list_dir(Name) -> with(Name, fun(Path) -> ask({list_dir, Path}) end).
list_dir_all(Name) -> list_dir(Name).
read_file_info(Name) -> with(Name, fun(Path) -> local(ask({info, Path})) end).
read_file_info(Name, Options) ->
    case lists:keyfind(time, 1, [Option || {_, _} = Option <- Options]) of
        {time, posix} -> with(Name, fun(Path) -> ask({info, Path}) end);
        _ -> read_file_info(Name)
    end.
read_link_info(Name) -> read_file_info(Name).
read_link_info(Name, Options) -> read_file_info(Name, Options).

%% Times are dates, UTC: a machine knows no zone.
local({ok, Info}) ->
    Dates = [case is_integer(Time) of true -> calendar:gregorian_seconds_to_datetime(Time + 62167219200); false -> Time end
             || Time <- [element(5, Info), element(6, Info), element(7, Info)]],
    {ok, lists:foldl(fun({At, Date}, Taken) -> setelement(At, Taken, Date) end, Info, lists:zip([5, 6, 7], Dates))};
local(Error) -> Error.

delete(Name) -> with(Name, fun(Path) -> ask({delete, Path}) end).
delete(Name, _) -> delete(Name).
del_dir(Name) -> with(Name, fun(Path) -> ask({del_dir, Path}) end).
make_dir(Name) -> with(Name, fun(Path) -> ask({make_dir, Path}) end).
rename(From, To) -> with(From, fun(Old) -> with(To, fun(New) -> ask({rename, Old, New}) end) end).

copy(From, To) ->
    case read_file(From) of
        {ok, Bytes} ->
            case write_file(To, Bytes) of
                ok -> {ok, byte_size(Bytes)};
                Error -> Error
            end;
        Error -> Error
    end.

%% @doc The terms of a file.
consult(Name) ->
    case read_file(Name) of
        {ok, Bytes} -> terms(unicode:characters_to_list(Bytes), 1, []);
        Error -> Error
    end.

terms(Text, Line, Terms) ->
    case erl_scan:tokens([], case Text of [] -> eof; _ -> Text end, Line) of
        {done, {ok, Tokens, Next}, Rest} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> terms(Rest, Next, [Term | Terms]);
                {error, Reason} -> {error, Reason}
            end;
        {done, {eof, _}, _} -> {ok, lists:reverse(Terms)};
        {done, {error, Reason, _}, _} -> {error, Reason};
        {more, Continuation} ->
            case erl_scan:tokens(Continuation, eof, Line) of
                {done, {ok, Tokens, Next}, _} ->
                    case erl_parse:parse_term(Tokens) of
                        {ok, Term} -> terms([], Next, [Term | Terms]);
                        {error, Reason} -> {error, Reason}
                    end;
                {done, {eof, _}, _} -> {ok, lists:reverse(Terms)};
                {done, {error, Reason, _}, _} -> {error, Reason}
            end
    end.

get_cwd() -> {ok, "/"}.
get_cwd(_) -> {error, eacces}.
set_cwd(_) -> {error, eacces}.
native_name_encoding() -> utf8.

open(Name, Mode) when is_atom(Mode) -> open(Name, [Mode]);
open(Name, Modes) ->
    with(Name, fun(Path) ->
        case ask({open, Path, [Mode || Mode <- Modes, is_atom(Mode)]}) of
            {ok, Id} -> {ok, {hanse_file, Id, case lists:member(binary, Modes) of true -> binary; false -> list end}};
            Error -> Error
        end
    end).

close({hanse_file, Id, _}) -> ask({close, Id}).

read({hanse_file, Id, Form}, Count) -> formed(Form, ask({read, Id, Count})).

pread({hanse_file, Id, Form}, At, Count) -> formed(Form, ask({pread, Id, At, Count})).

formed(list, {ok, Bytes}) -> {ok, binary_to_list(Bytes)};
formed(_, Answer) -> Answer.

%% @doc A line with its end.
read_line({hanse_file, Id, Form}) -> formed(Form, line(Id, [])).

line(Id, Before) ->
    case ask({read, Id, ?LINE_BYTES}) of
        {ok, Bytes} ->
            case binary:split(Bytes, <<"\n">>) of
                [Line, Rest] ->
                    _ = byte_size(Rest) > 0 andalso ask({position, Id, {cur, -byte_size(Rest)}}),
                    {ok, iolist_to_binary([Before, Line, $\n])};
                [_] -> line(Id, [Before, Bytes])
            end;
        eof when Before =/= [] -> {ok, iolist_to_binary(Before)};
        Other -> Other
    end.

write({hanse_file, Id, _}, Data) -> written(bytes(Data), fun(Bytes) -> {write, Id, Bytes} end).

pwrite({hanse_file, Id, _}, At, Data) -> written(bytes(Data), fun(Bytes) -> {pwrite, Id, At, Bytes} end).

written(error, _) -> {error, badarg};
written(Bytes, Operation) -> ask(Operation(Bytes)).

position({hanse_file, Id, _}, Where) -> ask({position, Id, Where}).
truncate({hanse_file, Id, _}) -> ask({truncate, Id}).
sync({hanse_file, Id, _}) -> ask({sync, Id}).
datasync(File) -> sync(File).

format_error(Reason) when is_atom(Reason) ->
    case Reason of
        enoent -> "no such file or directory";
        eacces -> "permission denied";
        eexist -> "file already exists";
        eisdir -> "illegal operation on a directory";
        enotdir -> "not a directory";
        enospc -> "no space left on device";
        edquot -> "quota exceeded";
        efbig -> "file too large";
        emfile -> "too many open files";
        einval -> "invalid argument";
        badarg -> "bad argument";
        _ -> atom_to_list(Reason)
    end;
format_error(Reason) -> lists:flatten(io_lib:format("~tp", [Reason])).
