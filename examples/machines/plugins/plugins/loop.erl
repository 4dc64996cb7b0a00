-module(loop).
-export([handle/1]).

handle(Event) -> handle(Event).
