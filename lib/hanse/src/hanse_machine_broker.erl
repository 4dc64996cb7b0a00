-module(hanse_machine_broker).
-export([start/1, usage/1]).
start(_) -> none.
usage(_) -> #{}.
