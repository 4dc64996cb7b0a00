// A port that carries a connection to another node, and the connection on top of it. io/ implements the port's side
// (PortSignals), dist/ the connection's. Functions of CarrierClient are called with the port's lock held, on any thread.
#pragma once

#include <sys/uio.h>

#include "base/bytes.h"
#include "base/ref.h"
#include "term/term.h"

namespace hanse {

class CarrierClient {
 public:
  virtual ~CarrierClient() = default;
  virtual void retain_client() = 0;
  virtual void release_client() = 0;

  // One frame without its length; empty: a tick. False: the connection must end.
  virtual bool input(Bytes frame) = 0;
  // The bytes to be written next, at most `capacity` pieces of them; 0: none, and the port is told (carrier_output) when
  // there are. They stay where they are until they are consumed.
  virtual int output(iovec* pieces, int capacity) = 0;
  virtual void consume_output(size_t bytes) = 0;
  // Bytes that wait to be written.
  virtual size_t output_size() = 0;
  // So much waits that others who send over the port wait, too.
  virtual bool is_full() = 0;
  // Frames that output() has begun since the last call, for the port's statistics.
  virtual size_t take_frame_count() = 0;
  // To be sent between two frames as it is: one that a process has made, which is empty unless it is a test: a tick.
  virtual void send_raw(Bytes frame) = 0;
  // The port has ended. Nothing follows.
  virtual void closed(Term reason) = 0;
};

// Counted through the interface.
class CarrierRef {
 public:
  CarrierRef() = default;
  explicit CarrierRef(CarrierClient* client) : client_(client) {
    if (client_) client_->retain_client();
  }
  CarrierRef(const CarrierRef&) = delete;
  CarrierRef& operator=(CarrierRef&& other) noexcept {
    std::swap(client_, other.client_);
    return *this;
  }
  CarrierRef(CarrierRef&& other) noexcept : client_(std::exchange(other.client_, nullptr)) {}
  ~CarrierRef() {
    if (client_) client_->release_client();
  }
  CarrierClient* operator->() const { return client_; }
  explicit operator bool() const { return client_ != nullptr; }

 private:
  CarrierClient* client_ = nullptr;
};

}  // namespace hanse
