-module(upper).
-export([handle/1]).

handle(Event) -> string:uppercase(Event).
