// Terms as text. The walk keeps what is still to be printed on an explicit stack and stops when the text is long
// enough.
#include "term/print.h"

#include <cstdio>
#include <vector>

#include "base/bits.h"
#include "base/work_stack.h"
#include "term/atom.h"
#include "term/big.h"
#include "term/fun.h"
#include "term/map.h"
#include "term/node.h"
#include "term/reference.h"
#include "term/text.h"

namespace hanse {

namespace {

bool is_lower(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7); }
bool is_upper(int32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7); }

bool needs_quotes(std::string_view name) {
  auto* from = reinterpret_cast<const uint8_t*>(name.data());
  const uint8_t* end = from + name.size();
  if (from == end || !is_lower(next_utf8(from, end))) return true;
  while (from < end) {
    int32_t c = next_utf8(from, end);
    if (!is_lower(c) && !is_upper(c) && !(c >= '0' && c <= '9') && c != '_') return true;
  }
  return false;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\r': out += "\\r"; return;
    case '\v': out += "\\v"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\'': out += "\\'"; return;
    case '\\': out += "\\\\"; return;
    default: break;
  }
  if (static_cast<uint8_t>(c) < 32 || c == 127) {
    char text[8];
    std::snprintf(text, sizeof text, "\\%03o", static_cast<unsigned>(c));
    out += text;
  } else {
    out += c;
  }
}

void append_numbers(std::string& out, std::span<const uint32_t> numbers) {
  for (size_t i = numbers.size(); i-- > 0;) out += "." + std::to_string(numbers[i]);
}

// Latin-1 characters that a string may hold when it is shown as one.
bool is_printable(int64_t c) {
  return (c >= 32 && c <= 126) || (c >= 160 && c <= 255) || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

bool is_printable_string(Term list) {
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!list.as_cons()->head.is_small() || !is_printable(list.as_cons()->head.as_small())) return false;
  return list.is_nil();
}

void append_bitstring(std::string& out, Term term, size_t max_bytes) {
  BitView view = bit_view(term);
  size_t bytes = view.byte_size(), end = view.bit_offset + view.bit_size;
  auto byte = [&](size_t i) { return byte_at_bit(view.base, view.bit_offset + i * 8, end); };
  bool printable = bytes > 0 && view.is_whole_bytes();
  for (size_t i = 0; i < bytes && printable; i++) printable = byte(i) >= 32 && byte(i) < 127;
  out += "<<";
  if (printable) {
    out += '"';
    for (size_t i = 0; i < bytes && out.size() < max_bytes; i++) {
      if (byte(i) == '"') out += '\\';
      out += static_cast<char>(byte(i));
    }
    out += '"';
  } else {
    for (size_t i = 0; i < bytes && out.size() < max_bytes; i++) {
      if (i > 0) out += ',';
      out += std::to_string(byte(i));
    }
    if (size_t rest = view.bit_size % 8; rest != 0) {
      if (bytes > 0) out += ',';
      out += std::to_string(byte(bytes) >> (8 - rest)) + ":" + std::to_string(rest);
    }
  }
  out += ">>";
}

class Printer {
 public:
  explicit Printer(size_t max_bytes) : max_bytes_(max_bytes) {}

  std::string run(Term root) {
    stack_.push({Step::term, root, 0});
    while (!stack_.empty() && out_.size() < max_bytes_) {
      Item item = stack_.pop();
      switch (item.step) {
        case Step::term: print(item.term); break;
        case Step::text: out_ += static_cast<char>(item.index); break;
        case Step::list_tail: print_tail(item.term); break;
        case Step::tuple_rest: print_elements(item.term, item.index); break;
        case Step::pair: print_pair(item.term, item.value); break;
      }
    }
    if (out_.size() > max_bytes_ || !stack_.empty()) out_ += "...";
    return std::move(out_);
  }

 private:
  enum class Step : uint8_t { term, text, list_tail, tuple_rest, pair };
  struct Item {
    Step step;
    Term term;
    size_t index = 0;
    Term value = Term::none();
  };

  void push_text(char c) { stack_.push({Step::text, Term::none(), static_cast<size_t>(c)}); }

  void print(Term term) {
    if (term.is_integer()) {
      out_ += integer_to_string(term, 10);
    } else if (term.is_atom()) {
      out_ += atom_to_text(term);
    } else if (term.is_nil()) {
      out_ += "[]";
    } else if (term.is_cons()) {
      print_list(term);
    } else if (term.is_tuple()) {
      out_ += '{';
      print_elements(term, 0);
    } else if (term.is_map()) {
      print_map(term);
    } else if (term.is_float()) {
      char text[40];
      std::snprintf(text, sizeof text, "%e", float_value(term));
      out_ += text;
    } else if (term.is_pid()) {
      out_ += pid_to_text(term);
    } else if (term.is_port()) {
      out_ += port_to_text(term);
    } else if (term.is_reference()) {
      out_ += reference_to_text(term);
    } else if (term.is_fun()) {
      out_ += fun_to_text(term);
    } else if (term.is_bitstring()) {
      append_bitstring(out_, term, max_bytes_);
    } else {
      out_ += "<unknown>";
    }
  }

