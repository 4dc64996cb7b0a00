/* A library for tests/launch/native_functions: one function for each part of the interface. */
#include <erl_nif.h>
#include <stdio.h>
#include <string.h>

static ErlNifResourceType* resource_type;

typedef struct {
    ErlNifPid owner;
    int number;
} Resource;

static void end_resource(ErlNifEnv* env, void* object) {
    Resource* resource = object;
    ErlNifEnv* own = enif_alloc_env();
    enif_send(env, &resource->owner, own, enif_make_tuple2(own, enif_make_atom(own, "ended"), enif_make_int(own, resource->number)));
    enif_free_env(own);
}

static int load(ErlNifEnv* env, void** data, ERL_NIF_TERM information) {
    int number;
    if (!enif_get_int(env, information, &number)) return 17;
    *data = enif_alloc(sizeof(int));
    *(int*)*data = number;
    resource_type = enif_open_resource_type(env, NULL, "resource", end_resource, ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return resource_type == NULL;
}

static int upgrade(ErlNifEnv* env, void** data, void** old_data, ERL_NIF_TERM information) {
    if (load(env, data, information) != 0) return 18;
    *(int*)*data += *(int*)*old_data;
    return 0;
}

static ERL_NIF_TERM data(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return enif_make_int(env, *(int*)enif_priv_data(env)); }

/* Which numbers the term fits. */
static ERL_NIF_TERM numbers(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    int i = 0;
    unsigned u = 0;
    long l = 0;
    unsigned long ul = 0;
    ErlNifSInt64 i64 = 0;
    ErlNifUInt64 u64 = 0;
    double d = 0;
    ERL_NIF_TERM none = enif_make_atom(env, "no");
    return enif_make_list(env, 7, enif_get_int(env, argv[0], &i) ? enif_make_int(env, i) : none,
                          enif_get_uint(env, argv[0], &u) ? enif_make_uint(env, u) : none,
                          enif_get_long(env, argv[0], &l) ? enif_make_long(env, l) : none,
                          enif_get_ulong(env, argv[0], &ul) ? enif_make_ulong(env, ul) : none,
                          enif_get_int64(env, argv[0], &i64) ? enif_make_int64(env, i64) : none,
                          enif_get_uint64(env, argv[0], &u64) ? enif_make_uint64(env, u64) : none,
                          enif_get_double(env, argv[0], &d) ? enif_make_double(env, d) : none);
}

static ERL_NIF_TERM kinds(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ERL_NIF_TERM x = argv[0];
    return enif_make_tuple8(env, enif_make_int(env, enif_term_type(env, x)),
                            enif_make_int(env, enif_is_atom(env, x) + 2 * enif_is_binary(env, x) + 4 * enif_is_ref(env, x)),
                            enif_make_int(env, enif_is_fun(env, x) + 2 * enif_is_pid(env, x) + 4 * enif_is_port(env, x)),
                            enif_make_int(env, enif_is_list(env, x) + 2 * enif_is_empty_list(env, x)),
                            enif_make_int(env, enif_is_tuple(env, x) + 2 * enif_is_map(env, x)), enif_make_int(env, enif_is_number(env, x)),
                            enif_make_int(env, enif_compare(x, argv[1]) < 0 ? -1 : enif_compare(x, argv[1]) > 0),
                            enif_make_int(env, enif_is_identical(x, argv[1])));
}

static ERL_NIF_TERM texts(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    char text[8], atom[300];
    unsigned length = 0;
    ERL_NIF_TERM existing = argv[0];
    int of_text = enif_get_string(env, argv[0], text, sizeof text, ERL_NIF_LATIN1);
    int of_atom = enif_get_atom(env, argv[0], atom, sizeof atom, ERL_NIF_LATIN1);
    int known = enif_make_existing_atom(env, "certainly no atom of this node", &existing, ERL_NIF_LATIN1);
    int counted = enif_get_list_length(env, argv[0], &length);
    return enif_make_tuple6(env, enif_make_int(env, of_text), of_text == 0 ? argv[0] : enif_make_string(env, text, ERL_NIF_LATIN1),
                            enif_make_int(env, of_atom), of_atom == 0 ? argv[0] : enif_make_atom(env, atom), enif_make_int(env, known),
                            enif_make_int(env, counted ? (int)length : -1));
}

/* The bytes of a binary or an iolist twice over, each by another way. */
static ERL_NIF_TERM twice(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary in, out;
    ERL_NIF_TERM copy;
    unsigned char* bytes;
    if (!enif_inspect_binary(env, argv[0], &in) && !enif_inspect_iolist_as_binary(env, argv[0], &in)) return enif_make_badarg(env);
    bytes = enif_make_new_binary(env, in.size, &copy);
    memcpy(bytes, in.data, in.size);
    if (!enif_alloc_binary(in.size, &out)) return enif_make_badarg(env);
    memcpy(out.data, in.data, in.size);
    enif_realloc_binary(&out, 2 * in.size);
    memcpy(out.data + in.size, in.data, in.size);
    return enif_make_tuple3(env, copy, enif_make_binary(env, &out), enif_make_sub_binary(env, copy, in.size / 4, in.size / 2));
}

/* The pairs of a map forwards and backwards, and the map with one key changed, one added, one taken. */
static ERL_NIF_TERM maps(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifMapIterator at;
    ERL_NIF_TERM key, value, forwards = enif_make_list(env, 0), backwards = forwards, changed = argv[0], added = argv[0], taken = argv[0];
    size_t size = 0;
    if (!enif_get_map_size(env, argv[0], &size)) return enif_make_badarg(env);
    enif_map_iterator_create(env, argv[0], &at, ERL_NIF_MAP_ITERATOR_FIRST);
    while (enif_map_iterator_get_pair(env, &at, &key, &value)) {
        forwards = enif_make_list_cell(env, enif_make_tuple2(env, key, value), forwards);
        enif_map_iterator_next(env, &at);
    }
    while (enif_map_iterator_prev(env, &at)) {
        enif_map_iterator_get_pair(env, &at, &key, &value);
        backwards = enif_make_list_cell(env, enif_make_tuple2(env, key, value), backwards);
    }
    enif_map_iterator_destroy(env, &at);
    int updated = enif_make_map_update(env, argv[0], argv[1], argv[0], &changed);
    enif_make_map_put(env, argv[0], argv[1], enif_make_new_map(env), &added);
    enif_make_map_remove(env, argv[0], argv[1], &taken);
    int found = enif_get_map_value(env, argv[0], argv[1], &value);
    enif_make_reverse_list(env, forwards, &forwards);
    return enif_make_tuple8(env, enif_make_ulong(env, size), forwards, backwards, enif_make_int(env, updated), changed, added, taken,
                            found ? value : enif_make_atom(env, "none"));
}

static ERL_NIF_TERM new_resource(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Resource* resource = enif_alloc_resource(resource_type, sizeof(Resource));
    enif_self(env, &resource->owner);
    if (!enif_get_int(env, argv[0], &resource->number)) resource->number = -1;
    ERL_NIF_TERM term = enif_make_resource(env, resource);
    enif_release_resource(resource);
    return term;
}

static ERL_NIF_TERM number_of(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    void* resource;
    if (!enif_get_resource(env, argv[0], resource_type, &resource)) return enif_make_badarg(env);
    return enif_make_tuple2(env, enif_make_int(env, ((Resource*)resource)->number), enif_make_ulong(env, enif_sizeof_resource(resource)));
}

static ERL_NIF_TERM fails(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    if (enif_is_atom(env, argv[0])) return enif_raise_exception(env, enif_make_tuple2(env, argv[0], enif_make_int(env, 1)));
    return enif_make_badarg(env);
}

/* Counts down, a turn for each step; the last one on a thread for long work. */
static ERL_NIF_TERM last_step(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_tuple3(env, argv[1], enif_make_int(env, enif_thread_type()), enif_make_int(env, enif_is_current_process_alive(env)));
}
static ERL_NIF_TERM count_down(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    int left, sum;
    if (!enif_get_int(env, argv[0], &left) || !enif_get_int(env, argv[1], &sum)) return enif_make_badarg(env);
    ERL_NIF_TERM next[2] = {enif_make_int(env, left - 1), enif_make_int(env, sum + left)};
    enif_consume_timeslice(env, 10);
    if (left == 0) return enif_schedule_nif(env, "last_step", ERL_NIF_DIRTY_JOB_CPU_BOUND, last_step, 2, argv);
    return enif_schedule_nif(env, "count_down", 0, count_down, 2, next);
}

static ERL_NIF_TERM dirty(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    return enif_make_list2(env, enif_make_int(env, enif_thread_type()), argv[0]);
}

typedef struct {
    ErlNifPid to;
    ErlNifEnv* env;
    ERL_NIF_TERM message;
} Letter;

static void* post(void* argument) {
    Letter* letter = argument;
    enif_send(NULL, &letter->to, letter->env, enif_make_tuple2(letter->env, enif_make_int(letter->env, enif_thread_type()), letter->message));
    enif_free_env(letter->env);
    enif_free(letter);
    return NULL;
}

/* The message travels by way of a thread of the library's own. */
static ERL_NIF_TERM send_by_thread(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifTid thread;
    Letter* letter = enif_alloc(sizeof *letter);
    if (!enif_get_local_pid(env, argv[0], &letter->to)) return enif_make_badarg(env);
    letter->env = enif_alloc_env();
    letter->message = enif_make_copy(letter->env, argv[1]);
    if (enif_thread_create("post", &thread, post, letter, NULL) != 0) return enif_make_badarg(env);
    enif_thread_join(thread, NULL);
    return enif_make_atom(env, "sent");
}

static ERL_NIF_TERM external(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary binary;
    ERL_NIF_TERM back;
    enif_term_to_binary(env, argv[0], &binary);
    size_t used = enif_binary_to_term(env, binary.data, binary.size, &back, 0);
    size_t cut = enif_binary_to_term(env, binary.data, binary.size - 1, &back, 0);
    ERL_NIF_TERM result = enif_make_tuple3(env, back, enif_make_int(env, used == binary.size), enif_make_ulong(env, cut));
    enif_release_binary(&binary);
    return result;
}

static ERL_NIF_TERM printed(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    char text[200];
    int length = enif_snprintf(text, sizeof text, "%T|%5d|%-4s|%lu|%.2f|%c|%%|%x", argv[0], 42, "ab", 1234567890123UL, 2.5, 'z', 255);
    return enif_make_tuple2(env, enif_make_int(env, length), enif_make_string(env, text, ERL_NIF_LATIN1));
}

/* Binaries of a list through a queue, in pieces of three bytes. */
static ERL_NIF_TERM queued(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifIOVec* vector = NULL;
    ERL_NIF_TERM tail, head, pieces = enif_make_list(env, 0);
    ErlNifIOQueue* queue = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
    size_t left = 0, size = 0;
    int count = 0;
    if (!enif_inspect_iovec(env, 64, argv[0], &tail, &vector)) return enif_make_badarg(env);
    enif_ioq_enqv(queue, vector, 1);
    while ((left = enif_ioq_size(queue)) > 0) {
        SysIOVec* peeked = enif_ioq_peek(queue, &count);
        enif_ioq_peek_head(env, queue, &size, &head);
        pieces = enif_make_list_cell(
            env, enif_make_tuple4(env, enif_make_ulong(env, left), enif_make_int(env, count), enif_make_ulong(env, peeked->iov_len), head), pieces);
        enif_ioq_deq(queue, left < 3 ? left : 3, &left);
    }
    enif_ioq_destroy(queue);
    return enif_make_tuple2(env, pieces, tail);
}

static ErlNifFunc functions[] = {{"data", 0, data},
                                 {"numbers", 1, numbers},
                                 {"kinds", 2, kinds},
                                 {"texts", 1, texts},
                                 {"twice", 1, twice},
                                 {"maps", 2, maps},
                                 {"new_resource", 1, new_resource},
                                 {"number_of", 1, number_of},
                                 {"fails", 1, fails},
                                 {"count_down", 2, count_down},
                                 {"dirty_cpu", 1, dirty, ERL_NIF_DIRTY_JOB_CPU_BOUND},
                                 {"dirty_io", 1, dirty, ERL_NIF_DIRTY_JOB_IO_BOUND},
                                 {"send_by_thread", 2, send_by_thread},
                                 {"external", 1, external},
                                 {"printed", 1, printed},
                                 {"queued", 1, queued}};

ERL_NIF_INIT(native_functions, functions, load, NULL, upgrade, NULL)
