%% @doc What a machine printed: the newest bytes, and how many were dropped. A value; text is UTF-8 and is cut between characters.
-module(hanse_machine_output).

-export([new/0, add/3, text/2, dropped/1]).
-export_type([output/0]).

-opaque output() :: none | {Newest :: [binary()], Bytes :: non_neg_integer(), Dropped :: non_neg_integer()}.

-spec new() -> output().
new() -> none.

%% @doc Chunks gather until there is twice what is kept, so that cutting costs nothing on average.
-spec add(binary(), output(), Limit :: pos_integer()) -> output().
add(Text, none, Limit) -> add(Text, {[], 0, 0}, Limit);
add(Text, {Chunks, Bytes, Dropped}, Limit) ->
    %% A part of a large binary would keep all of it.
    Kept = case byte_size(Text) > Limit of true -> tail(Text, Limit); false -> Text end,
    Added = {[binary:copy(Kept) | Chunks], Bytes + byte_size(Kept), Dropped + byte_size(Text) - byte_size(Kept)},
    case Added of
        {_, Size, _} when Size > 2 * Limit; length(Chunks) > 4096 -> cut(Added, Limit);
        _ -> Added
    end.

cut({Chunks, Bytes, Dropped}, Limit) ->
    Text = binary:copy(tail(iolist_to_binary(lists:reverse(Chunks)), Limit)),
    {[Text], byte_size(Text), Dropped + Bytes - byte_size(Text)}.

tail(Text, Limit) when byte_size(Text) =< Limit -> Text;
tail(Text, Limit) -> character(binary:part(Text, byte_size(Text) - Limit, Limit)).

%% Bytes that continue a character whose beginning is gone.
character(<<2#10:2, _:6, Rest/binary>>) -> character(Rest);
character(Text) -> Text.

%% @doc The newest text, oldest first.
-spec text(output(), Limit :: pos_integer()) -> binary().
text(none, _) -> <<>>;
text(Output, Limit) ->
    {Chunks, _, _} = cut(Output, Limit),
    iolist_to_binary(Chunks).

-spec dropped(output()) -> non_neg_integer().
dropped(none) -> 0;
dropped({_, _, Dropped}) -> Dropped.
