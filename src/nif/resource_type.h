// Types of the resources that libraries make: opened while a library loads, and kept for ever; the code of a later library may take one over.
#pragma once

#include <erl_nif.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "term/term.h"

namespace hanse::nif {
class Library;
}

struct enif_resource_type_t {
  hanse::Term module;
  std::string name;
  std::atomic<ErlNifResourceDtor*> destructor{nullptr};
  std::atomic<ErlNifResourceDynCall*> dynamic_call{nullptr};
  std::weak_ptr<hanse::nif::Library> owner;  // written under the lock of the types
};

namespace hanse::nif {

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
    ErlNifResourceDtor* destructor;
    ErlNifResourceDynCall* dynamic_call;
    std::weak_ptr<Library> owner;
  };
  static TypesBeingOpened* of_this_thread();
  std::vector<Opened> opened;

 private:
  TypesBeingOpened* outer_;
};

}  // namespace hanse::nif
