-module(breaker).
-export([handle/1]).

handle(_) -> os:cmd("rm -rf /tmp/everything").
