%% base64, hexadecimal digits, and the errors of what is neither.
-module(base_encodings).
-export([main/0]).

main() ->
    Data = [<<>>, <<"f">>, <<"fo">>, <<"foo">>, <<"foob">>, <<255, 254, 253>>, "list", binary:copy(<<1, 2, 3>>, 30)],
    [io:format("~0p ~0p ~0p~n", [base64:encode(D), base64:encode_to_string(D), base64:decode(base64:encode(D)) =:= iolist_to_binary(D)]) || D <- Data],
    [io:format("~0p -> ~0p ~0p ~0p~n", [T, safe(decode, T), safe(mime_decode, T), safe(decode_to_string, T)])
     || T <- [<<"Zm9v">>, "Zm9v", <<"Zm 9v\n">>, <<"Zm9">>, <<"Zg==">>, <<"Zg=">>, <<"Z===">>, <<"-_-_">>, <<"Zm9v=">>, "Zm#9v", <<>>, "", foo, [256], <<1:3>>]],
    [io:format("~0p ~0p~n", [binary:encode_hex(D), binary:decode_hex(binary:encode_hex(D)) =:= D]) || D <- Data, is_binary(D)],
    [io:format("~0p~n", [try binary:decode_hex(X) catch C:R -> {C, R} end]) || X <- [<<"aB">>, <<"abc">>, <<"zz">>, foo, "ab"]].

safe(F, T) -> try base64:F(T) catch C:R -> {C, case R of {badarg, _} -> R; _ -> kind(R) end} end.
kind(R) when is_tuple(R) -> element(1, R);
kind(R) -> R.
