// What is told of traced and profiled ports (erlang:trace/3, system_profile/2). The flags are Port's own; everything is told by the
// thread that holds the port's lock. A tracer that is gone turns the trace off when the next event finds out.
#pragma once

#include "io/port.h"
#include "process/tracing.h"

namespace hanse {

inline bool is_traced(const Port& port, uint32_t flag) { return (port.trace_flags.load(std::memory_order_relaxed) & flag) != 0; }
// {trace, Port, Words...}, if the flag is set.
void trace_port(Port& port, uint32_t flag, TraceWords words);

// What is traced of new ports holds for this one; tells of its opening.
void trace_port_opened(Port& port);
// {trace, Port, 'receive', {From, Request}}
void trace_port_request(Port& port, Term from, Term request);
void trace_port_command(Port& port, Term from, const IoQueue& data);
void trace_port_control(Port& port, Term from, Term kind, uint64_t operation, Bytes data);  // kind: control or call
// {trace, Port, send, {Port, {control | call, Reply}}, To}: what the driver has answered.
void trace_port_reply(Port& port, Term to, Term kind, std::string_view reply);
// {trace, Port, send, {Port, What}, To}
void trace_port_answer(Port& port, Term to, Term what);
void trace_port_send(Port& port, Term to, Term message);
// What happens to it: links, names, its end.
inline void trace_port_event(Port& port, Term tag, Term what) {
  if (is_traced(port, trace_flag::ports)) [[unlikely]] trace_port(port, trace_flag::ports, {tag, what});
}

// While the port is at work on a request, or on an event of the system (0): {trace, Port, in | out, What} for `running_ports`,
// {profile, Port, active | inactive, 0, Time} for the profiler. Made under the port's lock, and gone before it.
// operation: of an event of the system, whose length system_monitor(long_schedule) may want to know: input, output or timeout.
class PortTask {
 public:
  PortTask(Port& port, Term what, Term operation = Term::none());
  ~PortTask();
  PortTask(const PortTask&) = delete;
  PortTask& operator=(const PortTask&) = delete;

 private:
  Port& port_;
  const Term what_, operation_;
  const bool is_profiled_;
  uint64_t began_ns_ = 0;  // 0: nobody wants to know
};

}  // namespace hanse
