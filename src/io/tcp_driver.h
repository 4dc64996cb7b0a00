// tcp_inet: streams. tcp_driver.cc has the control operations and the end of a connection, tcp_accept.cc listening,
// tcp_receive.cc input and packets, tcp_send.cc output.
#pragma once

#include <deque>
#include <memory>

#include "bif/packet_parser.h"
#include "io/inet_driver.h"
#include "io/tcp_buffer.h"
#include "process/carrier.h"

namespace hanse {

class TcpDriver final : public InetDriver {
 public:
  // port_binary: the option of open_port, for the mode `deliver port`.
  TcpDriver(Port& port, bool port_binary) : InetDriver(port, SOCK_STREAM, 1), port_binary_(port_binary) {}

  void output(Term caller, IoQueue data) override;
  void descriptor_ready(uint32_t role, uint32_t events) override;
  void deadline_passed(uint64_t timer) override;
  size_t queue_size() const override { return queue_.size() + (carrier_ ? carrier_->output_size() : 0); }
  bool attach_carrier(CarrierClient* client) override;
  void carrier_output() override;
  void ending(Term reason) override;
  bool closing() override;
  void stop() override;
  bool takes_pieces() const override { return true; }
  bool understands_force() const override { return true; }

 private:
  int control_more(Term caller, uint32_t operation, RequestReader& request, std::string& reply) override;
  void active_changed() override;
  bool is_tcp() const override { return true; }
  void refresh_state() override { forget_dead_acceptors(); }

  // --- tcp_driver.cc ---
  int connect(Term caller, RequestReader& request, std::string& reply);
  void finish_connecting();
  int shut_down(RequestReader& request);
  void update_interest();
  // The peer closed its side; an error on reading; an error on writing.
  bool is_passive() const;
  void tell_end();
  void peer_closed();
  void receive_failed(int error);
  void send_failed(int error);
  void close_connection();
  void end_port(Term reason);
  Term visible_error(int error) const;

  // --- tcp_accept.cc ---
  int listen(RequestReader& request);
  int accept(Term caller, RequestReader& request, std::string& reply);
  void accept_ready();
  void forget_dead_acceptors();
  bool accept_deadline_passed(uint64_t timer);
  void give_connection(int descriptor, Term acceptor, uint16_t id);
  void adopt_connection(int descriptor, const TcpDriver& listener);

  // --- tcp_receive.cc ---
  int receive(Term caller, RequestReader& request, std::string& reply);
  int unreceive(RequestReader& request);
  bool wants_input() const { return waiting_ || settings_.active != ActiveMode::passive; }
  bool is_readable() const { return has(is_connected) && !read_closed_; }
  // Delivers what is complete and reads at most `max_reads` times.
  void receive_available(int max_reads);
  enum class Framing : uint8_t { delivered, incomplete, failed };
  Framing deliver_packet();
  size_t wanted_bytes(size_t packet) const;
  void deliver(size_t size);
  Term packet_content(FragmentArena& arena, size_t size, Term& tag);
  PacketType packet_type() const;
  void fail_waiting(Term reason);

  // --- tcp_send.cc ---
  bool write_queue();
  void queue_drained();
  void end_busy(Term reply_error);
  int start_sendfile(Term caller, RequestReader& request);
  bool continue_sendfile();
  void end_sendfile(Term result_error);

  // --- tcp_carrier.cc ---
  Framing deliver_frame();
  bool write_carrier();
  void send_past_carrier(Term caller, const IoQueue& data);

  CarrierRef carrier_;            // the connection to another node, or none
  bool carrier_blocked_ = false;  // it has more to write than the socket takes, or than one turn may

  const bool port_binary_;
  bool read_closed_ = false;
  // What the next operation is told after the connection ended while nobody waited.
  bool delayed_close_receive_ = false, delayed_close_send_ = false, delayed_reset_ = false;
  bool end_untold_ = false;  // of a passive socket: no message has told yet

  Term connecting_process_;
  uint16_t connecting_id_ = 0;
  Deadline deadline_;  // of connect or recv

  bool waiting_ = false;  // a recv is pending
  Term waiting_process_;
  uint16_t waiting_id_ = 0;
  size_t waiting_length_ = 0;
  TcpBuffer buffer_;
  size_t wanted_ = 0;         // bytes of the packet that is coming in, 0: unknown
  bool http_headers_ = false; // the next line is a header

  IoQueue queue_;
  bool sender_waits_ = false;  // the port is busy and this sender gets its answer later
  Term waiting_sender_;
  Deadline send_deadline_;
  bool shut_down_when_drained_ = false;

  struct Sendfile {
    Term caller;
    int descriptor;
    uint64_t offset, remaining, sent;
    size_t queued_before;  // bytes of the queue that go first; what is sent meanwhile comes after the file
  };
  std::unique_ptr<Sendfile> sendfile_;

  struct Acceptor {
    Term process;
    uint16_t id;
    std::unique_ptr<Deadline> deadline;
  };
  std::deque<Acceptor> acceptors_;
};

}  // namespace hanse
