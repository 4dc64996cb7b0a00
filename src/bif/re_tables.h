// Which of the characters 0 to 255 are letters, digits, ... for regular expressions: those of ISO 8859-1, as in OTP.
#pragma once

#include <cstdint>

namespace hanse {

// For pcre2_set_character_tables(); lives as long as the program.
const uint8_t* regex_character_tables();

}  // namespace hanse
