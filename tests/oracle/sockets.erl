%% socket: streams, datagrams, local sockets; waiting, closing.
-module(sockets).
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
  Dir = "/tmp/sockets." ++ os:getpid(),
  ok = file:make_dir(Dir),
  ok = file:set_cwd(Dir),
  try run() after file:set_cwd("/"), file:del_dir_r(Dir) end.

run() ->
  p("open", fun() -> socket:open(foo,stream) end),
  p("open", fun() -> socket:open(inet,foo) end),
  p("open", fun() -> socket:open(inet,stream,foo) end),
  p("open", fun() -> socket:open(inet,stream,udp) end),
  {ok,S} = p("open", fun() -> socket:open(inet,stream,tcp) end),
  p("sockname", fun() -> socket:sockname(S) end),
  p("peername", fun() -> socket:peername(S) end),
  p("recv unconn", fun() -> socket:recv(S,0,0) end),
  p("send unconn", fun() -> socket:send(S,"a",0) end),
  p("listen", fun() -> socket:listen(S,5) end),
  p("sockname", fun() -> socket:sockname(S) end),
  p("bind late", fun() -> socket:bind(S,#{family=>inet,addr=>loopback}) end),
  p("bind bad", fun() -> socket:bind(S,#{family=>inet,addr=>foo}) end),
  p("bind bad", fun() -> socket:bind(S,#{family=>inet,addr=>{1,2,3}}) end),
  p("accept 0", fun() -> socket:accept(S,0) end),
  p("accept 10", fun() -> socket:accept(S,10) end),
  {ok,#{port:=Port}} = socket:sockname(S),
  {ok,C} = p("open", fun() -> socket:open(inet,stream,tcp) end),
  p("connect", fun() -> socket:connect(C,#{family=>inet,addr=>loopback,port=>Port}) end),
  p("connect again", fun() -> socket:connect(C,#{family=>inet,addr=>loopback,port=>Port}) end),
  {ok,A} = p("accept", fun() -> socket:accept(S) end),
  p("peername", fun() -> socket:peername(C) end),
  p("recv 0 0", fun() -> socket:recv(A,0,0) end),
  p("send", fun() -> socket:send(C,<<"hello">>) end),
  p("recv 3", fun() -> socket:recv(A,3) end),
  p("recv 10 50", fun() -> socket:recv(A,10,50) end),
  p("send iov", fun() -> socket:sendmsg(C,#{iov=>[<<"abc">>,<<"def">>]}) end),
  p("recv", fun() -> socket:recv(A,0) end),
  p("peek", fun() -> socket:send(C,"xyz"), timer:sleep(20), {socket:recv(A,0,[peek]), socket:recvmsg(A)} end),
  p("recvfrom", fun() -> socket:send(C,"xyz"), socket:recvfrom(A) end),
  [p(io_lib:format("getopt ~p",[O]), fun() -> socket:getopt(A,O) end) || O <- [{tcp,nodelay},{socket,rcvbuf},{socket,linger},{socket,keepalive},{socket,reuseaddr},{socket,type},{socket,protocol},{socket,domain},{socket,error},{socket,acceptconn},{otp,debug},{otp,iow},{otp,rcvbuf},{otp,rcvctrlbuf},{otp,sndctrlbuf},{otp,meta},{otp,use_registry},{otp,domain},{otp,controlling_process},{otp,foo},{ip,tos},{ip,ttl},{ip,mtu_discover},{tcp,cork},{socket,bindtodevice},{socket,rcvtimeo},{ip,multicast_if},{ip,multicast_loop},{foo,bar},{ip,recvtos}]],
  [p(io_lib:format("setopt ~p ~p",[O,V]), fun() -> {socket:setopt(A,O,V),socket:getopt(A,O)} end) || {O,V} <- [{{tcp,nodelay},true},{{tcp,nodelay},1},{{socket,rcvbuf},20000},{{socket,rcvbuf},a},{{socket,linger},#{onoff=>true,linger=>5}},{{socket,linger},abort},{{socket,linger},5},{{otp,rcvbuf},1000},{{otp,rcvbuf},{5,1000}},{{otp,rcvbuf},default},{{otp,debug},false},{{otp,iow},true},{{otp,meta},{x,y}},{{ip,tos},lowdelay},{{ip,tos},16},{{ip,ttl},33},{"reno"},{foo},{{otp,controlling_process},self()},{1},{{tcp,cork},true}]],
  p("native", fun() -> {socket:setopt_native(A,{6,1},1),socket:getopt_native(A,{6,1},integer),socket:getopt_native(A,{6,1},boolean),socket:getopt_native(A,{6,1},4),socket:getopt_native(A,{6,1},<<0:32>>),socket:getopt_native(A,{tcp,nodelay},x), socket:setopt_native(A,{6,1},<<0:32>>),socket:setopt_native(A,{6,1},true),socket:setopt_native(A,{6,1},foo)} end),
  p("shutdown", fun() -> {socket:shutdown(C,write),socket:shutdown(C,foo), socket:recv(A,0), socket:recv(A,0,0)} end),
  Self=self(),
  spawn(fun() -> p("other recv", fun() -> socket:recv(C,0,0) end), p("other close", fun() -> socket:close(C) end), p("other setopt", fun() -> socket:setopt(C,{otp,controlling_process},self()) end), Self ! ok end), receive ok -> ok end,
  Later = fun(F) -> spawn(fun() -> Self ! {later, F()} end), timer:sleep(50) end,
  Answer = fun() -> receive {later, R} -> R after 5000 -> none end end,
  Later(fun() -> socket:recv(C,0) end),
  p("close", fun() -> {socket:close(A), Answer()} end),
  p("close", fun() -> socket:close(A) end),
  p("use closed", fun() -> socket:recv(A,0) end),
  Later(fun() -> socket:accept(S) end),
  p("close", fun() -> {socket:close(S), Answer()} end),
  {ok,U} = p("udp", fun() -> socket:open(inet,dgram,udp) end),
  {ok,V} = p("udp", fun() -> socket:open(inet,dgram,udp) end),
  p("bind", fun() -> {socket:bind(U,loopback),socket:bind(V,#{family=>inet,addr=>any,port=>0})} end),
  {ok,UA}=socket:sockname(U),
  p("sendto", fun() -> socket:sendto(V,"hej",UA) end),
  p("recvfrom", fun() -> socket:recvfrom(U) end),
  p("recvfrom 0", fun() -> socket:recvfrom(U,0,[],0) end),
  p("sendmsg", fun() -> socket:sendmsg(V,#{addr=>UA,iov=>[<<"a">>]}) end),
  p("recvmsg", fun() -> socket:recvmsg(U) end),
  p("trunc", fun() -> socket:sendto(V,"hejsan",UA), socket:recvmsg(U,3,0) end),
  Hide = fun({ok, #{ctrl := C}}) -> lists:sort([{maps:get(level,X),maps:get(type,X)} || X <- C]) end,
  p("pktinfo", fun() -> {socket:setopt(U,{ip,pktinfo},true), socket:setopt(U,{ip,recvttl},true), socket:setopt(U,{socket,timestamp},true), socket:sendto(V,"x",UA), Hide(socket:recvmsg(U))} end),
  p("empty", fun() -> socket:sendto(V,"",UA), socket:recvfrom(U) end),
  {ok,L} = p("local", fun() -> socket:open(local,stream) end),
  p("bind", fun() -> file:delete("sk"), {socket:bind(L,#{family=>local,path=>"sk"}),socket:listen(L),socket:sockname(L)} end),
  p("lc", fun() -> {ok,LC}=socket:open(local,stream), R=socket:connect(LC,#{family=>local,path=>"sk"}), {R,socket:peername(LC),socket:sockname(LC)} end),
  p("refused", fun() -> {ok,X}=socket:open(inet,stream), socket:connect(X,#{family=>inet,addr=>loopback,port=>1}) end),
  p("badaddr", fun() -> {ok,X}=socket:open(inet,stream), socket:connect(X,#{family=>inet6,addr=>loopback,port=>1}) end),
  p("v6", fun() -> {ok,X}=socket:open(inet6,stream), {socket:bind(X,#{family=>inet6,addr=>loopback}),socket:sockname(X)} end),
  p("fd bad", fun() -> socket:open(9999,#{}) end),
  p("badref", fun() -> socket:recv({'$socket',make_ref()},0) end),
  ok.
