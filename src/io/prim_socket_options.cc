// prim_socket: setopt and getopt.
#include "io/prim_socket_options.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "io/posix_error.h"
#include "io/prim_socket.h"
#include "io/prim_socket_values.h"
#include "term/map.h"
#include "term/text.h"

namespace hanse {
namespace {

// Options of the virtual machine itself: level `otp`, numbers of prim_socket.erl.
enum : int64_t {
  otp_debug = 1001,
  otp_iow = 1002,
  otp_controlling_process = 1003,
  otp_rcvbuf = 1004,
  otp_rcvctrlbuf = 1006,
  otp_sndctrlbuf = 1007,
  otp_fd = 1008,
  otp_meta = 1009,
  otp_use_registry = 1010,
  otp_domain = 1999,
};

bool decode_boolean(Term term, bool& value) {
  value = term == am::true_;
  return value || term == am::false_;
}
bool decode_int(Term term, int& value) {
  if (!term.is_small() || term.as_small() < INT32_MIN || term.as_small() > INT32_MAX) return false;
  value = static_cast<int>(term.as_small());
  return true;
}
// A positive size, or `default`.
bool decode_size(Term term, size_t standard, size_t& size) {
  size = standard;
  if (term == am::default_) return true;
  if (!term.is_small() || term.as_small() <= 0) return false;
  size = static_cast<size_t>(term.as_small());
  return true;
}

Term invalid_value(Call& call) { return invalid(call, am::value); }

// What kind of an option is `number` of a level? nullptr: unknown.
const SocketOption* find_option(int level, int number) {
  for (const OptionLevel& known : option_levels()) {
    if (known.number != level) continue;
    for (const SocketOption& option : known.options)
      if (option.number == number && option.shape != OptionShape::unsupported) return &option;
  }
  return nullptr;
}

Result set_otp(Call& call, Socket& socket, int64_t number, Term value) REQUIRES_LOCK(socket.mutex) {
  switch (number) {
    case otp_debug: return decode_boolean(value, socket.debug) ? am::ok : invalid_value(call);
    case otp_iow: return decode_boolean(value, socket.counter_wraps) ? am::ok : invalid_value(call);
    case otp_controlling_process:
      if (!value.is_local_pid()) return invalid_value(call);
      if (socket.owner != call.process.self) return make_tuple(call.arena(), am::error, am::not_owner);
      socket.change_owner(value);
      return am::ok;
    case otp_rcvbuf: {
      size_t count = 0, size;
      if (is_tuple_of_arity(value, 2)) {
        if (!decode_size(as_tuple(value)->elements[0], 0, count) || count == 0) return invalid_value(call);
        value = as_tuple(value)->elements[1];
      }
      if (!decode_size(value, 8192, size)) return invalid_value(call);
      socket.receive_count = count;
      socket.receive_buffer = size;
      return am::ok;
    }
    case otp_rcvctrlbuf: return decode_size(value, 1024, socket.receive_control) ? am::ok : invalid_value(call);
    case otp_sndctrlbuf: return decode_size(value, 1024, socket.send_control) ? am::ok : invalid_value(call);
    case otp_meta:
      if (socket.owner != call.process.self) return make_tuple(call.arena(), am::error, am::not_owner);
      socket.meta = StoredTerm(value);
      return am::ok;
    case otp_use_registry: {
      bool wanted;
      return decode_boolean(value, wanted) ? am::ok : invalid_value(call);
    }
    default: return raise_error(call, invalid(call, make_tuple(call.arena(), am::otp_socket_option, Term::small(number))));
  }
}

Result get_otp(Call& call, Socket& socket, int64_t number) REQUIRES_LOCK(socket.mutex) {
  Arena& arena = call.arena();
  auto size = [&](size_t value) { return ok_tuple(arena, make_unsigned(arena, value)); };
  switch (number) {
    case otp_debug: return ok_tuple(arena, boolean(socket.debug));
    case otp_iow: return ok_tuple(arena, boolean(socket.counter_wraps));
    case otp_controlling_process: return ok_tuple(arena, socket.owner);
    case otp_rcvbuf:
      if (socket.receive_count == 0) return size(socket.receive_buffer);
      return ok_tuple(arena, make_tuple(arena, make_unsigned(arena, socket.receive_count), make_unsigned(arena, socket.receive_buffer)));
    case otp_rcvctrlbuf: return size(socket.receive_control);
    case otp_sndctrlbuf: return size(socket.send_control);
    case otp_fd: return size(static_cast<size_t>(socket.descriptor));
    case otp_meta: return ok_tuple(arena, socket.meta.is_none() ? am::undefined : socket.meta.read(arena));
    case otp_use_registry: return ok_tuple(arena, am::true_);
    case otp_domain: return ok_tuple(arena, encode_domain(socket.domain));
    default: return invalid(call, am::socket_option);
  }
}

// {socket | Number, Number} as the numbers of the system; -1 stands for the level `socket` in our table.
bool decode_level(Term level, int& table_level, int& system_level) {
  if (level == am::socket) {
    table_level = -1;
    system_level = SOL_SOCKET;
    return true;
  }
  if (!decode_int(level, table_level)) return false;
  system_level = table_level;
  return true;
}

Result set_bytes(Call& call, Socket& socket, int level, int number, Bytes bytes) REQUIRES_LOCK(socket.mutex) {
  if (setsockopt(socket.descriptor, level, number, bytes.data(), static_cast<socklen_t>(bytes.size())) == 0) return am::ok;
  return posix_error(call.arena(), errno);
}

// Without a known shape: an integer, a boolean or the bytes themselves.
Result set_native(Call& call, Socket& socket, int level, int number, Term value) REQUIRES_LOCK(socket.mutex) {
  int integer;
  bool truth;
  if (value.is_binary()) {
    ContiguousBytes bytes(value);
    return set_bytes(call, socket, level, number, bytes.bytes());
  }
  if (decode_boolean(value, truth)) integer = truth;
  else if (!decode_int(value, integer)) return make_tuple(call.arena(), am::error, invalid_value(call));
  return set_bytes(call, socket, level, number, {reinterpret_cast<const uint8_t*>(&integer), sizeof(integer)});
}

Result prim_socket_nif_setopt_5(Call& call) {
  int table_level = 0, level = 0, number;
  bool is_otp = call.args[1] == am::otp;
  if ((!is_otp && !decode_level(call.args[1], table_level, level)) || !decode_int(call.args[2], number) || !call.args[4].is_small())
    return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  if (is_otp) return set_otp(call, *socket, number, call.args[3]);
  if (call.args[4].as_small() != 0) return set_native(call, *socket, level, number, call.args[3]);
  const SocketOption* option = find_option(table_level, number);
  if (option == nullptr || !option->writable) return invalid(call, am::socket_option);
  OptionValue value;
  if (!encode_option(option->shape, call.args[3], socket->domain, value)) return invalid_value(call);
  return set_bytes(call, *socket, level, number, value.bytes());
}

Result prim_socket_nif_getopt_3(Call& call) {
  int table_level = 0, level = 0, number;
  bool is_otp = call.args[1] == am::otp;
  if ((!is_otp && !decode_level(call.args[1], table_level, level)) || !decode_int(call.args[2], number)) return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  if (is_otp) return get_otp(call, *socket, number);
  const SocketOption* option = find_option(table_level, number);
  if (option == nullptr || !option->readable) return invalid(call, am::socket_option);
  OptionValue value;
  auto size = static_cast<socklen_t>(option_size(option->shape));
  if (getsockopt(socket->descriptor, level, number, value.data, &size) != 0) return posix_error(call.arena(), errno);
  value.size = size;
  return ok_tuple(call.arena(), decode_option(call.arena(), option->shape, value));
}

// Value specification: integer, boolean, a number of bytes, or a binary of that size.
Result prim_socket_nif_getopt_4(Call& call) {
  int table_level, level, number;
  if (!decode_level(call.args[1], table_level, level) || !decode_int(call.args[2], number)) return raise_badarg(call);
  Term wanted = call.args[3];
  size_t room = sizeof(int);
  std::vector<uint8_t> bytes;
  if (wanted.is_binary()) {
    ContiguousBytes given(wanted);
    bytes.assign(given.bytes().begin(), given.bytes().end());
  } else if (wanted.is_small() && wanted.as_small() >= 0 && wanted.as_small() <= 65536) {
    bytes.resize(static_cast<size_t>(wanted.as_small()));
  } else if (wanted == am::integer || wanted == am::boolean) {
    bytes.resize(room);
  } else {
    return invalid(call, am::value);
  }
  SOCKET_OR_RETURN(socket);
  auto size = static_cast<socklen_t>(bytes.size());
  if (getsockopt(socket->descriptor, level, number, bytes.data(), &size) != 0) return posix_error(call.arena(), errno);
  if (!wanted.is_atom()) return ok_tuple(call.arena(), make_binary(call.arena(), Bytes(bytes.data(), size)));
  int value = load_unaligned<int>(bytes.data());
  return ok_tuple(call.arena(), wanted == am::boolean ? boolean(value != 0) : Term::small(value));
}

constexpr BifKind plain = BifKind::plain;
constexpr Authority host = Authority::host;
constexpr BifRow rows[] = {
    {"prim_socket", "nif_getopt", 3, prim_socket_nif_getopt_3, plain, host},
    {"prim_socket", "nif_getopt", 4, prim_socket_nif_getopt_4, plain, host},
    {"prim_socket", "nif_setopt", 5, prim_socket_nif_setopt_5, plain, host},
};

}  // namespace
const BifTable prim_socket_option_bifs = rows;

}  // namespace hanse
