// The logical processors of the machine: how they share hardware, and which scheduler thread is bound to which. What is known of
// the hardware can be replaced by what a user defines (+sct, erlang:system_flag(cpu_topology, _)). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hanse {

// A thread of a core of a processor. A NUMA node contains processors, or is part of one. Numbers of nodes and processors are the
// system's, those of cores the processor's, those of threads the core's.
struct LogicalProcessor {
  int node = -1;            // of which the processor is a part; -1: none
  int processor_node = -1;  // which is a part of the processor
  int processor = 0;
  int core = 0;
  int thread = 0;
  int logical = -1;         // the system's number

  bool same_core(const LogicalProcessor& other) const { return same_node(other) && core == other.core; }
  bool same_node(const LogicalProcessor& other) const { return same_processor(other) && processor_node == other.processor_node; }
  bool same_processor(const LogicalProcessor& other) const { return node == other.node && processor == other.processor; }
};
using CpuTopology = std::vector<LogicalProcessor>;  // sorted: parts of the same thing are neighbours

// Why it cannot be; empty: it is sorted now.
std::string check_topology(CpuTopology& topology);
// What +sct takes: "L0-3t0-1c0-1p0n0:...". `problem` says why there is none.
std::optional<CpuTopology> parse_topology(const std::string& text, std::string& problem);

enum class BindType : uint8_t {
  unbound,
  no_spread,
  thread_spread,
  processor_spread,
  spread,
  no_node_thread_spread,
  no_node_processor_spread,
  thread_no_node_processor_spread,
};
// "ns", "ts", ... as +sbt takes them.
std::optional<BindType> bind_type_of_flag(std::string_view text);
// Logical processors in the order in which schedulers are bound to them.
std::vector<int> bind_order(const CpuTopology& topology, BindType type);

// --- the machine's ---
unsigned processors_configured();
// To this program, when it was looked last.
unsigned processors_available();
// Looks again. Whether anything has changed.
bool look_at_processors();
// +ssrct: before anything of the following is asked.
void never_detect_topology();
std::optional<CpuTopology> detected_topology();
std::optional<CpuTopology> defined_topology();
std::optional<CpuTopology> used_topology();
void define_topology(std::optional<CpuTopology> topology);
// The same before anything has been asked: what the system knows is not looked for.
void define_topology_at_start(CpuTopology topology);

// --- scheduler threads ---
BindType scheduler_bind_type();
// False: nothing is known of the processors.
bool set_scheduler_bind_type(BindType type);
// Where the scheduler is bound; -1: nowhere.
int scheduler_binding(unsigned index);
// The calling thread is that scheduler.
void enter_scheduler(unsigned index);

}  // namespace hanse
