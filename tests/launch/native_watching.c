/* A library for tests/launch/native_watching: what a library is told of (descriptors, processes, the end of its module), and calls on dirty threads. */
#include <erl_nif.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static ErlNifResourceType *pipe_type, *watch_type, *parting_type;
static int calls; /* begins anew when the file has been closed */

typedef struct {
    int ends[2];
    ErlNifPid owner;
    unsigned char bytes[200];
} Pipe;

static void tell(const ErlNifPid* to, const char* what, ErlNifEnv* env, ERL_NIF_TERM more) {
    enif_send(NULL, to, env, enif_make_tuple2(env, enif_make_atom(env, what), more));
    enif_free_env(env);
}

static void stop_pipe(ErlNifEnv* env, void* object, ErlNifEvent descriptor, int direct) {
    Pipe* pipe = object;
    ErlNifEnv* own = enif_alloc_env();
    close(descriptor);
    pipe->ends[pipe->ends[0] == descriptor ? 0 : 1] = -1;
    tell(&pipe->owner, "stopped", own, enif_make_int(own, pipe->ends[0] < 0) );
}
static void end_pipe(ErlNifEnv* env, void* object) {
    Pipe* pipe = object;
    ErlNifEnv* own = enif_alloc_env();
    for (int i = 0; i < 2; i++)
        if (pipe->ends[i] >= 0) close(pipe->ends[i]);
    tell(&pipe->owner, "pipe", own, enif_make_atom(own, "ended"));
}

static void process_down(ErlNifEnv* env, void* object, ErlNifPid* pid, ErlNifMonitor* monitor) {
    ErlNifEnv* own = enif_alloc_env();
    tell(object, "down", own, enif_make_tuple2(own, enif_make_pid(own, pid), enif_make_monitor_term(own, monitor)));
}

/* A resource that sends its bytes to a port when it goes. */
typedef struct {
    ErlNifPort port;
    ErlNifEnv* env;
    ERL_NIF_TERM bytes;
} Parting;
static void part(ErlNifEnv* env, void* object) {
    Parting* parting = object;
    enif_port_command(env, &parting->port, NULL, parting->bytes);
    enif_free_env(parting->env);
}

static int open_types(ErlNifEnv* env) {
    ErlNifResourceTypeInit pipes = {end_pipe, stop_pipe, NULL, 2, NULL}, watches = {NULL, NULL, process_down, 3, NULL};
    ErlNifResourceTypeInit partings = {part, NULL, NULL, 1, NULL};
    ErlNifResourceFlags any = ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER;
    pipe_type = enif_init_resource_type(env, "pipe", &pipes, any, NULL);
    watch_type = enif_init_resource_type(env, "watch", &watches, any, NULL);
    parting_type = enif_init_resource_type(env, "parting", &partings, any, NULL);
    return pipe_type == NULL || watch_type == NULL || parting_type == NULL;
}
static int load(ErlNifEnv* env, void** data, ERL_NIF_TERM information) {
    ErlNifPid* owner = enif_alloc(sizeof(ErlNifPid));
    if (!enif_get_local_pid(env, information, owner)) return 1;
    *data = owner;
    return open_types(env);
}
static int upgrade(ErlNifEnv* env, void** data, void** old_data, ERL_NIF_TERM information) { return load(env, data, information); }
static void unload(ErlNifEnv* env, void* data) {
    ErlNifEnv* own = enif_alloc_env();
    tell(data, "unloaded", own, enif_make_int(own, calls));
    enif_free(data);
}

static ERL_NIF_TERM call_count(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return enif_make_int(env, ++calls); }

static ERL_NIF_TERM new_pipe(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Pipe* made = enif_alloc_resource(pipe_type, sizeof(Pipe));
    enif_self(env, &made->owner);
    memset(made->bytes, 'b', sizeof made->bytes);
    if (pipe(made->ends) != 0) return enif_make_badarg(env);
    for (int i = 0; i < 2; i++) fcntl(made->ends[i], F_SETFL, O_NONBLOCK);
    ERL_NIF_TERM term = enif_make_resource(env, made);
    enif_release_resource(made);
    return term;
}
static ERL_NIF_TERM is_same(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void *one, *other;
    if (!enif_get_resource(env, argv[0], pipe_type, &one) || !enif_get_resource(env, argv[1], pipe_type, &other)) return enif_make_badarg(env);
    return enif_make_tuple2(env, enif_make_int(env, one == other), enif_make_resource(env, one));
}
static ERL_NIF_TERM bytes_of(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Pipe* pipe;
    if (!enif_get_resource(env, argv[0], pipe_type, (void**)&pipe)) return enif_make_badarg(env);
    return enif_make_resource_binary(env, pipe, pipe->bytes, sizeof pipe->bytes);
}

