// Loading code: prepared code, on_load, deletion; what OTP's code server and init ask for.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/bits.h"
#include "bif/tables.h"
#include "bif/text_list.h"
#include "code/beam_container.h"
#include "code/loader.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/timer_service.h"
#include "process/spawn.h"

namespace hanse {

namespace {

// What erlang:prepare_loading/2 hands out. The module is taken out when it is installed.
struct PreparedCode {
  std::unique_ptr<Module> module;
};

PreparedCode* prepared_code(Term term) {
  if (!term.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  return Magic<PreparedCode>::get(term.as<MagicReference>()->off_heap.value);
}

ModuleTable& modules_of(Call& call) { return call.process.machine.realm.modules(); }

void log_error(Call& call, const std::string& text) {
  FragmentArena arena(text.size() * 2 + 16);
  Term arguments[] = {list_of_utf8(arena, text)};
  log_to_logger(am::error, "~ts~n", make_list(arena, arguments), &call.process);
}

// The bytes of a binary that may begin inside of a byte; `copy` keeps them if they had to be moved.
Bytes whole_bytes(Term binary, std::vector<uint8_t>& copy) {
  BitView view = bit_view(binary);
  if (view.is_aligned()) return view.span();
  copy.resize(view.byte_size());
  copy_bits(copy.data(), 0, view.base, view.bit_offset, view.bit_size);
  return copy;
}

}  // namespace

// erts_internal:prepare_loading/2. Arguments: module, binary. A reference, or {error, badfile} and a log message.
static Result erts_internal_prepare_loading_2(Call& call) {
  Term name = call.args[0], binary = call.args[1];
  if (!name.is_atom() || !binary.is_binary()) return raise_badarg(call);
  std::vector<uint8_t> copy;
  Bytes file = whole_bytes(binary, copy);
  call.charge(file.size() / 64);
  Machine& machine = call.process.machine;
  auto module = is_gzip(file) ? std::unexpected(BeamError{"", 0, "the file is compressed"})
                              : prepare_module(machine.realm, machine.account, name, file);
  if (!module) {
    log_error(call, fmt::format("Error loading module {}:\n  {}\n", atom_name(name), module.error().message()));
    return make_tuple(call.arena(), am::error, am::badfile);
  }
  return make_magic_reference(call.arena(), Magic<PreparedCode>::create(std::move(*module)));
}

// erlang:has_prepared_code_on_load/1. Argument: prepared code.
static Result erlang_has_prepared_code_on_load_1(Call& call) {
  PreparedCode* prepared = prepared_code(call.args[0]);
  if (!prepared) return raise_badarg(call);
  return boolean(prepared->module && prepared->module->has_on_load());
}

// Before code that others run is replaced they get a turn: as in stock, who has been spawned to run it has begun to.
class Pause final : public ResumeState {
 public:
  explicit Pause(Process& process) : process_(process) { set_receive_timeout(process, 1); }
  ~Pause() override { cancel_receive_timeout(process_); }
  static constexpr char kind_tag = 0;
  const void* kind() const override { return &kind_tag; }

