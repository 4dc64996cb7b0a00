// See node_report.h.
#include "main/node_report.h"

#include <algorithm>

#include "base/epoch.h"
#include "bif/memory_info.h"
#include "code/module.h"
#include "code/module_table.h"
#include "dist/distribution.h"
#include "dist/remote_node.h"
#include "ets/table_registry.h"
#include "io/port.h"
#include "main/process_report.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "term/node.h"
#include "term/print.h"

namespace hanse {

void report_memory(ReportLines& out) {
  out.line("=memory");
  for (const MemoryFigure& figure : memory_figures(host_machine().account)) out.figure(figure.name, figure.bytes);
}

static uint64_t code_bytes(const Module* module) {
  return module == nullptr ? 0 : static_cast<uint64_t>(module->end() - module->begin()) * sizeof(*module->begin());
}

struct CodeSize {
  Term module;
  uint64_t current_bytes, old_bytes;
};

// Of all modules, and the sum of it under no name.
static std::vector<CodeSize> code_sizes(CodeSize& sum) {
  auto& modules = host_machine().realm.modules();
  std::vector<CodeSize> sizes;
  epoch::Guard guard;
  sum = {};
  for (Term name : modules.loaded()) {
    sizes.push_back({name, code_bytes(modules.current(name)), code_bytes(modules.old(name))});
    sum.current_bytes += sizes.back().current_bytes;
    sum.old_bytes += sizes.back().old_bytes;
  }
  return sizes;
}

void report_modules(ReportLines& out) {
  CodeSize sum;
  std::vector<CodeSize> sizes = code_sizes(sum);
  out.line("=loaded_modules");
  out.figure("Current code", sum.current_bytes);
  out.figure("Old code", sum.old_bytes);
  for (const CodeSize& size : sizes) {
    out.line("=mod:" + atom_to_text(size.module));
    out.figure("Current size", size.current_bytes);
    if (size.old_bytes != 0) out.figure("Old size", size.old_bytes);
  }
}

// A line for each module, the oldest first.
static void report_loaded(ReportLines& out) {
  CodeSize sum;
  std::vector<CodeSize> sizes = code_sizes(sum);
  out.figure("Current code", sum.current_bytes);
  out.figure("Old code", sum.old_bytes);
  for (size_t i = sizes.size(); i-- > 0;) {
    std::string old = sizes[i].old_bytes != 0 ? " (" + std::to_string(sizes[i].old_bytes) + " old)" : "";
    out.line(atom_to_text(sizes[i].module) + " " + std::to_string(sizes[i].current_bytes) + old);
  }
}

static void report_index(ReportLines& out, const char* table, uint64_t limit, uint64_t entries) {
  out.line(std::string("=index_table:") + table);
  out.figure("limit", limit);
  out.figure("entries", entries);
}

// Memory, the tables of the node, and what each allocator has given out.
static void report_info(ReportLines& out) {
  report_memory(out);
  report_index(out, "atom_tab", atom_limit(), atom_count());
  report_index(out, "module_code", UINT32_MAX, host_machine().realm.modules().loaded().size());
  report_index(out, "process_tab", process_limit(), process_count());
  report_index(out, "port_tab", Port::limit(), Port::count());
  out.line("=allocated_areas");
  out.line("atom_space: " + std::to_string(atom_table_bytes()) + " " + std::to_string(atom_table_bytes()));
  out.figure("loaded_code", static_cast<uint64_t>(std::max<int64_t>(0, host_machine().account.bytes(MemoryKind::code))));
}

void report_tables(ReportLines& out) {
  for (Table* table : NamedTables::of(host_machine()).all()) {
    Term owner = table->owner.load(std::memory_order_relaxed), name = table->name.load(std::memory_order_relaxed);
    out.line("=ets:" + pid_to_text(owner));
    out.line("Slot: " + std::to_string(table->number.number01));
    out.line("Table: " + atom_to_text(name));
    out.line("Name: " + atom_to_text(name));
    out.figure("Objects", table->size());
    out.figure("Words", table->memory_words());
    table->handle->release();
  }
}

void report_ports(ReportLines& out) {
  for (Term id : Port::all()) {
    Ref<Port> port = Port::find(id);
    if (!port) continue;
    out.line("=port:" + port_to_text(id));
    out.line("Port controls linked-in driver: " + port->name());
  }
}

void report_nodes(ReportLines& out) {
  out.line("=node:" + atom_to_text(this_node().name));
  if (!dist::is_alive()) return out.line("=no_distribution");
  for (RemoteNode* node : RemoteNode::all()) {
    Ref<dist::Connection> connection = node->connection();
    if (!connection || connection->state() != dist::Connection::State::up) continue;
    out.line((connection->is_hidden() ? "=hidden_node:" : "=visible_node:") + std::to_string(connection->id));
    out.line("Name: " + atom_to_text(node->name));
  }
}

static std::string text_of(void (*report)(ReportLines&), const char* line_end) {
  struct Text final : ReportLines {
    explicit Text(const char* end) : line_end(end) {}
    void line(const std::string& text) override { all += text + line_end; }
    const char* line_end;
    std::string all;
  } text(line_end);
  report(text);
  return std::move(text.all);
}

std::string terminal_text(void (*report)(ReportLines&)) { return text_of(report, "\r\n"); }

std::string write_system_report(SystemReport report) {
  switch (report) {
    case SystemReport::info: return text_of(report_info, "\n");
    case SystemReport::loaded: return text_of(report_loaded, "\n");
    case SystemReport::dist: return text_of(report_nodes, "\n");
    case SystemReport::procs: break;
  }
  return text_of([](ReportLines& out) {
    for_each_process([&](Process& process) { report_whole_process(out, process); });
    report_ports(out);
  }, "\n");
}

}  // namespace hanse
