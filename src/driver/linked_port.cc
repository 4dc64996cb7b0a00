#include "driver/linked_port.h"

#include <errno.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "driver/driver_layer.h"
#include "driver/port_data_lock.h"
#include "heap/fragment.h"
#include "io/port_trace.h"
#include "io/posix_error.h"
#include "process/send.h"
#include "process/spawn.h"
#include "term/build.h"

namespace hanse::driver {

// --- all of them ---

namespace {

static_assert(sizeof(SysIOVec) == sizeof(iovec) && offsetof(SysIOVec, iov_len) == offsetof(iovec, iov_len));

struct Ports {
  std::mutex mutex;
  std::unordered_map<Word, LinkedPort*> by_number;
};
Ports& all_ports() {
  static auto& ports = *new Ports;
  return ports;
}

thread_local LinkedPort* running_port = nullptr;

uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

ErlDrvMonitor monitor_of(ReferenceNumber reference) {
  ErlDrvMonitor monitor{};
  std::memcpy(monitor.data, &reference, sizeof reference);
  return monitor;
}

}  // namespace

std::vector<Ref<Port>> ports_of(const LoadedDriver& driver) {
  std::vector<Ref<Port>> found;
  std::lock_guard lock(all_ports().mutex);
  for (auto& [number, linked] : all_ports().by_number)
    if (&linked->driver() == &driver && linked->port().retain_if_alive()) found.push_back(Ref<Port>::adopt(&linked->port()));
  return found;
}

Reached reach(Term port) {
  std::lock_guard lock(all_ports().mutex);
  auto found = all_ports().by_number.find(port.word());
  if (found == all_ports().by_number.end()) return {Reach::none, Term::none()};
  return {found->second->reach(), found->second->port().owner()};
}

void close_in_emergency() {
  if (!all_ports().mutex.try_lock()) return;  // the fault may have come here
  for (auto& [number, linked] : all_ports().by_number) linked->emergency_close();
  all_ports().mutex.unlock();
}

// --- a function of the driver runs ---

LinkedPort::Running::Running(LinkedPort& port, Term caller)
    : port_(port), outer_(std::exchange(running_port, &port)), outer_caller_(std::exchange(port.caller_, caller)) {
  port.depth_++;
}
LinkedPort::Running::~Running() {
  port_.caller_ = outer_caller_;
  running_port = outer_;
  if (--port_.depth_ == 0) port_.settle();
}

LinkedPort* LinkedPort::running() { return running_port; }

// What has to wait until no function of the driver is on the stack.
void LinkedPort::settle() {
  if (flushes_ && !stopped_ && queue.size() == 0) port_.finish();
  if (stopped_) hold_.reset();
}

LinkedPort::LinkedPort(Port& port, std::shared_ptr<LoadedDriver> driver, const PortOptions& options)
    : port_(port), driver_(driver.get()), hold_(std::move(driver)), options_(options), framing_(port, options) {
  driver_->count_port(1);
  std::lock_guard lock(all_ports().mutex);
  all_ports().by_number.emplace(port.self.word(), this);
}

LinkedPort::~LinkedPort() { release_all(); }

// Whether the port was stopped or its start failed.
void LinkedPort::release_all() {
  if (std::exchange(released_, true)) return;
  stopped_ = true;
  {
    std::lock_guard lock(all_ports().mutex);
    all_ports().by_number.erase(port_.self.word());
  }
  deadline_.cancel();
  deselect_all();
  std::vector<Watched> watched;
  {
    std::lock_guard lock(watched_mutex_);
    watched.swap(watched_);
  }
  for (Watched& one : watched) send_demonitor_signal(port_.self, one.process, one.reference);
  discard_queue();
  if (data_lock != nullptr) driver_pdl_dec_refc(std::exchange(data_lock, nullptr));
  driver_->count_port(-1);
}

bool LinkedPort::start(const std::string& command, OpenFailure& failure) {
  is_starting_ = true;
  const ErlDrvEntry& entry = driver_->entry();
  if (entry.start == nullptr) return true;
  std::string own = command;
  int error;
  {
    Running running(*this, port_.owner());
    errno = 0;
    data_ = entry.start(handle(), own.data());
    error = errno;
  }
  if (data_ == ERL_DRV_ERROR_GENERAL) failure.reason = am::einval;
  else if (data_ == ERL_DRV_ERROR_ERRNO) failure.reason = posix_error_atom(error);
  else if (data_ == ERL_DRV_ERROR_BADARG) failure.reason = am::badarg;
  else return true;
  release_all();
  return false;
}

void LinkedPort::published() {
  is_starting_ = false;
  reach_.store(Reach::open, std::memory_order_release);
  if (!failed_early_.is_none()) fail(failed_early_);
}

LinkedPort* LinkedPort::create_sibling(Term owner, const std::string& name, ErlDrvData data) {
  {
    std::lock_guard lock(drivers_mutex());
    if (!driver_->accepts_ports()) return nullptr;
  }
  Ref<Port> port = Port::create(port_.machine, owner, name, port_.shared_mutex());
  if (!port || !owner.is_local_pid()) return nullptr;
  auto linked = std::make_unique<LinkedPort>(*port, driver_->hold(), PortOptions{});
  LinkedPort* made = linked.get();
  if (!send_link_signal(port->self, owner)) return nullptr;
  made->data_ = data;
  port->attach(std::move(linked));
  port->add_link(owner);
  port->publish();
  return made;
}

// --- what processes want ---

void LinkedPort::output(Term caller, IoQueue data) {
  if (stopped_) return;
  port_.count_output(data.size());
  const ErlDrvEntry& entry = driver_->entry();
  Running running(*this, caller);
  if (entry.outputv != nullptr) {
    // The first piece is empty: drivers put their headers there.
    std::vector<SysIOVec> pieces(data.piece_count() + 1);
    std::vector<OffHeapBinary*> owners(data.piece_count());
    data.fill(reinterpret_cast<iovec*>(pieces.data() + 1), owners.data());
    std::vector<ErlDrvBinary*> binaries{nullptr};
    for (OffHeapBinary* owner : owners) binaries.push_back(lend(owner));
    ErlIOVec vector{static_cast<int>(pieces.size()), data.size(), pieces.data(), binaries.data()};
    entry.outputv(data_, &vector);
  } else if (entry.output != nullptr) {
    std::string bytes = data.to_string();
    entry.output(data_, bytes.data(), bytes.size());
  }
}

Term LinkedPort::answer_control(Arena& arena, Term caller, uint32_t operation, Bytes request) {
  const ErlDrvEntry& entry = driver_->entry();
  if (stopped_ || entry.control == nullptr) return Term::none();
  char room[64];
  char* reply = room;
  ErlDrvSSizeT size;
  {
    Running running(*this, caller);
    size = entry.control(data_, operation, reinterpret_cast<char*>(const_cast<uint8_t*>(request.data())), request.size(), &reply, sizeof room);
  }
  if (size < 0) return Term::none();
  if (reply == nullptr) return Term::nil();
  std::string_view bytes(reply, static_cast<size_t>(size));
  bool binary = (control_flags_ & PORT_CONTROL_FLAG_BINARY) != 0;
  if (reply == room) return binary ? make_binary(arena, bytes) : make_string(arena, bytes);
  if (!binary) {
    Term list = make_string(arena, bytes);
    driver_free(reply);
    return list;
  }
  OffHeapBinary* answer = borrowed(reinterpret_cast<ErlDrvBinary*>(reply));
  if (answer->size > heap_binary_limit) return make_refc_binary(arena, answer, answer->size);
  Term copied = make_binary(arena, std::span<const uint8_t>(answer->data, answer->size));
  answer->release();
  return copied;
}

bool LinkedPort::call(Term caller, uint32_t operation, Bytes request, std::string& reply) {
  static constexpr char version_magic = static_cast<char>(131);
  const ErlDrvEntry& entry = driver_->entry();
  if (stopped_ || entry.call == nullptr) return false;
  char room[255];
  char* answer = room;
  unsigned flags = 0;
  Running running(*this, caller);
  ErlDrvSSizeT size = entry.call(data_, operation, reinterpret_cast<char*>(const_cast<uint8_t*>(request.data())), request.size(), &answer,
                                 sizeof room, &flags);
  if (size <= 0 || answer[0] != version_magic) return false;
  reply.assign(answer, static_cast<size_t>(size));
  if (answer != room && (flags & DRIVER_CALL_KEEP_BUFFER) == 0) driver_free(answer);
  return true;
}

// --- the end ---

void LinkedPort::discard_queue() {
  if (data_lock != nullptr) driver_pdl_lock(data_lock);
  queue.clear();
  if (data_lock != nullptr) driver_pdl_unlock(data_lock);
}

// Who is killed does not write what is left.
void LinkedPort::ending(Term reason) {
  if (reason == am::killed) discard_queue();
}

bool LinkedPort::closing() {
  if (queue.size() == 0) return true;
  reach_.store(Reach::closing, std::memory_order_release);
  flushes_ = true;
  if (driver_->entry().flush == nullptr) return false;
  Running running(*this);
  driver_->entry().flush(data_);
  return false;
}

void LinkedPort::stop() {
  if (stopped_) return;
  Running running(*this);
  flushes_ = false;
  if (driver_->entry().stop != nullptr) driver_->entry().stop(data_);
  release_all();
}

void LinkedPort::emergency_close() {
  if (!stopped_ && driver_->entry().emergency_close != nullptr) driver_->entry().emergency_close(data_);
}

void LinkedPort::fail(Term reason) {
  if (is_starting_) {
    failed_early_ = reason;
    return;
  }
  discard_queue();
  if (port_.is_open()) port_.close(reason);
  else port_.finish();
}

void LinkedPort::end_of_input() {
  framing_.flush();
  if (!port_.is_open() || !options_.eof) return fail(am::normal);
  FragmentArena arena(8);
  port_.send_to_owner(arena, make_tuple(arena, port_.self, am::eof));
}

// --- events ---

void LinkedPort::missing(const char* kind, const char* function) {
  FragmentArena arena(256);
  Term arguments[] = {port_.self, make_string(arena, kind), make_string(arena, driver_->name()), make_string(arena, function)};
  log_to_logger(am::error, "~p: ~s driver '~s' does not implement the ~s callback!~n", make_list(arena, arguments), nullptr);
}

int LinkedPort::set_timer(uint64_t timeout_ms) {
  if (driver_->entry().timeout == nullptr) return -1;
  deadline_ns_ = now_ns() + timeout_ms * 1000000;
  deadline_.start(&port_, timeout_ms);
  return 0;
}

uint64_t LinkedPort::timer_left_ms() const {
  uint64_t now = now_ns();
  return deadline_.is_set() && deadline_ns_ > now ? (deadline_ns_ - now) / 1000000 : 0;
}

void LinkedPort::deadline_passed(uint64_t timer) {
  if (stopped_ || !deadline_.passed(timer)) return;
  if (is_traced(port_, trace_flag::receive)) [[unlikely]] trace_port(port_, trace_flag::receive, {am::receive, am::timeout});
  Running running(*this);
  driver_->entry().timeout(data_);
}

void LinkedPort::limit_waiting_signals(ErlDrvSizeT* low, ErlDrvSizeT* high) {
  ErlDrvSizeT wanted_low = low != nullptr ? *low : 0, wanted_high = high != nullptr ? *high : 0;
  if ((driver_->entry().driver_flags & ERL_DRV_FLAG_NO_BUSY_MSGQ) != 0) wanted_low = ERL_DRV_BUSY_MSGQ_DISABLED;
  bool disabled = waiting_low_ == ERL_DRV_BUSY_MSGQ_DISABLED || wanted_low == ERL_DRV_BUSY_MSGQ_DISABLED || wanted_high == ERL_DRV_BUSY_MSGQ_DISABLED;
  if (disabled) {
    waiting_low_ = waiting_high_ = ERL_DRV_BUSY_MSGQ_DISABLED;
  } else {
    if (wanted_low != 0) waiting_low_ = wanted_low, waiting_high_ = std::max(waiting_high_, wanted_low);
    if (wanted_high != 0) waiting_high_ = wanted_high, waiting_low_ = std::min(waiting_low_, wanted_high);
  }
  if (low != nullptr) *low = waiting_low_;
  if (high != nullptr) *high = waiting_high_;
}

bool LinkedPort::async_done(void* data) {
  if (stopped_ || driver_->entry().ready_async == nullptr) return false;
  Running running(*this);
  driver_->entry().ready_async(data_, static_cast<ErlDrvThreadData>(data));
  return true;
}

// --- processes that the driver watches ---

int LinkedPort::watch(Term process, ReferenceNumber& reference) {
  if (driver_->entry().process_exit == nullptr) return -1;
  if (!process.is_local_pid()) return 1;
  reference = next_reference_number();
  {
    std::lock_guard lock(watched_mutex_);
    watched_.push_back({reference, process});
  }
  if (send_monitor_signal(port_.self, process, reference)) return 0;
  forget_watched(reference);
  return 1;
}

void LinkedPort::forget_watched(ReferenceNumber reference) {
  std::lock_guard lock(watched_mutex_);
  std::erase_if(watched_, [&](const Watched& watched) { return watched.reference == reference; });
}

bool LinkedPort::unwatch(ReferenceNumber reference) {
  Term process = watched(reference);
  if (process.is_none()) return false;
  forget_watched(reference);
  send_demonitor_signal(port_.self, process, reference);
  return true;
}

Term LinkedPort::watched(ReferenceNumber reference) {
  std::lock_guard lock(watched_mutex_);
  for (Watched& watched : watched_)
    if (watched.reference == reference) return watched.process;
  return Term::none();
}

std::vector<Term> LinkedPort::watched_processes() {
  std::lock_guard lock(watched_mutex_);
  std::vector<Term> processes;
  for (Watched& watched : watched_) processes.push_back(watched.process);
  return processes;
}

// The driver may still ask who it was.
void LinkedPort::process_down(ReferenceNumber reference) {
  if (stopped_ || watched(reference).is_none()) return;
  ErlDrvMonitor monitor = monitor_of(reference);
  Running running(*this);
  driver_->entry().process_exit(data_, &monitor);
  forget_watched(reference);
}

}  // namespace hanse::driver

using namespace hanse;
using namespace hanse::driver;

static ReferenceNumber reference_of(const ErlDrvMonitor* monitor) {
  ReferenceNumber reference;
  std::memcpy(&reference, monitor->data, sizeof reference);
  return reference;
}

extern "C" {

int driver_monitor_process(ErlDrvPort port, ErlDrvTermData process, ErlDrvMonitor* monitor) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  ReferenceNumber reference{};
  int result = linked->watch(Term::from_word(process), reference);
  if (result == 0) *monitor = monitor_of(reference);
  return result;
}
int driver_demonitor_process(ErlDrvPort port, const ErlDrvMonitor* monitor) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  return linked->unwatch(reference_of(monitor)) ? 0 : 1;
}
ErlDrvTermData driver_get_monitored_process(ErlDrvPort port, const ErlDrvMonitor* monitor) {
  LinkedPort* linked = LinkedPort::of(port);
  Term process = linked != nullptr ? linked->watched(reference_of(monitor)) : Term::none();
  return process.is_none() ? driver_term_nil : process.word();
}
int driver_compare_monitors(const ErlDrvMonitor* one, const ErlDrvMonitor* other) { return std::memcmp(one, other, sizeof *one); }

}  // extern "C"
