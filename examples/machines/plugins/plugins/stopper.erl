-module(stopper).
-export([handle/1]).

handle(_) -> halt().
