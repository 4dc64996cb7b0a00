// erlang:dist_ctrl_*: connections that a process carries (TLS and other modules given with -proto_dist). The process takes
// frames out, sends them as it likes, and puts in what the other side's process sends.
#include "bif/iolist.h"
#include "bif/tables.h"
#include "dist/distribution.h"
#include "process/call.h"
#include "process/process_table.h"

namespace hanse {

using dist::Connection;

// The connection that is up under this handle; nullptr: none.
static Ref<Connection> connection_argument(Term handle) {
  RemoteNode* node = RemoteNode::find_handle(handle);
  Ref<Connection> connection = node ? node->connection() : nullptr;
  return connection && connection->state() == Connection::State::up ? connection : nullptr;
}

// The same if the caller carries it.
static Ref<Connection> own_connection(Call& call) {
  Ref<Connection> connection = connection_argument(call.args[0]);
  return connection && connection->carrier() == call.process.self ? connection : nullptr;
}

static Result erlang_dist_ctrl_input_handler_2(Call& call) {
  Ref<Connection> connection = own_connection(call);
  if (!connection) return raise_error(call, am::notsup);
  if (!call.args[1].is_local_pid()) return raise_badarg(call);
  connection->input_handler.store(call.args[1].word());
  return am::ok;
}

// erlang:dist_ctrl_put_data/2. Arguments: handle, one frame; an empty one says that the peer lives.
static Result erlang_dist_ctrl_put_data_2(Call& call) {
  Ref<Connection> connection = connection_argument(call.args[0]);
  if (!connection) return raise_badarg(call);
  Term self = call.process.self;
  if (connection->input_handler.load() != self.word() && connection->carrier() != self) return raise_error(call, am::notsup);
  IodataBytes frame(call.args[1]);
  if (!frame.is_valid()) return raise_badarg(call);
  call.charge(frame.size() / 64);
  (void)connection->input(frame.span());
  return am::ok;
}

// Pieces as binaries that share memory with what is sent.
static Term binaries(Arena& arena, const std::vector<Connection::Piece>& pieces) {
  Term list = Term::nil();
  for (size_t i = pieces.size(); i-- > 0;) {
    const Connection::Piece& piece = pieces[i];
    OffHeapBinary* owner = piece.owner.get();
    Term binary;
    if (piece.data.size() <= heap_binary_limit) {
      binary = make_binary(arena, piece.data);
    } else {
      owner->retain();
      Term whole = make_refc_binary(arena, owner, owner->capacity);
      auto offset = static_cast<size_t>(piece.data.data() - owner->data);
      binary = make_sub_binary(arena, whole, offset * 8, piece.data.size() * 8);
    }
    list = make_cons(arena, binary, list);
  }
  return list;
}

// erlang:dist_ctrl_get_data/1: none, one frame as a list of binaries, or {Size, List}.
static Result erlang_dist_ctrl_get_data_1(Call& call) {
  Ref<Connection> connection = own_connection(call);
  if (!connection) return raise_error(call, am::notsup);
  std::vector<Connection::Piece> frame;
  if (!connection->take_frame(frame)) return am::none;
  size_t size = 0;
  for (const Connection::Piece& piece : frame) size += piece.data.size();
  call.charge(size / 64);
  Term list = binaries(call.arena(), frame);
  return connection->get_size_option ? make_tuple(call.arena(), make_unsigned(call.arena(), size), list) : list;
}

// erlang:dist_ctrl_get_data_notification/1: the message dist_data comes when there is something to get.
static Result erlang_dist_ctrl_get_data_notification_1(Call& call) {
  Ref<Connection> connection = own_connection(call);
  if (!connection) return raise_error(call, am::notsup);
  connection->notify(call.process.self);
  return am::ok;
}

static Result erlang_dist_ctrl_set_opt_3(Call& call) {
  Ref<Connection> connection = own_connection(call);
  Term value = call.args[2];
  if (!connection) return raise_error(call, am::notsup);
  if (call.args[1] != am::get_size || (value != am::true_ && value != am::false_)) return raise_badarg(call);
  return boolean(std::exchange(connection->get_size_option, value == am::true_));
}

static Result erlang_dist_ctrl_get_opt_2(Call& call) {
  Ref<Connection> connection = own_connection(call);
  if (!connection) return raise_error(call, am::notsup);
  if (call.args[1] != am::get_size) return raise_badarg(call);
  return boolean(connection->get_size_option);
}

// erlang:dist_get_stat/1: {ok, FramesIn, FramesOut, FramesPending}.
static Result erlang_dist_get_stat_1(Call& call) {
  Ref<Connection> connection = connection_argument(call.args[0]);
  if (!connection) return raise_badarg(call);
  Arena& arena = call.arena();
  return make_tuple(arena, am::ok, make_unsigned(arena, connection->frames_in()), make_unsigned(arena, connection->frames_out()),
                    make_unsigned(arena, connection->frames_pending()));
}

static constexpr BifRow rows[] = {
    {"erlang", "dist_ctrl_get_data", 1, erlang_dist_ctrl_get_data_1, BifKind::plain, Authority::host},
    {"erlang", "dist_ctrl_get_data_notification", 1, erlang_dist_ctrl_get_data_notification_1, BifKind::plain, Authority::host},
    {"erlang", "dist_ctrl_get_opt", 2, erlang_dist_ctrl_get_opt_2, BifKind::plain, Authority::host},
    {"erlang", "dist_ctrl_input_handler", 2, erlang_dist_ctrl_input_handler_2, BifKind::plain, Authority::host},
    {"erlang", "dist_ctrl_put_data", 2, erlang_dist_ctrl_put_data_2, BifKind::plain, Authority::host},
    {"erlang", "dist_ctrl_set_opt", 3, erlang_dist_ctrl_set_opt_3, BifKind::plain, Authority::host},
    {"erlang", "dist_get_stat", 1, erlang_dist_get_stat_1, BifKind::plain, Authority::host},
};
const BifTable dist_carrier_bifs = rows;

}  // namespace hanse
