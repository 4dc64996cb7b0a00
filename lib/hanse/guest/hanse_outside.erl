%% @doc Requests to the broker and to sockets in the host, from inside a machine.
-module(hanse_outside).

-export([ask/1, path/1]).

%% @doc {error, eacces} for a machine without permissions that need a broker.
-spec ask(term()) -> term().
ask(Request) ->
    case prim_machine:environment() of
        #{broker := Broker} ->
            Reference = make_ref(),
            Broker ! {hanse_outside, self(), Reference, Request},
            receive {Reference, Answer} -> Answer end;
        _ -> {error, eacces}
    end.

%% @doc A file name as the broker wants it; raises badarg for what is none.
-spec path(file:name_all()) -> binary().
path(Name) when is_binary(Name) -> absolute(Name);
path(Name) when is_atom(Name) -> absolute(atom_to_binary(Name));
path(Name) ->
    case unicode:characters_to_binary(flat(Name)) of
        Path when is_binary(Path) -> absolute(Path);
        _ -> error(badarg)
    end.

flat([Atom | Rest]) when is_atom(Atom) -> [atom_to_list(Atom) | flat(Rest)];
flat([List | Rest]) when is_list(List) -> [flat(List) | flat(Rest)];
flat([Character | Rest]) -> [Character | flat(Rest)];
flat([]) -> [].

absolute(<<"/", _/binary>> = Path) -> Path;
absolute(Path) -> <<"/", Path/binary>>.
