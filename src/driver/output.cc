// What a driver does to its port: data and errors for the owner, timers, descriptors, being busy.
#include <algorithm>
#include <cstring>

#include "driver/linked_port.h"
#include "heap/fragment.h"
#include "io/posix_error.h"
#include "process/process.h"
#include "process/scheduler.h"
#include "term/build.h"
#include "term/text.h"

using namespace hanse;
using namespace hanse::driver;

namespace {

Bytes bytes_of(const char* bytes, size_t size) { return {reinterpret_cast<const uint8_t*>(bytes), size}; }

Term list_of(Arena& arena, const char* bytes, size_t size, Term tail) { return make_string(arena, std::string_view(bytes, size), tail); }

// {Port, {data, Header ++ Data}} to the owner.
void send_data(LinkedPort& linked, FragmentArena& arena, const char* header, size_t header_size, Term data, size_t size) {
  Port& port = linked.port();
  port.count_input(header_size + size);
  Term content = list_of(arena, header, header_size, data);
  port.send_to_owner(arena, make_tuple(arena, port.self, make_tuple(arena, am::data, content)));
}

// Part of a driver's binary: shared unless it is small.
Term part_of_binary(Arena& arena, ErlDrvBinary* binary, const char* from, size_t size) {
  if (size <= heap_binary_limit) return make_binary(arena, bytes_of(from, size));
  OffHeapBinary* owner = borrowed(binary);
  owner->retain();
  Term whole = make_refc_binary(arena, owner, owner->size);
  auto offset = static_cast<size_t>(from - binary->orig_bytes);
  return offset == 0 && size == owner->size ? whole : make_sub_binary(arena, whole, offset * 8, size * 8);
}

// As the interface has it: Latin-1.
Term atom_of_text(const char* text) {
  std::string utf8;
  for (; *text != 0; text++) append_utf8(utf8, static_cast<uint8_t>(*text));
  return make_atom(utf8);
}

int fail(ErlDrvPort port, Term reason) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  linked->fail(reason);
  return 0;
}

}  // namespace

extern "C" {

// --- data ---

int driver_output2(ErlDrvPort port, char* header, ErlDrvSizeT header_size, char* bytes, ErlDrvSizeT size) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  if (!linked->is_open()) return 0;
  if (linked->options().line != 0) return linked->feed_lines(bytes_of(bytes, size), bytes_of(header, header_size)), 0;
  FragmentArena arena(32 + 2 * header_size + 2 * size);
  Term data = size == 0 && header_size > 0 ? Term::nil() : linked->options().binary ? make_binary(arena, bytes_of(bytes, size)) : list_of(arena, bytes, size, Term::nil());
  send_data(*linked, arena, header, header_size, data, size);
  return 0;
}

int driver_output(ErlDrvPort port, char* bytes, ErlDrvSizeT size) { return driver_output2(port, nullptr, 0, bytes, size); }

// Always as a binary.
int driver_output_binary(ErlDrvPort port, char* header, ErlDrvSizeT header_size, ErlDrvBinary* binary, ErlDrvSizeT offset, ErlDrvSizeT size) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  if (!linked->is_open()) return 0;
  FragmentArena arena(32 + 2 * header_size);
  send_data(*linked, arena, header, header_size, part_of_binary(arena, binary, binary->orig_bytes + offset, size), size);
  return 0;
}

int driver_outputv(ErlDrvPort port, char* header, ErlDrvSizeT header_size, ErlIOVec* vector, ErlDrvSizeT skip) {
  LinkedPort* linked = LinkedPort::of(port);
  if (vector->size <= skip) return driver_output2(port, header, header_size, nullptr, 0);
  if (linked == nullptr) return -1;
  if (!linked->is_open()) return 0;
  size_t size = vector->size - skip;
  FragmentArena arena(64);
  int first = 0;
  for (; vector->iov[first].iov_len <= skip; first++) skip -= vector->iov[first].iov_len;
  Term data = Term::nil();
  for (int i = vector->vsize; i-- > first;) {
    size_t skipped = i == first ? skip : 0, length = vector->iov[i].iov_len - skipped;
    const char* from = static_cast<char*>(vector->iov[i].iov_base) + skipped;
    if (!linked->options().binary) {
      data = list_of(arena, from, length, data);
      continue;
    }
    ErlDrvBinary* owner = vector->binv != nullptr ? vector->binv[i] : nullptr;
    Term piece = owner != nullptr ? part_of_binary(arena, owner, from, length) : make_binary(arena, bytes_of(from, length));
    data = data.is_nil() ? piece : make_cons(arena, piece, data);  // the last one is the tail
  }
  send_data(*linked, arena, header, header_size, data, size);
  return 0;
}

