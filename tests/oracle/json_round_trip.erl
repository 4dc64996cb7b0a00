%% A small codec of JSON, as users write them: recursion over binaries, maps, numbers, escapes.
-module(json_round_trip).
-export([main/0]).

main() ->
    Texts = [<<"{\"a\": [1, 2.5, -3e2, true, false, null], \"b\": {\"c\": \"x\\ny\\u00e4\\\"\"}}">>, <<"[]">>, <<"{}">>, <<" 42 ">>, <<"\"\\ud83d\\ude00\"">>,
             <<"[1,]">>, <<"{\"a\" 1}">>, <<"tru">>, <<"\"open">>, <<"[[[[[[1]]]]]]">>],
    [io:format("~0tp~n", [try D = decode(T), {D, iolist_to_binary(encode(D))} catch throw:R -> R end]) || T <- Texts],
    Big = maps:from_list([{integer_to_binary(N), [N, N / 4, #{<<"n">> => integer_to_binary(N * N)}]} || N <- lists:seq(1, 500)]),
    Encoded = iolist_to_binary(encode(Big)),
    io:format("~w ~w~n", [byte_size(Encoded), decode(Encoded) =:= Big]).

decode(B) ->
    {V, Rest} = value(skip(B)),
    case skip(Rest) of <<>> -> V; Other -> throw({trailing, Other}) end.
skip(<<C, R/binary>>) when C =:= $\s; C =:= $\n; C =:= $\t; C =:= $\r -> skip(R);
skip(B) -> B.
value(<<"true", R/binary>>) -> {true, R};
value(<<"false", R/binary>>) -> {false, R};
value(<<"null", R/binary>>) -> {null, R};
value(<<$", R/binary>>) -> text(R, <<>>);
value(<<$[, R/binary>>) -> list(skip(R), []);
value(<<${, R/binary>>) -> object(skip(R), #{});
value(<<C, _/binary>> = B) when C =:= $-; C >= $0, C =< $9 -> number(B, 0);
value(B) -> throw({unexpected, B}).
list(<<$], R/binary>>, []) -> {[], R};
list(B, Acc) ->
    {V, R} = value(skip(B)),
    case skip(R) of
        <<$,, R2/binary>> -> list(skip(R2), [V | Acc]);
        <<$], R2/binary>> -> {lists:reverse([V | Acc]), R2};
        Other -> throw({list, Other})
    end.
object(<<$}, R/binary>>, M) when map_size(M) =:= 0 -> {M, R};
object(<<$", B/binary>>, M) ->
    {K, R} = text(B, <<>>),
    case skip(R) of
        <<$:, R2/binary>> ->
            {V, R3} = value(skip(R2)),
            case skip(R3) of
                <<$,, R4/binary>> -> object(skip(R4), M#{K => V});
                <<$}, R4/binary>> -> {M#{K => V}, R4};
                Other -> throw({object, Other})
            end;
        Other -> throw({colon, Other})
    end;
object(B, _) -> throw({key, B}).
text(<<$", R/binary>>, Acc) -> {Acc, R};
text(<<"\\u", H:4/binary, R/binary>>, Acc) ->
    case {binary_to_integer(H, 16), R} of
        {Hi, <<"\\u", L:4/binary, R2/binary>>} when Hi >= 16#d800, Hi < 16#dc00 ->
            C = 16#10000 + (Hi - 16#d800) * 1024 + binary_to_integer(L, 16) - 16#dc00,
            text(R2, <<Acc/binary, C/utf8>>);
        {C, _} -> text(R, <<Acc/binary, C/utf8>>)
    end;
text(<<$\\, C, R/binary>>, Acc) -> text(R, <<Acc/binary, (case C of $n -> $\n; $t -> $\t; _ -> C end)>>);
text(<<C/utf8, R/binary>>, Acc) -> text(R, <<Acc/binary, C/utf8>>);
text(B, _) -> throw({text, B}).
number(B, N) ->
    case B of
        <<_:N/binary, C, _/binary>> when C >= $0, C =< $9; C =:= $-; C =:= $+; C =:= $.; C =:= $e; C =:= $E -> number(B, N + 1);
        <<Digits:N/binary, R/binary>> -> {to_number(Digits), R}
    end.
to_number(D) ->
    try binary_to_integer(D) catch error:badarg ->
        try binary_to_float(D) catch error:badarg ->
            [M, E] = binary:split(D, [<<"e">>, <<"E">>]),
            binary_to_float(<<M/binary, ".0e", E/binary>>)
        end
    end.
encode(true) -> "true";
encode(false) -> "false";
encode(null) -> "null";
encode(N) when is_integer(N) -> integer_to_binary(N);
encode(F) when is_float(F) -> float_to_binary(F, [short]);
encode(B) when is_binary(B) -> [$", [escape(C) || <<C/utf8>> <= B], $"];
encode(L) when is_list(L) -> [$[, lists:join($,, [encode(X) || X <- L]), $]];
encode(M) when is_map(M) -> [${, lists:join($,, [[encode(K), $:, encode(V)] || {K, V} <- lists:sort(maps:to_list(M))]), $}].
escape($") -> "\\\"";
escape($\n) -> "\\n";
escape(C) -> <<C/utf8>>.
