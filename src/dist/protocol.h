// Numbers of the distribution protocol (ERTS User's Guide, "Distribution Protocol" and "External Term Format", 12.3).
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse::dist {

namespace flag {
inline constexpr uint64_t published = 0x1, extended_references = 0x4, dist_monitor = 0x8, fun_tags = 0x10,
                          dist_monitor_name = 0x20, new_fun_tags = 0x80, extended_pids_ports = 0x100,
                          export_ptr_tag = 0x200, bit_binaries = 0x400, new_floats = 0x800, unicode_io = 0x1000,
                          header_atom_cache = 0x2000, small_atom_tags = 0x4000, utf8_atoms = 0x10000, map_tag = 0x20000,
                          big_creation = 0x40000, send_sender = 0x80000, big_seqtrace_labels = 0x100000,
                          exit_payload = 0x400000, fragments = 0x800000, handshake_23 = 0x1000000, unlink_id = 0x2000000,
                          mandatory_25_digest = 0x4000000, spawn = uint64_t{1} << 32, v4_nc = uint64_t{1} << 34,
                          alias = uint64_t{1} << 35;
// What erts_internal:get_dflags/0 tells (section 13.2, "Distribution Flags").
inline constexpr uint64_t mandatory = extended_references | fun_tags | new_fun_tags | extended_pids_ports | export_ptr_tag |
                                      bit_binaries | new_floats | utf8_atoms | map_tag | big_creation | handshake_23;
inline constexpr uint64_t supported = mandatory | dist_monitor | dist_monitor_name | unicode_io | header_atom_cache |
                                      small_atom_tags | send_sender | big_seqtrace_labels | exit_payload | fragments |
                                      unlink_id | mandatory_25_digest | spawn | v4_nc | alias;
inline constexpr uint64_t rejectable = 0x2 | 0x40 | header_atom_cache | fragments;
inline constexpr uint64_t strict_order = header_atom_cache;
}  // namespace flag

// First element of a control tuple (section 13.3).
enum class Operation : uint8_t {
  link = 1,
  send = 2,
  exit = 3,
  unlink = 4,
  node_link = 5,
  reg_send = 6,
  group_leader = 7,
  exit2 = 8,
  send_tt = 12,
  exit_tt = 13,
  reg_send_tt = 16,
  exit2_tt = 18,
  monitor_p = 19,
  demonitor_p = 20,
  monitor_p_exit = 21,
  send_sender = 22,
  send_sender_tt = 23,
  payload_exit = 24,
  payload_exit_tt = 25,
  payload_exit2 = 26,
  payload_exit2_tt = 27,
  payload_monitor_p_exit = 28,
  spawn_request = 29,
  spawn_request_tt = 30,
  spawn_reply = 31,
  spawn_reply_tt = 32,
  alias_send = 33,
  alias_send_tt = 34,
  unlink_id = 35,
  unlink_id_ack = 36,
};
// Flags of spawn_reply.
inline constexpr int64_t spawn_reply_link = 1, spawn_reply_monitor = 2;

// Tags behind the version byte, and the one of messages without a header.
inline constexpr uint8_t normal_header = 68, first_fragment = 69, later_fragment = 70, pass_through = 112;

// The atom cache of one direction: 8 segments of 256.
inline constexpr size_t atom_cache_size = 2048, header_max_atoms = 255;
inline constexpr size_t fragment_bytes = 65536;

}  // namespace hanse::dist
