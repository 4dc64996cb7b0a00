// The port table, and the life of a port: visible, closing (the driver still writes), gone.
#include "io/port.h"

#include <algorithm>
#include <unordered_set>

#include "base/epoch.h"
#include "heap/fragment.h"
#include "io/port_trace.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/system_monitor.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

// A port's number grows with every port; its slot is the number modulo the size of the table.
static constexpr size_t table_size = 65536;
static_assert(std::has_single_bit(table_size));

namespace {
struct PortTable {
  std::atomic<Port*> slots[table_size] = {};  // written under `mutex`, read by everybody under an epoch guard
  Mutex<LockRank::port_table> mutex;
  uint64_t next_number GUARDED_BY(mutex) = 1;  // 0 is the forker on stock
  size_t used GUARDED_BY(mutex) = 0;
  bool reserved[table_size] GUARDED_BY(mutex) = {};
  std::unordered_set<Word> waiting GUARDED_BY(mutex);  // processes that wait for busy ports
};
PortTable& port_table() {
  static PortTable& table = *new PortTable;
  return table;
}
}  // namespace

Ref<Port> Port::create(Machine& machine, Term owner, std::string name, std::shared_ptr<PortMutex> shared) {
  PortTable& table = port_table();
  uint64_t number;
  {
    Lock lock(table.mutex);
    if (table.used >= std::min(table_size, machine.port_limit)) return nullptr;
    do number = table.next_number++;
    while (table.reserved[number % table_size]);
    table.reserved[number % table_size] = true;
    table.used++;
  }
  if (shared == nullptr) shared = std::make_shared<PortMutex>();
  return Ref<Port>::adopt(new Port(Term::port(number), machine, owner, std::move(name), std::move(shared)));
}

// Readers of the table may still look at the object.
void Port::destroy(Port* port) {
  port->driver_.reset();
  PortTable& table = port_table();
  {
    Lock lock(table.mutex);
    table.reserved[port->self.port_number() % table_size] = false;
    table.used--;
  }
  epoch::retire(port, [](void* object) { delete static_cast<Port*>(object); });
}

Port* Port::peek(Term port) {
  if (!port.is_local_port()) return nullptr;
  Port* found = port_table().slots[port.port_number() % table_size].load(std::memory_order_acquire);
  return found != nullptr && found->self == port && found->visible_.load(std::memory_order_acquire) ? found : nullptr;
}

Ref<Port> Port::find(Term port) {
  epoch::Guard guard;
  Port* found = peek(port);
  return found != nullptr && found->retain_if_alive() ? Ref<Port>::adopt(found) : nullptr;
}

std::vector<Term> Port::all() {
  epoch::Guard guard;
  std::vector<Term> ports;
  Lock lock(port_table().mutex);
  for (auto& slot : port_table().slots)
    if (Port* port = slot.load(std::memory_order_acquire); port && port->visible_.load()) ports.push_back(port->self);
  return ports;
}

size_t Port::count() { return all().size(); }

bool Port::close_what_is_written() {
  bool unwritten = false;
  for (auto& slot : port_table().slots) {
    Ref<Port> port;
    {
      epoch::Guard guard;
      Port* found = slot.load(std::memory_order_acquire);
      if (found == nullptr || !found->retain_if_alive()) continue;
      port = Ref<Port>::adopt(found);
    }
    PortLock lock(*port);
    if (port->state_ != State::closed && port->driver_->queue_size() > 0) unwritten = true;
    else if (port->state_ == State::open) port->close(am::normal);
  }
  return unwritten;
}
size_t Port::limit() { return table_size; }

Term Driver::answer_control(Arena& arena, Term caller, uint32_t operation, Bytes request) {
  std::string reply;
  if (!control(caller, operation, request, reply)) return Term::none();
  return answers_binary() ? make_binary(arena, reply) : make_string(arena, reply);
}

void Port::attach(std::unique_ptr<Driver> driver) { driver_ = std::move(driver); }

void Port::publish() {
  state_ = State::open;
  retain();  // the table's reference, given back by finish()
  PortTable& table = port_table();
  {
    Lock lock(table.mutex);
    visible_.store(true, std::memory_order_release);
    table.slots[self.port_number() % table_size].store(this, std::memory_order_release);
  }
  trace_port_opened(*this);
  driver_->published();
}

void Port::send_to(Term process, FragmentArena& arena, Term message) {
  trace_port_send(*this, process, message);
  deliver_fragment(process, message, arena.take());
}

