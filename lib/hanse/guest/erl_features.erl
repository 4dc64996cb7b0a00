%% @doc erl_features of a machine: none is enabled. OTP's keeps them in persistent terms, which machines do not see.
-module(erl_features).

-export([keywords/0, keywords/1, configurable/0, keyword_fun/2, enabled/0, used/1, all/0]).

keywords() -> [].
keywords(_) -> [].
configurable() -> [].

keyword_fun(_Options, Fun) -> {ok, {[], Fun}}.

enabled() -> [].
used(_) -> [].
all() -> [].
