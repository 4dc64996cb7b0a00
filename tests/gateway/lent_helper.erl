%% @doc What a lent function needs: it comes along, but nobody can call it from outside.
-module(lent_helper).

-export([double/1]).

double(Number) -> 2 * Number.
