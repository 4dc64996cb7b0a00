// Arguments of the gateway's natives.
#pragma once

#include <algorithm>
#include <optional>

#include "bif/iolist.h"
#include "gateway/answer.h"
#include "gateway/crypto.h"
#include "process/call.h"

namespace hanse {

// A binary of 32 bytes.
inline std::optional<gateway::Bytes32> bytes32_argument(Term term) {
  IodataBytes given(term);
  gateway::Bytes32 bytes;
  if (!given.is_valid() || given.size() != bytes.size()) return std::nullopt;
  std::copy(given.data(), given.data() + given.size(), bytes.begin());
  return bytes;
}

// The bytes of iodata.
inline std::optional<std::string> text_argument(Term term) {
  IodataBytes bytes(term);
  if (!bytes.is_valid()) return std::nullopt;
  return std::string(gateway::text_of(bytes.span()));
}

// [{Name, Value}] of texts that may be fields; names become lower case.
inline std::optional<std::vector<gateway::Field>> fields_argument(Term list) {
  std::vector<gateway::Field> fields;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term pair = list.as_cons()->head;
    if (!is_tuple_of_arity(pair, 2)) return std::nullopt;
    auto name = text_argument(as_tuple(pair)->elements[0]);
    auto value = text_argument(as_tuple(pair)->elements[1]);
    if (!name || !value) return std::nullopt;
    std::ranges::transform(*name, name->begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    fields.push_back({std::move(*name), std::move(*value)});
    if (!gateway::is_valid_field(fields.back())) return std::nullopt;
  }
  if (!list.is_nil()) return std::nullopt;
  return fields;
}

}  // namespace hanse