/* Pipe, end, mode, who is told or [], message; a message in a list is sent as it is. */
static ERL_NIF_TERM choose(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Pipe* pipe;
    int end, mode;
    ErlNifPid pid, *to = enif_get_local_pid(env, argv[3], &pid) ? &pid : NULL;
    ERL_NIF_TERM head, tail;
    if (!enif_get_resource(env, argv[0], pipe_type, (void**)&pipe) || !enif_get_int(env, argv[1], &end) || !enif_get_int(env, argv[2], &mode))
        return enif_make_badarg(env);
    if (!enif_get_list_cell(env, argv[4], &head, &tail)) return enif_make_int(env, enif_select(env, pipe->ends[end], mode, pipe, to, argv[4]));
    ErlNifEnv* own = enif_alloc_env();
    int answer = enif_select_x(env, pipe->ends[end], mode | ERL_NIF_SELECT_CUSTOM_MSG, pipe, to, enif_make_copy(own, head), own);
    enif_free_env(own);
    return enif_make_int(env, answer);
}
static ERL_NIF_TERM give(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Pipe* pipe;
    ErlNifBinary data;
    if (!enif_get_resource(env, argv[0], pipe_type, (void**)&pipe) || !enif_inspect_binary(env, argv[1], &data)) return enif_make_badarg(env);
    return enif_make_int(env, (int)write(pipe->ends[1], data.data, data.size));
}
static ERL_NIF_TERM take(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Pipe* pipe;
    char bytes[65536];
    if (!enif_get_resource(env, argv[0], pipe_type, (void**)&pipe)) return enif_make_badarg(env);
    return enif_make_int(env, (int)read(pipe->ends[0], bytes, sizeof bytes));
}

static ERL_NIF_TERM new_watch(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid* watch = enif_alloc_resource(watch_type, sizeof(ErlNifPid));
    enif_self(env, watch);
    ERL_NIF_TERM term = enif_make_resource(env, watch);
    enif_release_resource(watch);
    return term;
}
static ERL_NIF_TERM watch(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void* object;
    ErlNifPid pid;
    ErlNifMonitor monitor;
    ERL_NIF_TERM bytes;
    if (!enif_get_resource(env, argv[0], watch_type, &object) && !enif_get_resource(env, argv[0], pipe_type, &object)) return enif_make_badarg(env);
    if (!enif_get_local_pid(env, argv[1], &pid)) return enif_make_badarg(env);
    int answer = enif_monitor_process(env, object, &pid, &monitor);
    if (answer != 0) return enif_make_int(env, answer < 0 ? -1 : 1);
    memcpy(enif_make_new_binary(env, sizeof monitor, &bytes), &monitor, sizeof monitor);
    return enif_make_tuple2(env, bytes, enif_make_monitor_term(env, &monitor));
}
static ERL_NIF_TERM unwatch(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void* object;
    ErlNifBinary bytes;
    ErlNifMonitor monitor;
    if (!enif_get_resource(env, argv[0], watch_type, &object) || !enif_inspect_binary(env, argv[1], &bytes)) return enif_make_badarg(env);
    memcpy(&monitor, bytes.data, sizeof monitor);
    return enif_make_int(env, enif_demonitor_process(env, object, &monitor));
}

/* Says that it runs, waits until there is a byte in the pipe, and answers with its argument and terms of its own. */
static ERL_NIF_TERM linger(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Pipe* pipe;
    char byte;
    if (!enif_get_resource(env, argv[0], pipe_type, (void**)&pipe)) return enif_make_badarg(env);
    ErlNifEnv* own = enif_alloc_env();
    ERL_NIF_TERM made = enif_make_list1(env, enif_make_string(env, "made before", ERL_NIF_LATIN1));
    tell(&pipe->owner, "runs", own, enif_make_atom(own, "now"));
    while (read(pipe->ends[0], &byte, 1) != 1) usleep(1000);
    return enif_make_tuple3(env, argv[1], made, enif_make_int(env, enif_is_current_process_alive(env)));
}

static ERL_NIF_TERM write_to(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPort port;
    if (!enif_get_local_port(env, argv[0], &port)) return enif_make_badarg(env);
    return enif_make_int(env, enif_port_command(env, &port, NULL, argv[1]));
}
static ERL_NIF_TERM write_at_end(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Parting* parting = enif_alloc_resource(parting_type, sizeof(Parting));
    enif_get_local_port(env, argv[0], &parting->port);
    parting->env = enif_alloc_env();
    parting->bytes = enif_make_copy(parting->env, argv[1]);
    ERL_NIF_TERM made = enif_make_resource(env, parting);
    enif_release_resource(parting);
    return made;
}

static ErlNifFunc functions[] = {
    {"call_count", 0, call_count, 0}, {"new_pipe", 0, new_pipe, 0}, {"is_same", 2, is_same, 0}, {"bytes_of", 1, bytes_of, 0},
    {"choose", 5, choose, 0}, {"give", 2, give, 0}, {"take", 1, take, 0}, {"new_watch", 0, new_watch, 0}, {"watch", 2, watch, 0},
    {"unwatch", 2, unwatch, 0}, {"linger", 2, linger, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"write_to", 2, write_to, 0}, {"write_at_end", 2, write_at_end, 0}};
ERL_NIF_INIT(native_watching, functions, load, NULL, upgrade, unload)
