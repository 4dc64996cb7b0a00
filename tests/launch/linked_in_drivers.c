/* A driver for tests/launch/linked_in_drivers: what it is sent or asked for says what it does. */
#include <erl_driver.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef NAME
#define NAME "linked_in"
#endif
#ifndef MINOR
#define MINOR ERL_DRV_EXTENDED_MINOR_VERSION
#endif

typedef struct {
    ErlDrvPort port;
    int pipe[2];
    int selected;
    ErlDrvMonitor monitor;
    ErlDrvTermData id, caller;
    ErlDrvTid thread;
    int has_thread;
    int has_sibling;
} State;

static int started = 0;

static int tell(State* state, const char* what) {
    ErlDrvTermData words[] = {ERL_DRV_PORT, state->id, ERL_DRV_ATOM, driver_mk_atom((char*)what), ERL_DRV_TUPLE, 2};
    return erl_drv_output_term(state->id, words, sizeof words / sizeof *words);
}

static int init(void) {
#ifdef UNWILLING
    return -1;
#else
    return 0;
#endif
}

static ErlDrvData start(ErlDrvPort port, char* command) {
    const char* argument = strchr(command, ' ');
    if (argument != NULL && strcmp(argument, " general") == 0) return ERL_DRV_ERROR_GENERAL;
    if (argument != NULL && strcmp(argument, " badarg") == 0) return ERL_DRV_ERROR_BADARG;
    if (argument != NULL && strcmp(argument, " errno") == 0) {
        errno = ENOMEM;
        return ERL_DRV_ERROR_ERRNO;
    }
    State* state = driver_alloc(sizeof *state);
    memset(state, 0, sizeof *state);
    state->port = port;
    state->id = driver_mk_port(port);
    state->pipe[0] = state->pipe[1] = -1;
    started++;
    if (argument != NULL && strcmp(argument, " greets") == 0) driver_output(port, "hello", 5);
    return (ErlDrvData)state;
}

static void stop(ErlDrvData data) {
    State* state = (State*)data;
    if (state->has_thread) erl_drv_thread_join(state->thread, NULL);
    if (state->selected) driver_select(state->port, (ErlDrvEvent)(long)state->pipe[0], ERL_DRV_USE, 0);
    if (state->pipe[1] >= 0) close(state->pipe[1]);
    driver_free(state);
}

static void stop_select(ErlDrvEvent event, void* reserved) { close((int)(long)event); }

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
    State* state = (State*)data;
    driver_output2(state->port, "<", size > 3 ? 1 : 0, bytes, size);
}

static void outputv(ErlDrvData data, ErlIOVec* vector) {
    State* state = (State*)data;
    char first[4] = {0};
    driver_vec_to_buf(vector, first, 3);
    if (strcmp(first, "que") == 0) {
        /* In front, and behind; the owner gets it by and by. */
        driver_enqv(state->port, vector, 3);
        driver_pushq(state->port, "ab", 2);
        driver_pushq(state->port, "[", 1);
        driver_enq(state->port, "]", 1);
        return;
    }
    driver_outputv(state->port, "h", 1, vector, 0);
}

static void make_sibling(State* state) {
    State* other = driver_alloc(sizeof *other);
    memset(other, 0, sizeof *other);
    other->pipe[0] = other->pipe[1] = -1;
    other->port = driver_create_port(state->port, driver_connected(state->port), "sibling", (ErlDrvData)other);
    other->id = driver_mk_port(other->port);
    ErlDrvTermData words[] = {ERL_DRV_PORT, other->id, ERL_DRV_ATOM, driver_mk_atom("born"), ERL_DRV_TUPLE, 2};
    erl_drv_output_term(state->id, words, sizeof words / sizeof *words);
}

static void timeout(ErlDrvData data) {
    State* state = (State*)data;
    if (state->has_sibling == 1) {
        state->has_sibling = 2;
        make_sibling(state);
    } else {
        tell(state, "timeout");
    }
}

static void flush(ErlDrvData data) {
    State* state = (State*)data;
    tell(state, "flush");
    driver_set_timer(state->port, 1);
    driver_deq(state->port, driver_sizeq(state->port));
}

static void ready_input(ErlDrvData data, ErlDrvEvent event) {
    char bytes[64];
    State* state = (State*)data;
    long size = read((int)(long)event, bytes, sizeof bytes);
    driver_output(state->port, bytes, size);
    if (size > 0 && bytes[0] == 'x') driver_failure_eof(state->port);
}

/* The port may be gone by now. */
static void work(void* data) { usleep(100); }
static void ready_async(ErlDrvData data, ErlDrvThreadData job) { tell((State*)data, (void*)data == (void*)job ? "ready_async" : "wrong"); }

static void process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
    State* state = (State*)data;
    int same = driver_compare_monitors(monitor, &state->monitor) == 0;
    ErlDrvTermData words[] = {ERL_DRV_ATOM, driver_mk_atom("gone"), ERL_DRV_PID, driver_get_monitored_process(state->port, monitor), ERL_DRV_INT, same, ERL_DRV_TUPLE, 3};
    erl_drv_output_term(state->id, words, sizeof words / sizeof *words);
}

