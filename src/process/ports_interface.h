// What processes ask of ports. Implemented by io/, set once by main. Any thread; all terms are borrowed for the call.
// Ports answer through process/send.h: deliver, send_exit_signal(kind link), send_down_signal.
#pragma once

#include <vector>

#include "term/reference.h"
#include "term/result.h"

namespace hanse {

struct Call;
class CarrierClient;  // carrier.h
class Tracer;
struct TraceSettings;
enum class ExitKind : uint8_t;  // send.h

class PortSignals {
 public:
  virtual ~PortSignals() = default;
  virtual bool is_alive(Term port) = 0;
  // `Port ! Message`; message is what the guest sent, {Owner, {command, Data}} and so on. ok, or yield/wait if the port is
  // busy (the call is made again), or badsig behaviour as stock: an exit signal to the sender. no_suspend: the atom
  // nosuspend instead of waiting.
  virtual Result message(Call& call, Term port, Term message, bool no_suspend) = 0;
  // Data for the port from whoever it is, on any thread; also while the port is busy. False: there is no such port, or it is no iodata.
  virtual bool output(Term from, Term port, Term data) = 0;
  // False: there is no such port.
  virtual bool link(Term from, Term port) = 0;
  virtual void unlink(Term from, Term port) = 0;
  virtual void exit(Term from, Term port, Term reason, ExitKind kind) = 0;
  virtual bool monitor(Term watcher, Term port, ReferenceNumber reference) = 0;
  virtual void demonitor(Term watcher, Term port, ReferenceNumber reference) = 0;
  // What the port watches is gone.
  virtual void down(Term port, ReferenceNumber reference) = 0;
  // A trace message for the port, which gets it as the bytes of the external term format. False: there is no such port.
  virtual bool trace(Term port, Term message) = 0;
  // What is traced of a port. change_trace: false if there is no such port, or another tracer is in the way.
  virtual bool change_trace(Term port, uint32_t add, uint32_t remove, const Tracer& tracer) = 0;
  virtual TraceSettings trace_settings(Term port) = 0;
  virtual std::vector<Term> all() = 0;
  // Whether the process waits for a busy port.
  virtual bool holds_up(Term process) = 0;
  // Called by erlang:register/unregister under LockRank::registry; must not lock anything. False: dead or named already.
  // {trace, Port, Tag, What} for the flag `ports`; any thread.
  virtual void trace_event(Term port, Term tag, Term what) = 0;
  virtual bool set_name(Term port, Term name) = 0;
  virtual void clear_name(Term port) = 0;

  // --- ports that carry a connection to another node ---
  // Bytes go to and come from the client from now on. False: the port cannot, or carries one already.
  virtual bool attach_carrier(Term port, CarrierClient* client) = 0;
  // The client has something to write. Not while a port is locked by this thread.
  virtual void carrier_output(Term port) = 0;
};

void set_port_signals(PortSignals* ports);
PortSignals* port_signals();  // nullptr while there is none

}  // namespace hanse
