%% What tests/gateway/remote lends.
-module(weather).
-export([today/1, back/1, call/1, tell/2]).

today(<<"oslo">>) -> #{sky => clear, degrees => 3};
today(Where) when is_binary(Where) -> #{sky => rain}.

back(Term) -> {got, Term}.

call(Request) -> {asked, Request}.

tell(Pid, What) ->
    Pid ! {said, What},
    ok.
