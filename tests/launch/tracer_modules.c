/* A tracer module for tests/launch/tracer_modules. Its state is {Answers, Pid}: what it answers for each tag (discard if nothing is said), and who is told.
 * With -DWITH_KINDS it has functions of its own for each kind of events. */
#include <erl_nif.h>

static ERL_NIF_TERM enabled(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    int arity;
    const ERL_NIF_TERM* state;
    ERL_NIF_TERM answer;
    if (!enif_get_tuple(env, argv[1], &arity, &state) || arity != 2) return enif_make_atom(env, "discard");
    if (enif_get_map_value(env, state[0], argv[0], &answer)) {
        int number;
        if (enif_get_int(env, answer, &number)) return enif_make_badarg(env);
        return answer;
    }
    return enif_make_atom(env, "discard");
}

static ERL_NIF_TERM tell(ErlNifEnv* env, const char* by, const ERL_NIF_TERM argv[]) {
    int arity;
    const ERL_NIF_TERM* state;
    ErlNifPid to, self;
    if (!enif_get_tuple(env, argv[1], &arity, &state) || !enif_get_local_pid(env, state[1], &to)) return enif_make_badarg(env);
    enif_send(env, &to, NULL, enif_make_tuple6(env, enif_make_atom(env, by), argv[0], argv[2], argv[3], argv[4],
        enif_make_atom(env, enif_self(env, &self) ? "self" : "none")));
    return enif_make_atom(env, "ok");
}

static ERL_NIF_TERM trace(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return tell(env, "trace", argv); }

#define KINDS(KIND) KIND(call) KIND(garbage_collection) KIND(ports) KIND(procs) KIND(receive) KIND(running_ports) KIND(running_procs) KIND(send)
#define FUNCTION(name) \
  static ERL_NIF_TERM trace_##name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) { return tell(env, #name, argv); }
#define ROWS(name) {"trace_" #name, 5, trace_##name, 0}, {"enabled_" #name, 3, enabled, 0},

#ifdef WITH_KINDS
KINDS(FUNCTION)
static ErlNifFunc functions[] = {{"enabled", 3, enabled, 0}, {"trace", 5, trace, 0}, KINDS(ROWS) };
ERL_NIF_INIT(tracer_of_kinds, functions, NULL, NULL, NULL, NULL)
#else
static ErlNifFunc functions[] = {{"enabled", 3, enabled, 0}, {"trace", 5, trace, 0}};
ERL_NIF_INIT(tracer_of_all, functions, NULL, NULL, NULL, NULL)
#endif
