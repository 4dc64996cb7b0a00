-module(count).
-export([handle/1]).

handle(Event) ->
    io:format("~b bytes~n", [byte_size(Event)]),
    byte_size(Event).
