// Resources: C objects that guests hold by a reference, freed with the last one.
#include <cstddef>
#include <mutex>

#include "nif/library.h"
#include "nif/resource_type.h"
#include "term/reference.h"

namespace hanse::nif {
namespace {

struct Types {
  std::mutex mutex;
  std::vector<std::unique_ptr<enif_resource_type_t>> all;
};
Types& types() {
  static auto* only = new Types;
  return *only;
}

thread_local TypesBeingOpened* being_opened = nullptr;

// Before the library's object, in the same block.
struct Header {
  enif_resource_type_t* type;
  OffHeapBinary* binary;
  size_t size;
  size_t unused;
};
static_assert(sizeof(Header) % alignof(std::max_align_t) == 0);

Header& header_of(void* object) { return static_cast<Header*>(object)[-1]; }

void* object_in(OffHeapBinary* binary) {
  auto begin = reinterpret_cast<uintptr_t>(binary->data) + sizeof(Header);
  constexpr uintptr_t alignment = alignof(std::max_align_t);
  return reinterpret_cast<void*>((begin + alignment - 1) / alignment * alignment);
}

// On whatever thread drops the last reference.
void destroy_resource(OffHeapBinary* binary) {
  void* object = object_in(binary);
  enif_resource_type_t* type = header_of(object).type;
  ErlNifResourceDtor* destructor = type->destructor.load(std::memory_order_acquire);
  if (destructor == nullptr) return;
  std::shared_ptr<Library> owner;
  {
    std::lock_guard lock(types().mutex);
    owner = type->owner.lock();
  }
  enif_environment_t env(owner.get());
  destructor(&env, object);
}

OffHeapBinary* resource_of(ERL_NIF_TERM value) {
  Term reference = term(value);
  if (!reference.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  OffHeapBinary* binary = reference.as<MagicReference>()->off_heap.value;
  return binary->destructor == destroy_resource ? binary : nullptr;
}

enif_resource_type_t* open_type(ErlNifEnv* env, const char* name, ErlNifResourceDtor* destructor, ErlNifResourceDynCall* dynamic_call,
                                ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
  TypesBeingOpened* opening = TypesBeingOpened::of_this_thread();
  if (opening == nullptr || env->library == nullptr || name == nullptr) return nullptr;
  std::lock_guard lock(types().mutex);
  enif_resource_type_t* type = nullptr;
  for (auto& known : types().all)
    if (known->module == env->library->module() && known->name == name) type = known.get();
  ErlNifResourceFlags action = type != nullptr ? ERL_NIF_RT_TAKEOVER : ERL_NIF_RT_CREATE;
  if (tried != nullptr) *tried = (flags & action) != 0 ? action : flags;
  if ((flags & action) == 0) return nullptr;
  bool is_new = type == nullptr;
  if (is_new) {
    type = types().all.emplace_back(std::make_unique<enif_resource_type_t>()).get();
    type->module = env->library->module();
    type->name = name;
  }
  opening->opened.push_back({type, is_new, type->destructor.load(), type->dynamic_call.load(), type->owner});
  type->destructor.store(destructor, std::memory_order_release);
  type->dynamic_call.store(dynamic_call, std::memory_order_release);
  type->owner = env->library->weak_from_this();
  return type;
}

}  // namespace

TypesBeingOpened::TypesBeingOpened() : outer_(std::exchange(being_opened, this)) {}
TypesBeingOpened* TypesBeingOpened::of_this_thread() { return being_opened; }
void TypesBeingOpened::commit() { opened.clear(); }
TypesBeingOpened::~TypesBeingOpened() {
  being_opened = outer_;
  std::lock_guard lock(types().mutex);
  for (size_t i = opened.size(); i-- > 0;) {
    Opened& undone = opened[i];
    undone.type->destructor.store(undone.destructor);
    undone.type->dynamic_call.store(undone.dynamic_call);
    undone.type->owner = undone.owner;
    // Nothing of a new type can be left: who has failed to load has made nothing that lives.
    if (undone.is_new) std::erase_if(types().all, [&](auto& type) { return type.get() == undone.type; });
  }
}

}  // namespace hanse::nif

using namespace hanse;
using namespace hanse::nif;

extern "C" {

ErlNifResourceType* enif_open_resource_type(ErlNifEnv* env, const char* module, const char* name, ErlNifResourceDtor* destructor,
                                            ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
  return module == nullptr ? open_type(env, name, destructor, nullptr, flags, tried) : nullptr;
}

ErlNifResourceType* enif_open_resource_type_x(ErlNifEnv* env, const char* name, const ErlNifResourceTypeInit* init, ErlNifResourceFlags flags,
                                              ErlNifResourceFlags* tried) {
  return open_type(env, name, init->dtor, nullptr, flags, tried);
}

ErlNifResourceType* enif_init_resource_type(ErlNifEnv* env, const char* name, const ErlNifResourceTypeInit* init, ErlNifResourceFlags flags,
                                            ErlNifResourceFlags* tried) {
  return open_type(env, name, init->members >= 1 ? init->dtor : nullptr, init->members >= 4 ? init->dyncall : nullptr, flags, tried);
}

void* enif_alloc_resource(ErlNifResourceType* type, size_t size) {
  OffHeapBinary* binary = OffHeapBinary::create_magic(size + sizeof(Header) + alignof(std::max_align_t), destroy_resource);
  if (binary == nullptr) return nullptr;
  void* object = object_in(binary);
  header_of(object) = {type, binary, size, 0};
  return object;
}

void enif_release_resource(void* object) { header_of(object).binary->release(); }
void enif_keep_resource(void* object) { header_of(object).binary->retain(); }
size_t enif_sizeof_resource(void* object) { return header_of(object).size; }

ERL_NIF_TERM enif_make_resource(ErlNifEnv* env, void* object) {
  OffHeapBinary* binary = header_of(object).binary;
  binary->retain();
  return word(make_magic_reference(*env->arena, binary));
}

int enif_get_resource(ErlNifEnv*, ERL_NIF_TERM value, ErlNifResourceType* type, void** object) {
  OffHeapBinary* binary = resource_of(value);
  if (binary == nullptr || header_of(object_in(binary)).type != type) return 0;
  *object = object_in(binary);
  return 1;
}

// The bytes are copied: the resource need not be kept for them.
ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv* env, void*, const void* data, size_t size) {
  return made(env, make_binary(*env->arena, std::span(static_cast<const uint8_t*>(data), size)));
}

int enif_dynamic_resource_call(ErlNifEnv* env, ERL_NIF_TERM module, ERL_NIF_TERM name, ERL_NIF_TERM resource, void* data) {
  OffHeapBinary* binary = resource_of(resource);
  if (binary == nullptr) return 1;
  enif_resource_type_t* type = header_of(object_in(binary)).type;
  if (type->module != term(module) || !term(name).is_atom() || atom_name(term(name)) != type->name) return 1;
  ErlNifResourceDynCall* function = type->dynamic_call.load(std::memory_order_acquire);
  if (function == nullptr) return 1;
  function(env, object_in(binary), data);
  return 0;
}

}  // extern "C"
