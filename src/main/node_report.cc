// See node_report.h.
#include "main/node_report.h"

#include "base/epoch.h"
#include "code/module.h"
#include "code/module_table.h"
#include "dist/distribution.h"
#include "dist/remote_node.h"
#include "ets/table_registry.h"
#include "process/machine.h"
#include "term/node.h"
#include "term/print.h"

namespace hanse {

static uint64_t code_bytes(const Module* module) {
  return module == nullptr ? 0 : static_cast<uint64_t>(module->end() - module->begin()) * sizeof(*module->begin());
}

void report_modules(ReportLines& out) {
  auto& modules = host_machine().realm.modules();
  std::vector<Term> names = modules.loaded();
  epoch::Guard guard;
  uint64_t current_bytes = 0, old_bytes = 0;
  for (Term name : names) {
    current_bytes += code_bytes(modules.current(name));
    old_bytes += code_bytes(modules.old(name));
  }
  out.line("=loaded_modules");
  out.figure("Current code", current_bytes);
  out.figure("Old code", old_bytes);
  for (Term name : names) {
    out.line("=mod:" + atom_to_text(name));
    out.figure("Current size", code_bytes(modules.current(name)));
    if (uint64_t size = code_bytes(modules.old(name)); size != 0) out.figure("Old size", size);
  }
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

std::string terminal_text(void (*report)(ReportLines&)) {
  struct Text final : ReportLines {
    void line(const std::string& text) override { all += text + "\r\n"; }
    std::string all;
  } text;
  report(text);
  return std::move(text.all);
}

}  // namespace hanse
