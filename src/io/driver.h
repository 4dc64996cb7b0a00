// What is behind a port: a driver object. Everything here is called with the port's lock held, on any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "io/io_queue.h"
#include "term/arena.h"
#include "term/reference.h"

namespace hanse {

class Port;
class CarrierClient;  // process/carrier.h

class Driver {
 public:
  virtual ~Driver() = default;

  // The port has become visible: others may look it up.
  virtual void published() {}
  // Data sent to the port. `caller` is the sending process.
  virtual void output(Term caller, IoQueue data) = 0;
  // erlang:port_control/3: the reply's bytes; false is badarg.
  virtual bool control(Term caller, uint32_t operation, Bytes request, std::string& reply) {
    (void)caller, (void)operation, (void)request, (void)reply;
    return false;
  }
  // Whether the reply becomes a binary instead of a list.
  virtual bool answers_binary() const { return false; }
  // What port_control/3 answers; none(): badarg.
  virtual Term answer_control(Arena& arena, Term caller, uint32_t operation, Bytes request);
  // erlang:port_call/3, from one term to another in the external format; false is badarg.
  virtual bool call(Term caller, uint32_t operation, Bytes request, std::string& reply) {
    (void)caller, (void)operation, (void)request, (void)reply;
    return false;
  }
  // A process that the driver watches has gone.
  virtual void process_down(ReferenceNumber monitor) { (void)monitor; }
  virtual std::vector<Term> watched_processes() { return {}; }
  virtual void descriptor_ready(uint32_t role, uint32_t events) { (void)role, (void)events; }
  virtual void deadline_passed(uint64_t timer) { (void)timer; }
  // Bytes accepted and not written yet.
  virtual size_t queue_size() const { return 0; }
  virtual std::optional<int64_t> os_pid() const { return std::nullopt; }
  // Whether data are told to tracers in the pieces that the driver gets, or as one binary.
  virtual bool takes_pieces() const { return false; }
  // Whether port_command's `force` may pass a busy port.
  virtual bool understands_force() const { return false; }
  // The port carries a connection to another node from now on. False: it cannot.
  virtual bool attach_carrier(CarrierClient* client) {
    (void)client;
    return false;
  }
  virtual void carrier_output() {}
  // The port is about to close; who is linked to it has not been told yet.
  virtual void ending(Term reason) { (void)reason; }
  // The port is closing and answers nobody any more. True: there is nothing left to write. False: the driver calls
  // Port::finish() once it has written its queue.
  virtual bool closing() { return true; }
  // The last call: descriptors are closed, watches and deadlines end.
  virtual void stop() {}
};

}  // namespace hanse
