#include "bif/cpu_topology.h"

#include <span>

#include "bif/list_builder.h"
#include "process/processors.h"
#include "process/scheduler.h"

namespace hanse {

namespace {

using Part = std::span<const LogicalProcessor>;

// --- terms ---

// [{Tag, What}] of each part in turn; a part ends where `same` says so.
template <class Same, class What>
Term list_of_parts(Arena& arena, Part all, Term tag, Same same, What what) {
  ListBuilder list(arena);
  while (!all.empty()) {
    size_t size = 1;
    while (size < all.size() && same(all[0], all[size])) size++;
    list.add(make_tuple(arena, tag, what(all.first(size))));
    all = all.subspan(size);
  }
  return list.finish();
}

// What is only one of its kind is not named.
Term threads_term(Arena& arena, Part core) {
  auto logical = [&](Part thread) { return make_tuple(arena, am::logical, Term::small(thread[0].logical)); };
  if (core.size() == 1) return logical(core);
  return list_of_parts(arena, core, make_atom("thread"), [](auto&, auto&) { return false; }, logical);
}
Term cores_term(Arena& arena, Part all) {
  if (all.front().same_core(all.back())) return threads_term(arena, all);
  auto same = [](auto& a, auto& b) { return a.same_core(b); };
  return list_of_parts(arena, all, am::core, same, [&](Part core) { return threads_term(arena, core); });
}
Term processors_term(Arena& arena, Part all) {
  auto same_processor = [](auto& a, auto& b) { return a.same_processor(b); };
  auto same_node = [](auto& a, auto& b) { return a.same_node(b); };
  return list_of_parts(arena, all, am::processor, same_processor, [&](Part processor) {
    if (processor[0].processor_node < 0) return cores_term(arena, processor);
    return list_of_parts(arena, processor, am::node, same_node, [&](Part node) { return cores_term(arena, node); });
  });
}

Term topology_term(Arena& arena, const std::optional<CpuTopology>& topology) {
  if (!topology) return am::undefined;
  Part all = *topology;
  if (all.front().node == all.back().node) return processors_term(arena, all);
  std::vector<Term> parts;
  while (!all.empty()) {
    size_t size = 1;
    bool in_node = all[0].node >= 0;
    while (size < all.size() && (in_node ? all[size].node == all[0].node : all[size].same_processor(all[0]))) size++;
    Term processors = processors_term(arena, all.first(size));
    parts.push_back(in_node ? make_tuple(arena, am::node, processors) : processors.as_cons()->head);
    all = all.subspan(size);
  }
  return make_list(arena, parts);
}

// --- topologies from terms ---

// What is inside of what; a node may also be inside of a processor.
enum class Level : uint8_t { top, node, processor, processor_node, core, thread };

class Reader {
 public:
  bool read(Term term) { return read_part(term, Level::top) && check_topology(found).empty(); }
  CpuTopology found;

 private:
  static std::optional<Level> level_of(Term tag, Level inside) {
    if (tag == am::node) return inside == Level::processor ? Level::processor_node : Level::node;
    if (tag == am::processor) return Level::processor;
    if (tag == am::core) return Level::core;
    return tag == make_atom("thread") ? std::optional(Level::thread) : std::nullopt;
  }

  // {logical, N} or a list of smaller parts, all of a kind; only at the top nodes and processors stand side by side.
  bool read_part(Term term, Level inside) {
    if (is_tuple_of_arity(term, 2) && as_tuple(term)->elements[0] == am::logical) {
      Term number = as_tuple(term)->elements[1];
      if (!number.is_small() || number.as_small() < 0 || number.as_small() > 65535) return false;
      if (!in_processor_) here_.processor = processors_++;
      here_.logical = static_cast<int>(number.as_small());
      found.push_back(here_);
      return true;
    }
    if (!term.is_cons()) return false;
    // Cores and threads that are not in a processor are in one together.
    std::optional<Level> before;
    bool makes_processor = false;
    for (; term.is_cons(); term = term.as_cons()->tail) {
      Term part = term.as_cons()->head;
      bool has_information = is_tuple_of_arity(part, 3) && as_tuple(part)->elements[1].is_nil();
      if (!has_information && !is_tuple_of_arity(part, 2)) return false;
      auto level = level_of(as_tuple(part)->elements[0], inside);
      if (!level || *level <= inside) return false;
      bool at_top = inside == Level::top && *level <= Level::processor && (!before || *before <= Level::processor);
      if (before && *before != *level && !at_top) return false;
      if (!before && *level >= Level::core && !in_processor_) {
        makes_processor = in_processor_ = true;
        here_.processor = processors_++;
        next_core_ = 0;
      }
      before = level;
      if (!read_inside(as_tuple(part)->elements[has_information ? 2 : 1], *level)) return false;
    }
    if (makes_processor) in_processor_ = false;
    return term.is_nil();
  }

