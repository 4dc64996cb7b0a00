%% How cheap machines are: starts ten thousand from a template, calls a function in each, and ends them.
%%
%%   hanse run examples/machines/load [MACHINES]
-module(load).
-export([main/1]).

main([]) -> main(["10000"]);
main([Text]) ->
    Count = list_to_integer(Text),
    ok = hanse_template:new(tenant, #{code => [{tenant, "-module(tenant).\n-export([greet/1]).\ngreet(N) -> {hello, N}.\n"}],
                                      limits => #{memory => 1000000}}),
    Before = resident(),
    Machines = timed("start", Count, fun() ->
        [begin {ok, Machine} = hanse_machine:start(#{template => tenant}), Machine end || _ <- lists:seq(1, Count)]
    end),
    %% Keepers of idle machines make themselves small after half a second.
    timer:sleep(1500),
    io:format("memory: ~.1f kB for each idle machine~n", [(resident() - Before) / Count / 1000]),
    timed("call", Count, fun() ->
        [{ok, {hello, N}} = hanse_machine:call(Machine, tenant, greet, [N], infinity) || {N, Machine} <- lists:zip(lists:seq(1, Count), Machines)]
    end),
    timed("kill", Count, fun() -> [ok = hanse_machine:kill(Machine) || Machine <- Machines] end),
    io:format("~b machines are left~n", [length(hanse_machine:list())]).

timed(What, Count, Do) ->
    {Microseconds, Value} = timer:tc(Do),
    io:format("~s: ~.1f us each~n", [What, Microseconds / Count]),
    Value.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.
