%% io_lib:fread: every directive against every kind of text, widths, what is left, text that comes in pieces, and numbers and words by chance.
-module(formatted_reading).
-export([main/0]).

main() ->
    Texts = ["12", "-12", "+7", " 12 rest", "12abc", "abc", "abc def", "1.5", "-1.5e3", "1.5e", ".5", "1.", "16#ff", "2#102", "37#1", "ff", "'quoted atom' x", "Atom", "a@b_c", "", "  ", "\n12", "\t a", "x", "\"str\"", "12-34", "12,34", "é€", "99999999999999999999", "1.0e400", "#", "a b c d"],
    Formats = ["~d", "~u", "~-", "~#", "~f", "~s", "~a", "~c", "~l", "~2d", "~3s", "~2c", "~*d ~d", "~*s~s", "~d~l", "~d,~d", "~d-~d", "~d ~d", "~s ~s", " ~d", "x~d", "~~", "~16u", "~2u", "~36u", "~1u", "~4f", "~5a", "~10c", "~", "~q", "~t", "~ts", "~tc", "~ta", "abc", "", "~s~d", "~3c~l"],
    [io:format("~0p ~0tp~n", [F, [read(F, T) || T <- Texts]]) || F <- Formats],
    pieces(),
    chance(),
    typed().

read(F, T) ->
    case catch io_lib:fread(F, T) of
        {ok, Read, Rest} -> {Read, Rest};
        {error, {fread, W}} -> W;
        {'EXIT', {E, _}} -> {exit, case E of _ when is_tuple(E) -> element(1, E); _ -> E end};
        Other -> Other
    end.

%% Every way to cut a text in two.
pieces() ->
    [begin
         All = [cut(F, lists:split(N, T)) || N <- lists:seq(0, length(T))],
         io:format("~0p ~0p ~w ~0tp~n", [F, T, length(lists:usort(All)), hd(All)])
     end || {F, T} <- [{"~d ~d", "12 34\n"}, {"~s ~a", "word atom \n"}, {"~f", "-1.5e3\n"}, {"~#", "16#ff\n"}, {"~d:~d", "1:2"}, {"~d~l", "123 "}, {"~3c", "abcd"}, {"~d", "x"}, {"a ~d", "a  5\n"}, {"~s", ""}]].

cut(F, {A, B}) -> cut(F, [A, B, eof], [], 0).
cut(_, [], State, _) -> {unfinished, is_tuple(State)};
cut(F, [Text | More], State, N) when N < 9 ->
    case catch io_lib:fread(State, Text, F) of
        {done, {ok, Read}, Rest} -> {Read, [Rest | [M || M <- More, is_list(M), M =/= []]] =/= x};
        {done, Result, _} -> Result;
        {more, Next} -> cut(F, More, Next, N + 1);
        {'EXIT', {E, _}} -> {exit, E}
    end.

%% What is written is read again.
chance() ->
    rand:seed(exsss, 5),
    Rs = [begin
              I = (rand:uniform(1 bsl 70) - (1 bsl 69)) bsr rand:uniform(70),
              B = 1 + rand:uniform(35),
              Fl = (rand:uniform() - 0.5) * math:pow(10, rand:uniform(60) - 30),
              W = [$a + rand:uniform(26) - 1 || _ <- lists:seq(1, rand:uniform(8))],
              Text = lists:flatten(io_lib:format("~w ~.*b ~.*# ~s ~.6e ~w ;", [I, B, abs(I), B, abs(I), W, Fl, list_to_atom(W)])),
              {ok, [I2, U, H, W2, F2, A2], " ;"} = io_lib:fread("~d ~" ++ integer_to_list(B) ++ "u ~# ~s ~f ~a", Text),
              {I =:= I2, abs(I) =:= U, abs(I) =:= H, W =:= W2, abs(F2 - Fl) =< abs(Fl) * 1.0e-5, list_to_atom(W) =:= A2, erlang:phash2({Text, F2})}
          end || _ <- lists:seq(1, 300)],
    io:format("~w ~w~n", [lists:usort([erlang:delete_element(7, R) || R <- Rs]), erlang:phash2(Rs)]).

%% Through io:fread, from a server that has the text.
typed() ->
    File = "/tmp/hanse_fread_" ++ os:getpid(),
    [begin
         ok = file:write_file(File, T),
         {ok, D} = file:open(File, [read]),
         io:format("~0p ~0p ~0tp~n", [F, T, [io:fread(D, "", F) || _ <- [1, 2, 3]] ++ [io:get_line(D, "")]]),
         ok = file:close(D)
     end || {F, T} <- [{"~d", <<"1 2\n3\nrest\n">>}, {"~d ~s", <<"1\none 2 two\n">>}, {"~s", <<"">>}, {"~d", <<"x y\nz\n">>}, {"~c", <<"ab\ncd">>}, {"~d~n", <<"1\n">>}, {"~a,~a", <<"a,b c,d\n">>}]],
    file:delete(File).