ErlDrvSizeT driver_vec_to_buf(ErlIOVec* vector, char* to, ErlDrvSizeT room) {
  size_t copied = 0;
  for (int i = 0; i < vector->vsize && copied < room; i++) {
    size_t part = std::min<size_t>(vector->iov[i].iov_len, room - copied);
    if (part > 0) std::memcpy(to + copied, vector->iov[i].iov_base, part);
    copied += part;
  }
  return copied;
}

// --- the end of the port ---

int driver_failure_eof(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  linked->end_of_input();
  return 0;
}
int driver_failure_atom(ErlDrvPort port, char* text) { return fail(port, atom_of_text(text)); }
int driver_failure_posix(ErlDrvPort port, int error) { return fail(port, posix_error_atom(error)); }
int driver_failure(ErlDrvPort port, int code) { return code == 0 ? driver_failure_eof(port) : fail(port, Term::small(code)); }
int driver_exit(ErlDrvPort port, int error) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  linked->port().unlink_owner();
  return fail(port, error == 0 ? am::normal : posix_error_atom(error));
}

// --- events ---

int driver_select(ErlDrvPort port, ErlDrvEvent event, int mode, int on) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? linked->select(static_cast<int>(reinterpret_cast<intptr_t>(event)), mode, on != 0) : -1;
}
int driver_set_timer(ErlDrvPort port, unsigned long timeout_ms) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? linked->set_timer(timeout_ms) : -1;
}
int driver_cancel_timer(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  linked->cancel_timer();
  return 0;
}
int driver_read_timer(ErlDrvPort port, unsigned long* left_ms) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  *left_ms = linked->timer_left_ms();
  return 0;
}

// --- what the port is like ---

void set_busy_port(ErlDrvPort port, int on) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked != nullptr) linked->port().set_busy(on != 0);
}
void set_port_control_flags(ErlDrvPort port, int flags) {
  if (LinkedPort* linked = LinkedPort::of(port)) linked->set_control_flags(flags);
}
int get_port_flags(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return 0;
  return (linked->options().binary ? PORT_FLAG_BINARY : 0) | (linked->options().line != 0 ? PORT_FLAG_LINE : 0);
}
void erl_drv_set_os_pid(ErlDrvPort port, ErlDrvSInt pid) {
  if (LinkedPort* linked = LinkedPort::of(port)) linked->set_os_pid(pid);
}
// A port is open once its `start` has returned; nobody waits for more here.
void erl_drv_init_ack(ErlDrvPort port, ErlDrvData data) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return;
  if (data == ERL_DRV_ERROR_GENERAL) linked->fail(am::einval);
  else if (data == ERL_DRV_ERROR_ERRNO) linked->fail(posix_error_atom(errno));
  else if (data == ERL_DRV_ERROR_BADARG) linked->fail(am::badarg);
  else linked->set_data(data);
}
// Signals to a port are handled at once, so that none ever wait for it.
void erl_drv_busy_msgq_limits(ErlDrvPort port, ErlDrvSizeT* low, ErlDrvSizeT* high) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked != nullptr) return linked->limit_waiting_signals(low, high);
  if (low != nullptr) *low = ERL_DRV_BUSY_MSGQ_DISABLED;
  if (high != nullptr) *high = ERL_DRV_BUSY_MSGQ_DISABLED;
}
// percent: of a turn of about a millisecond. Whether the driver should give way.
int erl_drv_consume_timeslice(ErlDrvPort, int percent) {
  SchedulerThread* thread = this_scheduler_thread();
  Process* process = thread != nullptr ? thread->running : nullptr;
  if (process == nullptr) return 0;
  process->charge(static_cast<size_t>(std::clamp(percent, 1, 100)) * slice_reductions / 100);
  return process->reductions_left <= 0;
}

// --- other ports and drivers ---

ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData owner, char* name, ErlDrvData data) {
  LinkedPort* linked = LinkedPort::of(creator);
  LinkedPort* made = linked != nullptr ? linked->create_sibling(Term::from_word(owner), name, data) : nullptr;
  return made != nullptr ? made->handle() : LinkedPort::no_port;
}
int driver_lock_driver(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  linked->driver().make_permanent();
  return 0;
}

ErlDrvTermData driver_mk_atom(char* text) { return atom_of_text(text).word(); }
ErlDrvTermData driver_mk_port(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? linked->port().self.word() : driver_term_nil;
}
ErlDrvTermData driver_connected(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? linked->port().owner().word() : driver_term_nil;
}
ErlDrvTermData driver_caller(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? linked->caller().word() : driver_term_nil;
}

}  // extern "C"
