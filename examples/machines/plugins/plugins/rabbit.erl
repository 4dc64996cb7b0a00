-module(rabbit).
-export([handle/1]).

handle(Event) -> [spawn(fun() -> handle(Event) end) || _ <- lists:seq(1, 100)].
