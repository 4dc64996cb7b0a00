// string:list_to_integer/1 and string:list_to_float/1: numbers at the front of a list, with what follows them.
#include <string>

#include "bif/number_scan.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"
#include "term/number_text.h"

namespace hanse {

namespace {

// Reads bytes from the front of a list; anything else ends the text.
class ListReader {
 public:
  explicit ListReader(Term list) : rest_(list) {}
  // The next byte as a character, or a zero byte, which no number contains.
  char peek() const {
    if (!rest_.is_cons()) return '\0';
    Term head = rest_.as_cons()->head;
    return head.is_small() && head.as_small() > 0 && head.as_small() < 128 ? static_cast<char>(head.as_small()) : '\0';
  }
  void take(std::string& text) {
    text.push_back(peek());
    rest_ = rest_.as_cons()->tail;
  }
  bool take_digits(std::string& text) {
    size_t size = text.size();
    while (is_digit_of_base(peek(), 10)) take(text);
    return text.size() > size;
  }
  void take_sign(std::string& text) {
    if (peek() == '+' || peek() == '-') take(text);
  }
  Term rest() const { return rest_; }

 private:
  Term rest_;
};

Result error_tuple(Call& call, Term reason) { return make_tuple(call.arena(), am::error, reason); }

}  // namespace

static Result string_list_to_integer_1(Call& call) {
  if (!call.args[0].is_list()) return error_tuple(call, am::not_a_list);
  ListReader reader(call.args[0]);
  std::string sign, digits;
  reader.take_sign(sign);
  if (!reader.take_digits(digits)) return error_tuple(call, am::no_integer);
  call.charge(digits.size() / 16);
  Term value = integer_from_digits(call.arena(), sign == "-", digits, 10);
  if (value.is_none()) return raise_system_limit(call);
  return make_tuple(call.arena(), value, reader.rest());
}

static Result string_list_to_float_1(Call& call) {
  if (!call.args[0].is_list()) return error_tuple(call, am::not_a_list);
  ListReader reader(call.args[0]);
  std::string text;
  reader.take_sign(text);
  if (!reader.take_digits(text)) return error_tuple(call, am::no_float);
  if (reader.peek() != '.' && reader.peek() != ',') return error_tuple(call, am::no_float);
  reader.take(text);
  text.back() = '.';
  if (!reader.take_digits(text)) return error_tuple(call, am::no_float);
  // An exponent counts only if it is complete.
  ListReader behind = reader;
  std::string exponent;
  if (behind.peek() == 'e' || behind.peek() == 'E') {
    behind.take(exponent);
    behind.take_sign(exponent);
    if (behind.take_digits(exponent)) {
      text += exponent;
      reader = behind;
    }
  }
  call.charge(text.size() / 16);
  auto value = float_from_text(text);
  if (!value) return error_tuple(call, am::no_float);
  return make_tuple(call.arena(), make_float(call.arena(), *value), reader.rest());
}

static constexpr BifRow rows[] = {
    {"string", "list_to_float", 1, string_list_to_float_1, BifKind::plain, Authority::pure},
    {"string", "list_to_integer", 1, string_list_to_integer_1, BifKind::plain, Authority::pure},
};
const BifTable string_numbers_bifs = rows;

}  // namespace hanse
