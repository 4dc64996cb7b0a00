// erlang: conversions between integers, floats and text.
#include <cmath>
#include <optional>
#include <string>

#include "bif/binary_bytes.h"
#include "bif/number_scan.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/arithmetic.h"
#include "term/big.h"
#include "term/number_text.h"

namespace hanse {

// --- between integers and floats ---

static Result erlang_float_1(Call& call) {
  if (call.args[0].is_float()) return call.args[0];
  double value;
  if (!arithmetic_to_double(call.args[0], value)) return raise_badarg(call);
  return make_float(call.arena(), value);
}

template <double (*rounding)(double)>
static Result to_integer(Call& call) {
  if (call.args[0].is_integer()) return call.args[0];
  if (!call.args[0].is_float()) return raise_badarg(call);
  return integer_from_double(call.arena(), rounding(float_value(call.args[0])));
}

// --- integers as text ---

// Conversions of long numbers take more than linear time.
static void charge_digits(Call& call, size_t digits) { call.charge(digits / 16 + digits / 1024 * (digits / 1024)); }

// Bases of integer_to_list/2 and the like; 10 without a second argument.
static std::optional<int> base_argument(Call& call) {
  if (call.row->arity == 1) return 10;
  Term base = call.args[1];
  if (!base.is_small() || base.as_small() < 2 || base.as_small() > 36) return std::nullopt;
  return static_cast<int>(base.as_small());
}

using MakeText = Term (*)(Arena&, std::string_view);
static Term text_as_list(Arena& arena, std::string_view text) { return make_string(arena, text); }
static Term text_as_binary(Arena& arena, std::string_view text) { return make_binary(arena, text); }

// The bytes of a proper list of bytes.
static std::optional<std::string> text_of_list(Term list) {
  std::string text;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term head = list.as_cons()->head;
    if (!head.is_small() || static_cast<uint64_t>(head.as_small()) > 255) return std::nullopt;
    text.push_back(static_cast<char>(head.as_small()));
  }
  if (!list.is_nil()) return std::nullopt;
  return text;
}
static std::optional<std::string> text_of_binary(Term binary) {
  if (!binary.is_binary()) return std::nullopt;
  BinaryBytes bytes(binary);
  return std::string(bytes.data(), bytes.data() + bytes.size());
}
using TakeText = std::optional<std::string> (*)(Term);

template <MakeText make>
static Result integer_to_text(Call& call) {
  auto base = base_argument(call);
  if (!base || !call.args[0].is_integer()) return raise_badarg(call);
  std::string text = integer_to_string(call.args[0], *base);
  charge_digits(call, text.size());
  return make(call.arena(), text);
}

template <TakeText take>
static Result text_to_integer(Call& call) {
  auto base = base_argument(call);
  if (!base) return raise_badarg(call);
  auto text = take(call.args[0]);
  if (!text) return raise_badarg(call);
  std::string_view digits = *text;
  bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || count_digits(digits, *base) != digits.size()) return raise_badarg(call);
  charge_digits(call, digits.size());
  Term result = integer_from_digits(call.arena(), negative, digits, *base);
  if (result.is_none()) return raise_system_limit(call);
  return result;
}

// --- floats as text ---

namespace {
struct FloatFormat {
  enum class Shape : uint8_t { scientific, decimals, shortest } shape = Shape::scientific;
  int digits = 20;
  bool compact = false;
};
}  // namespace

// One of compact, short, {decimals, 0..253} and {scientific, 0..249}; the last shape counts.
static bool take_option(FloatFormat& format, Term option) {
  if (option == am::compact) {
    format.compact = true;
    return true;
  }
  if (option == am::short_) {
    format.shape = FloatFormat::Shape::shortest;
    return true;
  }
  if (!is_tuple_of_arity(option, 2)) return false;
  Term name = as_tuple(option)->elements[0], digits = as_tuple(option)->elements[1];
  if (!digits.is_small()) return false;
  if (digits.as_small() < 0 && name == am::scientific) {  // as printf takes a negative precision: as none
    format.shape = FloatFormat::Shape::scientific;
    format.digits = 6;
    return true;
  }
  if (digits.as_small() < 0) return false;
  if (name == am::decimals && digits.as_small() <= 253) {
    format.shape = FloatFormat::Shape::decimals;
  } else if (name == am::scientific && digits.as_small() <= 249) {
    format.shape = FloatFormat::Shape::scientific;
  } else {
    return false;
  }
  format.digits = static_cast<int>(digits.as_small());
  return true;
}