  void print_list(Term list) {
    if (is_printable_string(list)) {
      out_ += '"';
      for (; list.is_cons() && out_.size() < max_bytes_; list = list.as_cons()->tail) {
        auto c = static_cast<char>(list.as_cons()->head.as_small());
        if (c == '"') out_ += '\\';
        if (c == '\n') {
          out_ += "\\n";
        } else {
          out_ += c;
        }
      }
      out_ += '"';
      return;
    }
    out_ += '[';
    stack_.push({Step::list_tail, list.as_cons()->tail});
    stack_.push({Step::term, list.as_cons()->head});
  }
  void print_tail(Term tail) {
    if (tail.is_nil()) {
      out_ += ']';
    } else if (tail.is_cons()) {
      out_ += ',';
      stack_.push({Step::list_tail, tail.as_cons()->tail});
      stack_.push({Step::term, tail.as_cons()->head});
    } else {
      out_ += '|';
      push_text(']');
      stack_.push({Step::term, tail});
    }
  }

  void print_elements(Term tuple, size_t index) {
    if (index == as_tuple(tuple)->arity()) {
      out_ += '}';
      return;
    }
    if (index > 0) out_ += ',';
    stack_.push({Step::tuple_rest, tuple, index + 1});
    stack_.push({Step::term, as_tuple(tuple)->elements[index]});
  }

  void print_map(Term map) {
    out_ += "#{";
    push_text('}');
    std::vector<Item> pairs;
    MapIterator iterator(map);
    for (Item pair{Step::pair, Term::none()}; iterator.next(pair.term, pair.value);) pairs.push_back(pair);
    for (size_t i = pairs.size(); i-- > 0;) {
      stack_.push(pairs[i]);
      if (i > 0) push_text(',');
    }
  }
  void print_pair(Term key, Term value) {
    stack_.push({Step::term, value});
    push_text('>');
    push_text('=');
    stack_.push({Step::term, key});
  }

  const size_t max_bytes_;
  std::string out_;
  WorkStack<Item> stack_;
};

}  // namespace

std::string term_to_text(Term term, size_t max_bytes) { return Printer(max_bytes).run(term); }

std::string atom_to_text(Term atom) {
  std::string_view name = atom_name(atom);
  if (!needs_quotes(name)) return std::string(name);
  std::string text = "'";
  for (char c : name) append_escaped(text, c);
  return text + "'";
}

// What belongs to another node begins with the number of that node's name, which means nothing elsewhere.
std::string pid_to_text(Term pid) {
  bool local = pid.is_local_pid();
  uint64_t number = local ? pid.pid_number() : pid.as<ExternalPid>()->number;
  std::string node = local ? "0" : std::to_string(pid.as<ExternalPid>()->node()->name.atom_index());
  return "<" + node + "." + std::to_string(static_cast<uint32_t>(number)) + "." + std::to_string(number >> 32) + ">";
}

std::string port_to_text(Term port) {
  if (port.is_local_port()) return "#Port<0." + std::to_string(port.port_number()) + ">";
  auto* external = port.as<ExternalPort>();
  return "#Port<" + std::to_string(external->node()->name.atom_index()) + "." + std::to_string(external->number) + ">";
}

std::string reference_to_text(Term reference) {
  std::string text = "#Ref<";
  if (reference.is_boxed_kind(Boxed::external_reference)) {
    auto* external = reference.as<ExternalReference>();
    text += std::to_string(external->node()->name.atom_index());
    append_numbers(text, {external->ids, external->count});
    return text + ">";
  }
  // Three numbers, even if the process can be found from the reference.
  ReferenceNumber number = reference_number(reference);
  uint32_t words[] = {static_cast<uint32_t>(number.number01), static_cast<uint32_t>(number.number01 >> 32),
                      static_cast<uint32_t>(number.number2)};
  text += "0";
  append_numbers(text, words);
  return text + ">";
}

std::string fun_to_text(Term fun) {
  if (fun.is_export_fun()) {
    const Export* target = fun.as<ExportFun>()->target;
    return "fun " + atom_to_text(target->module) + ":" + atom_to_text(target->function) + "/" +
           std::to_string(target->arity);
  }
  const FunEntry* entry = as_fun(fun)->entry;
  return "#Fun<" + atom_to_text(entry->module) + "." + std::to_string(entry->index) + "." +
         std::to_string(entry->old_unique) + ">";
}

}  // namespace hanse
