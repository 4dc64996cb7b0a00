// What the fd and the spawn driver have in common: a descriptor to read from, one to write to (often the same or none), and
// the framing options of open_port/2: stream, {packet, N}, {line, N}.
#pragma once

#include <memory>
#include <string>

#include "io/driver.h"
#include "io/poller.h"
#include "io/port.h"
#include "io/port_options.h"

namespace hanse {

// Cuts what was read into messages to the owner.
class InputFraming {
 public:
  InputFraming(Port& port, const PortOptions& options)
      : port_(port), packet_(options.packet), line_(options.line), binary_(options.binary) {}
  void feed(Bytes data);
  // Lines only: each of them behind the header.
  void feed_lines(Bytes data, Bytes header = {});
  // Whether what was read is given on as it is, so that a large read needs no copy.
  bool passes_on() const { return packet_ == 0 && line_ == 0 && binary_; }
  void pass_on(Ref<OffHeapBinary> data) { port_.send_data(std::move(data)); }
  // End of input: an unfinished line is delivered.
  void flush();

 private:
  void feed_packets(Bytes data);
  void send_line(Term kind, Bytes line, Bytes header = {});
  Port& port_;
  const unsigned packet_;
  const size_t line_;
  const bool binary_;
  std::string rest_;
};

class StreamDriver : public Driver {
 public:
  // Descriptors of -1 are not used. Those that are owned are closed by stop().
  struct Channel {
    int input = -1;
    int output = -1;
    bool owns_input = false;
    bool owns_output = false;
  };
  StreamDriver(Port& port, const PortOptions& options, Channel channel);
  ~StreamDriver() override;

  void start_reading();
  void output(Term caller, IoQueue data) override;
  void descriptor_ready(uint32_t role, uint32_t events) override;
  size_t queue_size() const override { return queue_.size(); }
  bool closing() override;
  void stop() override;

 protected:
  // Reads until the descriptor would block; false at end of input or after an error has ended the port.
  enum class ReadEnd : uint8_t { would_block, end, failed };
  ReadEnd read_available(size_t max_reads);
  virtual void end_of_input();
  // {Port, eof} if that was asked for, else the port ends.
  void report_end();
  void stop_reading();

  Port& port_;
  const PortOptions options_;

 private:
  bool write_queue();
  // Reads what waits into a binary of that size. 0: not so much waits.
  ssize_t read_much();
  void fail(int error);
  static constexpr uint32_t input_role = 0, output_role = 1;

  Channel channel_;
  InputFraming framing_;
  IoQueue queue_;
  bool much_input_ = false;  // the latest read got all that it asked for
  bool input_widened_ = false, output_widened_ = false;
  Watch input_watch_;
  Watch output_watch_;
};

// Descriptors that the node inherited are shared with other programs: their flags must not change. Terminals and pipes are
// opened a second time, without blocking; others are used as they are. Never -1: falls back to the descriptor.
struct SharedDescriptor {
  int descriptor;
  bool owned;  // a new one, to be closed
};
SharedDescriptor open_shared(int descriptor, bool for_writing);

}  // namespace hanse