 private:
  Process& process_;
};
// True: the caller returns wait(), and is called again. replaces: whether there is such code; meanwhile it may have gone.
static bool pauses(Call& call, bool replaces) {
  auto& resume = call.process.resume;
  if (resume != nullptr && resume->kind() == &Pause::kind_tag) {
    resume.reset();
    return false;
  }
  if (!replaces) return false;
  resume = std::make_unique<Pause>(call.process);
  return true;
}

// erlang:finish_loading/1. Argument: list of prepared code. ok, or {Reason, Modules} and nothing is loaded; of on_load, the
// one module is loaded but not visible yet.
static Result erlang_finish_loading_1(Call& call) {
  std::vector<std::unique_ptr<Module>*> modules;
  Term list = call.args[0];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    PreparedCode* prepared = prepared_code(list.as_cons()->head);
    if (!prepared || !prepared->module) return raise_badarg(call);
    modules.push_back(&prepared->module);
  }
  if (!list.is_nil()) return raise_badarg(call);
  bool replaces = std::any_of(modules.begin(), modules.end(), [&](auto* module) { return modules_of(call).current((*module)->name) != nullptr; });
  if (pauses(call, replaces)) return Result::wait();
  call.charge(modules.size() * 10);
  auto result = modules_of(call).install(modules);
  Term names = make_list(call.arena(), result.names);
  switch (result.outcome) {
    case ModuleTable::Install::ok: return am::ok;
    case ModuleTable::Install::too_many_on_load: return raise_system_limit(call);
    case ModuleTable::Install::duplicated: return make_tuple(call.arena(), am::duplicated, names);
    case ModuleTable::Install::not_purged: return make_tuple(call.arena(), am::not_purged, names);
    case ModuleTable::Install::on_load: return make_tuple(call.arena(), am::on_load, names);
  }
  return raise_badarg(call);
}

// erlang:call_on_load_function/1. Argument: a module that waits for it. Returns what the function returns.
static Result erlang_call_on_load_function_1(Call& call) {
  Export* function = call.args[0].is_atom() ? modules_of(call).pending_on_load(call.args[0]) : nullptr;
  if (!function) return raise_badarg(call);
  call.process.trap_target = function;
  return Result::trap();
}

// erlang:finish_after_on_load/2. Arguments: module, whether its on_load function returned ok.
static Result erlang_finish_after_on_load_2(Call& call) {
  Term name = call.args[0], accept = call.args[1];
  if (!name.is_atom() || (accept != am::true_ && accept != am::false_)) return raise_badarg(call);
  if (!modules_of(call).finish_on_load(name, accept == am::true_)) return raise_badarg(call);
  return am::true_;
}

// erlang:delete_module/1. Argument: module. true, undefined if it is not loaded; badarg if old code is there still.
static Result erlang_delete_module_1(Call& call) {
  Term name = call.args[0];
  if (!name.is_atom()) return raise_badarg(call);
  if (pauses(call, modules_of(call).current(name) != nullptr)) return Result::wait();
  switch (modules_of(call).remove(name)) {
    case ModuleTable::Delete::deleted: return am::true_;
    case ModuleTable::Delete::not_loaded: return am::undefined;
    case ModuleTable::Delete::must_be_purged: break;
  }
  log_error(call, fmt::format("Module {} must be purged before deleting\n", atom_name(name)));
  return raise_badarg(call);
}

// erts_internal:beamfile_chunk/2. Arguments: binary, four characters. The chunk, or undefined.
static Result erts_internal_beamfile_chunk_2(Call& call) {
  Term binary = call.args[0], list = call.args[1];
  std::string name;
  for (; list.is_cons() && name.size() < 4; list = list.as_cons()->tail) {
    Term character = list.as_cons()->head;
    if (!character.is_small() || character.as_small() < 0 || character.as_small() > 255) return raise_badarg(call);
    name += static_cast<char>(character.as_small());
  }
  if (!binary.is_binary() || !list.is_nil() || name.size() != 4) return raise_badarg(call);
  std::vector<uint8_t> copy;
  Bytes file = whole_bytes(binary, copy);
  auto container = BeamContainer::parse(file);
  auto chunk = container ? container->find(name) : std::nullopt;
  if (!chunk) return am::undefined;
  size_t offset = static_cast<size_t>(chunk->data() - file.data());
  return make_sub_binary(call.arena(), binary, offset * 8, chunk->size() * 8);
}

// erts_internal:beamfile_module_md5/1. Argument: binary. 16 bytes, or undefined.
static Result erts_internal_beamfile_module_md5_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  std::vector<uint8_t> copy;
  Bytes file = whole_bytes(call.args[0], copy);
  call.charge(file.size() / 1024);
  auto container = BeamContainer::parse(file);
  auto digest = container ? container->md5() : std::nullopt;
  if (!digest) return am::undefined;
  return make_binary(call.arena(), std::span<const uint8_t>(*digest));
}

static constexpr BifRow rows[] = {
    {"erlang", "call_on_load_function", 1, erlang_call_on_load_function_1, BifKind::plain, Authority::host},
    {"erlang", "delete_module", 1, erlang_delete_module_1, BifKind::plain, Authority::host},
    {"erlang", "finish_after_on_load", 2, erlang_finish_after_on_load_2, BifKind::plain, Authority::host},
    {"erlang", "finish_loading", 1, erlang_finish_loading_1, BifKind::plain, Authority::host},
    {"erlang", "has_prepared_code_on_load", 1, erlang_has_prepared_code_on_load_1, BifKind::plain, Authority::pure},
    {"erts_internal", "beamfile_chunk", 2, erts_internal_beamfile_chunk_2, BifKind::plain, Authority::pure},
    {"erts_internal", "beamfile_module_md5", 1, erts_internal_beamfile_module_md5_1, BifKind::plain, Authority::pure},
    {"erts_internal", "prepare_loading", 2, erts_internal_prepare_loading_2, BifKind::plain, Authority::host},
};
const BifTable code_load_bifs = rows;

}  // namespace hanse