  bool read_inside(Term term, Level level) {
    LogicalProcessor outside = here_;
    bool was_in_processor = in_processor_;
    switch (level) {
      case Level::top: break;
      case Level::node: here_.node = nodes_++; break;
      case Level::processor:
        here_.processor = processors_++;
        next_core_ = 0;
        in_processor_ = true;
        break;
      case Level::processor_node: here_.processor_node = nodes_++; break;
      case Level::core:
        here_.core = next_core_++;
        next_thread_ = 0;
        break;
      case Level::thread: here_.thread = next_thread_++; break;
    }
    bool fits = read_part(term, level);
    here_ = outside;
    in_processor_ = was_in_processor;
    return fits;
  }

  LogicalProcessor here_;
  bool in_processor_ = false;
  int nodes_ = 0, processors_ = 0, next_core_ = 0, next_thread_ = 0;
};

// --- binding ---

struct TypeName {
  const char* name;
  BindType type;
};
constexpr TypeName type_names[] = {
    {"unbound", BindType::unbound},
    {"no_spread", BindType::no_spread},
    {"thread_spread", BindType::thread_spread},
    {"processor_spread", BindType::processor_spread},
    {"spread", BindType::spread},
    {"no_node_thread_spread", BindType::no_node_thread_spread},
    {"no_node_processor_spread", BindType::no_node_processor_spread},
    {"thread_no_node_processor_spread", BindType::thread_no_node_processor_spread},
};

std::optional<BindType> bind_type_named(Term name) {
  if (!name.is_atom()) return std::nullopt;
  if (name == am::default_bind) return BindType::thread_no_node_processor_spread;
  for (const TypeName& known : type_names)
    if (atom_name(name) == known.name) return known.type;
  return std::nullopt;
}

}  // namespace

Term cpu_topology_term(Arena& arena, Term which) {
  return topology_term(arena, which == am::detected ? detected_topology() : which == am::defined ? defined_topology() : used_topology());
}

Term bind_type_atom() {
  BindType type = scheduler_bind_type();
  for (const TypeName& known : type_names)
    if (known.type == type) return make_atom(known.name);
  return am::unbound;
}

Term scheduler_bindings_term(Arena& arena) {
  Tuple* tuple = allocate_tuple(arena, scheduler_options().schedulers);
  for (unsigned i = 0; i < scheduler_options().schedulers; i++) {
    int binding = scheduler_binding(i);
    tuple->elements[i] = binding < 0 ? Term(am::unbound) : Term::small(binding);
  }
  return Term::boxed(tuple);
}

Result set_cpu_topology(Call& call) {
  Term old = cpu_topology_term(call.arena(), am::used);
  Reader reader;
  if (call.args[1] == am::undefined) define_topology(std::nullopt);
  else if (!reader.read(call.args[1])) return raise_badarg(call);
  else define_topology(std::move(reader.found));
  return old;
}

Result set_bind_type(Call& call) {
  Term old = bind_type_atom();
  auto type = bind_type_named(call.args[1]);
  if (!type || !set_scheduler_bind_type(*type)) return raise_badarg(call);
  return old;
}

Result get_fake_scheduler_bindings(Call& call, Term type) {
  auto wanted = bind_type_named(type);
  auto topology = used_topology();
  if (!wanted || !topology) return raise_badarg(call);
  std::vector<Term> bound;
  for (int logical : bind_order(*topology, *wanted)) bound.push_back(Term::small(logical));
  return make_tuple(call.arena(), std::span<const Term>(bound));
}

}  // namespace hanse
