#include "io/posix_error.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "term/atom.h"
#include "term/build.h"

namespace hanse {

Term posix_error_atom(int error) {
  // Linux has two names for this number; OTP says enotsup.
  if (error == ENOTSUP) return am::enotsup;
  const char* name = strerrorname_np(error);
  if (name == nullptr) return am::unknown;
  std::string lower = name;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  Term atom = make_atom(lower);
  return atom.is_none() ? am::unknown : atom;
}

Term posix_error(Arena& arena, int error) { return make_tuple(arena, am::error, posix_error_atom(error)); }

Term ok_tuple(Arena& arena, Term value) { return make_tuple(arena, am::ok, value); }

}  // namespace hanse
