%% Bit strings built by the instructions of compilers before OTP 25: bs_init2 and its kin.
-module(bits_stepwise).
-compile([r24]).
-export([main/0]).

main() ->
    lists:foreach(fun(F) -> io:format("~w~n", [shown(F)]) end, cases()).

shown(F) ->
    try F() catch Class:Reason -> {Class, Reason} end.

cases() ->
    Sizes = [0, 1, 7, 8, 9, 16, 63, 64, 65, 200],
    [fun() -> [integers(N, S) || N <- [0, 1, -1, 255, 16#123456789abcdef, -(1 bsl 70)], S <- Sizes] end,
     fun() -> [floats(F, S) || F <- [0.0, 1.5, -2.25, 7, 1 bsl 70], S <- [16, 32, 64]] end,
     fun() -> floats(1.0, 40) end,
     fun() -> floats(foo, 64) end,
     fun() -> floats(1 bsl 2000, 64) end,
     fun() -> [parts(<<"abcdef">>, S) || S <- [0, 3, 6]] end,
     fun() -> parts(<<"abc">>, 4) end,
     fun() -> parts(foo, 1) end,
     fun() -> parts(<<1:7>>, -1) end,
     fun() -> parts(<<"abc">>, 1 bsl 80) end,
     fun() -> parts(<<"abc">>, a) end,
     fun() -> integers(foo, 8) end,
     fun() -> integers(1, -8) end,
     fun() -> whole(<<1, 2, 3>>, <<4:4>>) end,
     fun() -> whole(<<1:3>>, <<4:4>>) end,
     fun() -> bytes_only(<<1:3>>) end,
     fun() -> [utf(C) || C <- [0, $a, 16#7f, 16#80, 16#7ff, 16#800, 16#ffff, 16#10000, 16#10ffff]] end,
     fun() -> utf(16#d800) end,
     fun() -> utf(-1) end,
     fun() -> utf(a) end,
     fun() -> << <<(X * 2)>> || X <- lists:seq(1, 20) >> end,
     fun() -> << <<X:3>> || <<X:5>> <= <<"a longer text, of which five bits at a time">> >> end,
     fun() -> erlang:md5(grow(<<>>, 20000)) end,
     fun() -> erlang:md5(grow_bits(<<>>, 5000)) end,
     fun() -> {A, B} = twice(<<"seed">>), {A, B} end,
     fun() -> [in_guard(X, <<7>>) || X <- [7, foo, -1, 300]] end,
     fun() -> kept(3, <<"xyz">>) end,
     fun() -> [mixed(A, B, C) || {A, B, C} <- [{1, 2.0, <<3>>}, {-1, 5, <<"long binary here">>}]] end,
     fun() -> large(40) end,
     fun() -> [assembled(Size, X) || Size <- [3, {integer, 3}], X <- [3, 16#1234]] end].

integers(N, S) ->
    {<<N:S>>, <<N:S/little>>, <<N:S/native>>, <<1:3, N:S>>, <<N:S/little, 5:5>>, <<N:2/unit:5, N>>}.
floats(F, S) -> {<<F:S/float>>, <<1:1, F:S/float-little>>}.
parts(B, S) -> <<B:S/binary, B:S/bytes, "tail">>.
whole(A, B) -> <<A/bits, B/bits, 1:1>>.
bytes_only(A) -> <<"head", A/binary>>.
utf(C) ->
    {<<C/utf8>>, <<C/utf16>>, <<C/utf16-little>>, <<C/utf32>>, <<C/utf32-little>>, <<"a", C/utf8, C/utf16, C/utf32, 1:4>>}.

grow(Acc, 0) -> Acc;
grow(Acc, N) -> grow(<<Acc/binary, N:16, "ab">>, N - 1).
grow_bits(Acc, 0) -> Acc;
grow_bits(Acc, N) -> grow_bits(<<Acc/bits, N:7, N/utf8>>, N - 1).
twice(A) -> {<<A/binary, 1>>, <<A/binary, 2, 3>>}.

in_guard(X, B) when <<X>> =:= B -> same;
in_guard(X, B) when <<X:16, B/binary>> > B -> greater;
in_guard(_, _) -> other.

%% Values that live across the construction and are built behind it.
kept(N, B) ->
    L = [N, {B}],
    New = <<N, B/binary, N:32>>,
    {L, New, [New | L], byte_size(New)}.

mixed(A, B, C) -> <<A, B/float, (byte_size(C)):32, C/binary, "text", A:12/little, $x/utf8, 0:4>>.

large(N) -> B = binary:copy(<<1, 2, 3>>, N), <<B/binary, N, B/binary>>.

%% bs_init2, which today's compiler does not write any more, with room on the heap for what follows.
assembled(Size, X) ->
    Code = [{label, 1}, {func_info, {atom, bits_assembled}, {atom, f}, 1}, {label, 2},
            {bs_init2, {f, 0}, Size, 5, 1, {field_flags, []}, {x, 1}},
            {bs_put_integer, {f, 0}, {integer, 16}, 1, {field_flags, [little]}, {x, 0}},
            {bs_put_string, 1, {string, <<"!">>}},
            {put_list, {x, 1}, nil, {x, 2}},
            {put_tuple2, {x, 0}, {list, [{x, 0}, {x, 2}]}},
            return],
    Module = {bits_assembled, [{f, 1}], [], [{function, f, 1, 2, Code}], 3},
    {ok, bits_assembled, Beam} = compile:forms(Module, [from_asm, binary]),
    {module, bits_assembled} = code:load_binary(bits_assembled, "bits_assembled", Beam),
    try bits_assembled:f(X) catch Class:Reason -> {Class, Reason} end.
