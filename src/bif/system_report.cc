#include "bif/system_report.h"

#include <memory>

#include "process/machine.h"
#include "process/scheduling_block.h"
#include "term/build.h"

namespace hanse {

namespace {

std::string (*write_report)(SystemReport) = nullptr;

// The caller has blocked the schedulers and waits until it is alone.
class Blocking final : public ResumeState {};

}  // namespace

void set_system_report_writer(std::string (*writer)(SystemReport)) { write_report = writer; }

Result system_report(Call& call) {
  if (call.process.machine.guest() != nullptr || write_report == nullptr) return raise_badarg(call);
  Term wanted = call.args[0];
  if (wanted != am::procs) {
    SystemReport report = wanted == am::info ? SystemReport::info : wanted == am::loaded ? SystemReport::loaded : SystemReport::dist;
    return make_binary(call.arena(), write_report(report));
  }
  // Stacks, messages and dictionaries of others can be read while nobody else runs.
  if (!call.process.resume) {
    block_scheduling(call.process, BlockKind::all);
    call.process.resume = std::make_unique<Blocking>();
  }
  if (!scheduling_block_holds()) return Result::yield();
  call.process.resume.reset();
  std::string text = write_report(SystemReport::procs);
  unblock_scheduling(call.process, BlockKind::all);
  call.charge(text.size() / 64);
  return make_binary(call.arena(), text);
}

}  // namespace hanse
