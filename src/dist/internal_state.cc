// erts_debug:get_internal_state/1: where OTP's tests look for atoms that meet in the cache of a connection, and for who is told
// of nodes.
#include "process/internal_state.h"

#include "dist/distribution.h"
#include "dist/frame_header.h"
#include "dist/node_monitors.h"

namespace hanse::dist {

static Result max_index(Call&, Term) { return Term::small(static_cast<int64_t>(atom_cache_size) - 1); }
static Result index_of(Call& call, Term atom) {
  if (!atom.is_atom()) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(cache_place(atom)));
}

static Result monitoring_nodes(Call& call, Term) { return node_monitors().list(call.arena()); }

static constexpr InternalStateItem items[] = {
    {"atom_out_cache_index", nullptr, index_of},
    {"max_atom_out_cache_index", nullptr, max_index},
    {"monitoring_nodes", nullptr, monitoring_nodes},
};

void register_distribution_internals() {
  for (const InternalStateItem& item : items) add_internal_state_item(item);
}

}  // namespace hanse::dist
