// Reads the options of a native, a map with atoms as keys. Unknown keys and wrong types leave it invalid.
#pragma once

#include <limits>
#include <string>

#include "bif/iolist.h"
#include "process/call.h"
#include "term/map.h"

namespace hanse::gateway {

class OptionMap {
 public:
  explicit OptionMap(Term map) : map_(map), valid_(map.is_map()) {}

  // The value, which counts as read; none() if there is none.
  Term take(Term key) {
    if (!map_.is_map()) return Term::none();
    Term value = map_get(map_, key);
    if (!value.is_none()) read_++;
    return value;
  }

  template <class Number>
  void number(Term key, Number& to) {
    Term value = take(key);
    if (value.is_none()) return;
    if (value.is_small() && value.as_small() >= 0 && static_cast<uint64_t>(value.as_small()) <= std::numeric_limits<Number>::max())
      to = static_cast<Number>(value.as_small());
    else
      valid_ = false;
  }

  void text(Term key, std::string& to) { text_of_term(take(key), to); }

  void text_of_term(Term value, std::string& to) {
    if (value.is_none()) return;
    IodataBytes bytes(value);
    if (bytes.is_valid()) to.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    else valid_ = false;
  }

  void fail() { valid_ = false; }
  bool is_valid() const { return valid_ && read_ == map_size(map_); }

 private:
  Term map_;
  bool valid_;
  size_t read_ = 0;
};

}  // namespace hanse::gateway
