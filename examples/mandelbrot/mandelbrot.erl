%% The Mandelbrot set, computed on all cores: one process per row of the picture.
%%
%%   hanse run examples/mandelbrot                       a small picture in the terminal
%%   hanse run examples/mandelbrot 1200 800 set.ppm      a picture file (PPM; most viewers open it)
%%
%% The processes need no locks: each sends its row to the one that asked for it, and rows are put in order at the end.
-module(mandelbrot).
-export([main/1]).

-define(LIMIT, 80).

main([]) ->
    [io:format("~s~n", [[shade(Steps) || Steps <- Row]]) || Row <- picture(64, 24)],
    ok;
main([Width, Height, File]) ->
    W = list_to_integer(Width),
    H = list_to_integer(Height),
    Rows = picture(W, H),
    ok = file:write_file(File, [io_lib:format("P6 ~b ~b 255~n", [W, H]) | [[colour(Steps) || Steps <- Row] || Row <- Rows]]),
    io:format("wrote ~s~n", [File]).

%% A list of rows, each a list of numbers of steps.
picture(Width, Height) ->
    Me = self(),
    Numbers = lists:seq(0, Height - 1),
    [spawn_link(fun() -> Me ! {row, Y, row(Y, Width, Height)} end) || Y <- Numbers],
    %% `receive` picks the message with this Y, in whatever order they arrive.
    [receive {row, Y, Row} -> Row end || Y <- Numbers].

row(Y, Width, Height) ->
    Im = 1.2 - 2.4 * Y / (Height - 1),
    [steps(-2.1 + 3.0 * X / (Width - 1), Im, 0.0, 0.0, 0) || X <- lists:seq(0, Width - 1)].

%% z -> z*z + c until it leaves the circle of radius 2 or the limit is reached.
steps(_CRe, _CIm, _Re, _Im, ?LIMIT) -> ?LIMIT;
steps(_CRe, _CIm, Re, Im, N) when Re * Re + Im * Im > 4.0 -> N;
steps(CRe, CIm, Re, Im, N) -> steps(CRe, CIm, Re * Re - Im * Im + CRe, 2 * Re * Im + CIm, N + 1).

shade(?LIMIT) -> $#;
shade(N) -> lists:nth(N rem 8 + 1, " .,:;ox%").

colour(?LIMIT) -> [0, 0, 0];
colour(N) -> [(N * 5) rem 256, (N * 11) rem 256, 128 + (N * 7) rem 128].
