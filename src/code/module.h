// One loaded instance of a module's code. Immutable once it is installed. The realm owns it: it goes when its code has been
// purged, behind an epoch. Reading: any thread that holds an epoch guard.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "code/breakpoint.h"
#include "code/code_block.h"
#include "code/emitter.h"
#include "code/native_code.h"
#include "code/native_function.h"
#include "heap/account.h"

namespace hanse {

struct ModuleExport {
  Export* target;
  Ip entry;
};
struct ModuleLambda {
  FunEntry* entry;
  Ip code;
  Term function;
};

// Where an instruction is, for stack traces.
struct CodePlace {
  Term module, function;
  uint32_t arity = 0;
  std::string_view file;  // UTF-8; valid as long as the module
  uint32_t line = 0;      // 0: not known
};
struct LineInfo {
  std::string_view file;
  uint32_t line = 0;
};

class Module {
 public:
  // Takes over literals and code. Exports and fun entries come into being in `realm`; nothing points at the code yet.
  Module(GenericModule& generic, EmittedCode&& code, Realm& realm, Account& account);
  ~Module();
  // Its account knows it no longer. Whoever retires a module says so first: the thread that frees it may do so after the account has gone.
  void discharge();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const Term name;
  Ip begin() const { return words_.data(); }
  Ip end() const { return words_.data() + words_.size(); }
  bool contains(Ip ip) const { return ip >= begin() && ip < end(); }
  size_t code_bytes() const { return words_.size() * sizeof(uint32_t); }

  // In the order of the code.
  std::span<const EmittedFunction> functions() const { return functions_; }
  // In the order of the export table.
  std::span<const ModuleExport> exports() const { return exports_; }
  std::span<const ModuleLambda> lambdas() const { return lambdas_; }
  // The export, or nullptr.
  const ModuleExport* find_export(Term function, uint32_t arity) const;

  // nullptr: between functions.
  const EmittedFunction* function_of(Ip ip) const;
  // The place in the source of an instruction. Of a return address, ask for the word before it.
  std::optional<LineInfo> line_of(Ip ip) const;

  Term attributes() const { return attributes_; }
  Term compile_info() const { return compile_info_; }
  std::span<const uint8_t, 16> md5() const { return md5_; }
  bool has_on_load() const { return on_load_ != nullptr; }
  // A call of it runs the on_load function; nullptr if there is none.
  Export* on_load() const { return on_load_.get(); }
  // --- native functions; changed under LockRank::code_load ---
  std::deque<NativeFunction>& natives() { return natives_; }
  // The library whose functions stand in for some of the module's, nullptr: none. It goes with the module.
  const std::shared_ptr<void>& native_library() const { return native_library_; }
  void set_native_library(std::shared_ptr<void> library) { native_library_ = std::move(library); }

  LiteralArea* literal_area() const { return literal_area_.get(); }
  // The literals outlive the code: the caller hands them to the literal area collector.
  LiteralArea* release_literal_area() { return literal_area_.release(); }
  // --- breakpoints; changed under LockRank::code_load ---
  // Of the function with that index in functions(), or nullptr.
  Breakpoint* breakpoint(size_t function) const;
  // Of the function whose entry is at `entry`.
  Breakpoint* breakpoint_at(Ip entry) const;
  void add_breakpoint(size_t function, std::unique_ptr<Breakpoint> breakpoint);
  // Replaces the function's entry word by `word`, or puts the original one back.
  void set_breakpoint_word(size_t function, uint32_t word);
  void clear_breakpoint_word(size_t function);

  // --- machine code; any thread ---
  const InstructionStarts& starts() const { return starts_; }
  // Where jumps and calls may lead.
  const InstructionStarts& labels() const { return labels_; }
  bool is_low() const { return words_.is_low(); }
  // Counts the times that a slice ended in the module; its number.
  uint32_t count_slice() { return slices_.fetch_add(1, std::memory_order_relaxed) + 1; }
  // Words that still are `from` become `to`: a place where a breakpoint came first keeps it.
  void replace_word(uint32_t offset, uint32_t from, uint32_t to);
  // Takes over the code that words lead into now. At most once.
  void set_native_code(std::unique_ptr<NativeCode> code) { native_code_.store(code.release(), std::memory_order_release); }
  // The word that names the instruction's handler, whatever stands in its place now.
  uint32_t original_word(Ip ip) const;

  const uint64_t generation;  // grows with every instance that was made on this node

 private:
  Account* account_;  // nullptr: discharged
  CodeBlock words_;
  InstructionStarts starts_, labels_;
  std::atomic<uint32_t> slices_{0};
  std::atomic<NativeCode*> native_code_{nullptr};
  std::vector<EmittedFunction> functions_;
  std::deque<NativeFunction> natives_;
  std::shared_ptr<void> native_library_;
  std::vector<EmittedLine> lines_;
  std::vector<GenericLine> line_table_;
  std::vector<std::string> line_files_;
  std::vector<ModuleExport> exports_;
  std::vector<ModuleLambda> lambdas_;
  std::unique_ptr<LiteralArea> literal_area_;
  Term attributes_, compile_info_;
  uint8_t md5_[16];
  std::unique_ptr<Export> on_load_;
  // One for each function, or none at all.
  std::unique_ptr<std::atomic<Breakpoint*>[]> breakpoints_;
  size_t literal_bytes_ = 0;
};

// --- the code of the whole node by address ---

// Lookups take no lock; the caller holds an epoch guard for as long as it uses the result.
Module* module_of(Ip ip);
// False if no function is there.
bool find_code(Ip ip, CodePlace& place);
// Called by the realms, under LockRank::code_load.
void register_code(Module& module);
// Told of each module before its code can run; nullptr: nobody wants to know.
extern void (*code_registered)(Module& module);
void unregister_code(Module& module);

}  // namespace hanse
