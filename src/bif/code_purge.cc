#include "bif/code_purge.h"

#include <algorithm>
#include <vector>

#include "bif/tables.h"
#include "code/module_table.h"
#include "process/call.h"
#include "process/machine.h"

namespace hanse {

namespace {

class CodeScan {
 public:
  explicit CodeScan(const Module& old) : old_(old) {
    for (const ModuleLambda& lambda : old.lambdas()) {
      // Code that has been loaded again from the same file has taken the entry over: its funs are not old.
      Ip now = lambda.entry->entry.load(std::memory_order_acquire);
      if (now == nullptr || old.contains(now)) entries_.push_back(reinterpret_cast<Word>(lambda.entry));
    }
    std::sort(entries_.begin(), entries_.end());
  }

  bool stack(const ProcessHeap& heap) const {
    for (const Word* slot = heap.stack_top(); slot < heap.stack_bottom(); slot++) {
      Term term = Term::from_word(*slot);
      if (term.is_header() && old_.contains(reinterpret_cast<Ip>(*slot))) return true;
    }
    return false;
  }

  // Looks at every word rather than at objects: built-in functions may leave gaps with anything in them. A pair of words
  // that only looks like a fun costs nothing but a purge that waits, or kills, without need.
  bool block(const Word* begin, const Word* end) const {
    if (entries_.empty()) return false;
    for (const Word* at = begin; at + 1 < end; at++)
      if ((*at & 7) == 0 && header_kind(*at) == Boxed::fun && std::binary_search(entries_.begin(), entries_.end(), at[1]))
        return true;
    return false;
  }

  bool messages(const Mailbox& mailbox) const {
    for (const Message* message = mailbox.first(); message; message = static_cast<const Message*>(message->next)) {
      if (message->attached) continue;
      for (const Fragment* fragment = message->fragment; fragment; fragment = fragment->next)
        if (block(fragment->words, fragment->words + fragment->used_words)) return true;
    }
    return false;
  }

 private:
  const Module& old_;
  std::vector<Word> entries_;
};

}  // namespace

bool process_uses_code(Process& process, const Module& old) {
  if (process.ip && old.contains(process.ip)) return true;
  CodeScan scan(old);
  if (scan.stack(process.heap)) return true;
  bool found = false;
  process.heap.for_each_block([&](const Word* begin, const Word* end) { found = found || scan.block(begin, end); });
  return found || scan.messages(process.mailbox);
}

namespace {
class ModuleCodeUsage final : public CodeUsage {
 public:
  bool uses_old_code(Process& process, Term module) override {
    const Module* old = process.machine.realm.modules().old(module);
    if (!old) return false;
    process.charge((process.heap.heap_words() + process.heap.old_heap_words()) / 64);
    return process_uses_code(process, *old);
  }
};
}  // namespace

CodeUsage& code_usage_of_modules() {
  static auto& usage = *new ModuleCodeUsage;
  return usage;
}

// erts_internal:purge_module/2. Arguments: module, prepare | abort | complete. For the code purger only.
static Result erts_internal_purge_module_2(Call& call) {
  if (!call.process.system_process) return raise_error(call, am::notsup);
  Term module = call.args[0], step = call.args[1];
  if (!module.is_atom()) return raise_badarg(call);
  ModuleTable& modules = call.process.machine.realm.modules();
  if (step == am::prepare) return boolean(modules.purge_prepare(module));
  if (step == am::abort) return boolean(modules.purge_abort(module));
  if (step == am::complete) return boolean(modules.purge_complete(module));
  return raise_badarg(call);
}

// erlang:check_old_code/1. Argument: module.
static Result erlang_check_old_code_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  return boolean(call.process.machine.realm.modules().old(call.args[0]) != nullptr);
}

static constexpr BifRow rows[] = {
    {"erlang", "check_old_code", 1, erlang_check_old_code_1, BifKind::plain, Authority::own_machine},
    {"erts_internal", "purge_module", 2, erts_internal_purge_module_2, BifKind::plain, Authority::host},
};
const BifTable code_purge_bifs = rows;

}  // namespace hanse
