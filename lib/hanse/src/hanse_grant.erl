%% @doc Grants: functions that are lent to the owner of a key.
%%
%% ```
%% {ok, #{id := Id}} = hanse_grant:add(#{to => "anna", allow => ["weather:today/1"], rate => "10/min", expires => "30d"}),
%% {ok, _} = hanse_grant:revoke(Id).
%% '''
%% Changes last as soon as these functions have answered, and a gateway of this node goes by them from then on; one of another node notices
%% within a second. hanse_grant_options has all options, hanse_grant_pattern what can be allowed.
-module(hanse_grant).

-export([add/1, list/0, show/1, edit/2, revoke/1, state/1]).
-export_type([id/0]).

-type id() :: pos_integer().
-type failed() :: {error, unicode:chardata()}.

%% @doc Lends. `to' is a key's name, thumbprint, file or JWK; new:NAME makes one, whose file is then to be handed over.
-spec add(map()) -> {ok, hanse_grant_store:grant()} | failed().
add(Given) ->
    case hanse_grant_options:complete(Given) of
        {ok, #{to := To} = Options} ->
            case key(To) of
                {ok, #{public := Public, name := Name}} ->
                    Added = with_store(fun(Store) -> hanse_grant_store:add(Store, Public, Name, maps:remove(to, Options)) end),
                    done(grant_added, Added);
                Error -> Error
            end;
        Error -> mistake(Error)
    end.

mistake({error, {Path, Text}}) -> {error, [lists:join(".", [io_lib:format("~tw", [Key]) || Key <- Path]), ": ", Text]}.

key(<<"new:", Name/binary>>) -> hanse_key:new(Name, #{});
key(<<"{", _/binary>> = Jwk) -> hanse_key:read(Jwk);
key(Text) -> hanse_key:find(Text).

%% @doc All of them, those that have ended as well.
-spec list() -> {ok, [hanse_grant_store:grant()]} | failed().
list() -> with_store(fun hanse_grant_store:all/1).

-spec show(id()) -> {ok, hanse_grant_store:grant()} | failed().
show(Id) -> with_store(fun(Store) -> hanse_grant_store:get(Store, Id) end).

%% @doc Other options, from the next request on; but for whose it is.
-spec edit(id(), map()) -> {ok, hanse_grant_store:grant()} | failed().
edit(_, #{to := _}) -> {error, "to: a grant stays with its key; revoke it and add another one"};
edit(Id, Changes) ->
    done(grant_changed, with_store(fun(Store) ->
        hanse_grant_store:change(Store, Id, fun(Options) ->
            case hanse_grant_options:change(Options, Changes) of
                {ok, Changed} -> {ok, maps:remove(to, Changed)};
                Error -> mistake(Error)
            end
        end)
    end)).

%% @doc Ends a grant, or all of a key, for ever: calls that run are ended, those that wait are refused.
-spec revoke(id() | unicode:chardata()) -> {ok, [hanse_grant_store:grant()]} | failed().
revoke(Id) when is_integer(Id) ->
    case show(Id) of
        {ok, _} -> done(grant_revoked, with_store(fun(Store) -> hanse_grant_store:revoke(Store, id, Id) end));
        Error -> Error
    end;
revoke(Key) ->
    case hanse_key:find(Key) of
        {ok, #{thumbprint := Thumbprint}} -> revoke_key(Thumbprint);
        {error, Text} ->
            %% The lender may know a key that is in no file any more.
            Given = unicode:characters_to_binary(Key),
            {ok, Grants} = list(),
            case [Thumbprint || #{key := Thumbprint, name := Name} <- Grants, Thumbprint =:= Given orelse Name =:= Given] of
                [Thumbprint | _] -> revoke_key(Thumbprint);
                [] -> {error, Text}
            end
    end.

revoke_key(Thumbprint) -> done(grant_revoked, with_store(fun(Store) -> hanse_grant_store:revoke(Store, key, Thumbprint) end)).

%% @doc active, revoked or expired.
-spec state(hanse_grant_store:grant()) -> active | revoked | expired.
state(#{revoked := Second}) when is_integer(Second) -> revoked;
state(#{options := #{expires := Second}}) when is_integer(Second) ->
    case erlang:system_time(second) >= Second of
        true -> expired;
        false -> active
    end;
state(_) -> active.

with_store(Do) ->
    case hanse_grant_store:open() of
        {ok, Store} -> try Do(Store) after hanse_grant_store:close(Store) end;
        Error -> Error
    end.

done(What, {ok, Grant} = Answer) ->
    hanse_gateway:changed(),
    [hanse_audit:change(What, Each) || Each <- case Grant of List when is_list(List) -> List; One -> [One] end],
    Answer;
done(_, Error) -> Error.
