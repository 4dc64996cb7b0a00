// Resources: C objects that guests hold by a reference, freed with the last one.
#include <cstddef>
#include <mutex>

#include "nif/library.h"
#include "nif/resource.h"
#include "term/kept_bytes.h"
#include "term/magic_references.h"

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

static_assert(sizeof(ResourceHeader) % alignof(std::max_align_t) == 0);

// What nobody needs any more: it goes when no lock is held.
using Unneeded = std::vector<std::unique_ptr<enif_resource_type_t>>;

void take_if_unneeded(Types& all, const enif_resource_type_t* type, Unneeded& to) {
  auto found = std::ranges::find_if(all.all, [&](auto& known) { return known.get() == type; });
  if (found == all.all.end() || !(*found)->is_orphan || (*found)->resources.load(std::memory_order_acquire) != 0) return;
  to.push_back(std::move(*found));
  all.all.erase(found);
}

// On whatever thread drops the last reference.
void destroy_resource(OffHeapBinary* binary) {
  void* object = object_in(binary);
  ResourceHeader& header = header_of(object);
  end_resource_watch(header);
  enif_resource_type_t* type = header.type;
  {
    CallsOfType functions = calls_of(*type);
    enif_environment_t env(functions.owner.get());
    if (functions.calls.destroy != nullptr) functions.calls.destroy(&env, object);
  }
  if (type->resources.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Unneeded unneeded;
  std::lock_guard lock(types().mutex);
  take_if_unneeded(types(), type, unneeded);
}

enif_resource_type_t* open_type(ErlNifEnv* env, const char* name, const ResourceCalls& calls, ErlNifResourceFlags flags,
                                ErlNifResourceFlags* tried) {
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
  opening->opened.push_back({type, is_new, type->is_orphan, type->calls, type->opened_by, std::move(type->owner)});
  type->calls = calls;
  type->is_orphan = false;
  type->opened_by = env->library;
  if (calls.has_any()) type->owner = Ref<Library>(env->library);
  return type;
}

}  // namespace

void* object_in(OffHeapBinary* resource) {
  auto begin = reinterpret_cast<uintptr_t>(resource->data) + sizeof(ResourceHeader);
  constexpr uintptr_t alignment = alignof(std::max_align_t);
  return reinterpret_cast<void*>((begin + alignment - 1) / alignment * alignment);
}

OffHeapBinary* resource_of(Term reference) {
  OffHeapBinary* binary = nullptr;
  if (reference.is_boxed_kind(Boxed::magic_reference)) binary = reference.as<MagicReference>()->off_heap.value;
  else if (reference.is_boxed_kind(Boxed::refc_binary)) binary = keeper_of(reference.as<RefcBinary>()->value);
  if (binary == nullptr) return nullptr;
  return binary->destructor == destroy_resource ? binary : nullptr;
}

Term make_resource_reference(Arena& arena, OffHeapBinary* resource) {
  return make_magic_reference(arena, resource, header_of(object_in(resource)).number);
}

CallsOfType calls_of(const enif_resource_type_t& type) {
  std::lock_guard lock(types().mutex);
  return {type.calls, type.owner};
}

void leave_types_of(const Library& library) {
  Unneeded unneeded;
  std::lock_guard lock(types().mutex);
  std::vector<enif_resource_type_t*> left;
  for (auto& type : types().all) {
    if (type->opened_by != &library) continue;
    type->is_orphan = true;
    left.push_back(type.get());
  }
  for (enif_resource_type_t* type : left) take_if_unneeded(types(), type, unneeded);
}

TypesBeingOpened::TypesBeingOpened() : outer_(std::exchange(being_opened, this)) {}
TypesBeingOpened* TypesBeingOpened::of_this_thread() { return being_opened; }
void TypesBeingOpened::commit() { opened.clear(); }
TypesBeingOpened::~TypesBeingOpened() {
  being_opened = outer_;
  Unneeded unneeded;
  std::lock_guard lock(types().mutex);
  for (size_t i = opened.size(); i-- > 0;) {
    Opened& undone = opened[i];
    undone.type->calls = undone.calls;
    undone.type->opened_by = undone.opened_by;
    std::swap(undone.type->owner, undone.owner);  // the library's own hold goes with `opened`
    undone.type->is_orphan = undone.is_new || undone.was_orphan;
    // Nothing of a new type can be left: who has failed to load has made nothing that lives.
    take_if_unneeded(types(), undone.type, unneeded);
  }
}

}  // namespace hanse::nif

