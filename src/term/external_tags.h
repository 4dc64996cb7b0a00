// Tags of the external term format (ERTS User's Guide, chapter 12; the section of each is in the comment).
#pragma once

#include <cstdint>

namespace hanse::external_tag {

enum : uint8_t {
  new_float = 70,         // 12.29
  bit_binary = 77,        // 12.28
  compressed = 80,        // 12.1
  atom_cache_ref = 82,    // 12.4
  new_pid = 88,           // 12.12
  new_port = 89,          // 12.9
  newer_reference = 90,   // 12.24
  small_integer = 97,     // 12.5
  integer = 98,           // 12.6
  float_text = 99,        // 12.7
  atom_latin1 = 100,      // 12.32
  reference = 101,        // 12.22
  port = 102,             // 12.8
  pid = 103,              // 12.11
  small_tuple = 104,      // 12.13
  large_tuple = 105,      // 12.14
  nil = 106,              // 12.16
  string = 107,           // 12.17
  list = 108,             // 12.18
  binary = 109,           // 12.19
  small_big = 110,        // 12.20
  large_big = 111,        // 12.21
  new_fun = 112,          // 12.26
  export_fun = 113,       // 12.27
  new_reference = 114,    // 12.23
  small_atom_latin1 = 115,  // 12.33
  map = 116,              // 12.15
  atom_utf8 = 118,        // 12.30
  small_atom_utf8 = 119,  // 12.31
  v4_port = 120,          // 12.10
  version = 131,          // 12.1
};

}  // namespace hanse::external_tag
