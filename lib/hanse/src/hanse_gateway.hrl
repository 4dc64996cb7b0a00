%% A function as a request finds it in the table of hanse_gateway: everything that a call needs, ready made.
-record(lent, {grant :: pos_integer(),
               module :: module(),
               function :: atom(),
               arguments :: [hanse_grant_pattern:pattern()],
               realm :: prim_machine:realm(),
               prim :: map(),                                   % options for prim_machine:machine_new/2
               policy :: hanse_gateway_policy:policy(),
               timeout_ms :: pos_integer(),
               answer_bytes :: pos_integer(),
               pids :: {Most :: non_neg_integer(), Rate :: {pos_integer(), pos_integer()}},
               names :: [atom()],                               % of processes of this node that it may send to
               label :: binary()}).                             % MODULE:FUNCTION/ARITY of the outside, for the log

%% A request, as the server hands it over.
-record(request, {server, id, method :: binary(), path :: [binary()], query :: binary(), key :: binary(), headers :: map(), body :: binary(),
                  peer :: binary(), tracking :: binary(), begun :: integer()}).
