// Types of the resources that libraries make: opened while a library loads; the code of a later library may take one over. A type
// stays until its library's module has gone and nothing of it is left.
#pragma once

#include <erl_nif.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/ref.h"
#include "term/term.h"

namespace hanse::nif {
class Library;

struct ResourceCalls {
  ErlNifResourceDtor* destroy = nullptr;
  ErlNifResourceStop* stop = nullptr;
  ErlNifResourceDown* down = nullptr;
  ErlNifResourceDynCall* dynamic = nullptr;

  bool has_any() const { return destroy != nullptr || stop != nullptr || down != nullptr || dynamic != nullptr; }
};
}  // namespace hanse::nif

struct enif_resource_type_t {
  hanse::Term module;
  std::string name;
  std::atomic<size_t> resources{0};
  // Written under the lock of the types, as the rest.
  hanse::nif::ResourceCalls calls;
  const hanse::nif::Library* opened_by = nullptr;
  hanse::Ref<hanse::nif::Library> owner;  // the same if there are such functions: it is not closed before
  bool is_orphan = false;                 // its module has gone
};

namespace hanse::nif {

// What is to be called for a resource of the type, and whose functions that are for as long.
struct CallsOfType {
  ResourceCalls calls;
  Ref<Library> owner;
};
CallsOfType calls_of(const enif_resource_type_t& type);
// The library's module has gone.
void leave_types_of(const Library& library);

// One load or upgrade call, on its thread. What it has opened counts once it has said yes; else nothing has happened.
class TypesBeingOpened {
 public:
  TypesBeingOpened();
  ~TypesBeingOpened();
  TypesBeingOpened(const TypesBeingOpened&) = delete;
  TypesBeingOpened& operator=(const TypesBeingOpened&) = delete;
  void commit();

  struct Opened {
    enif_resource_type_t* type;
    bool is_new;
    bool was_orphan;
    ResourceCalls calls;
    const Library* opened_by;
    Ref<Library> owner;
  };
  static TypesBeingOpened* of_this_thread();
  std::vector<Opened> opened;

 private:
  TypesBeingOpened* outer_;
};

}  // namespace hanse::nif