using namespace hanse;
using namespace hanse::nif;

extern "C" {

ErlNifResourceType* enif_open_resource_type(ErlNifEnv* env, const char* module, const char* name, ErlNifResourceDtor* destructor,
                                            ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
  return module == nullptr ? open_type(env, name, {.destroy = destructor}, flags, tried) : nullptr;
}

ErlNifResourceType* enif_open_resource_type_x(ErlNifEnv* env, const char* name, const ErlNifResourceTypeInit* init, ErlNifResourceFlags flags,
                                              ErlNifResourceFlags* tried) {
  return open_type(env, name, {.destroy = init->dtor, .stop = init->stop, .down = init->down}, flags, tried);
}

// members: how many of its functions the library knows of, in the order of the struct.
ErlNifResourceType* enif_init_resource_type(ErlNifEnv* env, const char* name, const ErlNifResourceTypeInit* init, ErlNifResourceFlags flags,
                                            ErlNifResourceFlags* tried) {
  ResourceCalls calls;
  if (init->members >= 1) calls.destroy = init->dtor;
  if (init->members >= 2) calls.stop = init->stop;
  if (init->members >= 3) calls.down = init->down;
  if (init->members >= 4) calls.dynamic = init->dyncall;
  return open_type(env, name, calls, flags, tried);
}

void* enif_alloc_resource(ErlNifResourceType* type, size_t size) {
  OffHeapBinary* binary = OffHeapBinary::create_magic(size + sizeof(ResourceHeader) + alignof(std::max_align_t), destroy_resource);
  if (binary == nullptr) return nullptr;
  void* object = object_in(binary);
  new (&header_of(object)) ResourceHeader{type, binary, size, nullptr, next_reference_number()};
  type->resources.fetch_add(1, std::memory_order_relaxed);
  return object;
}

void enif_release_resource(void* object) { header_of(object).binary->release(); }
void enif_keep_resource(void* object) { header_of(object).binary->retain(); }
size_t enif_sizeof_resource(void* object) { return header_of(object).size; }

ERL_NIF_TERM enif_make_resource(ErlNifEnv* env, void* object) {
  OffHeapBinary* binary = header_of(object).binary;
  binary->retain();
  return word(make_resource_reference(*env->arena, binary));
}

int enif_get_resource(ErlNifEnv*, ERL_NIF_TERM value, ErlNifResourceType* type, void** object) {
  OffHeapBinary* binary = resource_of(term(value));
  if (binary == nullptr || header_of(object_in(binary)).type != type) return 0;
  *object = object_in(binary);
  return 1;
}

// The bytes are the resource's, or such that it keeps: it stays as long as the binary does.
ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv* env, void* object, const void* data, size_t size) {
  OffHeapBinary* resource = header_of(object).binary;
  resource->retain();
  OffHeapBinary* bytes = make_kept_bytes(static_cast<const uint8_t*>(data), size, resource);
  return word(make_refc_binary(*env->arena, bytes, size));
}

int enif_dynamic_resource_call(ErlNifEnv* env, ERL_NIF_TERM module, ERL_NIF_TERM name, ERL_NIF_TERM resource, void* data) {
  OffHeapBinary* binary = resource_of(term(resource));
  if (binary == nullptr) return 1;
  enif_resource_type_t* type = header_of(object_in(binary)).type;
  if (type->module != term(module) || !term(name).is_atom() || atom_name(term(name)) != type->name) return 1;
  CallsOfType functions = calls_of(*type);
  if (functions.calls.dynamic == nullptr) return 1;
  functions.calls.dynamic(env, object_in(binary), data);
  return 0;
}

}  // extern "C"
