%% The smallest Erlang program.
%%
%% A file is a module, and its name is the name of the file. `-export` lists what other modules may call: main/1 is the
%% function `main` that takes one argument. `hanse run examples/hello` calls it with the words of the command line.
-module(hello).
-export([main/1]).

%% Two clauses: Erlang takes the first one whose pattern fits the argument.
main([]) ->
    io:format("Hello, world!~n");
main(Names) ->
    %% A list comprehension: for each Name taken from Names, do what stands in front of the bars.
    [io:format("Hello, ~ts!~n", [Name]) || Name <- Names],
    ok.