static void* run(void* data) {
    State* state = data;
    ErlDrvTermData words[] = {ERL_DRV_ATOM, driver_mk_atom("from"), ERL_DRV_STRING, (ErlDrvTermData) "a thread", 8, ERL_DRV_TUPLE, 2};
    erl_drv_send_term(state->id, state->caller, words, sizeof words / sizeof *words);
    return NULL;
}

static int all_kinds(State* state) {
    static ErlDrvSInt64 least = -9223372036854775807LL - 1;
    static ErlDrvUInt64 most = 18446744073709551615ULL;
    static double half = 0.5;
    static char atom[] = {(char)131, 100, 0, 2, 'o', 'k'};
    ErlDrvBinary* binary = driver_alloc_binary(300);
    memset(binary->orig_bytes, 'b', 300);
    ErlDrvTermData words[] = {
        ERL_DRV_NIL, ERL_DRV_INT, (ErlDrvTermData)-7, ERL_DRV_UINT, (ErlDrvTermData)-1L, ERL_DRV_INT64, (ErlDrvTermData)&least, ERL_DRV_UINT64, (ErlDrvTermData)&most,
        ERL_DRV_FLOAT, (ErlDrvTermData)&half, ERL_DRV_BINARY, (ErlDrvTermData)binary, 3, 7, ERL_DRV_BINARY, (ErlDrvTermData)binary, 290, 10,
        ERL_DRV_BUF2BINARY, (ErlDrvTermData) "buffer", 6, ERL_DRV_EXT2TERM, (ErlDrvTermData)atom, sizeof atom,
        ERL_DRV_STRING, (ErlDrvTermData) "tail", 4, ERL_DRV_STRING_CONS, (ErlDrvTermData) "head", 4,
        ERL_DRV_INT, 1, ERL_DRV_INT, 2, ERL_DRV_INT, 3, ERL_DRV_LIST, 3,
        ERL_DRV_ATOM, driver_mk_atom("key"), ERL_DRV_NIL, ERL_DRV_INT, 4, ERL_DRV_INT, 5, ERL_DRV_MAP, 2, ERL_DRV_TUPLE, 0, ERL_DRV_TUPLE, 14};
    int result = erl_drv_output_term(state->id, words, sizeof words / sizeof *words);
    driver_free_binary(binary);
    return result;
}

static int wrong_kinds(State* state) {
    static double nan;
    nan = 0.0 / (nan * 0);
    ErlDrvTermData none[] = {ERL_DRV_INT}, two[] = {ERL_DRV_NIL, ERL_DRV_NIL}, few[] = {ERL_DRV_NIL, ERL_DRV_TUPLE, 2}, unknown[] = {99, 1}, list[] = {ERL_DRV_LIST, 0},
                   no_float[] = {ERL_DRV_FLOAT, (ErlDrvTermData)&nan}, twice[] = {ERL_DRV_INT, 1, ERL_DRV_NIL, ERL_DRV_INT, 1, ERL_DRV_NIL, ERL_DRV_MAP, 2};
    return erl_drv_output_term(state->id, none, 1) + erl_drv_output_term(state->id, two, 2) + erl_drv_output_term(state->id, few, 3) +
           erl_drv_output_term(state->id, unknown, 2) + erl_drv_output_term(state->id, list, 2) + erl_drv_output_term(state->id, no_float, 2) +
           erl_drv_output_term(state->id, twice, 8) + erl_drv_output_term(state->id, two, 0);
}

