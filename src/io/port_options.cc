// Checks the arguments of open_port/2. Which mistake is answered by badarg and which by badopt was seen on stock.
#include "io/port_options.h"

#include <climits>

#include "term/atom.h"
#include "term/big.h"
#include "term/text.h"
#include "term/views.h"

namespace hanse {

// A name or value of the environment: characters or raw bytes, without NUL. (File names and arguments may be atoms, too.)
static std::optional<std::string> text_argument(Term term) {
  if (term.is_atom()) return std::nullopt;
  return native_name(term);
}

static Term parse_environment(Term list, PortOptions& options) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term pair = list.as_cons()->head;
    if (!is_tuple_of_arity(pair, 2)) return am::badopt;
    auto elements = as_tuple(pair)->elements;
    auto name = text_argument(elements[0]);
    if (!name || name->find('=') != std::string::npos) return am::badopt;
    if (elements[1] == am::false_ || elements[1].is_nil()) {  // removed
      options.environment.emplace_back(std::move(*name), std::nullopt);
      continue;
    }
    auto value = text_argument(elements[1]);
    if (!value) return am::badopt;
    options.environment.emplace_back(std::move(*name), std::move(value));
  }
  return list.is_nil() ? Term::none() : am::badopt;
}

static Term parse_arguments(Term list, PortOptions& options) {
  options.has_spawn_options = true;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    auto argument = native_name(list.as_cons()->head);
    if (!argument) return am::badopt;
    options.arguments.push_back(std::move(*argument));
  }
  return list.is_nil() ? Term::none() : am::badopt;
}

// {Low, High} or disabled.
static Term parse_busy_limits(Term value, PortOptions* options) {
  if (value == am::disabled) {
    if (options) options->low_watermark = options->high_watermark = SIZE_MAX;
    return Term::none();
  }
  if (!is_tuple_of_arity(value, 2)) return am::badopt;
  Term low = as_tuple(value)->elements[0], high = as_tuple(value)->elements[1];
  // All ones mean that there is no limit.
  auto is_limit = [](Term limit, uint64_t& value) { return limit.is_integer() && integer_fits_uint64(limit, value) && value != 0 && value != UINT64_MAX; };
  uint64_t low_bytes, high_bytes;
  if (!is_limit(low, low_bytes) || !is_limit(high, high_bytes)) return am::badopt;
  if (options) {
    options->low_watermark = low_bytes;
    options->high_watermark = std::max(high_bytes, low_bytes);
  }
  return Term::none();
}

static Term parse_pair_option(Term key, Term value, PortOptions& options) {
  if (key == am::packet) {
    if (!value.is_small()) return am::badopt;
    int64_t size = value.as_small();
    if ((size != 1 && size != 2 && size != 4) || options.line != 0) return am::badopt;
    options.packet = static_cast<unsigned>(size);
  } else if (key == am::line) {
    if (!value.is_small() || value.as_small() <= 0 || value.as_small() > INT_MAX || options.packet != 0) return am::badopt;
    options.line = static_cast<size_t>(value.as_small());
  } else if (key == am::env) {
    return parse_environment(value, options);
  } else if (key == am::args) {
    return parse_arguments(value, options);
  } else if (key == am::arg0) {
    options.has_spawn_options = true;
    options.argument0 = native_name(value);
    if (!options.argument0) return am::badopt;
  } else if (key == am::cd) {
    auto directory = native_name(value);
    if (!directory) return am::badarg;
    options.directory = std::move(*directory);
  } else if (key == am::parallelism) {
    if (value != am::true_ && value != am::false_) return am::badopt;
    options.parallelism = value == am::true_;
  } else if (key == am::busy_limits_port) {
    options.has_limits = true;
    return parse_busy_limits(value, &options);
  } else if (key == am::busy_limits_msgq) {
    return parse_busy_limits(value, nullptr);
  } else {
    return am::badopt;
  }
  return Term::none();
}

Term parse_port_options(Term list, PortOptions& options) {
  bool wants_input = false, wants_output = false;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (is_tuple_of_arity(option, 2)) {
      Term failure = parse_pair_option(as_tuple(option)->elements[0], as_tuple(option)->elements[1], options);
      if (!failure.is_none()) return failure;
    } else if (option == am::stream) {
      options.packet = 0;
    } else if (option == am::line) {
      static constexpr size_t usual_line = 512;
      if (options.packet != 0) return am::badopt;
      options.line = usual_line;
    } else if (option == am::use_stdio) {
      options.use_stdio = true;
    } else if (option == am::nouse_stdio) {
      options.use_stdio = false;
    } else if (option == am::stderr_to_stdout) {
      options.stderr_to_stdout = true;
    } else if (option == am::binary) {
      options.binary = true;
    } else if (option == am::in) {
      wants_input = true;
    } else if (option == am::out) {
      wants_output = true;
    } else if (option == am::eof) {
      options.eof = true;
    } else if (option == am::exit_status) {
      options.exit_status = true;
    } else if (option != am::hide && option != am::overlapped_io) {
      return am::badopt;
    }
  }
  if (!list.is_nil()) return am::badopt;
  if (wants_input || wants_output) {
    options.input = wants_input;
    options.output = wants_output;
  }
  return Term::none();
}

Term parse_port_name(Term name, PortName& parsed) {
  if (is_tuple_of_arity(name, 3) && as_tuple(name)->elements[0] == am::fd) {
    Term input = as_tuple(name)->elements[1], output = as_tuple(name)->elements[2];
    if (!input.is_small() || !output.is_small()) return am::badarg;
    auto fits = [](int64_t value) { return value >= 0 && value <= INT_MAX; };
    if (!fits(input.as_small()) || !fits(output.as_small())) return am::einval;
    parsed.kind = PortName::Kind::descriptors;
    parsed.input = static_cast<int>(input.as_small());
    parsed.output = static_cast<int>(output.as_small());
    parsed.text = std::to_string(parsed.input) + "/" + std::to_string(parsed.output);
    return Term::none();
  }
  Term kind = Term::none(), text = name;
  if (is_tuple_of_arity(name, 2)) {
    kind = as_tuple(name)->elements[0];
    text = as_tuple(name)->elements[1];
  } else if (!name.is_atom() && !name.is_cons()) {
    return am::badarg;
  }
  if (kind.is_none())
    parsed.kind = PortName::Kind::file;
  else if (kind == am::spawn)
    parsed.kind = PortName::Kind::program;
  else if (kind == am::spawn_executable)
    parsed.kind = PortName::Kind::executable;
  else if (kind == am::spawn_driver)
    parsed.kind = PortName::Kind::driver;
  else
    return am::badarg;
  auto converted = native_name(text);
  if (!converted || converted->empty()) return am::badarg;
  parsed.text = std::move(*converted);
  return Term::none();
}

}  // namespace hanse
