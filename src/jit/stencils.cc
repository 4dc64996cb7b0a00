#include "jit/stencils.h"

namespace hanse::jit {

#ifdef HANSE_STENCIL_TABLE
#include HANSE_STENCIL_TABLE
std::span<const Stencil> stencils() { return rows; }
uintptr_t symbol_address(uint32_t which) { return reinterpret_cast<uintptr_t>(symbols[which]); }
#else
std::span<const Stencil> stencils() { return {}; }
uintptr_t symbol_address(uint32_t) { return 0; }
#endif

}  // namespace hanse::jit