static Term make_data(Arena& arena, Bytes data, bool binary) {
  if (binary) return make_binary(arena, data);
  return make_string(arena, {reinterpret_cast<const char*>(data.data()), data.size()});
}

void Port::send_data(Bytes data, bool binary) {
  count_input(data.size());
  FragmentArena arena(16 + (binary ? std::min(data.size(), heap_binary_limit) / 8 + 1 : 2 * data.size()));
  Term content = make_tuple(arena, am::data, make_data(arena, data, binary));
  send_to_owner(arena, make_tuple(arena, self, content));
}

void Port::send_data(Ref<OffHeapBinary> data) {
  size_t size = data->size;
  count_input(size);
  FragmentArena arena(16);
  Term binary = make_refc_binary(arena, data.leak(), size);
  send_to_owner(arena, make_tuple(arena, self, make_tuple(arena, am::data, binary)));
}

void Port::set_busy(bool busy) {
  busy_ = busy;
  if (busy || waiting_.empty()) return;
  {
    PortTable& table = port_table();
    Lock lock(table.mutex);
    for (Term pid : waiting_) table.waiting.erase(pid.word());
  }
  epoch::Guard guard;
  for (Term pid : waiting_)
    if (Process* process = find_process(pid)) wake_process(*process);
  waiting_.clear();
}

// Who waits and is woken by a signal tries again, and waits as before.
void Port::wait_until_free(Term process) {
  bool may_wait_here;
  {
    PortTable& table = port_table();
    Lock lock(table.mutex);
    may_wait_here = !table.waiting.insert(process.word()).second;
  }
  if (may_wait_here && std::ranges::find(waiting_, process) != waiting_.end()) return;
  waiting_.push_back(process);
  if ((monitored_events.load(std::memory_order_relaxed) & monitored_event::busy_port) != 0) monitor_busy(process, am::busy_port, self);
}

bool Port::holds_up(Term process) {
  PortTable& table = port_table();
  Lock lock(table.mutex);
  return table.waiting.contains(process.word());
}

void Port::add_link(Term process) {
  if (std::find(links_.begin(), links_.end(), process) != links_.end()) return;
  links_.push_back(process);
  if (state_ != State::opening) trace_port_event(*this, am::getting_linked, process);
}
void Port::unlink_owner() {
  if (std::erase(links_, owner()) != 0) send_unlink_signal(self, owner(), 1);
}
void Port::remove_link(Term process) { std::erase(links_, process); }
void Port::remove_monitor(Term watcher, ReferenceNumber reference) {
  std::erase_if(monitors_, [&](const Monitor& m) { return m.watcher == watcher && m.reference == reference; });
}

void Port::tell_partners(Term reason) {
  Term name_atom = machine.registry.remove_port(self, registered_name);
  if (!name_atom.is_none()) trace_port_event(*this, am::unregister, name_atom);
  for (Term process : std::exchange(links_, {})) send_exit_signal(self, process, reason, ExitKind::link);
  for (Monitor& monitor : std::exchange(monitors_, {})) send_down_signal(monitor.watcher, monitor.reference, reason);
}

void Port::close(Term reason) {
  if (state_ != State::open) return;
  state_ = State::closing;
  // From here on nobody finds the port; the table keeps it alive until finish().
  {
    Lock lock(port_table().mutex);
    visible_.store(false, std::memory_order_release);
  }
  driver_->ending(reason);
  trace_port_event(*this, am::closed, reason);
  tell_partners(reason);
  set_busy(false);
  if (driver_->closing()) finish();
}

void Port::finish() {
  if (state_ != State::closing) return;
  state_ = State::closed;
  driver_->stop();
  {
    PortTable& table = port_table();
    Lock lock(table.mutex);
    table.slots[self.port_number() % table_size].store(nullptr, std::memory_order_release);
  }
  // The caller holds a reference of its own, for it holds the lock.
  release();
}

void Port::descriptor_ready(uint32_t role, uint32_t events) {
  PortLock lock(*this);
  PortTask task(*this, Term::small(0), (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 ? am::input : am::output);
  if (state_ == State::open || state_ == State::closing) driver_->descriptor_ready(role, events);
}

void Port::deadline_passed(uint64_t timer) {
  PortLock lock(*this);
  PortTask task(*this, Term::small(0), am::timeout);
  if (state_ == State::open || state_ == State::closing) driver_->deadline_passed(timer);
}

}  // namespace hanse
