// What tcp_inet and udp_inet have in common: the control protocol of prim_inet, options, addresses, statistics.
//
// The files: inet_driver.cc (control operations), inet_options.cc (setopts, getopts), inet_address.cc, inet_interfaces.cc
// (network interfaces), inet_services.cc (host name, services), tcp_*.cc, udp_driver.cc.
#pragma once

#include <string>

#include "heap/fragment.h"
#include "io/driver.h"
#include "io/inet_address.h"
#include "io/port.h"

namespace hanse {

enum class ActiveMode : uint8_t { passive = 0, active = 1, once = 2, multi = 3 };

// Options that live here and not in the kernel.
struct InetSettings {
  ActiveMode active = ActiveMode::passive;
  int active_count = 0;  // messages left in mode `multi`
  uint32_t packet = 0;
  bool binary = false;
  bool deliver_term = true;
  bool exit_on_close = true;
  uint32_t header = 0;
  uint32_t buffer = 1460;
  uint32_t high_watermark = 8192;
  uint32_t low_watermark = 4096;
  uint32_t high_message_queue_watermark = 8192;
  uint32_t low_message_queue_watermark = 4096;
  int32_t send_timeout_ms = -1;
  bool send_timeout_close = false;
  bool delay_send = false;
  uint32_t packet_size = 0;
  uint32_t read_packets = 5;
  uint8_t line_delimiter = '\n';
  bool show_econnreset = false;
  bool debug = false;
  bool has_network_namespace = false;  // the option has been set, if only to ""
  std::string network_namespace;
};

struct InetStatistics {
  uint64_t octets = 0;
  uint64_t count = 0;
  uint32_t maximum = 0;
  double average = 0;
  double deviation = 0;
  void add(size_t bytes);
};

class InetDriver : public Driver {
 public:
  InetDriver(Port& port, int socket_type, uint8_t type_code) : port_(port), socket_type_(socket_type), type_code_(type_code) {}
  ~InetDriver() override { close_socket(); }

  bool control(Term caller, uint32_t operation, Bytes request, std::string& reply) final;
  void stop() override { close_socket(); }

 protected:
  // Bits of getstatus.
  static constexpr uint32_t is_open = 0x1, is_bound = 0x2, is_connected = 0x4, is_listening = 0x8, is_connecting = 0x10,
                            is_accepting = 0x20, is_busy_bit = 0x80;
  static constexpr uint32_t socket_role = 0;

  // Operations beyond the common ones. The answer is an errno, 0 if `reply` holds the data of a success, or one of these.
  static constexpr int unknown_operation = -1;  // exbadport
  static constexpr int closed_error = -2;       // the text "closed"
  static constexpr int bad_sequence = -3;       // exbadseq
  virtual int control_more(Term caller, uint32_t operation, RequestReader& request, std::string& reply) = 0;
  // Options have changed that concern reading, or that need an open socket to look at.
  virtual void active_changed() = 0;
  virtual void socket_opened() {}
  virtual bool is_tcp() const = 0;
  // Before somebody is told of the state.
  virtual void refresh_state() {}

  bool has(uint32_t bit) const { return (state_ & bit) != 0; }
  void close_socket();

  // --- messages ---
  // The number that names an asynchronous operation, drawn per port.
  uint16_t next_async_id() { return next_async_id_++; }
  void send_async(Term to, uint16_t id, Term result);                             // {inet_async, Port, Id, Result}, immediate
  void send_async_error(Term to, uint16_t id, Term reason);                       // ... {error, Reason}}
  void send_async_ok(Term to, uint16_t id, FragmentArena& arena, Term value);     // ... {ok, Value}}
  void send_reply(Term to, Term result);                                          // {inet_reply, Port, Result}
  void send_reply_error(Term to, Term reason);
  void send_to_owner(Term tag);                                                   // {Tag, Port}
  void send_error_to_owner(Term tag, Term reason);                                // {Tag, Port, Reason}
  // One message less to deliver: `once` and `multi` become passive in time. Tag: tcp_passive or udp_passive.
  void count_delivery(Term passive_tag);
  // {active, N}: false if the sum does not fit.
  bool add_active_count(int count);

  Port& port_;
  const int socket_type_;
  const uint8_t type_code_;
  int socket_ = -1;
  int family_ = AF_INET;
  uint32_t state_ = 0;
  bool ignored_ = false;  // somebody else reads the descriptor
  InetSettings settings_;
  InetStatistics received_, sent_;
  Watch watch_;
  std::vector<Term> empty_queue_subscribers_;

 private:
  int control_operation(Term caller, uint32_t operation, RequestReader& request, std::string& reply);
  int open(RequestReader& request);
  int adopt_descriptor(RequestReader& request);
  int bind(RequestReader& request, std::string& reply);
  int append_name(std::string& reply, bool peer);
  int append_own_names(std::string& reply, bool peer);
  int append_statistics(RequestReader& request, std::string& reply);
  int set_fake_name(RequestReader& request, std::string& fake);
  int subscribe(Term caller, RequestReader& request, std::string& reply);

  // inet_options.cc
  int set_options(RequestReader& request);
  int set_local_option(uint8_t code, RequestReader& request, bool& known);
  int set_membership(uint8_t code, RequestReader& request);
  int set_socket_option(uint8_t code, RequestReader& request);
  int get_options(RequestReader& request, std::string& reply);
  bool append_local_option(uint8_t code, std::string& reply);
  bool append_socket_option(uint8_t code, std::string& reply);
  int append_raw_option(RequestReader& request, std::string& reply);
  void append_packet_options(std::string& reply);

  uint16_t next_async_id_ = 0;
  std::string fake_name_, fake_peer_;  // encoded addresses, empty: none
};

// inet_interfaces.cc, inet_services.cc: control operations that concern the host. Errno or 0.
int list_interfaces(std::string& reply);
int get_interface(RequestReader& request, std::string& reply);
int set_interface(RequestReader& request);
int list_interface_addresses(std::string& reply);
int host_name(std::string& reply);
int service_by_name(RequestReader& request, std::string& reply);
int service_by_port(RequestReader& request, std::string& reply);

}  // namespace hanse
