// A socket of OTP's `socket` module. Guests hold it as a magic reference; whoever has the reference may use it, but it closes
// when its owner dies. Operations never block: one that would answers `select`, and the caller is told by message when to
// try again. A message may come too early; the caller then gets `select` once more.
//
// The mutex guards everything below it. It is held during system calls on the descriptor, so that a descriptor is never
// closed under an operation; none of these calls blocks.
#pragma once

#include <deque>
#include <vector>

#include "io/poller.h"
#include "io/prim_socket_address.h"
#include "process/call.h"
#include "process/spawn.h"
#include "process/stored_term.h"
#include "term/reference.h"

namespace hanse {

// Messages that are delivered at the end of the scope, after the socket's mutex is free again: a message that nobody takes
// may hold the last reference to the socket.
class SocketMessages {
 public:
  SocketMessages() = default;
  SocketMessages(const SocketMessages&) = delete;
  SocketMessages& operator=(const SocketMessages&) = delete;
  ~SocketMessages();
  void add(Term to, Term message, Fragment* fragments) { messages_.push_back({to, message, fragments}); }

 private:
  struct Outgoing {
    Term to, message;
    Fragment* fragments;
  };
  std::vector<Outgoing> messages_;
};

enum class SocketSide : uint8_t { reading, writing };

struct SocketCounters {
  uint64_t packets = 0, largest_packet = 0, bytes = 0, tries = 0, waits = 0, fails = 0;
  void count(size_t size) {
    packets++;
    bytes += size;
    if (size > largest_packet) largest_packet = size;
  }
};

class Socket final : public RefCounted<Socket>, public PollTarget {
 public:
  // Takes over the descriptor. The first reference belongs to the magic binary that create() makes the term of.
  static Term create(Call& call, int descriptor, int domain, int type, int protocol, int from_descriptor);
  static void destroy(Socket* socket) { delete socket; }

  Mutex<LockRank::port> mutex;
  int descriptor GUARDED_BY(mutex) = -1;  // -1: closed
  int domain = 0, type = 0, protocol = 0;
  int from_descriptor = -1;  // what socket:open/1 was given
  Term owner GUARDED_BY(mutex) = Term::none();
  bool listening GUARDED_BY(mutex) = false;
  Term connector GUARDED_BY(mutex) = Term::none();  // the process that connects, until it has been told how that ended
  bool debug GUARDED_BY(mutex) = false;
  bool counter_wraps GUARDED_BY(mutex) = false;  // option {otp, iow}
  size_t receive_buffer GUARDED_BY(mutex) = 8192;
  // Of buffers that socket:recv/2 fills before it returns, and how many it has filled; 0: one.
  size_t receive_count GUARDED_BY(mutex) = 0, filled_buffers GUARDED_BY(mutex) = 0;
  size_t receive_control GUARDED_BY(mutex) = 1024, send_control GUARDED_BY(mutex) = 1024;
  StoredTerm meta GUARDED_BY(mutex);
  SocketCounters read_counters GUARDED_BY(mutex), write_counters GUARDED_BY(mutex);
  uint64_t accepts GUARDED_BY(mutex) = 0, accept_tries GUARDED_BY(mutex) = 0, accept_waits GUARDED_BY(mutex) = 0,
                                       accept_fails GUARDED_BY(mutex) = 0;
  int sendfile_descriptor GUARDED_BY(mutex) = -1;

  // The process waits for its turn: it gets {'$socket', Socket, select, Handle}. A process waits once per side.
  void wait(SocketSide side, Term process, Term handle) REQUIRES_LOCK(mutex);
  // The process has done what it waited for.
  void done(SocketSide side, Term process) REQUIRES_LOCK(mutex);
  size_t waiting(SocketSide side) REQUIRES_LOCK(mutex) { return queues_[static_cast<size_t>(side)].waiters.size(); }
  // ok: was still waiting; select_sent: has been told; not_found.
  Term cancel(SocketSide side, Term handle) REQUIRES_LOCK(mutex);
  // Everybody who waits gets {'$socket', Socket, abort, {Handle, closed}}; the descriptor is closed.
  void close(Term closer, SocketMessages& messages) REQUIRES_LOCK(mutex);
  // {'$socket', Reference}; none() once no guest holds the socket any more.
  Term term(Arena& arena) REQUIRES_LOCK(mutex);
  void change_owner(Term new_owner) REQUIRES_LOCK(mutex);

  void descriptor_ready(uint32_t role, uint32_t events) override;
  void deadline_passed(uint64_t) override {}
  void retain_target() override { retain(); }
  void release_target() override { release(); }

 private:
  friend struct SocketHandle;
  struct Waiter {
    Term process;
    StoredTerm handle;
  };
  struct Queue {
    std::deque<Waiter> waiters;
    std::deque<Waiter> notified;
  };
  void update_interest() REQUIRES_LOCK(mutex);
  void notify(Queue& queue, SocketMessages& messages) REQUIRES_LOCK(mutex);
  void send_to(Term process, Term tag, Term content, SocketMessages& messages) REQUIRES_LOCK(mutex);

  Queue queues_[2] GUARDED_BY(mutex);
  Watch watch_ GUARDED_BY(mutex);
  OffHeapBinary* magic_ GUARDED_BY(mutex) = nullptr;  // not counted; cleared when it goes
  ReferenceNumber number_ = {};
};

// The socket in an argument, or nullptr.
Socket* socket_argument(Term term);

// The socket of the first argument, locked, or an early return of badarg or {error, closed}.
#define SOCKET_OR_RETURN(name)                        \
  Socket* name = socket_argument(call.args[0]);       \
  if (name == nullptr) return raise_badarg(call);     \
  Lock lock_of_##name(name->mutex);                   \
  if (name->descriptor < 0) return make_tuple(call.arena(), am::error, am::closed)

// The answer to an operation that would block: `ok` for the handle `zero`, else `select` after wait().
Result wait_or_timeout(Call& call, Socket& socket, SocketSide side, Term handle) REQUIRES_LOCK(socket.mutex);
// {invalid, What}: prim_socket knows the rest.
Term invalid(Call& call, Term what);
bool is_would_block(int error);

// Closes what a dying process owns; main registers it.
ProcessExitHook* socket_exit_hook();

}  // namespace hanse
