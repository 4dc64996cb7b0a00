#include "process/processors.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

namespace hanse {

namespace {

struct State {
  std::mutex mutex;
  bool detects = true;
  bool has_looked = false;
  cpu_set_t available{};
  std::optional<CpuTopology> detected, defined;
  BindType type = BindType::unbound;
  std::vector<pid_t> threads;  // of the schedulers, by index; 0: not started
  std::vector<int> bindings;   // the same
};
State& state() {
  static auto* only = new State;
  return *only;
}

unsigned configured() {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? static_cast<unsigned>(count) : 1;
}

// --- what the system knows ---

std::optional<int> number_in(const std::string& file) {
  std::ifstream in(file);
  int number;
  return in >> number ? std::optional(number) : std::nullopt;
}

int node_of(const std::string& folder) {
  for (int node = 0; node < 1024; node++)
    if (access((folder + "/node" + std::to_string(node)).c_str(), F_OK) == 0) return node;
  return -1;
}

std::optional<CpuTopology> detect() {
  CpuTopology topology;
  for (unsigned i = 0; i < configured(); i++) {
    std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(i);
    auto processor = number_in(folder + "/topology/physical_package_id"), core = number_in(folder + "/topology/core_id");
    if (!processor || !core) return std::nullopt;
    LogicalProcessor found{.node = node_of(folder), .processor = std::max(*processor, 0), .core = *core, .logical = static_cast<int>(i)};
    for (const LogicalProcessor& other : topology) found.thread += other.same_core(found) ? 1 : 0;
    topology.push_back(found);
  }
  if (!check_topology(topology).empty()) return std::nullopt;
  return topology;
}

// What the program may run on, whatever its threads are bound to: the main thread never is.
cpu_set_t affinity_of_program() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(getpid(), sizeof set, &set) != 0)
    for (unsigned i = 0; i < configured(); i++) CPU_SET(i, &set);
  return set;
}

// Under the mutex, as what follows.
void look_once(State& all) {
  if (all.has_looked) return;
  all.has_looked = true;
  all.available = affinity_of_program();
  if (all.detects && !all.defined) all.detected = detect();
}

void bind_thread(const State& all, size_t index) {
  if (all.threads[index] == 0) return;
  cpu_set_t set = all.available;
  if (int to = all.bindings[index]; to >= 0) {
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(to), &set);
  }
  sched_setaffinity(all.threads[index], sizeof set, &set);
}

void bind_all(State& all) {
  const std::optional<CpuTopology>& topology = all.defined ? all.defined : all.detected;
  std::vector<int> order;
  if (all.type != BindType::unbound && topology) order = bind_order(*topology, all.type);
  std::erase_if(order, [&](int logical) { return logical >= CPU_SETSIZE || !CPU_ISSET(static_cast<size_t>(logical), &all.available); });
  for (size_t i = 0; i < all.threads.size(); i++) {
    int to = i < order.size() ? order[i] : -1;
    if (std::exchange(all.bindings[i], to) != to) bind_thread(all, i);
  }
}

// --- topologies ---

int top_of(const LogicalProcessor& each) { return each.node >= 0 ? each.node : each.processor; }
auto position_of(const LogicalProcessor& each) {
  return std::make_tuple(top_of(each), each.node, each.processor, each.processor_node, each.core, each.thread);
}

constexpr int largest_id = 65535;

// "0-3,7" behind a letter. false: `problem` says why.
bool parse_ids(const char*& at, std::vector<int>& ids, std::string& problem) {
  auto number = [&](int& out) {
    char* end;
    if (isdigit(static_cast<unsigned char>(*at)) == 0) return problem = "an identifier", false;
    long value = std::strtol(at, &end, 10);
    if (value > largest_id) return problem = "identifiers up to 65535", false;
    out = static_cast<int>(value);
    at = end;
    return true;
  };
  for (;;) {
    int first, last;
    if (!number(first)) return false;
    last = first;
    if (*at == '-' && (at++, !number(last))) return false;
    for (int id = first;; id += first < last ? 1 : -1) {
      ids.push_back(id);
      if (id == last) break;
    }
    if (*at != ',') return true;
    at++;
  }
}