/* What the queue holds, in at most 200 bytes. */
static long queue(State* state, char* to) {
    int count = 0;
    long size = 0;
    ErlIOVec vector;
    SysIOVec* pieces = driver_peekq(state->port, &count);
    for (int i = 0; i < count; i++) {
        memcpy(to + size, pieces[i].iov_base, pieces[i].iov_len);
        size += pieces[i].iov_len;
    }
    if (driver_peekqv(state->port, &vector) != driver_sizeq(state->port) || vector.vsize != count) return sprintf(to, "wrong");
    return size;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int command, char* bytes, ErlDrvSizeT size, char** reply, ErlDrvSizeT room) {
    State* state = (State*)data;
    char text[256];
    ErlDrvBinary* binary;
    unsigned long left = 0;
    switch (command) {
        case 1: return sprintf(*reply, "%.*s, %d of %d", (int)size, bytes, get_port_flags(state->port), (int)room);
        case 2: return -1;
        case 3: set_port_control_flags(state->port, PORT_CONTROL_FLAG_BINARY); return sprintf(*reply, "binary");
        case 4: *reply = NULL; return 0;
        case 5:
            binary = driver_alloc_binary(size);
            memcpy(binary->orig_bytes, bytes, size);
            binary = driver_realloc_binary(binary, size + 100);
            memset(binary->orig_bytes + size, '.', 100);
            *reply = (char*)binary;
            return 0;
        case 6:
            if (pipe(state->pipe) != 0) return -1;
            state->selected = 1;
            return sprintf(*reply, "%d", driver_select(state->port, (ErlDrvEvent)(long)state->pipe[0], ERL_DRV_READ | ERL_DRV_USE, 1));
        case 7: return sprintf(*reply, "%d", (int)write(state->pipe[1], bytes, size));
        case 8: return sprintf(*reply, "%d", driver_set_timer(state->port, 10));
        case 9:
            driver_set_timer(state->port, 100000);
            driver_read_timer(state->port, &left);
            driver_cancel_timer(state->port);
            return sprintf(*reply, "%d", left > 90000 && left <= 100000);
        case 10: return sprintf(*reply, "%d", driver_async(state->port, NULL, work, state, NULL) > -1);
        case 11: return sprintf(*reply, "%d", driver_monitor_process(state->port, driver_caller(state->port), &state->monitor));
        case 12: return sprintf(*reply, "%d", driver_demonitor_process(state->port, &state->monitor));
        case 13:
            state->caller = driver_caller(state->port);
            state->has_thread = 1;
            return sprintf(*reply, "%d", erl_drv_thread_create("run", &state->thread, run, state, NULL));
        case 14: return sprintf(*reply, "%d", all_kinds(state));
        case 15: return sprintf(*reply, "%d", wrong_kinds(state));
        case 16: driver_failure_atom(state->port, "broken"); return 0;
        case 17: driver_failure_posix(state->port, ENOENT); return 0;
        case 18: driver_exit(state->port, 0); return 0;
        case 19: driver_failure(state->port, 42); return 0;
        case 20: *reply = driver_alloc(300); return queue(state, *reply);
        case 21: return sprintf(*reply, "%ld", (long)driver_deq(state->port, size));
        case 22: set_busy_port(state->port, size > 0); return 0;
        case 23: driver_lock_driver(state->port); return 0;
        case 24:
            state->has_sibling = 1;
            return sprintf(*reply, "%d", driver_set_timer(state->port, 0));
        case 25: {
            ErlDrvPDL lock = driver_pdl_create(state->port);
            driver_pdl_lock(lock);
            long held = driver_pdl_get_refc(lock);
            driver_pdl_unlock(lock);
            long after = driver_pdl_get_refc(lock);
            return sprintf(*reply, "%ld %ld %d", held, after, driver_pdl_create(state->port) == NULL);
        }
        case 26: {
            size_t length = sizeof text;
            int put = erl_drv_putenv("LINKED_IN", "some value"), got = erl_drv_getenv("LINKED_IN", text, &length), missing, small;
            size_t little = 4;
            small = erl_drv_getenv("LINKED_IN", text + 100, &little);
            missing = erl_drv_getenv("NOT_LINKED_IN", text + 100, &length);
            return sprintf(*reply, "%d %d %s %d %d", put, got, text, small, missing);
        }
        case 27: return sprintf(*reply, "%s %d", erl_errno_id(EACCES), driver_connected(state->port) == driver_caller(state->port));
        case 28: {
            ErlDrvSysInfo info;
            driver_system_info(&info, sizeof info);
            return sprintf(*reply, "%d.%d %s %d %d %d", info.driver_major_version, info.driver_minor_version, info.otp_release, info.thread_support, info.smp_support, info.async_threads);
        }
        case 29: {
            binary = driver_alloc_binary(10);
            long one = driver_binary_get_refc(binary), two = driver_binary_inc_refc(binary), three = driver_binary_dec_refc(binary);
            driver_free_binary(binary);
            return sprintf(*reply, "%ld %ld %ld %ld", one, two, three, (long)10);
        }
        case 30: {
            ErlDrvSizeT low = 0, high = 0;
            erl_drv_busy_msgq_limits(state->port, &low, &high);
            return sprintf(*reply, "%lu %lu", (unsigned long)low, (unsigned long)high);
        }
        case 31: return sprintf(*reply, "%ld %ld", (long)erl_drv_convert_time_unit(-1500, ERL_DRV_MSEC, ERL_DRV_SEC), (long)erl_drv_convert_time_unit(7, ERL_DRV_SEC, ERL_DRV_NSEC));
        case 32: erl_drv_set_os_pid(state->port, 4711); return 0;
        default: return -1;
    }
}

static ErlDrvSSizeT call(ErlDrvData data, unsigned int command, char* bytes, ErlDrvSizeT size, char** reply, ErlDrvSizeT room, unsigned int* flags) {
    static char kept[1000];
    switch (command) {
        case 1: *reply = driver_alloc(size); break;
        case 2: if (size > room) return -1; break;
        case 3: *reply = kept; *flags = DRIVER_CALL_KEEP_BUFFER; break;
        case 4: **reply = 17; return 1;
        default: return -1;
    }
    memcpy(*reply, bytes, size);
    return size;
}

static ErlDrvEntry entry = {
    .init = init, .start = start, .stop = stop, .output = output, .ready_input = ready_input, .driver_name = NAME, .control = control, .timeout = timeout,
#ifdef VECTORS
    .outputv = outputv, .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_SOFT_BUSY,
#endif
    .ready_async = ready_async, .flush = flush, .call = call, .extended_marker = ERL_DRV_EXTENDED_MARKER, .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = MINOR, .process_exit = process_exit, .stop_select = stop_select};

DRIVER_INIT(linked_in) { return &entry; }
