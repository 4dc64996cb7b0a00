%% A thumbnail service: a pool of four Python workers below a supervisor, and many calls at once.
%%
%%     ./hanse run examples/scripts/thumbnails FOLDER       makes FOLDER/thumbnails of the pictures in FOLDER
%%     ./hanse run examples/scripts/thumbnails              draws some pictures first
%%
%% The workers are programs of their own. If one of them crashes on a picture, is killed by the system or needs too long, the calls of
%% the others go on, a new one takes its place, and the picture that did it is named at the end.
-module(thumbnails).
-behaviour(supervisor).

-export([main/1, init/1]).

-define(SIZE, 64).

main([]) ->
    Folder = filename:join("/tmp", "hanse_thumbnails_" ++ os:getpid()),
    ok = filelib:ensure_dir(filename:join(Folder, "x")),
    [draw(filename:join(Folder, io_lib:format("picture~2..0b.ppm", [N])), N) || N <- lists:seq(1, 12)],
    ok = file:write_file(filename:join(Folder, "spoilt.ppm"), "this is no picture"),
    main([Folder]),
    file:del_dir_r(Folder);
main([Folder]) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, []),
    Pictures = [Name || Name <- lists:sort(filelib:wildcard("*.{ppm,png,jpg,jpeg}", Folder))],
    ok = filelib:ensure_dir(filename:join([Folder, "thumbnails", "x"])),
    Parent = self(),
    %% A process for each picture. The pool's queue and its four workers decide what is done when.
    [spawn_link(fun() -> Parent ! {Picture, thumbnail(Folder, Picture)} end) || Picture <- Pictures],
    [receive {Picture, Answer} -> tell(Picture, Answer) end || Picture <- Pictures],
    unlink(Supervisor),
    exit(Supervisor, shutdown),
    ok.

init([]) ->
    {ok, {#{strategy => one_for_one},
          [hanse_script:child_spec(#{name => thumbs, command => ["python3", "thumbnails.py"], directory => folder(), size => 4,
                                     limits => #{memory_bytes => 1000000000},  % a picture can be a trap
                                     call_timeout_ms => 60000})]}}.

%% Where this file is: `hanse run' remembers the source.
folder() -> filename:dirname(filename:absname(proplists:get_value(source, ?MODULE:module_info(compile), code:which(?MODULE)))).

thumbnail(Folder, Picture) ->
    Target = filename:join([Folder, "thumbnails", filename:rootname(Picture) ++ ".png"]),
    hanse_script:call(thumbs, thumbnail, [unicode:characters_to_binary(filename:join(Folder, Picture)),
                                          unicode:characters_to_binary(Target), ?SIZE]).

tell(Picture, {ok, {Width, Height}}) -> io:format("~ts: ~b x ~b~n", [Picture, Width, Height]);
tell(Picture, {error, {exception, Class, _, _}}) -> io:format("~ts: ~ts in the script~n", [Picture, Class]);
tell(Picture, {error, Reason}) -> io:format("~ts: ~0tp~n", [Picture, Reason]).

%% Something to look at: 200 x 120 pixels in PPM.
draw(File, N) ->
    Pixels = [<<(X * N rem 256), (Y * 2), ((X * Y * N) bsr 6 rem 256)>> || Y <- lists:seq(0, 119), X <- lists:seq(0, 199)],
    ok = file:write_file(File, ["P6 200 120 255\n", Pixels]).
