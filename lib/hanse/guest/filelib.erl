%% @doc filelib of a machine.
-module(filelib).

-export([is_file/1, is_dir/1, is_regular/1, file_size/1, last_modified/1, ensure_dir/1, ensure_path/1]).

kind(Name) ->
    case file:read_file_info(Name) of
        {ok, Info} -> element(3, Info);
        {error, _} -> none
    end.

is_file(Name) -> lists:member(kind(Name), [regular, directory]).
is_dir(Name) -> kind(Name) =:= directory.
is_regular(Name) -> kind(Name) =:= regular.

file_size(Name) ->
    case file:read_file_info(Name) of
        {ok, Info} -> element(2, Info);
        {error, _} -> 0
    end.

last_modified(Name) ->
    case file:read_file_info(Name) of
        {ok, Info} -> element(6, Info);
        {error, _} -> 0
    end.

ensure_dir(Name) -> ensure_path(filename:dirname(Name)).

ensure_path(Name) ->
    case is_dir(Name) of
        true -> ok;
        false ->
            Parent = filename:dirname(Name),
            case Parent =:= Name of
                true -> {error, einval};
                false ->
                    case ensure_path(Parent) of
                        ok -> case file:make_dir(Name) of {error, eexist} -> ok; Answer -> Answer end;
                        Error -> Error
                    end
            end
    end.
