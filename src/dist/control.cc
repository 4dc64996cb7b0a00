#include "dist/control.h"

#include "term/atom.h"
#include "term/build.h"

namespace hanse::dist {

static Term operation_term(Operation operation) { return Term::small(static_cast<int64_t>(operation)); }

// The payload becomes the last element.
static void put_into_control(Arena& arena, Operation older, Term& control, Term& payload) {
  std::span<Term> parts = as_tuple(control)->span();
  Tuple* tuple = allocate_tuple(arena, parts.size() + 1);
  tuple->elements[0] = operation_term(older);
  for (size_t i = 1; i < parts.size(); i++) tuple->elements[i] = parts[i];
  tuple->elements[parts.size()] = payload;
  control = Term::boxed(tuple);
  payload = Term::none();
}

bool adapt_to_flags(Arena& arena, uint64_t flags, Term& control, Term& payload) {
  constexpr uint64_t newest = flag::send_sender | flag::exit_payload | flag::unlink_id | flag::spawn | flag::alias;
  if ((flags & newest) == newest) return true;
  Term* parts = as_tuple(control)->elements;
  bool exit_payload = (flags & flag::exit_payload) != 0;
  switch (static_cast<Operation>(parts[0].as_small())) {
    case Operation::send_sender:
      if ((flags & flag::send_sender) == 0) control = make_tuple(arena, operation_term(Operation::send), am::empty, parts[2]);
      return true;
    case Operation::send_sender_tt:
      if ((flags & flag::send_sender) == 0) control = make_tuple(arena, operation_term(Operation::send_tt), am::empty, parts[2], parts[3]);
      return true;
    case Operation::payload_exit:
      if (!exit_payload) put_into_control(arena, Operation::exit, control, payload);
      return true;
    case Operation::payload_exit_tt:
      if (!exit_payload) put_into_control(arena, Operation::exit_tt, control, payload);
      return true;
    case Operation::payload_exit2:
      if (!exit_payload) put_into_control(arena, Operation::exit2, control, payload);
      return true;
    case Operation::payload_monitor_p_exit:
      if (!exit_payload) put_into_control(arena, Operation::monitor_p_exit, control, payload);
      return true;
    case Operation::unlink_id:
      if ((flags & flag::unlink_id) == 0) control = make_tuple(arena, operation_term(Operation::unlink), parts[2], parts[3]);
      return true;
    case Operation::unlink_id_ack: return (flags & flag::unlink_id) != 0;
    case Operation::alias_send: case Operation::alias_send_tt: return (flags & flag::alias) != 0;
    case Operation::spawn_request: case Operation::spawn_request_tt: case Operation::spawn_reply: case Operation::spawn_reply_tt:
      return (flags & flag::spawn) != 0;
    default: return true;
  }
}

}  // namespace hanse::dist
