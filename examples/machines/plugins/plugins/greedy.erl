-module(greedy).
-export([handle/1]).

handle(Event) -> grow([Event]).

grow(List) -> grow([List, List | List]).
