#include "nif/library.h"

#include <dlfcn.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bif/text_list.h"
#include "bif/tables.h"
#include "code/module_table.h"
#include "code/native_library.h"
#include "code/stub.h"
#include "nif/resource_type.h"
#include "process/dirty_window.h"
#include "process/machine.h"
#include "process/scheduler.h"
#include "term/text.h"

namespace hanse::nif {

// The call that was made, while a library goes on with other functions: exceptions come from it.
struct FirstCall final : ResumeState {
  static constexpr char kind_tag = 0;
  const void* kind() const override { return &kind_tag; }
  void visit_roots(RootVisitor& visitor) override { visitor.visit(arguments); }
  const BifRow* row = nullptr;
  std::vector<Term> arguments;
};

static FirstCall* first_call(Process& process) {
  return process.resume && process.resume->kind() == &FirstCall::kind_tag ? static_cast<FirstCall*>(process.resume.get()) : nullptr;
}

static Result raise_from_first(Call& call, Term reason) {
  FirstCall* first = first_call(call.process);
  if (first == nullptr) return raise_error(call, reason);
  std::unique_ptr<ResumeState> kept = std::move(call.process.resume);
  Call original{call.process, first->arguments.data(), first->row};
  return raise_error(original, reason);
}

// How the call goes on after the function has answered.
static Result finish(Call& call, const enif_environment_t& env, ERL_NIF_TERM value) {
  if (!env.raised.is_none()) return raise_from_first(call, env.raised);
  if (env.scheduled != nullptr) {
    if (first_call(call.process) == nullptr) {
      auto first = std::make_unique<FirstCall>();
      first->row = call.row;
      first->arguments.assign(call.args, call.args + call.row->arity);
      call.process.resume = std::move(first);
    }
    std::copy(env.scheduled_arguments.begin(), env.scheduled_arguments.end(), call.args);
    call.process.trap_target = env.scheduled;
    return Result::trap();
  }
  bool is_term = (value & 7) != 0;  // see Result
  if (!is_term) return raise_from_first(call, am::badarg);
  if (first_call(call.process) != nullptr) call.process.resume.reset();
  return term(value);
}

// On a thread of a dirty pool. The process may be asked, and may exit, while the function runs.
static Result call_on_dirty_thread(Call& call, const NativeRow& row) {
  Ref<Library> library(&row.owner);
  enif_environment_t env(call, &row.owner, enif_environment_t::Dirty::call);
  ERL_NIF_TERM value;
  {
    DirtyWindow window(call, DirtyWindow::Terms::stay);
    value = row.native(&env, row.arity, reinterpret_cast<const ERL_NIF_TERM*>(call.args));
  }
  if (has_exited(call.process)) return Result::yield();
  call.process.heap.attach(env.own->take());
  return finish(call, env, value);
}

static Result call_native(Call& call) {
  const auto& row = static_cast<const NativeRow&>(*call.row);
  if (SchedulerThread* thread = this_scheduler_thread(); thread != nullptr && thread->is_dirty) return call_on_dirty_thread(call, row);
  enif_environment_t env(call, &row.owner);
  ERL_NIF_TERM value = row.native(&env, row.arity, reinterpret_cast<const ERL_NIF_TERM*>(call.args));
  return finish(call, env, value);
}

NativeRow::NativeRow(std::string module, std::string name, uint8_t count, NativeCall does, BifKind how, Library& of)
    : RowNames{std::move(module), std::move(name)},
      BifRow(module_name.c_str(), function_name.c_str(), count, call_native, how, Authority::pure),
      native(does),
      owner(of) {}

bool are_known_flags(unsigned flags) {
  return flags == 0 || flags == ERL_NIF_DIRTY_JOB_CPU_BOUND || flags == ERL_NIF_DIRTY_JOB_IO_BOUND;
}

static BifKind kind_of(unsigned flags) {
  if (flags == ERL_NIF_DIRTY_JOB_CPU_BOUND) return BifKind::dirty_cpu;
  return flags == ERL_NIF_DIRTY_JOB_IO_BOUND ? BifKind::dirty_io : BifKind::plain;
}

Export* Library::function(const std::string& name, unsigned arity, NativeCall native, unsigned flags) {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < rows_.size(); i++) {
    const NativeRow& row = rows_[i];
    if (row.native == native && row.arity == arity && row.kind == kind_of(flags) && row.function_name == name) return &exports_[i];
  }
  Term atom = make_atom(name);
  if (atom.is_none()) return nullptr;
  NativeRow& row = rows_.emplace_back(std::string(atom_name(module_)), name, static_cast<uint8_t>(arity), native, kind_of(flags), *this);
  Export& target = exports_.emplace_back(module_, atom, arity);
  lead_to(target, row);
  return &target;
}

