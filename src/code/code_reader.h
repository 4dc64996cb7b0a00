// The instructions of a Code chunk ("compact terms": a tag of three bits and a value of any size). Used by beam_reader only.
#pragma once

#include "code/beam_container.h"
#include "code/generic_code.h"

namespace hanse {

inline constexpr uint32_t register_limit = 1024;  // X registers, Y registers and float registers: 0 .. 1023

class CodeReader {
 public:
  // Big integers go to `scratch`; the caller moves them to the module's literal area.
  CodeReader(Bytes chunk, GenericModule& module, Arena& scratch) : in_("Code", chunk), module_(module), scratch_(scratch) {}
  // Everything but the meaning of the instructions is checked; that is the checker's work.
  bool read();
  BeamError take_error() { return in_.take_error(); }

 private:
  struct CompactValue {
    uint8_t tag = 0;
    bool negative = false;  // as a two's complement number
    uint64_t value = 0;     // sign-extended if it fits in 64 bits
    Bytes big;              // more than eight bytes, else empty
  };
  CompactValue read_value();
  uint64_t read_unsigned();
  uint32_t read_index(const char* what, uint64_t limit);
  void read_instruction();
  void read_operand(Operand& operand);
  void read_plain(Operand& operand, const CompactValue& value);
  void read_extended(Operand& operand, uint64_t kind);
  void read_list(Operand& operand);
  void read_alloc_list(Operand& operand);
  void read_typed_register(Operand& operand);
  void find_functions(uint32_t expected);
  Operand* allocate(size_t count);

  ChunkReader in_;
  GenericModule& module_;
  Arena& scratch_;
  bool in_list_ = false;
};

}  // namespace hanse
