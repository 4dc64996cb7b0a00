// Turns checked generic code into the engine's internal words. Pure: installs nothing; runs on any thread.
#pragma once

#include <deque>
#include <expected>
#include <vector>

#include "code/beam_error.h"
#include "code/generic_code.h"
#include "code/instruction_starts.h"
#include "code/native_function.h"
#include "code/realm.h"

namespace hanse {

struct EmittedFunction {
  Term name;
  uint32_t arity;
  uint32_t begin;  // word offset of what stands before the entry (func_info)
  uint32_t entry;  // word offset
  uint32_t end;    // word offset of the first word after the function
};

struct EmittedLine {
  uint32_t offset;  // word offset: a return address or instruction at or after it belongs to `line`
  uint32_t line;    // index in GenericModule::lines
};

// Offsets count 32-bit words from the start of `words`. The code block is placed 8-byte aligned and is position
// independent: no word holds an address of the block itself.
struct EmittedCode {
  std::vector<uint32_t> words;
  InstructionStarts starts;
  InstructionStarts labels;
  std::vector<EmittedFunction> functions;  // ascending
  std::vector<EmittedLine> lines;          // ascending
  std::deque<NativeFunction> natives;      // those with an instruction nif_start, which points here
  std::vector<uint32_t> lambda_entries;    // for each GenericLambda
  std::vector<uint32_t> export_entries;    // for each GenericExport in `exports`
  uint32_t on_load_entry = 0;              // 0: none
};

std::expected<EmittedCode, BeamError> emit(const GenericModule& module, Realm& realm);

}  // namespace hanse
