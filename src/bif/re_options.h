// Options of re:compile/2 and re:run/3.
#pragma once

#include "bif/re_pattern.h"
#include "term/term.h"

namespace hanse {

enum class Capture : uint8_t { all, first, all_but_first, all_names, none, listed };
enum class CaptureType : uint8_t { index, list, binary };

struct RegexOptions {
  PatternOptions pattern;
  uint32_t match_bits = 0;
  bool compile_only = false;   // an option was given that a compiled pattern does not take
  bool newline_given = false;
  bool run_only = false;       // an option was given that re:compile/2 does not take
  bool anchored = false;
  bool global = false;
  bool report_errors = false;
  uint64_t offset = 0;
  uint32_t match_limit = 0, recursion_limit = 0;  // 0: the default
  bool capture_malformed = false;  // found out by stock only after the pattern has been compiled
  Capture capture = Capture::all;
  CaptureType capture_type = CaptureType::index;
  Term captured;  // for Capture::listed: group numbers and names
};

// False: badarg.
bool read_regex_options(Term list, RegexOptions& options);

}  // namespace hanse