bool Library::contains(Ip ip) {
  std::lock_guard lock(mutex_);
  return std::ranges::any_of(exports_, [ip](const Export& each) {
    return each.entry.load(std::memory_order_relaxed) == ip || (ip >= std::begin(each.stub) && ip < std::end(each.stub));
  });
}

void Library::close() {
  if (is_loaded && entry_.unload != nullptr) {
    enif_environment_t env(this);
    entry_.unload(&env, private_data);
  }
  dlclose(file_);
}

namespace {

// The module's hold of its library.
class LibraryOfModule final : public NativeLibrary {
 public:
  explicit LibraryOfModule(Ref<Library> held) : library(std::move(held)) {}
  ~LibraryOfModule() override { leave_types_of(*library); }
  bool contains(Ip ip) const override { return library->contains(ip); }
  const Ref<Library> library;
};

Result failed(Call& call, Term kind, const std::string& text) {
  Term reason = make_tuple(call.arena(), kind, list_of_utf8(call.arena(), text));
  return make_tuple(call.arena(), am::error, reason);
}

// nullptr: `kind` and `problem` say why.
Ref<Library> open_library(const std::string& path, Term module, Term& kind, std::string& problem) {
  kind = am::load_failed;
  void* file = dlopen(path.c_str(), RTLD_NOW);
  if (file == nullptr) {
    const char* why = dlerror();
    problem = fmt::format("Failed to load NIF library: '{}'", why ? why : path);
    return nullptr;
  }
  auto describe = reinterpret_cast<ErlNifEntry* (*)()>(dlsym(file, "nif_init"));
  if (const ErlNifEntry* entry = describe ? describe() : nullptr) return Ref<Library>::adopt(new Library(module, *entry, file));
  dlclose(file);
  kind = am::bad_lib;
  problem = "Failed to find library init function: 'nif_init'";
  return nullptr;
}

// Empty: it is for this module and this interface.
std::string refusal(const ErlNifEntry& entry, Module& module) {
  if (entry.major != ERL_NIF_MAJOR_VERSION || entry.minor > ERL_NIF_MINOR_VERSION)
    return fmt::format("Library version ({}.{}) not compatible (with {}.{}).", entry.major, entry.minor, ERL_NIF_MAJOR_VERSION, ERL_NIF_MINOR_VERSION);
  if (entry.minor >= 1 && entry.vm_variant != nullptr && std::string_view(entry.vm_variant) != ERL_NIF_VM_VARIANT)
    return fmt::format("Library ({}) not compiled for this vm variant ({}).", entry.vm_variant, ERL_NIF_VM_VARIANT);
  if (make_atom(entry.name) != module.name)
    return fmt::format("Library module name '{}' does not match calling module '{}'", entry.name, atom_name(module.name));
  return "";
}

NativeFunction* find_native(Module& module, const char* name, unsigned arity) {
  for (NativeFunction& function : module.natives())
    if (function.arity == arity && atom_name(function.name) == name) return &function;
  return nullptr;
}

// The library's table. Those built for a version below 2.7 have no flags.
std::vector<ErlNifFunc> functions_of(const ErlNifEntry& entry) {
  struct WithoutFlags {
    const char* name;
    unsigned arity;
    NativeCall native;
  };
  std::vector<ErlNifFunc> functions;
  for (int i = 0; i < entry.num_of_funcs; i++) {
    if (entry.minor >= 7) {
      functions.push_back(entry.funcs[i]);
    } else {
      const WithoutFlags& old = reinterpret_cast<const WithoutFlags*>(entry.funcs)[i];
      functions.push_back({old.name, old.arity, old.native, 0});
    }
  }
  return functions;
}

bool is_in_code(const Module& module, const ErlNifFunc& function) {
  return std::ranges::any_of(module.functions(), [&](const EmittedFunction& each) {
    return each.arity == function.arity && atom_name(each.name) == function.name;
  });
}

// Empty: every function of the library has its place.
std::string wrong_function(std::span<const ErlNifFunc> functions, Module& module) {
  std::set<NativeFunction*> found;
  for (const ErlNifFunc& function : functions) {
    std::string name = fmt::format("{}:{}/{}", atom_name(module.name), function.name, function.arity);
    NativeFunction* place = function.arity <= 255 ? find_native(module, function.name, function.arity) : nullptr;
    if (place == nullptr) return (is_in_code(module, function) ? "Function not declared as nif " : "Function not found ") + name;
    if (!are_known_flags(function.flags)) return fmt::format("Illegal flags field value {} for NIF {}", function.flags, name);
    if (!found.insert(place).second) return "Duplicate NIF entry for " + name;
  }
  return "";
}

// Lets the library's own function decide. Empty: it has said yes.
std::string start_library(Call& call, Library& library, Library* old, Term information) {
  const ErlNifEntry& entry = library.entry();
  Call load_call{call.process, call.args, call.row};
  enif_environment_t env(load_call, &library);
  TypesBeingOpened opened;
  int answer = 0;
  if (old != nullptr) {
    if (entry.upgrade == nullptr) return "Upgrade not supported by this NIF library.";
    answer = entry.upgrade(&env, &library.private_data, &old->private_data, word(information));
    if (answer != 0) return fmt::format("Library upgrade-call unsuccessful ({}).", answer);
  } else if (entry.load != nullptr) {
    answer = entry.load(&env, &library.private_data, word(information));
    if (answer != 0) return fmt::format("Library load-call unsuccessful ({}).", answer);
  }
  opened.commit();
  library.is_loaded = true;
  return "";
}

// erlang:load_nif/2. Arguments: path without extension, what the library's load function is given. The libraries of OTP's preloaded
// modules are part of the emulator: their functions are in place already.
Result erlang_load_nif_2(Call& call) {
  static constexpr std::string_view built_in[] = {"zlib", "erl_tracer", "prim_buffer", "prim_file", "prim_socket", "prim_net", "net"};
  auto path = call.args[0].is_atom() ? std::nullopt : native_name(call.args[0]);
  if (!path) return raise_badarg(call);
  for (std::string_view name : built_in)
    if (*path == name) return am::ok;
  Module* module = module_of(call.process.ip);
  if (module == nullptr) return failed(call, am::notsup, "load_nif is called from no module's code");
  ModuleTable& table = call.process.machine.realm.modules();
  if (table.old(module->name) == module)
    return failed(call, am::old_code, fmt::format("Calling load_nif from old module '{}' not allowed", atom_name(module->name)));
  if (module->native_library()) return failed(call, am::reload, "NIF library already loaded (reload disallowed since OTP 20).");
  Term kind;
  std::string problem;
  Ref<Library> library = open_library(*path + ".so", module->name, kind, problem);
  if (!library) return failed(call, kind, problem);
  std::vector<ErlNifFunc> functions = functions_of(library->entry());
  if (problem = refusal(library->entry(), *module); problem.empty()) problem = wrong_function(functions, *module);
  if (!problem.empty()) return failed(call, am::bad_lib, problem);
  // The code before may still be there with a library of its own, whose data is handed over.
  Module* before = table.old(module->name);
  if (Module* current = table.current(module->name); current != nullptr && current != module) before = current;
  std::shared_ptr<void> held = before != nullptr ? before->native_library() : nullptr;
  auto* old = held ? static_cast<LibraryOfModule*>(static_cast<NativeLibrary*>(held.get()))->library.get() : nullptr;
  if (problem = start_library(call, *library, old, call.args[1]); !problem.empty()) return failed(call, old ? am::upgrade : am::load, problem);
  for (const ErlNifFunc& function : functions) {
    Export* target = library->function(function.name, function.arity, function.fptr, function.flags);
    if (target != nullptr) find_native(*module, function.name, function.arity)->replacement.store(target, std::memory_order_release);
  }
  module->set_native_library(std::shared_ptr<NativeLibrary>(std::make_shared<LibraryOfModule>(std::move(library))));
  add_tainted_module(module->name);
  return am::ok;
}

constexpr BifRow rows[] = {
    {"erlang", "load_nif", 2, erlang_load_nif_2, BifKind::plain, Authority::host},
};

}  // namespace
}  // namespace hanse::nif

namespace hanse {
const BifTable nif_bifs = nif::rows;
}