// One definition, up to a colon or the end.
bool parse_definition(const char*& at, CpuTopology& topology, std::string& problem) {
  constexpr std::string_view letters = "LTCPN";
  std::array<std::vector<int>, 5> lists;
  int rank = -1;  // of the letter before: they come from small to large, but for nodes and processors
  bool node_first = false;
  size_t count = 1;
  while (*at != 0 && *at != ':') {
    auto which = letters.find(static_cast<char>(toupper(static_cast<unsigned char>(*at))));
    if (which == std::string_view::npos || *at == 'l') return problem = "identifiers of the types L, t, c, p and n", false;
    auto place = static_cast<int>(which);
    bool swapped = place == 3 && rank == 4 && lists[3].empty();
    if (!lists[which].empty() || (place <= rank && !swapped) || (rank < 0 && place != 0))
      return problem = "the order L, t, c, and p before or behind n", false;
    node_first |= swapped;
    rank = std::max(rank, place);
    at++;
    if (!parse_ids(at, lists[which], problem)) return false;
    if (lists[which].size() == 1) continue;
    if (count != 1 && lists[which].size() != count) return problem = "lists of identifiers of the same length", false;
    count = lists[which].size();
  }
  if (lists[0].size() != count) return problem = count > 1 ? "as many logical processors as other identifiers" : "L", false;
  auto id = [&](size_t which, size_t i, int otherwise) {
    const std::vector<int>& list = lists[which];
    return list.empty() ? otherwise : list.size() == 1 ? list[0] : list[i];
  };
  for (size_t i = 0; i < count; i++) {
    LogicalProcessor found{.processor = id(3, i, 0), .core = id(2, i, 0), .thread = id(1, i, 0), .logical = id(0, i, 0)};
    (node_first ? found.processor_node : found.node) = id(4, i, -1);
    topology.push_back(found);
  }
  return true;
}

}  // namespace

std::string check_topology(CpuTopology& topology) {
  if (topology.empty()) return "a logical processor";
  std::ranges::sort(topology, {}, position_of);
  std::set<int> logical;
  size_t with_node = 0;
  for (size_t i = 0; i < topology.size(); i++) {
    const LogicalProcessor& each = topology[i];
    if (each.logical < 0 || each.logical > largest_id || !logical.insert(each.logical).second) return "each logical processor once";
    if (i > 0 && position_of(topology[i - 1]) == position_of(each)) return "each thread of a core once";
    if (each.node >= 0 || each.processor_node >= 0) with_node++;
  }
  return with_node == 0 || with_node == topology.size() ? "" : "nodes for all logical processors or for none";
}

std::optional<CpuTopology> parse_topology(const std::string& text, std::string& problem) {
  CpuTopology topology;
  for (const char* at = text.c_str();; at++) {
    if (!parse_definition(at, topology, problem)) return std::nullopt;
    if (*at == 0 || at[1] == 0) break;
  }
  problem = check_topology(topology);
  if (!problem.empty()) return std::nullopt;
  return topology;
}

std::optional<BindType> bind_type_of_flag(std::string_view text) {
  constexpr std::pair<std::string_view, BindType> names[] = {
      {"u", BindType::unbound},
      {"ns", BindType::no_spread},
      {"ts", BindType::thread_spread},
      {"ps", BindType::processor_spread},
      {"s", BindType::spread},
      {"nnts", BindType::no_node_thread_spread},
      {"nnps", BindType::no_node_processor_spread},
      {"tnnps", BindType::thread_no_node_processor_spread},
      {"db", BindType::thread_no_node_processor_spread},
  };
  for (auto [name, type] : names)
    if (name == text) return type;
  return std::nullopt;
}

