-module(nosy).
-export([handle/1]).

handle(_) -> {file:read_file("/etc/passwd"), os:getenv("HOME"), whereis(init), length(processes()) < 5}.
