// printf for libraries: the C library's conversions, and %T for a term.
#include <cstdarg>
#include <cstdio>
#include <string>

#include "nif/environment.h"
#include "term/print.h"

using namespace hanse;
using namespace hanse::nif;

namespace {

// One conversion, which may take its width and precision from the arguments.
struct Conversion {
  std::string specification;
  int longs = 0;
  bool is_size = false, is_long_double = false;
  char kind = 0;
};

Conversion parse(const char*& at, va_list* arguments) {
  Conversion conversion;
  conversion.specification = "%";
  for (; *at != 0; at++) {
    char c = *at;
    if (c == '*') {
      conversion.specification += std::to_string(va_arg(*arguments, int));
      continue;
    }
    conversion.specification += c;
    if (c == 'l' || c == 'j') conversion.longs += c == 'j' ? 2 : 1;
    else if (c == 'z' || c == 't') conversion.is_size = true;
    else if (c == 'L') conversion.is_long_double = true;
    else if (std::string_view("0123456789.+-# 'h").find(c) == std::string_view::npos) {
      conversion.kind = c;
      at++;
      return conversion;
    }
  }
  return conversion;
}

template <class T>
void put(std::string& out, const Conversion& conversion, T value) {
  char small[128];
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
  int length = std::snprintf(small, sizeof small, conversion.specification.c_str(), value);
  if (length < 0) return;
  if (static_cast<size_t>(length) < sizeof small) return void(out.append(small, static_cast<size_t>(length)));
  std::string large(static_cast<size_t>(length) + 1, 0);
  std::snprintf(large.data(), large.size(), conversion.specification.c_str(), value);
#pragma clang diagnostic pop
  large.pop_back();
  out += large;
}

std::string formatted(const char* format, va_list* arguments) {
  std::string out;
  for (const char* at = format; *at != 0;) {
    if (*at != '%') {
      out += *at++;
      continue;
    }
    Conversion conversion = parse(++at, arguments);
    switch (conversion.kind) {
      case '%': out += '%'; break;
      case 'T': out += term_to_text(term(va_arg(*arguments, ERL_NIF_TERM))); break;
      case 's': put(out, conversion, va_arg(*arguments, const char*)); break;
      case 'p': put(out, conversion, va_arg(*arguments, void*)); break;
      case 'n': *va_arg(*arguments, int*) = static_cast<int>(out.size()); break;
      case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        if (conversion.is_long_double) put(out, conversion, va_arg(*arguments, long double));
        else put(out, conversion, va_arg(*arguments, double));
        break;
      case 'c': case 'd': case 'i': case 'o': case 'u': case 'x': case 'X':
        if (conversion.longs >= 2) put(out, conversion, va_arg(*arguments, long long));
        else if (conversion.longs == 1 || conversion.is_size) put(out, conversion, va_arg(*arguments, long));
        else put(out, conversion, va_arg(*arguments, int));
        break;
      default: out += conversion.specification;
    }
  }
  return out;
}

int store(char* to, size_t size, const std::string& text) {
  if (size > 0) {
    size_t length = std::min(size - 1, text.size());
    std::memcpy(to, text.data(), length);
    to[length] = 0;
  }
  return static_cast<int>(text.size());
}

}  // namespace

extern "C" {

int enif_vsnprintf(char* to, size_t size, const char* format, va_list arguments) {
  va_list copy;
  va_copy(copy, arguments);
  int length = store(to, size, formatted(format, &copy));
  va_end(copy);
  return length;
}
int enif_snprintf(char* to, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = store(to, size, formatted(format, &arguments));
  va_end(arguments);
  return length;
}
int enif_vfprintf(FILE* file, const char* format, va_list arguments) {
  va_list copy;
  va_copy(copy, arguments);
  std::string text = formatted(format, &copy);
  va_end(copy);
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() ? static_cast<int>(text.size()) : -1;
}
int enif_fprintf(FILE* file, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = enif_vfprintf(file, format, arguments);
  va_end(arguments);
  return length;
}

}  // extern "C"