std::vector<int> bind_order(const CpuTopology& topology, BindType type) {
  // Where each stands among its like in the next larger thing.
  struct Place {
    int node = 0, processor_in_node = 0, node_in_processor = 0, core_in_node = 0;
  };
  std::vector<Place> places(topology.size());
  for (size_t i = 1; i < topology.size(); i++) {
    const LogicalProcessor &before = topology[i - 1], &each = topology[i];
    Place& place = places[i] = places[i - 1];
    if (!each.same_core(before)) place.core_in_node++;
    if (!each.same_node(before)) {
      place.core_in_node = 0;
      place.node_in_processor++;
    }
    if (!each.same_processor(before)) {
      place.node_in_processor = 0;
      place.processor_in_node = each.node >= 0 && each.node == before.node ? place.processor_in_node + 1 : 0;
    }
    if (each.node != before.node || each.processor_node != before.processor_node) place.node++;
  }
  // What differs first decides: the part that comes first changes last.
  auto key = [&](size_t i) -> std::array<int, 5> {
    const LogicalProcessor& each = topology[i];
    const Place& place = places[i];
    auto position = static_cast<int>(i);
    switch (type) {
      case BindType::unbound:
      case BindType::no_spread: return {position};
      case BindType::thread_spread: return {each.thread, position};
      case BindType::processor_spread: return {each.thread, each.core, position};
      case BindType::spread: return {each.thread, place.core_in_node, place.node_in_processor, place.processor_in_node, position};
      case BindType::no_node_thread_spread: return {place.node, each.thread, position};
      case BindType::no_node_processor_spread: return {place.node, each.thread, each.core, position};
      case BindType::thread_no_node_processor_spread: return {each.thread, place.node, each.core, position};
    }
    return {};
  };
  std::vector<size_t> order(topology.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::ranges::sort(order, {}, key);
  std::vector<int> logical;
  for (size_t i : order) logical.push_back(topology[i].logical);
  return logical;
}

unsigned processors_configured() { return configured(); }

unsigned processors_available() {
  std::lock_guard lock(state().mutex);
  look_once(state());
  return static_cast<unsigned>(CPU_COUNT(&state().available));
}

bool look_at_processors() {
  State& all = state();
  std::lock_guard lock(all.mutex);
  look_once(all);
  cpu_set_t now = affinity_of_program();
  if (CPU_EQUAL(&now, &all.available) != 0) return false;
  all.available = now;
  if (all.detects && all.detected) all.detected = detect();
  bind_all(all);
  return true;
}

void never_detect_topology() { state().detects = false; }

std::optional<CpuTopology> detected_topology() {
  std::lock_guard lock(state().mutex);
  look_once(state());
  return state().detected;
}
std::optional<CpuTopology> defined_topology() {
  std::lock_guard lock(state().mutex);
  return state().defined;
}
std::optional<CpuTopology> used_topology() {
  auto defined = defined_topology();
  return defined ? defined : detected_topology();
}
void define_topology(std::optional<CpuTopology> topology) {
  State& all = state();
  std::lock_guard lock(all.mutex);
  look_once(all);
  all.defined = std::move(topology);
  bind_all(all);
}
void define_topology_at_start(CpuTopology topology) { state().defined = std::move(topology); }

BindType scheduler_bind_type() {
  std::lock_guard lock(state().mutex);
  return state().type;
}
bool set_scheduler_bind_type(BindType type) {
  State& all = state();
  std::lock_guard lock(all.mutex);
  look_once(all);
  if (!all.defined && !all.detected) return false;
  all.type = type;
  bind_all(all);
  return true;
}

int scheduler_binding(unsigned index) {
  std::lock_guard lock(state().mutex);
  return index < state().bindings.size() ? state().bindings[index] : -1;
}

void enter_scheduler(unsigned index) {
  State& all = state();
  std::lock_guard lock(all.mutex);
  look_once(all);
  if (all.threads.size() <= index) {
    all.threads.resize(index + 1);
    all.bindings.resize(index + 1, -1);
  }
  all.threads[index] = gettid();
  all.bindings[index] = -1;
  bind_all(all);
}

}  // namespace hanse
