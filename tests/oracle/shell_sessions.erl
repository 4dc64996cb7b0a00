%% The shell, fed by an input and output server of its own: expressions, bindings, records, history, what it says of errors, its commands.
-module(shell_sessions).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    [session(S) || S <- sessions()].

sessions() ->
    [["1 + 1.", "X = 2.", "X * 3.", "X = 3.", "b().", "f(X).", "b().", "X.", "{A, B} = {1, 2}.", "A + B.", "f().", "A."],
     ["hd([]).", "1 / 0.", "foo:bar().", "erlang:error(mine).", "throw(ball).", "exit(bye).", "lists:nth(5, [1]).", "atom_to_list(1).", "fun(1) -> 2 end(3).", "case 1 of 2 -> 3 end.", "if false -> 1 end.", "catch 1 / 0.", "self() ! 1 + a."],
     ["rd(point, {x = 1, y}).", "#point{}.", "P = #point{y = 2}.", "P#point.x.", "P#point{x = 9}.", "rl().", "rl(point).", "#point{z = 1}.", "rf(point).", "#point{}.", "rd(other, {a, b = [1]}).", "{other, 1, 2}.", "[#other{} || _ <- [1, 2]]."],
     ["1.", "a.", "v(1).", "v(-1).", "v(9).", "e(1).", "e(2).", "results(2).", "10.", "11.", "12.", "v(3).", "results(20).", "history(1).", "13.", "h()."],
     ["F = fun(X) -> X + 1 end, F(2).", "lists:map(F, [1, 2]).", "fun lists:map/2.", "fun(X, Y) -> X end.", "G = fun Fact(0) -> 1; Fact(N) -> N * Fact(N - 1) end, G(20).", "spawn(fun() -> ok end) =/= self().", "(fun() -> X = 1, X end)()."],
     ["1 +.", "foo(.", "'unclosed.", "'.", "X ==== 1.", "\"a string\" \"joined\".", "[1, 2", ", 3].", "$a.", "<<1, 2, \"abc\">>.", "<<\"text\">>.", "#{a => 1, \"k\" => [b]}.", "1.0e100.", "[104, 105].", "[1, 2, 300].", "'Quoted atom'.", "{nested, [{deep, #{x => {1, 2}}}]}."],
     ["catch_exception(true).", "self() =:= self().", "P = self(), ok.", "1 / 0.", "P =:= self().", "catch_exception(false).", "exit(x).", "P =:= self().", "self() ! hello.", "flush().", "receive nothing -> ok after 0 -> late end."],
     ["lists:seq(1, 60).", "lists:duplicate(30, abcdefgh).", "[{K, list_to_atom(\"v\" ++ integer_to_list(K))} || K <- lists:seq(1, 20)].", "string:copies(\"long text \", 20).", "#{N => N * N || N <- [1]}.", "maps:from_list([{N, N * N} || N <- lists:seq(1, 12)]).", "strings(false).", "\"abc\".", "strings(true).", "\"abc\"."],
     ["rp(lists:seq(1, 40)).", "ls(\"/no/such/folder\").", "cd(\"/\").", "pwd().", "nosuchcommand().", "l(no_such_module).", "m(no_such_module).", "y(\"nofile\").", "fl().", "i(x).", "lc(x).", "code:is_loaded(lists) =/= false."],
     ["begin X = 1, Y = 2 end.", "X + Y.", "case X of 1 -> Z = one; _ -> Z = other end.", "Z.", "[Q || Q <- [1, 2, 3], Q > X].", "Q.", "<< <<N>> || N <- [1, 2] >>.", "try throw(a) catch T -> {caught, T} end.", "T.", "begin W = W1 = 5 end.", "{W, W1}.", "f(W), W."]].

session(Lines) ->
    Server = spawn(fun() -> serve([L ++ "\n" || L <- Lines], [], none) end),
    Me = self(),
    Runner = spawn(fun() -> group_leader(Server, self()), P = shell:start(true, false), M = monitor(process, P), receive {'DOWN', M, _, _, _} -> ok end, Me ! {self(), over} end),
    Server ! {tell, self()},
    receive {Server, Output} -> io:format("~ts~n====~n", [mask(Output)]) after 30000 -> io:format("no end~n") end,
    exit(Runner, kill).

%% Pids and funs have other numbers elsewhere.
mask(Text) ->
    lists:foldl(fun({Re, By}, T) -> re:replace(T, Re, By, [global, unicode, {return, list}]) end, Text,
                [{"<\\d+\\.\\d+\\.\\d+>", "<pid>"}, {"#Fun<erl_eval\\.\\d+\\.\\d+>", "#Fun<erl_eval>"}, {"\\(line \\d+\\)", "(line)"}]).

%% Lines are given one at a time; when there are no more, what was printed is told.
serve(In, Out, To) ->
    receive
        {tell, Pid} -> serve(In, Out, Pid);
        {io_request, From, Ref, Request} ->
            case request(Request, In) of
                over ->
                    To2 = case To of none -> receive {tell, P} -> P end; _ -> To end,
                    To2 ! {self(), lists:flatten(lists:reverse(Out))};
                {Reply, In2, Text} -> From ! {io_reply, Ref, Reply}, serve(In2, [Text | Out], To)
            end;
        _ -> serve(In, Out, To)
    end.

request({put_chars, unicode, Chars}, In) -> {ok, In, unicode:characters_to_list(Chars)};
request({put_chars, unicode, M, F, As}, In) -> {ok, In, unicode:characters_to_list(apply(M, F, As))};
request({put_chars, latin1, Chars}, In) -> {ok, In, binary_to_list(iolist_to_binary(Chars))};
request({requests, Rs}, In) -> lists:foldl(fun(R, {_, I, T}) -> {Reply, I2, T2} = request(R, I), {Reply, I2, [T, T2]} end, {ok, In, []}, Rs);
request({get_until, _, Prompt, M, F, As}, In) -> until(prompt(Prompt), M, F, As, [], In);
request({get_geometry, _}, In) -> {{error, enotsup}, In, []};
request(getopts, In) -> {[{encoding, unicode}, {echo, true}], In, []};
request({setopts, _}, In) -> {ok, In, []};
request(_, In) -> {{error, request}, In, []}.

prompt({format, F, As}) -> io_lib:format(F, As);
prompt(P) when is_atom(P) -> atom_to_list(P);
prompt(P) -> unicode:characters_to_list(P).

until(_, _, _, _, _, []) -> over;
until(Prompt, M, F, As, State, [Line | In]) ->
    case apply(M, F, [State, Line | As]) of
        {done, Result, Rest} ->
            More = case Rest of R when is_list(R), R =/= [] -> case string:trim(R) of [] -> In; _ -> [R | In] end; _ -> In end,
            {Result, More, [Prompt, Line]};
        {more, Next} -> case until("", M, F, As, Next, In) of over -> over; {R, I, T} -> {R, I, [Prompt, Line | T]} end
    end.
