// Floats as text: erlang:float_to_list/1,2, list_to_float/1, ~w. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hanse {

// Shortest text that reads back as the same float, in the shape of float_to_list(F, [short]).
std::string float_to_shortest(double value);
// erlang:float_to_list/1: scientific with `digits` decimals (20 by default).
std::string float_to_scientific(double value, int digits);
// {decimals, digits}; compact removes trailing zeros. nullopt if the text would exceed stock's buffer.
std::optional<std::string> float_to_decimals(double value, int digits, bool compact);
// Erlang's float syntax: sign, digits, '.', digits, optional exponent; nothing else. nullopt if malformed or not finite.
std::optional<double> float_from_text(std::string_view text);

}  // namespace hanse
