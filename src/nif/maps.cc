#include "nif/environment.h"
#include "term/map.h"

using namespace hanse;
using namespace hanse::nif;

namespace {

// An iterator walks over copies of the keys and values. Position 0 is before the first pair, `size` + 1 behind the last one.
Term* keys_of(const ErlNifMapIterator* iterator) { return terms(iterator->u.flat.ks); }

bool is_at_pair(const ErlNifMapIterator* iterator) { return iterator->idx >= 1 && iterator->idx <= iterator->size; }

}  // namespace

extern "C" {

int enif_get_map_size(ErlNifEnv*, ERL_NIF_TERM map, size_t* size) {
  if (!term(map).is_map()) return 0;
  *size = map_size(term(map));
  return 1;
}
ERL_NIF_TERM enif_make_new_map(ErlNifEnv* env) { return word(map_empty(*env->arena)); }

int enif_make_map_put(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value, ERL_NIF_TERM* to) {
  if (!term(map).is_map()) return 0;
  *to = word(map_put(*env->arena, term(map), term(key), term(value)));
  return 1;
}
int enif_get_map_value(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* to) {
  Term value = term(map).is_map() ? map_get(term(map), term(key)) : Term::none();
  if (value.is_none()) return 0;
  *to = word(value);
  return 1;
}
int enif_make_map_update(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value, ERL_NIF_TERM* to) {
  Term updated = term(map).is_map() ? map_update(*env->arena, term(map), term(key), term(value)) : Term::none();
  if (updated.is_none()) return 0;
  *to = word(updated);
  return 1;
}
int enif_make_map_remove(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* to) {
  if (!term(map).is_map()) return 0;
  *to = word(map_remove(*env->arena, term(map), term(key)));
  return 1;
}
// Keys that come twice: none is made.
int enif_make_map_from_arrays(ErlNifEnv* env, ERL_NIF_TERM keys[], ERL_NIF_TERM values[], size_t count, ERL_NIF_TERM* to) {
  Term map = map_from_pairs(*env->arena, {terms(keys), count}, {terms(values), count});
  if (map_size(map) != count) return 0;
  *to = word(map);
  return 1;
}

int enif_map_iterator_create(ErlNifEnv*, ERL_NIF_TERM map, ErlNifMapIterator* iterator, ErlNifMapIteratorEntry entry) {
  if (!term(map).is_map() || (entry != ERL_NIF_MAP_ITERATOR_FIRST && entry != ERL_NIF_MAP_ITERATOR_LAST)) return 0;
  size_t size = map_size(term(map));
  auto* pairs = static_cast<ERL_NIF_TERM*>(std::malloc(2 * size * sizeof(ERL_NIF_TERM) + 1));
  if (pairs == nullptr) return 0;
  iterator->map = map;
  iterator->size = size;
  iterator->idx = entry == ERL_NIF_MAP_ITERATOR_FIRST ? 1 : size;
  iterator->u.flat.ks = pairs;
  iterator->u.flat.vs = pairs + size;
  MapIterator walk(term(map));
  Term key, value;
  for (size_t i = 0; walk.next(key, value); i++) {
    pairs[i] = word(key);
    pairs[size + i] = word(value);
  }
  return 1;
}
void enif_map_iterator_destroy(ErlNifEnv*, ErlNifMapIterator* iterator) {
  std::free(keys_of(iterator));
  iterator->u.flat.ks = nullptr;
}
int enif_map_iterator_is_head(ErlNifEnv*, ErlNifMapIterator* iterator) { return iterator->idx == 0; }
int enif_map_iterator_is_tail(ErlNifEnv*, ErlNifMapIterator* iterator) { return iterator->size == 0 || iterator->idx > iterator->size; }
int enif_map_iterator_next(ErlNifEnv*, ErlNifMapIterator* iterator) {
  if (iterator->idx <= iterator->size) iterator->idx++;
  return is_at_pair(iterator);
}
int enif_map_iterator_prev(ErlNifEnv*, ErlNifMapIterator* iterator) {
  if (iterator->idx > 0) iterator->idx--;
  return is_at_pair(iterator);
}
int enif_map_iterator_get_pair(ErlNifEnv*, ErlNifMapIterator* iterator, ERL_NIF_TERM* key, ERL_NIF_TERM* value) {
  if (!is_at_pair(iterator)) return 0;
  *key = iterator->u.flat.ks[iterator->idx - 1];
  *value = iterator->u.flat.vs[iterator->idx - 1];
  return 1;
}

}  // extern "C"
