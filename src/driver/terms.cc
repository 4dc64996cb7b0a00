// Messages that drivers build as a sequence of words, an operation and its operands each (ERL_DRV_TUPLE and others). What is no sequence
// of that kind is refused as a whole.
#include <cmath>
#include <cstring>

#include "base/epoch.h"
#include "code/decode_environment.h"
#include "driver/linked_port.h"
#include "heap/fragment.h"
#include "io/port_trace.h"
#include "process/machine.h"
#include "process/send.h"
#include "term/build.h"
#include "term/external.h"
#include "term/map.h"

using namespace hanse;
using namespace hanse::driver;

const ErlDrvTermData driver_term_nil = Term::nil().word();

namespace {

class TermBuilder {
 public:
  TermBuilder(Arena& arena, const ErlDrvTermData* words, int count) : arena_(arena), at_(words), end_(words + std::max(count, 0)) {}

  // none(): the words are wrong.
  Term build() {
    while (at_ < end_)
      if (!step()) return Term::none();
    return stack_.size() == 1 ? stack_.back() : Term::none();
  }

 private:
  bool push(Term term) {
    if (term.is_none()) return false;
    stack_.push_back(term);
    return true;
  }
  bool push_if(bool fits, Term term) { return fits && push(term); }
  Term pop() {
    Term term = stack_.back();
    stack_.pop_back();
    return term;
  }
  // The topmost terms, oldest first.
  std::span<const Term> top(size_t count) const { return {stack_.data() + stack_.size() - count, count}; }
  bool replace_top(size_t count, Term by) {
    stack_.resize(stack_.size() - count);
    return push(by);
  }
  static size_t operand_count(ErlDrvTermData operation) {
    switch (operation) {
      case ERL_DRV_NIL: return 0;
      case ERL_DRV_BINARY: return 3;
      case ERL_DRV_BUF2BINARY:
      case ERL_DRV_STRING:
      case ERL_DRV_STRING_CONS:
      case ERL_DRV_EXT2TERM: return 2;
      default: return 1;
    }
  }

  bool step() {
    ErlDrvTermData operation = *at_++;
    size_t count = operand_count(operation);
    if (static_cast<size_t>(end_ - at_) < count) return false;
    const ErlDrvTermData* operands = std::exchange(at_, at_ + count);
    switch (operation) {
      case ERL_DRV_NIL: return push(Term::nil());
      case ERL_DRV_ATOM: return push_if(Term::from_word(operands[0]).is_atom(), Term::from_word(operands[0]));
      case ERL_DRV_PORT: return push_if(Term::from_word(operands[0]).is_local_port(), Term::from_word(operands[0]));
      case ERL_DRV_PID: return push_if(Term::from_word(operands[0]).is_local_pid(), Term::from_word(operands[0]));
      case ERL_DRV_INT: return push(make_integer(arena_, static_cast<int64_t>(operands[0])));
      case ERL_DRV_UINT: return push(make_unsigned(arena_, operands[0]));
      case ERL_DRV_INT64: return push(make_integer(arena_, *reinterpret_cast<const int64_t*>(operands[0])));
      case ERL_DRV_UINT64: return push(make_unsigned(arena_, *reinterpret_cast<const uint64_t*>(operands[0])));
      case ERL_DRV_FLOAT: {
        double value = *reinterpret_cast<const double*>(operands[0]);
        return std::isfinite(value) && push(make_float(arena_, value));
      }
      case ERL_DRV_BINARY: return add_binary(reinterpret_cast<ErlDrvBinary*>(operands[0]), operands[1], operands[2]);
      case ERL_DRV_BUF2BINARY:
        if (operands[0] == 0 && operands[1] > 0) return false;
        return push(make_binary(arena_, text(operands)));
      case ERL_DRV_STRING: return is_text(operands) && push(make_string(arena_, text(operands)));
      case ERL_DRV_STRING_CONS: {
        if (!is_text(operands) || stack_.empty()) return false;
        Term tail = pop();
        return push(make_string(arena_, text(operands), tail));
      }
      case ERL_DRV_EXT2TERM: return add_external(operands);
      case ERL_DRV_LIST: {
        // The last of them is the tail.
        if (static_cast<int>(operands[0]) <= 0 || operands[0] > stack_.size()) return false;
        auto all = top(operands[0]);
        return replace_top(operands[0], make_list(arena_, all.first(all.size() - 1), all.back()));
      }
      case ERL_DRV_TUPLE:
        if (static_cast<int>(operands[0]) < 0 || operands[0] > stack_.size()) return false;
        return replace_top(operands[0], make_tuple(arena_, top(operands[0])));
      case ERL_DRV_MAP: return add_map(operands[0]);
      default: return false;
    }
  }

