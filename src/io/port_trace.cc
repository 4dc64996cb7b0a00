#include "io/port_trace.h"

#include "bif/list_builder.h"
#include "process/process_table.h"
#include "process/system_monitor.h"
#include "term/build.h"

namespace hanse {

void trace_port(Port& port, uint32_t flag, TraceWords words) {
  TraceSettings settings = port.traced.read();
  if ((settings.flags & flag) == 0 || settings.tracer.is(port.self)) return;
  if (!send_trace(settings.tracer, settings.flags, port.self, words)) port.traced.set(port.trace_flags, {});
}

void trace_port_opened(Port& port) {
  if (anything_new_is_traced.load(std::memory_order_acquire)) {
    TraceSettings settings = new_tracing().ports;
    if (settings.flags != 0 && !settings.tracer.is(port.self)) port.traced.set(port.trace_flags, settings);
  }
  if (!is_traced(port, trace_flag::ports)) [[likely]] return;
  trace_port(port, trace_flag::ports, {am::open, port.owner(), make_atom(port.name())});
  trace_port_event(port, am::getting_linked, port.owner());
}

void trace_port_request(Port& port, Term from, Term request) {
  if (!is_traced(port, trace_flag::receive)) [[likely]] return;
  FragmentArena arena(4);
  trace_port(port, trace_flag::receive, {am::receive, make_tuple(arena, from, request)});
}

void trace_port_command(Port& port, Term from, const IoQueue& data) {
  if (!is_traced(port, trace_flag::receive)) [[likely]] return;
  FragmentArena arena(16);
  Term told;
  if (port.driver()->takes_pieces()) {
    std::vector<iovec> pieces(data.piece_count());
    data.fill(pieces.data(), static_cast<int>(pieces.size()));
    ListBuilder list(arena);
    for (const iovec& piece : pieces) list.add(make_binary(arena, Bytes(static_cast<const uint8_t*>(piece.iov_base), piece.iov_len)));
    told = list.finish();
  } else {
    told = make_binary(arena, data.to_string());
  }
  Term command = make_tuple(arena, am::command, told);
  trace_port(port, trace_flag::receive, {am::receive, make_tuple(arena, from, command)});
}

void trace_port_control(Port& port, Term from, Term kind, uint64_t operation, Bytes data) {
  if (!is_traced(port, trace_flag::receive)) [[likely]] return;
  FragmentArena arena(16);
  Term request = make_tuple(arena, make_unsigned(arena, operation), make_binary(arena, data));
  trace_port(port, trace_flag::receive, {am::receive, make_tuple(arena, from, make_tuple(arena, kind, request))});
}

void trace_port_reply(Port& port, Term to, Term kind, std::string_view reply) {
  if (!is_traced(port, trace_flag::send)) [[likely]] return;
  FragmentArena arena(16);
  trace_port_answer(port, to, make_tuple(arena, kind, make_binary(arena, reply)));
}

void trace_port_answer(Port& port, Term to, Term what) {
  if (!is_traced(port, trace_flag::send)) [[likely]] return;
  FragmentArena arena(4);
  trace_port(port, trace_flag::send, {am::send, make_tuple(arena, port.self, what), to});
}

void trace_port_send(Port& port, Term to, Term message) {
  if (!is_traced(port, trace_flag::send)) [[likely]] return;
  epoch::Guard guard;
  bool exists = !to.is_local_pid() || find_process(to) != nullptr;
  trace_port(port, trace_flag::send, {exists ? am::send : am::send_to_non_existing_process, message, to});
}

PortTask::PortTask(Port& port, Term what, Term operation)
    : port_(port), what_(what), operation_(operation),
      is_profiled_((profiled_events.load(std::memory_order_relaxed) & profiled::runnable_ports) != 0) {
  bool is_monitored = !operation.is_none() && (monitored_events.load(std::memory_order_relaxed) & monitored_event::long_schedule) != 0;
  if (is_monitored) [[unlikely]] began_ns_ = monotonic_now_ns();
  if (is_profiled_) [[unlikely]] profile_port(port.self, true);
  if (is_traced(port, trace_flag::running_ports)) [[unlikely]] trace_port(port, trace_flag::running_ports, {am::in, what});
}

PortTask::~PortTask() {
  if (began_ns_ != 0) [[unlikely]] monitor_port_schedule(port_.self, monotonic_now_ns() - began_ns_, operation_);
  if (is_traced(port_, trace_flag::running_ports) && port_.is_open()) [[unlikely]] trace_port(port_, trace_flag::running_ports, {am::out, what_});
  if (is_profiled_) [[unlikely]] profile_port(port_.self, false);
}

}  // namespace hanse
