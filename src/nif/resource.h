// Resources: C objects that guests hold by a reference, freed with the last one.
#pragma once

#include "nif/environment.h"
#include "nif/resource_type.h"
#include "term/reference.h"

namespace hanse::nif {

class ResourceWatch;

// Before the library's object, in the same block.
struct ResourceHeader {
  enif_resource_type_t* type;
  OffHeapBinary* binary;
  size_t size;
  std::atomic<ResourceWatch*> watch;  // made with the first process that it watches, by the thread that wins; counted
  ReferenceNumber number;             // of every reference to it
};

inline ResourceHeader& header_of(void* object) { return static_cast<ResourceHeader*>(object)[-1]; }
void* object_in(OffHeapBinary* resource);
// nullptr: it is neither a reference to a resource nor a binary of one.
OffHeapBinary* resource_of(Term reference);
// The caller's hold of the resource becomes the reference's.
Term make_resource_reference(Arena& arena, OffHeapBinary* resource);

// The resource is about to go: it watches nobody any more.
void end_resource_watch(ResourceHeader& header);

}  // namespace hanse::nif
