%% net: names of hosts, services and interfaces.
-module(net_names).
-export([main/0]).

%% What differs from run to run is hidden: references, pids, ports that the system chose, descriptors.
show(R) when is_reference(R) -> ref;
show(P) when is_pid(P) -> pid;
show(T) when is_tuple(T) -> list_to_tuple([show(X) || X <- tuple_to_list(T)]);
show([H | T]) -> [show(H) | show(T)];
show(M) when is_map(M) -> maps:map(fun(port, X) when X > 1024 -> a_port; (_, V) -> show(V) end, M);
show(X) -> X.

p(Label, Fun) ->
    Result = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~s: ~0p~n", [Label, show(Result)]),
    Result.

main() ->
  p("info", fun() -> prim_net:info() end),
  p("cmd", fun() -> prim_net:command(foo) end),
  p("hostname", fun() -> prim_net:gethostname() end),
  p("hostname", fun() -> net:gethostname() end),
  p("gai", fun() -> prim_net:getaddrinfo("localhost",undefined) end),
  p("gai", fun() -> prim_net:getaddrinfo("127.0.0.1","80") end),
  p("gai", fun() -> prim_net:getaddrinfo(undefined,"http") end),
  p("gai", fun() -> prim_net:getaddrinfo("::1",undefined) end),
  p("gai", fun() -> prim_net:getaddrinfo("no.such.host.invalid",undefined) end),
  p("gai", fun() -> prim_net:getaddrinfo(undefined,"nosuchservice") end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>inet,addr=>{127,0,0,1},port=>80},undefined) end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>inet,addr=>{127,0,0,1},port=>80},[numerichost,numericserv]) end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>inet,addr=>{10,255,255,1},port=>80},[namereqd]) end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>inet,addr=>{10,255,255,1},port=>80},[foo]) end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>inet6,addr=>{0,0,0,0,0,0,0,1},port=>80},[numerichost]) end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>local,path=>"/tmp/x"},[numerichost]) end),
  p("gni", fun() -> prim_net:getnameinfo(#{family=>inet,addr=>{10,255,255,1},port=>80},[]) end),
  p("ifaddrs", fun() -> prim_net:getifaddrs(#{}) end),
  p("ifaddrs", fun() -> net:getifaddrs(all) end),
  p("idx", fun() -> prim_net:if_name2index("lo") end),
  p("idx", fun() -> prim_net:if_name2index("nope") end),
  p("idx", fun() -> prim_net:if_index2name(1) end),
  p("idx", fun() -> prim_net:if_index2name(999) end),
  p("names", fun() -> prim_net:if_names() end),
  p("win", fun() -> prim_net:get_if_entry(#{index=>1}) end),
  p("win", fun() -> prim_net:get_interface_info(#{}) end),
  p("win", fun() -> prim_net:get_ip_address_table(#{}) end),
  p("win", fun() -> prim_net:get_adapters_addresses(default) end),
  ok.
