#include "io/prim_socket.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "process/send.h"

namespace hanse {

// What the magic binary of a socket holds.
struct SocketHandle {
  explicit SocketHandle(Socket* s) : socket(Ref<Socket>::adopt(s)) {}
  ~SocketHandle() {
    SocketMessages messages;
    Lock lock(socket->mutex);
    socket->magic_ = nullptr;
    if (socket->descriptor >= 0) socket->close(Term::none(), messages);
  }
  Ref<Socket> socket;
};

// Open sockets by owner, for the death of processes. The table does not count: a socket leaves it when it closes.
namespace {
struct Owners {
  Mutex<LockRank::port_table> mutex;
  std::unordered_multimap<Word, Socket*> sockets GUARDED_BY(mutex);
};
Owners& owners() {
  static auto* table = new Owners();
  return *table;
}
void add_owned(Term owner, Socket* socket) {
  Lock lock(owners().mutex);
  owners().sockets.emplace(owner.word(), socket);
}
void remove_owned(Term owner, Socket* socket) {
  Lock lock(owners().mutex);
  auto [first, last] = owners().sockets.equal_range(owner.word());
  for (; first != last; ++first)
    if (first->second == socket) {
      owners().sockets.erase(first);
      return;
    }
}
void close_sockets_of(Term process) {
  // The socket's mutex ranks before the table's: take them out one by one.
  for (;;) {
    Ref<Socket> socket;
    {
      Lock lock(owners().mutex);
      auto found = owners().sockets.find(process.word());
      if (found == owners().sockets.end()) return;
      if (found->second->retain_if_alive()) socket = Ref<Socket>::adopt(found->second);
      owners().sockets.erase(found);
    }
    if (!socket) continue;
    SocketMessages messages;
    Lock lock(socket->mutex);
    if (socket->descriptor >= 0) socket->close(Term::none(), messages);
  }
}

class SocketExitHook final : public ProcessExitHook {
  void process_exits(Process& process, Term) override { close_sockets_of(process.self); }
};
}  // namespace

ProcessExitHook* socket_exit_hook() {
  static auto* hook = new SocketExitHook();
  return hook;
}

Term Socket::create(Call& call, int descriptor, int domain, int type, int protocol, int from_descriptor) {
  auto* socket = new Socket();
  socket->domain = domain;
  socket->type = type;
  socket->protocol = protocol;
  socket->from_descriptor = from_descriptor;
  OffHeapBinary* magic = Magic<SocketHandle>::create(socket);
  Term term = make_magic_reference(call.arena(), magic);
  socket->number_ = reference_number(term);
  Lock lock(socket->mutex);
  socket->magic_ = magic;
  socket->descriptor = descriptor;
  socket->owner = call.process.self;
  socket->watch_.start(socket, descriptor, 0);
  add_owned(socket->owner, socket);
  return term;
}

Socket* socket_argument(Term term) {
  if (!term.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  SocketHandle* handle = Magic<SocketHandle>::get(term.as<MagicReference>()->off_heap.value);
  return handle == nullptr ? nullptr : handle->socket.get();
}

Term Socket::term(Arena& arena) {
  if (magic_ == nullptr || !magic_->retain_if_alive()) return Term::none();
  Term reference = make_magic_reference(arena, magic_);
  // Every reference to one socket is the same reference.
  auto* view = reference.as<MagicReference>();
  view->number01 = number_.number01;
  view->number2 = number_.number2;
  return make_tuple(arena, am::dollar_socket, reference);
}

void Socket::change_owner(Term new_owner) {
  remove_owned(owner, this);
  owner = new_owner;
  add_owned(owner, this);
}

SocketMessages::~SocketMessages() {
  for (Outgoing& outgoing : messages_) deliver_fragment(outgoing.to, outgoing.message, outgoing.fragments);
}

void Socket::send_to(Term process, Term tag, Term content, SocketMessages& messages) {
  FragmentArena arena(32);
  Term socket = term(arena);
  if (socket.is_none()) return;
  Term message = make_tuple(arena, am::dollar_socket, socket, tag, content.is_pointer() ? copy(arena, content) : content);
  messages.add(process, message, arena.take());
}

void Socket::update_interest() {
  uint32_t events = 0;
  if (!queues_[0].waiters.empty()) events |= EPOLLIN;
  if (!queues_[1].waiters.empty()) events |= EPOLLOUT;
  watch_.set(events);
}

void Socket::wait(SocketSide side, Term process, Term handle) {
  done(side, process);
  queues_[static_cast<size_t>(side)].waiters.push_back({process, StoredTerm(handle)});
  update_interest();
}

void Socket::done(SocketSide side, Term process) {
  Queue& queue = queues_[static_cast<size_t>(side)];
  auto is_process = [&](const Waiter& waiter) { return waiter.process == process; };
  std::erase_if(queue.waiters, is_process);
  std::erase_if(queue.notified, is_process);
  update_interest();
}

Term Socket::cancel(SocketSide side, Term handle) {
  Queue& queue = queues_[static_cast<size_t>(side)];
  auto has_handle = [&](const Waiter& waiter) {
    return waiter.handle.term().is_internal_reference() && handle.is_internal_reference() &&
           reference_number(waiter.handle.term()) == reference_number(handle);
  };
  if (std::erase_if(queue.waiters, has_handle) > 0) {
    update_interest();
    return am::ok;
  }
  return std::erase_if(queue.notified, has_handle) > 0 ? am::select_sent : am::not_found;
}

// The first one that waits is told. If it does not come, others are told as long as the descriptor is ready.
void Socket::notify(Queue& queue, SocketMessages& messages) {
  if (queue.waiters.empty()) return;
  Waiter waiter = std::move(queue.waiters.front());
  queue.waiters.pop_front();
  send_to(waiter.process, am::select, waiter.handle.term(), messages);
  queue.notified.push_back(std::move(waiter));
  if (queue.notified.size() > 64) queue.notified.pop_front();
}

void Socket::descriptor_ready(uint32_t, uint32_t events) {
  SocketMessages messages;
  Lock lock(mutex);
  if (descriptor < 0) return;
  bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if ((events & EPOLLIN) != 0 || broken) notify(queues_[0], messages);
  if ((events & EPOLLOUT) != 0 || broken) notify(queues_[1], messages);
  update_interest();
}

void Socket::close(Term closer, SocketMessages& messages) {
  for (Queue& queue : queues_) {
    for (Waiter& waiter : queue.waiters) {
      if (waiter.process == closer) continue;
      FragmentArena arena(16);
      Term content = make_tuple(arena, copy(arena, waiter.handle.term()), am::closed);
      send_to(waiter.process, am::abort, content, messages);
    }
    queue = {};
  }
  watch_.stop();
  remove_owned(owner, this);
  if (sendfile_descriptor >= 0) ::close(std::exchange(sendfile_descriptor, -1));
  ::close(std::exchange(descriptor, -1));
}

bool is_would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

Term invalid(Call& call, Term what) { return make_tuple(call.arena(), am::invalid, what); }

Result wait_or_timeout(Call& call, Socket& socket, SocketSide side, Term handle) {
  if (handle == am::zero) return am::ok;
  socket.wait(side, call.process.self, handle);
  return am::select;
}

}  // namespace hanse
