// The actions of trace specifications: their names, numbers of arguments, and where they may stand.
#pragma once

#include "ets/match_spec.h"
#include "term/atom.h"

namespace hanse {

struct SpecialForm {
  Term name;
  MatchAction action;
  uint8_t minimum_arity, maximum_arity;
  bool in_guards;
  bool is_function;  // only changes how a wrong dialect is reported
};

inline constexpr SpecialForm special_forms[] = {
    {am::message, MatchAction::message, 1, 1, false, false},
    {am::return_trace, MatchAction::return_trace, 0, 0, false, false},
    {am::exception_trace, MatchAction::exception_trace, 0, 0, false, false},
    {am::caller, MatchAction::caller, 0, 0, false, false},
    {am::caller_line, MatchAction::caller_line, 0, 0, false, false},
    {am::process_dump, MatchAction::process_dump, 0, 0, false, false},
    {am::get_seq_token, MatchAction::get_seq_token, 0, 0, false, false},
    {am::set_seq_token, MatchAction::set_seq_token, 2, 2, false, false},
    {am::is_seq_trace, MatchAction::is_seq_trace, 0, 0, true, false},
    {am::display, MatchAction::display, 1, 1, false, false},
    {am::get_tcw, MatchAction::get_tcw, 0, 0, true, true},
    {am::set_tcw, MatchAction::set_tcw, 1, 1, false, true},
    {am::silent, MatchAction::silent, 1, 1, false, false},
    {am::enable_trace, MatchAction::enable_trace, 1, 2, false, false},
    {am::disable_trace, MatchAction::disable_trace, 1, 2, false, false},
    {am::trace, MatchAction::trace, 2, 3, false, false},
};

}  // namespace hanse
