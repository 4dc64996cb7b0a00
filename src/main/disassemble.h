// `hanse --disassemble FILE.beam`.
#pragma once

namespace hanse {

// Prints the generic code of a file, checked or not, to stdout; what is wrong with it to stderr. Returns an exit status.
int disassemble_file(const char* path);

}  // namespace hanse
