// Sending and receiving. A receive is a loop in the code:
//
//   loop:  loop_rec wait, x0        next message to x0, or on to `wait`
//          ...patterns...           remove_message when one matches
//          loop_rec_end loop        no match: on to the next message
//   wait:  wait loop                or: wait_timeout loop, time; timeout
//
// A waiting process continues at `loop`, with the cursor of its mailbox where it stood.
#include "interp/breakpoints.h"
#include "interp/entries.h"
#include "interp/handler.h"
#include "process/call.h"
#include "process/send.h"
#include "process/seq_trace.h"
#include "process/timer_service.h"
#include "process/tracing.h"

namespace hanse {

HANDLER(send) {
  reds -= 4;
  SYNC();
  Call call{*p, x, entries().send_row};
  p->ip = ip;
  Result result = send_message(call, x[0], x[1]);
  RELOAD();
  if (result.is_term()) [[likely]] {
    x[0] = x[1];
    NEXT();
  }
  if (result.is_raised()) TAIL_CALL(unwind);
  tell_again_not(*p, ip);
  p->live = 2;
  if (result.is_wait()) TAIL_CALL(end_slice_waiting);
  TAIL_CALL(end_slice_yielded);
}
HANDLERS_OF(send)

HANDLER(loop_rec) {
  Message* message = p->mailbox.peek();
  if (message == nullptr) {
    SYNC();
    p->handle_signals();
    RELOAD();
    if (p->interrupt) [[unlikely]] {
      p->live = 0;
      TAIL_CALL(end_slice_yielded);
    }
    message = p->mailbox.peek();
    if (message == nullptr) DISPATCH(LABEL(0));
  }
  if (message->term.is_none()) [[unlikely]] {
    SYNC();
    p->mailbox.discard_unreadable();
    RELOAD();
    message = p->mailbox.peek();
    if (message == nullptr) DISPATCH(LABEL(0));
  }
  if (message == p->mailbox.first()) {
    // A process that does nothing but pass on what it gets never asks for room of its own.
    if (p->heap.wants_collection()) [[unlikely]] {
      SYNC();
      if (!collect_before_message(p, x)) TAIL_CALL(unwind);
      RELOAD_ALL();
    }
    if (message->fragment != nullptr) {
      SYNC();
      p->mailbox.settle(p->heap);
      RELOAD();
    }
  }
  x[0] = message->term;
  NEXT();
}
HANDLERS_OF(loop_rec)

HANDLER(loop_rec_end) {
  p->mailbox.skip();
  reds--;
  if (reds <= 0) [[unlikely]] {
    p->live = 0;
    TAIL_CALL_AT(end_slice_yielded, LABEL(0));
  }
  DISPATCH(LABEL(0));
}
HANDLERS_OF(loop_rec_end)

HANDLER(remove_message) {
  Message* message = p->mailbox.remove();
  if (p->receive_timer != nullptr) [[unlikely]] cancel_receive_timeout(*p);
  if (message->fragment != nullptr) {
    SYNC();
    p->heap.attach(message->fragment);
    message->fragment = nullptr;
    RELOAD();
  }
  if (message->is_tagged || is_traced(*p, trace_flag::has_token | trace_flag::saves_calls)) [[unlikely]] {
    SYNC();
    if (is_traced(*p, trace_flag::saves_calls)) save_event(*p, am::receive);
    receive_token(*p, *message);
    RELOAD();
  }
  message->undeliverable();  // frees it
  NEXT();
}
HANDLERS_OF(remove_message)

HANDLER(wait) {
  p->live = 0;
  TAIL_CALL_AT(end_slice_waiting, LABEL(0));
}
HANDLERS_OF(wait)

HANDLER(wait_timeout) {
  if (p->timed_out) NEXT();
  Term time = GET(1);
  if (time == Term::small(0)) NEXT();
  if (time != am::infinity) {
    if (!time.is_small() || time.as_small() < 0 || time.as_small() > 0xffffffff) [[unlikely]] {
      SYNC();
      cancel_receive_timeout(*p);
      p->mailbox.rewind();
      set_error(p, am::timeout_value);
      RELOAD();
      TAIL_CALL(unwind);
    }
    set_receive_timeout(*p, static_cast<uint64_t>(time.as_small()));
  }
  p->live = 0;
  if constexpr (std::is_same_v<typename L::template Kind<1>, operand::X>) {
    // `receive after Time`: the loop is this instruction alone, and reads Time again when a message wakes the process.
    if (!HAS_LABEL(0)) {
      uint32_t index = NUMBER(1);
      for (uint32_t i = 0; i < index; i++) x[i] = Term::nil();
      p->live = index + 1;
    }
  }
  TAIL_CALL_AT(end_slice_waiting, LABEL(0));
}
HANDLERS_OF(wait_timeout)

HANDLER(timeout) {
  if (is_traced(*p, trace_flag::receive | trace_flag::saves_calls)) [[unlikely]] {
    if (is_traced(*p, trace_flag::saves_calls)) save_event(*p, am::timeout);
    if (is_traced(*p, trace_flag::receive)) trace_timeout(*p);
  }
  if (p->receive_timer != nullptr) cancel_receive_timeout(*p);
  p->timed_out = false;
  p->mailbox.rewind();
  NEXT();
}
HANDLERS_OF(timeout)

HANDLER(recv_marker_reserve) {
  SYNC();
  p->handle_signals();  // what has arrived already is older than the reference that will be made
  RELOAD();
  SET(0, p->mailbox.reserve_marker());
  NEXT();
}
HANDLERS_OF(recv_marker_reserve)

HANDLER(recv_marker_bind) {
  p->mailbox.bind_marker(GET(0), GET(1));
  NEXT();
}
HANDLERS_OF(recv_marker_bind)

HANDLER(recv_marker_use) {
  p->mailbox.use_marker(GET(0));
  NEXT();
}
HANDLERS_OF(recv_marker_use)

HANDLER(recv_marker_clear) {
  p->mailbox.clear_marker(GET(0));
  NEXT();
}
HANDLERS_OF(recv_marker_clear)

}  // namespace hanse
