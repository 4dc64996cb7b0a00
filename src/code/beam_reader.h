// Reads a .beam file (plain or compressed with gzip) into generic code. Files come from anywhere: every length, index and
// register is checked; a malformed file gives a BeamError, never a crash. Any thread.
#pragma once

#include <expected>
#include <memory>

#include "code/beam_container.h"
#include "code/generic_code.h"
#include "code/trust.h"
#include "term/external.h"

namespace hanse {

// Decodes and does not check the code (see checker.h). environment: for funs and exports among the literals. inflated_limit: bytes that
// all compressed parts of the file may become.
std::expected<std::unique_ptr<GenericModule>, BeamError> read_beam(Bytes file, DecodeEnvironment& environment,
                                                                   size_t inflated_limit = inflated_limit_bytes);

// Of code that is not trusted. The largest table of constants in OTP 25 has 200 kB.
inline constexpr size_t inflated_limit_of_strangers_bytes = size_t{16} << 20;

// read_beam and check_module; of code that is not trusted also verify_module (verifier.h).
std::expected<std::unique_ptr<GenericModule>, BeamError> read_checked_beam(Bytes file, DecodeEnvironment& environment,
                                                                           Trust trust = Trust::trusted);

}  // namespace hanse