// Stock has room for so many characters, the end of the string included.
constexpr size_t longest_scientific = 256;

template <MakeText make>
static Result float_to_text(Call& call) {
  FloatFormat format;
  if (!call.args[0].is_float()) return raise_badarg(call);
  if (call.row->arity == 2) {
    Term options = call.args[1];
    for (; options.is_cons(); options = options.as_cons()->tail)
      if (!take_option(format, options.as_cons()->head)) return raise_badarg(call);
    if (!options.is_nil()) return raise_badarg(call);
  }
  double value = float_value(call.args[0]);
  switch (format.shape) {
    case FloatFormat::Shape::shortest: return make(call.arena(), float_to_shortest(value));
    case FloatFormat::Shape::scientific: {
      std::string text = float_to_scientific(value, format.digits);
      if (text.size() >= longest_scientific) return raise_badarg(call);
      return make(call.arena(), text);
    }
    case FloatFormat::Shape::decimals: break;
  }
  auto text = float_to_decimals(value, format.digits, format.compact);
  if (!text) return raise_badarg(call);
  return make(call.arena(), *text);
}

template <TakeText take>
static Result text_to_float(Call& call) {
  auto text = take(call.args[0]);
  if (!text) return raise_badarg(call);
  // As in stock, which looks at it as a C string: what follows a zero byte does not count, and a comma may be the
  // point.
  if (size_t end = text->find('\0'); end != std::string::npos) text->resize(end);
  if (size_t comma = text->find(','); comma != std::string::npos) (*text)[comma] = '.';
  auto value = float_from_text(*text);
  if (!value) return raise_badarg(call);
  return make_float(call.arena(), *value);
}

static constexpr BifRow rows[] = {
    {"erlang", "binary_to_float", 1, text_to_float<text_of_binary>, BifKind::plain, Authority::pure},
    {"erlang", "binary_to_integer", 1, text_to_integer<text_of_binary>, BifKind::plain, Authority::pure},
    {"erlang", "binary_to_integer", 2, text_to_integer<text_of_binary>, BifKind::plain, Authority::pure},
    {"erlang", "ceil", 1, to_integer<std::ceil>, BifKind::guard, Authority::pure},
    {"erlang", "float", 1, erlang_float_1, BifKind::guard, Authority::pure},
    {"erlang", "float_to_binary", 1, float_to_text<text_as_binary>, BifKind::plain, Authority::pure},
    {"erlang", "float_to_binary", 2, float_to_text<text_as_binary>, BifKind::plain, Authority::pure},
    {"erlang", "float_to_list", 1, float_to_text<text_as_list>, BifKind::plain, Authority::pure},
    {"erlang", "float_to_list", 2, float_to_text<text_as_list>, BifKind::plain, Authority::pure},
    {"erlang", "floor", 1, to_integer<std::floor>, BifKind::guard, Authority::pure},
    {"erlang", "integer_to_binary", 1, integer_to_text<text_as_binary>, BifKind::plain, Authority::pure},
    {"erlang", "integer_to_binary", 2, integer_to_text<text_as_binary>, BifKind::plain, Authority::pure},
    {"erlang", "integer_to_list", 1, integer_to_text<text_as_list>, BifKind::plain, Authority::pure},
    {"erlang", "integer_to_list", 2, integer_to_text<text_as_list>, BifKind::plain, Authority::pure},
    {"erlang", "list_to_float", 1, text_to_float<text_of_list>, BifKind::plain, Authority::pure},
    {"erlang", "list_to_integer", 1, text_to_integer<text_of_list>, BifKind::plain, Authority::pure},
    {"erlang", "list_to_integer", 2, text_to_integer<text_of_list>, BifKind::plain, Authority::pure},
    {"erlang", "round", 1, to_integer<std::round>, BifKind::guard, Authority::pure},
    {"erlang", "trunc", 1, to_integer<std::trunc>, BifKind::guard, Authority::pure},
};
const BifTable erlang_numbers_bifs = rows;

}  // namespace hanse
