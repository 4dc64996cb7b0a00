#include "bif/process_reply.h"

#include "process/process_table.h"
#include "process/signals.h"
#include "process/wall.h"

namespace hanse {

namespace {

class ReplyState final : public ResumeState {
 public:
  static constexpr char kind_tag = 0;
  const void* kind() const override { return &kind_tag; }
  uint64_t serial = 0;
  bool done = false;
  StoredTerm reply;
};

struct ReplySignal final : ControlSignal {
  uint64_t serial = 0;
  StoredTerm reply;
  void deliver(Process& receiver) override {
    if (receiver.resume && receiver.resume->kind() == &ReplyState::kind_tag) {
      auto& state = static_cast<ReplyState&>(*receiver.resume);
      if (state.serial == serial) {
        state.reply = std::move(reply);
        state.done = true;
        receiver.activated = true;
      }
    }
    delete this;
  }
  void undeliverable() override { delete this; }
};

}  // namespace

std::optional<Result> take_reply(Call& call) {
  Process& process = call.process;
  if (!process.resume || process.resume->kind() != &ReplyState::kind_tag) return std::nullopt;
  auto& state = static_cast<ReplyState&>(*process.resume);
  if (!state.done && !process.inbox.empty()) process.handle_signals();
  if (!state.done) return Result::wait();
  if (Fragment* fragment = state.reply.take_fragment()) process.heap.attach(fragment);
  Term reply = state.reply.term();
  process.resume.reset();
  return Result(reply);
}

uint64_t expect_reply(Call& call) {
  static std::atomic<uint64_t> last{0};
  auto state = std::make_unique<ReplyState>();
  state->serial = last.fetch_add(1, std::memory_order_relaxed) + 1;
  uint64_t serial = state->serial;
  call.process.resume = std::move(state);
  return serial;
}

void send_reply(Term caller, uint64_t serial, StoredTerm reply) {
  auto* signal = new ReplySignal;
  signal->serial = serial;
  epoch::Guard guard;
  Process* receiver = find_process(caller);
  if (receiver && reply.term().is_pointer() && crosses_wall(*receiver)) {
    FragmentArena arena(16);
    Term copied = copy_across(arena, receiver->machine, reply.term());
    reply = StoredTerm(copied, arena.take());
  }
  signal->reply = std::move(reply);
  deliver_signal(caller, signal);
}

}  // namespace hanse
