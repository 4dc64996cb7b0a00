%% socket: options of all levels, control messages, sendfile.
-module(socket_options).
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
  {ok,S} = socket:open(inet,stream,tcp),{ok,U} = socket:open(inet,dgram,udp),{ok,S6} = socket:open(inet6,dgram,udp),
  [p(io_lib:format("S ~p",[O]), fun() -> socket:getopt(S,O) end) || {L,O0}<-lists:sort([K || {K, _} <- socket:supports(options)]), lists:member(L,[socket,tcp,ip]), O <- [{L,O0}]],
  [p(io_lib:format("U ~p",[O]), fun() -> socket:getopt(U,O) end) || {L,O0}<-lists:sort([K || {K, _} <- socket:supports(options)]), lists:member(L,[ip,udp]), O <- [{L,O0}]],
  [p(io_lib:format("6 ~p",[O]), fun() -> socket:getopt(S6,O) end) || {L,O0}<-lists:sort([K || {K, _} <- socket:supports(options)]), lists:member(L,[ipv6]), O <- [{L,O0}]],
  Set = fun(So,O,V) -> p(io_lib:format("set ~0p ~0p",[O,V]), fun() -> {socket:setopt(So,O,V),socket:getopt(So,O)} end) end,
  [Set(U,{ip,mtu_discover},V)||V<-[want,dont,do,probe,foo,2]],
  [Set(U,{ip,tos},V)||V<-[lowdelay,throughput,reliability,mincost,foo,32,300,-1]],
  [Set(U,{ip,multicast_loop},V)||V<-[true,false,1]],
  [Set(U,{ip,multicast_ttl},V)||V<-[1,300]],
  [Set(U,{ip,multicast_if},V)||V<-[any,{127,0,0,1},foo]],
  [Set(U,{ip,add_membership},V)||V<-[#{multiaddr=>{224,1,1,1},interface=>any},#{multiaddr=>{224,1,1,1},interface=>{127,0,0,1}},#{multiaddr=>a,interface=>any},foo]],
  [Set(U,{ip,drop_membership},V)||V<-[#{multiaddr=>{224,1,1,1},interface=>any}]],
  [Set(U,{ip,add_source_membership},V)||V<-[#{multiaddr=>{224,1,1,2},interface=>any,sourceaddr=>{10,0,0,1}}]],
  [Set(U,{ip,msfilter},V)||V<-[null,#{multiaddr=>{224,1,1,1},interface=>any,mode=>include,slist=>[]}]],
  [Set(S6,{ipv6,add_membership},V)||V<-[#{multiaddr=>{16#ff02,0,0,0,0,0,0,16#1234},interface=>1},foo]],
  [Set(S6,{ipv6,mtu_discover},V)||V<-[want,dont]],
  [Set(S6,{ipv6,v6only},V)||V<-[true]],
  [Set(S6,{ipv6,multicast_hops},V)||V<-[default,3,300]],
  [Set(S6,{ipv6,tclass},V)||V<-[default,3,300]],
  [Set(S6,{ipv6,multicast_if},V)||V<-[1,0]],
  [Set(S6,{ipv6,unicast_hops},V)||V<-[default,3]],
  [Set(S,{socket,bindtodevice},V)||V<-["lo",foo,""]],
  [Set(S,{socket,priority},V)||V<-[3]],
  [Set(S,{socket,rcvlowat},V)||V<-[3]],
  [Set(S,{socket,passcred},V)||V<-[true]],
  [Set(S,{tcp,maxseg},V)||V<-[500]],
  [Set(S,{ip,recvtos},V)||V<-[true,1]],
  [Set(S,{ip,hdrincl},V)||V<-[true]],
  [Set(S,{otp,rcvbuf},V)||V<-[0,-1,{0,10},{10,0},foo]],
  [Set(S,{otp,rcvctrlbuf},V)||V<-[0,-1,20,default,foo]],
  {ok,V} = socket:open(inet,dgram,udp), socket:bind(V,loopback), {ok,VA}=socket:sockname(V),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>,<<"b">>],ctrl=>[#{level=>ip,type=>tos,value=>lowdelay}]}) end),
  p("smsg", fun() -> socket:setopt(V,{ip,recvtos},true),socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>,<<"b">>],ctrl=>[#{level=>ip,type=>tos,data=><<16>>}]}), {socket:recvmsg(V),socket:recvmsg(V)} end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>,<<"b">>],ctrl=>[#{level=>ip,type=>tos,value=>32}]}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>,b]}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[]}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>],ctrl=>[foo]}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>],ctrl=>[#{level=>ip}]}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{addr=>VA,iov=>[<<"a">>],ctrl=>[#{level=>ip,type=>foo,value=>1}]}) end),
  p("smsg", fun() -> socket:sendmsg(U,#{iov=>[<<"a">>]}) end),
  p("flags", fun() -> socket:send(U,"x",[foo]) end),
  {ok,L}=socket:open(inet,stream),socket:bind(L,loopback),socket:listen(L),{ok,LA}=socket:sockname(L),socket:connect(S,LA),{ok,C}=socket:accept(L),
  p("recv zero partial", fun() -> socket:send(C,"abc"), timer:sleep(20), {socket:recv(S,5,0),socket:recv(S,0,0)} end),
  p("recv exact buf", fun() -> socket:setopt(S,{otp,rcvbuf},3), socket:send(C,"abcdef"), timer:sleep(20), {socket:recv(S,0),socket:recv(S,0,0)} end),
  p("recv n bufs", fun() -> socket:setopt(S,{otp,rcvbuf},{2,3}), socket:send(C,"abcdefghij"), timer:sleep(20), {socket:recv(S,0,nowait),socket:recv(S,0,0)} end),
  p("recvmsg closed", fun() -> socket:close(C), {socket:recvmsg(S), socket:recvfrom(S), socket:recv(S)} end),
  p("sendfile", fun() -> {ok,S2} = socket:open(inet,stream), ok=socket:connect(S2,LA),{ok,C2}=socket:accept(L), file:write_file("/tmp/hanse_sf." ++ os:getpid(),"hello file"), {ok,F}=file:open("/tmp/hanse_sf." ++ os:getpid(),[read,raw]), R = socket:sendfile(S2,F,2,5), R2= socket:sendfile(S2,F,0,0), R3=socket:sendfile(S2,F), timer:sleep(20), {R,R2,R3,socket:recv(C2)} end),
  ok.
