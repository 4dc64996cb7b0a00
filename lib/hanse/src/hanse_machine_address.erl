%% @doc Where a machine may connect, listen and send: rules of addresses and ports, and what they say of an address or a name.
%%
%% A rule is {Address, Ports}. The address is `any', a text ("10.0.0.5", "fd00::1"), a tuple, a range in the notation of CIDR (RFC 4632:
%% "10.0.0.0/8", "fd00::/8") or the name of a host. Ports are `any', a number or {From, To}. An IPv4 address in the form of IPv6
%% (::ffff:10.0.0.5) is the IPv4 address.
-module(hanse_machine_address).

-export([rule/1, allowed/3, find/3]).
-export_type([rule/0]).

-define(NAME_MS, 10000).

-type network() :: {Family :: 4 | 8, Prefix :: bitstring()}.
-type rule() :: {any | inet:ip_address() | network() | string(), {inet:port_number(), inet:port_number()}}.

%% @doc A rule as users write it, checked and made ready for allowed/3.
-spec rule(term()) -> {ok, rule()} | error.
rule({any, Ports}) -> ports(any, Ports);
rule({Address, Ports}) when is_tuple(Address) ->
    case inet:ntoa(Address) of {error, _} -> error; _ -> ports(plain(Address), Ports) end;
rule({Address, Ports}) when is_list(Address); is_binary(Address) ->
    try unicode:characters_to_list(Address) of
        [_ | _] = Text -> text(Text, Ports);
        _ -> error
    catch error:_ -> error
    end;
rule(_) -> error.

text(Text, Ports) ->
    case {inet:parse_address(Text), string:split(Text, "/")} of
        {{ok, Address}, _} -> ports(plain(Address), Ports);
        {_, [Start, Length]} -> network(inet:parse_address(Start), string:to_integer(Length), Ports);
        _ -> ports(string:lowercase(Text), Ports)
    end.

%% Bits behind the prefix have to be zero: who writes 10.0.0.5/8 may have meant one address.
network({ok, Address}, {Length, []}, Ports) when Length >= 0 ->
    case bits(Address) of
        <<Prefix:Length/bits, Rest/bits>> ->
            Behind = bit_size(Rest),
            case Rest of
                <<0:Behind>> -> ports({tuple_size(Address), Prefix}, Ports);
                _ -> error
            end;
        _ -> error
    end;
network(_, _, _) -> error.

ports(Address, any) -> {ok, {Address, {0, 65535}}};
ports(Address, Port) when is_integer(Port), Port >= 0, Port =< 65535 -> {ok, {Address, {Port, Port}}};
ports(Address, {From, To}) when is_integer(From), is_integer(To), From >= 0, From =< To, To =< 65535 -> {ok, {Address, {From, To}}};
ports(_, _) -> error.

%% @doc Whether some rule allows the address; of a host that was asked for by name, {Name, Address}.
-spec allowed(inet:ip_address() | {string(), inet:ip_address()}, inet:port_number(), [rule()]) -> boolean().
allowed({Name, Address}, Port, Rules) when is_list(Name) ->
    Plain = plain(Address),
    lists:any(fun({Allowed, Ports}) -> within(Port, Ports) andalso (Allowed =:= Name orelse matches(Allowed, Plain)) end, Rules);
allowed(Address, Port, Rules) ->
    Plain = plain(Address),
    lists:any(fun({Allowed, Ports}) -> within(Port, Ports) andalso matches(Allowed, Plain) end, Rules).

%% @doc The address of a host, given as text, atom or tuple, if the rules allow it. A name is looked up once, and that address is used.
-spec find(term(), inet:port_number(), [rule()]) -> {ok, inet:ip_address()} | {error, eacces | einval | inet:posix()}.
find(Host, Port, Rules) when is_tuple(Host) ->
    case inet:ntoa(Host) of
        {error, _} -> {error, einval};
        _ -> permitted(plain(Host), Host, Port, Rules)
    end;
find(Host, Port, Rules) when is_atom(Host) -> find(atom_to_list(Host), Port, Rules);
find(Host, Port, Rules) when is_list(Host) ->
    Name = string:lowercase(Host),
    case inet:parse_address(Name) of
        {ok, Address} -> find(Address, Port, Rules);
        {error, _} ->
            %% Names are asked for only if some rule could allow what they mean.
            case lists:any(fun({Allowed, _}) -> not is_list(Allowed) orelse Allowed =:= Name end, Rules) andalso inet:getaddr(Name, inet, ?NAME_MS) of
                {ok, Address} -> permitted(Address, {Name, Address}, Port, Rules);
                false -> {error, eacces};
                Error -> Error
            end
    end;
find(_, _, _) -> {error, einval}.

permitted(Address, Asked, Port, Rules) ->
    case allowed(Asked, Port, Rules) of true -> {ok, Address}; false -> {error, eacces} end.

within(Port, {From, To}) -> Port >= From andalso Port =< To.

matches(any, _) -> true;
matches({Family, Prefix}, Address) when is_bitstring(Prefix) ->
    Length = bit_size(Prefix),
    tuple_size(Address) =:= Family andalso case bits(Address) of <<Prefix:Length/bits, _/bits>> -> true; _ -> false end;
matches(Allowed, Address) -> Allowed =:= Address.

bits({A, B, C, D}) -> <<A, B, C, D>>;
bits(Address) -> << <<Part:16>> || Part <- tuple_to_list(Address) >>.

plain({0, 0, 0, 0, 0, 16#ffff, High, Low}) -> {High bsr 8, High band 255, Low bsr 8, Low band 255};
plain(Address) -> Address.
