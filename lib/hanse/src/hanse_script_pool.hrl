%% A worker's place in a pool. The worker of a place changes, its number stays.
-record(slot, {
    number :: pos_integer(),
    state = starting :: starting | running | backoff | stopping | exited | fatal,
    pid :: undefined | pid(),
    os_pid :: undefined | pos_integer(),
    busy = 0 :: non_neg_integer(),          % calls that it has
    calls = 0 :: non_neg_integer(),         % calls that it was given
    since = 0 :: integer(),                 % of this state, milliseconds of monotonic time
    failures = 0 :: non_neg_integer(),      % in a row
    memory = 0 :: non_neg_integer(),
    next = restart :: restart | remove | stay,  % what follows when it stops
    saved :: term(),                        % the state it handed over last
    last = none :: none | map()             % how the worker before ended
}).

%% A call that the pool has promised to answer.
-record(call, {
    alias :: reference() | none,
    client :: pid(),
    payload :: hanse_script_protocol:payload(),
    priority :: hanse_script_queue:priority(),
    deadline :: infinity | integer(),
    attempt_ms :: timeout(),
    retries :: non_neg_integer(),
    kind :: call | stream,
    worker :: undefined | pid()
}).

-record(pool, {
    name :: atom(),
    options :: map(),
    supervisor :: pid(),
    log :: undefined | pid(),
    workers :: undefined | pid(),
    state = running :: running | fatal | stopping,
    why = none :: none | map(),             % of fatal
    slots = #{} :: #{pos_integer() => #slot{}},
    %% Workers that take no more calls, or have to pass their test first.
    leaving = #{} :: #{pid() => #slot{}},
    candidate = none :: none | {pid(), pos_integer()},
    replacing = [] :: [pos_integer()],
    once_more = false :: boolean(),         % something changed while a candidate was on its way
    replaced = none :: none | {ok | failed, integer(), term()},
    pids = #{} :: #{pid() => pos_integer()},
    calls = #{} :: #{pos_integer() => #call{}},
    next_id = 16 :: pos_integer(),
    queue = hanse_script_queue:new() :: hanse_script_queue:queue(#call{}),
    cancelled = #{} :: #{reference() => true},  % streams that wait, and that nobody wants any more
    outbox = #{} :: #{pid() => [hanse_script_worker:run()]},
    failed = [] :: [integer()],             % times of failures, newest first
    figures = hanse_script_figures:new() :: hanse_script_figures:figures(),
    waiters = [] :: [reference()],          % of hanse_script:await/2
    files = #{} :: #{binary() => term()},   % what is watched
    ticks = 0 :: non_neg_integer()
}).