  static bool is_text(const ErlDrvTermData* operands) { return operands[0] != 0 && static_cast<int>(operands[1]) >= 0; }
  static std::string_view text(const ErlDrvTermData* operands) { return {reinterpret_cast<const char*>(operands[0]), operands[1]}; }

  bool add_binary(ErlDrvBinary* binary, size_t size, size_t offset) {
    if (binary == nullptr || size + offset > borrowed(binary)->size) return false;
    OffHeapBinary* owner = borrowed(binary);
    if (size <= heap_binary_limit) return push(make_binary(arena_, std::span<const uint8_t>(owner->data + offset, size)));
    owner->retain();
    Term whole = make_refc_binary(arena_, owner, owner->size);
    return push(size == owner->size ? whole : make_sub_binary(arena_, whole, offset * 8, size * 8));
  }

  bool add_external(const ErlDrvTermData* operands) {
    if (operands[0] == 0 || static_cast<int64_t>(operands[1]) <= 0) return false;
    RealmDecodeEnvironment environment(host_machine().realm);
    return push(decode_external(arena_, Bytes(reinterpret_cast<const uint8_t*>(operands[0]), operands[1]), environment).term);
  }

  bool add_map(ErlDrvTermData size) {
    if (static_cast<int>(size) < 0 || 2 * size > stack_.size()) return false;
    auto pairs = top(2 * size);
    std::vector<Term> keys, values;
    for (size_t i = 0; i < pairs.size(); i += 2) keys.push_back(pairs[i]), values.push_back(pairs[i + 1]);
    Term map = map_from_pairs(arena_, keys, values);
    if (map_size(map) != size) return false;  // a key comes twice
    return replace_top(2 * size, map);
  }

  Arena& arena_;
  const ErlDrvTermData* at_;
  const ErlDrvTermData* end_;
  std::vector<Term> stack_;
};

// 1: sent; 0: there is no such process; -1: the words are wrong.
// port: whose lock this thread holds, or nullptr.
int send_term(Port* port, Term to, const ErlDrvTermData* words, int count) {
  epoch::Guard guard;
  FragmentArena arena(64);
  Term message = TermBuilder(arena, words, count).build();
  if (message.is_none()) return -1;
  if (port != nullptr) trace_port_send(*port, to, message);
  return to.is_local_pid() && deliver_fragment(to, message, arena.take()) ? 1 : 0;
}

// The port, if one of its driver's functions runs on this thread.
Port* running_here(ErlDrvTermData port) {
  LinkedPort* running = LinkedPort::running();
  return running != nullptr && running->port().self.word() == port ? &running->port() : nullptr;
}

}  // namespace

extern "C" {

ErlDrvTermData driver_mk_term_nil(void) { return driver_term_nil; }

int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData* words, int count) {
  Reached reached = reach(Term::from_word(port));
  if (reached.reach != Reach::open) return reached.reach == Reach::none ? -1 : 0;
  return send_term(running_here(port), reached.owner, words, count);
}

int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData to, ErlDrvTermData* words, int count) {
  Reached reached = reach(Term::from_word(port));
  if (reached.reach != Reach::open) return reached.reach == Reach::none ? -1 : 0;
  return send_term(running_here(port), Term::from_word(to), words, count);
}

int driver_output_term(ErlDrvPort port, ErlDrvTermData* words, int count) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  return linked->is_open() ? send_term(&linked->port(), linked->port().owner(), words, count) : 0;
}

int driver_send_term(ErlDrvPort port, ErlDrvTermData to, ErlDrvTermData* words, int count) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return -1;
  return linked->is_open() ? send_term(running_here(linked->port().self.word()), Term::from_word(to), words, count) : 0;
}

}  // extern "C"
