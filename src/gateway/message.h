// An HTTP message as a signature sees it. Views into what somebody else owns.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hanse::gateway {

struct Field {
  std::string name;  // in lower case
  std::string value;
};

struct Message {
  std::string_view method;
  std::string_view scheme;     // http, https
  std::string_view authority;  // the field Host
  std::string_view target;     // as on the request's first line: a path, perhaps with a query
  unsigned status = 0;         // of an answer; 0: this is a request
  std::span<const Field> fields;
  const Message* request = nullptr;  // of an answer: what it answers
};

// The first of that name; nullptr if there is none.
inline const std::string* find_field(std::span<const Field> fields, std::string_view name) {
  for (const Field& field : fields)
    if (field.name == name) return &field.value;
  return nullptr;
}

inline std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
// With its question mark; empty if there is none.
inline std::string_view query_of(std::string_view target) {
  size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark);
}

}  // namespace hanse::gateway
