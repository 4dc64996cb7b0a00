{module, m}.  %% version = 0

{exports, [{f,1},{module_info,0},{module_info,1}]}.

{attributes, []}.

{labels, 12}.


{function, f, 1, 2}.
  {label,1}.
    {line,[{location,[],1}]}.
    {func_info,{atom,m},{atom,f},1}.
  {label,2}.
    {move,{x,0},{x,1}}.
    {call_only,2,{f,8}}. % '-f/1-lc$^0/1-0-'/2


{function, module_info, 0, 4}.
  {label,3}.
    {line,[]}.
    {func_info,{atom,m},{atom,module_info},0}.
  {label,4}.
    {move,{atom,m},{x,0}}.
    {call_ext_only,1,{extfunc,erlang,get_module_info,1}}.


{function, module_info, 1, 6}.
  {label,5}.
    {line,[]}.
    {func_info,{atom,m},{atom,module_info},1}.
  {label,6}.
    {move,{x,0},{x,1}}.
    {move,{atom,m},{x,0}}.
    {call_ext_only,2,{extfunc,erlang,get_module_info,2}}.


{function, '-f/1-lc$^0/1-0-', 2, 8}.
  {label,7}.
    {line,[{location,[],1}]}.
    {func_info,{atom,m},{atom,'-f/1-lc$^0/1-0-'},2}.
  {label,8}.
    {test,is_nonempty_list,{f,10},[{x,0}]}.
    {get_list,{x,0},{x,2},{x,0}}.
    {test,is_lt,{f,9},[{integer,1},{x,2}]}.
    {allocate,1,3}.
    {move,{x,2},{y,0}}.
    {call,2,{f,8}}. % '-f/1-lc$^0/1-0-'/2
    {test_heap,2,1}.
    {put_list,{y,0},{x,0},{x,0}}.
    {deallocate,1}.
    return.
  {label,9}.
    {call_only,2,{f,8}}. % '-f/1-lc$^0/1-0-'/2
  {label,10}.
    {test,is_nil,{f,11},[{x,0}]}.
    {move,{x,1},{x,0}}.
    return.
  {label,11}.
    {test_heap,3,1}.
    {put_tuple2,{x,0},{list,[{atom,bad_generator},{x,0}]}}.
    {call_ext_only,1,{extfunc,erlang,error,1}}.
