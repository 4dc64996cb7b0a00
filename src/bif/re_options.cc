#include "bif/re_options.h"

#include "bif/iolist.h"
#include "term/atom.h"
#include "term/views.h"

namespace hanse {

namespace {

bool read_atom(Term atom, RegexOptions& options) {
  static constexpr struct {
    Term name;
    uint32_t bit;
  } compile_options[] = {
      {am::caseless, PCRE2_CASELESS},
      {am::dollar_endonly, PCRE2_DOLLAR_ENDONLY},
      {am::dotall, PCRE2_DOTALL},
      {am::dupnames, PCRE2_DUPNAMES},
      {am::extended, PCRE2_EXTENDED},
      {am::firstline, PCRE2_FIRSTLINE},
      {am::multiline, PCRE2_MULTILINE},
      {am::never_utf, PCRE2_NEVER_UTF},
      {am::no_auto_capture, PCRE2_NO_AUTO_CAPTURE},
      {am::no_start_optimize, PCRE2_NO_START_OPTIMIZE},
      {am::ucp, PCRE2_UCP},
      {am::ungreedy, PCRE2_UNGREEDY},
      {am::unicode, PCRE2_UTF},
  }, match_options[] = {
      {am::notbol, PCRE2_NOTBOL},
      {am::notempty, PCRE2_NOTEMPTY},
      {am::notempty_atstart, PCRE2_NOTEMPTY_ATSTART},
      {am::noteol, PCRE2_NOTEOL},
  };
  for (auto& row : compile_options) {
    if (row.name != atom) continue;
    options.pattern.bits |= row.bit;
    return options.compile_only = true;
  }
  for (auto& row : match_options) {
    if (row.name != atom) continue;
    options.match_bits |= row.bit;
    return options.run_only = true;
  }
  if (atom == am::bsr_anycrlf || atom == am::bsr_unicode) {
    options.pattern.bsr = atom == am::bsr_anycrlf ? PCRE2_BSR_ANYCRLF : PCRE2_BSR_UNICODE;
    return true;
  }
  if (atom == am::anchored) return options.anchored = true;
  if (atom == am::global) return options.global = options.run_only = true;
  if (atom == am::report_errors) return options.report_errors = options.run_only = true;
  return false;
}

bool read_newline(Term kind, RegexOptions& options) {
  static constexpr struct {
    Term name;
    uint8_t newline;
  } kinds[] = {
      {am::cr, PCRE2_NEWLINE_CR},   {am::lf, PCRE2_NEWLINE_LF},           {am::crlf, PCRE2_NEWLINE_CRLF},
      {am::any, PCRE2_NEWLINE_ANY}, {am::anycrlf, PCRE2_NEWLINE_ANYCRLF},
  };
  for (auto& row : kinds) {
    if (row.name != kind) continue;
    options.pattern.newline = row.newline;
    return options.newline_given = true;
  }
  return false;
}

// A list of group numbers and names: atoms or character data.
bool is_group_list(Term list) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term group = list.as_cons()->head;
    size_t size;
    if (group.is_small() ? group.as_small() < 0 : !group.is_atom() && !iolist_size(group, size)) return false;
  }
  return list.is_nil();
}

bool read_capture(Term what, Term type, RegexOptions& options) {
  static constexpr struct {
    Term name;
    Capture capture;
  } captures[] = {
      {am::all, Capture::all},
      {am::first, Capture::first},
      {am::all_but_first, Capture::all_but_first},
      {am::all_names, Capture::all_names},
      {am::none, Capture::none},
  };
  bool known = false;
  for (auto& row : captures) {
    if (row.name != what) continue;
    options.capture = row.capture;
    known = true;
  }
  if (!known) {
    if (!is_group_list(what)) return false;
    options.capture = what.is_nil() ? Capture::none : Capture::listed;
    options.captured = what;
  }
  if (type == am::index)
    options.capture_type = CaptureType::index;
  else if (type == am::list)
    options.capture_type = CaptureType::list;
  else if (type == am::binary)
    options.capture_type = CaptureType::binary;
  else
    return false;
  return true;
}

bool read_limit(Term value, uint32_t& limit) {
  if (!value.is_small() || value.as_small() < 0 || value.as_small() > UINT32_MAX) return false;
  limit = static_cast<uint32_t>(value.as_small());
  return true;
}

bool read_pair(Term key, Term value, RegexOptions& options) {
  if (key == am::newline) return read_newline(value, options);
  options.run_only = true;
  if (key == am::capture) {
    options.capture_malformed = !read_capture(value, am::index, options);
    return true;
  }
  if (key == am::offset) {
    if (!value.is_small() || value.as_small() < 0) return false;
    options.offset = static_cast<uint64_t>(value.as_small());
    return true;
  }
  if (key == am::match_limit) return read_limit(value, options.match_limit);
  if (key == am::match_limit_recursion) return read_limit(value, options.recursion_limit);
  return false;
}

}  // namespace

bool read_regex_options(Term list, RegexOptions& options) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    bool valid = false;
    if (option.is_atom()) {
      valid = read_atom(option, options);
    } else if (is_tuple_of_arity(option, 2)) {
      valid = read_pair(as_tuple(option)->elements[0], as_tuple(option)->elements[1], options);
    } else if (is_tuple_of_arity(option, 3) && as_tuple(option)->elements[0] == am::capture) {
      valid = options.run_only = true;
      options.capture_malformed = !read_capture(as_tuple(option)->elements[1], as_tuple(option)->elements[2], options);
    }
    if (!valid) return false;
  }
  return list.is_nil();
}

}  // namespace hanse
