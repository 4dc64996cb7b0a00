// Frames from a stranger. Input: a byte that chooses the agreed flags, then frames, each after two bytes of length. Local
// pids of small numbers are those of one process that takes messages, links and monitors.
#include "base/fuzz_target.h"
#include "dist/connection.h"
#include "dist/protocol.h"
#include "process/scheduler.h"
#include "process/spawn.h"
#include "process/test_process.h"

namespace hanse::dist {

namespace {

struct World {
  World() {
    set_host_machine(test_machine());
    test_machine().process_limit = 0;  // nobody runs processes here
    receiver = new TestProcess;
    receiver->process().trap_exit = true;
    set_system_logger(receiver->pid());
    host_machine().registry.add(make_atom("init"), receiver->pid());
  }
  void drain() {
    Process& process = receiver->process();
    process.handle_signals();
    process.pending_exit = Term::none();
    process.mailbox.rewind();
    while (process.mailbox.length() > 0) {
      Message* message = process.mailbox.remove();
      message->undeliverable();
    }
    process.relations.clear();
    collect_process(process, CollectionKind::full);
  }
  TestProcess* receiver;
};

World& world() {
  static World& instance = *new World;
  return instance;
}

constexpr uint64_t flag_sets[] = {flag::supported, flag::supported & ~flag::header_atom_cache, flag::mandatory};

}  // namespace
}  // namespace hanse::dist

FUZZ_TARGET(receiver) {
  using namespace hanse;
  using namespace hanse::dist;
  if (size < 1) return 0;
  World& all = world();
  static Term name = make_atom("a@b");
  bool is_new;
  Ref<Connection> connection = RemoteNode::of(name).connection_or_pending(is_new);
  CHECK(connection->go_up(flag_sets[data[0] % 3], 7, all.receiver->pid()));
  for (size_t at = 1; at + 2 <= size;) {
    size_t length = std::min<size_t>(load_be16(data + at), size - at - 2);
    at += 2;
    if (!connection->input({data + at, length})) break;
    at += length;
  }
  std::vector<Connection::Piece> frame;
  while (connection->take_frame(frame)) continue;
  connection->end(am::normal);
  all.drain();
  epoch::collect();
  return 0;
}
