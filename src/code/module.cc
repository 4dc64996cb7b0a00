#include "code/module.h"

#include <algorithm>

#include "base/epoch.h"
#include "base/mutex.h"
#include "term/atom.h"

namespace hanse {

static uint64_t next_generation() {
  static std::atomic<uint64_t> last{0};  // any thread
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Module::Module(GenericModule& generic, EmittedCode&& code, Realm& realm, Account& account)
    : name(generic.name),
      generation(next_generation()),
      account_(&account),
      words_(code.words),
      starts_(std::move(code.starts)),
      labels_(std::move(code.labels)),
      functions_(std::move(code.functions)),
      natives_(std::move(code.natives)),
      lines_(std::move(code.lines)),
      line_table_(std::move(generic.lines)),
      line_files_(std::move(generic.line_files)),
      literal_area_(std::move(generic.literal_area)),
      attributes_(generic.attributes),
      compile_info_(generic.compile_info) {
  CHECK(reinterpret_cast<uintptr_t>(words_.data()) % 8 == 0);
  CHECK(code.export_entries.size() == generic.exports.size() && code.lambda_entries.size() == generic.lambdas.size());
  std::copy_n(generic.md5, 16, md5_);
  for (size_t i = 0; i < generic.exports.size(); i++) {
    const GenericExport& row = generic.exports[i];
    exports_.push_back({realm.export_for(name, row.function, row.arity), words_.data() + code.export_entries[i]});
  }
  for (size_t i = 0; i < generic.lambdas.size(); i++) {
    const GenericLambda& row = generic.lambdas[i];
    FunEntry* entry = realm.fun_entry(name, row.index, row.old_unique, md5_, row.arity - row.free_count, row.free_count);
    lambdas_.push_back({entry, words_.data() + code.lambda_entries[i], row.function});
  }
  if (code.on_load_entry != 0) {
    on_load_ = std::make_unique<Export>(name, am::on_load, 0);
    on_load_->entry.store(words_.data() + code.on_load_entry, std::memory_order_release);
  }
  if (literal_area_) literal_bytes_ = literal_area_->bytes();
  account_->charge(MemoryKind::code, static_cast<int64_t>(code_bytes()));
  account_->charge(MemoryKind::literal, static_cast<int64_t>(literal_bytes_));
}

Module::~Module() {
  delete native_code_.load(std::memory_order_acquire);
  if (breakpoints_)
    for (size_t i = 0; i < functions_.size(); i++) delete breakpoints_[i].load(std::memory_order_relaxed);
  discharge();
}

void Module::discharge() {
  if (account_ == nullptr) return;
  account_->charge(MemoryKind::code, -static_cast<int64_t>(code_bytes()));
  account_->charge(MemoryKind::literal, -static_cast<int64_t>(literal_bytes_));
  account_ = nullptr;
}

const ModuleExport* Module::find_export(Term function, uint32_t arity) const {
  for (const ModuleExport& row : exports_)
    if (row.target->function == function && row.target->arity == arity) return &row;
  return nullptr;
}

const EmittedFunction* Module::function_of(Ip ip) const {
  auto offset = static_cast<uint32_t>(ip - begin());
  auto above = std::upper_bound(functions_.begin(), functions_.end(), offset,
                                [](uint32_t at, const EmittedFunction& function) { return at < function.begin; });
  if (above == functions_.begin() || offset >= (above - 1)->end) return nullptr;
  return &*(above - 1);
}

std::optional<LineInfo> Module::line_of(Ip ip) const {
  const EmittedFunction* function = function_of(ip);
  if (!function) return std::nullopt;
  auto offset = static_cast<uint32_t>(ip - begin());
  auto above = std::upper_bound(lines_.begin(), lines_.end(), offset,
                                [](uint32_t at, const EmittedLine& line) { return at < line.offset; });
  // An entry of an earlier function says nothing about this one; entry 0 of the line table means "no place".
  if (above == lines_.begin() || (above - 1)->offset < function->begin) return std::nullopt;
  uint32_t index = (above - 1)->line;
  if (index == 0 || index >= line_table_.size()) return std::nullopt;
  const GenericLine& line = line_table_[index];
  return LineInfo{line_files_[line.file], line.line};
}

// --- breakpoints ---

Breakpoint* Module::breakpoint(size_t function) const {
  return breakpoints_ ? breakpoints_[function].load(std::memory_order_acquire) : nullptr;
}

Breakpoint* Module::breakpoint_at(Ip entry) const {
  const EmittedFunction* function = function_of(entry);
  return function ? breakpoint(static_cast<size_t>(function - functions_.data())) : nullptr;
}

void Module::add_breakpoint(size_t function, std::unique_ptr<Breakpoint> added) {
  if (!breakpoints_) breakpoints_ = std::make_unique<std::atomic<Breakpoint*>[]>(functions_.size());
  added->original = words_[functions_[function].entry];
  breakpoints_[function].store(added.release(), std::memory_order_release);
}

void Module::set_breakpoint_word(size_t function, uint32_t word) {
  std::atomic_ref<uint32_t>(words_[functions_[function].entry]).store(word, std::memory_order_release);
}

void Module::clear_breakpoint_word(size_t function) {
  if (Breakpoint* present = breakpoint(function)) set_breakpoint_word(function, present->original);
}

// --- machine code ---

void Module::replace_word(uint32_t offset, uint32_t from, uint32_t to) {
  std::atomic_ref<uint32_t>(words_[offset]).compare_exchange_strong(from, to, std::memory_order_release, std::memory_order_relaxed);
}

uint32_t Module::original_word(Ip ip) const {
  Breakpoint* present = breakpoint_at(ip);
  auto offset = static_cast<uint32_t>(ip - begin());
  bool is_replaced = present != nullptr && functions_[static_cast<size_t>(function_of(ip) - functions_.data())].entry == offset;
  uint32_t word = is_replaced ? present->original : __atomic_load_n(ip, __ATOMIC_RELAXED);
  NativeCode* native = native_code_.load(std::memory_order_acquire);
  return native ? native->original_word(offset, word) : word;
}

// --- by address ---

namespace {

struct Range {
  Ip begin, end;
  Module* module;
};

// An immutable sorted array; every change makes a new one.
struct RangeTable {
  std::vector<Range> ranges;
};
// Read by everybody under an epoch guard (acquire).
std::atomic<const RangeTable*> range_table{nullptr};
// Held to change it: each realm loads code under a lock of its own.
Mutex<LockRank::code_memory>& range_mutex() {
  static auto* mutex = new Mutex<LockRank::code_memory>;
  return *mutex;
}

template <class Change>
void change_ranges(Change change) {
  Lock lock(range_mutex());
  const RangeTable* old = range_table.load(std::memory_order_acquire);
  auto* table = old ? new RangeTable(*old) : new RangeTable;
  change(table->ranges);
  range_table.store(table, std::memory_order_release);
  if (old) epoch::retire(const_cast<RangeTable*>(old));
}

}  // namespace

Module* module_of(Ip ip) {
  const RangeTable* table = range_table.load(std::memory_order_acquire);
  if (!table) return nullptr;
  auto above = std::upper_bound(table->ranges.begin(), table->ranges.end(), ip,
                                [](Ip at, const Range& range) { return at < range.begin; });
  if (above == table->ranges.begin() || ip >= (above - 1)->end) return nullptr;
  return (above - 1)->module;
}

bool find_code(Ip ip, CodePlace& place) {
  Module* module = module_of(ip);
  if (!module) return false;
  const EmittedFunction* function = module->function_of(ip);
  if (!function) return false;
  auto line = module->line_of(ip).value_or(LineInfo{});
  place = {module->name, function->name, function->arity, line.file, line.line};
  return true;
}

void (*code_registered)(Module& module) = nullptr;

void register_code(Module& module) {
  if (code_registered != nullptr) code_registered(module);
  Range range{module.begin(), module.end(), &module};
  change_ranges([&](std::vector<Range>& ranges) {
    auto place = std::upper_bound(ranges.begin(), ranges.end(), range.begin, [](Ip at, const Range& other) { return at < other.begin; });
    ranges.insert(place, range);
  });
}

void unregister_code(Module& module) {
  change_ranges([&](std::vector<Range>& ranges) { std::erase_if(ranges, [&](const Range& range) { return range.module == &module; }); });
}

}  // namespace hanse
