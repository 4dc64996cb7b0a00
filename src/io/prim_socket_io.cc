// prim_socket: sending and receiving bytes. Messages with control data are in prim_socket_messages.cc.
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "io/posix_error.h"
#include "io/prim_file.h"
#include "io/prim_socket.h"
#include "term/big.h"

namespace hanse {
namespace {

bool flags_argument(Term term, int& flags) {
  if (!term.is_small() || term.as_small() < INT_MIN || term.as_small() > INT_MAX) return false;
  flags = static_cast<int>(term.as_small());
  return true;
}
bool handle_argument(Term term) { return term.is_internal_reference() || term == am::zero; }
bool size_argument(Term term, size_t& size) {
  if (!term.is_small() || term.as_small() < 0 || term.as_small() > int64_t{1} << 34) return false;
  size = static_cast<size_t>(term.as_small());
  return true;
}

// --- sending ---

// ok: all of it; {ok, Written} with the handle `zero`, {select, Written}, select: the rest has to wait.
Result send_result(Call& call, Socket& socket, ssize_t written, size_t size, Term handle) REQUIRES_LOCK(socket.mutex) {
  if (written < 0) {
    if (is_would_block(errno)) {
      socket.write_counters.waits++;
      return wait_or_timeout(call, socket, SocketSide::writing, handle);
    }
    int error = errno;
    socket.write_counters.fails++;
    socket.done(SocketSide::writing, call.process.self);
    return posix_error(call.arena(), error);
  }
  auto count = static_cast<size_t>(written);
  socket.write_counters.count(count);
  call.charge(count / 1024);
  if (count == size) {
    socket.done(SocketSide::writing, call.process.self);
    return am::ok;
  }
  Term progress = Term::small(written);
  if (handle == am::zero) return ok_tuple(call.arena(), progress);
  socket.write_counters.waits++;
  socket.wait(SocketSide::writing, call.process.self, handle);
  return make_tuple(call.arena(), am::select, progress);
}

Result prim_socket_nif_send_4(Call& call) {
  int flags;
  if (!call.args[1].is_binary() || !flags_argument(call.args[2], flags) || !handle_argument(call.args[3]))
    return raise_badarg(call);
  ContiguousBytes data(call.args[1]);
  SOCKET_OR_RETURN(socket);
  socket->write_counters.tries++;
  ssize_t written = send(socket->descriptor, data.bytes().data(), data.bytes().size(), flags | MSG_NOSIGNAL);
  return send_result(call, *socket, written, data.bytes().size(), call.args[3]);
}

Result prim_socket_nif_sendto_5(Call& call) {
  int flags;
  if (!call.args[1].is_binary() || !flags_argument(call.args[3], flags) || !handle_argument(call.args[4]))
    return raise_badarg(call);
  ContiguousBytes data(call.args[1]);
  SOCKET_OR_RETURN(socket);
  SocketAddress address;
  if (!decode_socket_address(call.args[2], address)) return invalid(call, am::sockaddr);
  socket->write_counters.tries++;
  ssize_t written = sendto(socket->descriptor, data.bytes().data(), data.bytes().size(), flags | MSG_NOSIGNAL, &address.any,
                           address.length);
  return send_result(call, *socket, written, data.bytes().size(), call.args[4]);
}

// --- receiving ---

// EAGAIN, an error, or the end of a stream.
Result receive_failure(Call& call, Socket& socket, ssize_t got, Term handle) REQUIRES_LOCK(socket.mutex) {
  if (got < 0 && is_would_block(errno)) {
    socket.read_counters.waits++;
    return wait_or_timeout(call, socket, SocketSide::reading, handle);
  }
  int error = errno;
  socket.read_counters.fails++;
  socket.done(SocketSide::reading, call.process.self);
  if (got == 0) return make_tuple(call.arena(), am::error, am::closed);
  return posix_error(call.arena(), error);
}

// A length of 0 asks for what is there, up to the buffer; {more, Data} says that there may be more.
Result prim_socket_nif_recv_4(Call& call) {
  size_t length;
  int flags;
  if (!size_argument(call.args[1], length) || !flags_argument(call.args[2], flags) || !handle_argument(call.args[3]))
    return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  size_t size = length != 0 ? length : socket->receive_buffer;
  // Memory for what is there rather than for what is hoped for.
  std::vector<uint8_t> buffer(std::min(size, size_t{1} << 20));
  socket->read_counters.tries++;
  ssize_t got = recv(socket->descriptor, buffer.data(), buffer.size(), flags | MSG_DONTWAIT);
  bool is_end = got == 0 && socket->type == SOCK_STREAM && !buffer.empty();
  if (got < 0 || is_end) return receive_failure(call, *socket, got, call.args[3]);
  auto count = static_cast<size_t>(got);
  socket->read_counters.count(count);
  call.charge(count / 1024);
  Term data = make_binary(call.arena(), Bytes(buffer.data(), count));
  if (length == 0 || count == length || socket->type != SOCK_STREAM) {
    socket->done(SocketSide::reading, call.process.self);
    bool filled = length == 0 && count == size && socket->type == SOCK_STREAM && call.args[3] != am::zero;
    bool more = filled && ++socket->filled_buffers < socket->receive_count;
    if (!more) socket->filled_buffers = 0;
    return make_tuple(call.arena(), more ? am::more : am::ok, data);
  }
  if (call.args[3] == am::zero) {
    socket->done(SocketSide::reading, call.process.self);
    return ok_tuple(call.arena(), data);
  }
  socket->read_counters.waits++;
  socket->wait(SocketSide::reading, call.process.self, call.args[3]);
  return make_tuple(call.arena(), am::select, data);
}

Result prim_socket_nif_recvfrom_4(Call& call) {
  size_t length;
  int flags;
  if (!size_argument(call.args[1], length) || !flags_argument(call.args[2], flags) || !handle_argument(call.args[3]))
    return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  std::vector<uint8_t> buffer(length != 0 ? std::min(length, size_t{1} << 20) : socket->receive_buffer);
  SocketAddress address;
  address.length = sizeof(address.storage);
  socket->read_counters.tries++;
  ssize_t got = recvfrom(socket->descriptor, buffer.data(), buffer.size(), flags | MSG_DONTWAIT, &address.any, &address.length);
  bool is_end = got == 0 && socket->type == SOCK_STREAM;
  if (got < 0 || is_end) return receive_failure(call, *socket, got, call.args[3]);
  auto count = static_cast<size_t>(got);
  socket->read_counters.count(count);
  socket->done(SocketSide::reading, call.process.self);
  call.charge(count / 1024);
  Term data = make_binary(call.arena(), Bytes(buffer.data(), count));
  return ok_tuple(call.arena(), make_tuple(call.arena(), encode_socket_address(call.arena(), address), data));
}

// --- files ---
void finish_sendfile(Call& call, Socket& socket) REQUIRES_LOCK(socket.mutex) {
  ::close(std::exchange(socket.sendfile_descriptor, -1));
  socket.done(SocketSide::writing, call.process.self);
}

// Sends from the file that socket:sendfile has begun with. {ok, Bytes}: the end of the file or of the count; {select, Bytes}.
Result continue_sendfile(Call& call, Socket& socket, Term offset_term, Term count_term, Term handle) REQUIRES_LOCK(socket.mutex) {
  int64_t offset, count;
  if (!offset_term.is_integer() || !count_term.is_integer() || !integer_fits_int64(offset_term, offset) ||
      !integer_fits_int64(count_term, count) || count < 0)
    return raise_badarg(call);
  if (socket.sendfile_descriptor < 0) return posix_error(call.arena(), EINVAL);
  uint64_t sent = 0;
  for (;;) {
    size_t chunk = count == 0 ? size_t{1} << 30 : std::min<uint64_t>(static_cast<uint64_t>(count) - sent, uint64_t{1} << 30);
    off_t at = offset + static_cast<int64_t>(sent);
    socket.write_counters.tries++;
    ssize_t put = chunk == 0 ? 0 : sendfile(socket.descriptor, socket.sendfile_descriptor, &at, chunk);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && is_would_block(errno)) {
      socket.wait(SocketSide::writing, call.process.self, handle);
      return make_tuple(call.arena(), am::select, make_unsigned(call.arena(), sent));
    }
    if (put < 0) {
      int error = errno;
      finish_sendfile(call, socket);
      return posix_error(call.arena(), error);
    }
    if (put == 0) {
      finish_sendfile(call, socket);
      return ok_tuple(call.arena(), make_unsigned(call.arena(), sent));
    }
    sent += static_cast<uint64_t>(put);
    socket.write_counters.count(static_cast<size_t>(put));
  }
}

// Socket, handle, offset, count, file.
Result prim_socket_nif_sendfile_5(Call& call) {
  int file = descriptor_of_file(call.args[4], call.process.self);
  if (file == -1) return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  if (file < 0) return posix_error(call.arena(), EINVAL);
  if (socket->sendfile_descriptor >= 0) {
    // Another one is under way: wait until it is done.
    socket->wait(SocketSide::writing, call.process.self, call.args[1]);
    return am::select;
  }
  socket->sendfile_descriptor = dup(file);
  if (socket->sendfile_descriptor < 0) return posix_error(call.arena(), errno);
  return continue_sendfile(call, *socket, call.args[2], call.args[3], call.args[1]);
}

Result prim_socket_nif_sendfile_4(Call& call) {
  SOCKET_OR_RETURN(socket);
  return continue_sendfile(call, *socket, call.args[2], call.args[3], call.args[1]);
}

// Deferred closing of the file after its sender has died.
Result prim_socket_nif_sendfile_1(Call& call) {
  SOCKET_OR_RETURN(socket);
  if (socket->sendfile_descriptor >= 0) ::close(std::exchange(socket->sendfile_descriptor, -1));
  return am::ok;
}

constexpr BifKind plain = BifKind::plain;
constexpr Authority host = Authority::host;
constexpr BifRow rows[] = {
    {"prim_socket", "nif_recv", 4, prim_socket_nif_recv_4, plain, host},
    {"prim_socket", "nif_recvfrom", 4, prim_socket_nif_recvfrom_4, plain, host},
    {"prim_socket", "nif_send", 4, prim_socket_nif_send_4, plain, host},
    {"prim_socket", "nif_sendfile", 1, prim_socket_nif_sendfile_1, BifKind::dirty_io, host},
    {"prim_socket", "nif_sendfile", 4, prim_socket_nif_sendfile_4, BifKind::dirty_io, host},
    {"prim_socket", "nif_sendfile", 5, prim_socket_nif_sendfile_5, BifKind::dirty_io, host},
    {"prim_socket", "nif_sendto", 5, prim_socket_nif_sendto_5, plain, host},
};

}  // namespace
const BifTable prim_socket_io_bifs = rows;

}  // namespace hanse
