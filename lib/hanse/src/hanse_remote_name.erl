%% @doc A process that stands for a module at a lender, so that gen_server:call/2 and its relatives reach it. See {@link hanse_remote}.
-module(hanse_remote_name).

-export([start_link/2]).

-spec start_link(Lender :: pid(), module()) -> pid().
start_link(Lender, Module) -> spawn_link(fun() -> loop(Lender, Module, #{}) end).

%% Requests of several clients are under way at the same time.
loop(Lender, Module, Waiting) ->
    receive
        {'$gen_call', From, Request} ->
            Id = gen_server:send_request(Lender, {call, Module, call, [Request], 60000}),
            loop(Lender, Module, Waiting#{Id => From});
        {'$gen_cast', Message} -> send(Lender, Module, cast, Message, Waiting);
        Message -> answered(Message, Lender, Module, Waiting)
    end.

answered(Message, Lender, Module, Waiting) ->
    case check(Message, maps:keys(Waiting)) of
        {Id, Answer} ->
            {From, Rest} = maps:take(Id, Waiting),
            gen_server:reply(From, case Answer of
                                       {reply, {ok, Value}} -> Value;
                                       {reply, {error, Failure}} -> {error, {hanse_remote, Failure}};
                                       {error, {Reason, _}} -> {error, {hanse_remote, Reason}}
                                   end),
            loop(Lender, Module, Rest);
        none -> send(Lender, Module, info, Message, Waiting)
    end.

send(Lender, Module, Function, Message, Waiting) ->
    hanse_remote:cast(Lender, Module, Function, [Message]),
    loop(Lender, Module, Waiting).

check(_, []) -> none;
check(Message, [Id | Ids]) ->
    case gen_server:check_response(Message, Id) of
        no_reply -> check(Message, Ids);
        Answer -> {Id, Answer}
    end.
