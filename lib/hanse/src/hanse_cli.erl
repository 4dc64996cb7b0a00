%% @doc What commands of a shell have in common (`hanse key', `grant', `audit', `gateway').
-module(hanse_cli).

-export([main/1, named/2, wrong/1, failed/1, unknown/3, print/1, passphrase/1, flag/3]).

%% @doc Runs a command with the words behind it; its process is one of its own, so that init goes on and serves requests to stop.
-spec main(fun(([string()]) -> no_return())) -> pid().
main(Run) ->
    Words = init:get_plain_arguments(),
    %% Texts are UTF-8, whatever the locale is: programs read them.
    [_ = io:setopts(Device, [{encoding, unicode}]) || Device <- [standard_io, standard_error]],
    spawn(fun() ->
        try Run(Words)
        catch Class:Reason:Stack ->
            print(io_lib:format("hanse: ~0tP~n", [{Class, Reason, Stack}, 40])),
            halt(1)
        end
    end).

%% @doc For commands of which several run side by side: the name after a --name that comes first, else "default", and the other words.
-spec named([string()], fun(([string()], string()) -> Result)) -> Result.
named(["--name", Name | Words], Run) -> Run(Words, Name);
named(Words, Run) -> Run(Words, "default").

%% @doc A mistake in the words: exit status 2.
-spec wrong(unicode:chardata()) -> no_return().
wrong(Text) ->
    io:put_chars(standard_error, [string:trim(Text, trailing, "\n"), $\n]),
    halt(2).

%% @doc What was asked for was not possible: exit status 1.
-spec failed(unicode:chardata()) -> no_return().
failed(Text) ->
    io:put_chars(standard_error, [Text, $\n]),
    halt(1).

-spec unknown(string(), string(), [atom()]) -> no_return().
unknown(Verb, Word, Commands) ->
    case lists:member(Word, [atom_to_list(Command) || Command <- Commands]) of
        true -> wrong(["hanse ", Verb, " ", Word, ": the arguments are wrong; hanse ", Verb, " help"]);
        false ->
            wrong(["hanse ", Verb, ": there is no command ", Word,
                   case hanse_options:nearest(Word, Commands) of none -> ["; hanse ", Verb, " help"]; Near -> ["; did you mean ", atom_to_list(Near), "?"] end])
    end.

-spec print(unicode:chardata()) -> ok.
print(Text) -> io:put_chars(Text).

%% @doc The value of --NAME in the words, and the other words.
-spec flag(string(), [string()], Default) -> {string() | Default, [string()]}.
flag(Name, Words, Default) -> flag(Name, Words, Default, []).

flag(Name, [Name, Value | Words], _, Before) -> {Value, lists:reverse(Before, Words)};
flag(Name, [Word | Words], Default, Before) -> flag(Name, Words, Default, [Word | Before]);
flag(_, [], Default, Before) -> {Default, lists:reverse(Before)}.

%% @doc The passphrase that --passphrase-file or HANSE_PASSPHRASE gives, and the other words.
-spec passphrase([string()]) -> {#{passphrase => binary()}, [string()]}.
passphrase(Words) ->
    case flag("--passphrase-file", Words, none) of
        {none, Rest} ->
            case os:getenv("HANSE_PASSPHRASE", "") of
                "" -> {#{}, Rest};
                Text -> {#{passphrase => unicode:characters_to_binary(Text)}, Rest}
            end;
        {File, Rest} ->
            case file:read_file(File) of
                {ok, Bytes} -> {#{passphrase => string:trim(Bytes, trailing, "\r\n")}, Rest};
                {error, Reason} -> wrong([File, ": ", file:format_error(Reason)])
            end
    end.
